"""The README's words: every Python block runs, every command exists, every operation is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import mmsclient as mms
from mmsclient import errors

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
PROGRAMS = [block for block in BLOCKS if "def test_" not in block]
TESTS = [block for block in BLOCKS if "def test_" in block]


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_every_program_runs_without_an_account(number: int, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAMS[number], encoding="utf-8")
    shown = subprocess.run(
        [sys.executable, "-W", "error", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout


@pytest.mark.parametrize("number", range(len(TESTS)))
def test_every_test_passes(number: int, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS[number], encoding="utf-8")
    shown = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert shown.returncode == 0, shown.stdout


def test_the_first_program_has_twelve_lines() -> None:
    assert len([line for line in PROGRAMS[0].splitlines() if line.strip()]) <= 12


def test_the_error_tree_is_the_one_in_the_code() -> None:
    tree = (errors.__doc__ or "").split("\n\n")[1]
    assert "\n".join(line.removeprefix("    ") for line in tree.splitlines()) in TEXT


def test_every_operation_of_the_service_is_listed() -> None:
    listed = set(re.findall(r"^\| \w+ \| `(\w+)` \|$", TEXT, re.MULTILINE))
    general = {"name", "url", "rate", "check", "send", "inbox", "read_postback", "api_key"}
    methods = {name for name in dir(mms.Skycore) if not name.startswith("_")}
    assert listed == methods - general - {"allow_http"}


def test_every_command_line_names_a_command_that_exists() -> None:
    commands = set(re.findall(r"^mmsclient (\w+)", TEXT, re.MULTILINE))
    assert commands == {"demo", "simulate", "check", "bulk", "send"}
    for command in commands:
        shown = subprocess.run(
            [sys.executable, "-m", "mmsclient", command, "--help"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert shown.returncode == 0, shown.stderr


def test_the_version_stands_in_one_place_and_the_changelog_has_news() -> None:
    changelog = (README.parent / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in changelog or f"## [{mms.__version__}]" in changelog
    project = (README.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert 'dynamic = ["version"]' in project
