"""Answers as the service writes them: JSON by PHP's habits, XML with ``<item>`` for rows."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from typing import Any

Format: TypeAlias = Literal["json", "xml"]

#: One answer, in the order of its keys.
Body: TypeAlias = Mapping[str, object]

HEADERS: dict[Format, dict[str, str]] = {
    "json": {"content-type": "application/json; charset=utf-8"},
    "xml": {"content-type": "text/xml; charset=utf-8"},
}

#: What PHP takes for a number: such texts leave as numbers, and lose their leading zeros.
_NUMERIC = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LONGEST = 2**63

#: XML 1.0 has no place for these.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(form: Format, body: Body) -> bytes:
    """Return the document of an answer."""
    return _json(body) if form == "json" else _xml(body)


def _json(body: Body) -> bytes:
    # Errors are written by another part of the service, which leaves numeric texts alone.
    tree = {name: value if name == "error" else _numeric(value) for name, value in body.items()}
    text = json.dumps(tree, separators=(",", ":"), default=_plain)
    return text.replace("/", "\\/").encode()


def _numeric(value: object) -> Any:
    if isinstance(value, Mapping):
        return {name: _numeric(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_numeric(inner) for inner in value]
    if isinstance(value, str) and _NUMERIC.fullmatch(value):
        return _number(value)
    return value


def _number(text: str) -> int | float | str:
    try:
        whole = int(text)
    except ValueError:
        number = float(text)
        return text if number in {float("inf"), float("-inf")} else _short(number)
    return whole if abs(whole) < _LONGEST else float(whole)


def _plain(value: object) -> int | float:
    assert isinstance(value, Decimal)  # noqa: S101 - nothing else is left
    return _short(float(value))


def _short(number: float) -> int | float:
    # Whole ones are written without a fraction.
    return int(number) if number.is_integer() and abs(number) < _LONGEST else number


def _xml(body: Body) -> bytes:
    inner = "".join(_element(name, value) for name, value in body.items())
    return f'<?xml version="1.0"?>\n<response>{inner}</response>\n'.encode()


def _element(name: str, value: object) -> str:
    # Names of fields are written as they are: with a blank in one, this is no XML.
    if isinstance(value, Mapping):
        inner = "".join(_element(child, content) for child, content in value.items())
    elif isinstance(value, list):
        inner = "".join(_element("item", content) for content in value)
    else:
        inner = html.escape(_ILLEGAL.sub("", _text(value)), quote=False)
    return f"<{name}>{inner}</{name}>" if inner else f"<{name}/>"


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | float):
        return str(_short(float(value)))
    return str(value)
