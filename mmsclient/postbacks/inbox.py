"""The inbox: requests go in and are on the disk, events come out, once each."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import attrs

from mmsclient.errors import InboxError, PostbackError
from mmsclient.postbacks import identity
from mmsclient.postbacks.bells import Bells
from mmsclient.postbacks.entering import WORK, Arrival
from mmsclient.postbacks.gate import is_signing
from mmsclient.postbacks.layout import SCHEMA
from mmsclient.postbacks.upkeep import Upkeep
from mmsclient.storage import Database

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from mmsclient.events import Event
    from mmsclient.postbacks.upkeep import Thrown
    from mmsclient.services.base import Service
    from mmsclient.storage import Work, Writer
    from mmsclient.wire import RawPostback

T = TypeVar("T")

log = logging.getLogger("mmsclient")

#: Seconds between two tidyings.
TIDY = 3600.0
#: Requests whose events are kept at hand: of a long list each event is handled on its own.
AT_HAND = 8


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
        # Signatures are judged when a request comes; the secret may be another one later.
        unsigned = {"check_signature": False} if is_signing(service) else {}
        self._reader: Service = attrs.evolve(service, **unsigned) if unsigned else service  # type: ignore[misc]  # what signs is a value of ours
        self.service = service.name
        self.bells = Bells()
        self.clock: Callable[[], float] = time.time
        """Times are compared across processes and restarts, so they are those of the wall."""
        self.name = Path(path).name
        self._terms = terms
        self._upkeep = Upkeep(service=service.name)
        self._database = Database(path, SCHEMA, error=InboxError, exclusive=False)
        self._held: AsyncExitStack | None = None
        self._writer: Writer | None = None
        self._home: asyncio.AbstractEventLoop | None = None
        self._opening: asyncio.Lock | None = None
        self._at_hand: OrderedDict[int, dict[bytes, Event]] = OrderedDict()
        self._next_tidying = 0.0

    # -- the file -----------------------------------------------------------------------------

    async def open(self) -> Writer:
        """Hold the file until :meth:`aclose`; whoever holds it already is given the same.

        Raises:
            InboxError: it cannot be opened or written.
        """
        home = asyncio.get_running_loop()
        if self._writer is None or self._home is not home:
            # A lock belongs to one event loop, and what was held by one that ended is closed.
            if self._opening is None or not self._opening.locked():
                self._opening = asyncio.Lock()
            async with self._opening:
                if self._writer is None or self._home is not home:
                    held = AsyncExitStack()
                    self._writer = await held.enter_async_context(self._database.writing())
                    self._held, self._home = held, home
        return self._writer

    async def aclose(self) -> None:
        """Let go of the file, once all that was asked for is on the disk."""
        held, self._held, self._writer = self._held, None, None
        if held is not None:
            await held.aclose()

    async def write(self, work: Work[T]) -> T:
        """Return what *work* returns, once it is on the disk."""
        return await (await self.open()).run(work)

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
        self.bells.ring(await self.write(self._arrival(raw).enter))

    async def read_again(self, number: int, raw: RawPostback) -> bool:
        """Read a request anew that could not be read; return whether it can be now."""
        arrival = self._arrival(raw)
        if arrival.unreadable is not None:
            return False
        await self.write(lambda connection: arrival.read_again(connection, number))
        self.bells.ring({WORK})
        return True

    def _arrival(self, raw: RawPostback) -> Arrival:
        events: tuple[Event, ...] = ()
        unreadable = None
        try:
            events = tuple(self._reader.read_postback(raw))
        except PostbackError as error:
            unreadable = error.reason
        except Exception as error:  # noqa: BLE001 - whatever it is, the request must not be lost
            unreadable = f"a defect of mmsclient, please report it: {type(error).__name__}"
        if unreadable is not None:
            log.warning("a postback of %s is kept unread: %s", self.service, unreadable)
        return Arrival(
            service=self.service,
            raw=raw,
            now=self.clock(),
            remembered=self._terms.remember,
            events=events,
            unreadable=unreadable,
        )

    def event(self, number: int, raw: RawPostback, key: bytes) -> Event | None:
        """Return the event of that key in a request; None where it cannot be read any more."""
        found = self._at_hand.get(number)
        if found is None:
            found = {identity.key(event): event for event in reversed(self._arrival(raw).events)}
            self._at_hand[number] = found
            if len(self._at_hand) > AT_HAND:
                self._at_hand.popitem(last=False)
        return found.get(key)

    # -- upkeep -------------------------------------------------------------------------------

    async def tidy_now_and_then(self) -> None:
        """Throw away some of what is past its time, if that was not done lately."""
        if self.clock() >= self._next_tidying:
            self._next_tidying = self.clock() + TIDY
            if (await self._tidy()).more:
                self._next_tidying = 0.0

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
        if thrown.failed:
            log.warning("%d failed events were thrown away: their time was over", thrown.failed)
        return thrown
