"""How a campaign stands, in lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.cli.campaigns.doubt import settling
from mmsclient.cli.reasons import Reasons

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mmsclient.campaigns import Campaign
    from mmsclient.campaigns.values import State

#: What is said of the rows in each state, where there are any; of the first three always.
_STATES: Mapping[State, str] = {
    "accepted": "accepted",
    "refused": "refused",
    "unknown": "unknown",
    "pending": "pending",
    "sending": "on their way",
}
_ALWAYS = frozenset({"accepted", "refused", "unknown"})


def counted(counts: Mapping[State, int]) -> str:
    """Return how many rows there are in each state."""
    shown = (state for state in _STATES if counts[state] or state in _ALWAYS)
    return ", ".join(f"{counts[state]:,} {_STATES[state]}" for state in shown)


async def remarks(campaign: Campaign, service: str | None, journal: Path) -> list[str]:
    """Return why rows were refused or are unknown, and what to do about the unknown ones.

    *service* is the name of the one that the campaign was begun with.
    """
    refused = await _why(campaign, "refused")
    unknown = await _why(campaign, "unknown")
    lines = [*refused.listed("refused"), *unknown.listed("unknown")]
    if unknown:
        lines += [f"  {line}" for line in settling(service, journal)]
    return lines


async def _why(campaign: Campaign, state: State) -> Reasons:
    reasons = Reasons()
    async for row in campaign.outcomes(state):
        if row.failure is not None:
            reasons.add_kept(row.failure)
    return reasons
