"""Reading a listing ahead: bounded, in order, and nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import weakref
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest
from fakes import PlainService, ScriptedTransport
from servers import request, serve, whole

from mmsclient.client import Client
from mmsclient.errors import ListingError, RefusedError
from mmsclient.outcomes import Page
from mmsclient.paging import Pages
from mmsclient.wire import PagedCall

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def numbers(key: Any = None) -> PagedCall[int]:
    """Return a listing whose calls are the numbers of its pages: who fetches knows what to do."""

    def page(number: int) -> Any:
        return number

    return PagedCall(operation="list", page=page, key=key)


class Desk:
    """Serves the pages of a listing; each waits until it is let go, unless all are free."""

    def __init__(self, count: int | None, *, last: int = 50, free: bool = True) -> None:
        self.count = count
        self.last = last
        self.asked: list[int] = []
        self.under_way: set[int] = set()
        self.cancelled: list[int] = []
        self.broken: dict[int, Exception] = {}
        self.total: int | None = None
        self.alive: weakref.WeakSet[Page[int]] = weakref.WeakSet()
        self.free = asyncio.Event()
        if free:
            self.free.set()

    async def fetch(self, number: Any) -> Page[int]:
        self.asked.append(number)
        self.under_way.add(number)
        try:
            await self.free.wait()
        except asyncio.CancelledError:
            self.cancelled.append(number)
            raise
        finally:
            self.under_way.discard(number)
        if number in self.broken:
            raise self.broken[number]
        rows = (number * 2, number * 2 + 1) if number <= self.last else ()
        page = Page(rows, number, self.count, self.total)
        self.alive.add(page)
        return page

    async def reached(self, number: int) -> None:
        """Wait until page *number* is the furthest asked for and all that were asked have come."""
        await until(lambda: max(self.asked) == number and not self.under_way)

    def listing(self, read_ahead: int, *, key: Any = None, **terms: Any) -> Pages[int]:
        return Pages(numbers(key), self.fetch, read_ahead=read_ahead, **terms)


def ahead() -> int:
    """Count the tasks that read ahead."""
    return sum(task.get_name() == "mmsclient page read ahead" for task in asyncio.all_tasks())


async def until(true: Callable[[], bool]) -> None:
    """Let the loop turn until something is so; a thousand turns are too many."""
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0)
    raise AssertionError


async def test_rows_come_in_order_and_each_page_is_asked_for_once() -> None:
    desk = Desk(5)
    assert [row async for row in desk.listing(3)] == list(range(2, 12))
    assert desk.asked == [1, 2, 3, 4, 5]


async def test_so_many_pages_are_on_their_way_while_rows_are_worked_on() -> None:
    desk = Desk(20)
    async for row in desk.listing(3):
        await desk.reached(min(20, row // 2 + 3))
    assert len(desk.asked) == 20


async def test_the_first_answer_is_waited_for_and_a_count_is_never_exceeded() -> None:
    desk = Desk(3, free=False)
    listing = desk.listing(10)
    first = asyncio.ensure_future(anext(aiter(listing)))
    await until(lambda: desk.asked == [1])
    desk.free.set()
    assert await first == 2
    await until(lambda: desk.asked == [1, 2, 3])
    await listing.aclose()


async def test_where_no_pages_are_counted_only_so_many_calls_go_beyond_the_end() -> None:
    desk = Desk(None, last=4)
    assert len([row async for row in desk.listing(3)]) == 8
    assert len(desk.asked) <= 5 + 3


async def test_reading_ahead_keeps_to_the_most_pages() -> None:
    desk = Desk(None)
    with pytest.raises(ListingError):
        async for row in desk.listing(3, most_pages=5):
            await desk.reached(min(5, row // 2 + 3))
    assert desk.asked == [1, 2, 3, 4, 5]


async def test_the_calls_of_many_pages_keep_to_the_connections_of_bulk_work() -> None:
    service, transport = PlainService(), ScriptedTransport(latency=0.001)
    client = Client(service, rate=1000, transport=transport, connections=4)
    pages = {n: Page((n,), n, 40) for n in range(1, 41)}
    async with client.pages(service.listing(pages), read_ahead=12) as listing:
        assert [row async for row in listing] == list(range(1, 41))
    assert len(transport.arrived) == 40
    assert transport.most_under_way == 3


# -- errors ---------------------------------------------------------------------------------------


async def test_an_error_is_raised_when_its_page_is_due() -> None:
    desk = Desk(9)
    desk.broken[3] = RefusedError("no")
    rows: list[int] = []
    with pytest.raises(RefusedError):
        async for row in desk.listing(4):
            await desk.reached(row // 2 + 4)
            rows.append(row)
    assert rows == [2, 3, 4, 5]
    assert desk.asked == [1, 2, 3, 4, 5, 6]
    assert ahead() == 0


async def test_an_error_beyond_the_end_is_nobodys() -> None:
    desk = Desk(None, last=2)
    desk.broken[4] = RefusedError("no such page")
    listing = desk.listing(3)
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    rows = []
    async for row in listing:
        await desk.reached(row // 2 + 3)
        rows.append(row)
    assert rows == [2, 3, 4, 5]
    assert listing.report.ended == "no rows"
    assert ahead() == 0
    gc.collect()
    assert not told


async def test_a_call_that_is_cancelled_from_inside_does_not_pass_for_the_readers_own() -> None:
    desk = Desk(9)
    desk.broken[2] = asyncio.CancelledError()  # type: ignore[assignment]  # what a foreign scope throws
    with pytest.raises(RuntimeError, match="cancelled"):
        _ = [row async for row in desk.listing(2)]
    assert ahead() == 0


# -- leaving --------------------------------------------------------------------------------------


async def leave_by_break(listing: Pages[int]) -> None:
    async for _ in listing:
        break


async def leave_pages_by_break(listing: Pages[int]) -> None:
    async for _ in listing.pages():
        break


async def leave_by_return(listing: Pages[int]) -> int | None:
    async for row in listing:
        return row
    return None


async def leave_by_exception(listing: Pages[int]) -> None:
    with pytest.raises(LookupError):
        async for _ in listing:
            raise LookupError


async def leave_by_closing(listing: Pages[int]) -> None:
    async with aclosing(aiter(listing)) as rows:
        async for _ in rows:
            break


async def leave_the_block(listing: Pages[int]) -> None:
    async with listing:
        rows = aiter(listing)
        await anext(rows)
    assert ahead() == 0
    with pytest.raises(RuntimeError, match="closed"):
        while True:
            await anext(rows)


async def leave_by_cancelling(listing: Pages[int]) -> None:
    reached = asyncio.Event()

    async def consume() -> None:
        async for _ in listing:
            reached.set()

    task = asyncio.create_task(consume())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ahead() == 0


@pytest.mark.parametrize(
    "leave",
    [
        leave_by_break,
        leave_pages_by_break,
        leave_by_return,
        leave_by_exception,
        leave_by_closing,
        leave_the_block,
        leave_by_cancelling,
    ],
)
async def test_leaving_early_leaves_nothing_behind(
    leave: Callable[[Pages[int]], Awaitable[Any]],
) -> None:
    desk = Desk(9)
    listing = desk.listing(3)

    async def stuck(number: Any) -> Page[int]:
        if number > 1:
            desk.free.clear()
        return await desk.fetch(number)

    listing._fetch = stuck
    await leave(listing)
    await until(lambda: ahead() == 0)
    asked = list(desk.asked)
    # Those that had begun were cancelled in the middle; no other begins.
    assert sorted(desk.cancelled) == [number for number in asked if number > 1]
    assert not desk.under_way
    await until(lambda: ahead() == 0)
    assert desk.asked == asked


async def test_a_second_cancellation_does_not_cut_the_clearing_up_short() -> None:
    loose = asyncio.Event()
    ended: list[int] = []

    async def stubborn(number: Any) -> Page[int]:
        if number == 1:
            return Page((1,), 1, 9)
        try:
            await asyncio.Event().wait()
        finally:
            await loose.wait()
            ended.append(number)
        raise AssertionError

    async def consume() -> None:
        async for _ in Pages(numbers(), stubborn, read_ahead=2):
            pass

    task = asyncio.create_task(consume())
    await until(lambda: ahead() == 2)
    for _ in range(3):
        await asyncio.sleep(0)
        task.cancel()
    loose.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(ended) == [2, 3]
    assert ahead() == 0


async def test_pages_that_were_read_ahead_are_not_kept() -> None:
    desk = Desk(500, last=500)
    most = 0
    async for row in desk.listing(4):
        await desk.reached(min(500, row // 2 + 4))
        most = max(most, len(desk.alive))
    # Those ahead, the one at hand, and the two whose rows are compared.
    assert most <= 4 + 1 + 2


async def test_a_listing_that_moves_is_no_longer_read_ahead() -> None:
    desk = Desk(8)
    desk.total = 100
    listing = desk.listing(2, key=int)
    rows = []
    async for row in listing:
        rows.append(row)
        if listing.report.moved == 0:
            await desk.reached(row // 2 + 2)
        if row == 4:
            desk.total = 99
    assert rows == list(range(2, 18))
    # Page 5 tells of a move. Page 6 had been read before that was known: it does not count.
    assert desk.asked == [1, 2, 3, 4, 5, 6, 4, 6, 5, 7, 6, 8, 7]
    assert (listing.report.moved, listing.report.again) == (1, 4)
    assert ahead() == 0


async def test_over_real_sockets_a_reading_that_is_left_closes_its_calls() -> None:
    open_calls = 0

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Any) -> None:
        nonlocal open_calls
        while True:
            number = (await request(reader, seen)).rpartition(b"\r\n")[2]
            if number != b"1":
                open_calls += 1
                await reader.read()  # until the client hangs up
                open_calls -= 1
                return
            writer.write(whole(b"ok"))

    async with serve(behave) as server:
        service = PlainService(url=server.url)
        pages = {n: Page((n,), n, 9) for n in range(1, 10)}
        async with Client(service, rate=1000) as client:
            async with client.pages(service.listing(pages), read_ahead=3) as listing:
                async for _ in listing:
                    async with asyncio.timeout(5):
                        while open_calls < 3:
                            await asyncio.sleep(0.001)
                    break
            async with asyncio.timeout(5):
                while open_calls:
                    await asyncio.sleep(0.001)
            assert client.stats.in_flight == 0
    assert len(server.requests) == 4
