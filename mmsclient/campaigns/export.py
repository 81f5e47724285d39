"""A campaign's rows as a table for other programs."""

from __future__ import annotations

import csv
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterator
    from datetime import datetime

    from mmsclient.campaigns.values import CampaignRow

COLUMNS = (
    "reference",
    "to",
    "state",
    "id",
    "mms_id",
    "error",
    "code",
    "detail",
    "attempts",
    "left_at",
    "settled_at",
    "evidence",
    "probable",
    "delivery",
    "delivery_at",
)


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[TextIO]:
    """Open a file for numbers and texts: it is its owner's alone."""

    def private(name: str, flags: int) -> int:
        return os.open(name, flags, 0o600)

    with open(path, "w", encoding="utf-8", newline="", opener=private) as file:
        if hasattr(os, "fchmod"):  # a file that was there before keeps its rights else
            os.fchmod(file.fileno(), 0o600)
        yield file


async def write(rows: AsyncIterable[CampaignRow], file: TextIO) -> int:
    """Write *rows* as CSV with a heading; return how many there were. Times are UTC, ISO 8601."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    count = 0
    async for row in rows:
        writer.writerow(_cells(row))
        count += 1
    return count


def _cells(row: CampaignRow) -> tuple[str, ...]:
    failure = row.failure
    return (
        row.reference,
        row.to,
        row.state,
        row.id or "",
        row.mms_id or "",
        failure.error if failure else "",
        (failure.code if failure else None) or "",
        str(failure) if failure else "",
        str(row.attempts),
        _moment(row.left_at),
        _moment(row.settled_at),
        row.evidence or "",
        "yes" if row.probable else "",
        row.delivery.value if row.delivery else "",
        _moment(row.delivery_at),
    )


def _moment(when: datetime | None) -> str:
    return "" if when is None else when.isoformat(timespec="seconds")
