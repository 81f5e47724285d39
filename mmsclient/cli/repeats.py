"""Which numbers of a list came before, within a bounded memory."""

from __future__ import annotations

import attrs

from mmsclient.errors import InvalidMessageError
from mmsclient.numbers import clean_number

#: Numbers remembered at most; their hashes take some 70 MB then.
LIMIT = 1_000_000


@attrs.define
class Repeats:
    """Counts rows whose number stood in a row before."""

    limit: int = LIMIT
    count: int = 0
    full: bool = False
    """Whether numbers came that could no longer be remembered."""
    _seen: set[int] = attrs.field(factory=set, init=False, repr=False)

    def again(self, number: str) -> bool:
        """Return whether this number came before; remember it."""
        try:
            mark = hash(clean_number(number))
        except InvalidMessageError:
            return False  # it is refused anyhow
        if mark in self._seen:
            self.count += 1
            return True
        if len(self._seen) < self.limit:
            self._seen.add(mark)
        else:
            self.full = True
        return False
