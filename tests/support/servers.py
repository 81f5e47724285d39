"""Servers on 127.0.0.1 that behave and misbehave byte by byte."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

    Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter, "Server"], Awaitable[None]]


@attrs.define
class Server:
    """What a server has seen."""

    port: int = 0
    connections: int = 0
    closed: int = 0
    requests: list[bytes] = attrs.field(factory=list)
    most_open: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def tls_url(self) -> str:
        return f"https://localhost:{self.port}/"


@asynccontextmanager
async def serve(behave: Behaviour, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Run *behave* for every connection."""
    seen = Server()
    tasks: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        seen.connections += 1
        seen.most_open = max(seen.most_open, seen.connections - seen.closed)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await behave(reader, writer, seen)
        finally:
            seen.closed += 1
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(one, "127.0.0.1", 0, ssl=tls)
    seen.port = server.sockets[0].getsockname()[1]
    try:
        yield seen
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def request(reader: asyncio.StreamReader, seen: Server) -> bytes:
    """Read one request, head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    body = await reader.readexactly(int(length[1])) if length else b""
    seen.requests.append(head + body)
    return head + body


def whole(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def answering(body: bytes = b"fine", *headers: str, status: str = "200 OK") -> Behaviour:
    """Answer every request on a kept-alive connection."""

    async def behave(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        while True:
            await request(reader, seen)
            writer.write(whole(body, *headers, status=status))
            await writer.drain()

    return behave


def once(answer: bytes) -> Behaviour:
    """Read one request, write *answer* and close."""

    async def behave(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        await request(reader, seen)
        writer.write(answer)
        await writer.drain()

    return behave


async def slam(_: asyncio.StreamReader, __: asyncio.StreamWriter, ___: Server) -> None:
    """Close at once."""


async def listen(reader: asyncio.StreamReader, _: asyncio.StreamWriter, seen: Server) -> None:
    """Read everything, answer nothing, until the other side closes."""
    await request(reader, seen)
    await reader.read()
