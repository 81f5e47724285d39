"""What the limiter itself costs, without a network, against aiolimiter alone.

Everybody takes slots as fast as they are given. ``AsyncLimiter paced`` is ``AsyncLimiter(1, 1/rate)``;
``AsyncLimiter caught up`` holds 5 ms worth of calls, as the bucket inside ``mms.Limiter`` does.
"achieved": slots over permitted slots, after a tenth for starting up. "us": CPU per slot, the task
of a waiter included. "end ÷ start": pace of the last third over that of the first third.
Goals: achieved at least 97 %, at most 60 us at 1,000/s, 40,000 waiters drain without slowing down.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from aiolimiter import AsyncLimiter

import mmsclient as mms
from benchmarks.frame.benchmark import Benchmark, Ratio, cells

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures

    Take = Callable[[], Awaitable[object]]

CATCH_UP = 0.005


def ours(limiter: mms.Limiter) -> Take:
    async def take() -> None:
        grant = await limiter.acquire("bulk")
        grant.left_at = grant.granted_at
        limiter.release(grant)

    return take


def caught_up(rate: int) -> AsyncLimiter:
    size = max(1.0, rate * CATCH_UP)
    return AsyncLimiter(size, size / rate)


LIMITERS: Mapping[str, Callable[[int], Take]] = {
    "mmsclient nominal": lambda rate: ours(mms.Limiter(rate, policy="nominal")),
    "mmsclient strict": lambda rate: ours(mms.Limiter(rate, policy="strict")),
    "AsyncLimiter caught up": lambda rate: caught_up(rate).acquire,
    "AsyncLimiter paced": lambda rate: AsyncLimiter(1, 1 / rate).acquire,
}


async def times_of(take: Take, slots: int, waiters: int) -> list[float]:
    """Return when each of *slots* slots was given to one of *waiters* tasks."""
    turns, times = iter(range(slots)), []

    async def wait() -> None:
        for _ in turns:
            await take()
            times.append(time.perf_counter())

    await asyncio.gather(*(wait() for _ in range(waiters)))
    return times


def pace(times: list[float], start: float, end: float) -> float:
    """Return slots per second between two shares of the whole."""
    first, last = int(start * (len(times) - 1)), int(end * (len(times) - 1))
    return (last - first) / (times[last] - times[first])


async def measure(bench: Bench, *, rate: int, waiters: int, limiter: str) -> Figures:
    if waiters == CROWD:
        slots = waiters = bench.pick(quick=CROWD // 20, normal=CROWD)
    else:
        slots = max(15, int(rate * bench.pick(quick=0.5, normal=3.0)))
    used = time.process_time()
    times = await times_of(LIMITERS[limiter](rate), slots, waiters)
    cpu = time.process_time() - used
    return {
        "achieved": pace(times, 0.1, 1) / rate,
        "us": cpu / slots * 1e6,
        "end ÷ start": pace(times, 0.7, 1) / pace(times, 0.1, 0.4),
    }


#: Everybody waits at once, and takes one slot.
CROWD = 40_000

BENCHMARK = Benchmark(
    cells=[
        *cells(rate=[15, 100, 1_000, 5_000], waiters=[64], limiter=LIMITERS),
        *cells(rate=[10_000], waiters=[CROWD], limiter=list(LIMITERS)[:-1]),
    ],
    measure=measure,
    figures={"achieved": ".1%", "us": ",.0f", "end ÷ start": ".2f"},
    ratios={"us ÷ caught up": Ratio(of="us", over={"limiter": "AsyncLimiter caught up"})},
)
