"""Events are handed to handlers: some at once, in order per lane, again where they raise."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from mmsclient.errors import InboxError
from mmsclient.postbacks.bells import heard
from mmsclient.postbacks.claims import Claimant
from mmsclient.postbacks.entering import WORK

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from mmsclient.events import Event
    from mmsclient.postbacks.claims import Claim, Claimed
    from mmsclient.postbacks.handlers import Handlers, Registered
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
#: Waits are drawn out by up to this share: what failed together does not come back together.
JITTER = 0.1


@attrs.frozen(kw_only=True)
class Pace:
    """How much at once, how long, how often."""

    concurrency: int
    timeout: float
    retries: tuple[float, ...]
    lease: float


class Working:
    """Hands events to handlers until it is cancelled.

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
            most=len(pace.retries) + 1,
        )
        self._tasks: dict[asyncio.Task[partial[None]], Claim] = {}
        self._ends: list[End] = []
        self._renewal = 0.0

    async def run(self) -> None:
        """Claim and hand out events, for ever; trouble with the file is waited out."""
        with self._inbox.bells.listening([WORK]) as ear:
            while True:
                try:
                    wait = await self._turn(ear)
                except Exception as error:  # noqa: BLE001 - events must go on being handed out
                    log.error("events cannot be claimed: %s", _shown(error))  # noqa: TRY400 - its text may be private
                    await asyncio.sleep(LOOK)
                    continue
                await asyncio.sleep(BREATH)
                await heard(ear, wait)

    async def stop(self) -> None:
        """Wait for the handlers under way, for a time; what they do not get done is given back."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE)
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
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _turn(self, ear: asyncio.Event) -> float:
        """Fill all free places; return for how long there is nothing to do but listen."""
        await self._inbox.tidy_now_and_then()
        ends, self._ends = self._ends, []
        free = self._pace.concurrency - len(self._tasks) if self._handlers else 0
        try:
            claimed = await self._inbox.write(self._work_of_a_turn(ends, free))
        except BaseException:
            self._ends = ends + self._ends
            raise
        for claim in claimed.claims:
            self._start(claim, claimed, ear)
        longest = min(LOOK, self._pace.lease / 3)
        if claimed.next_due is None or len(claimed.claims) == free:
            return longest
        return min(longest, claimed.next_due - self._inbox.clock())

    def _work_of_a_turn(self, ends: Sequence[End], free: int) -> Work[Claimed]:
        now, claimant, held = self._inbox.clock(), self._claimant, list[int]()
        if now >= self._renewal:
            self._renewal = now + self._pace.lease / 3
            held = [claim.event for claim in self._tasks.values()]

        def work(connection: sqlite3.Connection) -> Claimed:
            _enter(connection, ends)
            claimant.renew(connection, now, held)
            return claimant.claim(connection, now, free)

        return work

    def _start(self, claim: Claim, claimed: Claimed, ear: asyncio.Event) -> None:
        event = self._inbox.event(claim.raw, claimed.raws[claim.raw], claim.key)
        if event is None:
            parked = self._parked(claim, "it cannot be read any more", [])
            self._ends.append(partial(parked, now=self._inbox.clock()))
            ear.set()
            return
        through: list[str] = []
        task = asyncio.create_task(self._work(claim, event, through), name="mmsclient handler")
        self._tasks[task] = claim

        def ended(task: asyncio.Task[partial[None]]) -> None:
            del self._tasks[task]
            broken_off = task.cancelled() or task.exception() is not None
            give_back = partial(self._claimant.give_back, claim=claim, through=through)
            end = give_back if broken_off else task.result()
            self._ends.append(partial(end, now=self._inbox.clock()))
            ear.set()

        task.add_done_callback(ended)

    # -- one event ----------------------------------------------------------------------------

    async def _work(self, claim: Claim, event: Event, through: list[str]) -> partial[None]:
        """Call all handlers of an event that are not through with it; return what came of it."""
        reason: str | None = None
        for handler in self._handlers.of(event, late=claim.late):
            if handler.name not in claim.handled:
                raised = await self._call(handler, event, claim)
                reason = reason or raised
                through += [] if raised else [handler.name]
        return self._end(claim, reason, through)

    async def _call(self, handler: Registered, event: Event, claim: Claim) -> str | None:
        """Call one handler; return what it raised, None if nothing."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine always runs in a task
        try:
            async with asyncio.timeout(self._pace.timeout):
                await handler.call(event)
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and task.cancelling():
                raise
            reason = _told(error)
            log.warning(
                "handler %s, attempt %d of %d: %s",
                handler.name,
                claim.attempt,
                self._claimant.most,
                reason,
            )
            return reason
        return None

    def _end(self, claim: Claim, reason: str | None, through: Sequence[str]) -> partial[None]:
        if reason is None:
            return partial(self._claimant.finish, claim=claim)
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
