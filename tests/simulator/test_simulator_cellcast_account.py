"""Cellcast's calls on the account itself, called by hand."""

from __future__ import annotations

import re

from rawcellcast import SMS, get, post, send_mms, simulator

from mmsclient.simulator import CellcastTerms


async def test_the_balance_goes_down_with_what_is_sent() -> None:
    sim = simulator(credit=1000, name="Bakery on Main")
    reply = await get(sim, "account")
    assert reply.data == {
        "account_name": "Bakery on Main",
        "account_email": "account-0@example.net",
        "sms_balance": "1000.00",
        "mms_balance": "1000.00",
    }
    await post(sim, "send-sms", {**SMS, "sms_text": "x" * 161})
    await send_mms(sim)
    assert (await get(sim, "account")).data["mms_balance"] == "997.00"


async def test_an_account_without_bound_has_plenty() -> None:
    assert (await get(simulator(), "account")).data["sms_balance"] == "1000000.00"


async def test_templates_are_listed_15_a_page() -> None:
    sim = simulator(terms=CellcastTerms(templates={f"T{n}": f"Text {n}" for n in range(20)}))
    reply = await get(sim, "get-template")
    assert list(reply.data) == ["page", "total", "per_page", "responses"]
    assert (reply.data["page"], reply.data["total"]) == ({"count": 2, "number": 1}, "20")
    assert (reply.data["per_page"], len(reply.rows)) == (15, 15)
    assert list(reply.rows[0]) == ["template_id", "message_title", "Message", "created_at"]
    assert re.fullmatch("[0-9a-f]{32}", reply.rows[0]["template_id"])
    second = await get(sim, "get-template", page=2)
    assert [row["message_title"] for row in second.rows] == [f"T{n}" for n in range(15, 20)]
    assert [row["Message"] for row in second.rows] == [f"Text {n}" for n in range(15, 20)]


async def test_there_may_be_no_templates() -> None:
    reply = await get(simulator(), "get-template")
    assert (reply.code, reply.rows, reply.data["total"]) == ("SUCCESS", [], "0")


async def test_a_sender_name_is_asked_for_once() -> None:
    sim = simulator()
    body = {"custom_id": "Bakery", "description": "Name of the shop"}
    reply = await post(sim, "register-alpha-id", body)
    assert (reply.code, reply.data) == ("SUCCESS", [])
    assert (await post(sim, "register-alpha-id", body)).code == "KEY_EXISTS"
    for changes, code in (
        ({"custom_id": ""}, "FIELD_EMPTY"),
        ({"description": None}, "FIELD_EMPTY"),
        ({"custom_id": "Bakery on Main"}, "FIELD_INVALID"),
        ({"custom_id": "4321"}, "FIELD_INVALID"),
    ):
        assert (await post(sim, "register-alpha-id", {**body, **changes})).code == code
