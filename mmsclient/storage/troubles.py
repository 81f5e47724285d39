"""What went wrong with a file, in words that say what to do."""

from __future__ import annotations

import errno
import sqlite3
from typing import TYPE_CHECKING

from mmsclient.storage.schema import UnfitError

if TYPE_CHECKING:
    from pathlib import Path

_FULL = "could not be written: the disk is full; free some space and go on"
_READ_ONLY = "cannot be written: make the file and its folder writable"
_BUSY = "is being written by another program: wait for it to end"
_BROKEN = "is damaged: restore a copy of it"
_CANNOT_OPEN = "cannot be opened: check the path and the rights on it"

#: By the primary code of SQLite's result ("Result and Error Codes").
_BY_CODE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_NOTADB: "is no SQLite database: give another path",
    sqlite3.SQLITE_CORRUPT: _BROKEN,
    sqlite3.SQLITE_CANTOPEN: _CANNOT_OPEN,
    sqlite3.SQLITE_IOERR: "could not be read or written: the disk reports an error",
}
_BY_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.ENOENT: "cannot be opened: its folder does not exist",
}

#: What can go wrong with a file.
TROUBLES = (sqlite3.Error, OSError, UnfitError)


def told(path: Path, error: Exception) -> str:
    """Return what went wrong with the file at *path*, one of ``TROUBLES``, and what to do."""
    if isinstance(error, UnfitError):
        return f"{path} {error}"
    if isinstance(error, sqlite3.Error):
        # Errors of the module itself, such as the use of a closed connection, have no code.
        code = getattr(error, "sqlite_errorcode", None)
        known = None if code is None else _BY_CODE.get(code & 0xFF)
    else:
        known = _BY_ERRNO.get(getattr(error, "errno", None) or 0)
    return f"{path} {known or f'cannot be used ({type(error).__name__}: {error})'}"
