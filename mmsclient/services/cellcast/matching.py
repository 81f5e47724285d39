"""Which row of an answer speaks of which number: rows come in any order, numbers in any form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from mmsclient.services import fields
from mmsclient.services.cellcast import payload
from mmsclient.services.fields import FieldError, Tree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_NOT_DIGIT = re.compile(r"[^0-9]")

_NATIONAL = 9
"""Digits of an Australian number behind the country code: answers drop what stands before them."""
_SHORTEST = 7
"""Digits that a number has at least without its country code."""


@attrs.frozen
class Match:
    """Rows by the number they speak of."""

    found: Mapping[str, Tree] = attrs.field(repr=False)
    """By number as it was asked for; of several rows the first."""
    strays: int
    """Rows that speak of none of the numbers, or that cannot be read: they stay in ``raw``."""


def match(rows: Sequence[Any], numbers: Sequence[str], names: Sequence[str]) -> Match:
    """Find the row of each of *numbers*, which are cleaned; *names* are fields of a row with it.

    The whole number decides first, then its last digits, if only one number has them.
    """
    asked = frozenset(numbers)
    found: dict[str, Tree] = {}
    left: list[tuple[Tree, list[str]]] = []
    for row in payload.blocks(rows):
        told = [_digits(row, name) for name in names]
        exact = next((digits for digits in told if digits in asked), None)
        if exact is None:
            left.append((row, told))
        else:
            found.setdefault(exact, row)
    strays = len(rows) - sum(1 for _ in payload.blocks(rows))
    ends = _ends(numbers) if left else {}
    for row, told in left:
        alike = {number for digits in told for number in ends.get(_end(digits), ())}
        open_ = [number for number in alike if number not in found]
        if len(open_) == 1:
            found[open_[0]] = row
        elif open_ or not alike:  # a second row of a number that has its own is no stray
            strays += 1
    return Match(found, strays)


def _digits(row: Tree, name: str) -> str:
    try:
        return _NOT_DIGIT.sub("", fields.text(row, name) or "").lstrip("0")
    except FieldError:
        return ""


def _end(digits: str) -> str:
    return digits[-_NATIONAL:] if len(digits) >= _SHORTEST else ""


def _ends(numbers: Sequence[str]) -> dict[str, list[str]]:
    """Return the numbers by their last 9, 8 and 7 digits."""
    ends: dict[str, list[str]] = {}
    for number in numbers:
        for length in range(_SHORTEST, _NATIONAL + 1):
            if len(number) >= length:
                ends.setdefault(number[-length:], []).append(number)
    return ends
