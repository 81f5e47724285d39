"""Rows of a listing as they are shown: lines for people, JSON or CSV for programs.

Numbers and texts are what was asked for, so they are shown; keys and secrets never are.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import Enum, StrEnum
from typing import Any, TextIO

import attrs
from rich.text import Text

from mmsclient.cli.say import out

#: Fields that are never shown, and those that say nothing new.
HIDDEN = frozenset({"apikey", "apisecret", "api_key", "api_secret", "app_key", "secret", "token"})
_NOISE = frozenset({"raw", "key", "service"})

# What a terminal would obey, or take for the end of a line.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Form(StrEnum):
    """How rows are written."""

    lines = "lines"
    json = "json"
    csv = "csv"


#: How values of other types are written; the first row that fits counts.
_FORMS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (str | bool | int | float | None, lambda value: value),
    (Enum, lambda value: value.value),
    (date, lambda value: value.isoformat()),
    (Mapping, lambda value: {str(name): _plain(one) for name, one in value.items()}),
    (Iterable, lambda value: [_plain(one) for one in value]),
)


def fields(row: Any) -> dict[str, Any]:
    """Return what is shown of a row: its fields as JSON knows them."""
    kind: type[Any] = type(row)
    if isinstance(row, Mapping):
        return {name: _plain(value) for name, value in row.items()}
    if not attrs.has(kind):
        return {"value": _plain(row)}
    names = [one.name for one in attrs.fields(kind)]
    shown = [name for name in names if name not in HIDDEN | _NOISE]
    return {name: _plain(getattr(row, name)) for name in shown}


def _plain(value: Any) -> Any:
    if attrs.has(type(value)):
        return fields(value)
    # A Decimal is text: as a JSON number it would lose digits.
    return next((write(value) for kind, write in _FORMS if isinstance(value, kind)), str(value))


def writer(form: Form, file: TextIO, *, plain: bool) -> Callable[[Any], None]:
    """Return what writes one row to *file*; each raises OSError where nobody takes it."""
    if form is Form.csv:
        return _Sheet(file).write
    if form is Form.json:
        return lambda row: _write(file, as_json(fields(row)))
    console = out(plain=plain)

    def line(row: Any) -> None:
        with console.capture() as caught:
            console.print(_line(fields(row)))
        _write(file, caught.get().rstrip("\n"))

    return line


def as_json(value: Any) -> str:
    """Return one line of JSON that no terminal obeys."""
    said = json.dumps(value, ensure_ascii=False)
    return _UNSEEN.sub(lambda it: f"\\u{ord(it[0]):04x}", said)


def seen(text: str) -> str:
    """Return text on one line, without what a terminal obeys."""
    return _UNSEEN.sub(" ", text)


def _write(file: TextIO, line: str) -> None:
    file.write(f"{line}\n")


def _line(values: Mapping[str, Any]) -> Text:
    words = [
        Text.assemble(
            (f"{name}=", "dim"), seen(value if isinstance(value, str) else as_json(value))
        )
        for name, value in values.items()
        if value not in (None, "", [], {})
    ]
    return Text("  ").join(words)


class _Sheet:
    """CSV with a heading, taken from the first row."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._columns: list[str] | None = None

    def write(self, row: Any) -> None:
        values = fields(row)
        buffer = io.StringIO()
        sheet = csv.writer(buffer, lineterminator="\n")
        if self._columns is None:
            self._columns = [*values]
            sheet.writerow(self._columns)
        sheet.writerow([_cell(values.get(column)) for column in self._columns])
        self._file.write(buffer.getvalue())


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else as_json(value)
