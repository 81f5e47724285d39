"""``python -m benchmarks [name …]``: run benchmarks, print their tables, keep the figures."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.frame import benchmark, report, rounds

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="name", help="which to run; all if absent")
    parser.add_argument("--list", action="store_true", help="say which there are")
    parser.add_argument(
        "--quick", action="store_true", help="a short look instead of a measurement"
    )
    parser.add_argument("--rounds", type=int, help="how often each cell is measured")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the JSON goes")
    asked = parser.parse_args()
    known = benchmark.names()
    if unknown := set(asked.names) - set(known):
        parser.error(
            f"no benchmark called {', '.join(sorted(unknown))}; there are {', '.join(known)}"
        )
    if asked.list:
        for name in known:
            print(f"{name:10} {benchmark.doc(name).splitlines()[0]}")
        return
    _run(asked.names or known, quick=asked.quick, rounds_asked=asked.rounds, out=asked.out)


def _run(names: list[str], *, quick: bool, rounds_asked: int | None, out: Path) -> None:
    facts = {**report.facts(), "quick": quick}
    found = []
    for name in names:
        one = benchmark.load(name)
        rows = rounds.run(name, quick=quick, rounds=rounds_asked or (1 if quick else one.rounds))
        print(f"{name}: {benchmark.doc(name)}\n")
        print(report.table(one, rows), report.caption(facts), sep="\n\n")
        found.append(report.plain(name, rows))
        file = report.keep(out, facts, found)  # each time: a later one may fail
        print("kept in", file.name, end="\n\n\n", flush=True)


if __name__ == "__main__":
    main()
