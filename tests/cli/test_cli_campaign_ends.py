"""Runs that end before their rows do: by Ctrl-C, by a kill, by another process, by waiting."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import socket
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mmsclient.simulator import Fault

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from mmsclient.simulator import Simulator

PATIENCE = 15.0
RUN = ("campaign", "run", "spring.db")
FAST = ("--rate", "1000")

posix = pytest.mark.skipif(os.name != "posix", reason="neither SIGINT nor terminals there")


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.01)


def heard(process: subprocess.Popen[str], words: str) -> str:
    """Read what a process complains of until it says this."""
    assert process.stderr is not None
    while line := process.stderr.readline():
        if words in line:
            return line
    raise AssertionError(f"it ended without {words!r}")


def added(shell: Any, count: int) -> list[str]:
    """Put so many recipients into the journal."""
    numbers = [f"12025550{n:03}" for n in range(count)]
    lines = [f"{number},70707,Hi,r-{n}" for n, number in enumerate(numbers)]
    Path("list.csv").write_text("to,from,text,reference\n" + "\n".join(lines), encoding="utf-8")
    assert shell.run("campaign", "add", "spring.db", "list.csv").exit_code == 0
    return numbers


def counts(shell: Any) -> dict[str, int]:
    told = json.loads(shell.run("campaign", "status", "spring.db", "--json").stdout)
    found: dict[str, int] = told["counts"]
    return found


def received(sim: Simulator) -> list[str]:
    """Return who got a message, in order of numbers; nobody got two."""
    tally = Counter(delivery.to for delivery in sim.deliveries)
    assert set(tally.values()) <= {1}
    return sorted(tally)


def numbers_in(shell: Any, state: str) -> set[str]:
    shell.run("campaign", "export", "spring.db", "--state", state, "--out", "x.csv", "--force")
    with Path("x.csv").open(encoding="utf-8", newline="") as file:
        return {row["to"] for row in csv.DictReader(file)}


@posix
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("service", ["skycore", "transmitsms", "cellcast"])
def test_a_run_that_was_interrupted_is_finished_by_the_same_command(
    shell: Any, use: Callable[[str], Simulator], service: str, sign: signal.Signals
) -> None:
    sim = use(service)
    numbers = added(shell, 150)
    process = shell.start(*RUN, "--rate", "20", "--batch", "2")
    until(lambda: len(sim.deliveries) >= 5)
    process.send_signal(sign)
    code, shown, complained = shell.end(process)
    assert code == 130
    found = counts(shell)
    assert found["accepted"] == len(sim.deliveries) < 150
    assert found["accepted"] + found["pending"] == 150
    assert shown.startswith(f"{found['accepted']} accepted, 0 refused, 0 unknown, ")
    waiting = (
        r"waiting for \d+ (call on its|calls? on their|on its|on their) way; Ctrl-C again ends"
    )
    assert re.search(rf"interrupted: ({waiting} at once|nothing was on its way)", complained)
    assert f"{found['pending']} rows not sent: the same command goes on" in complained

    assert shell.run(*RUN, *FAST).exit_code == 0
    assert received(sim) == numbers


@posix
def test_the_second_ctrl_c_ends_at_once_and_the_rest_goes_on_later(
    shell: Any, account: Simulator
) -> None:
    account.faults.add(Fault(kind="stall", seconds=60, nth=3))
    numbers = added(shell, 60)
    process = shell.start(*RUN, "--rate", "20", "--max-in-flight", "1")
    until(lambda: len(account.calls) >= 3)
    process.send_signal(signal.SIGINT)
    assert "waiting for 1 on its way" in heard(process, "interrupted")
    process.send_signal(signal.SIGINT)
    code, shown, _ = shell.end(process)
    assert code == 3
    assert shown.startswith("2 accepted, 0 refused, 1 unknown, 57 pending")
    assert shell.run(*RUN, *FAST).exit_code == 3
    assert received(account) == numbers
    assert counts(shell)["unknown"] == 1


@posix
def test_after_a_kill_nobody_gets_two_and_nobody_is_forgotten(
    shell: Any, account: Simulator
) -> None:
    account.faults.add(Fault(kind="stall", seconds=60, times=2, nth=8))
    numbers = added(shell, 100)
    process = shell.start(*RUN, "--rate", "50")
    until(lambda: len(account.calls) >= 12)
    process.kill()
    assert shell.end(process)[0] == -signal.SIGKILL
    left = counts(shell)
    assert left["sending"] >= 2, "what was on its way is written down"
    assert f"{left['sending']} on their way" in shell.run("campaign", "status", "spring.db").stdout

    resumed = shell.run(*RUN, *FAST)
    assert resumed.exit_code == 3
    assert "its run ended before the answer was kept" in resumed.stdout
    unknown = numbers_in(shell, "unknown")
    assert len(unknown) == left["sending"]
    assert numbers_in(shell, "accepted") | unknown == set(numbers)
    assert set(numbers) - set(received(account)) <= unknown


@posix
def test_a_second_run_is_turned_away_and_readers_are_not(shell: Any, account: Simulator) -> None:
    numbers = added(shell, 60)
    process = shell.start(*RUN, "--rate", "20")
    until(lambda: len(account.deliveries) >= 3)
    second = shell.run(*RUN)
    assert second.exit_code == 2
    assert "spring.db is in use by another process" in second.stderr
    shown = shell.run("campaign", "add", "spring.db", "list.csv")
    assert shown.exit_code == 2
    assert "is in use by another process" in shown.stderr
    assert counts(shell)["accepted"] >= 3
    assert numbers_in(shell, "accepted")
    process.send_signal(signal.SIGINT)
    assert shell.end(process)[0] == 130
    assert shell.run(*RUN, *FAST).exit_code == 0
    assert received(account) == numbers


@posix
def test_ctrl_c_while_rows_are_added_keeps_the_journal_whole(shell: Any) -> None:
    process = shell.start("campaign", "add", "spring.db", "-")
    assert process.stdin is not None
    lines = (f"12025550{n % 1000:03},70707,Hi,r-{n}\n" for n in range(2500))
    process.stdin.write("to,from,text,reference\n" + "".join(lines))
    process.stdin.flush()
    until(lambda: ", 2,000 pending" in shell.run("campaign", "status", "spring.db").stdout)
    heard(process, "2,500 rows read")
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    assert "what was added stays, and the same command goes on" in shell.end(process)[2]
    assert counts(shell)["pending"] == 2000, "a thousand at a time"
    again = shell.start("campaign", "add", "spring.db", "-")
    lines = (f"12025550{n % 1000:03},70707,Hi,r-{n}\n" for n in range(2500))
    code, shown, _ = shell.end(again, "to,from,text,reference\n" + "".join(lines))
    assert code == 0
    assert shown.startswith("500 new, 2,000 known")


@posix
def test_outside_the_hours_nothing_leaves_and_ctrl_c_ends_the_waiting(
    shell: Any, account: Simulator
) -> None:
    added(shell, 5)
    opens = datetime.now(UTC) + timedelta(hours=2)
    between = f"{opens:%H:%M}-{opens + timedelta(hours=1):%H:%M}"
    process = shell.start(*RUN, "--between", between, "--zone", "UTC")
    line = heard(process, "waits for")
    assert "0 of 5 · 0.0/s now · 0 in flight" in line
    assert f"waits for {opens:%H:%M} (UTC)" in line
    process.send_signal(signal.SIGINT)
    code, shown, complained = shell.end(process)
    assert code == 130
    assert "interrupted: nothing was on its way" in complained
    assert "5 pending" in shown
    assert "5 rows not sent" in complained
    assert not account.calls


def test_within_the_hours_messages_leave(shell: Any, account: Simulator) -> None:
    added(shell, 5)
    now = datetime.now(UTC)
    between = f"{now - timedelta(hours=2):%H:%M}-{now + timedelta(hours=2):%H:%M}"
    assert shell.run(*RUN, *FAST, "--between", between, "--zone", "UTC").exit_code == 0
    assert len(account.deliveries) == 5


@posix
def test_an_outage_is_waited_out_and_refuses_nobody(
    shell: Any, account: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = added(shell, 20)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        closed = silent.getsockname()[1]
    monkeypatch.setenv("MMSCLIENT_URL", f"http://127.0.0.1:{closed}/")
    process = shell.start(*RUN, *FAST)
    line = heard(process, "waits for the service")
    assert "0 of 20 · 0.0/s now" in line, "calls that come back are no progress"
    assert "0 accepted · 0 refused · 0 unknown" in line
    assert line.endswith("waits for the service: sendSMS: no connection\n")
    process.send_signal(signal.SIGINT)
    assert shell.end(process)[0] == 130
    assert counts(shell)["pending"] == 20
    monkeypatch.setenv("MMSCLIENT_URL", account.url)
    assert shell.run(*RUN, *FAST).exit_code == 0
    assert received(account) == numbers


@posix
def test_on_a_terminal_a_bar_shows_how_far_the_campaign_is(shell: Any, account: Simulator) -> None:
    added(shell, 20)
    code, shown = shell.on_terminal(*RUN, "--rate", "40")
    assert code == 0
    assert "━" in shown.decode()
    assert b"20 of 20" in shown
    assert b"20 accepted, 0 refused, 0 unknown: 20 done now" in shown
    assert b"2025550" not in shown
