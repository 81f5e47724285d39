"""What a benchmark is: cells, how to measure one, and what to print."""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import pkgutil
import statistics
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

import benchmarks

Label: TypeAlias = str | int | float

#: The labels of one line of the table, such as ``{"client": "httpx", "in_flight": 16}``.
Cell: TypeAlias = Mapping[str, Label]

#: What was measured, by name.
Figures: TypeAlias = Mapping[str, float]

#: What was found, by name: figures, and words where a benchmark has columns of them.
Found: TypeAlias = Mapping[str, float | str]

#: Called with a Bench and the cell's labels as keywords.
Measure: TypeAlias = Callable[..., Found | Coroutine[Any, Any, Found]]

#: What to take of each label; a label that is not named is taken whole.
Choice: TypeAlias = Mapping[str, Sequence[Label]]

#: Labels that stand for a package of other people, and what is imported of it.
PACKAGES: Mapping[Label, str] = {
    "aiohttp": "aiohttp",
    "aiometer": "aiometer",
    "bandwidth": "bandwidth",
    "boto3": "boto3",
    "clicksend": "clicksend",
    "httpx2": "httpx2",
    "infobip": "infobip_api_client",
    "messagebird": "messagebird",
    "plivo": "plivo",
    "pyrate-limiter": "pyrate_limiter",
    "requests, TLS": "trustme",
    "sinch": "sinch",
    "telnyx": "telnyx",
    "twilio": "twilio",
    "vonage": "vonage",
}


def cells(**labels: Iterable[Label]) -> list[Cell]:
    """Return every combination of *labels*, the last running fastest."""
    return [
        dict(zip(labels, values, strict=True)) for values in itertools.product(*labels.values())
    ]


@attrs.frozen(kw_only=True)
class Row:
    """One cell, with every figure and ratio of every round."""

    cell: Cell
    figures: Mapping[str, Sequence[float]]
    ratios: Mapping[str, Sequence[float]]
    """Empty where the anchor is not among the cells."""
    words: Mapping[str, Sequence[str]] = attrs.field(factory=dict)

    def median(self, figure: str) -> float:
        """Return what is shown of a figure."""
        return statistics.median(self.figures[figure])


@attrs.frozen(kw_only=True)
class Ratio:
    """A figure over the same figure of an anchor, measured in the same round."""

    of: str
    """The figure."""
    over: Cell
    """The labels that make a cell its own anchor."""


@attrs.frozen(kw_only=True)
class Benchmark:
    """A file of this folder declares one as ``BENCHMARK``; its docstring says what it is about."""

    cells: Sequence[Cell]
    measure: Measure
    figures: Mapping[str, str]
    """The columns: name of a figure, and the format it is printed in."""
    ratios: Mapping[str, Ratio] = attrs.field(factory=dict)
    """More columns: a name, and what is divided."""
    words: Sequence[str] = ()
    """Columns of words, after all others."""
    rounds: int = 3
    at_once: int = 1
    """How many cells may be measured at the same time: more than one where they mostly wait."""
    pinned: bool = True
    """Whether client and server get a core each; no use where nothing is timed."""
    quick: Choice = attrs.field(factory=dict)
    """What a short look takes."""
    picture: Callable[[Any, Sequence[Row]], None] | None = None
    """Draws rows into a figure of matplotlib, which is imported only there."""

    def chosen(self, *choices: Choice) -> list[Cell]:
        """Return the cells that all *choices* take and whose packages are installed."""
        left_out = self.left_out()
        return [
            cell
            for cell in self.cells
            if not left_out & set(cell.values()) and all(_fits(cell, choice) for choice in choices)
        ]

    def left_out(self) -> set[Label]:
        """Return the labels whose packages are not installed."""
        labels = {label for cell in self.cells for label in cell.values()}
        return {
            label
            for label in labels & set(PACKAGES)
            if importlib.util.find_spec(PACKAGES[label]) is None
        }


def _fits(cell: Cell, choice: Choice) -> bool:
    """Return whether *choice* takes the cell; its values may be written as text."""
    return all(str(cell.get(name)) in map(str, values) for name, values in choice.items())


def names() -> list[str]:
    """Return the names of all benchmarks: the files of this folder."""
    found = pkgutil.iter_modules(benchmarks.__path__)
    return sorted(info.name for info in found if info.name[0] != "_" and not info.ispkg)


def load(name: str) -> Benchmark:
    """Return the benchmark that the file *name* declares."""
    found = importlib.import_module(f"benchmarks.{name}").BENCHMARK
    if not isinstance(found, Benchmark):
        raise TypeError(f"BENCHMARK of {name} is no Benchmark")
    return found


def doc(name: str) -> str:
    """Return what the benchmark *name* is about."""
    return (importlib.import_module(f"benchmarks.{name}").__doc__ or "").strip()
