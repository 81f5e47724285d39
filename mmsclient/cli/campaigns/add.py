"""``mmsclient campaign add``: rows of a CSV file into the journal, numbers on its stop list."""

from __future__ import annotations

import asyncio
import shlex
from array import array
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import attrs
import typer

import mmsclient
from mmsclient.cli import table
from mmsclient.cli.account import Account, announce
from mmsclient.cli.campaigns import stops
from mmsclient.cli.campaigns.journal import (
    File,
    command,
    done,
    insist_on_file,
    insist_on_same,
)
from mmsclient.cli.check import Lines, Recipients  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.given import Words  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.progress import LOOK, Pauses
from mmsclient.cli.remarks import Remarks
from mmsclient.cli.say import DONE, REFUSED, errors, masked, out, rows, stop
from mmsclient.cli.shared import Shared
from mmsclient.cli.table import Row, Table
from mmsclient.errors import Fault, InvalidMessageError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator

    from mmsclient.campaigns import Added, Campaign
    from mmsclient.client import Client
    from mmsclient.messages import Message
    from mmsclient.services.base import Numbered, Service
    from mmsclient.wire import PagedCall

    Numbers: TypeAlias = Iterable[str] | AsyncIterable[Numbered]

Replace = Annotated[
    bool,
    typer.Option(
        "--replace", help="Take the new content of rows that are known and have never left."
    ),
]
StopList = Annotated[
    str | None,
    typer.Option(
        "--stop-list",
        metavar="NUMBERS.TXT|CSV",
        help="Numbers that get nothing: one per line, or a column 'number', or the first. Each stands"
        " for all numbers that end with it: some lists leave out the country code.",
    ),
]
FromService = Annotated[
    bool,
    typer.Option(
        "--stop-list-from-service", help="Ask the service who opted out; this needs the key."
    ),
]

#: Changed rows that are named.
NAMED = 10

#: How a file of SQLite begins.
_SQLITE = b"SQLite format 3\0"

_INTERRUPTED = "interrupted: what was added stays, and the same command goes on"


def add(
    context: typer.Context,
    journal: File,
    words: Words,
    account: Account,
    *,
    recipients: Recipients = None,
    replace: Replace = False,
    stop_list: StopList = None,
    from_service: FromService = False,
    lines: Lines = 10,
) -> None:
    """Add a message per row of a CSV file, and numbers to the stop list. Sends nothing.

    Columns and options are those of `bulk`, the rules those of the service in use, which is not
    called and needs no key. A row is known by its reference; without one by its number, so that a
    number gets one message. What is there already stays, so that the same command can be run again.

    Rows to a number on the stop list are refused, those that are pending and those added later.

    Row N is the Nth row of data: the heading is not counted.

    Exit codes: 0 all added or known, 1 some faulty, 2 usage, or the journal cannot be written,
    130 interrupted, 70 a defect of mmsclient.
    """
    if recipients is None and stop_list is None and not from_service:
        errors().print(context.get_usage())
        stop("give a CSV file of recipients, or a stop list")
    _insist_on_sense(journal, recipients, stop_list)
    account, fresh = account.over(context.obj), not journal.exists()
    service, shared = account.offered(offline=True), words.shared()
    client = account.open() if from_service else None
    listing = None if client is None else _opt_outs(client.service)
    job = _Adding(shared, Remarks(out(), lines), replace=replace)
    campaign, source = mmsclient.Campaign(journal, service=service), None
    with ExitStack() as stack:
        if recipients is not None:
            file = stack.enter_context(table.opened(recipients))
            source = table.read(file, recipients, ready=shared.columns)
            job.waits = table.blocks(recipients)
        done(insist_on_same(campaign, service, journal))
        if stop_list is not None:
            file = stack.enter_context(table.opened(stop_list))
            done(job.stop(campaign, stops.numbers(file), "file"), interrupted=_INTERRUPTED)
        if client is not None and listing is not None:
            done(job.ask(campaign, client, listing), interrupted=_INTERRUPTED)
        if source is not None:
            added = done(job.add(campaign, source), interrupted=_INTERRUPTED)
            job.report(added, journal, fresh=fresh)
    raise typer.Exit(REFUSED if job.faulty or job.strange else DONE)


def _insist_on_sense(journal: Path, recipients: str | None, stop_list: str | None) -> None:
    """End the command where a file is not there, or two have changed places."""
    if recipients == stop_list == table.STDIN:
        stop("only one of the two can come from standard input")
    if recipients is None:
        # Only a list of recipients makes a campaign: a typo must not.
        insist_on_file(journal)
    elif recipients != table.STDIN:
        _insist_on_order(journal, Path(recipients))


def _insist_on_order(journal: Path, other: Path) -> None:
    first, second = _begins(journal), _begins(other)
    absent = not other.exists() and other.suffix.lower() not in {".csv", ".tsv", ".txt"}
    if first != _SQLITE and (second == _SQLITE or (first and absent)):
        right = f"{command('add', other)} {shlex.quote(str(journal))}"
        stop(f"{journal} is no journal, and the journal comes first: {right}")


def _begins(path: Path) -> bytes:
    """Return the first bytes of a file; none of what is no file, or cannot be read."""
    try:
        if path.is_file():
            with path.open("rb") as file:
                return file.read(len(_SQLITE))
    except OSError:
        pass  # it is told where the file is used
    return b""


def _opt_outs(service: Service) -> PagedCall[Numbered]:
    try:
        return service.opt_outs()
    except UnsupportedError as error:
        stop(f"{error}; give a file with --stop-list")


@attrs.define
class _Adding:
    """What is taken in, and what is said of it."""

    shared: Shared
    remarks: Remarks
    replace: bool = attrs.field(kw_only=True)
    waits: bool = False
    """Whether reading the recipients may wait for somebody to write."""
    faulty: int = 0
    """Rows that are not taken in."""
    strange: int = 0
    """Rows of stop lists that hold no number."""
    _row: Row = attrs.field(factory=lambda: Row(0, {}), init=False)
    """The row that was read last: rows are judged as they are read."""
    _told: int = attrs.field(default=0, init=False)
    """The last row of which a fault was told."""
    _left_out: array[int] = attrs.field(factory=lambda: array("Q"), init=False, repr=False)
    """Rows of which no message could be made, in order."""

    async def ask(
        self, campaign: Campaign, client: Client[Service], listing: PagedCall[Numbered]
    ) -> None:
        """Put on the stop list whom the service lists."""
        announce(client, "reading from")
        async with client:
            await self.stop(campaign, client.pages(listing), "service")

    async def stop(self, campaign: Campaign, numbers: Numbers, source: str) -> None:
        """Put numbers on the stop list."""
        remarks = attrs.evolve(self.remarks, of="stop list row")

        def say(place: int, fault: Fault) -> None:
            remarks.say(place, "", "fault", str(fault))

        stopped = await campaign.stop_numbers(numbers, source=source, on_fault=say)
        remarks.conclude()
        self.strange += stopped.faulty
        out().print(f"{stopped.new:,} new on the stop list")

    async def add(self, campaign: Campaign, source: Table) -> Added:
        """Add the rows of a file."""
        messages = self._messages(source)
        watching = asyncio.create_task(self._watch(), name="progress")
        try:
            added = await campaign.add(messages, replace=self.replace, on_fault=self._say)
        finally:
            watching.cancel()
        self.remarks.conclude()
        return added

    async def _watch(self) -> None:
        """Say now and then how far a long list was read."""
        clock = asyncio.get_running_loop().time
        pauses = Pauses(clock())
        while True:
            await asyncio.sleep(LOOK)
            if pauses.due(clock(), self._row.number):
                errors().print(f"  {rows(self._row.number)} read", style="dim")

    async def _messages(self, source: Table) -> AsyncIterator[Message]:
        async for row in table.lazily(source, waits=self.waits):
            self._row = row
            try:
                message = self.shared.message(row)
            except InvalidMessageError as error:
                self._left_out.append(row.number)
                for fault in error.faults:
                    self._say(row.number, fault)
            else:
                yield message

    def _say(self, _: int, fault: Fault) -> None:
        row = self._row
        self.faulty += row.number != self._told
        self._told = row.number
        self.remarks.say(row.number, masked(row.cells.get("to", "")), "fault", str(fault))

    def report(self, added: Added, journal: Path, *, fresh: bool) -> None:
        """Say what was added. *fresh*: to a journal that was not there before."""
        if fresh:
            errors().print(f"{journal}: new campaign")
        for line in self._lines(added, journal):
            out().print(line)

    def _lines(self, added: Added, journal: Path) -> Iterator[str]:
        yield (
            f"{added.new:,} new, {added.known:,} known, {added.changed:,} changed,"
            f" {self.faulty:,} faulty"
        )
        if added.stopped:
            yield f"  {added.stopped:,} of the new are refused: their numbers are on the stop list"
        if added.changed and self.replace:
            became = "taken as they are now, but for those that may have left before"
            yield f"  changed: {self._changed(added)}: {became}"
        elif added.changed:
            became = "what was there before stays; --replace takes the new content"
            yield f"  changed: {self._changed(added)}: {became}"
        if added.new > added.stopped:
            yield f"  nothing was sent: {command('run', journal)} does that"

    def _changed(self, added: Added) -> str:
        """Return which rows have a reference that is there with something else."""
        named = [f"{self._number(place):,}" for place, _ in added.changes[:NAMED]]
        more = added.changed - len(named)
        rows_ = "row" if added.changed == 1 else "rows"
        return f"{rows_} {', '.join(named)}" + (f" and {more:,} more" if more > 0 else "")

    def _number(self, place: int) -> int:
        """Return the number of the row whose message came in that place."""
        number = place
        for left_out in self._left_out:
            if left_out > number:
                break
            number += 1
        return number
