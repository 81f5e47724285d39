"""What may spoil a message and is never forbidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.errors import InvalidMessageError
from mmsclient.messages import Advice, Mms, Sms
from mmsclient.numbers import clean_number, doubt
from mmsclient.services import texts
from mmsclient.services.cellcast import check, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

_SMS = ("from_mask", "operator_id", "campaign_ref")
_MMS = (
    *("name", "fallback_text", "from_mask", "operator_id", "campaign_ref"),
    *("mms_link_expiration_date", "disable_fallback_sms_link"),
)
_NO_PLACE = "has no place at this service: it is not sent"
_STAYS = "has no place in this call: it stays with the outcome and does not come back in reports"


def advice(message: object, *, bearer: bool) -> tuple[Advice, ...]:
    """Return advice on *message*; fields with faults are passed over."""
    match message:
        case Sms():
            return tuple(_sms(message, bearer=bearer))
        case Mms():
            return tuple(_mms(message, bearer=bearer))
    return ()


def _sms(message: Sms, *, bearer: bool) -> Iterator[Advice]:
    yield from _number(message)
    for name in _SMS:
        if not rules.absent(getattr(message, name)):
            yield Advice(name, _NO_PLACE)
    if isinstance(message.text, str):
        yield from texts.advice("text", message.text)
    if bearer:
        return
    if check.is_nz(message):
        if not rules.absent(message.reference):
            yield Advice("reference", _STAYS)
    elif rules.is_nz(message.to):
        note = "New Zealand is reached from a short code of four digits there"
        yield Advice("sender", note)


def _mms(message: Mms, *, bearer: bool) -> Iterator[Advice]:
    yield from _number(message)
    if not bearer and not rules.absent(message.sender):
        yield Advice("sender", "has no place in an MMS: the account's own number is shown")
    if not rules.absent(message.reference):
        yield Advice("reference", _STAYS)
    for name in _MMS:
        value = getattr(message, name)
        if value is not False and not rules.absent(value):
            yield Advice(name, _NO_PLACE)
    slide = check.only_slide(message)
    if slide is not None and slide.duration is not None:
        yield Advice("slides[0].duration", _NO_PLACE)


def _number(message: Sms | Mms) -> Iterator[Advice]:
    try:
        doubted = doubt(clean_number(message.to))
    except InvalidMessageError:
        return
    if doubted:
        yield Advice("to", doubted)
