"""Services on 127.0.0.1 that read what they are sent, and then fail in one way."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import struct
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

#: Seconds after which a caller who still waits for an answer is taken to wait for ever.
ENDLESS = 6.0

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@attrs.define
class Seen:
    """What a failing service has seen."""

    url: str
    posts: list[bytes] = attrs.field(factory=list)
    """Every POST that was read to its end, head and body."""
    endless: bool = False
    """Whether a caller waited for an answer longer than ``ENDLESS``."""


#: Is given the two ends of a connection, what was seen, and the answer of a service that is well;
#: returns an answer, or none at all to end the connection.
Failure: TypeAlias = (
    "Callable[[asyncio.StreamReader, asyncio.StreamWriter, Seen, bytes], Awaitable[bytes]]"
)


def whole(body: str, *headers: str, status: str = "200 OK") -> bytes:
    """Return an answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", *headers, "", body]
    return "\r\n".join(lines).encode()


async def _silent(
    reader: asyncio.StreamReader, _: asyncio.StreamWriter, seen: Seen, __: bytes
) -> bytes:
    try:
        async with asyncio.timeout(ENDLESS):
            await reader.read()
    except TimeoutError:
        seen.endless = True
    return b""


async def _close(*_: object) -> bytes:
    return b""


async def _reset(
    _: asyncio.StreamReader, writer: asyncio.StreamWriter, __: Seen, ___: bytes
) -> bytes:
    # Lingering for no time makes the closing socket send RST instead of FIN.
    linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()
    return b""


async def _broken(*_: object) -> bytes:
    return whole("", status="500 Internal Server Error")


async def _garbage(*_: object) -> bytes:
    return whole("<html>Welcome", "Content-Type: text/html")


async def _throttled_once(
    _: asyncio.StreamReader, __: asyncio.StreamWriter, seen: Seen, well: bytes
) -> bytes:
    if len(seen.posts) > 1:
        return well
    return whole("", "Retry-After: 1", status="429 Too Many Requests")


#: After these the message may have been sent: the service has read it, and may have carried it out.
UNCERTAIN: Mapping[str, Failure] = {
    "no answer": _silent,
    "closed": _close,
    "reset": _reset,
    "500": _broken,
    "garbage": _garbage,
}
#: After these it certainly was not; nobody listens where a connection is refused.
CERTAIN: Mapping[str, Failure | None] = {"429 once": _throttled_once, "refused": None}
FAILURES = {**UNCERTAIN, **CERTAIN}


@asynccontextmanager
async def failing(
    how: str, well: bytes, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Seen]:
    """Open a service that fails in the way *how*: each time, or once where its name says so."""
    failure = FAILURES[how]
    if failure is None:
        with socket.socket() as unheard:
            unheard.bind(("127.0.0.1", 0))  # nobody else gets the port, nobody listens
            yield Seen(_url(unheard, tls))
        return
    talks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a server runs this as a task
        talks[task] = writer
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                while answer := await _answer(failure, reader, writer, seen, well):
                    writer.write(answer)
                    await writer.drain()
        finally:
            del talks[task]
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    seen = Seen(_url(server.sockets[0], tls))
    try:
        yield seen
    finally:
        server.close()
        ending = list(talks)
        for writer in talks.values():
            writer.transport.abort()
        await asyncio.gather(*ending)


async def _answer(
    failure: Failure,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    seen: Seen,
    well: bytes,
) -> bytes:
    """Read one request and return what *failure* answers."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    body = await reader.readexactly(int(length[1]) if length else 0)
    if head.startswith(b"POST "):
        seen.posts.append(head + body)
    return await failure(reader, writer, seen, well)


def _url(listening: socket.socket, tls: ssl.SSLContext | None) -> str:
    return f"http{'s' if tls else ''}://127.0.0.1:{listening.getsockname()[1]}/"
