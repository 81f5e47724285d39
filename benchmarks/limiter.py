"""Who is refused for rate: this library beside the limiters of others, over real sockets.

Everybody sends at the permitted rate to a simulator in another process, which enforces it by one
of three rules. Networks add time in each direction: "jitter" 0 to 80 ms, "tails" half a second
more for one call in a hundred. ``mmsclient`` pauses and repeats when it is refused, as it does for
everybody; the others go on. "worst second": most calls that arrived within any second.
"achieved": accepted calls over permitted calls. A bucket that starts full permits a second's
calls more. ``policies`` does the same in simulated time, for longer and for more networks.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import httpx

import mmsclient as mms
from benchmarks.frame.benchmark import Benchmark, cells
from benchmarks.frame.pacers import PACERS
from benchmarks.frame.servers import KEY, simulator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures
    from benchmarks.frame.pacers import Drive

    #: (rate, service, when to stop) -> nothing
    Run = Callable[[int, mms.Skycore, float], Awaitable[None]]

#: Enough for half a second of round trip at 15/s, and for a quarter of one at 100/s.
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


async def theirs(drive: Drive, service: mms.Skycore, until: float) -> None:
    requests = (service.send(message).request for message in messages(until))
    async with httpx.AsyncClient() as http:

        async def post(request: mms.HttpRequest) -> None:
            await http.post(request.url, content=request.body, headers=request.headers)

        await drive(requests, post, WORKERS)


def _theirs(pacer: Callable[[int], Drive]) -> Run:
    return lambda rate, *given: theirs(pacer(rate), *given)


LIMITERS: Mapping[str, Run] = {
    "mmsclient adaptive": lambda rate, *given: ours(mms.Limiter(rate), *given),
    "mmsclient strict": lambda rate, *given: ours(mms.Limiter(rate, policy="strict"), *given),
    "mmsclient nominal": lambda rate, *given: ours(mms.Limiter(rate, policy="nominal"), *given),
    **{name: _theirs(pacer) for name, pacer in PACERS.items()},
}


async def measure(bench: Bench, *, rate: int, rule: str, network: str, limiter: str) -> Figures:
    logging.getLogger("mmsclient").setLevel(logging.ERROR)  # refusals are counted instead
    seconds = bench.pick(quick=2.0, normal=20.0)
    options = {"rate": rate, "rule": rule, **NETWORKS[network]}
    with bench.serving(simulator, seconds=seconds, **options) as server:
        service = mms.Skycore(api_key=KEY, url=server.url)
        await bench.start_together()
        await LIMITERS[limiter](rate, service, time.monotonic() + seconds + 0.5)
        seen = server.report()
    achieved = (seen["sent"] - seen["refused"]) / (rate * seconds)
    return {**seen, "worst second": seen["worst"], "achieved": achieved}


BENCHMARK = Benchmark(
    cells=cells(
        rate=[15, 100], rule=["sliding", "fixed", "bucket"], network=NETWORKS, limiter=LIMITERS
    ),
    measure=measure,
    figures={"sent": ".0f", "refused": ".0f", "worst second": ".0f", "achieved": ".1%"},
    at_once=6,  # six times 100/s is some third of what a core can do
    quick={"rule": ["sliding"], "network": ["jitter"]},
)
