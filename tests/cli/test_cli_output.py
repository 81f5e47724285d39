from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mmsclient.simulator import Simulator

SEND = ["send", "--to", "12025550143", "--from", "70707", "--text", "Hi"]
ROWS = "to,from,text\n12025550143,70707,Hi\n12025550144,70707,Hi\n"

full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")


@pytest.fixture
def rows() -> str:
    Path("list.csv").write_text(ROWS, encoding="utf-8")
    return "list.csv"


def test_both_ways_to_send_say_where_to_before_they_do(
    shell: Any, account: Simulator, rows: str
) -> None:
    for arguments in (SEND, ["bulk", rows]):
        result = shell.run(*arguments)
        assert result.exit_code == 0
        assert result.stderr.splitlines()[0] == "sending to 127.0.0.1"


@pytest.mark.parametrize("command", [SEND, ["bulk", "list.csv"]])
def test_a_key_of_the_simulator_goes_nowhere_else(
    shell: Any, rows: str, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("MMSCLIENT_API_KEY", "sim-0123456789abcdef")
    result = shell.run(*command)
    assert result.exit_code == 2
    assert "this key is the simulator's: set MMSCLIENT_URL" in result.stderr
    assert "sim-0123" not in result.output
    assert shell.run("check", rows).exit_code == 0, "which calls nobody"


def test_outcomes_can_go_to_standard_output_and_nothing_else_does(
    shell: Any, account: Simulator, rows: str
) -> None:
    process = shell.start("bulk", rows, "--out", "-")
    shown, complained = process.communicate(timeout=30)
    assert process.returncode == 0
    lines = list(csv.DictReader(io.StringIO(shown)))
    assert [(line["row"], line["outcome"]) for line in lines] == [
        ("1", "accepted"),
        ("2", "accepted"),
    ]
    assert "2 accepted, 0 refused, 0 unknown" in complained
    assert list(Path().glob("*outcomes*")) == []


def into(target: int, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "mmsclient", *arguments]
    ended = subprocess.run(
        command, stdout=target, stderr=subprocess.PIPE, text=True, timeout=30, check=False
    )
    os.close(target)
    return ended.returncode, ended.stderr


def nowhere(kind: str) -> int:
    if kind == "full":
        return os.open("/dev/full", os.O_WRONLY)
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@full
@pytest.mark.parametrize("kind", ["full", "closed"])
@pytest.mark.parametrize("command", [SEND, ["bulk", "list.csv"], ["check", "list.csv"], ["--help"]])
def test_output_that_nobody_takes_changes_no_exit_code(
    account: Simulator, rows: str, kind: str, command: list[str]
) -> None:
    ended, complained = into(nowhere(kind), *command)
    assert ended == 0
    assert "defect" not in complained
    assert "standard output takes nothing more" in complained


@full
def test_errors_that_nobody_takes_change_no_exit_code(account: Simulator, rows: str) -> None:
    command = [sys.executable, "-m", "mmsclient", "bulk", rows]
    for kind in ("full", "closed"):
        target = nowhere(kind)
        ended = subprocess.run(
            [*command, "--force"], stdout=target, stderr=target, timeout=30, check=False
        )
        os.close(target)
        assert ended.returncode == 0


@full
def test_outcomes_that_standard_output_does_not_take_stop_the_run(
    account: Simulator, rows: str
) -> None:
    code, complained = into(nowhere("full"), "bulk", rows, "--out", "-")
    assert code == 2
    assert "No space left" in complained
    assert not account.calls
