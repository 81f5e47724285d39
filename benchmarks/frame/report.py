"""What is left of a run: tables to read, and JSON to keep. None of them names host or user."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any, TypeAlias

from benchmarks.frame.bench import cores
from benchmarks.frame.benchmark import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.frame.benchmark import Benchmark, Label

#: What the figures of a run depend on.
Facts: TypeAlias = Mapping[str, Any]

PACKAGES = [
    "mmsclient",
    "httpx",
    "httpcore",
    "httpx2",
    "aiohttp",
    "aiolimiter",
    "tenacity",
    "attrs",
    "xmltodict",
    "uvicorn",
    "aiometer",
    "pyrate-limiter",
    "twilio",
    "telnyx",
    "vonage",
    "boto3",
    "sinch",
    "plivo",
    "infobip-api-python-client",
    "bandwidth-sdk",
    "messagebird",
    "clicksend-client",
]


def facts() -> dict[str, Any]:
    """Return what the figures depend on, as it is now."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": dict(_versions()),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "pinned": len(cores()) > 1,
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def _versions() -> Iterator[tuple[str, str]]:
    for name in PACKAGES:
        with suppress(metadata.PackageNotFoundError):  # the anchors' are asked for by an extra
            yield name, metadata.version(name)


def caption(known: Facts) -> str:
    """Return one paragraph of *known* facts."""
    packages = ", ".join(f"{name} {version}" for name, version in known["packages"].items())
    pinned = "client and server on a core each" if known["pinned"] else "not pinned"
    load = "unknown" if known["load"] is None else f"{known['load']:.1f}"
    machine = f"{known['platform']}, {known['cpus']} CPUs, {pinned}, load before {load}"
    return f"{known['date']}  {known['python']}, {packages}\n{machine}"


def table(benchmark: Benchmark, rows: Sequence[Row]) -> str:
    """Return *rows* as text: the median of each figure, with its range if it has one."""
    lines = _lines(benchmark, rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    aligns = [str.rjust if right else str.ljust for right in _to_the_right(benchmark, len(widths))]
    return "\n".join(
        "  ".join(
            align(text, width) for text, align, width in zip(line, aligns, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def averaged(rows: Sequence[Row], label: str) -> list[Row]:
    """Return one row for all that differ in *label* alone, with the means of their figures."""
    alike: dict[tuple[tuple[str, Label], ...], list[Row]] = {}
    for row in rows:
        rest = tuple(item for item in row.cell.items() if item[0] != label)
        alike.setdefault(rest, []).append(row)
    return [
        Row(cell=dict(rest), figures=_means(some), ratios={}, words=_all_words(some))
        for rest, some in alike.items()
    ]


def _means(rows: Sequence[Row]) -> dict[str, list[float]]:
    """Return the mean of each figure in each round."""
    return {
        name: list(map(statistics.fmean, zip(*(row.figures[name] for row in rows), strict=True)))
        for name in rows[0].figures
    }


def _all_words(rows: Sequence[Row]) -> dict[str, list[str]]:
    return {name: [word for row in rows for word in row.words[name]] for name in rows[0].words}


def markdown(benchmark: Benchmark, rows: Sequence[Row]) -> str:
    """Return *rows* as a table in Markdown."""
    lines = _lines(benchmark, rows)
    lines.insert(
        1, ["---:" if right else "---" for right in _to_the_right(benchmark, len(lines[0]))]
    )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _to_the_right(benchmark: Benchmark, columns: int) -> list[bool]:
    """Return for each column whether it is set to the right, as numbers are."""
    numbers, words = len(benchmark.figures) + len(benchmark.ratios), len(benchmark.words)
    return [False] * (columns - numbers - words) + [True] * numbers + [False] * words


def _lines(benchmark: Benchmark, rows: Sequence[Row]) -> list[list[str]]:
    labels = list(rows[0].cell)
    names = (label.replace("_", " ") for label in labels)
    lines = [[*names, *benchmark.figures, *benchmark.ratios, *benchmark.words]]
    for row in rows:
        figures = [_shown(row.figures[name], form) for name, form in benchmark.figures.items()]
        ratios = [_shown(row.ratios.get(name, ()), ".2f") for name in benchmark.ratios]
        words = [" / ".join(dict.fromkeys(row.words[name])) for name in benchmark.words]
        lines.append([*(str(row.cell[name]) for name in labels), *figures, *ratios, *words])
    return lines


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
            {
                **row.cell,
                "figures": _summary(row.figures),
                "ratios": _summary(row.ratios),
                "words": row.words,
            }
            for row in rows
        ],
    }


def _summary(figures: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    return {
        name: {"median": statistics.median(values), "rounds": list(values)}
        for name, values in figures.items()
        if values
    }


def keep(folder: Path, known: Facts, found: Sequence[Mapping[str, Any]]) -> Path:
    """Write a run into *folder* and return the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{known['date'].replace(':', '').removesuffix('+0000')}.json"
    text = json.dumps({**known, "benchmarks": found}, indent=1, allow_nan=False)
    file.write_text(text + "\n", encoding="utf-8")
    return file


def kept(file: Path) -> tuple[Facts, dict[str, list[Row]]]:
    """Read what :func:`keep` has written: the facts of the run, and rows by benchmark."""
    known = json.loads(file.read_text(encoding="utf-8"))
    found = known.pop("benchmarks")
    return known, {one["name"]: [_row(row) for row in one["rows"]] for one in found}


def _row(row: dict[str, Any]) -> Row:
    figures, ratios = (
        {name: values["rounds"] for name, values in row.pop(part).items()}
        for part in ("figures", "ratios")
    )
    words = row.pop("words", {})  # older files have none
    return Row(cell=row, figures=figures, ratios=ratios, words=words)


def written(
    folder: Path, name: str, benchmark: Benchmark, rows: Sequence[Row], known: Facts
) -> Path:
    """Write a benchmark's table into *folder*, as Markdown with what it was measured on."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.md"
    text = f"{markdown(benchmark, rows)}\n\n{caption(known)}\n"
    file.write_text(text, encoding="utf-8")
    return file
