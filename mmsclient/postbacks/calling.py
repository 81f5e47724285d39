"""One handler is called with one event: bounded in time, whatever it does."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmsclient.events import Event
    from mmsclient.postbacks.handlers import Registered

log = logging.getLogger("mmsclient")


async def called(
    handler: Registered, event: Event, *, timeout: float, unwind: float
) -> BaseException | None:
    """Call a handler; return what ended it, None if it came to its end.

    It is cancelled where it takes longer than *timeout* seconds, which is a TimeoutError, and where
    this is cancelled. A handler that does not end within *unwind* seconds of that is left to itself.
    """
    # In a task of its own, a handler that cancels itself cancels nobody else.
    call = asyncio.create_task(_caught(handler, event), name=f"mmsclient {handler.name}")
    late = False
    try:
        await asyncio.wait([call], timeout=timeout)
        late = not call.done()
    except asyncio.CancelledError:  # what becomes of the event is for the caller to say
        pass
    if not call.done():
        call.cancel()
        await asyncio.wait([call], timeout=unwind)
    if not call.done():
        log.error("handler %s was cancelled and goes on: it is left to itself", handler.name)
        return TimeoutError()
    error = asyncio.CancelledError() if call.cancelled() else call.result()
    if late and isinstance(error, asyncio.CancelledError):
        return TimeoutError().with_traceback(error.__traceback__)
    return error


async def _caught(handler: Registered, event: Event) -> BaseException | None:
    # A SystemExit that leaves a task ends the event loop, before anything could be entered.
    try:
        await handler.call(event)
    except BaseException as error:  # noqa: BLE001 - returned, whatever it is
        return error
    return None
