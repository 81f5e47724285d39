"""Seconds, CPU and memory of this process."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from typing import Self

    from benchmarks.frame.benchmark import Figures


class Meter:
    """Measures what happens in its block, per call."""

    def __init__(self, calls: int) -> None:
        self._calls = calls

    def __enter__(self) -> Self:
        self._began, self._used = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        wall, cpu = time.perf_counter() - self._began, time.process_time() - self._used
        self.figures: Figures = {"calls/s": self._calls / wall, "us": cpu / self._calls * 1e6}


async def crowd(once: Callable[[], Awaitable[object]], calls: int, workers: int) -> None:
    """Await *once* so many times, by so many workers."""

    async def work(turns: Iterator[int]) -> None:
        for _ in turns:
            await once()

    turns = iter(range(calls))
    await asyncio.gather(*(work(turns) for _ in range(workers)))


def peak_memory() -> float:
    """Return the most memory this process has held so far, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        # The maximum that getrusage tells includes the process this one was forked from.
        [peak] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(peak.split()[1]) / 1024
    import resource

    peak_rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak_rss / (2**20 if sys.platform == "darwin" else 1024)
