"""The receivers of one call: a number, several, or numbers with what fills a template."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.numbers import clean_number
from mmsclient.services.cellcast import rules
from mmsclient.services.cellcast.values import Recipient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmsclient.errors import Fault

#: What can fill a template, by the names of the wire ("Send by template").
PLACEHOLDERS = tuple(field.name for field in attrs.fields(Recipient) if field.name != "to")


def several(to: object) -> tuple[Any, ...]:
    """Return one receiver or several as several; judging them is left to :func:`faults`."""
    if isinstance(to, str | bytes | Recipient) or not isinstance(to, Iterable):
        return (to,)
    return tuple(to)


def faults(to: tuple[Any, ...], *, placeholders: bool = False) -> Iterator[Fault]:
    """Judge the receivers of one call."""
    yield from rules.numbers("to", [number(one) if placeholders else one for one in to])
    for at, one in enumerate(to):
        if placeholders and isinstance(one, Recipient):
            for name in PLACEHOLDERS:
                yield from rules.text(f"to[{at}].{name}", getattr(one, name))


def number(one: object) -> object:
    """Return the number of a receiver, whatever it is given as."""
    return one.to if isinstance(one, Recipient) else one


def cleaned(to: tuple[Any, ...]) -> tuple[str, ...]:
    """Return the numbers as digits."""
    return tuple(clean_number(number(one)) for one in to)


def plus(digits: str) -> str:
    """Return a number as it is sent: with a plus in front."""
    return f"+{digits}"
