"""What the service keeps for one account besides the messages themselves."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import attrs

from mmsclient.simulator.accounts import PLENTY, Book

#: "A custom id costs a third more": what is paid for each part on top of its credit.
SURCHARGE, NOTHING = Decimal("0.33"), Decimal(0)

#: Below so many credits every answer to a send says so.
LOW = 50


@attrs.frozen(kw_only=True)
class TextTemplate:
    """A text with places to fill. Times are seconds of the service's clock."""

    id: str
    title: str = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    created_at: float = 0.0


@attrs.define(kw_only=True)
class OwnNumber:
    """A number that its owner wants to be shown as sender."""

    id: str
    name: str = attrs.field(repr=False)
    number: str = attrs.field(repr=False)
    code: str = attrs.field(repr=False)
    """The one-time code that was sent to it."""
    verified: bool = False


@attrs.define(kw_only=True)
class Folder:
    """One account's own things."""

    book: Book = attrs.field(repr=False)
    templates: list[TextTemplate] = attrs.field(factory=list, repr=False)
    names: set[str] = attrs.field(factory=set, repr=False)
    """Sender names that were asked for."""
    own_numbers: dict[str, OwnNumber] = attrs.field(factory=dict, repr=False)
    pages: list[dict[str, Any]] = attrs.field(factory=list, repr=False)
    """Opt-out pages."""
    sources: dict[str, str] = attrs.field(factory=dict, repr=False)
    """Id of a message -> the product that sent it."""
    deleted: set[str] = attrs.field(factory=set, repr=False)
    """Ids of messages that were deleted."""
    surcharges: Decimal = NOTHING
    newer: bool = False
    """Whether the account uses the API with a token: what it is told has that one's shapes."""

    @property
    def credits(self) -> Decimal:
        """How many credits are left."""
        credit = self.book.account.credit
        return (PLENTY if credit is None else credit) - self.book.paid - self.surcharges

    def can_pay(self, parts: int, surcharge: Decimal = NOTHING) -> bool:
        """Tell whether there is credit for a call."""
        return self.book.account.credit is None or self.credits >= parts + surcharge

    @property
    def alert(self) -> str | None:
        """What is said when little credit is left."""
        if self.credits >= LOW:
            return None
        return f"Only {self.credits:.2f} credits are left in your account, please top up"

    def template(self, template_id: str) -> TextTemplate | None:
        """Return a template, if there is one of that id."""
        return next((one for one in self.templates if one.id == template_id), None)

    def add_template(self, title: str, text: str, now: float) -> TextTemplate:
        """Store a template."""
        made = TextTemplate(id=uuid.uuid4().hex, title=title, text=text, created_at=now)
        self.templates.append(made)
        return made


def folder_of(book: Book) -> Folder:
    """Return a fresh folder, with the templates the account starts with."""
    folder = Folder(book=book)
    for title, text in book.account.cellcast.templates.items():
        folder.add_template(title, text, 0.0)
    return folder
