"""A receiver of postbacks on a real socket, that answers as it is told."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs
from servers import Server, request, serve, whole

from mmsclient.wire import RawPostback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


async def until(done: Callable[[], object]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 10
    while not done():
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


@attrs.define
class Receiver:
    """What came, and on how many connections."""

    server: Server
    raws: list[RawPostback] = attrs.field(factory=list)
    paths: list[str] = attrs.field(factory=list)

    @property
    def url(self) -> str:
        return self.server.url


def parsed(data: bytes) -> tuple[str, RawPostback]:
    """Return the path of a request, and what a receiver keeps of it."""
    head, _, body = data.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = line.split(" ")
    headers = dict(one.split(": ", 1) for one in lines)
    parts = urlsplit(target)
    return parts.path, RawPostback(method, parts.query, headers, body)


@asynccontextmanager
async def receiving(*statuses: int) -> AsyncIterator[Receiver]:
    """Take postbacks: answer with these statuses in turn, then with 200; 0 closes unanswered."""
    due = list(statuses)

    async def behave(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        while True:
            path, raw = parsed(await request(reader, seen))
            receiver.paths.append(path)
            receiver.raws.append(raw)
            status = due.pop(0) if due else 200
            if not status:
                return
            writer.write(whole(b"", status=f"{status} X"))
            await writer.drain()

    async with serve(behave) as server:
        receiver = Receiver(server)
        yield receiver
