"""Reports on a span of time: get-user-sms-sent, get-contact-sms-stats, get-message-report."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mmsclient.simulator.transmitsms.lists import field_values
from mmsclient.simulator.transmitsms.office import COARSE, FINE
from mmsclient.simulator.transmitsms.posts import SERVICE
from mmsclient.simulator.transmitsms.texts import final_text

if TYPE_CHECKING:
    from mmsclient.simulator.contacts import ContactList
    from mmsclient.simulator.sent import Sent
    from mmsclient.simulator.transmitsms.ask import Ask, Window
    from mmsclient.simulator.transmitsms.document import Body
    from mmsclient.simulator.transmitsms.office import Batch

DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)

#: Where the numbers of single messages start.
_FIRST_ROW = 937_000_000

_TYPES = ("all", "api", "campaign", "quick_sms", "email_sms", "keyword", "test_sms")


def _rows(ask: Ask, window: Window) -> list[Sent]:
    """Return what left in a span of time, newest first."""
    found = ask.vendor.register.of(ask.book.index, SERVICE)
    left = [row for row in found if row.status != "cancelled" and window.has(row.leaves_at)]
    return sorted(left, key=lambda row: (row.leaves_at, row.serial), reverse=True)


def get_sms_sent_count(ask: Ask) -> Body:
    """Count what was sent in a span of time."""
    return {"count": len(_rows(ask, ask.window(default=DAY, most=WEEK)))}


def get_user_sms_sent(ask: Ask) -> Body:
    """List every message of the account in a span of time."""
    rows = _rows(ask, ask.window().required())
    if ask.params.get("msisdn"):
        to = ask.number("msisdn").digits
        rows = [row for row in rows if row.to == to]
    return ask.page("messages", rows, lambda row: _message(ask, row), total=len(rows))


def _message(ask: Ask, row: Sent) -> Body:
    return {
        "id": _FIRST_ROW + row.serial,
        "message_id": int(row.message.tracking_id),
        "message": final_text(row),
        "sent_at": ask.stamp(row.leaves_at),
        "msisdn": row.to,
        "caller_id": row.message.sender,
        "status": COARSE[row.status],
    }


def get_contact_sms_stats(ask: Ask) -> Body:
    """List every message to one number."""
    to = ask.number("mobile").digits
    field = ask.params.choice("sort_field", "datetime_send", "delivery_status", "message_id")
    falling = ask.params.choice("order", "asc", "desc") == "desc"
    shown = [_record(ask, row) for row in reversed(_rows(ask, ask.window())) if row.to == to]
    shown.sort(key=lambda record: str(record[field]), reverse=falling)
    return ask.page("records", shown, lambda record: record, total=len(shown))


def _record(ask: Ask, row: Sent) -> Body:
    return {
        "message_id": int(row.message.tracking_id),
        "datetime_send": ask.stamp(row.leaves_at),
        "delivery_status": FINE[row.status],
    }


def get_message_report(ask: Ask) -> Body:
    """List messages of the account in a span of time, newest first, with what became of them."""
    window, kind = ask.window(default=DAY, most=MONTH), ask.params.choice("type", *_TYPES)
    listed = ask.contact_list() if ask.params.get("list_id") else None
    number = ask.number("number").digits if ask.params.get("number") else None
    batches = [
        batch
        for batch in reversed(ask.office.batches.values())
        if window.has(batch.leaves_at)
        and kind in {"all", _type(batch)}
        and number in {None, batch.sender}
    ]
    return ask.page(
        "messages",
        batches,
        lambda batch: _report(ask, batch, listed),
        messages_total=len(batches),
        sms_total=sum(batch.parts for batch in batches),
    )


def _type(batch: Batch) -> str:
    return "campaign" if batch.listed else "api"


def _report(ask: Ask, batch: Batch, listed: ContactList | None) -> Body:
    counts = batch.counts()
    return {
        "type": _type(batch),
        "id": batch.id,
        "sms": batch.parts,
        "cost": -batch.cost,
        "sent_at": ask.stamp(batch.leaves_at),
        "status": "user cancelled" if batch.cancelled else "completed",
        "message": batch.text,
        "pending": counts["pending"],
        "delivered": counts["delivered"],
        "soft_bounced": counts["soft-bounce"],
        "hard_bounced": counts["hard-bounce"],
        "optouts": counts["optouts"],
        "responses": counts["responses"],
        **(_single(ask, batch, listed) if len(batch.rows) == 1 else {}),
    }


def _single(ask: Ask, batch: Batch, listed: ContactList | None) -> Body:
    to = batch.rows[0].to
    contact = listed.contacts.get(to) if listed else None
    if listed is None or contact is None:
        return {"msisdn": to}
    return {
        "msisdn": to,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        **field_values(ask, listed, contact),
    }
