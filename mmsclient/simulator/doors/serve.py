"""What every door does with a call: the way in, the service, the way out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mmsclient.simulator.path import Path
    from mmsclient.simulator.reception import Answer, Arrived, Reception


class Line(Protocol):
    """The connection a call came in on."""

    async def stays(self, seconds: float) -> bool:
        """Wait, and tell whether the caller is still there."""
        ...


async def serve(reception: Reception, path: Path, arrived: Arrived, line: Line) -> Answer | None:
    """Take a call through the service. None: the caller left before there was an answer."""
    await _travel(path)
    visit = reception.meet(arrived)
    if visit.held and not await line.stays(visit.held):
        return None
    answer = reception.handle(visit)
    if answer.held and not await line.stays(answer.held):
        return None
    await _travel(path)
    return answer


async def _travel(path: Path) -> None:
    delay = path.delay()
    if delay > 0:
        await asyncio.sleep(delay)
