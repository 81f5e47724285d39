"""What the demo proved: the outcomes beside what the pretend service and its handsets saw."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs
from rich.box import ROUNDED
from rich.table import Table
from rich.text import Text

from mmsclient.cli.progress import STYLES
from mmsclient.cli.reasons import Reasons
from mmsclient.cli.say import lasting
from mmsclient.errors import InvalidMessageError, ThrottledError
from mmsclient.outcomes import Accepted, Outcome, Refused, Unknown
from mmsclient.simulator.limits import worst_window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from mmsclient.simulator import Simulator

#: The calls of the campaign, as the service names them; the other process makes other calls.
OURS = "sendmms"


@attrs.frozen(kw_only=True)
class Result:
    """All that is shown at the end."""

    recipients: int
    outcomes: list[Outcome] = attrs.field(repr=False)
    throttled: int
    """Calls of the campaign that were refused for rate."""
    worst: int
    """Most calls of the campaign in any second, refused ones too, by the service's clock."""
    permitted: int
    deliveries: Counter[str] = attrs.field(repr=False)
    """Reference -> how often its handset received it."""
    seconds: float

    @classmethod
    def of(
        cls,
        sim: Simulator,
        outcomes: list[Outcome],
        *,
        recipients: int,
        throttled: int,
        took: float,
    ) -> Result:
        """Ask the simulator what really happened."""
        per, permitted = (sim.rate.per, sim.rate.calls) if sim.rate else (1.0, 0)
        ours = [call.at for call in sim.calls if call.action.lower() == OURS]
        return cls(
            recipients=recipients,
            outcomes=outcomes,
            throttled=throttled,
            worst=worst_window(ours, per),
            permitted=permitted,
            deliveries=Counter(delivery.reference or "" for delivery in sim.deliveries),
            seconds=took,
        )

    @property
    def twice(self) -> int:
        """How many handsets received the message more than once."""
        return sum(times > 1 for times in self.deliveries.values())

    @property
    def lost(self) -> int:
        """How many messages were given up because of the rate."""
        return sum(isinstance(_error(one), ThrottledError) for one in self.outcomes)

    @property
    def missing(self) -> int:
        """How many recipients have no outcome, or several, or an acceptance without delivery."""
        each = Counter(one.message.reference for one in self.outcomes)
        absent = sum(
            not self.deliveries[one.reference or ""]
            for one in self.outcomes
            if isinstance(one, Accepted)
        )
        return abs(self.recipients - len(each)) + sum(n != 1 for n in each.values()) + absent

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        some = any(isinstance(one, Accepted) for one in self.outcomes)
        return some and not (self.twice or self.lost or self.missing or self.worst > self.permitted)


def show(result: Result, console: Console) -> None:
    """Print the table and the verdict."""
    live = console.is_terminal
    table = Table(box=ROUNDED if live else None, show_header=False, pad_edge=live)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", style="bold", no_wrap=True)
    table.add_column(style="dim")
    for name, value, remark, style in _rows(result):
        table.add_row(Text(name), Text(value, style=style), Text(remark))
    console.print()
    _trimmed(table, console)
    if result.holds:
        verdict = "Every recipient has exactly one outcome, and nobody got the message twice."
        console.print(Text(verdict, style="bold green"))
    else:
        console.print(Text("A promise was broken: see the table.", style="bold red"))


def _trimmed(table: Table, console: Console) -> None:
    if console.is_terminal:
        console.print(table, soft_wrap=False)
        return
    with console.capture() as shown:
        console.print(table, soft_wrap=False)
    for line in shown.get().splitlines():
        console.print(line.rstrip())


def _rows(result: Result) -> Iterable[tuple[str, str, str, str]]:
    outcomes, good = result.outcomes, "green"
    refused = [one for one in outcomes if isinstance(one, Refused)]
    early = [one for one in refused if isinstance(one.error, InvalidMessageError)]
    later = [one for one in refused if not isinstance(one.error, InvalidMessageError)]
    unknown = [one for one in outcomes if isinstance(one, Unknown)]
    accepted = len(outcomes) - len(refused) - len(unknown)
    again = "another process took the slots; all repeated" if result.throttled else ""
    reached = sum(result.deliveries[one.message.reference or ""] for one in unknown)
    arrived = f"{_reasons(unknown)}; the handset did receive {reached}"
    worst = good if result.worst <= result.permitted else "red"
    yield "accepted", f"{accepted:,}", "", STYLES["accepted"]
    yield "refused before any call", f"{len(early):,}", _reasons(early), STYLES["refused"]
    yield "refused by the service", f"{len(later):,}", _reasons(later), STYLES["refused"]
    yield "unknown, never repeated", f"{len(unknown):,}", arrived, STYLES["unknown"]
    yield "refused for rate", f"{result.throttled:,}", again, ""
    yield "lost because of rate", f"{result.lost:,}", "", "red" if result.lost else good
    yield "most calls in any second", f"{result.worst:,}", f"permitted: {result.permitted:,}", worst
    counted = "as the handsets counted"
    yield "sent twice", f"{result.twice:,}", counted, "red" if result.twice else good
    yield "took", lasting(result.seconds), f"{len(outcomes) / result.seconds:.1f} a second", ""


def _error(outcome: Outcome) -> Exception | None:
    return None if isinstance(outcome, Accepted) else outcome.error


def _reasons(outcomes: Iterable[Refused | Unknown]) -> str:
    reasons = Reasons()
    for one in outcomes:
        reasons.add(one.error)
    return ", ".join(reasons.lines())
