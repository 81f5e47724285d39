"""Cellcast's send-mms, called by hand: a form with a picture."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rawcellcast import (
    EDGE,
    GIF,
    JPEG,
    MMS,
    OTHER,
    PNG,
    TO,
    appkey,
    ask_raw,
    form,
    get,
    post,
    send_mms,
    simulator,
)

from mmsclient.simulator import Account, Medium, Simulator

URL = "https://media.example.net/menu.png"


async def test_an_mms_with_a_file_is_queued_and_arrives() -> None:
    sim = simulator()
    reply = await send_mms(sim)
    assert reply.json["msg"] == "Queued"
    [row] = reply.data["messages"]
    assert list(row) == ["message_id", "to", "subject", "body", "date", "direction"]
    assert (row["to"], row["subject"], row["body"]) == (f"+{TO}", "Fresh", "Rye & spelt")
    counters = [reply.data[name] for name in ("total_numbers", "success_number", "credits_used")]
    assert counters == [1, "1", "1"]
    [delivery] = sim.received(TO)
    assert (delivery.kind, delivery.sent_as, delivery.subject) == ("mms", "mms", "Fresh")
    assert delivery.texts == ("Rye & spelt",)
    [file] = delivery.slides[0].files
    assert (file.kind, file.url, file.size) == ("image", "menu.png", len(PNG))
    assert delivery.tracking_id == row["message_id"]


@pytest.mark.parametrize(
    "content", [PNG, GIF, JPEG, PNG + b"\r\n", PNG + f"\r\n--{EDGE[:-1]}".encode()]
)
async def test_a_picture_may_hold_any_bytes(content: bytes) -> None:
    sim = simulator()
    assert (await send_mms(sim, mms_file=("a b.png", "image/png", content))).code == "SUCCESS"
    assert sim.deliveries[0].slides[0].files[0].size == len(content)


async def test_a_picture_may_be_an_address() -> None:
    sim = simulator()
    assert (await send_mms(sim, mms_file=URL, subject=None)).code == "SUCCESS"
    assert sim.deliveries[0].slides[0].files[0].url == URL
    assert sim.deliveries[0].subject is None


async def test_refused_recipients_are_absent() -> None:
    sim = simulator(blacklist=[OTHER])
    reply = await send_mms(sim, numbers=json.dumps([f"+{OTHER}", f"+{TO}"]))
    assert reply.sent_to == [f"+{TO}"]
    assert (reply.data["total_numbers"], reply.data["success_number"]) == (2, "1")
    reply = await send_mms(sim, numbers=json.dumps([f"+{OTHER}"]))
    assert reply.code == "RECIPIENTS_ERROR"


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"numbers": None}, "FIELD_EMPTY", "numbers"),
        ({"numbers": f"+{TO}"}, "FIELD_INVALID", "numbers"),
        ({"numbers": "[]"}, "FIELD_EMPTY", "numbers"),
        ({"numbers": json.dumps([f"+{TO}"] * 1001)}, "FIELD_INVALID", "too many"),
        ({"mms_text": None}, "FIELD_EMPTY", "mms_text"),
        ({"mms_text": "x" * 1001}, "FIELD_INVALID", "1000"),
        ({"subject": "x" * 41}, "FIELD_INVALID", "40"),
        ({"subject": ""}, "FIELD_INVALID", "subject"),
        ({"mms_file": None}, "FIELD_INVALID", "no image"),
        ({"mms_file": "menu.png"}, "FIELD_INVALID", "no image"),
        ({"mms_file": "ftp://media.example.net/1.png"}, "FIELD_INVALID", "no image"),
        ({"mms_file": "https://["}, "FIELD_INVALID", "no image"),
        ({"mms_file": ("a.png", "image/png", b"text")}, "FIELD_INVALID", "type"),
        ({"mms_file": ("a.mp4", "video/mp4", b"....ftypmp42")}, "FIELD_INVALID", "type"),
        ({"mms_file": ("a.png", "image/png", PNG + bytes(380_000))}, "FIELD_INVALID", "large"),
    ],
)
async def test_each_broken_rule_is_told_in_the_text(
    changes: dict[str, Any], code: str, said: str
) -> None:
    sim = simulator()
    reply = await send_mms(sim, **changes)
    assert (reply.status, reply.code) == (400, code)
    assert said in reply.json["msg"]
    assert sim.deliveries == []


async def test_text_and_picture_together_stay_under_the_limit() -> None:
    sim = simulator()
    exact = PNG + bytes(380_000 - len(PNG) - 4)
    file = ("a.png", "image/png", exact)
    assert (await send_mms(sim, mms_file=file, mms_text="four")).code == "SUCCESS"
    assert (await send_mms(sim, mms_file=file, mms_text="fiver")).code == "FIELD_INVALID"
    assert len(sim.deliveries) == 1


@pytest.mark.parametrize(
    ("medium", "said"),
    [
        (Medium(trouble="unreachable"), "downloaded"),
        (Medium(trouble="unknown type"), "type"),
        (Medium(trouble="too big"), "large"),
        (Medium(size=400_000), "large"),
    ],
)
async def test_what_the_service_finds_at_an_address_decides(medium: Medium, said: str) -> None:
    sim = Simulator(rate=None, media={URL: medium})
    reply = await send_mms(sim, mms_file=URL)
    assert reply.code == "FIELD_INVALID"
    assert said in reply.json["msg"]


async def test_too_little_credit_is_a_field_too() -> None:
    sim = Simulator(rate=None, accounts=[Account(credit=1)])
    reply = await send_mms(sim, numbers=json.dumps([f"+{TO}", f"+{OTHER}"]))
    assert reply.code == "FIELD_INVALID"
    assert "credit" in reply.json["msg"]


async def test_json_is_no_form() -> None:
    sim = simulator()
    reply = await post(sim, "send-mms", {**MMS, "mms_file": URL})
    assert (reply.status, reply.code) == (400, "FIELD_EMPTY")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body[:-4],
        lambda body: b"preamble" + body,
        lambda body: body + b"epilogue",
        lambda body: body.replace(b'name="numbers"', b'title="numbers"'),
        lambda body: body.replace(b"form-data", b"attachment"),
        lambda body: body.replace(b"content-disposition: ", b""),
        lambda body: body.replace(b"menu.png", b"\xff.png"),
        lambda body: body.replace(b"Fresh", b"Fr\xe9sh"),
        lambda body: body[:0],
    ],
)
async def test_a_broken_form_is_refused(spoil: Any) -> None:
    sim = simulator()
    head = {**appkey(sim), "content-type": f'multipart/form-data; boundary="{EDGE}"'}
    whole = form(MMS)
    assert (await ask_raw(sim, "POST", "send-mms", head, whole)).code == "SUCCESS"
    reply = await ask_raw(sim, "POST", "send-mms", head, spoil(whole))
    assert (reply.status, reply.code[:5]) == (400, "FIELD")
    assert len(sim.deliveries) == 1


async def test_an_mms_can_be_asked_for_like_an_sms() -> None:
    sim = simulator()
    reply = await send_mms(sim)
    [row] = (await get(sim, "get-sms", message_id=reply.id)).data
    assert (row["body"], row["status"]) == ("Rye & spelt", "Delivered")


async def test_a_magic_number_strikes_a_form_too() -> None:
    sim = simulator()
    reply = await send_mms(sim, numbers='["+12025550186"]')
    assert (reply.status, reply.json) == (500, None)
