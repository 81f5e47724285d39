"""Which row a sighting speaks of, and what that makes of the row: inside a transaction."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.campaigns import records, statements
from mmsclient.campaigns.values import Reconciled
from mmsclient.outcomes import DeliveryStatus
from mmsclient.sightings import Sighting

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

#: Seconds by which the service's clock may be behind ours: what it says happened before a message
#: left is about another one, with the same reference or to the same number.
BEHIND = 600.0

#: Seconds for which a sighting that fits nothing yet is kept, on top of the deadline.
KEPT = 86_400.0

#: States of a row that left once and of which a sighting says that it was taken.
_OPEN = frozenset({"unknown", "pending", "refused"})


@attrs.frozen
class _Row:
    id: int
    digits: str
    kind: str
    body: str
    state: str
    attempts: int
    left_at: float | None
    message_id: str | None
    delivery: str | None
    carried: str | None


def reconcile(
    connection: sqlite3.Connection, sightings: Sequence[Sighting], at: float
) -> Reconciled:
    """Apply sightings, and those kept from before that may fit now."""
    tally: Counter[str] = Counter()
    kept = _kept(connection)
    for sighting in (*kept, *(one for one in sightings if one.key not in {k.key for k in kept})):
        tally[_apply(connection, sighting, at)] += 1
    window = _window(connection)
    for what in _pair(connection, window, at):
        tally[what] += 1
    connection.execute(statements.DROP_OLD_SIGHTINGS, (at - window - KEPT,))
    return _report(connection, tally, window, at)


def _window(connection: sqlite3.Connection) -> float:
    return float(statements.facts(connection).get("settles_after", 0.0))


def _report(
    connection: sqlite3.Connection, tally: Counter[str], window: float, at: float
) -> Reconciled:
    (unknown,) = connection.execute(statements.UNKNOWN).fetchone()
    (overdue,) = connection.execute(statements.OVERDUE, (at - window,)).fetchone()
    return Reconciled(
        settled=tally["settled"] + tally["probable"],
        probable=tally["probable"],
        updated=tally["updated"],
        unmatched=tally["unmatched"],
        unknown=unknown,
        overdue=overdue,
        settles_after=timedelta(seconds=window) if window else None,
    )


# -- sightings that name their message ----------------------------------------------------------


def _apply(connection: sqlite3.Connection, sighting: Sighting, at: float) -> str:
    """Apply one sighting; return what it did: settled, updated, nothing, kept, unmatched."""
    found = _named(connection, sighting)
    if len(found) == 1 and _is_time(sighting, found[0]):
        row = found[0]
        if row.state == "sending":  # its answer is still to come
            _keep(connection, sighting, at)
            return "kept"
        connection.execute(statements.DROP_SIGHTING, (sighting.key,))
        if row.state == "accepted" or (row.state in _OPEN and row.attempts):
            return _see(connection, row, sighting, at)
        return "unmatched"
    if not found and sighting.to and _near(connection, sighting.to):
        _keep(connection, sighting, at)
        return "kept"
    return "unmatched"


def _named(connection: sqlite3.Connection, sighting: Sighting) -> list[_Row]:
    """Return the rows a sighting names, by its reference or its id, and by its number if told.

    A number has few rows, an id may have as many as share a call: the number is looked up first.
    """
    reference, id_ = _storable(sighting.reference), _storable(sighting.id)
    if sighting.to is not None:
        found = _rows(connection, statements.BY_NUMBER, {"digits": _end(sighting.to)})
        named = [row for row in found if reference and row.carried == reference]
        return named or [row for row in found if id_ and row.message_id == id_]
    mms_id = _storable(sighting.mms_id) if sighting.source == "encoding" else None
    ways = (
        (statements.BY_CARRIED, reference),
        (statements.BY_MESSAGE_ID, id_),
        (statements.BY_MMS_ID, mms_id),
    )
    tried = (_rows(connection, query, (name,)) for query, name in ways if name)
    return next(filter(None, tried), [])


def _near(connection: sqlite3.Connection, digits: str) -> list[_Row]:
    """Return the rows of a number of which something is open."""
    return _rows(connection, statements.OPEN_BY_NUMBER, {"digits": _end(digits)})


def _rows(connection: sqlite3.Connection, query: str, given: Any) -> list[_Row]:
    return [_Row(*found) for found in connection.execute(query, given)]


def _end(number: str) -> str:
    """Return the digits with which the number ends that a service tells."""
    return (_storable(number) or "").lstrip("0")


def _is_time(sighting: Sighting, row: _Row) -> bool:
    """Whether a sighting is not from before its message left; one without a zone says nothing."""
    when = _seconds(sighting.at)
    if row.state == "accepted" or when is None or row.left_at is None:
        return True
    return when >= row.left_at - BEHIND


def _see(
    connection: sqlite3.Connection,
    row: _Row,
    sighting: Sighting,
    at: float,
    *,
    probable: bool = False,
) -> str:
    before = None if row.delivery is None else DeliveryStatus(row.delivery)
    now = before if sighting.status is None else sighting.status.after(before)
    settles = row.state != "accepted"
    if not settles and now is before and (row.message_id or not sighting.id):
        return "nothing"
    values = {
        "id": row.id,
        "at": at,
        "message_id": sighting.id,
        "mms_id": sighting.mms_id,
        "evidence": sighting.source,
        "probable": probable,
        "delivery": now and now.value,
        "delivery_at": _seconds(sighting.at) or at,
    }
    connection.execute(statements.SEEN, values)
    if settles:
        return "probable" if probable else "settled"
    return "nothing" if now is before else "updated"


# -- sightings that name none -------------------------------------------------------------------


def _pair(connection: sqlite3.Connection, window: float, at: float) -> Iterable[str]:
    """Settle rows that are the only ones a message fits, and which no other message fits.

    Number, text and time decide. Sightings of one message are those with one id.
    """
    messages: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in _kept(connection):
        name = f"{sighting.id}" if sighting.id else f"key {sighting.key}"
        messages[f"{name} {sighting.to}"].append(sighting)
    fits: dict[str, list[_Row]] = {}
    claims: Counter[int] = Counter()
    for name, seen in messages.items():
        near = _near(connection, seen[0].to or "")
        fits[name] = [row for row in near if all(_may_be(one, row, window) for one in seen)]
        claims.update(row.id for row in fits[name])
    for name, seen in messages.items():
        if len(rows := fits[name]) != 1 or claims[rows[0].id] != 1 or rows[0].state == "sending":
            continue
        for sighting in seen:
            (row,) = _again(connection, rows[0])
            connection.execute(statements.DROP_SIGHTING, (sighting.key,))
            yield _see(connection, row, sighting, at, probable=True)


def _again(connection: sqlite3.Connection, row: _Row) -> list[_Row]:
    """Return a row as it is now."""
    return _rows(connection, statements.BY_ID, (row.id,))


def _may_be(sighting: Sighting, row: _Row, window: float) -> bool:
    if sighting.reference not in {None, row.carried}:
        return False  # it would have ours, or none
    when = _seconds(sighting.at)
    if row.left_at is None or (when is not None and not _within(when, row.left_at, window)):
        return False
    return sighting.text is None or _squeezed(sighting.text) in _texts(row)


def _within(when: float, left_at: float, window: float) -> bool:
    return left_at - BEHIND <= when <= left_at + window


def _texts(row: _Row) -> set[str]:
    """Return the texts that a service may repeat of a message."""
    said = json.loads(row.body)
    slides = [slide["of"] for slide in said.get("slides", ())]
    texts = [said.get("text"), said.get("subject"), *(slide.get("text") for slide in slides)]
    return {_squeezed(text) for text in texts if text}


def _squeezed(text: str) -> str:
    return " ".join(text.split())


# -- keeping what fits nothing yet --------------------------------------------------------------


def _keep(connection: sqlite3.Connection, sighting: Sighting, at: float) -> None:
    values = {
        "key": _storable(sighting.key),
        "service": sighting.service,
        "source": sighting.source,
        "message_id": _storable(sighting.id),
        "reference": _storable(sighting.reference),
        "mms_id": _storable(sighting.mms_id),
        "digits": _storable(sighting.to),
        "text": _storable(sighting.text),
        "at": _seconds(sighting.at),
        "status": sighting.status and sighting.status.value,
        "final": sighting.final,
        "seen_at": at,
    }
    connection.execute(statements.KEEP_SIGHTING, values)


def _kept(connection: sqlite3.Connection) -> list[Sighting]:
    return [_sighting(found) for found in connection.execute(statements.SIGHTINGS).fetchall()]


def _sighting(found: tuple[Any, ...]) -> Sighting:
    key, service, source, id_, reference, mms_id, digits, text, at, status, final = found
    return Sighting(
        service=service,
        source=source,
        key=key,
        id=id_,
        reference=reference,
        mms_id=mms_id,
        to=digits,
        text=text,
        at=records.moment(at),
        status=status and DeliveryStatus(status),
        final=bool(final),
    )


def _seconds(moment: datetime | None) -> float | None:
    """Return an aware moment as seconds since 1970; one without a zone says nothing."""
    return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC).timestamp()


def _storable(text: str | None) -> str | None:
    """Return a text as a file can hold it: half of a character pair cannot be written."""
    return text and text.encode("utf-8", "backslashreplace").decode()
