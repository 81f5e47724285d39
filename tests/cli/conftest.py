"""The command line under test: in this process, as a process of its own, and with a simulator."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import attrs
import pytest
from typer.testing import CliRunner

from mmsclient.cli.app import app
from mmsclient.simulator import Account, Simulator, in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from typer.testing import Result

KEY, SECRET = "k-8e1f-not-to-be-seen", "s-27c0-not-to-be-seen"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No account from outside: a home of its own, no variables, an empty working directory."""
    for name in list(os.environ):
        if name.startswith("MMSCLIENT_"):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("COLUMNS", "200")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with in_thread(Simulator(rate=None, accounts=[Account(key=KEY, secret=SECRET)])) as running:
        yield running


@pytest.fixture
def account(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """The environment speaks of the simulator's account."""
    monkeypatch.setenv("MMSCLIENT_API_KEY", KEY)
    monkeypatch.setenv("MMSCLIENT_URL", sim.url)
    return sim


@pytest.fixture
def use(sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Simulator]:
    """Let the environment speak of the simulator's account at one service."""

    def choose(service: str) -> Simulator:
        monkeypatch.setenv("MMSCLIENT_SERVICE", service)
        monkeypatch.setenv("MMSCLIENT_URL", sim.urls[service])
        monkeypatch.setenv("MMSCLIENT_API_KEY", KEY)
        monkeypatch.setenv("MMSCLIENT_API_SECRET", SECRET)
        return sim

    return choose


@attrs.frozen
class Shell:
    """Runs commands; whatever they show holds neither the key nor a whole number."""

    started: list[subprocess.Popen[str]] = attrs.field(factory=list)

    def run(self, *arguments: str, private: bool = True) -> Result:
        """Run a command in this process."""
        result = CliRunner().invoke(app, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit)
        self.judge(result.output, private=private)
        return result

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a process."""
        process = subprocess.Popen(
            [sys.executable, "-m", "mmsclient", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.started.append(process)
        return process

    def on_terminal(self, *arguments: str) -> tuple[int, bytes]:
        """Run a command whose output is a terminal; return its code and what was shown there."""
        ours, theirs = os.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "mmsclient", *arguments],
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
            text=True,
        )
        self.started.append(process)
        os.close(theirs)
        shown = b""
        # The far end of a terminal fails, rather than ends, when the process has gone.
        with suppress(OSError):
            while part := os.read(ours, 65536):
                shown += part
        os.close(ours)
        return process.wait(15), shown

    def end(
        self, process: subprocess.Popen[str], given: str | None = None, *, private: bool = True
    ) -> tuple[int, str, str]:
        """Wait for a process; return its code and what it showed."""
        shown, complained = process.communicate(given, timeout=30)
        self.judge(shown + complained, private=private)
        return process.returncode, shown, complained

    def judge(self, shown: str, *, private: bool = True) -> None:
        assert KEY not in shown
        assert SECRET not in shown
        assert "Traceback" not in shown
        assert "\x1b[" not in shown, "no terminal, no escape sequences"
        if private:
            assert "2025550" not in shown
            assert "491570" not in shown


@pytest.fixture
def shell() -> Iterator[Shell]:
    shell = Shell()
    yield shell
    for process in shell.started:
        with process:  # closes its pipes and waits
            process.kill()
