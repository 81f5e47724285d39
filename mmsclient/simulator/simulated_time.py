"""An event loop with simulated time: minutes of waiting pass as fast as the work in them allows."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")

#: Each jump lands so many seconds behind the timer it was made for, and work without end moves
#: the clock too: one that stands still lets aiolimiter wake for the same instant for ever.
CREEP = 1e-6
#: So many turns of the loop without a jump take a creep of time.
TURNS = 100
#: Seconds, as they really pass, for a thread to report when nothing else is due.
PATIENCE = 1.0
#: What the clock shows when the loop starts.
START = 1000.0


class _Jumper(selectors.DefaultSelector):
    """Waits for nothing: notes how long it was asked to wait, and returns at once."""

    jumped = 0.0
    turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            events = super().select(PATIENCE)
            if not events:
                raise RuntimeError("nothing is due: everybody waits for ever")
            return events
        self.turns = 0 if timeout > 0 else self.turns + 1
        if timeout > 0 or self.turns % TURNS == 0:
            self.jumped += timeout + CREEP
        return super().select(0)


class CreepingLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer as soon as nothing else is to be done.

    It works with what waits for timers and other tasks, such as ``sim.transport()``, and not with
    sockets, processes or threads: the clock does not wait for them. Where everybody waits and no
    timer is set, RuntimeError is raised instead of waiting for ever.
    """

    def __init__(self) -> None:
        self._jumper = _Jumper()
        super().__init__(self._jumper)

    def time(self) -> float:
        """Return the simulated seconds."""
        return START + self._jumper.jumped


def in_simulated_time(main: Coroutine[Any, Any, T]) -> T:
    """Run *main* on a :class:`CreepingLoop` and return its result.

    Ten minutes of a campaign at 15 calls a second take a few seconds. It works with the in-process
    transport of the simulator, not with sockets::

        async def campaign():
            sim = Simulator(rate=15, jitter=0.08)
            async with Client(sim.skycore(), transport=sim.transport()) as client:
                ...

        in_simulated_time(campaign())

    Raises:
        RuntimeError: everybody waits and no timer is set; or a loop runs in this thread already.
    """
    with asyncio.Runner(loop_factory=CreepingLoop) as runner:
        return runner.run(main)
