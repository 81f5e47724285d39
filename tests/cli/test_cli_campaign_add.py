"""What goes wrong with the files given to ``campaign add``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mmsclient.simulator import Simulator

HEADING = "to,from,text,reference\n"
FAST = ("--rate", "1000")


def write(rows: list[str]) -> str:
    Path("list.csv").write_text(HEADING + "\n".join(rows) + "\n", encoding="utf-8")
    return "list.csv"


def test_changed_rows_are_named_by_their_place_in_the_file(shell: Any) -> None:
    rows = [f"1202555{n:04},70707,Hi,r-{n}" for n in range(1200)]
    assert shell.run("campaign", "add", "spring.db", write(rows)).exit_code == 0
    rows = [row.replace("Hi", "Ho") if n % 100 == 50 else row for n, row in enumerate(rows)]
    rows[2] = ",70707,,"
    rows[60] = "12,70707,Hi,x"
    told = shell.run("campaign", "add", "spring.db", write(rows)).stdout
    assert "0 new, 1,186 known, 12 changed, 2 faulty" in told
    named = ", ".join(f"{n + 1:,}" for n in range(50, 1050, 100))
    assert f"  changed: rows {named} and 2 more: what was there before stays" in told


def test_a_stop_list_alone_makes_no_second_journal(shell: Any) -> None:
    Path("stop.txt").write_text("12025550144\n", encoding="utf-8")
    result = shell.run("campaign", "add", "sprng.db", "--stop-list", "stop.txt")
    assert result.exit_code == 2
    assert "error: sprng.db does not exist" in result.stderr
    assert not Path("sprng.db").exists()


def test_a_new_campaign_is_told_once(shell: Any) -> None:
    path = write(["12025550143,70707,Hi,a"])
    assert "spring.db: new campaign" in shell.run("campaign", "add", "spring.db", path).stderr
    assert "new campaign" not in shell.run("campaign", "add", "spring.db", path).stderr


@pytest.mark.parametrize("there", [True, False])
def test_files_that_changed_places_are_told(shell: Any, there: bool) -> None:
    path = write(["12025550143,70707,Hi,a"])
    if there:
        assert shell.run("campaign", "add", "spring.db", path).exit_code == 0
    result = shell.run("campaign", "add", path, "spring.db")
    assert result.exit_code == 2
    assert "the journal comes first: mmsclient campaign add spring.db list.csv" in result.stderr
    assert Path("spring.db").exists() is there
    if there:
        lost = shell.run("campaign", "add", "lost.csv", "spring.db")
        assert "the journal comes first: mmsclient campaign add spring.db lost.csv" in lost.stderr


def test_a_quote_that_is_never_closed_takes_no_other_row_with_it(
    shell: Any, account: Simulator
) -> None:
    rows = ["12025550143,70707,Hi,a", '12025550144,70707,"Hi,b']
    rows += [f"1202555014{n},70707,Hi,{n}" for n in range(5, 9)]
    added = shell.run("campaign", "add", "spring.db", write(rows))
    assert added.exit_code == 1
    assert added.stdout.startswith("row 2  …  fault  row: has a quote that is never closed; ")
    assert "5 new, 0 known, 0 changed, 1 faulty" in added.stdout
    assert shell.run("campaign", "run", "spring.db", *FAST).exit_code == 0
    assert sorted({text for one in account.deliveries for text in one.texts}) == ["Hi"]
    assert len(account.deliveries) == 5


def test_who_stands_below_an_open_quote_is_on_the_stop_list_too(
    shell: Any, account: Simulator
) -> None:
    path = write([f"1202555014{n},70707,Hi,{n}" for n in (3, 4)])
    Path("stop.csv").write_text('who,number\n"Ada,12025550149\nBo,12025550144\n', encoding="utf-8")
    added = shell.run("campaign", "add", "spring.db", path, "--stop-list", "stop.csv")
    assert added.exit_code == 1
    assert "stop list row 1" in added.stdout
    assert shell.run("campaign", "run", "spring.db").exit_code == 1
    assert [delivery.to for delivery in account.deliveries] == ["12025550143"]
