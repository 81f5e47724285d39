"""What is particular to one transport or to the library under it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from random import Random
from typing import TYPE_CHECKING

import pytest
from servers import Server, answering, request, serve, whole
from transports import MAKERS, asking, exchange

import mmsclient as mms
from mmsclient.engine.over_httpx import HttpxTransport, _Pool

if TYPE_CHECKING:
    from transports import Make


def test_only_known_libraries_are_taken() -> None:
    with pytest.raises(ValueError, match="'httpx' or 'httpx2'"):
        HttpxTransport(library="requests")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("package", "extra", "make"),
    [
        ("httpx2", "httpx2", MAKERS["httpx2"]),
        ("aiohttp", "fast", MAKERS["aiohttp"]),
    ],
)
def test_a_missing_package_is_told_with_the_extra_that_has_it(
    monkeypatch: pytest.MonkeyPatch, package: str, extra: str, make: Make
) -> None:
    for name in ("aiohttp_carrier", "aiohttp_connections"):
        monkeypatch.delitem(sys.modules, f"mmsclient.engine.{name}", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModuleNotFoundError, match=rf"{package}.*mmsclient\[{extra}\]") as caught:
        make()
    assert caught.value.name == package


@pytest.mark.parametrize(
    ("kind", "package", "making"),
    [
        ("httpx2", "idna", "HttpxTransport(library='httpx2')"),
        ("aiohttp", "multidict", "AiohttpTransport()"),
    ],
)
def test_what_else_is_missing_is_told_as_it_is(kind: str, package: str, making: str) -> None:
    pytest.importorskip(kind)
    script = f"import sys, mmsclient; sys.modules[{package!r}] = None; mmsclient.{making}"
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert shown.stderr.splitlines()[-1].startswith(f"ModuleNotFoundError: import of {package}")


@pytest.mark.parametrize("kind", ["httpx", "httpx2"])
async def test_a_pool_goes_on_after_cancellations_only_where_it_survives_them(kind: str) -> None:
    pytest.importorskip(kind)

    async def slow(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        while True:
            await request(reader, seen)
            await asyncio.sleep(0.001)
            writer.write(whole(b"fine")[:-2])
            await asyncio.sleep(0.001)
            writer.write(b"ne")

    random = Random(20261121)
    transport = MAKERS[kind]()
    pools: set[_Pool] = set()
    async with serve(slow) as server:
        for _ in range(60):
            tasks = [asyncio.create_task(exchange(transport, server.url)) for _ in range(8)]
            await asyncio.sleep(random.random() * 0.006)
            pools |= set(transport._pools)  # type: ignore[attr-defined]  # HttpxTransport's own
            for task in tasks:
                task.cancel()
            for _ in range(random.randrange(5)):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if kind == "httpx":
            assert len(pools) > 30
        else:
            (pool,) = pools
            answers = [exchange(transport, server.url) for _ in range(8)]
            assert len(await asyncio.gather(*answers)) == 8
            assert [pool] == transport._pools  # type: ignore[attr-defined]  # HttpxTransport's own
        await transport.aclose()


def test_a_transport_on_aiohttp_belongs_to_one_loop() -> None:
    transport = MAKERS["aiohttp"]()

    async def first() -> int:
        async with serve(answering()) as server:
            for _ in range(2):
                await exchange(transport, server.url)
            return server.connections

    async def second() -> None:
        async with serve(answering()) as server:
            with pytest.raises(RuntimeError, match="AiohttpTransport belongs to another event"):
                await exchange(transport, server.url)

    async def both() -> None:
        assert await first() == 1
        await asyncio.to_thread(asyncio.run, second())
        await transport.aclose()

    asyncio.run(both())


async def test_the_transport_of_a_client_may_be_made_where_no_loop_runs() -> None:
    transport = await asyncio.to_thread(mms.AiohttpTransport)
    async with serve(answering()) as server:
        assert (await exchange(transport, server.url)).body == b"fine"
        await transport.aclose()


async def test_a_call_of_its_own_bounds_keeps_them_on_aiohttp() -> None:
    transport = mms.AiohttpTransport(timeout=30.0)
    async with serve(answering()) as server:
        for bounds in (mms.Timeout(), mms.Timeout(read=1), None):
            asked = asking(server.url, timeout=bounds)
            assert (await transport.exchange(asked, lambda: None)).status == 200
        await transport.aclose()
    assert server.connections == 1
