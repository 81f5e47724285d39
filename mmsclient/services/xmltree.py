"""XML as trees: text in, trees out, nothing hostile in between. xmltodict stays in this file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn
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

#: Plain elements in one other: no attribute, entity, comment or declaration, and no character
#: that XML forbids or changes.
_CHILD = re.compile(
    r"[ \t\n]*<([A-Za-z_][A-Za-z0-9_.-]*)>([\t\n\x20-\x25\x27-\x3b\x3d-\x7f]*)</\1>"
)
_NAMED = _CHILD.pattern.replace("<(", "<(?P<name>").replace("\\1", "(?P=name)")
_PLAIN = re.compile(rf"<(?P<root>[A-Za-z_]+)>(?P<children>(?:{_NAMED})*[ \t\n]*)</(?P=root)>\s*")
_SHORT = 4096
"""Bytes of a document that is worth a look at whether it is plain."""

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
    if (flat := _flat(document, root, case)) is not None:
        return flat
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


def _flat(document: bytes, root: str, case: Callable[[str], str]) -> Tree | None:
    """Return the children of *root* if each is a plain text with a name of its own, None if not.

    That is what nearly every answer is, and a tenth of the work of :func:`xmltodict.parse`.
    """
    if len(document) > _SHORT or not document.isascii():
        return None
    whole = _PLAIN.fullmatch(document.decode("ascii"))
    if whole is None or whole["root"] != root or "]]>" in whole["children"]:
        return None
    children = _CHILD.findall(whole["children"])
    found = {case(name): text or None for name, text in children}
    return found if len(found) == len(children) else None


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
