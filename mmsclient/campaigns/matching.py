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

#: Seconds after it left within which a report that tells neither text nor reference nor a known id
#: may be about a message: what comes later is likelier about another one to that number.
SOON = 3600.0

#: Seconds for which a sighting that fits nothing yet is kept, on top of the deadline.
KEPT = 86_400.0


@attrs.frozen
class _Row:
    id: int
    digits: str
    kind: str
    body: str
    state: str
    attempts: int
    doubted: bool
    first_left_at: float | None
    left_at: float | None
    message_id: str | None
    delivery: str | None
    carried: str | None


def reconcile(
    connection: sqlite3.Connection, sightings: Sequence[Sighting], at: float
) -> Reconciled:
    """Apply sightings, and those kept from before that may fit now.

    Without any, all that are kept are looked at again; else those about the same numbers only.
    """
    facts = statements.facts(connection)
    window, service = float(facts.get("settles_after", 0.0)), facts.get("service")
    tally: Counter[str] = Counter()
    ends: set[str] = set()
    for sighting in map(_storable, sightings):
        ours = service in {None, sighting.service}
        tally[_apply(connection, sighting, at, ends) if ours else "unmatched"] += 1
    if not sightings:
        ends = {_end(sighting.to)[-9:] for sighting in _kept(connection)}
    for end in ends:
        tally.update(_look_again(connection, end, window, at))
    if not sightings:
        connection.execute(statements.DROP_OLD_SIGHTINGS, (at - window - KEPT,))
    return _report(connection, tally, window, at)


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


def _apply(connection: sqlite3.Connection, sighting: Sighting, at: float, ends: set[str]) -> str:
    """Apply one sighting; return what it did: settled, updated, nothing, kept, unmatched.

    Ends of numbers of which what is kept may fit now go to *ends*.
    """
    found = _named(connection, sighting)
    if len(found) == 1 and _fits(sighting, found[0]):
        row = found[0]
        if row.state == "sending":  # its answer is still to come
            _keep(connection, sighting, at)
            return "kept"
        connection.execute(statements.DROP_SIGHTING, (sighting.key,))
        if row.state == "unknown" or row.message_id is None:
            ends.add(row.digits[-9:])
        if row.state in {"accepted", "unknown"} or row.doubted:
            return _see(connection, row, sighting, at)
        return "unmatched"
    if not found and sighting.to and _near(connection, sighting.to):
        _keep(connection, sighting, at)
        ends.add(_end(sighting.to)[-9:])
        return "kept"
    return "unmatched"


def _named(connection: sqlite3.Connection, sighting: Sighting) -> list[_Row]:
    """Return the rows a sighting names, by its reference or its id, and by its number if told."""
    by_id = statements.BY_MESSAGE_ID
    if sighting.to is not None:  # an id may have as many rows as share a call
        by_id = statements.BY_MESSAGE_ID_AND_NUMBER
    ways = (
        (statements.BY_CARRIED, sighting.reference),
        (by_id, sighting.id),
        (statements.BY_MMS_ID, sighting.mms_id if sighting.source == "encoding" else None),
    )
    for query, name in ways:
        if name:
            given = {"name": name, "digits": _end(sighting.to)}
            if found := [row for row in _rows(connection, query, given) if _is_to(sighting, row)]:
                return found
    return []


def _near(connection: sqlite3.Connection, number: str) -> list[_Row]:
    """Return the rows of a number of which something is open."""
    return _rows(connection, statements.OPEN_BY_NUMBER, {"digits": _end(number)})


def _rows(connection: sqlite3.Connection, query: str, given: Any) -> list[_Row]:
    return [_Row(*found) for found in connection.execute(query, given)]


def _end(number: str | None) -> str:
    """Return the digits with which the number ends that a service tells."""
    return (number or "").lstrip("0")


def _is_to(sighting: Sighting, row: _Row) -> bool:
    """Whether the numbers fit; the service may drop the country code."""
    told = _end(sighting.to)
    return (
        sighting.to is None or row.digits == told or (len(told) >= 9 and row.digits.endswith(told))
    )


def _fits(sighting: Sighting, row: _Row) -> bool:
    """Whether a sighting with a row's reference or id is not about an older message all the same."""
    other = sighting.id and row.message_id and sighting.id != row.message_id
    if other and row.attempts < 2:
        return False
    when = _seconds(sighting.at)
    return when is None or row.first_left_at is None or when >= row.first_left_at - BEHIND


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


def _look_again(
    connection: sqlite3.Connection, end: str, window: float, at: float
) -> Iterable[str]:
    """Apply what is kept of a number, for as long as one settled row makes another sighting fit."""
    settles = True
    while settles:
        kept = _kept(connection, end)
        done = [_apply(connection, sighting, at, set()) for sighting in kept]
        done += _pair(connection, end, window, at)
        found = [what for what in done if what not in {"kept", "unmatched"}]
        yield from found
        settles = any(what in {"settled", "probable"} for what in found)


def _pair(connection: sqlite3.Connection, end: str, window: float, at: float) -> Iterable[str]:
    """Settle rows of a number that are the only ones a message fits, and which no other fits.

    Number, text and time decide. Sightings of one message are those with one id.
    """
    messages: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in _kept(connection, end):
        messages[sighting.id or f"key {sighting.key}"].append(sighting)
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
            (row,) = _rows(connection, statements.BY_ID, (rows[0].id,))  # as it is by now
            connection.execute(statements.DROP_SIGHTING, (sighting.key,))
            yield _see(connection, row, sighting, at, probable=True)


def _may_be(sighting: Sighting, row: _Row, window: float) -> bool:
    if sighting.reference not in {None, row.carried}:
        return False  # it would have ours, or none
    if row.left_at is None or row.first_left_at is None:
        return False
    latest = row.left_at + (SOON if sighting.text is None else window)
    when = _seconds(sighting.at)
    if when is not None and not row.first_left_at - BEHIND <= when <= latest:
        return False
    return sighting.text is None or _squeezed(sighting.text) in _texts(row)


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
        "key": sighting.key,
        "service": sighting.service,
        "source": sighting.source,
        "message_id": sighting.id,
        "reference": sighting.reference,
        "mms_id": sighting.mms_id,
        "digits": _end(sighting.to),
        "text": sighting.text,
        "at": _seconds(sighting.at),
        "status": sighting.status and sighting.status.value,
        "final": sighting.final,
        "seen_at": at,
    }
    connection.execute(statements.KEEP_SIGHTING, values)


def _kept(connection: sqlite3.Connection, end: str | None = None) -> list[Sighting]:
    """Return the sightings that are kept, of all numbers or of those with one end."""
    if end is None:
        found = connection.execute(statements.SIGHTINGS).fetchall()
    else:
        found = connection.execute(statements.SIGHTINGS_OF, (end,)).fetchall()
    return [_sighting(each) for each in found]


def _sighting(found: tuple[Any, ...]) -> Sighting:
    key, service, source, id_, reference, mms_id, digits, text, at, status, final = found
    return Sighting(
        service=service,
        source=source,
        key=key,
        id=id_,
        reference=reference,
        mms_id=mms_id,
        to=digits or None,
        text=text,
        at=records.moment(at),
        status=status and DeliveryStatus(status),
        final=bool(final),
    )


def _seconds(moment: datetime | None) -> float | None:
    """Return an aware moment as seconds since 1970; one without a zone says nothing."""
    return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC).timestamp()


#: What a sighting tells in texts.
_TEXTS = ("key", "id", "reference", "mms_id", "to", "text")


def _storable(sighting: Sighting) -> Sighting:
    """Return a sighting as a file can hold it: half of a character pair cannot be written."""
    told = {name: getattr(sighting, name) for name in _TEXTS}
    try:
        "".join(text for text in told.values() if text).encode()
    except UnicodeEncodeError:
        clean = {
            name: text and text.encode("utf-8", "backslashreplace").decode()
            for name, text in told.items()
        }
        return attrs.evolve(sighting, **clean)
    return sighting
