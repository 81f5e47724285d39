"""The bucket that spaces calls: aiolimiter, at a rate that can change. It stays in this file."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

from aiolimiter import AsyncLimiter

if TYPE_CHECKING:
    from mmsclient.wire import Rate

#: The bucket holds this many seconds' worth of calls more, so that what a timer is late is not
#: lost; coarse clocks are late by more.
CATCH_UP = max(0.005, time.get_clock_info("monotonic").resolution)


class Bucket:
    """Places for calls, spaced by a share of *rate*. One waiter at a time may be inside."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._share = 1.0
        self._limiter: AsyncLimiter | None = None
        self._spares: deque[float] = deque()
        self._waiting: asyncio.Timeout | None = None

    @property
    def at_once(self) -> float:
        """How many calls may leave at the same moment after a rest."""
        return self._rate.burst + CATCH_UP / self._rate.interval

    def free(self, now: float, share: float) -> bool:
        """Return whether :meth:`take` would return a place at once."""
        while self._spares and self._spares[0] <= now:
            self._spares.popleft()
        if self._spares:
            return True
        return self._limiter is not None and share == self._share and self._limiter.has_capacity()

    async def take(self, now: float, share: float) -> bool:
        """Wait for a place; return False if one was given back meanwhile, to be asked for anew."""
        if self.free(now, share):
            if self._spares:
                self._spares.popleft()
            elif self._limiter is not None:
                await self._limiter.acquire()
            return True
        self._waiting = asyncio.timeout(None)
        try:
            async with self._waiting:
                await self._wait(share)
        except TimeoutError:
            return False
        finally:
            self._waiting = None
        return True

    def give_back(self, taken_at: float, now: float) -> None:
        """Take back a place of which no use was made.

        The bucket has counted a call that never was: the next may use its place, until the bucket
        has forgotten it by itself. Who waits inside comes out.
        """
        self._spares.append(taken_at + self._rate.interval)
        if self._waiting is not None and not self._waiting.expired():
            self._waiting.reschedule(now)

    async def _wait(self, share: float) -> None:
        if self._limiter is None:
            self._limiter = self._new(share)
        await self._limiter.acquire()
        if share != self._share:
            # aiolimiter cannot change its rate: a new bucket starts full, so nothing is gained.
            self._limiter = self._new(share)
            await self._limiter.acquire(self._limiter.max_rate)

    def _new(self, share: float) -> AsyncLimiter:
        pace = share / self._rate.interval
        size = self._rate.burst + pace * CATCH_UP
        self._share = share
        return AsyncLimiter(size, size / pace)
