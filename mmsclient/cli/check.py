"""``mmsclient check``: what a service would hold against messages, without sending any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import attrs
import typer
from rich.console import Console

from mmsclient.cli import table
from mmsclient.cli.account import Account  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.calls import Batch, Calls
from mmsclient.cli.given import Given  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.remarks import Remarks
from mmsclient.cli.say import DONE, REFUSED, errors, lasting, masked, out, rows, stop
from mmsclient.cli.shared import Shared
from mmsclient.errors import InvalidMessageError
from mmsclient.messages import Advice, Check
from mmsclient.numbers import clean_number
from mmsclient.services.base import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmsclient.cli.table import Row

Recipients = Annotated[
    str | None,
    typer.Argument(metavar="RECIPIENTS.CSV", help="A row per message; - reads standard input."),
]
ShowNumbers = Annotated[bool, typer.Option("--show-numbers", help="Show numbers in full.")]
#: What a quote that was forgotten, and closed by one of a later row, has made of several rows.
_SWALLOWED = "holds a line that looks like a row: look for a quote that is never closed"

Lines = Annotated[int, typer.Option("--lines", min=0, help="Remarks to show at most; 0: all.")]


def check(
    context: typer.Context,
    given: Given,
    account: Account,
    *,
    recipients: Recipients = None,
    show_numbers: ShowNumbers = False,
    lines: Lines = 100,
    batch: Batch = None,
) -> None:
    """Judge messages by the published rules, and estimate the time, without sending.

    Takes a CSV file as `bulk` does, or the options of `send`. Needs no key.

    Row N is the Nth row of data: the heading is not counted.

    Exit codes: 0 no faults, 1 faults, 2 usage, 130 interrupted, 70 a defect of mmsclient.
    """
    service = account.over(context.obj).offered(offline=True)
    console, shared = out(), given.shared()
    report = _Report(
        service=service,
        console=console,
        numbers=show_numbers,
        remarks=Remarks(console, lines),
        shared=shared,
        calls=Calls(service, batch),
    )
    if recipients is None and not any(attrs.astuple(shared, recurse=False)):
        errors().print(context.get_usage())
        stop("give a CSV file, or the options of a message")
    if recipients is None:
        report.judge(table.Row(1, shared.cells))
    else:
        for row in _rows(recipients, shared.columns):
            report.judge(row)
    report.conclude()
    raise typer.Exit(REFUSED if report.faulty else DONE)


def _rows(source: str, ready: tuple[str, ...]) -> Iterator[Row]:
    with table.opened(source) as file:
        yield from table.read(file, source, ready=ready)


@attrs.define(kw_only=True)
class _Report:
    """What is said, as rows go by."""

    service: Service
    console: Console = attrs.field(repr=False)
    numbers: bool
    remarks: Remarks
    shared: Shared
    calls: Calls
    total: int = 0
    faulty: int = 0
    advised: int = 0
    again: int = 0
    _first: dict[str, int] = attrs.field(factory=dict, init=False, repr=False)

    def judge(self, row: Row) -> None:
        cells = self.shared.filled(row)
        verdict = self._verdict(row)
        self.total += 1
        self.faulty += not verdict.ok
        self.advised += bool(verdict.advice)
        for fault in verdict.faults:
            self._say(row, cells, "fault", str(fault))
        for advice in verdict.advice:
            self._say(row, cells, "advice", str(advice))
        self._compare(row, cells)

    def _verdict(self, row: Row) -> Check:
        try:
            message = self.shared.message(row)
        except InvalidMessageError as error:
            return Check(faults=error.faults)
        verdict = self.service.check(message)
        if verdict.ok:
            self.calls.add(message)
        odd = tuple(Advice(column, _SWALLOWED) for column in table.swallowed(row))
        return attrs.evolve(verdict, advice=(*verdict.advice, *odd))

    def _compare(self, row: Row, cells: dict[str, str]) -> None:
        try:
            number = clean_number(cells.get("to", ""))
        except InvalidMessageError:
            return
        before = self._first.setdefault(number, row.number)
        if before != row.number:
            self.again += 1
            self._say(row, cells, "twice", f"to: the same number as row {before:,}")

    def _say(self, row: Row, cells: dict[str, str], word: str, text: str) -> None:
        number = cells.get("to", "")
        self.remarks.say(row.number, number if self.numbers else masked(number), word, text)

    def conclude(self) -> None:
        self.remarks.conclude()
        good, rate = self.total - self.faulty, self.service.rate
        self.console.print(
            f"{rows(self.total)}: {self.faulty:,} with faults, {self.advised:,} with advice,"
            f" {self.again:,} to a number that came before"
        )
        calls = self.calls.count()
        shared = "" if calls == good else f" in {calls:,} {'call' if calls == 1 else 'calls'}"
        took = lasting(calls * rate.interval)
        pace = f"{1 / rate.interval:g} a second"
        self.console.print(f"{good:,} to send{shared}: about {took} at {pace}")
