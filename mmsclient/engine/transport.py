"""The default transport, on httpx, and what a failed exchange means. httpx stays in this file.

httpx's transport is used without its client: no cookies, no redirects, no log line with the
address, a third of the work. Its pools slow down as they grow, so that connections are spread
over small pools; the first with room is used, so that no more connections are opened than calls
are under way. httpx is imported as late as a transport is made: it loads rich and click where
those are installed.
"""

from __future__ import annotations

import functools
import re
import ssl
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mmsclient.engine.body import Inflater
from mmsclient.errors import ConnectionFailedError, NoReplyError, TransportError
from mmsclient.wire import HttpRequest, HttpResponse, Timeout, is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

#: Connections per pool: beyond some 32 in one pool httpx collapses.
POOL_SIZE = 8
#: Seconds after which an idle connection is given up, before the service gives it up.
KEEP_ALIVE = 2.5
#: The largest answer taken, in bytes, after decompression.
LARGEST_ANSWER = 8 * 2**20

_HEADERS = {"accept-encoding": "gzip", "user-agent": "mmsclient"}
_DEPARTURE = re.compile(r"http\d+\.send_request_headers\.started")


def meaning(error: Exception, *, left: bool) -> TransportError:
    """Return what a failed exchange means: only whether bytes may have left decides."""
    if left:
        return NoReplyError(f"no whole answer came ({type(error).__name__})")
    if isinstance(error, ImportError):
        reason = "the proxy named in the environment needs a package that is not installed"
        return ConnectionFailedError(reason, transient=False)
    untrusted = any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))
    if untrusted:
        reason = "the service's certificate is not trusted"
        return ConnectionFailedError(reason, transient=False)
    return ConnectionFailedError(f"no connection ({type(error).__name__})")


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for *url*; loopback never has one."""
    parts = urlsplit(url)
    if is_loopback(parts.hostname) or urllib.request.proxy_bypass(parts.netloc):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


@functools.cache
def shared_ssl_context() -> ssl.SSLContext:
    """Return the one TLS context of this process: building one costs milliseconds."""
    import httpx  # noqa: PLC0415 - late, see above

    return httpx.create_ssl_context()


class _Pool:
    """One small httpx pool and the number of exchanges it carries."""

    def __init__(self, ssl_context: ssl.SSLContext, proxy: str | None, keep_alive: float) -> None:
        import httpx  # noqa: PLC0415 - late, see above

        self.load = 0
        self.spoilt = False
        self.proxy = proxy
        self.keep_alive = keep_alive
        self.transport = httpx.AsyncHTTPTransport(
            verify=ssl_context,
            trust_env=False,
            proxy=proxy,
            limits=httpx.Limits(
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
    """

    def __init__(
        self,
        *,
        timeout: Timeout | float | None = None,
        ssl_context: ssl.SSLContext | None = None,
        largest_answer: int = LARGEST_ANSWER,
    ) -> None:
        import httpx  # noqa: PLC0415 - late, see above

        self._timeout = Timeout() if timeout is None else Timeout.of(timeout)
        self._ssl_context = ssl_context or shared_ssl_context()
        self._largest_answer = largest_answer
        self._keep_alive = KEEP_ALIVE
        self._closed = False
        self._pools: list[_Pool] = []
        self._proxies: dict[str, str | None] = {}
        self._address = functools.lru_cache(maxsize=64)(httpx.URL)
        self._request = httpx.Request

    async def exchange(self, request: HttpRequest, leaving: Callable[[], None]) -> HttpResponse:
        """Send *request* and return the whole answer; *leaving* is called at its first byte."""
        if self._closed:
            raise RuntimeError("this transport is closed")
        pool, progress = self._pool_for(request.url), _Progress(leaving)
        pool.load += 1
        try:
            response = await pool.transport.handle_async_request(self._prepare(request, progress))
            body = await self._read(response)
        except BaseException as error:
            # A native cancellation passes httpcore's clean-up by and leaves connections behind
            # that count for ever: such a pool is used up.
            pool.spoilt = pool.spoilt or not isinstance(error, Exception)
            await progress.abandon()
            raise
        finally:
            pool.load -= 1
            await self._retire()
        headers = dict(response.headers)
        self._heed(headers.get("keep-alive", ""))
        return HttpResponse(response.status_code, headers, body)

    async def aclose(self) -> None:
        """Close all connections."""
        self._closed = True
        pools, self._pools = self._pools, []
        for pool in pools:
            await pool.transport.aclose()

    def _prepare(self, request: HttpRequest, progress: _Progress) -> httpx.Request:
        return self._request(
            request.method,
            self._address(request.url),
            headers={**_HEADERS, **request.headers},
            content=request.body,
            extensions={"timeout": _bounds(request.timeout or self._timeout), "trace": progress},
        )

    async def _read(self, response: httpx.Response) -> bytes:
        inflater = Inflater(response.headers.get("content-encoding", ""), self._largest_answer)
        try:
            async for piece in response.aiter_raw():
                inflater.feed(piece)
            return inflater.finish()
        except BaseException:
            await response.aclose()
            raise

    def _pool_for(self, url: str) -> _Pool:
        origin = "/".join(url.split("/", 3)[:3])
        if origin not in self._proxies:
            self._proxies[origin] = proxy_for(url)
        proxy = self._proxies[origin]
        for pool in self._pools:
            if pool.proxy == proxy and self._usable(pool) and pool.load < POOL_SIZE:
                return pool
        self._pools.append(_Pool(self._ssl_context, proxy, self._keep_alive))
        return self._pools[-1]

    def _heed(self, keep_alive: str) -> None:
        """Give idle connections up a second before the service says it will."""
        told = re.search(r"\btimeout\s*=\s*(\d+)", keep_alive)
        if told is not None:
            self._keep_alive = min(self._keep_alive, max(0.0, float(told[1]) - 1.0))

    def _usable(self, pool: _Pool) -> bool:
        return pool.keep_alive == self._keep_alive and not pool.spoilt

    async def _retire(self) -> None:
        """Close pools that are of no more use, once they are empty."""
        done = [pool for pool in self._pools if not pool.load and not self._usable(pool)]
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
            self._opening = None
            self._leaving()

    async def abandon(self) -> None:
        """Close a connection that never came to carry anything.

        httpcore leaves the socket open where a TLS handshake is cancelled.
        """
        if self._opening is not None:
            with suppress(Exception):  # what brought us here matters more
                await self._opening.aclose()


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
