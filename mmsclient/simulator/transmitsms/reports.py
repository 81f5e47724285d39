"""Reports on one message: get-sms, get-sms-stats, get-sms-delivery-status, get-sms-sent and more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.simulator.rest import RestError
from mmsclient.simulator.sent import FINAL
from mmsclient.simulator.transmitsms.office import COARSE
from mmsclient.simulator.transmitsms.responses import names
from mmsclient.simulator.transmitsms.texts import final_text, row_of

if TYPE_CHECKING:
    from mmsclient.simulator.sent import Sent
    from mmsclient.simulator.transmitsms.ask import Ask
    from mmsclient.simulator.transmitsms.document import Body
    from mmsclient.simulator.transmitsms.office import Batch

#: ``get-sms-delivery-status`` says it in other words than all other calls.
_OUTCOMES = {"delivered": "delivered", "bounced": "failed", "pending": "pending"}


def _facts(ask: Ask, batch: Batch, *, text: bool) -> Body:
    counts = batch.counts()
    listed = {"id": batch.listed.id, "name": batch.listed.name} if batch.listed else None
    shown = ("delivered", "pending", "bounced", "responses", "optouts")
    return {
        "message_id": batch.id,
        "send_at": ask.stamp(batch.leaves_at),
        "recipients": len(batch.rows),
        "cost": batch.cost,
        "sms": batch.parts,
        **({"message": batch.text} if text else {}),
        **({"list": listed} if listed else {}),
        "delivery_stats": {name: counts[name] for name in shown},
    }


def get_sms(ask: Ask) -> Body:
    """Tell about a message."""
    return _facts(ask, ask.batch(), text=True)


def get_sms_stats(ask: Ask) -> Body:
    """Count what became of a message."""
    batch = ask.batch()
    counts = batch.counts()
    stats = {
        "hard_bounced": counts["hard-bounce"],
        "soft_bounced": counts["soft-bounce"],
        "total": len(batch.rows),
        "recipientCount": len(batch.rows),
        "delivered": counts["delivered"],
        "pending": counts["pending"],
        "bounced": counts["bounced"],
        "responses": counts["responses"],
        "opt-outs": counts["optouts"],
        "link_hits": counts["hits"],
    }
    return {"stats": stats}


def get_sms_delivery_status(ask: Ask) -> Body:
    """Tell how far a message to one recipient is."""
    row = row_of(ask, "msisdn")
    final = row.status in FINAL
    stats = {
        "message_id": int(row.message.tracking_id),
        "sender_id": row.message.sender,
        "mobile": row.to,
        "send_at": ask.stamp(row.leaves_at),
        # Minute precision; what is there before a report comes is not documented.
        "datetime": f"{ask.stamp(row.changed_at)[:-2]}00" if final else None,
        "status": _OUTCOMES[COARSE[row.status]],
        "message": final_text(row),
    }
    return {"stats": stats}


def get_sms_sent(ask: Ask) -> Body:
    """List the recipients of a message."""
    params, batch = ask.params, ask.batch()
    if params.get("list_id"):
        ask.contact_list()
    optouts = params.choice("optouts", "include", "only", "omit")
    delivery = params.choice("delivery", "", "delivered", "failed", "pending")
    rows = [
        row
        for row in batch.rows
        if (optouts == "include" or _opted_out(ask, row) == (optouts == "only"))
        and (not delivery or _OUTCOMES[COARSE[row.status]] == delivery)
    ]
    facts = _facts(ask, batch, text=False)
    return ask.page(
        "recipients", rows, lambda row: _recipient(ask, batch, row), total=len(rows), message=facts
    )


def _recipient(ask: Ask, batch: Batch, row: Sent) -> Body:
    first, last = names(batch.listed, row.to)
    return {
        "msisdn": row.to,
        "first_name": first,
        "last_name": last,
        "delivery_status": COARSE[row.status],
        "optout": _opted_out(ask, row),
    }


def _opted_out(ask: Ask, row: Sent) -> bool:
    return row.opted_out or row.to in ask.book.opted_out


def get_link_hits(ask: Ask) -> Body:
    """List who opened the tracked link. The shape of its rows is nowhere to be found: a guess."""
    rows = [row for row in ask.batch().rows if row.hits]
    return ask.page(
        "recipients",
        rows,
        lambda row: {"msisdn": row.to, "link_hits": row.hits},
        total=len(rows),
    )


def get_balance(ask: Ask) -> Body:
    """Tell what money is left."""
    return {"balance": ask.book.balance, "currency": "AUD"}


def get_sender_ids(ask: Ask) -> Body:
    """List senders. Its shape is nowhere to be found: a guess."""
    senders = sorted(ask.book.account.senders or ()) or list(ask.book.leases)
    if not senders:
        raise RestError("NOT_FOUND")
    return {"sender_ids": senders}
