"""A CSV file as rows, read lazily: what a row holds, and what is wrong with it."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import itertools
import os
import re
import sys
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, TextIO

import attrs

from mmsclient.cli import fields
from mmsclient.cli.say import stop
from mmsclient.errors import Fault
from mmsclient.numbers import SHORTEST

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

STDIN = "-"
_SEPARATORS = ",;\t"

# A heading is a word; this is what numbers look like, as people write them.
_NUMBER = re.compile(r"[\s+().\-/]*\d[\d\s+().\-/]*")

# A cell larger than this is a quote that never closes: better found early than after 100 rows.
_LARGEST_CELL = 20_000

_OPEN = Fault("row", "has a quote that is never closed", 'close it; one in a text is written ""')
_NOT_CSV = Fault("row", "is not CSV", 'a quote in a cell that stands in quotes is written ""')


@attrs.frozen
class Row:
    """One row below the heading, counted from 1."""

    number: int
    cells: dict[str, str] = attrs.field(repr=False)
    fault: Fault | None = None
    """Why it cannot be read, if so."""


@attrs.define
class Table:
    """The rows of an open CSV file. Nothing but the heading has been read."""

    columns: list[str]
    _records: Iterator[list[str] | Fault]

    def __iter__(self) -> Iterator[Row]:
        for number, record in enumerate(self._records, 1):
            yield self._row(number, record)

    def count(self) -> int:
        """Read the whole file, and return how many rows it has."""
        return sum(1 for _ in self._records)

    def _row(self, number: int, record: list[str] | Fault) -> Row:
        if isinstance(record, Fault):
            return Row(number, {}, record)
        cells = dict(zip(self.columns, record, strict=False))
        fault = None
        if any(record[len(self.columns) :]):
            fault = Fault("row", "has more cells than there are columns", "quote cells with commas")
        elif not _is_text(record):
            fault = Fault("row", "is not UTF-8", "save the file as UTF-8")
        return Row(number, cells, fault)


def swallowed(row: Row) -> Iterator[str]:
    """Yield the columns whose cells have several lines, one of which looks like a row."""
    for column, cell in row.cells.items():
        lines = cell.splitlines() if "\n" in cell else ()
        if any(map(_is_number, itertools.chain(*map(_parts, lines)))):
            yield column


def _parts(line: str) -> list[str]:
    parts = re.split(f"[{_SEPARATORS}]", line)
    return parts if len(parts) > 1 else []


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text.strip())) and sum(map(str.isdigit, text)) >= SHORTEST


def _is_text(record: Sequence[str]) -> bool:
    # Bytes that are not UTF-8 were read as lone surrogates.
    return all(cell.isascii() or cell.isprintable() or _encodes(cell) for cell in record)


def _encodes(cell: str) -> bool:
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True


@contextlib.contextmanager
def opened(source: str) -> Iterator[TextIO]:
    """Open a CSV file, or standard input for ``-``; end the command where it cannot be read."""
    file = _open(source)
    try:
        yield file
    finally:
        # Closing what a thread waits to read from would wait with it: it ends with the process.
        if not blocks(source):
            file.close()


def blocks(source: str) -> bool:
    """Return whether reading may wait for somebody to write, so that it is read once only."""
    return source == STDIN or not Path(source).is_file()


def _open(source: str) -> TextIO:
    # Standard input is opened anew: a thread may hold it when the program ends.
    target = os.dup(sys.stdin.fileno()) if source == STDIN else Path(source)
    try:
        return open(target, encoding="utf-8-sig", errors="surrogateescape", newline="")  # noqa: PTH123 - also a descriptor; the caller closes it
    except OSError as error:
        stop(f"cannot read {source}: {error.strerror}")


def read(file: TextIO, source: str, *, ready: Sequence[str] = ()) -> Table:
    """Read the heading; end the command where a column is unknown, doubled or missing.

    Args:
        file: an open CSV file with commas, semicolons or tabs.
        source: its name, for what is said.
        ready: columns that need not stand in the file.
    """
    names, records = parted(file)
    if not any(names):
        stop(f"{source} has no heading: its first line must name the columns, such as to,text")
    columns = [fields.known(name) for name in names]
    # What may be somebody's number or message is not repeated.
    heading = any(columns) or any(map(fields.meant, names))
    if not heading or any(map(_NUMBER.fullmatch, names)):
        advice = "add a heading line, such as to,from,text"
        stop(f"{source}: the first line looks like data: {advice}\n{fields.listed()}")
    if strange := [name for name, column in zip(names, columns, strict=True) if column is None]:
        stop(f"{source}: columns {fields.unknown(strange)}")
    sure = [column for column in columns if column is not None]
    if doubled := {column for column in sure if sure.count(column) > 1}:
        stop(f"{source}: column {', '.join(sorted(doubled))} is there twice")
    if "to" not in {*sure, *ready}:
        stop(f"{source} has no column 'to': the recipients' numbers")
    return Table(sure, records)


def parted(file: TextIO) -> tuple[list[str], Iterator[list[str] | Fault]]:
    """Return the cells of the first line, and the records below it; what separates it finds out."""
    first = file.readline()
    separator = max(_SEPARATORS, key=first.count)
    cells = next(csv.reader([first], delimiter=separator), [])
    return [cell.strip() for cell in cells], _records(file, separator)


class _Lines:
    """The lines of a file; those that a record took in by mistake can be read again."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._again: deque[str] = deque()
        self._taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._file)
        self._taken.append(line)
        return line

    def begin(self) -> None:
        """Begin a record."""
        self._taken.clear()

    def broken(self) -> Fault:
        """Return what is wrong with the record that began; the lines below its first come again."""
        first, *below = self._taken
        self._again.extendleft(reversed(below))
        return _OPEN if below or first.count('"') % 2 else _NOT_CSV


def _records(file: TextIO, separator: str) -> Iterator[list[str] | Fault]:
    csv.field_size_limit(_LARGEST_CELL)
    lines = _Lines(file)
    # Strict: else a forgotten quote makes the next rows a part of somebody's message.
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        lines.begin()
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield lines.broken()
        else:
            if any(map(str.strip, record)):
                yield record


def total(source: str, *, ready: Sequence[str] = ()) -> int | None:
    """Count the rows of a file; None where reading it twice is not possible."""
    if blocks(source):
        return None
    with opened(source) as file:
        return read(file, source, ready=ready).count()


async def lazily(table: Table, *, waits: bool) -> AsyncIterator[Row]:
    """Yield the rows one by one. *waits*: reading may wait, so a thread does it."""
    if not waits:
        for row in table:
            yield row
            # Rows that lead to no call must not keep the others waiting.
            await asyncio.sleep(0)
        return
    loop = asyncio.get_running_loop()
    wanted: SimpleQueue[asyncio.Future[Row | None]] = SimpleQueue()
    threading.Thread(target=_fetch, args=(table, wanted, loop), daemon=True).start()
    while True:
        wanted.put(coming := loop.create_future())
        row = await coming
        if row is None:
            return
        yield row


def _fetch(
    table: Table,
    wanted: SimpleQueue[asyncio.Future[Row | None]],
    loop: asyncio.AbstractEventLoop,
) -> None:
    rows = itertools.chain(table, (None,))
    try:
        for row in rows:
            loop.call_soon_threadsafe(_settle, wanted.get(), row)
    except RuntimeError:
        return  # the loop has ended
    except OSError as error:
        loop.call_soon_threadsafe(_settle, wanted.get(), error)


def _settle(future: asyncio.Future[Row | None], row: Row | OSError | None) -> None:
    if future.done():
        return
    if isinstance(row, OSError):
        future.set_exception(row)
    else:
        future.set_result(row)
