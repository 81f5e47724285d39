"""A service of the plainest kind and a transport that follows a script, for the engine alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import attrs

from mmsclient.errors import Fault as MessageFault
from mmsclient.errors import (
    InvalidMessageError,
    RefusedError,
    ServiceFailedError,
    ThrottledError,
    UnsupportedError,
)
from mmsclient.messages import Check, Message, Sms, Weight
from mmsclient.outcomes import Accepted, Outcome, Page
from mmsclient.wire import Call, HttpRequest, HttpResponse, PagedCall, Rate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
    from datetime import datetime
    from random import Random

    from mmsclient.events import Event, InboundMessage
    from mmsclient.services.base import Numbered
    from mmsclient.sightings import Sighted
    from mmsclient.wire import RawPostback

    Step = Callable[[HttpRequest, Callable[[], None]], Awaitable[HttpResponse]]


def judge(response: HttpResponse) -> None:
    if response.status == 429:
        after = response.headers.get("retry-after")
        raise ThrottledError("slow down", retry_after=float(after) if after else None)
    if response.status >= 500:
        raise ServiceFailedError("trouble inside", http_status=response.status)
    if response.status >= 400:
        raise RefusedError("no", http_status=response.status)


@attrs.frozen(kw_only=True)
class PlainService:
    """Takes Sms only; the body of a request is the number it goes to."""

    rate: Rate = attrs.field(factory=lambda: Rate(100))
    url: str = "http://127.0.0.1:9/"
    name: str = "plain"
    largest_batch: int = 1
    postback_method: Literal["GET", "POST"] = "POST"
    settles_after: timedelta = timedelta(days=3)

    def check(self, message: Message) -> Check:
        if isinstance(message, Sms) and message.to == "bad":
            return Check(faults=(MessageFault("to", "is bad", "be good"),))
        return Check()

    def weight(self, message: Message) -> Weight | None:
        return None

    def send(self, message: Message) -> Call[Accepted]:
        if not isinstance(message, Sms):
            raise UnsupportedError(self.name, "this kind of message")
        if faults := self.check(message).faults:
            raise InvalidMessageError(faults)

        def decode(response: HttpResponse) -> Accepted:
            judge(response)
            return Accepted(id=response.body.decode(), to=message.to, message=message)

        request = HttpRequest("POST", self.url, {}, message.to.encode())
        return Call(operation="send", request=request, decode=decode, messages=(message,))

    def read(self, word: str = "x") -> Call[str]:
        def decode(response: HttpResponse) -> str:
            judge(response)
            return response.body.decode()

        request = HttpRequest("POST", self.url, {}, word.encode())
        return Call(operation="read", request=request, decode=decode, repeatable=True)

    def listing(self, pages: dict[int, Page[int]], size: int | None = None) -> PagedCall[int]:
        def page(number: int) -> Call[Page[int]]:
            def decode(response: HttpResponse) -> Page[int]:
                judge(response)
                return pages.get(number, Page(()))

            request = HttpRequest("POST", self.url, {}, str(number).encode())
            return Call(operation="list", request=request, decode=decode, repeatable=True)

        return PagedCall(operation="list", page=page, size=size)

    def batch_key(self, message: Message) -> Hashable | None:
        return None

    def batch(self, messages: Sequence[Message]) -> Call[list[Outcome]]:
        raise UnsupportedError(self.name, "batches")

    def carried_reference(self, message: Message) -> str | None:
        return message.reference

    def outbox(self, start: datetime, end: datetime) -> PagedCall[Sighted]:
        raise UnsupportedError(self.name, f"an outbox from {start} to {end}")

    def opt_outs(self) -> PagedCall[Numbered]:
        raise UnsupportedError(self.name, "opt-outs")

    def mark_read(self, ids: Sequence[str]) -> Call[None]:
        raise UnsupportedError(self.name, "an inbox")

    def inbox(self) -> PagedCall[InboundMessage]:
        raise UnsupportedError(self.name, "an inbox")

    def read_postback(self, raw: RawPostback) -> list[Event]:
        raise UnsupportedError(self.name, f"postbacks by {raw.method}")


def sms(to: str = "12025550143", **fields: Any) -> Sms:
    return Sms(to=to, text="hello", **fields)


def many(count: int) -> list[Sms]:
    return [sms(f"1202555{n:04}") for n in range(count)]


class ScriptedTransport:
    """Follows a script, one step per exchange; after its end every exchange succeeds."""

    def __init__(self, steps: Iterable[Step] = (), *, latency: float = 0.0) -> None:
        self._steps = list(steps)
        self._latency = latency
        self.arrived: list[str] = []
        self.times: list[float] = []
        self.under_way = 0
        self.most_under_way = 0
        self.closed = False

    async def exchange(self, request: HttpRequest, leaving: Callable[[], None]) -> HttpResponse:
        step = self._steps.pop(0) if self._steps else answer()
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)

        def left() -> None:
            leaving()
            self.arrived.append(request.body.decode())
            self.times.append(asyncio.get_running_loop().time())

        try:
            response = await step(request, left)
            await asyncio.sleep(self._latency)
            return response
        finally:
            self.under_way -= 1

    async def aclose(self) -> None:
        self.closed = True


def answer(status: int = 200, *, after: float = 0.0, **headers: str) -> Step:
    async def step(request: HttpRequest, leaving: Callable[[], None]) -> HttpResponse:
        leaving()
        if after:
            await asyncio.sleep(after)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return HttpResponse(status, names, b"id-" + request.body)

    return step


def fail(error: BaseException, *, left: bool) -> Step:
    async def step(request: HttpRequest, leaving: Callable[[], None]) -> HttpResponse:
        if left:
            leaving()
        raise error

    return step


def hang(*, left: bool) -> Step:
    async def step(request: HttpRequest, leaving: Callable[[], None]) -> HttpResponse:
        if left:
            leaving()
        await asyncio.Event().wait()
        raise AssertionError

    return step


def trouble(random: Random) -> Step:
    """Return what may become of an exchange, good or bad."""
    lot = random.random()
    if lot < 0.6:
        return answer()
    if lot < 0.7:
        seconds: dict[str, Any] = {"retry_after": random.choice(["1", "5", "40"])}
        return answer(429, **random.choice([{}, seconds]))
    if lot < 0.8:
        return answer(random.choice([400, 500, 503]))
    if lot < 0.95:
        return fail(OSError("reset"), left=lot > 0.88)
    return hang(left=random.random() < 0.5)
