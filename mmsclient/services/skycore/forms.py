"""The document in a postback: the body itself, or the form field that older editions put it into."""

from __future__ import annotations

import re
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from mmsclient.services import xmltree
from mmsclient.services.xmltree import XmlError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmsclient.wire import RawPostback

LARGEST = 256 * 1024
"""Bytes of a postback that is read; published ones have less than 2 KiB."""
MOST = 100
"""Fields of a form."""

# The parser's own reading of parameters takes long over many of them, and stumbles over some.
_BOUNDARY = re.compile(r'boundary="?([^";]{1,200})', re.IGNORECASE)
_NAME = re.compile(r';\s*name="?([^";]{1,200})', re.IGNORECASE)


def document(raw: RawPostback) -> bytes:
    """Return the document in a postback, or raise XmlError where there is none."""
    if len(raw.body) > LARGEST:
        raise XmlError(f"is larger than {LARGEST} bytes")
    kind = raw.headers.get("content-type", "")
    fields = next((read for name, read in _FORMS.items() if name in kind.lower()), None)
    # Many senders name a form by habit and send the bare document.
    if fields is None or xmltree.bare(raw.body).startswith(b"<"):
        return raw.body
    try:
        for name, value in fields(raw.body, kind):
            if name.lower() == "xml":
                return value
    except ValueError:
        raise XmlError("is a form that cannot be read") from None
    raise XmlError("is a form without a field xml")


def _encoded(body: bytes, _kind: str) -> Iterator[tuple[str, bytes]]:
    # surrogateescape keeps bytes of other encodings as they came.
    said = body.decode("utf-8", "surrogateescape")
    pairs = parse_qsl(said, encoding="utf-8", errors="surrogateescape", max_num_fields=MOST)
    for name, value in pairs:
        yield name, value.encode("utf-8", "surrogateescape")


def _multipart(body: bytes, kind: str) -> Iterator[tuple[str, bytes]]:
    edge = _BOUNDARY.search(kind)
    # Cut here and not by the parser, so that parts within parts cost nothing.
    parts = body.split(b"--" + edge[1].strip().encode(), MOST)[1:] if edge else []
    for part in parts:
        field = BytesHeaderParser().parsebytes(part.lstrip(b"\r\n"))
        name = _NAME.search(str(field["content-disposition"]))
        value = field.get_payload(decode=True)
        if name and isinstance(value, bytes):
            yield name[1].strip(), value


_FORMS = {"form-urlencoded": _encoded, "multipart/form-data": _multipart}
