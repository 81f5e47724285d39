"""TransmitSMS by hand: addresses, credentials, parameters, the forms of answers and errors."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rawtransmit import FORM, SMS, ask, authorization, exchange, get, headers

from mmsclient.simulator import Account, Simulator
from mmsclient.simulator.actions import TRANSMITSMS
from mmsclient.simulator.reception import Arrived
from mmsclient.simulator.transmitsms.calls import CALLS
from mmsclient.simulator.transmitsms.document import write
from mmsclient.wire import HttpRequest

TO, KEY, SECRET = "12025550143", "k", "s"


def test_every_documented_call_is_there() -> None:
    assert tuple(CALLS) == TRANSMITSMS
    assert len(CALLS) == 45


async def test_get_and_post_and_a_post_with_a_query_work_alike() -> None:
    sim = Simulator(rate=None)
    url = f"{sim.urls['transmitsms']}send-sms.json?{urlencode(SMS)}"
    replies = [
        await ask(sim, "send-sms", SMS),
        await get(sim, "send-sms", **SMS),
        await exchange(sim, HttpRequest("POST", url, headers(sim))),
    ]
    assert [reply.code for reply in replies] == ["SUCCESS"] * 3
    assert len({tuple(reply.keys) for reply in replies}) == 1


async def test_parameters_are_never_read_from_json() -> None:
    sim = Simulator()
    head = {**headers(sim), "content-type": "application/json"}
    url = f"{sim.urls['transmitsms']}send-sms.json"
    reply = await exchange(sim, HttpRequest("POST", url, head, json.dumps(SMS).encode()))
    assert (reply.status, reply.code) == (400, "FIELD_EMPTY")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "edit-client.json", 411),
        ("DELETE", "send-sms.json", 405),
        ("POST", "send-sms", 404),
        ("POST", "2/send-sms.json", 404),
        ("POST", "send-sms.yaml", 404),
        ("POST", "", 404),
        ("POST", "send-sms.json/", 404),
    ],
)
async def test_the_server_in_front_answers_wrong_addresses_with_html(
    method: str, path: str, status: int
) -> None:
    sim = Simulator()
    url = sim.urls["transmitsms"] + path
    reply = await exchange(sim, HttpRequest(method, url, headers(sim)))
    assert (reply.status, reply.json, sim.calls) == (status, None, [])
    assert reply.body.startswith(b"<html>")


@pytest.mark.parametrize(
    ("credential", "code"),
    [
        (None, "AUTH_FAILED_NO_DATA"),
        ("Bearer k", "AUTH_FAILED_NO_DATA"),
        (authorization(KEY, "wrong"), "AUTH_FAILED"),
        (authorization("wrong", SECRET), "AUTH_FAILED"),
        (authorization(KEY, ""), "AUTH_FAILED"),
        ("Basic azo\n", "AUTH_FAILED"),
    ],
)
async def test_nobody_is_let_in_without_key_and_secret(credential: str | None, code: str) -> None:
    sim = Simulator(accounts=[Account(key=KEY, secret=SECRET)])
    head = {"content-type": FORM, **({"authorization": credential} if credential else {})}
    url = f"{sim.urls['transmitsms']}get-balance.json"
    reply = await exchange(
        sim,
        HttpRequest("POST", url, head, urlencode({"api_key": KEY, "api_secret": SECRET}).encode()),
    )
    assert (reply.status, reply.code) == (401, code)
    assert sim.calls[0].account is None


async def test_a_secret_that_was_never_set_is_empty() -> None:
    sim = Simulator(accounts=[Account(secret="")])
    assert (await ask(sim, "get-balance")).code == "SUCCESS"


@pytest.mark.parametrize(
    ("account", "code"),
    [
        (Account(active=False), "ACCOUNT_EXPIRED"),
        (Account(rights=False), "NO_ACCESS"),
        (Account(allow=["192.0.2.7"]), "NO_ACCESS"),
        (Account(forbidden=["get-balance"]), "NO_ACCESS"),
        (Account(quota=0), "NO_ACCESS"),
    ],
)
async def test_accounts_that_may_not(account: Account, code: str) -> None:
    assert (await ask(Simulator(accounts=[account]), "get-balance")).code == code


async def test_an_unknown_call_is_not_implemented() -> None:
    reply = await ask(Simulator(), "send-fax")
    assert (reply.status, reply.code) == (404, "NOT_IMPLEMENTED")
    reply = await ask(Simulator(), "send-fax", form="xml")
    assert (reply.status, reply.code) == (404, "NOT_IMPLEMENTED")


async def test_the_error_block_is_last_and_the_form_is_compact() -> None:
    reply = await ask(Simulator(), "get-balance")
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert reply.keys[-1] == "error"
    assert reply.error == {"code": "SUCCESS", "description": "OK"}
    assert b": " not in reply.body


async def test_xml_has_the_same_keys_in_the_same_order() -> None:
    sim = Simulator(rate=None)
    plain, tree = await ask(sim, "send-sms", SMS), await ask(sim, "send-sms", SMS, form="xml")
    assert tree.headers["content-type"] == "text/xml; charset=utf-8"
    assert tree.body.startswith(b'<?xml version="1.0"?>\n<response>')
    assert tree.xml is not None
    assert [node.tag for node in tree.xml] == plain.keys
    assert tree.xml.findtext("cost") == "0.087"
    refused = await ask(sim, "send-sms", {**SMS, "to": "x,y"}, form="xml")
    assert refused.xml is not None
    assert [node.text for node in refused.xml.findall("error/description/fails/item")] == ["x", "y"]


def test_json_is_written_as_php_writes_it() -> None:
    body: dict[str, Any] = {
        "number": "61491570156",
        "zeros": "007",
        "decimal": "1.50",
        "exponent": "1e3",
        "enormous": "123456789012345678901",
        "endless": "1e999",
        "text": "a/b é",
        "whole": Decimal("25.000"),
        "cost": Decimal("0.087"),
        "flag": True,
        "nothing": None,
        "rows": ["12", {"n": "+1"}],
        "error": {"description": {"fails": ["0491570007"]}},
    }
    text = write("json", body).decode()
    assert "a\\/b \\u00e9" in text
    assert json.loads(text) == {
        "number": 61491570156,
        "zeros": 7,
        "decimal": 1.5,
        "exponent": 1000,
        "enormous": 1.2345678901234568e20,
        "endless": "1e999",
        "text": "a/b é",
        "whole": 25,
        "cost": 0.087,
        "flag": True,
        "nothing": None,
        "rows": [12, {"n": 1}],
        "error": {"description": {"fails": ["0491570007"]}},
    }


def test_xml_cannot_tell_nothing_from_empty() -> None:
    body: dict[str, Any] = {"a": None, "b": "", "c": [], "d": {}, "e": False, "f": "<&\x00"}
    text = write("xml", body).decode()
    assert "<a/><b/><c/><d/><e>false</e><f>&lt;&amp;</f>" in text


async def test_only_rows_of_name_and_value_are_safe_in_xml() -> None:
    sim = Simulator(rate=None)
    made = (await ask(sim, "add-list", name="L", field_1="Post code"))["id"]
    await ask(sim, "add-to-list", list_id=made, msisdn="61491570156", field_1="2000")
    with pytest.raises(ET.ParseError):
        await ask(sim, "get-list", list_id=made, form="xml")
    rows = await ask(sim, "get-list", list_id=made, response_style="array", form="xml")
    assert rows.xml is not None
    assert rows.xml.findtext("members/item/fields/item/name") == "Post code"


@pytest.mark.parametrize(
    ("call", "params", "code", "description"),
    [
        ("send-sms", {"to": TO}, "FIELD_EMPTY", "Required field 'message' is empty"),
        (
            "send-sms",
            {"message": "x"},
            "FIELD_INVALID",
            "You must provide either 'list_id' or 'to'",
        ),
        (
            "send-sms",
            {"message": "x", "to": "x"},
            "FIELD_INVALID",
            'Field "to" is not a valid number.',
        ),
        ("format-number", {}, "FIELD_EMPTY", "Required field 'msisdn' is empty"),
        ("get-sms", {"message_id": 1}, "NOT_FOUND", "Message with this ID does not exist"),
        (
            "lease-number",
            {"number": TO},
            "FIELD_INVALID",
            "This number is not available for lease.",
        ),
    ],
)
async def test_recorded_descriptions(
    call: str, params: dict[str, Any], code: str, description: str
) -> None:
    reply = await ask(Simulator(), call, params)
    assert (reply.status, reply.error) == (400, {"code": code, "description": description})


@pytest.mark.parametrize(
    ("call", "params"),
    [
        ("get-lists", {"max": "0"}),
        ("get-lists", {"max": "101"}),
        ("get-lists", {"page": "0"}),
        ("get-lists", {"page": "x"}),
        ("get-sms", {"message_id": "x"}),
        ("get-user-sms-responses", {"start": "yesterday"}),
        ("get-user-sms-responses", {"start": "2031-02-30"}),
        ("get-user-sms-responses", {"keywords": "all"}),
        ("get-user-sms-responses", {"include_original": "maybe"}),
        ("send-sms", {**SMS, "send_at": "2031-02-03T04:05:06Z"}),
        ("send-sms", {**SMS, "validity": "-1"}),
        ("send-sms", {**SMS, "dlr_callback": "not an address"}),
        ("send-sms", {**SMS, "tracked_link_url": "ftp://example.net/"}),
        ("send-sms", {**SMS, "tracked_link_url": "http://[::1/"}),
        ("send-sms", {**SMS, "send_at": "0001-02-03"}),
        ("format-number", {"msisdn": TO, "countrycode": "atlantis"}),
        ("send-sms", {**SMS, "replies_to_email": "nobody"}),
        ("send-sms", {**SMS, "countrycode": "atlantis"}),
        ("send-sms", {**SMS, "from_shared": "maybe", "from": ""}),
        ("get-sms-delivery-status", {"message_id": "1", "msisdn": "x"}),
    ],
)
async def test_parameters_of_the_wrong_form_are_refused(call: str, params: dict[str, str]) -> None:
    reply = await ask(Simulator(), call, params)
    assert reply.code in {"FIELD_INVALID", "NOT_FOUND" if "msisdn" in params else ""}
    assert reply.status == 400


async def test_unknown_and_empty_parameters_are_passed_over() -> None:
    sim = Simulator()
    odd = {**SMS, "firstname": "x", "validity": "", "send_at": "", "dlr_callback": ""}
    assert (await ask(sim, "send-sms", odd)).code == "SUCCESS"


texts = st.text(max_size=12) | st.sampled_from(
    ["0", "1", "10", TO, "2031-02-03", "true", "array", "all", "http://127.0.0.1/", "au", "[x]"]
)
names = st.sampled_from(
    [
        *("to", "message", "from", "msisdn", "mobile", "list_id", "message_id", "id", "number"),
        *("keyword", "keyword_id", "countrycode", "start", "end", "page", "max", "name", "email"),
        *("field_1", "field.x", "response_style", "members", "filter", "optouts", "delivery"),
        *("file_url", "forward_url", "client_id", "send_at", "validity", "dlr_callback"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(TRANSMITSMS), st.dictionaries(names, texts, max_size=8), st.booleans())
def test_no_parameters_bring_a_call_down(call: str, params: dict[str, str], xml: bool) -> None:
    sim = Simulator(rate=None, accounts=[Account(numbers=["61491570156"])])
    reception = sim._receptions["/transmitsms"]
    body = urlencode(params, errors="surrogatepass").encode()
    arrived = Arrived(
        method="POST",
        headers=headers(sim),
        body=body,
        source="127.0.0.1",
        path=f"/{call}.{'xml' if xml else 'json'}",
    )
    answer = reception.handle(reception.meet(arrived))
    assert answer.response.status in {200, 400}


@settings(deadline=None)
@given(st.binary(max_size=200), st.text(max_size=40), st.text(max_size=20))
def test_no_bytes_bring_the_service_down(body: bytes, query: str, path: str) -> None:
    sim = Simulator()
    reception = sim._receptions["/transmitsms"]
    arrived = Arrived(
        method="POST", headers=headers(sim), body=body, source="x", path=f"/{path}", query=query
    )
    if reception.turn_away(arrived) is None:
        answer = reception.handle(reception.meet(arrived))
        assert answer.response.status in {400, 404}
