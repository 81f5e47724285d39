"""A pile of waiting tasks that drains, beside aiolimiter alone: does a larger pile slow it down?

All tasks wait at once for a slot at 20,000/s and take one each. ``AsyncLimiter caught up`` holds
5 ms worth of calls, as the bucket inside ``mms.Limiter`` does. "seconds": until all have one; a
pile of 40,000 needs 2. "us": CPU per slot, the waiter's own task included.
"end ÷ start": pace of the last third over that of the first third.
Goal: 40,000 drain in the time they need, at a microsecond cost like that of 1,000.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from aiolimiter import AsyncLimiter

import mmsclient as mms
from benchmarks.frame.benchmark import Benchmark, Ratio, cells
from benchmarks.slots import caught_up, ours

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures
    from benchmarks.slots import Take

RATE = 20_000
PILES = [1_000, 10_000, 40_000]

LIMITERS: Mapping[str, Callable[[], Take]] = {
    "mmsclient nominal": lambda: ours(mms.Limiter(RATE, policy="nominal")),
    "mmsclient strict": lambda: ours(mms.Limiter(RATE, policy="strict")),
    "AsyncLimiter caught up": lambda: caught_up(RATE),
    "AsyncLimiter(1, 1/rate)": lambda: AsyncLimiter(1, 1 / RATE).acquire,
}


async def drained(take: Take, pile: int) -> list[float]:
    """Return when each of so many waiters got its slot."""
    times: list[float] = []

    async def wait() -> None:
        await take()
        times.append(time.perf_counter())

    await asyncio.gather(*(wait() for _ in range(pile)))
    return times


def pace(times: list[float], start: float, end: float) -> float:
    """Return slots per second between two shares of the whole."""
    first, last = int(start * (len(times) - 1)), int(end * (len(times) - 1))
    return (last - first) / (times[last] - times[first])


async def measure(_: Bench, *, pile: int, limiter: str) -> Figures:
    began, used = time.perf_counter(), time.process_time()
    times = await drained(LIMITERS[limiter](), pile)
    cpu = time.process_time() - used
    return {
        "seconds": times[-1] - began,
        "us": cpu / pile * 1e6,
        "end ÷ start": pace(times, 0.66, 1) / pace(times, 0, 0.33),
    }


BENCHMARK = Benchmark(
    cells=cells(pile=PILES, limiter=LIMITERS),
    measure=measure,
    figures={"seconds": ".2f", "us": ",.0f", "end ÷ start": ".2f"},
    ratios={
        "us ÷ caught up": Ratio(of="us", over={"limiter": "AsyncLimiter caught up"}),
        "us ÷ pile of 1,000": Ratio(of="us", over={"pile": 1_000}),
    },
    quick={"pile": [1_000, 10_000]},
)
