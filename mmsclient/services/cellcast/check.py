"""The published rules of each message: all faults at once, and no call before there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.errors import Fault, InvalidMessageError
from mmsclient.messages import Mms, SavedMms, Slide, Sms
from mmsclient.services.cellcast import limits, media, rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: What one slide of an MMS can hold at other services and not at this one.
_OTHER_FILES = ("audio", "video", "vcard", "ical", "pdf", "passbook", "personalized_image")


def faults(message: object, *, bearer: bool) -> tuple[Fault, ...]:
    """Return every published rule that *message* breaks at v3, or at the Bearer API."""
    match message:
        case Mms():
            found = tuple(_gateway_mms(message) if bearer else mms(message))
        case Sms():
            found = tuple(_gateway_sms(message) if bearer else sms(message))
        case SavedMms():
            rule = "is a stored template, and this service stores no MMS"
            found = (Fault("message", rule, "send Mms or Sms"),)
        case _:
            found = (Fault("message", "is no message of this service", "pass Mms or Sms"),)
    return codeless(found) if bearer else found


def codeless(found: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return faults without codes: they are those of v3, the Bearer API has none."""
    return tuple(attrs.evolve(fault, code=None) for fault in found)


def insist(found: Iterable[Fault]) -> None:
    """Raise InvalidMessageError if there are any faults."""
    if together := tuple(found):
        raise InvalidMessageError(together)


def insist_codeless(found: Iterable[Fault]) -> None:
    """Raise InvalidMessageError if there are any faults, as the Bearer API has them."""
    insist(codeless(found))


def sms(message: Sms, where: str = "") -> Iterator[Fault]:
    """Judge a text; *where* stands before the names of its fields."""
    yield from rules.number(f"{where}to", message.to)
    yield from rules.sms_text(f"{where}text", message.text)
    yield from rules.sender(f"{where}sender", message.sender)
    if is_nz(message):
        yield from _kept_reference(f"{where}reference", message.reference)
    else:
        yield from rules.tag(f"{where}reference", message.reference)


def is_nz(message: Sms) -> bool:
    """Whether a text goes by send-sms-nz: to New Zealand, from a short code of there."""
    return rules.is_nz_sender(message.sender) and rules.is_nz(message.to)


def mms(message: Mms) -> Iterator[Fault]:
    """Judge an MMS at v3."""
    yield from rules.number("to", message.to)
    yield from rules.text("subject", message.subject, longest=limits.MMS_SUBJECT)
    yield from _slides(message, takes=media.IMAGES)
    yield from _kept_reference("reference", message.reference)
    slide = only_slide(message)
    if slide is not None:
        yield from media.fits("slides[0].image", slide.image, slide.text, message.subject)


def _gateway_sms(message: Sms) -> Iterator[Fault]:
    yield from rules.number("to", message.to)
    yield from rules.sms_text("text", message.text)
    yield from rules.sender("sender", message.sender)
    yield from rules.tag("reference", message.reference)


def _gateway_mms(message: Mms) -> Iterator[Fault]:
    yield from rules.number("to", message.to)
    yield from rules.sender("sender", message.sender)
    if not rules.absent(message.subject):
        yield Fault("subject", "has no place in this API", "put it into the text")
    yield from _slides(message, takes=media.GATEWAY_IMAGES)
    yield from _kept_reference("reference", message.reference)
    slide = only_slide(message)
    if slide is not None:
        yield from gateway_image("slides[0].image", slide.image)


def gateway_image(field: str, image: object) -> Iterator[Fault]:
    """Judge what only the Bearer API asks of an image: an address of a gif, a smaller file."""
    yield from media.fits(field, image, most=limits.GATEWAY_MEDIA)
    address = media.address(image)
    if isinstance(address, str):
        path = address.partition("#")[0].partition("?")[0]
        if not path.lower().endswith(".gif"):
            yield Fault(field, "is an address of no .gif", "pass a png or jpeg as File(...)")


def only_slide(message: Mms) -> Slide | None:
    """Return the one slide that an MMS has; None where it has none, several, or no slide."""
    slides: Any = message.slides
    if not isinstance(slides, tuple) or len(slides) != 1:
        return None
    return slides[0] if isinstance(slides[0], Slide) else None


def _slides(message: Mms, *, takes: tuple[str, ...]) -> Iterator[Fault]:
    slide = only_slide(message)
    if slide is None:
        yield Fault("slides", "is not one slide", "one Slide with an image and text", rules.INVALID)
    else:
        where = "slides[0]"
        if rules.absent(media.address(slide.image)):
            yield media.no_image(f"{where}.image")
        else:
            yield from media.image(f"{where}.image", slide.image, takes=takes)
        yield from rules.needed(f"{where}.text", slide.text, longest=limits.MMS_TEXT)
        for name in _OTHER_FILES:
            if not rules.absent(media.address(getattr(slide, name))):
                rule = "has no place in an MMS of this service"
                yield Fault(f"{where}.{name}", rule, "leave it out, or link to it in the text")
    if message.force_send_as_sms is True:
        rule = "is on, and this service cannot send an MMS as SMS"
        yield Fault("force_send_as_sms", rule, "send an Sms")


def _kept_reference(field: str, value: object) -> Iterator[Fault]:
    # It stays here: no page gives it a place in these calls, so no limit of the service applies.
    if value is not None and not isinstance(value, str):
        yield Fault(field, "is not text", "pass it as a str")
