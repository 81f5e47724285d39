"""Who is refused for rate, in simulated time: ten minutes on each of many networks.

Everybody sends at 15/s to a service that counts by one of three rules; in the fourth, a sliding
second in which refused calls count as well. 64 callers never run out of messages. ``mmsclient``
hears of each refusal, pauses and repeats; the others go on. A call that is lost, there or back, is
given up after 5 s. All figures are means over three seeds. "accepted": share of the permitted
calls. "refused": share of all calls that arrived; "at most": in the worst of the seeds.
Goals: strict is never refused; adaptive at most 1 %, and it accepts 98 % against a bucket.
"""

from __future__ import annotations

import logging
import math
import statistics
from functools import partial
from typing import TYPE_CHECKING, Any

import mmsclient as mms
from benchmarks.frame import pictures
from benchmarks.frame.benchmark import Benchmark, cells
from benchmarks.frame.counting import NETWORKS, Service, campaign, driven_by, path
from benchmarks.frame.pacers import PACERS, pyrate_simulated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures, Row
    from benchmarks.frame.counting import Network
    from benchmarks.frame.pacers import Drive
    from mmsclient.simulator.limits import Rule

RATE = 15
#: Others than those of the tests.
SEEDS = [501, 502, 503]

RULES: Mapping[str, tuple[Rule, bool]] = {
    "sliding": ("sliding", False),
    "sliding, all count": ("sliding", True),
    "fixed": ("fixed", False),
    "bucket": ("bucket", False),
}


def lossy(random: Random, _: float) -> tuple[float, float]:
    """One call in a hundred is lost on its way there, one answer in a hundred on its way back."""
    there, back = (math.inf if random.random() < 0.01 else 0.04 for _ in range(2))
    return there + random.random() * 0.02, back


def drifting(random: Random, at: float) -> tuple[float, float]:
    """The round trip rises and falls between 20 and 260 ms, as it does over a day."""
    trip = 0.14 - 0.12 * math.cos(at / 300 * math.tau)
    return trip / 2 + random.random() * 0.02, trip / 2


def bursts(random: Random, at: float) -> tuple[float, float]:
    """Every half minute there are 3 s in which every other call straggles by a second."""
    straggling = 1.0 if at % 30 < 3 and random.random() < 0.5 else 0.0
    return 0.03 + random.random() * 0.04 + straggling, 0.03


def stalling(random: Random, at: float) -> tuple[float, float]:
    """Every minute the way there is blocked for 2 s; then all that was held arrives at once."""
    there = 0.03 + random.random() * 0.02
    blocked = 2.0 - (at + there) % 60
    return max(there, there + blocked), 0.03


def heavy(random: Random, _: float) -> tuple[float, float]:
    """Most calls take a few milliseconds, and a few take very long: a log-normal tail."""
    return random.lognormvariate(-4.0, 1.2), 0.02 + random.lognormvariate(-4.0, 1.2)


NETWORK: Mapping[str, Network] = {
    **{name: network for name, (network, _) in NETWORKS.items()},
    "loopback": path(0.001, 0.001),
    "lossy": lossy,
    "drift of a day": drifting,
    "bursts of stragglers": bursts,
    "stalls": stalling,
    "heavy tail": heavy,
}

LIMITERS: Mapping[str, Callable[[], Drive]] = {
    "mmsclient strict": lambda: driven_by(mms.Limiter(RATE, policy="strict")),
    "mmsclient adaptive": lambda: driven_by(mms.Limiter(RATE)),
    "mmsclient nominal": lambda: driven_by(mms.Limiter(RATE, policy="nominal")),
    **{
        name: partial(pacer, RATE)
        for name, pacer in {**PACERS, "pyrate-limiter": pyrate_simulated}.items()
    },
}


def measure(bench: Bench, *, rule: str, network: str, limiter: str) -> Figures:
    logging.getLogger("mmsclient").setLevel(logging.ERROR)  # refusals are counted instead
    seconds = bench.pick(quick=60.0, normal=600.0)
    found = []
    for seed in bench.pick(quick=SEEDS[:1], normal=SEEDS):
        name, counted = RULES[rule]
        service = Service(name, calls=RATE, count_refused=counted)
        drive = LIMITERS[limiter]()
        found.append(campaign(drive, service, NETWORK[network], seconds=seconds, seed=seed))
    accepted, refused = zip(*found, strict=True)
    return {
        "accepted": statistics.fmean(accepted),
        "refused": statistics.fmean(refused),
        "at most": max(refused),
    }


#: Figure, colour, marker, and where its name goes beside the topmost marks.
_MARKS: list[tuple[str, str, str, Callable[[list[float]], float], dict[str, Any]]] = [
    ("refused", pictures.REFUSED, "s", max, {"xytext": (9, 0), "ha": "left"}),
    ("accepted", pictures.OURS, "o", min, {"xytext": (-9, 0), "ha": "right"}),
]
_TITLES = {
    "sliding": "the service counts any second",
    "sliding, all count": "any second, refused calls count too",
    "fixed": "whole seconds of the clock",
    "bucket": "a bucket",
}


def picture(figure: Any, rows: Sequence[Row]) -> None:
    figure.set_size_inches(9, 5.6)
    found: dict[tuple[str, str], dict[str, list[float]]] = {}
    for row in rows:
        for name, *_ in _MARKS:
            some = found.setdefault((str(row.cell["rule"]), name), {})
            some.setdefault(str(row.cell["limiter"]), []).append(row.median(name) * 100)
    rules = list(dict.fromkeys(rule for rule, _ in found))
    panels = figure.subplots(-(-len(rules) // 2), 2, sharex=True, sharey=True, squeeze=False)
    for axes, rule in zip(panels.flat, rules, strict=False):
        for name, colour, marker, *_ in _MARKS:
            pictures.ranges(axes, found[rule, name], colour=colour, marker=marker)
        axes.set_title(_TITLES[rule])
        axes.set_xlim(-3, 106)
        axes.grid()
    for name, colour, _, end, place in _MARKS:
        at = (end(next(iter(found[rules[0], name].values()))), 0)
        axes = panels[0, 0]
        axes.annotate(name, at, textcoords="offset points", va="center", color=colour, **place)
    figure.supxlabel(
        "refused: % of all calls; accepted: % of the permitted; lines: range over the networks",
        fontsize=11,
    )


BENCHMARK = Benchmark(
    cells=cells(rule=RULES, network=NETWORK, limiter=LIMITERS),
    measure=measure,
    figures={"accepted": ".1%", "refused": ".2%", "at most": ".2%"},
    rounds=1,  # the seeds are inside, and the same seed gives the same figures
    at_once=4,
    pinned=False,
    quick={"network": ["jitter and stragglers"]},
    picture=picture,
)
