"""The README's words: every Python block runs, every command exists, every operation is there."""

from __future__ import annotations

import bisect
import itertools
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
from every_call import operations
from every_service import TABLES

import mmsclient as mms
from mmsclient import errors

if TYPE_CHECKING:
    from collections.abc import Callable

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
        cwd=tmp_path,
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


def table(header: str) -> list[str]:
    """Return the rows of the README's only table with this header."""
    _, found, rest = TEXT.partition(f"\n{header}\n")
    assert found
    assert f"\n{header}\n" not in rest
    lines = iter(rest.splitlines())
    assert set(next(lines)) == set("|-")
    return list(itertools.takewhile(lambda line: line.startswith("|"), lines))


#: The header of each table of operations.
HEADERS = {
    "Skycore": "| Skycore's action | method |",
    "TransmitSMS": "| TransmitSMS's call | method |",
    "Cellcast": "| Cellcast's API v3 | its Bearer API | method |",
}


def operation_rows(service: str) -> list[str]:
    """Return the rows that a service must have: each of its methods has a trial of its own."""
    if service != "Cellcast":
        tried = TABLES["Skycore" if service == "Skycore" else "TransmitSMS, JSON"]
        return [f"| {operation} | `{method}` |" for method, (operation, _) in tried.items()]
    v3, bearer = TABLES["Cellcast, v3"], TABLES["Cellcast, Bearer"]
    return [
        f"| {v3.get(method, NONE)[0]} | {bearer.get(method, NONE)[0]} | `{method}` |"
        for method in {**v3, **bearer}
    ]


NONE: tuple[str, None] = ("-", None)


@pytest.mark.parametrize("service", HEADERS)
def test_exactly_the_operations_of_each_service_are_listed(service: str) -> None:
    rows = table(HEADERS[service])
    assert rows == operation_rows(service)
    listed = {row.split("`")[1] for row in rows}
    assert listed == operations(getattr(mms, service))


COLUMNS: dict[str, mms.Service] = {
    "Skycore": mms.Skycore(api_key="k"),
    "TransmitSMS": mms.TransmitSMS(api_key="k"),
    "Cellcast, API v3": mms.Cellcast(app_key="k"),
    "Cellcast, Bearer API": mms.Cellcast(token="t"),  # noqa: S106 - of nobody
}
TEXT_MESSAGE = mms.Sms(to="12025550143", sender="70707", text="Fresh at 7")
PICTURE = mms.Slide(image=mms.File(b"\x89PNG\r\n\x1a\n", "menu.png"), text="Fresh at 7")
LINKED = mms.Slide(image="https://media.example.net/menu.gif", text="Fresh at 7")


def is_fine(service: mms.Service, message: mms.Message) -> bool:
    return service.check(message).ok


def is_offered(make: Callable[[], object]) -> bool:
    try:
        make()
    except mms.UnsupportedError:
        return False
    return True


def longest(service: mms.Service, sign: str) -> str:
    """Return how many of a character a text can have."""

    def excess(count: int) -> int:
        return 0 if is_fine(service, attrs.evolve(TEXT_MESSAGE, text=sign * count)) else 1

    return str(bisect.bisect_left(range(2000), 1, lo=1, key=excess) - 1)


def takes_slides(service: mms.Service, *slides: mms.Slide) -> bool:
    """Whether it takes these, with a subject or without one."""
    to, sender = TEXT_MESSAGE.to, TEXT_MESSAGE.sender
    plain = mms.Mms(to=to, sender=sender, slides=slides, name="menu")
    return is_fine(service, plain) or is_fine(service, attrs.evolve(plain, subject="Menu"))


def shares_texts(service: mms.Service) -> bool:
    other = attrs.evolve(TEXT_MESSAGE, text="Fresh at 8")
    key = service.batch_key(TEXT_MESSAGE)
    return key is not None and key == service.batch_key(other)


PERIOD = (datetime(2031, 2, 3, tzinfo=UTC), datetime(2031, 2, 4, tzinfo=UTC))

#: What is said of each service -> how it is found out.
ABILITIES: dict[str, Callable[[mms.Service], object]] = {
    "longest `Sms`, GSM alphabet": lambda s: longest(s, "x"),
    "longest `Sms`, other alphabets": lambda s: longest(s, "ж"),
    "`Mms` with an image at an address": lambda s: takes_slides(s, LINKED),
    "`Mms` with an image in the call (`File`)": lambda s: takes_slides(s, PICTURE),
    "`Mms` with several slides": lambda s: takes_slides(s, LINKED, LINKED),
    "`SavedMms`": lambda s: is_fine(
        s, mms.SavedMms(to="12025550143", sender="70707", template="7")
    ),
    "`sender` may be left out": lambda s: is_fine(s, attrs.evolve(TEXT_MESSAGE, sender=None)),
    "messages that can share a call": lambda s: f"{s.largest_batch:,}",
    "also with different texts": shares_texts,
    "`client.inbox()`": lambda s: is_offered(s.inbox),
    "`mark_read`": lambda s: is_offered(lambda: s.mark_read(["7"])),
    "`service.outbox(start, end)`": lambda s: is_offered(lambda: s.outbox(*PERIOD)),
    "`service.opt_outs()`": lambda s: is_offered(s.opt_outs),
    "`service.settles_after`, hours": lambda s: f"{s.settles_after / timedelta(hours=1):g}",
    "default rate, calls a second": lambda s: s.rate.calls,
}


def abilities() -> list[str]:
    shown = {True: "yes", False: "no"}
    rows = []
    for what, find_out in ABILITIES.items():
        found = [find_out(service) for service in COLUMNS.values()]
        cells = [shown[one] if isinstance(one, bool) else str(one) for one in found]
        rows.append(f"| {what} | {' | '.join(cells)} |")
    return rows


def test_the_table_of_abilities_says_what_is_so() -> None:
    assert table(f"| | {' | '.join(COLUMNS)} |") == abilities()


def test_the_table_of_references_says_what_is_so() -> None:
    rows = table(f"| a reference comes back in reports of | {' | '.join(COLUMNS)} |")
    named: list[mms.Message] = [
        attrs.evolve(TEXT_MESSAGE, reference="order-117"),
        mms.Mms(to="12025550143", slides=[LINKED], reference="order-117"),
        mms.SavedMms(to="12025550143", template="7", reference="order-117"),
    ]
    carrying = mms.TransmitSMS(
        api_key="k", dlr_callback="https://hooks.example.net/dlr?ref={reference}"
    )
    for row, message in zip(rows, named, strict=True):
        for cell, service in zip(row.split(" | ")[1:], COLUMNS.values(), strict=True):
            with_callback = carrying if "dlr_callback" in cell else service
            carried = with_callback.carried_reference(message)
            assert (carried is None) == (cell.strip(" |") in {"no", "-"}), (row, service.name)


def test_every_service_stands_in_the_table_of_services() -> None:
    rows = table("| service | class | wire | default rate |")
    classes = [re.findall(r"`(\w+)", row)[0] for row in rows]
    assert classes == ["Skycore", "TransmitSMS", "Cellcast", "Cellcast"]
    rates = [f"| {service.rate.calls} calls/s |" for service in COLUMNS.values()]
    assert all(row.endswith(rate) for row, rate in zip(rows, rates, strict=True))


def test_every_command_line_names_a_command_that_exists() -> None:
    commands = set(re.findall(r"^mmsclient (\w+)", TEXT, re.MULTILINE))
    assert commands == {
        *("demo", "simulate", "check", "bulk", "send"),
        *("inbox", "pages", "balance", "listen", "campaign"),
    }
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
