"""One thread that writes: what is asked for meanwhile shares the next commit."""

from __future__ import annotations

import asyncio
import math
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import attrs

if TYPE_CHECKING:
    from concurrent.futures import Executor

T = TypeVar("T")

#: Seconds from the beginning of a commit that several shared to that of the next, at least: where
#: much is asked for at once, more shares a commit. Who is alone, or comes after a rest, waits for none.
GATHER = 0.002

#: Reads and writes inside a transaction. It may be carried out more than once: each time but the
#: last is undone.
Work: TypeAlias = Callable[[sqlite3.Connection], T]


@attrs.define
class _Job:
    """A piece of work, and what became of it once that is on the disk."""

    work: Work[Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None

    def tell(self) -> None:
        if self.future.done():  # nobody waits any more
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Writer:
    """Carries out work on one connection, in the order in which it was asked for.

    Each piece is done wholly or not at all; one that fails takes no other with it. As long as a
    commit takes, further work gathers and shares the next one: however slow the disk, there are
    no more commits than it can take.

    Args:
        connection: not used by anybody else.
        executor: one thread.
        translated: makes of a failure what is told to who asked for the work.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        executor: Executor,
        translated: Callable[[Exception], Exception],
    ) -> None:
        self._connection = connection
        self._executor = executor
        self._translated = translated
        self._waiting: list[_Job] = []
        self._working: asyncio.Future[None] | None = None
        self._next = -math.inf
        """When the next commit may begin."""
        self._due: asyncio.TimerHandle | None = None

    def post(self, work: Work[T]) -> asyncio.Future[T]:
        """Ask for *work*; the future is done once it is on the disk, or has failed.

        Nobody has to wait for it, or to look at its error.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_looked_at)
        self._waiting.append(_Job(work, future))
        self._start_soon()
        return future

    async def run(self, work: Work[T]) -> T:
        """Return what *work* returns, once it is on the disk."""
        return await self.post(work)

    async def idle(self) -> None:
        """Wait for all that was asked for."""
        while self._waiting or self._working is not None:
            if self._working is None:
                self._start()
            else:
                await asyncio.wait([self._working])

    def _start_soon(self) -> None:
        if self._working is None and self._due is None and self._waiting:
            loop = asyncio.get_running_loop()
            if loop.time() >= self._next:
                self._start()
            else:
                self._due = loop.call_at(self._next, self._start)

    def _start(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if self._working is not None or not self._waiting:
            return
        jobs, self._waiting = self._waiting, []
        loop = asyncio.get_running_loop()
        self._next = loop.time() + GATHER if len(jobs) > 1 else -math.inf
        self._working = loop.run_in_executor(self._executor, self._carry_out, jobs)
        self._working.add_done_callback(lambda _: self._done(jobs))

    def _done(self, jobs: list[_Job]) -> None:
        self._working = None
        self._start_soon()
        for job in jobs:
            job.tell()

    # -- in the thread ------------------------------------------------------------------------

    def _carry_out(self, jobs: list[_Job]) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except Exception as error:  # noqa: BLE001 - of any class: it is nobody's fault, and all get it
            for job in jobs:
                job.error = self._translated(error)
            return
        try:
            self._commit(jobs)
        except Exception as error:  # noqa: BLE001 - of any class: who asked for the work gets it
            if len(jobs) == 1:
                jobs[0].error = self._translated(error)
                return
            for job in jobs:
                self._carry_out([job])

    def _commit(self, jobs: list[_Job]) -> None:
        """Do all of *jobs* and end the transaction, or undo all of them and raise."""
        connection = self._connection
        try:
            for job in jobs:
                job.result = job.work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _looked_at(future: asyncio.Future[Any]) -> None:
    """Keep the event loop from reporting an error that nobody has asked for."""
    if not future.cancelled():
        future.exception()
