"""A stop list: a number per line, or a CSV file with a column of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.cli import table
from mmsclient.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

#: Headings under which the numbers may stand, in this order; else they are the first column.
HEADINGS = ("number", "to", "phone", "mobile", "msisdn")


def numbers(file: TextIO) -> Iterator[str]:
    """Yield what stands where the numbers stand, one per row of data, lazily."""
    first, records = table.parted(file)
    names = [name.lower() for name in first]
    named = [name for name in HEADINGS if name in names]
    column = names.index(named[0]) if named else 0
    # A heading has words; a list without one begins with a number.
    if first and not named and any(map(str.isdigit, "".join(first))):
        yield first[0]
    for record in records:
        # What cannot be read is told as no number: nobody must be lost from a stop list unseen.
        yield "" if isinstance(record, Fault) or len(record) <= column else record[column]
