from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

import mmsclient
from mmsclient.cli import app as application

COMMANDS = ["demo", "send", "bulk", "check", "inbox", "pages", "balance", "listen", "simulate"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(shell: Any, command: str) -> None:
    result = shell.run(command, "--help", private=False)
    assert result.exit_code == 0
    assert "Usage" in result.output
    assert "--help" in result.output


def test_help_lists_every_command_and_says_where_keys_belong(shell: Any) -> None:
    result = shell.run("--help")
    assert result.exit_code == 0
    assert all(command in result.output for command in COMMANDS)
    for variable in ("API_KEY", "API_SECRET", "TOKEN", "URL", "SERVICE"):
        assert f"MMSCLIENT_{variable}" in result.output


@pytest.mark.parametrize("command", [[], *[[one] for one in COMMANDS]])
def test_no_option_takes_a_credential(shell: Any, command: list[str]) -> None:
    shown = shell.run(*command, "--help", private=False).output
    assert "--api-key" not in shown
    # The key of a pretend account is no secret, and goes nowhere else.
    assert ("--key" in shown) is (command == ["simulate"])
    assert "--secret" not in shown.replace("--secret-env ", "")  # which names a variable
    assert "--token" not in shown


def test_the_version_is_the_library_s(shell: Any) -> None:
    result = shell.run("--version")
    assert result.stdout.strip() == f"mmsclient {mmsclient.__version__}"


@pytest.mark.parametrize("command", [one for one in COMMANDS if one != "simulate"])
def test_help_explains_exit_codes(shell: Any, command: str) -> None:
    words = shell.run(command, "--help", private=False).output.split()
    assert {*(["130"] if command != "listen" else []), "70"} <= set(words)


@pytest.mark.parametrize("command", ["bulk", "check"])
def test_help_explains_rows_and_defaults(shell: Any, command: str) -> None:
    shown = " ".join(shell.run(command, "--help", private=False).output.split())
    assert "the heading is not counted" in shown
    for default in ("else skycore]", "[15; 2 for transmitsms]", "[60]", "[MMSCLIENT_URL", "[100]"):
        assert default in shown


@pytest.mark.parametrize("arguments", [["--nonsense"], ["nonsense"], ["send", "--nonsense"]])
def test_wrong_usage_exits_with_2(shell: Any, arguments: list[str]) -> None:
    assert shell.run(*arguments).exit_code == 2


def without(missing: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = (
        "import sys\n"
        f"for name in {missing.split()!r}: sys.modules[name] = None\n"
        f"sys.argv = ['mmsclient', *{list(arguments)!r}]\n"
        "from mmsclient.__main__ import main\n"
        "main()\n"
    )
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize("missing", ["typer", "rich", "typer rich"])
def test_without_its_extra_the_command_line_says_what_to_install(missing: str) -> None:
    ended = without(missing, "--version")
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        "the command line is an extra: pip install 'mmsclient[cli]'"
    ]


@pytest.mark.parametrize("command", ["demo", "simulate"])
def test_without_the_simulator_s_extra_its_commands_say_what_to_install(command: str) -> None:
    ended = without("starlette uvicorn", command)
    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        "error: the simulator is an extra: pip install 'mmsclient[simulator]'"
    ]


def test_without_the_simulator_s_extra_everything_else_works() -> None:
    assert without("starlette uvicorn", "send", "--help").returncode == 0


def test_a_defect_shows_where_but_neither_traceback_nor_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], shell: Any
) -> None:
    def broken() -> None:
        raise LookupError("12025550143")

    monkeypatch.setattr(application, "app", broken)
    assert application.run() == 70
    shown = capsys.readouterr()
    shell.judge(shown.out + shown.err)
    assert "LookupError at test_cli_app.py" in shown.err


def test_another_missing_package_is_not_taken_for_the_extra() -> None:
    ended = without("attrs", "--version")
    assert ended.returncode == 1
    assert "mmsclient[cli]" not in ended.stderr
