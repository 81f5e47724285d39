"""Sending at the Bearer API: gateway for texts, gatewaymms for MMS."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from mmsclient.errors import Fault
from mmsclient.services.cellcast import (
    bodies,
    check,
    limits,
    media,
    mms,
    recipients,
    rules,
    sending,
    times,
)
from mmsclient.services.cellcast.answers import Action, Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from mmsclient.messages import File, Media
    from mmsclient.services.cellcast.answers import T_co
    from mmsclient.services.cellcast.values import Sent

GATEWAY, GATEWAY_MMS = "api/v1/gateway", "api/v1/gatewaymms"

#: "Quick Send SMS with Template": what sort of sender a sender is.
SENDER_TYPES = ("customNumber", "businessName", "dedicatedNumber", "#SharedNum#")
COUNTRY_CODES = (61,)
"""The only one that "Quick Send SMS" allows."""
MINUTE = 60_000
"""In the milliseconds of this API; v3 counts in minutes."""


def gateway(
    *,
    to: object,
    text: str | None,
    sender: str | None,
    template_id: str | None,
    sender_type: str | None,
    reference: str | None,
    country_code: int | None,
    schedule_at: datetime | None,
    delay: int | None,
    optout: bool | None,
    optout_id: str | None,
    reply_stop_to_opt_out: bool | None,
    long_url: Mapping[str, str] | None,
    zone: ZoneInfo,
    at: str = "schedule_at",
    unit: int = 1,
) -> Action[Sent]:
    """Return the call that sends a text, or a stored one, to 1 to 1000 numbers.

    *at* is what *schedule_at* is called where it is given, *unit* the milliseconds of one *delay*.
    """
    several = recipients.several(to)
    check.insist_codeless(
        (
            *recipients.faults(several),
            *_one_of(text, template_id),
            *(() if rules.absent(text) else rules.sms_text("text", text)),
            *rules.text("template_id", template_id),
            *rules.sender("sender", sender),
            *_words(sender_type, country_code),
            *rules.tag("reference", reference),
            *_held_back_faults(at, schedule_at, delay, limits.GATEWAY_DELAY // unit),
            *rules.switch("optout", optout),
            *rules.text("optout_id", optout_id),
            *rules.switch("reply_stop_to_opt_out", reply_stop_to_opt_out),
            *_links(long_url),
        )
    )
    numbers = recipients.cleaned(several)
    links = [{"shortUrl": short, "longUrl": url} for short, url in (long_url or {}).items()]
    body = {
        **_item(text, sender, reference, numbers),
        **bodies.given(templateId=template_id, senderType=sender_type, countryCode=country_code),
        **_held_back(schedule_at, None if delay is None else delay * unit),
        **bodies.given(optout=optout, optoutId=optout_id),
        **bodies.given(replyStopToOptOut=reply_stop_to_opt_out, longUrl=links),
    }
    return _post(body, sending.sent(numbers, sending.BEARER, zone))


def gatewaymms(
    *,
    to: object,
    text: str,
    image: str | Media | File,
    sender: str | None,
    country_code: int | None,
    zone: ZoneInfo,
) -> Action[Sent]:
    """Return the call that sends one MMS to 1 to 1000 numbers."""
    several = recipients.several(to)
    missing = rules.absent(media.address(image))
    check.insist_codeless(
        (
            *recipients.faults(several),
            *rules.needed("text", text, longest=limits.MMS_TEXT),
            *rules.sender("sender", sender),
            *_words(None, country_code),
            *(rules.needed("image", None) if missing else ()),
            *(() if missing else media.image("image", image, takes=media.GATEWAY_IMAGES)),
            *(() if missing else check.gateway_image("image", image)),
        )
    )
    numbers = recipients.cleaned(several)
    read = sending.sent(numbers, sending.BEARER, zone)
    return mms_action(text, sender, image, numbers, read, country_code=country_code)


def sms_action(
    text: str,
    sender: str | None,
    reference: str | None,
    numbers: Iterable[str],
    read: Callable[[Answer], T_co],
) -> Action[T_co]:
    """Return the call for a text that has passed its rules; numbers are cleaned."""
    return _post(_item(text, sender, reference, numbers), read)


def mms_action(
    text: str | None,
    sender: str | None,
    image: Any,
    numbers: Iterable[str],
    read: Callable[[Answer], T_co],
    *,
    country_code: int | None = None,
) -> Action[T_co]:
    """Return the call for an MMS that has passed its rules; numbers are cleaned."""
    fields = bodies.given(
        message=rules.line_feeds(text or ""),
        contacts=bodies.dumps([recipients.plus(number) for number in numbers]),
        sender=None if rules.absent(sender) else rules.clean_sender(sender or ""),
        countryCode=None if country_code is None else str(country_code),
    )
    parts = [bodies.field(name, value) for name, value in fields.items()]
    # A file is media, an address is that of a gif.
    picture = mms.picture("gif" if isinstance(media.address(image), str) else "media", image)
    return Action(
        name="gatewaymms",
        path=GATEWAY_MMS,
        method="POST",
        body=bodies.as_form((*parts, picture)),
        read=read,
        sends=True,
    )


def _held_back_faults(at: str, schedule_at: object, delay: object, most: int) -> Iterator[Fault]:
    yield from rules.moment(at, schedule_at)
    yield from rules.whole("delay", delay, highest=most)
    if schedule_at is not None and delay is not None:
        yield Fault("delay", f"stands beside {at}", "give one of them")


def _held_back(schedule_at: datetime | None, delay: int | None) -> dict[str, Any]:
    # A time in UTC, or milliseconds.
    shown = None if schedule_at is None else times.write(schedule_at, UTC)
    return bodies.given(scheduleAt=shown, delay=delay)


def _item(
    text: str | None, sender: str | None, reference: str | None, numbers: Iterable[str]
) -> dict[str, Any]:
    return {
        **bodies.given(message=None if rules.absent(text) else rules.line_feeds(text or "")),
        "contacts": [recipients.plus(number) for number in numbers],
        **bodies.given(
            sender=None if rules.absent(sender) else rules.clean_sender(sender or ""),
            customString=None if rules.absent(reference) else reference,
        ),
    }


def _post(tree: Any, read: Callable[[Answer], T_co]) -> Action[T_co]:
    body = bodies.as_json(tree)
    return Action(name="gateway", path=GATEWAY, method="POST", body=body, read=read, sends=True)


def _one_of(text: object, template_id: object) -> Iterator[Fault]:
    if rules.absent(text) == rules.absent(template_id):
        rule = "is missing, and so is template_id" if rules.absent(text) else "stands beside one"
        yield Fault("text", rule, "give either text or template_id")


def _words(sender_type: object, country_code: object) -> Iterator[Fault]:
    if sender_type is not None:
        yield from rules.choice("sender_type", sender_type, SENDER_TYPES)
    if country_code is not None and country_code not in COUNTRY_CODES:
        yield Fault("country_code", "is not 61", "this API sends to Australia only")


def _links(long_url: object) -> Iterator[Fault]:
    if long_url is None:
        return
    if not isinstance(long_url, dict):
        fix = 'pass {"short": "https://..."}, the short name as it stands in the text'
        yield Fault("long_url", "is no dict of short names and addresses", fix)
        return
    for at, (short, url) in enumerate(long_url.items()):
        if not (isinstance(short, str) and len(short) >= 3 and short.isascii() and short.isalnum()):
            rule = "is no short name of at least three letters and digits"
            yield Fault(f"long_url[{at}]", rule, "use A-Z, a-z and 0-9")
        yield from rules.needed(f"long_url[{at}]", url)
