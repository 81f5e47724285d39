"""The unknown rows of a campaign: until when they may still go out, and what settles them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from mmsclient.cli.campaigns.journal import command
from mmsclient.cli.kinds import SERVICES
from mmsclient.cli.say import clock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from mmsclient.campaigns import Campaign


@attrs.frozen(kw_only=True)
class Doubt:
    """Rows of which it is not known whether their messages were sent."""

    rows: int = 0
    overdue: int = 0
    """Of these, those of which nothing will be heard any more."""
    until: datetime | None = None
    """When that is true of all; None where it is."""

    def lines(self) -> Iterator[str]:
        """Yield what is said of them."""
        if self.until is not None:
            open_ = self.rows - self.overdue
            who = "it" if open_ == 1 else "they"
            yield f"{open_:,} still unknown; {who} may still go out until {clock(self.until)}"
        if self.overdue:
            yield f"{self.overdue:,} unknown for good: too late for anything to be heard"


async def doubt(campaign: Campaign, references: Collection[str] = ()) -> Doubt:
    """Return what is unknown of a campaign, or of the rows with these references."""
    window = (await campaign.status()).settles_after or timedelta()
    now = datetime.now(UTC)
    rows = overdue = 0
    until = now
    async for row in campaign.outcomes("unknown"):
        if not references or row.reference in references:
            end = now if row.left_at is None else row.left_at + window
            rows, overdue, until = rows + 1, overdue + (end <= now), max(until, end)
    return Doubt(rows=rows, overdue=overdue, until=until if until > now else None)


def settling(service: str | None, journal: Path) -> Iterator[str]:
    """Yield the command that settles unknown rows, as far as the service lets it."""
    reconcile = command("reconcile", journal)
    if lists(service):
        yield f"{reconcile} finds out; they are not sent again"
    else:
        yield f"{reconcile} --inbox postbacks.db finds out; they are not sent again"
        yield f"the postbacks of {service} are in that file if `mmsclient listen` has kept them"


def lists(service: str | None) -> bool:
    """Whether a service lists anything that tells what became of a message."""
    return service is None or service not in SERVICES or SERVICES[service].lists
