"""One call through the client, beside bare HTTP clients and the clients of other services.

The server gives one constant answer and costs next to nothing; the limiter is open wide. ``send``
checks, encodes, calls and decodes, and ``send_many`` does so for a stream; ``call`` is given a call
that is encoded already, and ``post`` is the bare client with the same bytes and as many connections
as calls in flight. ``twilio`` and ``telnyx`` send one message of their own kind: less to encode.
"us": CPU of the client's process per call. "opened": connections, those of a warm-up included.
Goal: at most 1.2 times httpx with the same number in flight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mmsclient as mms
from benchmarks.frame import ours, peers
from benchmarks.frame.benchmark import Benchmark, Ratio, cells
from benchmarks.frame.meter import Meter, crowd
from benchmarks.frame.servers import constant

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures

    #: (address, in flight, calls, what carries the bytes) -> figures
    Way = Callable[[str, int, int, str], Awaitable[Figures]]

TO = "12025550143"


async def repeated(once: peers.Post, calls: int, in_flight: int) -> Figures:
    """Await *once* over and over; a tenth more opens the connections and is not measured."""
    await crowd(once, max(in_flight, calls // 10), in_flight)
    with Meter(calls) as meter:
        await crowd(once, calls, in_flight)
    return meter.figures


async def post(url: str, in_flight: int, calls: int, over: str) -> Figures:
    request = ours.service(url).send(ours.message()).request
    async with getattr(peers, over)(request, in_flight) as once:
        return await repeated(once, calls, in_flight)


async def call(url: str, in_flight: int, calls: int, over: str) -> Figures:
    ready = ours.service(url).send(ours.message())
    async with ours.opened(url, over, in_flight=in_flight) as client:
        return await repeated(lambda: client.call(ready), calls, in_flight)


async def send(url: str, in_flight: int, calls: int, over: str) -> Figures:
    message = ours.message()
    async with ours.opened(url, over, in_flight=in_flight) as client:
        return await repeated(lambda: client.send(message), calls, in_flight)


async def send_many(url: str, in_flight: int, calls: int, over: str) -> Figures:
    message = ours.message()
    async with ours.opened(url, over, in_flight=in_flight) as client:

        async def stream(count: int) -> None:
            messages = (message for _ in range(count))
            async with client.send_many(messages, max_in_flight=in_flight) as outcomes:
                async for outcome in outcomes:
                    if not isinstance(outcome, mms.Accepted):
                        raise outcome.error

        await stream(max(in_flight, calls // 10))
        with Meter(calls) as meter:
            await stream(calls)
    return meter.figures


async def twilio(url: str, in_flight: int, calls: int, _: str) -> Figures:
    async with peers.twilio(url) as one:
        return await repeated(lambda: one(TO), calls, in_flight)


async def telnyx(url: str, in_flight: int, calls: int, _: str) -> Figures:
    async with peers.telnyx(url) as one:
        return await repeated(lambda: one(TO), calls, in_flight)


OURS: Mapping[str, Way] = {"call": call, "send": send, "send_many": send_many}
WAYS: Mapping[str, Way] = {"post": post, **OURS, "twilio": twilio, "telnyx": telnyx}
OVER = list(ours.TRANSPORTS)
IN_FLIGHT = [1, 16, 32]


async def measure(bench: Bench, *, in_flight: int, way: str, over: str) -> Figures:
    calls = bench.pick(quick=200, normal=2_000)
    with bench.serving(constant, **peers.answer(way)) as server:
        figures = await WAYS[way](server.url, in_flight, calls, over)
        return {**figures, "opened": server.report()["opened"]}


BENCHMARK = Benchmark(
    cells=[
        *cells(in_flight=IN_FLIGHT, way=["post", *OURS], over=OVER),
        *cells(in_flight=IN_FLIGHT, way=["twilio"], over=["aiohttp"]),
        *cells(in_flight=IN_FLIGHT, way=["telnyx"], over=["httpx"]),
    ],
    measure=measure,
    figures={"calls/s": ",.0f", "us": ",.0f", "opened": ".0f"},
    ratios={
        "us ÷ httpx": Ratio(of="us", over={"way": "post", "over": "httpx"}),
        "us ÷ bare": Ratio(of="us", over={"way": "post"}),
        "calls/s ÷ httpx": Ratio(of="calls/s", over={"way": "post", "over": "httpx"}),
        "calls/s ÷ bare": Ratio(of="calls/s", over={"way": "post"}),
    },
    rounds=5,
    quick={"in_flight": [16], "way": ["post", "send", "twilio", "telnyx"]},
)
