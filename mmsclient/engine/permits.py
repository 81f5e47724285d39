"""Connection permits: how many calls may be on the wire, with some kept for single sends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mmsclient.engine.lanes import Lane, Lanes
from mmsclient.engine.loops import LoopBound

if TYPE_CHECKING:
    from collections.abc import Callable

#: One permit in this many is kept from bulk work, and at least one where there are two.
KEPT_FROM_BULK = 8


class _Turn:
    __slots__ = ("came", "deadline", "lane", "timeout", "waits")

    def __init__(self, lane: Lane, came: asyncio.Future[None], deadline: float | None) -> None:
        self.lane = lane
        self.came = came
        self.deadline = deadline
        self.timeout = asyncio.timeout_at(deadline)
        self.waits = False


class Permits:
    """A bounded number of permits, given to interactive work first."""

    def __init__(self, total: int) -> None:
        kept = min(max(1, total // KEPT_FROM_BULK), total - 1)
        self._free = total
        self._bulk_free = total - kept
        self._lanes: Lanes[_Turn] = Lanes()
        self._loop = LoopBound("Client")

    def waiting(self, lane: Lane) -> int:
        """Return how many wait for a permit in *lane*."""
        return self._lanes.waiting(lane)

    async def take(
        self,
        lane: Lane,
        *,
        late: Callable[[], Exception],
        head: bool = False,
        deadline: float | None = None,
    ) -> None:
        """Wait for a permit. Whoever gets one must :meth:`give_back` it.

        Raises:
            Exception: what *late* returns, if *deadline* passes while all permits are in use.
        """
        loop = self._loop.get()
        if not self._lanes and self._free and (lane == "interactive" or self._bulk_free > 0):
            self._hand_to(lane)
            return
        turn = _Turn(lane, loop.create_future(), deadline)
        self._lanes.add(turn, lane, head=head)
        self._hand_out()
        try:
            if not turn.came.done():
                await self._wait(turn, late)
        except BaseException:
            if turn.came.done():
                self.give_back(lane)
            else:
                self._lanes.discard(turn)
            raise

    def give_back(self, lane: Lane) -> None:
        """Let the next have the permit."""
        self._free += 1
        self._bulk_free += lane == "bulk"
        self._hand_out()

    def _hand_out(self) -> None:
        while self._free and (turn := self._lanes.pop(bulk=self._bulk_free > 0)):
            self._hand_to(turn.lane)
            turn.came.set_result(None)

    def paused(self, until: float) -> None:
        """Let those who wait give up, if a pause outlasts the time they have."""
        for turn in self._lanes:
            late = turn.deadline is not None and turn.deadline <= until
            if late and turn.waits and not turn.timeout.expired():
                turn.timeout.reschedule(0)

    def _hand_to(self, lane: Lane) -> None:
        self._free -= 1
        self._bulk_free -= lane == "bulk"

    async def _wait(self, turn: _Turn, late: Callable[[], Exception]) -> None:
        try:
            async with turn.timeout:
                turn.waits = True
                # Shielded: a cancelled wait leaves the future to say whether the turn had come.
                await asyncio.shield(turn.came)
        except TimeoutError:
            raise late() from None
