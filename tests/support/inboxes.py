"""Receivers under test: what a service posts, and a server that takes it on a real socket."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import attrs
from uvicorn import Config, Server

import mmsclient as mms

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SERVICE = mms.Skycore(api_key="k-123")
HERE = ["127.0.0.0/8"]

#: CODE and STATUS of a report.
SENT = ("N101", "Message Sent")
DELIVERED = ("N102", "Message Sent/Delivered")
BROKEN = ("E102", "Message Sent/Failed")


def report(
    number: int, said: tuple[str, str] = DELIVERED, *, reference: str | None = None, at: int = 6
) -> mms.RawPostback:
    """Return the report on the message *number*, which went to a number of its own."""
    named = f"<CLIENT_REFERENCE>{reference}</CLIENT_REFERENCE>" if reference else ""
    body = (
        f"<POSTBACK><ORIGIN>MMS_MT</ORIGIN><CODE>{said[0]}</CODE><STATUS>{said[1]}</STATUS>"
        f"<TO>1202555{number % 10_000:04}</TO><TRACKINGID>Hq-{number}</TRACKINGID>{named}"
        f"<TIMESTAMP>2031-02-03T04:05:{at:02}-05:00</TIMESTAMP></POSTBACK>"
    )
    return mms.RawPostback("POST", "", {"content-type": "text/xml"}, body.encode())


def reply(number: int, text: str, *, id: int) -> mms.RawPostback:  # noqa: A002 - the service's word
    body = (
        f"<POSTBACK><ORIGIN>SMS_MO</ORIGIN><CODE>N211</CODE><FROM>1202555{number:04}</FROM>"
        f"<TO>70707</TO><TRACKINGID>In-{id}</TRACKINGID><TEXT>{text}</TEXT>"
        "<RECEIVED>2031-02-03T04:05:06-05:00</RECEIVED></POSTBACK>"
    )
    return mms.RawPostback("POST", "", {}, body.encode())


def receiver(folder: Path, **options: Any) -> mms.Postbacks:
    """Return a receiver on a file in *folder* that lets this machine in."""
    service = options.pop("service", SERVICE)
    terms: dict[str, Any] = {"allow": HERE, "retries": (0.01, 0.02), **options}
    return mms.Postbacks(service, inbox=folder / "inbox.db", **terms)


@attrs.define
class Answer:
    status: int = 0
    headers: dict[str, str] = attrs.field(factory=dict)
    body: bytes = b""


async def post(
    app: Any,
    raw: mms.RawPostback,
    *,
    path: str = "/postbacks",
    client: tuple[str, int] | None = ("127.0.0.1", 5000),
    headers: list[tuple[str, str]] | None = None,
) -> Answer:
    """Let an application take a request, without a socket."""
    answer, given = Answer(), [*raw.headers.items(), *(headers or [])]
    messages = [{"type": "http.request", "body": raw.body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        answer.body += message.get("body", b"")

    scope = {
        "type": "http",
        "method": raw.method,
        "path": path,
        "query_string": raw.query.encode(),
        "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in given],
        "client": client,
    }
    await app(scope, receive, send)
    return answer


@asynccontextmanager
async def served(app: Any, **options: Any) -> AsyncIterator[str]:
    """Serve an application with uvicorn on 127.0.0.1; give its address."""
    options = {"lifespan": "off", "proxy_headers": False, **options}
    config = Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, **options)
    server = Server(config)
    task = asyncio.create_task(server._serve())
    while not server.started:
        assert not task.done(), task
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def settled(postbacks: mms.Postbacks) -> dict[str, int]:
    """Wait until nothing waits any more; return the counts."""
    await postbacks.settled()
    return await postbacks.counts()


def counts(waiting: int, done: int, failed: int, unreadable: int) -> dict[str, int]:
    return {"waiting": waiting, "done": done, "failed": failed, "unreadable": unreadable}
