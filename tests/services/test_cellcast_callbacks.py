"""Callbacks of Cellcast: every golden document, every status, lists, and odd items among good ones."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from cellcast_answers import BEARER, SERVICE, answer, callback, text
from hypothesis import given
from hypothesis import strategies as st

from mmsclient import events
from mmsclient.errors import PostbackError
from mmsclient.outcomes import DeliveryStatus
from mmsclient.services.cellcast import Cellcast, limits
from mmsclient.wire import RawPostback

ID = "7C1D0B2A-0000-4000-8000-000000000001"
SUMMER = datetime(2031, 2, 3, 3, 5, 6, tzinfo=UTC)  # 14:05:06 in Melbourne
REPORT = {"message_id": "Q-1", "status": "Delivered", "recipient": "61491570006"}
INBOUND = {"from": "+61491570006", "body": "Rye", "message_id": "5550001117", "type": "SMS"}
RECEIVED = {"_id": "6a", "type": "receive", "message": "Rye", "sender": "+61491570006"}


def read(tree: Any) -> list[events.Event]:
    return SERVICE.read_postback(RawPostback("POST", "", {}, text(tree)))


def one(tree: Any) -> Any:
    (event,) = read(tree)
    return event


def golden(name: str) -> Any:
    (event,) = SERVICE.read_postback(callback(name))
    assert event.service == "cellcast"
    return event


def test_a_delivery_report() -> None:
    report = golden("delivery")
    assert type(report) is events.DeliveryReport
    assert (report.id, report.to, report.reference) == (ID, "61491570006", "order-117")
    assert (report.status, report.words, report.final) == (
        DeliveryStatus.DELIVERED,
        "Delivered",
        True,
    )
    assert (report.kind, report.at, report.sent_as) == ("delivery report delivered", None, None)
    assert report.raw["source"] == "shop"


def test_a_list_of_delivery_reports() -> None:
    found = SERVICE.read_postback(callback("deliveries"))
    told = [(report.id, report.status, report.final) for report in found]  # type: ignore[attr-defined]
    assert told == [
        ("Q-1", DeliveryStatus.FAILED, True),
        ("Q-2", DeliveryStatus.UNKNOWN, True),
        ("Q-3", DeliveryStatus.UNKNOWN, False),
    ]
    assert found[2].kind == "delivery report ?"
    assert found[2].words == "Teleported"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "status", "final"),
    [
        ("Queued", DeliveryStatus.PENDING, False),
        ("Dispatched", DeliveryStatus.SENT, False),
        ("Aborted", DeliveryStatus.FAILED, True),
        ("Rejected", DeliveryStatus.REJECTED, True),
        ("DELIVERED", DeliveryStatus.DELIVERED, True),
        (" failed ", DeliveryStatus.FAILED, True),
        ("Expired", DeliveryStatus.EXPIRED, True),
        ("Unknown", DeliveryStatus.UNKNOWN, True),
        ("scheduled", DeliveryStatus.PENDING, False),
        ("sent", DeliveryStatus.SENT, False),
        ("blocked", DeliveryStatus.REJECTED, True),
        ("canceled", DeliveryStatus.FAILED, True),
        ("dead", DeliveryStatus.FAILED, True),
        ("received", DeliveryStatus.PENDING, False),
        ("Lost", DeliveryStatus.UNKNOWN, False),
        ("", DeliveryStatus.UNKNOWN, False),
        (None, DeliveryStatus.UNKNOWN, False),
        (["Delivered", "Failed"], DeliveryStatus.UNKNOWN, False),
        ({"a": "Delivered"}, DeliveryStatus.UNKNOWN, False),
        (7, DeliveryStatus.UNKNOWN, False),
    ],
)
def test_each_status(words: Any, status: DeliveryStatus, final: bool) -> None:
    gateway = {"_id": "Q-1", "type": "send", "receiver": "+61491570006", "status": words}
    for item in ({**REPORT, "status": words}, gateway):
        report = one(item)
        assert type(report) is events.DeliveryReport
        assert (report.status, report.final) == (status, final)


def test_an_inbound_message_alone_and_in_a_list() -> None:
    mms = golden("inbound")
    assert type(mms) is events.InboundMessage
    assert (mms.id, mms.channel, mms.at) == ("5550001117", "mms", SUMMER)
    assert (mms.sender, mms.text) == ("61491570006", " Two ryes,\nplease ")
    assert (mms.answers, mms.reference) == (ID, "order-117")
    assert mms.raw["original_body"] == "Rye at 7"
    sms = golden("inbound-list")
    assert (sms.id, sms.channel, sms.text) == ("5550001118", "sms", "Rye!")
    assert (sms.sender, sms.answers, sms.to) == ("61491570006", None, None)
    assert sms.at == datetime(2031, 7, 3, 4, 5, 6, tzinfo=UTC)


def test_the_inbox_and_the_callback_name_a_message_alike() -> None:
    (row, _) = SERVICE.inbox().page(1).decode(answer("get-responses")).items
    assert row.key == golden("inbound").key


def test_times_are_read_in_the_zone_of_the_account() -> None:
    (event,) = Cellcast(app_key="k", timezone="Australia/Perth").read_postback(callback("inbound"))
    assert event.at == datetime(2031, 2, 3, 6, 5, 6, tzinfo=UTC)


def test_the_newer_api_posts_one_object() -> None:
    reply = golden("bearer-receive")
    assert type(reply) is events.InboundMessage
    assert (reply.id, reply.text, reply.kind) == (
        "6a00000000000000000000a1",
        "Rye, please",
        "receive",
    )
    assert (reply.sender, reply.to) == ("61491570006", "61491570110")
    report = golden("bearer-send")
    assert type(report) is events.DeliveryReport
    assert (report.id, report.sender) == ("6a00000000000000000000a1", "Bakery")
    assert (report.status, report.final) == (DeliveryStatus.FAILED, True)
    assert BEARER.read_postback(callback("bearer-send")) == [report]


@pytest.mark.parametrize(
    "item",
    [
        {"hello": "world"},
        {"_id": "6a", "type": "seen"},
        {"_id": "6a"},
        {"receiver": "+61491570006", "type": ["send", "receive"]},
        {"status": "Delivered"},
        {"type": "SMS", "custom_string": "x"},
    ],
)
def test_what_is_not_known_is_a_plain_event(item: dict[str, Any]) -> None:
    event = one(item)
    assert type(event) is events.Event
    assert (event.service, event.kind, event.raw) == ("cellcast", "?", item)


@pytest.mark.parametrize(
    "item",
    [None, 7, "Delivered", [], [REPORT], {}, {"from": {"a": 1}}, {"message_id": 7, "status": 7}],
)
def test_an_odd_item_loses_no_other(item: Any) -> None:
    found = read([REPORT, item, INBOUND])
    assert [type(event) for event in (found[0], found[2])] == [
        events.DeliveryReport,
        events.InboundMessage,
    ]
    kept = found[1].raw
    assert kept == item if isinstance(item, dict) else kept == {"item": item}


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"not json", b"<POSTBACK/>", b'[{"message_id":', b"\xff\xfe", b"NaN", b"null", b"7"),
        *(b'"text"', b"[]", b"{}", b"[[]]", b"[7, null]", b"[{}]", b"[" * 100_000, b"\x00"),
        *(b'{"a":' * 40 + b"1" + b"}" * 40, b'{"message_id": ' + b"9" * 5000 + b"}"),
        *(b" " * (9 * 1024 * 1024),),
    ],
)
def test_a_broken_callback_keeps_its_bytes(body: bytes) -> None:
    with pytest.raises(PostbackError, match="the callback") as raised:
        SERVICE.read_postback(RawPostback("POST", "", {}, body))
    assert raised.value.raw == body


def test_a_callback_is_bounded() -> None:
    many = [{"status": "Sent", "message_id": str(n)} for n in range(limits.CALLBACK_ITEMS)]
    assert len(read(many)) == limits.CALLBACK_ITEMS
    for body in (
        text([*many, REPORT]),
        text([0] * limits.CALLBACK_ITEMS + [REPORT]),
        text({**REPORT, "source": "x" * limits.CALLBACK_BYTES}),
    ):
        with pytest.raises(PostbackError, match="the callback has more than") as raised:
            SERVICE.read_postback(RawPostback("POST", "", {}, body))
        assert raised.value.raw == body


def test_a_report_has_its_number_in_one_form() -> None:
    report = one({**REPORT, "recipient": "+61 491 570 006"})
    assert (report.to, report.raw["recipient"]) == ("61491570006", "+61 491 570 006")
    assert one({**REPORT, "recipient": "nobody"}).to == "nobody"


# -- repeats -------------------------------------------------------------------------------------


def test_repeats_have_one_key() -> None:
    first = one(REPORT).key
    same = (
        {**REPORT, "recipient": "+61491570006"},
        {**REPORT, "status": "DELIVERED"},
        {**REPORT, "custom_string": "later", "source": "shop"},
    )
    assert {one(item).key for item in same} == {first}
    assert one({**INBOUND, "body": "as told again", "from": "61491570006"}).key == one(INBOUND).key
    assert one(dict(reversed(RECEIVED.items()))).key == one(RECEIVED).key


def test_different_events_have_different_keys() -> None:
    items = [
        *({**REPORT, name: "other"} for name in REPORT),
        REPORT,
        {**REPORT, "recipient": "1", "status": "61491570006"},
        INBOUND,
        {**INBOUND, "message_id": "other"},
        {"message_id": "5550001117", "status": "Delivered"},
        {**INBOUND, "message_id": ""},
        {**INBOUND, "message_id": "", "body": "Spelt"},
        {**REPORT, "message_id": ""},
        {**REPORT, "message_id": None, "status": "Failed"},
        RECEIVED,
        # Samples give a reply the _id of the message it answers: two replies share it.
        {**RECEIVED, "message": "Spelt"},
        {**RECEIVED, "type": "send", "status": "delivered"},
        {"hello": "world"},
        {"hello": "there"},
    ]
    keys = [one(item).key for item in items]
    assert len(set(keys)) == len(keys)


def test_keys_can_be_stored_whatever_ids_hold() -> None:
    ids = ("\ud83d", "\ud83c", "?", "\\ud83d")
    for item in (REPORT, INBOUND):
        keys = {one({**item, "message_id": each}).key.encode() for each in ids}
        assert len(keys) == len(ids)


WORDS = st.text(max_size=6)
REPORTS = st.fixed_dictionaries(
    {"message_id": WORDS.filter(str.strip), "recipient": WORDS, "status": WORDS}
)


@given(one_report=REPORTS, other=REPORTS, noise=st.dictionaries(st.just("source"), WORDS))
def test_the_key_is_what_the_vendor_says_repeats_share(
    one_report: dict[str, str], other: dict[str, str], noise: dict[str, str]
) -> None:
    def about(item: dict[str, str]) -> tuple[str, str, str]:
        number = item["recipient"].strip()
        digits = number.removeprefix("+")
        plain = digits.isascii() and digits.isdigit()
        to = digits if plain else number
        return item["message_id"].strip(), to, item["status"].strip().lower()

    first, again, second = one(one_report), one({**noise, **one_report}), one(other)
    assert first.key == again.key
    assert (first.key == second.key) is (about(one_report) == about(other))


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "message_id",
                    "status",
                    "recipient",
                    "from",
                    "body",
                    "received_at",
                    "type",
                    "_id",
                    "receiver",
                    "sender",
                    "message",
                    "custom_string",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(body=st.binary(max_size=100) | TREES.map(json.dumps).map(str.encode))
def test_any_callback_is_read_or_refused_and_nothing_is_lost(body: bytes) -> None:
    raw = RawPostback("POST", "", {}, body)
    error = None
    try:
        found = SERVICE.read_postback(raw)
    except PostbackError as raised:
        error = raised
    if error:
        again = pickle.loads(pickle.dumps(error))
        assert (str(again), again.raw) == (str(error), body)
        return
    tree = json.loads(body)
    assert len(found) == (len(tree) if isinstance(tree, list) else 1)
    for event in found:
        assert event.key
        assert pickle.loads(pickle.dumps(event)) == event
        assert event.at is None or event.at.utcoffset() is not None
