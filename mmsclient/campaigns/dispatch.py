"""A run's traffic: which rows go, what is written as they leave, and what becomes of them."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import attrs

from mmsclient.campaigns.patience import Patience
from mmsclient.campaigns.values import STATES, Failure, OpenRow, State
from mmsclient.campaigns.verdicts import settled, settles, translated
from mmsclient.errors import (
    CallError,
    CampaignError,
    ConnectionFailedError,
    Fault,
    InvalidMessageError,
    MMSClientError,
    ThrottledError,
    TransportError,
)
from mmsclient.messages import Message
from mmsclient.outcomes import Accepted, Outcome, Refused, Unknown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from datetime import datetime

    from mmsclient.campaigns.hours import Hours
    from mmsclient.campaigns.journal import Journal

#: Rows that are read at once.
PAGE = 500

#: Seconds after which the time of day is looked at again: clocks are set, computers sleep.
LOOK = 30.0

#: Seconds between two counts of all rows, at least: each walks through them.
COUNTED = 1.0

#: Calls in a row of which nobody knows what became, after which a run ends.
MOST_DOUBTFUL = 20

#: Returns of one row in one run for trouble of its own, such as a look-up that fails.
MOST_RETURNS = 5

#: The fix in the error of a row that is refused since its number is on the stop list.
_LEFT_OUT = "who opted out gets no message"


class NotNowError(ConnectionFailedError):
    """Keeps an attempt from leaving: the run waits, or ends. The row stays pending."""

    transient = False


@attrs.define(eq=False)
class _Flying:
    """A row whose message was handed over to be sent."""

    row: OpenRow
    sent: Message
    """The row's message, with the reference that the wire can carry."""
    carried: str | None
    epoch: int
    departed: bool = False
    """Whether the journal says that it is about to leave, or has left."""
    gone: State | None = None
    """What it became meanwhile without this run: refused by the stop list, or accepted by evidence."""


@attrs.frozen
class Kept:
    """An outcome on its way into the journal."""

    outcome: Outcome
    written: asyncio.Future[None]


class Dispatch:
    """Gives rows out as messages, is the watch of the bulk send, and hears of its outcomes.

    Args:
        journal: held for as long as this works.
        carried: what of a message's reference the wire carries.
        hours: when messages may leave; None: always.
        now: the time of day, aware.
        end: called when nothing more is to be sent.
        waiting: called when the run begins to wait, and now and then while it does.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        carried: Callable[[Message], str | None],
        hours: Hours | None,
        now: Callable[[], datetime],
        end: Callable[[], None],
        waiting: Callable[[], None],
    ) -> None:
        self._journal = journal
        self._carried = carried
        self._hours = hours
        self._now = now
        self._end = end
        self._waiting = waiting
        self._patience = Patience()
        self._flying: dict[int, _Flying] = {}
        """By the identity of the message that is sent."""
        self._issued: set[int] = set()
        """Ids of these rows."""
        self._finished: set[int] = set()
        """Ids of rows that were settled since the last page was read: the page may hold them."""
        self._kept: dict[int, Kept] = {}
        self._unwatched: set[asyncio.Future[None]] = set()
        self._returns: dict[int, int] = {}
        self._again = False
        """Whether there may be pending rows among those that were read already."""
        self._bell = asyncio.Event()
        self._last: MMSClientError | None = None
        self.trouble: MMSClientError | None = None
        """Why the last call did not get through; None where one did."""
        self._counted: dict[State, int] = dict.fromkeys(STATES, 0)
        self._stale, self._next_count = True, 0.0
        self._moved: Counter[State] = Counter()
        """How this run has changed the counts since it began."""
        self._base: Counter[State] = Counter()
        """How it had when they were taken."""
        self.settled = 0
        self.paused = False
        self.ending = False
        """Whether nothing more is sent."""
        self.cause: MMSClientError | None = None
        """Why the run ends before its rows do."""

    # -- what goes ----------------------------------------------------------------------------

    async def messages(self) -> AsyncIterator[Message]:
        """Yield pending rows until there are none, also those that come back meanwhile."""
        after = 0
        while not self.ending:
            self._finished.clear()
            rows = await self._journal.pending(after, PAGE)
            for row in rows:
                after = row.id
                if await self._may_go() and not self._is_taken(row):
                    yield self._take(row)
            await self.count()
            if rows:
                continue
            while self._flying and not (self._again or self.ending):
                self._bell.clear()
                await self.count()
                await self._news()
            if not self._again:
                return
            self._again, after = False, 0
            await self._journal.written()  # what was heard, before rows are read again

    async def _news(self, seconds: float = math.inf) -> None:
        """Wait until something is heard, so many seconds at most; the bell was cleared before.

        A count that is put off ends the wait too.
        """
        if self._stale:
            seconds = min(seconds, max(0.0, self._next_count - asyncio.get_running_loop().time()))
        with suppress(TimeoutError):
            async with asyncio.timeout(None if seconds == math.inf else seconds):
                await self._bell.wait()

    def _is_taken(self, row: OpenRow) -> bool:
        given_up = self._returns.get(row.id, 0) >= MOST_RETURNS
        return given_up or row.id in self._issued or row.id in self._finished

    def _take(self, row: OpenRow) -> Message:
        carried = self._carried(row.message)
        sent = row.message
        if carried is not None and carried != row.reference:
            sent = attrs.evolve(sent, reference=carried)
        self._flying[id(sent)] = _Flying(row, sent, carried, self._patience.let_through())
        self._issued.add(row.id)
        return sent

    async def _may_go(self) -> bool:
        """Wait until a message may go; return False where nothing more is sent."""
        while not self.ending:
            self._bell.clear()
            await self.count()
            seconds = self._wait()
            if not seconds:
                return True
            self._waiting()  # may stop or resume the run, and so ring the bell
            await self._news(seconds if seconds == math.inf else min(seconds, LOOK))
        return False

    def _wait(self) -> float:
        if self.paused:
            return math.inf
        closed = 0.0 if self._hours is None else self._hours.wait(self._now())
        return closed or self._patience.wait(asyncio.get_running_loop().time())

    @property
    def waits_for(self) -> Literal["nothing", "hours", "service", "resume"]:
        """What keeps messages from going now."""
        if self.paused:
            return "resume"
        if self._hours is not None and self._hours.wait(self._now()):
            return "hours"
        return "service" if self._patience.holds else "nothing"

    def wake(self) -> None:
        """Look again at what may go."""
        self._bell.set()

    def stop(self) -> None:
        """Send nothing more; what is on its way still gets its outcome."""
        if not self.ending:
            self.ending = True
            self.wake()
            self._end()

    # -- the watch ----------------------------------------------------------------------------

    async def departing(self, messages: Sequence[Message]) -> None:
        """Write that rows are about to leave, or keep them from leaving."""
        flying = [self._flying[id(message)] for message in messages]
        if self._is_late(flying):
            raise NotNowError("the run waits: it did not leave")
        carried = {each.row.id: each.carried for each in flying}
        # Who is cancelled while this is written may leave a row that says it is being sent.
        self._mark(flying, departed=True)
        try:
            gone = await self._journal.depart(carried, self._now().timestamp())
        except CampaignError:
            self._mark(flying, departed=False)
            raise
        if gone:
            self._mark(flying, departed=False)
            for each in flying:
                each.gone = gone.get(each.row.id)
            if "sending" in gone.values():
                raise CampaignError("the journal says that a row is being sent, not by this run")
            await self.recount()
            raise NotNowError("a row needs no sending any more: its call did not leave")

    def _mark(self, flying: Sequence[_Flying], *, departed: bool) -> None:
        for each in flying:
            each.departed = departed
        moved = len(flying) if departed else -len(flying)
        self._count("pending", -moved)
        self._count("sending", moved)

    def _is_late(self, flying: Sequence[_Flying]) -> bool:
        """Whether the run has begun to wait since these were handed over."""
        closed = self._hours is not None and self._hours.wait(self._now())
        stale = self._patience.holds and any(self._patience.is_old(f.epoch) for f in flying)
        return bool(self.ending or self.paused or closed or stale)

    async def returned(self, messages: Sequence[Message], error: CallError) -> None:
        """Write that rows certainly did not leave."""
        back = [each for message in messages if (each := self._flying[id(message)]).departed]
        if back:
            await self._come_back(back, error)

    def _come_back(self, back: Sequence[_Flying], error: MMSClientError) -> Awaitable[None]:
        self._mark(back, departed=False)
        return self._journal.come_back([each.row.id for each in back], Failure.of(error))

    # -- what becomes of it -------------------------------------------------------------------

    def heard(self, outcome: Outcome) -> None:
        """Take in what became of a message, as soon as it is known."""
        flying = self._flying.pop(id(outcome.message))
        self._issued.discard(flying.row.id)
        self._finished.add(flying.row.id)
        if flying.gone == "refused":
            fault = Fault("to", "is on the campaign's stop list", _LEFT_OUT)
            outcome = Refused(message=flying.sent, error=InvalidMessageError([fault]))
        self._learn(outcome, flying)
        if settles(outcome):
            self._keep(outcome, flying)
        elif isinstance(outcome, Refused) and flying.gone is None:
            if flying.departed:  # refused inside an answer that accepted others
                self._written_or_ended(self._come_back([flying], outcome.error))
            self._again = True
        self.wake()

    def _written_or_ended(self, work: Awaitable[None]) -> None:
        """End the run if a write fails that nobody waits for."""
        written = asyncio.ensure_future(work)
        self._unwatched.add(written)

        def done(written: asyncio.Future[None]) -> None:
            self._unwatched.discard(written)
            if not written.cancelled() and isinstance(error := written.exception(), CampaignError):
                self.fail(error)

        written.add_done_callback(done)

    def _learn(self, outcome: Outcome, flying: _Flying) -> None:
        """Draw conclusions for the messages that have not left yet."""
        if isinstance(outcome, Accepted):
            self._get_well()
            return
        error, now = outcome.error, asyncio.get_running_loop().time()
        if isinstance(error, NotNowError) or not isinstance(error, CallError | CampaignError):
            self._patience.back(flying.epoch)  # nothing was learnt: it did not leave
        elif isinstance(outcome, Unknown):
            self.trouble = error
            if error is not self._last:  # the messages of one call share its error
                self._patience.doubt(flying.epoch, now)
            if self._patience.doubtful >= MOST_DOUBTFUL:
                self._give_up(error)
        elif settles(outcome):
            self._get_well()
        elif not error.transient:
            self._give_up(error)
        elif isinstance(error, TransportError | ThrottledError):
            self.trouble = error
            self._patience.failed(flying.epoch, now)
        else:
            self._get_well()
            self._count_return(flying.row.id, error)
        self._last = error

    def _get_well(self) -> None:
        self.trouble = None
        self._patience.well()

    def fail(self, error: CampaignError) -> None:
        """End the run: what became of a row could not be written."""
        self._give_up(error)

    def _give_up(self, cause: MMSClientError) -> None:
        self.cause = self.cause or cause
        self.stop()

    def _count_return(self, row: int, error: MMSClientError) -> None:
        self._returns[row] = self._returns.get(row, 0) + 1
        if self._returns[row] >= MOST_RETURNS:
            self.cause = self.cause or error

    def _keep(self, outcome: Outcome, flying: _Flying) -> None:
        kept = settled(outcome)
        # What the stop list has refused is written already, and this changes nothing.
        at = self._now().timestamp()
        written = asyncio.ensure_future(self._journal.settle(flying.row.id, kept, at))
        self._kept[id(outcome.message)] = Kept(translated(outcome, flying.row), written)
        if flying.gone is None:  # else it was counted when that was seen
            self._count("sending" if flying.departed else "pending", -1)
            self._count(kept.state, 1)
        self.settled += 1

    def taken(self, outcome: Outcome) -> Kept | None:
        """Return an outcome as the caller sees it; None where the row is pending again."""
        return self._kept.pop(id(outcome.message), None)

    def _count(self, state: State, rows: int) -> None:
        self._moved[state] += rows

    @property
    def counts(self) -> dict[State, int]:
        """How many rows there are in each state now."""
        moved = {state: self._moved[state] - self._base[state] for state in STATES}
        return {state: max(0, self._counted[state] + moved[state]) for state in STATES}

    async def recount(self) -> None:
        """Take in what others have written: rows that were added, stopped, settled or sent again."""
        self._stale = self._again = True
        self.wake()
        await self.count()

    async def count(self, *, at_once: bool = False) -> None:
        """Count all rows if others have written since that was done: seldom, or *at once*."""
        now = asyncio.get_running_loop().time()
        if not self._stale or (now < self._next_count and not at_once):
            return
        self._stale, self._next_count = False, now + COUNTED
        # All that was moved so far is written before the rows are counted.
        counting, base = self._journal.recount(), self._moved.copy()
        try:
            self._counted, self._base = await counting, base
        except BaseException:
            self._stale = True
            raise
