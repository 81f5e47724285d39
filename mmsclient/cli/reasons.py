"""Why messages were refused or are not known: short reasons, counted."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import attrs

from mmsclient.errors import CallError, Fault, InvalidMessageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmsclient.campaigns.values import Failure

#: Reasons shown, and different ones kept: a long run must not fill the memory.
SHOWN, KEPT = 8, 1000
_OTHERS = "other reasons"
_NAMES = {"to": "number", "row": "the row"}

# The class of an exception helps who mends a program, not who sends messages.
_CLASS = re.compile(r" \(\w*(?:Error|Exception|Timeout)\)")


@attrs.define
class Reasons:
    """Reasons, and how often each was met."""

    _counts: Counter[str] = attrs.field(factory=Counter, init=False)

    def __bool__(self) -> bool:
        return bool(self._counts)

    def add(self, error: Exception) -> None:
        """Count the reason of an error."""
        self._count(reason(error))

    def add_kept(self, failure: Failure) -> None:
        """Count the reason of an error of which a journal has kept the words."""
        self._count(_kept(failure))

    def _count(self, why: str) -> None:
        room = why in self._counts or len(self._counts) < KEPT
        self._counts[why if room else _OTHERS] += 1

    def lines(self) -> list[str]:
        """Return ``3 x reason``, the most frequent first, in a fixed order."""
        ranked = sorted(self._counts.items(), key=lambda one: (-one[1], one[0]))
        return [f"{count:,} x {why}" if count > 1 else why for why, count in ranked]

    def most(self) -> list[str]:
        """Return the first of these lines, and how many more there are."""
        lines = self.lines()
        more = len(lines) - SHOWN
        return [*lines[:SHOWN], f"… and {more:,} more reasons"] if more > 0 else lines

    def listed(self, what: str) -> Iterator[str]:
        """Yield these lines as they stand below a summary; *what* are the outcomes."""
        for line in self.most():
            yield f"  {what}: {line}"


def reason(error: Exception) -> str:
    """Return why, with neither a value nor the name of a class where words are known."""
    if isinstance(error, InvalidMessageError):
        return _words(error.faults[0])
    said = _CLASS.sub("", error.reason) if isinstance(error, CallError) else ""
    return said or type(error).__name__


def plain(trouble: str) -> str:
    """Return what a run tells of an error, class and text, without names of classes."""
    return _CLASS.sub("", trouble.partition(": ")[2]) or trouble


def _words(fault: Fault) -> str:
    if fault.rule.startswith("there is"):
        return fault.rule
    return f"{_NAMES.get(fault.field, fault.field)} {fault.rule}"


def _kept(failure: Failure) -> str:
    if failure.error != InvalidMessageError.__name__:
        return _CLASS.sub("", failure.reason) or failure.error
    first = failure.reason.partition(" | ")[0].partition("; ")[0]
    field, _, rule = first.partition(": ")
    return _words(Fault(field, rule, ""))
