"""Bodies of requests: JSON, and forms of several parts."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable

JSON = "application/json"


@attrs.frozen
class Body:
    """The bytes of a request and their media type."""

    content: bytes = attrs.field(repr=False)
    type: str


@attrs.frozen
class Part:
    """One field of a form; with a file name and media type it is a file."""

    name: str
    content: bytes = attrs.field(repr=False)
    file_name: str | None = None
    type: str | None = None


def given(**values: Any) -> dict[str, Any]:
    """Return the fields that have something in them: empty optional fields are left out."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def dumps(tree: Any) -> str:
    """Return the JSON text of a tree, as short as it can be."""
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def as_json(tree: Any) -> Body:
    """Return a JSON body."""
    return Body(dumps(tree).encode(), JSON)


def field(name: str, value: str) -> Part:
    """Return a plain field of a form."""
    return Part(name, value.encode())


def as_form(parts: Iterable[Part]) -> Body:
    """Return a multipart form. Equal parts give equal bytes: the boundary comes from the content."""
    kept = tuple(parts)
    boundary = _boundary(kept)
    edge = b"--" + boundary.encode()
    pieces = [
        piece for part in kept for piece in (edge, b"\r\n", _head(part), part.content, b"\r\n")
    ]
    content = b"".join((*pieces, edge, b"--\r\n"))
    return Body(content, f"multipart/form-data; boundary={boundary}")


def _head(part: Part) -> bytes:
    lines = [f'Content-Disposition: form-data; name="{part.name}"']
    if part.file_name is not None:
        lines[0] += f'; filename="{part.file_name}"'
    if part.type is not None:
        lines.append(f"Content-Type: {part.type}")
    return "\r\n".join((*lines, "", "")).encode()


def _boundary(parts: tuple[Part, ...]) -> str:
    """Return a line that stands in none of *parts*."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.content)
    while True:
        boundary = f"mmsclient-{digest.hexdigest()[:32]}"
        if not any(boundary.encode() in part.content for part in parts):
            return boundary
        digest.update(b"again")
