"""A campaign's journal in one SQLite file."""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from mmsclient.campaigns import matching, records, standing, statements, stored
from mmsclient.campaigns.packing import Unpacker
from mmsclient.campaigns.schema import SCHEMA
from mmsclient.campaigns.values import Failure
from mmsclient.errors import CampaignError
from mmsclient.storage import Database

if TYPE_CHECKING:
    import os
    import sqlite3
    from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping, Sequence
    from datetime import timedelta

    from mmsclient.campaigns.values import (
        Added,
        CampaignRow,
        CampaignStatus,
        CampaignTemplate,
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
    from mmsclient.storage import Writer

#: What a row says that was about to leave, or had left, when its run ended without a word.
BROKEN_OFF = Failure(error="NoReplyError", reason="its run ended before the answer was kept")


class SqliteJournal:
    """A journal in a file, for one writing process at a time.

    Args:
        path: the file.
        name: what the campaign is called; None takes what the file says, or the file's name.
    """

    def __init__(self, path: str | os.PathLike[str], name: str | None = None) -> None:
        self._file = Database(path, SCHEMA, error=CampaignError, exclusive=True)
        self._name = name
        self._writer: Writer | None = None
        self._unpacker = Unpacker()

    @asynccontextmanager
    async def held(self, *, create: bool = False) -> AsyncIterator[None]:
        """Hold the file for writing; *create*: make it where there is none."""
        async with self._file.writing(create=create) as writer:
            await writer.run(self._introduce)
            self._writer = writer
            yield

    def _introduce(self, connection: sqlite3.Connection) -> None:
        facts = statements.facts(connection)
        if "id" not in facts:
            name = self._name or self._file.path.stem
            statements.note(connection, id=secrets.token_hex(4), name=name)
        elif self._name not in {None, facts["name"]}:
            raise CampaignError(
                f"{self._file.path} is the journal of the campaign {facts['name']!r}: "
                "give another path, or that name"
            )

    @property
    def _write(self) -> Writer:
        if self._writer is None:
            raise RuntimeError("the journal is not held: async with journal.held()")
        return self._writer

    # -- what is to be sent -------------------------------------------------------------------

    async def campaign(self) -> str:
        """Return the campaign's own id."""
        facts = await self._write.run(statements.facts)
        return facts["id"]

    async def add(self, rows: Sequence[NewRow], *, replace: bool, at: float) -> Added:
        """Take rows in."""
        return await self._write.run(lambda c: records.add(c, rows, replace=replace, at=at))

    async def begin(self, service: str, settles_after: timedelta) -> None:
        """Begin a run."""

        def work(connection: sqlite3.Connection) -> None:
            before = statements.facts(connection).get("service", service)
            if before != service:
                raise CampaignError(
                    f"{self._file.path} was begun with {before}, not with {service}: "
                    "a campaign stays with its service"
                )
            seconds = repr(settles_after.total_seconds())
            statements.note(connection, service=service, settles_after=seconds)

        await self._write.run(work)

    async def break_off(self, at: float) -> list[CampaignRow]:
        """Make rows unknown that a run left behind; return them."""

        def work(connection: sqlite3.Connection) -> list[CampaignRow]:
            broken = [id_ for (id_,) in connection.execute(statements.SENDING)]
            failure = records.failure_text(BROKEN_OFF)
            connection.execute(statements.BREAK_OFF, {"at": at, "failure": failure})
            return [self._row(connection, id_) for id_ in broken]

        return await self._write.run(work)

    def _row(self, connection: sqlite3.Connection, id_: int) -> CampaignRow:
        found = connection.execute(statements.ROW, (id_,)).fetchone()
        return records.row(found, self._unpacker)[1]

    async def pending(self, after: int, most: int) -> list[OpenRow]:
        """Return rows to be sent."""

        def work(connection: sqlite3.Connection) -> list[OpenRow]:
            found = connection.execute(statements.PENDING, (after, most)).fetchall()
            return [records.open_row(each, self._unpacker) for each in found]

        return await self._file.read(work)

    async def duplicates(self) -> int:
        """Return how many pending rows go to a number that an earlier row has."""
        (count,) = await self._file.read(lambda c: c.execute(statements.DUPLICATES).fetchone())
        return int(count)

    async def repeated(self, at_least: int, most: int) -> list[Repeated]:
        """Return contents of MMS that several pending rows have."""

        def work(connection: sqlite3.Connection) -> list[Repeated]:
            return stored.repeated(connection, self._unpacker, at_least=at_least, most=most)

        return await self._file.read(work)

    async def begin_template(self, content: int, *, waits: bool) -> None:
        """Write that a content is about to be saved as a template."""
        given = (content, waits)
        await self._write.run(lambda c: c.execute(statements.BEGIN_TEMPLATE, given).rowcount)

    async def drop_template(self, content: int) -> None:
        """Write that a saving certainly did not happen."""
        await self._write.run(lambda c: stored.drop_template(c, content))

    async def use_template(self, content: int, template: str, message: SavedMms) -> int:
        """Let pending rows send a template in place of their content."""
        return await self._write.run(lambda c: stored.use_template(c, content, template, message))

    async def templates(self) -> list[CampaignTemplate]:
        """Return the templates that were saved for the campaign."""
        return await self._file.read(lambda c: stored.templates(c, self._unpacker))

    # -- what becomes of it -------------------------------------------------------------------

    async def depart(self, rows: Mapping[int, str | None], at: float) -> Mapping[int, State]:
        """Write that rows are about to leave in one call, all of them or none."""
        return await self._write.run(lambda c: records.depart(c, rows, at))

    def come_back(self, rows: Iterable[int], why: Failure) -> Awaitable[None]:
        """Write that rows certainly did not leave; done once it is on the disk."""
        failure = records.failure_text(why)
        given = [(failure, id_) for id_ in rows]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(statements.COME_BACK, given)

        return self._write.post(work)

    def settle(self, row: int, settled: Settled, at: float) -> Awaitable[None]:
        """Write what became of a row; done once it is on the disk."""
        return self._write.post(lambda c: records.settle(c, row, settled, at))

    async def resend(self, references: Sequence[str] | None, *, before: float) -> int:
        """Make unknown rows that left before a time pending again."""
        return await self._write.run(lambda c: records.resend(c, references, before))

    async def stop(self, numbers: Sequence[str], source: str, at: float) -> int:
        """Put numbers on the stop list."""
        return await self._write.run(lambda c: records.stop(c, numbers, source, at))

    async def reconcile(self, sightings: Sequence[Sighting], at: float) -> Reconciled:
        """Apply what was seen at the service."""
        return await self._write.run(lambda c: matching.reconcile(c, sightings, at))

    # -- what can be asked --------------------------------------------------------------------

    async def counts(self) -> dict[State, int]:
        """Return how many rows there are in each state."""
        return await self._file.read(standing.counts)

    async def written(self) -> None:
        """Return once all is written that was asked for before."""
        await self._write.run(lambda _: None)

    def recount(self) -> Awaitable[dict[State, int]]:
        """Return the counts as they are once all is written that was asked for before."""
        return self._write.post(standing.counts)

    async def status(self, at: float) -> CampaignStatus:
        """Return how the campaign stands."""
        return await self._file.read(lambda c: standing.status(c, at))

    async def deliveries(self) -> dict[DeliveryStatus | None, int]:
        """Return how far accepted rows have come."""
        return await self._file.read(standing.deliveries)

    async def rows(
        self, state: State | None, after: int, most: int
    ) -> list[tuple[int, CampaignRow]]:
        """Return rows with their ids."""

        def work(connection: sqlite3.Connection) -> list[tuple[int, CampaignRow]]:
            query = statements.ROWS if state is None else statements.ROWS_IN
            given = {"state": state, "after": after, "most": most}
            found = connection.execute(query, given).fetchall()
            return [records.row(each, self._unpacker) for each in found]

        return await self._file.read(work)
