"""One event loop for each thing that waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class LoopBound:
    """Binds its owner to the event loop of its first use, and tells a second loop so."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._loop: asyncio.AbstractEventLoop | None = None
        self.now: Callable[[], float] = self._unbound
        """The loop's clock, without asking again whose loop it is."""

    def get(self) -> asyncio.AbstractEventLoop:
        """Return the running loop.

        Raises:
            RuntimeError: the owner was first used on another loop.
        """
        running = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = running
            self.now = running.time
        if self._loop is not running:
            raise RuntimeError(
                f"this {self._owner} belongs to another event loop: build one per loop, "
                "inside the coroutine that asyncio.run is given"
            )
        return running

    def _unbound(self) -> float:
        return self.get().time()
