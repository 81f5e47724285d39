"""Events are handed to handlers: some at once, in order per lane, again where they raise."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import secrets
import time
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.errors import InboxError
from mmsclient.postbacks.bells import heard
from mmsclient.postbacks.calling import called
from mmsclient.postbacks.claims import DIED, Claimant
from mmsclient.postbacks.entering import WORK

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from mmsclient.events import Event
    from mmsclient.postbacks.claims import Claim, Claimed
    from mmsclient.postbacks.handlers import Handlers
    from mmsclient.postbacks.inbox import Inbox
    from mmsclient.storage import Work

    #: Enters what came of an event.
    End: TypeAlias = Callable[[sqlite3.Connection], None]

log = logging.getLogger("mmsclient")

#: Seconds between two looks for what other processes have put into the inbox.
LOOK = 1.0
#: Seconds between two turns: what ends meanwhile is entered together.
BREATH = 0.01
#: Seconds for handlers under way to end by themselves.
GRACE = 10.0
#: Seconds for a handler to end that was cancelled.
UNWIND = 5.0
#: Waits are drawn out by up to this share: what failed together does not come back together.
JITTER = 0.1


@attrs.frozen(kw_only=True)
class Pace:
    """How much at once, how long, how often."""

    concurrency: int
    timeout: float
    retries: tuple[float, ...]
    lease: float

    @property
    def unwind(self) -> float:
        """Seconds for a handler to end that was cancelled, within which no claim runs out."""
        return min(UNWIND, self.lease / 2)


@attrs.frozen(kw_only=True)
class _Ended:
    """What came of an event."""

    end: partial[None]
    exit: BaseException | None = None
    """With what a handler asked the program to end."""


class Working:
    """Hands events to handlers from :meth:`start` to :meth:`stop`.

    Everything it enters about events goes into one piece of work a turn, so that those who wait
    for their postback to be kept share the disk with few others.
    """

    def __init__(self, inbox: Inbox, handlers: Handlers, pace: Pace) -> None:
        self._inbox = inbox
        self._handlers = handlers
        self._pace = pace
        self._claimant = Claimant(
            service=inbox.service,
            owner=secrets.token_bytes(8),
            lease=pace.lease,
            longest=max(pace.retries, default=0.0) * (1 + JITTER),
        )
        self._tasks: dict[asyncio.Task[_Ended], Claim] = {}
        self._ends: list[End] = []
        self._exit: BaseException | None = None
        self._renewal = -math.inf
        self._leaving = self._aborted = False
        self._turns: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Claim and hand out events from now on."""
        self._turns = asyncio.create_task(self._run(), name="mmsclient postbacks")

    async def stop(self) -> None:
        """Wait for the handlers under way, for a time; what they do not get done is given back."""
        self._leaving = True
        self._inbox.bells.ring({WORK})
        if self._turns is not None:
            await asyncio.wait([self._turns], timeout=GRACE)
        await self.abort()
        ends, self._ends = self._ends, []
        now = self._inbox.clock()

        def work(connection: sqlite3.Connection) -> None:
            _enter(connection, ends)
            # A turn that was cancelled may have claimed events, and told nobody.
            self._claimant.release(connection, now)

        try:
            await self._inbox.write(work)
        except InboxError as error:
            log.error("what handlers did is not entered, and will be done again: %s", error)  # noqa: TRY400 - it says all there is

    async def abort(self) -> None:
        """Cancel the handlers under way, and give their events back."""
        self._leaving = self._aborted = True
        tasks: list[asyncio.Task[Any]] = [*self._tasks, *([self._turns] if self._turns else [])]
        for task in tasks:
            task.cancel()
        # Each ends by itself, however long its handler goes on.
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        """Take turns until all is done after :meth:`stop`; trouble with the file is waited out."""
        with self._inbox.bells.listening([WORK]) as ear:
            while self._tasks or not self._leaving:
                leave = self._exit
                try:
                    wait = await self._turn(ear)
                except Exception as error:  # noqa: BLE001 - events must go on being handed out
                    log.error("events cannot be claimed: %s", _shown(error))  # noqa: TRY400 - its text may be private
                    await asyncio.sleep(LOOK)
                    wait = 0.0
                if leave is not None:  # by now it is entered what came of its event
                    raise leave
                await asyncio.sleep(BREATH)
                await heard(ear, wait)

    async def _turn(self, ear: asyncio.Event) -> float:
        """Fill all free places; return for how long there is nothing to do but listen."""
        await self._inbox.tidy_now_and_then()
        ends, self._ends = self._ends, []
        idle = self._leaving or not self._handlers
        free = 0 if idle else self._pace.concurrency - len(self._tasks)
        began = time.monotonic()  # the other clock may be set back
        renew = began >= self._renewal
        try:
            claimed = await self._inbox.write(self._work_of_a_turn(ends, free, renew=renew))
        except BaseException:
            self._ends = ends + self._ends
            raise
        if renew:
            self._renewal = began + self._pace.lease / 3
        if claimed.parked:
            log.error("%d events have failed for good: %s", claimed.parked, DIED)
        for claim in claimed.claims:
            events = await self._inbox.reader.events(claim.raw, claimed.raws[claim.raw])
            self._start(claim, events.get(claim.key), ear)
        longest = min(LOOK, self._pace.lease / 3)
        if claimed.next_due is None or len(claimed.claims) == free:
            return longest
        return min(longest, claimed.next_due - self._inbox.clock())

    def _work_of_a_turn(self, ends: Sequence[End], free: int, *, renew: bool) -> Work[Claimed]:
        now, claimant, held = self._inbox.clock(), self._claimant, list(self._tasks.values())

        def work(connection: sqlite3.Connection) -> Claimed:
            _enter(connection, ends)
            if renew:
                claimant.renew(connection, now, held)
            return claimant.claim(connection, now, free, held)

        return work

    def _start(self, claim: Claim, event: Event | None, ear: asyncio.Event) -> None:
        if event is None:
            self._enter_soon(self._parked(claim, "it cannot be read any more", []), ear)
            return
        through: list[str] = []
        task = asyncio.create_task(self._work(claim, event, through), name="mmsclient event")
        self._tasks[task] = claim

        def ended(task: asyncio.Task[_Ended]) -> None:
            del self._tasks[task]
            if task.cancelled():  # before it began, or while it waited for a handler to end
                end = self._end(claim, asyncio.CancelledError(), through)
            else:
                end, self._exit = task.result().end, self._exit or task.result().exit
            self._enter_soon(end, ear)

        task.add_done_callback(ended)

    def _enter_soon(self, end: partial[None], ear: asyncio.Event) -> None:
        self._ends.append(partial(end, now=self._inbox.clock()))
        ear.set()

    # -- one event ----------------------------------------------------------------------------

    async def _work(self, claim: Claim, event: Event, through: list[str]) -> _Ended:
        """Call all handlers of an event that are not through with it; return what came of it."""
        error: BaseException | None = None
        leave: BaseException | None = None
        timeout, unwind = self._pace.timeout, self._pace.unwind
        for handler in self._handlers.of(event, late=claim.late):
            if handler.name in claim.handled:
                continue
            if self._aborted:  # nothing more is begun
                error = error or asyncio.CancelledError()
                break
            raised = await called(handler, event, timeout=timeout, unwind=unwind)
            if raised is None:
                through.append(handler.name)
                continue
            error = error or raised
            self._tell(handler.name, claim, raised)
            if isinstance(raised, SystemExit | KeyboardInterrupt):
                leave = raised
                break
        return _Ended(end=self._end(claim, error, through), exit=leave)

    def _tell(self, name: str, claim: Claim, error: BaseException) -> None:
        if not self._is_given_back(error):
            most = len(self._pace.retries) + 1
            log.warning("handler %s, attempt %d of %d: %s", name, claim.attempt, most, _told(error))

    def _is_given_back(self, error: BaseException) -> bool:
        """Whether it was us who ended a handler; all else that ends one counts as an attempt."""
        return self._aborted and isinstance(error, asyncio.CancelledError)

    def _end(
        self, claim: Claim, error: BaseException | None, through: Sequence[str]
    ) -> partial[None]:
        if error is None:
            return partial(self._claimant.finish, claim=claim)
        if self._is_given_back(error):
            return partial(self._claimant.give_back, claim=claim, through=through)
        reason = _told(error)
        if claim.attempt > len(self._pace.retries):
            return self._parked(claim, reason, through)
        wait = self._pace.retries[claim.attempt - 1] * random.uniform(1, 1 + JITTER)  # noqa: S311 - no secret
        return partial(
            self._claimant.put_off, claim=claim, wait=wait, reason=reason, through=through
        )

    def _parked(self, claim: Claim, reason: str, through: Sequence[str]) -> partial[None]:
        log.error("an event has failed for good, after %d attempts: %s", claim.attempt, reason)
        return partial(
            self._claimant.put_off, claim=claim, wait=None, reason=reason, through=through
        )


def _enter(connection: sqlite3.Connection, ends: Sequence[End]) -> None:
    for end in ends:
        end(connection)


def _shown(error: BaseException) -> str:
    return str(error) if isinstance(error, InboxError) else _told(error)


def _told(error: BaseException) -> str:
    """Return the class of an error and where it was raised: its text can hold what is private."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
