"""Rows of listings as sightings of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.services.cellcast import callbacks
from mmsclient.sightings import Sighting

if TYPE_CHECKING:
    from datetime import datetime

    from mmsclient.outcomes import DeliveryStatus


def listed(
    message_id: str,
    to: str | None,
    *,
    reference: str | None,
    text: str | None,
    at: datetime | None,
    status: DeliveryStatus | None = None,
    words: str = "",
    final: bool = False,
) -> Sighting:
    """Return what a row about one message tells; *words* are those for its status."""
    # Without an id, what else is told has to tell one message from another.
    told = () if message_id else (reference, text, at and at.isoformat())
    return Sighting(
        service=callbacks.SERVICE,
        source="listing",
        key=callbacks.key("listing", message_id, to, words.lower(), *told),
        id=message_id or None,
        reference=reference,
        to=to,
        text=text,
        at=at,
        status=status,
        final=final,
    )


def answered(
    inbound_id: str | None,
    message_id: str | None,
    to: str | None,
    *,
    reference: str | None,
    text: str | None,
    at: datetime | None,
) -> Sighting | None:
    """Return what a row about a reply tells of the message that it answers; *to* wrote it."""
    if message_id is None and reference is None:
        return None
    told = () if inbound_id else (message_id, reference, to, at and at.isoformat())
    return Sighting(
        service=callbacks.SERVICE,
        source="reply",
        key=callbacks.key("inbound", inbound_id, *told),
        id=message_id,
        reference=reference,
        to=to,
        text=text,
        at=at,
    )
