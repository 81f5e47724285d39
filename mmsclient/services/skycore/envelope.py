"""The XML of requests, answers and postbacks, as this service writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from mmsclient.services import xmltree

if TYPE_CHECKING:
    from mmsclient.services.fields import Tree

#: What stands in a request: text, a block of nodes, or several of the same name.
Node: TypeAlias = "str | Mapping[str, Node] | list[Node]"
Nodes: TypeAlias = Mapping[str, Node]

#: "Messaging API v1 Introduction": required on every call.
HEADERS = {"content-type": "text/xml; charset=utf-8"}


def encode(action: str, api_key: str, nodes: Nodes) -> bytes:
    """Return the request document, nodes in the order given, without an XML declaration."""
    request = {"ACTION": action, "API_KEY": api_key, **nodes}
    return xmltree.render({"REQUEST": request}).encode()


def parse(document: bytes, root: str) -> Tree:
    """Return the children of *root*, names in upper case; see :func:`xmltree.parse`."""
    return xmltree.parse(document, root, case=str.upper)
