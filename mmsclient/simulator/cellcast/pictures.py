"""What an uploaded picture is, told by how it begins."""

from __future__ import annotations

#: "image: PNG, GIF or JPEG".
_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/jpeg": (b"\xff\xd8\xff",),
}

TYPES = frozenset(_BEGINNINGS)


def picture_type(content: bytes) -> str | None:
    """Return the media type of a picture; None for anything else."""
    return next((kind for kind, starts in _BEGINNINGS.items() if content.startswith(starts)), None)
