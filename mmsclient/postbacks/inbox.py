"""The inbox: requests go in and are on the disk, events come out, once each."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import attrs

from mmsclient.errors import InboxError
from mmsclient.postbacks import settings
from mmsclient.postbacks.bells import Bells
from mmsclient.postbacks.entering import WORK, Arrival
from mmsclient.postbacks.layout import SCHEMA
from mmsclient.postbacks.looking import View
from mmsclient.postbacks.reading import Reader
from mmsclient.postbacks.upkeep import Upkeep
from mmsclient.storage import Database

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from mmsclient.postbacks.reading import Content
    from mmsclient.postbacks.upkeep import Thrown
    from mmsclient.services.base import Service
    from mmsclient.storage import Work, Writer
    from mmsclient.wire import RawPostback

T = TypeVar("T")

log = logging.getLogger("mmsclient")

#: Seconds between two tidyings.
TIDY = 3600.0
#: Seconds to wait for another program that holds the file: the service waits 10 for its answer.
PATIENCE = 5.0
#: Requests that are read anew at once; each may be as large as any.
FEW = 16


@attrs.frozen(kw_only=True)
class Terms:
    """How long things are kept, in seconds."""

    remember: float
    """Keys of events: a copy that comes within is a repeat."""
    keep: float
    """Requests and their events."""


class Inbox:
    """One service's part of an inbox file. Several processes may have it open."""

    def __init__(self, service: Service, path: str | os.PathLike[str], terms: Terms) -> None:
        self.service = service.name
        self.view = View(service=service.name)
        self.reader = Reader(service)
        self.bells = Bells()
        self.clock: Callable[[], float] = time.time
        """Times are compared across processes and restarts, so they are those of the wall."""
        self.path = Path(path)
        self._terms = terms
        self._upkeep = Upkeep(service=service.name)
        self._database = Database(
            path, SCHEMA, error=InboxError, exclusive=False, patience=PATIENCE
        )
        self._holds: list[AsyncExitStack] = []
        self._writer: Writer | None = None
        self._home: asyncio.AbstractEventLoop | None = None
        self._file: tuple[int, int] | None = None
        self._next_tidying = -math.inf

    # -- the file -----------------------------------------------------------------------------

    async def open(self) -> Writer:
        """Hold the file until :meth:`aclose`; whoever holds it already is given the same.

        Raises:
            InboxError: it cannot be opened or written.
        """
        home = asyncio.get_running_loop()
        if self._home is not home:  # what was held by an event loop that ended is closed
            self._home, self._writer = home, None
            self._holds.clear()
        if self._writer is None:
            hold = AsyncExitStack()
            writer = await hold.enter_async_context(self._database.writing())
            self._holds.append(hold)  # who comes at the same moment holds it too
            if self._writer is None:
                self._writer, self._file = writer, self._found()
                self.reader.forget()
        return self._writer

    async def aclose(self) -> None:
        """Let go of the file, once all that was asked for is on the disk."""
        self._writer = None
        while self._holds:
            await self._holds.pop().aclose()

    async def write(self, work: Work[T]) -> T:
        """Return what *work* returns, once it is on the disk.

        Raises:
            InboxError: it is not; or the file that it went to has no name any more.
        """
        done = await (await self.open()).run(work)
        if self._found() != self._file:
            raise InboxError(
                f"{self.path} was removed or replaced while it was in use: start this program anew"
            )
        return done

    def _found(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    async def read(self, work: Work[T]) -> T:
        """Return what *work* finds; where nothing came yet, it finds an empty inbox."""
        await self.open()
        return await self._database.read(work)

    # -- in and out ---------------------------------------------------------------------------

    async def keep(self, raw: RawPostback) -> None:
        """Return once the request and its events are on the disk.

        Raises:
            InboxError: they are not.
        """
        content = await self.reader.read(raw)
        if content.unreadable is not None:
            log.warning("a postback of %s is kept unread: %s", self.service, content.unreadable)
        entered = await self.write(self._arrival(raw, content).enter)
        self.reader.remember(entered.number, raw, content)
        self.bells.ring(entered.topics)

    def _arrival(self, raw: RawPostback, content: Content) -> Arrival:
        return Arrival(
            service=self.service,
            raw=raw,
            now=self.clock(),
            remembered=self._terms.remember,
            events=content.events,
            unreadable=content.unreadable,
        )

    async def retry(self, numbers: Sequence[int] | None) -> int:
        """Open parked events, all of them if *numbers* is None; return how many."""
        now = self.clock()
        count = await self.write(lambda c: self._upkeep.retry(c, numbers, now))
        self.bells.ring({WORK})
        return count

    async def replay(self, since: datetime | None, until: datetime | None) -> int:
        """Open closed events, and read the unreadable anew; return how many events that opened."""
        now = self.clock()
        span = settings.period(since, until, (0.0, now))
        count, after, more = 0, 0, True
        while more:
            opened, after = await self.write(
                lambda c: self._upkeep.replay(c, after=after, span=span, now=now)  # noqa: B023 - awaited at once
            )
            self.bells.ring({WORK})
            count, more = count + opened, opened > 0
        return count + await self._read_anew(span)

    async def _read_anew(self, span: tuple[float, float]) -> int:
        count, after = 0, 0
        while page := await self.read(lambda c: self.view.unreadable(c, FEW, after, span)):  # noqa: B023 - awaited at once
            for one in page:
                content = await self.reader.read(one.raw)
                if content.unreadable is None:
                    again = self._arrival(one.raw, content).read_again
                    entered = await self.write(partial(again, number=one.number))
                    self.bells.ring(entered.topics)
                    count += entered.events
            after = page[-1].number
        return count

    # -- upkeep -------------------------------------------------------------------------------

    async def tidy_now_and_then(self) -> None:
        """Throw away some of what is past its time, if that was not done lately."""
        now = time.monotonic()  # what is set forward or back is the other clock
        if now >= self._next_tidying:
            self._next_tidying = now + TIDY
            if (await self._tidy()).more:
                self._next_tidying = now

    async def tidy(self) -> int:
        """Throw away all that is past its time; return how many requests."""
        requests, more = 0, True
        while more:
            thrown = await self._tidy()
            requests, more = requests + thrown.requests, thrown.more
        return requests

    async def _tidy(self) -> Thrown:
        now = self.clock()
        before = now - self._terms.keep
        thrown = await self.write(lambda c: self._upkeep.tidy(c, now=now, before=before))
        if thrown.failed or thrown.unreadable:
            log.warning(
                "%d failed events and %d unread postbacks were thrown away: their time was over",
                thrown.failed,
                thrown.unreadable,
            )
        return thrown
