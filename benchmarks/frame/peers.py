"""Whose calls are measured beside ours: bare HTTP clients, and the clients of other services.

Each is aimed at one server on 127.0.0.1, by the address it is told to take for its own service;
the process is guarded besides (``loopback.py``).
"""

from __future__ import annotations

import importlib
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from benchmarks.frame import ours

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from mmsclient.wire import HttpRequest

#: Makes one call that was built before.
Post: TypeAlias = "Callable[[], Awaitable[object]]"
#: Sends one message to a number.
Send: TypeAlias = "Callable[[str], Awaitable[Any]]"

TEXT = "Fresh at 7"
MEDIA = "https://media.example.net/07.png"
SENDER = "+12025550100"

_TWILIO = json.dumps(
    {
        "sid": "MM" + "0" * 32,
        "account_sid": "AC" + "0" * 32,
        "to": "+12025550143",
        "from": SENDER,
        "body": TEXT,
        "status": "queued",
        "num_media": "1",
        "num_segments": "1",
        "date_created": "Fri, 20 Nov 2026 08:00:00 +0000",
        "direction": "outbound-api",
    }
)
_TELNYX = json.dumps(
    {
        "data": {
            "id": "message-70143",
            "record_type": "message",
            "direction": "outbound",
            "type": "MMS",
            "from": {"phone_number": SENDER},
            "to": [{"phone_number": "+12025550143", "status": "queued"}],
            "text": TEXT,
        }
    }
)
_ANSWERS = {"twilio": _TWILIO, "telnyx": _TELNYX}


def answer(sender: str) -> dict[str, str]:
    """Return what the server of ``servers.constant`` answers to *sender*."""
    if sender in _ANSWERS:
        return {"body": _ANSWERS[sender], "kind": "application/json"}
    return {"body": ours.ANSWER}


@asynccontextmanager
async def httpx(request: HttpRequest, width: int, library: str = "httpx") -> AsyncIterator[Post]:
    """Yield a post over one client with so many connections, all of them kept."""
    package = importlib.import_module(library)
    limits = package.Limits(max_connections=width, max_keepalive_connections=width)
    async with package.AsyncClient(
        headers=dict(request.headers), limits=limits, timeout=None
    ) as http:
        yield lambda: http.post(request.url, content=request.body)


@asynccontextmanager
async def httpx2(request: HttpRequest, width: int) -> AsyncIterator[Post]:
    """Yield a post over one client with so many connections, all of them kept."""
    async with httpx(request, width, library="httpx2") as post:
        yield post


@asynccontextmanager
async def aiohttp(request: HttpRequest, width: int) -> AsyncIterator[Post]:
    """Yield a post that reads the whole answer."""
    import aiohttp as package

    connector = package.TCPConnector(limit=width)
    async with package.ClientSession(connector=connector, headers=dict(request.headers)) as http:

        async def post() -> bytes:
            async with http.post(request.url, data=request.body) as answer:
                return await answer.read()

        yield post


@asynccontextmanager
async def twilio(url: str, **options: Any) -> AsyncIterator[Send]:
    """Yield the sending of one message by twilio's asynchronous client, with *options*."""
    from twilio.http.async_http_client import AsyncTwilioHttpClient
    from twilio.rest import Client

    async with AsyncTwilioHttpClient(**options) as http:
        client = Client("AC" + "0" * 32, "k-123", http_client=http)
        client.edge = client.region = None  # the environment's would be put into the address
        client.api.base_url = url

        async def send(to: str) -> Any:
            return await client.messages.create_async(
                to=f"+{to}", from_=SENDER, body=TEXT, media_url=[MEDIA]
            )

        yield send


@asynccontextmanager
async def telnyx(url: str, **options: Any) -> AsyncIterator[Send]:
    """Yield the sending of one message by telnyx's asynchronous client, with *options*.

    It does not repeat, unless they say so.
    """
    from telnyx import AsyncTelnyx

    given = {"api_key": "k-123", "base_url": url, "max_retries": 0, **options}
    async with AsyncTelnyx(**given) as client:

        async def send(to: str) -> Any:
            return await client.messages.send(
                to=f"+{to}", from_=SENDER, text=TEXT, media_urls=[MEDIA], type="MMS"
            )

        yield send
