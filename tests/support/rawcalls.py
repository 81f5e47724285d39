"""Skycore's documents written and read by hand, and sent without this library's client."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from mmsclient.wire import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from mmsclient.simulator import Simulator

Nodes: TypeAlias = Mapping[str, "str | Nodes | Sequence[Nodes]"]

XML = {"content-type": "text/xml; charset=utf-8"}

#: A message of each kind that nobody can object to.
SMS: Nodes = {"TO": "12025550143", "FROM": "70707", "TEXT": "Fresh at 7"}
MMS: Nodes = {
    "TO": "12025550143",
    "FROM": "70707",
    "SUBJECT": "Fresh at 7",
    "NAME": "menu-07",
    "SLIDE": {
        "IMAGE": {"URL": "https://media.example.net/07.png"},
        "TEXT": "Rye & spelt",
        "DURATION": "6",
    },
}


def xml(nodes: Nodes) -> str:
    """Write nodes; a list repeats its node."""
    return "".join(
        f"<{name}>{inner(one)}</{name}>"
        for name, value in nodes.items()
        for one in ([value] if isinstance(value, str | Mapping) else value)
    )


def inner(value: str | Nodes) -> str:
    return escape(value) if isinstance(value, str) else xml(value)


def document(sim: Simulator, action: str, nodes: Nodes | None = None, key: str = "") -> bytes:
    envelope: Nodes = {"ACTION": action, "API_KEY": key or sim.accounts[0].key, **(nodes or {})}
    return xml({"REQUEST": envelope}).encode()


class Reply:
    """An answer: its status, and its nodes by name."""

    def __init__(self, response: HttpResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.body
        readable = response.headers.get("content-type", "").startswith("text/xml")
        self.root = ET.fromstring(response.body) if readable else None  # noqa: S314 - ours

    def __getitem__(self, path: str) -> str:
        assert self.root is not None
        return self.root.findtext(path) or ""

    def all(self, path: str) -> list[str]:
        assert self.root is not None
        return [node.text or "" for node in self.root.findall(path)]

    @property
    def code(self) -> str:
        return self["ERRORCODE"] if self["STATUS"] != "Success" else "accepted"

    @property
    def names(self) -> list[str]:
        assert self.root is not None
        return [node.tag for node in self.root]


async def ask(sim: Simulator, action: str, nodes: Nodes | None = None, key: str = "") -> Reply:
    """Call in process."""
    return await ask_raw(sim, document(sim, action, nodes, key))


async def ask_raw(sim: Simulator, body: bytes, headers: Mapping[str, str] = XML) -> Reply:
    request = HttpRequest("POST", sim.url, headers, body)
    return Reply(await sim.transport().exchange(request, lambda: None))


def request_bytes(body: bytes, *, method: str = "POST", keep: bool = False) -> bytes:
    connection = "keep-alive" if keep else "close"
    head = (
        f"{method} /skycore/ HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: text/xml; charset=utf-8"
        f"\r\ncontent-length: {len(body)}\r\nconnection: {connection}\r\n\r\n"
    )
    return head.encode() + body


async def connect(sim: Simulator) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(sim.url)
    return await asyncio.open_connection(parts.hostname, parts.port)


async def read_response(reader: asyncio.StreamReader) -> HttpResponse:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    status = int(head[0].split(" ")[1])
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return HttpResponse(status, headers, body)


async def post(sim: Simulator, body: bytes) -> Reply:
    """Call over a socket of its own; whatever the connection raises, raises."""
    return Reply(await post_raw(sim, body))


async def post_raw(sim: Simulator, body: bytes) -> HttpResponse:
    reader, writer = await connect(sim)
    try:
        writer.write(request_bytes(body))
        return await read_response(reader)
    finally:
        writer.close()
