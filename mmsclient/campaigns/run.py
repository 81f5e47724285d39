"""One run of a campaign: the outcomes as they are kept, until nothing is pending any more."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.campaigns.dispatch import Dispatch, Kept
from mmsclient.campaigns.hours import Hours
from mmsclient.campaigns.values import Progress
from mmsclient.errors import CampaignError, NoReplyError
from mmsclient.outcomes import Unknown
from mmsclient.storage.database import whole

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    from mmsclient.bulk import Bulk
    from mmsclient.campaigns.journal import Journal
    from mmsclient.campaigns.values import CampaignRow
    from mmsclient.client import Client
    from mmsclient.outcomes import Outcome
    from mmsclient.services.base import Service

log = logging.getLogger("mmsclient")

#: Seconds between two reports of progress, at least.
BETWEEN = 0.25


@attrs.frozen(kw_only=True)
class Terms:
    """How a run goes."""

    hours: Hours | None = None
    max_in_flight: int | None = None
    batch: int | None = None
    on_progress: Callable[[Progress], object] | None = None


class CampaignRun:
    """The outcomes of a campaign's pending rows. Enter it with ``async with``, then ``async for``.

    An outcome is given once it is on the disk. Rows that another run had under way when it was cut
    short come first, as Unknown. A row that was refused for what is not its own trouble is pending
    again and has no outcome yet: it is tried again, or the run ends with CampaignError.
    """

    def __init__(
        self,
        journal: Journal,
        client: Client[Service],
        terms: Terms,
        now: Callable[[], datetime],
        going: list[CampaignRun],
    ) -> None:
        self._going = going
        self._journal = journal
        self._client = client
        self._terms = terms
        self._now = now
        self._stack = AsyncExitStack()
        self._broken: deque[CampaignRow] = deque()
        self._ready: deque[Kept] = deque()
        """Outcomes that were taken from the stream and not given out yet."""
        self._dispatch: Dispatch | None = None
        self._bulk: Bulk | None = None
        self._late: list[Outcome] = []
        self._began = self._spoken = 0.0
        self._raised = False

    @property
    def late(self) -> tuple[Outcome, ...]:
        """What became of the messages that were on their way when the block was left."""
        return tuple(self._late)

    @property
    def progress(self) -> Progress:
        """How far the run has come."""
        dispatch = self._working
        seconds = asyncio.get_running_loop().time() - self._began
        open_ = dispatch.counts["pending"] + dispatch.counts["sending"]
        pace = dispatch.settled / seconds if seconds > 0 else 0.0
        trouble = dispatch.trouble
        return Progress(
            counts=dict(dispatch.counts),
            settled=dispatch.settled,
            seconds=seconds,
            left=open_ / pace if pace else None,
            waits_for=dispatch.waits_for,
            trouble=None if trouble is None else f"{type(trouble).__name__}: {trouble}",
        )

    def pause(self) -> None:
        """Let nothing leave until :meth:`resume`; what is on its way gets its outcome."""
        self._working.paused = True

    def resume(self) -> None:
        """Go on after :meth:`pause`."""
        self._working.paused = False
        self._working.wake()

    def stop(self) -> None:
        """Send nothing more; the outcomes of what is on its way still come, then the stream ends."""
        self._working.stop()

    async def recount(self) -> None:
        """Take in what was written beside the run."""
        if self._dispatch is not None:  # else it counts as it begins
            await self._dispatch.recount()

    @property
    def _working(self) -> Dispatch:
        if self._dispatch is None:
            raise RuntimeError("enter it first: async with campaign.run(client) as outcomes")
        return self._dispatch

    async def __aenter__(self) -> Self:
        if self._dispatch is not None:
            raise RuntimeError("a run can be entered once: call campaign.run again")
        if self._going:
            raise CampaignError("this campaign is being run already: wait for that run to end")
        self._going.append(self)
        self._stack.callback(self._going.remove, self)
        try:
            await self._stack.enter_async_context(self._journal.held())
            await self._begin()
        except BaseException:
            await whole(self._stack.aclose())
            raise
        return self

    async def _begin(self) -> None:
        service, terms = self._client.service, self._terms
        at = self._now().timestamp()
        await self._journal.begin(service.name, service.settles_after)
        self._broken.extend(await self._journal.break_off(at))
        await self._journal.reconcile((), at)
        self._dispatch = dispatch = Dispatch(
            self._journal,
            carried=service.carried_reference,
            hours=terms.hours,
            now=self._now,
            end=self._end,
            waiting=self._report,
        )
        await dispatch.count()
        bulk = self._client.send_many(
            dispatch.messages(),
            max_in_flight=terms.max_in_flight,
            batch=terms.batch,
            watch=dispatch,
            on_outcome=self._heard,
        )
        self._began = asyncio.get_running_loop().time()
        self._bulk = await bulk.__aenter__()

    def _end(self) -> None:
        if self._bulk is not None:
            self._bulk.stop()

    def _heard(self, outcome: Outcome) -> None:
        self._working.heard(outcome)
        self._report(often=True)

    def _report(self, *, often: bool = False) -> None:
        """Tell of progress; what is told *often* is passed over where the last time is not long ago."""
        now = asyncio.get_running_loop().time()
        if self._terms.on_progress is None or (often and now - self._spoken < BETWEEN):
            return
        self._spoken = now
        try:
            self._terms.on_progress(self.progress)
        except Exception as error:  # noqa: BLE001 - what is shown must not end what is sent
            log.error("on_progress raised %s", type(error).__name__)  # noqa: TRY400 - no traceback: it can show what is private

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome:
        dispatch = self._working
        if self._broken:
            return _broken_off(self._broken.popleft())
        assert self._bulk is not None  # noqa: S101 - it was entered
        while not self._ready:
            try:
                outcome = await anext(self._bulk)
            except StopAsyncIteration:
                await dispatch.count(at_once=True)
                self._report()
                self._raise_cause()
                raise
            if (kept := dispatch.taken(outcome)) is not None:
                self._ready.append(kept)
        kept = self._ready.popleft()
        try:
            await self._written(kept.written, dispatch)
        except asyncio.CancelledError:
            self._ready.appendleft(kept)
            raise
        return kept.outcome

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        dispatch, bulk = self._working, self._bulk
        assert bulk is not None  # noqa: S101 - it was entered
        dispatch.ending = True
        dispatch.wake()
        try:
            await bulk.__aexit__(kind, error, trace)
        finally:
            await whole(self._close(bulk, dispatch))
        if kind is None:
            self._raise_cause()

    async def _close(self, bulk: Bulk, dispatch: Dispatch) -> None:
        late = (dispatch.taken(outcome) for outcome in bulk.late)
        kept = [*self._ready, *(each for each in late if each is not None)]
        self._late.extend(each.outcome for each in kept)
        try:
            for each in kept:
                await self._written(each.written, dispatch)
            last = self._journal.reconcile((), self._now().timestamp())
            await self._written(asyncio.ensure_future(last), dispatch)
            counted = asyncio.ensure_future(dispatch.count(at_once=True))
            await self._written(counted, dispatch)
        finally:
            await self._stack.aclose()

    async def _written(self, work: asyncio.Future[Any], dispatch: Dispatch) -> None:
        """Wait for a write. If it fails the run ends; what is told of a message is true all the same."""
        await asyncio.wait(
            [work]
        )  # unlike plain await it lets the write go on if this is cancelled
        if isinstance(error := work.exception(), CampaignError):
            dispatch.fail(error)
        elif error is not None:
            raise error

    def _raise_cause(self) -> None:
        cause = self._working.cause
        if cause is None or self._raised:
            return
        self._raised = True
        if isinstance(cause, CampaignError):
            raise cause
        open_ = self._working.counts["pending"]
        stay = "1 row stays" if open_ == 1 else f"{open_:,} rows stay"
        text = f"{stay} pending: {type(cause).__name__}: {cause}"
        raise CampaignError(text) from cause


def _broken_off(row: CampaignRow) -> Unknown:
    reason = "" if row.failure is None else row.failure.reason
    return Unknown(message=row.message, error=NoReplyError(reason))
