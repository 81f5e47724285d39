"""The address and the credentials of an account, judged before anything is sent with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from mmsclient.services.settings import address

if TYPE_CHECKING:
    import attrs

#: Where v3 stands ("SMS RESTful API Details").
URL = "https://cellcast.com.au/api/v3/"
#: Where the Bearer API stands ("Quick Send SMS").
BEARER_URL = "https://api.cellcast.com"

url = address(URL)
#: The one call that is printed with another host, and the host it is printed with.
VENDOR, VENDOR_WWW = "cellcast.com.au", "www.cellcast.com.au"

TIMEZONE = "Australia/Melbourne"
"""No page names the zone of times; a dated answer fits Melbourne and Sydney only."""

WAYS = ("both", "basic", "appkey")
"""How v3 is told the key: HTTP Basic as the overview pages say, the APPKEY header that their
samples show, or both."""

_VISIBLE = re.compile(r"[\x21-\x7e]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def credential(_: object, field: attrs.Attribute[Any], value: object) -> None:
    """Refuse a key or token that no header could carry; None is one that is not given."""
    if value is None:
        return
    if not isinstance(value, str):
        raise TypeError(f"{field.name} must be a str: copy it from the account's API settings")
    if not value.strip():
        raise ValueError(f"{field.name} is empty: copy it from the account's API settings")
    if value != value.strip():
        raise ValueError(f"{field.name} has blanks or line breaks around it: strip them")
    if not _VISIBLE.fullmatch(value):
        raise ValueError(f"{field.name} holds what no header can carry: copy it again")


def secret(_: object, field: attrs.Attribute[str], value: object) -> None:
    """Refuse a password that HTTP Basic cannot carry."""
    if not isinstance(value, str):
        raise TypeError(f"{field.name} must be a str, empty where the account has none")
    if _CONTROL.search(value) or not encodable(value):
        raise ValueError(f"{field.name} holds what HTTP Basic cannot carry: copy it again")


def one_of(app_key: str | None, token: str | None, secret: str, auth: str) -> None:
    """Refuse anything but exactly one credential, and what does not go with it."""
    if (app_key is None) == (token is None):
        raise TypeError("give either app_key (API v3) or token (Bearer API)")
    if token is not None and secret:
        raise TypeError("secret goes with app_key: a token stands alone")
    if app_key is not None and ":" in app_key and auth != "appkey":
        raise ValueError('app_key holds a colon, which HTTP Basic cannot carry: use auth="appkey"')


def encodable(value: str) -> bool:
    """Whether a text can be written in UTF-8: half a character pair cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def way(_: object, field: attrs.Attribute[Any], value: object) -> None:
    """Refuse an unknown way to send the key."""
    if value not in WAYS:
        raise ValueError(f"{field.name} must be one of {', '.join(WAYS)}")


def timezone(_: object, field: attrs.Attribute[str], value: object) -> None:
    """Refuse the name of a zone that this machine does not know."""
    if not isinstance(value, str):
        raise TypeError(f"{field.name} must be the name of a zone such as {TIMEZONE}")
    try:
        ZoneInfo(value)
    except (ValueError, OSError, LookupError):
        hint = "check the name, or pip install tzdata where the system has no zones"
        raise ValueError(f"{field.name} names no time zone known here: {hint}") from None
