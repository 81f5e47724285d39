"""Who works on which event: claims, their ends, and the next event of a lane."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from mmsclient.postbacks.layout import DONE, FAILED
from mmsclient.wire import RawPostback

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

DIED = "the process that worked on it died, or lost its claim"


@attrs.frozen(kw_only=True)
class Claim:
    """An event that nobody else works on until the lease has run out."""

    event: int
    key: bytes = attrs.field(repr=False)
    raw: int
    late: bool
    attempt: int
    """Counted from 1."""
    handled: frozenset[str]
    """The handlers that are through with it."""


@attrs.frozen(kw_only=True)
class Claimed:
    """What a claimant got."""

    claims: tuple[Claim, ...]
    raws: Mapping[int, RawPostback] = attrs.field(repr=False)
    """The requests that the events are read from."""
    next_due: float | None
    """When the next event is due that was not claimed, as far as is known now."""


@attrs.frozen(kw_only=True)
class Claimant:
    """Claims events of one service for one owner."""

    service: str
    owner: bytes = attrs.field(repr=False)
    lease: float
    """Seconds a claim holds unless it is renewed."""
    most: int
    """Attempts after which an event is parked."""

    def claim(self, connection: sqlite3.Connection, now: float, count: int) -> Claimed:
        """Take up to *count* events that are due, longest due first."""
        find = (
            "SELECT id, key, raw, late, attempts, lane FROM events"
            " WHERE service = ? AND due <= ? ORDER BY due, id LIMIT ?"
        )
        found = connection.execute(find, (self.service, now, count)).fetchall()
        claims = []
        for event, key, raw, late, attempts, lane in found:
            if attempts >= self.most:
                _close(connection, event, lane, now=now, state=FAILED, reason=DIED)
                continue
            take = "UPDATE events SET owner = ?, due = ?, attempts = attempts + 1 WHERE id = ?"
            connection.execute(take, (self.owner, now + self.lease, event))
            handled = _handled(connection, event)
            claims.append(
                Claim(
                    event=event,
                    key=key,
                    raw=raw,
                    late=bool(late),
                    attempt=attempts + 1,
                    handled=handled,
                )
            )
        raws = {raw: request(connection, raw) for raw in {claim.raw for claim in claims}}
        return Claimed(claims=tuple(claims), raws=raws, next_due=self._next_due(connection))

    def _next_due(self, connection: sqlite3.Connection) -> float | None:
        look = "SELECT due FROM events WHERE service = ? AND due IS NOT NULL ORDER BY due LIMIT 1"
        found = connection.execute(look, (self.service,)).fetchone()
        return None if found is None else float(found[0])

    def renew(self, connection: sqlite3.Connection, now: float, events: Iterable[int]) -> None:
        """Hold claims for another lease; those that somebody else has taken over stay lost."""
        hold = "UPDATE events SET due = ? WHERE id = ? AND owner = ?"
        connection.executemany(hold, [(now + self.lease, event, self.owner) for event in events])

    def finish(self, connection: sqlite3.Connection, now: float, claim: Claim) -> None:
        """Enter that all handlers are through with an event."""
        if lane := self._lane(connection, claim):
            _close(connection, claim.event, lane, now=now, state=DONE, reason=None)

    def put_off(
        self,
        connection: sqlite3.Connection,
        claim: Claim,
        *,
        now: float,
        wait: float | None,
        reason: str,
        through: Sequence[str],
    ) -> None:
        """Enter that a handler raised: the event is due again after *wait*, or parked if None.

        *through* are the handlers that did not raise: they are not called for it again.
        """
        lane = self._lane(connection, claim)
        if lane is None:
            return
        enter = "INSERT OR IGNORE INTO handled VALUES (?, ?)"
        connection.executemany(enter, [(claim.event, name) for name in through])
        if wait is None:
            _close(connection, claim.event, lane, now=now, state=FAILED, reason=reason)
            return
        later = "UPDATE events SET due = ?, owner = NULL, reason = ? WHERE id = ?"
        connection.execute(later, (now + wait, reason, claim.event))

    def give_back(
        self, connection: sqlite3.Connection, now: float, claim: Claim, through: Sequence[str]
    ) -> None:
        """Enter that an event was left before its end; the attempt does not count."""
        enter = "INSERT OR IGNORE INTO handled VALUES (?, ?)"
        if self._lane(connection, claim) is None:
            return
        connection.executemany(enter, [(claim.event, name) for name in through])
        leave = "UPDATE events SET due = ?, owner = NULL, attempts = attempts - 1 WHERE id = ?"
        connection.execute(leave, (now, claim.event))

    def release(self, connection: sqlite3.Connection, now: float) -> None:
        """Give back all that is still claimed: the owner goes. These attempts do not count."""
        leave = (
            "UPDATE events SET due = ?, owner = NULL, attempts = attempts - 1"
            " WHERE service = ? AND due IS NOT NULL AND owner = ?"
        )
        connection.execute(leave, (now, self.service, self.owner))

    def _lane(self, connection: sqlite3.Connection, claim: Claim) -> bytes | None:
        """Return the lane of an event; None where the claim was lost."""
        look = "SELECT lane FROM events WHERE id = ? AND owner = ? AND state = 0"
        found = connection.execute(look, (claim.event, self.owner)).fetchone()
        return None if found is None else bytes(found[0])


def _handled(connection: sqlite3.Connection, event: int) -> frozenset[str]:
    look = "SELECT handler FROM handled WHERE event = ?"
    return frozenset(name for (name,) in connection.execute(look, (event,)))


def _close(
    connection: sqlite3.Connection,
    event: int,
    lane: bytes,
    *,
    now: float,
    state: int,
    reason: str | None,
) -> None:
    end = "UPDATE events SET state = ?, due = NULL, owner = NULL, reason = ? WHERE id = ?"
    connection.execute(end, (state, reason, event))
    if state == DONE:
        connection.execute("DELETE FROM handled WHERE event = ?", (event,))
    move_up(connection, lane, now)


def move_up(connection: sqlite3.Connection, lane: bytes, now: float) -> None:
    """Make the first open event of a lane due, unless one of it is."""
    first = (
        "UPDATE events SET due = ?1 WHERE id ="
        " (SELECT id FROM events WHERE lane = ?2 AND state = 0 ORDER BY id LIMIT 1)"
        " AND NOT EXISTS"
        " (SELECT 1 FROM events WHERE lane = ?2 AND state = 0 AND due IS NOT NULL)"
    )
    connection.execute(first, (now, lane))


def request(connection: sqlite3.Connection, raw: int) -> RawPostback:
    """Return a request as it came, without its credentials."""
    look = "SELECT method, query, headers, body FROM raws WHERE id = ?"
    method, query, headers, body = connection.execute(look, (raw,)).fetchone()
    return RawPostback(method, query, json.loads(headers), body)
