"""Who works on which event: claims, their ends, and the next event of a lane."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from mmsclient.postbacks.layout import DONE, FAILED, request
from mmsclient.wire import RawPostback

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Sequence

DIED = "the process that worked on it died, or lost its claim"

_OTHERS = (
    "SELECT id, key, raw, late, attempts, deaths FROM events"
    " WHERE service = ? AND due <= ? AND owner IS NULL AND deaths = 0 ORDER BY due, id LIMIT ?"
)
_SUSPECTS = _OTHERS.replace("deaths = 0", "deaths > 0")

#: Deaths after which an event is handed out only where nothing else is at work: whose fault a
#: death is cannot be told of those that died together.
ALONE = 2
#: Deaths after which an event is parked: as many alone as lie between.
MOST_DEATHS = 5


@attrs.frozen(kw_only=True)
class Claim:
    """An event that nobody else works on until the lease has run out."""

    event: int
    key: bytes = attrs.field(repr=False)
    raw: int
    late: bool
    attempt: int
    """Counted from 1."""
    deaths: int
    """How many who worked on it since a handler raised never came back."""
    handled: frozenset[str]
    """The handlers that are through with it."""

    @property
    def alone(self) -> bool:
        """Whether nothing else may be at work beside it."""
        return self.deaths >= ALONE


@attrs.frozen(kw_only=True)
class Claimed:
    """What a claimant got."""

    claims: tuple[Claim, ...]
    raws: Mapping[int, RawPostback] = attrs.field(repr=False)
    """The requests that the events are read from."""
    parked: int
    """Events that are tried no more: with each of them at work somebody died, again and again."""
    next_due: float | None
    """When the next event is due that could be claimed, as far as is known now."""


@attrs.frozen(kw_only=True)
class Claimant:
    """Claims events of one service for one owner.

    An event whose claim has run out is a suspect. Those are handed out one at a time, after waits
    that grow, and in the end alone, so that one that kills whoever works on it takes no other with
    it.
    """

    service: str
    owner: bytes = attrs.field(repr=False)
    lease: float
    """Seconds a claim holds unless it is renewed."""
    longest: float
    """Seconds that an event is put off at most where a handler raised."""

    def claim(
        self, connection: sqlite3.Connection, now: float, places: int, held: Collection[Claim] = ()
    ) -> Claimed:
        """Take up to *places* events that are due, longest due first, beside those that are *held*."""
        self._mend_times(connection, now)
        parked = self._suspect(connection, now, {claim.event for claim in held})
        found = self._found(connection, now, places, held)
        for claim in found:
            take = "UPDATE events SET owner = ?, due = ? WHERE id = ?"
            connection.execute(take, (self.owner, now + self.lease, claim.event))
        raws = {raw: request(connection, raw) for raw in {claim.raw for claim in found}}
        next_due = self._next_due(connection, [*held, *found])
        if held and not found and next_due is not None and next_due <= now:
            next_due = None  # it has to wait for what is at work
        return Claimed(claims=tuple(found), raws=raws, parked=parked, next_due=next_due)

    def _found(
        self, connection: sqlite3.Connection, now: float, places: int, held: Collection[Claim]
    ) -> list[Claim]:
        if places <= 0 or any(claim.alone for claim in held):
            return []
        found: list[Claim] = []
        if not any(claim.deaths for claim in held):
            found = self._due(connection, _SUSPECTS, now, 1)
            if found and found[0].alone:
                return [] if held else found
        found += self._due(connection, _OTHERS, now, places - len(found))
        at_work = {claim.event for claim in held}  # here, though somebody else had taken it over
        return [claim for claim in found if claim.event not in at_work]

    def _due(
        self, connection: sqlite3.Connection, look: str, now: float, count: int
    ) -> list[Claim]:
        return [
            Claim(
                event=event,
                key=key,
                raw=raw,
                late=bool(late),
                attempt=attempts + 1,
                deaths=deaths,
                handled=_handled(connection, event),
            )
            for event, key, raw, late, attempts, deaths in connection.execute(
                look, (self.service, now, count)
            ).fetchall()
        ]

    def _mend_times(self, connection: sqlite3.Connection, now: float) -> None:
        """Bring nearer what is due later than anything can be: the clock was set back."""
        mend = (
            "UPDATE events SET due = ?1 + (owner IS NOT NULL) * ?2"
            " WHERE service = ?3 AND due > ?1 + ?2 + ?4"
        )
        longest = max(self.longest, _wait(MOST_DEATHS - 1))
        connection.execute(mend, (now, self.lease, self.service, longest))

    def _suspect(self, connection: sqlite3.Connection, now: float, held: Collection[int]) -> int:
        """Count a death for each claim that has run out; return how many events that parked."""
        look = (
            "SELECT id, lane, deaths + 1 FROM events"
            " WHERE service = ? AND due <= ? AND owner IS NOT NULL"
        )
        parked = 0
        for event, lane, deaths in connection.execute(look, (self.service, now)).fetchall():
            if event in held:  # the clock was set forward, or the loop stood still
                continue
            wait = random.uniform(0.5, 1.0) * _wait(deaths)  # noqa: S311 - no secret
            leave = "UPDATE events SET deaths = ?, due = ?, owner = NULL WHERE id = ?"
            connection.execute(leave, (deaths, now + wait, event))
            if deaths >= MOST_DEATHS:
                _close(connection, event, lane, now=now, state=FAILED, reason=DIED)
                parked += 1
        return parked

    def _next_due(self, connection: sqlite3.Connection, held: Collection[Claim]) -> float | None:
        if any(claim.alone for claim in held):
            return None
        most = 0 if any(claim.deaths for claim in held) else MOST_DEATHS
        look = (
            "SELECT due FROM events WHERE service = ? AND due > 0 AND owner IS NULL AND deaths <= ?"
            " ORDER BY due LIMIT 1"
        )
        found = connection.execute(look, (self.service, most)).fetchone()
        return None if found is None else float(found[0])

    def renew(self, connection: sqlite3.Connection, now: float, held: Iterable[Claim]) -> None:
        """Hold claims for another lease; those that somebody else has taken over stay lost."""
        hold = "UPDATE events SET due = ? WHERE id = ? AND owner = ?"
        until = now + self.lease
        connection.executemany(hold, [(until, claim.event, self.owner) for claim in held])

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
        _enter_handled(connection, claim, through)
        later = (
            "UPDATE events SET due = ?, owner = NULL, reason = ?, attempts = attempts + 1,"
            " deaths = 0 WHERE id = ?"
        )
        connection.execute(later, (now + (wait or 0.0), reason, claim.event))
        if wait is None:
            _close(connection, claim.event, lane, now=now, state=FAILED, reason=reason)

    def give_back(
        self, connection: sqlite3.Connection, now: float, claim: Claim, through: Sequence[str]
    ) -> None:
        """Enter that an event was left before its end; the attempt does not count."""
        if self._lane(connection, claim) is None:
            return
        _enter_handled(connection, claim, through)
        leave = "UPDATE events SET due = ?, owner = NULL WHERE id = ?"
        connection.execute(leave, (now, claim.event))

    def release(self, connection: sqlite3.Connection, now: float) -> None:
        """Give back all that is still claimed: the owner goes. These attempts do not count."""
        leave = (
            "UPDATE events SET due = ?, owner = NULL"
            " WHERE service = ? AND due IS NOT NULL AND owner = ?"
        )
        connection.execute(leave, (now, self.service, self.owner))

    def _lane(self, connection: sqlite3.Connection, claim: Claim) -> bytes | None:
        """Return the lane of an event; None where the claim was lost."""
        look = "SELECT lane FROM events WHERE id = ? AND owner = ? AND state = 0"
        found = connection.execute(look, (claim.event, self.owner)).fetchone()
        return None if found is None else bytes(found[0])


def _wait(deaths: int) -> float:
    """Return for how many seconds a suspect is put off at most."""
    return 2.0 ** (deaths - 1)


def _handled(connection: sqlite3.Connection, event: int) -> frozenset[str]:
    look = "SELECT handler FROM handled WHERE event = ?"
    return frozenset(name for (name,) in connection.execute(look, (event,)))


def _enter_handled(connection: sqlite3.Connection, claim: Claim, through: Sequence[str]) -> None:
    enter = "INSERT OR IGNORE INTO handled VALUES (?, ?)"
    connection.executemany(enter, [(claim.event, name) for name in through])


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
