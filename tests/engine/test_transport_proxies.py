"""Each transport behind a proxy that the environment names."""

from __future__ import annotations

import base64
import sys
from pipes import piping
from typing import TYPE_CHECKING

import pytest
from fakes import PlainService, sms
from servers import Server, answering, request, serve, whole
from transports import asking, exchange, raised, tls

from mmsclient.client import Client
from mmsclient.engine.transport import proxy_for
from mmsclient.errors import ConnectionFailedError

if TYPE_CHECKING:
    import asyncio

    from transports import Make

    from mmsclient.wire import Transport

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take whatever proxy this machine's environment names out of it."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_a_proxy_may_be_named_for_a_scheme_or_for_all_and_kept_from_hosts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("all_proxy", "127.0.0.1:10")
    monkeypatch.setenv("no_proxy", "direct.example.net")
    assert proxy_for("http://api.example.net/x") == "http://127.0.0.1:9"
    assert proxy_for("https://api.example.net/x") == "http://127.0.0.1:10"
    assert proxy_for("https://direct.example.net/x") is None
    assert proxy_for("http://localhost:8000/") is None


async def test_loopback_is_reached_directly_whatever_proxy_the_environment_names(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NAMES[:3]:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with serve(answering()) as server:
        assert (await exchange(transport, server.url)).body == b"fine"


async def test_a_plain_call_goes_through_the_proxy(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve(answering()) as proxy:
        monkeypatch.setenv("http_proxy", f"http://us:er@127.0.0.1:{proxy.port}")
        left: list[int] = []
        for _ in range(2):
            asked = asking("http://api.example.net/x?y=z")
            answer = await transport.exchange(asked, lambda: left.append(len(proxy.requests)))
            assert answer.body == b"fine"
    head = proxy.requests[0].lower()
    assert head.startswith(b"post http://api.example.net/x?y=z http/1.1\r\n")
    assert b"\r\nhost: api.example.net\r\n" in head
    assert base64.b64encode(b"us:er").lower() in head
    assert (left, proxy.connections) == ([0, 1], 1)


async def test_a_call_over_tls_leaves_only_once_the_tunnel_stands(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, outside = tls("api.example.net")
    async with serve(answering(), tls=inside) as service:

        async def tunnel(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
        ) -> None:
            await request(reader, seen)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await piping(service.port)(reader, writer, seen)

        async with serve(tunnel) as proxy:
            monkeypatch.setenv("https_proxy", f"http://us:er@127.0.0.1:{proxy.port}")
            transport = make(ssl_context=outside)
            left: list[tuple[int, int]] = []
            for _ in range(2):
                await transport.exchange(
                    asking("https://api.example.net/"),
                    lambda: left.append((len(proxy.requests), len(service.requests))),
                )
            await transport.aclose()
    assert proxy.requests[0].startswith(b"CONNECT api.example.net:443 HTTP/1.1\r\n")
    assert b"mmsclient" not in proxy.requests[0]
    assert base64.b64encode(b"us:er") in proxy.requests[0]
    assert (left, proxy.connections) == ([(1, 0), (1, 1)], 1)
    assert b"Proxy-Authorization" not in service.requests[0]


@pytest.mark.parametrize("last", [b"", whole(b"", status="503 Busy")], ids=["closed", "busy"])
async def test_a_proxy_that_refuses_to_connect_sent_nothing(
    transport: Transport, monkeypatch: pytest.MonkeyPatch, last: bytes
) -> None:
    async def refuse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        await request(reader, seen)
        writer.write(last)
        await writer.drain()

    async with serve(refuse) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        left: list[bool] = []
        asked = asking("https://api.example.net/private")
        error = await raised(transport, asked, lambda: left.append(True))
    assert proxy.requests[0].startswith(b"CONNECT api.example.net:443 ")
    assert left == []
    assert ("503" in str(error)) == (last != b"")
    assert "private" not in str(error)


async def test_a_tunnel_without_tls_behind_it_sent_nothing(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def tunnel(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        await request(reader, seen)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await reader.read(1)

    async with serve(tunnel) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        left: list[bool] = []
        await raised(transport, asking("https://api.example.net/"), lambda: left.append(True))
    assert left == []


@pytest.mark.parametrize("proxy", ["ftp://127.0.0.1:9", "socks5://127.0.0.1:9"])
async def test_a_proxy_that_cannot_be_used_is_no_matter_for_repeats(
    make: Make, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv("https_proxy", proxy)
    service = PlainService(url="https://api.example.net/")
    async with Client(service, transport=make()) as client:
        with pytest.raises(ConnectionFailedError, match="the proxy named in the environment"):
            await client.send(sms())
        assert client.stats.attempts == 1
