"""One exchange over aiohttp, with all of it off that it does by itself.

Its session follows nothing, keeps no cookie, unpacks nothing and adds no header; its connector
sees to it that nothing is sent twice. Imported as late as a transport is made.
"""

from __future__ import annotations

import functools
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp
import yarl

from mmsclient.engine.aiohttp_connections import CLAIM, SMALL_BODY, Claim, Connector, LargeBody
from mmsclient.engine.body import Inflater
from mmsclient.engine.loops import LoopBound
from mmsclient.engine.transport import HEADERS, ClosedTransportError, ExchangeError, Proxies
from mmsclient.wire import HttpRequest, HttpResponse, Timeout

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping


#: Bytes of a header, and headers of an answer: what the other transports take.
LARGEST_HEADER, MOST_HEADERS = 64 * 1024, 1024


class Carrier:
    """Carries out exchanges on connections of its own, on the event loop that first uses it."""

    def __init__(
        self, *, timeout: Timeout, ssl_context: ssl.SSLContext, largest_answer: int
    ) -> None:
        self._timeout = timeout
        self._ssl_context = ssl_context
        self._largest_answer = largest_answer
        self._loop = LoopBound("AiohttpTransport")
        self._closed = False
        self._open: tuple[aiohttp.ClientSession, Connector] | None = None
        self._proxies = Proxies("http", "https")
        # As it stands: another writing of the same address may be signed, or mean another call.
        self._address = functools.lru_cache(maxsize=64)(functools.partial(yarl.URL, encoded=True))

    async def exchange(self, request: HttpRequest, leaving: Callable[[], None]) -> HttpResponse:
        """Send *request* and return the whole answer; *leaving* is called at its first byte."""
        self._loop.get()
        if self._closed:
            raise ClosedTransportError
        session, connector = self._open = self._open or _opened(self._ssl_context)
        claim, response = Claim(leaving), None
        CLAIM.set(claim)
        try:
            response = await self._send(session, request)
            headers = _joined(response.headers)
            body = await self._read(response, headers.get("content-encoding", ""))
        except BaseException as error:
            if response is not None:
                response.close()
            claim.abandon()
            if isinstance(error, aiohttp.ClientError):
                raise _told(error) from _cause(error)
            raise
        finally:
            CLAIM.set(None)
        connector.done(claim)
        connector.idle.hear(headers.get("keep-alive", ""))
        return HttpResponse(response.status, headers, body)

    async def aclose(self) -> None:
        """Close all connections."""
        self._closed = True
        if self._open is not None:
            await self._open[0].close()

    async def _send(
        self, session: aiohttp.ClientSession, request: HttpRequest
    ) -> aiohttp.ClientResponse:
        timeout = request.timeout or self._timeout
        proxy = self._proxies.of(request.url)
        body = request.body
        return await session.request(
            request.method,
            self._address(request.url),
            headers={**HEADERS, **request.headers},
            data=LargeBody(body, timeout.write) if len(body) > SMALL_BODY else body or None,
            proxy=None if proxy is None else self._address(proxy),
            timeout=_bounds(timeout),
            allow_redirects=False,
        )

    async def _read(self, response: aiohttp.ClientResponse, encoding: str) -> bytes:
        if response.status == HTTPStatus.SWITCHING_PROTOCOLS:
            raise ExchangeError("nobody asked for another protocol")
        inflater = Inflater(encoding, self._largest_answer)
        while piece := await response.content.readany():
            inflater.feed(piece)
        return inflater.finish()


def _opened(ssl_context: ssl.SSLContext) -> tuple[aiohttp.ClientSession, Connector]:
    connector = Connector(ssl_context)
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("Accept", "Content-Type"),
        max_line_size=LARGEST_HEADER,
        max_field_size=LARGEST_HEADER,
        max_headers=MOST_HEADERS,
    )
    return session, connector


@functools.lru_cache(maxsize=64)
def _bounds(timeout: Timeout) -> aiohttp.ClientTimeout:
    # What writing takes is no matter of aiohttp's: see LargeBody.
    return aiohttp.ClientTimeout(total=None, connect=timeout.connect, sock_read=timeout.read)


def _joined(headers: Mapping[str, str]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers.items():
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return joined


def _told(error: aiohttp.ClientError) -> ExchangeError:
    """Return *error* without its words: they name the whole address, or what the server wrote."""
    return ExchangeError(f"{type(error).__name__} {getattr(error, 'status', '')}".rstrip())


def _cause(error: aiohttp.ClientError) -> OSError | None:
    return error.__cause__ if isinstance(error.__cause__, OSError) else None
