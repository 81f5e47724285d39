"""get-responses, inbound-read, inbound-read-bulk, get-optout and get-sms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from mmsclient.simulator.cellcast import melbourne
from mmsclient.simulator.cellcast.codes import empty, invalid
from mmsclient.simulator.cellcast.shapes import Told, listing, nobody_wrote
from mmsclient.simulator.rest import RestError

if TYPE_CHECKING:
    from mmsclient.simulator.cellcast.ask import Ask
    from mmsclient.simulator.content import Kind
    from mmsclient.simulator.inbound import Inbound
    from mmsclient.simulator.sent import Sent, Status

#: How far a message is -> the service's words.
STATUSES: dict[Status, str] = {
    "scheduled": "Queued",
    "pending": "Queued",
    "sent": "Dispatched",
    "delivered": "Delivered",
    "failed": "Failed",
    "expired": "Expired",
    "cancelled": "Aborted",
}


def get_responses(ask: Ask) -> object:
    """List what came in and nobody has marked as read; listing marks nothing."""
    kind = ask.text("type", lambda given: given in {"sms", "mms"}, "is neither sms nor mms")
    rows = ask.book.inbox.unread("cellcast", cast("Kind", kind or "sms"))
    page = listing([response_row(ask, row) for row in rows], ask.page())
    if page.rows:
        return Told(text=f"You have {len(rows)} response(s)", page=page)
    if ask.terms.empty == "NOT_FOUND":
        raise RestError("NOT_FOUND", "There are no responses.")
    return nobody_wrote(ask.terms)


def response_row(ask: Ask, row: Inbound) -> dict[str, Any]:
    """Return an inbound message as listings have it. What it answers may be left out, or empty."""
    body = {"from": ask.terms.number(row.sender), "body": row.text, "received_at": at(ask, row.at)}
    answered = row.answers
    original = {
        "original_message_id": answered.message.tracking_id if answered else "",
        "original_body": text_of(answered) if answered else "",
    }
    if row.kind == "mms":
        mail = {"subaccount_id": f"sub-{ask.book.index}@example.net"}
        return {**body, "message_id": row.id, **(original if answered else {}), **mail}
    reference = (answered.message.reference if answered else None) or ""
    return {**body, "custom_string": reference, **original, "message_id": row.id}


def text_of(sent: Sent) -> str:
    """Return the text of what was sent."""
    return sent.message.content.slides[0].text or ""


def at(ask: Ask, seconds: float) -> str:
    """Return seconds of the service's clock as a date."""
    return melbourne.written(ask.vendor.clock.date(seconds))


def inbound_read(ask: Ask) -> Told:
    """Mark one message as read, or all from before a time; with neither, every one."""
    inbox, given = ask.book.inbox, ask.fields.get("message_id")
    if given is not None:
        _mark(ask, [ask.need("message_id")])
    elif ask.fields.get("date_before") is not None:
        moment, date = _moment(ask.fields["date_before"]), ask.vendor.clock.date
        older = [row.id for row in inbox.of("cellcast") if date(row.at) < moment]
        inbox.mark_read("cellcast", ids=older)
    else:
        inbox.mark_read("cellcast")
    return Told(text="Inbound messages have been marked as read.")


def inbound_read_bulk(ask: Ask) -> Told:
    """Mark many messages as read."""
    ids = ask.fields.get("message_id")
    if not ids:
        raise empty("message_id")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise invalid("message_id", "is no list of texts")
    _mark(ask, ids)
    return Told(text="Inbound messages have been marked as read.")


def _mark(ask: Ask, ids: list[str]) -> None:
    if not {row.id for row in ask.book.inbox.of("cellcast")} & set(ids):
        raise RestError("NOT_FOUND", "There is no such message.")
    ask.book.inbox.mark_read("cellcast", ids=ids)


def _moment(given: object) -> datetime:
    # "Type of date_before is not stated; Unix seconds in one transcription".
    text = str(given)
    if text.isascii() and text.isdigit() and len(text) <= 11:
        return datetime.fromtimestamp(int(text), UTC)
    moment = melbourne.read(text)
    if moment is None:
        raise invalid("date_before", "is no date")
    return moment


def get_optout(ask: Ask) -> Told:
    """List the numbers that want no more messages, newest first."""
    if not ask.terms.opt_out_active:
        raise RestError("NO_ACCESS", "Opt-out for API is not active.")
    start, end = _date(ask, "DATESTART"), _date(ask, "DATEEND")
    moments = {number: ask.vendor.clock.date(since) for number, since in ask.book.opted_out.items()}
    rows = [
        _optout_row(ask, number, moment)
        for number, moment in reversed(moments.items())
        if (start is None or start <= moment) and (end is None or moment <= end)
    ]
    page = listing(rows, ask.page())
    return Told(text=f"You have {len(rows)} optout contact(s)", page=page)


def _date(ask: Ask, name: str) -> datetime | None:
    text = ask.text(name)
    moment = melbourne.read(text)
    if text is not None and moment is None:
        raise invalid(name, "is not YYYY-MM-DD HH:MM:SS")
    return moment


def _optout_row(ask: Ask, number: str, moment: datetime) -> dict[str, Any]:
    nothing = dict.fromkeys(("first_name", "last_name", "gender", "post_code", "dob"), "")
    shown = {"number": ask.terms.number(number), **nothing}
    return {**shown, "created_at": melbourne.written(moment)}


def get_sms(ask: Ask) -> Told:
    """Tell how far a message is: a list of one, or of none where there is no such message."""
    rows = ask.vendor.register.known_as(ask.book.index, ask.need("message_id"))
    own = [row for row in rows if row.message.service == "cellcast"]
    return Told(text="Record found" if own else "No record", data=[_sms_row(ask, r) for r in own])


def _sms_row(ask: Ask, row: Sent) -> dict[str, Any]:
    return {
        "to": ask.terms.number(row.to),
        "body": text_of(row),
        "sent_time": at(ask, row.leaves_at),
        "message_id": row.message.tracking_id,
        "status": STATUSES[row.status],
        "subaccount_id": "",
    }
