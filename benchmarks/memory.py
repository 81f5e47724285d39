"""How much more memory a long campaign takes than a short one.

The transport is a stub in the same process that answers at once. "grown": by how much the highest
memory of the process rises over the campaign, in MB, after one of 1,000 messages. "gather" makes a
task for each message. "us": CPU per message.
Goal: a million recipients with at most 10 MB more.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import mmsclient as mms
from benchmarks.frame import ours
from benchmarks.frame.benchmark import Benchmark, cells
from benchmarks.frame.meter import Meter, peak_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures

URL = "http://127.0.0.1:9/"
WARM_UP = 1_000


class Stub:
    """Answers every call, after a turn of the loop."""

    async def exchange(self, _: mms.HttpRequest, leaving: Callable[[], None]) -> mms.HttpResponse:
        leaving()
        await asyncio.sleep(0)
        return mms.HttpResponse(200, {}, ours.ANSWER.encode())

    async def aclose(self) -> None:
        pass


async def send_many(client: mms.Client[mms.Skycore], count: int) -> None:
    async with client.send_many(ours.messages(count)) as outcomes:
        async for outcome in outcomes:
            if not isinstance(outcome, mms.Accepted):
                raise outcome.error


async def gather(client: mms.Client[mms.Skycore], count: int) -> None:
    await asyncio.gather(*(client.send(message) for message in ours.messages(count)))


WAYS = {"send_many": send_many, "gather": gather}


async def measure(bench: Bench, *, messages: int, way: str) -> Figures:
    count = bench.pick(quick=messages // 20, normal=messages)
    limiter = mms.Limiter(1_000_000, policy="nominal")
    async with mms.Client(ours.service(URL), limiter=limiter, transport=Stub()) as client:
        await WAYS[way](client, WARM_UP)
        before = peak_memory()
        with Meter(count) as meter:
            await WAYS[way](client, count)
    return {"sent": count, "grown": peak_memory() - before, "us": meter.figures["us"]}


BENCHMARK = Benchmark(
    cells=[
        *cells(messages=[100_000], way=WAYS),
        *cells(messages=[1_000_000], way=["send_many"]),
    ],
    measure=measure,
    figures={"sent": ",.0f", "grown": ",.1f", "us": ",.0f"},
    rounds=1,
)
