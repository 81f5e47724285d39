"""What a request carries: a query, a JSON object or list, or a form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import parse_qsl

import attrs

from mmsclient.simulator.cellcast.multipart import UnreadableFormError, boundary_of, read_form
from mmsclient.simulator.rest import RestError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mmsclient.simulator.cellcast.multipart import Part
    from mmsclient.simulator.reception import Arrived

Kind: TypeAlias = Literal["query", "json", "list", "form"]


@attrs.frozen(kw_only=True)
class Body:
    """What was read of a request."""

    fields: dict[str, Any] = attrs.field(factory=dict, repr=False)
    """Of a form a file is a Part, every other field text."""
    items: tuple[Any, ...] = attrs.field(default=(), repr=False)
    """Of a JSON list."""
    problem: RestError | None = None
    """What the body itself deserves."""


def read_body(arrived: Arrived, kind: Kind) -> Body:
    """Return what a request carries, or what is wrong with it; never raises."""
    if kind == "query":
        pairs = parse_qsl(arrived.query, keep_blank_values=True, errors="replace")
        return Body(fields=dict(pairs))
    try:
        return _form(arrived) if kind == "form" else _json(arrived, kind)
    except RestError as no:
        return Body(problem=no)


def _json(arrived: Arrived, kind: Kind) -> Body:
    media_type = arrived.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise RestError("FIELD_INVALID", "The content type is not application/json.")
    value = _loaded(arrived.body) if arrived.body.strip() else {}
    if kind == "list" and isinstance(value, list):
        return Body(items=tuple(value))
    if kind == "list" or not isinstance(value, dict):
        raise RestError("FIELD_INVALID", "The body is of the wrong kind.")
    return Body(fields=value)


def _loaded(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RestError("FIELD_INVALID", "The body is no JSON.") from error


def _no_number(_: str) -> Any:
    raise ValueError("NaN and its like are no JSON")


def _form(arrived: Arrived) -> Body:
    content_type = arrived.headers.get("content-type", "")
    boundary = boundary_of(content_type)
    try:
        if boundary is not None:
            return Body(fields=form_fields(read_form(arrived.body, boundary)))
        if content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded":
            pairs = parse_qsl(arrived.body.decode(), keep_blank_values=True, errors="replace")
            return Body(fields=dict(pairs))
    except (UnreadableFormError, UnicodeDecodeError) as error:
        raise RestError("FIELD_INVALID", "The form cannot be read.") from error
    # What is no form has no fields.
    return Body()


def form_fields(parts: Iterable[Part]) -> dict[str, Any]:
    """Return a form by name, or raise where a field is not UTF-8."""
    return {part.name: part.text if part.filename is None else part for part in parts}


def json_list(text: str) -> list[Any] | None:
    """Return the list that is written in *text*; None where there is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else None
