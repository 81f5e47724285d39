"""A listing that moves while it is read: nothing twice, nothing lost, and what is told of it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmsclient.outcomes import Page
from mmsclient.paging import reading as paging
from mmsclient.paging.reading import EQUAL, Reading
from mmsclient.wire import PagedCall

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    Walk = Callable[["Shelf"], object]


@attrs.define
class Shelf:
    """Rows in order at a service that pages them, and what has become of them."""

    rows: list[int]
    size: int = 25
    counts: bool = True
    totals: bool = True
    asked: list[int] = attrs.field(factory=list)
    staying: set[int] = attrs.field(factory=set)
    made: int = 0

    def __attrs_post_init__(self) -> None:
        self.staying, self.made = set(self.rows), len(self.rows)

    def insert(self, where: int, many: int = 1) -> None:
        self.rows[where:where] = range(self.made, self.made + many)
        self.made += many

    def remove(self, where: int, many: int = 1) -> None:
        self.staying -= set(self.rows[where : where + many])
        del self.rows[where : where + many]

    def page(self, number: int) -> Page[int]:
        self.asked.append(number)
        count = max(1, -(-len(self.rows) // self.size))
        return Page(
            self.rows[(number - 1) * self.size : number * self.size],
            number,
            count if self.counts else None,
            len(self.rows) if self.totals else None,
        )


def reading(
    key: Callable[[Any], Hashable] | None = int, *, start: int = 1, size: int | None = None
) -> Reading[int]:
    never: Any = None
    return Reading(PagedCall(operation="list", page=never, key=key, size=size), start)


def read(shelf: Shelf, walk: Walk, way: Reading[int] | None = None) -> tuple[list[int], Any]:
    """Read all of the shelf; *walk* moves its rows after each call."""
    way = way or reading()
    rows: list[int] = []
    while way.wanted is not None:
        rows += way.take(shelf.page(way.wanted)).items
        walk(shelf)
        assert way.report.pages < 50_000
    assert way.report.rows == len(rows)
    return rows, way.report


def still(shelf: Shelf) -> None:
    pass


def once(*moves: Walk) -> Walk:
    """Make one move after each call, until there are no more."""
    left = list(moves)

    def walk(shelf: Shelf) -> None:
        if left:
            left.pop(0)(shelf)

    return walk


def wander(seed: int, *, often: float, many: int) -> Walk:
    """Between two calls the listing grows or shrinks, anywhere, by single rows or by a block."""
    rng = random.Random(seed)

    def walk(shelf: Shelf) -> None:
        if rng.random() >= often:
            return
        count, grows, block = rng.randint(1, many), rng.random() < 0.5, rng.random() < 0.5
        for amount in [count] if block else [1] * count:
            where = rng.randrange(len(shelf.rows) + 1)
            (shelf.insert if grows else shelf.remove)(where, amount)

    return walk


# -- nothing twice, nothing lost ------------------------------------------------------------------


@pytest.mark.parametrize("often", [0.02, 0.2, 1.0])
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_ten_thousand_rows_that_move_come_once_each(seed: int, often: float) -> None:
    shelf = Shelf(list(range(10_000)))
    rows, report = read(shelf, wander(seed, often=often, many=10))
    assert len(rows) == len(set(rows))
    assert shelf.staying <= set(rows)
    assert len(shelf.staying) < 10_000
    assert report.moved > 0
    assert report.again > 0
    assert (report.first_total, report.first_count) == (10_000, 400)
    assert report.last_total != report.first_total
    assert (report.doubtful, report.ended) == (0, "last page")
    assert report.pages == len(shelf.asked) <= 2.7 * 400


@pytest.mark.parametrize("seed", [21, 22])
def test_newest_first_with_rows_removed_anywhere(seed: int) -> None:
    rng = random.Random(seed)

    def walk(shelf: Shelf) -> None:
        if rng.random() < 0.3:
            shelf.insert(0, rng.randint(1, 60))
        elif rng.random() < 0.3:
            shelf.remove(rng.randrange(len(shelf.rows)), rng.randint(1, 60))

    shelf = Shelf(list(range(5_000)))
    rows, report = read(shelf, walk)
    assert len(rows) == len(set(rows))
    assert shelf.staying <= set(rows)
    assert report.repeated > 0


MOVE = st.tuples(st.sampled_from(["stays", "grows", "shrinks"]), st.floats(0, 1), st.integers(1, 9))


@given(
    count=st.integers(0, 40),
    size=st.integers(1, 7),
    moves=st.lists(MOVE, max_size=30),
    counts=st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_what_stays_is_given_and_nothing_is_given_twice(
    count: int, size: int, moves: list[tuple[str, float, int]], *, counts: bool
) -> None:
    def move(kind: str, place: float, many: int) -> Walk:
        def walk(shelf: Shelf) -> None:
            where = round(place * len(shelf.rows))
            if kind == "grows":
                shelf.insert(where, many)
            elif kind == "shrinks":
                shelf.remove(where, many)

        return walk

    shelf = Shelf(list(range(count)), size, counts=counts)
    rows, report = read(shelf, once(*(move(*m) for m in moves)))
    assert len(rows) == len(set(rows))
    # Where a listing gives no rest, the reading goes on in the end, and says so.
    assert shelf.staying <= set(rows) or report.doubtful


# -- one move at a time ---------------------------------------------------------------------------


def test_a_listing_that_stands_still_costs_one_call_per_page() -> None:
    shelf = Shelf(list(range(100)))
    rows, report = read(shelf, still)
    assert rows == list(range(100))
    assert shelf.asked == [1, 2, 3, 4]
    assert (report.again, report.moved, report.repeated, report.doubtful) == (0, 0, 0, 0)
    assert (report.first_total, report.last_total) == (100, 100)


def test_rows_put_in_front_push_known_rows_on_and_those_are_left_out() -> None:
    shelf = Shelf(list(range(100)))
    rows, report = read(shelf, once(lambda s: s.insert(0, 3)))
    assert rows == list(range(100))
    assert (report.repeated, report.moved) == (3, 1)
    assert (report.first_count, report.last_count) == (4, 5)
    # Page 2 overlaps page 1, so nothing is between them; from then on each page is looked after.
    assert shelf.asked[:4] == [1, 2, 3, 2]


def test_rows_removed_in_front_are_made_good_by_reading_the_page_before_again() -> None:
    shelf = Shelf(list(range(100)))
    rows, report = read(shelf, once(still, lambda s: s.remove(0, 2)))
    assert sorted(rows) == list(range(100))
    # Rows 50 and 51 had slipped up to page 2.
    assert shelf.asked[:4] == [1, 2, 3, 2]
    assert rows[50:77] == [*range(52, 77), 50, 51]
    assert (report.moved, report.first_total, report.last_total) == (1, 100, 98)


def test_more_than_a_page_removed_is_followed_back() -> None:
    shelf = Shelf(list(range(250)))
    rows, report = read(shelf, once(still, still, still, still, lambda s: s.remove(0, 60)))
    assert sorted(rows) == list(range(250))
    assert shelf.asked[4:9] == [5, 6, 5, 4, 3]
    assert report.doubtful == 0


def test_rows_that_come_twice_are_a_move_where_the_service_tells_no_total() -> None:
    shelf = Shelf(list(range(200)), counts=False, totals=False)
    rows, report = read(shelf, once(lambda s: s.insert(0, 3), still, lambda s: s.remove(0, 5)))
    assert sorted(rows) == list(range(200))
    assert (report.moved, report.repeated) == (0, 3)


def test_a_row_that_is_twice_on_the_first_page_is_given_once() -> None:
    way = reading()
    assert way.take(Page([1, 2, 1], 1, 2)).items == (1, 2)
    assert way.wanted == 2


def test_a_listing_emptied_while_it_is_read_ends_at_once() -> None:
    shelf = Shelf(list(range(1000)))
    walk = once(*[still] * 19, lambda s: s.remove(0, 1000))
    rows, report = read(shelf, walk)
    assert rows == list(range(500))
    assert shelf.asked[20:] == [21, 1]
    assert report.ended == "no rows"


def test_the_last_page_is_followed_when_it_moves_up() -> None:
    shelf = Shelf(list(range(51)))
    rows, report = read(shelf, once(still, lambda s: s.remove(0)))
    assert sorted(rows) == list(range(51))
    assert shelf.asked == [1, 2, 3, 2]
    assert report.ended == "last page"


def test_a_count_that_grows_is_followed() -> None:
    shelf = Shelf(list(range(50)))
    rows, report = read(shelf, once(lambda s: s.insert(50, 40)))
    assert sorted(rows) == list(range(90))
    assert (report.first_count, report.last_count) == (2, 4)


def test_a_whole_page_put_in_front_is_no_repeated_page() -> None:
    shelf = Shelf(list(range(100)))
    rows, report = read(shelf, once(lambda s: s.insert(0, 25)))
    assert rows == list(range(100))
    assert (report.repeated, report.ended) == (25, "last page")


def test_many_pages_put_in_front_are_known_again() -> None:
    shelf = Shelf(list(range(5_000)))
    rows, report = read(shelf, once(*[still] * 99, lambda s: s.insert(0, 2_000)))
    assert rows == list(range(5_000))
    assert report.repeated == 2_000


def test_a_listing_that_grows_at_its_end_all_the_time_is_read_to_the_end() -> None:
    shelf = Shelf(list(range(1_000)))
    rows, report = read(shelf, lambda s: s.insert(len(s.rows), 2))
    assert sorted(rows) == list(range(len(rows)))
    assert report.doubtful == 0


def test_the_keys_that_are_kept_are_few_however_long_the_listing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paging, "MEMORY", 300)
    shelf, way = Shelf(list(range(20_000))), reading()
    most = 0
    while way.wanted is not None:
        way.take(shelf.page(way.wanted))
        most = max(most, len(way._known._joined))
    assert 300 <= most <= 325


# -- what cannot be made good ---------------------------------------------------------------------


def test_a_place_that_never_stands_still_is_counted_as_doubtful() -> None:
    shelf, way = Shelf(list(range(2_000))), reading()

    def to_and_fro(shelf: Shelf) -> None:
        # Seen from a page, the one before looks as it did, but its rows had slipped meanwhile.
        if way.wanted and way.wanted > shelf.asked[-1]:
            shelf.remove(0, 2)
        else:
            shelf.insert(0, 2)

    rows, report = read(shelf, to_and_fro, way)
    assert len(rows) == len(set(rows))
    assert 70 < report.doubtful < 80
    assert 0 < len(shelf.staying - set(rows)) <= 2 * report.doubtful
    # It looks again and again at the first such place, and less often at those that follow.
    assert report.pages <= 80 * 3 + 2 * (2 * paging.PATIENCE)


def test_patience_comes_back_where_the_listing_comes_to_rest() -> None:
    shelf, way = Shelf(list(range(500))), reading()

    def to_and_fro_and_rest(shelf: Shelf) -> None:
        if way.report.doubtful < 3 and way.wanted:
            (shelf.remove if way.wanted > shelf.asked[-1] else shelf.insert)(0, 2)

    read(shelf, to_and_fro_and_rest, way)
    assert way.report.doubtful == 3
    assert way._patience == paging.PATIENCE


def test_a_reading_that_began_further_on_goes_no_further_back() -> None:
    shelf = Shelf(list(range(250)))
    rows, report = read(shelf, once(lambda s: s.remove(0, 60)), reading(start=3))
    assert shelf.asked[:4] == [3, 4, 3, 4]
    assert min(shelf.asked) == 3
    assert rows[:25] == list(range(50, 75))
    # Rows 75 to 109 are on page 2 now, where this reading never was.
    assert sorted(rows[25:]) == list(range(110, 250))
    assert report.doubtful == 1


def test_a_listing_emptied_below_the_first_page_asked_for_ends() -> None:
    shelf = Shelf(list(range(250)))
    rows, report = read(shelf, once(lambda s: s.remove(0, 240)), reading(start=3))
    assert rows == list(range(50, 75))
    assert shelf.asked == [3, 4, 3]
    assert (report.ended, report.doubtful) == ("no rows", 1)


def test_without_a_key_nothing_is_left_out_and_the_report_says_that_it_moved() -> None:
    shelf = Shelf(list(range(100)))
    rows, report = read(shelf, once(lambda s: s.insert(0, 3)), reading(key=None))
    assert rows == [*range(25), *range(22, 100)]
    assert (report.repeated, report.again, report.moved) == (0, 0, 1)


def test_rows_without_an_id_are_never_left_out() -> None:
    shelf = Shelf(list(range(100)))
    way = reading(key=lambda row: None if row % 2 else row)
    rows, report = read(shelf, once(lambda s: s.insert(0, 4)), way)
    assert set(rows) == set(range(100))
    assert rows.count(24) == 1
    assert rows.count(23) == 2
    assert report.again == 0


def test_a_total_that_counts_the_page_is_no_move() -> None:
    way = reading(size=3)
    for number, items in ((1, (1, 2, 3)), (2, (4, 5, 6)), (3, (7,))):
        assert way.wanted == number
        way.take(Page(items, number, None, len(items)))
    assert (way.report.moved, way.report.again, way.report.ended) == (0, 0, "short page")


# -- ends -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [int, None], ids=["keyed", "plain"])
def test_a_cycle_of_two_pages_ends(key: Any) -> None:
    way, asked = reading(key), 0
    while way.wanted is not None:
        asked += 1
        way.take(Page([1, 2] if way.wanted % 2 else [3, 4], way.wanted))
    assert (asked, way.report.rows, way.report.ended) == (3, 4, "repeated page")


def test_a_longer_cycle_ends_where_rows_can_be_known_again() -> None:
    way = reading()
    while way.wanted is not None:
        way.take(Page([way.wanted % 7], way.wanted))
    assert (way.report.rows, way.report.ended) == (7, "repeated page")
    assert way.report.pages <= 2 * (7 + paging.STALE)


def test_a_page_that_only_repeats_while_the_count_grows_for_ever_ends() -> None:
    way = reading(key=None)
    while way.wanted is not None:
        way.take(Page([1, 2], way.wanted, way.wanted + 9))
    assert way.report.rows == 2 * EQUAL  # a page of rows without ids may come so often
    assert way.report.pages == EQUAL + paging.STALE


def test_another_page_than_the_one_asked_for_is_the_end_and_its_new_rows_are_given() -> None:
    way = reading()
    assert way.take(Page([1, 2], 1)).items == (1, 2)
    # Past the end some services give the last page again: here one row has come since.
    assert way.take(Page([1, 2, 3], 1)).items == (3,)
    assert (way.wanted, way.report.ended) == (None, "other page")


def test_pages_keep_all_but_the_rows_left_out() -> None:
    way = reading()
    first = Page([1, 2], 1, 3, 6, raw={"x": 1})
    assert way.take(first) is first
    assert way.take(Page([2, 3], 2, 3, 6, raw={"x": 2})) == Page([3], 2, 3, 6, raw={"x": 2})
