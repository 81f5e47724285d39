"""How long a service waits for the answer to a postback, while handlers take 50 ms each.

20,000 postbacks from the simulator, one after the other over one kept-alive connection, as the
service does it; the receiver is another process, under uvicorn. "p50", "p99": milliseconds from one
postback to the next, which is the answer's time and what the simulator needs in between; the way
"bare answer" keeps nothing and shows how much that is. "handled": events that a handler heard,
"twice": those among them that it heard again.
Goal: 99 of 100 answers within 20 ms, every event handled, none twice.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections import Counter
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uvicorn import Config, Server

import mmsclient as mms
from benchmarks.frame.benchmark import Benchmark, Ratio, cells
from benchmarks.frame.servers import KEY
from mmsclient.simulator import Account, Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures

#: Seconds that a handler takes.
WORK = 0.05


@asynccontextmanager
async def inbox() -> AsyncIterator[tuple[str, Callable[[], Figures]]]:
    """Keep postbacks in an inbox, and handle them in the background."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "inbox.db"
        postbacks = mms.Postbacks(mms.Skycore(api_key=KEY), inbox=file, allow=["127.0.0.0/8"])
        heard = Counter[str]()

        @postbacks.on(mms.Event)
        async def handle(event: mms.Event) -> None:
            await asyncio.sleep(WORK)
            heard[event.key] += 1

        def report() -> Figures:
            return {"handled": len(heard), "twice": sum(count > 1 for count in heard.values())}

        async with postbacks.running(), _served(postbacks.asgi) as url:
            yield url, report


@asynccontextmanager
async def bare() -> AsyncIterator[tuple[str, Callable[[], Figures]]]:
    """Read postbacks, answer, and forget them."""
    seen = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - as ASGI has it
        nonlocal seen
        while (await receive()).get("more_body"):
            pass
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"OK"})
        seen += 1

    async with _served(app) as url:
        yield url, lambda: {"handled": seen, "twice": 0}


@asynccontextmanager
async def _served(app: Any) -> AsyncIterator[str]:
    quiet: dict[str, Any] = {"log_config": None, "access_log": False, "lifespan": "off"}
    server = Server(Config(app, port=0, proxy_headers=False, **quiet))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - it has nothing else to tell by
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    finally:
        server.should_exit = True
        await serving


WAYS = {"inbox": inbox, "bare answer": bare}


async def measure(bench: Bench, *, way: str) -> Figures:
    count = bench.pick(quick=500, normal=20_000)
    with bench.serving(WAYS[way]) as server:
        async with Simulator(accounts=[Account(key=KEY)], magic=False) as sim:
            sim.post_to(server.url)
            for number in range(count):
                sim.handset(f"1202{number:07}").send_sms(f"Table {number}", service="skycore")
            began = time.perf_counter()
            while len(sim.postbacks) < count:  # noqa: ASYNC110 - it posts by itself
                await asyncio.sleep(0.5)
            seconds = time.perf_counter() - began
            posted = sim.postbacks
        while (seen := server.report())["handled"] < count:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.5)
    if any(one.status != 200 for one in posted):
        raise SystemExit("not every answer was 200")
    gaps = [(after.at - before.at) * 1e3 for before, after in pairwise(posted)]
    cuts = statistics.quantiles(gaps, n=100)
    return {"posts/s": count / seconds, "p50": cuts[49], "p99": cuts[98], **seen}


BENCHMARK = Benchmark(
    cells=cells(way=WAYS),
    measure=measure,
    figures={"posts/s": ",.0f", "p50": ".2f", "p99": ".2f", "handled": ",.0f", "twice": ".0f"},
    ratios={"p99 ÷ bare": Ratio(of="p99", over={"way": "bare answer"})},
    rounds=1,
)
