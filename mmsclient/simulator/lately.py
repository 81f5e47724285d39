"""Which phones something happened to of late, and what their owners wrote."""

from __future__ import annotations

from collections import OrderedDict, deque
from itertools import islice
from typing import TypeVar

import attrs

from mmsclient.simulator.inbound import Inbound

T = TypeVar("T")

#: So many phones are remembered here, and so many messages that the owner of each wrote.
MOST_PHONES, MOST_WRITTEN = 1000, 200


@attrs.define(eq=False)
class Lately:
    """The phones, in the order of what happened last. It counts all changes, to tell them apart."""

    changes: int = 0
    _phones: OrderedDict[str, int] = attrs.field(factory=OrderedDict, repr=False)
    _written: OrderedDict[str, deque[Inbound]] = attrs.field(factory=OrderedDict, repr=False)
    _text_only: OrderedDict[str, bool] = attrs.field(factory=OrderedDict, repr=False)

    def touch(self, number: str | None) -> None:
        """Note that something happened to a phone."""
        self.changes += 1
        if number is None:
            return
        _put(self._phones, number, self.changes)

    def wrote(self, row: Inbound) -> None:
        """Note a message that a phone's owner wrote."""
        rows = self._written.get(row.sender) or deque(maxlen=MOST_WRITTEN)
        rows.append(row)
        _put(self._written, row.sender, rows)
        self.touch(row.sender)

    def make(self, number: str, *, text_only: bool) -> None:
        """Make a phone one that shows no vCard, calendar or PDF, as all but those with iOS."""
        _put(self._text_only, number, text_only)
        self.touch(number)

    def text_only(self, number: str) -> bool:
        """Tell whether a phone shows no vCard, calendar or PDF."""
        return self._text_only.get(number, False)

    def written(self, number: str) -> list[Inbound]:
        """Return what a phone's owner wrote last, oldest first."""
        return list(self._written.get(number, ()))

    def changed(self, number: str) -> int:
        """Return which change was the phone's last; 0: none that is remembered."""
        return self._phones.get(number, 0)

    def phones(self, most: int) -> list[str]:
        """Return the phones something happened to last, the latest first."""
        return list(islice(reversed(self._phones), most))

    def __len__(self) -> int:
        return len(self._phones)


def _put(phones: OrderedDict[str, T], number: str, value: T) -> None:
    """Remember something of a phone, and forget the phone it was longest ago for."""
    phones[number] = value
    phones.move_to_end(number)
    if len(phones) > MOST_PHONES:
        phones.popitem(last=False)
