"""What an inbox holds, as it is shown and waited for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs

from mmsclient.postbacks import identity
from mmsclient.postbacks.layout import request
from mmsclient.postbacks.values import UnreadablePostback
from mmsclient.wire import RawPostback

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from mmsclient.outcomes import Accepted

#: Seconds of the distant past and future, for spans without an end.
EVER = (0.0, 1e11)


@attrs.frozen(kw_only=True)
class Kept:
    """An event of the inbox, as it lies there."""

    number: int
    key: bytes = attrs.field(repr=False)
    raw: int
    request: RawPostback = attrs.field(repr=False)
    received: datetime
    reason: str | None = None
    attempts: int = 0


@attrs.frozen(kw_only=True)
class View:
    """Looks at the rows of one service."""

    service: str

    def counts(self, connection: sqlite3.Connection) -> dict[str, int]:
        """Return how many events wait, are done and failed, and what could not be read."""
        by_state = dict.fromkeys(("waiting", "done", "failed"), 0)
        names = list(by_state)
        group = "SELECT state, count(*) FROM events WHERE service = ? GROUP BY state"
        for state, count in connection.execute(group, (self.service,)):
            by_state[names[state]] = count
        look = "SELECT count(*) FROM raws WHERE service = ? AND unreadable IS NOT NULL"
        (unreadable,) = connection.execute(look, (self.service,)).fetchone()
        return {**by_state, "unreadable": unreadable}

    def failed(self, connection: sqlite3.Connection, count: int) -> list[Kept]:
        """Return the oldest parked events."""
        look = f"{_EVENT} WHERE e.service = ? AND e.state = 2 ORDER BY e.id LIMIT ?"
        return list(_events(connection, look, (self.service, count)))

    def page(
        self, connection: sqlite3.Connection, after: int, span: tuple[float, float], count: int
    ) -> list[Kept]:
        """Return the events behind number *after* whose requests came in *span*."""
        look = (
            f"{_EVENT} WHERE e.service = ? AND e.id > ? AND r.received >= ? AND r.received < ?"
            " ORDER BY e.id LIMIT ?"
        )
        return list(_events(connection, look, (self.service, after, *span, count)))

    def unreadable(
        self,
        connection: sqlite3.Connection,
        count: int,
        after: int = 0,
        span: tuple[float, float] = EVER,
    ) -> list[UnreadablePostback]:
        """Return the oldest requests behind number *after* that came in *span* and could not be read."""
        look = (
            "SELECT id, received, unreadable FROM raws WHERE service = ? AND unreadable IS NOT NULL"
            " AND id > ? AND received >= ? AND received < ? ORDER BY id LIMIT ?"
        )
        values = (self.service, after, *span, count)
        return [
            UnreadablePostback(
                number=number,
                raw=request(connection, number),
                reason=reason,
                received=moment(received),
            )
            for number, received, reason in connection.execute(look, values)
        ]

    def final(self, connection: sqlite3.Connection, sought: Accepted | str) -> Kept | None:
        """Return the report that said how a message ended; None as long as there is none."""
        event = max(self._finals(connection, sought), default=None)
        if event is None:
            return None
        return next(_events(connection, f"{_EVENT} WHERE e.id = ?", (event,)), None)

    def _finals(self, connection: sqlite3.Connection, sought: Accepted | str) -> Iterator[int]:
        look = "SELECT number, final FROM messages WHERE final IS NOT NULL"
        if isinstance(sought, str):
            named = identity.reference(self.service, sought)
            for _, event in connection.execute(f"{look} AND reference = ?", (named,)):
                yield event
            return
        to = identity.digits(sought.to)
        names = (identity.sent(self.service, sought), identity.tail(to))
        for number, event in connection.execute(
            f"{look} AND message = ? AND tail IN (?, '')", names
        ):
            # A report without a number speaks of the only one there is.
            if not number or identity.same(number, to):
                yield event


_EVENT = (
    "SELECT e.id, e.key, e.raw, r.received, e.reason, e.attempts + e.deaths"
    " FROM events e JOIN raws r ON r.id = e.raw"
)


def _events(
    connection: sqlite3.Connection, look: str, values: tuple[object, ...]
) -> Iterator[Kept]:
    requests: dict[int, RawPostback] = {}
    for number, key, raw, received, reason, attempts in connection.execute(look, values).fetchall():
        if raw not in requests:
            requests[raw] = request(connection, raw)
        yield Kept(
            number=number,
            key=key,
            raw=raw,
            request=requests[raw],
            received=moment(received),
            reason=reason,
            attempts=attempts,
        )


def moment(seconds: float) -> datetime:
    """Return a time of the file as an aware moment."""
    return datetime.fromtimestamp(seconds, UTC)


def topics(service: str, sought: Accepted | str) -> tuple[bytes, ...]:
    """Return what to listen for where a message's end is waited for."""
    if isinstance(sought, str):
        return (identity.reference(service, sought),)
    return (identity.sent(service, sought),)
