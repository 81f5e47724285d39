"""What each transport does with its connections: keeps, checks, gives up, never uses twice."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from fakes import PlainService, sms
from servers import Server, answering, listen, once, request, serve, whole
from transports import asking, exchange, raised, tls

from mmsclient.client import Client
from mmsclient.wire import Timeout, Transport

if TYPE_CHECKING:
    from servers import Behaviour
    from transports import Make

OPEN_FILES = Path("/proc/self/fd")


def open_files() -> int:
    return len(list(OPEN_FILES.iterdir()))


def slow(seconds: float) -> Behaviour:
    """Answer every request after *seconds*."""

    async def behave(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        while True:
            await request(reader, seen)
            await asyncio.sleep(seconds)
            writer.write(whole(b"fine"))

    return behave


async def until_closed(server: Server, count: int = 1) -> None:
    async with asyncio.timeout(5):
        while server.closed < count:
            await asyncio.sleep(0.001)


@pytest.mark.parametrize(
    "headers", [(), ("Keep-Alive: timeout=30",), ("Upgrade: h2c", "Connection: Upgrade")]
)
async def test_one_connection_serves_calls_in_turn(
    transport: Transport, headers: tuple[str, ...]
) -> None:
    async with serve(answering(b"fine", *headers)) as server:
        for _ in range(10):
            await exchange(transport, server.url)
    assert server.connections == 1


async def test_no_more_connections_are_opened_than_calls_are_under_way(
    transport: Transport,
) -> None:
    async with serve(slow(0.02)) as server:
        turns = asyncio.Semaphore(30)

        async def one() -> None:
            async with turns:
                await exchange(transport, server.url)

        await asyncio.gather(*(one() for _ in range(300)))
    assert len(server.requests) == 300
    assert server.connections <= 30


async def test_ninety_calls_at_once_each_have_a_connection(transport: Transport) -> None:
    async with serve(slow(0.3)) as server:
        await asyncio.gather(*(exchange(transport, server.url) for _ in range(90)))
    assert server.most_open == 90


async def test_a_kept_connection_that_the_service_gave_up_is_not_used(make: Make) -> None:
    async with (
        serve(once(whole(b"fine"))) as server,
        Client(PlainService(url=server.url), transport=make()) as client,
    ):
        for number in range(1, 20):
            await client.send(sms())
            await until_closed(server, number)
            # The end of the connection has been sent: one more turn and it has arrived.
            await asyncio.sleep(0.005)
        assert client.stats.attempts == 19


@pytest.mark.parametrize("last_words", [b"", whole(b"bye", status="408 Request Timeout")])
async def test_the_end_of_a_kept_connection_is_seen_though_the_loop_had_no_time(
    transport: Transport, last_words: bytes
) -> None:
    now, done = threading.Event(), threading.Event()

    def serve_two(listener: socket.socket) -> None:
        for number in (b"1", b"2"):
            taken, _ = listener.accept()
            while b"body" not in taken.recv(10_000):
                pass
            taken.sendall(whole(number))
            now.wait(5)
            taken.sendall(last_words)
            taken.close()
            done.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve_two, args=(listener,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        assert (await exchange(transport, url)).body == b"1"
        now.set()
        done.wait(5)
        assert (await exchange(transport, url)).body == b"2"
        thread.join(5)


@pytest.mark.parametrize("pause", [0.0, 0.01])
async def test_what_nobody_asked_for_answers_nothing(transport: Transport, pause: float) -> None:
    async def talkative(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        mine = whole(b"answer %d" % seen.connections)
        more = whole(b"nobody asked", status="408 Request Timeout")
        while True:
            await request(reader, seen)
            writer.write(mine if pause else mine + more)
            await asyncio.sleep(pause)
            writer.write(more)

    async with serve(talkative) as server:
        for number in range(1, 4):
            assert (await exchange(transport, server.url)).body == b"answer %d" % number
            await asyncio.sleep(2 * pause)


async def test_idle_connections_go_a_second_before_the_service_says_so(
    transport: Transport,
) -> None:
    async with serve(answering(b"", "Keep-Alive: timeout=1, max=100")) as server:
        for _ in range(3):
            await exchange(transport, server.url)
    assert server.connections >= 2


async def test_what_the_service_says_of_idle_connections_takes_no_answer_with_it(
    transport: Transport,
) -> None:
    async def behave(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        while True:
            await request(reader, seen)
            header = "Keep-Alive: timeout=2" if len(seen.requests) == 24 else "X-Odd: yes"
            await asyncio.sleep(0.01)
            writer.write(whole(b"fine", header))

    async with serve(behave) as server:
        for width in (24, 6, 24):
            answers = await asyncio.gather(*(exchange(transport, server.url) for _ in range(width)))
            assert len(answers) == width


async def test_a_connection_that_the_answer_gives_up_is_closed(transport: Transport) -> None:
    async with serve(answering(b"fine", "Connection: close")) as server:
        for _ in range(3):
            await exchange(transport, server.url)
        await until_closed(server, 3)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize("reset", [False, True])
async def test_nothing_is_sent_again_where_a_kept_connection_breaks(
    transport: Transport, method: str, reset: bool
) -> None:
    async def second_breaks(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        await request(reader, seen)
        writer.write(whole(b"fine" if method != "HEAD" else b""))
        await request(reader, seen)
        if not reset:
            writer.write_eof()

    left: list[int] = []
    body = b"" if method in {"GET", "HEAD", "DELETE", "OPTIONS"} else b"body"
    async with serve(second_breaks) as server:
        asked = asking(server.url, method, body)
        await transport.exchange(asked, lambda: left.append(1))
        await raised(transport, asked, lambda: left.append(2))
        await until_closed(server)
    assert left == [1, 2]
    assert len(server.requests) == 2
    assert server.connections == 1


async def test_answers_that_are_refused_leave_no_connection_behind(transport: Transport) -> None:
    async def endless(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        await request(reader, seen)
        kind = ("Content-Encoding: br", "X: y")[len(seen.requests) % 2]
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n{kind}\r\n\r\n".encode())
        for _ in range(100):
            writer.write(bytes(10_000))
        await reader.read()

    async with serve(endless) as server:
        for number in range(1, 31):
            error = await raised(transport, asking(server.url))
            assert type(error).__name__ == "OversizedError"
            await until_closed(server, number)
    assert server.most_open == 1


async def test_a_connection_that_changes_its_protocol_is_closed(transport: Transport) -> None:
    async def switch(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        await request(reader, seen)
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
        )
        await reader.read()

    async with serve(switch) as server:
        await raised(transport, asking(server.url))
        await until_closed(server)


async def test_a_cancelled_exchange_closes_its_connection(transport: Transport) -> None:
    async with serve(listen) as server:
        task = asyncio.create_task(exchange(transport, server.url))
        while not server.requests:
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await until_closed(server)


@pytest.mark.skipif(not OPEN_FILES.exists(), reason="this system does not list open files")
@pytest.mark.parametrize("secure", [False, True])
async def test_a_request_that_is_cancelled_half_written_goes_no_further(
    make: Make, secure: bool
) -> None:
    async def deaf(_: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # it reads and writes
        await asyncio.sleep(30)

    inside, outside = tls()
    async with serve(deaf, tls=inside if secure else None) as server:
        transport = make(ssl_context=outside)
        asked = asking(server.tls_url if secure else server.url, body=bytes(20_000_000))
        tasks = [asyncio.create_task(transport.exchange(asked, lambda: None)) for _ in range(5)]
        while server.connections < 5:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.1)
        before = open_files()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(5):
            while open_files() > before - 5:
                await asyncio.sleep(0.001)
        await transport.aclose()


async def test_a_cancelled_tls_handshake_closes_its_connection(transport: Transport) -> None:
    reached = asyncio.Event()

    async def hello(reader: asyncio.StreamReader, _: asyncio.StreamWriter, __: Server) -> None:
        await reader.read(1)
        reached.set()
        await reader.read()

    async with serve(hello) as server:
        task = asyncio.create_task(exchange(transport, server.tls_url))
        await reached.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await until_closed(server)


@pytest.mark.parametrize("secure", [False, True])
async def test_any_number_of_cancelled_calls_leaves_the_transport_in_order(
    make: Make, secure: bool
) -> None:
    random = Random(20261120)
    inside, outside = tls()
    async with serve(slow(0.002), tls=inside if secure else None) as server:
        url = server.tls_url if secure else server.url
        transport = make(ssl_context=outside, timeout=Timeout(connect=2))
        service = PlainService(url=url)
        async with Client(service, transport=transport, rate=100_000, connections=16) as client:
            for _ in range(40):
                sends = [asyncio.create_task(client.send(sms())) for _ in range(16)]
                await asyncio.sleep(random.random() * (0.04 if secure else 0.004))
                for task in sends:
                    task.cancel()
                await asyncio.gather(*sends, return_exceptions=True)
            assert len(await asyncio.gather(*(client.send(sms()) for _ in range(32)))) == 32
            assert server.connections - server.closed <= 16
        await until_closed(server, server.connections)


async def test_closing_ends_what_is_under_way(transport: Transport) -> None:
    async with serve(listen) as server:
        task = asyncio.create_task(raised(transport, asking(server.url)))
        while not server.requests:
            await asyncio.sleep(0.001)
        await transport.aclose()
        async with asyncio.timeout(5):
            await task
        await until_closed(server)
