"""Rows of listings as sightings of messages.

An id is that of a whole call, which can have many receivers: so no sighting is without a number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.services.transmitsms import callbacks, statuses
from mmsclient.sightings import Sighting

if TYPE_CHECKING:
    from datetime import datetime


def listed(
    message_id: str | None,
    to: str | None,
    *,
    words: str | None = None,
    text: str | None = None,
    at: datetime | None = None,
) -> Sighting | None:
    """Return what a row about one message tells; *words* are those for its status."""
    if to is None:
        return None
    status = None if words is None else statuses.of(words)
    # Without an id, what else is told has to tell one message from another.
    told = () if message_id else (text, at and at.isoformat())
    return Sighting(
        service=callbacks.SERVICE,
        source="listing",
        key=callbacks.key("listing", message_id, to, (words or "").lower(), *told),
        id=message_id,
        to=to,
        text=text,
        at=at,
        status=status,
        final=status is not None and status.final,
    )


def answered(
    message_id: str | None,
    to: str | None,
    *,
    key: str,
    text: str | None = None,
    at: datetime | None = None,
) -> Sighting | None:
    """Return what a row about a reply tells of the message that it answers; *to* wrote it."""
    if message_id is None or to is None:
        return None
    return Sighting(
        service=callbacks.SERVICE, source="reply", key=key, id=message_id, to=to, text=text, at=at
    )
