"""Who may use the page: a browser on this machine, on the page itself, and no other site."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import JSONResponse, Response

from mmsclient.wire import is_loopback

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    Handler = Callable[[Request], Awaitable[Response]]

#: What came over the wire can do nothing here: no script but the page's own files, no address but
#: the page's own, nothing that turns text into HTML.
_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)

HEADERS: Mapping[str, str] = {
    "content-security-policy": "; ".join(_POLICY),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


def guarded(handler: Handler) -> Handler:
    """Return *handler* for requests of the page itself; others learn only that they are refused."""

    async def answer(request: Request) -> Response:
        reason = _objection(request)
        response = refusal(403, reason) if reason else await handler(request)
        response.headers.update(HEADERS)
        return response

    return answer


def refusal(status: int, reason: str) -> Response:
    """Return an answer that says in words what is wrong."""
    return JSONResponse({"error": reason}, status)


def _objection(request: Request) -> str | None:
    host = request.headers.get("host", "")
    if not _is_here(host):
        # Names that somebody else points at this machine give the page to that somebody.
        return "the page is served under names of this machine only, such as 127.0.0.1"
    if request.method in {"GET", "HEAD"}:
        return None
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return "only the page itself may change anything"
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return "only the page itself may change anything"
    # No form can send it, and no script of another site without being asked first.
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return "the body must be application/json"
    return None


def _is_here(host: str) -> bool:
    try:
        return is_loopback(urlsplit(f"//{host}").hostname)
    except ValueError:
        return False
