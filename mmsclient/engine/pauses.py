"""What refusals for rate mean for everybody: how long to pause, and how fast to go on."""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmsclient.wire import Rate

#: Without word from the service a first pause lasts this many slots, the next twice as many …
FIRST_PAUSE_SLOTS = 3
#: … up to this many seconds, or one slot where a slot is longer.
LONGEST_PAUSE = 8.0
#: So many clean calls in a row, or a window of them where that is less, end the doubling.
CALM = 15
#: The longest wait a service can impose, so that one odd answer does not stop a process for ever.
LONGEST_RETRY_AFTER = 3600.0
#: Pauses are drawn out by up to this share, so that several processes do not come back together.
JITTER = 0.25

#: Slowing down multiplies the rate by this …
BACKING_OFF = 0.85
#: … never below this share of the permitted rate, and each clean window adds this share of it.
SLOWEST, RECOVERY = 0.1, 0.05


class Pauses:
    """The state that refusals leave behind. Pure: the clock's reading is passed in."""

    def __init__(self, rate: Rate, random: Random | None = None) -> None:
        self._rate = rate
        self._random = random or Random()  # noqa: S311 - spreads pauses, keeps no secret
        self._began = -math.inf
        self._streak = 0
        self._clean = 0
        self.until = -math.inf
        """Nobody leaves before this reading of the clock."""
        self.share = 1.0
        """The share of the permitted rate to run at."""

    def refused(self, now: float, left_at: float, retry_after: float | None) -> bool:
        """Take in a refusal of a call that left at *left_at*; return whether a pause began.

        Calls that were under way when a pause began are refused for the same reason: they can
        lengthen it, but they count once.
        """
        self._clean = 0
        usable = retry_after is not None and retry_after > 0  # which NaN is not either
        told = min(retry_after or 0.0, LONGEST_RETRY_AFTER) if usable else 0.0
        began = left_at >= self._began and now >= self.until
        if began:
            self._began = now
            self._streak += 1
        length = told * (1 + JITTER * self._random.random() / 5) if told else self._length()
        self.until = max(self.until, now + length) if began or told else self.until
        return began

    def slow_down(self) -> None:
        """Go on slower after the pause."""
        self.share = max(SLOWEST, self.share * BACKING_OFF)

    def clean(self, left_at: float) -> bool:
        """Take in an answer that was no refusal; return whether it completes a clean window."""
        if left_at < self.until:
            return False
        self._clean += 1
        if self._clean >= min(CALM, self._rate.calls):
            self._streak = 0
        if self._clean < self._rate.calls:
            return False
        self._clean = 0
        self.share = min(1.0, self.share + RECOVERY)
        return True

    def _length(self) -> float:
        slots = FIRST_PAUSE_SLOTS * 2.0 ** min(self._streak - 1, 30)
        longest = max(LONGEST_PAUSE, self._rate.interval)
        jitter = 1 + JITTER * self._random.random()
        return min(slots * self._rate.interval, longest) * jitter
