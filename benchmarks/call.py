"""One call through the client, against a bare ``httpx.AsyncClient.post`` of the same body.

The server gives one constant answer and costs next to nothing; the limiter is open wide. ``send``
checks, encodes, calls and decodes, and ``send_many`` does so for a stream; ``call`` is given a call
that is encoded already. "us": CPU of the client's process per call.
Goal: at most 1.2 times httpx with the same number in flight.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import httpx

import mmsclient as mms
from benchmarks.frame.benchmark import Benchmark, Ratio, cells
from benchmarks.frame.servers import KEY, constant

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from typing import Self

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures

    Once = Callable[[], Awaitable[object]]
    Way = Callable[[mms.Skycore, int, int], Awaitable[Figures]]

ANSWER = (
    "<RESPONSE><STATUS>Success</STATUS><TO>12025550143</TO><MMSID>9100442</MMSID>"
    "<TRACKINGID>MMS_70143</TRACKINGID><STATUSDETAILS>waits for its turn</STATUSDETAILS></RESPONSE>"
)

MESSAGE = mms.Mms(
    to="12025550143",
    sender="70707",
    subject="Fresh at 7",
    name="menu-07",
    slides=[
        mms.Slide(image="https://media.example.net/07.png", text="Rye & spelt", duration=5),
        mms.Slide(image="https://media.example.net/08.png", text="Baked before you rise"),
    ],
    fallback_text="Fresh at 7",
    reference="row-7",
)


class Meter:
    """Measures what happens in its block, per call."""

    def __init__(self, calls: int) -> None:
        self._calls = calls

    def __enter__(self) -> Self:
        self._began, self._used = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        wall, cpu = time.perf_counter() - self._began, time.process_time() - self._used
        self.figures = {"calls/s": self._calls / wall, "us": cpu / self._calls * 1e6}


async def repeated(once: Once, calls: int, in_flight: int) -> Figures:
    """Await *once* over and over; a tenth more opens the connections and is not measured."""

    async def work(turns: Iterator[int]) -> None:
        for _ in turns:
            await once()

    async def crowd(count: int) -> None:
        turns = iter(range(count))
        await asyncio.gather(*(work(turns) for _ in range(in_flight)))

    await crowd(calls // 10)
    with Meter(calls) as meter:
        await crowd(calls)
    return meter.figures


def opened(service: mms.Skycore) -> mms.Client[mms.Skycore]:
    return mms.Client(service, limiter=mms.Limiter(1_000_000, policy="nominal"))


async def bare(service: mms.Skycore, calls: int, in_flight: int) -> Figures:
    request = service.send(MESSAGE).request
    async with httpx.AsyncClient(headers=dict(request.headers)) as http:
        return await repeated(
            lambda: http.post(request.url, content=request.body), calls, in_flight
        )


async def call(service: mms.Skycore, calls: int, in_flight: int) -> Figures:
    ready = service.send(MESSAGE)
    async with opened(service) as client:
        return await repeated(lambda: client.call(ready), calls, in_flight)


async def send(service: mms.Skycore, calls: int, in_flight: int) -> Figures:
    async with opened(service) as client:
        return await repeated(lambda: client.send(MESSAGE), calls, in_flight)


async def send_many(service: mms.Skycore, calls: int, in_flight: int) -> Figures:
    async with opened(service) as client:

        async def stream(count: int) -> None:
            messages = (MESSAGE for _ in range(count))
            async with client.send_many(messages, max_in_flight=in_flight) as outcomes:
                async for outcome in outcomes:
                    if not isinstance(outcome, mms.Accepted):
                        raise outcome.error

        await stream(calls // 10)
        with Meter(calls) as meter:
            await stream(calls)
    return meter.figures


WAYS: Mapping[str, Way] = {"httpx": bare, "call": call, "send": send, "send_many": send_many}


async def measure(bench: Bench, *, in_flight: int, way: str) -> Figures:
    calls = bench.pick(quick=300, normal=2_000)
    with bench.serving(constant, body=ANSWER) as server:
        return await WAYS[way](mms.Skycore(api_key=KEY, url=server.url), calls, in_flight)


BENCHMARK = Benchmark(
    cells=cells(in_flight=[1, 16], way=WAYS),
    measure=measure,
    figures={"calls/s": ",.0f", "us": ",.0f"},
    ratios={
        "us ÷ httpx": Ratio(of="us", over={"way": "httpx"}),
        "calls/s ÷ httpx": Ratio(of="calls/s", over={"way": "httpx"}),
    },
    rounds=5,
)
