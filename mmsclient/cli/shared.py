"""What all rows of a list share, and the message that each row makes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from mmsclient.cli import fields
from mmsclient.errors import InvalidMessageError
from mmsclient.messages import File, Slide

if TYPE_CHECKING:
    from mmsclient.cli.table import Row
    from mmsclient.messages import Message


@attrs.frozen
class Shared:
    """What the options say of every message."""

    cells: dict[str, str] = attrs.field(repr=False)
    slides: tuple[Slide, ...] = attrs.field(repr=False)
    image: File | None = attrs.field(repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that a list need not have."""
        return tuple(self.cells)

    def filled(self, row: Row) -> dict[str, str]:
        """Return a row's cells; where one is empty, what all rows share."""
        return {**self.cells, **{name: value for name, value in row.cells.items() if value.strip()}}

    def message(self, row: Row) -> Message:
        """Make the message of a row.

        Raises:
            InvalidMessageError: the row or one of its cells cannot be read.
        """
        if row.fault:
            raise InvalidMessageError([row.fault])
        return fields.message(self.filled(row), self.slides, self.image)
