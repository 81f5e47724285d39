"""Output that nobody can take any more is dropped: what is said must not end what is sent."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from _typeshed import ReadableBuffer

_GONE = b"standard output takes nothing more: the rest is not shown, the work goes on\n"
_STDERR = 2


class Lossy(io.FileIO):
    """A descriptor to which writing never fails: from the first failure on, all is dropped."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self.lost = False

    def write(self, data: ReadableBuffer, /) -> int:
        """Write, or drop, and return how many bytes were taken."""
        if not self.lost:
            try:
                return super().write(data)
            except OSError:
                self.lost = True
                self._tell()
        return memoryview(data).nbytes

    def _tell(self) -> None:
        if self.fileno() != _STDERR:
            with contextlib.suppress(OSError):
                os.write(_STDERR, _GONE)


@contextlib.contextmanager
def honest() -> Iterator[TextIO]:
    """Give standard output as it was before :func:`guard`: writing raises OSError where it fails."""
    if not isinstance(raw := getattr(getattr(sys.stdout, "buffer", None), "raw", None), Lossy):
        yield sys.stdout
        return
    sys.stdout.flush()
    file = os.fdopen(
        os.dup(raw.fileno()), "w", encoding=sys.stdout.encoding, errors="replace", newline="\n"
    )
    try:
        yield file
    finally:
        with contextlib.suppress(OSError):
            file.close()


def guard() -> None:
    """Make both standard streams lossy; a sign that a terminal lacks becomes a ``?``."""
    sys.stdout, sys.stderr = _guarded(sys.stdout), _guarded(sys.stderr)


def _guarded(stream: TextIO) -> TextIO:
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    stream.reconfigure(errors="replace")
    # Consoles of Windows have a class of their own, and cannot be closed by a reader.
    # Where Python does not buffer, the buffer is the descriptor itself.
    if not isinstance(getattr(stream.buffer, "raw", stream.buffer), io.FileIO):
        return stream
    return io.TextIOWrapper(
        io.BufferedWriter(Lossy(stream.fileno())),
        encoding=stream.encoding,
        errors="replace",
        line_buffering=True,
    )
