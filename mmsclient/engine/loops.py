"""One event loop for each thing that waits."""

from __future__ import annotations

import asyncio


class LoopBound:
    """Binds its owner to the event loop of its first use, and tells a second loop so."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._loop: asyncio.AbstractEventLoop | None = None

    def get(self) -> asyncio.AbstractEventLoop:
        """Return the running loop.

        Raises:
            RuntimeError: the owner was first used on another loop.
        """
        running = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = running
        if self._loop is not running:
            raise RuntimeError(
                f"this {self._owner} belongs to another event loop: build one per loop, "
                "inside the coroutine that asyncio.run is given"
            )
        return running
