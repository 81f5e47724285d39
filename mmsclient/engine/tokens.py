"""The tokens of the window guard: as many as calls may be in any window."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Tokens(Protocol):
    """Where a guard's tokens come from and go back to; times are the loop's clock.

    A port: those of one process are counted in memory, and several processes that share an
    account can each lease a part of its tokens from a common store.
    """

    def ready(self, now: float) -> bool:
        """Return whether a token is there at *now*."""
        ...

    def next_return(self) -> float | None:
        """Return when the next token comes back, None while nobody knows."""
        ...

    def take(self) -> None:
        """Take a token; also when none is there, which a later one then makes up for."""
        ...

    def give_back(self) -> None:
        """Take back, at once, a token of which no use was made."""
        ...

    def return_at(self, at: float) -> None:
        """Take back the token of a call at *at*, which is never before an earlier one's."""
        ...

    def heed(self, more: Callable[[], None]) -> None:
        """Call *more* whenever tokens come that nobody gave back here."""
        ...


class OwnTokens:
    """All the tokens of an account, in the memory of the one process that uses it."""

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
        """Take a token; the guard may be off and let calls by without one."""
        self._free -= 1

    def give_back(self) -> None:
        """Take back, at once, a token of which no use was made."""
        self._free += 1

    def return_at(self, at: float) -> None:
        """Take back the token of a call at *at*."""
        # A hold that has just become shorter must not let a later call's token overtake.
        self._returning.append(max(at, self._returning[-1]) if self._returning else at)

    def heed(self, more: Callable[[], None]) -> None:
        """Hear nothing: all tokens come back here."""
