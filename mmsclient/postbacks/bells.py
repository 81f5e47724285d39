"""Waking those in this process who wait for news of the inbox."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Bells:
    """A bell for each topic that somebody listens to."""

    def __init__(self) -> None:
        self._ears: dict[bytes, set[asyncio.Event]] = {}

    @contextmanager
    def listening(self, topics: Iterable[bytes]) -> Iterator[asyncio.Event]:
        """Give an event that is set when one of the topics is rung for."""
        ear, topics = asyncio.Event(), tuple(topics)
        for topic in topics:
            self._ears.setdefault(topic, set()).add(ear)
        try:
            yield ear
        finally:
            for topic in topics:
                self._ears[topic].discard(ear)
                if not self._ears[topic]:
                    del self._ears[topic]

    def ring(self, topics: Iterable[bytes]) -> None:
        """Wake all who listen to one of these."""
        for topic in topics:
            for ear in self._ears.get(topic, ()):
                ear.set()


async def heard(ear: asyncio.Event, seconds: float) -> None:
    """Wait until the bell rings, but not for longer."""
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await ear.wait()
    except TimeoutError:
        pass
    ear.clear()
