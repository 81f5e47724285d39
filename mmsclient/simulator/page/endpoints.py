"""The page over HTTP: its files, what it reads, what it does."""

from __future__ import annotations

import json
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from mmsclient.errors import InvalidMessageError
from mmsclient.numbers import clean_number
from mmsclient.simulator.bodies import bounded
from mmsclient.simulator.page import deeds, views
from mmsclient.simulator.page.feed import Feed
from mmsclient.simulator.page.guard import guarded, refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from mmsclient.simulator.page.guard import Handler
    from mmsclient.simulator.page.views import View
    from mmsclient.simulator.vendor import Vendor

    Deed = Callable[[Vendor, str, dict[str, Any]], View]

#: Pages that may be open at once, and the bytes of what one may ask for.
MOST_OPEN, LARGEST = 16, 65_536

_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
#: Looked up by name: no name that is asked for becomes a path.
_FILES = {file.name: file for file in files(__package__).joinpath("assets").iterdir()}
_DEEDS: dict[str, Deed] = {"messages": deeds.write, "system": deeds.make, "hits": deeds.open_link}


class _Page:
    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._open = 0

    async def live(self, request: Request) -> Response:
        """Stream what happens, with the thread of one phone."""
        if self._open >= MOST_OPEN:
            return refusal(503, f"{MOST_OPEN} pages are open already: close one")
        number = request.query_params.get("phone")
        feed = Feed(self._vendor, clean_number(number, field="number") if number else None)
        return StreamingResponse(self._counted(feed), media_type="text/event-stream")

    async def _counted(self, feed: Feed) -> AsyncIterator[bytes]:
        self._open += 1
        try:
            async for event in feed.events():
                yield event
        finally:
            self._open -= 1

    async def document(self, request: Request) -> Response:
        """Show the call that sent a message."""
        kept = self._vendor.documents.get(request.path_params["serial"])
        if kept is None:
            return refusal(404, "this call is no longer kept")
        return JSONResponse(views.document(kept))

    async def post(self, request: Request) -> Response:
        """Show one postback."""
        with self._vendor.lock:
            posted = self._vendor.outbox.find(request.path_params["serial"])
        if posted is None:
            return refusal(404, "there is no such postback, or it is no longer kept")
        return JSONResponse(views.post(posted))

    async def do(self, request: Request, *, deed: Deed) -> Response:
        """Do something with a phone, under the vendor's lock."""
        number = clean_number(request.path_params["number"], field="number")
        given = await bounded(request, LARGEST)
        if given is None:
            return refusal(413, f"the body is larger than {LARGEST} bytes")
        body = json.loads(given)
        if not isinstance(body, dict):
            raise ValueError("the body must be a JSON object")  # noqa: TRY004 - for the page
        with self._vendor.lock:
            return JSONResponse(deed(self._vendor, number, body))


def routes(vendor: Vendor) -> Iterator[Route]:
    """Return the routes of the page. Whatever else is asked for is a service's business."""
    page = _Page(vendor)
    yield _route("/", _asset)
    yield _route("/page/{name}.{ending}", _asset)
    yield _route("/page/live", page.live)
    yield _route("/page/documents/{serial:int}", page.document)
    yield _route("/page/posts/{serial:int}", page.post)
    for name, deed in _DEEDS.items():
        yield _route(f"/page/phones/{{number}}/{name}", partial(page.do, deed=deed), "POST")


def _route(path: str, handler: Handler, method: str = "GET") -> Route:
    return Route(path, guarded(_in_words(handler)), methods=[method])


def _in_words(handler: Handler) -> Handler:
    """Return *handler* with its objections as answers that the page can show."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except InvalidMessageError as error:
            fault = error.faults[0]
            return refusal(422, f"{fault.field} {fault.rule}; {fault.fix}")
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
            return refusal(400, "the body must be JSON")
        except ValueError as error:
            return refusal(422, str(error))
        except LookupError as error:
            return refusal(409, str(error))
        except ClientDisconnect:
            return Response(status_code=400)

    return answer


async def _asset(request: Request) -> Response:
    """Serve one of the page's own files."""
    name = request.path_params.get("name", "index")
    ending = request.path_params.get("ending", "html")
    file = _FILES.get(f"{name}.{ending}")
    if file is None or ending not in _TYPES:
        return refusal(404, "there is no such file")
    return Response(file.read_bytes(), media_type=_TYPES[ending])
