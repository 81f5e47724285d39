"""Connection permits: how many calls may be on the wire, with some kept for single sends."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from mmsclient.engine.lanes import Lane, Lanes
from mmsclient.engine.loops import LoopBound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

#: One permit in this many is kept from bulk work, and at least one where there are two.
KEPT_FROM_BULK = 8


class _Turn:
    __slots__ = ("came", "lane")

    def __init__(self, lane: Lane, came: asyncio.Future[None]) -> None:
        self.lane = lane
        self.came = came


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

    @asynccontextmanager
    async def hold(
        self,
        lane: Lane,
        *,
        late: Callable[[], Exception],
        head: bool = False,
        deadline: float | None = None,
    ) -> AsyncIterator[None]:
        """Hold a permit.

        Raises:
            Exception: what *late* returns, if *deadline* passes while all permits are in use.
        """
        turn = _Turn(lane, self._loop.get().create_future())
        self._lanes.add(turn, lane, head=head)
        self._hand_out()
        try:
            if not turn.came.done():
                await self._wait(turn, deadline, late)
            yield
        finally:
            self._give_up(turn)

    async def _wait(
        self, turn: _Turn, deadline: float | None, late: Callable[[], Exception]
    ) -> None:
        try:
            async with asyncio.timeout_at(deadline):
                # Shielded: a cancelled wait leaves the future to say whether the turn had come.
                await asyncio.shield(turn.came)
        except TimeoutError:
            raise late() from None

    def _give_up(self, turn: _Turn) -> None:
        if turn.came.done():
            self._free += 1
            self._bulk_free += turn.lane == "bulk"
            self._hand_out()
        else:
            self._lanes.discard(turn)

    def _hand_out(self) -> None:
        while self._free and (turn := self._lanes.pop(bulk=self._bulk_free > 0)):
            self._free -= 1
            self._bulk_free -= turn.lane == "bulk"
            turn.came.set_result(None)
