"""Documents of many messages that are nearly equal: rendered once, filled in per message.

What is equal in the messages of a bulk send is checked and rendered for the first two of them
only. From then on a message costs the check and the escaping of what is its own. Whatever is in
doubt goes the whole way, so that faults and documents are the same on both ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from xml.sax.saxutils import escape

import attrs

from mmsclient.errors import InvalidMessageError
from mmsclient.messages import Media, Message, Mms, SavedMms, Slide, Sms
from mmsclient.numbers import clean_number
from mmsclient.services.skycore import check, envelope, limits, media, messages, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Where a value goes while a document is rendered; these characters mean nothing to anybody.
_MARK = "\ue000{}\ue001"
_MARKS = re.compile("\ue000([0-9]+)\ue001")


@attrs.frozen(kw_only=True)
class _Kind:
    """What is a message's own, with the most characters it may have, and what is equal in many."""

    own: Mapping[str, int | None]
    alike: Callable[[Any], tuple[Any, ...]]


_ROUTE = ("sender", "from_mask", "operator_id", "campaign_ref")
_SWITCHES = ("disable_fallback_sms", "disable_fallback_sms_link", "force_pass_as_link")
_DISCOVERY = ("ddm_title", "ddm_text", "ddm_timeout", "ddm_force")

_FILES = attrgetter(*(kind.field for kind in media.KINDS))

_KINDS: dict[type, _Kind] = {
    Mms: _Kind(
        own={"subject": limits.SUBJECT, "fallback_text": None, "reference": limits.REFERENCE},
        alike=attrgetter(
            *_ROUTE, "slides", "name", "disable_fallback_sms_link", "force_send_as_sms"
        ),
    ),
    Sms: _Kind(own={"text": limits.SMS_TEXT}, alike=attrgetter(*_ROUTE)),
    SavedMms: _Kind(
        own={"subject": limits.SUBJECT, "fallback_text": None},
        alike=attrgetter(*_ROUTE, "template", *_SWITCHES, *_DISCOVERY),
    ),
}


#: What is equal in messages whose documents differ in texts alone, and those texts, in an order
#: that the former fixes.
_Parted: TypeAlias = tuple[tuple[Any, ...], list[str]]


class Filled(NamedTuple):
    """The document of one message."""

    action: str
    to: str
    body: bytes


@attrs.frozen(kw_only=True)
class _Stencil:
    """A document with gaps: the number of a gap says which text goes there, 0 the receiver."""

    alike: tuple[Any, ...] = attrs.field(repr=False)
    action: str
    head: str = attrs.field(repr=False)
    rest: tuple[tuple[int, str], ...] = attrs.field(repr=False)
    """Each gap with what follows it."""

    def fill(self, to: str, own: list[str]) -> Filled:
        texts = [to, *own]
        filled = [escape(texts[gap]) + piece for gap, piece in self.rest]
        return Filled(self.action, to, (self.head + "".join(filled)).encode())


class Stencils:
    """Remembers one stencil: that of the last messages that came alike."""

    __slots__ = ("_last", "_stencil")

    def __init__(self) -> None:
        self._last: tuple[Any, ...] | None = None
        self._stencil: _Stencil | None = None

    def __reduce__(self) -> tuple[type[Stencils], tuple[()]]:
        # A copy that travels starts anew: what is remembered is private.
        return Stencils, ()

    def fill(self, message: Message, api_key: str) -> Filled | None:
        """Return the document of *message*; None where it is to be checked and rendered whole."""
        parted = _parted(message)
        if parted is None:
            return None
        alike, own = parted
        stencil = self._stencil
        if stencil is None or stencil.alike != alike:
            again, self._last = alike == self._last, alike
            if not again:  # what differs every time is not worth a stencil
                return None
            stencil = self._stencil = _cut(message, alike, own, api_key)
        try:
            return None if stencil is None else stencil.fill(clean_number(message.to), own)
        except InvalidMessageError:
            return None


def _parted(message: Message) -> _Parted | None:
    """Take *message* apart; None if any of its own texts is in doubt."""
    kind = _KINDS.get(type(message))
    if kind is None or getattr(message, "mms_link_expiration_date", None) is not None:
        return None  # a moment is judged by the clock
    own: list[str] = []
    left_out = []
    for field, longest in kind.own.items():
        text = getattr(message, field)
        if text is None or text == "":
            left_out.append(field)
        elif _fits(text, longest) and not text.isspace():
            own.append(text)
        else:
            return None
    if not (message.reference is None or isinstance(message.reference, str)):
        return None
    common = kind.alike(message)
    # The types too: 1 == True, but only one of them is a switch.
    alike: tuple[Any, ...] = (kind, common, tuple(map(type, common)), left_out)
    inner = _inner(message, own)
    return None if inner is None else ((*alike, inner), own)


def _inner(message: Message, own: list[str]) -> tuple[Any, ...] | None:
    """Return what else messages have in common inside their fields; None if in doubt."""
    if isinstance(message, SavedMms):
        return _mapped(message, own)
    if isinstance(message, Mms):
        if not isinstance(message.slides, tuple):
            return None
        return tuple([_types(slide) for slide in message.slides])
    return ()


def _types(slide: object) -> tuple[object, ...]:
    """Return the types of what makes a slide equal to another without being as good."""
    if not isinstance(slide, Slide):
        return (type(slide),)
    files = _FILES(slide)
    sizes = [type(file.size) for file in files if isinstance(file, Media)]
    return type(slide.duration), *sizes


def _mapped(message: SavedMms, own: list[str]) -> tuple[Any, ...] | None:
    """Add the texts of the mappings to *own*, and return which they are; None if in doubt."""
    if not (isinstance(message.texts, dict) and isinstance(message.data, dict)):
        return None
    for said in message.texts.values():
        if not (_fits(said, limits.SLIDE_TEXT) and said.strip()):
            return None
    if not all(_fits(said, None) for said in message.data.values()):
        return None
    own += message.texts.values()
    own += message.data.values()
    return tuple(message.texts), tuple(map(type, message.texts)), tuple(message.data)


def _fits(text: object, longest: int | None) -> bool:
    return (
        isinstance(text, str) and (longest is None or len(text) <= longest) and rules.is_xml(text)
    )


def _cut(message: Message, alike: tuple[Any, ...], own: list[str], api_key: str) -> _Stencil | None:
    """Return the stencil of *message*; None if it has faults, or looks like a stencil itself."""
    if check.faults(message):
        return None
    marks = (_MARK.format(number) for number in range(1, len(own) + 1))
    action, nodes = messages.document(_marked(message, marks), _MARK.format(0))
    head, *rest = _MARKS.split(envelope.encode(action, api_key, nodes).decode())
    gaps = tuple(zip(map(int, rest[::2]), rest[1::2], strict=True))
    if sorted(gap for gap, _ in gaps) != list(range(len(own) + 1)):
        return None
    return _Stencil(alike=alike, action=action, head=head, rest=gaps)


def _marked(message: Message, marks: Iterator[str]) -> Message:
    """Return *message* with marks in the place of its own texts."""
    own = _KINDS[type(message)].own
    changes: dict[str, Any] = {field: next(marks) for field in own if getattr(message, field)}
    if isinstance(message, SavedMms):
        changes["texts"] = {slide: next(marks) for slide in message.texts}
        changes["data"] = {name: next(marks) for name in message.data}
    return attrs.evolve(message, **changes)
