"""When a run waits because nothing gets through, and when it tries again. Pure: time is passed in."""

from __future__ import annotations

import math
from random import random

#: Seconds of the first wait and of the longest; each is twice the one before.
FIRST, LONGEST = 1.0, 60.0

#: Calls in a row of which nobody knows what became, after which the next goes alone: whatever
#: breaks answers must not make a campaign of unknowns.
DOUBTFUL = 3


class Patience:
    """Holds a run back while calls fail, and lets single ones through to see whether they still do.

    The outage of a connection needs one failure to be noticed. A call that got no answer may be an
    accident; three in a row are none. Calls that left before a wait began say nothing new.
    """

    def __init__(self) -> None:
        self._epoch = 0
        """Counts waits; a call belongs to the epoch in which it was let through."""
        self._until = 0.0
        self._probing = False
        self._waits = 0
        self.holds = False
        """Whether the run waits for things to get better."""
        self.doubtful = 0
        """Calls in a row of which it is not known what became."""

    def wait(self, now: float) -> float:
        """Return the seconds until one may be let through; infinity: until more is heard."""
        if not self.holds:
            return 0.0
        return math.inf if self._probing else max(0.0, self._until - now)

    def let_through(self) -> int:
        """Let one through; return its epoch, to be told with what became of it."""
        self._probing = self.holds
        return self._epoch

    def is_old(self, epoch: int) -> bool:
        """Whether something was let through before the present wait began."""
        return epoch < self._epoch

    def well(self) -> None:
        """Hear that the service gave an answer that can be understood."""
        self.holds = self._probing = False
        self._waits = self.doubtful = 0

    def doubt(self, epoch: int, now: float) -> None:
        """Hear that it is not known what became of a call."""
        if self.is_old(epoch):
            return
        self.doubtful += 1
        if self.doubtful >= DOUBTFUL or self.holds:
            self.failed(epoch, now)

    def failed(self, epoch: int, now: float) -> None:
        """Hear that a call did not get through."""
        if self.holds and epoch < self._epoch:
            return
        self._epoch += 1
        self.holds, self._probing = True, False
        longest = min(LONGEST, FIRST * 2**self._waits)
        self._waits = min(self._waits + 1, 10)
        # Several programs that wait for one service must not come back at one moment.
        self._until = now + longest * (0.5 + random() / 2)  # noqa: S311 - no secret

    def back(self, epoch: int) -> None:
        """Hear that one that was let through was not sent, for other reasons."""
        if epoch == self._epoch:
            self._probing = False
