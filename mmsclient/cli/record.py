"""The CSV file of outcomes: a line per row as soon as its outcome is known."""

from __future__ import annotations

import contextlib
import csv
import os
from typing import TYPE_CHECKING

from mmsclient.cli.say import description, stop
from mmsclient.errors import CallError, InvalidMessageError, MMSClientError
from mmsclient.outcomes import Accepted, Refused

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from mmsclient.cli.table import Row
    from mmsclient.outcomes import Outcome

#: The name of a file that stands for standard output.
STDOUT = "-"
COLUMNS = ("row", "to", "reference", "outcome", "id", "mms_id", "error", "code", "detail")


class Record:
    """Writes outcomes; each line is with the system before the next row is taken."""

    def __init__(self, path: Path, *, force: bool) -> None:
        ours = str(path) == STDOUT
        try:
            # A byte that was not UTF-8 in the user's file goes back as it came.
            self._file = open(  # noqa: PTH123, SIM115 - also a descriptor; see close
                os.dup(1) if ours else path,
                "w" if force or ours else "x",
                encoding="utf-8",
                errors="surrogateescape",
                newline="",
            )
        except FileExistsError:
            stop(f"{path} is there already: give another --out, or --force to overwrite it")
        except OSError as error:
            stop(f"cannot write {path}: {error.strerror}")
        self._writer = csv.writer(self._file)
        try:
            self._write(*COLUMNS)
        except OSError as error:
            self.close()
            stop(f"cannot write {path}: {error.strerror}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what could not be written was told line by line."""
        with contextlib.suppress(OSError):
            self._file.close()

    def add(self, row: Row, outcome: Outcome) -> None:
        """Write what became of a row that was read."""
        if isinstance(outcome, Accepted):
            self._line(row, "accepted", outcome.id, outcome.mms_id or "", "", "", "")
        else:
            word = "refused" if isinstance(outcome, Refused) else "unknown"
            self._line(row, word, "", "", *_facts(outcome.error))

    def add_faulty(self, row: Row, error: InvalidMessageError) -> None:
        """Write that no message could be made of a row."""
        self._line(row, "refused", "", "", *_facts(error))

    def add_skipped(self, row: Row) -> None:
        """Write that a row was left out because its number came before."""
        self._line(row, "skipped", "", "", "", "", "to: stood there before")

    def _line(self, row: Row, *facts: str) -> None:
        cells = row.cells
        self._write(str(row.number), cells.get("to", ""), cells.get("reference", ""), *facts)

    def _write(self, *cells: str) -> None:
        self._writer.writerow(cells)
        self._file.flush()


def _facts(error: MMSClientError) -> tuple[str, str, str]:
    code = error.code if isinstance(error, CallError) else None
    if isinstance(error, InvalidMessageError):
        code = next((fault.code for fault in error.faults if fault.code), None)
    told = description(error)
    detail = f"{error} | the service says: {told}" if told else str(error)
    return type(error).__name__, code or "", detail
