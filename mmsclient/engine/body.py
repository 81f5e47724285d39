"""The body of an answer, decompressed within bounds."""

from __future__ import annotations

import zlib

_GZIP = 16 + zlib.MAX_WBITS

#: zlib's window settings for the encodings that are understood.
_WINDOWS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": zlib.MAX_WBITS}


class OversizedError(ValueError):
    """The answer is larger than allowed, or in an encoding nobody asked for."""


class Inflater:
    """Collects an answer piece by piece and stops where it grows beyond *largest* bytes."""

    def __init__(self, encoding: str, largest: int) -> None:
        name = encoding.strip().lower()
        if name not in {"", "identity", *_WINDOWS}:
            raise OversizedError("content encoding not understood")
        self._zlib = zlib.decompressobj(_WINDOWS[name]) if name in _WINDOWS else None
        self._room = largest
        self._pieces: list[bytes] = []

    def feed(self, piece: bytes) -> None:
        """Take the next piece as it came over the wire."""
        if self._zlib is not None:
            stream, late = self._zlib, self._zlib.eof and bool(piece)
            # One byte more than there is room for tells "exactly full" from "too much".
            piece = stream.decompress(piece, self._room + 1)
            if late or stream.unused_data:
                raise OversizedError("bytes behind the end of a compressed answer")
        self._room -= len(piece)
        if self._room < 0:
            raise OversizedError("answer too large")
        self._pieces.append(piece)

    def finish(self) -> bytes:
        """Return the whole body."""
        if self._zlib is not None and self._pieces and not self._zlib.eof:
            raise OversizedError("compressed answer ends early")
        return b"".join(self._pieces)
