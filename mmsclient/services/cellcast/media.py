"""Files of an MMS: what they are by their content, what fits, and the names they travel under."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mmsclient.errors import Fault
from mmsclient.messages import Fetched, File, Media, Mms, Slide, Weight
from mmsclient.services import addresses
from mmsclient.services.cellcast import limits, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How files of each kind begin. "MMS Image Requirements": PNG, GIF or JPEG.
_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_ENDINGS = {"image/png": ("png",), "image/gif": ("gif",), "image/jpeg": ("jpg", "jpeg")}

#: The same page: further kinds, some of which an account manager can allow.
_FURTHER = {
    "vcf": "text/vcard",
    "mid": "audio/midi",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "pkpass": "application/vnd.apple.pkpass",
}

IMAGES = ("image/png", "image/gif", "image/jpeg")
"""What send-mms takes ("Send an MMS with Cellcast API")."""
GATEWAY_IMAGES = ("image/png", "image/jpeg")
"""What the Bearer API takes as a file ("Send MMS"); a gif goes as an address."""
GATEWAY_ADDRESSED = ("image/gif",)
"""What the Bearer API takes as an address."""

_LARGEST_FILE = 1 << 40  # more is a mistake, and would not be counted
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_TYPE = re.compile(r"[A-Za-z0-9.+-]{1,64}/[A-Za-z0-9.+-]{1,64}")


def kind(content: bytes) -> str | None:
    """Return the media type that *content* begins like; None where it is none that is known."""
    return next((said for start, said in _BEGINNINGS if content.startswith(start)), None)


def media_type(file: File) -> str:
    """Return the media type that a file travels under: by its content, else as it is said to be."""
    found = kind(file.content) or (file.type or "").strip()
    if _TYPE.fullmatch(found):
        return found
    ending = file.name.rpartition(".")[2].lower()
    return _FURTHER.get(ending, "application/octet-stream")


def safe_name(file: File) -> str:
    """Return a file name that no header can trip over, with an ending that fits the content."""
    base = file.name.replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = base.rpartition(".")
    stem, ending = (stem, ending) if dot else (base, "")
    stem = _UNSAFE.sub("_", stem).strip("._")[:48] or "file"
    ending = _UNSAFE.sub("", ending)[:12]
    fitting = _ENDINGS.get(kind(file.content) or "", ())
    if fitting and ending.lower() not in fitting:
        ending = fitting[0]
    return f"{stem}.{ending}" if ending else stem


def image(
    field: str, value: object, *, takes: tuple[str, ...], any_type: bool = False
) -> Iterator[Fault]:
    """Judge an image: a file of a kind that *takes* lists, or a public address."""
    if isinstance(value, File):
        yield from _file(field, value, takes=takes, any_type=any_type)
    elif isinstance(value, Media):
        yield from _address(field, value.url)
        if value.size is not None and size(value) is None:
            yield Fault(field, "has a size that is no number of bytes", "pass an int, or none")
    else:
        yield from _address(field, value)


def no_image(field: str) -> Fault:
    """Return the fault of an MMS without an image, which is documented as FIELD_INVALID."""
    return Fault(field, "is missing", "it is mandatory", rules.INVALID)


def size(value: object) -> int | None:
    """Return how many bytes an image has, where that is known."""
    if isinstance(value, File):
        return len(value.content) if isinstance(value.content, bytes) else None
    known = value.size if isinstance(value, Media) else None
    if isinstance(known, bool) or not isinstance(known, int):
        return None
    return known if 0 <= known <= _LARGEST_FILE else None


def address(value: object) -> object:
    """Return the address of an image, whatever it is given as."""
    return value.url if isinstance(value, Media) else value


def weight(message: object, *, bearer: bool) -> Weight | None:
    """Return what an MMS weighs: its image and its texts. Nothing is published on what travels."""
    if not isinstance(message, Mms) or not isinstance(message.slides, tuple):
        return None
    slides = [slide for slide in message.slides if isinstance(slide, Slide)]
    given = [(f"slides[{n}].image", slide.image) for n, slide in enumerate(slides)]
    types = frozenset(GATEWAY_ADDRESSED if bearer else IMAGES)
    files = tuple(
        Fetched(field=field, url=url, types=types, size=size(image))
        for field, image in given
        if isinstance(url := address(image), str)
    )
    inside = sum(size(image) or 0 for _, image in given if isinstance(image, File))
    texts = (said for said in (message.subject, *(one.text for one in slides)) if said)
    return Weight(files=files, held=inside + sum(map(_bytes, texts)))


def _bytes(text: object) -> int:
    return len(text.encode(errors="replace")) if isinstance(text, str) else 0


def fits(
    field: str, value: object, *texts: object, most: int = limits.MMS_BYTES
) -> Iterator[Fault]:
    """Judge the size of image and texts together, where the image's is known."""
    known = size(value)
    written = (said.encode(errors="replace") for said in texts if isinstance(said, str))
    if known is not None and known + sum(map(len, written)) > most:
        rule = f"makes the message larger than {most:,} bytes"
        yield Fault(field, rule, "shrink the image: 400 x 327 pixels are enough", rules.INVALID)


def _address(field: str, value: object) -> Iterator[Fault]:
    if isinstance(value, str):
        yield from rules.text(field, value)
        yield from addresses.public(field, value, rules.INVALID)
    else:
        rule = "is neither a file nor an address"
        yield Fault(field, rule, "pass File(...), a str or Media(url, size)", rules.INVALID)


def _file(field: str, value: File, *, takes: tuple[str, ...], any_type: bool) -> Iterator[Fault]:
    if not isinstance(value.content, bytes):
        yield Fault(field, "has content that is no bytes", "read the file in mode 'rb'")
        return
    if not value.content:
        yield Fault(field, "is an empty file", "read the file in mode 'rb'", rules.INVALID)
        return
    if not isinstance(value.name, str) or not isinstance(value.type, str | None):
        yield Fault(field, "has a name or type that is not text", "pass them as a str")
        return
    if not any_type and kind(value.content) not in takes:
        named = ", ".join(said.partition("/")[2] for said in takes)
        rule = f"begins like no file of a kind that is taken ({named})"
        yield Fault(field, rule, "convert the image", rules.INVALID)
