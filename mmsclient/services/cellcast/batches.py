"""Messages of this library to calls: one message, or many that share a call."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mmsclient.errors import (
    CallError,
    Fault,
    InvalidMessageError,
    ThrottledError,
    UnsupportedError,
)
from mmsclient.messages import Message, Mms, SavedMms, Sms
from mmsclient.numbers import clean_number
from mmsclient.outcomes import Outcome, settled
from mmsclient.services.cellcast import (
    answers,
    callbacks,
    check,
    gateway,
    limits,
    mms,
    rules,
    sending,
    sms,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from mmsclient.outcomes import Accepted
    from mmsclient.services.cellcast.answers import Action, Answer, T_co

NAME = callbacks.SERVICE


def insist(message: Message, *, bearer: bool) -> None:
    """Raise unless *message* may be sent."""
    if isinstance(message, SavedMms):
        raise UnsupportedError(NAME, "stored MMS: send Mms or Sms")
    check.insist(check.faults(message, bearer=bearer))


def send(message: Message, *, bearer: bool) -> Action[Accepted]:
    """Return the call that sends one message."""
    insist(message, bearer=bearer)
    dialect = sending.BEARER if bearer else sending.V3
    return _shared(message, [clean_number(message.to)], sending.accepted(message, dialect), bearer)


def key(message: Message, *, bearer: bool) -> Hashable:
    """Return what messages that can share a call have in common.

    Texts share bulk-send-sms whatever they say; the Bearer API and New Zealand have no such call.
    """
    insist(message, bearer=bearer)
    if isinstance(message, Mms):
        slide = check.only_slide(message)
        picture = (slide.image, slide.text) if slide else ()
        sender = message.sender if bearer else None
        return ("mms", message.subject, *picture, sender)
    if bearer or _is_nz(message):
        sender = None if rules.absent(message.sender) else message.sender
        reference = message.reference if bearer else None
        return ("gateway" if bearer else "nz", _text(message), sender, reference)
    return "sms"


def batch(messages: Sequence[Message], *, bearer: bool) -> Action[list[Outcome]]:
    """Return one call that sends all *messages*, which have one key and no number in common.

    Raises:
        InvalidMessageError: they have not, or are none, or too many.
    """
    if not 1 <= len(messages) <= limits.NUMBERS:
        raise _no_batch("are none or too many", f"a batch holds 1 to {limits.NUMBERS}")
    if len({key(message, bearer=bearer) for message in messages}) > 1:
        raise _no_batch("have different keys", "those of a batch have one batch_key")
    numbers = [clean_number(message.to) for message in messages]
    if len(set(numbers)) < len(numbers):
        raise _no_batch("hold a number twice", "put the second one into another batch")
    kept = tuple(messages)
    texts = [message for message in kept if isinstance(message, Sms)]
    if key(kept[0], bearer=bearer) == "sms" and len({_wire(one) for one in texts}) > 1:
        body = [sms.bulk_item(message) for message in texts]
        return sms.post("bulk-send-sms", body, partial(_enveloped, kept), bare_list=True)
    dialect = sending.BEARER if bearer else sending.V3
    return _shared(kept[0], numbers, partial(_outcomes, kept, dialect), bearer)


def _no_batch(rule: str, fix: str) -> InvalidMessageError:
    return InvalidMessageError([Fault("messages", rule, fix)])


def _shared(
    message: Message, numbers: Sequence[str], read: Callable[[Answer], T_co], bearer: bool
) -> Action[T_co]:
    """Return the call that sends what *message* holds to all *numbers*."""
    if isinstance(message, Mms):
        slide = check.only_slide(message)
        image, text = (slide.image, slide.text) if slide else (None, None)
        if bearer:
            return gateway.mms_action(text, message.sender, image, numbers, read)
        return mms.action(message.subject, text, image, numbers, read)
    text, sender = _text(message), _sender(message)
    if bearer:
        return gateway.sms_action(text, sender, message.reference, numbers, read)
    if _is_nz(message):
        return sms.post("send-sms-nz", sms.nz_item(text, numbers, sender or ""), read)
    return sms.post("send-sms", sms.item(text, numbers, sender, message.reference), read)


def _is_nz(message: Message) -> bool:
    return isinstance(message, Sms) and check.is_nz(message)


def _text(message: Message) -> str:
    return message.text if isinstance(message, Sms) else ""


def _sender(message: Message) -> str | None:
    return None if rules.absent(message.sender) else message.sender


def _wire(message: Sms) -> tuple[Any, ...]:
    """Return what must be equal for one send-sms to do."""
    reference = None if rules.absent(message.reference) else message.reference
    return message.text, _sender(message), reference


def _outcomes(
    messages: tuple[Message, ...], dialect: sending.Dialect, answer: Answer
) -> list[Outcome]:
    return sending.outcomes(messages, answer, dialect)


def _enveloped(messages: tuple[Message, ...], answer: Answer) -> list[Outcome]:
    """Read envelopes in input order, each by itself; what is wrong with one is one outcome."""
    answers.insist_on_all(answer, len(messages))
    found = [
        answers.error_of(partial(_one, message, envelope, answer), answer)
        for message, envelope in zip(messages, answer.envelopes, strict=True)
    ]
    throttled = [each for each in found if isinstance(each, ThrottledError)]
    if len(throttled) == len(found):
        raise throttled[0]  # nothing was carried out: as a whole it can wait and be repeated
    return [
        settled(message, each) if isinstance(each, CallError) else each
        for message, each in zip(messages, found, strict=True)
    ]


def _one(message: Message, envelope: Any, answer: Answer) -> Outcome:
    inside = answers.envelope(envelope, answer)
    return sending.outcomes((message,), inside, sending.V3)[0]
