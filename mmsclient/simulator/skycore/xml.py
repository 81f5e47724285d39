"""Reading and writing of the service's XML, without DTD and entities."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TypeAlias
from xml.parsers import expat

import attrs

#: Far more than a message needs.
DEEPEST = 16

Fields: TypeAlias = Iterable[tuple[str, "str | Fields"]]


class UnreadableError(ValueError):
    """The document is not well-formed, or holds what is refused."""


@attrs.define
class Node:
    """One element. Names are in upper case, whatever their spelling was."""

    name: str
    text: str = attrs.field(default="", repr=False)
    children: list[Node] = attrs.field(factory=list, repr=False)

    def first(self, *names: str) -> Node | None:
        """Return the first child of any of these names."""
        return next((child for child in self.children if child.name in names), None)

    def all(self, name: str) -> list[Node]:
        """Return the children of that name, in document order."""
        return [child for child in self.children if child.name == name]

    def get(self, *names: str) -> str | None:
        """Return the text of the first such child without outer blanks; None if absent or empty."""
        node = self.first(*names)
        return (node.text.strip() or None) if node else None

    def whole(self, name: str) -> str | None:
        """Return the text of the first such child as it is; None if absent or blank."""
        node = self.first(name)
        return node.text if node and node.text.strip() else None


class _Builder:
    def __init__(self) -> None:
        self.open: list[Node] = [Node("")]

    def start(self, name: str, _: dict[str, str]) -> None:
        if len(self.open) > DEEPEST:
            raise UnreadableError("too deep")
        node = Node(name.upper())
        self.open[-1].children.append(node)
        self.open.append(node)

    def end(self, _: str) -> None:
        self.open.pop()

    def data(self, text: str) -> None:
        self.open[-1].text += text

    def refuse(self, *_: object) -> None:
        raise UnreadableError("a document type is refused")


def read(body: bytes) -> Node:
    """Return the root element.

    Raises:
        UnreadableError: not well-formed, not UTF-8, too deep, or with a document type.
    """
    builder = _Builder()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = builder.refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes it by position only
    except expat.ExpatError as error:
        raise UnreadableError("not well-formed") from error
    return builder.open[0].children[0]


def write(root: str, fields: Fields) -> bytes:
    """Return a document of these fields, in their order."""
    return _element(root, fields).encode()


def _element(name: str, value: str | Fields) -> str:
    if isinstance(value, str):
        inner = html.escape(value, quote=False)
    else:
        inner = "".join(_element(child, content) for child, content in value)
    return f"<{name}>{inner}</{name}>"
