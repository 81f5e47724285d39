"""``mmsclient campaign resend``: let rows leave again of which it is not known whether they left."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

import mmsclient
from mmsclient.cli.account import Account  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.campaigns.doubt import doubt
from mmsclient.cli.campaigns.journal import File, command, done
from mmsclient.cli.say import DONE, INTERRUPTED, REFUSED, clock, errors, out, rows, stop

if TYPE_CHECKING:
    from mmsclient.cli.campaigns.doubt import Doubt

References = Annotated[
    list[str] | None,
    typer.Option("--reference", metavar="R", help="Only the row of this reference; repeatable."),
]
Early = Annotated[
    bool, typer.Option("--force", help="Also rows that may still go out by themselves.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def resend(
    journal: File,
    account: Account,  # noqa: ARG001 - taken as everywhere, and not needed
    *,
    reference: References = None,
    force: Early = False,
    yes: Yes = False,
) -> None:
    """Make unknown rows pending again. Whoever got the message already gets it twice.

    Nothing is sent yet: the next `campaign run` does that. Run `campaign reconcile` first; rows
    whose deadline has not passed are left alone, unless --force is given: they may still go out.

    Exit codes: 0 some rows are pending again, 1 none is, 2 usage, or the journal cannot be used,
    130 interrupted, 70 a defect of mmsclient.
    """
    campaign = mmsclient.Campaign(journal)
    found = done(doubt(campaign, reference or ()))
    due = found.rows if force else found.overdue
    if not due:
        out().print(_none(found, named=bool(reference)))
        raise typer.Exit(REFUSED)
    if not yes:
        _confirm(due)
    made = done(campaign.resend_unknown(reference or None, force=force))
    out().print(f"{rows(made)} pending again: {command('run', journal)} sends them")
    raise typer.Exit(DONE if made else REFUSED)


def _none(found: Doubt, *, named: bool) -> str:
    if found.until is not None:
        open_, until = rows(found.rows), clock(found.until)
        return f"{open_} may still go out until {until}: wait till then, or give --force"
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
