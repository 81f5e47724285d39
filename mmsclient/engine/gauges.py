"""What a limiter tells of itself: its state, and the changes of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("mmsclient")

#: A hold that has moved by this share of the window is worth telling.
NOTABLE = 0.02

Why: TypeAlias = Literal["paused", "resumed", "slower", "faster", "hold"]


@attrs.frozen(kw_only=True)
class LimiterStats:
    """What a limiter is doing, and why."""

    waiting: int
    """Attempts that wait for a slot."""
    waiting_for: Literal["pause", "token", "spacing"] | None
    """What the first of them waits for: the end of a pause, a token of the window guard, or its
    distance from the call before; None while nobody waits."""
    granted: int
    """Slots given so far."""
    throttled: int
    """Calls the service refused for rate so far."""
    pauses: int
    """Pauses so far: refusals of calls that were under way together count once."""
    paused_for: float
    """Seconds left of the pause; 0 when there is none."""
    paused_until: float | None
    """The reading of the event loop's clock at which the pause ends; None when there is none."""
    rate: float
    """Calls per second now; never above the permitted rate."""
    hold: float
    """Seconds from a call's answer to the return of its token; 0 without a guard."""
    waited: float
    """Seconds that attempts have waited for slots, all together."""


@attrs.frozen(kw_only=True)
class LimiterChange:
    """Something that a limiter has just begun to do otherwise."""

    why: Why
    """``paused``: the service refused a call for rate, so everybody waits until
    ``stats.paused_until``. ``resumed``: the first call after that may leave. ``slower``,
    ``faster``: ``stats.rate`` was lowered after repeated refusals, or raised by clean running.
    ``hold``: ``stats.hold`` has moved by at least a fiftieth of the window."""
    stats: LimiterStats


class Teller:
    """Tells one listener of changes, if there is one; what it raises changes nothing."""

    def __init__(
        self,
        listener: Callable[[LimiterChange], object] | None,
        stats: Callable[[], LimiterStats],
        *,
        notable: float,
        hold: float,
    ) -> None:
        self._listener = listener
        self.listening = listener is not None
        self._stats = stats
        self._notable = notable
        self._hold = hold

    def tell(self, why: Why) -> None:
        """Tell of a change."""
        if self._listener is None:
            return
        try:
            self._listener(LimiterChange(why=why, stats=self._stats()))
        except Exception as error:  # noqa: BLE001 - a listener's mistake must not stop calls
            log.error("on_change raised %s", type(error).__name__)  # noqa: TRY400 - no traceback: it can show what is private

    def hold_is(self, hold: float) -> None:
        """Tell of the hold, if it has moved far enough since it was last told."""
        if abs(hold - self._hold) >= self._notable or (hold == 0) != (self._hold == 0):
            self._hold = hold
            self.tell("hold")
