"""Three services in one simulator: addresses, one account and one limit, faults on every wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rawtransmit
from rawcalls import SMS as XML_SMS
from rawcalls import ask as ask_skycore
from rawtransmit import SMS, ask, headers

from mmsclient.simulator import GARBAGE, MAGIC, Account, Asked, Fault, Simulator
from mmsclient.simulator.actions import ACTIONS, CELLCAST, TRANSMITSMS
from mmsclient.simulator.faults import SERVICES
from mmsclient.simulator.rest import CODES, INSTEAD, STATUSES, TEXTS, RestError, basic, said
from mmsclient.wire import HttpRequest

TO, OTHER = "12025550143", "12025550144"


def send(sim: Simulator, **more: Any) -> Any:
    return ask(sim, "send-sms", {**SMS, **more})


def test_every_service_has_an_address_of_its_own() -> None:
    sim = Simulator(port=8080)
    assert sim.urls == {name: f"http://127.0.0.1:8080/{name}/" for name in SERVICES}
    assert sim.url == sim.urls["skycore"]


async def test_one_account_has_one_limit_for_all_its_services() -> None:
    sim = Simulator(rate=2, clock=lambda: 0.0)
    assert (await ask_skycore(sim, "sendSMS", XML_SMS)).code == "accepted"
    assert (await send(sim)).code == "SUCCESS"
    reply = await send(sim)
    assert (reply.status, reply.code) == (429, "OVER_LIMIT")
    assert (await ask_skycore(sim, "sendSMS", XML_SMS)).code == "E113"
    services = [call.service for call in sim.calls]
    assert services == ["skycore", "transmitsms", "transmitsms", "skycore"]
    assert sim.refused_for_rate == 2
    assert [delivery.service for delivery in sim.deliveries] == ["skycore", "transmitsms"]


async def test_over_the_limit_a_rest_service_says_so_in_its_own_way_or_a_proxy_does() -> None:
    for over, status, code in (("E113", 429, "OVER_LIMIT"), ("E106", 429, "OVER_LIMIT")):
        sim = Simulator(rate=1, over_limit=over, clock=lambda: 0.0)  # type: ignore[arg-type] # from a tuple
        replies = [await send(sim) for _ in range(2)]
        assert (replies[1].status, replies[1].code) == (status, code)
        assert "retry-after" not in replies[1].headers
    sim = Simulator(rate=1, over_limit=429, clock=lambda: 0.0)
    replies = [await send(sim) for _ in range(2)]
    assert (replies[1].status, replies[1].json) == (429, None)
    assert replies[1].headers["retry-after"] == "1"
    sim = Simulator(rate=1, over_limit="queue", clock=lambda: 0.0)
    assert [(await send(sim)).code for _ in range(3)] == ["SUCCESS"] * 3
    assert len(sim.deliveries) == 1


async def test_the_query_reaches_the_service_over_sockets_as_it_is() -> None:
    async with Simulator() as sim:
        import httpx

        head = headers(sim)
        async with httpx.AsyncClient() as client:
            url = f"{sim.urls['transmitsms']}format-number.json"
            params = {"msisdn": "0491 570 156", "countrycode": "au"}
            answer = await client.get(url, params=params, headers=head)
            assert answer.json()["number"]["international"] == 61491570156
            for path in ("", "pager/", "skycore/x", "skycore//"):
                lost = await client.post(f"http://127.0.0.1:{answer.url.port}/{path}")
                assert lost.status_code == 404


@pytest.mark.parametrize("body", GARBAGE)
@pytest.mark.parametrize("form", ["json", "xml"])
async def test_garbage_of_a_rest_service_is_in_its_own_form(body: str, form: str) -> None:
    sim = Simulator(faults=[Fault(kind="garbage", body=body)])
    url = f"{sim.urls['transmitsms']}send-sms.{form}"
    sent = b"to=12025550143&from=70707&message=Hi"
    request = HttpRequest("POST", url, headers(sim), sent)
    answer = await sim.transport(largest=100_000_000).exchange(request, lambda: None)
    assert (answer.status, len(sim.deliveries)) == (200, 1)
    if body == "huge":
        assert len(answer.body) > 20_000_000
    if body in {"huge", "deep", "not_utf8", "neither"}:
        assert answer.body.startswith(b"<response>" if form == "xml" else b"{")
    if body == "both":
        assert b"message_id" in answer.body
        assert b"FAILED" in answer.body
    readable = {"both", "neither", "huge"} if form == "json" else set()
    if body in readable:
        json.loads(answer.body)


async def test_a_fault_for_one_service_leaves_the_others_alone() -> None:
    sim = Simulator(faults=[Fault(kind="OVER_LIMIT", service="transmitsms", times=None)])
    assert (await ask_skycore(sim, "sendSMS", XML_SMS)).code == "accepted"
    assert (await send(sim)).code == "OVER_LIMIT"


@pytest.mark.parametrize("taken", [False, True])
@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("OVER_LIMIT", 429, "OVER_LIMIT"),
        ("LEDGER_ERROR", 400, "LEDGER_ERROR"),
        ("NEVER_HEARD_OF", 400, "NEVER_HEARD_OF"),
        ("E113", 429, "OVER_LIMIT"),
        ("E713", 400, "LEDGER_ERROR"),
        ("E104", 401, "AUTH_FAILED"),
        ("E503", 500, "HTTP 500"),
        ("E618", 503, "HTTP 503"),
        ("E999", 400, "FAILED"),
    ],
)
async def test_codes_are_answered_in_the_words_of_the_service(
    kind: str, status: int, code: str, taken: bool
) -> None:
    sim = Simulator(faults=[Fault(kind=kind, taken=taken)])
    reply = await send(sim)
    assert (reply.status, reply.code) == (status, code)
    assert len(sim.deliveries) == taken
    assert (await send(sim)).code == "SUCCESS"


async def test_a_code_may_come_with_any_status_and_a_status_with_any_body() -> None:
    sim = Simulator(rate=None)
    sim.faults.add(Fault(kind="OVER_LIMIT", http=200))
    reply = await send(sim)
    assert (reply.status, reply.code) == (200, "OVER_LIMIT")
    sim.faults.add(Fault(kind="500", taken=True, body="answer"))
    reply = await send(sim)
    assert (reply.status, reply.code) == (500, "SUCCESS")
    sim.faults.add(Fault(kind="502", body="html"), Fault(kind="503", body="empty"))
    assert b"<h1>" in (await send(sim)).body
    assert (await send(sim)).body == b""
    sim.faults.add(Fault(kind="503", body="plain", retry_after=7))
    reply = await send(sim)
    assert (reply.status, reply.headers["retry-after"]) == (503, "7")
    sim.faults.add(Fault(kind="E713", http=402))
    assert (await ask_skycore(sim, "sendSMS", XML_SMS)).status == 402


@pytest.mark.parametrize("ends", sorted(MAGIC))
async def test_numbers_that_misbehave_do_so_on_every_wire(ends: str) -> None:
    fault = MAGIC[ends]
    sim = Simulator()
    if fault.kind in {"stall", "garbage"}:
        assert sim._vendor.strike(Asked(action="send-sms", to=f"1202555{ends}")) is fault
        return
    if fault.kind.startswith("drop"):
        with pytest.raises(ConnectionResetError):
            await send(sim, to=f"1202555{ends}")
        return
    reply = await send(sim, to=f"1202555{ends}")
    if fault.code:
        assert reply.code == {
            "E110": "FIELD_INVALID",
            "E113": "OVER_LIMIT",
            "E503": "HTTP 500",
            "E618": "HTTP 503",
        }.get(fault.code, "RECIPIENTS_ERROR")
        assert sim.deliveries == []
    elif fault.status:
        assert reply.status == fault.status


async def test_among_several_numbers_a_fault_strikes_the_call_or_its_own_number() -> None:
    sim = Simulator(faults=[Fault(kind="lost", to=OTHER), Fault(kind="503", to=OTHER, nth=2)])
    both = f"{TO},{OTHER}"
    assert (await send(sim, to=both))["recipients"] == 2
    assert [delivery.to for delivery in sim.deliveries] == [TO]
    assert (await send(sim, to=both)).status == 503
    with pytest.raises(ConnectionResetError):
        await send(sim, to=f"{TO},12025550191")
    assert len(sim.received("12025550191")) == 1


async def test_of_several_numbers_each_has_its_own_refusal() -> None:
    sim = Simulator(accounts=[Account(tells_fails=True)], rate=None)
    reply = await send(sim, to=f"{TO},12025550190,12025550193,12025550197,12025550184,x")
    assert reply["recipients"] == 2
    assert reply["fails"] == [12025550190, 12025550197, "x"]
    assert reply["optouts"] == [12025550193]
    assert [delivery.to for delivery in sim.deliveries] == [TO]
    limited = await send(sim, to=f"{TO},12025550199")
    assert (limited.status, limited.code) == (429, "OVER_LIMIT")
    assert len(sim.deliveries) == 1


async def test_a_cut_answer_keeps_the_kind_it_promised() -> None:
    async with Simulator(faults=[Fault(kind="cut")]) as sim:
        import asyncio
        from urllib.parse import urlsplit

        port = urlsplit(sim.url).port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        body = b"to=12025550143&from=70707&message=Hi"
        lines = [f"{name}: {value}" for name, value in headers(sim).items()]
        head = ["POST /transmitsms/send-sms.json HTTP/1.1", "host: x", *lines]
        writer.write("\r\n".join([*head, f"content-length: {len(body)}", "", ""]).encode() + body)
        answer = await reader.read()
        writer.close()
        assert b"content-type: application/json" in answer
        assert len(sim.deliveries) == 1


def test_the_calls_of_all_services_are_known_to_faults() -> None:
    assert set(TRANSMITSMS) | set(CELLCAST) <= set(ACTIONS)
    Fault(kind="503", action="get-sms-responses", service="transmitsms")
    with pytest.raises(ValueError, match="service must be one of"):
        Fault(kind="503", service="pager")
    with pytest.raises(ValueError, match="http must be"):
        Fault(kind="OVER_LIMIT", http=99)


def test_a_fault_of_postbacks_has_no_call_to_be_filtered_by() -> None:
    with pytest.raises(ValueError, match="action: a postback belongs to no call"):
        Fault(kind="post_late", action="send-sms")


def test_every_code_of_a_rest_service_has_words() -> None:
    assert set(STATUSES) - {"SUCCESS"} <= set(TEXTS)
    assert set(CODES.values()) <= set(TEXTS)
    assert {code for code in INSTEAD.values() if not code.isdigit()} <= set(TEXTS)
    assert said(Fault(kind="E503")).bare
    assert RestError("500").status == 500


@pytest.mark.parametrize(
    ("header", "credential"),
    [
        (rawtransmit.authorization("k", "s:t"), ("k", "s:t")),
        ("basic azo=", ("k", "")),
        ("Bearer k", None),
        ("", None),
        ("Basic !!", ("", "")),
        ("Basic /w==", ("", "")),
    ],
)
def test_basic_credentials_are_read_or_they_are_wrong(
    header: str, credential: tuple[str, str] | None
) -> None:
    assert basic({"authorization": header} if header else {}) == credential


async def test_services_are_made_for_the_first_account_at_its_rate() -> None:
    sim = Simulator(rate=7, port=8080, accounts=[Account(), Account()])
    key = sim.accounts[0].key
    found = sim.transmitsms(format="xml")
    assert (found.api_key, found.api_secret) == (key, sim.accounts[0].secret)
    assert (found.url.rstrip("/"), found.rate.calls) == ("http://127.0.0.1:8080/transmitsms", 7)
    assert found.format == "xml"
    basic_key, token = sim.cellcast(), sim.cellcast(token=key)
    assert (basic_key.app_key, token.token) == (key, key)
    assert token.url.rstrip("/") == "http://127.0.0.1:8080/cellcast"
    assert not token.app_key
