"""Bounds on what a simulator is told, as validators of attrs fields."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import attrs


def within(
    least: float = 0, most: float = math.inf, *, whole: bool = False, optional: bool = False
) -> Callable[[Any, attrs.Attribute[Any], Any], None]:
    """Return a validator for finite numbers from *least* to *most*, or None where *optional*."""
    terms = [f"a {'whole' if whole else 'finite'} number of at least {least}"]
    terms += [f"at most {most}"] * math.isfinite(most) + ["or None"] * optional

    def check(_: Any, field: attrs.Attribute[Any], value: Any) -> None:
        if not (optional and value is None) and not _fits(value, least, most, whole=whole):
            raise ValueError(f"{field.name} must be {', '.join(terms)}")

    return check


def _fits(value: Any, least: float, most: float, *, whole: bool) -> bool:
    kinds = int if whole else int | float
    if isinstance(value, bool) or not isinstance(value, kinds):
        return False
    return math.isfinite(value) and least <= value <= most


def odds(_: Any, field: attrs.Attribute[Any], value: Any) -> None:
    """Check a pair of a probability and seconds."""
    pair = isinstance(value, tuple) and len(value) == 2
    if not (
        pair and _fits(value[0], 0, 1, whole=False) and _fits(value[1], 0, math.inf, whole=False)
    ):
        raise ValueError(f"{field.name} must be a pair: a probability from 0 to 1, and seconds")
