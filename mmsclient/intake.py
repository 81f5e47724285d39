"""What a bulk send reads: lazily, within bounds, in parcels of messages that share a call."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmsclient.gathering import Gathered, Parcel
    from mmsclient.messages import Message


#: So many calls' worth of messages wait for their slots, unless the caller says how many may be
#: under way: that keeps the rate whatever answers take, and however many never come.
WAITING = 8

#: So many messages are gathered before others have their turn: slots fall due meanwhile.
TURN = 100


class Places:
    """How far the input is read ahead.

    Args:
        most: messages that are read and whose outcomes are not yet taken, at most.
        waiting: of these, those that have not had a slot yet, at most.
    """

    def __init__(self, most: int, waiting: int) -> None:
        self._most = most
        self._most_waiting = waiting
        self.taken = self.waiting = 0
        self._turns: deque[asyncio.Future[None]] = deque()

    @property
    def free(self) -> bool:
        """Whether there is a place."""
        return self.taken < self._most and self.waiting < self._most_waiting

    def only_held_by(self, messages: int) -> bool:
        """Whether so many that wait take up all the room: nobody else can give any of it back."""
        rooms = (self.taken, self._most), (self.waiting, self._most_waiting)
        return any(there == messages >= most for there, most in rooms)

    async def take(self, by: float | None = None) -> bool:
        """Wait for a place, and take it; return whether there was one by then."""
        while not self.free:
            turn = asyncio.get_running_loop().create_future()
            self._turns.append(turn)
            try:
                async with asyncio.timeout_at(by):
                    await turn
            except BaseException as error:
                if turn.done():  # it was this one's turn: the next may have it
                    self._wake()
                if isinstance(error, TimeoutError):
                    return False
                raise
        self.taken += 1
        self.waiting += 1
        return True

    def slot_held(self, messages: int = 1) -> None:
        """Let others wait: so many have their slot, or need none any more."""
        self.waiting -= messages
        self._wake(messages)

    def give_back(self) -> None:
        """Let the next message be read: the outcome of one was taken."""
        self.taken -= 1
        self._wake()

    def _wake(self, many: int = 1) -> None:
        while self._turns and many and self.free:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(None)
                many -= 1


class Intake:
    """The input of a bulk send.

    Args:
        source: the messages; any iterable, also an asynchronous one.
        places: how far it may be read ahead.
        gathered: what puts messages together that can share a call; None: each goes alone.
    """

    def __init__(
        self,
        source: Iterable[Message] | AsyncIterable[Message],
        places: Places,
        gathered: Gathered | None,
    ) -> None:
        self._source = source
        self._places = places
        self._gathered = gathered
        self._rows: Iterator[Message] | None = None
        self._stream: AsyncGenerator[Message] | None = None
        self._reading = asyncio.Lock()
        self._next: asyncio.Task[Parcel | None] | None = None
        self.ended = False
        """Whether nothing more is read."""
        self.error: Exception | None = None
        """What reading raised."""

    @property
    def empty(self) -> bool:
        """Whether nothing more comes out."""
        return self.ended and not self._gathered

    def open(self) -> None:
        """Begin; nothing is read yet."""
        if isinstance(self._source, AsyncIterable):
            self._stream = _lazily(self._source)
        else:
            self._rows = iter(self._source)

    async def aclose(self) -> None:
        """Close the input."""
        self.ended = True
        await self._abandon()
        if self._stream is not None and not self._reading.locked():
            await self._stream.aclose()

    def left(self) -> Parcel:
        """Return the messages that were read and never came out in a parcel, once it is closed."""
        left: list[Message] = []
        while self._gathered and (parcel := self._gathered.take()):
            left.extend(parcel)
        task, self._next = self._next, None
        if task is not None and not (task.cancelled() or task.exception()):
            left.extend(task.result() or ())
        return tuple(left)

    async def next(self) -> Parcel | None:
        """Return messages that leave together, None if there are no more."""
        if self._gathered is not None:
            async with self._reading:
                return await self._gather(self._gathered)
        await self._places.take()
        if self._rows is None:
            async with self._reading:
                read = await self._read()
        else:
            read = await self._read()
        if read is None:
            self._return_place()
        return read

    def _return_place(self) -> None:
        """Give back the place of what was not read."""
        self._places.slot_held()
        self._places.give_back()

    async def _gather(self, gathered: Gathered) -> Parcel | None:
        now = asyncio.get_running_loop().time
        while True:
            if parcel := gathered.due(now()):
                return parcel
            # What has all places to itself would wait for nothing.
            if self.ended or self._places.only_held_by(len(gathered)):
                return gathered.take()
            if not await self._places.take(gathered.next_due()):
                continue
            read = await self._read_by(gathered.next_due())
            if read is None:
                self._return_place()
            elif parcel := gathered.add(read[0], now()):
                return parcel
            elif len(gathered) % TURN == 0:
                await asyncio.sleep(0)

    async def _read_by(self, due: float | None) -> Parcel | None:
        """Return the next message; None if there is none, or not in time."""
        if self._rows is not None:
            return await self._read()
        if self._next is None:
            self._next = asyncio.create_task(self._read(), name="mmsclient bulk input")
        try:
            async with asyncio.timeout_at(due):
                # The input is not to be disturbed: it goes on while what waits leaves.
                await asyncio.shield(self._next)
        except TimeoutError:
            if not self._next.done():
                return None
        task, self._next = self._next, None
        return task.result()

    async def _read(self) -> Parcel | None:
        """Return the next message of the input alone, None if there is none."""
        if self.ended:
            return None
        try:
            if self._rows is not None:
                return (next(self._rows),)
            assert self._stream is not None  # noqa: S101 - one of the two is open
            return (await anext(self._stream),)
        except (StopIteration, StopAsyncIteration):
            self.ended = True
        except asyncio.CancelledError as error:
            insist_on_own(error)
            raise
        except Exception as error:  # noqa: BLE001 - the input's own: the caller gets it later
            self.ended, self.error = True, error
        return None

    async def _abandon(self) -> None:
        """Stop reading, and wait for the end of it, however often that is cancelled."""
        if self._next is None:
            return
        self._next.cancel()
        cancelled: asyncio.CancelledError | None = None
        while not self._next.done():
            try:
                await asyncio.wait([self._next])
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled


def insist_on_own(error: BaseException) -> None:
    """Raise if a cancellation comes from inside: of the input, the watch or the transport.

    It would end the worker as if nothing had happened, and the stream with messages unread.
    """
    task = asyncio.current_task()
    foreign = isinstance(error, asyncio.CancelledError) and not (task and task.cancelling())
    if foreign:
        raise RuntimeError("something that a bulk send awaits was cancelled") from error


async def _lazily(messages: AsyncIterable[Message]) -> AsyncGenerator[Message]:
    async for message in messages:
        yield message
