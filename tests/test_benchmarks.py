"""The benchmarks' frame: it lists what there is, runs one to the end and keeps plain JSON."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def benchmarks(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "utf8", "-m", "benchmarks", *words]
    return subprocess.run(
        command, cwd=ROOT, check=False, capture_output=True, encoding="utf-8", timeout=60
    )


def test_every_file_of_the_folder_is_listed_with_what_it_is_about() -> None:
    shown = benchmarks("--list")
    listed = dict(line.split(maxsplit=1) for line in shown.stdout.splitlines())
    files = {file.stem for file in (ROOT / "benchmarks").glob("*.py")} - {"__main__"}
    assert set(listed) == files >= {"call", "limiter", "slots", "startup"}
    assert all(listed.values())


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    shown = benchmarks("speed")
    assert shown.returncode == 2
    assert "speed" in shown.stderr
    assert "limiter" in shown.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def table(folder: Path) -> str:
    shown = benchmarks("startup", "--quick", "--out", str(folder))
    assert shown.returncode == 0, shown.stderr
    return shown.stdout


def test_a_run_prints_one_table_with_versions_figures_and_ratios(table: str) -> None:
    lines = {line.split()[0]: line.split() for line in table.splitlines() if line.strip()}
    assert lines["imported"] == ["imported", "ms", "÷", "httpx"]
    assert lines["httpx"][2] == "1.00"
    assert float(lines["mmsclient"][1]) > 0
    assert f"{platform.python_implementation()} {platform.python_version()}, mmsclient" in table


def test_a_run_is_kept_as_json_with_every_round_and_no_name_of_host_or_user(
    table: str, folder: Path
) -> None:
    [file] = folder.iterdir()
    assert file.name in table
    text = file.read_text(encoding="utf-8")
    kept = json.loads(text)
    assert datetime.fromisoformat(kept["date"]).tzinfo is not None
    assert kept["packages"].keys() >= {"mmsclient", "httpx", "aiolimiter"}
    assert kept["quick"] is True
    assert kept["cpus"] >= 1
    [startup] = kept["benchmarks"]
    ms = {row["imported"]: row["figures"]["ms"]["rounds"] for row in startup["rows"]}
    ratios = {row["imported"]: row["ratios"]["÷ httpx"]["rounds"] for row in startup["rows"]}
    assert all(len(rounds) == 1 for rounds in ms.values())
    assert ratios == {name: [rounds[0] / ms["httpx"][0]] for name, rounds in ms.items()}
    assert str(Path.home()) not in text
    assert str(ROOT) not in text
    assert f'"{platform.node()}"' not in text
