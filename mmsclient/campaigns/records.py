"""Rows of a campaign's file: written and read inside a transaction."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.campaigns import statements
from mmsclient.campaigns.feeding import SHOWN
from mmsclient.campaigns.values import (
    Added,
    CampaignRow,
    Failure,
    OpenRow,
)
from mmsclient.numbers import LONGEST, SHORTEST
from mmsclient.outcomes import DeliveryStatus

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from mmsclient.campaigns.packing import Content, Unpacker
    from mmsclient.campaigns.values import NewRow, Settled, State

#: Why a row to a number on the stop list is refused.
STOPPED = Failure(error="InvalidMessageError", reason="to: is on the campaign's stop list")


def failure_text(failure: Failure) -> str:
    """Return a failure as it is kept."""
    return json.dumps(attrs.asdict(failure, filter=lambda _, said: said not in {None, ""}))


def _failure(text: str | None) -> Failure | None:
    return None if text is None else Failure(**json.loads(text))


def moment(seconds: float | None) -> datetime | None:
    """Return seconds since 1970 as an aware moment."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def row(found: tuple[Any, ...], unpacker: Unpacker) -> tuple[int, CampaignRow]:
    """Return a row with its id."""
    (id_, reference, number, kind, body, state, message_id, mms_id, failure, attempts) = found[:10]
    left_at, settled_at, evidence, probable, delivery, delivery_at = found[10:]
    return id_, CampaignRow(
        reference=reference,
        to=number,
        state=state,
        message=unpacker.message(kind, body, to=number, reference=reference),
        id=message_id,
        mms_id=mms_id,
        failure=_failure(failure),
        attempts=attempts,
        left_at=moment(left_at),
        settled_at=moment(settled_at),
        evidence=evidence,
        probable=bool(probable),
        delivery=delivery and DeliveryStatus(delivery),
        delivery_at=moment(delivery_at),
    )


def open_row(found: tuple[Any, ...], unpacker: Unpacker) -> OpenRow:
    """Return a row that is to be sent."""
    id_, reference, number, kind, body, attempts, content = found
    message = unpacker.message(kind, body, to=number, reference=reference)
    return OpenRow(id=id_, reference=reference, message=message, content=content, attempts=attempts)


def add(
    connection: sqlite3.Connection, rows: Sequence[NewRow], *, replace: bool, at: float
) -> Added:
    """Take rows in; what is known by its reference stays, unless it is replaced."""
    tally = dict.fromkeys(("new", "known", "stopped"), 0)
    changes: list[tuple[int, str]] = []
    (any_stopped,) = connection.execute(statements.ANY_STOPPED).fetchone()
    contents: dict[bytes, int] = {}
    for new in rows:
        if new.digest not in contents:
            contents[new.digest] = content_id(connection, new)
        values = _values(connection, new, contents[new.digest], at if any_stopped else None)
        if connection.execute(statements.INSERT, values).rowcount:
            tally["new"] += 1
            tally["stopped"] += values["state"] == "refused"
        elif _is_same(connection, new, values["content"]):
            tally["known"] += 1
        else:
            changes.append((new.place, new.reference))
            if replace:
                connection.execute(statements.REPLACE, values)
    return Added(
        new=tally["new"],
        known=tally["known"],
        changed=len(changes),
        stopped=tally["stopped"],
        changes=tuple(changes[:SHOWN]),
    )


def content_id(connection: sqlite3.Connection, new: NewRow | Content) -> int:
    """Return the id of a content, which is kept if it was not there."""
    connection.execute(statements.KEEP_CONTENT, (new.digest, new.kind, new.body))
    (id_,) = connection.execute(statements.CONTENT, (new.digest,)).fetchone()
    return int(id_)


def _values(
    connection: sqlite3.Connection, new: NewRow, content: int, stopped_at: float | None
) -> dict[str, Any]:
    """Return the columns of a new row; *stopped_at* is None where nobody is on the stop list."""
    stopped = stopped_at is not None and is_stopped(connection, new.digits)
    return {
        "reference": new.reference,
        "given": new.given,
        "number": new.number,
        "digits": new.digits,
        "content": content,
        "state": "refused" if stopped else "pending",
        "failure": failure_text(STOPPED) if stopped else None,
        "settled_at": stopped_at if stopped else None,
    }


def _is_same(connection: sqlite3.Connection, new: NewRow, content: int) -> bool:
    _, digits, known, *_ = connection.execute(statements.KNOWN, (new.reference,)).fetchone()
    if digits != new.digits:
        return False
    return bool(known == content or _one(connection, statements.STANDS_FOR, (content, known)))


def _one(connection: sqlite3.Connection, query: str, given: tuple[Any, ...]) -> Any:
    return connection.execute(query, given).fetchone()[0]


def is_stopped(connection: sqlite3.Connection, digits: str) -> bool:
    """Whether a number is on the stop list, with its country code or without."""
    ends = [digits[-length:] for length in range(SHORTEST, LONGEST + 1)]
    (found,) = connection.execute(statements.IS_STOPPED, ends).fetchone()
    return bool(found)


def stop(connection: sqlite3.Connection, numbers: Sequence[str], source: str, at: float) -> int:
    """Put numbers on the stop list; pending rows to them are refused."""
    given = {"failure": failure_text(STOPPED), "at": at}
    new = [
        digits
        for digits in numbers
        if connection.execute(statements.ADD_STOPPED, (digits, source, at)).rowcount
    ]
    for digits in new:
        connection.execute(statements.REFUSE_STOPPED, {"digits": digits, **given})
    if any(len(digits) < 9 for digits in new):
        connection.execute(statements.REFUSE_STOPPED_SHORT, given)
    return len(new)


def depart(
    connection: sqlite3.Connection, rows: Mapping[int, str | None], at: float
) -> dict[int, State]:
    """Let rows leave together, or none of them where one is not pending any more.

    One whose number is on the stop list is refused.
    """
    (any_stopped,) = connection.execute(statements.ANY_STOPPED).fetchone()
    gone: dict[int, State] = {}
    for id_ in rows:
        state, digits = connection.execute(statements.STATE, (id_,)).fetchone()
        if state == "pending" and any_stopped and is_stopped(connection, digits):
            state = "refused"
            connection.execute(statements.REFUSE, (failure_text(STOPPED), at, id_))
        if state != "pending":
            gone[id_] = state
    if gone:
        return gone
    first = next(iter(rows))
    for id_, carried in rows.items():
        given = {"id": id_, "carried": carried, "departure": first, "at": at}
        connection.execute(statements.DEPART, given)
    return {}


def settle(connection: sqlite3.Connection, id_: int, settled: Settled, at: float) -> None:
    """Write what became of a row, once."""
    values = {
        "id": id_,
        "state": settled.state,
        "at": at,
        "failure": settled.failure and failure_text(settled.failure),
        # Without an id nothing can be linked to the message by it.
        "message_id": settled.message_id or None,
        "mms_id": settled.mms_id,
    }
    connection.execute(statements.SETTLE, values)


def resend(connection: sqlite3.Connection, references: Sequence[str] | None, before: float) -> int:
    """Make unknown rows pending again that left before a time."""
    if references is None:
        return connection.execute(statements.RESEND, {"before": before}).rowcount
    query = f"{statements.RESEND} AND reference = :reference"
    each = ({"before": before, "reference": reference} for reference in references)
    return sum(connection.execute(query, one).rowcount for one in each)
