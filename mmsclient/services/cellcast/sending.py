"""What became of the messages in a send: proofs, refusals, and what an answer leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.errors import RefusedError
from mmsclient.numbers import clean_number
from mmsclient.outcomes import Accepted, Outcome, Refused, Unknown
from mmsclient.services import fields, judge
from mmsclient.services.cellcast import matching, payload, times
from mmsclient.services.cellcast.values import RefusedNumber, Sent, SentMessage
from mmsclient.services.fields import FieldError, Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from mmsclient.errors import CallError
    from mmsclient.messages import Message
    from mmsclient.services.cellcast.answers import Answer

_ABSENT = "the service left this number out of what it sent: not valid, or unsubscribed"
_NAMED = "the service did not send to this number: not valid, or unsubscribed"
_OPEN = "the answer does not account for this number; whether it was sent to is open"


@attrs.frozen(kw_only=True)
class Dialect:
    """Where one of the two APIs lists what it sent and what it did not."""

    sent: tuple[str, ...]
    number: tuple[str, ...]
    id: str
    refused: tuple[str, ...] = ()
    """Lists of the numbers that it did not send to; without any, an absent number is refused."""


V3 = Dialect(sent=payload.SENT, number=("to",), id="message_id")
BEARER = Dialect(
    sent=payload.QUEUED,
    number=("Number", "Contact"),
    id="MessageId",
    refused=("invalidContacts", "unsubscribeContacts"),
)


@attrs.frozen(kw_only=True)
class Fate:
    """What an answer says of each of the numbers asked for."""

    sent: Mapping[str, Tree] = attrs.field(repr=False)
    refused: Mapping[str, Tree] = attrs.field(repr=False)
    unknown: frozenset[str] = attrs.field(repr=False)


def fate(answer: Answer, numbers: Sequence[str], dialect: Dialect) -> Fate:
    """Return what the answer says of *numbers*, which are cleaned.

    A v3 answer leaves refused numbers out: so absence is a refusal, unless a row speaks of a
    number that nobody asked for, or the service counts more successes than it lists. The Bearer
    API names those it refuses: so absence leaves it open.

    Raises:
        FieldError: there is no proof of anything.
    """
    listed = payload.rows(answer.tree, dialect.sent) if _has(answer, dialect.sent) else ()
    sent = matching.match(listed, numbers, dialect.number)
    refused = _refused(answer, numbers, dialect)
    if not (sent.found or refused):
        raise FieldError(dialect.sent[0], "there, or names none of the numbers")
    rest = [number for number in numbers if number not in sent.found and number not in refused]
    open_ = bool(dialect.refused or sent.strays or _counted(answer) > len(sent.found))
    return Fate(
        sent=sent.found,
        refused={n: {} for n in rest if not open_}
        | {n: row for n, row in refused.items() if n not in sent.found},
        unknown=frozenset(rest if open_ else ()),
    )


def outcomes(messages: Sequence[Message], answer: Answer, dialect: Dialect) -> list[Outcome]:
    """Return what became of each message, in order; no two of them have one number."""
    numbers = [clean_number(message.to) for message in messages]
    told = fate(answer, numbers, dialect)
    return [
        _outcome(message, to, told, answer, dialect)
        for message, to in zip(messages, numbers, strict=True)
    ]


def accepted(message: Message, dialect: Dialect) -> Callable[[Answer], Accepted]:
    """Return the reader of an answer to one message: it is accepted, or its error is raised."""

    def read(answer: Answer) -> Accepted:
        (outcome,) = outcomes((message,), answer, dialect)
        if isinstance(outcome, Accepted):
            return outcome
        raise outcome.error

    return read


def sent(numbers: Sequence[str], dialect: Dialect, zone: ZoneInfo) -> Callable[[Answer], Sent]:
    """Return the reader of an answer to a call that sends to *numbers*, which are cleaned."""

    def read(answer: Answer) -> Sent:
        told = fate(answer, numbers, dialect)
        if not told.sent:
            raise _error(answer, _NAMED)
        return _sent(told, answer, dialect, zone)

    return read


def _has(answer: Answer, names: tuple[str, ...]) -> bool:
    # A bare list in data is no list of messages: rows would take it for one.
    return any(name in holder for holder in payload.holders(answer.tree) for name in names)


def _refused(answer: Answer, numbers: Sequence[str], dialect: Dialect) -> Mapping[str, Tree]:
    rows: list[Any] = []
    for name in dialect.refused:
        if _has(answer, (name,)):
            # Contacts that have unsubscribed are listed without a block around them.
            listed = payload.rows(answer.tree, (name,))
            rows += [row if not isinstance(row, str) else {"Contact": row} for row in listed]
    return matching.match(rows, numbers, dialect.number).found


def _counted(answer: Answer) -> int:
    counts = (_number(holder, "success_number") for holder in payload.holders(answer.tree))
    return next((count for count in counts if count is not None), 0)


def _number(tree: Tree, name: str) -> int | None:
    try:
        return fields.number(tree, name)
    except FieldError:
        return None


def _decimal(tree: Tree, name: str) -> Decimal | None:
    try:
        return fields.decimal(tree, name)
    except FieldError:
        return None


def _outcome(message: Message, to: str, told: Fate, answer: Answer, dialect: Dialect) -> Outcome:
    if to in told.sent:
        return Accepted(
            # A row that names the number and no id is a yes all the same.
            id=_text(told.sent[to], dialect.id) or "",
            to=to,
            message=message,
            reference=message.reference,
            raw=answer.tree,
        )
    if to in told.unknown:
        error = judge.unreadable(answer.response, answer.operation, _OPEN)
        return Unknown(message=message, error=error)
    row = told.refused[to]
    return Refused(message=message, error=_error(answer, _NAMED if row else _ABSENT, row))


def _error(answer: Answer, reason: str, row: Tree | None = None) -> CallError:
    return RefusedError(
        reason,
        operation=answer.operation,
        description=_text(row or {}, "Error"),
        http_status=answer.response.status,
        raw=answer.response.body,
    )


def _text(tree: Tree, name: str) -> str | None:
    try:
        return fields.text(tree, name)
    except FieldError:
        return None


def _sent(told: Fate, answer: Answer, dialect: Dialect, zone: ZoneInfo) -> Sent:
    whole = payload.whole(answer.tree)
    return Sent(
        messages=tuple(_message(row, to, dialect, zone) for to, row in told.sent.items()),
        refused=tuple(
            RefusedNumber(to=to, why=_text(row, "Error") or "", raw=row)
            for to, row in told.refused.items()
        ),
        unknown=tuple(sorted(told.unknown)),
        total_numbers=_number(whole, "total_numbers"),
        success_number=_number(whole, "success_number"),
        credits_used=_decimal(whole, "credits_used"),
        low_sms_alert=_text(answer.tree, "low_sms_alert"),
        raw=answer.tree,
    )


def _message(row: Tree, to: str, dialect: Dialect, zone: ZoneInfo) -> SentMessage:
    known = fields.plain(row)
    return SentMessage(
        id=fields.text(known, dialect.id) or "",
        to=next((said for name in dialect.number if (said := payload.number(known, name))), to),
        sender=payload.number(known, "from"),
        text=fields.words(known, "body"),
        subject=fields.words(known, "subject"),
        reference=fields.text(known, "custom_string"),
        at=times.read(known, "date", zone),
        raw=row,
    )
