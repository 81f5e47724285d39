"""``mmsclient campaign reconcile``: settle what is unknown by what was seen at the service."""

from __future__ import annotations

from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import mmsclient
from mmsclient.cli.account import Account, announce
from mmsclient.cli.campaigns.journal import File, command, done, insist_on_service
from mmsclient.cli.say import DONE, UNKNOWN, lasting, out, rows, stop
from mmsclient.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mmsclient.campaigns import Campaign, CampaignStatus, Reconciled
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

#: A receiver must say who may post to it; this one is only read.
_NOBODY = ("127.0.0.1/32",)


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
    account = account.over(context.obj)
    if inbox is None and not ask:
        stop("--no-ask leaves nothing to look at: give --inbox")
    if inbox is not None and not inbox.is_file():
        stop(f"there is no file {inbox}")
    service = account.offered(offline=True)
    listed = ask and _lists(service)
    if inbox is None and not listed:
        stop(f"{service.name} lists nothing of what was sent: give --inbox, its postbacks tell")
    client = account.open() if listed else None
    job = _Reconciling(mmsclient.Campaign(journal), journal)
    raise typer.Exit(done(job.run(service, inbox, client)))


def _lists(service: Service) -> bool:
    """Whether a service lists anything that tells of a message."""
    now = datetime.now(UTC)
    ways: tuple[Callable[[], object], ...] = (
        lambda: service.outbox(now - SLACK, now),
        service.inbox,
    )
    for way in ways:
        try:
            way()
        except UnsupportedError:
            continue
        return True
    return False


class _Reconciling:
    """One look at what was seen, and what is said of it."""

    def __init__(self, campaign: Campaign, journal: Path) -> None:
        self._campaign = campaign
        self._journal = journal

    async def run(
        self, service: Service, inbox: Path | None, client: Client[Service] | None
    ) -> int:
        """Look, tell what was found, and return the exit code."""
        before = await self._campaign.status()
        if before.first_left_at is None:
            out().print("nothing has left yet: there is nothing to find out")
            return DONE
        insist_on_service(before, service, self._journal)
        if inbox is not None:
            await self._read(service, inbox, before.first_left_at - SLACK)
        if client is not None:
            announce(client, "reading from")
            async with client:
                _tell("listings", await self._campaign.reconcile(client))
        after = await self._campaign.status()
        for line in self._rest(after):
            out().print(line)
        return UNKNOWN if after.counts["unknown"] else DONE

    async def _read(self, service: Service, inbox: Path, since: datetime) -> None:
        postbacks = mmsclient.Postbacks(service, inbox=inbox, allow=_NOBODY)
        try:
            async with aclosing(postbacks.events(since)) as events:  # type: ignore[type-var]  # it is a generator
                _tell("postbacks", await self._campaign.reconcile(events))
        finally:
            await postbacks.aclose()

    def _rest(self, status: CampaignStatus) -> Iterator[str]:
        unknown, overdue = status.counts["unknown"], status.overdue
        if not unknown or status.settles_after is None:
            yield "nothing is unknown"
            return
        deadline = lasting(status.settles_after.total_seconds())
        yield f"{rows(unknown)} still unknown, {overdue:,} for longer than {deadline}"
        if overdue:
            again = command("resend", self._journal)
            yield f"  after that nothing more is heard of them: {again} sends them again"
        if unknown > overdue:
            yield "  before that they may still go out: look again later"


def _tell(where: str, found: Reconciled) -> None:
    probable = f" ({found.probable:,} by number, text and time only)" if found.probable else ""
    out().print(
        f"{where}: {found.settled:,} settled{probable}, {found.updated:,} deliveries updated,"
        f" {found.unmatched:,} of other messages"
    )
