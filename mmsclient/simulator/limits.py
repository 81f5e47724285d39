"""How a service counts calls: sliding, fixed or bucket, as plain arithmetic on a given clock."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from mmsclient.wire import Rate

Rule: TypeAlias = Literal["sliding", "fixed", "bucket"]


class Limit(Protocol):
    """Counts the calls of one account. Times are seconds of one clock and never go back."""

    def take(self, now: float) -> bool:
        """Count a call at *now* and tell whether it is allowed."""
        ...

    def wait(self, now: float) -> float:
        """Return the seconds until a call would be allowed, if none came before."""
        ...


class Sliding:
    """At most *calls* in any window: a call at t counts those in (t - per, t]."""

    def __init__(self, rate: Rate, *, count_refused: bool = False) -> None:
        self._rate = rate
        self._count_refused = count_refused
        self._seen: deque[float] = deque()

    def take(self, now: float) -> bool:
        """Count a call at *now* and tell whether it is allowed."""
        self._forget(now)
        allowed = len(self._seen) < self._rate.calls
        if allowed or self._count_refused:
            self._seen.append(now)
        return allowed

    def wait(self, now: float) -> float:
        """Return the seconds until a call would be allowed, if none came before."""
        self._forget(now)
        if len(self._seen) < self._rate.calls:
            return 0.0
        return self._seen[-self._rate.calls] + self._rate.per - now

    def _forget(self, now: float) -> None:
        while self._seen and self._seen[0] <= now - self._rate.per:
            self._seen.popleft()


class Fixed:
    """At most *calls* in each window, and windows are aligned to the clock: [k·per, (k+1)·per)."""

    def __init__(self, rate: Rate, *, count_refused: bool = False) -> None:
        self._rate = rate
        self._count_refused = count_refused
        self._window = -math.inf
        self._count = 0

    def take(self, now: float) -> bool:
        """Count a call at *now* and tell whether it is allowed."""
        self._turn(now)
        allowed = self._count < self._rate.calls
        # In fixed windows a refused call can only fill a window that is full already.
        if allowed or self._count_refused:
            self._count += 1
        return allowed

    def wait(self, now: float) -> float:
        """Return the seconds until a call would be allowed, if none came before."""
        self._turn(now)
        if self._count < self._rate.calls:
            return 0.0
        return (self._window + 1) * self._rate.per - now

    def _turn(self, now: float) -> None:
        window = math.floor(now / self._rate.per)
        if window != self._window:
            self._window, self._count = window, 0


class Bucket:
    """Holds *calls* tokens and is refilled continuously; each call takes one.

    Where refused calls count, a refused call takes what part of a token there is.
    """

    def __init__(self, rate: Rate, *, count_refused: bool = False) -> None:
        self._rate = rate
        self._count_refused = count_refused
        self._level = float(rate.calls)
        self._at = -math.inf

    def take(self, now: float) -> bool:
        """Count a call at *now* and tell whether it is allowed."""
        self._fill(now)
        allowed = self._level >= 1
        if allowed or self._count_refused:
            self._level = max(self._level - 1, 0.0)
        return allowed

    def wait(self, now: float) -> float:
        """Return the seconds until a call would be allowed, if none came before."""
        self._fill(now)
        return max(1 - self._level, 0.0) * self._rate.interval

    def _fill(self, now: float) -> None:
        gained = (now - self._at) / self._rate.interval
        self._level = min(self._level + gained, float(self._rate.calls))
        self._at = now


_RULES: dict[str, type[Sliding | Fixed | Bucket]] = {
    "sliding": Sliding,
    "fixed": Fixed,
    "bucket": Bucket,
}


def limit(rule: Rule, rate: Rate, *, count_refused: bool = False) -> Limit:
    """Return a fresh counter of the named rule.

    Raises:
        ValueError: no rule has that name.
    """
    if rule not in _RULES:
        raise ValueError(f"rule must be one of {', '.join(_RULES)}")
    return _RULES[rule](rate, count_refused=count_refused)


def worst_window(times: list[float], per: float) -> int:
    """Return the most of the ordered *times* that lie in any window (t - per, t]."""
    worst = start = 0
    for end, now in enumerate(times):
        while times[start] <= now - per:
            start += 1
        worst = max(worst, end - start + 1)
    return worst
