"""Dates of the service: local time without a zone, which only its customers know is Melbourne's."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

FORM = "%Y-%m-%d %H:%M:%S"

#: "A dated capture fits only Melbourne/Sydney time with daylight saving".
_ZONE = "Australia/Melbourne"


def written(moment: datetime) -> str:
    """Return an aware moment as the service writes it."""
    return moment.astimezone(ZoneInfo(_ZONE)).strftime(FORM)


def read(text: object) -> datetime | None:
    """Return the moment of ``YYYY-MM-DD HH:MM:SS``; None for anything else."""
    try:
        local = datetime.strptime(text, FORM) if isinstance(text, str) else None  # noqa: DTZ007 - the zone follows
    except ValueError:
        return None
    return local.replace(tzinfo=ZoneInfo(_ZONE)).astimezone(UTC) if local else None
