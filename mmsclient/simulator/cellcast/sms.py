"""send-sms, bulk-send-sms, send-sms-template and send-sms-nz."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.simulator.cellcast import melbourne
from mmsclient.simulator.cellcast.codes import NO_CREDIT, invalid, translated
from mmsclient.simulator.cellcast.folder import SURCHARGE
from mmsclient.simulator.cellcast.lengths import parts, too_long
from mmsclient.simulator.cellcast.phones import is_custom, is_nz_code, is_sender, nz_digits_of
from mmsclient.simulator.cellcast.recipients import Recipient, let_through, numbers_in
from mmsclient.simulator.cellcast.shapes import Told, failure, success
from mmsclient.simulator.content import Content, Outgoing, Slide
from mmsclient.simulator.refusals import Refusal
from mmsclient.simulator.rest import RestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mmsclient.simulator.cellcast.ask import Ask

#: "Item limit unstated: use 1000".
MOST_ITEMS = 1000

#: "minutes, 1 to 1440".
LONGEST_DELAY = 1440

#: "letters, digits, dashes".
_TAG = re.compile(r"[A-Za-z0-9-]+")

#: What stands in the text of a template, and what recipients bring for it.
_PLACES = re.compile(r"\{(fname|lname|gender|post_code|dob|custom_value_[1-3]|special)\}")


@attrs.frozen(kw_only=True)
class Common:
    """What all messages of a call have in common."""

    sender: str = attrs.field(repr=False)
    custom: bool
    """Whether the sender is a name."""
    reference: str | None = attrs.field(repr=False)
    source: str | None
    due: float
    """Seconds of the service's clock."""


def send_sms(ask: Ask) -> Told:
    """Send one text to many numbers."""
    text, entries, common = _sms_text(ask), numbers_in(ask), _common(ask)
    return deliver(ask, [(one, text) for one in let_through(ask, entries)], common, entries)


def bulk_send_sms(ask: Ask) -> object:
    """Send a text of its own to each: what becomes of one item is no other item's concern."""
    if not ask.items:
        raise RestError("FIELD_EMPTY", "The list is empty.")
    if len(ask.items) > MOST_ITEMS:
        raise RestError("FIELD_INVALID", f"At most {MOST_ITEMS} messages are allowed.")
    return [_bulk_item(ask, item) for item in ask.items]


def _bulk_item(ask: Ask, item: Any) -> dict[str, Any]:
    try:
        return success(_own_call(ask, item), ask.terms)
    except RestError as no:
        return failure(no, ask.terms)


def _own_call(ask: Ask, item: Any) -> Told:
    if not isinstance(item, dict):
        raise RestError("FIELD_INVALID", "The message is no object.")
    own = attrs.evolve(ask, fields=item, items=())
    text, entries, common = _sms_text(own), numbers_in(own, lone=True), _common(own, timed=False)
    return deliver(own, [(one, text) for one in let_through(own, entries)], common, entries)


def send_sms_template(ask: Ask) -> Told:
    """Send the text of a template, with what each recipient brings filled in."""
    template = ask.folder.template(ask.need("template_id"))
    if template is None:
        raise invalid("template_id", "is not known")
    entries, common = numbers_in(ask), _common(ask)
    if not all(isinstance(entry, dict) for entry in entries):
        raise invalid("numbers", "holds something that is no object")
    texts = [_filled(template.text, entry) for entry in entries]
    if not all(texts) or any(map(too_long, texts)):
        raise invalid("sms_text", "is empty or too long once it is filled")
    filled = [(one, _filled(template.text, one.given)) for one in let_through(ask, entries)]
    return deliver(ask, filled, common, entries)


def _filled(text: str, given: Mapping[str, Any]) -> str:
    return _PLACES.sub(lambda place: str(given.get(place[1], "")), text)


def send_sms_nz(ask: Ask) -> Told:
    """Send one text to numbers in New Zealand."""
    text, entries = _sms_text(ask), numbers_in(ask)
    if not is_nz_code(ask.need("from")):
        raise invalid("from", "is no short code of four digits")
    common = _common(ask, timed=False)
    recipients = let_through(ask, entries, nz_digits_of)
    return deliver(ask, [(one, text) for one in recipients], common, entries)


def _sms_text(ask: Ask) -> str:
    text = ask.need("sms_text")
    if too_long(text):
        raise invalid("sms_text", "is too long")
    return text


def _common(ask: Ask, *, timed: bool = True) -> Common:
    sender = ask.text("from", is_sender, "is not well formed")
    if sender is not None:
        _check_sender(ask, sender)
    rule = "may hold letters, digits and dashes only"
    return Common(
        sender=sender or ask.book.own_number(),
        custom=bool(sender and is_custom(sender)),
        reference=ask.text("custom_string", _is_tag, rule),
        source=ask.text("source", _is_tag, rule),
        due=_due(ask) if timed else 0.0,
    )


def _check_sender(ask: Ask, sender: str) -> None:
    try:
        ask.book.check_sender(sender)
    except Refusal as no:
        raise translated(no) from no


def _is_tag(text: str) -> bool:
    return bool(_TAG.fullmatch(text))


def _due(ask: Ask) -> float:
    at, delay = ask.text("schedule_time"), ask.fields.get("delay")
    if at is not None and delay is not None:
        raise invalid("schedule_time", "stands beside delay")
    if delay is not None:
        if isinstance(delay, bool) or not isinstance(delay, int):
            raise invalid("delay", "is no whole number")
        if not 1 <= delay <= LONGEST_DELAY:
            raise invalid("delay", f"is not from 1 to {LONGEST_DELAY} minutes")
        return ask.now + delay * 60.0
    if at is None:
        return 0.0
    moment = melbourne.read(at)
    if moment is None:
        raise invalid("schedule_time", "is not YYYY-MM-DD HH:MM:SS")
    ahead = moment - ask.vendor.clock.date(ask.now)
    if ahead < timedelta():
        raise invalid("schedule_time", "has passed")
    return ask.now + ahead.total_seconds()


def deliver(
    ask: Ask, texts: Sequence[tuple[Recipient, str]], common: Common, entries: Sequence[object]
) -> Told:
    """Send these texts, or refuse them all for want of credit; tell what was queued."""
    total = sum(parts(text) for _, text in texts)
    surcharge = SURCHARGE * total if common.custom else Decimal(0)
    if not ask.folder.can_pay(total, surcharge):
        raise RestError("FIELD_INVALID", NO_CREDIT)
    rows = [_send(ask, one, text, common) for one, text in texts]
    ask.folder.surcharges += surcharge
    cost = total + surcharge
    data = {
        "messages": rows,
        "total_numbers": ask.terms.count(len(entries)),
        "success_number": ask.terms.count(len(rows)),
        "credits_used": ask.terms.count(float(cost) if common.custom else total),
    }
    return Told(text="Queued", data=data, alert=ask.folder.alert)


def new_message_id() -> str:
    """Return an identifier as the service gives them to what it sends."""
    return str(uuid.uuid4()).upper()


def _send(ask: Ask, one: Recipient, text: str, common: Common) -> dict[str, Any]:
    message = Outgoing(
        to=one.number,
        sender=common.sender,
        kind="sms",
        tracking_id=new_message_id(),
        content=Content(slides=(Slide(text=text),)),
        reference=common.reference,
        accepted_at=ask.now,
        due=common.due,
        service="cellcast",
        parts=parts(text),
    )
    if common.source:
        ask.folder.sources[message.tracking_id] = common.source
    sent = ask.vendor.send(ask.book, message, fate=one.fate, queued=ask.queued)
    return {
        "message_id": message.tracking_id,
        "from": common.sender,
        "to": ask.terms.number(one.number),
        "body": text,
        "date": melbourne.written(ask.vendor.clock.date(sent.leaves_at)),
        "custom_string": common.reference or "",
        "direction": "out",
    }
