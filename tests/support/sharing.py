"""A service of the plainest kind whose equal texts share a call, and what a send came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from fakes import PlainService, judge

from mmsclient.messages import Message, Sms
from mmsclient.outcomes import Accepted, Outcome
from mmsclient.wire import Call, HttpRequest, HttpResponse

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from fakes import ScriptedTransport

    from mmsclient.bulk import Bulk


@attrs.frozen(kw_only=True)
class SharingService(PlainService):
    """Takes Sms only; the body of a request is the numbers it goes to, with commas between."""

    largest_batch: int = 500

    def batch_key(self, message: Message) -> str:
        self.send(message)
        assert isinstance(message, Sms)
        return message.text

    def batch(self, messages: Sequence[Message]) -> Call[list[Outcome]]:
        kept = tuple(messages)

        def decode(response: HttpResponse) -> list[Outcome]:
            judge(response)
            return [Accepted(id=f"id-{one.to}", to=one.to, message=one) for one in kept]

        numbers = [message.to for message in kept]
        assert len({self.batch_key(message) for message in kept}) == 1
        assert len(set(numbers)) == len(numbers) <= self.largest_batch
        request = HttpRequest("POST", self.url, {}, ",".join(numbers).encode())
        return Call(operation="send-all", request=request, decode=decode, messages=kept)


def sizes(transport: ScriptedTransport) -> list[int]:
    """Return how many numbers each call that arrived was for."""
    return [len(body.split(",")) for body in transport.arrived]


def numbers(transport: ScriptedTransport) -> list[str]:
    """Return every number that a call arrived for, as often as it did."""
    return [number for body in transport.arrived for number in body.split(",")]


def fates(taken: Iterable[Outcome], bulk: Bulk) -> list[Message]:
    """Return the messages that have a fate, as often as they have one."""
    return [*(outcome.message for outcome in (*taken, *bulk.late)), *bulk.unsent]


def refusing(bad: str, status: int = 400) -> Callable[..., Awaitable[HttpResponse]]:
    """Return a step that refuses every call in which a number stands."""

    async def step(request: HttpRequest, leaving: Callable[[], None]) -> HttpResponse:
        leaving()
        return HttpResponse(status if bad in request.body.decode() else 200, {}, b"said")

    return step


async def all_of(bulk: Bulk) -> list[Outcome]:
    """Send everything and return the outcomes."""
    async with bulk as outcomes:
        return [outcome async for outcome in outcomes]


def own_tasks(every: Iterable[asyncio.Task[object]]) -> list[str]:
    """Return the names of the library's tasks among *every* one."""
    return [task.get_name() for task in every if "mmsclient" in task.get_name()]
