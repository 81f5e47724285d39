"""Servers for benchmarks: one that costs next to nothing, and the strict simulator."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.simulator import Account, Simulator
from mmsclient.simulator.limits import worst_window

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from benchmarks.frame.benchmark import Figures

#: Opens the simulator's account.
KEY = "k-123"

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@attrs.define
class _Seen:
    requests: int = 0
    opened: int = 0
    open: int = 0
    most: int = 0

    def opening(self) -> None:
        self.opened += 1
        self.open += 1
        self.most = max(self.most, self.open)

    def report(self) -> Figures:
        return {"requests": self.requests, "opened": self.opened, "most": self.most}


class _Constant(asyncio.Protocol):
    """Gives the same answer to every request on a kept-alive connection."""

    def __init__(self, answer: bytes, latency: float, seen: _Seen) -> None:
        self._answer, self._latency, self._seen = answer, latency, seen
        self._loop = asyncio.get_running_loop()
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - it listens on TCP
        self._transport = transport
        self._seen.opening()

    def connection_lost(self, _: Exception | None) -> None:
        self._seen.open -= 1

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (length := _whole(self._read)) is not None:
            self._read = self._read[length:]
            self._seen.requests += 1
            if self._latency:
                self._loop.call_later(self._latency, self._transport.write, self._answer)
            else:
                self._transport.write(self._answer)


def _whole(read: bytes) -> int | None:
    """Return the length of the first request, None while it is not all there."""
    head = read.find(b"\r\n\r\n")
    if head < 0:
        return None
    length = _LENGTH.search(read, 0, head)
    whole = head + 4 + (int(length[1]) if length else 0)
    return whole if len(read) >= whole else None


@asynccontextmanager
async def constant(
    body: str, *, kind: str = "text/xml", latency: float = 0.0
) -> AsyncIterator[tuple[str, Callable[[], Figures]]]:
    """Answer everything with *body*, after *latency* seconds; count requests and connections,
    those in all and the most at once."""
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
    answer = (head + body).encode()
    loop, seen = asyncio.get_running_loop(), _Seen()
    async with await loop.create_server(
        lambda: _Constant(answer, latency, seen), "127.0.0.1", 0
    ) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", seen.report


@asynccontextmanager
async def simulator(
    *, seconds: float, **options: Any
) -> AsyncIterator[tuple[str, Callable[[], Figures]]]:
    """Open a strict simulator, and count what it sees in the first *seconds* from its first call."""
    async with Simulator(accounts=[Account(key=KEY)], magic=False, **options) as sim:

        def report() -> Figures:
            end = sim.calls[0].at + seconds
            calls = [call for call in sim.calls if call.at < end]
            refused = sum(call.refused_for_rate for call in calls)
            worst = worst_window([call.at for call in calls], 1.0)
            return {"sent": len(calls), "refused": refused, "worst": worst}

        yield sim.url, report
