"""Typed reading of parsed documents: trees of mappings, lists and text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

Tree: TypeAlias = Mapping[str, Any]

#: Under this key an XML element with attributes keeps its text.
TEXT = "#text"

#: Digits before or behind the point that are written out.
_DIGITS = 40

_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class FieldError(ValueError):
    """A field has a shape it cannot have. Names the field, never what stands in it."""

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(field, expected)
        self.field = field
        self.expected = expected

    def __str__(self) -> str:
        return f"{self.field} is not {self.expected}"


def _scalar(tree: Tree, name: str) -> str | None:
    value = tree.get(name)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        if any(not key.startswith(("@", "#")) for key in value):
            raise FieldError(name, "text")
        value = value.get(TEXT)
        if value is None or isinstance(value, str):
            return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f") if abs(value.adjusted()) <= _DIGITS else str(value)
    if isinstance(value, int | float):
        return str(value)
    raise FieldError(name, "text")


def words(tree: Tree, name: str) -> str | None:
    """Return the text as it came, blanks included; None where it is missing or empty."""
    return _scalar(tree, name) or None


def text(tree: Tree, name: str) -> str | None:
    """Return the text without blanks around it; None where it is missing or blank."""
    return (_scalar(tree, name) or "").strip() or None


def required(tree: Tree, name: str) -> str:
    """Return the text without blanks around it, or raise FieldError where there is none."""
    value = text(tree, name)
    if value is None:
        raise FieldError(name, "there")
    return value


def number(tree: Tree, name: str) -> int | None:
    """Return a whole number; None where it is missing or cannot be read as one."""
    value = text(tree, name)
    try:
        return None if value is None else int(value)
    except ValueError:
        return None


def moment(tree: Tree, name: str) -> datetime | None:
    """Return a time stamp, naive if it names no zone; None where it cannot be read as one."""
    value = text(tree, name)
    try:
        return None if value is None else datetime.fromisoformat(value)
    except ValueError:
        return None


def utc(tree: Tree, name: str) -> datetime | None:
    """Return a time stamp that is UTC where it names no zone, as an aware UTC moment."""
    found = moment(tree, name)
    try:
        return None if found is None else found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        return None


def decimal(tree: Tree, name: str) -> Decimal | None:
    """Return an amount with every digit; None where it is missing or cannot be read as one."""
    value = text(tree, name)
    try:
        amount = None if value is None else Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount is None or amount.is_finite() else None


def flag(tree: Tree, name: str) -> bool | None:
    """Return yes or no in any usual spelling; None where it is missing or neither."""
    return _WORDS.get((text(tree, name) or "").lower())


def child(tree: Tree, name: str) -> Tree:
    """Return a nested tree; an empty one where it is missing or empty."""
    value = tree.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return {}
    if not isinstance(value, Mapping):
        raise FieldError(name, "one block of fields")
    return value


def repeats(tree: Tree, name: str) -> list[Any]:
    """Return what stands in a field, in a list: parsers give one of them without."""
    value = tree.get(name)
    return value if isinstance(value, list) else [value]


def rows(tree: Tree, name: str) -> tuple[Tree, ...]:
    """Return repeated trees: parsers give none, one or a list of them."""
    if name not in tree:
        return ()
    found = repeats(tree, name)
    return tuple(row for each in found if (row := child({name: each}, name)))


def texts(tree: Tree, name: str) -> tuple[str, ...]:
    """Return repeated texts without blanks around them; blank ones are left out."""
    found = repeats(tree, name)
    return tuple(said for each in found if (said := text({name: each}, name)))


def agreed(tree: Tree, name: str) -> str | None:
    """Return the text as it came, once for repeats that are equal; None for any other shape."""
    try:
        said = {words({name: each}, name) for each in repeats(tree, name)}
    except FieldError:
        return None
    return said.pop() if len(said) == 1 else None


def plain(tree: Tree) -> dict[str, str]:
    """Return the fields that hold text, see :func:`agreed`; those of any other shape are left out."""
    return {name: said for name in tree if (said := agreed(tree, name)) is not None}
