"""How a text travels as SMS: alphabet, parts, room left.

GSM 03.38 carries 160 characters in one SMS, or 153 in each of several; a single character outside
its alphabet makes all of the text UCS-2: 70, or 67 in each of several.
"""

from __future__ import annotations

from typing import Literal

import attrs

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Each of these takes two places.
_EXTENDED = frozenset("\f^{}\\[~]|€")

_ALONE = {"gsm-7": 160, "ucs-2": 70}
_JOINED = {"gsm-7": 153, "ucs-2": 67}


@attrs.frozen(kw_only=True)
class Segments:
    """What a text takes as SMS. An estimate where the service fills in names or links."""

    encoding: Literal["gsm-7", "ucs-2"]
    """The alphabet the whole text travels in."""
    parts: int
    """SMS that are sent, and usually billed, for it; 0 for an empty text."""
    length: int
    """Places it takes in that alphabet: ``€`` takes two in GSM-7, most emoji two in UCS-2."""
    left: int
    """Places left in the last part."""
    forcing: tuple[str, ...] = attrs.field(default=(), repr=False)
    """The characters that forced UCS-2, each once, in order of appearance."""


def segments(text: str) -> Segments:
    """Return what *text* takes as SMS.

    Parts are filled one after the other; a character of two places is never torn apart, so a
    part may end one place early.
    """
    forcing = tuple(dict.fromkeys(c for c in text if c not in _BASIC and c not in _EXTENDED))
    encoding: Literal["gsm-7", "ucs-2"] = "ucs-2" if forcing else "gsm-7"
    widths = [_width(character, encoding) for character in text]
    length = sum(widths)
    if length <= _ALONE[encoding]:
        parts, left = min(1, length), _ALONE[encoding] - length
    else:
        parts, left = _joined(widths, _JOINED[encoding])
    return Segments(encoding=encoding, parts=parts, length=length, left=left, forcing=forcing)


def _width(character: str, encoding: str) -> int:
    if encoding == "gsm-7":
        return 2 if character in _EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1


def _joined(widths: list[int], room: int) -> tuple[int, int]:
    parts, left = 1, room
    for width in widths:
        if width > left:
            parts, left = parts + 1, room
        left -= width
    return parts, left
