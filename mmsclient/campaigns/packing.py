"""Messages as text and back: what is common to many recipients is kept once."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from mmsclient.messages import File, Media, Message, Mms, SavedMms, Slide, Sms

#: What can be sent, by the name under which it is kept.
KINDS: dict[str, type[Message]] = {kind.__name__: kind for kind in (Mms, Sms, SavedMms)}
_PARTS: dict[str, type[Any]] = {kind.__name__: kind for kind in (Slide, Media, File)}

#: What is the recipient's own, and kept with it.
_OWN = frozenset({"to", "reference"})

_FIELDS = {
    kind: tuple(field for field in attrs.fields(kind) if field.name not in _OWN)
    for kind in (*KINDS.values(), *_PARTS.values())
}

#: Contents that are remembered: a campaign has a few, or one for each recipient.
REMEMBERED = 256


@attrs.frozen(kw_only=True)
class Content:
    """All of a message but its recipient and its reference."""

    kind: str
    body: str = attrs.field(repr=False)
    """JSON: fields that differ from their defaults."""
    digest: bytes = attrs.field(repr=False)
    """Equal for equal contents, and for no others."""


class Packer:
    """Takes contents off messages. Equal ones are packed once."""

    def __init__(self) -> None:
        self._known: OrderedDict[object, Content] = OrderedDict()

    def content(self, message: Message) -> Content:
        """Return the content of *message*.

        Raises:
            TypeError: a field holds what cannot be kept.
        """
        kind = type(message)
        key = (kind, *(getattr(message, field.name) for field in _FIELDS[kind]))
        try:
            known = self._known.get(key)
        except TypeError:  # a mapping has no hash: it is packed each time
            return _content(message)
        if known is None:
            known = self._known[key] = _content(message)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return known


class Unpacker:
    """Makes messages of contents and recipients."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()

    def message(self, kind: str, body: str, *, to: str, reference: str) -> Message:
        """Return the message of that content to one recipient."""
        terms = self._known.get((kind, body))
        if terms is None:
            read = json.loads(body)
            terms = self._known[kind, body] = {name: _unpacked(said) for name, said in read.items()}
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return KINDS[kind](to=to, reference=reference, **terms)


def _content(message: Message) -> Content:
    kind = type(message).__name__
    body = json.dumps(_terms(message), separators=(",", ":"), sort_keys=True)
    return Content(
        kind=kind, body=body, digest=hashlib.sha256(f"{kind} {body}".encode()).digest()[:16]
    )


def _terms(value: Any) -> dict[str, Any]:
    """Return the fields of a message or a part of one, as far as they say something."""
    return {
        field.name: _packed(said)
        for field in _FIELDS[type(value)]
        if not _is_default(said := getattr(value, field.name), field)
    }


def _is_default(said: object, field: attrs.Attribute[Any]) -> bool:
    if isinstance(field.default, attrs.Factory):  # type: ignore[arg-type]  # attrs types it as a function
        return said == {}
    return said is field.default


def _packed(said: Any) -> Any:
    if said is None or isinstance(said, bool | int | float | str):
        return said
    if isinstance(said, tuple | list):
        return [_packed(each) for each in said]
    if isinstance(said, Mapping):
        return {"@": "map", "of": [[_packed(name), _packed(each)] for name, each in said.items()]}
    if isinstance(said, datetime):
        return {"@": "moment", "of": said.isoformat()}
    if isinstance(said, bytes):
        return {"@": "bytes", "of": base64.b64encode(said).decode()}
    if type(said) in _FIELDS and type(said).__name__ in _PARTS:
        return {"@": type(said).__name__, "of": _terms(said)}
    raise TypeError(f"a {type(said).__name__} cannot be kept")


def _unpacked(said: Any) -> Any:
    if isinstance(said, list):
        return tuple(_unpacked(each) for each in said)
    if not isinstance(said, dict):
        return said
    kind, of = said["@"], said["of"]
    if kind == "map":
        return {_unpacked(name): _unpacked(each) for name, each in of}
    if kind == "moment":
        return datetime.fromisoformat(of)
    if kind == "bytes":
        return base64.b64decode(of)
    return _PARTS[kind](**{name: _unpacked(each) for name, each in of.items()})
