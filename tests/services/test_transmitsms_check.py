"""Faults and advice of TransmitSMS for a message, and what the faults promise."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transmitsms_answers import SERVICE

from mmsclient.errors import InvalidMessageError, UnsupportedError
from mmsclient.messages import Mms, SavedMms, Slide, Sms

N = "12025550143"


def sms(**fields: Any) -> Sms:
    return Sms(**({"to": N, "text": "Fresh at 7"} | fields))


@pytest.fixture(autouse=True)
def _no_doubts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmsclient.services.transmitsms.check.doubt", lambda _: None)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"sender": "70707"},
        {"sender": "+1 202 555 0100"},
        {"sender": "Bakery"},
        {"sender": "B4kery-No.1"},
        {"sender": ""},
        {"text": "x" * 612},
        {"text": "ж" * 269},
        {"text": "ж" * 612},
        {"text": "[unsub-reply-link] [firstname]"},
        {"reference": "r" * 500},
        {"to": "+44 20 7946 0000"},
    ],
)
def test_good_messages_have_no_faults(fields: dict[str, Any]) -> None:
    assert SERVICE.check(sms(**fields)).ok
    SERVICE.send(sms(**fields))


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"to": ""}, [("to", "FIELD_INVALID")]),
        ({"to": None}, [("to", "FIELD_INVALID")]),
        ({"to": "0012025550143"}, [("to", "FIELD_INVALID")]),
        ({"to": "0491570156"}, [("to", "FIELD_INVALID")]),
        ({"to": "123"}, [("to", "FIELD_INVALID")]),
        ({"to": 12025550143}, [("to", "FIELD_INVALID")]),
        ({"text": ""}, [("text", "FIELD_EMPTY")]),
        ({"text": " \n"}, [("text", "FIELD_EMPTY")]),
        ({"text": None}, [("text", "FIELD_EMPTY")]),
        ({"text": b"a"}, [("text", None)]),
        ({"text": "x" * 613}, [("text", "FIELD_INVALID")]),
        ({"text": "€" * 305}, [("text", "FIELD_INVALID")]),
        ({"text": "ж" * 613}, [("text", "FIELD_INVALID")]),
        ({"text": "x\udcff"}, [("text", None)]),
        ({"text": "Look: [tracked-link]"}, [("text", None)]),
        ({"sender": "Corner Bakery"}, [("sender", "BAD_CALLER_ID")] * 2),
        ({"sender": "Bäckerei"}, [("sender", "BAD_CALLER_ID")]),
        ({"sender": "12"}, [("sender", "BAD_CALLER_ID")]),
        ({"sender": "0491570156"}, [("sender", "BAD_CALLER_ID")]),
        ({"sender": 70707}, [("sender", "BAD_CALLER_ID")]),
        ({"reference": 7}, [("reference", None)]),
        ({"to": "x", "text": "", "sender": "a b"}, None),
    ],
)
def test_faults_name_the_field_and_the_code(
    fields: dict[str, Any], found: list[tuple[str, str | None]] | None
) -> None:
    message = sms(**fields)
    check = SERVICE.check(message)
    if found is None:
        found = [("text", "FIELD_EMPTY"), ("to", "FIELD_INVALID"), ("sender", "BAD_CALLER_ID")]
    assert [(fault.field, fault.code) for fault in check.faults] == found
    with pytest.raises(InvalidMessageError) as raised:
        SERVICE.send(message)
    assert raised.value.faults == check.faults


def test_parts_have_a_limit_in_the_gsm_alphabet_only() -> None:
    (fault,) = SERVICE.check(sms(text="€" * 305)).faults
    assert "takes 5 parts (GSM" in fault.rule
    check = SERVICE.check(sms(text="ж" * 612))
    assert check.ok
    assert "takes 10 parts" in check.advice[-1].note


@pytest.mark.parametrize(
    "message", [Mms(to=N, slides=(Slide(text="a"),)), SavedMms(template="1", to=N)]
)
def test_an_mms_is_one_fault_and_unsupported(message: Any) -> None:
    check = SERVICE.check(message)
    assert [fault.field for fault in check.faults] == ["message"]
    assert "none" in check.faults[0].rule
    assert check.advice == ()
    with pytest.raises(UnsupportedError, match="Sms only"):
        SERVICE.send(message)


@pytest.mark.parametrize("thing", [None, "a", {"to": N}, 7])
def test_what_is_no_message_is_a_fault(thing: Any) -> None:
    assert [fault.field for fault in SERVICE.check(thing).faults] == ["message"]
    with pytest.raises(InvalidMessageError):
        SERVICE.send(thing)


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        ({}, []),
        ({"text": "x" * 160}, []),
        ({"text": "x" * 161}, ["text"]),
        ({"text": "жук"}, ["text"]),
        ({"text": "ж" * 71}, ["text", "text"]),
        ({"text": "x" * 613}, []),
        ({"sender": "70707"}, []),
        ({"sender": "Bakery"}, ["sender"]),
        ({"sender": "Rye&Co"}, ["sender", "sender"]),
        ({"from_mask": "Bakery"}, ["from_mask"]),
        ({"operator_id": "0001890", "campaign_ref": "spring"}, ["operator_id", "campaign_ref"]),
        ({"reference": "order-117"}, []),
    ],
)
def test_advice(fields: dict[str, Any], about: list[str]) -> None:
    assert [advice.field for advice in SERVICE.check(sms(**fields)).advice] == about


def test_doubts_about_a_number_are_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "mmsclient.services.transmitsms.check.doubt", lambda digits: f"{len(digits)}"
    )
    advice = SERVICE.check(sms(to="+1 202 555 0143")).advice
    assert [(each.field, each.note) for each in advice] == [("to", "11")]
    assert SERVICE.check(sms(to="0")).advice == ()


ODD = st.one_of(
    st.none(), st.text(max_size=20), st.integers(), st.binary(max_size=4), st.booleans()
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(to=ODD, text=ODD, sender=ODD, reference=ODD)
def test_check_and_send_agree_on_anything(to: Any, text: Any, sender: Any, reference: Any) -> None:
    message = Sms(to=to, text=text, sender=sender, reference=reference)
    check = SERVICE.check(message)
    if check.ok:
        assert SERVICE.send(message).messages == (message,)
        assert SERVICE.batch([message]).request == SERVICE.send(message).request
    else:
        with pytest.raises(InvalidMessageError):
            SERVICE.send(message)
        with pytest.raises(InvalidMessageError):
            SERVICE.batch_key(message)
