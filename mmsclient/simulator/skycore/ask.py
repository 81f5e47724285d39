"""One call that was let in, and how its nodes are read."""

from __future__ import annotations

import re
from collections.abc import Callable

import attrs

from mmsclient.simulator.accounts import Book
from mmsclient.simulator.faults import Fault
from mmsclient.simulator.skycore.codes import RefusedError
from mmsclient.simulator.skycore.xml import Fields, Node
from mmsclient.simulator.vendor import Vendor

LONGEST_MASK = 11

_NUMBER = re.compile(r"[1-9][0-9]{6,14}")
_SENDER = re.compile(r"[0-9]{3,15}")


@attrs.frozen(kw_only=True)
class Ask:
    """What an action works on."""

    vendor: Vendor
    book: Book
    root: Node
    fate: Fault | None
    """The fault that strikes this call, if any."""
    queued: bool
    """Whether its messages wait, being over the throughput."""

    def need(self, name: str, code: str) -> str:
        """Return the text of a mandatory node, or refuse with *code*."""
        value = self.root.get(name)
        if value is None:
            raise RefusedError(code)
        return value

    def recipient(self) -> str:
        """Return TO, or refuse what is no international number or must not be sent to."""
        number = self.root.get("TO") or ""
        if not is_number(number):
            raise RefusedError("E110")
        if self.root.first("OPERATORID", "SPID") and not self.operator():
            raise RefusedError("E650")
        self.book.check_recipient(number, self.operator())
        return number

    def operator(self) -> str | None:
        """Return the recipient's operator, if given."""
        return self.root.get("OPERATORID", "SPID")

    def sender(self) -> str:
        """Return FROM, or refuse what is no code of the account."""
        sender = self.root.get("FROM") or ""
        if not _SENDER.fullmatch(sender):
            raise RefusedError("E111")
        self.book.check_sender(sender)
        return sender

    def mask(self) -> str | None:
        """Return FROM_MASK, cut as the service cuts it."""
        return (self.root.get("FROM_MASK") or "")[:LONGEST_MASK] or None

    def flag(self, name: str) -> bool:
        """Return whether a switch says ``yes``, or ``true`` as one page has it."""
        return (self.root.get(name) or "").lower() in {"yes", "true"}


@attrs.frozen(kw_only=True)
class Action:
    """One of the service's calls."""

    name: str
    """Its published spelling."""
    run: Callable[[Ask], Fields]
    mms: bool = True
    """Whether accounts for SMS alone are refused."""
    bare: bool = False
    """Whether its answer has no STATUS at the top."""
    to: str = "TO"
    """Where the recipient stands."""
    echoes: tuple[str, ...] = ("TO",)
    """Nodes of the request that a failure repeats."""


def is_number(text: str) -> bool:
    """Tell whether *text* is an international number: digits alone, no trunk prefix."""
    return bool(_NUMBER.fullmatch(text))
