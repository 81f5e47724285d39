"""How a campaign stands, in one view of its file."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mmsclient.campaigns import records, statements
from mmsclient.campaigns.values import STATES, CampaignStatus
from mmsclient.outcomes import DeliveryStatus
from mmsclient.storage.schema import UnfitError

if TYPE_CHECKING:
    import sqlite3

    from mmsclient.campaigns.values import State


def counts(connection: sqlite3.Connection) -> dict[State, int]:
    """Return how many rows there are in each state."""
    found = dict(connection.execute(statements.COUNTS).fetchall())
    return {state: found.get(state, 0) for state in STATES}


def deliveries(connection: sqlite3.Connection) -> dict[DeliveryStatus | None, int]:
    """Return how far accepted rows have come."""
    found = connection.execute(statements.DELIVERIES).fetchall()
    return {told and DeliveryStatus(told): count for told, count in found}


def status(connection: sqlite3.Connection, at: float) -> CampaignStatus:
    """Return how a campaign stands at a time."""
    facts = statements.facts(connection)
    if "name" not in facts:  # who makes the file has not come so far, or never did
        raise UnfitError("is empty: nothing was added yet")
    first, last = connection.execute(statements.FIRST_AND_LAST).fetchone()
    window = float(facts.get("settles_after", 0.0))
    (overdue,) = connection.execute(statements.OVERDUE, (at - window,)).fetchone()
    (stopped,) = connection.execute(statements.STOPPED).fetchone()
    return CampaignStatus(
        name=facts["name"],
        service=facts.get("service"),
        counts=counts(connection),
        deliveries=deliveries(connection),
        first_left_at=records.moment(first),
        last_left_at=records.moment(last),
        settles_after=timedelta(seconds=window) if window else None,
        overdue=overdue,
        stopped=stopped,
    )
