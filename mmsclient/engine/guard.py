"""The window guard: no window of the service's clock can hold more calls than permitted.

A token is taken as a call leaves and comes back some time after the call's answer. The service
saw the call before it answered, so with a hold of one window every call it sees arrives at least
one window after the call whose token it uses. That holds for fixed and for sliding windows and
for buckets, whatever the network does to single calls.

A shorter hold gives back some of the round trip, which is safe as far as no path is shorter. How
far that is, and whether the service counts windows at all, only its refusals tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmsclient.engine.tokens import Tokens

#: The first share of the window that is given back …
FIRST_CREDIT = 0.0005
#: … grows by this factor with every clean call until the first refusal, and by the next after it …
FIRST_GROWTH, GROWTH = 1.03, 1.0004
#: … and each refusal leaves this much of it, raised to the number of refusals in a row.
CUT = 0.9
#: Refusals in a row that count.
LONGEST_ROW = 12
#: The first refusal tells of a growth that was too quick: it leaves this much.
FIRST_CUT = 0.7
#: Where less than this share of the window is to be won, its refusals cost more than it brings:
#: the whole window is held for so many calls, then tried again.
WORTHWHILE = 0.015
REST = 1000


class Credit:
    """How much of the window is given back to calls, learnt from refusals alone.

    It grows in proportion to itself while nothing is refused and shrinks in proportion with a
    refusal: some four in a thousand calls are refused in the end, whatever rate, path and
    counting rule are.
    """

    def __init__(self, window: float) -> None:
        self._window = window
        self.seconds = 0.0
        self._begin()

    def _begin(self) -> None:
        self.seconds = FIRST_CREDIT * self._window
        self._growing_first = True
        self._row = self._resting = 0

    @property
    def whole(self) -> bool:
        """Whether the whole window is given back, so that the guard is off."""
        return self.seconds >= self._window

    def clean(self, *, window: bool) -> None:
        """Take in a call that was not refused; *window*: it completes a whole clean one."""
        self._row = 0 if window else self._row
        if self._resting:
            self._resting -= 1
            if not self._resting:
                self._begin()
            return
        growth = FIRST_GROWTH if self._growing_first else GROWTH
        self.seconds = min(self._window, self.seconds * growth)

    def refused(self) -> bool:
        """Take in a refusal that begins a pause; return whether there was credit to take back."""
        if self._resting:
            self._resting = REST
            return False
        self._row = min(self._row + 1, LONGEST_ROW)
        self.seconds *= FIRST_CUT if self._growing_first else CUT**self._row
        self._growing_first = False
        if self.seconds < WORTHWHILE * self._window:
            self.seconds, self._resting = 0.0, REST
        return True


class WindowGuard:
    """Says when a token may be taken and when it comes back. Pure: the clock's reading is given.

    Args:
        tokens: how many calls any window may hold, and where they are.
        window: its length in seconds.
        adaptive: whether the hold follows what the service refuses, or is always one window.
    """

    def __init__(self, tokens: Tokens, window: float, *, adaptive: bool) -> None:
        self._tokens = tokens
        self._window = window
        self._credit = Credit(window) if adaptive else None
        self.next_return = tokens.next_return
        self.take = tokens.take
        self.give_back = tokens.give_back

    @property
    def hold(self) -> float:
        """Seconds from an answer to the return of its token."""
        return self._window - (0.0 if self._credit is None else self._credit.seconds)

    def ready(self, now: float) -> bool:
        """Return whether a token is there at *now*, or none is needed."""
        # Without a guard calls are still counted, so that none are forgotten when it returns.
        return self._tokens.ready(now) or (self._credit is not None and self._credit.whole)

    def earliest(self, now: float) -> float:
        """Return the earliest time at which a token can be there, as far as it is known."""
        if self.ready(now):
            return now
        known = self._tokens.next_return()
        return now if known is None else known

    def answered(self, now: float) -> None:
        """Return the token of a call whose answer is there, or whose connection is gone."""
        self._tokens.return_at(now + self.hold)

    def clean(self, *, window: bool) -> None:
        """Take in a call not refused for rate; *window*: it completes a window of such."""
        if self._credit is not None:
            self._credit.clean(window=window)

    def refused(self) -> bool:
        """Take in a refusal that began a pause; return whether the guard could take it up."""
        return self._credit is not None and self._credit.refused()
