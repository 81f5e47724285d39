"""Posting in time: the only part of the simulator that goes out on its own account."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from mmsclient.simulator.faults import SERVICES
from mmsclient.simulator.line import Line
from mmsclient.simulator.postbacks import End, Errand, address, allowed
from mmsclient.wire import HttpResponse, RawPostback

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mmsclient.simulator.sources import Sources
    from mmsclient.simulator.vendor import Vendor

    Receiver: TypeAlias = Callable[[RawPostback], Awaitable[int | HttpResponse | None]]

#: "Answer 200 within 10 seconds (connect and answer each)".
PATIENCE = 10.0
#: Where somebody else moves the clock, a look now and then has to do.
LOOK = 0.02


class _Bell:
    """Wakes one task of one event loop, from any thread."""

    def __init__(self) -> None:
        self._loop, self._home = asyncio.get_running_loop(), threading.get_ident()
        self._event = asyncio.Event()

    def ring(self) -> None:
        if self._event.is_set():
            return
        if threading.get_ident() == self._home:
            self._event.set()
        else:
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float | None = None) -> None:
        """Wait until it rings, or for so long at most."""
        with suppress(TimeoutError):
            # Before Python 3.12 wait_for can lose a cancellation to a bell that rings.
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()


class _Round:
    """The postbacks of one service: one at a time, as fast as they are taken."""

    def __init__(
        self, vendor: Vendor, service: str, receiver: Receiver | None, sources: Sources
    ) -> None:
        self._vendor = vendor
        self._service = service
        self._receiver = receiver
        self._turn = asyncio.Lock()
        self.line = Line(sources)

    async def run(self, bell: _Bell) -> None:
        """Post what is ready whenever the bell rings, until cancelled."""
        self._turn = asyncio.Lock()
        while True:
            await self.post_ready()
            await bell.wait()

    async def post_ready(self) -> None:
        """Post all that is due by now, and wait for what is under way."""
        async with self._turn:
            while (errand := self._next()) is not None:
                await self._carry(errand)

    def _next(self) -> Errand | None:
        with self._vendor.lock:
            self._vendor.settle()
            return self._vendor.outbox.take(self._service)

    async def _carry(self, errand: Errand) -> None:
        left = self._vendor.clock.now()
        taken = allowed(errand.post.url)
        status = await self._post(errand) if taken else None
        end: End = "refused" if not taken else "no answer" if status is None else "answered"
        with self._vendor.lock:
            now, source = self._vendor.clock.now(), self.line.source if taken else None
            self._vendor.outbox.back(errand, end, status, left=left, now=now, source=source)
            self._vendor.lately.touch(errand.post.number)

    async def _post(self, errand: Errand) -> int | None:
        raw = errand.post.raw
        try:
            if self._receiver is None:
                return await self.line.post(address(errand.post), raw, patience=PATIENCE)
            async with asyncio.timeout(PATIENCE):
                return _status(await self._receiver(raw))
        except Exception:  # noqa: BLE001 - whatever a receiver or its line does is no answer
            return None


class Postman:
    """Posts what is due. Services do not wait for each other."""

    def __init__(self, vendor: Vendor, receiver: Receiver | None, sources: Sources) -> None:
        self._vendor = vendor
        self._rounds = {service: _Round(vendor, service, receiver, sources) for service in SERVICES}
        self._running = False

    @property
    def running(self) -> bool:
        """Whether it posts in time by itself."""
        return self._running

    async def run(self) -> None:
        """Post everything in time, until cancelled; where somebody does so already, do nothing."""
        if self._running:
            return
        outbox, agenda = self._vendor.outbox, self._vendor.agenda
        alarm, bells = _Bell(), {service: _Bell() for service in self._rounds}
        self._running = True
        outbox.ready = lambda service: bells[service].ring()
        agenda.changed = lambda: alarm.ring() if outbox.active else None
        try:
            async with asyncio.TaskGroup() as group:
                for service, one in self._rounds.items():
                    group.create_task(one.run(bells[service]))
                while True:
                    await alarm.wait(self._idle())
        finally:
            self._running, outbox.ready, agenda.changed = False, None, None
            self._rest()

    async def post_due(self) -> None:
        """Post everything that is due now, and wait for what is under way."""
        await asyncio.gather(*(one.post_ready() for one in self._rounds.values()))
        if not self._running:
            self._rest()

    def _rest(self) -> None:
        for one in self._rounds.values():
            one.line.drop()

    def _idle(self) -> float | None:
        """Do what is due, and return how long nothing else is, or None for an unknown time."""
        with self._vendor.lock:
            self._vendor.settle()
            due, clock = self._vendor.agenda.next_due, self._vendor.clock
            if due is None or not self._vendor.outbox.active:
                return None
            return LOOK if clock.by_hand else max(0.0, (due - clock.now()) / clock.speed)


def _status(answer: int | HttpResponse | None) -> int:
    if answer is None:
        return 200
    return answer.status if isinstance(answer, HttpResponse) else answer
