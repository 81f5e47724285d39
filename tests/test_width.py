"""How many messages are under way, unless told: what keeps the rate; in simulated time."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any

import clock
import pytest
from fakes import PlainService, ScriptedTransport, answer, hang, sms

import mmsclient as mms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, Any]:
    return clock.BACKEND


def now() -> float:
    return asyncio.get_running_loop().time()


class Distant:
    """A service whose answers take as long as the clock says."""

    def __init__(self, latency: Callable[[float], float]) -> None:
        self._latency = latency
        self.began = now()
        self.under_way = 0
        self.widest: dict[int, int] = {}
        self.answered: list[float] = []

    async def exchange(self, request: mms.HttpRequest, leaving: Callable[[], None]) -> Any:
        leaving()
        self.under_way += 1
        second = int(now() - self.began)
        self.widest[second] = max(self.widest.get(second, 0), self.under_way)
        await asyncio.sleep(self._latency(now() - self.began))
        self.under_way -= 1
        self.answered.append(now() - self.began)
        return mms.HttpResponse(200, {}, b"id")

    async def aclose(self) -> None:
        return

    def between(self, start: float, end: float) -> int:
        return sum(start <= at < end for at in self.answered)


async def campaign(
    rate: float, latency: Callable[[float], float], seconds: float, **terms: Any
) -> tuple[Distant, int]:
    """Send for some seconds; return what the service saw, and the most messages read ahead."""
    transport = Distant(latency)
    limiter = mms.Limiter(rate, policy="nominal")
    client = mms.Client(PlainService(), limiter=limiter, transport=transport)
    read = taken = ahead = 0

    def source() -> Iterator[mms.Sms]:
        nonlocal read
        while now() - transport.began < seconds:
            read += 1
            yield sms()

    async with client.send_many(source(), **terms) as outcomes:
        async for _ in outcomes:
            ahead = max(ahead, read - taken)
            taken += 1
    return transport, ahead


@pytest.mark.parametrize(
    ("rate", "latency"), [(15, 0.1), (15, 2.0), (100, 0.05), (100, 1.0), (1000, 0.05), (1000, 0.3)]
)
async def test_the_rate_is_kept_at_every_latency(rate: float, latency: float) -> None:
    service, _ = await campaign(rate, lambda _: latency, 16 if rate < 1000 else 6)
    settled = 5 + latency
    assert service.between(latency, settled) >= 0.97 * rate * 5


async def test_no_more_is_read_than_the_latency_asks_for() -> None:
    _, ahead = await campaign(15, lambda _: 0.1, 20)
    assert ahead <= 12
    service, ahead = await campaign(50, lambda at: 0.1 if at < 20 else 1.5, 60)
    assert 75 <= ahead <= 90
    assert service.between(45, 60) >= 0.97 * 50 * 15


async def test_it_is_never_wider_than_the_connections() -> None:
    service, ahead = await campaign(1000, lambda _: 2.0, 6)
    assert ahead <= 512
    assert max(service.widest.values()) <= 512
    service, _ = await campaign(15, lambda at: 0.1 if at < 20 else 4.0, 80)
    assert service.between(60, 80) <= 0.65 * 15 * 20  # 40 connections carry no more


@pytest.mark.parametrize("lost", [0.01, 0.03])
async def test_the_rate_is_kept_while_answers_are_lost(lost: float) -> None:
    choose = Random(7)
    service, _ = await campaign(50, lambda _: 30.0 if choose.random() < lost else 0.05, 60)
    assert service.between(30, 60) >= 0.93 * 50 * 30


async def test_the_rate_is_kept_with_a_slow_watch() -> None:
    class Slow:
        async def departing(self, messages: Sequence[mms.Message]) -> None:
            await asyncio.sleep(0.3)

        async def returned(self, messages: Sequence[mms.Message], error: mms.CallError) -> None:
            return

    service, _ = await campaign(100, lambda _: 0.05, 20, watch=Slow())
    assert service.between(5, 20) >= 0.97 * 100 * 15


async def test_a_width_that_is_told_is_kept() -> None:
    _, ahead = await campaign(100, lambda _: 0.5, 5, max_in_flight=7)
    assert ahead == 7


@pytest.mark.parametrize("name", ["connections", "max_in_flight"])
@pytest.mark.parametrize(
    ("value", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError), (True, TypeError)]
)
async def test_a_number_that_is_none_is_refused(
    name: str, value: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match=name):
        if name == "connections":
            mms.Client(PlainService(), connections=value)
        else:
            client = mms.Client(PlainService(), transport=ScriptedTransport())
            client.send_many([], max_in_flight=value)


async def test_who_waits_for_a_connection_hears_of_a_pause_that_outlasts_its_time() -> None:
    transport = ScriptedTransport([hang(left=True), answer(429, retry_after="60")])
    client = mms.Client(PlainService(), transport=transport, connections=2, rate=100)
    stuck = asyncio.create_task(client.send(sms()))
    await asyncio.sleep(0.1)
    throttled = asyncio.create_task(client.send(sms(), timeout=300.0))
    waiting = asyncio.create_task(client.send(sms(), timeout=30.0))
    began = now()
    with pytest.raises(mms.ThrottledError) as caught:
        await waiting
    assert now() - began < 1.0
    assert caught.value.retry_after is not None
    assert caught.value.retry_after > 30
    await throttled
    stuck.cancel()
