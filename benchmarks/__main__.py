"""``python -m benchmarks [name …]``: run benchmarks, print their tables, keep the figures."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.frame import benchmark, pictures, report, rounds

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Do what the command line asks for."""
    parser = _parser()
    asked = parser.parse_args()
    known = benchmark.names()
    if unknown := set(asked.names) - set(known):
        parser.error(
            f"no benchmark called {', '.join(sorted(unknown))}; there are {', '.join(known)}"
        )
    if asked.list:
        for name in known:
            print(f"{name:10} {benchmark.doc(name).splitlines()[0]}")
    elif asked.kept:
        facts, found = report.kept(asked.kept)
        for name in asked.names or found:
            _show(name, found[name], facts, asked)
    else:
        _run(asked.names or known, asked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="name", help="which to run; all if absent")
    parser.add_argument("--list", action="store_true", help="say which there are")
    parser.add_argument(
        "--quick", action="store_true", help="a short look instead of a measurement"
    )
    parser.add_argument("--rounds", type=int, help="how often each cell is measured")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        type=_label,
        metavar="LABEL=VALUE",
        help="take only lines like that; may be given again, for more values or more labels",
    )
    parser.add_argument(
        "--mean-over", metavar="LABEL", help="show one line for all that differ in this label alone"
    )
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the JSON goes")
    parser.add_argument(
        "--picture",
        type=Path,
        metavar="FOLDER",
        help="write a table in Markdown there, and a picture (needs the extra bench)",
    )
    parser.add_argument(
        "--kept", type=Path, metavar="FILE", help="show an earlier run instead: its JSON"
    )
    return parser


def _label(text: str) -> tuple[str, str]:
    label, found, value = text.partition("=")
    if not found:
        raise argparse.ArgumentTypeError("must be LABEL=VALUE, such as in_flight=16")
    return label, value


def _run(names: list[str], asked: argparse.Namespace) -> None:
    facts = {**report.facts(), "quick": asked.quick}
    only: dict[str, list[benchmark.Label]] = {}
    for label, value in asked.only:
        only.setdefault(label, []).append(value)
    found = []
    for name in names:
        one = benchmark.load(name)
        count = asked.rounds or (1 if asked.quick else one.rounds)
        rows = rounds.run(name, quick=asked.quick, rounds=count, only=only)
        found.append(report.plain(name, rows))
        file = report.keep(asked.out, facts, found)  # each time: a later one may fail
        _show(name, rows, facts, asked)
        print("kept in", file.name, end="\n\n\n", flush=True)


def _show(
    name: str, rows: list[benchmark.Row], facts: report.Facts, asked: argparse.Namespace
) -> None:
    one = benchmark.load(name)
    shown = report.averaged(rows, asked.mean_over) if asked.mean_over else rows
    print(f"{name}: {benchmark.doc(name)}\n")
    print(report.table(one, shown), report.caption(facts), sep="\n\n")
    if left_out := one.left_out():
        wanting = ", ".join(sorted(map(str, left_out)))
        print(f"left out, not installed: {wanting} (pip install -e '.[bench,peers]')")
    if asked.picture is not None:
        files = [report.written(asked.picture, name, one, shown, facts)]
        files += pictures.drawn(asked.picture, name, one, rows)
        print("written:", *(file.name for file in files))


if __name__ == "__main__":
    main()
