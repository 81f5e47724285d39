"""``mmsclient check``: what a service would hold against messages, without sending any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import attrs
import typer
from rich.console import Console
from rich.text import Text

from mmsclient.cli import fields, table
from mmsclient.cli.account import Account  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.calls import Batch, Calls
from mmsclient.cli.given import Given  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.say import DONE, REFUSED, errors, lasting, masked, out, rows, stop
from mmsclient.errors import InvalidMessageError
from mmsclient.messages import Check, File, Slide
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
    report = _Report(
        service=service,
        console=out(),
        numbers=show_numbers,
        limit=lines,
        shared=_Shared(given.cells(), given.pages(), given.picture()),
        calls=Calls(service, batch),
    )
    defaults = report.shared.cells
    if recipients is None and not any(attrs.astuple(report.shared, recurse=False)):
        errors().print(context.get_usage())
        stop("give a CSV file, or the options of a message")
    if recipients is None:
        report.judge(table.Row(1, defaults))
    else:
        for row in _rows(recipients, tuple(defaults)):
            report.judge(row)
    report.conclude()
    raise typer.Exit(REFUSED if report.faulty else DONE)


def _rows(source: str, ready: tuple[str, ...]) -> Iterator[Row]:
    with table.opened(source) as file:
        yield from table.read(file, source, ready=ready)


@attrs.frozen
class _Shared:
    """What all rows share."""

    cells: dict[str, str] = attrs.field(repr=False)
    slides: tuple[Slide, ...] = attrs.field(repr=False)
    image: File | None = attrs.field(repr=False)


@attrs.define(kw_only=True)
class _Report:
    """What is said, as rows go by."""

    service: Service
    console: Console = attrs.field(repr=False)
    numbers: bool
    limit: int
    shared: _Shared
    calls: Calls
    total: int = 0
    faulty: int = 0
    advised: int = 0
    again: int = 0
    said: int = 0
    _first: dict[str, int] = attrs.field(factory=dict, init=False, repr=False)

    def judge(self, row: Row) -> None:
        filled = {name: value for name, value in row.cells.items() if value.strip()}
        cells = {**self.shared.cells, **filled}
        verdict = self._verdict(row, cells)
        self.total += 1
        self.faulty += not verdict.ok
        self.advised += bool(verdict.advice)
        for fault in verdict.faults:
            self._say(row, cells, "fault", str(fault), "red")
        for advice in verdict.advice:
            self._say(row, cells, "advice", str(advice), "yellow")
        self._compare(row, cells)

    def _verdict(self, row: Row, cells: dict[str, str]) -> Check:
        if row.fault:
            return Check(faults=(row.fault,))
        try:
            message = fields.message(cells, self.shared.slides, self.shared.image)
        except InvalidMessageError as error:
            return Check(faults=error.faults)
        verdict = self.service.check(message)
        if verdict.ok:
            self.calls.add(message)
        return verdict

    def _compare(self, row: Row, cells: dict[str, str]) -> None:
        try:
            number = clean_number(cells.get("to", ""))
        except InvalidMessageError:
            return
        before = self._first.setdefault(number, row.number)
        if before != row.number:
            self.again += 1
            self._say(row, cells, "twice", f"to: the same number as row {before:,}", "cyan")

    def _say(self, row: Row, cells: dict[str, str], word: str, text: str, style: str) -> None:
        self.said += 1
        if self.limit and self.said > self.limit:
            return
        number = cells.get("to", "") if self.numbers else masked(cells.get("to", ""))
        who = f"row {row.number:,}  {number}  "
        self.console.print(Text.assemble(who, (f"{word}  ", style), text))

    def conclude(self) -> None:
        hidden = self.said - self.limit if self.limit else 0
        if hidden > 0:
            self.console.print(f"… and {hidden:,} more: --lines 0 shows all")
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
