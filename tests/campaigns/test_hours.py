"""The hours in which messages may leave: by the clocks of one place, also on odd days."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmsclient.campaigns.hours import Between, Hours

NEW_YORK = ZoneInfo("America/New_York")


def at(text: str, zone: str = "America/New_York") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("between", "now", "hours"),
    [
        (("09:00", "20:00", "America/New_York"), "2031-02-03 08:00", 1),
        (("09:00", "20:00", "America/New_York"), "2031-02-03 09:00", 0),
        (("09:00", "20:00", "America/New_York"), "2031-02-03 19:59:59", 0),
        (("09:00", "20:00", "America/New_York"), "2031-02-03 20:00", 13),
        ((time(22), time(6), "America/New_York"), "2031-02-03 23:00", 0),
        ((time(22), time(6), "America/New_York"), "2031-02-03 03:00", 0),
        ((time(22), time(6), "America/New_York"), "2031-02-03 06:00", 16),
        # The night of 9 March 2031 has 23 hours there, that of 2 November 25.
        (("09:00", "20:00", NEW_YORK), "2031-03-08 20:00", 12),
        (("09:00", "20:00", NEW_YORK), "2031-11-01 20:00", 14),
    ],
)
def test_the_wait_is_until_the_next_opening(between: Between, now: str, hours: float) -> None:
    assert Hours.of(between).wait(at(now)) == hours * 3600


@given(
    st.times(),
    st.times(),
    st.datetimes(datetime(2030, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
)
def test_after_the_wait_it_is_open(opens: time, closes: time, now: datetime, zone: str) -> None:
    if opens == closes:
        return
    hours = Hours.of((opens, closes, zone))
    for _ in range(200):  # where clocks go forward the first wait may end within the gap
        seconds = hours.wait(now)
        if not seconds:
            return
        assert 0 < seconds <= 26 * 3600
        # A day has an end for those that close a moment after they open.
        now += timedelta(seconds=seconds)
    raise AssertionError


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ("09:00", TypeError),
        (("09:00", "20:00"), TypeError),
        (("09:00", 20, "UTC"), TypeError),
        (("09:00", "20:00", None), TypeError),
        (("9 o'clock", "20:00", "UTC"), ValueError),
        (("09:00", "09:00", "UTC"), ValueError),
        (("09:00", "20:00", "Mars/Base"), ValueError),
        (("09:00+02:00", "20:00", "UTC"), ValueError),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(wrong: Between, error: type[Exception]) -> None:
    with pytest.raises(error, match="between"):
        Hours.of(wrong)


def test_what_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match="between: '25:00' is no time of day"):
        Hours.of(("09:00", "25:00", "UTC"))
    with pytest.raises(ValueError, match="between: 'Berlin' is no time zone known here"):
        Hours.of(("09:00", "20:00", "Berlin"))
