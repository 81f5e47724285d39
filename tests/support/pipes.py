"""Doors in front of the simulator: TLS, and a door that slams for the first callers."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import trustme
from servers import Server, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from servers import Behaviour


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


def piping(port: int, *, slam_first: float = 0) -> Behaviour:
    """Close the first connections at once; pass the bytes of all others on to *port*."""

    async def behave(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        if seen.connections <= slam_first:
            return
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))
        finally:
            inner_writer.transport.abort()

    return behave


@asynccontextmanager
async def tls_door(
    port: int, *, slam_first: float = 0
) -> AsyncIterator[tuple[str, ssl.SSLContext, Server]]:
    """Put TLS in front of *port*; the first connections end before the handshake does.

    Yields the address, the client's context that trusts it, and what the door has seen.
    """
    authority = trustme.CA()
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(inside)
    outside = ssl.create_default_context()
    authority.configure_trust(outside)
    async with (
        serve(piping(port), tls=inside) as terminator,
        serve(piping(terminator.port, slam_first=slam_first)) as door,
    ):
        yield f"https://localhost:{door.port}/skycore/", outside, door
