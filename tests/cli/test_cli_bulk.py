from __future__ import annotations

import csv
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mmsclient.cli.progress import Pauses
from mmsclient.cli.reasons import Reasons
from mmsclient.cli.repeats import Repeats
from mmsclient.errors import RefusedError
from mmsclient.simulator import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmsclient.simulator import Simulator

HEADING = "to,from,text,reference\n"
PATIENCE = 15.0

posix = pytest.mark.skipif(os.name != "posix", reason="neither SIGINT nor terminals there")


def write(rows: list[str], heading: str = HEADING) -> str:
    Path("list.csv").write_text(heading + "\n".join(rows) + "\n", encoding="utf-8")
    return "list.csv"


def numbered(count: int) -> list[str]:
    return [f"120255501{n % 80:02d},70707,Hi,r-{n}" for n in range(count)]


def outcomes(path: str = "list.outcomes.csv") -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.01)


def test_every_row_has_one_outcome_with_the_facts(shell: Any, account: Simulator) -> None:
    rows = [
        "12025550143,70707,Hi,a",
        "12025550193,70707,Hi,b",
        "12025550191,70707,Hi,c",
        "call me,70707,Hi,d",
        "12025550144,70707,,e",
        "12025550145,70707,Hi,f,g",
        "12025550192,70707,Hi,h",
    ]
    result = shell.run("bulk", write(rows))
    assert result.exit_code == 3
    assert "2 accepted, 4 refused, 1 unknown" in result.stdout
    by_row = {line["row"]: line for line in outcomes()}
    assert {row: line["outcome"] for row, line in by_row.items()} == {
        "1": "accepted",
        "2": "refused",
        "3": "unknown",
        "4": "refused",
        "5": "refused",
        "6": "refused",
        "7": "accepted",
    }
    assert by_row["1"]["id"] == account.received("12025550143")[0].tracking_id
    assert (by_row["1"]["to"], by_row["1"]["reference"]) == ("12025550143", "a")
    assert (by_row["2"]["error"], by_row["2"]["code"]) == ("RefusedError", "E114")
    assert by_row["3"]["error"] == "NoReplyError"
    assert by_row["4"]["to"] == "call me"
    assert "nothing to send" in by_row["5"]["detail"]
    assert "more cells" in by_row["6"]["detail"]


def test_all_accepted_exits_with_0_and_some_refused_with_1(shell: Any, account: Simulator) -> None:
    assert shell.run("bulk", write(["12025550143,70707,Hi,a"])).exit_code == 0
    assert shell.run("bulk", write(["1,70707,Hi,a"]), "--force").exit_code == 1


def test_options_fill_what_rows_leave_empty(shell: Any, account: Simulator) -> None:
    path = write(["12025550143,", "12025550144,80808"], "to,from\n")
    assert shell.run("bulk", path, "--text", "Hi", "--from", "70707").exit_code == 0
    assert account.received("12025550143")[0].sender == "70707"
    assert account.received("12025550144")[0].sender == "80808"


def test_an_mms_is_made_of_columns(shell: Any, account: Simulator) -> None:
    heading = "to,from,subject,name,image,slide_text,slide_text.2\n"
    path = write(["12025550143,70707,S,n,https://media.example.net/1.png,a,b"], heading)
    assert shell.run("bulk", path).exit_code == 0
    assert account.received("12025550143")[0].texts == ("a", "b")


def test_outcomes_are_never_overwritten_by_accident(shell: Any, account: Simulator) -> None:
    path = write(["12025550143,70707,Hi,a"])
    Path("list.outcomes.csv").write_text("precious", encoding="utf-8")
    result = shell.run("bulk", path)
    assert result.exit_code == 2
    assert "--force" in result.stderr
    assert Path("list.outcomes.csv").read_text(encoding="utf-8") == "precious"
    assert not account.calls
    assert shell.run("bulk", path, "--out", "other.csv").exit_code == 0
    assert len(outcomes("other.csv")) == 1


def test_the_list_itself_is_not_overwritten_even_by_force(shell: Any, account: Simulator) -> None:
    path = write(["12025550143,70707,Hi,a"])
    assert shell.run("bulk", path, "--out", path, "--force").exit_code == 2
    assert Path(path).read_text(encoding="utf-8").startswith(HEADING)


def test_an_unknown_column_is_an_error_before_anything_is_sent(
    shell: Any, account: Simulator
) -> None:
    result = shell.run("bulk", write(["1,2"], "to,tekst\n"))
    assert result.exit_code == 2
    assert "'tekst' (did you mean text?)" in result.stderr
    assert not Path("list.outcomes.csv").exists()
    assert not account.calls


def test_a_refused_key_ends_the_run(
    shell: Any, account: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMSCLIENT_API_KEY", "wrong")
    result = shell.run("bulk", write(numbered(200)), "--max-in-flight", "2", "--rate", "1000")
    assert result.exit_code == 1
    assert "check the key" in result.stderr
    assert len(account.calls) <= 4
    assert f"{200 - len(outcomes())} rows not sent" in result.stderr


def test_a_refused_key_need_not_end_the_run(
    shell: Any, account: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMSCLIENT_API_KEY", "wrong")
    result = shell.run("bulk", write(numbered(20)), "--no-stop-on-auth", "--rate", "1000")
    assert result.exit_code == 1
    assert len(outcomes()) == len(account.calls) == 20


def test_without_a_terminal_plain_lines_show_the_progress(shell: Any, account: Simulator) -> None:
    process = shell.start("bulk", write(numbered(50)), "--rate", "20")
    code, shown, progress = shell.end(process)
    assert code == 0
    assert shown.startswith("50 accepted")
    line = next(line for line in progress.splitlines() if " of 50 · " in line)
    assert "/s now" in line
    assert "in flight" in line
    assert "accepted" in line
    assert "left" in line


@posix
def test_on_a_terminal_a_bar_shows_the_progress(shell: Any, account: Simulator) -> None:
    code, shown = shell.on_terminal("bulk", write(numbered(20)), "--rate", "40")
    assert code == 0
    assert "━" in shown.decode()
    assert b"20 of 20" in shown
    assert b"20 accepted, 0 refused, 0 unknown" in shown


def test_standard_input_is_read_as_it_comes(shell: Any, account: Simulator) -> None:
    process = shell.start("bulk", "-", "--out", "o.csv")
    assert process.stdin is not None
    process.stdin.write(HEADING + "12025550143,70707,Hi,a\n")
    process.stdin.flush()
    until(lambda: account.deliveries)
    code, shown, _ = shell.end(process, "12025550144,70707,Hi,b\n")
    assert code == 0
    assert "2 accepted" in shown
    assert [line["reference"] for line in outcomes("o.csv")] == ["a", "b"]


@posix
def test_the_first_ctrl_c_waits_for_what_is_on_its_way(shell: Any, account: Simulator) -> None:
    process = shell.start("bulk", write(numbered(500)), "--rate", "20")
    until(lambda: len(account.deliveries) >= 5)
    process.send_signal(signal.SIGINT)
    code, _, complained = shell.end(process)
    assert code == 130
    lines = outcomes()
    assert {line["outcome"] for line in lines} == {"accepted"}
    assert len(lines) == len(account.deliveries) == len(account.calls) < 100
    assert f"{500 - len(lines)} rows not sent" in complained


@posix
def test_the_second_ctrl_c_ends_at_once_and_says_what_is_not_known(
    shell: Any, account: Simulator
) -> None:
    account.faults.add(Fault(kind="stall", seconds=60, nth=3))
    process = shell.start("bulk", write(numbered(500)), "--rate", "20", "--max-in-flight", "1")
    until(lambda: len(account.calls) >= 3)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    line = ""
    while "interrupted: waiting for 1 on its way" not in line:
        line = process.stderr.readline()
        assert line, "it ended by itself"
    process.send_signal(signal.SIGINT)
    code, _, _ = shell.end(process)
    assert code == 3
    assert [line["outcome"] for line in outcomes()] == ["accepted", "accepted", "unknown"]


@posix
def test_ctrl_c_while_standard_input_is_silent_ends_the_run(shell: Any, account: Simulator) -> None:
    process = shell.start("bulk", "-", "--out", "o.csv")
    assert process.stdin is not None
    process.stdin.write(HEADING + "12025550143,70707,Hi,a\n")
    process.stdin.flush()
    until(lambda: len(outcomes("o.csv")) == 1 if Path("o.csv").exists() else False)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    _, _, complained = shell.end(process)
    assert "nor what follows row 1" in complained


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_a_disk_that_is_full_from_the_start_sends_nothing(shell: Any, account: Simulator) -> None:
    result = shell.run("bulk", write(numbered(5)), "--out", "/dev/full", "--force")
    assert result.exit_code == 2
    assert "No space left" in result.stderr
    assert not account.calls


@posix
def test_an_outcome_that_cannot_be_written_stops_the_run_and_is_told(
    shell: Any, account: Simulator
) -> None:
    import resource

    path = write(numbered(500))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        result = shell.run("bulk", path, "--rate", "1000")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert result.exit_code == 3
    assert "cannot go on: File too large" in result.stderr
    assert "without a line in list.outcomes.csv may have been sent" in result.stderr
    assert len(account.calls) < 200


def test_rows_are_read_lazily(
    shell: Any, account: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mmsclient.cli import table

    ahead: list[int] = []
    lazily = table.lazily

    async def counted(source: table.Table, *, waits: bool) -> Any:
        async for row in lazily(source, waits=waits):
            ahead.append(row.number - len(account.calls))
            yield row

    monkeypatch.setattr(table, "lazily", counted)
    assert (
        shell.run("bulk", write(numbered(200)), "--max-in-flight", "4", "--rate", "1000").exit_code
        == 0
    )
    assert max(ahead) <= 5


TWICE = ["12025550143,70707,Hi,a", "+1 (202) 555-0143,70707,Hi,b", "12025550144,70707,Hi,c"]


def test_a_number_that_stands_there_twice_is_told_and_sent(shell: Any, account: Simulator) -> None:
    result = shell.run("bulk", write(TWICE))
    assert result.exit_code == 0
    assert "1 row to a number that stood there before: taken as any other" in result.stdout
    assert len(account.calls) == 3


def test_repeated_numbers_can_be_skipped(shell: Any, account: Simulator) -> None:
    result = shell.run("bulk", write(TWICE), "--skip-repeated")
    assert result.exit_code == 0
    assert "2 accepted, 0 refused, 0 unknown, 1 skipped" in result.stdout
    assert "not sent" not in result.stderr
    assert len(account.calls) == 2
    assert sorted((line["row"], line["outcome"]) for line in outcomes()) == [
        ("1", "accepted"),
        ("2", "skipped"),
        ("3", "accepted"),
    ]


def test_repeats_are_looked_for_within_bounds() -> None:
    repeats = Repeats(limit=2)
    numbers = ["12025550143", "12025550144", "nobody", "nobody", "12025550144"]
    assert [repeats.again(one) for one in numbers] == [False, False, False, False, True]
    assert not repeats.full
    assert not repeats.again("12025550145")
    assert repeats.full
    assert not repeats.again("12025550145")
    assert repeats.count == 1


def test_the_summary_groups_reasons_and_says_what_to_do(shell: Any, account: Simulator) -> None:
    numbers = ["12025550193", "12025550193", "0012025550143", "12025550191"]
    result = shell.run("bulk", write([f"{one},70707,Hi,r" for one in numbers]))
    assert result.exit_code == 3
    _, *lines = result.stdout.splitlines()
    assert lines == [
        "  refused: 2 x the number is blacklisted",
        "  refused: number starts with 00",
        "  unknown: no whole answer came",
        "  look for their delivery reports; they are not sent again",
        "1 row to a number that stood there before: taken as any other",
    ]


def test_at_most_eight_reasons_are_shown_most_first() -> None:
    reasons = Reasons()
    for place in range(12):
        for _ in range(3 if place == 5 else 1):
            reasons.add(RefusedError(f"reason {place:02d}"))
    first, *_, last = reasons.most()
    assert first == "3 x reason 05"
    assert last == "… and 4 more reasons"
    assert len(reasons.most()) == 9


def test_plain_lines_grow_rarer() -> None:
    pauses = Pauses(0.0)
    spoken = [now for now in range(1000) if pauses.due(now, now)]
    assert spoken[:11] == [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 30]
    assert [late for late in spoken if 290 < late < 500] == [300, 360, 420, 480]


def test_no_plain_line_is_shown_where_nothing_has_changed() -> None:
    pauses = Pauses(0.0)
    assert [now for now in range(30) if pauses.due(now, now // 12)] == [2, 12, 24]
