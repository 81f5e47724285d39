"""What the limiter itself costs, without a network, beside the limiters of others.

Everybody takes slots as fast as they are given, 64 tasks at a time. ``AsyncLimiter caught up``
holds 5 ms worth of calls, as the bucket inside ``mms.Limiter`` does. "achieved": pace over
permitted pace, after a second for starting up. "worst second": most slots in any second over the
permitted ones. "us": CPU per slot, the loop included.
Goals: achieved at least 97 %, at most 60 us at 1,000/s.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

from aiolimiter import AsyncLimiter

import mmsclient as mms
from benchmarks.frame import pictures
from benchmarks.frame.benchmark import Benchmark, Ratio, cells
from benchmarks.frame.pacers import PACERS, taking
from mmsclient.simulator.limits import worst_window

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures, Row
    from benchmarks.frame.pacers import Drive

    Take = Callable[[], Awaitable[object]]

CATCH_UP = 0.005
WAITERS = 64
RATES = [15, 100, 1_000, 5_000]


def ours(limiter: mms.Limiter) -> Take:
    async def take() -> None:
        grant = await limiter.acquire("bulk")
        grant.left_at = grant.granted_at
        limiter.release(grant)

    return take


def caught_up(rate: int) -> Take:
    size = max(1.0, rate * CATCH_UP)
    return AsyncLimiter(size, size / rate).acquire


LIMITERS: Mapping[str, Callable[[int], Drive]] = {
    "mmsclient adaptive": lambda rate: taking(ours(mms.Limiter(rate))),
    "mmsclient strict": lambda rate: taking(ours(mms.Limiter(rate, policy="strict"))),
    "mmsclient nominal": lambda rate: taking(ours(mms.Limiter(rate, policy="nominal"))),
    "AsyncLimiter caught up": lambda rate: taking(caught_up(rate)),
    **PACERS,
}


async def times_of(drive: Drive, seconds: float) -> list[float]:
    """Return when the slots of so many seconds were given."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    def turns() -> Iterator[None]:
        while time.perf_counter() < end:
            yield

    async def note(_: object) -> None:
        times.append(time.perf_counter())

    await drive(turns(), note, WAITERS)
    return times


def pace(times: list[float], start: float) -> float:
    """Return slots per second from *start* on: the slope of their count, fair to bursts too."""
    counted = [(at, number) for number, at in enumerate(times) if at >= start]
    return statistics.linear_regression(*zip(*counted, strict=True)).slope


async def measure(bench: Bench, *, rate: int, limiter: str) -> Figures:
    seconds = bench.pick(quick=1.0, normal=6.0)
    used = time.process_time()
    times = await times_of(LIMITERS[limiter](rate), seconds)
    cpu = time.process_time() - used
    return {
        "achieved": pace(times, times[0] + min(1.0, seconds / 4)) / rate,
        "worst second": worst_window(times, 1.0) / rate,
        "us": cpu / len(times) * 1e6,
    }


def picture(figure: Any, rows: Sequence[Row]) -> None:
    shown = ["mmsclient strict", *PACERS]
    shown.remove("AsyncLimiter(rate, 1)")  # at the pace, but with twice the slots in a second
    figure.set_size_inches(8, 4.2)
    axes = figure.subplots()
    series = {
        name: [
            (float(row.cell["rate"]), row.median("achieved") * 100)
            for row in rows
            if row.cell["limiter"] == name
        ]
        for name in shown
    }
    pictures.lines(axes, {name: points for name, points in series.items() if points}, gap=6)
    axes.set_xscale("log")
    axes.set_xticks(RATES, [f"{rate:,}" for rate in RATES])
    axes.set_xticks([], minor=True)
    axes.set_ylim(0, 108)
    axes.grid(axis="y")
    axes.set_xlabel("permitted calls per second")
    axes.set_title("Slots given, % of the permitted rate")


BENCHMARK = Benchmark(
    cells=cells(rate=RATES, limiter=LIMITERS),
    measure=measure,
    figures={"achieved": ".1%", "worst second": ".1%", "us": ",.0f"},
    ratios={"us ÷ caught up": Ratio(of="us", over={"limiter": "AsyncLimiter caught up"})},
    quick={"rate": [100, 5_000]},
    picture=picture,
)
