"""``mmsclient campaign run``: send what is pending, from the start or from where it was."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

import mmsclient
from mmsclient.cli.account import Account, announce
from mmsclient.cli.bulk import Plain, Width  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.calls import Batch, Calls
from mmsclient.cli.campaigns.doubt import lists
from mmsclient.cli.campaigns.journal import File, done, insist_on_file, insist_on_same
from mmsclient.cli.campaigns.summary import counted, remarks
from mmsclient.cli.interrupt import Interrupts
from mmsclient.cli.progress import Board, Tally
from mmsclient.cli.reasons import plain as without_classes
from mmsclient.cli.say import (
    DONE,
    INTERRUPTED,
    REFUSED,
    UNKNOWN,
    USAGE,
    errors,
    explained,
    lasting,
    out,
    rows,
    stop,
)
from mmsclient.errors import CallError, CampaignError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mmsclient.campaigns import Campaign, CampaignRun
    from mmsclient.campaigns.values import State
    from mmsclient.client import Client
    from mmsclient.services.base import Service

Between = Annotated[
    str | None,
    typer.Option(
        "--between", metavar="HH:MM-HH:MM", help="Hours in which messages may leave; it waits."
    ),
]
Zone = Annotated[
    str | None,
    typer.Option("--zone", metavar="ZONE", help="Whose clocks those are, such as Europe/Berlin."),
]


def run(
    context: typer.Context,
    journal: File,
    account: Account,
    *,
    between: Between = None,
    zone: Zone = None,
    max_in_flight: Width = None,
    batch: Batch = None,
    plain: Plain = False,
) -> None:
    """Send what is pending, at the account's rate. The same command starts it and resumes it.

    It can end at any moment, also by a crash: a row is on the disk before its message leaves, so
    none is sent twice and none is lost; what was on its way then is unknown. While the service
    does not answer it waits. A refused key or an empty account ends it, and refuses no row.

    The first Ctrl-C, or SIGTERM, starts nothing new and waits for what is on its way, the second
    ends at once.

    Exit codes, by all rows of the campaign: 0 all accepted, 1 some refused or not sent, 2 usage,
    or the journal cannot be used, 3 some not known, 130 interrupted, 70 a defect of mmsclient.
    """
    insist_on_file(journal)
    client = account.over(context.obj).open()
    hours = _hours(between, zone)
    campaign = mmsclient.Campaign(journal)
    done(insist_on_same(campaign, client.service, journal))
    try:
        stream = campaign.run(client, between=hours, max_in_flight=max_in_flight, batch=batch)
    except ValueError as error:
        said = str(error)
        stop(f"--{said}" if said.startswith("between:") else said)
    job = _Job(campaign, stream, opens="" if hours is None else f"{hours[0]} ({hours[2]})")
    batched = Calls(client.service, batch).size > 1
    board = Board(
        job.tally,
        lambda: client.stats,
        errors(plain=plain),
        batched=batched,
        settling=True,
        look=job.look,
    )
    raise typer.Exit(done(job.carry_out(client, board, journal)))


def _hours(between: str | None, zone: str | None) -> tuple[str, str, str] | None:
    if between is None and zone is None:
        return None
    if zone is None:
        stop(f"--between {between} needs --zone: whose clocks, such as Europe/Berlin")
    if between is None:
        stop(f"--zone {zone} needs --between: which hours, such as 09:00-20:00")
    opens, dash, closes = between.partition("-")
    if not dash:
        stop(f"--between: {between!r} is no span of hours; write it like 09:00-20:00")
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        hint = "write it like Europe/Berlin, or pip install tzdata where the system has no zones"
        stop(f"--zone: {zone!r} is no time zone known here: {hint}")
    return opens.strip(), closes.strip(), zone


class _Job:
    """One run: what is shown meanwhile, and what is said at the end.

    *opens*: when and where the hours begin, if there are any.
    """

    def __init__(self, campaign: Campaign, stream: CampaignRun, *, opens: str) -> None:
        self.tally = Tally()
        self._campaign = campaign
        self._stream = stream
        self._waits = {
            "hours": f"waits for {opens}",
            "service": "waits for the service",
            "resume": "paused",
        }
        self._entered = False
        self._settled = 0
        self._idle = False
        """Whether there was nothing to send when it began."""
        self._interrupted = 0
        self._trouble: CampaignError | None = None

    async def carry_out(self, client: Client[Service], board: Board, journal: Path) -> int:
        """Send, say what became of it, and return the exit code."""
        counts = await self._campaign.counts()
        self._see(counts)
        self._idle = not (counts["pending"] or counts["sending"])
        announce(client)
        service = client.service.name
        if not (self._idle or lists(service)):
            lost = "what gets lost is settled by its postbacks only; `mmsclient listen` keeps them"
            errors().print(f"{service} lists nothing of what was sent: {lost}", style="dim")
        clock = asyncio.get_running_loop().time
        began = clock()
        await self._send(client, board)
        return await self._report(service, journal, clock() - began)

    async def _send(self, client: Client[Service], board: Board) -> None:
        interrupts = Interrupts(lambda count: self._interrupt(count, board))
        try:
            with interrupts.heard(), interrupts.taken():
                async with client, board.shown(), self._stream:
                    self._entered = True
                    with interrupts.taken():
                        async for _ in self._stream:
                            pass
        except CampaignError as error:
            self._trouble = error

    def _interrupt(self, count: int, board: Board) -> None:
        self._interrupted = count
        if count == 1:
            board.interrupted()

    def look(self) -> str:
        """Bring the tally up to date; return what the run waits for."""
        if not self._entered:
            return ""
        progress = self._stream.progress
        self._see(progress.counts)
        self._settled = progress.settled
        waits = self._waits.get(progress.waits_for, "")
        if progress.waits_for == "service" and progress.trouble is not None:
            return f"{waits}: {without_classes(progress.trouble)}"
        return waits

    def _see(self, counts: Mapping[State, int]) -> None:
        self.tally.total = sum(counts.values())
        self.tally.accepted = counts["accepted"]
        self.tally.refused = counts["refused"]
        self.tally.unknown = counts["unknown"]

    async def _report(self, service: str, journal: Path, seconds: float) -> int:
        trouble = self._trouble
        if trouble is not None and not self._entered:
            stop(str(trouble))
        counts = await self._campaign.counts()
        if self._idle and not self._settled:
            out().print(f"nothing to send: {counted(counts)}")
        else:
            out().print(f"{counted(counts)}: {self._settled:,} done now, in {lasting(seconds)}")
        for line in await remarks(self._campaign, service, journal):
            out().print(line)
        for line in [] if trouble is None else _explained(trouble):
            errors().print(f"error: {line}", style="red")
        if counts["pending"]:
            errors().print(f"{rows(counts['pending'])} not sent: the same command goes on")
        return self._code(counts)

    def _code(self, counts: Mapping[State, int]) -> int:
        if self._trouble is not None and not _of_a_call(self._trouble):
            return USAGE
        if counts["unknown"]:
            return UNKNOWN
        if self._interrupted:
            return INTERRUPTED
        return DONE if counts["accepted"] == sum(counts.values()) else REFUSED


def _of_a_call(trouble: CampaignError) -> bool:
    """Whether the account or the service ended the run, and not the journal."""
    return isinstance(trouble.__cause__, CallError)


def _explained(trouble: CampaignError) -> list[str]:
    cause = trouble.__cause__
    return explained(cause, sent=False) if isinstance(cause, CallError) else [str(trouble)]
