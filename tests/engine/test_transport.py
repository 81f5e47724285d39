"""Each transport against real sockets: what it sends, takes for an answer, and says of failures."""

from __future__ import annotations

import asyncio
import gzip
import re
import socket
import ssl
import traceback
import zlib
from typing import TYPE_CHECKING

import pytest
import trustme
from fakes import PlainService, sms
from servers import Server, answering, listen, once, request, serve, slam, whole
from transports import EACH, asking, exchange, raised, tls

from mmsclient.client import Client
from mmsclient.engine.retry import RetryPolicy
from mmsclient.errors import CallError, ConnectionFailedError, NoReplyError
from mmsclient.wire import HttpRequest, HttpResponse, Timeout, Transport

if TYPE_CHECKING:
    from servers import Behaviour
    from transports import Make

#: How long repeats wait is the retry's own test.
QUICK = RetryPolicy(first_wait=0.01, longest_wait=0.02)


async def test_it_sends_what_it_is_given_and_returns_the_whole_answer(
    transport: Transport,
) -> None:
    async with serve(answering(b"fine", "X-Odd: yes", "X-Many: 1", "x-many: 2")) as server:
        left: list[int] = []
        response = await transport.exchange(
            asking(server.url), lambda: left.append(len(server.requests))
        )
    assert (response.status, response.body) == (200, b"fine")
    assert (response.headers["x-odd"], response.headers["x-many"]) == ("yes", "1, 2")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST / HTTP/1.1\r\n")
    assert body == b"body"
    assert left == [0]


#: Everything sent beside the request's own headers.
ALWAYS = {"host": "", "accept-encoding": "gzip", "user-agent": "mmsclient"}


@pytest.mark.parametrize(
    ("method", "body", "headers"),
    [
        ("POST", b"body", {"content-type": "text/xml; charset=utf-8", "content-length": "4"}),
        ("POST", b"", {"content-length": "0"}),
        ("PUT", b"", {"content-length": "0"}),
        ("GET", b"", {}),
        ("DELETE", b"", {}),
    ],
)
async def test_no_header_is_sent_but_those_needed(
    transport: Transport, method: str, body: bytes, headers: dict[str, str]
) -> None:
    async with serve(answering()) as server:
        await transport.exchange(asking(server.url, method, body), lambda: None)
    head = server.requests[0].partition(b"\r\n\r\n")[0].decode()
    lines = [line.partition(": ") for line in head.split("\r\n")[1:]]
    sent = [(name.lower(), "" if name.lower() == "host" else value) for name, _, value in lines]
    assert sorted(sent) == sorted({**ALWAYS, **headers}.items())


async def test_headers_of_the_request_go_before_those_of_the_transport(
    transport: Transport,
) -> None:
    async with serve(answering()) as server:
        asked = HttpRequest("POST", server.url, {"User-Agent": "ours"}, b"body")
        await transport.exchange(asked, lambda: None)
    assert re.findall(rb"(?i)user-agent: (.*)\r\n", server.requests[0]) == [b"ours"]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfi\r\n2;x=y\r\nne\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" + whole(b"fine"),
        b"HTTP/1.1 200 OK\r\n\r\nfine",
        b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nfine",
        whole(gzip.compress(b"fine"), "Content-Encoding: gzip"),
        whole(zlib.compress(b"fine"), "Content-Encoding: deflate"),
        whole(b"fine", "Content-Encoding: identity"),
    ],
    ids=["chunked", "1xx before it", "until the end", "1.0", "gzip", "deflate", "identity"],
)
@pytest.mark.parametrize("slowly", [False, True])
async def test_every_way_of_writing_an_answer_is_read(
    transport: Transport, answer: bytes, slowly: bool
) -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server) -> None:
        await request(_, seen)
        for byte in answer:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)

    async with serve(drip if slowly else once(answer)) as server:
        response = await exchange(transport, server.url)
    assert (response.status, response.body) == (200, b"fine")


async def test_an_answer_without_a_body_is_whole(transport: Transport) -> None:
    async with serve(answering(b"", status="204 No Content")) as server:
        for _ in range(2):
            assert await exchange(transport, server.url) == HttpResponse(
                204, {"content-length": "0"}, b""
            )
    assert server.connections == 1


async def test_redirects_are_not_followed_and_cookies_not_kept(transport: Transport) -> None:
    headers = ("Location: /elsewhere", "Set-Cookie: id=1; Path=/")
    async with serve(answering(b"", *headers, status="302 Found")) as server:
        for _ in range(2):
            # By name: a jar may take cookies of names only.
            url = f"http://localhost:{server.port}/"
            assert (await exchange(transport, url)).status == 302
    assert len(server.requests) == 2
    assert not any(b"cookie" in sent.lower() for sent in server.requests)


@pytest.mark.parametrize("secure", [False, True])
async def test_a_large_request_arrives_whole(make: Make, secure: bool) -> None:
    inside, outside = tls()
    body = bytes(range(256)) * 8192
    async with serve(answering(), tls=inside if secure else None) as server:
        transport = make(ssl_context=outside)
        url = server.tls_url if secure else server.url
        await transport.exchange(asking(url, body=body), lambda: None)
        await transport.aclose()
    head, _, arrived = server.requests[0].partition(b"\r\n\r\n")
    assert arrived == body
    assert f"content-length: {len(body)}".encode() in head.lower()


async def failure(
    make: Make, behave: Behaviour, *, secure: bool = False, timeout: float = 5.0
) -> CallError:
    """Send one message to a server that misbehaves; return what was raised."""
    inside, outside = tls()
    bounds = Timeout(connect=timeout, read=timeout, total=30)
    async with serve(behave, tls=inside if secure else None) as server:
        url = server.tls_url if secure else server.url
        transport = make(timeout=bounds, ssl_context=outside, largest_answer=10_000)
        retry = RetryPolicy(attempts=2, first_wait=0.01)
        async with Client(PlainService(url=url), transport=transport, retry=retry) as client:
            with pytest.raises(CallError) as caught:
                await client.send(sms())
            assert client.stats.attempts == (1 if caught.value.may_have_happened else 2)
    return caught.value


async def test_a_refused_connection_sent_nothing(make: Make) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        async with Client(PlainService(url=url), transport=make(), retry=QUICK) as client:
            with pytest.raises(ConnectionFailedError) as caught:
                await client.send(sms())
    assert (caught.value.transient, caught.value.may_have_happened) == (True, False)


async def test_a_name_that_is_not_found_sent_nothing(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    service = PlainService(url="https://api.example.net/")
    async with Client(service, transport=make(), retry=QUICK) as client:
        with pytest.raises(ConnectionFailedError) as caught:
            await client.send(sms())
    assert (caught.value.transient, caught.value.may_have_happened) == (True, False)


async def stall(reader: asyncio.StreamReader, _: asyncio.StreamWriter, __: Server) -> None:
    await reader.read()


async def test_a_connection_dropped_in_the_tls_handshake_sent_nothing(make: Make) -> None:
    async with serve(slam) as server:
        service, transport = PlainService(url=server.tls_url), make()
        async with Client(service, transport=transport, retry=QUICK) as client:
            with pytest.raises(ConnectionFailedError) as caught:
                await client.send(sms())
    assert (caught.value.transient, caught.value.may_have_happened) == (True, False)
    assert server.connections >= 2


async def test_a_tls_handshake_that_stalls_sent_nothing(make: Make) -> None:
    async with serve(stall) as server:
        transport = make(timeout=Timeout(connect=0.1))
        async with Client(PlainService(url=server.tls_url), transport=transport) as client:
            with pytest.raises(ConnectionFailedError):
                await client.send(sms(), timeout=Timeout(connect=0.1, total=0.3))


async def test_an_untrusted_certificate_is_no_matter_for_repeats(make: Make) -> None:
    inside, _ = tls()
    async with (
        serve(answering(), tls=inside) as server,
        Client(PlainService(url=server.tls_url), transport=make()) as client,
    ):
        with pytest.raises(ConnectionFailedError, match="certificate is not trusted") as caught:
            await client.send(sms())
        assert client.stats.attempts == 1
    assert (caught.value.transient, caught.value.may_have_happened) == (False, False)
    assert server.requests == []


async def test_an_untrusted_certificate_is_told_though_another_address_refuses(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, _ = tls("api.example.net")
    async with serve(answering(), tls=inside) as server:

        def two(*_: object, **__: object) -> list[object]:
            kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
            return [(*kind, (host, server.port)) for host in ("127.0.0.1", "127.0.0.2")]

        monkeypatch.setattr(socket, "getaddrinfo", two)
        service = PlainService(url=f"https://api.example.net:{server.port}/")
        async with Client(service, transport=make()) as client:
            with pytest.raises(ConnectionFailedError, match="certificate is not trusted"):
                await client.send(sms())
            assert client.stats.attempts == 1


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize(
    "behave",
    [
        once(b""),
        once(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbroken off"),
        once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbro"),
        once(b"HTTP/1.1 100 Continue\r\n\r\n"),
        once(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nx"),
        once(b"no HTTP at all\r\n\r\n"),
        once(b"HTTP/1.1 200 OK\r\nA: " + b"a" * 200_000),
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
        "1xx and no more",
        "another protocol",
        "no http",
        "endless header",
        "oversized",
        "bomb",
        "gzip cut",
        "no gzip",
        "unknown encoding",
        "behind the end",
    ],
)
async def test_no_whole_answer_after_leaving_is_unknown_and_not_repeated(
    make: Make, behave: Behaviour, secure: bool
) -> None:
    error = await failure(make, behave, secure=secure)
    assert isinstance(error, NoReplyError)
    assert (error.transient, error.may_have_happened, error.concerns) == (True, True, "connection")


async def test_a_reset_in_the_middle_of_a_request_is_unknown(make: Make) -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: Server) -> None:
        await reader.readexactly(1000)
        writer.transport.abort()

    async with serve(reset) as server:
        transport = make(timeout=Timeout(write=5, read=5))
        left: list[bool] = []
        error = await raised(
            transport, asking(server.url, body=bytes(5_000_000)), lambda: left.append(True)
        )
        await transport.aclose()
    assert left == [True]
    assert "Timeout" not in type(error).__name__
    assert server.connections == 1


async def test_a_read_time_out_is_unknown(make: Make) -> None:
    assert isinstance(await failure(make, listen, timeout=0.1), NoReplyError)


@pytest.mark.parametrize("secure", [False, True])
async def test_a_server_that_reads_nothing_is_given_up(make: Make, secure: bool) -> None:
    async def deaf(_: asyncio.StreamReader, writer: asyncio.StreamWriter, __: Server) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # it reads and writes
        await asyncio.sleep(30)

    inside, outside = tls()
    async with serve(deaf, tls=inside if secure else None) as server:
        bounds = Timeout(write=0.1, read=20)
        transport = make(timeout=bounds, ssl_context=outside)
        url = server.tls_url if secure else server.url
        async with asyncio.timeout(10):
            error = await raised(transport, asking(url, body=bytes(20_000_000)))
        await transport.aclose()
    assert "Timeout" in type(error).__name__


async def test_bounds_given_for_one_call_are_kept(make: Make) -> None:
    async with (
        serve(listen) as server,
        Client(PlainService(url=server.url), transport=make()) as client,
    ):
        with pytest.raises(NoReplyError, match=r"ReadTimeout|SocketTimeoutError"):
            await client.send(sms(), timeout=Timeout(read=0.1, total=30.0))


async def test_a_missing_client_certificate_is_unknown_since_it_shows_after_writing(
    make: Make,
) -> None:
    authority = trustme.CA()
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    inside.minimum_version = ssl.TLSVersion.TLSv1_3
    inside.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(inside)
    authority.issue_cert("localhost").configure_cert(inside)
    outside = ssl.create_default_context()
    authority.configure_trust(outside)
    async with serve(answering(), tls=inside) as server:
        transport = make(ssl_context=outside)
        async with Client(PlainService(url=server.tls_url), transport=transport) as client:
            with pytest.raises(NoReplyError):
                await client.send(sms())
            assert client.stats.attempts == 1


NUMBER = "12025550143"


@pytest.mark.parametrize(
    ("scheme", "behave", "size"),
    [
        ("https", slam, 10),
        ("https", listen, 10),
        ("http", listen, 10),
        ("http", slam, 2_000_000),
        ("http", listen, 20_000_000),
        ("http", once(b"no HTTP\r\n\r\n"), 10),
        ("http", once(b"HTTP/1.1 200 OK\r\n\x00: x\r\n\r\n"), 10),
    ],
    ids=["no tls", "slow tls", "silent", "cut off", "deaf", "no http", "bad header"],
)
async def test_no_traceback_shows_the_address_of_a_call(
    make: Make, scheme: str, behave: Behaviour, size: int
) -> None:
    async with serve(behave) as server:
        transport = make(timeout=Timeout(connect=0.1, write=0.1, read=0.1))
        url = f"{scheme}://localhost:{server.port}/{NUMBER}?number={NUMBER}"
        error = await raised(transport, asking(url, body=bytes(size)))
        await transport.aclose()
    assert NUMBER not in "".join(traceback.format_exception(error))


async def test_a_closed_transport_opens_nothing(transport: Transport) -> None:
    async with serve(answering()) as server:
        await transport.aclose()
        with pytest.raises(RuntimeError, match="closed"):
            await exchange(transport, server.url)
        await transport.aclose()
    assert server.connections == 0


def test_each_transport_is_tested() -> None:
    assert [parameter.id for parameter in EACH] == ["httpx", "httpx2", "aiohttp"]
