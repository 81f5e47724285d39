"""What may stand in a slide, and with what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.errors import Fault
from mmsclient.messages import File, Media, Slide
from mmsclient.services.skycore import limits, rules

if TYPE_CHECKING:
    from collections.abc import Iterator


@attrs.frozen(kw_only=True)
class Kind:
    """One kind of file in a slide."""

    field: str
    node: str
    unreachable: str
    """The code for an address that the service cannot fetch."""
    extensions: frozenset[str]
    """Endings that files of this kind have."""
    types: frozenset[str]
    """Values of Content-Type that name this kind."""
    is_object: bool = False
    """Objects stand with text only, one per slide."""


#: The page names the types of objects; those of other files are the registered ones, and two that
#: hosts use in their place.
_TYPES = {
    "gif": {"image/gif"},
    "jpg": {"image/jpeg", "image/jpg"},
    "png": {"image/png"},
    "webp": {"image/webp"},
    "mp3": {"audio/mpeg", "audio/mp3"},
    "3gp": {"video/3gpp"},
    "mp4": {"video/mp4"},
    "mpeg": {"video/mpeg"},
    "vcf": {"text/vcard"},
    "ics": {"text/calendar"},
    "pdf": {"application/pdf"},
    "pkpass": {"application/vnd.apple.pkpass"},
}


def _kind(field: str, unreachable: str, endings: str, *, is_object: bool = False) -> Kind:
    return Kind(
        field=field,
        node=field.upper(),
        unreachable=unreachable,
        extensions=frozenset(endings.split()),
        types=frozenset().union(*(_TYPES.get(ending, ()) for ending in endings.split())),
        is_object=is_object,
    )


#: "Send MMS API", table of the slide's nodes; the wallet pass is on "Save MMS" only.
KINDS = (
    _kind("image", "E351", "gif jpg jpeg png webp"),
    _kind("audio", "E352", "mp3"),
    _kind("video", "E353", "3gp mp4 mpeg mpg"),
    _kind("vcard", "E355", "vcf", is_object=True),
    _kind("ical", "E356", "ics", is_object=True),
    _kind("pdf", "E357", "pdf", is_object=True),
    _kind("passbook", "E358", "pkpass", is_object=True),
)

#: Endings that say what a file is: of one of these kinds, or of none. All others say nothing.
TELLING = frozenset(
    {"aac", "aiff", "amr", "avi", "bmp", "doc", "docx", "flac", "flv", "heic", "heif", "m4a"}
    | {"m4v", "mkv", "mov", "ogg", "svg", "tif", "tiff", "wav", "webm", "wma", "wmv", "zip"}
).union(*(kind.extensions for kind in KINDS))

OBJECTS = frozenset(kind.field for kind in KINDS if kind.is_object)

_CLASHES = (
    ({"audio", "video"}, "holds audio and video", "one of them per slide", "E226"),
    ({"video", "image"}, "holds video and an image", "one of them per slide", "E227"),
)
_FILES = {"image", "audio", "video"}
_TEMPLATES_ONLY = ("passbook", "personalized_image")
_LARGEST_FILE = 1 << 40  # more is a mistake, and would not be counted


def slides(value: object, *, template: bool) -> Iterator[Fault]:
    """Judge the slides of an MMS, or of a template."""
    most = limits.TEMPLATE_SLIDES if template else limits.SLIDES
    if not isinstance(value, tuple):
        yield Fault("slides", "is not a list of slides", "pass a list of Slide", "E312")
        return
    if not value:
        yield Fault("slides", "is empty", f"1 to {most} slides", "E312")
    if len(value) > most:
        yield Fault("slides", f"holds more than {most} slides", "leave some out", "E225")
    for position, slide in enumerate(value):
        where = f"slides[{position}]"
        if isinstance(slide, Slide):
            yield from _slide(where, slide, template=template)
        else:
            yield Fault(where, "is not a Slide", "pass Slide(...)", "E313")


def address(media: object) -> Any:
    """Return the address of *media*, whatever it is given as."""
    return media.url if isinstance(media, Media) else media


def present(slide: Slide) -> dict[str, Any]:
    """Return the files of *slide* by field."""
    given = ((kind.field, getattr(slide, kind.field)) for kind in KINDS)
    return {field: media for field, media in given if not rules.absent(address(media))}


def size(media: object) -> int | None:
    """Return the size in bytes, where it is known and sensible."""
    known = media.size if isinstance(media, Media) else None
    if isinstance(known, bool) or not isinstance(known, int):
        return None
    return known if 0 <= known <= _LARGEST_FILE else None


def _slide(where: str, slide: Slide, *, template: bool) -> Iterator[Fault]:
    files = present(slide)
    pictured = not rules.absent(slide.personalized_image)
    if not files and not pictured and rules.absent(slide.text):
        yield Fault(where, "is empty", "give it text or a file", "E313")
    yield from _mixture(where, set(files), personalized=pictured)
    for kind in KINDS:
        if kind.field in files:
            yield from _file(f"{where}.{kind.field}", files[kind.field], kind)
    yield from rules.text(f"{where}.personalized_image", slide.personalized_image)
    yield from rules.text(f"{where}.text", slide.text, longest=limits.SLIDE_TEXT, code="E334")
    yield from rules.whole(f"{where}.duration", slide.duration, "E230")
    if not template:
        yield from _template_only(where, slide)


def _mixture(where: str, fields: set[str], *, personalized: bool) -> Iterator[Fault]:
    objects = fields & OBJECTS
    if len(objects) > 1:
        yield Fault(where, "holds more than one object", "one object per slide", "E223")
    if objects and fields & _FILES:
        yield Fault(where, "holds an object beside image, audio or video", "text only", "E224")
    for pair, rule, fix, code in _CLASHES:
        if pair <= fields:
            yield Fault(where, rule, fix, code)
    if personalized and fields:
        rule = "holds a personalized image beside another file"
        yield Fault(where, rule, "it stands with text only", "E224")


def _file(where: str, media: object, kind: Kind) -> Iterator[Fault]:
    url = address(media)
    if isinstance(media, File):
        rule = "is a file, and this service fetches media from an address"
        yield Fault(where, rule, "give an address", kind.unreachable)
        return
    if not isinstance(url, str):
        yield Fault(where, "is no address", "pass a str or Media(url, size)", kind.unreachable)
        return
    yield from rules.url(where, url, kind.unreachable)
    if isinstance(media, Media) and media.size is not None and size(media) is None:
        yield Fault(where, "has a size that is no number of bytes", "pass an int, or leave it out")


def _template_only(where: str, slide: Slide) -> Iterator[Fault]:
    for field in _TEMPLATES_ONLY:
        if not rules.absent(getattr(slide, field)):
            rule, fix = "stands in templates only", "use save_mms for it"
            yield Fault(f"{where}.{field}", rule, fix, "E229")
