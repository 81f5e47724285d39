"""What listings share: finding their blocks, rows that can be read, and lists that come whole."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from mmsclient.outcomes import Page
from mmsclient.services import fields
from mmsclient.services.fields import FieldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mmsclient.services.fields import Tree

T = TypeVar("T")

_NOTHING: Tree = {}


def blocks(tree: Tree, name: str) -> tuple[Tree, ...]:
    """Return the blocks called *name*: in the answer itself or one level down.

    The pages name the blocks and leave open what stands around them.
    """
    inside = (holder for holder in tree.values() if isinstance(holder, Mapping))
    found = (row for holder in (tree, *inside) for row in fields.repeats(holder, name))
    return tuple(row for row in found if isinstance(row, Mapping))


def readable(rows: Iterable[Tree], read: Callable[[Tree], T]) -> Iterator[T]:
    """Read each row; one that cannot be read is left out, it stays in the page's ``raw``."""
    for row in rows:
        with contextlib.suppress(FieldError):
            yield read(row)


def whole(items: Iterable[T], *, raw: Tree = _NOTHING) -> Page[T]:
    """Return the only page of a list that the service never pages."""
    kept = tuple(items)
    return Page(items=kept, number=1, count=1, total=len(kept), raw=raw)
