"""Rounds: every cell once per round, in an order of its own, and what comes of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from random import Random

import attrs

from benchmarks.frame.bench import measure
from benchmarks.frame.benchmark import Benchmark, Cell, Figures, load


@attrs.frozen(kw_only=True)
class Row:
    """One cell, with every figure and ratio of every round."""

    cell: Cell
    figures: Mapping[str, Sequence[float]]
    ratios: Mapping[str, Sequence[float]]
    """Empty where the anchor is not among the cells."""


def run(name: str, *, quick: bool, rounds: int) -> list[Row]:
    """Run one benchmark. Cells are shuffled, so that a drift of the machine strikes all alike."""
    benchmark = load(name)
    order, random = list(range(len(benchmark.cells))), Random()
    seen: list[list[Figures]] = [[] for _ in order]
    for number in range(1, rounds + 1):
        random.shuffle(order)
        for start in range(0, len(order), benchmark.at_once):
            some = order[start : start + benchmark.at_once]
            _progress(f"{name}: round {number} of {rounds}, {start} of {len(order)} cells")
            found = measure(name, [benchmark.cells[index] for index in some], quick=quick)
            for index, figures in zip(some, found, strict=True):
                seen[index].append(figures)
    _progress("")
    return _rows(benchmark, seen)


def _rows(benchmark: Benchmark, seen: Sequence[Sequence[Figures]]) -> list[Row]:
    by_labels = {_key(cell): found for cell, found in zip(benchmark.cells, seen, strict=True)}
    rows = []
    for cell in benchmark.cells:
        own = by_labels[_key(cell)]
        figures = {name: [one[name] for one in own] for name in benchmark.figures}
        ratios = {}
        for name, ratio in benchmark.ratios.items():
            anchors = by_labels.get(_key({**cell, **ratio.over}), ())
            pairs = zip(own, anchors, strict=False)
            ratios[name] = [one[ratio.of] / anchor[ratio.of] for one, anchor in pairs]
        rows.append(Row(cell=cell, figures=figures, ratios=ratios))
    return rows


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _key(cell: Cell) -> frozenset[tuple[str, object]]:
    return frozenset(cell.items())
