"""Many messages at once: bounded in flight, read lazily, every outcome in order of completion."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from mmsclient.engine.pipeline import Flight, RecalledError, to_the_end
from mmsclient.errors import (
    ConnectionFailedError,
    MMSClientError,
    NoReplyError,
    ThrottledError,
)
from mmsclient.intake import Intake, Places, insist_on_own
from mmsclient.outcomes import Accepted, Outcome, Refused, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Self

    from mmsclient.errors import CallError
    from mmsclient.gathering import Gathered, Parcel
    from mmsclient.messages import Message
    from mmsclient.wire import Watch


#: Refusals in a row, beyond those that lead to one message of a parcel by halves, after which all of
#: it is taken to be refused for what is common to all: a sender that is not approved, say.
FURTHER_HALVES = 4


class Sender(Protocol):
    """Sends messages in one call; an error of the call is an outcome, not an exception."""

    async def __call__(
        self, parcel: Parcel, watch: Watch | None, flight: Flight
    ) -> Sequence[Outcome]:
        """Return what became of each message, in order."""
        ...


class Bulk:
    """The outcomes of many messages. Enter it with ``async with``, then ``async for``.

    Asking for outcomes is what sends: messages that were never read stay in the input.

    At most *calls* are under way, and at most *places* messages are read and have no outcome yet
    that was taken: a slow consumer slows the sending down, and memory stays flat however many
    messages there are. Leaving the block starts nothing new and waits for what is on its way.
    """

    def __init__(
        self,
        messages: Iterable[Message] | AsyncIterable[Message],
        send: Sender,
        *,
        calls: int,
        places: Places,
        gathered: Gathered | None = None,
        watch: Watch | None = None,
        stop_on: type[MMSClientError] | tuple[type[MMSClientError], ...] = (),
        on_outcome: Callable[[Outcome], object] | None = None,
    ) -> None:
        if not isinstance(messages, Iterable | AsyncIterable) or isinstance(messages, str):
            raise TypeError("messages must be an iterable of messages; send takes a single one")
        kinds = stop_on if isinstance(stop_on, tuple) else (stop_on,)
        if not all(isinstance(kind, type) for kind in kinds):
            raise TypeError("stop_on must be an error class of this library, or a tuple of such")
        self._send = send
        self._calls = calls
        self._watch = watch
        self._stop_on = stop_on
        self._on_outcome = on_outcome
        self._places = places
        self._input = Intake(messages, places, gathered)
        self._done: deque[Outcome] = deque()
        self._news = asyncio.Event()
        self._flights: dict[asyncio.Task[None], Flight] = {}
        self._error: BaseException | None = None
        self._entered = self._halted = False
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

    def stop(self) -> None:
        """Send nothing more; the outcomes of what is on its way still come, then the stream ends."""
        self._stop(None)

    # -- taking outcomes ----------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        if self._entered:
            raise RuntimeError("a bulk send can be entered once: call send_many again")
        self._entered = True
        self._input.open()
        return self

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Outcome:
        if not self._entered:
            raise RuntimeError("enter it first: async with client.send_many(...) as outcomes")
        if self._left:
            raise RuntimeError("the block was left: ask for outcomes inside async with")
        if not self._flights:
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
            try:
                await self._input.aclose()
            finally:
                self._unsent.extend(self._input.left())
        if kind is None:
            self._raise_error()

    def _raise_error(self) -> None:
        error = self._error or self._input.error
        self._error = self._input.error = None
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

    # -- working ------------------------------------------------------------------------------

    def _hire(self) -> None:
        """Start one more worker, unless there are enough."""
        if len(self._flights) < self._calls and not self._input.empty and not self._halted:
            task = asyncio.create_task(self._work(), name="mmsclient bulk worker")
            self._flights[task] = Flight()
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
            parcel = await self._input.next()
            if parcel is None:
                return
            self._hire()
            self._flights[task] = flight = Flight(partial(self._places.slot_held, len(parcel)))
            await self._deliver(parcel, task)
            if not flight.held:  # it needs no slot any more
                self._places.slot_held(len(parcel))

    async def _deliver(self, parcel: Parcel, task: asyncio.Task[None]) -> None:
        """See to it that each message of *parcel* has its outcome, or is among the unsent."""
        parts, barren = [parcel], 0
        try:
            while parts and not self._halted:
                part = parts.pop()
                outcomes = await self._carry(part, self._flights[task])
                self._flights[task] = flight = Flight()
                again = [] if self._halted else _for_rate(outcomes)
                repeated = {id(message) for message, _ in again}
                told = [o for o in outcomes if id(o.message) not in repeated]
                divisible = not again and _divisible(told)
                barren = barren + 1 if divisible or len(part) == 1 else 0
                barren = 0 if any(isinstance(o, Accepted) for o in told) else barren
                if divisible and not self._halted:
                    # With a bad message or two among them, halving soon finds some that are accepted.
                    if barren <= len(parcel).bit_length() + FURTHER_HALVES:
                        half = len(part) // 2
                        parts += part[half:], part[:half]
                        told = []
                    else:
                        told = [*told, *_with_them(told, parts)]
                        parts = []
                for outcome in told:
                    self._tell(outcome)
                if again:
                    # They are repeated: after the pause, and ahead of those that wait.
                    parts.append(tuple(message for message, _ in again))
                    await self._go_again(parts[-1], again[0][1], flight)
        except BaseException as error:
            insist_on_own(error)
            raise
        finally:
            self._unsent.extend(message for part in reversed(parts) for message in part)

    async def _carry(self, parcel: Parcel, flight: Flight) -> Sequence[Outcome]:
        """Send *parcel* and return what became of it."""
        try:
            watch = None if self._watch is None else self
            return await self._send(parcel, watch, flight)
        except RecalledError:
            self._unsent.extend(parcel)
        except BaseException as error:
            self._cut(parcel, flight, error)
            raise
        return ()

    async def _go_again(self, parcel: Parcel, error: ThrottledError, flight: Flight) -> None:
        """Let the caller's watch know of messages that were refused for rate while others went."""
        flight.held = flight.settling = True
        try:
            if self._watch is not None:
                await to_the_end(self._watch.returned(parcel, error))
        finally:
            flight.settling = False

    def _cut(self, parcel: Parcel, flight: Flight, error: BaseException) -> None:
        """Account for messages whose sending was broken off from outside."""
        if not flight.left:
            self._unsent.extend(parcel)
            return
        lost = NoReplyError("broken off after it had left")
        lost.__cause__ = error
        for message in parcel:
            self._tell(Unknown(message=message, error=lost))

    def _tell(self, outcome: Outcome) -> None:
        self._done.append(outcome)
        self._news.set()
        if not isinstance(outcome, Accepted) and isinstance(outcome.error, self._stop_on):
            self._stop(outcome.error)
        if self._on_outcome is not None:
            self._on_outcome(outcome)  # raises nothing: the client sees to that

    def _stop(self, error: BaseException | None) -> None:
        """Read no more and send nothing more; what is on its way still gets its outcome."""
        self._input.ended = self._halted = True
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


def _divisible(outcomes: Sequence[Outcome]) -> bool:
    """Whether messages were refused together for what may be the fault of one of them."""
    if len(outcomes) < 2:
        return False
    errors = {id(o.error): o.error for o in outcomes if isinstance(o, Refused)}
    together = len(errors) == 1 and all(isinstance(o, Refused) for o in outcomes)
    return together and next(iter(errors.values())).concerns == "message"


def _for_rate(outcomes: Sequence[Outcome]) -> list[tuple[Message, ThrottledError]]:
    """Return what of a call was refused for rate, where the rest was not."""
    throttled = [
        (o.message, o.error)
        for o in outcomes
        if isinstance(o, Refused) and isinstance(o.error, ThrottledError)
    ]
    return throttled if len(throttled) < len(outcomes) else []


def _with_them(outcomes: Sequence[Outcome], rest: Sequence[Parcel]) -> Sequence[Outcome]:
    """Return the same refusal for the other parts of a parcel that was refused as a whole."""
    error = next(o.error for o in outcomes if isinstance(o, Refused))
    return [Refused(message=m, error=error) for part in reversed(rest) for m in part]
