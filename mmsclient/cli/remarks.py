"""What is said of single rows: a bounded number of lines, and how many there would be."""

from __future__ import annotations

import attrs
from rich.console import Console
from rich.text import Text

#: How each kind of remark looks.
STYLES = {"fault": "red", "advice": "yellow", "twice": "cyan"}


@attrs.define
class Remarks:
    """Says the first remarks, and counts all."""

    console: Console = attrs.field(repr=False)
    limit: int
    """Lines at most; 0: all."""
    of: str = "row"
    """What is numbered."""
    said: int = attrs.field(default=0, init=False)

    def say(self, row: int, number: str, kind: str, text: str) -> None:
        """Say something of a row. *number* is shown as it is given; *kind* is a key of ``STYLES``."""
        self.said += 1
        if self.limit and self.said > self.limit:
            return
        who = f"{self.of} {row:,}  {number}  " if number else f"{self.of} {row:,}  "
        self.console.print(Text.assemble(who, (f"{kind}  ", STYLES[kind]), text))

    def conclude(self) -> None:
        """Say how many more there are."""
        hidden = self.said - self.limit if self.limit else 0
        if hidden > 0:
            self.console.print(f"… and {hidden:,} more: --lines 0 shows all")
