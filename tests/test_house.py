"""The house itself: who may import whom, what is public, what is loaded, what is promised."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import mmsclient

ROOT = Path(mmsclient.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

#: The rooms from top to bottom: each may import only what stands above it.
LAYERS = [
    ["errors"],
    ["numbers"],
    ["text"],
    ["messages"],
    ["outcomes"],
    ["sightings"],
    ["events"],
    ["wire"],
    ["services"],
    ["engine"],
    ["paging"],
    ["gathering"],
    ["intake"],
    ["bulk"],
    ["client"],
    ["storage"],
    ["campaigns"],
    ["postbacks"],
    ["__init__"],
    ["simulator"],
    ["testing"],
    ["cli"],
    ["__main__"],
]
ORDER = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}

#: Where each run-time dependency may be imported, attrs aside: it makes the values everywhere.
ROOMS_OF = {
    "httpx": ["engine/over_httpx.py", "engine/transport.py"],
    "httpx2": ["engine/over_httpx.py"],
    "aiohttp": ["engine/aiohttp_"],
    "aiolimiter": ["engine/bucket.py"],
    "tenacity": ["engine/retry.py"],
    "xmltodict": ["services/xmltree.py"],
    "phonenumbers": ["numbers.py"],
    "h11": ["simulator/line.py"],
    "starlette": ["simulator/"],
    "uvicorn": ["simulator/", "cli/serving.py"],
    "typer": ["cli/"],
    "rich": ["cli/"],
}


def room(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return names


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_point_up_only(file: Path) -> None:
    for name in imports(file):
        parts = name.split(".")
        if parts[0] == "mmsclient" and len(parts) > 1 and parts[1] in ORDER:
            assert ORDER[parts[1]] <= ORDER[room(file)], f"{file} imports {name}"


def test_no_file_imports_itself_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for file in FILES:
        name = ".".join(("mmsclient", *file.relative_to(ROOT).with_suffix("").parts))
        graph[name] = {
            other for other in imports(file) if other.startswith("mmsclient.") and other != name
        }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " → ".join((*path, name))
        if name not in done:
            for other in graph.get(name, ()):
                visit(other, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_services_know_no_engine_and_the_engine_knows_no_service() -> None:
    for file in FILES:
        if room(file) == "services":
            assert not any("mmsclient.engine" in name for name in imports(file)), file
        if room(file) == "engine":
            assert not any("mmsclient.services" in name for name in imports(file)), file


def test_bytes_and_waiting_never_meet() -> None:
    words = {"errors", "numbers", "text", "messages", "outcomes", "sightings", "events", "services"}
    for file in FILES:
        if room(file) in words:
            assert "async def" not in file.read_text(encoding="utf-8"), file


def test_the_simulator_is_a_second_witness_and_shares_no_code_with_the_codec() -> None:
    for file in FILES:
        if room(file) == "simulator":
            taken = {name for name in imports(file) if "services" in name}
            assert taken <= {
                f"mmsclient.services.{service.lower()}{value}"
                for service in ("Skycore", "TransmitSMS", "Cellcast")
                for value in ("", f".{service}")
            }


@pytest.mark.parametrize("package", sorted(ROOMS_OF))
def test_each_dependency_stays_in_its_room(package: str) -> None:
    users = {
        file.relative_to(ROOT).as_posix()
        for file in FILES
        if any(name.split(".")[0] == package for name in imports(file))
    }
    assert users, f"{package} is a dependency that nobody uses"
    assert all(user.startswith(tuple(ROOMS_OF[package])) for user in users), users


def test_the_run_time_dependencies_are_the_five_and_no_other() -> None:
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = sorted(line.split(">")[0] for line in project["dependencies"] if ";" not in line)
    assert names == ["aiolimiter", "attrs", "httpx", "tenacity", "xmltodict"]
    # Elsewhere the system knows the zones.
    only_there = [line for line in project["dependencies"] if ";" in line]
    assert only_there == ["tzdata>=2024.1; sys_platform == 'win32'"]
    extras = project["optional-dependencies"]
    known = {
        "all",
        "bench",
        "cli",
        "dev",
        "fast",
        "httpx2",
        "listen",
        "peers",
        "phone",
        "simulator",
    }
    assert set(extras) == known


def test_importing_the_library_loads_one_service_only() -> None:
    script = "import sys, mmsclient; print(*sorted(name for name in sys.modules if '.services.' in name))"
    shown = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert "mmsclient.services.skycore" in shown.stdout
    assert not {"cellcast", "transmitsms"} & set(shown.stdout.replace(".", " ").split())


def test_importing_the_library_loads_no_extra() -> None:
    script = "import sys, mmsclient; print(*(set(sys.modules) & set(sys.argv[1:])))"
    extras = ["typer", "rich", "starlette", "uvicorn", "phonenumbers", "pytest"]
    late = ["httpx", "httpx2", "aiohttp"]
    shown = subprocess.run(
        [sys.executable, "-c", script, *extras, *late], check=True, capture_output=True, text=True
    )
    assert shown.stdout.split() == []


def test_the_plugin_costs_a_test_run_nothing() -> None:
    script = "import sys, mmsclient.testing; print(*(set(sys.modules) & set(sys.argv[1:])))"
    shown = subprocess.run(
        [sys.executable, "-c", script, "starlette", "uvicorn"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert shown.stdout.split() == []


def test_the_front_door_is_complete_and_sorted() -> None:
    modules = {info.name for info in pkgutil.iter_modules([str(ROOT)])}
    public = {name for name in dir(mmsclient) if name[0] not in "_@"} - modules
    assert sorted(public - {"TYPE_CHECKING"}) == mmsclient.__all__
    assert all(hasattr(mmsclient, name) for name in mmsclient.__all__)


def test_files_and_functions_stay_small() -> None:
    for file in FILES:
        source = file.read_text(encoding="utf-8")
        assert len(source.splitlines()) <= 400, file
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= 50, f"{file}: {node.name} has {lines} lines"


def test_every_file_says_what_is_in_it() -> None:
    for file in FILES:
        assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), file
