"""The service without sockets: a transport that talks to it in the same process."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from mmsclient.engine.body import OversizedError
from mmsclient.engine.transport import LARGEST_ANSWER
from mmsclient.simulator.doors.asgi import LARGEST, reception_at
from mmsclient.simulator.doors.serve import serve
from mmsclient.simulator.reception import Answer, Arrived
from mmsclient.wire import HttpResponse, Timeout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mmsclient.simulator.path import Path
    from mmsclient.simulator.postman import Postman
    from mmsclient.simulator.reception import Reception
    from mmsclient.simulator.vendor import Vendor
    from mmsclient.wire import HttpRequest


class _Presence:
    """Whether the caller still waits."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    async def stays(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.gone.wait()
        return not self.gone.is_set()


class InProcess:
    """A transport. What has left goes on its way even if the caller gives up, as on a network."""

    def __init__(
        self,
        receptions: Mapping[str, Reception],
        path: Path,
        postman: Postman,
        *,
        timeout: Timeout | float | None = None,
        largest: int = LARGEST_ANSWER,
    ) -> None:
        self._receptions = receptions
        self._path = path
        self._postman = postman
        self._pump: asyncio.Task[None] | None = None
        self._wait = (Timeout() if timeout is None else Timeout.of(timeout)).read
        self._largest = largest
        self._under_way: set[asyncio.Task[Answer | None]] = set()

    async def exchange(self, request: HttpRequest, leaving: Callable[[], None]) -> HttpResponse:
        """Send *request* and return the whole answer.

        Raises:
            ConnectionResetError: the connection broke, before or after the call was taken.
            TimeoutError: the answer took too long; the call may have been taken.
            OversizedError: the answer is too large; the call was taken.
        """
        leaving()
        parts = urlsplit(request.url)
        reception, rest = reception_at(self._receptions, unquote(parts.path) or "/")
        if reception is None:
            return HttpResponse(404)
        if len(request.body) > LARGEST:
            return HttpResponse(413)
        arrived = Arrived(
            method=request.method,
            headers=dict(request.headers),
            body=request.body,
            source="127.0.0.1",
            path=rest,
            query=parts.query,
        )
        turned_away = reception.turn_away(arrived)
        if turned_away is not None:
            return turned_away
        answer = await self._answer(reception, arrived)
        if answer is None or answer.end != "answer":
            raise ConnectionResetError("the simulator broke the connection")
        if len(answer.response.body) > self._largest:
            raise OversizedError("answer too large")
        return answer.response

    async def _answer(self, reception: Reception, arrived: Arrived) -> Answer | None:
        reception.vendor.clock.bind(asyncio.get_running_loop().time)
        line = _Presence()
        task = asyncio.create_task(serve(reception, self._path, arrived, line))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            async with asyncio.timeout(self._wait):
                return await asyncio.shield(task)
        finally:
            line.gone.set()
            self._post_in_time(reception.vendor)

    def _post_in_time(self, vendor: Vendor) -> None:
        begun = self._pump is not None and not self._pump.done()
        if vendor.outbox.active and not (begun or self._postman.running):
            self._pump = asyncio.create_task(self._postman.run())

    async def aclose(self) -> None:
        """End what is under way."""
        tasks: list[asyncio.Task[Any]] = [*self._under_way, *([self._pump] if self._pump else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
