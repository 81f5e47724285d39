"""The receiver as an ASGI application: judge, read, keep, and only then answer 200."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, TypeAlias

import attrs

from mmsclient.errors import InboxError
from mmsclient.postbacks.gate import Gate, Refusals, TurnedAway
from mmsclient.wire import RawPostback

log = logging.getLogger("mmsclient")

Keep: TypeAlias = Callable[[RawPostback], Awaitable[None]]
Message: TypeAlias = Mapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]

#: Seconds for a whole body: the service sends it at once, and waits 10 s for the answer.
BODY_TIME = 10.0
#: Seconds for the disk, which leaves some for the way back.
STORE_TIME = 8.0
#: Requests at once. Of each the body is held, so that they bound the memory.
MOST_AT_ONCE = 256
#: Of a length: enough to tell that it is too much.
_DIGITS = 18


class _GoneError(Exception):
    """The sender hung up before all of its request was here."""


@attrs.define(eq=False, kw_only=True)
class Endpoint:
    """Takes the postbacks of one service, wherever it is put: it is an ASGI application.

    It is an object and no function: frameworks wrap functions, and then answer POST with 405.
    """

    _gate: Gate
    _keep: Keep = attrs.field(repr=False)
    _largest: int
    _running: Callable[[], AbstractAsyncContextManager[object]] = attrs.field(repr=False)
    _tidy: Callable[[], Awaitable[None]] = attrs.field(repr=False)
    _refusals: Refusals = attrs.field(factory=Refusals, init=False, repr=False)
    _at_once: int = attrs.field(default=0, init=False)

    async def __call__(self, scope: Any, receive: Any = None, send: Any = None) -> Any:
        """Serve one request, or the life of a server that has nothing else to serve."""
        if receive is None or send is None:
            raise TypeError("this is an ASGI application: app.add_route(path, postbacks.asgi)")
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})

    def hears(self, peer: str | None) -> bool:
        """Whether a request over a connection from *peer* may be let in, as far as that tells.

        For a server that asks before it reads a byte; a refusal is in the log.
        """
        try:
            self._gate.judge_peer(peer)
        except TurnedAway as refusal:
            self._refusals.tell(refusal)
            return False
        return True

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        self._at_once += 1
        try:
            await self._take(scope, receive)
        except _GoneError:
            return
        except TurnedAway as refusal:
            self._refusals.tell(refusal)
            # What is left of its body is not waited for.
            await _answer(send, refusal.status, {**refusal.headers, "connection": "close"})
            return
        finally:
            self._at_once -= 1
        await _answer(send, 200, {"content-type": "text/plain"}, b"OK")
        with suppress(InboxError):  # it is tried again; what matters was kept and answered
            await self._tidy()

    async def _take(self, scope: Message, receive: Receive) -> None:
        """Return once the request is on the disk."""
        self._gate.judge(scope)
        if self._at_once > MOST_AT_ONCE:
            raise TurnedAway(503, "too many requests at once")
        raw = await self._read(scope, receive)
        self._gate.judge_signature(raw)
        try:
            async with asyncio.timeout(STORE_TIME):
                await self._keep(raw)
        except InboxError as error:
            raise TurnedAway(503, str(error)) from error
        except TimeoutError:
            raise TurnedAway(503, f"the inbox could not be written in {STORE_TIME:g} s") from None

    async def _read(self, scope: Message, receive: Receive) -> RawPostback:
        headers = _headers(scope)
        told = headers.get("content-length", "0")
        query: bytes = scope.get("query_string", b"")
        # Of a chunked body nothing tells the length before it is there.
        length = int(told[:_DIGITS]) if told.isdecimal() else 0
        if max(length, len(query)) > self._largest:
            raise TurnedAway(413, f"more than {self._largest} bytes")
        try:
            async with asyncio.timeout(BODY_TIME):
                body = await self._body(receive)
        except TimeoutError:
            raise TurnedAway(408, f"the body took more than {BODY_TIME:g} s") from None
        return RawPostback(scope["method"], _text(query), headers, body)

    async def _body(self, receive: Receive) -> bytes:
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _GoneError
            body += message.get("body", b"")
            if len(body) > self._largest:
                raise TurnedAway(413, f"more than {self._largest} bytes")
            more = message.get("more_body", False)
        return bytes(body)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Open the inbox and run the handlers as long as the server runs."""
        await receive()
        phase = "startup"
        try:
            async with self._running():
                await send({"type": "lifespan.startup.complete"})
                phase = "shutdown"
                await receive()
        except InboxError as error:
            await send({"type": f"lifespan.{phase}.failed", "message": str(error)})
        else:
            await send({"type": "lifespan.shutdown.complete"})


def _headers(scope: Message) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        known, said = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[known] = f"{headers[known]}, {said}" if known in headers else said
    return headers


def _text(query: bytes) -> str:
    try:
        return query.decode()
    except UnicodeDecodeError:
        return query.decode("latin-1")


async def _answer(send: Send, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
    given = {**headers, "content-length": str(len(body))}
    pairs = [(name.encode(), value.encode()) for name, value in given.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
