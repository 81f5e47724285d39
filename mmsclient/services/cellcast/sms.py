"""Sending texts at v3: send-sms, bulk-send-sms, send-sms-template and send-sms-nz."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from mmsclient.errors import CallError, Fault
from mmsclient.messages import Sms
from mmsclient.numbers import clean_number
from mmsclient.services.cellcast import (
    answers,
    bodies,
    check,
    limits,
    recipients,
    rules,
    sending,
    times,
)
from mmsclient.services.cellcast.answers import Action, Answer
from mmsclient.services.cellcast.values import BulkResult, BulkSent, Recipient, Sent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mmsclient.services.cellcast.answers import T_co


def send_sms(
    *,
    to: object,
    text: str,
    sender: str | None,
    reference: str | None,
    source: str | None,
    schedule_time: datetime | None,
    delay: int | None,
    zone: ZoneInfo,
) -> Action[Sent]:
    """Return the call that sends one text to 1 to 1000 numbers."""
    several = recipients.several(to)
    check.insist(
        (
            *recipients.faults(several),
            *rules.sms_text("text", text),
            *rules.sender("sender", sender),
            *options(reference, source, schedule_time, delay, zone),
        )
    )
    numbers = recipients.cleaned(several)
    body = {
        **item(text, numbers, sender, reference, source),
        **held_back(schedule_time, delay, zone),
    }
    return post("send-sms", body, sending.sent(numbers, sending.V3, zone))


def send_sms_template(
    *,
    template_id: str,
    to: object,
    sender: str | None,
    reference: str | None,
    source: str | None,
    schedule_time: datetime | None,
    delay: int | None,
    zone: ZoneInfo,
) -> Action[Sent]:
    """Return the call that sends a stored text to 1 to 1000 numbers."""
    several = recipients.several(to)
    check.insist(
        (
            *rules.needed("template_id", template_id),
            *recipients.faults(several, placeholders=True),
            *rules.sender("sender", sender),
            *options(reference, source, schedule_time, delay, zone),
        )
    )
    numbers = recipients.cleaned(several)
    body = {
        "template_id": template_id,
        "numbers": [_filled(one, number) for one, number in zip(several, numbers, strict=True)],
        **tags(sender, reference, source),
        **held_back(schedule_time, delay, zone),
    }
    return post("send-sms-template", body, sending.sent(numbers, sending.V3, zone))


def send_sms_nz(*, to: object, text: str, sender: str, zone: ZoneInfo) -> Action[Sent]:
    """Return the call that sends one text to New Zealand."""
    several = recipients.several(to)
    check.insist(
        (
            *recipients.faults(several),
            *_all_nz(several),
            *rules.sms_text("text", text),
            *rules.nz_sender("sender", sender),
        )
    )
    numbers = recipients.cleaned(several)
    body = nz_item(text, numbers, sender)
    return post("send-sms-nz", body, sending.sent(numbers, sending.V3, zone))


def bulk_send_sms(
    *, messages: Iterable[Sms], source: str | None, zone: ZoneInfo
) -> Action[BulkSent]:
    """Return the call that sends a text of its own to each of 1 to 1000 numbers."""
    kept: Any = tuple(messages) if isinstance(messages, Iterable) else messages
    check.insist((*_texts(kept), *rules.tag("source", source)))
    body = [bulk_item(message, source) for message in kept]
    numbers = [clean_number(message.to) for message in kept]
    return post("bulk-send-sms", body, partial(_bulk_sent, numbers, zone), bare_list=True)


def post(
    name: str, tree: Any, read: Callable[[Answer], T_co], *, bare_list: bool = False
) -> Action[T_co]:
    """Return a call that sends, with a JSON body."""
    return Action(
        name=name,
        path=name,
        method="POST",
        body=bodies.as_json(tree),
        read=read,
        sends=True,
        bare_list=bare_list,
    )


def item(
    text: str,
    numbers: Iterable[str],
    sender: str | None,
    reference: str | None,
    source: str | None = None,
) -> dict[str, Any]:
    """Return what says that one text goes to some numbers, which are cleaned."""
    return {
        "sms_text": rules.line_feeds(text),
        "numbers": [recipients.plus(number) for number in numbers],
        **tags(sender, reference, source),
    }


def nz_item(text: str, numbers: Iterable[str], sender: str) -> dict[str, Any]:
    """Return what says that one text goes to some numbers in New Zealand."""
    return {
        "sms_text": rules.line_feeds(text),
        "numbers": [recipients.plus(number) for number in numbers],
        "from": sender.strip(),
    }


def bulk_item(message: Sms, source: str | None = None) -> dict[str, Any]:
    """Return one item of bulk-send-sms; its number is a plain text there."""
    to = clean_number(message.to)
    fields = item(message.text, (to,), message.sender, message.reference, source)
    return {**fields, "numbers": recipients.plus(to)}


def tags(sender: str | None, reference: str | None, source: str | None) -> dict[str, Any]:
    """Return the optional fields that are given; blank ones are left out."""
    return bodies.given(
        **{"from": None if rules.absent(sender) else rules.clean_sender(sender or "")},
        source=None if rules.absent(source) else source,
        custom_string=None if rules.absent(reference) else reference,
    )


def options(
    reference: object, source: object, schedule_time: object, delay: object, zone: ZoneInfo
) -> Iterator[Fault]:
    """Judge the optional fields of a text."""
    yield from rules.tag("reference", reference)
    yield from rules.tag("source", source)
    yield from rules.local_moment("schedule_time", schedule_time, zone)
    yield from rules.whole("delay", delay, highest=limits.DELAY)
    if schedule_time is not None and delay is not None:
        yield Fault("delay", "stands beside schedule_time", "give one of them")


def held_back(schedule_time: datetime | None, delay: int | None, zone: ZoneInfo) -> dict[str, Any]:
    """Return the fields that hold a text back: a local time, or minutes."""
    at = None if schedule_time is None else times.write(schedule_time, zone)
    return bodies.given(schedule_time=at, delay=delay)


def _filled(one: object, digits: str) -> dict[str, Any]:
    fills = {name: getattr(one, name, None) for name in recipients.PLACEHOLDERS}
    known = fills if isinstance(one, Recipient) else {}
    return {"number": recipients.plus(digits), **bodies.given(**known)}


def _all_nz(several: tuple[Any, ...]) -> Iterator[Fault]:
    for at, one in enumerate(several):
        if not tuple(rules.number("to", one)) and not rules.is_nz(one):
            yield Fault(f"to[{at}]", "is no number in New Zealand", "use send_sms", rules.INVALID)


def _texts(messages: object) -> Iterator[Fault]:
    if not isinstance(messages, tuple):
        yield Fault("messages", "is no list of Sms", "pass a list of Sms")
        return
    if not 1 <= len(messages) <= limits.NUMBERS:
        rule = f"holds {'none' if not messages else 'too many'}"
        yield Fault("messages", rule, f"1 to {limits.NUMBERS} messages", rules.INVALID)
    for at, message in enumerate(messages[: limits.NUMBERS]):
        where = f"messages[{at}]"
        if isinstance(message, Sms):
            yield from check.sms(message, f"{where}.")
        else:
            yield Fault(where, "is no Sms", "pass Sms(...)", rules.INVALID)


def _bulk_sent(numbers: list[str], zone: ZoneInfo, answer: Answer) -> BulkSent:
    answers.insist_on_all(answer, len(numbers))
    results = []
    for number, envelope in zip(numbers, answer.envelopes, strict=True):
        read = sending.sent((number,), sending.V3, zone)
        results.append(_result(partial(_opened, envelope, answer, read), answer))
    return BulkSent(results=tuple(results), raw={"envelopes": answer.envelopes})


def _opened(envelope: Any, answer: Answer, read: Callable[[Answer], Sent]) -> Sent:
    return read(answers.envelope(envelope, answer))


def _result(read: Callable[[], Sent], answer: Answer) -> BulkResult:
    found = answers.error_of(read, answer)
    if isinstance(found, CallError):
        return BulkResult(error=found)
    return BulkResult(sent=found)
