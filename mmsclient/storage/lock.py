"""A lock that the system takes back when its holder dies, however it dies."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from pathlib import Path


class FileLock:
    """An exclusive lock on a file of its own, beside the file it protects.

    SQLite takes locks of its own on its file, and some systems know one kind only. The lock's
    file stays where it is: removing it would let two hold the lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f"{path.name}-lock")
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Take it, and return whether it was free. Waits for nobody.

        Raises:
            OSError: its file cannot be made.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def give_back(self) -> None:
        """Let others have it."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with suppress(OSError):
                os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Lock the file, or raise OSError where somebody else has locked it."""
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
