"""What is done again, and what is thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from mmsclient.postbacks.claims import move_up

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

#: Rows that one commit changes, so that requests that come meanwhile are not kept waiting.
AT_ONCE = 500


@attrs.frozen(kw_only=True)
class Thrown:
    """What one piece of tidying threw away."""

    requests: int
    failed: int
    """Events among them that no handler had got through with."""
    unreadable: int
    """Those of the requests that nobody had read."""
    more: bool
    """Whether there is more to throw away."""


@attrs.frozen(kw_only=True)
class Upkeep:
    """Changes rows of one service."""

    service: str

    def replay(
        self, connection: sqlite3.Connection, *, after: int, span: tuple[float, float], now: float
    ) -> tuple[int, int]:
        """Open the next closed events whose requests came in *span*; return how many, and the last.

        They are those behind number *after*, some at a time; none are left where it returns 0.
        """
        look = (
            "SELECT e.id, e.lane FROM events e JOIN raws r ON r.id = e.raw WHERE r.service = ?"
            " AND e.id > ? AND r.received >= ? AND r.received < ? AND e.state <> 0"
            " ORDER BY e.id LIMIT ?"
        )
        found = connection.execute(look, (self.service, after, *span, AT_ONCE)).fetchall()
        for event, _ in found:
            connection.execute("DELETE FROM handled WHERE event = ?", (event,))
        _open(connection, found, now)
        return len(found), found[-1][0] if found else after

    def retry(
        self, connection: sqlite3.Connection, numbers: Sequence[int] | None, now: float
    ) -> int:
        """Open parked events, all of them if *numbers* is None; return how many."""
        look = "SELECT id, lane FROM events WHERE service = ? AND state = 2 ORDER BY id"
        found = connection.execute(look, (self.service,)).fetchall()
        if numbers is not None:
            chosen = set(numbers)
            found = [(event, lane) for event, lane in found if event in chosen]
        _open(connection, found, now)
        return len(found)

    def tidy(self, connection: sqlite3.Connection, *, now: float, before: float) -> Thrown:
        """Throw away some of what came before *before* and is closed, and keys past their time."""
        forget = "DELETE FROM seen WHERE key IN (SELECT key FROM seen WHERE until <= ? LIMIT ?)"
        forgotten = connection.execute(forget, (now, 10 * AT_ONCE)).rowcount
        look = (
            "SELECT id, unreadable IS NOT NULL FROM raws"
            " WHERE service = ? AND received < ? AND NOT EXISTS"
            " (SELECT 1 FROM events WHERE raw = raws.id AND state = 0) ORDER BY received LIMIT ?"
        )
        found = connection.execute(look, (self.service, before, AT_ONCE)).fetchall()
        return Thrown(
            requests=len(found),
            failed=sum(_throw_away(connection, raw) for raw, _ in found),
            unreadable=sum(unreadable for _, unreadable in found),
            more=len(found) == AT_ONCE or forgotten == 10 * AT_ONCE,
        )


def _open(connection: sqlite3.Connection, events: Sequence[tuple[int, bytes]], now: float) -> None:
    again = (
        "UPDATE events SET state = 0, due = NULL, owner = NULL, attempts = 0, deaths = 0"
        " WHERE id = ?"
    )
    connection.executemany(again, [(event,) for event, _ in events])
    for lane in {lane for _, lane in events}:
        move_up(connection, lane, now)


def _throw_away(connection: sqlite3.Connection, raw: int) -> int:
    """Delete a request and its events; return how many of them were parked."""
    events = connection.execute("SELECT id, state FROM events WHERE raw = ?", (raw,)).fetchall()
    for event, _ in events:
        connection.execute("DELETE FROM handled WHERE event = ?", (event,))
        connection.execute("DELETE FROM messages WHERE told = ?", (event,))
        connection.execute("DELETE FROM events WHERE id = ?", (event,))
    connection.execute("DELETE FROM raws WHERE id = ?", (raw,))
    return sum(state == 2 for _, state in events)
