"""The way of every call: retry ⟲ permit → slot → departing → exchange → decode."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from mmsclient.engine.lanes import Lane
from mmsclient.engine.loops import LoopBound
from mmsclient.engine.retry import RetryPolicy, repeat
from mmsclient.engine.transport import meaning
from mmsclient.errors import (
    CallError,
    ConnectionFailedError,
    ThrottledError,
    UnreadableReplyError,
)
from mmsclient.wire import Timeout, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from mmsclient.engine.grants import Grant
    from mmsclient.engine.limiter import Limiter
    from mmsclient.engine.permits import Permits
    from mmsclient.wire import Call, HttpResponse, Transport

log = logging.getLogger("mmsclient")

T = TypeVar("T")

#: How much of the known latency each answer replaces.
LEARNT = 0.05

#: Seconds that a cancelled call gives its watch to take in that nothing left.
PATIENCE = 5.0


class Flight:
    """How far one call has come; kept by whoever may have to cancel it."""

    __slots__ = (
        "announced",
        "attempts",
        "error",
        "held",
        "left",
        "lost",
        "on_slot",
        "recalled",
        "settling",
    )

    def __init__(self, on_slot: Callable[[], None] | None = None) -> None:
        self.on_slot = on_slot
        """Called as the call gets its first slot."""
        self.attempts = 0
        self.held = False
        """Whether the call has held a slot before: a repeat goes first."""
        self.announced = False
        """Whether the watch was told that the present attempt departs."""
        self.left = False
        """Whether bytes may have left, and no answer says that the call did not happen."""
        self.settling = False
        """Whether the watch is being told that the attempt did not happen."""
        self.lost = False
        """Whether an earlier attempt may have been carried out."""
        self.error: CallError | None = None
        """Why the last attempt failed."""
        self.recalled = False
        """Whether nobody wants an attempt any more: none leaves, and none is repeated."""


class RecalledError(Exception):
    """Keeps an attempt from leaving that nobody wants any more."""


class _TooLateError(Exception):
    """The deadline leaves no time for an attempt: no failure of one, so it is not repeated."""

    def __init__(self, error: CallError) -> None:
        super().__init__(error)
        self.error = error


@attrs.define(kw_only=True)
class Journey:
    """The terms on which one call is made."""

    lane: Lane
    timeout: Timeout
    deadline: float | None = None
    """Reading of the loop's clock that bounds the whole call; None: each attempt has its own."""
    watch: Watch | None = None
    flight: Flight = attrs.field(factory=Flight)


class Pipeline:
    """Carries out calls of any service over any transport, at the limiter's pace."""

    def __init__(
        self,
        transport: Transport,
        limiter: Limiter,
        permits: Permits,
        policy: RetryPolicy | None = None,
    ) -> None:
        self._transport = transport
        self._limiter = limiter
        self._permits = permits
        limiter.heard_by(permits)
        self._policy = policy or RetryPolicy()
        self._loop = LoopBound("Client")
        self.closed = False
        self.calls = self.attempts = self.throttled = self.in_flight = 0
        self.waited = 0.0
        self.latency: float | None = None
        """Seconds that answers have taken lately, on average; None before the first."""

    async def execute(self, call: Call[T], journey: Journey) -> T:
        """Make *call* and return what its answer means, or raise what it means."""
        self._loop.get()
        self._insist_on_open()
        self.calls += 1
        flight = journey.flight
        try:
            try:
                return await self._attempt(call, journey)
            except CallError as failed:
                first = failed
            return await repeat(
                first,
                lambda: self._attempt(call, journey),
                policy=self._policy,
                repeatable=call.repeatable,
                deadline=journey.deadline,
                wanted=lambda: not flight.recalled,
            )
        except _TooLateError as late:
            error = flight.error or late.error
            error.operation = call.operation
            raise error from None

    async def _attempt(self, call: Call[T], journey: Journey) -> T:
        flight = journey.flight
        flight.attempts += 1
        flight.left = flight.announced = False
        try:
            result = await self._with_permit(call, journey)
        except CallError as error:
            flight.error = error
            flight.left = error.may_have_happened
            flight.lost = flight.lost or error.may_have_happened
            error.operation = error.operation or call.operation
            log.debug("%s: attempt %d: %s", call.operation, flight.attempts, type(error).__name__)
            await _returned(call, journey, error)
            raise
        except asyncio.CancelledError:
            await _returned(call, journey, ConnectionFailedError("cancelled before it left"))
            raise
        log.debug("%s: attempt %d: done", call.operation, flight.attempts)
        return result

    async def _with_permit(self, call: Call[T], journey: Journey) -> T:
        lane, deadline, head = journey.lane, journey.deadline, journey.flight.held
        ahead = 0 if head else self._permits.waiting(lane)
        try:
            self._limiter.insist(lane, deadline, head=head, ahead=ahead)
        except CallError as error:
            raise _TooLateError(error) from None
        began = self._loop.now()
        await self._permits.take(lane, late=self._busy, head=head, deadline=deadline)
        try:
            self.waited += self._loop.now() - began
            grant, response = await self._in_slot(call, journey)
        finally:
            self._permits.give_back(lane)
        return self._read(call, journey, grant, response)

    def _insist_on_open(self) -> None:
        if self.closed:
            raise RuntimeError("this client is closed")

    def _busy(self) -> Exception:
        return _TooLateError(self._limiter.too_late("all connections were busy"))

    async def _in_slot(self, call: Call[T], journey: Journey) -> tuple[Grant, HttpResponse]:
        while True:
            grant = await self._granted(journey)
            if journey.flight.recalled:
                self._limiter.release(grant)
                raise RecalledError
            bound = journey.deadline
            if bound is None:
                bound = grant.granted_at + journey.timeout.total
            try:
                self._insist_on_open()
                await _departing(call, journey, bound)
                if not self._limiter.overtaken(grant):
                    return grant, await self._exchange(call, journey, grant, bound)
            finally:
                self._limiter.release(grant)
            await _returned(call, journey, ThrottledError("a pause began before it left"))

    async def _granted(self, journey: Journey) -> Grant:
        began = self._loop.now()
        flight = journey.flight
        try:
            grant = await self._limiter.acquire(
                journey.lane, head=flight.held, deadline=journey.deadline
            )
        except CallError as error:
            raise _TooLateError(error) from None
        finally:
            self.waited += self._loop.now() - began
        if not flight.held:
            flight.held = True
            if flight.on_slot is not None:
                flight.on_slot()
        return grant

    async def _exchange(
        self, call: Call[T], journey: Journey, grant: Grant, bound: float
    ) -> HttpResponse:
        now = self._loop.now

        def leaving() -> None:
            grant.left_at = now()
            journey.flight.left = True

        self.attempts += 1
        self.in_flight += 1
        began = now()
        try:
            async with asyncio.timeout_at(bound):
                response = await self._transport.exchange(call.request, leaving)
        except Exception as error:  # of any class: only whether bytes left decides
            raise meaning(error, left=grant.left_at is not None) from error
        finally:
            self.in_flight -= 1
        if grant.left_at is None:  # it was answered, so it left, whatever the transport says
            leaving()
        took = now() - began
        self.latency = (
            took if self.latency is None else self.latency + LEARNT * (took - self.latency)
        )
        return response

    def _read(self, call: Call[T], journey: Journey, grant: Grant, response: HttpResponse) -> T:
        decode = (journey.flight.lost and call.decode_again) or call.decode
        try:
            result = decode(response)
        except ThrottledError as error:
            self.throttled += 1
            self._limiter.throttled(grant, error.retry_after)
            raise
        except CallError:
            self._limiter.clean(grant)
            raise
        except Exception as error:  # a decoder's mistake must not pass for "not sent"
            reason = f"the answer could not be read ({type(error).__name__})"
            raise UnreadableReplyError(
                reason, http_status=response.status, raw=response.body
            ) from error
        if (partly := _throttled_in(result)) is not None:
            self.throttled += 1
            self._limiter.throttled(grant, partly.retry_after)
        else:
            self._limiter.clean(grant)
        return result


def _throttled_in(result: object) -> ThrottledError | None:
    """Return the refusal for rate of a part of what a call did, if there is one."""
    errors = (getattr(each, "error", None) for each in result) if isinstance(result, list) else ()
    return next((error for error in errors if isinstance(error, ThrottledError)), None)


async def _departing(call: Call[T], journey: Journey, bound: float) -> None:
    """Tell the watch that an attempt is about to leave; what it raises goes to the caller."""
    if journey.watch is None or not call.messages:
        return
    journey.flight.announced = True
    timeout = asyncio.timeout_at(bound)
    try:
        async with timeout:
            await journey.watch.departing(call.messages)
    except TimeoutError:
        if timeout.expired():
            raise ConnectionFailedError("no time left: the watch took too long") from None
        raise


async def _returned(call: Call[T], journey: Journey, error: CallError) -> None:
    """Tell the watch, if it was told of a departure, that the attempt did not happen."""
    flight = journey.flight
    if journey.watch is None or not flight.announced or flight.left:
        return
    flight.announced, flight.settling = False, True
    try:
        await to_the_end(journey.watch.returned(call.messages, error))
    finally:
        flight.settling = False


async def to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Await *work*; a cancellation takes effect once it is done, or some seconds later.

    A journal that is cut short here would show messages as under way that never left.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        try:
            await asyncio.wait([task], timeout=PATIENCE)
        finally:
            task.cancel()
        raise
