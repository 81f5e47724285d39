"""The hours in which messages may leave. Pure: the time of day is passed in."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import TypeAlias
from zoneinfo import ZoneInfo

import attrs

#: From, until, and where: ``("09:00", "20:00", "America/New_York")``.
Between: TypeAlias = tuple[time | str, time | str, tzinfo | str]

_EXAMPLE = '("09:00", "20:00", "America/New_York")'


@attrs.frozen(kw_only=True)
class Hours:
    """A part of each day, by the clocks of one place. It may go over midnight."""

    opens: time
    closes: time
    zone: tzinfo

    @classmethod
    def of(cls, between: Between) -> Hours:
        """Read ``between=`` of a run.

        Raises:
            TypeError: it is no such triple.
            ValueError: a time or zone cannot be read, or both times are the same.
        """
        if not isinstance(between, tuple | list) or len(between) != 3:
            raise TypeError(f"between must be three values such as {_EXAMPLE}")
        opens, closes, zone = between
        hours = cls(opens=_time(opens), closes=_time(closes), zone=_zone(zone))
        if hours.opens == hours.closes:
            raise ValueError("between: the two times are the same, so that no hour is left")
        return hours

    def wait(self, now: datetime) -> float:
        """Return the seconds until messages may leave, 0 if they may; *now* is aware."""
        here = now.astimezone(self.zone)
        if self._open_at(here.timetz().replace(tzinfo=None)):
            return 0.0
        # By the calendar, not by adding 24 hours: days on which clocks change have more or less.
        today = here.date()
        starts = (datetime.combine(today + timedelta(days=days), self.opens) for days in (0, 1))
        moments = (start.replace(tzinfo=self.zone).astimezone(UTC) for start in starts)
        ahead = ((moment - now).total_seconds() for moment in moments)
        # Where clocks go forward, an hour that does not exist comes out as one in the past.
        return next((seconds for seconds in ahead if seconds > 0), 60.0)

    def _open_at(self, here: time) -> bool:
        if self.opens < self.closes:
            return self.opens <= here < self.closes
        return here >= self.opens or here < self.closes


def _time(value: object) -> time:
    if not isinstance(value, time | str):
        raise TypeError(f"between must hold times such as {_EXAMPLE}")
    try:
        read = time.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f'between: {value!r} is no time of day; write it as "09:00"') from None
    if read.tzinfo is not None:
        raise ValueError("between: a time has no zone of its own, the third value is that of both")
    return read


def _zone(value: object) -> tzinfo:
    if isinstance(value, tzinfo):
        return value
    if not isinstance(value, str):
        raise TypeError(f"between must end with a time zone such as {_EXAMPLE}")
    try:
        return ZoneInfo(value)
    except (ValueError, OSError, LookupError):
        hint = "check the name, or pip install tzdata where the system has no zones"
        raise ValueError(f"between: {value!r} is no time zone known here: {hint}") from None
