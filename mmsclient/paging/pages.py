"""Listings, page by page or row by row."""

from __future__ import annotations

import inspect
from contextlib import aclosing
from typing import TYPE_CHECKING, Generic, TypeVar

from mmsclient.errors import ListingError
from mmsclient.paging.ahead import Ahead
from mmsclient.paging.reading import Reading

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
    from types import TracebackType
    from typing import Self

    from mmsclient.outcomes import Page
    from mmsclient.paging.report import PagesReport
    from mmsclient.wire import Call, PagedCall

T = TypeVar("T")

#: Calls that one reading makes at most, unless the caller says otherwise.
MOST_PAGES = 100_000


class Pages(Generic[T]):
    """A listing, read lazily: one call per page, made when its rows are wanted.

    ``async for row in listing`` gives rows, ``async for page in listing.pages()`` gives pages,
    ``await listing`` gives the first page. Each loop is a reading of its own, from *start* on;
    ``position`` and ``report`` speak of the last one begun.

    *It ends* with the last page that the service counts (a count that grows is followed), a page
    shorter than asked for where the service promises that, a page without rows, another page
    than the one asked for, a page equal to one of the two before it while nothing moved (where
    rows have ids, or the service does not count pages), or 100 pages in a row with nothing new. ``report.ended`` tells which. If there is more after
    *most_pages* calls, a :class:`ListingError` is raised: a listing is not cut short silently.

    *It may move*: no service promises a snapshot. Where the listing has a ``key``, no row is
    given twice, as far as the last 10,000 rows tell. Once rows come twice, or count or total
    change, it is read with care: unless two pages overlap, which proves that nothing is between
    them, the former is read again after the latter, and if need be those before it, because rows
    removed in front move the rest up. So every row that is there from first to last is given if
    the service tells the total and the listing only grew or only shrank between any two calls.
    Care costs two to three calls per page, and rows found by it come a page late. Where a
    listing never rests, ``report.doubtful`` counts the places at which rows may be missing.

    *What is not noticed* leaves no trace: rows removed in front while as many were added between
    the same two calls, and without a total rows removed before a count changed or a row came
    twice. Without a key nothing can be made good: if ``report.moved`` is not 0, rows may be
    missing or come twice. A row whose key is None or empty is always given.

    *It can be resumed*: ``position`` is the last page all of whose rows were taken, or *start*
    before there is one, and *checkpoint* is told each position before the next row is given. A
    row is taken when the next one is asked for. Reading again with ``start=position`` gives the
    rows of that page a second time, and those taken since. It loses none, unless more than a
    page of rows was removed in front in the meantime.

    *Reading ahead* has up to *read_ahead* pages on their way or waiting while rows are worked
    on, behind the limiter as all calls. An error among them is raised when its page is due.
    Where the service counts no pages, as many calls can go beyond the end. What is read with
    care is not read ahead; until then, what is said of any two calls above is said of the calls
    for any two pages next to each other. Leaving a loop cancels what is on its way as soon as the loop's
    iterator is dropped; leaving ``async with listing:`` waits until it is gone.
    """

    def __init__(
        self,
        listing: PagedCall[T],
        fetch: Callable[[Call[Page[T]]], Awaitable[Page[T]]],
        *,
        start: int = 1,
        checkpoint: Callable[[int], object] | None = None,
        read_ahead: int = 0,
        most_pages: int = MOST_PAGES,
    ) -> None:
        if checkpoint is not None and not callable(checkpoint):
            raise TypeError("checkpoint must be a callable that takes the number of a page")
        self._listing = listing
        self._fetch = fetch
        self._start = _whole("start", start, 1)
        self._checkpoint = checkpoint
        self._width = _whole("read_ahead", read_ahead, 0)
        self._most = _whole("most_pages", most_pages, 1)
        self._reading = Reading(listing, start)
        self._open: set[Ahead[T]] = set()
        self._closed = False

    @property
    def position(self) -> int:
        """The page to start from another time: the last one all of whose rows were taken."""
        return self._reading.position

    @property
    def report(self) -> PagesReport:
        """What became of the reading so far."""
        return self._reading.report

    def __aiter__(self) -> AsyncGenerator[T]:
        return self._rows()

    def __await__(self) -> Generator[object, None, Page[T]]:
        return self._page(self._start).__await__()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """End all readings of this listing; nothing of them is on its way afterwards."""
        self._closed = True
        for ahead in list(self._open):
            await ahead.aclose()

    async def pages(self) -> AsyncGenerator[Page[T]]:
        """Yield the pages that have new rows, until the listing ends.

        Raises:
            CallError: a page could not be read.
            ListingError: the listing goes on after *most_pages* calls.
        """
        self._reading = reading = Reading(self._listing, self._start)
        ahead = Ahead(self._page, self._width)
        self._open.add(ahead)
        try:
            while reading.wanted is not None:
                self._insist_on_end(reading)
                page = reading.take(await ahead.page(reading.wanted))
                await ahead.expect(reading.foreseen[: self._most - reading.report.pages])
                if page.items:
                    yield page
                await self._pass(reading)
        finally:
            self._open.discard(ahead)
            await ahead.aclose()

    async def _rows(self) -> AsyncGenerator[T]:
        async with aclosing(self.pages()) as pages:
            async for page in pages:
                for row in page.items:
                    yield row

    async def _page(self, number: int) -> Page[T]:
        if self._closed:
            raise RuntimeError("this listing was closed: call client.pages again")
        return await self._fetch(self._listing.page(number))

    async def _pass(self, reading: Reading[T]) -> None:
        if reading.passes() and self._checkpoint is not None:
            told = self._checkpoint(reading.position)
            if inspect.isawaitable(told):
                await told

    def _insist_on_end(self, reading: Reading[T]) -> None:
        if reading.report.pages >= self._most:
            raise ListingError(
                f"the listing goes on after most_pages={self._most} calls",
                operation=self._listing.operation,
                position=reading.position,
            )


def _whole(name: str, value: int, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number")
    if value < least:
        counted = ": pages are counted from 1" if name == "start" else ""
        raise ValueError(f"{name} must be at least {least}{counted}")
    return value
