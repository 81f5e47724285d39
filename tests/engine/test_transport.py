"""The httpx transport against real sockets: what it sends, keeps, gives up and says."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import zlib
from random import Random
from typing import TYPE_CHECKING

import pytest
import trustme
from fakes import PlainService, sms
from servers import Server, answering, listen, once, request, serve, slam, whole

from mmsclient.client import Client
from mmsclient.engine.retry import RetryPolicy
from mmsclient.engine.transport import HttpxTransport, proxy_for
from mmsclient.errors import CallError, ConnectionFailedError, NoReplyError
from mmsclient.wire import HttpRequest, HttpResponse, Timeout

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from servers import Behaviour


@pytest.fixture
async def transport() -> AsyncIterator[HttpxTransport]:
    transport = HttpxTransport(timeout=Timeout(connect=5, write=5, read=5), largest_answer=1000)
    yield transport
    await transport.aclose()


def post(url: str, body: bytes = b"body") -> HttpRequest:
    return HttpRequest("POST", url, {"Content-Type": "text/xml; charset=utf-8"}, body)


async def exchange(transport: HttpxTransport, url: str) -> HttpResponse:
    return await transport.exchange(post(url), lambda: None)


async def test_it_sends_what_it_is_given_and_returns_the_whole_answer(
    transport: HttpxTransport,
) -> None:
    async with serve(answering(b"fine", "X-Odd: yes")) as server:
        left: list[int] = []
        response = await transport.exchange(
            post(server.url), lambda: left.append(len(server.requests))
        )
    assert (response.status, response.body, response.headers["x-odd"]) == (200, b"fine", "yes")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST / HTTP/1.1\r\n")
    assert b"text/xml; charset=utf-8" in head
    assert body == b"body"
    assert left == [0]


async def failure(behave: Behaviour, *, tls: bool = False, timeout: float = 5.0) -> CallError:
    """Send one message to a server that misbehaves; return what was raised."""
    authority = trustme.CA()
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(inside)
    outside = ssl.create_default_context()
    authority.configure_trust(outside)
    bounds = Timeout(connect=timeout, read=timeout, total=30)
    async with serve(behave, tls=inside if tls else None) as server:
        url = server.tls_url if tls else server.url
        transport = HttpxTransport(timeout=bounds, ssl_context=outside, largest_answer=10_000)
        retry = RetryPolicy(attempts=2, first_wait=0.01)
        async with Client(PlainService(url=url), transport=transport, retry=retry) as client:
            with pytest.raises(CallError) as caught:
                await client.send(sms())
            assert client.stats.attempts == (1 if caught.value.may_have_happened else 2)
    return caught.value


async def test_a_refused_connection_sent_nothing() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        async with Client(PlainService(url=url), timeout=2.0) as client:
            with pytest.raises(ConnectionFailedError) as caught:
                await client.send(sms())
    assert caught.value.transient


async def stall(reader: asyncio.StreamReader, _: asyncio.StreamWriter, __: Server) -> None:
    await reader.read()


async def test_a_connection_dropped_in_the_tls_handshake_sent_nothing() -> None:
    async with serve(slam) as server:
        outside = ssl.create_default_context()
        transport = HttpxTransport(ssl_context=outside)
        async with Client(PlainService(url=server.tls_url), transport=transport) as client:
            with pytest.raises(ConnectionFailedError) as caught:
                await client.send(sms(), timeout=2.0)
    assert (caught.value.transient, caught.value.may_have_happened) == (True, False)
    assert server.connections >= 2


async def test_a_tls_handshake_that_stalls_sent_nothing() -> None:
    async with serve(stall) as server:
        transport = HttpxTransport(timeout=Timeout(connect=0.2))
        async with Client(PlainService(url=server.tls_url), transport=transport) as client:
            with pytest.raises(ConnectionFailedError):
                await client.send(sms(), timeout=1.0)


async def test_an_untrusted_certificate_is_no_matter_for_repeats() -> None:
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(inside)
    async with (
        serve(answering(), tls=inside) as server,
        Client(PlainService(url=server.tls_url)) as client,
    ):
        with pytest.raises(ConnectionFailedError, match="certificate is not trusted") as caught:
            await client.send(sms())
        assert client.stats.attempts == 1
    assert (caught.value.transient, caught.value.may_have_happened) == (False, False)
    assert server.requests == []


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize(
    "behave",
    [
        once(b""),
        once(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbroken off"),
        once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbro"),
        once(b"no HTTP at all\r\n\r\n"),
        once(whole(b"x" * 20_000)),
        once(whole(gzip.compress(bytes(50_000_000)), "Content-Encoding: gzip")),
        once(whole(gzip.compress(b"cut short")[:-9], "Content-Encoding: gzip")),
        once(whole(b"not gzip", "Content-Encoding: gzip")),
        once(whole(b"?", "Content-Encoding: br")),
        once(whole(gzip.compress(b"fine") + bytes(50_000), "Content-Encoding: gzip")),
    ],
    ids=[
        "closed",
        "broken off",
        "chunk broken off",
        "no http",
        "oversized",
        "bomb",
        "gzip cut",
        "no gzip",
        "unknown encoding",
        "behind the end",
    ],
)
async def test_no_whole_answer_after_leaving_is_unknown_and_not_repeated(
    behave: Behaviour,
    tls: bool,
) -> None:
    error = await failure(behave, tls=tls)
    assert isinstance(error, NoReplyError)
    assert (error.transient, error.may_have_happened, error.concerns) == (True, True, "connection")


async def test_a_read_time_out_is_unknown() -> None:
    assert isinstance(await failure(listen, timeout=0.2), NoReplyError)


async def test_a_missing_client_certificate_is_unknown_since_it_shows_after_writing() -> None:
    authority = trustme.CA()
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inside.minimum_version = ssl.TLSVersion.TLSv1_3
    inside.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(inside)
    authority.issue_cert("localhost").configure_cert(inside)
    outside = ssl.create_default_context()
    authority.configure_trust(outside)
    async with serve(answering(), tls=inside) as server:
        transport = HttpxTransport(ssl_context=outside)
        async with Client(PlainService(url=server.tls_url), transport=transport) as client:
            with pytest.raises(NoReplyError):
                await client.send(sms())
            assert client.stats.attempts == 1


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress(b"fine")), ("deflate", zlib.compress(b"fine")), ("identity", b"fine")],
)
async def test_compressed_answers_are_read(
    transport: HttpxTransport, encoding: str, packed: bytes
) -> None:
    async with serve(answering(packed, f"Content-Encoding: {encoding}")) as server:
        assert (await exchange(transport, server.url)).body == b"fine"


async def test_redirects_are_not_followed_and_cookies_not_kept(transport: HttpxTransport) -> None:
    headers = ("Location: /elsewhere", "Set-Cookie: id=1; Path=/")
    async with serve(answering(b"", *headers, status="302 Found")) as server:
        for _ in range(2):
            assert (await exchange(transport, server.url)).status == 302
    assert len(server.requests) == 2
    assert not any(b"cookie" in sent.lower() for sent in server.requests)


async def test_one_connection_serves_calls_in_turn(transport: HttpxTransport) -> None:
    async with serve(answering()) as server:
        for _ in range(10):
            await exchange(transport, server.url)
    assert server.connections == 1


async def test_no_more_connections_are_opened_than_calls_are_under_way(
    transport: HttpxTransport,
) -> None:
    async def slow(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        while True:
            await request(reader, seen)
            await asyncio.sleep(0.02)
            writer.write(whole(b"fine"))

    async with serve(slow) as server:
        turns = asyncio.Semaphore(30)

        async def one() -> None:
            async with turns:
                await exchange(transport, server.url)

        await asyncio.gather(*(one() for _ in range(300)))
    assert len(server.requests) == 300
    assert server.connections <= 30


async def test_a_kept_connection_that_the_service_gave_up_is_not_used() -> None:
    async def one_each(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        await request(reader, seen)
        writer.write(whole(b"fine"))
        await writer.drain()

    async with serve(one_each) as server, Client(PlainService(url=server.url)) as client:
        for number in range(1, 20):
            await client.send(sms())
            while server.closed < number:
                await asyncio.sleep(0.001)
            # The end of the connection has been sent: one more turn and it has arrived.
            await asyncio.sleep(0.005)
        assert client.stats.attempts == 19


async def test_idle_connections_go_a_second_before_the_service_says_so(
    transport: HttpxTransport,
) -> None:
    async with serve(answering(b"", "Keep-Alive: timeout=1, max=100")) as server:
        for _ in range(3):
            await exchange(transport, server.url)
    assert server.connections >= 2


async def test_a_cancelled_exchange_closes_its_connection(transport: HttpxTransport) -> None:
    async with serve(listen) as server:
        task = asyncio.create_task(exchange(transport, server.url))
        while not server.requests:
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with asyncio.timeout(5):
            while not server.closed:
                await asyncio.sleep(0.001)


async def test_any_number_of_cancelled_calls_leaves_the_transport_in_order() -> None:
    async def slow(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        while True:
            await request(reader, seen)
            await asyncio.sleep(0.002)
            writer.write(whole(b"fine"))

    random = Random(20261120)
    async with (
        serve(slow) as server,
        Client(PlainService(url=server.url), rate=100_000, connections=16) as client,
    ):
        for _ in range(60):
            sends = [asyncio.create_task(client.send(sms())) for _ in range(16)]
            await asyncio.sleep(random.random() * 0.004)
            for task in sends:
                task.cancel()
            await asyncio.gather(*sends, return_exceptions=True)
        assert len(await asyncio.gather(*(client.send(sms()) for _ in range(32)))) == 32
        assert server.connections - server.closed <= 16


async def test_idle_pools_given_up_together_take_no_answer_with_them(
    transport: HttpxTransport,
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


async def test_bounds_given_for_one_call_are_kept() -> None:
    async with serve(listen) as server, Client(PlainService(url=server.url)) as client:
        with pytest.raises(NoReplyError, match="ReadTimeout"):
            await client.send(sms(), timeout=Timeout(read=0.1, total=30.0))


async def test_a_closed_transport_opens_nothing(transport: HttpxTransport) -> None:
    async with serve(answering()) as server:
        await transport.aclose()
        with pytest.raises(RuntimeError, match="closed"):
            await exchange(transport, server.url)
    assert server.connections == 0


async def test_a_cancelled_tls_handshake_closes_its_connection(transport: HttpxTransport) -> None:
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
        async with asyncio.timeout(5):
            while not server.closed:
                await asyncio.sleep(0.001)


async def test_loopback_is_reached_directly_whatever_proxy_the_environment_names(
    transport: HttpxTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "direct.example.net")
    async with serve(answering()) as server:
        assert (await exchange(transport, server.url)).body == b"fine"
    assert proxy_for("https://api.example.net/x") == "http://127.0.0.1:9"
    assert proxy_for("https://direct.example.net/x") is None
    assert proxy_for("http://localhost:8000/") is None


async def test_a_proxy_that_refuses_to_connect_sent_nothing(
    transport: HttpxTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve(answering(b"", status="503 Busy")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        left: list[bool] = []
        with pytest.raises(Exception, match="503"):
            await transport.exchange(post("https://api.example.net/"), lambda: left.append(True))
    assert proxy.requests[0].startswith(b"CONNECT api.example.net:443 ")
    assert left == []
