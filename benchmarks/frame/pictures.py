"""Pictures of figures, by matplotlib: dots and lines and bars with their labels beside them.

They are the same bytes for the same figures: no date, no random names. matplotlib is imported as
late as a picture is drawn.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.frame.benchmark import Benchmark, Row
#: Colours that eyes of every kind tell apart (after Okabe and Ito, dark enough for text), and a
#: marker each.
STYLES = [
    ("#0072b2", "o"),
    ("#c04a00", "s"),
    ("#00785a", "^"),
    ("#9b4d86", "D"),
]
OURS, OTHERS, REFUSED = "#0072b2", "#8c8c8c", "#c04a00"
INK, FAINT = "#222222", "#dddddd"

_SETTINGS = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana"],  # the first comes with matplotlib
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "lines.linewidth": 2,
    "lines.markersize": 7,
    "svg.fonttype": "none",  # a third of the size, and can be searched and read aloud
    "svg.hashsalt": "mmsclient",
    "savefig.facecolor": "white",
}


def drawn(folder: Path, name: str, benchmark: Benchmark, rows: Sequence[Row]) -> list[Path]:
    """Draw *rows* into a file of *folder* and return it, if the benchmark has a picture."""
    if benchmark.picture is None:
        return []
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        print("no picture without matplotlib: pip install -e '.[bench]'")
        return []
    file = folder / f"{name}.svg"
    with mpl.rc_context(_SETTINGS):
        figure = Figure(layout="constrained")
        benchmark.picture(figure, rows)
        figure.savefig(file, metadata={"Date": None, "Creator": None})
    return [file]


def lines(axes: Any, series: Mapping[str, Sequence[tuple[float, float]]], *, gap: float) -> None:
    """Draw a line through the points of each series, its name at its right end.

    Names that would come closer than *gap* are moved apart.
    """
    ends = []
    for (name, points), (colour, marker) in zip(series.items(), STYLES, strict=False):
        axes.plot(*zip(*points, strict=True), color=colour, marker=marker)
        ends.append((points[-1], name, colour))
    places = spread([y for (_, y), _, _ in ends], gap)
    for ((x, _), name, colour), place in zip(ends, places, strict=True):
        axes.annotate(
            name, (x, place), (10, 0), textcoords="offset points", va="center", color=colour
        )


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Return *places*, moved up where that is needed to keep them *gap* apart."""
    moved = list(places)
    order = sorted(range(len(places)), key=places.__getitem__)
    for lower, upper in pairwise(order):
        moved[upper] = max(moved[upper], moved[lower] + gap)
    return moved


def bars(
    axes: Any, values: Mapping[str, float], labels: Iterable[str], *, ours: str = "mmsclient"
) -> None:
    """Draw a horizontal bar for each value from top to bottom, with its label at its end."""
    names = list(values)
    colours = [OURS if name.startswith(ours) else OTHERS for name in names]
    drawn_bars = axes.barh(names, list(values.values()), color=colours, height=0.7)
    axes.bar_label(drawn_bars, labels=list(labels), padding=4)
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.spines[["bottom", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


def ranges(axes: Any, values: Mapping[str, Sequence[float]], *, colour: str, marker: str) -> None:
    """Draw a dot for the mean of each name's values, from top to bottom, and a line over them."""
    places, found = range(len(values)), list(values.values())
    axes.hlines(places, list(map(min, found)), list(map(max, found)), color=colour, alpha=0.5)
    axes.plot(list(map(fmean, found)), places, color=colour, marker=marker, linestyle="none")
    axes.set_yticks(places, list(values))
    axes.set_ylim(len(values) - 0.5, -0.5)
