"""The service as an ASGI application."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from mmsclient.simulator.bodies import bounded
from mmsclient.simulator.doors.serve import serve
from mmsclient.simulator.reception import Answer, Arrived

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import Receive, Scope, Send

    from mmsclient.simulator.path import Path
    from mmsclient.simulator.reception import Reception
    from mmsclient.wire import HttpResponse

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
            async with asyncio.timeout(seconds):
                await self._receive()
        except TimeoutError:
            return True
        return False


class Endpoint:
    """All addresses. An object, so that every method reaches it as it is."""

    def __init__(self, receptions: Mapping[str, Reception], path: Path) -> None:
        self._receptions = receptions
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        reception, rest = reception_at(self._receptions, "/" + request.path_params["path"])
        if reception is None:
            await Response(status_code=404)(scope, receive, send)
            return
        try:
            body = await bounded(request, LARGEST)
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
            path=rest,
            query=scope["query_string"].decode("latin-1"),
        )
        turned_away = reception.turn_away(arrived)
        if turned_away is not None:
            await _plain(turned_away)(scope, receive, send)
            return
        answer = await serve(reception, self._path, arrived, _AsgiLine(receive))
        if answer is not None:
            await _reply(answer, scope, receive, send)


def reception_at(receptions: Mapping[str, Reception], path: str) -> tuple[Reception | None, str]:
    """Return who takes calls at *path*, and what of the path is left for them."""
    _, service, *rest = path.split("/", 2)
    return receptions.get(f"/{service}"), "/" + "".join(rest)


def _plain(reply: HttpResponse) -> Response:
    return Response(reply.body, reply.status, dict(reply.headers))


async def _reply(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    if answer.end == "answer":
        await _plain(answer.response)(scope, receive, send)
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
    kind = answer.response.headers.get("content-type", "text/plain").encode()
    headers = [(b"content-type", kind), (b"content-length", length)]
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    await send(start)
    half = {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
    await send(half)


def application(
    receptions: Mapping[str, Reception], path: Path, pages: Iterable[Route] = ()
) -> Starlette:
    """Return the application with every wire at its address, such as ``/skycore``, and *pages*."""
    # One route for all wires: a redirect would be one more way to fail, and no service's habit.
    app = Starlette(routes=[*pages, Route("/{path:path}", Endpoint(receptions, path))])
    app.router.redirect_slashes = False
    return app
