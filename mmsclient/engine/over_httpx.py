"""The default transport, on httpx or its successor httpx2, which stay in this file.

httpx's transport is used without its client: no cookies, no redirects, no log line with the
address, a third of the work. Its pools slow down as they grow (those of httpx beyond measure, those
of httpx2 by a half at 100 connections), so that connections are spread over small pools; the first
with room is used, so that no more connections are opened than calls are under way. Either library
is imported as late as a transport is made.
"""

from __future__ import annotations

import functools
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from mmsclient.engine.body import Inflater
from mmsclient.engine.transport import (
    HEADERS,
    LARGEST_ANSWER,
    ClosedTransportError,
    IdleBound,
    Proxies,
    missing,
    shared_ssl_context,
)
from mmsclient.wire import HttpRequest, HttpResponse, Timeout

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from types import ModuleType

    import httpx

#: Connections per pool: beyond some 32 in one pool httpx collapses.
POOL_SIZE = 8

_DEPARTURE = re.compile(r"http\d+\.send_request_headers\.started")


def _load(library: str) -> ModuleType:
    if library == "httpx2":
        try:
            import httpx2  # noqa: PLC0415 - late, see above
        except ModuleNotFoundError as error:
            if error.name != "httpx2":
                raise
            raise missing("httpx2", "httpx2") from None
        return httpx2
    import httpx  # noqa: PLC0415 - late, see above

    return httpx


class _Pool:
    """One pool of httpx and the number of exchanges it carries."""

    def __init__(
        self,
        library: ModuleType,
        ssl_context: ssl.SSLContext,
        proxy: str | None,
        keep_alive: float,
    ) -> None:
        self.load = 0
        self.spoilt = False
        self.proxy = proxy
        self.keep_alive = keep_alive
        self.transport: httpx.AsyncHTTPTransport = library.AsyncHTTPTransport(
            verify=ssl_context,
            trust_env=False,
            proxy=proxy,
            limits=library.Limits(
                max_connections=POOL_SIZE,
                max_keepalive_connections=POOL_SIZE,
                keepalive_expiry=keep_alive,
            ),
        )


class HttpxTransport:
    """Moves bytes over httpx.

    Args:
        timeout: bounds on connecting, writing and reading.
        ssl_context: trust of your own, such as a private authority or a client certificate.
        largest_answer: bytes, after decompression; more is no whole answer.
        library: ``"httpx2"`` is the maintained successor of httpx, in the extra ``httpx2``.
    """

    def __init__(
        self,
        *,
        timeout: Timeout | float | None = None,
        ssl_context: ssl.SSLContext | None = None,
        largest_answer: int = LARGEST_ANSWER,
        library: Literal["httpx", "httpx2"] = "httpx",
    ) -> None:
        if library not in {"httpx", "httpx2"}:
            raise ValueError("library must be 'httpx' or 'httpx2'")
        self._library = _load(library)
        #: In httpx a native cancellation passes the pool's clean-up by and leaves connections
        #: behind that count for ever: such a pool is used up. httpx2 drops them.
        self._spoilt_by_cancellation = library == "httpx"
        self._timeout = Timeout() if timeout is None else Timeout.of(timeout)
        self._ssl_context = ssl_context or shared_ssl_context()
        self._largest_answer = largest_answer
        self._idle = IdleBound()
        self._closed = False
        self._pools: list[_Pool] = []
        self._proxies = Proxies("http", "https", "socks5", "socks5h")
        self._address = functools.lru_cache(maxsize=64)(self._library.URL)

    async def exchange(self, request: HttpRequest, leaving: Callable[[], None]) -> HttpResponse:
        """Send *request* and return the whole answer; *leaving* is called at its first byte."""
        if self._closed:
            raise ClosedTransportError
        pool, progress = self._pool_for(request.url), _Progress(lambda: self._leave(leaving))
        pool.load += 1
        try:
            response = await pool.transport.handle_async_request(self._prepare(request, progress))
            body = await self._read(response)
        except BaseException as error:
            if self._spoilt_by_cancellation and not isinstance(error, Exception):
                pool.spoilt = True
            await progress.abandon()
            raise
        finally:
            pool.load -= 1
            await self._retire(pool)
        headers = dict(response.headers)
        self._idle.hear(headers.get("keep-alive", ""))
        return HttpResponse(response.status_code, headers, body)

    async def aclose(self) -> None:
        """Close all connections."""
        self._closed = True
        pools, self._pools = self._pools, []
        for pool in pools:
            await pool.transport.aclose()

    def _leave(self, leaving: Callable[[], None]) -> None:
        """Let the first byte go, unless the transport was closed while it connected."""
        if self._closed:
            raise ClosedTransportError
        leaving()

    def _prepare(self, request: HttpRequest, progress: _Progress) -> httpx.Request:
        prepared: httpx.Request = self._library.Request(
            request.method,
            self._address(request.url),
            headers={**HEADERS, **request.headers},
            content=request.body,
            extensions={"timeout": _bounds(request.timeout or self._timeout), "trace": progress},
        )
        return prepared

    async def _read(self, response: httpx.Response) -> bytes:
        try:
            inflater = Inflater(response.headers.get("content-encoding", ""), self._largest_answer)
            async for piece in response.aiter_raw():
                inflater.feed(piece)
            if (connection := _more_came(response)) is not None:
                await connection.aclose()
            return inflater.finish()
        except BaseException:
            await response.aclose()
            raise

    def _pool_for(self, url: str) -> _Pool:
        proxy = self._proxies.of(url)
        for pool in self._pools:
            if pool.proxy == proxy and self._usable(pool) and pool.load < POOL_SIZE:
                return pool
        pool = _Pool(self._library, self._ssl_context, proxy, self._idle.seconds)
        self._pools.append(pool)
        return pool

    def _usable(self, pool: _Pool) -> bool:
        return pool.keep_alive == self._idle.seconds and not pool.spoilt

    async def _retire(self, used: _Pool) -> None:
        """Close pools that are of no more use, once they are empty."""
        done = [pool for pool in self._pools if not pool.load and not self._usable(pool)]
        if self._closed and not used.load:
            done.append(used)
        self._pools = [pool for pool in self._pools if pool not in done]
        for pool in done:
            with suppress(Exception):  # housekeeping must not take the place of an answer
                await pool.transport.aclose()


def _bounds(timeout: Timeout) -> dict[str, float]:
    return {
        "connect": timeout.connect,
        "write": timeout.write,
        "read": timeout.read,
        "pool": timeout.connect,
    }


def _more_came(response: httpx.Response) -> Any | None:
    """Return httpcore's connection if something came behind the answer.

    httpcore keeps it and would take it for the answer to the next call.
    """
    step: Any = response.stream
    for name in ("_httpcore_stream", "_stream", "_connection"):
        step = getattr(step, name, None)
    state = getattr(step, "_h11_state", None)
    return step if state is not None and state.trailing_data[0] else None


class _Progress:
    """Follows one exchange through httpcore's trace events."""

    def __init__(self, leaving: Callable[[], None]) -> None:
        self._leaving = leaving
        self._opening: Any = None

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            self._opening = info["return_value"]
        # Through a proxy a CONNECT goes ahead, which carries nothing of the call.
        elif _DEPARTURE.fullmatch(event) and info["request"].method != b"CONNECT":
            self._leaving()
            self._opening = None

    async def abandon(self) -> None:
        """Close a connection that never came to carry anything.

        httpcore leaves the socket open where a TLS handshake is cancelled.
        """
        if self._opening is not None:
            with suppress(Exception):  # what brought us here matters more
                await self._opening.aclose()
