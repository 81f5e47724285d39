"""One receiver on a socket: uvicorn, with bounds on those who connect and say nothing.

uvicorn promises nothing about the class used here. It works from 0.30.0 on.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from typing import TYPE_CHECKING, Any

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import Server

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

#: Seconds for a whole head: the services send theirs at once.
HEAD_TIME = 10.0
#: Seconds that a connection is kept for the next postback.
IDLE = 75
#: Connections at once, or half of the files that may be open, if those are fewer.
MOST = 256
#: Connections that wait to be accepted.
BACKLOG = 128

_FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class _Connection(H11Protocol):
    """uvicorn's protocol, for peers that may post, and have something to say."""

    _since = 0.0
    """When it last said something."""
    _head: asyncio.TimerHandle | None = None
    """Runs while a head is waited for."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        if not self.config.app.hears(self.client[0] if self.client else None):  # type: ignore[union-attr]  # it is an Endpoint
            transport.write(_FORBIDDEN)
            transport.close()
            return
        # Head and body of an answer are two writes: the second must not wait for an echo.
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._since = self.loop.time()
        self._wait()
        self._make_room()

    def data_received(self, data: bytes) -> None:
        self._since = self.loop.time()
        super().data_received(data)
        if self._is_at_work():
            self._wait_no_more()
        elif self._head is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def _is_at_work(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._head = self.loop.call_later(HEAD_TIME, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _make_room(self) -> None:
        """Where there are too many, give up the one that has been silent for longest."""
        others: Any = self.connections
        open_ones = [one for one in others if not one.transport.is_closing()]
        if len(open_ones) > _most():
            silent = [one for one in open_ones if not one._is_at_work()]  # noqa: SLF001 - its own class
            min(silent, key=lambda one: one._since).transport.abort()  # noqa: SLF001 - same


def _most() -> int:
    if sys.platform == "win32":
        return MOST
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if files == resource.RLIM_INFINITY else min(MOST, files // 2)


class _Quiet(Server):
    """Leaves Ctrl-C to us: otherwise SIGTERM ends the process before the inbox is closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def served(endpoint: Any, bound: socket.socket) -> AsyncIterator[None]:
    """Serve a receiver's endpoint on a socket as long as the block runs."""
    config = Config(
        endpoint,
        http=_Connection,
        ws="none",
        # By default uvicorn takes the sender's address from X-Forwarded-For wherever the peer is
        # on this machine; whom to believe is decided by --trusted-proxies alone.
        proxy_headers=False,
        # Paths hold the secret, queries numbers and texts.
        access_log=False,
        log_config=None,
        lifespan="off",
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=5,
    )
    server = _Quiet(config)
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
