"""TransmitSMS by hand: sends, schedules, what handsets really get, and what they answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rawtransmit import SMS, ask

from mmsclient.simulator import Account, Fault, Simulator

TO, OTHER, LOCAL = "12025550143", "12025550144", "0491570156"
DAY = 86_400.0


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def ahead(**span: float) -> str:
    return (datetime.now(UTC) + timedelta(**span)).strftime("%Y-%m-%d %H:%M:%S")


async def test_a_send_is_answered_with_what_was_taken() -> None:
    sim = Simulator(rate=None)
    reply = await ask(sim, "send-sms", {**SMS, "message": "x" * 180, "to": f"{TO},{OTHER}"})
    assert reply.keys == [
        *("message_id", "send_at", "recipients", "cost", "sms", "delivery_stats", "error")
    ]
    assert isinstance(reply["message_id"], int)
    assert (reply["recipients"], reply["sms"], reply["cost"]) == (2, 4, 0.348)
    assert set(reply["delivery_stats"].values()) == {0}
    assert [delivery.to for delivery in sim.deliveries] == [TO, OTHER]
    assert {delivery.tracking_id for delivery in sim.deliveries} == {str(reply["message_id"])}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * 612, "SUCCESS"),
        ("x" * 613, "FIELD_INVALID"),
        ("€" * 304, "SUCCESS"),
        ("€" * 305, "FIELD_INVALID"),
        ("ж" * 612, "SUCCESS"),
        ("ж" * 613, "FIELD_INVALID"),
    ],
)
async def test_a_text_has_612_characters_and_four_parts_of_gsm_at_most(
    text: str, code: str
) -> None:
    assert (await ask(Simulator(), "send-sms", {**SMS, "message": text})).code == code


@pytest.mark.parametrize(
    ("to", "country", "arrives"),
    [
        ("+12025550143", None, TO),
        ("12025550143", "us", TO),
        (LOCAL, "au", "61491570156"),
        (LOCAL, "Australia", "61491570156"),
        ("61491570156", "au", "61491570156"),
        ("491570156", "AU", "61491570156"),
        # A wrong default country reads local numbers as its own, without a word.
        (LOCAL, "nz", "64491570156"),
    ],
)
async def test_numbers_are_international_or_local_with_a_country(
    to: str, country: str | None, arrives: str
) -> None:
    sim = Simulator()
    more = {"countrycode": country} if country else {}
    assert (await ask(sim, "send-sms", {**SMS, "to": to, **more})).code == "SUCCESS"
    assert [delivery.to for delivery in sim.deliveries] == [arrives]


@pytest.mark.parametrize("to", [LOCAL, "0012025550143", "x", "12", "1202555014312345"])
async def test_one_bad_number_is_invalid(to: str) -> None:
    sim = Simulator()
    assert (await ask(sim, "send-sms", {**SMS, "to": to})).code == "FIELD_INVALID"
    assert sim.deliveries == []


@pytest.mark.parametrize(("tells", "fails"), [(False, None), (True, ["x", 7])])
async def test_bad_numbers_among_several_are_passed_over(tells: bool, fails: Any) -> None:
    sim = Simulator(accounts=[Account(tells_fails=tells)])
    reply = await ask(sim, "send-sms", {**SMS, "to": f"x,{TO},007"})
    assert (reply.code, reply["recipients"]) == ("SUCCESS", 1)
    assert reply.json.get("fails") == fails
    assert "optouts" not in reply.keys


async def test_with_nobody_left_the_description_is_an_object() -> None:
    sim = Simulator(accounts=[Account(blacklist=[OTHER])])
    reply = await ask(sim, "send-sms", {**SMS, "to": f"0491570007,{OTHER}"})
    assert (reply.status, reply.code) == (400, "RECIPIENTS_ERROR")
    assert reply.error["description"] == {"fails": ["0491570007"], "optouts": [OTHER]}


async def test_at_most_500_numbers_and_each_of_them_counts() -> None:
    sim = Simulator(rate=None)
    numbers = [f"1202556{n:04}" for n in range(501)]
    assert (await ask(sim, "send-sms", {**SMS, "to": ",".join(numbers)})).code == "FIELD_INVALID"
    reply = await ask(sim, "send-sms", {**SMS, "to": ",".join(numbers[:500])})
    assert reply["recipients"] == len(sim.deliveries) == 500
    twice = await ask(sim, "send-sms", {**SMS, "to": f"{TO},{TO}"})
    assert twice["recipients"] == len(sim.received(TO)) == 2


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        ("70707", "SUCCESS"),
        ("61491570156", "SUCCESS"),
        ("Bakery", "SUCCESS"),
        ("Bakery12345", "SUCCESS"),
        ("Bakery123456", "BAD_CALLER_ID"),
        ("The Bakery", "BAD_CALLER_ID"),
        ("1234567890123456", "BAD_CALLER_ID"),
        ("7", "BAD_CALLER_ID"),
    ],
)
async def test_senders_have_a_form(sender: str, code: str) -> None:
    assert (await ask(Simulator(), "send-sms", {**SMS, "from": sender})).code == code


async def test_an_account_sends_from_its_own_senders_and_numbers_only() -> None:
    account = Account(senders=["Bakery"], numbers=["61491570156"])
    sim = Simulator(accounts=[account], rate=None)
    for sender, code in (
        ("Bakery", "SUCCESS"),
        ("61491570156", "SUCCESS"),
        ("70707", "BAD_CALLER_ID"),
    ):
        assert (await ask(sim, "send-sms", {**SMS, "from": sender})).code == code


async def test_without_a_sender_the_leased_number_or_one_of_the_pool_is_used() -> None:
    bare = {name: value for name, value in SMS.items() if name != "from"}
    sim = Simulator(accounts=[Account(numbers=["61491570156"])], rate=None)
    await ask(sim, "send-sms", bare)
    await ask(sim, "send-sms", {**bare, "from_shared": "true"})
    assert sim.deliveries[0].sender == "61491570156"
    pool = Simulator(rate=None)
    for _ in range(2):
        await ask(pool, "send-sms", bare)
    assert len({delivery.sender for delivery in [*pool.deliveries, *sim.deliveries]}) == 3


async def test_money_is_counted_in_parts_and_a_send_is_paid_whole_or_not_at_all() -> None:
    sim = Simulator(accounts=[Account(credit=3)], rate=None)
    two = {**SMS, "message": "x" * 161}
    assert (await ask(sim, "get-balance"))["balance"] == 0.261
    assert (await ask(sim, "send-sms", {**two, "to": f"{TO},{OTHER}"})).code == "LEDGER_ERROR"
    assert sim.deliveries == []
    assert (await ask(sim, "send-sms", two)).code == "SUCCESS"
    assert (await ask(sim, "get-balance"))["balance"] == 0.087
    assert (await ask(sim, "send-sms", two)).code == "LEDGER_ERROR"


async def test_a_scheduled_message_leaves_at_its_time() -> None:
    hand = Hand()
    sim = Simulator(clock=hand)
    due = ahead(hours=1)
    reply = await ask(sim, "send-sms", {**SMS, "send_at": due})
    assert (reply["send_at"], sim.deliveries) == (due, [])
    hand.now += 3500
    assert sim.deliveries == []
    hand.now += 101
    assert len(sim.deliveries) == 1


async def test_a_time_in_the_past_is_now() -> None:
    sim = Simulator()
    reply = await ask(sim, "send-sms", {**SMS, "send_at": "2931-02-03 04:05:06"})
    assert reply["send_at"] == "2931-02-03 04:05:06"
    reply = await ask(sim, "send-sms", {**SMS, "send_at": "2020-02-03 04:05:06"})
    assert reply["send_at"] > "2020-02-04"
    assert len(sim.deliveries) == 1


async def test_a_scheduled_message_can_be_cancelled_and_its_price_comes_back() -> None:
    hand = Hand()
    sim = Simulator(clock=hand, rate=None, accounts=[Account(credit=2)])
    sent = await ask(sim, "send-sms", {**SMS, "to": f"{TO},{OTHER}", "send_at": ahead(hours=1)})
    assert (await ask(sim, "get-balance"))["balance"] == 0
    cancelled = await ask(sim, "cancel-sms", id=sent["message_id"])
    assert cancelled["success"] == "OK"
    assert (await ask(sim, "get-balance"))["balance"] == 0.174
    hand.now += DAY
    assert sim.deliveries == []
    again = await ask(sim, "cancel-sms", id=sent["message_id"])
    assert (again.status, again.code) == (400, "ALREADY_SENT")
    assert (await ask(sim, "cancel-sms", message_id=sent["message_id"])).code == "FIELD_EMPTY"


async def test_what_has_left_cannot_be_cancelled() -> None:
    sim = Simulator()
    sent = await ask(sim, "send-sms", SMS)
    assert (await ask(sim, "cancel-sms", id=sent["message_id"])).code == "ALREADY_SENT"
    assert (await ask(sim, "cancel-sms", id=1)).code == "NOT_FOUND"


async def test_what_hangs_runs_out_when_its_validity_ends() -> None:
    hand = Hand()
    sim = Simulator(clock=hand, faults=[Fault(kind="stuck", times=2)], rate=None)
    short = (await ask(sim, "send-sms", {**SMS, "validity": 10}))["message_id"]
    long = (await ask(sim, "send-sms", SMS))["message_id"]
    hand.now += 601
    for message_id, bounced in ((short, 1), (long, 0)):
        stats = (await ask(sim, "get-sms-stats", message_id=message_id))["stats"]
        assert (stats["soft_bounced"], stats["pending"]) == (bounced, 1 - bounced)
    hand.now += 3 * DAY
    assert (await ask(sim, "get-sms-stats", message_id=long))["stats"]["soft_bounced"] == 1


async def test_a_tracked_link_takes_its_place_for_each_recipient() -> None:
    sim = Simulator()
    text = "Look [tracked-link] or leave [unsub-reply-link] [other]"
    link = "https://example.net/menu"
    sms = {**SMS, "to": f"{TO},{OTHER}", "message": text, "tracked_link_url": link}
    sent = await ask(sim, "send-sms", sms)
    texts = {delivery.texts[0] for delivery in sim.deliveries}
    assert len(texts) == 2
    assert all("[tracked" not in one and "[other]" in one for one in texts)
    assert (await ask(sim, "get-sms", message_id=sent["message_id"]))["message"] == text


async def test_a_list_send_fills_in_names_and_own_fields() -> None:
    sim = Simulator(rate=None)
    made = (await ask(sim, "add-list", name="Regulars", field_1="Bread"))["id"]
    for number, name in (("61491570156", "Noor"), ("61491570157", "")):
        person = {"msisdn": number, "first_name": name, "field_1": "rye"}
        await ask(sim, "add-to-list", person, list_id=made)
    text = "Hi [firstname], [Bread] for [lastname][nobody]"
    sent = await ask(sim, "send-sms", message=text, list_id=made)
    assert sent["list"] == {"id": made, "name": "Regulars"}
    assert sent["recipients"] == 2
    assert [delivery.texts[0] for delivery in sim.deliveries] == [
        "Hi Noor, rye for [nobody]",
        "Hi , rye for [nobody]",
    ]


async def test_a_list_send_needs_somebody_who_is_still_there() -> None:
    sim = Simulator(rate=None)
    made = (await ask(sim, "add-list", name="L"))["id"]
    assert (await ask(sim, "send-sms", message="x", list_id=made)).code == "LIST_EMPTY"
    assert (await ask(sim, "send-sms", message="x", list_id=1)).code == "NOT_FOUND"
    blacklisted = Simulator(rate=None, accounts=[Account(blacklist=["61491570156"])])
    other = (await ask(blacklisted, "add-list", name="L"))["id"]
    await ask(blacklisted, "add-to-list", list_id=other, msisdn="61491570156")
    refused = await ask(blacklisted, "send-sms", message="x", list_id=other)
    assert refused.error["description"] == {"fails": [], "optouts": ["61491570156"]}
    both = await ask(sim, "send-sms", message="x", list_id=made, to=TO)
    assert both.code == "FIELD_INVALID"


async def test_replies_are_listed_newest_first_beside_what_they_answer() -> None:
    sim = Simulator(rate=None)
    sent = (await ask(sim, "send-sms", {**SMS, "to": f"{TO},{OTHER}"}))["message_id"]
    ids = [sim.handset(number).reply(f"Reply {number}") for number in (TO, OTHER, TO)]
    replies = await ask(sim, "get-sms-responses", message_id=sent, include_original="true")
    rows = replies["responses"]
    assert [str(row["id"]) for row in rows] == ids[::-1]
    assert rows[0] == {
        "id": int(ids[2]),
        "message_id": sent,
        "list_id": 0,
        "received_at": rows[0]["received_at"],
        "first_name": None,
        "last_name": None,
        "msisdn": int(TO),
        "response": f"Reply {TO}",
        "longcode": 70707,
        "original_message": "Fresh at 7",
    }
    mine = await ask(sim, "get-sms-responses", message_id=sent, msisdn=OTHER)
    assert mine["total"] == len(mine["responses"]) == 1
    assert "original_message" not in mine["responses"][0]


async def test_texts_that_look_like_numbers_come_as_numbers() -> None:
    sim = Simulator()
    await ask(sim, "send-sms", SMS)
    sim.handset(TO).reply("007")
    assert (await ask(sim, "get-user-sms-responses"))["responses"][0]["response"] == 7


async def test_rows_move_on_while_one_reads() -> None:
    sim = Simulator(rate=None)
    await ask(sim, "send-sms", SMS)
    for n in range(15):
        sim.handset(TO).reply(f"Reply {n}")
    first = await ask(sim, "get-user-sms-responses")
    sim.handset(TO).reply("One more")
    second = await ask(sim, "get-user-sms-responses", page=2)
    assert (first["page"], second["page"]) == ({"count": 2, "number": 1}, {"count": 2, "number": 2})
    assert (len(first["responses"]), len(second["responses"])) == (10, 6)
    assert first["responses"][-1] == second["responses"][0], "a new row pushed it on"
    past = await ask(sim, "get-user-sms-responses", page=3)
    assert past["page"] == {"count": 2, "number": 3}
    assert "responses" not in past.keys
    assert len((await ask(sim, "get-user-sms-responses", max=100))["responses"]) == 16


async def test_an_inbox_without_anything_has_one_page_and_no_rows() -> None:
    reply = await ask(Simulator(), "get-user-sms-responses")
    assert reply.json == {
        "page": {"count": 1, "number": 1},
        "total": 0,
        "error": {"code": "SUCCESS", "description": "OK"},
    }


async def test_replies_are_listed_in_a_window_of_30_days_unless_another_is_asked_for() -> None:
    hand = Hand()
    sim = Simulator(clock=hand, rate=None)
    await ask(sim, "send-sms", SMS)
    sim.handset(TO).reply("Old")
    hand.now += 31 * DAY
    sim.handset(TO).reply("New")

    async def texts(**window: str) -> list[str]:
        reply = await ask(sim, "get-user-sms-responses", window)
        assert reply.code == "SUCCESS"
        return [row["response"] for row in reply.json.get("responses", [])]

    now = datetime.now(UTC)
    assert await texts() == ["New"]
    assert await texts(start=str(now.date())) == ["New", "Old"]
    assert await texts(start=str(now.date()), end=str(now.date())) == ["Old"]
    assert await texts(end=ahead(days=1)) == ["Old"]
    turned = await ask(sim, "get-user-sms-responses", start="2031-02-03", end="2031-02-02")
    assert turned.code == "FIELD_INVALID"
    ancient = await ask(sim, "get-user-sms-responses", start="2020-02-03")
    assert ancient.code == "FIELD_INVALID"


async def test_replies_need_a_message_or_a_keyword() -> None:
    sim = Simulator(rate=None)
    for params, code in (
        ({}, "FIELD_EMPTY"),
        ({"message_id": 1}, "NO_ACCESS"),
        ({"keyword_id": "x"}, "FIELD_INVALID"),
        ({"keyword_id": 1}, "NO_ACCESS"),
        ({"keyword": "news"}, "FIELD_INVALID"),
        ({"keyword": "news", "number": TO}, "NO_ACCESS"),
    ):
        assert (await ask(sim, "get-sms-responses", params)).code == code


async def test_who_asks_to_stop_gets_nothing_more() -> None:
    sim = Simulator(rate=None, accounts=[Account(tells_fails=True)])
    sent = (await ask(sim, "send-sms", SMS))["message_id"]
    sim.handset(TO).reply(" Stop! ")
    refused = await ask(sim, "send-sms", SMS)
    assert refused.error["description"] == {"fails": [], "optouts": [TO]}
    some = await ask(sim, "send-sms", {**SMS, "to": f"{TO},{OTHER}"})
    assert (some["recipients"], some["optouts"]) == (1, [int(TO)])
    stats = (await ask(sim, "get-sms-stats", message_id=sent))["stats"]
    assert (stats["responses"], stats["opt-outs"]) == (1, 1)


async def test_a_reply_can_be_pretended_by_a_call() -> None:
    sim = Simulator(rate=None)
    sent = (await ask(sim, "send-sms", SMS))["message_id"]
    params = {"message": "Hello", "from": TO, "to": "70707"}
    assert (await ask(sim, "message-reply", params))["result"] == (
        "SYSTEM: Message response handled\n"
    )
    assert (await ask(sim, "get-sms-responses", message_id=sent))["total"] == 1
    await ask(sim, "message-reply", {**params, "from": OTHER})
    rows = (await ask(sim, "get-user-sms-responses"))["responses"]
    assert [row["message_id"] for row in rows] == [0, sent]


@pytest.mark.parametrize(
    ("written", "country", "expected"),
    [
        ("96112234", "sg", (65, 96112234, 6596112234, 1, True)),
        (LOCAL, "au", (61, 491570156, 61491570156, 1, True)),
        ("0255501234", "au", (61, 255501234, 61255501234, 0, True)),
        ("x", "au", (61, None, None, 10, False)),
    ],
)
async def test_a_number_is_formatted(written: str, country: str, expected: Any) -> None:
    number = (await ask(Simulator(), "format-number", msisdn=written, countrycode=country))[
        "number"
    ]
    shown = ("countrycode", "nationalnumber", "international", "type", "isValid")
    assert tuple(number[name] for name in shown) == expected
    assert number["rawinput"] is None
