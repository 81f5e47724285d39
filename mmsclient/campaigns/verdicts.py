"""What outcomes mean for the rows of a campaign. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from mmsclient.campaigns.values import Failure, Settled
from mmsclient.errors import CallError, CampaignError
from mmsclient.outcomes import Accepted, Outcome, Refused

if TYPE_CHECKING:
    from mmsclient.campaigns.values import OpenRow


def settles(outcome: Outcome) -> bool:
    """Whether an outcome is the row's, and not the account's or the connection's trouble."""
    if not isinstance(outcome, Refused):
        return True
    error = outcome.error
    if isinstance(error, CampaignError):
        return False
    return not isinstance(error, CallError) or error.concerns == "message"


def settled(outcome: Outcome) -> Settled:
    """Return an outcome as it is kept."""
    if isinstance(outcome, Accepted):
        return Settled(state="accepted", message_id=outcome.id, mms_id=outcome.mms_id)
    state: Literal["refused", "unknown"] = "refused" if isinstance(outcome, Refused) else "unknown"
    return Settled(state=state, failure=Failure.of(outcome.error))


def translated(outcome: Outcome, row: OpenRow) -> Outcome:
    """Return an outcome with the row's own message and reference."""
    message, reference = row.message, row.reference
    if outcome.message is message and getattr(outcome, "reference", reference) == reference:
        return outcome
    if isinstance(outcome, Accepted):
        return attrs.evolve(outcome, message=message, reference=reference)
    return attrs.evolve(outcome, message=message)
