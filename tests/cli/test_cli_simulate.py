from __future__ import annotations

import os
import signal
from typing import Any

import pytest


def lines_until(process: Any, word: str) -> dict[str, str]:
    """Return the variables shown before *word*."""
    shown: dict[str, str] = {}
    while word not in (line := process.stdout.readline()):
        assert line, process.stderr.read()
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals:
            shown[name] = value
    return shown


@pytest.mark.skipif(os.name != "posix", reason="SIGINT cannot be sent there")
def test_what_it_prints_is_enough_to_send_and_ctrl_c_ends_it(
    shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = shell.start("simulate", "--port", "0", "--rate", "100", "--rule", "fixed")
    try:
        for name, value in lines_until(process, "Ctrl-C ends it").items():
            monkeypatch.setenv(name, value)
        sent = shell.run("send", "--to", "12025550143", "--from", "70707", "--text", "Hi")
        assert sent.exit_code == 0, sent.output
    finally:
        process.send_signal(signal.SIGINT)
    code, shown, _ = shell.end(process)
    assert code == 0
    assert "stopped" in shown


@pytest.mark.parametrize("host", ["0.0.0.0", "example.net", "::", "192.0.2.1"])  # noqa: S104 - refused
def test_it_listens_on_this_machine_only(shell: Any, host: str) -> None:
    result = shell.run("simulate", "--host", host)
    assert result.exit_code == 2
    assert "loopback" in result.stderr


def test_a_port_that_is_taken_is_explained(shell: Any, sim: Any) -> None:
    port = sim.url.split(":")[2].split("/")[0]
    result = shell.run("simulate", "--port", port)
    assert result.exit_code == 2
    assert "choose another --port" in result.stderr


def test_a_wrong_rate_is_a_usage_error(shell: Any) -> None:
    assert shell.run("simulate", "--port", "0", "--rate", "-1").exit_code == 2
