"""The window guard: no window of the service's clock can hold more calls than permitted.

A token is taken as a call leaves and comes back some time after the call's answer. The service
saw the call before it answered, so with a hold of one window every call it sees arrives at least
one window after the call whose token it uses. That holds for fixed and for sliding windows and
for buckets, whatever the network does to single calls.
"""

from __future__ import annotations

from collections import deque


class WindowGuard:
    """Tokens and the times at which they come back. Pure: the clock's reading is passed in."""

    def __init__(self, tokens: int) -> None:
        self._free = tokens
        self._returning: deque[float] = deque()

    def ready(self, now: float) -> bool:
        """Return whether a token is there at *now*."""
        while self._returning and self._returning[0] <= now:
            self._returning.popleft()
            self._free += 1
        return self._free > 0

    def next_return(self) -> float | None:
        """Return when the next token comes back, None while all belong to calls under way."""
        return self._returning[0] if self._returning else None

    def take(self) -> None:
        """Take a token for a call that may leave now."""
        self._free -= 1

    def give_back(self) -> None:
        """Return the token of a call of which nothing was written."""
        self._free += 1

    def hold(self, until: float) -> None:
        """Return a token at *until*. Times must not fall from call to call."""
        self._returning.append(until)
