"""An event loop with simulated time: minutes of waiting pass as fast as the work in them allows."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple, Unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Executor

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

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
    threads = 0
    """Pieces of work in other threads, for which the clock stands still."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.threads and timeout != 0:
            return super().select(PATIENCE)
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

    It works with what waits for timers, other tasks and executors, such as ``sim.transport()`` and
    campaigns' journals, and not with sockets, processes or threads of another kind: the clock does
    not wait for them. Where everybody waits and no timer is set, RuntimeError is raised instead of
    waiting for ever.
    """

    def __init__(self) -> None:
        self._jumper = _Jumper()
        super().__init__(self._jumper)

    def time(self) -> float:
        """Return the simulated seconds."""
        return START + self._jumper.jumped

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Run *func* in a thread; meanwhile no time passes."""
        done = super().run_in_executor(executor, func, *args)
        self._jumper.threads += 1
        done.add_done_callback(self._back)
        return done

    def _back(self, _: asyncio.Future[Any]) -> None:
        self._jumper.threads -= 1


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
