"""What became of one reading of a listing."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

Ending: TypeAlias = Literal["last page", "short page", "no rows", "repeated page", "other page"]


@attrs.frozen(kw_only=True)
class PagesReport:
    """What became of one reading of a listing, so far."""

    pages: int = 0
    """Pages read, those read again included."""
    again: int = 0
    """Pages read again, because the listing moved."""
    rows: int = 0
    """New rows in the pages read: given, or about to be."""
    repeated: int = 0
    """Rows left out: they had come before and were pushed on to a later page."""
    moved: int = 0
    """Answers whose count or total was not that of the answer before."""
    first_count: int | None = None
    """Pages of the listing, as first told."""
    last_count: int | None = None
    """Pages of the listing, as last told."""
    first_total: int | None = None
    """Rows of the listing, as first told."""
    last_total: int | None = None
    """Rows of the listing, as last told."""
    doubtful: int = 0
    """Places between two pages where rows may be missing: the listing moved too fast there."""
    ended: Ending | None = None
    """How the listing ended: with the last of the pages that the service counts, a page that is
    not full, one without rows, one that came before, or another one than asked for. None: it has
    not ended."""
