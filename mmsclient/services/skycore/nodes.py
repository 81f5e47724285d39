"""The nodes of requests that many actions share, in the order of the published sketches."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from mmsclient.services.skycore import media, rules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mmsclient.messages import Slide
    from mmsclient.services.skycore.envelope import Node, Nodes


def given(**nodes: Node | None) -> dict[str, Node]:
    """Return the nodes that have something in them."""
    return {name: node for name, node in nodes.items() if node and not rules.absent(node)}


def yes(value: bool | None) -> str | None:
    """Return how a switch is thrown; one that is off is left out.

    The "Send MMS API" page shows both ``yes`` and true/false, all others ``yes``.
    """
    return "yes" if value else None


def moment(value: datetime | None) -> str | None:
    """Return a moment in ISO 8601, in UTC."""
    return None if value is None else value.astimezone(UTC).isoformat(timespec="seconds")


def data(fields: Mapping[str, str] | None) -> Node | None:
    """Return free fields as nodes; an empty text stays, it empties a merge tag."""
    return {name.upper(): said for name, said in (fields or {}).items()} or None


def slides(values: tuple[Slide, ...]) -> list[Node]:
    """Return the SLIDE nodes: slides are made and sent in document order."""
    return [_slide(slide) for slide in values]


def _slide(slide: Slide) -> Nodes:
    files = media.present(slide)
    nodes: dict[str, Node] = {
        kind.node: {"URL": media.address(files[kind.field])}
        for kind in media.KINDS
        if kind.field in files
    }
    if slide.personalized_image and not rules.absent(slide.personalized_image):
        # The only names with hyphens ("Save MMS").
        nodes["PERSONALIZED-IMAGE"] = {"TEMPLATE-ID": slide.personalized_image}
    duration = None if slide.duration is None else str(slide.duration)
    return {**nodes, **given(TEXT=slide.text, DURATION=duration)}
