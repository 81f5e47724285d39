"""Messages that can share a call, gathered as they are read."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, TypeAlias

from mmsclient.numbers import clean_number

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from mmsclient.messages import Message
    from mmsclient.services.base import Service

#: Messages that leave together.
Parcel: TypeAlias = "tuple[Message, ...]"

#: Messages that share a call, at most, unless told: a lost answer leaves so many unknown.
BATCH = 100

#: Seconds that a message waits for others to share its call.
LINGER = 0.1

#: Messages that wait for others at most while calls are counted; a bulk send holds back far fewer.
HELD = 10_000


class Gathered:
    """Messages that wait for others with the same key. Pure: the clock's reading is passed in.

    Args:
        size: how many messages a parcel holds at most.
        key: what messages that can share a call have in common; None, or an error, lets a
            message go alone.
    """

    def __init__(self, size: int, key: Callable[[Message], Hashable | None]) -> None:
        self.size = size
        self._key = key
        self._groups: OrderedDict[Hashable, tuple[float, dict[str, Message]]] = OrderedDict()
        """Key -> when these have waited long enough, and messages by number; first due first."""
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    def add(self, message: Message, now: float) -> Parcel | None:
        """Take *message* in; return a parcel that is to leave now, if there is one.

        No number stands twice in a parcel: answers tell messages apart by their numbers.
        """
        key, to = self._read(message)
        if key is None:
            return (message,)
        _, group = self._groups.get(key, (now, {}))
        earlier = self._leave(key) if to in group else None
        _, group = self._groups.setdefault(key, (now + LINGER, {}))
        group[to] = message
        self._waiting += 1
        return self._leave(key) if len(group) == self.size else earlier

    def next_due(self) -> float | None:
        """Return when the first group has waited long enough, None if none waits."""
        return next((due for due, _ in self._groups.values()), None)

    def due(self, now: float) -> Parcel | None:
        """Return a group that has waited long enough."""
        first = self.next_due()
        return self.take() if first is not None and first <= now else None

    def take(self) -> Parcel | None:
        """Return the group that has waited longest, None if none waits."""
        first = next(iter(self._groups), None)
        return None if first is None else self._leave(first)

    def _read(self, message: Message) -> tuple[Hashable | None, str]:
        """Return the message's key and number; no key if it goes alone."""
        if self.size == 1:
            return None, ""
        try:
            key = self._key(message)
            hash(key)
            return key, "" if key is None else clean_number(message.to)
        except Exception:  # noqa: BLE001 - of any class: sending it alone will say so again
            return None, ""

    def _leave(self, key: Hashable) -> Parcel:
        _, group = self._groups.pop(key)
        self._waiting -= len(group)
        return tuple(group.values())


class Calls:
    """Counts the calls that messages take, gathered as a bulk send gathers them.

    Args:
        service: whose calls they are.
        batch: messages that share a call, at most; None: as many as unless told.
        key: stands for the service's own ``batch_key``, where that is known already.
    """

    def __init__(
        self,
        service: Service,
        batch: int | None,
        *,
        key: Callable[[Message], Hashable | None] | None = None,
    ) -> None:
        if batch is not None and batch < 1:
            raise ValueError("batch must be at least 1")
        self.size = min(BATCH if batch is None else batch, service.largest_batch)
        self._gathered = Gathered(self.size, service.batch_key if key is None else key)
        self._made = self._held = 0

    def add(self, message: Message) -> None:
        """Take a message that the service finds no fault with."""
        self._held += 1
        parcel = self._gathered.add(message, 0.0)
        if parcel is None and self._held > HELD:
            parcel = self._gathered.take()
        if parcel is not None:
            self._made += 1
            self._held -= len(parcel)

    def count(self) -> int:
        """Return how many calls it are, once all messages were added."""
        while self._gathered:
            self._gathered.take()
            self._made += 1
        return self._made
