"""Numbers an account has leased, and the keywords on them."""

from __future__ import annotations

from datetime import date

import attrs


@attrs.define(kw_only=True, eq=False)
class Lease:
    """One leased number."""

    number: str = attrs.field(repr=False)
    price: int = 25
    """A month."""
    next_charge: date | None = None
    active: bool = True
    options: dict[str, str] = attrs.field(factory=dict, repr=False)
    """What is done with messages to it, in the service's own words."""


@attrs.define(kw_only=True, eq=False)
class Keyword:
    """One keyword: the first word of messages to a number."""

    word: str
    number: str = attrs.field(repr=False)
    serial: int
    """Never told, but asked for."""
    list_id: int = 0
    open: bool = True
    billing_date: date | None = None
    options: dict[str, str] = attrs.field(factory=dict, repr=False)
    """Its reference and texts, in the service's own words."""

    def starts(self, to: str, text: str) -> bool:
        """Tell whether a message to this number begins with it."""
        first, *_ = text.split(maxsplit=1) or [""]
        return self.open and to == self.number and first.lower() == self.word.lower()
