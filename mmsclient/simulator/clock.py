"""Time as the service sees it, and what it has put off until later."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

Deed = Callable[[float], None]


class Clock:
    """Seconds since the start, once as they pass and once sped up.

    ``real`` drives rate limits, so that speeding up does not loosen them; ``now`` drives what
    takes minutes or days: encoding, stuck messages, delivery.
    """

    def __init__(self, source: Callable[[], float] | None = None, *, speed: float = 1.0) -> None:
        if not speed > 0:
            raise ValueError("speed must be more than 0")
        self.speed = speed
        self.by_hand = source is not None
        """Whether somebody else moves it: nobody can tell how long to wait for a time on it."""
        self._source = source
        self._start = source() if source else 0.0
        self._born = datetime.now(UTC)

    def bind(self, source: Callable[[], float]) -> Callable[[], float]:
        """Take the time from *source*, unless there is a source already; return which it is."""
        if self._source is None:
            self._source, self._start = source, source()
        return self._source

    def real(self) -> float:
        """Return the seconds since the start, as they pass."""
        return self.bind(time.monotonic)() - self._start

    def now(self) -> float:
        """Return the seconds since the start, sped up."""
        return self.real() * self.speed

    def date(self, now: float) -> datetime:
        """Return the service's calendar date of *now*, in UTC and whole seconds."""
        return (self._born + timedelta(seconds=now)).replace(microsecond=0)


class Agenda:
    """Deeds put off until a time. Nothing ticks: what is due happens when somebody looks."""

    def __init__(self) -> None:
        self._deeds: list[tuple[float, int, Deed]] = []
        self._order = count()
        self.changed: Callable[[], None] | None = None
        """Called whenever something was put off."""

    def at(self, due: float, deed: Deed) -> None:
        """Put *deed* off until *due*; it is called with the time it was due."""
        heapq.heappush(self._deeds, (due, next(self._order), deed))
        if self.changed is not None:
            self.changed()

    def run(self, now: float) -> None:
        """Do all that is due, in order of its time."""
        while self._deeds and self._deeds[0][0] <= now:
            due, _, deed = heapq.heappop(self._deeds)
            deed(due)

    @property
    def next_due(self) -> float | None:
        """When something happens next, if anything."""
        return self._deeds[0][0] if self._deeds else None
