"""Every fault on real sockets, with bytes written by hand: what the caller sees, what arrives."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from rawcalls import MMS, SMS, connect, document, post, post_raw, request_bytes

from mmsclient.simulator import GARBAGE, KINDS, MAGIC, Asked, Fault, Simulator
from mmsclient.simulator.skycore.codes import TEXTS
from mmsclient.wire import HttpRequest, Timeout

TO, OTHER = "12025550143", "12025550144"


async def raw(sim: Simulator) -> bytes:
    """Return every byte that comes back until the connection ends, or raise as it ends."""
    reader, writer = await connect(sim)
    try:
        writer.write(request_bytes(document(sim, "sendSMS", SMS)))
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


@pytest.mark.parametrize(("kind", "arrived"), [("drop_before", 0), ("drop_after", 1)])
async def test_a_dropped_connection_is_reset_before_or_after_the_message_is_taken(
    kind: str, arrived: int
) -> None:
    async with Simulator(faults=[Fault(kind=kind)]) as sim:
        with pytest.raises(ConnectionResetError):
            await raw(sim)
        assert len(sim.deliveries) == arrived
        assert (await post(sim, document(sim, "sendSMS", SMS))).code == "accepted"
        assert [call.fault for call in sim.calls] == [kind, None]


@pytest.mark.parametrize(("kind", "arrived"), [("close_before", 0), ("close_after", 1)])
async def test_a_closed_connection_ends_without_a_byte(kind: str, arrived: int) -> None:
    async with Simulator(faults=[Fault(kind=kind)]) as sim:
        assert await raw(sim) == b""
        assert len(sim.deliveries) == arrived


async def test_a_cut_answer_promises_more_than_comes() -> None:
    async with Simulator(faults=[Fault(kind="cut")]) as sim:
        head, _, body = (await raw(sim)).partition(b"\r\n\r\n")
        promised = re.search(rb"content-length: (\d+)", head)
        assert promised
        assert 0 < len(body) < int(promised[1])
        assert len(sim.deliveries) == 1


async def test_a_stalled_answer_comes_late_and_the_message_is_taken_at_once() -> None:
    async with Simulator(faults=[Fault(kind="stall", seconds=0.3)]) as sim:
        start = time.monotonic()
        call = asyncio.create_task(post(sim, document(sim, "sendSMS", SMS)))
        while not sim.deliveries:
            assert not call.done()
            await asyncio.sleep(0.005)
        assert (await call).code == "accepted"
        assert time.monotonic() - start >= 0.3


@pytest.mark.parametrize(("kind", "arrived"), [("stall", 1), ("stall_before", 0)])
async def test_a_caller_who_leaves_a_stall_was_served_or_was_not(kind: str, arrived: int) -> None:
    async with Simulator(faults=[Fault(kind=kind, seconds=60)]) as sim:
        _, writer = await connect(sim)
        writer.write(request_bytes(document(sim, "sendSMS", SMS)))
        assert sim._listener
        serving = sim._listener._state.tasks
        while not serving:
            await asyncio.sleep(0.005)
        writer.close()
        while serving:
            await asyncio.sleep(0.005)
        assert (len(sim.deliveries), len(sim.calls)) == (arrived, arrived)


async def test_a_call_held_before_the_service_is_counted_when_it_is_looked_at() -> None:
    async with Simulator(faults=[Fault(kind="stall_before", seconds=0.2)]) as sim:
        assert (await post(sim, document(sim, "sendSMS", SMS))).code == "accepted"
        assert sim.calls[0].at >= 0.2
        assert sim.calls[0].counted


@pytest.mark.parametrize("status", [204, 302, 408, 429, 500, 503])
@pytest.mark.parametrize("taken", [False, True])
async def test_a_status_is_answered_whether_the_message_was_taken_or_not(
    status: int, taken: bool
) -> None:
    fault = Fault(kind=str(status), retry_after=2, taken=taken)
    async with Simulator(faults=[fault]) as sim:
        response = await post_raw(sim, document(sim, "sendSMS", SMS))
        assert response.status == status
        assert response.headers["retry-after"] == "2"
        assert ("location" in response.headers) is (status == 302)
        assert len(sim.deliveries) == taken
        assert sim.calls[0].verdict == ("accepted" if taken else f"HTTP {status}")


@pytest.mark.parametrize("code", ["E113", "E106", "E120", "E503", "E618"])
@pytest.mark.parametrize("taken", [False, True])
async def test_a_code_is_answered_whether_the_message_was_taken_or_not(
    code: str, taken: bool
) -> None:
    async with Simulator(faults=[Fault(kind=code, taken=taken)]) as sim:
        assert (await post(sim, document(sim, "sendSMS", SMS))).code == code
        assert len(sim.deliveries) == taken
        assert (sim.calls[0].verdict, sim.refused_for_rate) == (code, 0)
        assert (await post(sim, document(sim, "sendSMS", SMS))).code == "accepted"


async def test_every_published_code_is_answered_on_demand() -> None:
    async with Simulator(rate=None) as sim:
        for code in TEXTS:
            sim.faults.add(Fault(kind=code))
            reply = await post(sim, document(sim, "sendMMS", MMS))
            assert (reply.code, reply["ERRORINFO"]) == (code, TEXTS[code])
        assert not sim.deliveries


def _succeeds(body: bytes) -> bool:
    try:
        root = ET.fromstring(body)  # noqa: S314 - ours, and bounded
    except ET.ParseError:
        return False
    return root.findtext("STATUS") == "Success" and root.find("ERRORCODE") is None


@pytest.mark.parametrize("body", [body for body in GARBAGE if body != "doctype"])
async def test_garbage_says_nothing_although_the_message_was_taken(body: Any) -> None:
    async with Simulator(faults=[Fault(kind="garbage", body=body)]) as sim:
        response = await post_raw(sim, document(sim, "sendSMS", SMS))
        assert response.status == 200
        assert not _succeeds(response.body)
        assert len(sim.deliveries) == 1
        assert (len(response.body) > 16_000_000) is (body == "huge")


async def test_a_document_type_bomb_holds_entities_within_entities() -> None:
    async with Simulator(faults=[Fault(kind="garbage", body="doctype")]) as sim:
        response = await post_raw(sim, document(sim, "sendSMS", SMS))
        assert response.body.startswith(b"<!DOCTYPE")
        assert response.body.count(b"&e8;") == 10


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind, where in KINDS.items()
        if where not in {"handset", "postback"} and not kind.startswith("stall")
    ],
)
async def test_in_process_the_same_faults_do_the_same(kind: str) -> None:
    sim = Simulator(faults=[Fault(kind=kind)])
    request = HttpRequest(
        "POST", sim.url, {"content-type": "text/xml"}, document(sim, "sendSMS", SMS)
    )
    left: list[bool] = []
    if kind == "garbage":
        assert b"html" in (await sim.transport().exchange(request, lambda: left.append(True))).body
    else:
        with pytest.raises(ConnectionResetError):
            await sim.transport().exchange(request, lambda: left.append(True))
    assert left == [True]
    assert len(sim.deliveries) == (KINDS[kind] == "behind")


def struck(sim: Simulator, *calls: Asked) -> list[str | None]:
    faults = [sim._vendor.strike(asked) for asked in calls]
    return [fault.kind if fault else None for fault in faults]


def test_filters_choose_by_number_action_turn_and_anything_else() -> None:
    sms, mms = Asked(action="sendSMS", to=TO), Asked(action="sendMMS", to=OTHER)
    for fault, expected in (
        (Fault(kind="E503", to=OTHER), [None, "E503", None, None]),
        (Fault(kind="E503", action="SENDsms"), ["E503", None, None, None]),
        (Fault(kind="E503", action="sendSMS", nth=2), [None, None, "E503", None]),
        (Fault(kind="E503", nth=2, times=2), [None, "E503", "E503", None]),
        (Fault(kind="E503", times=None), ["E503"] * 4),
        (Fault(kind="E503", when=lambda asked: asked.to == OTHER), [None, "E503", None, None]),
    ):
        assert struck(Simulator(faults=[fault]), sms, mms, sms, mms) == expected


def test_of_several_faults_the_first_that_strikes_counts_and_clearing_ends_all() -> None:
    sim, call = Simulator(), Asked(action="sendSMS")
    sim.faults.add(Fault(kind="E503"), Fault(kind="E618", times=2))
    assert struck(sim, call, call) == ["E503", "E618"]
    assert len(list(sim.faults)) == 2
    sim.faults.clear()
    assert struck(sim, call) == [None]


def test_a_probability_strikes_its_share_and_a_seed_repeats_it() -> None:
    call, runs = Asked(action="sendSMS"), []
    for seed in (1, 1, 2):
        fault = Fault(kind="E503", times=None, probability=0.3)
        runs.append(struck(Simulator(faults=[fault], seed=seed), *[call] * 1000))
    assert runs[0] == runs[1] != runs[2]
    assert all(200 < run.count("E503") < 400 for run in runs)


@pytest.mark.parametrize("kind", ["E5033", "E", "600", "explode", ""])
def test_an_unknown_kind_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="kind must be"):
        Fault(kind=kind)


def test_an_unknown_body_is_refused() -> None:
    with pytest.raises(ValueError, match="body must be"):
        Fault(kind="garbage", body="poem")


def test_the_table_of_magic_numbers_in_the_text_is_the_table_in_use() -> None:
    from mmsclient.simulator import magic

    told = re.findall(r"555-(\d{4})  .*?(always|once per number)\n", magic.__doc__ or "")
    used = [
        (ends, "always" if fault.times is None else "once per number")
        for ends, fault in MAGIC.items()
    ]
    assert told == used


@pytest.mark.parametrize("fault", [MAGIC["0188"], Fault(kind="stall")])
def test_a_stall_is_clearly_longer_than_a_client_waits_by_default(fault: Fault) -> None:
    from mmsclient.simulator.reception import _stall

    assert _stall(fault) >= 2 * max(Timeout().read, Timeout().total)


def test_magic_once_is_once_for_each_number() -> None:
    calls = [Asked(action="sendSMS", to=f"{area}5550192") for area in ("1202", "1202", "1212")]
    assert struck(Simulator(), *calls) == ["E618", None, "E618"]


def test_magic_can_be_switched_off_and_leaves_other_numbers_alone() -> None:
    calls = [Asked(action="sendSMS", to=f"1202555{ends}") for ends in MAGIC]
    assert struck(Simulator(), *calls) == [fault.kind for fault in MAGIC.values()]
    assert struck(Simulator(magic=False), *calls) == [None] * len(MAGIC)
    plain = [Asked(action="sendSMS", to=f"12025550{n:03}") for n in range(100, 180)]
    assert struck(Simulator(), *plain, Asked(action="sendSMS", to="12024440190")) == [None] * 81
