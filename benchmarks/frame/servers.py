"""Servers for benchmarks: one that costs next to nothing, and the strict simulator."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from mmsclient.simulator import Account, Simulator
from mmsclient.simulator.limits import worst_window

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from benchmarks.frame.benchmark import Figures

#: Opens the simulator's account.
KEY = "k-123"

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class _Constant(asyncio.Protocol):
    """Gives the same answer to every request on a kept-alive connection."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - it listens on TCP
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (length := _whole(self._read)) is not None:
            self._read = self._read[length:]
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
async def constant(body: str) -> AsyncIterator[tuple[str, Callable[[], Figures]]]:
    """Answer everything with *body*, as XML."""
    head = f"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {len(body)}\r\n\r\n"
    answer = (head + body).encode()
    loop = asyncio.get_running_loop()
    async with await loop.create_server(lambda: _Constant(answer), "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", dict


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
