"""The book of all calls, as the service saw them."""

from __future__ import annotations

from collections import defaultdict

import attrs

from mmsclient.simulator.limits import worst_window
from mmsclient.simulator.minute import Minute


@attrs.frozen(kw_only=True)
class SeenCall:
    """One call. Neither key nor number nor text is kept."""

    at: float
    """When the service looked at it: seconds since the simulator's start, as they pass."""
    service: str = "skycore"
    """The service it came to."""
    action: str
    """The service's name of the call; empty where it could not be read."""
    verdict: str
    """``accepted``, a code, ``HTTP`` and a status, or the fault that struck before."""
    refused_for_rate: bool = False
    """Whether the account's limit refused it. A throttling fault is not this."""
    counted: bool = False
    """Whether it stands in the window of the account's limit."""
    fault: str | None = None
    """The fault that struck, if any."""
    account: int | None = None
    """Which account, counted from 0; None where nobody was let in."""


class Ledger:
    """All calls, in the order in which the service looked at them."""

    def __init__(self) -> None:
        self.calls: list[SeenCall] = []
        self.refused_for_rate = 0
        self.minutes: defaultdict[int, Minute] = defaultdict(Minute)
        """Account -> its calls of late, second by second."""

    def add(self, call: SeenCall) -> None:
        """Enter a call."""
        self.calls.append(call)
        self.refused_for_rate += call.refused_for_rate
        if call.account is not None:
            self.minutes[call.account].add(call.at, refused=call.refused_for_rate)

    def worst(self, account: int, per: float) -> int:
        """Return the most calls that one account's limit counted in any window of *per* seconds."""
        times = [call.at for call in self.calls if call.counted and call.account == account]
        return worst_window(times, per)
