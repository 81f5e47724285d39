"""The calls of one account over the last minute, second by second."""

from __future__ import annotations

from collections import deque
from typing import TypeAlias

#: So many seconds are kept.
SECONDS = 60

#: Calls that were let in within one second, and calls that were refused for rate.
Pair: TypeAlias = tuple[int, int]


class Minute:
    """Counts calls in whole seconds of the clock that limits use, and forgets the old."""

    def __init__(self) -> None:
        self._seconds: deque[list[int]] = deque(maxlen=SECONDS)

    def add(self, at: float, *, refused: bool) -> None:
        """Count a call; times never go back."""
        second = int(at)
        if not self._seconds or self._seconds[-1][0] != second:
            self._seconds.append([second, 0, 0])
        self._seconds[-1][1 + refused] += 1

    def pairs(self, now: float) -> list[Pair]:
        """Return one pair for each second of the last minute, that of *now* last."""
        last = int(now)
        known = {second: (let_in, refused) for second, let_in, refused in self._seconds}
        return [known.get(second, (0, 0)) for second in range(last - SECONDS + 1, last + 1)]
