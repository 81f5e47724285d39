"""Rounds: every cell once per round, in an order of its own, and what comes of it."""

from __future__ import annotations

import sys
from random import Random
from typing import TYPE_CHECKING

from benchmarks.frame.bench import measure
from benchmarks.frame.benchmark import Benchmark, Cell, Choice, Found, Row, load

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(name: str, *, quick: bool, rounds: int, only: Choice | None = None) -> list[Row]:
    """Run one benchmark. Cells are shuffled, so that a drift of the machine strikes all alike."""
    benchmark = load(name)
    chosen = benchmark.chosen(only or {}, benchmark.quick if quick else {})
    if not chosen:
        raise SystemExit(f"no line of {name} is like that, or its packages are not installed")
    order, random = list(range(len(chosen))), Random()
    seen: list[list[Found]] = [[] for _ in order]
    for number in range(1, rounds + 1):
        random.shuffle(order)
        for start in range(0, len(order), benchmark.at_once):
            some = order[start : start + benchmark.at_once]
            _progress(f"{name}: round {number} of {rounds}, {start} of {len(order)} cells")
            found = measure(name, [chosen[index] for index in some], quick=quick)
            for index, one in zip(some, found, strict=True):
                seen[index].append(one)
    _progress("")
    return _rows(benchmark, chosen, seen)


def _rows(
    benchmark: Benchmark, measured: Sequence[Cell], seen: Sequence[Sequence[Found]]
) -> list[Row]:
    by_labels = {_key(cell): found for cell, found in zip(measured, seen, strict=True)}
    rows = []
    for cell in measured:
        own = by_labels[_key(cell)]
        figures = {name: [float(one[name]) for one in own] for name in benchmark.figures}
        words = {name: [str(one[name]) for one in own] for name in benchmark.words}
        ratios = {}
        for name, ratio in benchmark.ratios.items():
            anchors = by_labels.get(_key({**cell, **ratio.over}), ())
            pairs = zip(own, anchors, strict=False)
            ratios[name] = [float(one[ratio.of]) / float(anchor[ratio.of]) for one, anchor in pairs]
        rows.append(Row(cell=cell, figures=figures, ratios=ratios, words=words))
    return rows


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _key(cell: Cell) -> frozenset[tuple[str, object]]:
    return frozenset(cell.items())
