"""One call that was let in, and how its fields are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import attrs

from mmsclient.simulator.accounts import Book
from mmsclient.simulator.cellcast.codes import empty, invalid
from mmsclient.simulator.cellcast.folder import Folder
from mmsclient.simulator.faults import Fault
from mmsclient.simulator.vendor import Vendor

if TYPE_CHECKING:
    from mmsclient.simulator.cellcast.terms import CellcastTerms

#: What no page number comes near.
_LONGEST_NUMBER = 9


@attrs.frozen(kw_only=True)
class Ask:
    """What an action works on."""

    vendor: Vendor
    book: Book
    folder: Folder
    action: str
    """The name of the call."""
    fields: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    """Of a JSON object, a query or a form; of a form a file is a Part, every other field text."""
    items: tuple[Any, ...] = attrs.field(default=(), repr=False)
    """Of a JSON list."""
    id: str = ""
    """What the path names."""
    fate: Fault | None = None
    """The fault that strikes this call, if any."""
    several: bool = False
    """Whether it is for several numbers: each of them then has its own fate."""
    queued: bool = False
    """Whether its messages wait, being over the throughput."""

    @property
    def terms(self) -> CellcastTerms:
        """How answers look."""
        return self.book.account.cellcast

    @property
    def now(self) -> float:
        """Seconds of the service's clock."""
        return self.vendor.clock.now()

    def need(self, name: str) -> str:
        """Return a text that has to be there, or refuse."""
        value = self.fields.get(name)
        if value in (None, ""):
            raise empty(name)
        if not isinstance(value, str):
            raise invalid(name, "is not text")
        return value

    def text(self, name: str, fits: Callable[[str], bool] = bool, rule: str = "") -> str | None:
        """Return a text that may be left out, or refuse: "Leave empty optional fields out"."""
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not value or not fits(value):
            raise invalid(name, rule or "is empty or not text")
        return value

    def page(self, name: str = "page", default: int = 1) -> int:
        """Return the number of the page that is asked for, or refuse."""
        value = str(self.fields.get(name, default))
        digits = value.isascii() and value.isdigit() and len(value) <= _LONGEST_NUMBER
        if not digits or int(value) < 1:
            raise invalid(name, "is no whole number from 1 on")
        return int(value)


@attrs.frozen(kw_only=True)
class Action:
    """One of the service's calls."""

    name: str
    """Its name for faults and the ledger."""
    method: str = "POST"
    path: str
    """Where it stands; a last piece ``{id}`` takes any."""
    run: Callable[[Ask], object] = attrs.field(repr=False)
    """Returns a Told, or the whole body of the answer."""
    mms: bool = False
    """Whether accounts for SMS alone are refused."""
    body: Literal["query", "json", "list", "form"] = "json"
    newer: bool = False
    """Whether it belongs to the API with a token."""
