"""Contacts of the API with a token: mobile numbers, with or without the code of their country."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mmsclient.simulator.cellcast.phones import digits_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: "countryCode (61)".
COUNTRY = "61"

_HOME, _NATIONAL = re.compile(r"0?(4[0-9]{8})"), re.compile(r"[1-9][0-9]{5,13}")


def country_in(fields: Mapping[str, Any]) -> str:
    """Return the code of the country that contacts are in unless they say otherwise."""
    return str(fields.get("countryCode") or COUNTRY).removeprefix("+")


def contact_reader(fields: Mapping[str, Any]) -> Callable[[object], str | None]:
    """Return what reads the contacts of a call as digits, or as None where they are invalid."""
    country = country_in(fields)

    def read(contact: object) -> str | None:
        if not isinstance(contact, str):
            return None
        home = _HOME.fullmatch(contact) if country == COUNTRY else None
        if home:
            return country + home[1]
        if country != COUNTRY and _NATIONAL.fullmatch(contact) and not contact.startswith(country):
            return digits_of(country + contact)
        return digits_of(contact)

    return read


def without_prefix(number: str, country: str) -> str:
    """Return a number as answers show it: "Numbers come back without prefix (400000000)"."""
    return number.removeprefix(country)
