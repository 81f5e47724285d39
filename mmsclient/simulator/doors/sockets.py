"""The service on real sockets: uvicorn's HTTP, without its process around it.

uvicorn promises nothing about the classes used here. They work from 0.30.0 on.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from typing import TYPE_CHECKING, Any

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from mmsclient.simulator.doors.asgi import BREAKER

if TYPE_CHECKING:
    import ssl

    from starlette.applications import Starlette


class _Breaker:
    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def reset(self) -> None:
        # Lingering for no time makes the closing socket send RST instead of FIN.
        connection = self._transport.get_extra_info("socket")
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()

    def close(self) -> None:
        self._transport.close()


class _Protocol(H11Protocol):
    """uvicorn's protocol, which also hands out the means to break its connection."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.access_log = False  # numbers and keys never reach a log; nor do plain calls
        self._served = self.app
        self.app = self._serve

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        scope.setdefault("extensions", {})[BREAKER] = _Breaker(self.transport)
        # Cancelled only by Listener.close: the connection is gone and nobody reads an answer.
        with contextlib.suppress(asyncio.CancelledError):
            await self._served(scope, receive, send)


class Listener:
    """Listens on one address, and closes at once with everything that is open."""

    def __init__(
        self,
        app: Starlette,
        address: tuple[str, int],
        *,
        keep_alive: float,
        tls: ssl.SSLContext | None,
    ) -> None:
        self._address = address
        self._keep_alive = keep_alive
        self._tls = tls
        self._config = Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            proxy_headers=False,
        )
        self._state = ServerState()
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Start to listen, and return the port."""
        host, port = self._address
        loop = asyncio.get_running_loop()
        self._config.load()
        self._server = await loop.create_server(
            self._protocol, host, port, backlog=2048, ssl=self._tls
        )
        return int(self._server.sockets[0].getsockname()[1])

    def _protocol(self) -> _Protocol:
        protocol = _Protocol(config=self._config, server_state=self._state, app_state={})
        protocol.timeout_keep_alive = self._keep_alive  # type: ignore[assignment] # a timer takes floats
        return protocol

    async def close(self) -> None:
        """Stop listening, break every connection, and end what is being served."""
        if self._server is None:
            return
        self._server.close()
        for protocol in list(self._state.connections):
            protocol.transport.abort()
        await asyncio.sleep(0)  # lets every connection learn that it is gone
        tasks = list(self._state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None
