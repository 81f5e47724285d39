"""What events and listings tell of a campaign's messages, and where to ask for more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mmsclient.campaigns.matching import BEHIND
from mmsclient.errors import UnsupportedError
from mmsclient.events import InboundMessage, OptOut

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator
    from datetime import datetime

    from mmsclient.campaigns.values import CampaignRow
    from mmsclient.client import Client
    from mmsclient.services.base import Service
    from mmsclient.sightings import Sighted, Sighting

#: How far behind ours the service's clock may be.
SLACK = timedelta(seconds=BEHIND)


def sighting(seen: Sighted) -> Sighting | None:
    """Return what an event or a row tells of a message, None if it tells of none.

    Raises:
        TypeError: it is neither an event nor a row of a listing.
    """
    tell = getattr(seen, "sighting", None)
    if tell is None:
        kind = type(seen).__name__
        raise TypeError(f"a {kind} tells of no message: pass events, or rows of service.outbox(…)")
    told: Sighting | None = tell()
    return told


def opted_out(seen: object) -> str | None:
    """Return the number of somebody who wants no more messages, where that is what is told."""
    if isinstance(seen, OptOut):
        return seen.number
    if isinstance(seen, InboundMessage) and seen.opts_out:
        return seen.sender
    return None


def told(seen: Sighted) -> tuple[Sighting | None, str | None]:
    """Return both: what is told of a message, and the number of somebody who opts out."""
    return sighting(seen), opted_out(seen)


async def asked(
    client: Client[Service], unknown: AsyncIterable[CampaignRow], now: datetime
) -> AsyncIterator[Sighted]:
    """Yield all that the service lists of the time since the first unknown row left.

    Nothing is asked where no row is unknown. What a service does not list is passed over.
    """
    first: datetime | None = None
    async for row in unknown:
        if row.left_at is not None and (first is None or row.left_at < first):
            first = row.left_at
    if first is None:
        return
    try:
        listing = client.service.outbox(first - SLACK, now)
    except UnsupportedError:
        pass
    else:
        async for sent in client.pages(listing):
            yield sent
    try:
        inbox = client.inbox()
    except UnsupportedError:
        return
    async for message in inbox:
        yield message
