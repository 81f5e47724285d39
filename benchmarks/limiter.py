"""Who is refused for rate: this library against aiolimiter used in the two obvious ways.

Everybody sends at 15/s over real sockets to a simulator in another process, which enforces 15/s by
one of three rules. Networks add time in each direction: "jitter" 0 to 80 ms, "tails" half a second
more for one call in a hundred. ``mmsclient`` pauses and repeats when it is refused, as it does for
everybody; the others go on. "worst second": most calls that arrived within any second.
"achieved": accepted calls over permitted calls. A bucket that starts full permits 15 calls more.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import httpx
from aiolimiter import AsyncLimiter

import mmsclient as mms
from benchmarks.frame.benchmark import Benchmark, cells
from benchmarks.frame.servers import KEY, simulator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures

RATE = 15

#: Enough for half a second of round trip, which is the longest here.
WORKERS = 32

NETWORKS: Mapping[str, Mapping[str, object]] = {
    "steady": {},
    "jitter": {"jitter": 0.08},
    "tails": {"jitter": 0.08, "tail": (0.01, 0.5)},
}


def messages(until: float) -> Iterator[mms.Sms]:
    number = 0
    while time.monotonic() < until:
        number = (number + 1) % 10_000
        yield mms.Sms(to=f"1202555{number:04}", sender="70707", text="Fresh at 7")


async def ours(limiter: mms.Limiter, service: mms.Skycore, until: float) -> None:
    async with (
        mms.Client(service, limiter=limiter) as client,
        client.send_many(messages(until), max_in_flight=WORKERS) as outcomes,
    ):
        async for _ in outcomes:
            pass


async def theirs(limiter: AsyncLimiter, service: mms.Skycore, until: float) -> None:
    requests = (service.send(message).request for message in messages(until))

    async def work(http: httpx.AsyncClient) -> None:
        for request in requests:
            async with limiter:
                await http.post(request.url, content=request.body, headers=request.headers)

    async with httpx.AsyncClient() as http:
        await asyncio.gather(*(work(http) for _ in range(WORKERS)))


LIMITERS: Mapping[str, Callable[[mms.Skycore, float], Awaitable[None]]] = {
    "mmsclient adaptive": lambda *given: ours(mms.Limiter(RATE), *given),
    "mmsclient strict": lambda *given: ours(mms.Limiter(RATE, policy="strict"), *given),
    "mmsclient nominal": lambda *given: ours(mms.Limiter(RATE, policy="nominal"), *given),
    "AsyncLimiter(15, 1)": lambda *given: theirs(AsyncLimiter(RATE, 1), *given),
    "AsyncLimiter(1, 1/15)": lambda *given: theirs(AsyncLimiter(1, 1 / RATE), *given),
}


async def measure(bench: Bench, *, rule: str, network: str, limiter: str) -> Figures:
    logging.getLogger("mmsclient").setLevel(logging.ERROR)  # refusals are counted instead
    seconds = bench.pick(quick=5.0, normal=20.0)
    options = {"rate": RATE, "rule": rule, **NETWORKS[network]}
    with bench.serving(simulator, seconds=seconds, **options) as server:
        service = mms.Skycore(api_key=KEY, url=server.url)
        await bench.start_together()
        await LIMITERS[limiter](service, time.monotonic() + seconds + 0.5)
        seen = server.report()
    achieved = (seen["sent"] - seen["refused"]) / (RATE * seconds)
    return {**seen, "worst second": seen["worst"], "achieved": achieved}


BENCHMARK = Benchmark(
    cells=cells(rule=["sliding", "fixed", "bucket"], network=NETWORKS, limiter=LIMITERS),
    measure=measure,
    figures={"sent": ".0f", "refused": ".0f", "worst second": ".0f", "achieved": ".1%"},
    at_once=12,
)
