"""What the settings of a receiver are judged by."""

from __future__ import annotations

import math
from datetime import datetime, timedelta


def seconds(name: str, value: float) -> float:
    """Return a finite number of seconds, more than 0, or raise TypeError or ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds")
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be more than 0 seconds, and finite")
    return float(value)


def span(name: str, value: timedelta, *, least: timedelta = timedelta(seconds=1)) -> float:
    """Return the seconds of a span of time, or raise TypeError or ValueError."""
    if not isinstance(value, timedelta):
        raise TypeError(f"{name} must be a timedelta, such as timedelta(days=3)")
    if value < least:
        raise ValueError(f"{name} must be at least {least}")
    return value.total_seconds()


def period(
    since: datetime | None, until: datetime | None, ends: tuple[float, float]
) -> tuple[float, float]:
    """Return the seconds of two aware moments, as far as they lie between *ends*.

    Raises:
        ValueError: a moment names no zone.
    """
    for moment in (since, until):
        if moment is not None and moment.tzinfo is None:
            raise ValueError("since and until must name their zone: datetime(…, tzinfo=UTC)")
    begin = ends[0] if since is None else max(since.timestamp(), ends[0])
    end = ends[1] if until is None else min(until.timestamp(), ends[1])
    return begin, end


def basic(pair: tuple[str, str] | None) -> str | None:
    """Return user and password as HTTP Basic joins them.

    Raises:
        TypeError: they are not two texts.
        ValueError: one is empty, or the user holds a colon.
    """
    if pair is None:
        return None
    if not (isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(p, str) for p in pair)):
        raise TypeError("basic must be (user, password)")
    user, password = pair
    if not (user and password) or ":" in user:
        raise ValueError("basic: user and password must not be empty, the user without a colon")
    return f"{user}:{password}"
