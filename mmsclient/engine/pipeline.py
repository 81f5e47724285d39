"""The way of every call: retry ⟲ permit → slot → departing → exchange → decode."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

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
    from mmsclient.engine.limiter import Grant, Limiter
    from mmsclient.engine.permits import Permits
    from mmsclient.wire import Call, HttpResponse, Transport

log = logging.getLogger("mmsclient")

T = TypeVar("T")


class Flight:
    """How far one call has come; kept by whoever may have to cancel it."""

    __slots__ = ("announced", "attempts", "left", "lost")

    def __init__(self) -> None:
        self.attempts = 0
        self.announced = False
        """Whether the watch was told that the present attempt departs."""
        self.left = False
        """Whether bytes may have left, and no answer says that the call did not happen."""
        self.lost = False
        """Whether an earlier attempt may have been carried out."""


@attrs.frozen(kw_only=True)
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
        self._policy = policy or RetryPolicy()
        self._loop = LoopBound("Client")
        self.calls = self.attempts = self.throttled = self.in_flight = 0
        self.waited = 0.0

    async def execute(self, call: Call[T], journey: Journey) -> T:
        """Make *call* and return what its answer means, or raise what it means."""
        self._loop.get()
        self.calls += 1
        return await repeat(
            lambda: self._attempt(call, journey),
            policy=self._policy,
            repeatable=call.repeatable,
            deadline=journey.deadline,
        )

    async def _attempt(self, call: Call[T], journey: Journey) -> T:
        flight = journey.flight
        flight.attempts += 1
        flight.left = flight.announced = False
        try:
            result = await self._with_permit(call, journey)
        except CallError as error:
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
        lane, deadline, head = journey.lane, journey.deadline, journey.flight.attempts > 1
        began = self._loop.get().time()
        ahead = self._permits.waiting(lane)
        async with self._permits.hold(lane, head=head, deadline=deadline):
            grant = await self._limiter.acquire(lane, head=head, deadline=deadline, ahead=ahead)
            self.waited += grant.granted_at - began
            self.attempts += 1
            self.in_flight += 1
            try:
                response = await self._exchange(call, journey, grant)
            finally:
                self.in_flight -= 1
                self._limiter.release(grant)
        return self._read(call, journey, grant, response)

    async def _exchange(self, call: Call[T], journey: Journey, grant: Grant) -> HttpResponse:
        loop = self._loop.get()
        bound = journey.deadline
        if bound is None:
            bound = grant.granted_at + journey.timeout.total

        def leaving() -> None:
            grant.left_at = loop.time()
            journey.flight.left = True

        await _departing(call, journey, bound)
        try:
            async with asyncio.timeout_at(bound):
                return await self._transport.exchange(call.request, leaving)
        except CallError:
            raise
        except Exception as error:  # of any class: only whether bytes left decides
            raise meaning(error, left=grant.left_at is not None) from error

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
        self._limiter.clean(grant)
        return result


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
    if journey.watch is not None and flight.announced and not flight.left:
        flight.announced = False
        await journey.watch.returned(call.messages, error)
