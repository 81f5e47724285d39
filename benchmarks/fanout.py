"""A hundred calls in flight against a server that takes 50 ms, so that 2,000/s are the most.

"one client" is a single ``AsyncClient`` with ``Limits(100, 100)``, or a single ``ClientSession``,
with 100 workers; httpx's slows down as its pool grows. "opened": connections in all; "at once": the
most that were open; "churn": those opened after the first call of every worker. "us": CPU of the
client's process per call.
Goals: never more connections than calls in flight, and no churn.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from benchmarks.frame import ours, peers
from benchmarks.frame.benchmark import Benchmark, Ratio, cells
from benchmarks.frame.meter import Meter, crowd
from benchmarks.frame.servers import constant

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures

IN_FLIGHT = 100
LATENCY = 0.05


@asynccontextmanager
async def mmsclient(url: str, over: str) -> AsyncIterator[peers.Post]:
    ready = ours.service(url).send(ours.message())
    async with ours.opened(url, over, in_flight=IN_FLIGHT) as client:
        yield lambda: client.call(ready)


@asynccontextmanager
async def one_client(url: str, over: str) -> AsyncIterator[peers.Post]:
    request = ours.service(url).send(ours.message()).request
    async with getattr(peers, over)(request, IN_FLIGHT) as post:
        yield post


WAYS = {"mmsclient": mmsclient, "one client": one_client}


async def measure(bench: Bench, *, way: str, over: str) -> Figures:
    calls = bench.pick(quick=300, normal=3_000)
    with bench.serving(constant, body=ours.ANSWER, latency=LATENCY) as server:
        async with WAYS[way](server.url, over) as once:
            await crowd(once, IN_FLIGHT, IN_FLIGHT)
            first = server.report()["opened"]
            with Meter(calls) as meter:
                await crowd(once, calls, IN_FLIGHT)
            seen = server.report()
    churn = seen["opened"] - first
    return {**meter.figures, "opened": seen["opened"], "at once": seen["most"], "churn": churn}


BENCHMARK = Benchmark(
    cells=cells(way=WAYS, over=ours.TRANSPORTS),
    measure=measure,
    figures={"calls/s": ",.0f", "us": ",.0f", "opened": ".0f", "at once": ".0f", "churn": ".0f"},
    ratios={
        "calls/s ÷ one httpx": Ratio(of="calls/s", over={"way": "one client", "over": "httpx"}),
        "us ÷ one client": Ratio(of="us", over={"way": "one client"}),
    },
)
