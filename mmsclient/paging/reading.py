"""How a listing is read that may move meanwhile: which page is next, which rows are new. Pure."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Hashable
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from mmsclient.paging.report import Ending, PagesReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmsclient.outcomes import Page
    from mmsclient.wire import PagedCall

T = TypeVar("T")

#: Rows whose keys are kept, and four pages at least: a megabyte or two, however long the listing.
MEMORY = 10_000
#: Times that one place between two pages is looked at again before the reading goes on; half as
#: often at the next place, and so on, until one comes to rest.
PATIENCE = 8
#: Equal pages in a row, of rows without ids, that are believed where the service counts its pages.
EQUAL = 10
#: Pages in a row without a new row after which a listing is taken to go round in circles.
STALE = 100


@attrs.frozen
class _Read:
    """One page that was read."""

    number: int
    """The page asked for."""
    keys: tuple[Hashable, ...]
    new: bool
    """Whether it has rows that had not come before."""
    count: int | None
    ending: Ending | None
    falls: int
    """How often count or total had fallen by then."""


class Reading(Generic[T]):
    """One reading of a listing: it says which page it wants, and which rows of that are new.

    Rows keep their order. So a page with a known row on it follows on from what was read without
    a gap, it *joins*: every row between was seen. In a listing that has stood still so far, any
    page joins. In one that moves, rows may have slipped up to the page before, which is therefore
    read again: what slipped is found there. If nothing known is on that page either, more than a
    page has slipped, and reading goes back further.
    """

    def __init__(self, listing: PagedCall[T], start: int) -> None:
        self.wanted: int | None = start
        """The page to read next; None at the end."""
        self.report = PagesReport()
        self._key = listing.key
        self._size = listing.size
        self._start = start
        self._furthest = start - 1
        self._joined = start - 1
        """The page up to which all is joined."""
        self._falls_joined = 0
        """How often count or total had fallen when that page was read."""
        self._most_joined = start - 1
        self._passed: int | None = None
        self._open: _Read | None = None
        """The page behind, which joins if the one that is read again shows no gap."""
        self._tries = 0
        self._patience = PATIENCE
        self._known = _Known()
        self._recent: deque[tuple[tuple[T, ...], int]] = deque(maxlen=2)
        """The last two pages, and how often the listing had moved by then."""
        self._rose = False
        """Whether count or total is higher than in the answer before."""
        self._falls = 0
        self._stale = self._equal = 0

    @property
    def position(self) -> int:
        """The last page all of whose rows were taken; the first one before there is any."""
        return self._start if self._passed is None else self._passed

    @property
    def foreseen(self) -> range:
        """The pages that will be wanted if nothing moves."""
        if self.wanted is None or self._careful:
            return range(0)
        last = self.report.last_count
        return range(self.wanted, sys.maxsize if last is None else last + 1)

    def passes(self) -> bool:
        """Note that all rows found so far were taken; return whether the position is a new one."""
        if self._joined < self._start or self._joined == self._passed:
            return False
        self._passed = self._joined
        return True

    def take(self, page: Page[T]) -> Page[T]:
        """Take the page that was wanted; return it with its new rows only."""
        assert self.wanted is not None  # noqa: S101 - whoever reads stops at the end
        number, further = self.wanted, self.wanted > self._furthest
        self._hear(page, number)
        keys = () if self._key is None else tuple(map(self._key, page.items))
        repeats = self._repeats(page) if further else []
        # Without ids equal pages may rightly follow each other: some, where the service counts on.
        counted = self._key is None and page.count is not None and page.number == number
        self._equal = self._equal + 1 if repeats else 0
        repeats = [] if counted and self._equal < EQUAL else repeats
        other = self._key is None and page.number != number
        fresh = () if repeats or other else self._fresh(page, keys)
        left_out = len(page.items) - len(fresh)
        self._count(
            pages=1, again=not further, rows=len(fresh), repeated=left_out if further else 0
        )
        if further:
            self._furthest = number
            self._stale = 0 if fresh else self._stale + 1
        # A page that came before, while nothing moved in between, is a service that cannot go on.
        stuck = self.report.moved in repeats or self._stale >= STALE
        ending = self._ending(page, number) or ("repeated page" if stuck else None)
        read = _Read(number, keys, bool(fresh), page.count, ending, self._falls)
        if number > self._joined:
            self._go_on(read)
        else:
            self._look_back(read)
        return attrs.evolve(page, items=fresh) if left_out else page

    # -- what an answer tells -----------------------------------------------------------------

    def _hear(self, page: Page[T], number: int) -> None:
        """Compare the page's count and total with those told before."""
        r, total = self.report, page.total
        if total is not None and number > 1 and page.items and total <= len(page.items):
            total = None  # there are pages before this one: it counts the page, not the listing
        changes = [
            now - before
            for now, before in ((page.count, r.last_count), (total, r.last_total))
            if now is not None and before is not None
        ]
        self._rose = any(change > 0 for change in changes)
        self._falls += any(change < 0 for change in changes)
        self.report = attrs.evolve(
            r,
            moved=r.moved + any(changes),
            first_count=page.count if r.first_count is None else r.first_count,
            last_count=r.last_count if page.count is None else page.count,
            first_total=total if r.first_total is None else r.first_total,
            last_total=r.last_total if total is None else total,
        )

    def _repeats(self, page: Page[T]) -> list[int]:
        """Return how often the listing had moved when each equal one of the last pages came."""
        if not page.items:
            return []
        equal = [moved for items, moved in self._recent if items == page.items]
        self._recent.append((page.items, self.report.moved))
        return equal

    def _fresh(self, page: Page[T], keys: Sequence[Hashable]) -> tuple[T, ...]:
        if self._key is None:
            return page.items
        new = self._known.add(keys)
        return tuple(row for row, is_new in zip(page.items, new, strict=True) if is_new)

    def _ending(self, page: Page[T], number: int) -> Ending | None:
        if not page.items:
            return "no rows"
        if page.number != number:
            return "other page"
        if page.count is not None and number >= page.count:
            return "last page"
        if self._size is not None and len(page.items) < self._size:
            return "short page"
        return None

    def _count(self, **more: int) -> None:
        sums = {name: getattr(self.report, name) + value for name, value in more.items()}
        self.report = attrs.evolve(self.report, **sums)

    # -- which page is next -------------------------------------------------------------------

    @property
    def _careful(self) -> bool:
        """Whether the listing moves, in a way that can be made good."""
        moves = self.report.moved > 0 or self.report.repeated > 0
        return moves and self._key is not None and not self._known.nameless

    def _go_on(self, read: _Read) -> None:
        """Join the next page, or have the one before it read again."""
        if not self._careful or read.number == self._start or self._known.has_joined(read.keys):
            self._join(read)
        elif self._tries < self._patience:
            self._tries += 1
            self._open = read
            self._go_back(read)
        else:
            patience = max(1, self._patience // 2)
            self._count(doubtful=1)
            self._join(read)
            self._patience = patience

    def _look_back(self, read: _Read) -> None:
        """Join a page that was read again, and the one behind it if there is no gap between."""
        behind, self._open = self._open, None
        if not self._known.has_joined(read.keys):
            if read.number > self._start:
                self._go_back(read)
                return
            self._count(doubtful=self._start > 1)  # before page 1 there is nothing
        self._known.join(read.keys)
        self._join(behind if behind and self._follows(behind, read) else read)

    def _follows(self, behind: _Read, read: _Read) -> bool:
        """Return whether no row can be between *read* and *behind*, which was read just before.

        Rows slip up between two calls if the listing shrinks, and down if it grows. Both at once
        cannot be told: then an overlap, or rows that had slipped, decides.
        """
        if self._known.has_joined(behind.keys):
            return True
        shrank = behind.falls > self._falls_joined
        return not read.new and not (self._rose and shrank)

    def _go_back(self, read: _Read) -> None:
        last = max(1, read.number - 1 if read.count is None else min(read.number - 1, read.count))
        self._joined = self.wanted = max(self._start, last)

    def _join(self, read: _Read) -> None:
        self._known.join(read.keys)
        self._falls_joined = read.falls
        if read.ending in {None, "last page", "short page"}:
            self._joined = read.number
        if read.number > self._most_joined:
            self._most_joined, self._tries, self._patience = read.number, 0, PATIENCE
        self.wanted = None if read.ending else read.number + 1
        self.report = attrs.evolve(self.report, ended=read.ending)


class _Known:
    """The keys of the last rows, and whether the page of each has joined."""

    def __init__(self) -> None:
        self.nameless = False
        """Whether there are rows without a key: they cannot be known again."""
        self._joined: dict[Hashable, bool] = {}
        self._pages: deque[list[Hashable]] = deque()

    def add(self, keys: Sequence[Hashable]) -> list[bool]:
        """Remember *keys*; return for each whether it is new. A row without a key always is."""
        new, told = [], []
        for key in keys:
            if key is None or key == "":
                self.nameless = True
                new.append(True)
                continue
            new.append(key not in self._joined)
            if new[-1]:
                self._joined[key] = False
                told.append(key)
        if told:
            self._pages.append(told)
        while len(self._joined) > MEMORY and len(self._pages) > 4:
            for key in self._pages.popleft():
                del self._joined[key]
        return new

    def join(self, keys: Sequence[Hashable]) -> None:
        """Note that the page with these rows has joined."""
        self._joined.update((key, True) for key in keys if key in self._joined)

    def has_joined(self, keys: Sequence[Hashable]) -> bool:
        """Return whether one of these rows is on a page that has joined."""
        return any(self._joined.get(key, False) for key in keys)
