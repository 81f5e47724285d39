"""A postback enters the inbox: the request, its events, and what they say of messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

from mmsclient.events import DeliveryReport, Event
from mmsclient.outcomes import DeliveryStatus
from mmsclient.postbacks import identity
from mmsclient.wire import RawPostback

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

#: Headers that hold what lets somebody in; nothing is read from them later.
_CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie"})

#: The topic of those who work on events.
WORK = b"work"


@attrs.frozen(kw_only=True)
class Arrival:
    """A request and what was read from it."""

    service: str
    raw: RawPostback
    now: float
    remembered: float
    """Seconds for which a copy of an event counts as one."""
    events: tuple[Event, ...] = ()
    unreadable: str | None = None

    def enter(self, connection: sqlite3.Connection) -> set[bytes]:
        """Keep all of it; return the topics to ring for."""
        number = self._keep(connection)
        topics: set[bytes] = set()
        for event in self.events:
            if self._is_new(connection, event):
                topics |= {WORK, *self.admit(connection, number, event)}
        return topics

    def read_again(self, connection: sqlite3.Connection, number: int) -> None:
        """Keep the events of a request that could not be read when it came."""
        connection.execute("UPDATE raws SET unreadable = NULL WHERE id = ?", (number,))
        for event in self.events:
            if self._is_new(connection, event):
                self.admit(connection, number, event)

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

    def admit(self, connection: sqlite3.Connection, raw: int, event: Event) -> set[bytes]:
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
    number: bytes
    before: DeliveryStatus | None
    final: int | None
    """The event that said nothing more is expected."""

    @classmethod
    def of(cls, connection: sqlite3.Connection, report: DeliveryReport) -> Told | None:
        """Look up what was told; None where the report names no message."""
        named = identity.message(report)
        if named is None:
            return None
        look = "SELECT status, final FROM messages WHERE message = ? AND number = ?"
        found = connection.execute(look, named).fetchone() or (None, None)
        before = None if found[0] is None else DeliveryStatus(found[0])
        return cls(report=report, message=named[0], number=named[1], before=before, final=found[1])

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
        report = self.report
        named = None
        if report.reference:
            named = identity.reference(report.service, report.reference)
        news = report.final and not self.late
        final = event if news else self.final
        status = report.status.after(self.before)
        keep = (
            "INSERT INTO messages (message, number, reference, status, told, final)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
            " ON CONFLICT (message, number) DO UPDATE SET"
            " reference = coalesce(?3, reference), status = ?4, told = ?5, final = ?6"
        )
        connection.execute(keep, (self.message, self.number, named, status.value, event, final))
        return {self.message, *([named] if named else [])} if news else set()
