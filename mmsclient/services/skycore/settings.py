"""The address and the key of an account, judged before anything is sent with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.services.settings import address
from mmsclient.services.skycore import rules

if TYPE_CHECKING:
    import attrs

#: The public value; an account's own stands in its API settings and may change with notice.
URL = "https://secure.skycore.com/API/wxml/1.3/"

url = address(URL, query=True)


def api_key(_: object, __: attrs.Attribute[str], value: object) -> None:
    """Refuse a key that no request could carry."""
    if not isinstance(value, str):
        raise TypeError("api_key must be a str: copy it from the account's API settings")
    if not value.strip():
        raise ValueError("api_key is empty: copy it from the account's API settings")
    if value != value.strip():
        raise ValueError("api_key has blanks or line breaks around it: strip them")
    for fault in rules.text("api_key", value):
        raise ValueError(f"api_key {fault.rule}: copy it again")
