from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import typer

from mmsclient.cli.account import Account
from mmsclient.services.skycore import Skycore
from mmsclient.wire import Rate

SEND = ["send", "--to", "12025550143", "--from", "70707", "--text", "Hi"]


def config(text: str, *, mode: int = 0o600) -> Path:
    path = Path.home() / ".config" / "mmsclient.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_a_missing_key_says_precisely_what_to_set(shell: Any) -> None:
    result = shell.run(*SEND)
    assert result.exit_code == 2
    assert "set MMSCLIENT_API_KEY in the environment" in result.stderr
    assert "api_key under [skycore]" in result.stderr
    assert str(Path.home() / ".config" / "mmsclient.toml") in result.stderr


def test_the_file_is_read() -> None:
    config('[skycore]\napi_key = "a"\nurl = "https://one.example.net/"\nrate = 7\n')
    assert Account().offered() == Skycore(api_key="a", url="https://one.example.net/", rate=Rate(7))


def test_the_environment_wins_over_the_file_and_options_over_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config('[skycore]\napi_key = "a"\nurl = "https://one.example.net/"\nrate = 7\n')
    monkeypatch.setenv("MMSCLIENT_API_KEY", "b")
    monkeypatch.setenv("MMSCLIENT_URL", "https://two.example.net/")
    url = "https://three.example.net/"
    assert Account().offered() == Skycore(api_key="b", url="https://two.example.net/", rate=Rate(7))
    assert Account(url=url, rate=3).offered() == Skycore(api_key="b", url=url, rate=Rate(3))


def test_the_service_is_chosen_by_option_then_environment_then_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config('service = "in-file"\n')
    for service, expected in [("by-option", "by-option"), (None, "by-variable")]:
        monkeypatch.setenv("MMSCLIENT_SERVICE", "by-variable")
        with pytest.raises(typer.Exit):
            Account(service=service).offered()
        assert f"there is no service '{expected}'" in capsys.readouterr().err


def test_options_may_stand_before_and_after_the_command_and_the_later_ones_win() -> None:
    before = Account(url="https://one.example.net/", rate=3)
    assert Account(rate=5).over(before) == Account(url="https://one.example.net/", rate=5)


def test_another_file_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text('[skycore]\napi_key = "a"\n', encoding="utf-8")
    assert Account(config=path).offered() == Skycore(api_key="a")


def test_checking_needs_no_key() -> None:
    assert isinstance(Account().offered(offline=True), Skycore)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[skycore]\napi_key = k-8e1f-not-to-be-seen"\n', "is not TOML"),
        ('[skycore]\napi-key = "k-8e1f-not-to-be-seen"\n', "[skycore] has no api-key"),
        ('[skycor]\napi_key = "k-8e1f-not-to-be-seen"\n', "unknown: skycor"),
        ("[skycore]\napi_key = 8\n", "[skycore] api_key has the wrong type"),
        ("skycore = 8\n", "must be a section"),
        ('service = "other"\n', "there is no service 'other'"),
        ('[skycore]\napi_key = "k"\nurl = "http://one.example.net/"\n', "must start with https://"),
        ('[skycore]\napi_key = "k"\nrate = -1\n', "rate must be more than 0"),
    ],
)
def test_a_wrong_file_is_explained_without_repeating_it(shell: Any, text: str, said: str) -> None:
    config(text)
    result = shell.run(*SEND)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_named_file_that_is_missing_is_an_error(shell: Any) -> None:
    result = shell.run("--config", "missing.toml", *SEND)
    assert result.exit_code == 2
    assert "there is no file missing.toml" in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")
@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, True), (0o604, True)])
def test_a_file_that_others_can_read_is_warned_about(
    shell: Any, account: Any, mode: int, warned: bool
) -> None:
    config("[skycore]\nrate = 10\n", mode=mode)
    result = shell.run(*SEND)
    assert result.exit_code == 0
    assert ("chmod 600" in result.stderr) is warned


@pytest.mark.parametrize(
    ("option", "value"), [("--rate", "0"), ("--rate", "nan"), ("--timeout", "-1")]
)
def test_wrong_options_are_usage_errors(shell: Any, account: Any, option: str, value: str) -> None:
    result = shell.run(*SEND, option, value)
    assert result.exit_code == 2
    assert "error:" in result.stderr
