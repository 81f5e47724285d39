"""The three rules of counting, each against a count by brute force."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmsclient.simulator.limits import Bucket, Fixed, Rule, Sliding, limit, worst_window
from mmsclient.wire import Rate

# Sixteenths of a second are exact in floating point, so that edges are hit and agreed upon.
moments = st.lists(st.integers(0, 160), max_size=80).map(
    lambda ticks: [tick / 16 for tick in sorted(ticks)]
)
rates = st.builds(Rate, st.sampled_from([1, 2, 4, 8]), per=st.sampled_from([0.5, 1.0, 2.0]))


@given(moments, rates, st.booleans())
def test_sliding_allows_exactly_what_a_count_over_all_calls_allows(
    times: list[float], rate: Rate, count_refused: bool
) -> None:
    rule, counted = Sliding(rate, count_refused=count_refused), list[float]()
    for now in times:
        allowed = sum(now - rate.per < seen <= now for seen in counted) < rate.calls
        assert rule.take(now) is allowed
        if allowed or count_refused:
            counted.append(now)


@given(moments, rates, st.booleans())
def test_fixed_allows_so_many_in_each_aligned_window(
    times: list[float], rate: Rate, count_refused: bool
) -> None:
    rule = Fixed(rate, count_refused=count_refused)
    windows: dict[int, list[bool]] = {}
    for now in times:
        windows.setdefault(math.floor(now / rate.per), []).append(rule.take(now))
    for verdicts in windows.values():
        first = min(rate.calls, len(verdicts))
        assert verdicts == [True] * first + [False] * (len(verdicts) - first)


@given(moments, rates)
def test_a_bucket_allows_what_an_exact_bucket_allows(times: list[float], rate: Rate) -> None:
    rule, level, before = Bucket(rate), Fraction(rate.calls), Fraction(0)
    for now in times:
        gained = (Fraction(now) - before) * rate.calls / Fraction(rate.per)
        level, before = min(level + gained, Fraction(rate.calls)), Fraction(now)
        allowed = level >= 1
        level -= allowed
        assert rule.take(now) is allowed


@given(moments, rates, st.sampled_from(["sliding", "fixed", "bucket"]))
def test_waiting_as_told_is_enough_and_no_less_is(
    times: list[float], rate: Rate, name: Rule
) -> None:
    rule = limit(name, rate)
    for now in times:
        rule.take(now)
    wait = rule.wait(10.0)
    assert 0 <= wait <= rate.per
    if wait:
        assert not rule.take(10.0 + wait * 0.5)
    assert rule.take(10.0 + wait)


def test_a_call_exactly_one_window_later_is_allowed() -> None:
    rule = Sliding(Rate(1))
    assert [rule.take(now) for now in (0.0, 0.999, 1.0)] == [True, False, True]


def test_fixed_windows_let_twice_the_rate_through_at_their_border() -> None:
    rule = Fixed(Rate(15))
    assert sum(rule.take(0.99) for _ in range(15)) + sum(rule.take(1.0) for _ in range(15)) == 30


def test_refused_calls_that_count_keep_a_sliding_window_and_a_bucket_shut() -> None:
    for rule in (
        Sliding(Rate(2), count_refused=True),
        Bucket(Rate(2), count_refused=True),
    ):
        verdicts = [rule.take(tick / 8) for tick in range(80)]
        assert verdicts[:2] == [True, True]
        assert not any(verdicts[2:])


def test_refused_calls_that_do_not_count_leave_the_permitted_rate() -> None:
    for name in ("sliding", "fixed", "bucket"):
        rule = limit(name, Rate(2))
        assert 20 <= sum(rule.take(tick / 8) for tick in range(80)) <= 22


@given(moments.filter(bool), st.sampled_from([0.5, 1.0, 2.0]))
def test_the_worst_window_is_the_worst_by_brute_force(times: list[float], per: float) -> None:
    by_force = max(sum(end - per < seen <= end for seen in times) for end in times)
    assert worst_window(times, per) == by_force


@given(moments, rates)
def test_no_window_holds_more_than_the_sliding_rule_allows(times: list[float], rate: Rate) -> None:
    rule = Sliding(rate)
    allowed = [now for now in times if rule.take(now)]
    assert worst_window(allowed, rate.per) <= rate.calls
    assert all(one <= other for one, other in pairwise(allowed))


def test_an_unknown_rule_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="sliding, fixed, bucket"):
        limit("leaky", Rate(1))  # type: ignore[arg-type] # that is the point
