"""Many messages at once: bounded in flight, read lazily, every outcome in order of completion."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from mmsclient.engine.pipeline import Flight, RecalledError
from mmsclient.errors import ConnectionFailedError, MMSClientError, NoReplyError
from mmsclient.outcomes import Accepted, Outcome, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Self

    from mmsclient.errors import CallError
    from mmsclient.messages import Message
    from mmsclient.wire import Watch


class Sender(Protocol):
    """Sends one message of a bulk; an error of the call is an outcome, not an exception."""

    async def __call__(self, message: Message, watch: Watch | None, flight: Flight) -> Outcome:
        """Return what became of *message*."""
        ...


#: So many messages wait for their slots, unless the caller says how many may be under way: that
#: keeps the rate whatever answers take, and however many never come.
WAITING = 8


class _Places:
    """How far the input is read ahead.

    Args:
        most: messages that are read and whose outcomes are not yet taken, at most.
        waiting: of these, those that have not had a slot yet, at most.
    """

    def __init__(self, most: int, waiting: int) -> None:
        self._free = most
        self._idle = waiting
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def free(self) -> bool:
        return self._free > 0 and self._idle > 0

    async def take(self) -> None:
        while not self.free:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except BaseException:
                if turn.done():  # it was this one's turn: the next may have it
                    self._wake()
                raise
        self._free -= 1
        self._idle -= 1

    def on_slot(self) -> None:
        """Let another one wait: the one that did has its slot, or needs none any more."""
        self._idle += 1
        self._wake()

    def give_back(self) -> None:
        """Let another one be read: the outcome of one was taken."""
        self._free += 1
        self._wake()

    def _wake(self) -> None:
        while self._waiting and self.free:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return


class Bulk:
    """The outcomes of many messages. Enter it with ``async with``, then ``async for``.

    Asking for outcomes is what sends: messages that were never read stay in the input.

    At most *most* messages are read, under way, or done and not yet taken, and at most *waiting*
    of them wait for their slots: a slow consumer slows the sending down, and memory stays flat
    however many messages there are.
    Leaving the block starts nothing new and waits for what is on its way.
    """

    def __init__(
        self,
        messages: Iterable[Message] | AsyncIterable[Message],
        send: Sender,
        *,
        most: int,
        waiting: int,
        watch: Watch | None = None,
        stop_on: type[MMSClientError] | tuple[type[MMSClientError], ...] = (),
        on_outcome: Callable[[Outcome], object] | None = None,
    ) -> None:
        if not isinstance(messages, Iterable | AsyncIterable) or isinstance(messages, str):
            raise TypeError("messages must be an iterable of messages; send takes a single one")
        kinds = stop_on if isinstance(stop_on, tuple) else (stop_on,)
        if not all(isinstance(kind, type) for kind in kinds):
            raise TypeError("stop_on must be an error class of this library, or a tuple of such")
        self._source = messages
        self._send = send
        self._most = most
        self._watch = watch
        self._stop_on = stop_on
        self._on_outcome = on_outcome
        self._rows: Iterator[Message] | None = None
        self._input: AsyncGenerator[Message] | None = None
        self._reading = asyncio.Lock()
        self._places = _Places(most, waiting)
        self._done: deque[Outcome] = deque()
        self._news = asyncio.Event()
        self._flights: dict[asyncio.Task[None], Flight] = {}
        self._error: BaseException | None = None
        self._entered = self._ended = self._halted = False
        self._left = False
        self._unsent: list[Message] = []

    @property
    def late(self) -> tuple[Outcome, ...]:
        """What became of the messages that were on their way when the block was left."""
        return tuple(self._done) if self._left else ()

    @property
    def unsent(self) -> tuple[Message, ...]:
        """Messages that had been read from the input and were certainly not sent."""
        return tuple(self._unsent)

    # -- taking outcomes ----------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        if self._entered:
            raise RuntimeError("a bulk send can be entered once: call send_many again")
        self._entered = True
        if isinstance(self._source, AsyncIterable):
            self._input = _lazily(self._source)
        else:
            self._rows = iter(self._source)
        return self

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome:
        if not self._entered:
            raise RuntimeError("enter it first: async with client.send_many(...) as outcomes")
        if self._left:
            raise RuntimeError("the block was left: ask for outcomes inside async with")
        if not self._flights and not self._ended:
            self._hire()
        while not self._done:
            if not self._flights:
                self._raise_error()
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        self._places.give_back()
        return self._done.popleft()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._left = self._halted = True
        # A cancelled block ends at once; any other exit waits for what has already left.
        self._recall(everything=kind is not None and not issubclass(kind, Exception))
        try:
            await self._idle()
        finally:
            await self._input_closed()
        if kind is None:
            self._raise_error()

    def _raise_error(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error

    def _recall(self, *, everything: bool) -> None:
        here = asyncio.current_task()
        for task, flight in list(self._flights.items()):
            flight.recalled = True
            if task is not here and (everything or not (flight.left or flight.settling)):
                task.cancel()

    async def _idle(self) -> None:
        """Wait for all workers, however often that is cancelled."""
        cancelled: asyncio.CancelledError | None = None
        while self._flights:
            try:
                await asyncio.wait(list(self._flights))
            except asyncio.CancelledError as error:
                cancelled = error
                self._recall(everything=True)
        if cancelled is not None:
            raise cancelled

    async def _input_closed(self) -> None:
        if self._input is not None and not self._reading.locked():
            await self._input.aclose()

    # -- working ------------------------------------------------------------------------------

    def _hire(self) -> None:
        """Start one more worker, unless there are enough."""
        if len(self._flights) < self._most and not self._ended and not self._halted:
            task = asyncio.create_task(self._work(), name="mmsclient bulk worker")
            self._flights[task] = Flight(self._places.on_slot)
            task.add_done_callback(self._dismiss)

    def _dismiss(self, task: asyncio.Task[None]) -> None:
        del self._flights[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._stop(error)
        self._news.set()

    async def _work(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine always runs in a task
        while not self._halted:
            await self._places.take()
            read = await self._next()
            if read is None:
                self._places.on_slot()
                self._places.give_back()
                return
            self._hire()
            flight = self._flights[task]
            await self._carry(read[0], flight)
            if not flight.held:
                self._places.on_slot()
            self._flights[task] = Flight(self._places.on_slot)

    async def _next(self) -> tuple[Message] | None:
        """Return the next message of the input, None if there is none."""
        try:
            if self._rows is not None:
                return None if self._ended or self._halted else (next(self._rows),)
            async with self._reading:
                assert self._input is not None  # noqa: S101 - set on entering
                return None if self._ended or self._halted else (await anext(self._input),)
        except (StopIteration, StopAsyncIteration):
            self._ended = True
        except asyncio.CancelledError as error:
            _insist_on_own(error)
            raise
        except Exception as error:  # noqa: BLE001 - the input's own: the caller gets it later
            self._ended, self._error = True, error
        return None

    async def _carry(self, message: Message, flight: Flight) -> None:
        try:
            watch = None if self._watch is None else self
            outcome = await self._send(message, watch, flight)
        except RecalledError:
            self._unsent.append(message)
        except BaseException as error:
            self._cut(message, flight, error)
            _insist_on_own(error)
            raise
        else:
            self._tell(outcome)

    def _cut(self, message: Message, flight: Flight, error: BaseException) -> None:
        """Account for a message whose sending was broken off from outside."""
        if not flight.left:
            self._unsent.append(message)
            return
        lost = NoReplyError("broken off after it had left")
        lost.__cause__ = error
        self._tell(Unknown(message=message, error=lost))

    def _tell(self, outcome: Outcome) -> None:
        self._done.append(outcome)
        self._news.set()
        if not isinstance(outcome, Accepted) and isinstance(outcome.error, self._stop_on):
            self._stop(outcome.error)
        if self._on_outcome is not None:
            self._on_outcome(outcome)  # raises nothing: the client sees to that

    def _stop(self, error: BaseException) -> None:
        """Read no more and send nothing more; what is on its way still gets its outcome."""
        self._ended = self._halted = True
        self._error = self._error or error
        self._recall(everything=False)

    # -- the watch ----------------------------------------------------------------------------

    async def departing(self, messages: Sequence[Message]) -> None:
        """Let the caller's watch know; what was stopped meanwhile does not leave."""
        assert self._watch is not None  # noqa: S101 - else nobody is told
        await self._watch.departing(messages)
        if self._halted:
            await self._watch.returned(messages, ConnectionFailedError("stopped before it left"))
            raise RecalledError

    async def returned(self, messages: Sequence[Message], error: CallError) -> None:
        """Let the caller's watch know."""
        assert self._watch is not None  # noqa: S101 - else nobody is told
        await self._watch.returned(messages, error)


def _insist_on_own(error: BaseException) -> None:
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
