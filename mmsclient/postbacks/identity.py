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

#: The last digits of a number, which are the same with and without its country's code.
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
            # Not every report of a message brings its reference back, so the id goes first.
            who, which = tail(digits(event.to)), event.id or event.reference
        case LinkHit():
            who, which = tail(digits(event.number)), event.id or event.reference
        case InboundMessage():
            who = tail(digits(event.sender))
        case OptIn() | OptOut():
            who = tail(digits(event.number)) or event.email
        case ListAction():
            who = tail(digits(event.number))
        case TemplateReady() | TemplateFailed() | MmsEncoded() | MmsEncodingFailed():
            which = event.mms_id
        case PassReport():
            which = event.serial_number or event.reference
    return who or None, which


def message(report: DeliveryReport) -> bytes | None:
    """Return what a report's message is recognised by; None where it names none."""
    if not (report.id or report.reference):
        return None
    return digest(report.service, report.id, None if report.id else report.reference)


def sent(service: str, accepted: Accepted) -> bytes:
    """Return what a report on an accepted message that has an id has for its :func:`message`."""
    return digest(service, accepted.id, None)


def reference(service: str, text: str) -> bytes:
    """Return what a reference is recognised by."""
    return digest(service, "reference", text)


def digits(number: str | None) -> str:
    """Return the digits of a number without the zeros before it; empty where there is none."""
    return _REST.sub("", number or "").lstrip("0")


def tail(number: str) -> str:
    """Return the digits that one number has in common however it is written."""
    return number[-SAME:]


def same(one: str, other: str) -> bool:
    """Whether two numbers, as :func:`digits` has them, may be one: equal, or one lacks its country."""
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= SAME and long.endswith(short))
