"""send-sms and cancel-sms: who gets it, what it says, what it costs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from mmsclient.simulator.contacts import Contact
from mmsclient.simulator.content import Content, Outgoing, Slide
from mmsclient.simulator.faults import Asked, Fault
from mmsclient.simulator.rest import RestError, said
from mmsclient.simulator.transmitsms.numbering import number
from mmsclient.simulator.transmitsms.office import Batch, cost_of
from mmsclient.simulator.transmitsms.params import invalid
from mmsclient.simulator.transmitsms.posts import SERVICE
from mmsclient.text import segments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mmsclient.simulator.transmitsms.ask import Ask
    from mmsclient.simulator.transmitsms.document import Body

MOST_NUMBERS, LONGEST_TEXT, MOST_PARTS = 500, 612, 4
#: Minutes; a message is given up after 72 hours anyway.
LONGEST_VALIDITY = 72 * 60

_CODE = re.compile(r"[0-9]{3,15}", re.ASCII)
_WORD = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9._&-]{1,11}", re.ASCII)
_TAG = re.compile(r"\[([^\[\]]{1,60})\]")


@attrs.define(kw_only=True)
class _Recipients:
    """Who is sent to, and who is not."""

    going: dict[int, tuple[str, Contact | None, Fault | None]] = attrs.field(factory=dict)
    """Place -> number, contact, what strikes it on its way."""
    fails: list[str] = attrs.field(factory=list)
    optouts: list[str] = attrs.field(factory=list)

    def refusal(self) -> RestError:
        """Return what is said where nobody is left."""
        return nobody(self.fails, self.optouts)


def nobody(fails: list[str], optouts: list[str]) -> RestError:
    """Return the refusal whose description is an object."""
    return RestError("RECIPIENTS_ERROR", {"fails": fails, "optouts": optouts})


def send_sms(ask: Ask) -> Body:
    """Send a text to numbers or to a list."""
    params = ask.params
    text, callbacks = _text(ask), _callbacks(ask)
    if (params.get("to") is None) == (params.get("list_id") is None):
        raise invalid("to", "You must provide either 'list_id' or 'to'")
    due, tracked_url = params.moment("send_at"), params.url("tracked_link_url")
    validity = params.whole("validity", 0, LONGEST_VALIDITY)
    if params.get("replies_to_email"):
        params.email("replies_to_email")
    batch = Batch(
        id=int(ask.vendor.new_number()),
        text=text,
        created_at=ask.now,
        due=ask.seconds(due) if due else 0.0,
        sender=_sender(ask),
        listed=ask.contact_list() if params.get("list_id") else None,
    )
    chosen = _of_list(ask, batch) if batch.listed else _of_numbers(ask)
    drafts = [
        _outgoing(batch, place, *who, tracked_url=tracked_url, callbacks=callbacks)
        for place, who in chosen.going.items()
    ]
    _dispatch(ask, batch, drafts, validity)
    return {**_told(ask, batch), **_left_out(ask, chosen)}


def _text(ask: Ask) -> str:
    text = ask.params.need("message")
    taken = segments(text)
    # Parts of other alphabets than GSM have no published limit.
    if len(text) > LONGEST_TEXT or (taken.encoding == "gsm-7" and taken.parts > MOST_PARTS):
        raise invalid("message", "Field 'message' is too long")
    return text


def _callbacks(ask: Ask) -> dict[str, str]:
    sent = {name: ask.params.url(f"{name}_callback") for name in ("dlr", "reply", "link_hits")}
    return {name: url for name, url in sent.items() if url}


def _sender(ask: Ask) -> str:
    book, sender = ask.book, ask.params.get("from")
    leased = [number for number, lease in book.leases.items() if lease.active]
    if sender is None:
        shared = ask.params.flag("from_shared") or not leased
        return ask.offices.shared_sender() if shared else leased[0]
    lease = book.leases.get(sender)
    if lease is not None and lease.active:
        return sender
    known = book.account.senders is None or sender in book.account.senders
    if lease is not None or not known or not (_CODE.fullmatch(sender) or _WORD.fullmatch(sender)):
        raise RestError("BAD_CALLER_ID")
    return sender


def _of_list(ask: Ask, batch: Batch) -> _Recipients:
    assert batch.listed is not None  # noqa: S101 - asked before
    found = _Recipients()
    for contact in sorted(batch.listed.active, key=lambda contact: contact.number):
        _judge(ask, found, contact.number, contact.number, contact=contact, alone=False)
    if not batch.listed.active:
        raise RestError("LIST_EMPTY", "The list has no active member")
    if not found.going:
        raise found.refusal()
    return found


def _of_numbers(ask: Ask) -> _Recipients:
    given = [one.strip() for one in ask.params.need("to").split(",") if one.strip()]
    country, found, alone = ask.country(), _Recipients(), len(given) == 1
    if len(given) > MOST_NUMBERS:
        raise invalid("to", f'Field "to" holds more than {MOST_NUMBERS} numbers.')
    for written in given:
        read = number(written, country)
        if read is not None:
            _judge(ask, found, written, read.digits, contact=None, alone=alone)
        elif alone:
            raise invalid("to", 'Field "to" is not a valid number.')
        else:
            found.fails.append(written)
    if not found.going:
        raise found.refusal()
    return found


def _judge(
    ask: Ask, found: _Recipients, written: str, to: str, *, contact: Contact | None, alone: bool
) -> None:
    asked = Asked(action="send-sms", to=to, service=SERVICE)
    own = None if alone else ask.vendor.strike_one(asked)
    stop = to in ask.book.opted_out or bool(own and own.code == "E114")
    if stop or to in ask.book.account.blacklist:
        found.optouts.append(written)
    elif own and own.code:
        if said(own).code not in {"FIELD_INVALID", "RECIPIENTS_ERROR"}:
            raise said(own)
        found.fails.append(written)
    else:
        place = len(found.going)
        found.going[place] = (to, contact, own or ask.fate)


def _outgoing(
    batch: Batch,
    place: int,
    to: str,
    contact: Contact | None,
    fate: Fault | None,
    *,
    tracked_url: str | None,
    callbacks: Mapping[str, str],
) -> tuple[Outgoing, Fault | None]:
    values = _values(batch, contact)
    tracked = tracked_url is not None and "[tracked-link]" in batch.text.lower()
    if tracked:
        values["tracked-link"] = f"tl.example.net/{batch.id}{place:03}"
    values["unsub-reply-link"] = f"out.example.net/{batch.id}{place:03}"
    text = _TAG.sub(lambda tag: values.get(tag[1].lower(), tag[0]), batch.text)
    parts = segments(text).parts
    message = Outgoing(
        to=to,
        sender=batch.sender,
        mask=batch.sender,
        kind="sms",
        tracking_id=str(batch.id),
        content=Content(slides=(Slide(text=text),)),
        accepted_at=batch.created_at,
        due=batch.due,
        service=SERVICE,
        parts=parts,
        tracked=tracked,
        callbacks=callbacks,
    )
    return message, fate


def _values(batch: Batch, contact: Contact | None) -> dict[str, str]:
    if contact is None or batch.listed is None:
        return {}
    own = {name.lower(): contact.data.get(n, "") for n, name in batch.listed.fields.items()}
    names = {"firstname": contact.first_name or "", "lastname": contact.last_name or ""}
    return {**own, **names}


def _dispatch(
    ask: Ask,
    batch: Batch,
    drafts: list[tuple[Outgoing, Fault | None]],
    validity: int | None,
) -> None:
    batch.parts = sum(message.parts for message, _ in drafts)
    batch.cost = cost_of(batch.parts)
    if not ask.book.can_pay(batch.parts):
        raise RestError("LEDGER_ERROR")
    ask.office.batches[batch.id] = batch
    for message, fate in drafts:
        sent = ask.vendor.send(ask.book, message, fate=fate, queued=ask.course.queued)
        batch.rows.append(sent)
        if validity:
            ask.vendor.give_up(sent, batch.leaves_at + validity * 60)
    ask.offices.charge(ask.office, batch)


def _told(ask: Ask, batch: Batch) -> Body:
    listed = {"list": {"id": batch.listed.id, "name": batch.listed.name}} if batch.listed else {}
    return {
        "message_id": batch.id,
        "send_at": ask.stamp(batch.leaves_at),
        "recipients": len(batch.rows),
        "cost": batch.cost,
        "sms": batch.parts,
        **listed,
        "delivery_stats": dict.fromkeys(
            ("delivered", "pending", "bounced", "responses", "optouts"), 0
        ),
    }


def _left_out(ask: Ask, chosen: _Recipients) -> Body:
    # Today they are passed over in silence; an older edition tells.
    if not ask.book.account.tells_fails:
        return {}
    told = {"fails": chosen.fails, "optouts": chosen.optouts}
    return {name: numbers for name, numbers in told.items() if numbers}


def cancel_sms(ask: Ask) -> Body:
    """Take a scheduled message back."""
    batch = ask.batch("id")
    if not batch.rows or not all(row.status == "scheduled" for row in batch.rows):
        words = "This message is already sent or can not be cancelled"
        raise RestError("ALREADY_SENT", words)
    for row in batch.rows:
        ask.vendor.cancel(row)
    ask.offices.refund(ask.office, batch, ask.now)
    return {"success": "OK"}
