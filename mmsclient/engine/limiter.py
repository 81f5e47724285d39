"""The limiter: who may call the service now. One account, one limiter, shared by its clients.

aiolimiter is the bucket that spaces the calls. In front of it, ours: two lanes, a pause that
holds everybody, and the window guard. One waiter at a time leads: it waits for all three on
behalf of whoever comes first when the slot is there, so at most one is ever inside aiolimiter.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from typing import Literal, TypeAlias, get_args

import attrs
from aiolimiter import AsyncLimiter

from mmsclient.engine.guard import WindowGuard
from mmsclient.engine.lanes import Lane, Lanes
from mmsclient.engine.loops import LoopBound
from mmsclient.engine.pauses import Pauses
from mmsclient.errors import CallError, ConnectionFailedError, ThrottledError
from mmsclient.wire import Rate

log = logging.getLogger("mmsclient")

Policy: TypeAlias = Literal["adaptive", "strict", "nominal"]

#: The bucket holds this many seconds' worth of calls more, so that what a timer is late is not
#: lost; coarse clocks are late by more.
CATCH_UP = max(0.005, time.get_clock_info("monotonic").resolution)


class Grant:
    """The right to make one attempt."""

    __slots__ = ("granted_at", "left_at", "pause")

    def __init__(self, granted_at: float, pause: float) -> None:
        self.granted_at = granted_at
        self.pause = pause
        """When the last pause before it ended: tells whether another has begun since."""
        self.left_at: float | None = None
        """When the first byte may have gone, None before."""


class _Waiter:
    __slots__ = ("deadline", "grant", "timeout", "wake")

    def __init__(self, deadline: float | None) -> None:
        self.deadline = deadline
        self.timeout = asyncio.timeout_at(deadline)
        self.grant: Grant | None = None
        self.wake: asyncio.Future[None] | None = None

    def give_up_before(self, until: float) -> None:
        """Wait no longer, if the time would be up at *until*."""
        waits = self.grant is None and not self.timeout.expired()
        if waits and self.deadline is not None and self.deadline <= until:
            self.timeout.reschedule(0)

    def rouse(self) -> None:
        if self.wake is not None and not self.wake.done():
            self.wake.set_result(None)


@attrs.frozen(kw_only=True)
class LimiterStats:
    """What a limiter is doing."""

    waiting: int
    """Attempts that wait for a slot."""
    granted: int
    """Slots given so far."""
    throttled: int
    """Calls the service refused for rate so far."""
    pauses: int
    """Pauses so far: refusals of calls that were under way together count once."""
    paused_for: float
    """Seconds left of the pause; 0 when there is none."""
    rate: float
    """Calls per second now; never above the permitted rate."""
    hold: float
    """Seconds from a call's answer to the return of its token; 0 without a guard."""
    waited: float
    """Seconds that attempts have waited for slots, all together."""


class Limiter:
    """Spaces calls and holds their number in any window of the service's clock.

    Args:
        rate: the permitted rate; a plain number means calls per second.
        policy: ``"strict"`` never lets a window of ``rate.per`` seconds hold more than
            ``rate.calls`` calls, whatever the network does, at the price of
            ``1 / (1 + round trip / per)`` of the rate. ``"nominal"`` only spaces the calls.
            ``"adaptive"``, the default, starts as ``"strict"`` and gives the round trip back
            while nothing is refused, until only the spacing is left; a refusal (which pauses
            everybody and is repeated) takes part of it back. It ends at some 4 refusals in
            1,000 calls, or none where the service counts by a bucket.

    It may be built anywhere and belongs to the event loop that first uses it.
    """

    def __init__(self, rate: Rate | float, *, policy: Policy = "adaptive") -> None:
        if policy not in get_args(Policy):
            raise ValueError(f"policy must be one of {', '.join(get_args(Policy))}")
        self.rate = Rate.of(rate)
        self.policy: Policy = policy
        self._guard = self._new_guard()
        self._pauses = Pauses(self.rate)
        self._lanes: Lanes[_Waiter] = Lanes()
        self._loop = LoopBound("Limiter")
        self._bucket: AsyncLimiter | None = None
        self._bucket_share = 1.0
        self._leader: _Waiter | None = None
        self._changed: asyncio.Future[None] | None = None
        self._spares: deque[float] = deque()
        self._spacing: asyncio.Timeout | None = None
        self._granted = self._throttled = self._paused = 0
        self._waited = 0.0

    @property
    def stats(self) -> LimiterStats:
        """What the limiter is doing now."""
        return LimiterStats(
            waiting=len(self._lanes),
            granted=self._granted,
            throttled=self._throttled,
            pauses=self._paused,
            paused_for=self._pause_left(),
            rate=self._pauses.share / self.rate.interval,
            hold=0.0 if self._guard is None else self._guard.hold,
            waited=self._waited,
        )

    async def acquire(
        self, lane: Lane, *, head: bool = False, deadline: float | None = None
    ) -> Grant:
        """Wait for a slot in *lane*. Whoever gets one must :meth:`release` it.

        Args:
            lane: whose turn it is; interactive goes first.
            head: join at the head of the lane, as a repeat does.
            deadline: reading of the loop's clock after which waiting is useless.

        Raises:
            ThrottledError: the deadline falls into a pause.
            ConnectionFailedError: the deadline falls into the queue. Both are raised as soon as
                it is known.
        """
        began = self._loop.get().time()
        self.insist(lane, deadline, head=head)
        waiter = _Waiter(deadline)
        self._lanes.add(waiter, lane, head=head)
        try:
            async with waiter.timeout:
                return await self._granted_to(waiter)
        except TimeoutError:
            self._withdraw(waiter)
            raise self.too_late() from None
        except BaseException:
            self._withdraw(waiter)
            raise
        finally:
            self._hand_over()
            self._waited += self._loop.get().time() - began

    def insist(
        self, lane: Lane, deadline: float | None, *, head: bool = False, ahead: int = 0
    ) -> None:
        """Raise what :meth:`acquire` raises if the deadline is known to be too early now.

        *ahead* is the number of others of this lane who will join before.
        """
        if deadline is None:
            return
        now = self._loop.get().time()
        at_once = self.rate.burst + CATCH_UP / self.rate.interval
        queue = 0 if head else max(0.0, self._lanes.waiting(lane) + ahead - at_once)
        start = max(now, self._pauses.until)
        if self._guard is not None:
            start = max(start, self._guard.earliest(now))
        if start + queue * self.rate.interval >= deadline:
            raise self.too_late()

    def too_late(self, busy: str = "the queue for a slot is longer than that") -> CallError:
        """Return the error of a deadline that cannot be kept; *busy* says why if not a pause."""
        paused = self._pause_left()
        if paused:
            return ThrottledError(
                "no time left: the service asked everybody to pause",
                retry_after=paused,
                concerns="connection",
            )
        return ConnectionFailedError(f"no time left: {busy}")

    def overtaken(self, grant: Grant) -> bool:
        """Return whether a pause has begun since *grant* was given, which must be waited out."""
        now = self._loop.get().time()
        return grant.pause != self._pauses.until and now < self._pauses.until

    def release(self, grant: Grant) -> None:
        """Give the slot back: at once if nothing left, else a window after this moment.

        To be called as soon as the answer is there, or the connection is gone.
        """
        now = self._loop.get().time()
        if grant.left_at is None:
            # The bucket has counted a call that never was: the next may use its place, until
            # the bucket has forgotten it by itself. Who waits inside the bucket comes out.
            self._spares.append(grant.granted_at + self.rate.interval)
            if self._spacing is not None and not self._spacing.expired():
                self._spacing.reschedule(now)
            if self._guard is not None:
                self._guard.give_back()
        elif self._guard is not None:
            self._guard.answered(now)
        self._rouse()

    def throttled(self, grant: Grant, retry_after: float | None = None) -> None:
        """Hear that the service refused a call for rate: everybody pauses."""
        now = self._loop.get().time()
        self._throttled += 1
        left_at = grant.left_at if grant.left_at is not None else grant.granted_at
        if self._pauses.refused(now, left_at, retry_after):
            self._paused += 1
            if self._guard is None or not self._guard.refused():
                self._pauses.slow_down()
            log.warning(
                "over the service's rate: all calls pause for %.2f s, then go on at %.2f/s",
                self._pause_left(),
                self._pauses.share / self.rate.interval,
            )
        for waiter in self._lanes:
            waiter.give_up_before(self._pauses.until)
        self._rouse()

    def clean(self, grant: Grant) -> None:
        """Hear that the service answered a call without refusing it for rate."""
        if grant.left_at is not None:
            window = self._pauses.clean(grant.left_at)
            if self._guard is not None:
                self._guard.clean(window=window)

    # -- waiting ------------------------------------------------------------------------------

    async def _granted_to(self, waiter: _Waiter) -> Grant:
        while waiter.grant is None:
            if self._leader is None:
                self._leader = waiter
                try:
                    await self._lead(waiter)
                finally:
                    self._leader = None
            else:
                waiter.wake = self._loop.get().create_future()
                await waiter.wake
        return waiter.grant

    async def _lead(self, leader: _Waiter) -> None:
        while leader.grant is None:
            await self._slot()
            first = self._lanes.pop() or leader
            first.grant = Grant(self._loop.get().time(), self._pauses.until)
            self._granted += 1
            if self._guard is not None:
                self._guard.take()
            first.rouse()

    async def _slot(self) -> None:
        """Wait until the pause is over, a token is there and the spacing is kept."""
        loop = self._loop.get()
        while True:
            now = loop.time()
            if now < self._pauses.until:
                await self._doze(self._pauses.until)
            elif self._guard is not None and not self._guard.ready(now):
                await self._doze(self._guard.next_return())
            elif self._spare(now):
                return
            else:
                pause = self._pauses.until
                spaced = await self._spaced()
                # A pause that came meanwhile goes first; the place in the bucket is let go,
                # or two calls would leave together when the pause ends.
                if spaced and pause == self._pauses.until:
                    return

    def _spare(self, now: float) -> bool:
        """Use a place in the bucket that was given back, if there is one."""
        while self._spares:
            if now < self._spares.popleft():
                return True
        return False

    async def _spaced(self) -> bool:
        """Wait for the bucket; return False if a place was given back before."""
        self._spacing = asyncio.timeout(None)
        try:
            async with self._spacing:
                await self._space()
        except TimeoutError:
            return False
        finally:
            self._spacing = None
        return True

    async def _space(self) -> None:
        share = self._pauses.share
        if self._bucket is None:
            self._bucket = self._new_bucket(share)
        await self._bucket.acquire()
        if share != self._bucket_share:
            # aiolimiter cannot change its rate: a new bucket starts full, so nothing is gained.
            self._bucket = self._new_bucket(share)
            await self._bucket.acquire(self._bucket.max_rate)

    def _new_guard(self) -> WindowGuard | None:
        if self.policy == "nominal":
            return None
        adaptive = self.policy == "adaptive"
        return WindowGuard(self.rate.calls, self.rate.per, adaptive=adaptive)

    def _new_bucket(self, share: float) -> AsyncLimiter:
        pace = share / self.rate.interval
        size = self.rate.burst + pace * CATCH_UP
        self._bucket_share = share
        return AsyncLimiter(size, size / pace)

    async def _doze(self, until: float | None) -> None:
        loop = self._loop.get()
        self._changed = changed = loop.create_future()
        timer = None if until is None else loop.call_at(until, self._rouse)
        try:
            await changed
        finally:
            self._changed = None
            if timer is not None:
                timer.cancel()

    def _rouse(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)

    def _hand_over(self) -> None:
        if self._leader is None and (head := self._lanes.peek()) is not None:
            head.rouse()

    def _withdraw(self, waiter: _Waiter) -> None:
        if waiter.grant is None:
            self._lanes.discard(waiter)
        else:
            self.release(waiter.grant)

    # -- deadlines ----------------------------------------------------------------------------

    def _pause_left(self) -> float:
        if math.isinf(self._pauses.until):
            return 0.0
        try:
            return max(0.0, self._pauses.until - asyncio.get_running_loop().time())
        except RuntimeError:
            return 0.0
