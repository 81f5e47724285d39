"""The limiter: who may call the service now. One account, one limiter, shared by its clients.

aiolimiter is the bucket that spaces the calls. In front of it, ours: two lanes, a pause that
holds everybody, and the window guard. One waiter at a time leads: it waits for all three on
behalf of whoever comes first when the slot is there, so at most one is ever inside aiolimiter.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import math
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args
from weakref import WeakSet

from mmsclient.engine.bucket import Bucket
from mmsclient.engine.gauges import NOTABLE, LimiterChange, LimiterStats, Teller
from mmsclient.engine.grants import Grant, PauseListener, Waiter
from mmsclient.engine.guard import WindowGuard
from mmsclient.engine.lanes import Lane, Lanes
from mmsclient.engine.loops import LoopBound
from mmsclient.engine.pauses import Pauses
from mmsclient.engine.tokens import OwnTokens, Tokens
from mmsclient.errors import CallError, ConnectionFailedError, ThrottledError
from mmsclient.wire import Rate

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("mmsclient")

Policy: TypeAlias = Literal["adaptive", "strict", "nominal"]


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
            1,000 calls, or next to none where the service counts by a bucket.
        on_change: called with a :class:`LimiterChange` whenever a pause begins or ends, the rate
            changes, or the hold moves. It must not block.
        tokens: where the guard's tokens come from; ``rate.calls`` of its own if absent.

    It may be built anywhere and belongs to the event loop that first uses it.
    """

    def __init__(
        self,
        rate: Rate | float,
        *,
        policy: Policy = "adaptive",
        on_change: Callable[[LimiterChange], object] | None = None,
        tokens: Tokens | None = None,
    ) -> None:
        if policy not in get_args(Policy):
            raise ValueError(f"policy must be one of {', '.join(get_args(Policy))}")
        if on_change is not None and (
            not callable(on_change) or inspect.iscoroutinefunction(on_change)
        ):
            raise TypeError("on_change must be a plain function: it is not awaited")
        if policy == "nominal" and tokens is not None:
            raise ValueError('tokens are the window guard\'s, and policy="nominal" has none')
        self.rate = Rate.of(rate)
        self.policy: Policy = policy
        self._guard = self._new_guard(tokens)
        self._pauses = Pauses(self.rate)
        self._lanes: Lanes[Waiter] = Lanes()
        self._loop = LoopBound("Limiter")
        self._bucket = Bucket(self.rate)
        self._leader: Waiter | None = None
        self._changed: asyncio.Future[None] | None = None
        self._granted = self._throttled = self._paused = 0
        self._waited = 0.0
        self._resuming = False
        self._heard_by: WeakSet[PauseListener] = WeakSet()
        notable = NOTABLE * self.rate.per
        self._teller = Teller(on_change, lambda: self.stats, notable=notable, hold=self._hold)

    @property
    def stats(self) -> LimiterStats:
        """What the limiter is doing now, and why."""
        paused_for = self._pause_left()
        return LimiterStats(
            waiting=len(self._lanes),
            waiting_for=self._waiting_for(),
            granted=self._granted,
            throttled=self._throttled,
            pauses=self._paused,
            paused_for=paused_for,
            paused_until=self._pauses.until if paused_for else None,
            rate=self._pauses.share / self.rate.interval,
            hold=self._hold,
            waited=self._waited,
        )

    def heard_by(self, listener: PauseListener) -> None:
        """Let *listener* know of every pause, for as long as it is in use."""
        self._heard_by.add(listener)

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
        if self._leader is None and not self._lanes and self._ready(began):
            await self._bucket.take(began, self._pauses.share)  # which does not wait
            return self._grant(began)
        waiter = Waiter(deadline)
        self._lanes.add(waiter, lane, head=head)
        try:
            if waiter.timeout is None:
                return await self._granted_to(waiter)
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
            self._waited += self._loop.now() - began

    def insist(
        self, lane: Lane, deadline: float | None, *, head: bool = False, ahead: int = 0
    ) -> None:
        """Raise what :meth:`acquire` raises if the deadline is known to be too early now.

        *ahead* is the number of others of this lane who will join before.
        """
        if deadline is None:
            return
        now = self._loop.now()
        before = self._lanes.waiting(lane) + ahead
        queue = 0 if head else max(0.0, before - self._bucket.at_once)
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
        return grant.pause != self._pauses.until and self._loop.now() < self._pauses.until

    def release(self, grant: Grant) -> None:
        """Give the slot back: at once if nothing left, else a window after this moment.

        To be called as soon as the answer is there, or the connection is gone.
        """
        now = self._loop.now()
        if grant.left_at is None:
            self._bucket.give_back(grant.granted_at, now)
            if self._guard is not None:
                self._guard.give_back()
        elif self._guard is not None:
            self._guard.answered(now)
        self._rouse()

    def throttled(self, grant: Grant, retry_after: float | None = None) -> None:
        """Hear that the service refused a call for rate: everybody pauses."""
        now = self._loop.now()
        self._throttled += 1
        left_at = grant.left_at if grant.left_at is not None else grant.granted_at
        pause = self._pauses.until
        if self._pauses.refused(now, left_at, retry_after):
            self._begin_pause()
        if pause != self._pauses.until:
            self._resuming = True
            self._teller.tell("paused")
        for waiter in self._lanes:
            waiter.give_up_before(self._pauses.until)
        for listener in list(self._heard_by):
            listener.paused(self._pauses.until)
        self._rouse()

    def _begin_pause(self) -> None:
        self._paused += 1
        if self._guard is None or not self._guard.refused():
            self._pauses.slow_down()
            self._teller.tell("slower")
        self._teller.hold_is(self._hold)
        log.warning(
            "over the service's rate: all calls pause for %.2f s, then go on at %.2f/s",
            self._pause_left(),
            self._pauses.share / self.rate.interval,
        )

    def clean(self, grant: Grant) -> None:
        """Hear that the service answered a call without refusing it for rate."""
        if grant.left_at is None:
            return
        share = self._pauses.share
        window = self._pauses.clean(grant.left_at)
        if share != self._pauses.share:
            self._teller.tell("faster")
        if self._guard is not None:
            self._guard.clean(window=window)
            if self._teller.listening:
                self._teller.hold_is(self._guard.hold)

    # -- waiting ------------------------------------------------------------------------------

    async def _granted_to(self, waiter: Waiter) -> Grant:
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

    async def _lead(self, leader: Waiter) -> None:
        while leader.grant is None:
            await self._slot()
            first = self._lanes.pop() or leader
            first.grant = self._grant(self._loop.now())
            first.rouse()

    def _grant(self, now: float) -> Grant:
        self._granted += 1
        if self._guard is not None:
            self._guard.take()
        if self._resuming:
            self._resuming = False
            self._teller.tell("resumed")
        return Grant(now, self._pauses.until)

    def _ready(self, now: float) -> bool:
        """Return whether a slot can be given at *now* without any waiting."""
        if now < self._pauses.until or not (self._guard is None or self._guard.ready(now)):
            return False
        return self._bucket.free(now, self._pauses.share)

    async def _slot(self) -> None:
        """Wait until the pause is over, a token is there and the spacing is kept."""
        while True:
            now, pause = self._loop.now(), self._pauses.until
            if now < pause:
                await self._doze(pause)
            elif self._guard is not None and not self._guard.ready(now):
                await self._doze(self._guard.next_return())
            # A pause that came meanwhile goes first; the place in the bucket is let go, or two
            # calls would leave together when the pause ends.
            elif await self._bucket.take(now, self._pauses.share) and pause == self._pauses.until:
                return

    def _new_guard(self, tokens: Tokens | None) -> WindowGuard | None:
        if self.policy == "nominal":
            return None
        tokens = OwnTokens(self.rate.calls) if tokens is None else tokens
        tokens.heed(self._rouse)
        return WindowGuard(tokens, self.rate.per, adaptive=self.policy == "adaptive")

    @property
    def _dozing(self) -> bool:
        return self._changed is not None

    async def _doze(self, until: float | None) -> None:
        loop = self._loop.get()
        self._changed = changed = loop.create_future()
        # A store of tokens whose clock lags must not keep the loop busy.
        timer = (
            None if until is None else loop.call_at(max(until, loop.time() + 0.001), self._rouse)
        )
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

    def _withdraw(self, waiter: Waiter) -> None:
        if waiter.grant is None:
            self._lanes.discard(waiter)
        else:
            self.release(waiter.grant)

    # -- what it is doing ---------------------------------------------------------------------

    @property
    def _hold(self) -> float:
        return 0.0 if self._guard is None else self._guard.hold

    def _waiting_for(self) -> Literal["pause", "token", "spacing"] | None:
        if not self._lanes:
            return None
        if self._pause_left():
            return "pause"
        return "token" if self._dozing else "spacing"

    def _pause_left(self) -> float:
        if math.isinf(self._pauses.until):
            return 0.0
        try:
            return max(0.0, self._pauses.until - asyncio.get_running_loop().time())
        except RuntimeError:
            return 0.0
