"""saveMMS, getMMSTemplates, getMMSIDDetails, deleteMMSID and getMmsIds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mmsclient.simulator.content import Content, File, Slide
from mmsclient.simulator.skycore.codes import RefusedError
from mmsclient.simulator.skycore.sends import cut_subject
from mmsclient.simulator.skycore.slides import read_slides

if TYPE_CHECKING:
    from mmsclient.simulator.skycore.ask import Ask
    from mmsclient.simulator.skycore.xml import Fields
    from mmsclient.simulator.templates import Template

MOST_SLIDES = 8
PAGE_SIZE = 100


def save_mms(ask: Ask) -> Fields:
    """Store a template."""
    root = ask.root
    name = ask.need("NAME", "E311")
    subject, fallback = root.get("SUBJECT"), root.whole("FALLBACKSMSTEXT")
    # The page of 2015 wants a subject; where there is none, a fallback text has to do.
    if subject is None and fallback is None:
        raise RefusedError("E314")
    content = Content(
        slides=read_slides(root.all("SLIDE"), most=MOST_SLIDES, saved=True, media=ask.vendor.media),
        subject=cut_subject(subject),
        name=name,
        fallback_text=fallback,
        may_fall_back=not ask.flag("DISABLEFALLBACKSMS"),
        link=not ask.flag("DISABLEFALLBACKSMSLINK"),
    )
    return [("MMSID", ask.vendor.store(ask.book, content).mms_id)]


def get_mms_templates(ask: Ask) -> Fields:
    """List templates, newest first, by pages."""
    number = _positive(ask, "PAGE_NUMBER", "E212", 1)
    size = _positive(ask, "ITEMS_PER_PAGE", "E213", PAGE_SIZE)
    start, since = ask.root.get("START_DATE"), _start_date(ask)
    rows = [
        template
        for template in ask.book.shelf.newest()
        if since is None or ask.vendor.clock.date(template.created_at) > since
    ]
    page = rows[(number - 1) * size : number * size]
    return [
        ("START_DATE", start or ""),
        ("PAGE_NUMBER", str(number)),
        ("ITEMS_PER_PAGE", str(size)),
        ("TOTAL_RESULTS", str(len(rows))),
        *(("MMS_TEMPLATE", _facts(ask, template)) for template in page),
    ]


def _positive(ask: Ask, name: str, code: str, default: int) -> int:
    if ask.root.first(name) is None:
        return default
    digits = ask.root.get(name) or ""
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 6 or int(digits) == 0:
        raise RefusedError(code)
    return int(digits)


def _start_date(ask: Ask) -> datetime | None:
    if ask.root.first("START_DATE") is None:
        return None
    try:
        date = datetime.fromisoformat(ask.root.get("START_DATE") or "")
    except ValueError as error:
        raise RefusedError("E214") from error
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _facts(ask: Ask, template: Template) -> list[tuple[str, str]]:
    content = template.content
    return [
        ("MMSID", template.mms_id),
        ("NAME", content.name or ""),
        ("SUBJECT", content.subject or ""),
        ("FALLBACK_SMS_TEXT", content.fallback_text or ""),
        ("DATE_CREATED", ask.vendor.clock.date(template.created_at).isoformat()),
        ("TOTAL_SLIDES", str(len(content.slides))),
        ("SIZE", str(content.size)),
        *(("POSTER_URL", url) for url in _poster(content)),
    ]


def _poster(content: Content) -> list[str]:
    shown = {"image", "video"}
    return [file.url for slide in content.slides for file in slide.files if file.kind in shown][:1]


def get_mmsid_details(ask: Ask) -> Fields:
    """Tell all about one template."""
    template = ask.book.shelf.get(ask.need("MMSID", "E620"))
    slides = [("SLIDE", _slide(slide)) for slide in template.content.slides]
    return [*_facts(ask, template), *slides]


def _slide(slide: Slide) -> Fields:
    return [
        ("TEXT", slide.text or ""),
        *((file.kind.upper(), _file(file)) for file in slide.files),
    ]


def _file(file: File) -> Fields:
    facts = [("URL", file.url), ("SIZE", str(file.size))]
    return [("ORIGINAL", facts), ("TRANSCODED", facts)]


def delete_mmsid(ask: Ask) -> Fields:
    """Delete a template at once."""
    mms_id = ask.need("MMSID", "E620")
    ask.book.shelf.delete(mms_id)
    return [("MMSID", mms_id)]


def get_mms_ids(ask: Ask) -> Fields:
    """List the identifiers of all templates in one node."""
    rows = ask.book.shelf.newest()
    if not rows:
        raise RefusedError("E200")
    return [("MMSIDS", ",".join(template.mms_id for template in rows))]
