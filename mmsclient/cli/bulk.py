"""``mmsclient bulk``: a message per row of a CSV file."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import attrs
import typer

from mmsclient.cli import table
from mmsclient.cli.account import (
    Account,
    announce,
)
from mmsclient.cli.calls import Batch, Calls
from mmsclient.cli.given import Words  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.interrupt import Interrupts
from mmsclient.cli.progress import Board, Tally
from mmsclient.cli.record import STDOUT, Record
from mmsclient.cli.repeats import LIMIT, Repeats
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
from mmsclient.cli.shared import Shared
from mmsclient.cli.table import Row, Table
from mmsclient.errors import AuthenticationError, InvalidMessageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from mmsclient.bulk import Bulk
    from mmsclient.client import Client
    from mmsclient.messages import Message
    from mmsclient.outcomes import Outcome
    from mmsclient.services.base import Service

Recipients = Annotated[
    str, typer.Argument(metavar="RECIPIENTS.CSV", help="A row per message; - reads standard input.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", help="Where outcomes go; - is standard output. [RECIPIENTS.outcomes.csv]"
    ),
]
SkipRepeated = Annotated[
    bool,
    typer.Option(
        "--skip-repeated",
        help=f"Send only the first row of each number, among the first {LIMIT:,} numbers.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite that file.")]
Width = Annotated[
    int | None,
    typer.Option(
        "--max-in-flight",
        min=1,
        help="Messages on their way at once; by rate and latency if left out.",
    ),
]
StopOnAuth = Annotated[
    bool, typer.Option("--stop-on-auth/--no-stop-on-auth", help="End when the key is refused.")
]
Plain = Annotated[bool, typer.Option("--plain", help="Plain lines, also on a terminal.")]


@attrs.frozen(kw_only=True)
class Manner:
    """How a list is sent."""

    max_in_flight: Width = None
    batch: Batch = None
    stop_on_auth: StopOnAuth = True

    def stream(self, client: Client[Service], messages: AsyncIterator[Message]) -> Bulk:
        """Return the outcomes of *messages*, to be entered."""
        return client.send_many(
            messages,
            max_in_flight=self.max_in_flight,
            batch=self.batch,
            stop_on=AuthenticationError if self.stop_on_auth else (),
        )


def bulk(
    context: typer.Context,
    recipients: Recipients,
    words: Words,
    manner: Manner,
    account: Account,
    *,
    out_file: Out = None,
    force: Force = False,
    skip_repeated: SkipRepeated = False,
    plain: Plain = False,
) -> None:
    """Send a message per row, at the account's rate, and write every outcome to a CSV file.

    Columns are fields: from, to, text, subject, image, slide_text, fallback_text, reference,
    template, text.1, data.first_name and so on. Options fill what a row leaves empty. The first
    Ctrl-C, or SIGTERM, starts nothing new and waits for what is on its way, the second ends at
    once.

    TransmitSMS and Cellcast take several messages in one call, which is what the rate counts; if
    its answer is lost, what became of all of them is not known. --batch 1 gives each its own.

    Row N, in all that is said, is the Nth row of data: the heading is not counted.

    Exit codes: 0 all accepted, 1 some refused or not sent, 2 usage, 3 some not known,
    130 interrupted, 70 a defect of mmsclient.
    """
    client = account.over(context.obj).open()
    shared = words.shared()
    tally = Tally(table.total(recipients, ready=shared.columns))
    with table.opened(recipients) as file:
        source = table.read(file, recipients, ready=shared.columns)
        with Record(_target(recipients, out_file), force=force) as record:
            job = _Job(
                source=source,
                waits=table.blocks(recipients),
                shared=shared,
                record=record,
                tally=tally,
                skip_repeated=skip_repeated,
            )
            announce(client)
            batched = Calls(client.service, manner.batch).size > 1
            board = Board(tally, lambda: client.stats, errors(plain=plain), batched=batched)
            asyncio.run(job.run(client, manner.stream(client, job.messages()), board))
    raise typer.Exit(job.report(_target(recipients, out_file)))


def _target(recipients: str, given: Path | None) -> Path:
    name = Path("stdin.csv" if recipients == table.STDIN else recipients)
    target = given or name.with_name(f"{name.stem}.outcomes.csv")
    if str(target) == STDOUT:
        return target
    if target.exists() and name.exists() and target.samefile(name):
        stop("--out is the file of recipients itself")
    return target


@attrs.define(kw_only=True)
class _Job:
    """One run: from rows to messages, from outcomes to lines."""

    source: Table = attrs.field(repr=False)
    waits: bool
    shared: Shared
    record: Record
    tally: Tally
    skip_repeated: bool
    repeats: Repeats = attrs.field(factory=Repeats)
    read: int = 0
    unwritten: int = 0
    """Outcomes for which no line could be written."""
    interrupted: int = 0
    trouble: Exception | None = None
    seconds: float = 0.0
    _under_way: dict[int, Row] = attrs.field(factory=dict, init=False, repr=False)

    async def run(self, client: Client[Service], stream: Bulk, board: Board) -> None:
        """Send everything; what goes wrong on the way stays in ``trouble``."""
        clock = asyncio.get_running_loop().time
        began = clock()
        interrupts = Interrupts(lambda count: self._interrupted(count, board))
        with interrupts.heard(), interrupts.taken():
            async with client, board.shown(), stream:
                with interrupts.taken():
                    await self._take(stream)
        for outcome in stream.late:
            with contextlib.suppress(OSError):
                self._settle(outcome)
        self.seconds = clock() - began

    async def _take(self, stream: AsyncIterator[Outcome]) -> None:
        try:
            async for outcome in stream:
                self._settle(outcome)
        except (AuthenticationError, OSError) as error:
            self.trouble = error

    async def messages(self) -> AsyncIterator[Message]:
        """Yield a message for each row that makes one; the others are told at once."""
        async for row in table.lazily(self.source, waits=self.waits):
            self.read = row.number
            try:
                message = self.shared.message(row)
            except InvalidMessageError as error:
                self.record.add_faulty(row, error)
                self.tally.refuse(error)
                continue
            if self.repeats.again(message.to) and self.skip_repeated:
                self.record.add_skipped(row)
                self.tally.skipped += 1
                continue
            self._under_way[id(message)] = row
            yield message

    def _settle(self, outcome: Outcome) -> None:
        self.tally.add(outcome)
        try:
            self.record.add(self._under_way.pop(id(outcome.message)), outcome)
        except OSError:
            self.unwritten += 1
            raise

    def _interrupted(self, count: int, board: Board) -> None:
        self.interrupted = count
        if count == 1:
            board.interrupted()

    def report(self, path: Path) -> int:
        """Say what became of the rows, and return the exit code."""
        tally, piped = self.tally, str(path) == STDOUT
        place = "standard output" if piped else str(path)
        where = f"written to {place}" if piped else f"see {place}"
        summary = errors() if piped else out()
        skipped = f", {tally.skipped:,} skipped" if tally.skipped else ""
        summary.print(
            f"{tally.accepted:,} accepted, {tally.refused:,} refused, {tally.unknown:,} unknown"
            f"{skipped} in {lasting(self.seconds)}: {where}"
        )
        for line in self._remarks():
            summary.print(line)
        self._shortfall(place)
        return self._code(self._unsent())

    def _remarks(self) -> Iterator[str]:
        yield from self.tally.why_refused.listed("refused")
        yield from self.tally.why_unknown.listed("unknown")
        if self.tally.unknown:
            yield "  look for their delivery reports; they are not sent again"
        if self.repeats.count:
            became = "skipped" if self.skip_repeated else "taken as any other"
            yield f"{rows(self.repeats.count)} to a number that stood there before: {became}"
        if self.repeats.full:
            yield f"numbers after the first {self.repeats.limit:,} were not looked at for repeats"

    def _unsent(self) -> int:
        return (self.tally.total or self.read) - self.tally.done

    def _shortfall(self, place: str) -> None:
        unsent = self._unsent()
        if self.trouble is not None:
            self._explain(self.trouble)
        if self.unwritten:
            errors().print(f"{rows(self.unwritten)} without a line in {place} may have been sent")
        if unsent or self.interrupted:
            known = self.tally.total is not None
            rest = "" if known else f", nor what follows row {self.read:,}"
            errors().print(f"{rows(unsent)} not sent{rest}: none of them has a line in {place}")

    def _explain(self, trouble: Exception) -> None:
        if isinstance(trouble, AuthenticationError):
            lines = explained(trouble)
        else:
            lines = [
                f"cannot go on: {getattr(trouble, 'strerror', None) or type(trouble).__name__}"
            ]
        for line in lines:
            errors().print(f"error: {line}", style="red")

    def _code(self, unsent: int) -> int:
        if self.tally.unknown or self.unwritten:
            return UNKNOWN
        if self.interrupted:
            return INTERRUPTED
        if isinstance(self.trouble, OSError):
            return USAGE
        return REFUSED if self.tally.refused or unsent else DONE
