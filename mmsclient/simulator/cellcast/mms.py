"""send-mms: a form with a picture, as a file or as the address of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mmsclient.simulator.cellcast import melbourne
from mmsclient.simulator.cellcast.bodies import json_list
from mmsclient.simulator.cellcast.codes import NO_CREDIT, empty, invalid
from mmsclient.simulator.cellcast.lengths import LARGEST_MMS, LONGEST_MMS, LONGEST_SUBJECT
from mmsclient.simulator.cellcast.multipart import Part
from mmsclient.simulator.cellcast.pictures import TYPES, picture_type
from mmsclient.simulator.cellcast.recipients import MOST_NUMBERS, Recipient, let_through
from mmsclient.simulator.cellcast.shapes import Told
from mmsclient.simulator.cellcast.sms import new_message_id
from mmsclient.simulator.content import Content, File, Outgoing, Slide
from mmsclient.simulator.rest import RestError

if TYPE_CHECKING:
    from collections.abc import Collection

    from mmsclient.simulator.cellcast.ask import Ask
    from mmsclient.simulator.vendor import Medium


def send_mms(ask: Ask) -> Told:
    """Send one picture with a text to many numbers."""
    entries = _numbers(ask)
    text = ask.need("mms_text")
    if len(text) > LONGEST_MMS:
        raise invalid("mms_text", f"is longer than {LONGEST_MMS} characters")
    rule = f"is longer than {LONGEST_SUBJECT} characters"
    subject = ask.text("subject", lambda given: len(given) <= LONGEST_SUBJECT, rule)
    file = picture(ask, "mms_file", room=LARGEST_MMS - len(text.encode("utf-8", "replace")))
    content = Content(slides=(Slide(text=text, files=(file,)),), subject=subject)
    recipients = let_through(ask, entries)
    if not ask.folder.can_pay(len(recipients)):
        raise RestError("FIELD_INVALID", NO_CREDIT)
    rows = [_row(ask, queue_mms(ask, one, content)) for one in recipients]
    count = ask.terms.count
    data = {
        "messages": rows,
        "total_numbers": count(len(entries)),
        "success_number": count(len(rows), text=True),
        "credits_used": count(len(rows), text=True),
    }
    return Told(text="Queued", data=data, alert=ask.folder.alert)


def _numbers(ask: Ask) -> list[Any]:
    # "numbers: the JSON text of a list, in one form field".
    entries = json_list(ask.need("numbers"))
    if entries is None:
        raise invalid("numbers", "is no JSON list")
    if not entries:
        raise empty("numbers")
    if len(entries) > MOST_NUMBERS:
        raise invalid("numbers", f"has too many recipients, at most {MOST_NUMBERS} are allowed")
    return entries


def picture(ask: Ask, name: str, *, room: int, types: Collection[str] = TYPES) -> File:
    """Return the picture in a field of a form, or refuse it; *room*: how many bytes it may have."""
    given = ask.fields.get(name)
    if isinstance(given, Part):
        if picture_type(given.content) not in types:
            raise invalid(name, "is no image of a supported type")
        if len(given.content) > room:
            raise invalid(name, "is too large")
        return File(kind="image", url=given.filename or "", size=len(given.content))
    if not given:
        raise invalid(name, "has no image")
    return _fetched(ask, name, str(given), room)


def _fetched(ask: Ask, name: str, url: str, room: int) -> File:
    if not _is_address(url):
        raise invalid(name, "has no image")
    medium = ask.vendor.media.get(url)
    if medium is not None and medium.trouble:
        raise invalid(name, _said_of(medium))
    if medium is not None and medium.size > room:
        raise invalid(name, "is too large")
    return File(kind="image", url=url, size=medium.size if medium else 0)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def _said_of(medium: Medium) -> str:
    sayings = {"unreachable": "could not be downloaded", "too big": "is too large"}
    return sayings.get(medium.trouble or "", "is no image of a supported type")


def queue_mms(ask: Ask, one: Recipient, content: Content) -> Outgoing:
    """Take an MMS on for one number."""
    message = Outgoing(
        to=one.number,
        sender=ask.book.own_number(),
        kind="mms",
        tracking_id=new_message_id(),
        content=content,
        accepted_at=ask.now,
        service="cellcast",
    )
    ask.vendor.send(ask.book, message, fate=one.fate, queued=ask.queued)
    return message


def _row(ask: Ask, message: Outgoing) -> dict[str, Any]:
    return {
        "message_id": message.tracking_id,
        "to": ask.terms.number(message.to),
        "subject": message.content.subject or "",
        "body": message.content.slides[0].text,
        "date": melbourne.written(ask.vendor.clock.date(message.accepted_at)),
        "direction": "out",
    }
