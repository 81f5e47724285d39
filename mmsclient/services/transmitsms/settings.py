"""The address and the credential of an account, judged before anything is sent with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mmsclient.services.settings import address, switch

if TYPE_CHECKING:
    import attrs

#: The vendor's own; operators that sell the service under another name have their own.
URL = "https://api.transmitsms.com"

url = address(URL)

# A line break would end the header, and half a character cannot be written at all.
_NOT_HEADER = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def api_key(_: object, field: attrs.Attribute[str], value: object) -> None:
    """Refuse a key that HTTP Basic cannot carry."""
    api_secret(_, field, value)
    if not str(value).strip():
        raise ValueError("api_key is empty: copy it from the account's settings")
    if ":" in str(value):
        raise ValueError("api_key holds a colon, which would end it: the secret has its own field")


def api_secret(_: object, field: attrs.Attribute[str], value: object) -> None:
    """Refuse a secret that no header can carry; it is empty until the account sets one."""
    if not isinstance(value, str):
        raise TypeError(f"{field.name} must be a str: copy it from the account's settings")
    if _NOT_HEADER.search(value):
        raise ValueError(f"{field.name} holds line breaks or control characters: copy it again")
    if value != value.strip():
        raise ValueError(f"{field.name} has blanks around it: strip them")


def checked(service: Any, field: attrs.Attribute[bool], value: object) -> None:
    """Refuse to check signatures without a secret: anybody could make them."""
    switch(service, field, value)
    if value and not service.api_secret:
        raise ValueError("check_signature needs the api_secret: it is the key of signatures")


def one_of(*words: str | None) -> Any:
    """Return a validator that refuses anything but *words*."""

    def validator(_: object, field: attrs.Attribute[str], value: object) -> None:
        if value not in words:
            named = " or ".join(repr(word) for word in words if word is not None)
            raise ValueError(f"{field.name} must be {named}")

    return validator
