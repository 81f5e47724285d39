"""What a journal costs: the same messages by ``client.send_many`` alone, and by ``campaign.run``.

"run" has them in an SQLite file: every row is on the disk as about to leave before its bytes may,
and its outcome before it is told. The file lies in the folder for temporary files (TMPDIR), whose
disk decides what a commit takes. Each has 100 calls in flight at most, at the rate that is named;
nobody reaches 20,000/s. "latency": of the server, in ms. "us": CPU of the client's process per
message, the thread that writes included, all of it on one core. Where others use that core, the
ratio of messages says nothing: two threads get more of it than one.
Goal: at 1,000/s a journal keeps at least 85 % of the messages.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

import mmsclient as mms
from benchmarks.frame import ours
from benchmarks.frame.benchmark import Benchmark, Ratio, cells
from benchmarks.frame.meter import Meter
from benchmarks.frame.servers import constant

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures
    from mmsclient.bulk import Bulk

    #: A stream of outcomes, to be entered.
    Stream: TypeAlias = Bulk | mms.CampaignRun

OPEN = 20_000
IN_FLIGHT = 100
WARM_UP = 100


async def send_many(client: mms.Client[mms.Skycore], _: Path, count: int) -> Stream:
    return client.send_many(ours.messages(count), max_in_flight=IN_FLIGHT)


async def run(client: mms.Client[mms.Skycore], file: Path, count: int) -> Stream:
    campaign = mms.Campaign(file)
    await campaign.add(ours.messages(count))
    return campaign.run(client, max_in_flight=IN_FLIGHT)


WAYS: Mapping[str, Callable[[mms.Client[mms.Skycore], Path, int], Awaitable[Stream]]] = {
    "send_many": send_many,
    "run": run,
}


async def drained(stream: Stream, count: int) -> None:
    """Take so many outcomes, each of them Accepted."""
    async with stream as outcomes:
        async for outcome in outcomes:
            if not isinstance(outcome, mms.Accepted):
                raise outcome.error
            count -= 1
    if count:
        raise SystemExit(f"{count} messages have no outcome")


async def measure(bench: Bench, *, latency: int, rate: int, over: str, way: str) -> Figures:
    most = bench.pick(quick=500, normal=5_000)
    with (
        TemporaryDirectory() as folder,
        bench.serving(constant, body=ours.ANSWER, latency=latency / 1e3) as server,
    ):
        async with ours.opened(server.url, over, in_flight=IN_FLIGHT, rate=rate) as client:
            for count in WARM_UP, most:
                stream = await WAYS[way](client, Path(folder, f"{count}.db"), count)
                with Meter(count) as meter:
                    await drained(stream, count)
    return {"messages/s": meter.figures["calls/s"], "us": meter.figures["us"]}


_OVER = ["aiohttp", "httpx"]

BENCHMARK = Benchmark(
    cells=[
        *cells(latency=[0], rate=[1_000], over=_OVER, way=WAYS),
        *cells(latency=[50, 0], rate=[OPEN], over=_OVER, way=WAYS),
    ],
    measure=measure,
    figures={"messages/s": ",.0f", "us": ",.0f"},
    ratios={
        "messages/s ÷ send_many": Ratio(of="messages/s", over={"way": "send_many"}),
        "us ÷ send_many": Ratio(of="us", over={"way": "send_many"}),
    },
    quick={"rate": [1_000], "over": ["httpx"]},
)
