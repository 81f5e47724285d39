"""What requests say, read once as long as they are at hand; and an inbox that is only read."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import attrs

from mmsclient.errors import InboxError, PostbackError
from mmsclient.events import Event
from mmsclient.postbacks import identity, settings
from mmsclient.postbacks.gate import is_signing
from mmsclient.postbacks.layout import SCHEMA
from mmsclient.postbacks.looking import EVER, View
from mmsclient.storage import Database

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
    from datetime import datetime

    from mmsclient.postbacks.looking import Kept
    from mmsclient.services.base import Service
    from mmsclient.storage import Work
    from mmsclient.wire import RawPostback

T = TypeVar("T")

#: Bytes of a request that is read in a thread: a list of thousands takes tens of milliseconds.
LARGE = 16 * 1024
#: Bytes of the requests whose events are at hand: of a long list each event is handled on its own.
AT_HAND = 1024 * 1024
#: Events that are read from the file at once.
PAGE = 200


@attrs.frozen(kw_only=True)
class Content:
    """What a request says."""

    events: Sequence[Event] = ()
    unreadable: str | None = None
    """Why nothing can be read from it."""

    @property
    def by_key(self) -> Mapping[bytes, Event]:
        """The events by what they are recognised by; of copies the first."""
        return {identity.key(event): event for event in reversed(self.events)}


class Reader:
    """Reads requests of one service, and remembers those that it read last."""

    def __init__(self, service: Service) -> None:
        # Signatures are judged when a request comes; the secret may be another one later.
        unsigned = {"check_signature": False} if is_signing(service) else {}
        self._service: Service = attrs.evolve(service, **unsigned) if unsigned else service  # type: ignore[misc]  # what signs is a value of ours
        self._at_hand: OrderedDict[int, tuple[int, Mapping[bytes, Event]]] = OrderedDict()
        self._bytes = 0

    async def read(self, raw: RawPostback) -> Content:
        """Return what a request says; of one that cannot be read, why."""
        if _size(raw) > LARGE:
            return await asyncio.to_thread(self._read, raw)
        return self._read(raw)

    def _read(self, raw: RawPostback) -> Content:
        try:
            return Content(events=self._service.read_postback(raw))
        except PostbackError as error:
            return Content(unreadable=error.reason)
        except Exception as error:  # noqa: BLE001 - whatever it is, the request must not be lost
            defect = f"a defect of mmsclient, please report it: {type(error).__name__}"
            return Content(unreadable=defect)

    async def events(self, number: int, raw: RawPostback) -> Mapping[bytes, Event]:
        """Return the events of a request of the inbox by their keys."""
        if number in self._at_hand:
            self._at_hand.move_to_end(number)
            return self._at_hand[number][1]
        found = (await self.read(raw)).by_key
        self._remember(number, _size(raw), found)
        return found

    async def event(self, kept: Kept) -> Event | None:
        """Return an event of the inbox; None where it cannot be read any more."""
        return (await self.events(kept.raw, kept.request)).get(kept.key)

    def remember(self, number: int, raw: RawPostback, content: Content) -> None:
        """Have the events of a request at hand, for as long as there is room."""
        if content.events:
            self._remember(number, _size(raw), content.by_key)

    def _remember(self, number: int, size: int, events: Mapping[bytes, Event]) -> None:
        if number in self._at_hand:  # somebody else has read it meanwhile
            return
        self._at_hand[number] = size, events
        self._bytes += size
        while self._bytes > AT_HAND:
            _, (gone, _) = self._at_hand.popitem(last=False)
            self._bytes -= gone

    def forget(self) -> None:
        """Have nothing at hand: the file is another one."""
        self._at_hand.clear()
        self._bytes = 0


def _size(raw: RawPostback) -> int:
    return len(raw.body) + len(raw.query)


async def events(
    read: Callable[[Work[list[Kept]]], Awaitable[list[Kept]]],
    reader: Reader,
    view: View,
    span: tuple[float, float],
) -> AsyncIterator[Event]:
    """Read the events whose requests came in *span*, in order, some at a time."""
    after = 0
    while page := await read(lambda c: view.page(c, after, span, PAGE)):  # noqa: B023 - awaited at once
        for kept in page:
            if (event := await reader.event(kept)) is not None:
                yield event
        after = page[-1].number


async def read_inbox(
    path: str | os.PathLike[str],
    service: Service,
    since: datetime | None = None,
    until: datetime | None = None,
) -> AsyncGenerator[Event, None]:
    """Read the events that an inbox has kept of a service, in order, whoever uses it meanwhile.

    Nothing is written, and who could post to it does not matter.

    Args:
        path: the file.
        service: whose postbacks they are; its credentials are not used.
        since: the events that came from this aware moment on.
        until: and before this one.

    Raises:
        InboxError: there is no such file, or it cannot be read.
        ValueError: a moment names no zone.
    """
    span = settings.period(since, until, EVER)
    database = Database(path, SCHEMA, error=InboxError, exclusive=False)
    view = View(service=service.name)
    async for event in events(database.read, Reader(service), view, span):
        yield event
