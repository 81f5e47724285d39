"""``mmsclient campaign resend``: let rows leave again of which it is not known whether they left."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

import mmsclient
from mmsclient.cli.campaigns.journal import File, command, done
from mmsclient.cli.say import DONE, INTERRUPTED, REFUSED, errors, out, rows, stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmsclient.campaigns import Campaign

References = Annotated[
    list[str] | None,
    typer.Option("--reference", metavar="R", help="Only the row of this reference; repeatable."),
]
Early = Annotated[
    bool, typer.Option("--force", help="Also rows that may still go out by themselves.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def resend(
    journal: File, *, reference: References = None, force: Early = False, yes: Yes = False
) -> None:
    """Make unknown rows pending again. Whoever got the message already gets it twice.

    Nothing is sent yet: the next `campaign run` does that. Run `campaign reconcile` first; rows
    whose deadline has not passed are left alone, unless --force is given: they may still go out.

    Exit codes: 0 some rows are pending again, 1 none is, 2 usage, or the journal cannot be used,
    130 interrupted, 70 a defect of mmsclient.
    """
    campaign = mmsclient.Campaign(journal)
    unknown, due = done(_concerned(campaign, reference, force=force))
    if not due:
        out().print(_none(unknown, named=bool(reference)))
        raise typer.Exit(REFUSED)
    if not yes:
        _confirm(due)
    made = done(campaign.resend_unknown(reference or None, force=force))
    out().print(f"{rows(made)} pending again: {command('run', journal)} sends them")
    raise typer.Exit(DONE if made else REFUSED)


async def _concerned(
    campaign: Campaign, references: Sequence[str] | None, *, force: bool
) -> tuple[int, int]:
    """Return how many unknown rows are meant, and how many of them may be sent again."""
    status = await campaign.status()
    latest = datetime.now(UTC) - (status.settles_after or timedelta())
    unknown = due = 0
    async for row in campaign.outcomes("unknown"):
        if not references or row.reference in references:
            unknown += 1
            due += force or row.left_at is None or row.left_at < latest
    return unknown, due


def _none(unknown: int, *, named: bool) -> str:
    if unknown:
        return f"{rows(unknown)} may still go out: wait for the deadline, or give --force"
    return "no unknown row has such a reference" if named else "no row is unknown"


def _confirm(count: int) -> None:
    warning = f"{rows(count)} may have been sent: whoever got the message gets it twice"
    if not sys.stdin.isatty():
        stop(f"{warning}; --yes if that is what you want")
    try:
        sure = typer.confirm(f"{warning}. Send again?", err=True)
    except typer.Abort:
        errors().print("interrupted: nothing was changed")
        raise typer.Exit(INTERRUPTED) from None
    if not sure:
        errors().print("nothing was changed")
        raise typer.Exit(REFUSED)
