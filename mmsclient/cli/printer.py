"""A thread that writes to standard output: a reader that pauses holds nothing else up."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

#: Seconds for what was begun to be taken, once nobody waits for it any more.
LAST = 1.0


class Printer:
    """Writes pieces of text one after the other, as long as the block runs.

    The thread may be stuck in the midst of one for ever. It ends with the program, so it writes to
    the descriptor itself: a buffer would be locked, and could not be closed.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._descriptor = None if file is sys.stdout else file.fileno()
        self._texts: SimpleQueue[tuple[str, asyncio.Future[None]] | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> Self:
        Thread(target=self._run, name="mmsclient printer", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._texts.put(None)

    async def print(self, text: str) -> None:
        """Return once it is written; where this is cancelled, it may still be, for a moment.

        Raises:
            OSError: nobody takes it.
        """
        written: asyncio.Future[None] = self._loop.create_future()
        self._texts.put((text, written))
        try:
            await asyncio.shield(written)
        except asyncio.CancelledError:
            await asyncio.wait([written], timeout=LAST)
            if not written.done():
                written.cancel()
                raise
            written.result()

    # -- in the thread ------------------------------------------------------------------------

    def _run(self) -> None:
        while (asked := self._texts.get()) is not None:
            text, written = asked
            if written.cancelled():
                continue
            error = self._write(text)
            with suppress(RuntimeError):  # the event loop is gone, and who asked with it
                self._loop.call_soon_threadsafe(_tell, written, error)

    def _write(self, text: str) -> OSError | None:
        try:
            if self._descriptor is None:
                self._file.write(text)
                self._file.flush()
                return None
            left = text.encode(self._file.encoding, "replace")
            while left:
                left = left[os.write(self._descriptor, left) :]
        except OSError as error:
            return error
        return None


def _tell(written: asyncio.Future[None], error: OSError | None) -> None:
    if written.done():  # nobody waits any more
        return
    if error is None:
        written.set_result(None)
    else:
        written.set_exception(error)
