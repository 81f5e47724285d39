"""Listings: rows, pages, the ways a listing ends, and going on where a reading broke off."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import PlainService, ScriptedTransport, answer

from mmsclient.client import Client
from mmsclient.errors import ListingError, RefusedError, UnsupportedError
from mmsclient.outcomes import Page
from mmsclient.paging import PagesReport


def reading(
    pages: Any, *, size: int | None = None, steps: Any = (), **terms: Any
) -> tuple[Any, ScriptedTransport]:
    transport = ScriptedTransport(steps)
    service = PlainService()
    client = Client(service, rate=1000, transport=transport)
    return client.pages(service.listing(pages, size=size), **terms), transport


THREE = {n: Page((n * 10, n * 10 + 1), n, 3) for n in (1, 2, 3)}


class Endless:
    """A service that always has one more page of new rows."""

    def get(self, number: int, default: Any) -> Page[int]:
        return Page((number,), number)


async def test_rows_come_from_all_pages_and_each_page_is_asked_for_once() -> None:
    listing, transport = reading(THREE)
    assert [row async for row in listing] == [10, 11, 20, 21, 30, 31]
    assert transport.arrived == ["1", "2", "3"]


async def test_pages_come_with_their_numbers() -> None:
    listing, _ = reading(THREE)
    assert [page.number async for page in listing.pages()] == [1, 2, 3]


async def test_pages_without_rows_are_not_given() -> None:
    listing, transport = reading({1: Page((1, 2)), 2: Page((), 2)})
    assert [page.number async for page in listing.pages()] == [1]
    assert transport.arrived == ["1", "2"]


async def test_awaiting_a_listing_gives_its_first_page() -> None:
    listing, transport = reading(THREE)
    assert (await listing).items == (10, 11)
    assert transport.arrived == ["1"]


async def test_reading_may_start_further_on() -> None:
    listing, transport = reading(THREE, start=3)
    assert [row async for row in listing] == [30, 31]
    assert transport.arrived == ["3"]


async def test_pages_are_read_only_as_far_as_they_are_wanted() -> None:
    listing, transport = reading(THREE)
    async for _ in listing:
        break
    assert transport.arrived == ["1"]


@pytest.mark.parametrize(
    ("pages", "size", "asked", "rows", "ended"),
    [
        ({}, None, 1, 0, "no rows"),
        ({1: Page((1, 2)), 2: Page((), 2)}, None, 2, 2, "no rows"),
        ({1: Page((1, 2)), 2: Page((), 0, 9)}, None, 2, 2, "no rows"),
        (THREE, None, 3, 6, "last page"),
        ({1: Page((1, 2), 1, 0)}, None, 1, 2, "last page"),
        ({1: Page((1, 2)), 2: Page((3,), 2)}, 2, 2, 3, "short page"),
        ({n: Page((1, 2), n) for n in range(1, 100)}, None, 2, 2, "repeated page"),
        ({n: Page((1, 2), n, 9) for n in range(1, 100)}, None, 9, 18, "last page"),
        ({n: Page((1, 2), n, 100) for n in range(1, 100)}, None, 11, 20, "repeated page"),
        ({n: Page((n % 2, 7), n) for n in range(1, 100)}, None, 3, 4, "repeated page"),
        ({n: Page((1, 2), 1) for n in range(1, 100)}, None, 2, 2, "other page"),
        ({1: Page((1, 2), 1, 9), 2: Page((3, 4), 7, 9)}, None, 2, 2, "other page"),
    ],
)
async def test_a_listing_ends(
    pages: dict[int, Page[int]], size: int | None, asked: int, rows: int, ended: str
) -> None:
    listing, transport = reading(pages, size=size)
    assert len([row async for row in listing]) == rows
    assert len(transport.arrived) == asked
    assert listing.report.ended == ended


async def test_the_report_tells_how_far_reading_has_come() -> None:
    listing, _ = reading({n: Page((n, -n), n, 3, 6) for n in (1, 2, 3)})
    assert listing.report == PagesReport()
    async for row in listing:
        if row == -2:
            break
    assert listing.report == PagesReport(
        pages=2, rows=4, first_count=3, last_count=3, first_total=6, last_total=6
    )


async def test_each_loop_is_a_reading_of_its_own() -> None:
    listing, transport = reading(THREE, start=2)
    assert [row async for row in listing] == [20, 21, 30, 31]
    assert [row async for row in listing] == [20, 21, 30, 31]
    assert transport.arrived == ["2", "3", "2", "3"]
    assert listing.report.pages == 2


# -- bounds ---------------------------------------------------------------------------------------


async def test_a_listing_without_end_is_an_error_and_no_silence() -> None:
    listing, transport = reading(Endless(), most_pages=5)
    rows = []
    with pytest.raises(ListingError, match="most_pages=5") as caught:
        async for row in listing:
            rows.append(row)  # noqa: PERF401 - what came before the error counts
    assert rows == [1, 2, 3, 4, 5]
    assert len(transport.arrived) == 5
    error = caught.value
    assert (error.operation, error.position) == ("list", 5)
    assert (error.transient, error.may_have_happened) == (False, False)
    assert listing.report.ended is None


async def test_a_listing_as_long_as_the_bound_is_read_whole() -> None:
    listing, _ = reading(THREE, most_pages=3)
    assert len([row async for row in listing]) == 6


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        ({"start": 0}, ValueError),
        ({"start": -3}, ValueError),
        ({"start": "2"}, TypeError),
        ({"start": True}, TypeError),
        ({"start": 1.0}, TypeError),
        ({"read_ahead": -1}, ValueError),
        ({"read_ahead": None}, TypeError),
        ({"most_pages": 0}, ValueError),
        ({"most_pages": 1e6}, TypeError),
        ({"checkpoint": 3}, TypeError),
    ],
)
def test_terms_that_make_no_sense_are_refused_by_name(
    terms: dict[str, Any], kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=next(iter(terms))):
        reading(THREE, **terms)


# -- going on where a reading broke off -----------------------------------------------------------


async def test_the_checkpoint_hears_of_each_page_once_its_rows_were_taken() -> None:
    seen: list[Any] = []
    listing, _ = reading(THREE, checkpoint=lambda number: seen.append(f"page {number}"))
    async for row in listing:
        seen.append(row)  # noqa: PERF401 - the order of both is what counts
    assert seen == [10, 11, "page 1", 20, 21, "page 2", 30, 31, "page 3"]
    assert listing.position == 3


async def test_the_checkpoint_may_be_asynchronous_and_hears_of_pages_too() -> None:
    heard: list[int] = []

    async def checkpoint(number: int) -> None:
        heard.append(number)

    listing, _ = reading(THREE, checkpoint=checkpoint, start=2)
    async for page in listing.pages():
        assert heard == list(range(2, page.number))
    assert heard == [2, 3]


async def test_a_page_without_rows_is_no_place_to_go_on_from() -> None:
    heard: list[int] = []
    listing, _ = reading({1: Page((1, 2)), 2: Page((), 2)}, checkpoint=heard.append)
    assert [row async for row in listing] == [1, 2]
    assert (heard, listing.position) == ([1], 1)


async def test_where_there_is_nothing_the_position_stays_at_the_start() -> None:
    heard: list[int] = []
    listing, _ = reading({}, start=5, checkpoint=heard.append)
    assert [row async for row in listing] == []
    assert (heard, listing.position) == ([], 5)


async def test_what_the_checkpoint_raises_ends_the_reading() -> None:
    def full(number: int) -> None:
        raise OSError(number)

    listing, transport = reading(THREE, checkpoint=full)
    with pytest.raises(OSError, match="1"):
        _ = [row async for row in listing]
    assert transport.arrived == ["1"]


@pytest.mark.parametrize("taken", range(1, 13))
async def test_going_on_loses_nothing_and_repeats_one_page_and_what_was_begun(taken: int) -> None:
    pages = {n: Page((n * 10, n * 10 + 1, n * 10 + 2), n, 4) for n in (1, 2, 3, 4)}
    everything = [row for page in pages.values() for row in page.items]
    saved = [1]
    listing, _ = reading(pages, checkpoint=saved.append)
    first: list[int] = []
    async for row in listing:
        first.append(row)
        if len(first) == taken:
            break
    assert saved[-1] == listing.position == max(1, (taken - 1) // 3)
    again, _ = reading(pages, start=saved[-1])
    second = [row async for row in again]
    assert first[: first.index(second[0])] + second == everything
    # The rows of the page saved, and those taken since.
    assert len(set(first) & set(second)) <= 3 + (taken - 1) % 3 + 1


async def test_an_error_leaves_the_place_to_go_on_from() -> None:
    listing, _ = reading(THREE, steps=[answer(), answer(400)])
    with pytest.raises(RefusedError):
        _ = [row async for row in listing]
    assert listing.position == 1


# -- in company -----------------------------------------------------------------------------------


async def test_a_lost_page_is_read_again() -> None:
    listing, transport = reading(THREE, steps=[answer(), answer(500)])
    assert len([row async for row in listing]) == 6
    assert transport.arrived == ["1", "2", "2", "3"]


async def test_an_inbox_that_cannot_be_polled_says_so() -> None:
    client = Client(PlainService(), transport=ScriptedTransport())
    with pytest.raises(UnsupportedError):
        client.inbox()
