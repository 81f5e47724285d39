"""Listings: rows, pages, and the ways a listing ends."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import PlainService, ScriptedTransport, answer

from mmsclient.client import Client
from mmsclient.errors import UnsupportedError
from mmsclient.outcomes import Page


def reading(
    pages: dict[int, Page[int]], *, size: int | None = None, steps: Any = (), **terms: Any
) -> tuple[Any, ScriptedTransport]:
    transport = ScriptedTransport(steps)
    service = PlainService()
    client = Client(service, rate=1000, transport=transport)
    return client.pages(service.listing(pages, size=size), **terms), transport


THREE = {n: Page((n * 10, n * 10 + 1), n, 3) for n in (1, 2, 3)}


async def test_rows_come_from_all_pages_and_each_page_is_asked_for_once() -> None:
    listing, transport = reading(THREE)
    assert [row async for row in listing] == [10, 11, 20, 21, 30, 31]
    assert transport.arrived == ["1", "2", "3"]


async def test_pages_come_with_their_numbers() -> None:
    listing, _ = reading(THREE)
    assert [page.number async for page in listing.pages()] == [1, 2, 3]


async def test_awaiting_a_listing_gives_its_first_page() -> None:
    listing, transport = reading(THREE)
    assert (await listing).items == (10, 11)
    assert transport.arrived == ["1"]


async def test_reading_may_start_further_on() -> None:
    listing, transport = reading(THREE, start=3)
    assert [row async for row in listing] == [30, 31]
    assert transport.arrived == ["3"]
    with pytest.raises(ValueError, match="start"):
        reading(THREE, start=0)


async def test_pages_are_read_only_as_far_as_they_are_wanted() -> None:
    listing, transport = reading(THREE)
    async for _ in listing:
        break
    assert transport.arrived == ["1"]


@pytest.mark.parametrize(
    ("pages", "size", "asked"),
    [
        ({}, None, 1),
        ({1: Page((1, 2)), 2: Page(())}, None, 2),
        ({1: Page((1, 2)), 2: Page((3,))}, 2, 2),
        ({n: Page((1, 2)) for n in range(1, 100)}, None, 2),
        ({1: Page((1, 2), 1, 0)}, None, 1),
    ],
    ids=["nothing", "empty page", "short page", "repeated page", "count of nothing"],
)
async def test_a_listing_ends(pages: dict[int, Page[int]], size: int | None, asked: int) -> None:
    listing, transport = reading(pages, size=size)
    _ = [row async for row in listing]
    assert len(transport.arrived) == asked


async def test_a_lost_page_is_read_again() -> None:
    listing, transport = reading(THREE, steps=[answer(), answer(500)])
    assert len([row async for row in listing]) == 6
    assert transport.arrived == ["1", "2", "2", "3"]


async def test_an_inbox_that_cannot_be_polled_says_so() -> None:
    client = Client(PlainService(), transport=ScriptedTransport())
    with pytest.raises(UnsupportedError):
        client.inbox()
