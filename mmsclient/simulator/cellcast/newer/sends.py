"""gateway, gatewaymms, cancelScheduleQuickMessage and the deletion of a message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.simulator.cellcast.bodies import json_list
from mmsclient.simulator.cellcast.codes import NO_CREDIT, empty, invalid, translated
from mmsclient.simulator.cellcast.folder import NOTHING
from mmsclient.simulator.cellcast.lengths import parts, too_long
from mmsclient.simulator.cellcast.mms import picture
from mmsclient.simulator.cellcast.newer.contacts import contact_reader, country_in, without_prefix
from mmsclient.simulator.cellcast.newer.shapes import new_id, noisy
from mmsclient.simulator.cellcast.phones import is_custom, is_sender
from mmsclient.simulator.cellcast.recipients import MOST_NUMBERS, Recipient, fate_of
from mmsclient.simulator.cellcast.shapes import answer
from mmsclient.simulator.content import Content, Outgoing, Slide
from mmsclient.simulator.refusals import Refusal
from mmsclient.simulator.rest import RestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmsclient.simulator.cellcast.ask import Ask
    from mmsclient.simulator.content import Kind
    from mmsclient.simulator.sent import Sent

#: "delay (milliseconds, at most 86400000)".
LONGEST_DELAY = 86_400_000

#: "media (jpg, jpeg, png, at most 230 KB)".
LARGEST_MEDIA = 230_000

#: "Price increases to 1.3 credits per SMS for Custom ID": what comes on top of each credit.
SURCHARGE = Decimal("0.3")

#: "the system will default to" a number that many accounts share.
_SHARED = "#SharedNum#"

_TYPES = {"image/jpeg", "image/png"}


@attrs.frozen(kw_only=True)
class _Sorted:
    """The contacts of a call by what becomes of them."""

    recipients: list[Recipient] = attrs.field(factory=list)
    invalid: list[dict[str, str]] = attrs.field(factory=list)
    unsubscribed: list[str] = attrs.field(factory=list)


def gateway(ask: Ask) -> object:
    """Send one text, its own or a template's, to one or many."""
    text = _text(ask)
    contacts = ask.fields.get("contacts")
    due, sender = _due(ask), _sender(ask)
    reference = ask.text("customString")
    found = _sorted(ask, _checked(contacts))
    _pay(ask, len(found.recipients) * parts(text), named=is_custom(sender))
    content = Content(slides=(Slide(text=text),))
    ids = [
        _send(ask, one, content, sender=sender, reference=reference, due=due)
        for one in found.recipients
    ]
    return _told(ask, found, ids)


def gatewaymms(ask: Ask) -> object:
    """Send one picture with a text to one or many."""
    text, sender = ask.need("message"), _sender(ask)
    field = "media" if ask.fields.get("media") else "gif"
    file = picture(ask, field, room=LARGEST_MEDIA, types=_TYPES)
    found = _sorted(ask, _checked(json_list(ask.need("contacts"))))
    _pay(ask, len(found.recipients))
    content = Content(slides=(Slide(text=text, files=(file,)),))
    ids = [_send(ask, one, content, sender=sender, kind="mms") for one in found.recipients]
    return _told(ask, found, ids)


def _text(ask: Ask) -> str:
    if ask.fields.get("templateId"):
        template = ask.folder.template(ask.need("templateId"))
        if template is None:
            raise invalid("templateId", "is not known")
        return template.text
    text = ask.need("message")
    if too_long(text):
        raise invalid("message", "is too long")
    return text


def _checked(contacts: object) -> Sequence[object]:
    if contacts in (None, "", []):
        raise empty("contacts")
    if not isinstance(contacts, list):
        raise invalid("contacts", "is no list")
    if len(contacts) > MOST_NUMBERS:
        raise invalid("contacts", f"has more than {MOST_NUMBERS} numbers")
    return contacts


def _sender(ask: Ask) -> str:
    sender = ask.fields.get("sender")
    if sender in (None, "", _SHARED):
        return ask.book.own_number()
    plain = sender.removeprefix("+") if isinstance(sender, str) else ""
    if not is_sender(plain):
        raise invalid("sender", "is not well formed")
    try:
        ask.book.check_sender(plain)
    except Refusal as no:
        raise translated(no) from no
    return plain


def _due(ask: Ask) -> float:
    delay, at = ask.fields.get("delay"), ask.text("scheduleAt")
    if delay is not None:
        if isinstance(delay, bool) or not isinstance(delay, int):
            raise invalid("delay", "is no whole number")
        if not 0 <= delay <= LONGEST_DELAY:
            raise invalid("delay", f"is not from 0 to {LONGEST_DELAY} milliseconds")
        return ask.now + delay / 1000
    if at is None:
        return 0.0
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise invalid("scheduleAt", "is no date") from error
    # "scheduleAt (UTC)".
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    ahead = aware - ask.vendor.clock.date(ask.now)
    if ahead < timedelta():
        raise invalid("scheduleAt", "has passed")
    return ask.now + ahead.total_seconds()


def _sorted(ask: Ask, contacts: Sequence[object]) -> _Sorted:
    found, read, country = _Sorted(), contact_reader(ask.fields), country_in(ask.fields)
    for contact in contacts:
        number = read(contact)
        if number is None:
            found.invalid.append(_invalid(str(contact)))
        elif number in ask.book.opted_out:
            found.unsubscribed.append(without_prefix(number, country))
        else:
            try:
                fate = fate_of(ask, number)
            except RestError:
                found.invalid.append(_invalid(without_prefix(number, country)))
            else:
                found.recipients.append(Recipient(number=number, given=contact, fate=fate))
    return found


def _invalid(contact: str) -> dict[str, str]:
    return {"Contact": contact, "Error": "Invalid contact number.", "ErrorType": "invalid_contact"}


def _pay(ask: Ask, count: int, *, named: bool = False) -> None:
    surcharge = SURCHARGE * count if named else NOTHING
    if not ask.folder.can_pay(count, surcharge):
        raise RestError("LEDGER_ERROR", NO_CREDIT)
    ask.folder.surcharges += surcharge


def _send(
    ask: Ask,
    one: Recipient,
    content: Content,
    *,
    sender: str,
    kind: Kind = "sms",
    reference: str | None = None,
    due: float = 0.0,
) -> str:
    message = Outgoing(
        to=one.number,
        sender=sender,
        kind=kind,
        tracking_id=new_id(),
        content=content,
        reference=reference,
        accepted_at=ask.now,
        due=due,
        service="cellcast",
        parts=parts(content.slides[0].text or "") if kind == "sms" else 1,
    )
    ask.vendor.send(ask.book, message, fate=one.fate, queued=ask.queued)
    return message.tracking_id


def _told(ask: Ask, found: _Sorted, ids: Sequence[str]) -> object:
    country = country_in(ask.fields)
    queued: list[dict[str, Any]] = [
        {
            "Contact": without_prefix(one.number, country),
            "MessageId": message_id,
            "Result": "Message added to queue.",
            "Number": f"+{one.number}",
        }
        for one, message_id in zip(found.recipients, ids, strict=True)
    ]
    data = {
        "queueResponse": queued,
        "message": "success register all valid contacts to queue",
        "invalidContacts": found.invalid,
        "unsubscribeContacts": found.unsubscribed,
        "totalValidContact": len(queued),
        "totalInvalidContact": len(found.invalid),
        "totalUnsubscribeContact": len(found.unsubscribed),
    }
    # "the Bearer docs print HTTP 400 answers with status: true".
    told = noisy(data, "Request is being processed" if queued else "No valid contacts")
    return told if queued else answer(told, 400)


def cancel(ask: Ask) -> object:
    """Take back a message that was scheduled."""
    kind = ask.need("type")
    row = own_row(ask, ask.need("messageId"))
    if row is None or row.message.kind != kind:
        raise invalid("messageId", "is not known")
    if not ask.vendor.cancel(row):
        raise invalid("messageId", "is of a message that was sent already")
    return noisy({"message": "Job removed"}, "Job removed")


def delete(ask: Ask) -> object:
    """Forget a message, and take it back if it was scheduled."""
    row = own_row(ask, ask.id)
    if row is None:
        raise RestError("NOT_FOUND", "Message not found", status=404)
    ask.vendor.cancel(row)
    ask.folder.deleted.add(row.message.tracking_id)
    return noisy({"message": row.message.tracking_id}, "Message deleted")


def own_row(ask: Ask, message_id: str) -> Sent | None:
    """Return what was sent under an identifier, if anything was and it is kept."""
    if message_id in ask.folder.deleted:
        return None
    rows = ask.vendor.register.known_as(ask.book.index, message_id)
    return next((row for row in rows if row.message.service == "cellcast"), None)
