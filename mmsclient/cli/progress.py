"""How far a bulk has come: a live bar on a terminal, lines that grow rarer elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections import deque
from typing import TYPE_CHECKING

import attrs
from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from mmsclient.cli.reasons import Reasons
from mmsclient.cli.say import lasting
from mmsclient.outcomes import Accepted, Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from rich.console import Console, RenderableType

    from mmsclient.client import Stats
    from mmsclient.outcomes import Outcome

#: Seconds between two looks, and over which the rate is measured.
LOOK, SPAN = 0.25, 4.0

#: Until so many seconds after the start, so many seconds lie between two plain lines.
PAUSES = ((20.0, 2.0), (300.0, 10.0), (math.inf, 60.0))
BAR = 40
MINUTE = 60

#: How each kind of outcome looks.
STYLES = {"accepted": "green", "refused": "yellow", "unknown": "magenta"}


@attrs.define
class Tally:
    """How many outcomes of each kind there are."""

    total: int | None = None
    """How many there will be, if known."""
    accepted: int = 0
    refused: int = 0
    unknown: int = 0
    skipped: int = 0
    why_refused: Reasons = attrs.field(factory=Reasons)
    why_unknown: Reasons = attrs.field(factory=Reasons)

    @property
    def done(self) -> int:
        """How many there are."""
        return self.accepted + self.refused + self.unknown + self.skipped

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        if isinstance(outcome, Accepted):
            self.accepted += 1
        elif isinstance(outcome, Refused):
            self.refuse(outcome.error)
        else:
            self.unknown += 1
            self.why_unknown.add(outcome.error)

    def refuse(self, error: Exception) -> None:
        """Count a refusal."""
        self.refused += 1
        self.why_refused.add(error)


@attrs.frozen
class _Look:
    at: float
    attempts: int
    done: int


@attrs.define
class Pauses:
    """When a plain line is due: ever more rarely, and never where nothing has changed."""

    began: float
    _spoken: float = attrs.field(init=False)
    _state: object = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._spoken = self.began

    def due(self, now: float, state: object) -> bool:
        """Return whether a line is due; if so, it counts as spoken."""
        pause = next(pause for until, pause in PAUSES if now - self.began <= until)
        if state == self._state or now - self._spoken < pause:
            return False
        self._spoken, self._state = now, state
        return True


class Board:
    """Shows a tally as it grows, with the rate now and the time left.

    *batched*: several messages share a call, so that calls are counted apart. *settling*: the
    rate is that of outcomes, and not of attempts, which may all come back. *look*: called before
    the tally is looked at, to bring it up to date; what it returns is shown too.
    """

    def __init__(
        self,
        tally: Tally,
        stats: Callable[[], Stats],
        console: Console,
        *,
        batched: bool = False,
        settling: bool = False,
        look: Callable[[], str] = str,
    ) -> None:
        self._tally = tally
        self._stats = stats
        self._console = console
        self._batched = batched
        self._settling = settling
        self._look = look
        self._remark = ""
        self._looks: deque[_Look] = deque()

    @contextlib.asynccontextmanager
    async def shown(self) -> AsyncIterator[None]:
        """Show it as long as the block runs; the library's warnings appear as notes."""
        notes = _Notes(self)
        log = logging.getLogger("mmsclient")
        log.addHandler(notes)
        watching = asyncio.create_task(self._watch(), name="progress")
        live: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
        if self._console.is_terminal:
            live = Live(console=self._console, get_renderable=self._view, refresh_per_second=8)
        try:
            with live:
                try:
                    yield
                finally:
                    self._remark = self._look()  # what stays on the screen is the end
        finally:
            watching.cancel()
            log.removeHandler(notes)

    def note(self, text: str, style: str = "dim") -> None:
        """Say something above the bar."""
        self._console.print(Text(f"  {text}", style=style))

    def interrupted(self) -> None:
        """Say what the first Ctrl-C waits for."""
        calls = self._stats().in_flight
        if calls:
            whose = "its" if calls == 1 else "their"
            flying = f"waiting for {self.counted(calls)} on {whose} way"
            self.note(f"interrupted: {flying}; Ctrl-C again ends at once")
        else:
            self.note("interrupted: nothing was on its way")

    def counted(self, calls: int) -> str:
        """Return how many are on their way: calls, each of which may be a message."""
        if not self._batched:
            return str(calls)
        return "1 call" if calls == 1 else f"{calls} calls"

    async def _watch(self) -> None:
        clock = asyncio.get_running_loop().time
        pauses = Pauses(clock())
        while True:
            stats, self._remark = self._stats(), self._look()
            self._looks.append(_Look(clock(), stats.attempts, self._tally.done))
            while self._looks[-1].at - self._looks[0].at > SPAN:
                self._looks.popleft()
            state = (stats.attempts, stats.in_flight, self._tally.done, self._remark)
            if not self._console.is_terminal and pauses.due(clock(), state):
                self._console.print(self._line())
            await asyncio.sleep(LOOK)

    def _view(self) -> RenderableType:
        total = self._tally.total
        bar = ProgressBar(total=total, completed=self._tally.done, width=BAR, pulse=total is None)
        grid = Table.grid(padding=(0, 2))
        grid.add_row("", bar, _joined(self._pace_words()))
        return Group(grid, Text("  ") + _joined(self._count_words()))

    def _line(self) -> Text:
        return Text("  ") + _joined([*self._pace_words(), *self._count_words()])

    def _pace_words(self) -> list[Text]:
        of = "" if self._tally.total is None else f" of {self._tally.total:,}"
        words = [Text(f"{self._tally.done:,}{of}", style="bold")]
        calls, outcomes = self._pace("attempts"), self._pace("done")
        if self._batched:
            words.append(Text(f"{outcomes:.1f}/s now in {calls:.1f} calls"))
        else:
            words.append(Text(f"{outcomes if self._settling else calls:.1f}/s now"))
        left = self._left()
        return [*words, Text(f"{left} left")] if left else words

    def _count_words(self) -> list[Text]:
        words = [Text(f"{self.counted(self._stats().in_flight)} in flight")]
        for name, style in STYLES.items():
            count: int = getattr(self._tally, name)
            words.append(Text(f"{count:,} {name}", style=style if count else "dim"))
        return [*words, Text(self._remark, style="yellow")] if self._remark else words

    def _pace(self, what: str) -> float:
        if len(self._looks) < 2:
            return 0.0
        first, last = self._looks[0], self._looks[-1]
        moved: int = getattr(last, what) - getattr(first, what)
        return moved / max(last.at - first.at, LOOK)

    def _left(self) -> str:
        pace = self._pace("done")
        rest = (self._tally.total or 0) - self._tally.done
        if rest <= 0 or not pace:
            return ""
        left = math.ceil(rest / pace)
        return lasting(left) if left >= MINUTE else f"{left} s"


def _joined(words: list[Text]) -> Text:
    return Text(" · ").join(words)


class _Notes(logging.Handler):
    """Shows warnings of the library; its log lines hold nothing private."""

    def __init__(self, board: Board) -> None:
        super().__init__(logging.WARNING)
        self._board = board

    def emit(self, record: logging.LogRecord) -> None:
        self._board.note(record.getMessage(), "yellow")
