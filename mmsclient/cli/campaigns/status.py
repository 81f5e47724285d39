"""``mmsclient campaign status``: how a campaign stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text

import mmsclient
from mmsclient.cli.account import Account  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.campaigns.doubt import Doubt, doubt
from mmsclient.cli.campaigns.journal import File, done
from mmsclient.cli.campaigns.summary import counted, remarks
from mmsclient.cli.reading import AsJson  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.say import out, rows
from mmsclient.cli.shown import as_json as json_line
from mmsclient.cli.shown import fields, seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from mmsclient.campaigns import CampaignStatus
    from mmsclient.outcomes import DeliveryStatus


def status(
    journal: File,
    account: Account,  # noqa: ARG001 - taken as everywhere, and not needed
    *,
    as_json: AsJson = False,
) -> None:
    """Show how many rows are in which state, how far they have come, and what is not known.

    It works while another process runs the campaign, calls nothing and needs no account.

    Exit codes: 0 shown, 2 usage, or the journal cannot be used, 130 interrupted, 70 a defect of
    mmsclient.
    """
    campaign = mmsclient.Campaign(journal)
    found = done(campaign.status())
    if as_json:
        typer.echo(json_line(_plain(found)))
        return
    console = out()
    for line in _lines(found, done(doubt(campaign))):
        console.print(Text(seen(line)))
    for line in done(remarks(campaign, found.service, journal)):
        console.print(line)


def _plain(found: CampaignStatus) -> dict[str, Any]:
    """Return it as JSON knows it; deadlines are in seconds."""
    deadline = found.settles_after
    return {
        "name": found.name,
        "service": found.service,
        **fields(found),
        "deliveries": {_named(status): count for status, count in found.deliveries.items()},
        "settles_after": None if deadline is None else deadline.total_seconds(),
    }


def _named(status: DeliveryStatus | None) -> str:
    return "none" if status is None else status.value


def _lines(found: CampaignStatus, unknown: Doubt) -> Iterator[str]:
    with_ = f", with {found.service}" if found.service else ""
    yield f"{found.name}{with_}: {rows(sum(found.counts.values()))}"
    yield f"  {counted(found.counts)}"
    if found.counts["sending"]:
        yield "  those on their way may be of a run that was cut short: the next one settles that"
    if found.counts["accepted"]:
        yield f"  delivery: {_delivered(found.deliveries)}"
    if found.first_left_at and found.last_left_at:
        yield f"  sent between {_moment(found.first_left_at)} and {_moment(found.last_left_at)}"
    if found.stopped:
        yield f"  stop list: {found.stopped:,} {'number' if found.stopped == 1 else 'numbers'}"
    yield from (f"  {line}" for line in unknown.lines())


def _delivered(deliveries: Mapping[DeliveryStatus | None, int]) -> str:
    told = [f"{count:,} {status.value}" for status, count in deliveries.items() if status]
    silent = deliveries.get(None, 0)
    return ", ".join([*sorted(told), *([f"{silent:,} without a report"] if silent else [])])


def _moment(when: datetime) -> str:
    """Return a moment by the clock of this machine."""
    return when.astimezone().isoformat(" ", "seconds")
