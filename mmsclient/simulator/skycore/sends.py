"""sendMMS, sendSavedMMS and sendSMS."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from mmsclient.simulator.content import LINK_LIFE, Content, Outgoing, Slide, fill
from mmsclient.simulator.skycore.codes import RefusedError
from mmsclient.simulator.skycore.slides import LONGEST_TEXT, read_slides

if TYPE_CHECKING:
    from mmsclient.simulator.skycore.ask import Ask
    from mmsclient.simulator.skycore.xml import Fields, Node

#: "Send MMS API" and "Send SMS".
MOST_SLIDES, LONGEST_SUBJECT, LONGEST_REFERENCE, LONGEST_SMS = 9, 80, 64, 160
LONGEST_LINK_LIFE = timedelta(seconds=LINK_LIFE)

#: Recipients in one TO, in the form of 2013.
MOST_NUMBERS = 100

_QUEUED = "MMS request accepted and queued for delivery"


def send_mms(ask: Ask) -> Fields:
    """Build and send one MMS to one number."""
    to, sender = ask.recipient(), ask.sender()
    ask.book.check_campaign(ask.root.get("CAMPAIGNREF"), to)
    content = _content(ask)
    message = Outgoing(
        to=to,
        sender=sender,
        mask=ask.mask(),
        kind="mms",
        tracking_id=ask.vendor.new_id("MMS"),
        content=content,
        mms_id=ask.vendor.new_number(),
        reference=_reference(ask.root),
        as_sms=_forced(ask.root),
        encodes=content.encodes,
        accepted_at=ask.vendor.clock.now(),
    )
    ask.vendor.send(ask.book, message, fate=ask.fate, queued=ask.queued)
    return [
        ("TO", to),
        ("MMSID", message.mms_id or ""),
        ("TRACKINGID", message.tracking_id),
        ("STATUSDETAILS", _QUEUED),
    ]


def _content(ask: Ask) -> Content:
    root = ask.root
    name = ask.need("NAME", "E311")
    slides = read_slides(root.all("SLIDE"), most=MOST_SLIDES, saved=False, media=ask.vendor.media)
    subject, fallback = root.get("SUBJECT"), root.whole("FALLBACKSMSTEXT")
    if subject is None and fallback is None:
        raise RefusedError("E622")
    return Content(
        slides=slides,
        subject=cut_subject(subject),
        name=name,
        fallback_text=fallback,
        may_fall_back=not ask.flag("DISABLEFALLBACKSMS"),
        link=not ask.flag("DISABLEFALLBACKSMSLINK"),
        link_life=_link_life(root),
    )


def cut_subject(subject: str | None) -> str | None:
    """Return as much of a subject as the service keeps."""
    return subject[:LONGEST_SUBJECT] if subject else None


def _reference(root: Node) -> str | None:
    reference = root.get("CLIENT_REFERENCE")
    if reference and len(reference) > LONGEST_REFERENCE:
        raise RefusedError("E100", "CLIENT_REFERENCE is too long")
    return reference


def _forced(root: Node) -> bool:
    if root.first("FORCE_SEND_AS_SMS") is None:
        return False
    value = root.get("FORCE_SEND_AS_SMS")
    if value not in {"true", "false"}:
        raise RefusedError("E655")
    return value == "true"


def _link_life(root: Node) -> float:
    if root.first("MMSLINK_EXPIRATION_DATE") is None:
        return LINK_LIFE
    try:
        date = datetime.fromisoformat(root.get("MMSLINK_EXPIRATION_DATE") or "")
    except ValueError as error:
        raise RefusedError("E617") from error
    ahead = (date if date.tzinfo else date.replace(tzinfo=UTC)) - datetime.now(UTC)
    if not timedelta() < ahead <= LONGEST_LINK_LIFE:
        raise RefusedError("E617")
    return ahead.total_seconds()


def send_saved_mms(ask: Ask) -> Fields:
    """Send a stored template to one number."""
    mms_id = ask.need("MMSID", "E620")
    if ask.need("TO", "E621").count(",") >= MOST_NUMBERS:
        raise RefusedError("E623")
    to, sender = ask.recipient(), ask.sender()
    ask.book.check_campaign(ask.root.get("CAMPAIGNREF"), to)
    template = ask.book.shelf.ready(mms_id, ask.vendor.clock.now())
    _check_discovery(ask.root)
    content, complete = personal(ask, template.content)
    message = Outgoing(
        to=to,
        sender=sender,
        mask=ask.mask(),
        kind="mms",
        tracking_id=ask.vendor.new_id("MMS"),
        content=content,
        mms_id=mms_id,
        reference=_reference(ask.root),
        complete=complete,
        accepted_at=ask.vendor.clock.now(),
    )
    ask.vendor.send(ask.book, message, fate=ask.fate, queued=ask.queued)
    return [
        ("MMSID", mms_id),
        ("TRACKINGID", message.tracking_id),
        ("TO", to),
        ("FROM", sender),
        ("STATUSDETAILS", _QUEUED),
    ]


def _check_discovery(root: Node) -> None:
    wanted = root.first("DDMTITLE", "DDMTIMEOUT", "DDMFORCE")
    if wanted and root.get("DDMTEXT") is None:
        raise RefusedError("E100", "DDMTEXT missing")
    if root.first("DDMTIMEOUT") and not (root.get("DDMTIMEOUT") or "").isdecimal():
        raise RefusedError("E100", "DDMTIMEOUT is not a number")


def personal(ask: Ask, content: Content) -> tuple[Content, bool]:
    """Return a template's content made personal, and whether nothing was missing in it."""
    root, data_node = ask.root, ask.root.first("DATA")
    data = {node.name: node.text for node in data_node.children} if data_node else {}
    custom = _custom_texts(root, len(content.slides))
    whole = True
    slides: list[Slide] = []
    for place, slide in enumerate(content.slides, start=1):
        text, complete = fill(custom.get(place, slide.text or ""), data)
        whole = whole and complete
        slides.append(attrs.evolve(slide, text=text or None))
    return attrs.evolve(
        content,
        slides=tuple(slides),
        subject=cut_subject(root.get("CUSTOMSUBJECT")) or content.subject,
        fallback_text=root.whole("FALLBACKSMSTEXT") or content.fallback_text,
        may_fall_back=content.may_fall_back and not ask.flag("DISABLEFALLBACKSMS"),
        link=content.link and not ask.flag("DISABLEFALLBACKSMSLINK"),
    ), whole


def _custom_texts(root: Node, slides: int) -> dict[int, str]:
    texts: dict[int, str] = {}
    for node in root.all("CUSTOMTEXT"):
        value, place = node.whole("VALUE"), node.get("SLIDE") or ""
        if value is None or not re.fullmatch("[0-9]{1,3}", place):
            raise RefusedError("E100", "VALUE and SLIDE are mandatory in CUSTOMTEXT")
        if not 1 <= int(place) <= slides:
            raise RefusedError("E100", "CUSTOMTEXT names a slide that is not there")
        if len(value) > LONGEST_TEXT:
            raise RefusedError("E334")
        texts[int(place)] = value
    return texts


def send_sms(ask: Ask) -> Fields:
    """Send one SMS."""
    to, sender = ask.recipient(), ask.sender()
    ask.book.check_campaign(ask.root.get("CAMPAIGNREF"), to)
    message = Outgoing(
        to=to,
        sender=sender,
        mask=ask.mask(),
        kind="sms",
        tracking_id=ask.vendor.new_id("SMS"),
        content=Content(slides=(Slide(text=sms_text(ask.root)),)),
        reference=_reference(ask.root),
        accepted_at=ask.vendor.clock.now(),
    )
    ask.vendor.send(ask.book, message, fate=ask.fate, queued=ask.queued)
    return [("TRACKINGID", message.tracking_id), ("TO", to)]


def sms_text(root: Node) -> str:
    """Return TEXT, or refuse it if missing or too long for an SMS."""
    text = root.whole("TEXT")
    if text is None:
        raise RefusedError("E712")
    if len(text) > LONGEST_SMS:
        raise RefusedError("E228")
    return text
