"""What was sent, what came in, who opted out, and what it cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mmsclient.simulator.cellcast.codes import invalid
from mmsclient.simulator.cellcast.inbound import text_of
from mmsclient.simulator.cellcast.newer.contacts import COUNTRY, without_prefix
from mmsclient.simulator.cellcast.newer.sends import own_row
from mmsclient.simulator.cellcast.newer.shapes import (
    PER_PAGE,
    instant,
    noisy,
    paged,
    refused,
    with_meta,
)
from mmsclient.simulator.cellcast.shapes import PAGE_SIZE

if TYPE_CHECKING:
    from mmsclient.simulator.cellcast.ask import Ask
    from mmsclient.simulator.sent import Sent, Status

#: How far a message is -> the service's words.
STATUSES: dict[Status, str] = {
    "scheduled": "scheduled",
    "pending": "queued",
    "sent": "sent",
    "delivered": "delivered",
    "failed": "failed",
    "expired": "expired",
    "cancelled": "canceled",
}

#: What a part costs, as reports show it.
_PRICE = 0.031

#: What sent every message here: not the vendor's own pages, and not an e-mail.
_FROM = "API"

#: How long a date without a time is.
_DAY = len("2026-01-08")

#: What is told of people who opted out, and not known of any.
_UNKNOWN = (
    "last_name",
    "first_name",
    "full_name",
    "birthday",
    "address",
    "email",
    "postalcode",
    "gender",
    "post_code",
    "date_of_birth",
)


def one_message(ask: Ask) -> object:
    """Tell about one sent message."""
    row = own_row(ask, ask.id)
    if row is None:
        # "An unknown id answers status: false with an internal error, not 'not found'".
        return refused({"errorMessage": "Internal server error"})
    return noisy(_row(ask, row))


def messages(ask: Ask) -> object:
    """List what was sent, newest first."""
    rows = [
        _row(ask, row)
        for row in reversed(ask.vendor.register.of(ask.book.index, "cellcast"))
        if row.message.tracking_id not in ask.folder.deleted and _wanted(ask, row)
    ]
    return noisy(paged(rows, ask.page(), ask.page("limit", PER_PAGE)))


def _wanted(ask: Ask, row: Sent) -> bool:
    message = row.message
    is_now = {
        "campType": message.kind,
        "status": STATUSES[row.status],
        "customString": message.reference,
        "requestFrom": _FROM,
        "requestName": ask.book.account.name,
    }
    asked = {name: ask.text(name) for name in is_now}
    alike = all(wish in {None, is_now[name]} for name, wish in asked.items())
    return alike and _within(ask, row.leaves_at, "fromDate", "toDate")


def _within(ask: Ask, seconds: float, first: str, last: str) -> bool:
    start, end = ask.text(first), ask.text(last)
    date = ask.vendor.clock.date(seconds)
    if start is not None and date < _moment(first, start):
        return False
    # A day without a time is meant whole.
    whole = timedelta(days=1, microseconds=-1) if end and len(end) == _DAY else timedelta()
    return end is None or date <= _moment(last, end) + whole


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid(name, "is no date") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _row(ask: Ask, row: Sent) -> dict[str, Any]:
    message, text = row.message, text_of(row)
    replies = [one for one in ask.book.inbox.of("cellcast") if one.answers is row]
    reply = replies[0] if replies else None
    detail = {
        "messagelength": len(text),
        "smscount": message.parts,
        "deductibleCredit": round(_PRICE * message.parts, 3),
    }
    return {
        "_id": message.tracking_id,
        "status": STATUSES[row.status],
        "replyStop": row.opted_out,
        "message": text,
        "sender": message.sender,
        "receiver": without_prefix(message.to, COUNTRY),
        "gateway_count": 1,
        "smsDetail": detail,
        "request_from": _FROM,
        "request_name": ask.book.account.name,
        "creditAmount": message.parts,
        "createdAt": instant(ask, message.accepted_at),
        "updatedAt": instant(ask, row.changed_at),
        "send_time": instant(ask, row.leaves_at),
        "scheduleAt": instant(ask, message.due) if message.due else None,
        "customerResponse": reply.text if reply else None,
        "customerResponseAt": instant(ask, reply.at) if reply else None,
        "customerResponseMedia": None,
        "customString": message.reference,
        "media": next((file.url for file in message.content.slides[0].files), None),
        "replyMessage": None,
    }


def credit_usage(ask: Ask) -> object:
    """List what was used, by the name of the token that used it."""
    kind = ask.text("campType")
    sent = ask.vendor.register.of(ask.book.index, "cellcast")
    used = [row.message.parts for row in sent if kind in {None, row.message.kind}]
    row = {"_id": ask.book.account.name, "total": sum(used), "totalCreditAmount": sum(used)}
    return noisy(paged([row] if used else [], ask.page(), PER_PAGE))


def responses(ask: Ask) -> object:
    """List what came in, newest first. What answers nothing has no identifier."""
    rows = [
        {
            "from": without_prefix(row.sender, COUNTRY),
            "body": row.text,
            "received_at": instant(ask, row.at),
            "message_id": row.id if row.answers else "",
        }
        for row in ask.book.inbox.of("cellcast")
    ]
    return with_meta(paged(rows, ask.page(), PAGE_SIZE), f"You have {len(rows)} response(s)")


def optouts(ask: Ask) -> object:
    """List who wants no more messages, newest first."""
    rows = [
        {"number": without_prefix(number, COUNTRY), **dict.fromkeys(_UNKNOWN, "")}
        for number, since in reversed(ask.book.opted_out.items())
        if _within(ask, since, "startDate", "endDate")
    ]
    page = paged(rows, ask.page(), ask.page("size", PER_PAGE))
    return with_meta(page, f"You have {len(rows)} optout contact(s)")
