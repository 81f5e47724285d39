"""Phone numbers in international form: digits only, country code first."""

from __future__ import annotations

import re

from mmsclient.errors import Fault, InvalidMessageError

#: E.164 allows 15 digits; 7 is the shortest that a country code and a subscriber number make.
SHORTEST, LONGEST = 7, 15

# What people write between digits, and the invisible marks that address books add. A comma is not
# among them: it joins two numbers.
_PUNCTUATION = re.compile(
    r"[\s().\-/\u00a0\u2010-\u2015\u202f\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+"
)

# +44 (0)20 …: the 0 is dialled inside the country only, and must not stay in the middle.
_TRUNK_ZERO = re.compile(r"\d\s*\(0")

_FORM = "write the country code and the number, digits only"


def bare(number: str) -> str:
    """Return a number without the punctuation that people write into it, and without its +."""
    return _PUNCTUATION.sub("", number).removeprefix("+")


def clean_number(number: object, *, field: str = "to") -> str:
    """Return the number as the services take it: ``+1 (202) 555-0143`` becomes ``12025550143``.

    A leading + and punctuation are removed, nothing is guessed.

    Raises:
        InvalidMessageError: the number starts with a trunk or dialling prefix (``0``, ``00``),
            holds anything but digits, or has fewer than 7 or more than 15 of them. The fault
            names *field* and never repeats the number.
    """
    rule, fix = "", _FORM
    digits = bare(number) if isinstance(number, str) else ""
    if not isinstance(number, str):
        rule, fix = "is not text", "pass the number as a str"
    elif not digits:
        rule = "is empty"
    elif _TRUNK_ZERO.search(number):
        rule, fix = "holds a (0)", "leave the (0) out: it is dialled inside the country only"
    elif not (digits.isascii() and digits.isdigit()):
        rule, fix = "holds something that is not a digit", f"one number only; {_FORM}"
    elif digits.startswith("00"):
        rule, fix = "starts with 00", "leave the 00 out: the country code comes first"
    elif digits.startswith("0"):
        rule, fix = "starts with 0", "replace the 0 by the country code"
    elif not SHORTEST <= len(digits) <= LONGEST:
        short = len(digits) < SHORTEST
        rule = f"is too {'short' if short else 'long'}: {len(digits)} digits"
        fix = f"{SHORTEST} to {LONGEST} digits; {_FORM}"
    if rule:
        raise InvalidMessageError([Fault(field, rule, fix, "E110")])
    return digits


def doubt(digits: str) -> str | None:
    """Return what the ``phonenumbers`` package, if installed, holds against a cleaned number.

    Advice only: the service has the last word, and packages lag behind numbering plans.
    """
    try:
        import phonenumbers  # noqa: PLC0415 - optional, and slow to import
    except ImportError:
        return None
    try:
        parsed = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return "has no country code that is known"
    if not phonenumbers.is_possible_number(parsed):
        return "has a length its country does not use"
    return None if phonenumbers.is_valid_number(parsed) else "lies in no range its country uses"
