"""The limiter's figures over ten simulated minutes, against every counting rule and network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.frame.counting import NETWORKS, Service, measure, path
from mmsclient.engine.limiter import Limiter

if TYPE_CHECKING:
    from mmsclient.simulator.limits import Rule

RULES: tuple[Rule, ...] = ("sliding", "fixed", "bucket")


def strict() -> Limiter:
    return Limiter(15, policy="strict")


def adaptive() -> Limiter:
    return Limiter(15)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("rule", RULES)
def test_strict_is_never_refused_and_keeps_what_the_round_trip_leaves(
    rule: Rule, network: str
) -> None:
    shape, round_trip = NETWORKS[network]
    accepted, refused = measure(strict, Service(rule, count_refused=True), shape, seed=71)
    assert refused == 0
    assert accepted >= 0.97 / (1 + round_trip)


@pytest.mark.parametrize("round_trip", [0.001, 0.02, 0.1, 0.3])
@pytest.mark.parametrize(
    ("rule", "jitter", "promised"),
    [
        ("bucket", 0.0, 0.98),
        ("bucket", 0.08, 0.98),
        ("fixed", 0.005, 0.93),
        ("fixed", 0.08, 0.93),
        ("sliding", 0.0, 0.93),
        ("sliding", 0.005, 0.93),
        ("sliding", 0.08, 0.91),
    ],
)
def test_adaptive_finds_what_the_service_enforces(
    rule: Rule, jitter: float, promised: float, round_trip: float
) -> None:
    accepted, refused = measure(adaptive, Service(rule), path(round_trip, jitter), seed=72)
    assert accepted >= promised
    assert refused <= 0.01


@pytest.mark.parametrize("network", NETWORKS)
def test_adaptive_is_refused_little_on_any_network_even_where_refusals_count(network: str) -> None:
    service = Service("sliding", count_refused=True)
    accepted, refused = measure(adaptive, service, NETWORKS[network][0], seed=73)
    assert refused <= 0.01
    assert accepted >= 0.97 / (1 + NETWORKS[network][1])


def test_adaptive_lets_the_guard_go_where_the_service_counts_by_a_bucket() -> None:
    limiter = adaptive()
    measure(lambda: limiter, Service("bucket"), path(0.1), seed=74)
    assert limiter.stats.hold == 0
    assert limiter.stats.rate == pytest.approx(15)
    assert limiter.stats.throttled == 0


def test_adaptive_takes_the_guard_back_when_the_rule_changes() -> None:
    class Changing(Service):
        def take(self, now: float) -> bool:
            if now > 1300:
                self.rule = "sliding"
            return super().take(now)

    limiter = adaptive()
    accepted, refused = measure(lambda: limiter, Changing("bucket"), path(0.1, 0.02), seed=75)
    assert 0 < limiter.stats.hold < 1
    assert refused <= 0.01
    assert accepted >= 0.93


def test_a_service_that_permits_less_than_agreed_slows_calls_down() -> None:
    limiter = adaptive()
    service = Service("sliding", calls=10)
    accepted, refused = measure(lambda: limiter, service, path(0.05), seed=76)
    assert accepted >= 0.75
    assert refused <= 0.1
    assert limiter.stats.rate < 15


@pytest.mark.parametrize("policy", ["strict", "adaptive", "nominal"])
def test_a_service_that_stalls_for_seconds_is_met_by_no_burst(policy: str) -> None:
    arrived: list[float] = []

    class Noting(Service):
        def take(self, now: float) -> bool:
            arrived.append(now)
            return super().take(now)

    def stalling(_: object, at: float) -> tuple[float, float]:
        return 0.02, 0.02 if not 20 <= at < 25 else 25.0 - at

    make = lambda: Limiter(15, policy=policy)  # type: ignore[arg-type]  # noqa: E731
    measure(make, Noting("bucket"), stalling, seconds=60, seed=77)
    most = max(sum(t - 1.0 < other <= t for other in arrived) for t in arrived)
    assert most <= 16
