"""The right to make one attempt, and who waits for it."""

from __future__ import annotations

import asyncio
from typing import Protocol


class Grant:
    """The right to make one attempt."""

    __slots__ = ("granted_at", "left_at", "pause")

    def __init__(self, granted_at: float, pause: float) -> None:
        self.granted_at = granted_at
        self.pause = pause
        """When the last pause before it ended: tells whether another has begun since."""
        self.left_at: float | None = None
        """When the first byte may have gone, None before."""


class PauseListener(Protocol):
    """Whoever has others wait in front of the limiter."""

    def paused(self, until: float) -> None:
        """Hear that nobody leaves before *until*, a reading of the loop's clock."""
        ...


class Waiter:
    """Somebody who waits for a grant."""

    __slots__ = ("deadline", "grant", "timeout", "wake")

    def __init__(self, deadline: float | None) -> None:
        self.deadline = deadline
        self.timeout = None if deadline is None else asyncio.timeout_at(deadline)
        self.grant: Grant | None = None
        self.wake: asyncio.Future[None] | None = None

    def give_up_before(self, until: float) -> None:
        """Wait no longer, if the time would be up at *until*."""
        if self.grant is not None or self.timeout is None or self.deadline is None:
            return
        if self.deadline <= until and not self.timeout.expired():
            self.timeout.reschedule(0)

    def rouse(self) -> None:
        """Let it look again."""
        if self.wake is not None and not self.wake.done():
            self.wake.set_result(None)
