"""Who calls: the key in HTTP Basic, in the header APPKEY, in both, or as a bearer's token."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from mmsclient.simulator.rest import RestError, basic

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen
class Credential:
    """What a caller shows."""

    key: str = attrs.field(repr=False)
    passwords: tuple[str, ...] = attrs.field(default=(), repr=False)
    """The password of Basic, if it is not empty."""


def key_in(headers: Mapping[str, str]) -> Credential:
    """Return what a call of the third version shows, or refuse.

    "never as a query (CGI) parameter": a key there is none, and neither is a token.
    """
    shown, appkey = basic(headers), headers.get("appkey", "")
    if shown is None and not appkey:
        raise RestError("AUTH_FAILED_NO_DATA")
    user, password = shown or (appkey, "")
    if appkey and user != appkey:
        raise RestError("AUTH_FAILED")
    # "Default: user = APPKEY, empty password … accept an optional secret".
    return Credential(user, (password,) if password else ())


def token_in(headers: Mapping[str, str]) -> Credential:
    """Return what a call of the newer API shows, or refuse."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise RestError("AUTH_FAILED_NO_DATA", "Please authenticate")
    return Credential(token.strip())
