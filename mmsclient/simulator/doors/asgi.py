"""The service as an ASGI application."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from mmsclient.simulator.doors.serve import serve
from mmsclient.simulator.reception import Answer, Arrived

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

    from mmsclient.simulator.path import Path
    from mmsclient.simulator.reception import Reception

#: Where the server puts the connection's handle: without it no connection can be broken.
BREAKER = "mmsclient.simulator.breaker"

#: No message comes near it.
LARGEST = 4 * 1024 * 1024


class Breaker(Protocol):
    """Ends a connection in an unfriendly or unexpected way."""

    def reset(self) -> None:
        """Reset the connection: the caller gets an error, at once."""
        ...

    def close(self) -> None:
        """Close the connection politely, after what was written has gone."""
        ...


class _AsgiLine:
    def __init__(self, receive: Receive) -> None:
        self._receive = receive

    async def stays(self, seconds: float) -> bool:
        # After the whole body, all a server has left to say is that the caller has gone.
        try:
            await asyncio.wait_for(self._receive(), seconds)
        except TimeoutError:
            return True
        return False


class Endpoint:
    """One wire's address. An object, so that every method reaches it as it is."""

    def __init__(self, reception: Reception, path: Path) -> None:
        self._reception = reception
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        if request.method != "POST":
            await Response(status_code=405, headers={"allow": "POST"})(scope, receive, send)
            return
        try:
            body = await _body(request)
        except ClientDisconnect:
            return
        if body is None:
            await Response(status_code=413)(scope, receive, send)
            return
        arrived = Arrived(
            method=request.method,
            headers=dict(request.headers),
            body=body,
            source=request.client.host if request.client else "127.0.0.1",
        )
        answer = await serve(self._reception, self._path, arrived, _AsgiLine(receive))
        if answer is not None:
            await _reply(answer, scope, receive, send)


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


async def _reply(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    if answer.end == "answer":
        reply = answer.response
        await Response(reply.body, reply.status, dict(reply.headers))(scope, receive, send)
        return
    breaker: Breaker | None = scope.get("extensions", {}).get(BREAKER)
    if breaker is None:
        raise RuntimeError("only the simulator's own server can break connections")
    if answer.end == "cut":
        await _half(answer, send)
    if answer.end == "reset":
        breaker.reset()
    else:
        breaker.close()
    await receive()  # returns when the connection is gone, so that nothing is sent after it


async def _half(answer: Answer, send: Send) -> None:
    body = answer.response.body
    length = str(len(body)).encode()
    headers = [(b"content-type", b"text/xml"), (b"content-length", length)]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    await send(start)
    half = {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
    await send(half)


def application(receptions: Mapping[str, Reception], path: Path) -> Starlette:
    """Return the application with every wire at its address, such as ``/skycore``."""
    endpoints = {address: Endpoint(reception, path) for address, reception in receptions.items()}
    # Both spellings: a redirect would be one more way to fail, and no service's habit.
    app = Starlette(
        routes=[
            Route(address + slash, endpoint)
            for address, endpoint in endpoints.items()
            for slash in ("", "/")
        ]
    )
    app.router.redirect_slashes = False
    return app
