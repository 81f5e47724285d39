"""TransmitSMS by hand: what became of messages, one by one and by spans of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rawtransmit import SMS, ask

from mmsclient.simulator import Account, Fault, Simulator

TO, OTHER, LOST, HUNG = "12025550143", "12025550144", "12025550184", "12025550195"
DAY = 86_400.0


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).strftime("%Y-%m-%d %H:%M:%S")


async def mixed(sim: Simulator) -> int:
    """Send to four: one gets it, one answers STOP, one never gets it, one message hangs."""
    to = f"{TO},{OTHER},{LOST},{HUNG}"
    sent = await ask(sim, "send-sms", {**SMS, "to": to})
    sim.handset(OTHER).reply("STOP")
    return int(sent["message_id"])


async def test_a_message_is_told_about_with_live_counts() -> None:
    sim = Simulator(rate=None)
    sent = await mixed(sim)
    reply = await ask(sim, "get-sms", message_id=sent)
    assert reply.keys == [
        *("message_id", "send_at", "recipients", "cost", "sms", "message"),
        *("delivery_stats", "error"),
    ]
    assert (reply["message"], reply["recipients"], reply["sms"]) == ("Fresh at 7", 4, 4)
    assert reply["delivery_stats"] == {
        "delivered": 2,
        "pending": 1,
        "bounced": 1,
        "responses": 1,
        "optouts": 1,
    }


async def test_statistics_spell_two_keys_in_their_own_way() -> None:
    sim = Simulator(rate=None)
    stats = (await ask(sim, "get-sms-stats", message_id=await mixed(sim)))["stats"]
    assert stats == {
        "hard_bounced": 1,
        "soft_bounced": 0,
        "total": 4,
        "recipientCount": 4,
        "delivered": 2,
        "pending": 1,
        "bounced": 1,
        "responses": 1,
        "opt-outs": 1,
        "link_hits": 0,
    }


@pytest.mark.parametrize(
    ("number", "status", "has_time"),
    [(TO, "delivered", True), (LOST, "failed", True), (HUNG, "pending", False)],
)
async def test_one_recipients_delivery_has_minute_precision(
    number: str, status: str, has_time: bool
) -> None:
    sim = Simulator(rate=None)
    sent = await mixed(sim)
    stats = (await ask(sim, "get-sms-delivery-status", message_id=sent, msisdn=number))["stats"]
    assert (stats["status"], stats["message"], stats["sender_id"]) == (status, "Fresh at 7", 70707)
    assert (stats["message_id"], stats["mobile"]) == (sent, int(number))
    assert (stats["datetime"] is not None) is has_time
    assert not has_time or stats["datetime"].endswith(":00")


async def test_a_delivery_status_needs_the_number_by_its_right_name() -> None:
    sim = Simulator(rate=None)
    sent = (await ask(sim, "send-sms", SMS))["message_id"]
    wrong = await ask(sim, "get-sms-delivery-status", message_id=sent, mobile=TO)
    assert wrong.code == "FIELD_EMPTY"
    other = await ask(sim, "get-sms-delivery-status", message_id=sent, msisdn=OTHER)
    assert other.code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("params", "numbers"),
    [
        ({}, [TO, OTHER, LOST, HUNG]),
        ({"optouts": "only"}, [OTHER]),
        ({"optouts": "omit"}, [TO, LOST, HUNG]),
        ({"delivery": "delivered"}, [TO, OTHER]),
        ({"delivery": "failed"}, [LOST]),
        ({"list_id": ""}, [TO, OTHER, LOST, HUNG]),
        ({"delivery": "pending"}, [HUNG]),
        ({"max": "1", "page": "2"}, [OTHER]),
    ],
)
async def test_recipients_are_listed_beside_the_message(
    params: dict[str, str], numbers: list[str]
) -> None:
    sim = Simulator(rate=None)
    reply = await ask(sim, "get-sms-sent", {"message_id": await mixed(sim), **params})
    assert reply.keys == ["page", "total", "message", "recipients", "error"]
    assert "message" not in reply["message"]
    assert [row["msisdn"] for row in reply["recipients"]] == [int(number) for number in numbers]
    first = reply["recipients"][0]
    assert list(first) == ["msisdn", "first_name", "last_name", "delivery_status", "optout"]


async def test_delivery_of_recipients_is_told_as_bounced_or_not() -> None:
    sim = Simulator(rate=None)
    rows = (await ask(sim, "get-sms-sent", message_id=await mixed(sim)))["recipients"]
    statuses = [(row["delivery_status"], row["optout"]) for row in rows]
    assert statuses == [
        ("delivered", False),
        ("delivered", True),
        ("bounced", False),
        ("pending", False),
    ]


async def test_the_message_log_has_what_one_was_really_sent() -> None:
    sim = Simulator(rate=None)
    sent = (await ask(sim, "send-sms", SMS))["message_id"]
    reply = await ask(sim, "get-message-log", message_id=sent, mobile=TO)
    assert reply.keys == ["message_id", "message", "mobile", "caller_id", "datetime_send", "error"]


async def history(hand: Hand) -> tuple[Simulator, list[int]]:
    """Send one message a day for three days."""
    sim = Simulator(clock=hand, rate=None)
    sent = []
    for n in range(3):
        reply = await ask(sim, "send-sms", {**SMS, "message": f"Day {n}"})
        sent.append(int(reply["message_id"]))
        hand.now += DAY
    return sim, sent


async def test_messages_of_a_span_are_listed_newest_first() -> None:
    hand = Hand()
    sim, sent = await history(hand)
    span = {"start": ago(days=1), "end": ago(days=-9)}
    reply = await ask(sim, "get-user-sms-sent", span)
    assert reply.keys == ["page", "total", "messages", "error"]
    rows = reply["messages"]
    assert [row["message_id"] for row in rows] == sent[::-1]
    assert list(rows[0]) == [
        *("id", "message_id", "message", "sent_at", "msisdn", "caller_id", "status")
    ]
    assert len({row["id"] for row in rows}) == 3
    one = await ask(sim, "get-user-sms-sent", {**span, "end": ago(days=-0.5)})
    assert [row["message"] for row in one["messages"]] == ["Day 0"]
    assert "messages" not in (await ask(sim, "get-user-sms-sent", span, msisdn=OTHER)).keys
    for missing in ("start", "end"):
        left = {name: value for name, value in span.items() if name != missing}
        assert (await ask(sim, "get-user-sms-sent", left)).code == "FIELD_EMPTY"


async def test_messages_to_one_number_are_rows_and_no_statistics() -> None:
    hand = Hand()
    sim, sent = await history(hand)
    reply = await ask(sim, "get-contact-sms-stats", mobile=TO)
    assert [row["message_id"] for row in reply["records"]] == sent
    assert list(reply["records"][0]) == ["message_id", "datetime_send", "delivery_status"]
    falling = await ask(
        sim, "get-contact-sms-stats", mobile=TO, sort_field="message_id", order="desc"
    )
    assert [row["message_id"] for row in falling["records"]] == sent[::-1]
    assert (await ask(sim, "get-contact-sms-stats", msisdn=TO)).code == "FIELD_EMPTY"


async def test_bounces_are_told_apart_in_the_rows_of_a_number() -> None:
    sim = Simulator(rate=None)
    await mixed(sim)
    reply = await ask(sim, "get-contact-sms-stats", mobile=LOST)
    assert [row["delivery_status"] for row in reply["records"]] == ["hard-bounce"]


async def test_a_count_covers_a_day_and_at_most_a_week() -> None:
    hand = Hand()
    sim, _ = await history(hand)

    async def count(**span: str) -> Any:
        return (await ask(sim, "get-sms-sent-count", span)).json.get("count")

    assert await count() == 1
    assert await count(start=ago(days=1), end=ago(days=-5)) == 3
    assert (await ask(sim, "get-sms-sent-count", start=ago(days=9), end=ago(days=0))).code == (
        "FIELD_INVALID"
    )


async def test_a_report_covers_a_day_and_costs_are_negative() -> None:
    hand = Hand()
    sim, sent = await history(hand)
    reply = await ask(sim, "get-message-report")
    assert reply.keys == ["page", "messages_total", "sms_total", "messages", "error"]
    [row] = reply["messages"]
    assert (row["id"], row["cost"], row["status"]) == (sent[2], -0.087, "completed")
    assert (row["type"], row["msisdn"]) == ("api", int(TO))
    span = {"start": ago(days=1), "end": ago(days=-5)}
    whole = await ask(sim, "get-message-report", span)
    assert [one["id"] for one in whole["messages"]] == sent[::-1]
    assert (whole["messages_total"], whole["sms_total"]) == (3, 3)
    for params, rows in (
        ({"type": "campaign"}, 0),
        ({"type": "api"}, 3),
        ({"number": OTHER}, 0),
    ):
        found = await ask(sim, "get-message-report", {**span, **params})
        assert found["messages_total"] == rows
    assert (await ask(sim, "get-message-report", start=ago(days=99), end=ago(days=0))).code == (
        "FIELD_INVALID"
    )


async def test_a_cancelled_message_stays_in_the_report() -> None:
    sim = Simulator(rate=None)
    later = (datetime.now(UTC) + timedelta(minutes=5)).strftime("%Y-%m-%d %H:%M:%S")
    sent = await ask(sim, "send-sms", {**SMS, "send_at": later})
    await ask(sim, "cancel-sms", id=sent["message_id"])
    span = {"start": ago(days=1), "end": ago(days=-1)}
    [row] = (await ask(sim, "get-message-report", span))["messages"]
    assert row["status"] == "user cancelled"
    assert (await ask(sim, "get-user-sms-sent", span))["total"] == 0


async def test_a_report_with_a_list_adds_what_the_list_knows() -> None:
    sim = Simulator(rate=None)
    made = (await ask(sim, "add-list", name="L", field_1="City"))["id"]
    person = {"msisdn": "61491570156", "first_name": "Noor", "field_1": "2000"}
    await ask(sim, "add-to-list", person, list_id=made)
    await ask(sim, "send-sms", message="Hi", list_id=made)
    [row] = (await ask(sim, "get-message-report", list_id=made))["messages"]
    assert (row["type"], row["first_name"], row["fields"]) == ("campaign", "Noor", {"City": 2000})
    [row] = (await ask(sim, "get-message-report", list_id=made, response_style="array"))["messages"]
    assert row["fields"] == [{"name": "City", "value": 2000}]


async def test_opened_links_are_counted() -> None:
    sim = Simulator(rate=None)
    link = {"message": "[tracked-link]", "tracked_link_url": "https://example.net/"}
    sent = (await ask(sim, "send-sms", {**SMS, **link}))["message_id"]
    for _ in range(2):
        sim.handset(TO).open_link()
    assert (await ask(sim, "get-sms-stats", message_id=sent))["stats"]["link_hits"] == 2
    [row] = (await ask(sim, "get-link-hits", message_id=sent))["recipients"]
    assert row["msisdn"] == int(TO)


async def test_reports_of_messages_that_are_not_there() -> None:
    sim = Simulator(rate=None)
    for call in ("get-sms", "get-sms-stats", "get-sms-sent", "get-link-hits"):
        assert (await ask(sim, call, message_id=1)).code == "NOT_FOUND"
        assert (await ask(sim, call)).code == "FIELD_EMPTY"
    sent = (await ask(sim, "send-sms", SMS))["message_id"]
    assert (await ask(sim, "get-sms-sent", message_id=sent, list_id=1)).code == "NOT_FOUND"


async def test_accounts_do_not_see_each_other() -> None:
    sim = Simulator(rate=None, accounts=[Account(), Account()])
    sent = (await ask(sim, "send-sms", SMS))["message_id"]
    sim.handset(TO).reply("Hello")
    assert (await ask(sim, "get-sms", message_id=sent, account=1)).code == "NOT_FOUND"
    assert (await ask(sim, "get-user-sms-responses", account=1))["total"] == 0
    assert (await ask(sim, "get-message-report", account=1))["messages_total"] == 0


async def test_what_waits_for_its_turn_is_pending() -> None:
    sim = Simulator(rate=1, over_limit="queue", clock=lambda: 0.0)
    sent = [(await ask(sim, "send-sms", SMS))["message_id"] for _ in range(2)]
    stats = [(await ask(sim, "get-sms-stats", message_id=one))["stats"] for one in sent]
    assert [(one["delivered"], one["pending"]) for one in stats] == [(1, 0), (0, 1)]


async def test_a_fault_after_the_send_shows_in_the_reports() -> None:
    sim = Simulator(rate=None, faults=[Fault(kind="lost")])
    sent = (await ask(sim, "send-sms", SMS))["message_id"]
    assert sim.failed == [str(sent)]
    assert (await ask(sim, "get-sms-stats", message_id=sent))["stats"]["hard_bounced"] == 1
