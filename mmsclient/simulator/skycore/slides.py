"""What may stand in a slide, as the service judges it."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mmsclient.simulator.content import File, Slide
from mmsclient.simulator.skycore.codes import RefusedError
from mmsclient.simulator.vendor import Medium

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mmsclient.simulator.skycore.xml import Node

LONGEST_TEXT = 5000

#: kind -> node, code for "too big", code for "could not fetch".
_KINDS: dict[str, tuple[str, str, str]] = {
    "image": ("IMAGE", "E331", "E351"),
    "audio": ("AUDIO", "E332", "E352"),
    "video": ("VIDEO", "E333", "E353"),
    "vcard": ("VCARD", "E335", "E355"),
    "ical": ("ICAL", "E336", "E356"),
    "pdf": ("PDF", "E337", "E357"),
    "passbook": ("PASSBOOK", "E338", "E358"),
}
_OBJECTS = frozenset({"vcard", "ical", "pdf", "passbook"})
_TEMPLATES_ONLY = frozenset({"passbook", "personalized-image"})

#: Names that mean something on one machine or in one network only.
_INSIDE = frozenset({"local", "localhost", "internal"})

_TROUBLES: dict[str, str] = {
    "damaged": "E341",
    "no codec": "E343",
    "not allowed": "E229",
    "unknown type": "E629",
}


def read_slides(
    nodes: list[Node], *, most: int, saved: bool, media: Mapping[str, Medium]
) -> tuple[Slide, ...]:
    """Return the slides, or refuse with the code of the first rule they break."""
    if not nodes:
        raise RefusedError("E312")
    if len(nodes) > most:
        raise RefusedError("E225")
    return tuple(_slide(node, saved=saved, media=media) for node in nodes)


def _slide(node: Node, *, saved: bool, media: Mapping[str, Medium]) -> Slide:
    text = node.whole("TEXT")
    kinds = _kinds(node, saved=saved)
    if not kinds and text is None:
        raise RefusedError("E313")
    if len(text or "") > LONGEST_TEXT:
        raise RefusedError("E334")
    _check_company(kinds)
    duration = _duration(node)
    return Slide(text=text, files=tuple(_files(node, kinds, media)), duration=duration)


def _kinds(node: Node, *, saved: bool) -> frozenset[str]:
    # A second file of the same kind is ignored, so what stands in a slide is a set of kinds.
    present = {kind for kind, row in _KINDS.items() if node.first(row[0])}
    if node.first("PERSONALIZED-IMAGE"):
        present.add("personalized-image")
    if not saved and present & _TEMPLATES_ONLY:
        raise RefusedError("E229")
    return frozenset(present)


def _check_company(kinds: frozenset[str]) -> None:
    objects, others = kinds & _OBJECTS, kinds - _OBJECTS
    broken = {
        "E223": len(objects) > 1,
        "E224": bool(objects and others) or ("personalized-image" in others and len(others) > 1),
        "E226": {"audio", "video"} <= kinds,
        "E227": {"video", "image"} <= kinds,
    }
    for code, is_broken in broken.items():
        if is_broken:
            raise RefusedError(code)


def _duration(node: Node) -> int | None:
    if node.first("DURATION") is None:
        return None
    digits = node.get("DURATION") or ""
    if not re.fullmatch(r"[0-9]{1,6}", digits) or int(digits) == 0:
        raise RefusedError("E230")
    return int(digits)


def _files(node: Node, kinds: frozenset[str], media: Mapping[str, Medium]) -> Iterator[File]:
    for kind, (name, *_) in _KINDS.items():
        file = node.first(name)
        if kind in kinds and file is not None:
            yield _file(kind, file.get("URL") or "", media)
    if "personalized-image" in kinds:
        image = node.first("PERSONALIZED-IMAGE")
        identifier = image.get("TEMPLATE-ID") if image else None
        if identifier is None:
            raise RefusedError("E351")
        yield File(kind="personalized-image", url=identifier)


def _file(kind: str, url: str, media: Mapping[str, Medium]) -> File:
    _, too_big, no_fetch = _KINDS[kind]
    medium = media.get(url, Medium())
    if not _public(url) or medium.trouble == "unreachable":
        raise RefusedError(no_fetch)
    if medium.trouble:
        raise RefusedError(_TROUBLES.get(medium.trouble, too_big))
    return File(kind=kind, url=url, size=medium.size)


def _public(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        return False
    if parts.scheme.lower() not in {"http", "https"} or re.search(r"\s", url) or port == 0:
        return False
    try:
        return ip_address(host).is_global
    except ValueError:
        labels = host.split(".")
        return len(labels) > 1 and all(labels) and labels[-1] not in _INSIDE
