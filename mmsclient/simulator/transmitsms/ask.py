"""One call that was let in, and what calls have in common: times, rows by pages, contacts."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import attrs

from mmsclient.simulator.accounts import Book
from mmsclient.simulator.course import Course
from mmsclient.simulator.faults import Fault
from mmsclient.simulator.rest import RestError
from mmsclient.simulator.transmitsms.numbering import Number, country_code, number
from mmsclient.simulator.transmitsms.office import Office, Offices
from mmsclient.simulator.transmitsms.params import MOST_ROWS, ROWS, Params, empty, invalid
from mmsclient.simulator.transmitsms.posts import Posts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mmsclient.simulator.contacts import ContactList
    from mmsclient.simulator.transmitsms.document import Body
    from mmsclient.simulator.transmitsms.office import Batch
    from mmsclient.simulator.vendor import Vendor

T = TypeVar("T")

_STAMP = "%Y-%m-%d %H:%M:%S"


@attrs.frozen(kw_only=True)
class Ask:
    """What a call works on."""

    course: Course
    offices: Offices
    posts: Posts
    book: Book
    params: Params
    fate: Fault | None
    """The fault that strikes this call, if any."""

    @property
    def vendor(self) -> Vendor:
        """The service behind the wire."""
        return self.course.vendor

    @property
    def office(self) -> Office:
        """The account's papers."""
        return self.offices.of(self.book)

    @property
    def now(self) -> float:
        """Seconds of the service's clock."""
        return self.vendor.clock.now()

    def date(self, at: float) -> datetime:
        """Return the calendar time of that moment, in UTC."""
        return self.vendor.clock.date(at)

    def stamp(self, at: float) -> str:
        """Return the time stamp of that moment."""
        return self.date(at).strftime(_STAMP)

    def seconds(self, moment: datetime) -> float:
        """Return the moment of a calendar time, in seconds of the service's clock."""
        return self.now + (moment - self.date(self.now)).total_seconds()

    def window(self, *, default: timedelta | None = None, most: timedelta | None = None) -> Window:
        """Return the span of time between ``start`` and ``end``, or refuse."""
        end = self.params.moment("end", ends=True)
        start = self.params.moment("start")
        if start and end and (end < start or (most and end - start > most + timedelta(days=1))):
            raise invalid("end")
        if start is None and default is not None:
            start = (end or self.date(self.now)) - default
        return Window(self, start, end)

    def page(self, key: str, rows: Sequence[T], show: Callable[[T], Body], **head: object) -> Body:
        """Return one page of rows: without any, their key is missing."""
        asked = self.params.whole("page", 1) or 1
        size = self.params.whole("max", 1, MOST_ROWS) or ROWS
        shown = [dict(show(row)) for row in rows[(asked - 1) * size : asked * size]]
        count = max(1, math.ceil(len(rows) / size))
        page = {"count": count, "number": asked}
        return {"page": page, **head, **({key: shown} if shown else {})}

    def batch(self, name: str = "message_id") -> Batch:
        """Return the message that a parameter names, or refuse."""
        found = self.office.batches.get(self.params.id(name))
        if found is None:
            raise RestError("NOT_FOUND", "Message with this ID does not exist")
        return found

    def contact_list(self, name: str = "list_id") -> ContactList:
        """Return the list that a parameter names, or refuse."""
        found = self.book.lists.get(self.params.id(name))
        if found is None:
            raise RestError("NOT_FOUND", "List with this ID does not exist")
        return found

    def number(self, name: str) -> Number:
        """Return the number that a parameter holds, or refuse."""
        found = number(self.params.need(name), self.country())
        if found is None:
            raise invalid(name, f'Field "{name}" is not a valid number.')
        return found

    def country(self) -> str | None:
        """Return the country code of ``countrycode``, or None, or refuse."""
        sent = self.params.get("countrycode")
        if sent is None:
            return None
        code = country_code(sent)
        if code is None:
            raise invalid("countrycode")
        return code


@attrs.frozen
class Window:
    """A span of time."""

    _ask: Ask
    start: datetime | None
    end: datetime | None

    def has(self, at: float) -> bool:
        """Tell whether that moment lies in it."""
        date = self._ask.date(at)
        return (self.start is None or self.start <= date) and (self.end is None or date <= self.end)

    def required(self) -> Window:
        """Return it, or refuse a call that left one of its ends out."""
        if self.start is None or self.end is None:
            raise empty("start" if self.start is None else "end")
        return self
