"""Cellcast's four calls that send SMS, called by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from rawcellcast import OTHER, SMS, THIRD, TO, get, post, simulator

from mmsclient.simulator import Account, CellcastTerms, Simulator

AU, NZ = "61491570156", "64210000000"

SUMMER, WINTER = (
    datetime(2026, 1, 8, 6, 50, 34, tzinfo=UTC),
    datetime(2026, 7, 8, 6, 50, tzinfo=UTC),
)


def clocked(born: datetime = SUMMER, **account: Any) -> tuple[Simulator, list[float]]:
    """A simulator whose clock is moved by hand, and its calendar set."""
    now = [0.0]
    sim = Simulator(rate=None, clock=lambda: now[0], accounts=[Account(**account)])
    sim._vendor.clock._born = born
    return sim, now


async def test_send_sms_is_queued_and_arrives() -> None:
    sim = simulator()
    tags = {"from": "Bakery", "custom_string": "order-117", "source": "shop"}
    reply = await post(sim, "send-sms", {**SMS, **tags})
    [row] = reply.data["messages"]
    assert list(row) == ["message_id", "from", "to", "body", "date", "custom_string", "direction"]
    assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", row["message_id"])
    assert (row["from"], row["to"], row["body"]) == ("Bakery", f"+{TO}", "Fresh at 7")
    assert (row["custom_string"], row["direction"]) == ("order-117", "out")
    [delivery] = sim.received(TO)
    assert (delivery.texts, delivery.sender, delivery.kind) == (("Fresh at 7",), "Bakery", "sms")
    assert (delivery.reference, delivery.service) == ("order-117", "cellcast")
    assert delivery.tracking_id == row["message_id"]


async def test_dates_are_melbournes() -> None:
    for born, date in ((SUMMER, "2026-01-08 17:50:34"), (WINTER, "2026-07-08 16:50:00")):
        reply = await post(clocked(born)[0], "send-sms", SMS)
        assert reply.data["messages"][0]["date"] == date


async def test_many_numbers_share_a_text_and_refused_ones_are_absent() -> None:
    sim = simulator(blacklist=[OTHER])
    numbers = [f"+{THIRD}", f"+{OTHER}", "nonsense", 7, "+61291234567", f"+{TO}"]
    reply = await post(sim, "send-sms", {**SMS, "numbers": numbers})
    assert reply.sent_to == [f"+{THIRD}", f"+{TO}"]
    counters = [reply.data[name] for name in ("total_numbers", "success_number", "credits_used")]
    assert counters == [6, 2, 2]
    assert [delivery.to for delivery in sim.deliveries] == [THIRD, TO]


@pytest.mark.parametrize("number", ["+61491570156", "61491570156", "0491570156"])
async def test_australian_numbers_are_taken_in_three_forms(number: str) -> None:
    sim = simulator()
    reply = await post(sim, "send-sms", {**SMS, "numbers": [number]})
    assert reply.sent_to == [f"+{AU}"]
    assert [delivery.to for delivery in sim.deliveries] == [AU]


async def test_with_nobody_left_nothing_is_sent() -> None:
    sim = simulator(blacklist=[OTHER])
    for numbers in ([f"+{OTHER}"], ["0212345678"], ["x", f"+{OTHER}"]):
        reply = await post(sim, "send-sms", {**SMS, "numbers": numbers})
        assert (reply.status, reply.code) == (400, "RECIPIENTS_ERROR")


async def test_who_has_opted_out_gets_nothing_more() -> None:
    sim = simulator()
    await post(sim, "send-sms", SMS)
    sim.handset(TO).reply("STOP")
    reply = await post(sim, "send-sms", SMS)
    assert (reply.code, len(sim.deliveries)) == ("RECIPIENTS_ERROR", 1)
    reply = await post(sim, "send-sms", {**SMS, "numbers": [f"+{TO}", f"+{OTHER}"]})
    assert reply.sent_to == [f"+{OTHER}"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sms_text": None}, "FIELD_EMPTY"),
        ({"sms_text": ""}, "FIELD_EMPTY"),
        ({"sms_text": 7}, "FIELD_INVALID"),
        ({"sms_text": "x" * 919}, "FIELD_INVALID"),
        ({"sms_text": "x" * 917 + "€"}, "FIELD_INVALID"),
        ({"sms_text": "я" * 403}, "FIELD_INVALID"),
        ({"numbers": None}, "FIELD_EMPTY"),
        ({"numbers": []}, "FIELD_EMPTY"),
        ({"numbers": f"+{TO}"}, "FIELD_INVALID"),
        ({"numbers": [f"+{TO}"] * 1001}, "FIELD_INVALID"),
        ({"from": ""}, "FIELD_INVALID"),
        ({"from": "Bakery & Co"}, "FIELD_INVALID"),
        ({"from": "Bakery on Main"}, "FIELD_INVALID"),
        ({"from": "1" * 17}, "FIELD_INVALID"),
        ({"custom_string": "order 117"}, "FIELD_INVALID"),
        ({"source": "shop/1"}, "FIELD_INVALID"),
        ({"delay": 0}, "FIELD_INVALID"),
        ({"delay": 1441}, "FIELD_INVALID"),
        ({"delay": True}, "FIELD_INVALID"),
        ({"delay": "5"}, "FIELD_INVALID"),
        ({"delay": 5, "schedule_time": "2999-01-01 00:00:00"}, "FIELD_INVALID"),
        ({"schedule_time": "2999-01-01T00:00:00"}, "FIELD_INVALID"),
        ({"schedule_time": "2019-01-01 00:00:00"}, "FIELD_INVALID"),
    ],
)
async def test_broken_rules_are_named(changes: dict[str, Any], code: str) -> None:
    sim = simulator()
    reply = await post(sim, "send-sms", {**SMS, **changes})
    assert (reply.status, reply.code) == (400, code)
    assert any(name in reply.json["msg"] for name in changes)
    assert sim.deliveries == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("x" * 918, 6),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 402, 6),
        ("\N{GRINNING FACE}" * 35, 1),
        ("one\r\ntwo", 1),
    ],
)
async def test_a_text_is_paid_by_its_parts(text: str, parts: int) -> None:
    reply = await post(simulator(), "send-sms", {**SMS, "sms_text": text})
    assert reply.data["credits_used"] == parts


async def test_a_name_as_sender_costs_a_third_more_and_a_number_does_not() -> None:
    sim = simulator(credit=100)
    named = await post(sim, "send-sms", {**SMS, "from": "Bakery 7"})
    plain = await post(sim, "send-sms", {**SMS, "from": "61491570157"})
    assert (named.data["credits_used"], plain.data["credits_used"]) == (1.33, 1)
    assert (await get(sim, "account")).data["sms_balance"] == "97.67"


async def test_a_sender_that_is_not_the_accounts_fails_the_whole_call() -> None:
    sim = simulator(senders=["Bakery"])
    assert (await post(sim, "send-sms", {**SMS, "from": "Bistro"})).code == "BAD_CALLER_ID"
    assert (await post(sim, "send-sms", {**SMS, "from": "Bakery"})).code == "SUCCESS"


async def test_too_little_credit_refuses_the_whole_call() -> None:
    sim = simulator(credit=1)
    reply = await post(sim, "send-sms", {**SMS, "numbers": [f"+{TO}", f"+{OTHER}"]})
    assert (reply.status, reply.code) == (400, "FIELD_INVALID")
    assert "credit" in reply.json["msg"]
    reply = await post(sim, "send-sms", {**SMS, "from": "Bakery"})
    assert reply.code == "FIELD_INVALID", "the name costs more than is left"
    assert sim.deliveries == []
    assert (await post(sim, "send-sms", SMS)).code == "SUCCESS"


async def test_little_credit_is_said_beside_the_answer() -> None:
    sim = simulator(credit=51)
    assert "low_sms_alert" not in (await post(sim, "send-sms", SMS)).json
    assert "49.00" in (await post(sim, "send-sms", SMS)).json["low_sms_alert"]


async def test_a_delayed_message_leaves_in_minutes() -> None:
    sim, now = clocked()
    reply = await post(sim, "send-sms", {**SMS, "delay": 5})
    row = (await get(sim, "get-sms", message_id=reply.id)).data[0]
    assert (row["status"], sim.deliveries) == ("Queued", [])
    now[0] = 299
    assert sim.deliveries == []
    now[0] = 301
    assert len(sim.deliveries) == 1
    assert (await get(sim, "get-sms", message_id=reply.id)).data[0]["status"] == "Delivered"


async def test_a_scheduled_message_leaves_at_its_local_time() -> None:
    sim, now = clocked()
    reply = await post(sim, "send-sms", {**SMS, "schedule_time": "2026-01-08 18:50:34"})
    assert reply.data["messages"][0]["date"] == "2026-01-08 18:50:34"
    now[0] = 3599
    assert sim.deliveries == []
    now[0] = 3600
    assert len(sim.deliveries) == 1


async def test_a_bulk_call_has_an_envelope_for_each_message_in_order() -> None:
    sim = simulator(blacklist=[OTHER], senders=["Bakery"])
    items = [
        {"sms_text": "One", "numbers": f"+{TO}"},
        {"sms_text": "Two", "numbers": [f"+{OTHER}"]},
        {"sms_text": "", "numbers": f"+{TO}"},
        {"sms_text": "Four", "numbers": f"+{TO}", "from": "Bistro"},
        "five",
        {"sms_text": "Six", "numbers": [f"+{TO}", f"+{THIRD}"], "custom_string": "c-6"},
    ]
    reply = await post(sim, "bulk-send-sms", items)
    assert reply.status == 200
    assert [item["meta"]["status"] for item in reply.json] == [
        "SUCCESS",
        "RECIPIENTS_ERROR",
        "FIELD_EMPTY",
        "BAD_CALLER_ID",
        "FIELD_INVALID",
        "SUCCESS",
    ]
    assert [row["to"] for row in reply.json[5]["data"]["messages"]] == [f"+{TO}", f"+{THIRD}"]
    assert reply.json[5]["data"]["messages"][0]["custom_string"] == "c-6"
    assert [delivery.texts for delivery in sim.deliveries] == [("One",), ("Six",), ("Six",)]


async def test_a_bulk_call_that_fails_as_a_whole_answers_a_single_object() -> None:
    sim = simulator()
    for body in ([], SMS, [SMS] * 1001):
        reply = await post(sim, "bulk-send-sms", body)
        assert reply.status == 400
        assert reply.code in {"FIELD_EMPTY", "FIELD_INVALID"}
    assert sim.deliveries == []


async def test_bulk_envelopes_have_the_overview_form_too() -> None:
    sim = simulator(terms=CellcastTerms(form="overview"))
    reply = await post(sim, "bulk-send-sms", [SMS, {}])
    assert [item["error"]["code"] for item in reply.json] == ["SUCCESS", "FIELD_EMPTY"]


async def test_credit_that_ends_within_a_bulk_call_fails_the_rest() -> None:
    sim = simulator(credit=1)
    reply = await post(sim, "bulk-send-sms", [SMS, SMS])
    assert [item["meta"]["status"] for item in reply.json] == ["SUCCESS", "FIELD_INVALID"]


async def test_magic_numbers_in_a_bulk_call_fail_alone() -> None:
    sim = simulator()
    items = [{"sms_text": "Hi", "numbers": f"+1202555{end}"} for end in ("0196", "0143", "0193")]
    reply = await post(sim, "bulk-send-sms", items)
    codes = [item["meta"]["status"] for item in reply.json]
    assert codes == ["RECIPIENTS_ERROR", "SUCCESS", "RECIPIENTS_ERROR"]


async def test_a_template_is_filled_for_each_recipient() -> None:
    sim = simulator(
        terms=CellcastTerms(templates={"Menu": "Hi {fname}, {special}{custom_value_2}{x}"})
    )
    [row] = (await get(sim, "get-template")).rows
    numbers = [
        {"number": f"+{TO}", "fname": "Noor", "special": "rye"},
        {"number": "nonsense", "fname": "Nobody"},
        {"number": f"+{OTHER}", "custom_value_2": "7"},
    ]
    reply = await post(
        sim, "send-sms-template", {"template_id": row["template_id"], "numbers": numbers}
    )
    assert [one["body"] for one in reply.data["messages"]] == ["Hi Noor, rye{x}", "Hi , 7{x}"]
    assert reply.data["total_numbers"] == 3
    assert [delivery.texts[0] for delivery in sim.deliveries] == ["Hi Noor, rye{x}", "Hi , 7{x}"]


async def test_a_template_that_cannot_be_sent_is_refused() -> None:
    sim = simulator(terms=CellcastTerms(templates={"Menu": "Hi {fname}", "Name": "{fname}"}))
    known, bare = [row["template_id"] for row in (await get(sim, "get-template")).rows]
    for template, numbers, code in (
        ("f" * 32, [{"number": f"+{TO}"}], "FIELD_INVALID"),
        (known, [f"+{TO}"], "FIELD_INVALID"),
        (known, [{"number": f"+{TO}", "fname": "x" * 1000}], "FIELD_INVALID"),
        (known, [{"fname": "x"}], "RECIPIENTS_ERROR"),
        (bare, [{"number": f"+{TO}"}], "FIELD_INVALID"),
        (known, [], "FIELD_EMPTY"),
        ("", [{"number": f"+{TO}"}], "FIELD_EMPTY"),
    ):
        body = {"template_id": template, "numbers": numbers}
        assert (await post(sim, "send-sms-template", body)).code == code
    assert sim.deliveries == []


async def test_new_zealand_has_a_call_of_its_own() -> None:
    sim = simulator()
    body = {"sms_text": "Fresh", "numbers": [f"+{NZ}", f"+{TO}"], "from": "4321"}
    reply = await post(sim, "send-sms-nz", body)
    assert reply.sent_to == [f"+{NZ}"]
    assert sim.deliveries[0].sender == "4321"
    for sender, code in (
        (None, "FIELD_EMPTY"),
        ("Bakery", "FIELD_INVALID"),
        ("321", "FIELD_INVALID"),
    ):
        assert (await post(sim, "send-sms-nz", {**body, "from": sender})).code == code
    assert (await post(sim, "send-sms-nz", {**body, "numbers": [NZ]})).code == "RECIPIENTS_ERROR"


async def test_a_queueing_service_accepts_and_delivers_in_turn() -> None:
    now = [0.0]
    sim = Simulator(rate=1, over_limit="queue", clock=lambda: now[0])
    replies = [await post(sim, "send-sms", SMS) for _ in range(3)]
    assert [reply.code for reply in replies] == ["SUCCESS"] * 3
    assert len(sim.deliveries) == 1
    now[0] = 5.0
    assert len(sim.deliveries) == 3
