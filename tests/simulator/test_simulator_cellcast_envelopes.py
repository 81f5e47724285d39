"""Cellcast, called by hand: who is let in, and the shapes of what is answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rawcalls import connect, read_response
from rawcellcast import OTHER, SMS, TO, Reply, appkey, ask_raw, basic, get, post, simulator

from mmsclient.simulator import Account, CellcastTerms, Fault, Simulator

JSON = {"content-type": "application/json"}
WHO: dict[str, Any] = {"key": "k-1", "secret": "s-1"}


async def account(sim: Simulator, headers: dict[str, str]) -> Reply:
    return await ask_raw(sim, "GET", "account", headers)


async def test_the_key_comes_in_basic_in_a_header_or_in_both() -> None:
    sim = simulator(**WHO)
    for headers in (
        basic("k-1"),
        basic("k-1", "s-1"),
        {"appkey": "k-1"},
        {**basic("k-1"), "appkey": "k-1"},
    ):
        assert (await account(sim, headers)).code == "SUCCESS"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "AUTH_FAILED_NO_DATA"),
        ({"authorization": "Bearer k-1"}, "AUTH_FAILED_NO_DATA"),
        ({"authorization": "Basic ???"}, "AUTH_FAILED"),
        (basic("k-2"), "AUTH_FAILED"),
        (basic("k-1", "wrong"), "AUTH_FAILED"),
        ({"appkey": "k-2"}, "AUTH_FAILED"),
        ({**basic("k-1"), "appkey": "k-2"}, "AUTH_FAILED"),
        ({**basic("k-2"), "appkey": "k-1"}, "AUTH_FAILED"),
    ],
)
async def test_without_the_key_nobody_is_let_in(headers: dict[str, str], code: str) -> None:
    reply = await account(simulator(**WHO), headers)
    assert (reply.status, reply.json["meta"]) == (401, {"code": 401, "status": code})
    assert reply.data == []
    assert reply.json["msg"]


async def test_a_key_in_the_query_is_no_credential() -> None:
    sim = simulator(key="k-1")
    reply = await ask_raw(sim, "GET", "account?APPKEY=k-1&appkey=k-1", {})
    assert reply.code == "AUTH_FAILED_NO_DATA"


async def test_calls_stand_under_the_address_with_or_without_the_version() -> None:
    sim = simulator()
    for path in ("account", "api/v3/account"):
        assert (await get(sim, path)).code == "SUCCESS"
    reply = await get(sim, "get-balance")
    assert (reply.status, reply.code) == (404, "NOT_IMPLEMENTED")
    reply = await ask_raw(sim, "GET", "send-sms", appkey(sim))
    assert (reply.status, reply.headers["allow"]) == (405, "POST")
    assert [call.verdict for call in sim.calls] == ["accepted", "accepted", "NOT_IMPLEMENTED"]


async def test_a_success_has_meta_msg_and_data() -> None:
    reply = await post(simulator(), "send-sms", SMS)
    assert list(reply.json) == ["meta", "msg", "data"]
    assert reply.json["meta"] == {"code": 200, "status": "SUCCESS"}
    assert reply.json["msg"] == "Queued"


async def test_the_overview_form_has_error_and_page_at_the_top() -> None:
    sim = simulator(terms=CellcastTerms(form="overview"))
    reply = await post(sim, "send-sms", SMS)
    assert list(reply.json) == ["data", "error"]
    assert reply.json["error"] == {"code": "SUCCESS", "description": "OK"}
    assert reply.sent_to == [f"+{TO}"]
    sim.handset(TO).reply("Yes")
    reply = await get(sim, "get-responses", type="sms")
    assert reply.json["page"] == {"count": 1, "number": 1}
    assert "page" not in reply.data
    assert [row["body"] for row in reply.rows] == ["Yes"]
    reply = await post(sim, "send-sms", {})
    assert list(reply.json) == ["error"]
    assert (reply.status, reply.json["error"]["code"]) == (400, "FIELD_EMPTY")
    assert "sms_text" in reply.json["error"]["description"]


async def test_both_forms_can_come_at_once() -> None:
    sim = simulator(terms=CellcastTerms(form="both"))
    assert list((await post(sim, "send-sms", SMS)).json) == ["meta", "msg", "data", "error"]
    reply = await post(sim, "send-sms", {})
    assert reply.json["meta"]["status"] == reply.json["error"]["code"] == "FIELD_EMPTY"


async def test_counters_are_numbers_or_strings_as_told() -> None:
    seen: dict[str, Any] = {}
    for counters in ("published", "numbers", "strings"):
        sim = simulator(terms=CellcastTerms(counters=counters))
        sent = (await post(sim, "send-sms", SMS)).data
        sim.handset(TO).reply("Yes")
        listed = (await get(sim, "get-responses", type="sms")).data
        balance = (await get(sim, "account")).data["sms_balance"]
        page = listed["page"]
        seen[counters] = (sent["success_number"], page["count"], listed["total"], type(balance))
    assert seen == {
        "published": (1, 1, "1", str),
        "numbers": (1, 1, 1, float),
        "strings": ("1", "1", "1", str),
    }


async def test_failures_can_arrive_with_http_200() -> None:
    sim = simulator(terms=CellcastTerms(always_200=True))
    reply = await post(sim, "send-sms", {})
    assert (reply.status, reply.json["meta"]) == (200, {"code": 400, "status": "FIELD_EMPTY"})
    reply = await ask_raw(sim, "GET", "account", {})
    assert (reply.status, reply.code) == (200, "AUTH_FAILED_NO_DATA")


async def test_numbers_in_answers_can_come_without_their_plus() -> None:
    reply = await post(simulator(terms=CellcastTerms(plus=False)), "send-sms", SMS)
    assert reply.sent_to == [TO]


def test_terms_name_what_they_do_not_know() -> None:
    for bad in ({"form": "odd"}, {"counters": "odd"}, {"empty": "odd"}):
        with pytest.raises(ValueError, match="cellcast: "):
            CellcastTerms(**bad)  # type: ignore[arg-type] # what is tested


async def test_a_call_over_the_limit_has_both_signals() -> None:
    sim = Simulator(rate=1, clock=lambda: 0.0)
    assert (await get(sim, "account")).status == 200
    reply = await get(sim, "account")
    assert (reply.status, reply.code) == (429, "OVER_LIMIT")
    assert "retry-after" not in reply.headers
    assert sim.refused_for_rate == 1


async def test_a_server_in_front_may_throttle_without_a_word_of_the_service() -> None:
    sim = Simulator(rate=1, clock=lambda: 0.0, over_limit=429)
    await get(sim, "account")
    reply = await get(sim, "account")
    assert (reply.status, reply.headers["retry-after"], reply.json) == (429, "1", None)


async def test_a_throttle_may_come_with_http_200() -> None:
    terms = CellcastTerms(always_200=True)
    sim = Simulator(rate=1, clock=lambda: 0.0, accounts=[Account(cellcast=terms)])
    await get(sim, "account")
    reply = await get(sim, "account")
    assert (reply.status, reply.json["meta"]) == (200, {"code": 429, "status": "OVER_LIMIT"})


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault(kind="OVER_LIMIT"), 429, "OVER_LIMIT"),
        (Fault(kind="OVER_LIMIT", http=200), 200, "OVER_LIMIT"),
        (Fault(kind="E113"), 429, "OVER_LIMIT"),
        (Fault(kind="E110"), 400, "RECIPIENTS_ERROR"),
        (Fault(kind="E114"), 400, "RECIPIENTS_ERROR"),
        (Fault(kind="LEDGER_ERROR"), 400, "LEDGER_ERROR"),
        (Fault(kind="SOMETHING_NEW"), 400, "SOMETHING_NEW"),
    ],
)
async def test_a_fault_that_is_a_code_answers_in_the_services_words(
    fault: Fault, status: int, code: str
) -> None:
    sim = simulator()
    sim.faults.add(fault)
    reply = await post(sim, "send-sms", SMS)
    assert (reply.status, reply.code) == (status, code)
    assert sim.deliveries == []
    assert (await post(sim, "send-sms", SMS)).code == "SUCCESS"


async def test_too_little_credit_is_told_by_the_text_alone() -> None:
    sim = simulator()
    sim.faults.add(Fault(kind="E713"))
    reply = await post(sim, "send-sms", SMS)
    assert (reply.status, reply.code) == (400, "FIELD_INVALID")
    assert "credit" in reply.json["msg"]


@pytest.mark.parametrize(("kind", "status"), [("E503", 500), ("E618", 503), ("502", 502)])
async def test_a_server_in_front_answers_without_the_service(kind: str, status: int) -> None:
    sim = simulator()
    sim.faults.add(Fault(kind=kind))
    reply = await post(sim, "send-sms", SMS)
    assert (reply.status, reply.json) == (status, None)
    assert [call.verdict for call in sim.calls] == [f"HTTP {status}"]
    assert sim.deliveries == []


async def test_a_code_may_be_answered_although_the_call_was_carried_out() -> None:
    sim = simulator()
    sim.faults.add(Fault(kind="FAILED", taken=True))
    assert (await post(sim, "send-sms", SMS)).code == "FAILED"
    assert len(sim.deliveries) == 1


async def test_garbage_is_json_that_says_too_much_or_nothing() -> None:
    sim = simulator()
    sim.faults.add(*(Fault(kind="garbage", body=body) for body in ("both", "neither", "both")))
    reply = await post(sim, "send-sms", SMS)
    assert reply.code == "SUCCESS"
    assert reply.json["error"]["code"] == "FAILED"
    assert (await post(sim, "send-sms", SMS)).json == {"note": "Thank you"}
    reply = await post(sim, "bulk-send-sms", [SMS, SMS])
    assert [item["error"]["code"] for item in reply.json] == ["FAILED", "FAILED"]
    assert len(sim.deliveries) == 4


async def test_garbage_in_place_of_what_is_no_json_is_json() -> None:
    sim = Simulator(rate=1, clock=lambda: 0.0, over_limit=429)
    await get(sim, "account")
    sim.faults.add(Fault(kind="garbage", body="both"))
    reply = await get(sim, "account")
    said = json.loads(reply.body)
    assert (said["meta"]["status"], said["error"]["code"]) == ("SUCCESS", "FAILED")


async def test_over_a_socket_it_is_the_same_service() -> None:
    async with simulator() as sim:
        key = sim.accounts[0].key
        body = json.dumps(SMS).encode()
        for head, content, status in (
            ("POST /cellcast/send-sms", body, 200),
            ("GET /cellcast/get-responses?page=1&type=sms", b"", 400),
            ("DELETE /cellcast/send-sms", b"", 405),
            ("DELETE /cellcast/api/v1/gateway/messages/7", b"", 401),
        ):
            reader, writer = await connect(sim)
            lines = f"{head} HTTP/1.1\r\nhost: 127.0.0.1\r\nappkey: {key}\r\n"
            lines += f"content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
            writer.write(lines.encode() + content)
            assert (await read_response(reader)).status == status
            writer.close()
        assert [delivery.to for delivery in sim.deliveries] == [TO]


async def test_what_an_account_may_not_do_is_no_access() -> None:
    sim = simulator(forbidden=["get-sms"], sms_only=True)
    assert (await get(sim, "get-sms", message_id="1")).code == "NO_ACCESS"
    reply = await ask_raw(sim, "POST", "send-mms", appkey(sim))
    assert (reply.status, reply.code) == (400, "NO_ACCESS")


async def test_two_accounts_have_their_own_terms_and_their_own_messages() -> None:
    strings = CellcastTerms(counters="strings")
    sim = Simulator(rate=None, accounts=[Account(), Account(cellcast=strings)])
    first = await post(sim, "send-sms", SMS)
    second = await post(sim, "send-sms", SMS, account=1)
    assert (first.data["total_numbers"], second.data["total_numbers"]) == (1, "1")
    assert (await get(sim, "get-sms", message_id=first.id)).data
    assert (await get(sim, "get-sms", message_id=first.id, account=1)).data == []


async def test_the_ledger_names_the_service_and_the_call() -> None:
    sim = simulator()
    await post(sim, "send-sms", SMS)
    [call] = sim.calls
    assert (call.service, call.action, call.verdict) == ("cellcast", "send-sms", "accepted")


async def test_a_fault_for_one_of_many_numbers_strikes_that_one_alone() -> None:
    sim = simulator()
    sim.faults.add(Fault(kind="E114", to=OTHER))
    reply = await post(sim, "send-sms", {**SMS, "numbers": [f"+{TO}", f"+{OTHER}"]})
    assert reply.sent_to == [f"+{TO}"]


CALLS = ("send-sms", "bulk-send-sms", "send-sms-template", "send-mms", "inbound-read-bulk")
leaf = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(f"+{TO}")
names = st.sampled_from(["sms_text", "numbers", "from", "delay", "message_id", "number", "x"])
tree = st.recursive(
    leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4)
)


@given(call=st.sampled_from(CALLS), body=tree)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_no_json_breaks_the_service(call: str, body: object) -> None:
    sim = simulator()
    reply = await post(sim, call, body)
    assert reply.status in {200, 400}
    assert reply.json


@given(body=st.binary(max_size=60), kind=st.sampled_from([*JSON.values(), "multipart/form-data"]))
@settings(max_examples=100, deadline=None)
async def test_no_bytes_break_the_service(body: bytes, kind: str) -> None:
    sim = simulator()
    for call in ("send-sms", "send-mms"):
        head = {**appkey(sim), "content-type": kind + "; boundary=x"}
        wrapped = b"--x\r\n" + body + b"\r\n--x--\r\n"
        for content in (body, wrapped):
            reply = await ask_raw(sim, "POST", call, head, content)
            assert (reply.status, reply.code[:5]) == (400, "FIELD")


async def test_what_is_no_json_is_refused() -> None:
    sim = simulator()
    for body in (b"{", b"[" * 100_000, b"\xff", b'{"sms_text": NaN}', b'"text"', b"7"):
        reply = await ask_raw(sim, "POST", "send-sms", appkey(sim), body)
        assert (reply.status, reply.code) == (400, "FIELD_INVALID"), body[:9]
    plain = {**appkey(sim), "content-type": "text/plain"}
    reply = await ask_raw(sim, "POST", "send-sms", plain, json.dumps(SMS).encode())
    assert reply.code == "FIELD_INVALID"
