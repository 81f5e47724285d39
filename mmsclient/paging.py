"""Listings, page by page or row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator

    from mmsclient.outcomes import Page
    from mmsclient.wire import Call, PagedCall

T = TypeVar("T")


class Pages(Generic[T]):
    """A listing, read lazily: one call per page, made when its rows are wanted.

    ``async for row in listing`` gives rows, ``async for page in listing.pages()`` gives pages,
    ``await listing`` gives the first page.
    """

    def __init__(
        self,
        listing: PagedCall[T],
        fetch: Callable[[Call[Page[T]]], Awaitable[Page[T]]],
        *,
        start: int = 1,
    ) -> None:
        if start < 1:
            raise ValueError("start must be at least 1: pages are counted from 1")
        self._listing = listing
        self._fetch = fetch
        self._start = start

    def __aiter__(self) -> AsyncIterator[T]:
        return self._rows()

    def __await__(self) -> Generator[object, None, Page[T]]:
        return self._page(self._start).__await__()

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Yield the pages, until the listing ends.

        It ends with an empty page, with the last page that the service counts, with a page
        shorter than asked for where the service promises that, and with a page that repeats the
        one before it: a service that always offers one more page cannot make it endless.
        """
        number, before = self._start, None
        while True:
            page = await self._page(number)
            if before is not None and page.items == before.items:
                return
            if page.items:
                yield page
            if self._last(page, number):
                return
            number, before = number + 1, page

    async def _rows(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for row in page.items:
                yield row

    async def _page(self, number: int) -> Page[T]:
        return await self._fetch(self._listing.page(number))

    def _last(self, page: Page[T], number: int) -> bool:
        if not page.items or (page.count is not None and number >= page.count):
            return True
        return self._listing.size is not None and len(page.items) < self._listing.size
