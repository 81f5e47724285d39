"""Times as parameters: UTC on the wire, without a zone marker."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeAlias

import attrs

from mmsclient.errors import Fault
from mmsclient.services.transmitsms.params import INVALID, Param, missing

if TYPE_CHECKING:
    from collections.abc import Iterator

Moment: TypeAlias = datetime | date
"""An aware moment, or a plain day."""


def moment(field: str, value: object, *, needed: bool = False, days: bool = False) -> Param:
    """Judge a moment, which must name its zone; *days*: a plain date will do as well."""
    if value is None:
        return Param(name=field, faults=(missing(field),) if needed else ())
    if days and isinstance(value, date) and not isinstance(value, datetime):
        return Param(name=field, value=value.isoformat())
    if wrong := _unfit(field, value):
        return Param(name=field, faults=(wrong,))
    assert isinstance(value, datetime)  # noqa: S101 - judged a line above
    said = value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    return Param(name=field, value=said)


def _unfit(field: str, value: object) -> Fault | None:
    fix = "pass datetime(..., tzinfo=UTC)"
    if not isinstance(value, datetime):
        return Fault(field, "is not a datetime", fix, INVALID)
    if value.utcoffset() is None:
        return Fault(field, "names no time zone", fix, INVALID)
    try:
        value.astimezone(UTC)
    except OverflowError:
        return Fault(field, "lies outside the calendar", "pass a nearer moment", INVALID)
    return None


def span(
    start: Moment | None,
    end: Moment | None,
    *,
    needed: bool = False,
    longest: timedelta | None = None,
    back: timedelta | None = None,
    now: datetime | None = None,
) -> tuple[Param, Param]:
    """Judge a period: in order, not longer than *longest*, not further back than *back*."""
    first = moment("start", start, needed=needed, days=True)
    last = moment("end", end, needed=needed, days=True)
    if first.faults or last.faults:
        return first, last
    if start is not None and back is not None:
        first = attrs.evolve(first, faults=tuple(_back(start, back, now or datetime.now(UTC))))
    if start is not None and end is not None:
        last = attrs.evolve(last, faults=tuple(_length(start, end, longest)))
    return first, last


def _back(start: Moment, back: timedelta, now: datetime) -> Iterator[Fault]:
    if now - _at(start) > back + timedelta(days=1):
        rule = "lies further back than the service remembers"
        yield Fault("start", rule, "12 months at most", INVALID)


def _length(start: Moment, end: Moment, longest: timedelta | None) -> Iterator[Fault]:
    plain = not (isinstance(start, datetime) and isinstance(end, datetime))
    early = _at(end).date() < _at(start).date() if plain else _at(end) < _at(start)
    if early:
        yield Fault("end", "lies before start", "start comes first", INVALID)
    elif longest is not None and _at(end) - _at(start) > longest:
        rule = f"lies more than {longest.days} days after start"
        yield Fault("end", rule, "ask for a shorter period", INVALID)


def _at(value: Moment) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.combine(value, time(), UTC)
