"""What handsets sent to accounts, with marks for what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from mmsclient.simulator.content import Kind
from mmsclient.simulator.leases import Keyword
from mmsclient.simulator.sent import Sent

if TYPE_CHECKING:
    from collections.abc import Collection


#: A text of one such word ends all messages from the account it goes to, whatever its case.
STOP: frozenset[str] = frozenset({"stop", "unsubscribe", "cancel", "end", "quit"})


@attrs.define(kw_only=True, eq=False)
class Draft:
    """A message from a handset, not yet sent."""

    service: str
    """The service whose number it goes to."""
    kind: Kind = "sms"
    sender: str = attrs.field(repr=False)
    """The handset's number."""
    to: str = attrs.field(repr=False)
    """The number or code it goes to."""
    text: str = attrs.field(default="", repr=False)
    subject: str | None = attrs.field(default=None, repr=False)
    files: tuple[str, ...] = attrs.field(default=(), repr=False)
    """Addresses of what comes with an MMS."""
    answers: Sent | None = attrs.field(default=None, repr=False)
    """The message it replies to."""


@attrs.define(kw_only=True, eq=False)
class Inbound(Draft):
    """One message as it came in. Times are seconds of the service's clock."""

    serial: int
    """Counted from 1 over all accounts."""
    id: str
    """As the service calls it."""
    at: float
    opts_out: bool = False
    """Whether it asks for no more messages."""
    keyword: Keyword | None = attrs.field(default=None, repr=False)
    """The account's keyword it starts with."""
    read: bool = False
    posted: tuple[int, ...] = ()
    """The serials of what was posted about it, as the simulator may still have it."""


class Inbox:
    """What came in for one account, oldest first."""

    def __init__(self) -> None:
        self.rows: list[Inbound] = []

    def add(self, row: Inbound) -> None:
        """Take a message in."""
        self.rows.append(row)

    def of(self, service: str) -> list[Inbound]:
        """Return what came in for a service, newest first."""
        return [row for row in reversed(self.rows) if row.service == service]

    def unread(self, service: str, kind: Kind) -> list[Inbound]:
        """Return what nobody has marked as read, newest first."""
        return [row for row in self.of(service) if row.kind == kind and not row.read]

    def mark_read(
        self, service: str, *, ids: Collection[str] | None = None, before: float | None = None
    ) -> list[Inbound]:
        """Mark these as read, or all from before a time, or all; return what was marked."""
        marked = [
            row
            for row in self.of(service)
            if not row.read
            and (ids is None or row.id in ids)
            and (before is None or row.at < before)
        ]
        for row in marked:
            row.read = True
        return marked


def asks_to_stop(text: str) -> bool:
    """Tell whether a text asks for no more messages."""
    return text.strip().rstrip(".!").lower() in STOP
