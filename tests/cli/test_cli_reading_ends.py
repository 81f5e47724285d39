from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from mmsclient.simulator import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmsclient.simulator import Simulator

    Use = Callable[[str], Simulator]

TO = "61491570156"

posix = pytest.mark.skipif(os.name != "posix", reason="neither SIGINT nor closed pipes there")


def replied(shell: Any, sim: Simulator, count: int) -> None:
    assert shell.run("send", "--to", TO, "--text", "Hi?", "--rate", "1000").exit_code == 0
    for number in range(count):
        sim.handset(TO).reply(f"reply {number}")


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.01)


@posix
def test_ctrl_c_ends_a_reading_and_says_where_to_go_on(shell: Any, use: Use) -> None:
    sim = use("transmitsms")
    replied(shell, sim, 3)
    sim.faults.add(Fault(kind="stall", seconds=60, action="get-user-sms-responses", nth=3))
    asked = ("get_user_sms_responses", "--param", "max=1", "--json", "--rate", "1000")
    process = shell.start("pages", *asked)
    until(lambda: sum(call.action == "get-user-sms-responses" for call in sim.calls) == 3)
    process.send_signal(signal.SIGINT)
    code, shown, complained = shell.end(process, private=False)
    assert code == 130
    assert len(shown.splitlines()) == 2, "each page is shown when it comes"
    assert "interrupted after 2 rows; --start 2 goes on there" in complained


@posix
def test_what_nobody_saw_is_not_marked_read(shell: Any, use: Use) -> None:
    sim = use("cellcast")
    replied(shell, sim, 3)
    reader, target = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [sys.executable, "-m", "mmsclient", "inbox", "--mark-read"],
        stdout=target,
        stderr=subprocess.PIPE,
        text=True,
        timeout=30,
        check=False,
    )
    os.close(target)
    shell.judge(ended.stderr)
    assert ended.returncode == 2
    assert "cannot go on: Broken pipe; 0 marked read" in ended.stderr
    assert not [call for call in sim.calls if call.action == "inbound-read-bulk"]


@posix
def test_ctrl_c_says_what_may_have_been_marked(shell: Any, use: Use) -> None:
    sim = use("cellcast")
    replied(shell, sim, 2)
    sim.faults.add(Fault(kind="stall", seconds=60, action="inbound-read-bulk"))
    process = shell.start("inbox", "--mark-read", "--csv")
    until(lambda: any(call.action == "inbound-read-bulk" for call in sim.calls))
    process.send_signal(signal.SIGINT)
    code, shown, complained = shell.end(process, private=False)
    assert code == 130
    assert len(shown.splitlines()) == 3
    assert "interrupted after 2 rows; 0 marked read, perhaps 2 more" in complained
