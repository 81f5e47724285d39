"""The port behind which a campaign's rows are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import timedelta

    from mmsclient.campaigns.values import (
        Added,
        CampaignRow,
        CampaignStatus,
        CampaignTemplate,
        Failure,
        NewRow,
        OpenRow,
        Reconciled,
        Repeated,
        Settled,
        State,
    )
    from mmsclient.messages import SavedMms
    from mmsclient.outcomes import DeliveryStatus
    from mmsclient.sightings import Sighting


class Journal(Protocol):
    """Keeps what is meant to be sent, what may have left, and what became of it.

    What an awaited method has changed survives any end of the process. Times are seconds since
    1970, UTC. All methods but those that only read need the journal to be held (:meth:`held`).

    Raises:
        CampaignError: it cannot be read or written, is held by somebody else, or belongs to
            another campaign, service or version. Every method may raise it.
    """

    def held(self, *, create: bool = False) -> AbstractAsyncContextManager[None]:
        """Hold the journal for writing; *create*: make it where there is none.

        Leaving waits until all is kept, also when cancelled.
        """
        ...

    async def campaign(self) -> str:
        """Return the campaign's own id, made when the journal was."""
        ...

    async def add(self, rows: Sequence[NewRow], *, replace: bool, at: float) -> Added:
        """Take rows in. What is known by its reference stays, unless *replace* and it never left."""
        ...

    async def begin(self, service: str, settles_after: timedelta) -> None:
        """Begin a run: the campaign stays with this service from now on."""
        ...

    async def break_off(self, at: float) -> list[CampaignRow]:
        """Make rows unknown that a run left in ``sending`` which is no more; return them."""
        ...

    async def pending(self, after: int, most: int) -> list[OpenRow]:
        """Return rows to be sent whose id is greater than *after*, in order."""
        ...

    async def duplicates(self) -> int:
        """Return how many pending rows go to a number that an earlier row, not refused, has."""
        ...

    async def repeated(self, at_least: int, most: int) -> list[Repeated]:
        """Return contents of MMS that so many pending rows have, of those that never left.

        Those that most rows have come first.
        """
        ...

    async def begin_template(self, content: int, *, waits: bool) -> None:
        """Write that the content is about to be saved as a template."""
        ...

    async def drop_template(self, content: int) -> None:
        """Write that this saving certainly did not happen."""
        ...

    async def use_template(self, content: int, template: str, message: SavedMms) -> int:
        """Give the pending rows with that content, if they never left, that of *message*.

        Which sends *template*. Number and reference stay their own. Return how many they were.
        """
        ...

    async def templates(self) -> list[CampaignTemplate]:
        """Return the templates that were saved for the campaign, or were about to be."""
        ...

    async def depart(self, rows: Mapping[int, str | None], at: float) -> Mapping[int, State]:
        """Write that *rows* (id → carried reference) are about to leave in one call.

        All of them, or none: returned are the rows, with their states, that are not pending any
        more, or whose number is on the stop list, so that they are refused now. If there are any,
        nothing may leave.
        """
        ...

    def come_back(self, rows: Iterable[int], why: Failure) -> Awaitable[None]:
        """Write that rows certainly did not leave: they are pending again. As :meth:`settle`."""
        ...

    def settle(self, row: int, settled: Settled, at: float) -> Awaitable[None]:
        """Write what became of a row: asked for at once, done when what is returned is."""
        ...

    async def counts(self) -> dict[State, int]:
        """Return how many rows there are in each state."""
        ...

    async def status(self, at: float) -> CampaignStatus:
        """Return how the campaign stands, in one view of the journal."""
        ...

    async def written(self) -> None:
        """Return once all is written that was asked for before."""
        ...

    def recount(self) -> Awaitable[dict[State, int]]:
        """Return the counts as they are once all is written that was asked for before."""
        ...

    async def deliveries(self) -> dict[DeliveryStatus | None, int]:
        """Return how far accepted rows have come; None: nothing was reported yet."""
        ...

    async def rows(
        self, state: State | None, after: int, most: int
    ) -> list[tuple[int, CampaignRow]]:
        """Return rows, with their ids, whose id is greater than *after*, in order."""
        ...

    async def stop(self, numbers: Sequence[str], source: str, at: float) -> int:
        """Put cleaned numbers on the stop list; pending rows to them are refused. Return the new ones."""
        ...

    async def reconcile(self, sightings: Sequence[Sighting], at: float) -> Reconciled:
        """Apply what was seen at the service; with nothing, look again at all that fitted no row."""
        ...

    async def resend(self, references: Sequence[str] | None, *, before: float) -> int:
        """Make unknown rows that left before a time pending again; return how many."""
        ...
