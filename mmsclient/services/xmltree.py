"""XML as trees: text in, trees out, nothing hostile in between. xmltodict stays in this file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn
from xml.etree import ElementTree as ET
from xml.parsers import expat

import xmltodict

from mmsclient.services import fields
from mmsclient.services.fields import TEXT, Tree

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST = 8 * 1024 * 1024
"""Bytes of a document that is read at all."""
DEEPEST = 32
"""Levels of a document; no published one has more than six."""
MOST = 50_000
"""Elements and attributes of a document."""

_LEAD = b"\xef\xbb\xbf\t\n\r "

#: Python would look for a codec of any other name, and some of those do more than decode.
_ENCODINGS = frozenset({"utf-8", "utf-16", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})


class XmlError(ValueError):
    """A document that is not read. Its text is ours: nothing of the document is in it."""


def bare(document: bytes) -> bytes:
    """Return the document without a byte order mark of UTF-8 and blanks before it."""
    return document.lstrip(_LEAD)


def render(tree: Tree) -> str:
    """Return *tree*, which has one root, as XML without a declaration."""
    return xmltodict.unparse(tree, full_document=False)


def parse(document: bytes, root: str, *, case: Callable[[str], str] = str) -> Tree:
    """Return the children of *root*, all names put through *case*.

    Elements that repeat are lists, empty ones None, those with attributes mappings.

    Raises:
        XmlError: the document is too big, too deep, declares a type or entities, is not
            well-formed, or has another root.
    """
    if len(document) > LARGEST:
        raise XmlError(f"is larger than {LARGEST} bytes")
    document = bare(document)
    if _small(document):
        if (flat := _flat(document, root, case)) is not None:
            return flat
    else:
        _guard(document)
    try:
        tree = _cased(xmltodict.parse(document, strip_whitespace=False), case)
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
    """Counts levels, elements and attributes while expat reads, and stops it in time."""

    def __init__(self) -> None:
        self.depth = self.parts = 0

    def start(self, _name: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        self.parts += 1 + len(attributes)
        if self.depth > DEEPEST:
            raise XmlError(f"is nested deeper than {DEEPEST} levels")
        if self.parts > MOST:
            raise XmlError(f"has more than {MOST} elements and attributes")

    def end(self, _name: str) -> None:
        self.depth -= 1


def _small(document: bytes) -> bool:
    """Whether it is a few plain elements, as most answers: :func:`_guard` can find nothing there."""
    plain = not any(sign in document for sign in (b"<!", b"<?", b"xmlns", b"\x00"))
    return plain and len(document) <= MOST and document.count(b"<") <= 2 * DEEPEST


def _flat(document: bytes, root: str, case: Callable[[str], str]) -> Tree | None:
    """Return the children of *root* if each is a text with a name of its own, None if not.

    A quarter of the work of :func:`xmltodict.parse`, for what nearly every answer is.
    """
    try:
        top = ET.fromstring(document)  # noqa: S314 - it declares nothing, see _small
    except (ET.ParseError, ValueError):
        return None
    if top.tag != root or top.attrib or (top.text and not top.text.isspace()):
        return None
    found: dict[str, str | None] = {}
    for child in top:
        if len(child) or child.attrib or child.tag[0] == "{" or not _blank(child.tail):
            return None
        found[case(child.tag)] = child.text
    return found if len(found) == len(top) else None


def _blank(text: str | None) -> bool:
    return not text or text.isspace()


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


def _cased(value: Any, case: Callable[[str], str]) -> Any:
    """Return the tree with names put through *case*; names that then meet become a list."""
    if isinstance(value, list):
        return [_cased(each, case) for each in value]
    if not isinstance(value, dict):
        return value
    if TEXT not in value and not any(map(_nested, value.values())):
        names = {case(name): text for name, text in value.items()}
        if len(names) == len(value):
            return names
    met: dict[str, list[Any]] = {}
    for name, inside in value.items():
        if name == TEXT and not inside.strip():
            continue  # line breaks between elements
        key = name if name == TEXT else case(name)
        found = met.setdefault(key, [])
        found.extend(_cased(each, case) for each in fields.repeats(value, name))
    return {key: found if len(found) > 1 else found[0] for key, found in met.items()}


def _nested(value: Any) -> bool:
    return not (value is None or isinstance(value, str))
