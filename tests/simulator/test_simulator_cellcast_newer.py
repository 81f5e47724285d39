"""The API with a token, called by hand."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from rawcellcast import (
    GIF,
    JPEG,
    OTHER,
    PNG,
    THIRD,
    TO,
    Reply,
    appkey,
    ask_raw,
    newer,
    post_form,
    simulator,
    token,
)

from mmsclient.simulator import Account, CellcastTerms, Fault, Medium, Simulator

BORN = datetime(2026, 1, 8, 6, 50, 34, tzinfo=UTC)
SEND: dict[str, Any] = {"message": "Fresh at 7", "contacts": [f"+{TO}"]}
HEX = re.compile("[0-9a-f]{24}")
EACH = ["Rye", "4", "3", "2", "1", "0"]


def clocked(**account: Any) -> tuple[Simulator, list[float]]:
    """A simulator whose clock is moved by hand, and its calendar set."""
    now = [0.0]
    sim = Simulator(rate=None, clock=lambda: now[0], accounts=[Account(**account)])
    sim._vendor.clock._born = BORN
    return sim, now


async def gateway(sim: Simulator, **changes: Any) -> Reply:
    return await newer(sim, "POST", "v1/gateway", {**SEND, **changes})


async def sent_id(sim: Simulator, **changes: Any) -> str:
    return str((await gateway(sim, **changes)).data["queueResponse"][0]["MessageId"])


async def detail(sim: Simulator, message_id: str) -> Reply:
    return await newer(sim, "GET", f"v2/report/message/{message_id}")


async def test_a_token_lets_in_and_nothing_else_does() -> None:
    sim = simulator(key="t-1")
    reply = await newer(sim, "GET", "v1/user/token/verify")
    assert (reply.status, reply.json["status"], reply.json["error"]) == (200, True, {})
    for headers in (
        {},
        {"authorization": "Bearer "},
        {"authorization": "Bearer t-2"},
        {"authorization": "Basic dC0xOg=="},
        appkey(sim),
    ):
        reply = await ask_raw(sim, "GET", "api/v1/user/token/verify", headers)
        assert (reply.status, sorted(reply.json)) == (401, ["code", "message", "stack"])
        assert reply.json["code"] == 401


async def test_most_answers_carry_noise() -> None:
    reply = await gateway(simulator())
    assert list(reply.json)[:3] == ["app_type", "app_version", "maintainence"]
    assert reply.json["status"] is True
    assert (reply.json["message_type"], reply.json["error"]) == ("toast", {})


async def test_gateway_sorts_contacts_into_three() -> None:
    sim = simulator(blacklist=[OTHER])
    sim.handset(THIRD).opt_out()
    contacts = ["0491570156", f"+{OTHER}", "nonsense", f"+{THIRD}", "491570157", f"+{TO}"]
    data = (await gateway(sim, contacts=contacts)).data
    assert [row["Number"] for row in data["queueResponse"]] == [
        "+61491570156",
        "+61491570157",
        f"+{TO}",
    ]
    assert [row["Contact"] for row in data["queueResponse"]] == ["491570156", "491570157", TO]
    assert [row["Contact"] for row in data["invalidContacts"]] == [OTHER, "nonsense"]
    assert set(data["invalidContacts"][0]) == {"Contact", "Error", "ErrorType"}
    assert data["unsubscribeContacts"] == [THIRD]
    totals = ("totalValidContact", "totalInvalidContact", "totalUnsubscribeContact")
    assert [data[name] for name in totals] == [3, 2, 1]
    assert all(HEX.fullmatch(row["MessageId"]) for row in data["queueResponse"])
    assert [one.to for one in sim.deliveries] == ["61491570156", "61491570157", TO]


async def test_a_country_code_completes_contacts() -> None:
    sim = simulator()
    await gateway(sim, contacts=["212345678", "64212345679"], countryCode=64)
    assert [one.to for one in sim.deliveries] == ["64212345678", "64212345679"]


async def test_with_no_valid_contact_status_and_http_disagree() -> None:
    sim = simulator()
    reply = await gateway(sim, contacts=["nonsense"])
    assert (reply.status, reply.json["status"]) == (400, True)
    assert sim.calls[0].verdict == "HTTP 400"
    assert reply.data["totalInvalidContact"] == 1


@pytest.mark.parametrize("changes", [{"message": ""}, {"contacts": []}, {"contacts": None}])
async def test_what_is_missing_is_told_in_a_shape_of_its_own(changes: dict[str, Any]) -> None:
    for always_200 in (False, True):
        reply = await gateway(simulator(terms=CellcastTerms(always_200=always_200)), **changes)
        assert (reply.status, list(reply.json)) == (400, ["code", "message", "stack"])
        assert (reply.json["code"], "required" in reply.json["message"]) == (400, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"message": "x" * 919},
        {"contacts": f"+{TO}"},
        {"contacts": [f"+{TO}"] * 1001},
        {"templateId": "f" * 32},
        {"delay": 86_400_001},
        {"delay": -1},
        {"delay": "5"},
        {"scheduleAt": "tomorrow"},
        {"scheduleAt": "2019-01-01T00:00:00Z"},
        {"sender": "Bistro"},
        {"sender": "Bakery on Main"},
        {"sender": 7},
    ],
)
async def test_broken_rules_answer_status_false(changes: dict[str, Any]) -> None:
    for always_200, status in ((False, 400), (True, 200)):
        sim = simulator(senders=["Bakery"], terms=CellcastTerms(always_200=always_200))
        reply = await gateway(sim, **changes)
        assert (reply.status, reply.json["status"]) == (status, False)
        assert reply.json["error"]["errorMessage"] == reply.json["message"]
        assert sim.deliveries == []


async def test_too_little_credit_is_422() -> None:
    reply = await gateway(simulator(credit=0))
    assert (reply.status, reply.json["status"]) == (422, False)
    assert "credit" in reply.json["message"]


async def test_a_name_as_sender_costs_more_and_a_shared_number_does_not() -> None:
    sim = simulator(credit=10)
    for sender in ("Bakery", "#SharedNum#", "", "+61491570157"):
        assert (await gateway(sim, sender=sender)).json["status"] is True
    assert (await newer(sim, "GET", "v1/apiClient/account")).data["sms_balance"] == 5.7
    shown = [delivery.sender for delivery in sim.deliveries]
    assert (shown[0], shown[1] == shown[2], shown[3]) == ("Bakery", True, "61491570157")


async def test_over_the_limit_is_429() -> None:
    sim = Simulator(rate=1, clock=lambda: 0.0)
    await gateway(sim)
    reply = await gateway(sim)
    assert (reply.status, reply.json["code"]) == (429, 429)


async def test_a_delay_is_in_milliseconds() -> None:
    sim, now = clocked()
    identifier = await sent_id(sim, delay=90_000)
    assert (await detail(sim, identifier)).data["status"] == "scheduled"
    now[0] = 89.0
    assert sim.deliveries == []
    now[0] = 90.0
    assert len(sim.deliveries) == 1


@pytest.mark.parametrize("at", ["2026-01-08T07:50:34.000Z", "2026-01-08 07:50:34"])
async def test_a_schedule_is_in_utc_and_can_be_cancelled(at: str) -> None:
    sim, now = clocked(credit=10)
    identifier = await sent_id(sim, scheduleAt=at)
    assert (await detail(sim, identifier)).data["scheduleAt"] == "2026-01-08T07:50:34.000Z"
    path = "v1/gateway/cancelScheduleQuickMessage"
    for body, status in (
        ({"messageId": identifier, "type": "mms"}, False),
        ({"messageId": "unknown", "type": "sms"}, False),
        ({"messageId": identifier, "type": "sms"}, True),
        ({"messageId": identifier, "type": "sms"}, False),
    ):
        assert (await newer(sim, "POST", path, body)).json["status"] is status
    assert (await detail(sim, identifier)).data["status"] == "canceled"
    now[0] = 7200.0
    assert sim.deliveries == []
    assert (await newer(sim, "GET", "v1/apiClient/account")).data["sms_balance"] == 10


async def test_a_message_is_told_of_in_detail() -> None:
    sim, now = clocked()
    identifier = await sent_id(sim, customString="c-1", sender="Bakery", contacts=["0491570156"])
    now[0] = 60.0
    sim.handset("61491570156").reply("Two please")
    row = (await detail(sim, identifier)).data
    assert (row["_id"], row["status"], row["message"]) == (identifier, "delivered", "Fresh at 7")
    assert (row["sender"], row["receiver"], row["customString"]) == ("Bakery", "491570156", "c-1")
    assert (row["createdAt"], row["scheduleAt"]) == ("2026-01-08T06:50:34.000Z", None)
    assert (row["customerResponse"], row["customerResponseAt"]) == (
        "Two please",
        "2026-01-08T06:51:34.000Z",
    )
    assert row["smsDetail"] == {"messagelength": 10, "smscount": 1, "deductibleCredit": 0.031}


async def test_an_unknown_message_is_an_internal_error_and_no_404() -> None:
    reply = await detail(simulator(), "unknown")
    assert (reply.status, reply.json["status"]) == (200, False)
    assert "error" in reply.json["message"].lower()


async def test_a_message_can_be_deleted_once() -> None:
    sim, now = clocked()
    identifier = await sent_id(sim, delay=60_000)
    path = f"v1/gateway/messages/{identifier}"
    assert (await newer(sim, "DELETE", path)).json["status"] is True
    reply = await newer(sim, "DELETE", path)
    assert (reply.status, reply.json["status"]) == (404, False)
    assert reply.json["error"] == {"message": reply.json["message"]}
    assert (await detail(sim, identifier)).json["status"] is False
    now[0] = 120.0
    assert sim.deliveries == []


async def test_sent_messages_are_listed_filtered_and_paged() -> None:
    sim, now = clocked()
    for n in range(5):
        now[0] = 60.0 * n
        await gateway(sim, message=str(n), customString=None if n else "c-1")
    sim.faults.add(Fault(kind="lost"))
    await gateway(sim, message="lost")
    await picture(sim)
    listing = "v2/report/message"
    reply = await newer(sim, "GET", listing, page=2, limit=3)
    assert [row["message"] for row in reply.data["items"]] == ["3", "2", "1"]
    paging = {name: value for name, value in reply.data.items() if name != "items"}
    assert paging == {
        "total": 7,
        "limit": 3,
        "current": 2,
        "totalPages": 3,
        "pagingCounter": 4,
        "hasPrevPage": True,
        "hasNextPage": True,
        "offset": 3,
        "prevPage": 1,
        "nextPage": 3,
    }
    for query, messages in (
        ({"campType": "mms"}, ["Rye"]),
        ({"status": "failed"}, ["lost"]),
        ({"toDate": "2026-01-08 06:51:34"}, ["1", "0"]),
        ({"fromDate": "2026-01-08", "toDate": "2026-01-08", "status": "delivered"}, EACH),
        ({"toDate": "2026-01-07"}, []),
        ({"customString": "c-1"}, ["0"]),
        ({"requestFrom": "EMAIL"}, []),
        ({"requestFrom": "API", "requestName": "Pretend account", "limit": "1"}, ["Rye"]),
        ({"fromDate": "2026-01-08T06:54:34Z", "campType": "sms"}, ["lost", "4"]),
        ({"page": "4", "limit": "3"}, []),
    ):
        rows = (await newer(sim, "GET", listing, **query)).data["items"]
        assert [row["message"] for row in rows] == messages
    assert (await newer(sim, "GET", listing, fromDate="x")).json["status"] is False
    usage = await newer(sim, "GET", f"{listing}/quick-api-credit-usage", campType="sms")
    token_used = {"_id": "Pretend account", "total": 6, "totalCreditAmount": 6}
    assert (usage.data["items"], usage.data["totalPages"]) == ([token_used], 1)


async def picture(sim: Simulator, **changes: Any) -> Reply:
    fields: dict[str, Any] = {
        "message": "Rye",
        "contacts": json.dumps([f"+{TO}"]),
        "media": ("a.png", "image/png", PNG),
    }
    return await post_form(sim, "api/v1/gatewaymms", {**fields, **changes}, token(sim))


async def test_gatewaymms_takes_a_file_or_the_address_of_a_gif() -> None:
    sim = simulator()
    fine: list[dict[str, Any]] = [
        {},
        {"media": ("a.jpg", "image/jpeg", JPEG)},
        {"media": None, "gif": "https://media.example.net/a.gif"},
    ]
    for changes in fine:
        assert (await picture(sim, **changes)).data["totalValidContact"] == 1
    assert [one.kind for one in sim.deliveries] == ["mms"] * 3
    sim._vendor.describe({"https://media.example.net/b.gif": Medium(trouble="unreachable")})
    spoiled: list[dict[str, Any]] = [
        {"media": None},
        {"media": ("a.gif", "image/gif", GIF)},
        {"media": ("a.png", "image/png", PNG + bytes(230_000))},
        {"media": None, "gif": "https://media.example.net/b.gif"},
        {"message": None},
        {"contacts": f"+{TO}"},
    ]
    for changes in spoiled:
        assert (await picture(sim, **changes)).status == 400
    assert len(sim.deliveries) == 3


async def test_a_magic_number_strikes_here_too() -> None:
    sim = simulator()
    assert (await gateway(sim, contacts=["+12025550186"])).status == 500
    data = (await gateway(sim, contacts=["+12025550193", f"+{TO}"])).data
    assert [row["Contact"] for row in data["invalidContacts"]] == ["12025550193"]


async def test_the_account_responses_and_opt_outs_have_meta() -> None:
    sim = simulator(credit=10)
    await gateway(sim)
    sim.handset(TO).reply("STOP")
    account = await newer(sim, "GET", "v1/apiClient/account")
    assert account.json["meta"] == {"code": 200, "status": "SUCCESS"}
    assert (account.data["sms_balance"], account.json["error"]) == (9.0, {})
    sim.handset(OTHER).send_sms("Hello", service="cellcast")
    responses = await newer(sim, "GET", "v1/apiClient/getResponses", page=1)
    [loose, row] = responses.data["items"]
    assert list(row) == ["from", "body", "received_at", "message_id"]
    assert (row["from"], row["body"], bool(row["message_id"])) == (TO, "STOP", True)
    assert row["received_at"].endswith("Z")
    assert loose["message_id"] == ""
    assert (responses.data["current"], responses.data["totalPages"]) == (1, 1)
    optouts = await newer(sim, "GET", "v1/apiClient/getOptout", page=1, size=1)
    assert [row["number"] for row in optouts.data["items"]] == [TO]
    assert "1 optout" in optouts.json["message"]
    for query in ({"startDate": "2999-01-01"}, {"endDate": "2019-01-01"}):
        assert (await newer(sim, "GET", "v1/apiClient/getOptout", **query)).data["items"] == []


async def test_a_template_is_made_and_sent() -> None:
    sim = simulator()
    fields = {"type": "sms", "name": "Menu", "message": "Fresh at 8"}
    made = await post_form(sim, "api/v1/template", fields, token(sim))
    await gateway(sim, templateId=made.data["_id"], message=None)
    assert sim.deliveries[0].texts == ("Fresh at 8",)
    head = {**token(sim), "content-type": "application/x-www-form-urlencoded"}
    body = b"type=sms&name=Menu&message=Fresh+at+9"
    assert (await ask_raw(sim, "POST", "api/v1/template", head, body)).data[
        "message"
    ] == "Fresh at 9"
    assert (await post_form(sim, "api/v1/template", {}, token(sim))).json["code"] == 400


async def test_an_own_number_is_verified_by_a_code() -> None:
    sim = simulator()
    number = {"name": "Till", "number": f"+{TO}"}
    assert (await newer(sim, "POST", "v1/customNumber/add", number)).json["status"] is True
    [delivery] = sim.received(TO)
    code = delivery.texts[0].rpartition(" ")[2]
    path = "v1/customNumber/verifyCustomNumber"
    for otp, verified in (("no", False), (code, True)):
        reply = await newer(sim, "POST", path, {**number, "otp": otp})
        assert (reply.status, reply.json["status"]) == (200, verified)
        [row] = (await newer(sim, "GET", "v1/customNumber")).data["items"]
        assert (row["name"], row["number"]) == ("Till", f"+{TO}")
        assert row["status"] == ("verified" if verified else "pending")
    for body in ({}, {"name": "Till", "number": "nonsense"}):
        assert (await newer(sim, "POST", "v1/customNumber/add", body)).status == 400
    sent = await newer(sim, "GET", "v2/report/message")
    assert sent.data["items"] == [], "the code is the service's own message"


async def test_a_business_name_comes_with_company_data() -> None:
    sim = simulator()
    body = {
        "businessname": "Bakery",
        "descriptionInternal": "Shop",
        "purposeOfUse": "Menus",
        "ownership": False,
        "companyInformation": {"name": "Bakery"},
        "requestorContact": {"position": "Owner"},
    }
    assert (await newer(sim, "POST", "v1/business/add", body)).json["status"] is True
    for changes, shape in (
        ({"businessname": "Ba"}, "status"),
        ({"businessname": "Bakery on Main"}, "status"),
        ({"companyInformation": {}}, "code"),
        ({"businessname": ""}, "code"),
    ):
        reply = await newer(sim, "POST", "v1/business/add", {**body, **changes})
        assert (reply.status, shape in reply.json) == (400, True)


async def test_opt_out_pages_are_made_and_listed() -> None:
    sim = simulator()
    path = "v1/apiClient/optoutlist"
    page = {"title": "Weekly", "description": "Sorry", "options": ["Too often", "Other"]}
    made = (await newer(sim, "POST", path, page)).data
    assert (made["title"], made["description"]) == ("Weekly", "Sorry")
    assert made["options"] == [{"option1": "Too often"}, {"option2": "Other"}]
    for bad in ({}, {**page, "options": "Other"}, {**page, "title": ""}):
        assert (await newer(sim, "POST", path, bad)).status == 400
    reply = await newer(sim, "GET", path, page=1, size=5)
    assert reply.data["items"] == [made]
    assert "1 optout list" in reply.json["message"]


async def test_a_path_that_ends_early_is_no_call() -> None:
    sim = simulator()
    for path in ("v2/report/message/", "v1/gateway/messages/", "v1/nothing"):
        assert (await newer(sim, "GET", path)).code == "NOT_IMPLEMENTED"
    assert (await newer(sim, "GET", "v1/gateway/messages/7")).status == 405
