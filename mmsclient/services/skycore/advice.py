"""What may spoil a message and is never forbidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.errors import InvalidMessageError
from mmsclient.messages import Advice, Mms, SavedMms, Slide, Sms
from mmsclient.numbers import clean_number, doubt
from mmsclient.services.skycore import limits, media, rules
from mmsclient.services.skycore.weight import weight

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOLL_FREE = frozenset({"800", "833", "844", "855", "866", "877", "888"})
_US_LENGTH = 11


def advice(message: object) -> tuple[Advice, ...]:
    """Return advice on *message*; fields with faults are passed over."""
    match message:
        case Mms():
            return tuple(_mms(message))
        case SavedMms():
            return tuple(_saved_mms(message))
        case Sms():
            return tuple(_number(message))
    return ()


def _mms(message: Mms) -> Iterator[Advice]:
    yield from _number(message)
    yield from _subject(message.subject, message.sender)
    yield from _fallback(message.fallback_text)
    slides = message.slides if isinstance(message.slides, tuple) else ()
    for position, slide in enumerate(slides):
        if isinstance(slide, Slide):
            yield from _slide(f"slides[{position}]", slide)
    yield from _size(message)


def _saved_mms(message: SavedMms) -> Iterator[Advice]:
    yield from _number(message)
    yield from _subject(message.subject, message.sender)
    yield from _fallback(message.fallback_text)
    if not (message.disable_fallback_sms is True or message.disable_fallback_sms_link is True):
        note = "the life of a template's fallback link may count from when it was saved"
        yield Advice("template", f"{note}: {limits.LINK_LIFE.days} days")


def _number(message: Mms | Sms | SavedMms) -> Iterator[Advice]:
    digits = _digits(message.to)
    if digits is None:
        return
    if doubted := doubt(digits):
        yield Advice("to", doubted)
    if not rules.absent(message.from_mask) and _north_american(digits):
        note = "an alphanumeric sender is not shown in the USA; the number may be one"
        yield Advice("from_mask", note)


def _subject(subject: object, sender: object) -> Iterator[Advice]:
    if not isinstance(subject, str) or rules.absent(subject):
        return
    if len(subject) > limits.SUBJECT_ADVISED:
        yield Advice("subject", f"{limits.SUBJECT_ADVISED} characters or fewer deliver best")
    if not subject.isascii():
        yield Advice("subject", "plain ASCII only: other characters, emoji above all, may be lost")
    digits = _digits(sender)
    if digits and _north_american(digits) and digits[1:4] in _TOLL_FREE:
        yield Advice("subject", "US toll-free senders may not support a subject")


def _fallback(text: object) -> Iterator[Advice]:
    if isinstance(text, str) and len(text) > limits.FALLBACK_ADVISED:
        yield Advice("fallback_text", f"{limits.FALLBACK_ADVISED} characters or fewer deliver best")


def _slide(where: str, slide: Slide) -> Iterator[Advice]:
    files = media.present(slide)
    for kind in media.KINDS:
        url = media.address(files.get(kind.field))
        if isinstance(url, str):
            yield from _address(f"{where}.{kind.field}", url, kind)
    for field in ("audio", "video"):
        if field in files:
            note = "is sent as it is, after a wait for encoding; save_mms fits it to handsets"
            yield Advice(f"{where}.{field}", note)
    if rules.absent(slide.text) and media.OBJECTS & files.keys():
        note = "many phones show the text of an object slide alone: put a sentence or address there"
        yield Advice(f"{where}.text", note)


def _address(where: str, url: str, kind: media.Kind) -> Iterator[Advice]:
    path, asked, _ = url.partition("#")[0].partition("?")
    if asked:
        stripped = "is" if kind.field in {"audio", "video"} else "may be"
        note = f"the query string {stripped} stripped: put ids and signatures into the path"
        yield Advice(where, note)
    name = path.partition("://")[2].partition("/")[2].rpartition("/")[2]
    if "." not in name.strip("."):
        yield Advice(where, "the address has no file extension: one is advised")
    elif name.rpartition(".")[2].lower() in media.TELLING - kind.extensions:
        takes = ", ".join(sorted(kind.extensions))
        note = "the ending says another kind; what counts is the Content-Type"
        yield Advice(where, f"{note} (usual endings: {takes})")


def _size(message: Mms) -> Iterator[Advice]:
    weighed = weight(message)
    travels = weighed.travels() if weighed and weighed.files else None
    if travels is not None:
        note = f"about {travels:,} bytes travel; what is too big may go out as the fallback SMS"
        yield Advice("slides", note)


def _digits(number: object) -> str | None:
    try:
        return clean_number(number)
    except InvalidMessageError:
        return None


def _north_american(digits: str) -> bool:
    return len(digits) == _US_LENGTH and digits.startswith("1")
