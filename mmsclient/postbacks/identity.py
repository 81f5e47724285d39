"""What events and messages are recognised by: short, of one length, and telling nobody anything."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from mmsclient.events import (
    DeliveryReport,
    Event,
    InboundMessage,
    LinkHit,
    ListAction,
    MmsEncoded,
    MmsEncodingFailed,
    OptIn,
    OptOut,
    PassReport,
    TemplateFailed,
    TemplateReady,
)

if TYPE_CHECKING:
    from mmsclient.outcomes import Accepted

#: The last digits of a number, which are the same however it is written.
SAME = 9

_REST = re.compile(r"\D")


def digest(*parts: str | None) -> bytes:
    """Return what stands for all parts together."""
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).digest()


def key(event: Event) -> bytes:
    """Return what repeats of an event share."""
    return digest(event.service, event.key)


def lane(event: Event) -> bytes:
    """Return what events share that are handled in the order in which they came.

    Those about one message to one handset; and what its owner writes, joins and leaves.
    """
    who, which = _about(event)
    return digest(event.service, who, which if who or which else f"event {event.key}")


def _about(event: Event) -> tuple[str | None, str | None]:
    """Return whom an event is about, and which message or thing."""
    who = which = None
    match event:
        case DeliveryReport():
            who, which = _digits(event.to), event.reference or event.id
        case LinkHit():
            who, which = _digits(event.number), event.reference or event.id
        case InboundMessage():
            who = _digits(event.sender)
        case OptIn() | OptOut():
            who = _digits(event.number) or event.email
        case ListAction():
            who = _digits(event.number)
        case TemplateReady() | TemplateFailed() | MmsEncoded() | MmsEncodingFailed():
            which = event.mms_id
        case PassReport():
            which = event.serial_number or event.reference
    return who, which


def message(report: DeliveryReport) -> tuple[bytes, bytes] | None:
    """Return which message and which number a report is about; None where it names no message."""
    if not (report.id or report.reference):
        return None
    named = digest(report.service, report.id, None if report.id else report.reference)
    return named, number(report.to)


def sent(service: str, accepted: Accepted) -> tuple[bytes, bytes]:
    """Return what a report on an accepted message that has an id has for its :func:`message`."""
    return digest(service, accepted.id, None), number(accepted.to)


def number(to: str | None) -> bytes:
    """Return what a phone number is recognised by; that of nobody where a report names none."""
    return digest("number", _digits(to))


def reference(service: str, text: str) -> bytes:
    """Return what a reference is recognised by."""
    return digest(service, "reference", text)


def _digits(text: str | None) -> str | None:
    # Services write one number in several ways, some without the country code or with a 0 for it.
    return _REST.sub("", text or "")[-SAME:] or None
