"""Messages that wait for others to share their call: nothing lost, nothing doubled, nobody late."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mmsclient as mms
from mmsclient.gathering import LINGER, Gathered, Parcel

if TYPE_CHECKING:
    from collections.abc import Hashable

Rows: TypeAlias = "list[tuple[int, str, float]]"

#: Number, text, seconds until the next. Few numbers, so that they come again; a text is the key,
#: "-" goes alone, "!" breaks a rule.
ROWS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from("aab-!"), st.sampled_from([0, 0, 0.03, 0.1, 1])),
    max_size=80,
)
SIZES = st.integers(1, 6)


def sms(number: int, text: str = "a") -> mms.Sms:
    return mms.Sms(to=f"+1 202 555 01{number:02}", text=text)


def by_text(message: mms.Message) -> Hashable | None:
    assert isinstance(message, mms.Sms)
    if message.text == "!":
        raise mms.UnsupportedError("plain", "this text")
    return None if message.text == "-" else message.text


@attrs.define
class Run:
    """What went in and when, and what came out and when."""

    gathered: Gathered
    now: float = 1000.0
    given: list[tuple[float, mms.Sms]] = attrs.field(factory=list)
    parcels: list[tuple[float, Parcel]] = attrs.field(factory=list)

    def add(self, message: mms.Sms) -> None:
        self.given.append((self.now, message))
        if parcel := self.gathered.add(message, self.now):
            self.parcels.append((self.now, parcel))

    def pause(self, seconds: float) -> None:
        """Let time pass; what falls due meanwhile is asked for at that time."""
        end = self.now + seconds
        while (due := self.gathered.next_due()) is not None and due <= end:
            assert due >= self.now
            self.now = due
            parcel = self.gathered.due(due)
            assert parcel
            self.parcels.append((due, parcel))
        assert self.gathered.due(end) is None
        self.now = end

    def end(self) -> None:
        while parcel := self.gathered.take():
            self.parcels.append((self.now, parcel))

    @property
    def out(self) -> list[mms.Message]:
        return [message for _, parcel in self.parcels for message in parcel]


def ran(rows: Rows, size: int) -> Run:
    run = Run(Gathered(size, by_text))
    for number, text, pause in rows:
        run.add(sms(number, text))
        assert len(run.gathered) == len(run.given) - len(run.out)
        run.pause(pause)
    run.end()
    return run


@given(ROWS, SIZES)
def test_every_message_leaves_once_as_the_callers_own_object(rows: Rows, size: int) -> None:
    run = ran(rows, size)
    assert sorted(map(id, run.out)) == sorted(id(message) for _, message in run.given)
    assert len(run.gathered) == 0
    assert not run.gathered
    assert run.gathered.next_due() is None


@given(ROWS, SIZES)
def test_a_parcel_has_one_key_no_number_twice_and_at_most_its_size(rows: Rows, size: int) -> None:
    for _, parcel in ran(rows, size).parcels:
        assert 1 <= len(parcel) <= size
        assert len({message.to for message in parcel}) == len(parcel)
        if len(parcel) > 1:
            (key,) = {by_text(message) for message in parcel}
            assert key is not None


@given(ROWS, SIZES)
def test_messages_of_one_key_leave_in_the_order_they_came(rows: Rows, size: int) -> None:
    run = ran(rows, size)
    for text in "ab-!":
        came = [id(message) for _, message in run.given if message.text == text]
        left = [id(m) for m in run.out if isinstance(m, mms.Sms) and m.text == text]
        assert left == came


@given(ROWS, SIZES)
def test_nobody_waits_longer_than_the_linger_and_who_goes_alone_not_at_all(
    rows: Rows, size: int
) -> None:
    run = ran(rows, size)
    came = {id(message): at for at, message in run.given}
    for at, parcel in run.parcels:
        waited = [at - came[id(message)] for message in parcel]
        assert max(waited) <= LINGER + 1e-6
        if len(parcel) == size:  # a full one leaves with its last message
            assert min(waited) == 0
        if isinstance(parcel[0], mms.Sms) and parcel[0].text in "-!":
            assert waited == [0]


@given(ROWS, SIZES)
def test_parcels_are_no_smaller_than_they_must_be(rows: Rows, size: int) -> None:
    """Without pauses a parcel is small only for a number that came again, or at the end."""
    still = [(number, text, 0.0) for number, text, _ in rows]
    run = ran(still, size)
    for text in "ab":
        sizes = [len(p) for _, p in run.parcels if isinstance(p[0], mms.Sms) and p[0].text == text]
        numbers = [number for number, key, _ in still if key == text]
        wanted, group = [], set[int]()
        for number in numbers:
            if number in group:
                wanted.append(len(group))
                group = set()
            group.add(number)
            if len(group) == size:
                wanted.append(size)
                group = set()
        assert sizes == wanted + ([len(group)] if group else [])


def test_the_same_number_written_otherwise_is_the_same_number() -> None:
    gathered = Gathered(10, by_text)
    first, again = mms.Sms(to="12025550143", text="a"), mms.Sms(to="+1 (202) 555-0143", text="a")
    assert gathered.add(first, 0.0) is None
    assert gathered.add(again, 0.05) == (first,)
    assert gathered.next_due() == pytest.approx(0.05 + LINGER)
    assert gathered.take() == (again,)
    assert gathered.take() is None


def test_one_that_came_again_falls_due_after_those_that_wait_longer() -> None:
    gathered = Gathered(10, by_text)
    gathered.add(sms(1, "a"), 0.0)
    other = sms(1, "b")
    gathered.add(other, 0.02)
    again = sms(1, "a")
    gathered.add(again, 0.04)
    assert gathered.next_due() == pytest.approx(0.02 + LINGER)
    assert gathered.due(1.0) == (other,)
    assert gathered.due(1.0) == (again,)
    assert gathered.due(1.0) is None


@pytest.mark.parametrize("error", [LookupError, TypeError, mms.UnsupportedError])
def test_whatever_a_key_raises_the_message_goes_alone_and_nobody_else(
    error: type[Exception],
) -> None:
    def key(message: mms.Message) -> Hashable:
        if message.to == "12025550199":
            raise error("plain", "this")
        return "same"

    gathered = Gathered(2, key)
    first, odd, second = (mms.Sms(to=f"120255501{n}", text="a") for n in (43, 99, 44))
    assert gathered.add(first, 0.0) is None
    assert gathered.add(odd, 0.0) == (odd,)
    assert gathered.add(second, 0.0) == (first, second)


def test_a_key_that_cannot_be_one_lets_its_message_go_alone() -> None:
    gathered = Gathered(2, lambda _: ["a list"])  # type: ignore[arg-type, return-value] # the mistake
    message = sms(1)
    assert gathered.add(message, 0.0) == (message,)


def test_a_number_that_is_none_goes_alone() -> None:
    gathered = Gathered(2, lambda _: "same")
    message = mms.Sms(to="0412 555", text="a")
    assert gathered.add(message, 0.0) == (message,)


def test_a_size_of_one_asks_for_no_key() -> None:
    asked: list[mms.Message] = []
    message = sms(1)
    assert Gathered(1, asked.append).add(message, 0.0) == (message,)
    assert asked == []
