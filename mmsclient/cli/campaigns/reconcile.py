"""``mmsclient campaign reconcile``: settle what is unknown by what was seen at the service."""

from __future__ import annotations

from contextlib import aclosing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import mmsclient
from mmsclient.cli.account import Account, announce
from mmsclient.cli.campaigns.doubt import Doubt, doubt, lists
from mmsclient.cli.campaigns.journal import (
    File,
    command,
    done,
    insist_on_file,
    insist_on_service,
)
from mmsclient.cli.say import DONE, UNKNOWN, out, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmsclient.campaigns import Campaign, Reconciled
    from mmsclient.client import Client
    from mmsclient.services.base import Service

Inbox = Annotated[
    Path | None,
    typer.Option("--inbox", metavar="POSTBACKS.DB", help="Read the postbacks kept in this file."),
]
Ask = Annotated[
    bool, typer.Option("--ask/--no-ask", help="Ask the service what it lists; needs the key.")
]

#: How far the clocks of two machines may be apart.
SLACK = timedelta(minutes=10)


def reconcile(
    context: typer.Context,
    journal: File,
    account: Account,
    *,
    inbox: Inbox = None,
    ask: Ask = True,
) -> None:
    """Find out what became of the unknown rows, and how far the accepted ones have come.

    Postbacks and listings tell. A reference or an id names the row, where the service brings one
    back; else number, text and time do, if they fit one row only: such a row is `probable`.
    Nothing is sent. What is still unknown when its deadline has passed will stay so.

    Exit codes: 0 nothing is unknown, 1 the service gave no answer, 2 usage, or a file cannot be
    used, 3 some rows are still unknown, 130 interrupted, 70 a defect of mmsclient.
    """
    insist_on_file(journal)
    account = account.over(context.obj)
    service, campaign = account.offered(offline=True), mmsclient.Campaign(journal)
    status = done(campaign.status())
    insist_on_service(status, service, journal)
    if inbox is None and not ask:
        stop("--no-ask leaves nothing to look at: give --inbox")
    if inbox is not None and not inbox.is_file():
        stop(f"there is no file {inbox}")
    listed = ask and lists(service.name)
    if inbox is None and not listed:
        stop(
            f"{service.name} lists nothing of what was sent: give --inbox, its postbacks tell"
            " (`mmsclient listen` keeps them)"
        )
    client = account.open() if listed else None
    job = _Reconciling(campaign, journal)
    raise typer.Exit(done(job.run(service, inbox, client, status.first_left_at)))


class _Reconciling:
    """One look at what was seen, and what is said of it."""

    def __init__(self, campaign: Campaign, journal: Path) -> None:
        self._campaign = campaign
        self._journal = journal

    async def run(
        self,
        service: Service,
        inbox: Path | None,
        client: Client[Service] | None,
        since: datetime | None,
    ) -> int:
        """Look at all since the first row left, tell what was found, and return the exit code."""
        if since is None:
            out().print("nothing has left yet: there is nothing to find out")
            return DONE
        if inbox is not None:
            await self._read(service, inbox, since - SLACK)
        if client is not None:
            announce(client, "reading from")
            async with client:
                _tell("listings", await self._campaign.reconcile(client))
        left = await doubt(self._campaign)
        for line in self._rest(left):
            out().print(line)
        return UNKNOWN if left.rows else DONE

    async def _read(self, service: Service, inbox: Path, since: datetime) -> None:
        async with aclosing(mmsclient.read_inbox(inbox, service, since)) as events:
            _tell("postbacks", await self._campaign.reconcile(events))

    def _rest(self, left: Doubt) -> Iterator[str]:
        if not left.rows:
            yield "nothing is unknown"
        yield from left.lines()
        if left.overdue:
            yield f"  {command('resend', self._journal)} sends those again"


def _tell(where: str, found: Reconciled) -> None:
    probable = f" ({found.probable:,} by number, text and time only)" if found.probable else ""
    out().print(
        f"{where}: {found.settled:,} settled{probable}, {found.updated:,} deliveries updated,"
        f" {found.unmatched:,} of other messages"
    )
