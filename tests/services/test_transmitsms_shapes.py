"""Answers of TransmitSMS in every shape that has been seen, and in some that must not pass."""

from __future__ import annotations

import json
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest
from transmitsms_answers import SERVICE, answer, error_of, told
from transmitsms_calls import JSON_CALLS, XML_CALLS
from transmitsms_values import AT, N

from mmsclient.errors import UnreadableReplyError
from mmsclient.services.transmitsms import limits, reading
from mmsclient.wire import HttpResponse


def custom(fields: Any) -> Any:
    tree = {"list_id": 4471, "msisdn": 12025550143}
    extra = {} if fields is ... else {"fields": fields}
    return JSON_CALLS["get-contact"].decode(told(tree | extra)).fields


def custom_in_xml(fields: str) -> Any:
    body = f"<response><msisdn>12025550143</msisdn>{fields}</response>"
    return XML_CALLS["get-contact"].decode(HttpResponse(200, {}, body.encode())).fields


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (..., {}),
        (None, {}),
        ([], {}),
        ({}, {}),
        ("", {}),
        ({"Email": "a", "Postcode": 2000, "Loaf": None}, {"Email": "a", "Postcode": "2000", "Loaf": ""}),
        ({"name": "Noor", "value": 7}, {"name": "Noor", "value": "7"}),
        ({"item": "Rye"}, {"item": "Rye"}),
        ([{"name": "Email", "value": "a"}, {"name": "Loaf"}], {"Email": "a", "Loaf": ""}),
        ([{"name": 7, "value": 2}, "odd", {"value": "b"}], {"7": "2"}),
        ({"Email": "a", "Odd": {"deep": [1]}, "More": [1, 2]}, {"Email": "a"}),
        ("text", {}),
    ],
)  # fmt: skip
def test_custom_fields_in_every_shape(fields: Any, expected: dict[str, str]) -> None:
    assert custom(fields) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("", {}),
        ("<fields/>", {}),
        ("<fields>\n </fields>", {}),
        ("<fields><Email>a</Email><Loaf/></fields>", {"Email": "a", "Loaf": ""}),
        ("<fields><item><name>A b</name><value>c</value></item></fields>", {"A b": "c"}),
        (
            "<fields><item><name>A b</name><value>c</value></item><item><name>D</name><value/></item></fields>",
            {"A b": "c", "D": ""},
        ),
        (
            "<fields><name>A</name><value>1</value><name>B</name><value>2</value></fields>",
            {"A": "1", "B": "2"},
        ),
        ("<fields><item>Rye</item></fields>", {"item": "Rye"}),
    ],
)
def test_custom_fields_in_every_shape_of_xml(fields: str, expected: dict[str, str]) -> None:
    assert custom_in_xml(fields) == expected


@pytest.mark.parametrize(
    "nothing", [{}, {"lists": None}, {"lists": []}, {"lists": {}}, {"lists": ""}, {"lists": [None]}]
)
def test_no_rows_in_every_shape(nothing: dict[str, Any]) -> None:
    found = JSON_CALLS["get-lists"].decode(told({"page": {"count": 1, "number": 1}} | nothing))
    assert (found.items, found.count) == ((), 1)


@pytest.mark.parametrize(
    "rows",
    [
        {"id": 1, "name": "a"},
        [{"id": 1, "name": "a"}],
        {"item": {"id": 1, "name": "a"}},
        {"0": {"id": 1, "name": "a"}},
        {"list": [{"id": 1, "name": "a"}]},
        [{"id": 1, "name": "a"}, {"name": "without an id"}],
    ],
)
def test_one_row_in_every_shape(rows: Any) -> None:
    found = JSON_CALLS["get-lists"].decode(told({"lists": rows}))
    assert [(row.id, row.name) for row in found.items] == [("1", "a")]


@pytest.mark.parametrize(
    "rows", ["none", 7, True, [1], ["a"], [[{"id": 1}]], [{"name": "a"}], {"id": [1, 2], "name": "a"}]
)  # fmt: skip
def test_rows_of_no_known_shape_are_not_taken_for_none(rows: Any) -> None:
    error = error_of(told({"lists": rows}).body, call=JSON_CALLS["get-lists"])
    assert isinstance(error, UnreadableReplyError)


@pytest.mark.parametrize(
    ("told_page", "number", "count"),
    [
        ({"count": 2, "number": 7}, 7, 2),
        ({"count": "2", "number": "7"}, 7, 2),
        ({"count": None}, 3, None),
        ({}, 3, None),
        (None, 3, None),
        ("odd", 3, None),
        ([1], 3, None),
        ({"count": {}, "number": "x"}, 3, None),
    ],
)
def test_what_a_page_says_of_itself(told_page: Any, number: int, count: int | None) -> None:
    found = SERVICE.get_lists().page(3).decode(told({"page": told_page, "lists_total": "9"}))
    assert (found.number, found.count, found.total) == (number, count, 9)


def test_a_page_without_the_error_block_is_a_page() -> None:
    found = JSON_CALLS["get-lists"].decode(HttpResponse(200, {}, b'{"lists":[{"id":1}]}'))
    assert [row.id for row in found.items] == ["1"]


@pytest.mark.parametrize(
    ("wire", "amount"),
    [
        (0.087, "0.087"),
        ("29", "29"),
        ("$14.630", "14.630"),
        ("-$1.370", "-1.370"),
        ("$-1.370", "-1.370"),
        ("A$1,014.63", "1014.63"),
        ("$ .5", "0.5"),
        ("free", None),
        (None, None),
        ([1, 2], None),
        ("1e999999999999999999999", None),
        (",5", "5"),
        ("14.", "14"),
        ("1,,4", None),
        ("1" * limits.AMOUNT, "1" * limits.AMOUNT),
        ("1" * (limits.AMOUNT + 1), None),
        ("1" * 100_000, None),
        ("1" * 100_000 + "x", None),
        ("," * 100_000, None),
    ],
)
def test_amounts_keep_every_digit(wire: Any, amount: str | None) -> None:
    found = JSON_CALLS["get-transaction"].decode(told({"id": 1, "balance_standing": wire}))
    assert found.balance_standing == (None if amount is None else Decimal(amount))
    exact = told({"balance": 0.1}).body.replace(b"0.1", b"0.10000000000000000555")
    assert JSON_CALLS["get-balance"].decode(HttpResponse(200, {}, exact)).balance == Decimal(
        "0.10000000000000000555"
    )


@pytest.mark.parametrize("kind", ["json", "xml"])
@pytest.mark.parametrize("huge", ["1" * 100_000, "1" * 100_000 + "x", "$" + "1," * 50_000])
def test_an_amount_is_measured_before_it_is_matched(
    huge: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = []

    class Counting:
        def fullmatch(self, written: str) -> None:
            lengths.append(len(written))

    monkeypatch.setattr(reading, "_MONEY", Counting())
    xml = f"<response><id>1</id><balance_standing>{huge}</balance_standing></response>"
    body = xml.encode() if kind == "xml" else told({"id": 1, "balance_standing": huge}).body
    found = JSON_CALLS["get-transaction"].decode(HttpResponse(200, {}, body))
    assert found.balance_standing is None
    assert all(length <= limits.AMOUNT for length in lengths)


@pytest.mark.parametrize(
    ("wire", "count"),
    [(2, 2), (2.0, 2), ("2.00", 2), ("1,000", 1000), (2.5, None), ("1e30", None), ("x", None)],
)
def test_a_count_may_be_written_with_a_fraction_of_nothing(wire: Any, count: int | None) -> None:
    sent = JSON_CALLS["send-sms"].decode(told({"message_id": 1, "recipients": wire}))
    assert sent.recipients == count


@pytest.mark.parametrize("none", [0, "0", [0], [], None, False, {"item": 0}])
def test_no_numbers_left_out_in_every_shape(none: Any) -> None:
    tree = {"message_id": 1, "fails": none, "optouts": none}
    sent = JSON_CALLS["send-sms"].decode(told(tree))
    assert (sent.fails, sent.optouts) == ((), ())


def test_times_may_name_their_zone() -> None:
    for said in ("2031-02-03 04:05:06", "2031-02-03T04:05:06Z", "2031-02-02T23:05:06-05:00"):
        sms = JSON_CALLS["get-sms"].decode(told({"message_id": 1, "send_at": said}))
        assert sms.send_at == AT
        assert sms.send_at.tzinfo is UTC
    odd: tuple[Any, ...] = ("0000-00-00 00:00:00", "soon", ["x"], 7, None)
    for unread in odd:
        sms = JSON_CALLS["get-sms"].decode(told({"message_id": 1, "send_at": unread}))
        assert sms.send_at is None


def test_numbers_have_the_form_of_what_was_sent() -> None:
    for wire in ("+1 (202) 555-0143", N, int(N)):
        assert JSON_CALLS["get-contact"].decode(told({"msisdn": wire})).msisdn == N
    odd = JSON_CALLS["get-sms-delivery-status"].decode(
        told({"stats": {"mobile": "0491570156", "sender_id": "70707"}})
    )
    assert (odd.mobile, odd.sender) == ("0491570156", "70707")


def test_other_spellings_of_older_pages() -> None:
    contact = JSON_CALLS["get-contact"].decode(
        told({"mobile": "12025550143", "firstname": "Noor", "lastname": "B"})
    )
    assert (contact.msisdn, contact.first_name, contact.last_name) == (N, "Noor", "B")
    number = JSON_CALLS["format-number"].decode(told({"number": {"national_number": 7}}))
    assert number.nationalnumber == "7"
    assert JSON_CALLS["get-client"].decode(told({"id": 1, "credits_based": "yes"})).credit_based


def test_what_a_call_must_answer_is_missed() -> None:
    for name in (
        *("send-sms", "get-sms", "get-sms-stats", "get-sms-delivery-status", "get-sms-sent-count"),
        *("get-balance", "add-list", "add-field-to-list", "get-contact", "add-contacts-bulk"),
        *("get-number", "lease-number", "add-client", "get-client", "get-transaction"),
    ):
        assert isinstance(error_of(told({}).body, call=JSON_CALLS[name]), UnreadableReplyError)


def test_a_contradiction_beside_the_word_of_success_is_open() -> None:
    for name in ("cancel-sms", "add-email", "delete-email"):
        error = error_of(told({"success": False}).body, call=JSON_CALLS[name])
        assert isinstance(error, UnreadableReplyError)


def test_raw_calls_keep_everything() -> None:
    assert JSON_CALLS["get-link-hits"].decode(answer("get-link-hits")).raw["hits"] == [
        {"mobile": 12025550143}
    ]
    assert json.dumps(JSON_CALLS["get-sender-ids"].decode(answer("get-sender-ids")).raw)
