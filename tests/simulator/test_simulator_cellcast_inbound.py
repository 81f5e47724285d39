"""Cellcast's listings, called by hand: what came in, what was read, who opted out, how far it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from rawcellcast import OTHER, SMS, TO, get, post, send_mms, simulator

from mmsclient.simulator import Account, CellcastTerms, Fault, Simulator

BORN = datetime(2026, 1, 8, 6, 50, 34, tzinfo=UTC)
UNIX = int(BORN.timestamp())


def clocked(**account: Any) -> tuple[Simulator, list[float]]:
    """A simulator whose clock is moved by hand, and its calendar set."""
    now = [0.0]
    sim = Simulator(rate=None, clock=lambda: now[0], accounts=[Account(**account)])
    sim._vendor.clock._born = BORN
    return sim, now


def written(sim: Simulator, count: int) -> list[str]:
    """Let so many messages come in, and return their identifiers, newest first."""
    handset = sim.handset(OTHER)
    return [handset.send_sms(f"{n}", service="cellcast") for n in range(count)][::-1]


async def bodies(sim: Simulator, page: int = 1, kind: str = "sms") -> list[str]:
    reply = await get(sim, "get-responses", page=page, type=kind)
    return [row["body"] for row in reply.rows]


async def test_a_reply_names_what_it_answers() -> None:
    sim, now = clocked()
    sent = await post(sim, "send-sms", {**SMS, "custom_string": "order-117"})
    now[0] = 60.0
    answered = sim.handset(TO).reply("Two please")
    reply = await get(sim, "get-responses", page=1, type="sms")
    assert list(reply.data) == ["page", "total", "responses"]
    assert (reply.data["page"], reply.data["total"]) == ({"count": 1, "number": 1}, "1")
    assert reply.rows == [
        {
            "from": f"+{TO}",
            "body": "Two please",
            "received_at": "2026-01-08 17:51:34",
            "custom_string": "order-117",
            "original_message_id": sent.id,
            "original_body": "Fresh at 7",
            "message_id": answered,
        }
    ]
    assert answered.isdigit()


async def test_what_answers_nothing_has_empty_originals() -> None:
    sim = simulator()
    written(sim, 1)
    [row] = (await get(sim, "get-responses", type="sms")).rows
    assert (row["custom_string"], row["original_message_id"], row["original_body"]) == ("", "", "")


async def test_sms_and_mms_are_listed_apart() -> None:
    sim = simulator()
    written(sim, 1)
    sent = await send_mms(sim)
    identifier = sim.handset(TO).send_mms("Look", service="cellcast")
    assert await bodies(sim) == ["0"]
    [row] = (await get(sim, "get-responses", type="mms")).rows
    assert row == {
        "from": f"+{TO}",
        "body": "Look",
        "received_at": row["received_at"],
        "message_id": identifier,
        "subaccount_id": "sub-0@example.net",
    }
    assert (len(identifier), identifier.upper()) == (36, identifier)
    sim.handset(TO).reply("Yes")
    reply = await get(sim, "get-responses", type="sms")
    assert reply.rows[0]["original_message_id"] == sent.id


async def test_pages_hold_25_and_say_how_many_there_are() -> None:
    sim = simulator()
    written(sim, 55)
    first = await get(sim, "get-responses", page=1, type="sms")
    assert first.data["page"] == {"count": 3, "number": 1}
    assert (first.data["total"], len(first.rows)) == ("55", 25)
    assert len(await bodies(sim, 2)) == 25
    assert await bodies(sim, 3) == ["4", "3", "2", "1", "0"]
    reply = await get(sim, "get-responses", page=4, type="sms")
    assert (reply.status, reply.code) == (400, "NOT_FOUND")


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "1.0", "9" * 30, "\u0662"])
async def test_a_page_that_is_none_is_refused(page: str) -> None:
    reply = await get(simulator(), "get-responses", page=page, type="sms")
    assert (reply.status, reply.code) == (400, "FIELD_INVALID")


async def test_an_empty_inbox_is_not_found() -> None:
    reply = await get(simulator(), "get-responses", type="mms")
    assert (reply.status, reply.code) == (400, "NOT_FOUND")


async def test_an_empty_inbox_may_be_a_strange_success() -> None:
    sim = simulator(terms=CellcastTerms(empty="SUCCESS"))
    reply = await get(sim, "get-responses", type="sms")
    assert (reply.status, reply.code) == (200, "SUCCESS")
    nothing = {"page": {"count": "0", "number": 0}, "total": 0, "responses": ""}
    assert reply.data == nothing


async def test_listing_marks_nothing_and_a_type_is_known() -> None:
    sim = simulator()
    written(sim, 2)
    assert await bodies(sim) == await bodies(sim) == ["1", "0"]
    assert (await get(sim, "get-responses", type="fax")).code == "FIELD_INVALID"
    assert len((await get(sim, "get-responses")).rows) == 2


async def test_reading_while_paging_moves_later_rows_forward() -> None:
    sim = simulator()
    ids = written(sim, 60)
    first = await get(sim, "get-responses", page=1, type="sms")
    assert [row["message_id"] for row in first.rows] == ids[:25]
    reply = await post(sim, "inbound-read-bulk", {"message_id": ids[:25]})
    assert (reply.code, reply.data) == ("SUCCESS", [])
    second = await get(sim, "get-responses", page=2, type="sms")
    assert [row["message_id"] for row in second.rows] == ids[50:], "25 rows were stepped over"
    again = await get(sim, "get-responses", page=1, type="sms")
    assert [row["message_id"] for row in again.rows] == ids[25:50]


async def test_one_message_is_marked_and_wins_over_a_date() -> None:
    sim = simulator()
    ids = written(sim, 3)
    body = {"message_id": ids[1], "date_before": UNIX * 2}
    assert (await post(sim, "inbound-read", body)).data == []
    assert await bodies(sim) == ["2", "0"]
    assert (await post(sim, "inbound-read", {"message_id": ids[1]})).code == "SUCCESS"
    assert (await post(sim, "inbound-read", {"message_id": "7"})).code == "NOT_FOUND"
    assert (await post(sim, "inbound-read", {"message_id": ""})).code == "FIELD_EMPTY"
    assert await bodies(sim) == ["2", "0"]


@pytest.mark.parametrize("before", [UNIX + 60, str(UNIX + 60), "2026-01-08 17:51:34"])
async def test_everything_before_a_date_is_marked(before: object) -> None:
    sim, now = clocked()
    handset = sim.handset(OTHER)
    for now[0] in (0.0, 59.0, 60.0):
        handset.send_sms(f"{now[0]}", service="cellcast")
    assert (await post(sim, "inbound-read", {"date_before": before})).code == "SUCCESS"
    assert await bodies(sim) == ["60.0"]


async def test_a_date_that_is_none_marks_nothing() -> None:
    sim = simulator()
    written(sim, 1)
    given: list[object] = ["yesterday", "", [], "9" * 12]
    for before in given:
        assert (await post(sim, "inbound-read", {"date_before": before})).code == "FIELD_INVALID"
    assert await bodies(sim) == ["0"]


async def test_an_empty_call_marks_everything() -> None:
    sim = simulator()
    written(sim, 3)
    sim.handset(TO).send_mms("Look", service="cellcast")
    assert (await post(sim, "inbound-read", {})).code == "SUCCESS"
    for kind in ("sms", "mms"):
        assert (await get(sim, "get-responses", type=kind)).code == "NOT_FOUND"


async def test_marking_many_needs_a_list_of_known_ones() -> None:
    sim = simulator()
    [known] = written(sim, 1)
    for ids, code in (
        ([], "FIELD_EMPTY"),
        (None, "FIELD_EMPTY"),
        (known, "FIELD_INVALID"),
        ([7], "FIELD_INVALID"),
        (["7"], "NOT_FOUND"),
    ):
        assert (await post(sim, "inbound-read-bulk", {"message_id": ids})).code == code
    assert await bodies(sim) == ["0"]
    assert (await post(sim, "inbound-read-bulk", {"message_id": ["7", known]})).code == "SUCCESS"


async def test_inboxes_of_accounts_and_services_are_apart() -> None:
    sim = Simulator(rate=None, accounts=[Account(), Account()])
    sim.handset(TO).send_sms("One", service="cellcast")
    sim.handset(TO).send_sms("Two", service="cellcast", account=1)
    sim.handset(TO).send_sms("Three", service="transmitsms")
    assert await bodies(sim) == ["One"]
    assert (await post(sim, "inbound-read", {}, account=1)).code == "SUCCESS"
    assert await bodies(sim) == ["One"]


async def test_opt_outs_are_listed_with_their_dates() -> None:
    sim, now = clocked()
    for number, now[0] in ((TO, 0.0), (OTHER, 60.0)):
        await post(sim, "send-sms", {**SMS, "numbers": [f"+{number}"]})
        sim.handset(number).reply("STOP")
    reply = await get(sim, "get-optout")
    assert reply.data["page"] == {"count": 1, "number": 1}
    assert [row["number"] for row in reply.rows] == [f"+{OTHER}", f"+{TO}"]
    fields = "number first_name last_name gender post_code dob created_at"
    assert list(reply.rows[0]) == fields.split()
    assert reply.rows[0]["created_at"] == "2026-01-08 17:51:34"
    queries: list[tuple[dict[str, Any], list[str]]] = [
        ({"DATESTART": "2026-01-08 17:51:00"}, [f"+{OTHER}"]),
        ({"DATESTART": "2026-01-08 17:51:34", "DATEEND": "2026-01-08 17:51:34"}, [f"+{OTHER}"]),
        ({"DATEEND": "2026-01-08 17:51:00"}, [f"+{TO}"]),
        ({"datestart": "2026-01-08 17:51:00"}, [f"+{OTHER}", f"+{TO}"]),
    ]
    for query, numbers in queries:
        assert [row["number"] for row in (await get(sim, "get-optout", **query)).rows] == numbers
    assert (await get(sim, "get-optout", DATESTART="2026-01-08")).code == "FIELD_INVALID"


async def test_opt_outs_are_paged_and_may_be_none() -> None:
    sim = simulator()
    reply = await get(sim, "get-optout")
    assert (reply.code, reply.rows, reply.data["page"]["count"]) == ("SUCCESS", [], 0)
    for n in range(30):
        sim.handset(f"120255501{n:02}").opt_out()
    reply = await get(sim, "get-optout", page=2)
    assert (len(reply.rows), reply.data["page"]) == (5, {"count": 2, "number": 2})


async def test_opt_outs_need_the_accounts_setting() -> None:
    sim = simulator(terms=CellcastTerms(opt_out_active=False))
    assert (await get(sim, "get-optout")).code == "NO_ACCESS"


async def test_get_sms_tells_how_far_a_message_is() -> None:
    now = [0.0]
    sim = Simulator(rate=None, clock=lambda: now[0], delivery=10.0)
    sim.faults.add(Fault(kind="lost", to=OTHER), Fault(kind="stuck", to="12025550149"))
    ids = [
        (await post(sim, "send-sms", {**SMS, "numbers": [f"+{number}"]})).id
        for number in (TO, OTHER, "12025550149")
    ]

    async def statuses() -> list[str]:
        return [(await get(sim, "get-sms", message_id=one)).data[0]["status"] for one in ids]

    assert await statuses() == ["Dispatched", "Dispatched", "Queued"]
    now[0] = 10.0
    assert await statuses() == ["Delivered", "Failed", "Queued"]
    now[0] = 4 * 86_400.0
    assert await statuses() == ["Delivered", "Failed", "Expired"]


async def test_get_sms_is_a_list_of_one_or_none() -> None:
    sim, _ = clocked()
    sent = await post(sim, "send-sms", SMS)
    reply = await get(sim, "get-sms", message_id=sent.id)
    assert reply.data == [
        {
            "to": f"+{TO}",
            "body": "Fresh at 7",
            "sent_time": "2026-01-08 17:50:34",
            "message_id": sent.id,
            "status": "Delivered",
            "subaccount_id": "",
        }
    ]
    reply = await get(sim, "get-sms", message_id="unknown")
    assert (reply.status, reply.code, reply.data) == (200, "SUCCESS", [])
    assert (await get(sim, "get-sms")).code == "FIELD_EMPTY"
