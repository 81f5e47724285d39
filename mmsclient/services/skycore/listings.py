"""What listings share: finding their blocks, and lists that come whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from mmsclient.outcomes import Page
from mmsclient.services import fields

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mmsclient.services.fields import Tree

T = TypeVar("T")

_NOTHING: Tree = {}


def blocks(tree: Tree, name: str) -> tuple[Tree, ...]:
    """Return the blocks called *name*: in the answer itself or one level down.

    The pages name the blocks and leave open what stands around them.
    """
    inside = (holder for holder in tree.values() if isinstance(holder, Mapping))
    return tuple(row for holder in (tree, *inside) for row in fields.rows(holder, name))


def whole(items: Iterable[T], *, raw: Tree = _NOTHING) -> Page[T]:
    """Return the only page of a list that the service never pages."""
    kept = tuple(items)
    return Page(items=kept, number=1, count=1, total=len(kept), raw=raw)
