"""The simulator in a thread of its own, for callers without an event loop, or with any other."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmsclient.simulator.simulator import Simulator

#: Opening and closing take milliseconds; whoever waits this long is stuck.
PATIENCE = 10.0

_Started = Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]


@contextmanager
def in_thread(sim: Simulator) -> Iterator[Simulator]:
    """Keep *sim* open in a background thread as long as the block runs."""
    started: _Started = Future()
    thread = threading.Thread(target=_run, args=(sim, started), name="simulator", daemon=True)
    thread.start()
    loop, stop = started.result(PATIENCE)
    try:
        yield sim
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(PATIENCE)


def _run(sim: Simulator, started: _Started) -> None:
    try:
        asyncio.run(_keep_open(sim, started))
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)


async def _keep_open(sim: Simulator, started: _Started) -> None:
    stop = asyncio.Event()
    async with sim:
        started.set_result((asyncio.get_running_loop(), stop))
        await stop.wait()


def run(sim: Simulator) -> None:
    """Keep *sim* open until interrupted; prints nothing."""
    asyncio.run(_serve(sim))


async def _serve(sim: Simulator) -> None:
    async with sim:
        await sim.serve_forever()
