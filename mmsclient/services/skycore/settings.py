"""The address and the key of an account, judged before anything is sent with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from mmsclient.services.skycore import rules
from mmsclient.wire import is_loopback

if TYPE_CHECKING:
    import attrs

#: The public value; an account's own stands in its API settings and may change with notice.
URL = "https://secure.skycore.com/API/wxml/1.3/"

_NOT_URL = re.compile(r"[\s\x00-\x20\x7f-\x9f]")


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


def switch(_: object, field: attrs.Attribute[bool], value: object) -> None:
    """Refuse anything but True and False."""
    if not isinstance(value, bool):
        raise TypeError(f"{field.name} must be True or False")


def url(service: Any, _: attrs.Attribute[str], value: object) -> None:
    """Refuse an address that is incomplete, or that would show key and numbers on the way."""
    if not isinstance(value, str):
        raise TypeError("url must be a str such as " + URL)
    if _NOT_URL.search(value):
        raise ValueError("url holds blanks or control characters: remove them")
    parts = _split(value)
    if not parts.hostname:
        raise ValueError("url names no host: write a whole address such as " + URL)
    if "@" in parts.netloc:
        raise ValueError("url holds a user name: remove it, the key goes into api_key")
    if "#" in value:
        raise ValueError("url holds a fragment: remove # and what follows it")
    if parts.scheme == "http" and not (service.allow_http or is_loopback(parts.hostname)):
        raise ValueError("url must start with https://: plain http needs allow_http=True")


def without_query(value: str) -> str:
    """Return how an address is shown: a query string may hold what is private."""
    return repr(value.partition("?")[0])


def _split(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError("url is not an address: write one such as " + URL) from None
    if parts.scheme not in {"http", "https"}:
        raise ValueError("url must start with https://")
    return parts
