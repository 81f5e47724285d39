"""Numbers and senders as this service takes them, and as its answers show them."""

from __future__ import annotations

import re

#: "Australian numbers: +614NNNNNNNN or 04NNNNNNNN"; seen too: 614NNNNNNNN. Numbers of other
#: countries are taken with their country code: no page says which are not.
_HOME, _ABROAD = re.compile(r"(?:\+?61|0)(4[0-9]{8})"), re.compile(r"\+?([1-9][0-9]{6,14})")
_NEW_ZEALAND = re.compile(r"\+(64[0-9]{7,10})")
_AUSTRALIA = "61"

#: `from`: "A-Z a-z 0-9 space dash; up to 16 digits if numeric, up to 11 characters otherwise".
_NUMERIC, _NAMED = re.compile(r"[0-9]{1,16}"), re.compile(r"[A-Za-z0-9 -]{1,11}")

#: "an NZ short code of exactly four digits".
_NZ_CODE = re.compile(r"[0-9]{4}")


def digits_of(number: object) -> str | None:
    """Return the international digits of a recipient; None for what is no mobile number."""
    if not isinstance(number, str):
        return None
    home, abroad = _HOME.fullmatch(number), _ABROAD.fullmatch(number)
    if home:
        return _AUSTRALIA + home[1]
    # An Australian number that is no mobile's gets no messages.
    return abroad[1] if abroad and not abroad[1].startswith(_AUSTRALIA) else None


def nz_digits_of(number: object) -> str | None:
    """Return the digits of a New Zealand recipient, who is written ``+64…``."""
    match = _NEW_ZEALAND.fullmatch(number) if isinstance(number, str) else None
    return match[1] if match else None


def is_sender(text: str) -> bool:
    """Tell whether *text* is well formed as ``from``."""
    return bool(_NUMERIC.fullmatch(text) or _NAMED.fullmatch(text))


def is_nz_code(text: str) -> bool:
    """Tell whether *text* can be the sender of a message to New Zealand."""
    return bool(_NZ_CODE.fullmatch(text))


def is_custom(sender: str) -> bool:
    """Tell whether a sender is a name, which costs more and cannot be answered."""
    return not _NUMERIC.fullmatch(sender)
