"""Reading answers: the shapes in which JSON and XML bring one and the same thing.

In XML a list repeats ``<item>`` (older pages: none), and nothing, an empty text and an empty
list are all an empty element. In JSON a list that is empty may be missing, null, [] or {}.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from mmsclient.errors import InvalidMessageError
from mmsclient.numbers import clean_number
from mmsclient.services import fields
from mmsclient.services.fields import FieldError, Tree
from mmsclient.services.transmitsms import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from decimal import Decimal

T = TypeVar("T")

_NOTHING: Tree = {}
#: Each sign has one place only, so that what does not fit is left after one pass.
_MONEY = re.compile(r"([-+]?)[^\d.+-]{0,4}([-+]?)(\d+(?:,\d+)*(?:\.\d+)?|\.\d+)")


def text(said: Tree, *names: str) -> str | None:
    """Return the first of these fields that holds text, without blanks around it."""
    return next((found for name in names if (found := fields.text(said, name))), None)


def ident(said: Tree, *names: str) -> str | None:
    """Return an id as text; None where it is missing or 0, which stands for none."""
    value = text(said, *names)
    return value if value and value.strip("0") else None


def required(said: Tree, *names: str) -> str:
    """Return an id as text, or raise FieldError where there is none."""
    value = ident(said, *names)
    if value is None:
        raise FieldError(names[0], "there")
    return value


def number(said: Tree, *names: str) -> str | None:
    """Return a phone number in the form of ``Accepted.to`` where it can be brought into it."""
    value = text(said, *names)
    try:
        return value and clean_number(value)
    except InvalidMessageError:
        return value


def money(said: Tree, name: str) -> Decimal | None:
    """Return an amount, also one with the sign of a currency before it (``$14.630``).

    None where it is missing, cannot be read as one, or is longer than any amount.
    """
    written = fields.text(said, name) or ""
    if len(written) > limits.AMOUNT:
        return None
    found = _MONEY.fullmatch(written)
    if found is None:
        return fields.decimal(said, name)
    return fields.decimal({name: found[1] + found[2] + found[3].replace(",", "")}, name)


def whole(said: Tree, name: str) -> int | None:
    """Return a count, also one that is written as ``2.0``; None where it is no whole number."""
    value = money(said, name)
    if value is None or abs(value.adjusted()) > limits.ID_DIGITS or value % 1:
        return None
    return int(value)


def day(said: Tree, name: str) -> date | None:
    """Return a plain date; a time behind it is dropped, None where it cannot be read as one."""
    found = fields.moment(said, name)
    return None if found is None else found.date()


def block(tree: Tree, name: str) -> Tree:
    """Return the text fields of a block inside the answer; empty where there is none."""
    inside = tree.get(name)
    return fields.plain(inside) if isinstance(inside, Mapping) else _NOTHING


def rows(tree: Tree, name: str) -> tuple[Tree, ...]:
    """Return the rows of a list, in whatever shape they come; FieldError where it is no list."""
    return tuple(_rows(tree.get(name), name))


def _rows(value: Any, name: str) -> Iterator[Tree]:
    if _empty(value):
        return
    if isinstance(value, list):
        yield from (_row(each, name) for each in value if not _empty(each))
    elif not isinstance(value, Mapping):
        raise FieldError(name, "a list of rows")
    elif set(value) == {"item"}:
        yield from _rows(fields.repeats(value, "item"), name)
    elif all(_holds_rows(inside) for inside in value.values()):
        for inside in value.values():
            yield from _rows(inside if isinstance(inside, list) else [inside], name)
    else:
        yield from _side_by_side(value, name)


def _row(value: Any, name: str) -> Tree:
    if not isinstance(value, Mapping):
        raise FieldError(name, "a list of rows")
    return value


def _empty(value: Any) -> bool:
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def _holds_rows(value: Any) -> bool:
    each = value if isinstance(value, list) else [value]
    return bool(each) and all(isinstance(one, Mapping) for one in each)


def _side_by_side(value: Tree, name: str) -> Iterator[Tree]:
    """Take rows apart that stand in their container with nothing around each (older pages)."""
    lengths = {len(inside) if isinstance(inside, list) else 1 for inside in value.values()}
    if len(lengths) != 1:
        raise FieldError(name, "a list of whole rows")
    columns = {column: fields.repeats(value, column) for column in value}
    for at in range(lengths.pop()):
        yield {column: inside[at] for column, inside in columns.items()}


def texts(tree: Tree, name: str) -> tuple[str, ...]:
    """Return a list of ids or numbers as texts; anything else in it is left out."""
    value = tree.get(name)
    if isinstance(value, Mapping):
        value = [one for inside in value for one in fields.repeats(value, inside)]
    each = value if isinstance(value, list) else [value]
    found = (fields.plain({name: one}).get(name, "") for one in each)
    return tuple(said for one in found if (said := one.strip()))


def custom(tree: Tree, name: str = "fields") -> Mapping[str, str]:
    """Return custom fields by name, whatever the shape; those that hold no text are left out."""
    value = tree.get(name)
    if isinstance(value, Mapping) and set(value) == {"item"} and not _is_text(value["item"]):
        value = fields.repeats(value, "item")
    if isinstance(value, Mapping) and _paired(value):
        value = list(_side_by_side(value, name))
    if isinstance(value, list):
        named = [row for row in value if isinstance(row, Mapping)]
        return {
            key: _said(row, "value")
            for row in named
            if (key := fields.plain(row).get("name")) and _is_text(row.get("value"))
        }
    if not isinstance(value, Mapping):
        return _NOTHING
    return {key: _said(value, key) for key in value if _is_text(value[key])}


def _paired(value: Tree) -> bool:
    """Whether names and values stand in their container with nothing around each pair."""
    names, values = value.get("name"), value.get("value")
    both = isinstance(names, list) and isinstance(values, list) and len(names) == len(values)
    return both and len(value) == len(("name", "value"))


def _is_text(value: Any) -> bool:
    return not isinstance(value, list | Mapping) or bool(fields.plain({"it": value}))


def _said(tree: Tree, name: str) -> str:
    return fields.plain(tree).get(name, "")


def readable(tree: Tree, name: str, read: Callable[[Tree], T]) -> tuple[T, ...]:
    """Read each row; one without its id is left out and stays in ``raw``, unless all are such."""
    found, items = rows(tree, name), []
    for row in found:
        with contextlib.suppress(FieldError):
            items.append(read(row))
    if found and not items:
        raise FieldError(name, "a list of rows with ids")
    return tuple(items)
