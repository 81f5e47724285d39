"""How long texts may be, and how many SMS one makes, as this service counts."""

from __future__ import annotations

#: "GSM: 160, or parts of 153; at most 918. Unicode: 70; at most 402 (six parts of 67)".
GSM_ALONE, GSM_PART, UNICODE_ALONE, UNICODE_PART, MOST_PARTS = 160, 153, 70, 67, 6

#: MMS: "subject 40, text 1000, total 380 KB". Whether KB is 1000 or 1024 is not said: a strict
#: service takes the smaller.
LONGEST_SUBJECT, LONGEST_MMS, LARGEST_MMS = 40, 1000, 380_000

#: Rows of GSM 03.38, in its order; the escape at 1B aside.
_GSM = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)

#: "vertical bar, caret, curly and square brackets, tilde, backslash, euro sign (form feed too)".
_TWICE = "|^{}[]~\\€\f"


def parts(text: str) -> int:
    """Return how many SMS a text makes."""
    if all(character in _GSM or character in _TWICE for character in text):
        length = len(text) + sum(character in _TWICE for character in text)
        alone, part = GSM_ALONE, GSM_PART
    else:
        length = len(text.encode("utf-16-le", "surrogatepass")) // 2
        alone, part = UNICODE_ALONE, UNICODE_PART
    return 1 if length <= alone else -(-length // part)


def too_long(text: str) -> bool:
    """Tell whether a text is over what one call may send."""
    return parts(text) > MOST_PARTS
