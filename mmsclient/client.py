"""The client: one service, one connection pool, one limiter."""

from __future__ import annotations

import asyncio
import logging
import math
from functools import partial
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from mmsclient.bulk import Bulk
from mmsclient.engine.limiter import Limiter
from mmsclient.engine.over_httpx import HttpxTransport
from mmsclient.engine.permits import Permits
from mmsclient.engine.pipeline import Flight, Journey, Pipeline
from mmsclient.engine.retry import RetryPolicy
from mmsclient.errors import MMSClientError, NoReplyError
from mmsclient.gathering import BATCH, Gathered, Parcel
from mmsclient.intake import WAITING, Places
from mmsclient.outcomes import Unknown, settled
from mmsclient.paging import MOST_PAGES, Pages
from mmsclient.services.base import Service
from mmsclient.settings import insist_on_count
from mmsclient.wire import Call, PagedCall, Rate, Timeout

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterable, Sequence
    from types import TracebackType
    from typing import Self

    from mmsclient.engine.lanes import Lane
    from mmsclient.events import InboundMessage
    from mmsclient.messages import Message
    from mmsclient.outcomes import Accepted, Outcome, Page
    from mmsclient.wire import Transport, Watch

log = logging.getLogger("mmsclient")
# A library leaves it to its user what becomes of log records; without this, warnings go to stderr.
log.addHandler(logging.NullHandler())

S_co = TypeVar("S_co", bound=Service, covariant=True)
T = TypeVar("T")

#: Calls on the wire at once, unless told: those of this many seconds, within these bounds.
CONNECTIONS_FOR = 2.0
FEWEST_CONNECTIONS, MOST_CONNECTIONS = 40, 512

_CALL_HINT = "messages go to client.send, and a method of the service must be called"


@attrs.frozen(kw_only=True)
class Stats:
    """What a client has done so far and is doing now."""

    calls: int
    """Calls asked for."""
    attempts: int
    """Attempts made: calls and their repeats."""
    throttled: int
    """Attempts that the service refused for rate."""
    waited: float
    """Seconds that attempts have waited for a connection and a slot, all together."""
    in_flight: int
    """Attempts on the wire now."""
    latency: float | None
    """Seconds that answers have taken lately, on average; None before the first."""


class Client(Generic[S_co]):
    """Talks to one account of one service.

    Args:
        service: the account, such as ``Skycore(api_key=…, url=…)``.
        rate: calls per second, or a :class:`Rate`; the service's default if absent.
        limiter: a limiter to share with other clients of the same account. With *rate* too:
            TypeError.
        timeout: seconds for a whole call, or a :class:`Timeout`.
        transport: moves the bytes; :class:`HttpxTransport` if absent. The client closes it.
        connections: calls on the wire at once, one in eight of them kept from bulk work. If
            absent, as many as leave in two seconds, but at least 40 and at most 512.
        retry: bounds on repeats; the defaults of :class:`RetryPolicy` if absent. What may have
            happened is never repeated, whatever it says.
        on_outcome: called with every outcome of ``send`` and ``send_many``, also with the
            Unknown of a ``send`` that was cancelled after its bytes may have left. It must not
            block; what it raises is logged by its class and changes nothing.

    Use it with ``async with``, or call :meth:`aclose`. It may be built without a running event
    loop and belongs to the loop that first uses it.
    """

    def __init__(
        self,
        service: S_co,
        *,
        rate: Rate | float | None = None,
        limiter: Limiter | None = None,
        timeout: Timeout | float | None = None,
        transport: Transport | None = None,
        connections: int | None = None,
        retry: RetryPolicy | None = None,
        on_outcome: Callable[[Outcome], object] | None = None,
    ) -> None:
        if rate is not None and limiter is not None:
            raise TypeError("give rate or limiter, not both: a limiter has its rate")
        if connections is not None:
            insist_on_count("connections", connections)
        if isinstance(service, type) or not hasattr(service, "send"):
            raise TypeError("service must be a service value, such as Skycore(api_key=…)")
        if not isinstance(limiter, Limiter | None):
            raise TypeError("limiter must be a Limiter, such as Limiter(Rate(15))")
        self.service = service
        self.limiter = limiter or Limiter(service.rate if rate is None else rate)
        _insist_on_kinds(transport, retry, on_outcome)
        self._timeout = Timeout() if timeout is None else Timeout.of(timeout)
        self._transport = transport or HttpxTransport(timeout=self._timeout)
        self._connections = connections or _connections_for(self.limiter.rate)
        permits = Permits(self._connections)
        self._pipeline = Pipeline(self._transport, self.limiter, permits, retry)
        self._on_outcome = on_outcome

    @property
    def stats(self) -> Stats:
        """What the client has done so far and is doing now."""
        p = self._pipeline
        return Stats(
            calls=p.calls,
            attempts=p.attempts,
            throttled=p.throttled,
            waited=p.waited,
            in_flight=p.in_flight,
            latency=p.latency,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections. A closed client makes no more calls."""
        self._pipeline.closed = True
        await self._transport.aclose()

    async def send(self, message: Message, *, timeout: Timeout | float | None = None) -> Accepted:
        """Send one message, ahead of bulk work; return once the service has queued it.

        *timeout* bounds the whole call: waiting for a slot, and repeats, included.

        Raises:
            InvalidMessageError: it breaks published rules; ``.faults`` lists them all.
            UnsupportedError: the service takes no such message.
            CallError: it was refused, or ``.may_have_happened``: a message that may have been
                sent is never sent again behind your back.
        """
        flight = Flight()
        try:
            call = self.service.send(message)
            accepted = await self._interactive(call, timeout, flight)
        except MMSClientError as error:
            self._tell(settled(message, error))
            raise
        except asyncio.CancelledError:
            if flight.left:
                lost = NoReplyError("cancelled after it had left", operation=call.operation)
                self._tell(Unknown(message=message, error=lost))
            raise
        self._tell(accepted)
        return accepted

    def send_many(
        self,
        messages: Iterable[Message] | AsyncIterable[Message],
        *,
        max_in_flight: int | None = None,
        batch: int | None = None,
        watch: Watch | None = None,
        stop_on: type[MMSClientError] | tuple[type[MMSClientError], ...] = (),
        on_outcome: Callable[[Outcome], object] | None = None,
    ) -> Bulk:
        """Send many messages at the limiter's pace; each has exactly one outcome.

        The input may be any iterable, also an asynchronous one, and is read lazily. An invalid
        message is a Refused outcome. If reading the input raises, or an outcome's error is one
        of *stop_on*, the error is raised after the outcomes of what was under way.

        Where the service takes several messages in one call, those that can share one do: a call
        is what the rate counts. A batch leaves when it is full, when the input ends, or after a
        tenth of a second. It never holds a number twice. If its answer is lost, each of its
        messages is Unknown; if it is refused for what may be one message's fault, it is sent in
        halves.

        Args:
            messages: what to send.
            max_in_flight: messages read but without an outcome taken, at most. If absent, as
                many as keep the rate whatever the answers take: a few always wait for their
                slots, and at most ``connections`` calls are under way.
            batch: messages that share a call, at most: 100 if absent, less where the service
                takes less; 1 gives each message its own call.
            watch: told of every attempt as it leaves and if it comes back unsent.
            stop_on: errors that make going on pointless, such as ``AuthenticationError``.
            on_outcome: called with each outcome as soon as it is known, before it is taken, on
                the terms of the client's own, which is called first.
        """
        if max_in_flight is not None:
            insist_on_count("max_in_flight", max_in_flight)
        _insist_on_plain("on_outcome", on_outcome)
        size = self._batch_size(batch, max_in_flight)
        calls = max_in_flight or self._connections
        places = Places(calls, calls) if max_in_flight else Places(calls * size, WAITING * size)
        return Bulk(
            messages,
            self._parcel,
            calls=calls,
            places=places,
            gathered=Gathered(size, self.service.batch_key) if size > 1 else None,
            watch=watch,
            stop_on=stop_on,
            on_outcome=self._tell if on_outcome is None else partial(self._tell, to=on_outcome),
        )

    async def call(self, call: Call[T], *, timeout: Timeout | float | None = None) -> T:
        """Make any call of the service: ``await client.call(service.save_mms(…))``.

        Raises:
            CallError: it failed. Calls that only read are repeated first, within bounds.
        """
        if not isinstance(call, Call):
            hint = "client.pages reads listings" if isinstance(call, PagedCall) else _CALL_HINT
            raise TypeError(f"call must be a Call such as service.save_mms(…): {hint}")
        return await self._interactive(call, timeout, Flight())

    def pages(
        self,
        listing: PagedCall[T],
        *,
        start: int = 1,
        checkpoint: Callable[[int], object] | None = None,
        read_ahead: int = 0,
        most_pages: int = MOST_PAGES,
    ) -> Pages[T]:
        """Read a listing lazily, behind interactive work; :class:`Pages` says what is promised.

        Args:
            listing: what to read, such as ``service.get_mms_templates()``.
            start: the page to begin with; ``pages.position`` of an earlier reading goes on there.
            checkpoint: told the number of each page whose rows were all taken, to be saved as a
                later *start*. It may be asynchronous; what it raises ends the reading.
            read_ahead: pages fetched while rows are worked on, at most.
            most_pages: calls of one reading, at most; :class:`ListingError` if there is more.

        Raises:
            TypeError: *listing* is no PagedCall, or a number is not a whole one.
            ValueError: a number is too small.
        """
        if not isinstance(listing, PagedCall):
            hint = "client.call makes single calls" if isinstance(listing, Call) else _CALL_HINT
            raise TypeError(f"listing must be a PagedCall: {hint}")
        return Pages(
            listing,
            self._bulk,
            start=start,
            checkpoint=checkpoint,
            read_ahead=read_ahead,
            most_pages=most_pages,
        )

    def inbox(self) -> Pages[InboundMessage]:
        """Read inbound messages, where the service can be polled.

        Raises:
            UnsupportedError: it cannot; inbound messages come as postbacks.
        """
        return self.pages(self.service.inbox())

    async def _interactive(
        self, call: Call[T], timeout: Timeout | float | None, flight: Flight
    ) -> T:
        bounds = self._timeout if timeout is None else Timeout.of(timeout)
        if timeout is not None:
            call = attrs.evolve(call, request=attrs.evolve(call.request, timeout=bounds))
        deadline = asyncio.get_running_loop().time() + bounds.total
        return await self._execute(call, "interactive", flight, timeout=bounds, deadline=deadline)

    async def _bulk(self, call: Call[Page[T]]) -> Page[T]:
        return await self._execute(call, "bulk", Flight(), timeout=self._timeout)

    def _batch_size(self, batch: int | None, max_in_flight: int | None) -> int:
        if batch is not None:
            insist_on_count("batch", batch)
        bounds = (BATCH if batch is None else batch, self.service.largest_batch, max_in_flight)
        return min(bound for bound in bounds if bound is not None)

    async def _parcel(
        self, parcel: Parcel, watch: Watch | None, flight: Flight
    ) -> Sequence[Outcome]:
        terms: dict[str, Any] = {"timeout": self._timeout, "watch": watch}
        try:
            if len(parcel) == 1:
                call = self.service.send(parcel[0])
                return (await self._execute(call, "bulk", flight, **terms),)
            together = self.service.batch(parcel)
            return await self._execute(together, "bulk", flight, **terms)
        except MMSClientError as error:
            # As a result an error needs no traceback, whose frames would keep the call alive.
            error = error.with_traceback(None)
            return [settled(message, error) for message in parcel]

    async def _execute(self, call: Call[T], lane: Lane, flight: Flight, **terms: Any) -> T:
        return await self._pipeline.execute(call, Journey(lane=lane, flight=flight, **terms))

    def _tell(self, outcome: Outcome, *, to: Callable[[Outcome], object] | None = None) -> None:
        for hear in (self._on_outcome, to):
            try:
                if hear is not None:
                    hear(outcome)
            except Exception as error:  # noqa: BLE001 - an accepted message must not look like a failure
                log.error("on_outcome raised %s", type(error).__name__)  # noqa: TRY400 - no traceback: it can show what is private


def _connections_for(rate: Rate) -> int:
    wanted = math.ceil(CONNECTIONS_FOR / rate.interval)
    return min(max(wanted, FEWEST_CONNECTIONS), MOST_CONNECTIONS)


def _insist_on_kinds(transport: object, retry: object, on_outcome: object) -> None:
    """Refuse what would otherwise look like trouble on the way."""
    if isinstance(transport, type) or not (transport is None or hasattr(transport, "exchange")):
        raise TypeError("transport must be a Transport, such as AiohttpTransport()")
    if not isinstance(retry, RetryPolicy | None):
        raise TypeError("retry must be a RetryPolicy")
    _insist_on_plain("on_outcome", on_outcome)


def _insist_on_plain(name: str, hear: object) -> None:
    if hear is not None and (not callable(hear) or iscoroutinefunction(hear)):
        raise TypeError(f"{name} must be a plain function: it is not awaited")
