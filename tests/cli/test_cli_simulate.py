from __future__ import annotations

import os
import shlex
import signal
import urllib.request
from typing import Any

import pytest

from mmsclient.cli.simulate import TROUBLE
from mmsclient.simulator.magic import MAGIC


def uses(process: Any) -> dict[str, tuple[dict[str, str], list[list[str]]]]:
    """Return what is shown for each service: variables to set, and commands to run then."""
    found: dict[str, tuple[dict[str, str], list[list[str]]]] = {}
    while "Ctrl-C ends it" not in (line := process.stdout.readline()):
        assert line, process.stderr.read()
        words = shlex.split(line.strip(), comments=False)
        if words[:1] == ["#"]:
            found[words[1]] = ({}, [])
        elif words[:1] == ["export"]:
            name, _, value = words[1].partition("=")
            found[list(found)[-1]][0][name] = value
        elif words[:1] == ["mmsclient"]:
            found[list(found)[-1]][1].append(words[1:])
    return found


@pytest.mark.skipif(os.name != "posix", reason="SIGINT cannot be sent there")
def test_what_it_prints_is_enough_for_every_service_and_ctrl_c_ends_it(
    shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = shell.start("simulate", "--port", "0", "--rate", "100", "--rule", "fixed")
    try:
        shown = uses(process)
        assert list(shown) == ["transmitsms", "cellcast", "skycore"], "the default comes last"
        for service, (variables, commands) in shown.items():
            for name, value in variables.items():
                monkeypatch.setenv(name, value)
            assert variables["MMSCLIENT_SERVICE"] == service
            assert commands
            for command in commands:
                ended = shell.run(*command, "--rate", "100", private=False)
                assert ended.exit_code == 0, ended.output
    finally:
        process.send_signal(signal.SIGINT)
    code, rest, _ = shell.end(process)
    assert code == 0
    assert "stopped" in rest


@pytest.mark.skipif(os.name != "posix", reason="SIGINT cannot be sent there")
def test_a_fixed_key_outlives_a_start(shell: Any) -> None:
    process = shell.start("simulate", "--port", "0", "--key", "sim-0007")
    try:
        for service, (variables, _) in uses(process).items():
            assert variables["MMSCLIENT_API_KEY"] == "sim-0007"
            secret = variables.get("MMSCLIENT_API_SECRET")
            assert secret == ("sim-0007-secret" if service == "transmitsms" else None)
    finally:
        process.send_signal(signal.SIGINT)
    assert shell.end(process)[0] == 0


@pytest.mark.parametrize("key", ["sim-", "sim-007", "live-00007", "sim-00 07", "sim-00é07", ""])
def test_a_key_that_could_be_taken_for_a_real_one_is_refused(shell: Any, key: str) -> None:
    result = shell.run("simulate", "--port", "0", "--key", key)
    assert result.exit_code == 2
    assert "--key must begin with sim-, then four letters or digits at least" in result.stderr


def test_every_number_that_brings_trouble_is_listed() -> None:
    assert list(TROUBLE) == list(MAGIC)


@pytest.mark.skipif(os.name != "posix", reason="SIGINT cannot be sent there")
def test_it_shows_the_phones_in_a_browser_and_says_where(shell: Any) -> None:
    process = shell.start("simulate", "--port", "0", "--postback-url", "http://127.0.0.1:9/in")
    try:
        while "phones: " not in (line := process.stdout.readline()):
            assert line, process.stderr.read()
        url = line.split("phones: ")[1].strip()
        assert url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own
            assert b"<title>Handsets</title>" in answer.read()
    finally:
        process.send_signal(signal.SIGINT)
    assert shell.end(process, private=False)[0] == 0


@pytest.mark.parametrize("url", ["http://192.0.2.1/in", "ftp://127.0.0.1/", "8000"])
def test_it_posts_to_this_machine_only(shell: Any, url: str) -> None:
    result = shell.run("simulate", "--port", "0", "--postback-url", url)
    assert result.exit_code == 2
    assert "--postback-url must be an address of this machine" in result.stderr


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
