"""Posting in time: the only part of the simulator that goes out on its own account."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from mmsclient import HttpxTransport
from mmsclient.simulator.postbacks import End, Errand, address, allowed
from mmsclient.wire import HttpRequest, HttpResponse, RawPostback, Timeout

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mmsclient.simulator.vendor import Vendor

    Receiver: TypeAlias = Callable[[RawPostback], Awaitable[int | HttpResponse | None]]

#: Seconds a receiver has for its answer.
PATIENCE = 10.0
#: Where somebody else moves the clock, a look now and then has to do.
LOOK = 0.02


class Postman:
    """Posts what is due: one at a time for each service, over kept-alive connections."""

    def __init__(self, vendor: Vendor, receiver: Receiver | None = None) -> None:
        self._vendor = vendor
        self._receiver = receiver
        self._carrier: HttpxTransport | None = None
        self._turn = asyncio.Lock()
        self._bell = asyncio.Event()
        self._running = False

    @property
    def running(self) -> bool:
        """Whether it posts in time by itself."""
        return self._running

    async def run(self) -> None:
        """Post everything in time, until cancelled; where somebody does so already, do nothing."""
        if self._running:
            return
        loop, home = asyncio.get_running_loop(), threading.get_ident()

        def ring() -> None:
            if not self._vendor.outbox.active or self._bell.is_set():
                return
            if threading.get_ident() == home:
                self._bell.set()
            else:
                loop.call_soon_threadsafe(self._bell.set)

        self._running, self._turn, self._bell = True, asyncio.Lock(), asyncio.Event()
        self._vendor.agenda.changed = ring
        try:
            while True:
                self._bell.clear()
                await self.post_due()
                with suppress(TimeoutError):
                    # Before Python 3.12 wait_for can lose a cancellation to a bell that rings.
                    async with asyncio.timeout(self._idle()):
                        await self._bell.wait()
        finally:
            self._running, self._vendor.agenda.changed = False, None
            await self._rest()

    async def post_due(self) -> None:
        """Post everything that is due now, and wait for what is under way."""
        async with self._turn:
            while errands := self._collect():
                rounds = [
                    self._round([errand for errand in errands if errand.post.service == service])
                    for service in dict.fromkeys(errand.post.service for errand in errands)
                ]
                await asyncio.gather(*rounds)
        if not self._running:
            await self._rest()

    async def _rest(self) -> None:
        carrier, self._carrier = self._carrier, None
        if carrier is not None:
            await carrier.aclose()

    def _collect(self) -> list[Errand]:
        with self._vendor.lock:
            self._vendor.settle()
            return self._vendor.outbox.take()

    def _idle(self) -> float | None:
        """Return how long nothing is due, or None for an unknown time."""
        with self._vendor.lock:
            due, clock = self._vendor.agenda.next_due, self._vendor.clock
            if due is None or not self._vendor.outbox.active:
                return None
            return LOOK if clock.by_hand else max(0.0, (due - clock.now()) / clock.speed)

    async def _round(self, errands: list[Errand]) -> None:
        for errand in errands:
            left = self._vendor.clock.now()
            taken = allowed(errand.post.url)
            status = await self._post(errand) if taken else None
            end: End = "refused" if not taken else "no answer" if status is None else "answered"
            with self._vendor.lock:
                now = self._vendor.clock.now()
                self._vendor.outbox.back(errand, end, status, left=left, now=now)

    async def _post(self, errand: Errand) -> int | None:
        try:
            async with asyncio.timeout(PATIENCE):
                if self._receiver is not None:
                    return _status(await self._receiver(errand.post.raw))
                return await self._exchange(errand)
        except Exception:  # noqa: BLE001 - whatever a receiver or its line does is no answer
            return None

    async def _exchange(self, errand: Errand) -> int:
        raw = errand.post.raw
        if self._carrier is None:
            self._carrier = HttpxTransport(timeout=Timeout.of(PATIENCE))
        url = address(errand.post)
        request = HttpRequest(raw.method, url, raw.headers, raw.body)
        return (await self._carrier.exchange(request, lambda: None)).status


def _status(answer: int | HttpResponse | None) -> int:
    if answer is None:
        return 200
    return answer.status if isinstance(answer, HttpResponse) else answer
