"""The published rules of each message: all faults at once, and no call before there are none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mmsclient.errors import Fault, InvalidMessageError
from mmsclient.messages import Mms, SavedMms, Sms
from mmsclient.services.skycore import limits, media, rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime


def faults(message: object, *, now: datetime | None = None) -> tuple[Fault, ...]:
    """Return every published rule that *message* breaks; *now* is for tests."""
    match message:
        case Mms():
            return tuple(_mms(message, now))
        case Sms():
            return tuple(_sms(message))
        case SavedMms():
            return tuple(_saved_mms(message))
    return (Fault("message", "is no message of this service", "pass Mms, Sms or SavedMms"),)


def insist(found: Iterable[Fault]) -> None:
    """Raise InvalidMessageError if there are any faults."""
    if together := tuple(found):
        raise InvalidMessageError(together)


def template(
    *,
    name: object,
    slides: object,
    subject: object,
    fallback_text: object,
    disable_fallback_sms: object,
    disable_fallback_sms_link: object,
) -> Iterator[Fault]:
    """Judge what becomes a template ("Save MMS")."""
    yield from rules.needed("name", name, "E311")
    yield from _subject(subject)
    yield from rules.text("fallback_text", fallback_text)
    if rules.absent(subject) and rules.absent(fallback_text):
        yield Fault("subject", "is missing", "give subject or fallback_text", "E314")
    yield from media.slides(slides, template=True)
    yield from rules.switch("disable_fallback_sms", disable_fallback_sms)
    yield from rules.switch("disable_fallback_sms_link", disable_fallback_sms_link)


def data(field: str, value: object) -> Iterator[Fault]:
    """Judge free fields: their names become names of XML elements, in upper case."""
    if not isinstance(value, Mapping):
        yield Fault(field, "is not a mapping", "pass a dict of names and texts")
        return
    seen: set[str] = set()
    for position, (name, said) in enumerate(value.items()):
        if not (isinstance(name, str) and rules.is_name(name) and rules.is_name(name.upper())):
            rule = f"name {position}, counted from 0, cannot be the name of an XML element"
            yield Fault(field, rule, "use letters, digits and _, a letter first")
            continue
        where = f"{field}[{position}]"  # a name can be private too
        if name.upper() in seen:
            yield Fault(where, "stands there twice, in another case", "leave one out")
        seen.add(name.upper())
        if not isinstance(said, str):
            yield Fault(where, "is not text", "pass it as a str")
        else:
            yield from rules.text(where, said)


def _route(message: Mms | Sms | SavedMms, *, missing: str = "E110") -> Iterator[Fault]:
    yield from rules.number("to", message.to, missing=missing)
    yield from rules.sender("sender", message.sender)
    yield from rules.text("from_mask", message.from_mask, longest=limits.FROM_MASK)
    yield from rules.text("operator_id", message.operator_id)
    yield from rules.text("campaign_ref", message.campaign_ref)


def _subject(value: object) -> Iterator[Fault]:
    # "80 characters kept, more may be cut": what may be cut without a word is a fault here.
    yield from rules.text("subject", value, longest=limits.SUBJECT)


def _mms(message: Mms, now: datetime | None) -> Iterator[Fault]:
    yield from _route(message)
    yield from _subject(message.subject)
    yield from rules.needed("name", message.name, "E311")
    yield from media.slides(message.slides, template=False)
    yield from rules.text("fallback_text", message.fallback_text)
    if rules.absent(message.subject) and rules.absent(message.fallback_text):
        fix = "mandatory where there is no subject"
        yield Fault("fallback_text", "is missing", fix, "E622")
    yield from rules.switch("disable_fallback_sms_link", message.disable_fallback_sms_link)
    field = "mms_link_expiration_date"
    yield from rules.link_life(field, message.mms_link_expiration_date, now)
    yield from rules.switch("force_send_as_sms", message.force_send_as_sms, "E655")
    yield from rules.text("reference", message.reference, longest=limits.REFERENCE)


def _sms(message: Sms) -> Iterator[Fault]:
    yield from _route(message)
    if rules.absent(message.text):
        yield Fault("text", "is missing", "it is mandatory", "E712")
    else:
        yield from rules.text("text", message.text, longest=limits.SMS_TEXT, code="E228")
    yield from _own_reference(message)


def _saved_mms(message: SavedMms) -> Iterator[Fault]:
    yield from rules.needed("template", message.template, "E620")
    yield from _route(message, missing="E621")
    yield from _discovery(message)
    yield from _texts(message.texts)
    yield from _subject(message.subject)
    yield from data("data", message.data)
    yield from rules.text("fallback_text", message.fallback_text)
    for field in ("disable_fallback_sms", "disable_fallback_sms_link", "force_pass_as_link"):
        yield from rules.switch(field, getattr(message, field))
    yield from _own_reference(message)


def _own_reference(message: Sms | SavedMms) -> Iterator[Fault]:
    # It stays here: no page gives it a place in these calls, so no limit of the service applies.
    if message.reference is not None and not isinstance(message.reference, str):
        yield Fault("reference", "is not text", "pass it as a str")


def _discovery(message: SavedMms) -> Iterator[Fault]:
    yield from rules.text("ddm_title", message.ddm_title)
    yield from rules.text("ddm_text", message.ddm_text)
    yield from rules.whole("ddm_timeout", message.ddm_timeout)
    yield from rules.switch("ddm_force", message.ddm_force)
    wanted = not rules.absent(message.ddm_title) or message.ddm_timeout is not None
    if rules.absent(message.ddm_text) and (wanted or message.ddm_force is True):
        yield Fault("ddm_text", "is missing", "mandatory where device discovery is wanted")


def _texts(value: object) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield Fault("texts", "is not a mapping", "pass a dict of slide numbers and texts")
        return
    for slide, said in value.items():
        whole = isinstance(slide, int) and not isinstance(slide, bool)
        if not whole or not 1 <= slide <= limits.SLIDES:
            rule = f"names a slide that is no number from 1 to {limits.SLIDES}"
            yield Fault("texts", rule, "count slides from 1")
        elif rules.absent(said):
            yield Fault(f"texts[{slide}]", "is missing", "give the new text of the slide")
        else:
            yield from rules.text(f"texts[{slide}]", said, longest=limits.SLIDE_TEXT, code="E334")
