"""The XML of requests, answers and postbacks: text in, trees out, nothing hostile in between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, TypeAlias
from xml.parsers import expat

import xmltodict

from mmsclient.services.fields import TEXT, Tree

#: What stands in a request: text, a block of nodes, or several of the same name.
Node: TypeAlias = "str | Mapping[str, Node] | list[Node]"
Nodes: TypeAlias = Mapping[str, Node]

#: "Messaging API v1 Introduction": required on every call.
HEADERS = {"content-type": "text/xml; charset=utf-8"}

LARGEST = 8 * 1024 * 1024
"""Bytes of a document that is read at all."""
DEEPEST = 32
"""Levels of a document; no published one has more than six."""
MOST = 250_000
"""Elements of a document."""


#: Python would look for a codec of any other name, and some of those do more than decode.
_ENCODINGS = frozenset({"utf-8", "utf-16", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})


class XmlError(ValueError):
    """A document that is not read. Its text is ours: nothing of the document is in it."""


def encode(action: str, api_key: str, nodes: Nodes) -> bytes:
    """Return the request document, nodes in the order given, without an XML declaration."""
    request = {"ACTION": action, "API_KEY": api_key, **nodes}
    return xmltodict.unparse({"REQUEST": request}, full_document=False).encode()


def parse(document: bytes, root: str, *, largest: int = LARGEST) -> Tree:
    """Return the children of *root*, all names in upper case.

    Elements that repeat are lists, empty ones None, those with attributes mappings.

    Raises:
        XmlError: the document is too big, too deep, declares a type or entities, is not
            well-formed, or has another root.
    """
    if len(document) > largest:
        raise XmlError(f"is larger than {largest} bytes")
    _guard(document)
    try:
        tree = _upper(xmltodict.parse(document, strip_whitespace=False))
    except (expat.ExpatError, ValueError, LookupError):
        raise XmlError("is not well-formed XML") from None
    if not isinstance(tree, Mapping) or root not in tree:
        raise XmlError(f"has another root than {root}")
    inside = tree[root]
    return inside if isinstance(inside, Mapping) else {}


def _refuse(*_: object) -> NoReturn:
    raise XmlError("declares a document type or entities")


def _declared(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in _ENCODINGS:
        raise XmlError("declares an encoding that is not read")


class _Size:
    """Counts levels and elements while expat reads, and stops it in time."""

    def __init__(self) -> None:
        self.depth = self.elements = 0

    def start(self, _name: str, _attributes: object) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > DEEPEST:
            raise XmlError(f"is nested deeper than {DEEPEST} levels")
        if self.elements > MOST:
            raise XmlError(f"has more than {MOST} elements")

    def end(self, _name: str) -> None:
        self.depth -= 1


def _guard(document: bytes) -> None:
    # A pass of our own: what xmltodict does about entities differs between its versions.
    parser, size = expat.ParserCreate(), _Size()
    parser.XmlDeclHandler = _declared
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    parser.StartElementHandler = size.start
    parser.EndElementHandler = size.end
    try:
        parser.Parse(document, True)  # noqa: FBT003 - expat takes no keywords
    except XmlError:
        raise
    except (expat.ExpatError, ValueError, LookupError):
        raise XmlError("is not well-formed XML") from None


def _upper(value: Any) -> Any:
    """Return the tree with names in upper case; names that then meet become a list."""
    if isinstance(value, list):
        return [_upper(each) for each in value]
    if not isinstance(value, dict):
        return value
    tree: dict[str, Any] = {}
    for name, inside in value.items():
        if name == TEXT and not inside.strip():
            continue  # line breaks between elements
        key, new = name.upper(), _upper(inside)
        tree[TEXT if name == TEXT else key] = _met(tree[key], new) if key in tree else new
    return tree


def _met(old: Any, new: Any) -> list[Any]:
    return [
        *(old if isinstance(old, list) else [old]),
        *(new if isinstance(new, list) else [new]),
    ]
