"""What happens, as it happens: a stream of server-sent events for one open page.

It sends how things are, not what happened: a reader that is slow misses states in between, and
nothing is stored for it.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from mmsclient.simulator.page import views

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from mmsclient.simulator.page.views import View
    from mmsclient.simulator.vendor import Vendor

#: Seconds between two looks, and milliseconds until a page that lost its stream asks again.
TICK, AGAIN = 0.15, 1000


class Feed:
    """What one page was told last, and what is new to it."""

    def __init__(self, vendor: Vendor, number: str | None) -> None:
        self._vendor = vendor
        self._number = number
        self._changes = -1
        self._thread = (-1, -1)
        self._second = -1

    async def events(self) -> AsyncIterator[bytes]:
        """Yield events until the reader goes; the next is made when the last was taken."""
        yield f"retry: {AGAIN}\n\n".encode()
        while True:
            for name, view in self._news():
                text = json.dumps(view, ensure_ascii=False, separators=(",", ":"))
                yield f"event: {name}\ndata: {text}\n\n".encode("utf-8", "replace")
            await asyncio.sleep(TICK)

    def _news(self) -> list[tuple[str, View]]:
        with self._vendor.lock:
            return list(self._look(self._vendor.settle()))

    def _look(self, now: float) -> Iterator[tuple[str, View]]:
        vendor, number = self._vendor, self._number
        if vendor.lately.changes != self._changes:
            self._changes = vendor.lately.changes
            yield "phones", views.phones(vendor)
        if number is not None:
            known = (vendor.lately.changed(number), views.ended_links(vendor, number, now))
            if known != self._thread:
                self._thread = known
                yield "thread", views.thread(vendor, number)
        if (second := int(vendor.clock.real())) != self._second:
            self._second = second
            yield "pulse", views.pulse(vendor)
