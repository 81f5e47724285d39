"""The one kept-alive connection over which a service posts."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

import h11

from mmsclient.engine.transport import shared_ssl_context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from urllib.parse import SplitResult

    from mmsclient.simulator.sources import Sources
    from mmsclient.wire import RawPostback

_PORTS = {"http": 80, "https": 443}
#: What may stand in the target of a request as it is.
_PLAIN = "/%?&=+:@!$'()*,;~-._"


class _Connection(asyncio.Protocol):
    """A connection of HTTP/1.1, from the side that asks: one request at a time."""

    def __init__(self) -> None:
        self.alive = False
        self._http = h11.Connection(h11.CLIENT)
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._status = 0

    def ask(self, request: h11.Request, body: bytes) -> asyncio.Future[int]:
        """Send a request; the future brings the status once the whole answer is there."""
        assert self._transport is not None  # noqa: S101 - it is connected
        self._answer = asyncio.get_running_loop().create_future()
        events = (request, *([h11.Data(data=body)] if body else []), h11.EndOfMessage())
        self._transport.write(b"".join(self._http.send(event) or b"" for event in events))
        return self._answer

    def drop(self) -> None:
        """End it, whatever is under way."""
        self.alive = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP or TLS on it
        self._transport, self.alive = transport, True

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.drop()  # nobody asked, and the next answer must not be taken for this
        else:
            self._take(data)

    def eof_received(self) -> None:
        self.alive = False
        if self._answer is not None and not self._answer.done():
            self._take(b"")

    def connection_lost(self, _: Exception | None) -> None:
        self.alive = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError("no whole answer"))

    def _take(self, data: bytes) -> None:
        try:
            self._http.receive_data(data)
            self._read()
        except h11.RemoteProtocolError:
            self.drop()

    def _read(self) -> None:
        while not isinstance(event := self._http.next_event(), type):
            if isinstance(event, h11.Response):
                self._status = event.status_code
            elif isinstance(event, h11.EndOfMessage):
                self._end()
                return
            elif isinstance(event, h11.ConnectionClosed):
                self.drop()
                return

    def _end(self) -> None:
        states, (more, _) = self._http.states, self._http.trailing_data
        if set(states.values()) == {h11.DONE} and not more and self.alive:
            self._http.start_next_cycle()
        else:
            self.drop()
        if self._answer is not None:
            self._answer.set_result(self._status)


class Line:
    """Posts over one connection at a time, which is kept as long as it serves."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._connection: _Connection | None = None
        self._end: object = None
        self.source: str | None = None
        """The address that the connection comes from, if it was asked for."""

    async def post(self, url: str, raw: RawPostback, *, patience: float) -> int:
        """Post to *url* and return the status of the answer.

        Args:
            url: the whole address; a name and a password in it are sent as HTTP Basic.
            raw: what is posted.
            patience: seconds for connecting, and again for the whole answer. Then the
                connection is dropped.

        Raises:
            OSError: no connection, or it broke; TimeoutError among them.
        """
        parts = urlsplit(url)
        try:
            async with asyncio.timeout(patience):
                connection = await self._connected(parts)
            async with asyncio.timeout(patience):
                return await connection.ask(_request(parts, raw), raw.body)
        except BaseException:
            self.drop()
            raise

    def drop(self) -> None:
        """Close the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.drop()

    async def _connected(self, parts: SplitResult) -> _Connection:
        host = parts.hostname or ""
        end = (parts.scheme, host, parts.port or _PORTS[parts.scheme])
        wanted = (end, self._sources.version)
        if self._connection is not None and self._connection.alive and self._end == wanted:
            return self._connection
        self.drop()
        self.source = self._sources.next_for(host)
        options: dict[str, Any] = {"ssl": shared_ssl_context()} if end[0] == "https" else {}
        if self.source is not None:
            options["local_addr"] = (self.source, 0)
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, host, end[2], **options)
        self._connection, self._end = connection, wanted
        return connection


def _request(parts: SplitResult, raw: RawPostback) -> h11.Request:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return h11.Request(
        method=raw.method, target=quote(target, safe=_PLAIN), headers=list(_headers(parts, raw))
    )


def _headers(parts: SplitResult, raw: RawPostback) -> Iterator[tuple[str, str]]:
    yield "host", parts.netloc.rpartition("@")[2]
    yield "user-agent", "mmsclient-simulator"
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        yield "authorization", f"Basic {b64encode(pair.encode()).decode()}"
    if raw.body or raw.method != "GET":
        yield "content-length", str(len(raw.body))
    yield from raw.headers.items()
