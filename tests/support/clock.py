"""An event loop with simulated time: it runs as fast as the work allows.

The clock creeps: each jump lands a microsecond behind the timer it was made for, and work without
end moves it too. A clock that stands still lets aiolimiter wake for the same instant for ever.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

CREEP = 1e-6
#: So many turns of the loop without a jump take a creep of time.
TURNS = 100


class _Selector(selectors.DefaultSelector):
    jumped = 0.0
    turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            events = super().select(1.0)
            if not events:
                raise RuntimeError("nothing is due: everybody waits for ever")
            return events
        self.turns = 0 if timeout > 0 else self.turns + 1
        if timeout > 0 or self.turns % TURNS == 0:
            self.jumped += timeout + CREEP
        return super().select(0)


class CreepingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumper = _Selector()
        super().__init__(self._jumper)

    def time(self) -> float:
        return 1000.0 + self._jumper.jumped


def run(main: Coroutine[Any, Any, Any]) -> Any:
    """Run *main* in simulated time."""
    with asyncio.Runner(loop_factory=CreepingLoop) as runner:
        return runner.run(main)


#: For an ``anyio_backend`` fixture: tests of the module run in simulated time.
BACKEND: tuple[str, Mapping[str, Any]] = ("asyncio", {"loop_factory": CreepingLoop})
