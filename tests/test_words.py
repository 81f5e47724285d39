"""The words: errors, numbers, messages, outcomes, rates and time-outs."""

from __future__ import annotations

import copy
import inspect
import pickle
import sys
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mmsclient as mms
from mmsclient import errors, numbers
from mmsclient.outcomes import settled

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.MMSClientError)
]
CALL_ERRORS = [kind for kind in KINDS if issubclass(kind, errors.CallError)]


def made(kind: type[Any]) -> Any:
    if kind is errors.InvalidMessageError:
        return kind([mms.Fault("to", "is bad", "be good", "E110")])
    if kind is errors.UnsupportedError:
        return kind("plain", "postcards")
    if kind is errors.PostbackError:
        return kind("not XML", b"<raw>")
    if issubclass(kind, errors.CallError):
        facts: dict[str, Any] = {"code": "E1", "description": "theirs", "http_status": 400}
        return kind("our words", operation="send", retry_after=2.5, concerns="account", **facts)
    return kind("our words")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]
)
def test_errors_survive_copying_and_pickling(kind: type[Any], duplicate: Any) -> None:
    error = made(kind)
    again = duplicate(error)
    assert type(again) is kind
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_the_tree_is_the_one_at_the_top_of_its_file() -> None:
    assert errors.__doc__ is not None
    for kind in KINDS:
        assert kind.__name__ in errors.__doc__
        assert kind.__name__ in mms.__all__


def test_the_tree_has_the_promised_shape() -> None:
    assert issubclass(mms.InvalidMessageError, ValueError)
    assert issubclass(mms.PostbackError, ValueError)
    assert issubclass(mms.NotFoundError, mms.RefusedError)
    assert issubclass(mms.ConnectionFailedError, mms.TransportError)
    assert issubclass(mms.NoReplyError, mms.TransportError)
    for kind in (mms.AuthenticationError, mms.ThrottledError, mms.QuotaExceededError,
                 mms.InsufficientCreditError, mms.RefusedError, mms.ServiceFailedError):  # fmt: skip
        assert issubclass(kind, mms.ServiceError)


def test_the_text_of_an_error_has_our_words_and_the_code_only() -> None:
    error = made(mms.RefusedError)
    assert str(error) == "send: our words (E1, HTTP 400)"
    assert "theirs" not in repr(error) + str(error)
    assert str(mms.NoReplyError()) == "NoReplyError"


def test_an_invalid_message_lists_all_faults() -> None:
    faults = [mms.Fault("to", "is empty", "write one"), mms.Fault("text", "is long", "cut it")]
    error = mms.InvalidMessageError(faults)
    assert error.faults == tuple(faults)
    assert str(error) == "to: is empty; write one | text: is long; cut it"


def test_outcomes_follow_from_what_may_have_happened() -> None:
    message = mms.Sms(to="1", text="")
    for kind in CALL_ERRORS:
        expected = mms.Unknown if kind("").may_have_happened else mms.Refused
        assert type(settled(message, kind(""))) is expected


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("+1 (774) 319-9144", "17743199144"),
        ("1.774.319/9144", "17743199144"),
        ("\u00a01 774\u2011319\u20139144 ", "17743199144"),
        ("642111111", "642111111"),
        ("1234567", "1234567"),
        ("123456789012345", "123456789012345"),
        ("(+1) 7743199144", "17743199144"),
        ("\u202a+1 774 319 9144\u202c", "17743199144"),
    ],
)
def test_punctuation_is_removed_from_numbers(written: str, clean: str) -> None:
    assert mms.clean_number(written) == clean


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("0012025550143", "starts with 00"),
        ("+0012025550143", "starts with 00"),
        ("02025550143", "starts with 0"),
        ("202555", "too short"),
        ("1234567890123456", "too long"),
        ("1-800-FLOWERS", "not a digit"),
        ("12025550143,12025550144", "not a digit"),
        ("1202555\u0660143", "not a digit"),
        ("12+025550143", "not a digit"),
        ("++12025550143", "not a digit"),
        ("+44 (0)20 7946 0958", "holds a"),
        ("+49(0)30 123456", "holds a"),
        ("", "is empty"),
        (" - ", "is empty"),
        (12025550143, "is not text"),
        (None, "is not text"),
    ],
)
def test_other_numbers_are_refused_with_the_reason_and_never_repeated(
    written: object, rule: str
) -> None:
    with pytest.raises(mms.InvalidMessageError, match=rule) as caught:
        mms.clean_number(written, field="mobile")
    (fault,) = caught.value.faults
    assert (fault.field, fault.code) == ("mobile", "E110")
    assert fault.fix
    if written and str(written).strip(" -"):
        assert str(written) not in str(caught.value) + repr(caught.value)


@given(st.text())
def test_a_clean_number_is_digits_or_refused(text: str) -> None:
    try:
        clean = mms.clean_number(text)
    except mms.InvalidMessageError:
        return
    assert clean.isascii()
    assert clean.isdigit()
    assert 7 <= len(clean) <= 15
    assert not clean.startswith("0")
    assert mms.clean_number(clean) == clean


@pytest.mark.parametrize(
    ("digits", "word"),
    [
        ("12025550143", None),
        ("99912345678", "country code"),
        ("120255", "length"),
        ("11115550143", "range"),
    ],
)
def test_doubts_about_a_number_are_words_and_never_a_verdict(digits: str, word: str | None) -> None:
    said = numbers.doubt(digits)
    assert (said is None) == (word is None)
    assert (word or "") in (said or "")


def test_without_the_extra_there_are_no_doubts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    assert numbers.doubt("11115550143") is None


VALUES: list[Any] = [
    mms.Sms(to="12025550143", sender="70707", text="secret words", reference="order-117"),
    mms.Mms(to="12025550143", slides=[mms.Slide(text="secret words", image="https://x/secret")]),
    mms.SavedMms(template="91", to="12025550143", texts={1: "secret words"}, data={"a": "secret"}),
    mms.HttpRequest(
        "POST", "https://u:secret@h/p?key=secret", {"authorization": "secret"}, b"secret"
    ),
    mms.HttpResponse(200, {"x": "secret"}, b"secret"),
    mms.RawPostback("GET", "mobile=12025550143", {"authorization": "secret"}, b"secret"),
    mms.Media("https://h/secret"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_values_are_frozen_copied_and_private(value: Any) -> None:
    assert "secret" not in repr(value)
    assert "12025550143" not in repr(value)
    assert pickle.loads(pickle.dumps(value)) == value
    assert copy.copy(value) == value
    hash(value)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        value.to = "1"


def test_a_message_holds_what_it_is_given_and_is_not_changed_from_outside() -> None:
    slides, data = [mms.Slide(text="a")], {"a": "b"}
    message = mms.Mms(to="+1 (202) 555-0143", slides=slides)
    saved = mms.SavedMms(template="1", to="12025550143", data=data)
    slides.append(mms.Slide(text="b"))
    data["c"] = "d"
    assert message.to == "+1 (202) 555-0143"
    assert message.slides == (mms.Slide(text="a"),)
    assert saved.data == {"a": "b"}


def test_outcomes_match_by_shape() -> None:
    message = mms.Sms(to="12025550143", text="hi")
    match mms.Accepted(id="T1", to="12025550143", message=message):
        case mms.Accepted(message=m, id=i):
            assert (m, i) == (message, "T1")
        case _:
            pytest.fail("an Accepted did not match")


@pytest.mark.parametrize(
    ("given_rate", "rate"),
    [
        (15, mms.Rate(15)),
        (30.0, mms.Rate(30)),
        (0.5, mms.Rate(1, per=2.0)),
        (0.1, mms.Rate(1, per=10.0)),
        (2.5, mms.Rate(2, per=0.8)),
        (14.9, mms.Rate(14, per=14 / 14.9)),
        (mms.Rate(3, per=4.0, burst=2), mms.Rate(3, per=4.0, burst=2)),
    ],
)
def test_a_plain_number_is_calls_per_second(given_rate: Any, rate: mms.Rate) -> None:
    assert mms.Rate.of(given_rate) == rate


@pytest.mark.parametrize("bad", [0, -1, float("nan"), float("inf"), True, "15", None])
def test_a_rate_that_makes_no_sense_is_refused(bad: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="rate must be"):
        mms.Rate.of(bad)


@pytest.mark.parametrize("terms", [{"calls": 0}, {"calls": 1.5}, {"calls": 1, "per": 0},
                                   {"calls": 2, "burst": 3}, {"calls": True}])  # fmt: skip
def test_a_rate_checks_its_fields(terms: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError), match=r"calls|per|burst"):
        mms.Rate(**terms)


def test_a_plain_time_out_bounds_the_whole_call_and_its_parts() -> None:
    assert mms.Timeout.of(4.0) == mms.Timeout(connect=4.0, write=4.0, read=4.0, total=4.0)
    assert mms.Timeout.of(30.0).connect == mms.Timeout().connect
    for bad in (0, -1, float("inf"), None, True):
        with pytest.raises((ValueError, TypeError), match="seconds"):
            mms.Timeout.of(bad)  # type: ignore[arg-type]


def test_header_names_are_read_without_regard_to_case() -> None:
    assert mms.HttpResponse(429, {"Retry-After": "3"}).headers == {"retry-after": "3"}


def test_final_statuses_are_those_after_which_nothing_comes() -> None:
    final = {status.value for status in mms.DeliveryStatus if status.final}
    assert final == {"delivered", "failed", "expired", "rejected"}
