"""Connections of aiohttp on this library's terms: one per exchange, and never a stale one."""

from __future__ import annotations

import asyncio
import math
import select
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import aiohttp

from mmsclient.engine.transport import KEEP_ALIVE, ExchangeError, IdleBound

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

#: A body up to this size always fits the buffer of a new connection, so that writing it never
#: waits; a larger one is written in pieces, each of which fills that buffer and is waited for.
SMALL_BODY = 32 * 1024
PIECE = 128 * 1024

#: Methods that announce a body even where there is none (RFC 9110, 8.6).
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Claim:
    """What one exchange has got of the connector: one connection, once."""

    __slots__ = ("leaving", "line", "transport")

    def __init__(self, leaving: Callable[[], None]) -> None:
        self.leaving = leaving
        self.line: ResponseHandler | None = None
        self.transport: asyncio.Transport | None = None

    def abandon(self) -> None:
        """Let go of a connection that aiohttp has closed: it would still write what it holds."""
        if self.transport is not None and self.transport.is_closing():
            self.transport.abort()


#: The exchange that the running task is in: aiohttp hands nothing of ours on to its connector.
CLAIM: ContextVar[Claim | None] = ContextVar("mmsclient.claim")


class Connector(aiohttp.TCPConnector):
    """Opens as many connections as there are exchanges, and says when one has its connection."""

    def __init__(self, ssl_context: ssl.SSLContext) -> None:
        super().__init__(
            limit=0,
            ssl=ssl_context,
            keepalive_timeout=KEEP_ALIVE,
            resolver=aiohttp.ThreadedResolver(),
        )
        self.idle = IdleBound()
        self._idle_since: WeakKeyDictionary[ResponseHandler, float] = WeakKeyDictionary()

    async def connect(
        self, req: aiohttp.ClientRequest, traces: list[Trace], timeout: aiohttp.ClientTimeout
    ) -> Connection:
        """Return a connection to write *req* on, and call ``leaving`` of the exchange.

        Nothing of the call is written before, a proxy's CONNECT included, and nothing is waited
        for between this and the first byte. An exchange gets no second connection: aiohttp sends
        a GET, PUT or DELETE again where the first one breaks.
        """
        claim = CLAIM.get()
        if claim is None or claim.line is not None:
            raise aiohttp.ServerDisconnectedError("not sent a second time")
        connection = await super().connect(req, traces, timeout)
        while (line := connection.protocol) is None or self._stale(line):
            connection.close()
            connection = await super().connect(req, traces, timeout)
        if not req.body and req.method not in _WITH_BODY:
            req.headers.pop("Content-Length", None)
        self._idle_since[line] = math.inf
        claim.line, claim.transport = line, connection.transport
        claim.leaving()
        return connection

    def done(self, claim: Claim) -> None:
        """Take note that the exchange had its answer: its connection is idle from now on."""
        if claim.line is not None:
            self._idle_since[claim.line] = time.monotonic()

    async def _wrap_create_connection(self, *args: Any, **terms: Any) -> Any:
        try:
            return await super()._wrap_create_connection(*args, **terms)
        except aiohttp.ClientConnectorCertificateError as error:
            # aiohttp would try the next address and tell of that one's failure only.
            raise ExchangeError(type(error).__name__) from error.__cause__

    def _stale(self, line: ResponseHandler) -> bool:
        since = self._idle_since.get(line)
        if since is None:  # it is new
            return False
        if time.monotonic() - since > self.idle.seconds or line.should_close:
            return True
        return _readable(line.transport)


def _readable(transport: asyncio.BaseTransport | None) -> bool:
    """Return whether something has come on an idle connection: its end, or what nobody asked for."""
    sock = transport and transport.get_extra_info("socket")
    number = sock.fileno() if sock else -1
    if number < 0:
        return True
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([number], [], [], 0)[0])
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(0))


class LargeBody(aiohttp.Payload):
    """A body that is written in pieces, each within *bound* seconds."""

    def __init__(self, body: bytes, bound: float) -> None:
        super().__init__(body)
        self._size = len(body)
        self._bound = bound

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the body as text, which nobody asks for."""
        text: str = self._value.decode(encoding, errors)
        return text

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write all pieces, and wait until all but a buffer's worth has gone."""
        for start in range(0, len(self._value), PIECE):
            async with asyncio.timeout(self._bound):
                await writer.write(self._value[start : start + PIECE])
                await writer.drain()
