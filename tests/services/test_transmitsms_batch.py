"""One call for many numbers: each message gets the outcome that is known, and no better one."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transmitsms_answers import MESSAGE, SEND, SERVICE, answer, error_of, no, told

from mmsclient.errors import (
    InvalidMessageError,
    RefusedError,
    ThrottledError,
    UnreadableReplyError,
    UnsupportedError,
)
from mmsclient.messages import Mms, SavedMms, Slide, Sms
from mmsclient.outcomes import Accepted, Outcome, Refused, Unknown
from mmsclient.services.transmitsms import LeftOut, batch


def messages(count: int, **fields: Any) -> list[Sms]:
    terms: dict[str, Any] = {"sender": "70707", "text": "Fresh at 7"} | fields
    return [
        Sms(to=f"+1 (202) 555-{n:04}", reference=f"order-{n}", **terms)
        for n in range(100, 100 + count)
    ]


def outcomes(sent: list[Sms], tree: dict[str, Any]) -> list[Outcome]:
    return SERVICE.batch(sent).decode(told({"message_id": 880143} | tree))


def kinds(found: list[Outcome]) -> str:
    return "".join(type(outcome).__name__[0] for outcome in found)


def test_all_are_accepted_under_the_id_of_the_call() -> None:
    sent = messages(3)
    call = SERVICE.batch(sent)
    assert call.messages == tuple(sent)
    assert (call.operation, call.repeatable) == ("send-sms", False)
    found = call.decode(told({"message_id": 880143, "recipients": 3}))
    for message, outcome in zip(sent, found, strict=True):
        assert isinstance(outcome, Accepted)
        assert outcome.message is message
        assert (outcome.id, outcome.reference) == ("880143", message.reference)
        assert outcome.to == message.to.replace("+1 (202) 555-", "1202555")
        assert outcome.raw["recipients"] == 3


def test_those_named_are_refused_each_for_its_own_reason() -> None:
    sent = [Sms(to=f"1202555014{n}", text="a") for n in (3, 4, 5)]
    for kind in ("json", "xml"):
        good, bad, out = SERVICE.batch(sent).decode(answer("send-sms-partly", kind))
        assert isinstance(good, Accepted)
        assert isinstance(bad, Refused)
        assert isinstance(out, Refused)
        assert type(bad.error) is type(out.error) is RefusedError
        assert (bad.error.concerns, bad.error.may_have_happened) == ("message", False)
        assert str(bad.error) == "send-sms: the service cannot send there (HTTP 200)"
        assert str(out.error) == "send-sms: this number opted out (HTTP 200)"


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"recipients": 4}, "AAAA"),
        ({"recipients": "4"}, "AAAA"),
        ({"recipients": 4.0}, "AAAA"),
        ({"recipients": 4, "fails": 0, "optouts": [0]}, "AAAA"),
        ({"recipients": 5}, "AAAA"),
        ({"recipients": 3}, "UUUU"),
        ({"recipients": 0}, "UUUU"),
        ({"recipients": -1}, "UUUU"),
        ({"recipients": None}, "UUUU"),
        ({"recipients": [4]}, "AAAA"),
        ({"recipients": {"all": 4}}, "UUUU"),
        ({}, "UUUU"),
        ({"recipients": 3, "fails": ["12025550101"]}, "ARAA"),
        ({"recipients": 3, "fails": "12025550101"}, "ARAA"),
        ({"recipients": 3, "fails": [12025550101]}, "ARAA"),
        ({"recipients": 3, "fails": {"item": "12025550101"}}, "ARAA"),
        ({"recipients": 3, "fails": ["+1 (202) 555-0101"]}, "ARAA"),
        ({"recipients": 3, "fails": ["0012025550101"]}, "ARAA"),
        ({"recipients": 3, "fails": ["02025550101"]}, "ARAA"),
        ({"recipients": 3, "fails": [2025550101]}, "ARAA"),
        ({"recipients": 3, "optouts": ["12025550101"]}, "ARAA"),
        ({"recipients": 2, "fails": ["12025550101"], "optouts": ["12025550103"]}, "ARAR"),
        ({"recipients": 3, "fails": ["12025550101"], "optouts": ["12025550101"]}, "ARAA"),
        ({"recipients": 2, "fails": ["12025550101"]}, "URUU"),
        ({"fails": ["12025550101"]}, "URUU"),
        ({"recipients": 4, "fails": ["12025550101"]}, "AUAA"),
        ({"recipients": 4, "fails": ["12025550199"]}, "AAAA"),
        ({"recipients": 3, "fails": ["12025550199"]}, "UUUU"),
        ({"recipients": 3, "fails": ["0101"]}, "UUUU"),
        ({"recipients": 3, "fails": ["x12025550101"]}, "UUUU"),
        ({"recipients": 3, "fails": [None, {"a": {}}, "", "12025550101"]}, "ARAA"),
        ({"recipients": 0, "fails": [f"1202555010{n}" for n in range(4)]}, "RRRR"),
    ],
)
def test_what_is_known_of_four(tree: dict[str, Any], expected: str) -> None:
    found = outcomes(messages(4), tree)
    assert kinds(found) == expected
    for outcome in found:
        if isinstance(outcome, Unknown):
            assert type(outcome.error) is UnreadableReplyError
            assert outcome.error.may_have_happened
            assert outcome.error.raw


def test_an_unexplained_gap_says_what_settles_it() -> None:
    first = outcomes(messages(3), {"recipients": 2})[0]
    assert isinstance(first, Unknown)
    assert "get_sms_sent" in str(first.error)


def test_a_name_that_could_be_several_numbers_is_none_of_them() -> None:
    assert batch.among(["12025550101", "442025550101"], ["02025550101"]) == set()
    assert batch.among(["12025550101", "442025550101"], ["12025550101"]) == {"12025550101"}
    assert batch.among(["12025550101", "12025550102"], ["5550101"]) == {"12025550101"}
    assert batch.among(["12025550101", "12025550102"], ["550101"]) == set()


@pytest.mark.parametrize(
    ("tree", "kind"),
    [
        ({}, Accepted),
        ({"recipients": 1}, Accepted),
        ({"recipients": 2}, Accepted),
        ({"recipients": 0}, UnreadableReplyError),
        ({"recipients": 0, "fails": ["12025550143"]}, RefusedError),
        ({"fails": ["12025550143"]}, RefusedError),
        ({"recipients": 0, "optouts": [12025550143]}, RefusedError),
        ({"recipients": 1, "optouts": [12025550143]}, UnreadableReplyError),
    ],
)
def test_a_single_message_is_a_batch_of_one(tree: dict[str, Any], kind: type[object]) -> None:
    response = told({"message_id": 880143} | tree)
    if kind is Accepted:
        assert SEND.decode(response).id == "880143"
        assert kinds(SERVICE.batch([MESSAGE]).decode(response)) == "A"
    else:
        assert type(error_of(response.body)) is kind
        (outcome,) = SERVICE.batch([MESSAGE]).decode(response)
        assert not isinstance(outcome, Accepted)
        assert type(outcome.error) is kind


def test_a_refusal_of_the_whole_call_is_raised() -> None:
    call = SERVICE.batch(messages(3))
    everybody = {"fails": ["12025550100", "12025550101"], "optouts": ["12025550102"]}
    error = error_of(no("RECIPIENTS_ERROR", everybody), 400, call=call)
    assert (type(error), error.concerns) == (RefusedError, "message")
    assert isinstance(error_of(no("OVER_LIMIT"), 429, call=call), ThrottledError)
    named = LeftOut.of(error)
    assert (list(named.fails), list(named.optouts)) == (everybody["fails"], everybody["optouts"])
    error = error_of(no("NO_ACCESS"), 400, call=call)
    assert (type(error), error.concerns) == (RefusedError, "account")


@pytest.mark.parametrize("id_", [{}, {"message_id": 0}, {"message_id": "x"}, {"message_id": None}])
def test_success_without_an_id_leaves_the_whole_call_open(id_: dict[str, Any]) -> None:
    call = SERVICE.batch(messages(3))
    error = error_of(told({"recipients": 3} | id_).body, call=call)
    assert (type(error), error.may_have_happened) == (UnreadableReplyError, True)


def test_messages_share_a_key_when_only_the_number_differs() -> None:
    keys = [SERVICE.batch_key(message) for message in messages(5)]
    assert len(set(keys)) == 1
    one = messages(1)[0]
    same = [
        Sms(to="12025550177", sender=" 70707 ", text=one.text, reference="other"),
        Sms(to="1 202 555 0178", sender="70707", text=one.text, campaign_ref="kept here"),
    ]
    assert {SERVICE.batch_key(message) for message in same} == {keys[0]}
    others = [
        Sms(to=one.to, sender="70707", text="Fresh at 8"),
        Sms(to=one.to, sender="70708", text=one.text),
        Sms(to=one.to, text=one.text),
        Sms(to=one.to, sender="Bakery", text=one.text),
    ]
    assert len({keys[0], *map(SERVICE.batch_key, others)}) == 5


def test_what_has_a_key_can_be_sent_and_what_has_none_raises() -> None:
    with pytest.raises(InvalidMessageError):
        SERVICE.batch_key(Sms(to="0", text="a"))
    with pytest.raises(InvalidMessageError):
        SERVICE.batch_key("a")  # type: ignore[arg-type]
    for other in (
        Mms(to="12025550143", slides=(Slide(text="a"),)),
        SavedMms(template="1", to="12025550143"),
    ):
        for made in (SERVICE.batch_key, SERVICE.send, lambda message: SERVICE.batch([message])):
            with pytest.raises(UnsupportedError, match="MMS"):
                made(other)


@pytest.mark.parametrize(
    "sent",
    [
        [],
        [*messages(2), *messages(1, text="other")],
        [*messages(2), *messages(1)],
        [Sms(to=f"1202555{n:04}", text="a") for n in range(501)],
    ],
    ids=["none", "differ", "same number", "too many"],
)
def test_what_does_not_fit_into_one_call_is_refused(sent: list[Sms]) -> None:
    with pytest.raises(InvalidMessageError, match="batch_key"):
        SERVICE.batch(sent)


def test_five_hundred_fit() -> None:
    call = SERVICE.batch([Sms(to=f"1202555{n:04}", text="a") for n in range(500)])
    (to,) = (said for name, said in parse_qsl(call.request.body.decode()) if name == "to")
    assert len(to.split(",")) == 500


FATES = st.lists(st.sampled_from(["taken", "bad", "out", "skipped"]), min_size=1, max_size=12)
WRITTEN = st.sampled_from(
    [str, int, lambda n: f"+{n}", lambda n: f"00{n}", lambda n: f"0{n[1:]}", lambda n: int(n[1:])]
)


@given(fates=FATES, written=WRITTEN)
def test_no_outcome_says_more_than_an_honest_service_told(fates: list[str], written: Any) -> None:
    sent = messages(len(fates))
    numbers = [f"1202555{n:04}" for n in range(100, 100 + len(fates))]
    named = {
        kind: [written(number) for number, fate in zip(numbers, fates, strict=True) if fate == kind]
        for kind in ("bad", "out")
    }
    tree = {"recipients": fates.count("taken"), "fails": named["bad"], "optouts": named["out"]}
    found = outcomes(sent, tree)
    assert [outcome.message for outcome in found] == sent
    for fate, outcome in zip(fates, found, strict=True):
        if fate in {"bad", "out"}:
            assert isinstance(outcome, Refused)
        elif "skipped" in fates:
            assert isinstance(outcome, Unknown)
        else:
            assert isinstance(outcome, Accepted)


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(recipients=ANYTHING, fails=ANYTHING, optouts=ANYTHING, count=st.integers(1, 4))
def test_every_message_has_one_outcome_whatever_the_service_says(
    recipients: Any, fails: Any, optouts: Any, count: int
) -> None:
    sent = messages(count)
    tree = {"recipients": recipients, "fails": fails, "optouts": optouts}
    assert [outcome.message for outcome in outcomes(sent, tree)] == sent
