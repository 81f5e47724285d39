"""Contact lists of an account, and who is on them."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

#: Why a number that was on a list is not active on it any more.
Gone: TypeAlias = Literal["opted out", "deleted"]


@attrs.define(kw_only=True, eq=False)
class Contact:
    """One number on one list."""

    number: str = attrs.field(repr=False)
    first_name: str | None = attrs.field(default=None, repr=False)
    last_name: str | None = attrs.field(default=None, repr=False)
    data: dict[int, str] = attrs.field(factory=dict, repr=False)
    """Number of the list's own field -> value."""
    created_at: float
    """Seconds of the service's clock."""
    gone: Gone | None = None

    @property
    def active(self) -> bool:
        """Whether it is sent to."""
        return self.gone is None


@attrs.define(kw_only=True, eq=False)
class ContactList:
    """One list."""

    id: int
    name: str
    fields: dict[int, str] = attrs.field(factory=dict)
    """Number of a field of its own, from 1 -> its name."""
    created_at: float | None
    """None for lists the service made itself."""
    contacts: dict[str, Contact] = attrs.field(factory=dict, repr=False)
    """Number -> contact, in the order they were added; those who have gone stay."""

    @property
    def active(self) -> list[Contact]:
        """Those who are sent to."""
        return [contact for contact in self.contacts.values() if contact.active]

    def opt_out(self, number: str) -> bool:
        """Let a number leave, and tell whether it was there."""
        contact = self.contacts.get(number)
        if contact is None or not contact.active:
            return False
        contact.gone = "opted out"
        return True
