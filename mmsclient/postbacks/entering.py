"""A postback enters the inbox: the request, its events, and what they say of messages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

import attrs

from mmsclient.events import DeliveryReport, Event
from mmsclient.outcomes import DeliveryStatus
from mmsclient.postbacks import identity
from mmsclient.wire import RawPostback

if TYPE_CHECKING:
    import sqlite3

#: Headers that hold what lets somebody in; nothing is read from them later.
_CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie"})

#: The topic of those who work on events.
WORK = b"work"


@attrs.frozen(kw_only=True)
class Entered:
    """A request that is in the inbox."""

    number: int
    events: int
    """How many of its events are new."""
    topics: AbstractSet[bytes] = attrs.field(repr=False)
    """What to ring for."""


@attrs.frozen(kw_only=True)
class Arrival:
    """A request and what was read from it."""

    service: str
    raw: RawPostback
    now: float
    remembered: float
    """Seconds for which a copy of an event counts as one."""
    events: Sequence[Event] = ()
    unreadable: str | None = None

    def enter(self, connection: sqlite3.Connection) -> Entered:
        """Keep all of it."""
        return self._admit_all(connection, self._keep(connection))

    def read_again(self, connection: sqlite3.Connection, number: int) -> Entered:
        """Keep the events of a request that could not be read when it came."""
        connection.execute("UPDATE raws SET unreadable = NULL WHERE id = ?", (number,))
        return self._admit_all(connection, number)

    def _admit_all(self, connection: sqlite3.Connection, number: int) -> Entered:
        new = [event for event in self.events if self._is_new(connection, event)]
        topics = {WORK} if new else set[bytes]()
        for event in new:
            topics |= self._admit(connection, number, event)
        return Entered(number=number, events=len(new), topics=topics)

    def _keep(self, connection: sqlite3.Connection) -> int:
        raw, headers = self.raw, _kept(self.raw.headers)
        row = (self.service, self.now, raw.method, raw.query, headers, raw.body, self.unreadable)
        insert = (
            "INSERT INTO raws (service, received, method, query, headers, body, unreadable)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        number = connection.execute(insert, row).lastrowid
        assert number is not None  # noqa: S101 - an INSERT has one
        return number

    def _is_new(self, connection: sqlite3.Connection, event: Event) -> bool:
        """Remember an event; return whether none like it came within the time."""
        remember = (
            "INSERT INTO seen VALUES (?1, ?2)"
            " ON CONFLICT (key) DO UPDATE SET until = ?2 WHERE until <= ?3"
        )
        row = (identity.key(event), self.now + self.remembered, self.now)
        return connection.execute(remember, row).rowcount > 0

    def _admit(self, connection: sqlite3.Connection, raw: int, event: Event) -> set[bytes]:
        """Put an event at the end of its lane; return the topics that learn something final."""
        lane = identity.lane(event)
        before = "SELECT 1 FROM events WHERE lane = ? AND state = 0 LIMIT 1"
        waits = connection.execute(before, (lane,)).fetchone() is not None
        told = Told.of(connection, event) if isinstance(event, DeliveryReport) else None
        insert = "INSERT INTO events (raw, key, lane, late, due, service) VALUES (?, ?, ?, ?, ?, ?)"
        late = told is not None and told.late
        due = None if waits else self.now
        row = (raw, identity.key(event), lane, late, due, self.service)
        number = connection.execute(insert, row).lastrowid
        assert number is not None  # noqa: S101 - an INSERT has one
        return set() if told is None else told.enter(connection, number)


def _kept(headers: Mapping[str, str]) -> str:
    return json.dumps({name: said for name, said in headers.items() if name not in _CREDENTIALS})


@attrs.frozen(kw_only=True)
class Told:
    """A report, and what was told of its message before."""

    report: DeliveryReport
    message: bytes
    number: str
    known_as: str | None
    """The number under which something is known already."""
    before: DeliveryStatus | None
    final: int | None
    """The event that said nothing more is expected."""

    @classmethod
    def of(cls, connection: sqlite3.Connection, report: DeliveryReport) -> Told | None:
        """Look up what was told; None where the report names no message."""
        message, number = identity.message(report), identity.digits(report.to)
        if message is None:
            return None
        known_as, status, final = _known(connection, message, number) or (None, None, None)
        return cls(
            report=report,
            message=message,
            number=max(number, known_as or "", key=len),
            known_as=known_as,
            before=None if status is None else DeliveryStatus(status),
            final=final,
        )

    @property
    def late(self) -> bool:
        """Whether more was known already: reports come in any order."""
        if self.before is None:
            return False
        if self.report.final != (self.final is not None):
            return not self.report.final
        return self.report.status.after(self.before) is not self.report.status

    def enter(self, connection: sqlite3.Connection, event: int) -> set[bytes]:
        """Keep how far the message has come; return the topics, where this report is final."""
        report, tail = self.report, identity.tail(self.number)
        named = None
        if report.reference:
            named = identity.reference(report.service, report.reference)
        news = report.final and not self.late
        final = event if news else self.final
        status = report.status.after(self.before)
        if self.known_as not in {None, self.number}:
            rename = "UPDATE messages SET tail = ?, number = ? WHERE message = ? AND number = ?"
            connection.execute(rename, (tail, self.number, self.message, self.known_as))
        keep = (
            "INSERT INTO messages (message, tail, number, reference, status, told, final)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            " ON CONFLICT (message, tail, number) DO UPDATE SET"
            " reference = coalesce(?4, reference), status = ?5, told = ?6, final = ?7"
        )
        row = (self.message, tail, self.number, named, status.value, event, final)
        connection.execute(keep, row)
        return {self.message, *([named] if named else [])} if news else set()


def _known(
    connection: sqlite3.Connection, message: bytes, number: str
) -> tuple[str, str, int | None] | None:
    """Return number, status and last event of what is known of a message at a number.

    A number that could be several of the message's is one of its own. One call can go to many
    numbers under one id, so not all of them are looked at.
    """
    look = "SELECT number, status, final FROM messages WHERE message = ?"
    alike = connection.execute(f"{look} AND tail = ?", (message, identity.tail(number))).fetchall()
    found = [row for row in alike if row[0] == number]
    found = found or [row for row in alike if identity.same(row[0], number)]
    if not found:
        # A report that names no number speaks of the only one there is.
        rows = connection.execute(f"{look} LIMIT 2", (message,)).fetchall()
        found = [row for row in rows if not (row[0] and number)]
        found = found if len(rows) == 1 else []
    return found[0] if len(found) == 1 else None
