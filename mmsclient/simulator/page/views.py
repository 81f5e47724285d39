"""What the page shows, as values for JSON: plain functions of the vendor, called under its lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote, urlsplit

from mmsclient.simulator.documents import hide, path_secrets
from mmsclient.simulator.inbound import Inbound
from mmsclient.simulator.sent import Sent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mmsclient.simulator.accounts import Book
    from mmsclient.simulator.content import File, Slide
    from mmsclient.simulator.documents import Document
    from mmsclient.simulator.postbacks import Posted
    from mmsclient.simulator.vendor import Vendor

View: TypeAlias = dict[str, Any]

#: So many phones are listed, so many messages of one are shown, so many accounts have a chart.
MOST_PHONES, MOST_MESSAGES, MOST_CHARTS = 100, 100, 3
#: Services that take MMS from phones.
TAKE_MMS = frozenset({"skycore", "cellcast"})
#: Characters of a message that the list of phones shows.
GLIMPSE = 80


def phones(vendor: Vendor) -> View:
    """Return the phones something happened to last, the latest first, with a glimpse of each."""
    shown = vendor.lately.phones(MOST_PHONES)
    return {"total": len(vendor.lately), "phones": [_phone(vendor, number) for number in shown]}


def _phone(vendor: Vendor, number: str) -> View:
    rows = _rows(vendor, number, 1)
    last = rows[-1] if rows else None
    return {
        "number": number,
        "glimpse": _glimpse(last),
        "from_owner": isinstance(last, Inbound),
        "status": last.status if isinstance(last, Sent) else None,
        "at": _date(vendor, _moment(last)) if last else None,
    }


def _rows(vendor: Vendor, number: str, most: int) -> Sequence[Sent | Inbound]:
    """Return a phone's last messages in both directions, in order of time."""
    sent, written = vendor.register.last_for(number, most), vendor.lately.written(number)
    rows: list[Sent | Inbound] = [*sent, *written[-most:]]
    return sorted(rows, key=_moment)[-most:]


def _moment(row: Sent | Inbound) -> float:
    if isinstance(row, Inbound):
        return row.at
    return row.delivery.delivered_at if row.delivery else row.message.accepted_at


def _glimpse(row: Sent | Inbound | None) -> str:
    if row is None:
        return ""
    if isinstance(row, Inbound):
        return (row.text or row.subject or "MMS")[:GLIMPSE]
    content = row.message.content
    texts = [content.subject, *(slide.text for slide in content.slides)]
    return next(filter(None, texts), "MMS")[:GLIMPSE]


def thread(vendor: Vendor, number: str) -> View:
    """Return what one phone shows, with what its owner wrote."""
    rows = _rows(vendor, number, MOST_MESSAGES + 1)
    arrived = [row for row in rows if isinstance(row, Sent) and row.delivery]
    last = max(arrived, key=lambda row: (row.changed_at, row.serial), default=None)
    message = last.message if last else None
    return {
        "number": number,
        "ios": not vendor.lately.text_only(number),
        "answers": message.sender if message else None,
        "takes_mms": message is None or message.service in TAKE_MMS,
        "tracked": any(row.message.tracked for row in arrived),
        "earlier": len(rows) > MOST_MESSAGES,
        "messages": [_message(vendor, row) for row in rows[-MOST_MESSAGES:]],
    }


def ended_links(vendor: Vendor, number: str, now: float) -> int:
    """Return how many of the fallback links that a phone shows have come to their end."""
    rows = vendor.register.last_for(number, MOST_MESSAGES)
    return sum(bool(row.delivery) and _has_ended(row, now) for row in rows)


def _has_ended(row: Sent, now: float) -> bool:
    until = row.delivery.link_until if row.delivery else None
    return until is not None and until <= now


def _message(vendor: Vendor, row: Sent | Inbound) -> View:
    view = _written(row) if isinstance(row, Inbound) else _sent(vendor, row)
    return {
        **view,
        "at": _date(vendor, _moment(row)),
        "posts": [
            _post(vendor, posted) for posted in map(vendor.outbox.find, row.posted) if posted
        ],
    }


def _written(row: Inbound) -> View:
    return {
        "key": f"written-{row.serial}",
        "side": "owner",
        "service": row.service,
        "to": row.to,
        "kind": row.kind,
        "subject": row.subject,
        "text": row.text,
        "files": [_named("image", url) for url in row.files],
        "opts_out": row.opts_out,
    }


def _sent(vendor: Vendor, row: Sent) -> View:
    message, delivery = row.message, row.delivery
    as_sms = (row.sent_as or message.kind) == "sms"
    return {
        "key": f"sent-{row.serial}",
        "side": "service",
        "service": message.service,
        "sender": delivery.shown_as if delivery else message.sender,
        "kind": message.kind,
        "as_sms": as_sms,
        "status": row.status,
        "subject": None if as_sms else message.content.subject,
        "text": _text(row) if as_sms else None,
        "slides": [] if as_sms else _slides(message.content.slides),
        "link": _link(vendor, row),
        "tracking_id": message.tracking_id,
        "reference": message.reference,
        "document": row.document,
    }


def _text(row: Sent) -> str:
    if row.delivery is not None:
        return "\n".join(row.delivery.texts)
    content = row.message.content
    own = content.slides[0].text if row.message.kind == "sms" and content.slides else None
    return own or content.fallback_text or content.subject or ""


def _link(vendor: Vendor, row: Sent) -> View | None:
    """Return the link of a fallback SMS, with what is behind it as long as that is there."""
    delivery = row.delivery
    if delivery is None or delivery.link is None or delivery.link_until is None:
        return None
    ended, content = _has_ended(row, vendor.clock.now()), row.message.content
    return {
        "address": delivery.link,
        "until": _date(vendor, delivery.link_until),
        "ended": ended,
        "subject": None if ended else content.subject,
        "slides": [] if ended else _slides(content.slides),
    }


def _slides(slides: Iterable[Slide]) -> list[View]:
    return [
        {
            "text": slide.text,
            "duration": slide.duration,
            "files": [_file(file) for file in slide.files],
        }
        for slide in slides
    ]


def _file(file: File) -> View:
    return {**_named(file.kind, file.url), "size": file.size or None}


def _named(kind: str, url: str) -> View:
    """Return what can be told of a file without fetching it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return {"kind": kind, "name": url, "host": None}
    name = unquote(parts.path.rstrip("/").rpartition("/")[2])
    return {"kind": kind, "name": name or host or "", "host": host}


def _post(vendor: Vendor, posted: Posted) -> View:
    return {
        "serial": posted.serial,
        "kind": posted.kind,
        "attempt": posted.attempt,
        "end": posted.end,
        "status": posted.status,
        "source": posted.source,
        "at": _date(vendor, posted.at),
    }


def pulse(vendor: Vendor) -> View:
    """Return the last minute's calls of the accounts, and the service's date."""
    now = vendor.clock.real()
    books = [book for book in vendor.books if book.index in vendor.ledger.minutes]
    return {
        "date": _date(vendor, vendor.clock.now()),
        "speed": vendor.clock.speed,
        "charts": [_chart(vendor, book, now) for book in books[:MOST_CHARTS] or vendor.books[:1]],
    }


def _chart(vendor: Vendor, book: Book, now: float) -> View:
    minute = vendor.ledger.minutes.get(book.index)
    return {
        "account": book.account.name,
        "limit": book.rate.calls / book.rate.per if book.rate else None,
        "seconds": minute.pairs(now) if minute else [],
    }


def document(kept: Document) -> View:
    """Return a call and its answer."""
    return {
        "method": kept.method,
        "target": kept.target,
        "headers": kept.headers,
        "body": kept.body,
        "cut": kept.cut,
        "status": kept.status,
        "answer": kept.answer,
    }


def post(posted: Posted) -> View:
    """Return one postback as it left."""
    raw, parts = posted.raw, urlsplit(posted.url)
    query = f"?{raw.query}" if raw.query else ""
    return {
        "method": raw.method,
        "target": hide(f"{parts.path or '/'}{query}", path_secrets([posted.url])),
        "headers": list(raw.headers.items()),
        "body": raw.body.decode("utf-8", "replace"),
        "cut": False,
        "status": posted.status,
        "answer": "",
    }


def _date(vendor: Vendor, moment: float) -> str:
    return vendor.clock.date(moment).isoformat()
