"""What an MMS weighs, and what is fetched for it: sendMMS fetches each file on every call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.messages import Fetched, Mms, Slide, Weight
from mmsclient.services.skycore import limits, media

if TYPE_CHECKING:
    from collections.abc import Iterator


def weight(message: object) -> Weight | None:
    """Return what *message* weighs; None if it is no MMS that is built as it is sent."""
    if not isinstance(message, Mms):
        return None
    slides = message.slides if isinstance(message.slides, tuple) else ()
    known = [(n, slide) for n, slide in enumerate(slides) if isinstance(slide, Slide)]
    growth, fixed = limits.BASE64_GROWTH
    return Weight(
        files=tuple(file for place, slide in known for file in _files(place, slide)),
        held=sum(_bytes(slide.text) for _, slide in known),
        growth=growth,
        fixed=fixed,
    )


def _files(place: int, slide: Slide) -> Iterator[Fetched]:
    files = media.present(slide)
    for kind in media.KINDS:
        given = files.get(kind.field)
        url = media.address(given)
        if isinstance(url, str):
            where = f"slides[{place}].{kind.field}"
            yield Fetched(field=where, url=url, types=kind.types, size=media.size(given))


def _bytes(text: object) -> int:
    return len(text.encode(errors="replace")) if isinstance(text, str) else 0
