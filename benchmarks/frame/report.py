"""What is left of a run: a table to read, and JSON to keep. Neither names host nor user."""

from __future__ import annotations

import json
import os
import platform
import statistics
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any

from benchmarks.frame.bench import cores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.frame.benchmark import Benchmark
    from benchmarks.frame.rounds import Row

PACKAGES = [
    "mmsclient",
    "httpx",
    "httpcore",
    "aiolimiter",
    "tenacity",
    "attrs",
    "xmltodict",
    "uvicorn",
]


def facts() -> dict[str, Any]:
    """Return what the figures depend on, as it is now."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "pinned": len(cores()) > 1,
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def caption(known: Mapping[str, Any]) -> str:
    """Return one paragraph of *known* facts."""
    packages = ", ".join(f"{name} {version}" for name, version in known["packages"].items())
    pinned = "client and server on a core each" if known["pinned"] else "not pinned"
    load = "unknown" if known["load"] is None else f"{known['load']:.1f}"
    machine = f"{known['platform']}, {known['cpus']} CPUs, {pinned}, load before {load}"
    return f"{known['date']}  {known['python']}, {packages}\n{machine}"


def table(benchmark: Benchmark, rows: Sequence[Row]) -> str:
    """Return *rows* as text: the median of each figure, with its range if it has one."""
    labels = list(benchmark.cells[0])
    names = (label.replace("_", " ") for label in labels)
    lines = [[*names, *benchmark.figures, *benchmark.ratios]]
    for row in rows:
        figures = [_shown(row.figures[name], form) for name, form in benchmark.figures.items()]
        ratios = [_shown(row.ratios[name], ".2f") for name in benchmark.ratios]
        lines.append([*(str(row.cell[name]) for name in labels), *figures, *ratios])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    aligns = [str.ljust] * len(labels) + [str.rjust] * (len(widths) - len(labels))
    return "\n".join(
        "  ".join(
            align(text, width) for text, align, width in zip(line, aligns, widths, strict=True)
        )
        for line in lines
    )


def _shown(values: Sequence[float], form: str) -> str:
    if not values:
        return ""
    median, low, high = (
        format(value, form) for value in (statistics.median(values), min(values), max(values))
    )
    return median if low == high else f"{median} ({low}-{high})"


def plain(name: str, rows: Sequence[Row]) -> dict[str, Any]:
    """Return one benchmark as JSON takes it: every round, and the medians."""
    return {
        "name": name,
        "rows": [
            {**row.cell, "figures": _summary(row.figures), "ratios": _summary(row.ratios)}
            for row in rows
        ],
    }


def _summary(figures: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    return {
        name: {"median": statistics.median(values), "rounds": list(values)}
        for name, values in figures.items()
        if values
    }


def keep(folder: Path, known: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> Path:
    """Write a run into *folder* and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{known['date'].replace(':', '').removesuffix('+0000')}.json"
    text = json.dumps({**known, "benchmarks": found}, indent=1, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8")
    return file
