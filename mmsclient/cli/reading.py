"""Reading a listing to its end: rows are shown as they come, and the end is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import attrs
import typer

from mmsclient.cli import streams
from mmsclient.cli.account import announce
from mmsclient.cli.say import INTERRUPTED, REFUSED, USAGE, errors, explained, rows, stop
from mmsclient.cli.shown import Form, writer
from mmsclient.client import Client
from mmsclient.errors import InvalidMessageError, MMSClientError, UnsupportedError
from mmsclient.paging import Pages
from mmsclient.services.base import Service
from mmsclient.wire import PagedCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmsclient.paging import PagesReport

Params = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="NAME=VALUE", help="A parameter of the listing; repeatable."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="CSV with a heading.")]
Plain = Annotated[bool, typer.Option("--plain", help="Plain lines, also on a terminal.")]


def form(*, as_json: bool, as_csv: bool) -> Form:
    """Return how rows are written."""
    if as_json and as_csv:
        stop("give --json or --csv, not both")
    return Form.json if as_json else Form.csv if as_csv else Form.lines


@attrs.define(kw_only=True)
class Reading:
    """One listing on its way to standard output. All of it is shown before ``after`` is made."""

    client: Client[Service]
    listing: PagedCall[Any] = attrs.field(repr=False)
    form: Form
    start: int = 1
    plain: bool = False
    shown: int = 0
    pages: Pages[Any] | None = attrs.field(default=None, init=False)

    def run(self, after: Callable[[Client[Service]], Any] | None = None) -> None:
        """Show all rows, then await *after*; end the command where something goes wrong."""
        announce(self.client, "reading from")
        try:
            asyncio.run(self._run(after))
        except KeyboardInterrupt:
            errors().print(f"interrupted after {rows(self.shown)}{self.further()}")
            raise typer.Exit(INTERRUPTED) from None
        except OSError as error:
            stop(f"cannot go on: {error.strerror or type(error).__name__}{self.further()}")
        except (UnsupportedError, InvalidMessageError) as error:
            failed(error, USAGE)
        except MMSClientError as error:
            failed(error, REFUSED, self.further())

    async def _run(self, after: Callable[[Client[Service]], Any] | None) -> None:
        async with self.client:
            with streams.honest() as file:
                await self._show(writer(self.form, file, plain=self.plain), file.flush)
            self._conclude()
            if after is not None:
                await after(self.client)

    async def _show(self, write: Callable[[Any], None], flush: Callable[[], None]) -> None:
        self.pages = self.client.pages(self.listing, start=self.start)
        async with self.pages:
            async for page in self.pages.pages():
                for row in page.items:
                    write(row)
                    self.taken(row)
                flush()
                self.shown += len(page.items)

    def taken(self, row: Any) -> None:
        """Hear of a row that was written."""

    def further(self) -> str:
        """Return what is to be said where a reading breaks off."""
        page = self.start if self.pages is None else self.pages.position
        return f"; --start {page} goes on there" if page > 1 else ""

    def _conclude(self) -> None:
        report = None if self.pages is None else self.pages.report
        told = 0 if report is None else report.pages
        errors().print(f"{rows(self.shown)} on {told:,} {'page' if told == 1 else 'pages'}")
        if report is not None and (doubt := _doubt(report)):
            errors().print(doubt, style="yellow")


def _doubt(report: PagesReport) -> str:
    if report.doubtful:
        return "the listing moved too fast: rows may be missing, read it again"
    if report.moved and not report.again:
        return "the listing moved while it was read: rows may be missing or come twice"
    return ""


def failed(error: MMSClientError, code: int, more: str = "") -> NoReturn:
    """Say why a call that sends nothing failed, and end the command."""
    console = errors()
    first, *rest = explained(error, sent=False)
    console.print(f"error: {first}{more}", style="red")
    for line in rest:
        console.print(f"  {line}")
    raise typer.Exit(code)
