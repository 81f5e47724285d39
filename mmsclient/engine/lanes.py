"""Two queues served as one: interactive waiters first, bulk never starved."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

W = TypeVar("W")

Lane: TypeAlias = Literal["interactive", "bulk"]

#: While both wait, every tenth turn is bulk's.
BULK_SHARE = 10


class Lanes(Generic[W]):
    """Waiters in two lanes; adding, taking and withdrawing cost the same however many wait."""

    def __init__(self) -> None:
        self._queues: dict[Lane, OrderedDict[W, None]] = {
            "interactive": OrderedDict(),
            "bulk": OrderedDict(),
        }
        self._turns_without_bulk = 0

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def __bool__(self) -> bool:
        return any(self._queues.values())

    def waiting(self, lane: Lane) -> int:
        """Return how many wait in *lane*."""
        return len(self._queues[lane])

    def add(self, waiter: W, lane: Lane, *, head: bool = False) -> None:
        """Queue *waiter* at the end of *lane*, or at its head: a repeat has waited before."""
        queue = self._queues[lane]
        queue[waiter] = None
        if head:
            queue.move_to_end(waiter, last=False)

    def discard(self, waiter: W) -> None:
        """Withdraw *waiter*, if it still waits."""
        for queue in self._queues.values():
            queue.pop(waiter, None)

    def __iter__(self) -> Iterator[W]:
        for queue in self._queues.values():
            yield from queue

    def peek(self) -> W | None:
        """Return a waiter without taking it out, None if nobody waits."""
        return next(iter(self), None)

    def pop(self, *, bulk: bool = True) -> W | None:
        """Take out who comes next, None if nobody may; ``bulk=False`` passes bulk over."""
        interactive, slow = self._queues["interactive"], self._queues["bulk"]
        waits = bool(slow) and bulk
        if waits and (not interactive or self._turns_without_bulk >= BULK_SHARE - 1):
            self._turns_without_bulk = 0
            return slow.popitem(last=False)[0]
        if not interactive:
            return None
        self._turns_without_bulk += bool(slow)
        return interactive.popitem(last=False)[0]
