"""Times on the wire: ``YYYY-MM-DD HH:MM:SS``, which names no zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mmsclient.services import fields

if TYPE_CHECKING:
    from datetime import date, tzinfo

    from mmsclient.services.fields import Tree


def read(tree: Tree, name: str, zone: tzinfo) -> datetime | None:
    """Return a moment in UTC; one that names no zone is read in *zone*. None where there is none.

    Some answers write slashes for dashes; the Bearer API writes ISO 8601 in UTC.
    """
    said = fields.text(tree, name)
    found = None if said is None else fields.moment({name: said.replace("/", "-")}, name)
    try:
        return None if found is None else found.replace(tzinfo=found.tzinfo or zone).astimezone(UTC)
    except OverflowError:
        return None


def write(moment: datetime, zone: tzinfo) -> str:
    """Return an aware moment as the clocks of *zone* show it, whole seconds."""
    return in_zone(moment, zone).replace(tzinfo=None).isoformat(" ", "seconds")


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Return the same moment as the clocks of *zone* show it."""
    return moment.astimezone(zone)


def first_day(moment: datetime, zone: tzinfo) -> date:
    """Return the day of a moment where a period of days begins.

    No page of the Bearer API says whose days it counts, so it is the earlier of UTC and *zone*.
    """
    return min(in_zone(moment, each).date() for each in (UTC, zone))


def last_day(moment: datetime, zone: tzinfo) -> date:
    """Return the day of a moment where a period of days ends, see :func:`first_day`."""
    return max(in_zone(moment, each).date() for each in (UTC, zone))


def is_twofold(moment: datetime, zone: tzinfo) -> bool:
    """Whether the clocks of *zone* show this time twice, once before and once after going back."""
    shown = in_zone(moment, zone)
    return shown.replace(fold=0).utcoffset() != shown.replace(fold=1).utcoffset()
