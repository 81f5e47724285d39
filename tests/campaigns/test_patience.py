"""When a run waits for its service: soon, ever longer, and one at a time."""

from __future__ import annotations

import math

from mmsclient.campaigns.patience import DOUBTFUL, LONGEST, Patience


def test_an_outage_is_noticed_at_once_and_probed_ever_more_rarely() -> None:
    patience, now, waits = Patience(), 0.0, []
    for _ in range(12):
        epoch = patience.let_through()
        assert patience.wait(now) in ({0.0} if not patience.holds else {math.inf})
        patience.failed(epoch, now)
        waits.append(patience.wait(now))
        now += waits[-1]
        assert patience.wait(now) == 0.0
    assert 0.5 <= waits[0] <= 1.0
    assert all(LONGEST / 2 <= wait <= LONGEST for wait in waits[-5:])


def test_one_probe_goes_at_a_time() -> None:
    patience = Patience()
    patience.failed(patience.let_through(), 0.0)
    assert patience.wait(LONGEST) == 0.0
    probe = patience.let_through()
    assert patience.wait(2 * LONGEST) == math.inf
    patience.back(probe)  # it did not leave after all
    assert patience.wait(2 * LONGEST) == 0.0


def test_calls_that_left_before_the_wait_do_not_lengthen_it() -> None:
    patience = Patience()
    early = [patience.let_through() for _ in range(40)]
    for epoch in early:
        patience.failed(epoch, 0.0)
    assert 0.0 < patience.wait(0.0) <= 1.0
    assert all(map(patience.is_old, early))


def test_an_answer_ends_the_wait() -> None:
    patience = Patience()
    patience.failed(patience.let_through(), 0.0)
    patience.well()
    assert not patience.holds
    assert patience.wait(0.0) == 0.0


def test_calls_without_an_answer_hold_only_where_they_follow_each_other() -> None:
    patience = Patience()
    for _ in range(10):
        patience.doubt(patience.let_through(), 0.0)
        assert not patience.holds
        patience.well()
    for _ in range(DOUBTFUL):
        patience.doubt(patience.let_through(), 0.0)
    assert patience.holds
