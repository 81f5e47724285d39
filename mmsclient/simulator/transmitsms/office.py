"""What the service keeps for one account beside the shared model: messages as it counts them."""

from __future__ import annotations

import secrets
from collections import Counter
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

import attrs

from mmsclient.simulator.accounts import PRICE, Book
from mmsclient.simulator.contacts import ContactList
from mmsclient.simulator.sent import Sent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mmsclient.simulator.sent import Status

#: The service's words for how far a message is: in most reports, and where bounces are told apart.
COARSE: Mapping[Status, str] = {
    "scheduled": "pending",
    "pending": "pending",
    "sent": "pending",
    "delivered": "delivered",
    "failed": "bounced",
    "expired": "bounced",
    "cancelled": "pending",
}
FINE: Mapping[Status, str] = {**COARSE, "failed": "hard-bounce", "expired": "soft-bounce"}

#: Numbers to lease, and the pool that is shared. All are reserved for fiction.
_SHELF = ("61491570156", "61491570157", "61491570158", "61491570159", "61491570110")
_POOL = ("61491570006", "61491570007")

#: Where numbers of clients start.
_FIRST_USER = 2_000


@attrs.define(kw_only=True, eq=False)
class Batch:
    """One message as the service counts them: what one call sent, to one or many."""

    id: int
    text: str = attrs.field(repr=False)
    """As it was sent, with its variables."""
    created_at: float
    due: float = 0.0
    sender: str = attrs.field(repr=False)
    listed: ContactList | None = attrs.field(default=None, repr=False)
    rows: list[Sent] = attrs.field(factory=list, repr=False)
    cost: Decimal = Decimal(0)
    parts: int = 0
    """SMS parts over all recipients."""

    @property
    def leaves_at(self) -> float:
        """When it leaves, or left."""
        return max(self.created_at, self.due)

    @property
    def cancelled(self) -> bool:
        """Whether it was taken back."""
        return any(row.status == "cancelled" for row in self.rows)

    def counts(self) -> Counter[str]:
        """Return how many messages are how far, in the service's words."""
        found = Counter(FINE[row.status] for row in self.rows if row.status != "cancelled")
        found["bounced"] = found["soft-bounce"] + found["hard-bounce"]
        found["responses"] = sum(row.replies for row in self.rows)
        found["optouts"] = sum(row.opted_out for row in self.rows)
        found["hits"] = sum(row.hits for row in self.rows)
        return found


@attrs.frozen(kw_only=True)
class Transaction:
    """One movement of money."""

    id: int
    amount: Decimal
    left: Decimal
    """What was left afterwards."""
    at: float
    type_id: int
    description: str
    batch: Batch | None = attrs.field(default=None, repr=False)


@attrs.define(kw_only=True, eq=False)
class Import:
    """One upload of contacts: counts of rows."""

    completed_at: float
    failed: bool = False
    rows: int = 0
    imported: int = 0
    duplicates: int = 0
    skipped: int = 0
    optout: int = 0


@attrs.define(kw_only=True, eq=False)
class Office:
    """One account's papers."""

    book: Book = attrs.field(repr=False)
    batches: dict[int, Batch] = attrs.field(factory=dict, repr=False)
    """Identifier -> message, oldest first."""
    emails: dict[str, int] = attrs.field(factory=dict, repr=False)
    """Address that may send -> parts its messages may have."""
    imports: dict[int, Import] = attrs.field(factory=dict, repr=False)
    transactions: list[Transaction] = attrs.field(factory=list, repr=False)
    profile: dict[str, str] = attrs.field(factory=dict, repr=False)
    """What a client told about itself, by parameter."""

    @property
    def user_id(self) -> int:
        """The number of the account."""
        return _FIRST_USER + self.book.index


class Offices:
    """The papers of all accounts, and numbers to lease."""

    def __init__(self, books: Sequence[Book]) -> None:
        self._books = books
        self._offices: dict[int, Office] = {}
        self._transactions = count(17_000_001)
        self._pool = count()

    @property
    def shelf(self) -> list[str]:
        """Numbers that nobody has leased."""
        return [
            number for number in _SHELF if not any(number in book.leases for book in self._books)
        ]

    def of(self, book: Book) -> Office:
        """Return the papers of an account."""
        office = self._offices.get(book.index)
        if office is None:
            office = self._offices[book.index] = Office(book=book)
            left = book.balance
            self._enter(office, left, left, at=book.created_at, type_id=23, text="Credit Top Up")
        return office

    def shared_sender(self) -> str:
        """Return a number of the shared pool: it can be another one each time."""
        return _POOL[next(self._pool) % len(_POOL)]

    def charge(self, office: Office, batch: Batch) -> None:
        """Enter what a message has cost; it is paid already."""
        self._enter(
            office,
            -batch.cost,
            office.book.balance,
            at=batch.created_at,
            type_id=1,
            text="SMS",
            batch=batch,
        )

    def refund(self, office: Office, batch: Batch, now: float) -> None:
        """Enter what came back for a message."""
        left = office.book.balance
        self._enter(office, batch.cost, left, at=now, type_id=2, text="SMS cancelled", batch=batch)

    def bill(self, office: Office, amount: int, text: str, now: float) -> None:
        """Enter what was billed besides; it does not lessen what messages can be paid from."""
        left = office.book.balance
        self._enter(office, Decimal(-amount), left, at=now, type_id=3, text=text)

    def _enter(
        self,
        office: Office,
        amount: Decimal,
        left: Decimal,
        *,
        at: float,
        type_id: int,
        text: str,
        batch: Batch | None = None,
    ) -> None:
        row = Transaction(
            id=next(self._transactions),
            amount=amount,
            left=left,
            at=at,
            type_id=type_id,
            description=text,
            batch=batch,
        )
        office.transactions.append(row)


def cost_of(parts: int) -> Decimal:
    """Return what so many parts cost."""
    return PRICE * parts


def new_key() -> str:
    """Return a fresh key, or secret, of an account."""
    # With a letter in front it is no number, whatever comes after it.
    return f"k{secrets.token_hex(16)}"
