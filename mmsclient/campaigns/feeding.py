"""Input of any length, read lazily and handed on in pieces."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from contextlib import aclosing
from typing import TypeVar

from mmsclient.errors import Fault, InvalidMessageError

#: Faults that are shown of those in a long input; changed rows too.
SHOWN = 100

T = TypeVar("T")
U = TypeVar("U")


class Faults:
    """Counts what nothing can be made of, keeps the first of its faults, and tells of all."""

    def __init__(self, tell: Callable[[int, Fault], object] | None = None) -> None:
        self._tell = tell
        self.count = 0
        self._first: list[tuple[int, Fault]] = []

    @property
    def first(self) -> tuple[tuple[int, Fault], ...]:
        """The first hundred, each with its place in the input, from 1."""
        return tuple(self._first)

    def add(self, place: int, error: InvalidMessageError) -> None:
        """Take in the faults of one."""
        self.count += 1
        for fault in error.faults:
            if self._tell is not None:
                self._tell(place, fault)
            if len(self._first) < SHOWN:
                self._first.append((place, fault))


async def _each(source: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    if isinstance(source, AsyncIterable):
        async for one in source:
            yield one
    else:
        for one in source:
            yield one


async def chunks(
    source: Iterable[T] | AsyncIterable[T],
    made: Callable[[T], U],
    size: int,
    *,
    bad: Callable[[int, InvalidMessageError], object],
) -> AsyncIterator[list[U]]:
    """Yield lists of what *made* makes of *source*, of *size* at most.

    Args:
        source: any iterable, also an asynchronous one.
        made: may raise InvalidMessageError.
        size: how many are handed on together.
        bad: told the place, counted from 1, and the error of each of which nothing was made.

    Raises:
        TypeError: *source* is no iterable.
    """
    if isinstance(source, str | bytes) or not isinstance(source, Iterable | AsyncIterable):
        raise TypeError("pass an iterable, such as a list, or an asynchronous one")
    ready: list[U] = []
    place = 0
    async with aclosing(_each(source)) as each:  # type: ignore[type-var]  # it is a generator
        async for one in each:
            place += 1
            try:
                ready.append(made(one))
            except InvalidMessageError as error:
                bad(place, error)
            if len(ready) == size:
                yield ready
                ready = []
    if ready:
        yield ready
