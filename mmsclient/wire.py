"""What passes between the services, which are pure, and the engine, which waits."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import attrs

from mmsclient.messages import Message
from mmsclient.outcomes import Page

if TYPE_CHECKING:
    from mmsclient.errors import CallError

T_co = TypeVar("T_co", covariant=True)


def _without_secrets(url: str) -> str:
    scheme, _, rest = url.partition("?")[0].rpartition("://")
    host, slash, path = rest.partition("/")
    return repr(f"{scheme}://{host.rpartition('@')[2]}{slash}{path}")


def _lowered(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _positive(_: Any, field: attrs.Attribute[Any], value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{field.name} must be a number of seconds")
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{field.name} must be more than 0 seconds, and finite")


@attrs.frozen(kw_only=True)
class Timeout:
    """Bounds on one call, in seconds. There is no way to wait for ever."""

    connect: float = attrs.field(default=10.0, validator=_positive)
    """TCP and TLS."""
    write: float = attrs.field(default=10.0, validator=_positive)
    """Each piece of the request."""
    read: float = attrs.field(default=30.0, validator=_positive)
    """Each piece of the answer."""
    total: float = attrs.field(default=60.0, validator=_positive)
    """The whole call: waiting for a slot and repeats included in ``send`` and ``call``; counted
    per attempt, from the granted slot on, in bulk work."""

    @classmethod
    def of(cls, timeout: Timeout | float) -> Timeout:
        """Read a plain number of seconds as the bound on the whole call and on each part of it."""
        if isinstance(timeout, Timeout):
            return timeout
        try:
            whole = cls(total=timeout)
        except (TypeError, ValueError) as error:
            raise type(error)(str(error).replace("total", "timeout")) from None
        connect, write = min(whole.connect, timeout), min(whole.write, timeout)
        return cls(connect=connect, write=write, read=timeout, total=timeout)


@attrs.frozen
class HttpRequest:
    """One HTTP request. Body and headers can hold the credential, so neither is shown."""

    method: str
    url: str = attrs.field(repr=_without_secrets)
    headers: Mapping[str, str] = attrs.field(
        factory=dict, converter=_lowered, repr=False, hash=False
    )
    body: bytes = attrs.field(default=b"", repr=False)
    timeout: Timeout | None = None
    """Bounds of this request alone; the transport's own where None."""


@attrs.frozen
class HttpResponse:
    """One whole HTTP answer, decompressed. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = attrs.field(
        factory=dict, converter=_lowered, repr=False, hash=False
    )
    body: bytes = attrs.field(default=b"", repr=False)


@attrs.frozen
class RawPostback:
    """One request that a service made to you, before anybody has read it."""

    method: str
    query: str = attrs.field(default="", repr=False)
    """The query string as it came, without the question mark."""
    headers: Mapping[str, str] = attrs.field(
        factory=dict, converter=_lowered, repr=False, hash=False
    )
    body: bytes = attrs.field(default=b"", repr=False)


@attrs.frozen(kw_only=True)
class Call(Generic[T_co]):
    """One call as a value: what to send, and how to read what comes back.

    ``decode`` is pure. It returns the result or raises a :class:`CallError`.
    """

    operation: str
    """The service's own name of the call."""
    request: HttpRequest = attrs.field(repr=False)
    decode: Callable[[HttpResponse], T_co] = attrs.field(repr=False)
    repeatable: bool = False
    """Whether repeating does no harm. What is not repeatable is always a POST."""
    decode_again: Callable[[HttpResponse], T_co] | None = attrs.field(default=None, repr=False)
    """How to read the answer once an earlier attempt may have been carried out."""
    messages: tuple[Message, ...] = attrs.field(default=(), repr=False)
    """The messages this call sends; empty for all other calls."""


@attrs.frozen(kw_only=True)
class PagedCall(Generic[T_co]):
    """A listing: a call per page. ``paged_call.page(3)`` is the call for page 3."""

    operation: str
    """The service's own name of the call."""
    page: Callable[[int], Call[Page[T_co]]] = attrs.field(repr=False)
    size: int | None = None
    """Rows asked for per page, where the service promises that a shorter page is the last."""
    key: Callable[[Any], Hashable] | None = attrs.field(default=None, repr=False)
    """The unique id of a row, where ids are documented as unique."""


def _whole(_: Any, field: attrs.Attribute[Any], value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(
            f"{field.name} must be a whole number; for half a call a second, Rate(1, per=2.0)"
        )
    if value < 1:
        raise ValueError(f"{field.name} must be at least 1")


@attrs.frozen
class Rate:
    """A limit on calls: *calls* in any window of *per* seconds, *burst* of them at once."""

    calls: int = attrs.field(validator=_whole)
    """Whole number of calls, at least 1."""
    per: float = attrs.field(default=1.0, validator=_positive)
    """The window, in seconds."""
    burst: int = attrs.field(default=1, validator=_whole)
    """Calls that may leave at the same moment after a rest; at most *calls*."""

    def __attrs_post_init__(self) -> None:
        if self.burst > self.calls:
            raise ValueError("burst must not be more than calls")

    @classmethod
    def of(cls, rate: Rate | float) -> Rate:
        """Read a plain number of calls per second: 30 is ``Rate(30)``, 0.5 is ``Rate(1, per=2.0)``."""
        if isinstance(rate, Rate):
            return rate
        if isinstance(rate, bool) or not isinstance(rate, int | float):
            raise TypeError("rate must be a number of calls per second, or a Rate")
        if not (math.isfinite(rate) and rate > 0):
            raise ValueError("rate must be more than 0 calls per second, and finite")
        # As short a window as holds whole calls: a longer one would let a second hold too many.
        calls = max(1, math.floor(rate))
        return cls(calls, per=calls / rate)

    @property
    def interval(self) -> float:
        """Seconds between two calls."""
        return self.per / self.calls


def is_loopback(host: str | None) -> bool:
    """Return whether *host* is this machine: plain http is allowed there, and no proxy is used."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


class Transport(Protocol):
    """Moves bytes. It never repeats, follows no redirect and keeps no cookie."""

    async def exchange(self, request: HttpRequest, leaving: Callable[[], None]) -> HttpResponse:
        """Send *request* and return the whole answer.

        Call *leaving* just before the first byte of the request may go, not before. Any exception
        may be raised; whether *leaving* was called decides what it means. A cancelled exchange
        closes its connection.
        """
        ...

    async def aclose(self) -> None:
        """Give up all connections."""
        ...


class Watch(Protocol):
    """What journals and metrics hang on: told of every attempt that carries messages."""

    async def departing(self, messages: Sequence[Message]) -> None:
        """Hear that an attempt is about to leave; awaited inside the slot. Raising stops it."""
        ...

    async def returned(self, messages: Sequence[Message], error: CallError) -> None:
        """Hear that the attempt certainly did not happen, so the messages are unsent again."""
        ...
