"""Files that survive a kill: SQLite, one writer thread, many pieces of work to a commit."""

from mmsclient.storage.database import Database
from mmsclient.storage.schema import Schema
from mmsclient.storage.writer import Work, Writer

__all__ = ["Database", "Schema", "Work", "Writer"]
