"""The benchmarks: each measures, the frame keeps and draws, and nothing leaves this machine."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import math
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.frame import peers, pictures, report
from benchmarks.frame.bench import Bench
from benchmarks.frame.benchmark import PACKAGES, Row, load, names
from benchmarks.frame.servers import constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.frame.benchmark import Benchmark, Cell, Found

ROOT = Path(__file__).parent.parent


#: Lines of each benchmark that take a second or so.
SMALL: dict[str, list[Cell]] = {
    "batching": [
        {"service": "transmitsms", "texts": "equal", "batch": 100},
        {"service": "cellcast", "texts": "own", "batch": 100},
    ],
    "bulk": [
        {"latency": 0, "way": "naive gather", "over": "httpx", "in_flight": "all", "rate": 20_000},
        {"latency": 0, "way": "send_many", "over": "httpx", "in_flight": 32, "rate": 20_000},
        {"latency": 0, "way": "workers", "over": "aiohttp", "in_flight": 100, "rate": 20_000},
    ],
    "call": [
        {"in_flight": 16, "way": "send_many", "over": "httpx"},
        {"in_flight": 16, "way": "post", "over": "httpx2"},
        {"in_flight": 16, "way": "twilio", "over": "aiohttp"},
        {"in_flight": 16, "way": "telnyx", "over": "httpx"},
    ],
    "failures": [
        {"client": "mmsclient cellcast", "setting": "as it comes", "over": "httpx"},
        {"client": "telnyx", "setting": "max_retries=0", "over": "httpx"},
        {"client": "vonage", "setting": "max_retries=0", "over": "requests, TLS"},
        {"client": "boto3", "setting": "total_max_attempts=1", "over": "urllib3"},
    ],
    "fanout": [{"way": "mmsclient", "over": "aiohttp"}],
    "inbox": [{"way": "inbox"}],
    "journal": [
        {"latency": 0, "rate": 20_000, "over": "aiohttp", "way": "run"},
        {"latency": 0, "rate": 1_000, "over": "httpx", "way": "send_many"},
    ],
    "limiter": [
        {"rate": 15, "rule": "sliding", "network": "steady", "limiter": "mmsclient strict"}
    ],
    "memory": [{"messages": 100_000, "way": "send_many"}],
    "paging": [
        {"service": "transmitsms", "read_ahead": 0},
        {"service": "cellcast", "read_ahead": 4},
    ],
    "policies": [
        {"rule": "sliding, all count", "network": "lossy", "limiter": "mmsclient strict"},
        {"rule": "fixed", "network": "stalls", "limiter": "AsyncLimiter(rate, 1)"},
        {"rule": "sliding", "network": "heavy tail", "limiter": "aiometer"},
        {"rule": "bucket", "network": "drift of a day", "limiter": "pyrate-limiter"},
    ],
    "rows": [
        {"rows": 1_000_000, "texts": "own", "way": "add again"},
        {"rows": 1_000_000, "texts": "equal", "way": "unknown"},
    ],
    "slots": [{"rate": 1_000, "limiter": "mmsclient strict"}],
    "waiters": [{"pile": 1_000, "limiter": "mmsclient nominal"}],
}


def installed(cell: Cell) -> None:
    for label in cell.values():
        if label in PACKAGES:
            pytest.importorskip(PACKAGES[label])


def benchmarks(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "utf8", "-m", "benchmarks", *words]
    return subprocess.run(
        command, cwd=ROOT, check=False, capture_output=True, encoding="utf-8", timeout=60
    )


def test_every_file_of_the_folder_is_listed_with_what_it_is_about() -> None:
    shown = benchmarks("--list")
    listed = dict(line.split(maxsplit=1) for line in shown.stdout.splitlines())
    files = {file.stem for file in (ROOT / "benchmarks").glob("*.py")} - {"__main__"}
    assert set(listed) == files == {*SMALL, "startup"}
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


# -- each of them -----------------------------------------------------------------------------


@pytest.fixture
def log_level() -> Iterator[None]:
    log = logging.getLogger("mmsclient")
    before = log.level
    yield
    log.setLevel(before)


def measured(one: Benchmark, cell: Cell) -> Found:
    found = one.measure(Bench(quick=True), **cell)
    return found if isinstance(found, Mapping) else asyncio.run(found)


@pytest.mark.parametrize(
    ("name", "cell"), [(name, cell) for name, some in SMALL.items() for cell in some]
)
@pytest.mark.usefixtures("log_level")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of aiohttp, about twilio
def test_a_line_is_measured(name: str, cell: Cell) -> None:
    installed(cell)
    one = load(name)
    assert cell in one.cells
    found = measured(one, cell)
    figures = {name: float(found[name]) for name in found.keys() - set(one.words)}
    assert figures.keys() >= one.figures.keys()
    assert all(found[name] for name in one.words)
    assert all(math.isfinite(figure) and figure >= 0 for figure in figures.values())
    assert {ratio.of for ratio in one.ratios.values()} <= figures.keys()
    if "strict" in str(cell.get("limiter")):
        assert figures.get("refused", 0) == 0
    if name == "batching":  # calls that carry a hundred, not one: the rest is the machine's pace
        assert figures["messages/s"] / figures["calls/s"] == pytest.approx(100, rel=0.05)
    if name == "paging":
        assert 20 <= figures["calls"] <= 20 + int(cell["read_ahead"])
    if cell.get("way") in {"send_many", "mmsclient"}:
        assert figures.get("at once", 0) <= int(cell.get("in_flight", 100))


def test_every_anchor_of_a_ratio_is_a_line() -> None:
    for name in names():
        one = load(name)
        for ratio in one.ratios.values():
            assert any({**cell, **ratio.over} in one.cells for cell in one.cells), name


def test_a_choice_takes_lines_by_their_labels_and_leaves_out_what_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call = load("call")
    monkeypatch.setitem(PACKAGES, "twilio", "no_such_package")
    monkeypatch.setitem(PACKAGES, "telnyx", "no_such_package")
    assert call.left_out() >= {"twilio", "telnyx"}
    assert {cell["way"] for cell in call.chosen()} == {"post", "call", "send", "send_many"}
    [cell] = call.chosen({"in_flight": ["16"], "over": ["httpx"]}, {"way": ["send", "twilio"]})
    assert cell == {"in_flight": 16, "way": "send", "over": "httpx"}
    assert call.chosen({"colour": ["blue"]}) == []


# -- nothing leaves ---------------------------------------------------------------------------


@pytest.mark.parametrize("peer", ["twilio", "telnyx"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of aiohttp, about twilio
def test_every_message_of_another_client_arrives_at_the_server_it_is_aimed_at(peer: str) -> None:
    pytest.importorskip(peer)

    async def send(url: str) -> None:
        async with getattr(peers, peer)(url) as one:
            for _ in range(3):
                await one("12025550143")

    with Bench(quick=True).serving(constant, **peers.answer(peer)) as server:
        asyncio.run(send(server.url))
        assert server.report() == {"requests": 3, "opened": 1, "most": 1}


ELSEWHERE = """
import asyncio, sys
from benchmarks.frame import peers
from benchmarks.frame.loopback import guard
from mmsclient.wire import HttpRequest

passed = []
guard()
sys.addaudithook(lambda *event: passed.append(event) if event[0] in {
    "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"} else None)

async def main():
    for url in "http://service.example.net/", "http://192.0.2.1/":
        for name in sys.argv[1:]:
            peer, posts = getattr(peers, name), name in {"httpx", "httpx2", "aiohttp"}
            given = [HttpRequest("POST", url, {}, b"x"), 1] if posts else [url]
            async with peer(*given) as once:
                try:
                    await (once() if posts else once("12025550143"))
                except Exception as error:
                    print("refused to", name)

asyncio.run(main())
print("passed:", passed)
"""


def test_a_guarded_process_looks_up_and_connects_to_no_other_host() -> None:
    every = ["httpx", "httpx2", "aiohttp", "twilio", "telnyx"]
    there = [name for name in every if importlib.util.find_spec(name)]
    shown = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, *there],
        cwd=ROOT,
        env={**os.environ, "HTTP_PROXY": "http://192.0.2.2:3128"},
        check=True,
        capture_output=True,
        text=True,
    )
    refusals = [f"refused to {name}" for name in there]
    assert shown.stdout.splitlines() == [*refusals, *refusals, "passed: []"]


# -- pictures ---------------------------------------------------------------------------------

DRAWN = [name for name in names() if load(name).picture is not None]


def rows_of(name: str) -> list[Row]:
    one = load(name)
    figures = {figure: [0.3, 0.2, 0.4] for figure in one.figures}
    return [Row(cell=cell, figures=figures, ratios={}) for cell in one.cells]


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_small_and_the_same_for_the_same_figures(name: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    files = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        files += pictures.drawn(tmp_path / folder, name, load(name), rows_of(name))
    one, two = (file.read_bytes() for file in files)
    assert one == two
    assert b"mmsclient" in one
    assert len(one) < 60_000


def test_names_at_line_ends_are_moved_apart() -> None:
    assert pictures.spread([100, 18, 99, 17], 5) == [104, 22, 99, 17]
    assert pictures.spread([], 5) == []


def test_lines_that_differ_in_one_label_are_averaged_round_by_round() -> None:
    rows = [
        Row(cell={"rule": rule, "network": at}, figures={"us": [at, 10 * at]}, ratios={})
        for rule in ("fixed", "bucket")
        for at in (1, 2)
    ]
    assert report.averaged(rows, "network") == [
        Row(cell={"rule": rule}, figures={"us": [1.5, 15]}, ratios={})
        for rule in ("fixed", "bucket")
    ]


def test_the_pictures_that_are_kept_are_small_and_tell_no_date() -> None:
    for file in (ROOT / "benchmarks" / "pictures").glob("*.svg"):
        assert file.stem in DRAWN
        assert file.stat().st_size < 60_000
        assert "dc:date" not in file.read_text(encoding="utf-8")


def test_a_kept_run_is_read_back_and_written_as_markdown(tmp_path: Path) -> None:
    one = load("waiters")
    known: Any = {**report.facts(), "quick": True}
    rows = rows_of("waiters")
    file = report.keep(tmp_path, known, [report.plain("waiters", rows)])
    facts, found = report.kept(file)
    assert found == {"waiters": rows}
    assert facts == known
    written = report.written(tmp_path, "waiters", one, found["waiters"], facts)
    lines = written.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("| pile | limiter | seconds | us |")
    assert (
        lines[2] == "| 1000 | mmsclient nominal | 0.30 (0.20-0.40) | 0 | 0.30 (0.20-0.40) |  |  |"
    )
