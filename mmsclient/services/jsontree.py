"""JSON as trees: bytes in, trees out, bounded; numbers keep every digit."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

LARGEST = 8 * 1024 * 1024
"""Bytes of a document that is read at all."""
DEEPEST = 32
"""Levels of a document; no published one has more than six."""


class JsonError(ValueError):
    """A document that is not read. Its text is ours: nothing of the document is in it."""


def parse(document: bytes) -> Any:
    """Return what the document holds: whole numbers as int, all others as Decimal.

    Raises:
        JsonError: it is too big, too deep, or not JSON in UTF-8.
    """
    if len(document) > LARGEST:
        raise JsonError(f"is larger than {LARGEST} bytes")
    try:
        tree = json.loads(
            document.decode("utf-8-sig"), parse_float=_decimal, parse_constant=_refuse
        )
    except RecursionError:
        raise JsonError("is nested too deep") from None
    except ValueError:
        raise JsonError("is not JSON") from None
    if _deeper(tree, DEEPEST):
        raise JsonError(f"is nested deeper than {DEEPEST} levels")
    return tree


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:  # an exponent beyond all bounds
        raise ValueError(digits) from None


def _refuse(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _deeper(tree: Any, levels: int) -> bool:
    row = [tree]
    for _ in range(levels + 1):
        row = [inside for each in row for inside in _inside(each)]
        if not row:
            return False
    return True


def _inside(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return list(tree.values())
    return tree if isinstance(tree, list) else []
