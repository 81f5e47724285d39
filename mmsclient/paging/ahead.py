"""Pages fetched before they are asked for, a bounded number of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mmsclient.outcomes import Page

T = TypeVar("T")


class Ahead(Generic[T]):
    """Gives pages by number; those it expects are on their way already, each in its own task.

    *fetch* waits where it has to, so that reading ahead is never faster than the limiter. With a
    *width* of 0 there are no tasks. Whoever makes one closes it.
    """

    def __init__(self, fetch: Callable[[int], Awaitable[Page[T]]], width: int) -> None:
        self._fetch = fetch
        self._width = width
        self._tasks: dict[int, asyncio.Task[Page[T]]] = {}

    async def page(self, number: int) -> Page[T]:
        """Return page *number*, or raise what became of its call."""
        task = self._tasks.get(number)
        if task is None:
            return await self._fetch(number)
        # A wait that is cancelled leaves the task in its place, for aclose to end.
        await asyncio.wait([task])
        self._tasks.pop(number, None)
        if task.cancelled():
            raise RuntimeError("the call for a page that was read ahead was cancelled")
        return task.result()

    async def expect(self, numbers: range) -> None:
        """Fetch the first of *numbers*, as many as the width allows; give up all others."""
        wanted = numbers[: self._width]
        await self._give_up([number for number in self._tasks if number not in wanted])
        for number in wanted:
            if number not in self._tasks:
                self._tasks[number] = asyncio.create_task(
                    self._ask(number), name="mmsclient page read ahead"
                )

    async def aclose(self) -> None:
        """Cancel what is on its way and wait until it is gone."""
        await self._give_up(list(self._tasks))

    async def _ask(self, number: int) -> Page[T]:
        return await self._fetch(number)

    async def _give_up(self, numbers: list[int]) -> None:
        """Cancel these pages and wait for the ends of their tasks, however often that is cancelled."""
        tasks = [self._tasks.pop(number) for number in numbers]
        for task in tasks:
            task.cancel()  # one that has failed already is silenced by it
        cancelled: asyncio.CancelledError | None = None
        while not all(task.done() for task in tasks):
            try:
                await asyncio.wait(tasks)
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled
