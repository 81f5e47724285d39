from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mmsclient import gathering
from mmsclient.cli.progress import Board, Tally
from mmsclient.cli.say import out
from mmsclient.client import Stats
from mmsclient.simulator import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmsclient.simulator import Simulator

    Use = Callable[[str], Simulator]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch leaves when it is full or the input ends, however slow this machine is."""
    monkeypatch.setattr(gathering, "LINGER", 60.0)


def bulk(shell: Any, count: int, *more: str) -> Any:
    rows = "".join(f"614915{n:05},Hi,r-{n}\n" for n in range(count))
    Path("list.csv").write_text("to,text,reference\n" + rows, encoding="utf-8")
    return shell.run("bulk", "list.csv", "--force", "--rate", "1000", *more)


def outcomes() -> list[dict[str, str]]:
    with Path("list.outcomes.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("service", ["transmitsms", "cellcast"])
@pytest.mark.parametrize(
    ("more", "calls"), [([], 2), (["--batch", "50"], 3), (["--batch", "1"], 120)]
)
def test_rows_share_calls_and_each_has_its_outcome(
    shell: Any, use: Use, service: str, more: list[str], calls: int
) -> None:
    sim = use(service)
    result = bulk(shell, 120, *more)
    assert result.exit_code == 0, result.output
    assert len(sim.calls) == calls
    lines = outcomes()
    assert sorted(line["row"] for line in lines) == sorted(str(n + 1) for n in range(120))
    assert all(line["to"].endswith(f"{int(line['row']) - 1:05}") for line in lines)
    assert {line["outcome"] for line in lines} == {"accepted"}
    assert len(sim.deliveries) == 120


def test_a_lost_answer_leaves_a_whole_batch_not_known(shell: Any, use: Use) -> None:
    sim = use("cellcast")
    sim.faults.add(Fault(kind="drop_after"))
    result = bulk(shell, 30, "--batch", "10")
    assert result.exit_code == 3
    assert "20 accepted, 0 refused, 10 unknown" in result.stdout
    assert "  unknown: 10 x no whole answer came" in result.stdout
    assert len(sim.deliveries) == 30, "never twice"


def test_one_bad_number_does_not_refuse_its_batch(shell: Any, use: Use) -> None:
    sim = use("cellcast")
    sim.faults.add(Fault(kind="RECIPIENTS_ERROR", to="61491500007", times=None))
    assert bulk(shell, 16).exit_code == 1
    by_number = {line["to"]: line["outcome"] for line in outcomes()}
    assert len(by_number) == 16
    assert [to for to, outcome in by_number.items() if outcome != "accepted"] == ["61491500007"]


def test_a_service_without_batches_takes_the_option_and_makes_single_calls(
    shell: Any, use: Use
) -> None:
    sim = use("skycore")
    assert bulk(shell, 3, "--batch", "10", "--from", "70707").exit_code == 0
    assert len(sim.calls) == 3


def test_a_batch_of_none_is_a_usage_error(shell: Any, use: Use) -> None:
    use("cellcast")
    assert bulk(shell, 1, "--batch", "0").exit_code == 2


def test_progress_counts_messages_and_calls_apart() -> None:
    stats = Stats(calls=7, attempts=7, throttled=0, waited=0.0, in_flight=1, latency=None)
    tally = Tally(total=60, accepted=40)
    plain = Board(tally, lambda: stats, out(plain=True))
    assert "0.0/s now · 1 in flight · " in plain._line().plain
    batched = Board(tally, lambda: stats, out(plain=True), batched=True)
    assert "0.0/s now in 0.0 calls · 1 call in flight · " in batched._line().plain
    assert batched.counted(2) == "2 calls"
