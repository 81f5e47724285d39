"""What the settings of every account are judged by, before anything is sent with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import SplitResult, urlsplit

from mmsclient.services import addresses
from mmsclient.wire import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    import attrs

    Validator: TypeAlias = Callable[[Any, "attrs.Attribute[Any]", object], None]


def switch(_: object, field: attrs.Attribute[bool], value: object) -> None:
    """Refuse anything but True and False."""
    if not isinstance(value, bool):
        raise TypeError(f"{field.name} must be True or False")


def address(example: str, *, query: bool = False) -> Validator:
    """Return what refuses an address that is incomplete, or shows what is private on the way.

    The account says by ``allow_http`` whether plain http to other hosts than this machine will do.

    Args:
        example: an address to show in the errors' text.
        query: whether a query may stand in it.
    """

    def judge(account: Any, field: attrs.Attribute[Any], value: object) -> None:
        name = field.name
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a str such as {example}")
        if addresses.blank_in(value):
            raise ValueError(f"{name} holds blanks or control characters: remove them")
        parts = _split(name, value, example)
        if not parts.hostname:
            raise ValueError(f"{name} names no host: write a whole address such as {example}")
        if "@" in parts.netloc:
            raise ValueError(
                f"{name} holds a user name: remove it, credentials have their own fields"
            )
        if "#" in value or ("?" in value and not query):
            raise ValueError(f"{name} holds a query or fragment: remove it, and what follows")
        if parts.scheme == "http" and not (account.allow_http or is_loopback(parts.hostname)):
            raise ValueError(f"{name} must start with https://: plain http needs allow_http=True")

    return judge


def without_query(value: str | None) -> str:
    """Return how an address is shown: a query string may hold what is private."""
    return repr(value and value.partition("?")[0])


def _split(name: str, value: str, example: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError(f"{name} is not an address: write one such as {example}") from None
    if parts.scheme not in {"http", "https"}:
        raise ValueError(f"{name} must start with https://")
    return parts
