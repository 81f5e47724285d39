"""Pages and rows read per second, with pages fetched ahead and without.

The inbox of each service that has one, from the simulator in another process, whose answers take
50 ms; no limit binds. TransmitSMS gives 100 rows a page, Cellcast 25. "read ahead": pages fetched
while rows are taken, at most. "calls": those the service saw, for 100 pages. "us": CPU of the
client's process per row.
Goal: nearly twice the pages with two ahead and four times with four: the first answer is waited
for, and the simulator takes some milliseconds for a page.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import mmsclient as mms
from benchmarks.frame.benchmark import Benchmark, Ratio, cells
from benchmarks.frame.meter import Meter
from benchmarks.frame.servers import KEY
from mmsclient.simulator import Account, Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures

#: Seconds in each direction.
LATENCY = 0.025
SECRET = "s-123"  # noqa: S105 - of an account that only the simulator has

SERVICES: Mapping[str, Callable[[str], mms.TransmitSMS | mms.Cellcast]] = {
    "transmitsms": lambda url: mms.TransmitSMS(api_key=KEY, api_secret=SECRET, url=url),
    "cellcast": lambda url: mms.Cellcast(app_key=KEY, url=url),
}
#: Rows of a page.
SIZES = {"transmitsms": 100, "cellcast": 25}


@asynccontextmanager
async def simulator(of: str, rows: int) -> AsyncIterator[tuple[str, Callable[[], Figures]]]:
    """Open a simulator with so many inbound messages, and count the calls it sees."""
    account = Account(key=KEY, secret=SECRET)
    async with Simulator(accounts=[account], rate=None, magic=False, latency=LATENCY) as sim:
        for row in range(rows):
            sim.handset(f"1202555{row % 10_000:04}").send_sms(f"Table {row}", service=of)
        yield sim.urls[of], lambda: {"calls": len(sim.calls)}


async def measure(bench: Bench, *, service: str, read_ahead: int) -> Figures:
    pages = bench.pick(quick=20, normal=100)
    rows = pages * SIZES[service]
    open_wide = mms.Limiter(1_000_000, policy="nominal")
    with bench.serving(simulator, of=service, rows=rows) as server:
        async with mms.Client(SERVICES[service](server.url), limiter=open_wide) as client:
            await client.inbox()  # loads what is loaded late, and opens a connection
            before = server.report()["calls"]
            inbox = client.pages(client.service.inbox(), read_ahead=read_ahead)
            with Meter(rows) as meter:
                read = {row.key async for row in inbox}
        calls = server.report()["calls"] - before
    if len(read) != rows:
        raise SystemExit(f"{len(read)} rows came instead of {rows}")
    pace = meter.figures["calls/s"]
    return {
        "pages/s": pace / SIZES[service],
        "rows/s": pace,
        "calls": calls,
        "us": meter.figures["us"],
    }


BENCHMARK = Benchmark(
    cells=cells(service=SERVICES, read_ahead=[0, 2, 4]),
    measure=measure,
    figures={"pages/s": ",.1f", "rows/s": ",.0f", "calls": ".0f", "us": ",.0f"},
    ratios={"pages/s ÷ none ahead": Ratio(of="pages/s", over={"read_ahead": 0})},
)
