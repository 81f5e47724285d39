"""What a fresh interpreter pays for importing the library, against importing httpx."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.frame.benchmark import Benchmark, Ratio, cells

if TYPE_CHECKING:
    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures

STATEMENTS = {
    "nothing": "",
    "asyncio": "import asyncio",
    "httpx": "import asyncio, httpx",
    "mmsclient": "import mmsclient",
    "mmsclient.Client": "import mmsclient as mms; mms.Client(mms.Skycore(api_key='k-123'))",
}


def measure(bench: Bench, *, imported: str) -> Figures:
    command = [sys.executable, "-c", STATEMENTS[imported]]
    times = []
    for _ in range(bench.pick(quick=1, normal=10)):
        began = time.perf_counter()
        subprocess.run(command, check=True)  # noqa: S603 - our own interpreter and text
        times.append(time.perf_counter() - began)
    return {"ms": min(times) * 1e3}


BENCHMARK = Benchmark(
    cells=cells(imported=STATEMENTS),
    measure=measure,
    figures={"ms": ".0f"},
    ratios={"÷ httpx": Ratio(of="ms", over={"imported": "httpx"})},
)
