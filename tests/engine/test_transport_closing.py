"""What becomes of calls that connect while their transport is closed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from servers import serve

from mmsclient.engine.transport import IdleBound, meaning
from mmsclient.errors import ConnectionFailedError
from mmsclient.wire import HttpRequest

if TYPE_CHECKING:
    from servers import Server
    from transports import Make


async def test_a_call_that_connects_as_the_transport_is_closed_never_leaves(make: Make) -> None:
    arrived: list[bytes] = []

    async def behave(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        arrived.append(await reader.read(1))
        await reader.read()

    async with serve(behave) as server:
        transport = make()
        left: list[int] = []
        request = HttpRequest("POST", f"http://127.0.0.1:{server.port}/", {}, b"x")
        calls = [
            asyncio.create_task(transport.exchange(request, lambda: left.append(1)))
            for _ in range(5)
        ]
        await asyncio.sleep(0)
        await transport.aclose()
        at_close = len(left)
        done, pending = await asyncio.wait(calls, timeout=2)
        assert len(left) == at_close
        for task in pending:  # it had left before: its answer never comes
            task.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        for task in done:
            error = task.exception()
            assert isinstance(error, Exception)
            if not at_close:
                told = meaning(error, left=False)
                assert isinstance(told, ConnectionFailedError)
        await asyncio.sleep(0.1)
        assert len([byte for byte in arrived if byte]) <= at_close


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ([""], 2.5),
        (["timeout=5"], 2.5),
        (["timeout=2"], 1.0),
        (["timeout=0"], 0.0),
        (["", "timeout=1", ""], 2.5),
        (["timeout=1", "", "", ""], 2.5),
        (["", *["timeout=2"] * 3], 1.0),
        (["timeout=2", "", "timeout=2", "", "timeout=2"], 1.0),
    ],
)
def test_one_odd_answer_does_not_end_keeping_alive(told: list[str], seconds: float) -> None:
    bound = IdleBound()
    for header in told:
        bound.hear(header)
    assert bound.seconds == seconds
