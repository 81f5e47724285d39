"""The limiter: who may call the service now. One account, one limiter, shared by its clients.

aiolimiter is the bucket that spaces the calls. In front of it, ours: two lanes, a pause that
holds everybody, and the window guard. One waiter at a time leads: it waits for all three on
behalf of whoever comes first when the slot is there, so at most one is ever inside aiolimiter.
"""

from __future__ import annotations

import asyncio
import logging
import math
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

#: The bucket holds this many seconds' worth of calls, so that a timer's lateness is not lost.
CATCH_UP = 0.005
#: Behind the guard the bucket may run a little fast: it wins back timers that fire late.
GUARDED_PACE = 1.02


class Grant:
    """The right to make one attempt."""

    __slots__ = ("granted_at", "left_at")

    def __init__(self, granted_at: float) -> None:
        self.granted_at = granted_at
        self.left_at: float | None = None
        """When the first byte may have gone, None before."""


class _Waiter:
    __slots__ = ("grant", "wake")

    def __init__(self) -> None:
        self.grant: Grant | None = None
        self.wake: asyncio.Future[None] | None = None

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
    waited: float
    """Seconds that attempts have waited for slots, all together."""


class Limiter:
    """Spaces calls and holds their number in any window of the service's clock.

    Args:
        rate: the permitted rate; a plain number means calls per second.
        policy: ``"strict"`` never lets a window of ``rate.per`` seconds hold more than
            ``rate.calls`` calls, whatever the network does, at the price of
            ``1 / (1 + round trip / per)`` of the rate. ``"nominal"`` only spaces the calls.
            ``"adaptive"``, the default, behaves as ``"strict"``.

    It may be built anywhere and belongs to the event loop that first uses it.
    """

    def __init__(self, rate: Rate | float, *, policy: Policy = "adaptive") -> None:
        if policy not in get_args(Policy):
            raise ValueError(f"policy must be one of {', '.join(get_args(Policy))}")
        self.rate = Rate.of(rate)
        self.policy: Policy = policy
        self._guard = None if policy == "nominal" else WindowGuard(self.rate.calls)
        self._pauses = Pauses(self.rate)
        self._lanes: Lanes[_Waiter] = Lanes()
        self._loop = LoopBound("Limiter")
        self._bucket: AsyncLimiter | None = None
        self._bucket_share = 1.0
        self._leader: _Waiter | None = None
        self._changed: asyncio.Future[None] | None = None
        self._spare_until = -math.inf
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
            waited=self._waited,
        )

    async def acquire(
        self, lane: Lane, *, head: bool = False, deadline: float | None = None, ahead: int = 0
    ) -> Grant:
        """Wait for a slot in *lane*. Whoever gets one must :meth:`release` it.

        Args:
            lane: whose turn it is; interactive goes first.
            head: join at the head of the lane, as a repeat does.
            deadline: reading of the loop's clock after which waiting is useless.
            ahead: how many others of this lane come before this one, outside this queue.

        Raises:
            ThrottledError: the deadline falls into a pause.
            ConnectionFailedError: the deadline falls into the queue. Both are raised at once
                where it is known before.
        """
        loop = self._loop.get()
        began = loop.time()
        if deadline is not None:
            self._refuse_hopeless(lane, deadline, 0 if head else ahead)
        waiter = _Waiter()
        self._lanes.add(waiter, lane, head=head)
        try:
            async with asyncio.timeout_at(deadline):
                grant = await self._granted_to(waiter)
        except TimeoutError:
            self._withdraw(waiter)
            raise self._too_late() from None
        except BaseException:
            self._withdraw(waiter)
            raise
        finally:
            self._hand_over()
            self._waited += loop.time() - began
        return grant

    def release(self, grant: Grant) -> None:
        """Give the slot back: at once if nothing left, else a window after this moment.

        To be called as soon as the answer is there, or the connection is gone.
        """
        now = self._loop.get().time()
        if grant.left_at is None:
            # The bucket has counted a call that never was: the next may use its place, unless
            # so much time has gone by that the bucket has forgotten it by itself.
            self._spare_until = max(self._spare_until, grant.granted_at + self.rate.interval)
            if self._guard is not None:
                self._guard.give_back()
        elif self._guard is not None:
            self._guard.hold(now + self.rate.per)
        self._rouse()

    def throttled(self, grant: Grant, retry_after: float | None = None) -> None:
        """Hear that the service refused a call for rate: everybody pauses."""
        now = self._loop.get().time()
        self._throttled += 1
        left_at = grant.left_at if grant.left_at is not None else grant.granted_at
        if self._pauses.refused(now, left_at, retry_after):
            self._paused += 1
            log.warning(
                "over the service's rate: all calls pause for %.2f s, then go on at %.2f/s",
                self._pause_left(),
                self._pauses.share / self.rate.interval,
            )
        self._rouse()

    def clean(self, grant: Grant) -> None:
        """Hear that the service answered a call without refusing it for rate."""
        if grant.left_at is not None:
            self._pauses.clean(grant.left_at)

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
            first.grant = Grant(self._loop.get().time())
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
            elif now < self._spare_until:
                self._spare_until = -math.inf
                return
            else:
                pause = self._pauses.until
                await self._space()
                # A pause that came meanwhile goes first; the place in the bucket is let go,
                # or two calls would leave together when the pause ends.
                if pause == self._pauses.until:
                    return

    async def _space(self) -> None:
        share = self._pauses.share
        if self._bucket is None:
            self._bucket = self._new_bucket(share)
        await self._bucket.acquire()
        if share != self._bucket_share:
            # aiolimiter cannot change its rate: a new bucket starts full, so nothing is gained.
            self._bucket = self._new_bucket(share)
            await self._bucket.acquire(self._bucket.max_rate)

    def _new_bucket(self, share: float) -> AsyncLimiter:
        pace = share * (1.0 if self._guard is None else GUARDED_PACE) / self.rate.interval
        size = max(1.0, float(self.rate.burst), pace * CATCH_UP)
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

    def _refuse_hopeless(self, lane: Lane, deadline: float, ahead: int) -> None:
        left = deadline - self._loop.get().time()
        paused = self._pause_left()
        at_once = max(self.rate.burst, CATCH_UP / self.rate.interval)
        queue = max(0.0, self._lanes.waiting(lane) + ahead - at_once)
        if paused >= left or paused + queue * self.rate.interval / GUARDED_PACE >= left:
            raise self._too_late()

    def _too_late(self) -> CallError:
        paused = self._pause_left()
        if paused:
            return ThrottledError(
                "no time left: the service asked everybody to pause",
                retry_after=paused,
                concerns="connection",
            )
        return ConnectionFailedError("no time left: the queue for a slot is longer than that")
