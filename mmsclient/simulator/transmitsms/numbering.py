"""Telephone numbers as the service reads them: E.164 digits, or local with a country."""

from __future__ import annotations

import re

import attrs

#: ISO 3166 code and name -> country code. More than these nobody needs here.
_COUNTRIES: dict[str, str] = {
    **dict.fromkeys(("au", "australia"), "61"),
    **dict.fromkeys(("nz", "new zealand"), "64"),
    **dict.fromkeys(("gb", "united kingdom"), "44"),
    **dict.fromkeys(("us", "united states", "ca", "canada"), "1"),
    **dict.fromkeys(("sg", "singapore"), "65"),
    **dict.fromkeys(("de", "germany"), "49"),
    **dict.fromkeys(("fr", "france"), "33"),
    **dict.fromkeys(("in", "india"), "91"),
}

_INTERNATIONAL = re.compile(r"[1-9][0-9]{6,14}", re.ASCII)
_PUNCTUATION = re.compile(r"[\s()-]")
#: Digits of a number inside its country.
SHORTEST, LONGEST = 7, 10


@attrs.frozen
class Number:
    """One number in international form."""

    digits: str = attrs.field(repr=False)
    country: str = ""
    """The country code, where it is known."""

    @property
    def national(self) -> str:
        """The number inside its country."""
        return self.digits.removeprefix(self.country)

    @property
    def mobile(self) -> bool:
        """Whether it is one of a mobile phone, as far as the plan of the country tells."""
        return self.national.startswith("4") if self.country == "61" else True


def country_code(country: str) -> str | None:
    """Return the country code of a code or a name, or None."""
    return _COUNTRIES.get(country.strip().lower())


def number(text: str, country: str | None = None) -> Number | None:
    """Return a number, or None for what is none.

    *country* is a country code: local numbers are read as numbers of that country, whatever they
    were meant to be.
    """
    digits = _PUNCTUATION.sub("", text)
    international = digits.startswith("+")
    digits = digits.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return None
    if country is not None and not international:
        digits = _reformatted(digits, country)
    if not _INTERNATIONAL.fullmatch(digits):
        return None
    return Number(digits, country if country and digits.startswith(country) else _known(digits))


def _reformatted(digits: str, country: str) -> str:
    local = digits.removeprefix("0")
    whole = digits.startswith(country) and len(digits) >= len(country) + SHORTEST + 1
    if digits.startswith("0") or not whole:
        return country + local if SHORTEST <= len(local) <= LONGEST else digits
    return digits


def _known(digits: str) -> str:
    codes = sorted(set(_COUNTRIES.values()), key=len, reverse=True)
    return next((code for code in codes if digits.startswith(code)), "")
