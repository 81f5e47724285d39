"""Bodies of requests, read as far as a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request


async def bounded(request: Request, largest: int) -> bytes | None:
    """Return the body, or nothing where it has more than *largest* bytes.

    Raises:
        starlette.requests.ClientDisconnect: the caller left before its end.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            return None
    return bytes(body)
