"""What a file holds, and how older ones become new ones."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator


class UnfitError(Exception):
    """A file that is none of ours, or none that this version can read; the text says which."""


@attrs.frozen(kw_only=True)
class Schema:
    """The layout of one kind of file."""

    kind: str
    """What such a file is called in errors, such as ``campaign journal``."""
    application: int
    """Marks the file as one of this kind (``PRAGMA application_id``)."""
    steps: tuple[str, ...]
    """Scripts; step n makes layout n+1 out of layout n, the first one out of an empty file."""

    def version(self, connection: sqlite3.Connection) -> int:
        """Return the layout of the file, 0 if it is empty.

        Raises:
            UnfitError: it is of another kind, or newer than this version of the library.
        """
        with _one_view(connection):  # somebody else may be making it now
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not (application or version or tables):
            return 0
        if application != self.application:
            raise UnfitError(f"is no {self.kind}: give another path")
        if version > len(self.steps):
            knows = f"its layout is number {version}, known here are {len(self.steps)}"
            raise UnfitError(f"was written by a newer mmsclient ({knows}): upgrade this one")
        return int(version)

    def bring_up(self, connection: sqlite3.Connection) -> None:
        """Make the file's layout the newest one, all of it or nothing.

        Raises:
            UnfitError: as :meth:`version` does.
        """
        if self.version(connection) == len(self.steps):
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Somebody else may have done it meanwhile.
            for number in range(self.version(connection), len(self.steps)):
                for statement in self.steps[number].split(";"):
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {self.application}")
            connection.execute(f"PRAGMA user_version = {len(self.steps)}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


@contextmanager
def _one_view(connection: sqlite3.Connection) -> Iterator[None]:
    """Let all reads inside see the file at one moment."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
