"""Ctrl-C in two steps: the first asks to finish, the second to end at once."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: The first asks to finish, the second ends; more of them add nothing.
_STEPS = 2
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """How often the user has asked to stop. Each time cancels the task that made this."""

    def __init__(self, notice: Callable[[int], None]) -> None:
        self.count = self._ended = 0
        self._notice = notice
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()

    @contextlib.contextmanager
    def heard(self) -> Iterator[None]:
        """Listen as long as the block runs."""
        # What was ignored from the start stays so: a background job is not for Ctrl-C.
        heard = [one for one in _SIGNALS if signal.getsignal(one) is not signal.SIG_IGN]
        before = {one: signal.signal(one, self._signal) for one in heard}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """End the block at an interrupt, and go on after it."""
        try:
            yield
        except asyncio.CancelledError:
            if not self.count or self._task is None:
                raise
            self._task.uncancel()
            self._ended += 1
            # Two that come at the same moment cancel only once: make up for the second.
            if self._ended < min(self.count, _STEPS):
                self._task.cancel()

    def _signal(self, *_: object) -> None:
        # Works on Windows too, where loop.add_signal_handler does not.
        self._loop.call_soon_threadsafe(self._interrupt)

    def _interrupt(self) -> None:
        self.count += 1
        self._notice(self.count)
        if self._task is not None and self.count <= _STEPS:
            self._task.cancel()
