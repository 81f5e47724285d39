"""What was sent: a row for each message to each handset, with how far it has come."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

from mmsclient.simulator.content import Delivery, Kind, Outgoing

if TYPE_CHECKING:
    from collections.abc import Sequence


#: scheduled -> pending -> sent (handed to the carrier) -> delivered, failed or expired. What was
#: scheduled can be cancelled.
Status: TypeAlias = Literal[
    "scheduled", "pending", "sent", "delivered", "failed", "expired", "cancelled"
]

FINAL: frozenset[Status] = frozenset({"delivered", "failed", "expired", "cancelled"})


@attrs.define(kw_only=True, eq=False)
class Sent:
    """One message to one handset. Times are seconds of the service's clock."""

    serial: int
    """Counted from 1 over all accounts."""
    account: int
    """Which account sent it, counted from 0."""
    message: Outgoing = attrs.field(repr=False)
    status: Status = "pending"
    changed_at: float = 0.0
    """When it came to that."""
    sent_as: Kind | None = None
    """As what it was handed to the carrier."""
    delivery: Delivery | None = attrs.field(default=None, repr=False)
    """What the handset received."""
    replies: int = 0
    hits: int = 0
    """How often its tracked link was opened."""
    opted_out: bool = False
    """Whether a reply to it asked for no more messages."""
    posted: tuple[int, ...] = ()
    """The serials of what was posted about it, as the simulator may still have it."""
    document: int | None = None
    """The call that sent it, as the simulator may still have it."""

    @property
    def to(self) -> str:
        """The handset's number."""
        return self.message.to

    @property
    def leaves_at(self) -> float:
        """When it leaves, or left: its schedule, or else its acceptance."""
        return max(self.message.due, self.message.accepted_at)


class Register:
    """All rows, by who asks for them."""

    def __init__(self) -> None:
        self.rows: list[Sent] = []
        self._by_id: dict[tuple[int, str], list[Sent]] = defaultdict(list)
        self._by_account: dict[tuple[int, str], list[Sent]] = defaultdict(list)
        self._by_handset: dict[str, list[Sent]] = defaultdict(list)

    def enter(self, message: Outgoing, account: int) -> Sent:
        """Make the row of a message that was accepted."""
        row = Sent(
            serial=len(self.rows) + 1,
            account=account,
            message=message,
            changed_at=message.accepted_at,
        )
        self.rows.append(row)
        self._by_account[account, message.service].append(row)
        self._by_id[account, message.tracking_id].append(row)
        self._by_handset[message.to].append(row)
        return row

    def of(self, account: int, service: str) -> Sequence[Sent]:
        """Return what an account sent through a service, oldest first."""
        return self._by_account.get((account, service), ())

    def known_as(self, account: int, tracking_id: str) -> Sequence[Sent]:
        """Return the rows an account was told this identifier for."""
        return self._by_id.get((account, tracking_id), ())

    def last_for(self, number: str, most: int) -> list[Sent]:
        """Return what was sent to a handset last, in order of acceptance, arrived or not."""
        return self._by_handset.get(number, [])[-most:]

    def at_handset(self, number: str) -> list[Sent]:
        """Return what reached a handset, in order of arrival."""
        rows = [row for row in self._by_handset.get(number, ()) if row.delivery]
        return sorted(rows, key=lambda row: (row.changed_at, row.serial))
