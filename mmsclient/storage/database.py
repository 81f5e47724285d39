"""One SQLite file: who holds it, and how it is opened and closed."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mmsclient.storage.lock import FileLock
from mmsclient.storage.schema import Schema, UnfitError
from mmsclient.storage.troubles import TROUBLES, told
from mmsclient.storage.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from mmsclient.storage.writer import Work

T = TypeVar("T")

#: Seconds to wait for another program that writes, unless something else is said.
PATIENCE = 10.0

#: A commit is on the disk before anybody is told so; readers never wait for the writer.
_PRAGMAS = ("PRAGMA synchronous = FULL", "PRAGMA temp_store = MEMORY")
#: On macOS fsync alone leaves the data in the drive's own memory.
_ON_MACOS = ("PRAGMA fullfsync = ON", "PRAGMA checkpoint_fullfsync = ON")


class _Opened:
    """What one opening of a file holds; nobody else closes it."""

    connection: sqlite3.Connection

    def __init__(self) -> None:
        self._lock: FileLock | None = None

    def take_lock(self, path: Path) -> None:
        """Take the lock, or raise UnfitError where somebody has it."""
        lock = FileLock(path)
        if not lock.take():
            raise UnfitError("is in use by another process, or elsewhere in this one: wait for it")
        self._lock = lock

    def close(self) -> None:
        """Give back all there is."""
        if (connection := getattr(self, "connection", None)) is not None:
            connection.close()
        if self._lock is not None:
            self._lock.give_back()


class Database:
    """A file that is open only as long as somebody holds it.

    Args:
        path: where it is, or is to be.
        schema: what it holds.
        error: makes the error to raise of a text that says what went wrong and what to do.
        exclusive: whether one process at a time may write. The system takes the lock back when
            that process dies.
        patience: seconds to wait for another program that writes.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        schema: Schema,
        *,
        error: Callable[[str], Exception],
        exclusive: bool,
        patience: float = PATIENCE,
    ) -> None:
        self.path = Path(path)
        self._schema = schema
        self._error = error
        self._exclusive = exclusive
        self._patience = patience
        self._writer: Writer | None = None
        self._opened: _Opened | None = None
        self._executor: ThreadPoolExecutor | None = None
        self._holders = 0
        self._gate: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None

    @asynccontextmanager
    async def writing(self, *, create: bool = True) -> AsyncIterator[Writer]:
        """Hold the file for writing; who comes while it is held shares it.

        Leaving waits until all that was asked for is on the disk, also when it is cancelled.
        *create* says whether the file is made where there is none.

        Raises:
            The error this was made with: it cannot be written, is of another kind or newer, or
                another process writes it.
        """
        loop = asyncio.get_running_loop()
        if self._gate is None or self._gate[0] is not loop:  # a lock belongs to one event loop
            self._gate = (loop, asyncio.Lock())
        gate = self._gate[1]
        writer = await self._take(gate, create=create)
        try:
            yield writer
        finally:
            await whole(self._leave(gate, writer))

    async def read(self, work: Work[T]) -> T:
        """Return what *work* returns: it reads, whoever writes meanwhile.

        Raises:
            The error this was made with: there is no such file, or it cannot be read.
        """
        return await asyncio.get_running_loop().run_in_executor(None, self._read, work)

    async def _take(self, gate: asyncio.Lock, *, create: bool) -> Writer:
        async with gate:
            if self._writer is None:
                await self._begin(create=create)
            assert self._writer is not None  # noqa: S101 - it was just made
            self._holders += 1
            return self._writer

    async def _begin(self, *, create: bool) -> None:
        executor = ThreadPoolExecutor(1, thread_name_prefix=f"mmsclient {self.path.name}")
        opening = asyncio.get_running_loop().run_in_executor(executor, self._open, create)
        try:
            opened = await whole(opening)
        except asyncio.CancelledError:
            if not (opening.cancelled() or opening.exception()):
                # Who comes next must find the lock free.
                await whole(self._end(executor, opening.result()))
            raise
        except BaseException:
            executor.shutdown(wait=False)
            raise
        self._executor, self._opened = executor, opened
        self._writer = Writer(opened.connection, executor, self._translated)

    async def _end(self, executor: ThreadPoolExecutor, opened: _Opened) -> None:
        await asyncio.get_running_loop().run_in_executor(executor, opened.close)
        executor.shutdown(wait=False)

    async def _leave(self, gate: asyncio.Lock, writer: Writer) -> None:
        await writer.idle()
        async with gate:
            self._holders -= 1
            executor, opened = self._executor, self._opened
            if self._holders or executor is None or opened is None:
                return
            await writer.idle()
            self._executor = self._opened = self._writer = None
            await self._end(executor, opened)

    def _translated(self, error: Exception) -> Exception:
        if not isinstance(error, TROUBLES):
            return error
        translated = self._error(told(self.path, error))
        translated.__cause__ = error
        return translated

    # -- in the thread ------------------------------------------------------------------------

    def _open(self, create: bool) -> _Opened:
        opened = _Opened()
        try:
            if not create:
                self._insist_on_file()
            if self._exclusive:
                opened.take_lock(self.path)
            self._create()
            opened.connection = self._connect()
            self._schema.version(opened.connection)  # before anything in it is changed
            _insist_on_wal(opened.connection)
            self._schema.bring_up(opened.connection)
        except BaseException as error:
            opened.close()
            if isinstance(error, TROUBLES):
                raise self._translated(error) from error
            raise
        return opened

    def _insist_on_file(self) -> None:
        if not self.path.exists():
            raise UnfitError("does not exist")

    def _create(self) -> None:
        """Make the file, readable for its owner only: it holds numbers and texts."""
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return
        if sys.platform != "win32":  # the name itself has to reach the disk too
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=self._patience, isolation_level=None, check_same_thread=False
        )
        for pragma in (*_PRAGMAS, *(_ON_MACOS if sys.platform == "darwin" else ())):
            connection.execute(pragma)
        return connection

    def _read(self, work: Work[T]) -> T:
        try:
            self._insist_on_file()
            with closing(self._connect()) as connection:
                version = self._schema.version(connection)
                if version < len(self._schema.steps):
                    older = "has an older layout: open it once for writing"
                    raise UnfitError(older if version else "is empty: nothing was added yet")
                connection.execute("PRAGMA query_only = ON")
                connection.execute("BEGIN")  # one view of the file for all of the work
                return work(connection)
        except TROUBLES as error:
            raise self._translated(error) from error


def _insist_on_wal(connection: sqlite3.Connection) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise UnfitError("lies where SQLite cannot keep a log beside it: use a local disk")


async def whole(work: Awaitable[T]) -> T:
    """Await *work* to its end, however often that is cancelled; then be cancelled."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()  # looked at
        raise cancelled
    return task.result()
