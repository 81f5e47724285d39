"""What an answer carries: in ``data`` as published, or at the top as in the overview pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from mmsclient.errors import InvalidMessageError
from mmsclient.numbers import clean_number
from mmsclient.outcomes import Page
from mmsclient.services import fields
from mmsclient.services.fields import FieldError, Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

#: Where rows of a listing stand: v3, the Bearer API, and the family that shares the contract.
ROWS = ("responses", "items", "records")
SENT = ("messages",)
"""Where v3 lists what it sent."""
QUEUED = ("queueResponse",)
"""Where the Bearer API lists what it sent."""


def holders(tree: Tree) -> tuple[Tree, ...]:
    """Return the blocks that can hold the payload: ``data`` first, then the answer itself."""
    data = tree.get("data")
    return (data, tree) if isinstance(data, Mapping) else (tree,)


def whole(tree: Tree) -> Tree:
    """Return the payload as one block."""
    return holders(tree)[0]


def rows(tree: Tree, names: tuple[str, ...]) -> tuple[Any, ...]:
    """Return what is listed under the first of *names* that is there.

    None, ``""`` and ``[]`` are no rows, one block alone is one row, and a block with places for names
    (``"0"``, ``"1"`` …) is as many as it has. What is no block is kept:
    whether a row can be read is for its reader to say.

    Raises:
        FieldError: something is there that is neither.
    """
    for holder in holders(tree):
        for name in names:
            if name in holder:
                return listed(holder, name)
    data = tree.get("data")
    return () if isinstance(data, Mapping) and not _numbered(data) else listed(tree, "data")


def listed(tree: Tree, name: str) -> tuple[Any, ...]:
    """Return what is listed in one field, see :func:`rows`."""
    value = tree.get(name)
    if value is None or value == {} or (isinstance(value, str) and not value.strip()):
        return ()
    if isinstance(value, Mapping):
        return tuple(value.values()) if _numbered(value) else (value,)
    if not isinstance(value, list):
        raise FieldError(name, "a list")
    return tuple(value)


def _numbered(value: Tree) -> bool:
    """Whether a block is a list whose rows have got their places as names."""
    return bool(value) and all(name.isdecimal() for name in value)


def blocks(found: Iterable[Any]) -> Iterator[Tree]:
    """Yield the rows that are blocks of fields; all others stay in ``raw``."""
    yield from (row for row in found if isinstance(row, Mapping))


def readable(found: Iterable[Any], read: Callable[[Tree], T]) -> Iterator[T]:
    """Read each row; one that cannot be read is left out, it stays in ``raw``."""
    for row in blocks(found):
        try:
            value = read(row)
        except FieldError:
            continue
        yield value


def number(tree: Tree, name: str) -> str | None:
    """Return the phone number, or the name, in a field; see :func:`clean`."""
    said = fields.text(tree, name)
    return None if said is None else clean(said)


def clean(said: str) -> str:
    """Return a number of the wire as digits only; what cannot be made such stays as it came."""
    try:
        return clean_number(said)
    except InvalidMessageError:
        return said


def proves(tree: Tree) -> bool:
    """Whether the answer lists messages that were sent: the proof of a send."""
    for holder in holders(tree):
        for name in (*SENT, *QUEUED):
            found = holder.get(name)
            if isinstance(found, list | Mapping) and found:
                return True
    return False


def page(tree: Tree, asked: int, items: Iterable[T]) -> Page[T]:
    """Return one page of a listing, counted as the answer counts.

    The block stands at the top or in ``data``; the Bearer API has its fields without a block.
    Numbers come as numbers or as digits.
    """
    counts = [_counts(holder) for holder in reversed(holders(tree))]
    number = next((number for number, _ in counts if number is not None), asked)
    count = next((count for _, count in counts if count is not None), None)
    totals = (_number(holder, "total") for holder in holders(tree))
    total = next((found for found in totals if found is not None), None)
    return Page(items=tuple(items), number=number, count=count, total=total, raw=tree)


def _counts(holder: Tree) -> tuple[int | None, int | None]:
    inside = holder.get("page")
    if isinstance(inside, Mapping):
        return _number(inside, "number"), _number(inside, "count")
    return _number(holder, "current"), _number(holder, "totalPages")


def _number(tree: Tree, name: str) -> int | None:
    try:
        return fields.number(tree, name)
    except FieldError:
        return None
