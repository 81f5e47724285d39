"""How many messages share a call, and so how many calls a list takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mmsclient.gathering import BATCH, Gathered

if TYPE_CHECKING:
    from mmsclient.messages import Message
    from mmsclient.services.base import Service

Batch = Annotated[
    int | None,
    typer.Option(
        "--batch",
        min=1,
        help=f"Messages that share a call, where the service can; 1: none do. [{BATCH}]",
    ),
]

#: Messages that wait for others at most; a bulk send holds back far fewer.
HELD = 10_000


class Calls:
    """Counts the calls that messages take, gathered as a bulk send gathers them."""

    def __init__(self, service: Service, batch: int | None) -> None:
        self.size = min(BATCH if batch is None else batch, service.largest_batch)
        self._gathered = Gathered(self.size, service.batch_key)
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
