"""The doors: sockets that open and close cleanly, kept-alive connections, latency, threads."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import ssl
import sys
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import trustme
from rawcalls import (
    SMS,
    XML,
    Reply,
    connect,
    document,
    post,
    post_raw,
    read_response,
    request_bytes,
)

import mmsclient as mms
from mmsclient.simulator import Account, Fault, Simulator, in_thread
from mmsclient.simulator.path import Path, Shape
from mmsclient.wire import HttpRequest, Rate


def port(sim: Simulator) -> int:
    return urlsplit(sim.url).port or 0


async def test_one_connection_carries_many_calls() -> None:
    async with Simulator(rate=None) as sim:
        reader, writer = await connect(sim)
        for _ in range(20):
            writer.write(request_bytes(document(sim, "sendSMS", SMS), keep=True))
            assert Reply(await read_response(reader)).code == "accepted"
        writer.close()
        assert len(sim.deliveries) == 20


async def test_calls_sent_ahead_on_one_connection_are_answered_in_order() -> None:
    async with Simulator(rate=None) as sim:
        reader, writer = await connect(sim)
        numbers = [f"120255501{n}" for n in range(10, 20)]
        for to in numbers:
            body = document(sim, "sendSMS", {**SMS, "TO": to})
            writer.write(request_bytes(body, keep=True))
        answered = [Reply(await read_response(reader))["TO"] for _ in numbers]
        writer.close()
        assert answered == numbers == [delivery.to for delivery in sim.deliveries]


async def test_many_connections_at_once_are_counted_by_one_limit() -> None:
    async with Simulator(rate=15) as sim:
        body = document(sim, "sendSMS", SMS)
        replies = await asyncio.gather(*(post(sim, body) for _ in range(60)))
        accepted = sum(reply.code == "accepted" for reply in replies)
        assert accepted == len(sim.deliveries)
        assert accepted + sim.refused_for_rate == 60
        assert 15 <= accepted < 60
        assert sim.worst_second == 15


async def test_only_post_is_served_and_only_at_the_services_address() -> None:
    async with Simulator() as sim:
        assert (await _status(sim, b"GET /skycore/ HTTP/1.1")) == 405
        assert (await _status(sim, b"POST /skycore HTTP/1.1")) == 200
        assert (await _status(sim, b"POST /other/ HTTP/1.1")) == 404
        assert (await post_raw(sim, b"x" * (4 * 1024 * 1024 + 1))).status == 413


async def _status(sim: Simulator, line: bytes) -> int:
    reader, writer = await connect(sim)
    writer.write(line + b"\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
    response = await read_response(reader)
    writer.close()
    return response.status


async def test_closing_is_quick_and_leaves_nothing_whatever_is_open() -> None:
    before = asyncio.all_tasks()
    async with Simulator(faults=[Fault(kind="stall", times=None)]) as sim:
        idle, busy = await connect(sim), await connect(sim)
        busy[1].write(request_bytes(document(sim, "sendSMS", SMS)))
        while not sim.deliveries:
            await asyncio.sleep(0.005)
        start = time.monotonic()
    assert time.monotonic() - start < 1
    assert asyncio.all_tasks() == before
    for reader, writer in (idle, busy):
        assert await reader.read() == b""
        writer.close()
    with pytest.raises(ConnectionRefusedError):
        await connect(sim)


async def test_a_simulator_opens_again_at_the_same_port_with_the_same_ledger() -> None:
    sim = Simulator()
    for opened in (1, 2):
        async with sim:
            found = port(sim)
            await post(sim, document(sim, "sendSMS", SMS))
            assert len(sim.calls) == opened
    assert port(sim) == found


async def test_a_port_in_use_is_an_error_and_opening_twice_is_one() -> None:
    async with Simulator() as sim:
        with pytest.raises(OSError, match=r".+"):
            async with Simulator(port=port(sim)):
                pass
        with pytest.raises(RuntimeError, match="open already"):
            await sim.__aenter__()


async def test_nothing_of_a_call_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with Simulator() as sim:
        await post(sim, document(sim, "sendSMS", SMS))
    names = {record.name for record in caplog.records} - {"asyncio"}
    assert not names


async def test_each_direction_takes_its_latency() -> None:
    sim = Simulator(latency=0.05)
    request = HttpRequest(
        "POST", sim.url, {"content-type": "text/xml"}, document(sim, "sendSMS", SMS)
    )
    start = time.monotonic()
    await sim.transport().exchange(request, lambda: None)
    assert time.monotonic() - start >= 0.1
    assert 0.05 <= sim.calls[0].at <= time.monotonic() - start - 0.05 + 0.001


def test_delays_are_latency_jitter_and_now_and_then_a_tail() -> None:
    path = Path(Shape(latency=1, jitter=0.5, tail=(0.1, 10)), seed=7)
    delays = [path.delay() for _ in range(2000)]
    late = [delay for delay in delays if delay >= 10]
    assert 120 < len(late) < 280
    assert all(1 <= delay <= 1.5 or 11 <= delay <= 11.5 for delay in delays)
    again = Path(Shape(latency=1, jitter=0.5, tail=(0.1, 10)), seed=7)
    assert [again.delay() for _ in range(2000)] == delays
    assert Path(Shape()).delay() == 0


async def test_what_has_left_arrives_although_the_caller_gave_up() -> None:
    sim = Simulator(latency=0.05)
    transport = sim.transport()
    request = HttpRequest(
        "POST", sim.url, {"content-type": "text/xml"}, document(sim, "sendSMS", SMS)
    )
    call = asyncio.create_task(transport.exchange(request, lambda: None))
    await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not sim.deliveries
    while not sim.deliveries:
        await asyncio.sleep(0.005)
    await transport.aclose()


async def test_a_caller_who_gives_up_before_a_held_call_is_looked_at_was_not_served() -> None:
    sim = Simulator(faults=[Fault(kind="stall_before", seconds=60)])
    transport = sim.transport()
    before = asyncio.all_tasks()
    request = HttpRequest(
        "POST", sim.url, {"content-type": "text/xml"}, document(sim, "sendSMS", SMS)
    )
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(transport.exchange(request, lambda: None), 0.05)
    while asyncio.all_tasks() != before:
        await asyncio.sleep(0.005)
    assert not sim.deliveries
    assert not sim.calls


async def test_closing_a_transport_ends_what_is_under_way() -> None:
    sim = Simulator(faults=[Fault(kind="stall", seconds=60)])
    transport = sim.transport()
    request = HttpRequest(
        "POST", sim.url, {"content-type": "text/xml"}, document(sim, "sendSMS", SMS)
    )
    call = asyncio.create_task(transport.exchange(request, lambda: None))
    while not sim.deliveries:
        await asyncio.sleep(0.005)
    await transport.aclose()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_in_a_thread_it_serves_any_loop_and_ends_with_its_block() -> None:
    threads = threading.active_count()
    with in_thread(Simulator()) as sim:
        assert (await post(sim, document(sim, "sendSMS", SMS))).code == "accepted"
        request = HttpRequest(
            "POST", sim.url, {"content-type": "text/xml"}, document(sim, "sendSMS", SMS)
        )
        await sim.transport().exchange(request, lambda: None)
        assert len(sim.deliveries) == 2
    assert threading.active_count() == threads


async def test_in_a_thread_a_port_in_use_is_an_error_of_the_caller() -> None:
    async with Simulator() as sim:
        with pytest.raises(OSError, match=r".+"), in_thread(Simulator(port=port(sim))):
            pass


def test_in_a_thread_whatever_fails_at_the_start_is_raised_at_once() -> None:
    start = time.monotonic()
    sim = Simulator(tls=True)  # type: ignore[arg-type] # that is the point
    for _ in range(2):  # it was not left half open either
        with pytest.raises(TypeError, match="SSLContext"), in_thread(sim):
            pass
    assert time.monotonic() - start < 5


async def test_serving_for_ever_ends_when_cancelled() -> None:
    async def serve() -> None:
        async with sim:
            await sim.serve_forever()

    sim = Simulator()
    task = asyncio.create_task(serve())
    while not port(sim):
        await asyncio.sleep(0.005)
    assert (await post(sim, document(sim, "sendSMS", SMS))).code == "accepted"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_idle_connection_is_closed_after_its_time() -> None:
    async with Simulator(keep_alive=0.05) as sim:
        reader, writer = await connect(sim)
        writer.write(request_bytes(document(sim, "sendSMS", SMS), keep=True))
        await read_response(reader)
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()


@pytest.mark.parametrize("kind", [None, "drop_after", "close_after"])
async def test_it_speaks_tls_and_breaks_such_connections_too(kind: str | None) -> None:
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    faults = [Fault(kind=kind)] if kind else []
    async with Simulator(tls=server, faults=faults) as sim:
        assert sim.url.startswith("https://127.0.0.1:")
        reader, writer = await asyncio.open_connection("127.0.0.1", port(sim), ssl=client)
        writer.write(request_bytes(document(sim, "sendSMS", SMS)))
        try:
            answer = await asyncio.wait_for(reader.read(), 10)
        except ConnectionResetError:
            answer = b"reset"
        assert (b"Success" in answer) is (kind is None)
        assert (answer == b"reset") is (kind == "drop_after")
        assert len(sim.deliveries) == 1
        writer.close()


def test_the_service_value_carries_key_address_and_rate() -> None:
    sim = Simulator(rate=7)
    service = sim.skycore()
    assert (service.url, service.rate) == (sim.url, Rate(7))
    assert service.api_key == sim.accounts[0].key
    assert sim.skycore(rate=3).rate == Rate(3)


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts go another way there")
async def test_running_from_a_program_prints_nothing_and_ends_on_an_interrupt() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = free.getsockname()[1]
    code = f"from mmsclient.simulator import *; run(Simulator(port={found}))"
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=pipe, stderr=pipe
    )
    sim = Simulator(port=found)
    while (answered := await _reached(sim)) is None:
        assert process.returncode is None
        await asyncio.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()
    assert answered == "E104"
    assert out == b""
    assert b"KeyboardInterrupt" in err


async def _reached(sim: Simulator) -> str | None:
    try:
        return (await post(sim, document(sim, "sendSMS", SMS))).code
    except ConnectionRefusedError:
        return None


async def test_another_server_may_serve_it_but_cannot_break_connections() -> None:
    sim = Simulator()
    transport = httpx.ASGITransport(app=sim.asgi)
    headers = {"content-type": "text/xml"}
    async with httpx.AsyncClient(transport=transport, headers=headers) as client:
        answer = await client.post(sim.url, content=document(sim, "sendSMS", SMS))
        assert b"Success" in answer.content
        sim.faults.add(Fault(kind="drop_after"))
        with pytest.raises(RuntimeError, match="own server"):
            await client.post(sim.url, content=document(sim, "sendSMS", SMS))


async def test_a_caller_without_an_address_is_refused_where_addresses_are_checked() -> None:
    sim = Simulator(accounts=[Account(allow=["127.0.0.1"])])
    transport = httpx.ASGITransport(app=sim.asgi, client=("testclient", 1))
    async with httpx.AsyncClient(transport=transport, headers=XML) as client:
        answer = await client.post(sim.url, content=document(sim, "sendSMS", SMS))
    assert b"E112" in answer.content


async def test_on_ipv6_its_address_is_one_that_can_be_called() -> None:
    assert Simulator(host="::1", port=80).url == "http://[::1]:80/skycore/"
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    async with Simulator(host="::1") as sim, mms.Client(sim.skycore()) as client:
        await client.send(mms.Sms(to="12025550143", sender="70707", text="Hi"))
        assert len(sim.deliveries) == 1


@pytest.mark.parametrize("fault", ["stall", "stall_before", "huge", "drop_after"])
async def test_in_process_a_send_ends_as_it_does_on_sockets(fault: str) -> None:
    terms: dict[str, Any] = {"kind": fault, "seconds": 60}
    if fault == "huge":
        terms = {"kind": "garbage", "body": "huge"}
    ends = []
    bounds = mms.Timeout(read=0.5 if "stall" in fault else 10.0)
    for in_process in (True, False):
        async with Simulator(faults=[Fault(times=None, **terms)]) as sim:
            sockets = mms.HttpxTransport(timeout=bounds)
            transport = sim.transport(timeout=bounds) if in_process else sockets
            async with mms.Client(sim.skycore(), transport=transport) as client:
                with pytest.raises(mms.MMSClientError) as caught:
                    await client.send(mms.Sms(to="12025550143", sender="70707", text="Hi"))
            await sockets.aclose()
            ends.append((type(caught.value), len(sim.deliveries)))
    assert ends == [(mms.NoReplyError, 0 if fault == "stall_before" else 1)] * 2


async def test_in_process_the_bounds_strike_after_leaving() -> None:
    left: list[bool] = []
    sim = Simulator(faults=[Fault(kind="stall", seconds=60)])
    request = HttpRequest("POST", sim.url, XML, document(sim, "sendSMS", SMS))
    with pytest.raises(TimeoutError):
        await sim.transport(timeout=0.05).exchange(request, lambda: left.append(True))
    size = len((await sim.transport().exchange(request, lambda: left.append(True))).body)
    with pytest.raises(ValueError, match="too large"):
        await sim.transport(largest=size - 1).exchange(request, lambda: left.append(True))
    answer = await sim.transport(largest=size).exchange(request, lambda: left.append(True))
    assert len(answer.body) == size
    assert (len(left), len(sim.deliveries)) == (4, 4)


def test_in_process_the_bounds_are_those_that_clients_keep() -> None:
    from mmsclient.engine.transport import LARGEST_ANSWER
    from mmsclient.simulator.doors.inprocess import InProcess

    transport = Simulator().transport()
    assert isinstance(transport, InProcess)
    assert (transport._wait, transport._largest) == (mms.Timeout().read, LARGEST_ANSWER)


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413)])
async def test_a_request_may_be_as_large_in_process_as_on_sockets(more: int, status: int) -> None:
    body = b"x" * (4 * 1024 * 1024 + more)
    async with Simulator() as sim:
        request = HttpRequest("POST", sim.url, XML, body)
        assert (await sim.transport().exchange(request, lambda: None)).status == status
        assert (await post_raw(sim, body)).status == status


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "skycore/", 405), ("POST", "other/", 404)]
)
async def test_in_process_the_same_addresses_and_methods_are_served(
    method: str, path: str, status: int
) -> None:
    request = HttpRequest(method, f"http://127.0.0.1/{path}")
    assert (await Simulator().transport().exchange(request, lambda: None)).status == status
