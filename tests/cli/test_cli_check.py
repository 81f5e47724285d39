from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mmsclient.cli.calls import HELD, Calls
from mmsclient.messages import Sms
from mmsclient.services.transmitsms import TransmitSMS

LONG = "A subject that is longer than forty letters is long"
ROWS = f"""to,from,text,slide_text,subject,name
12025550143,70707,Hi,,,
0012025550144,70707,Hi,,,
+1 (202) 555-0143,70707,Hi,,,
12025550145,70707,,Hi,{LONG},n
12025550146,70707,,,,
"""


def write(text: str) -> str:
    Path("list.csv").write_text(text, encoding="utf-8")
    return "list.csv"


def test_rows_are_judged_without_key_or_network(shell: Any) -> None:
    result = shell.run("check", write(ROWS))
    assert result.exit_code == 1
    *remarks, counts, took = result.stdout.splitlines()
    assert [tuple(line.split("  ")[:3]) for line in remarks] == [
        ("row 2", "…44", "fault"),
        ("row 3", "…43", "twice"),
        ("row 4", "…45", "advice"),
        ("row 5", "…46", "fault"),
    ]
    assert counts == "5 rows: 2 with faults, 1 with advice, 1 to a number that came before"
    assert took == "3 to send: about 0.2 s at 15 a second"


def test_numbers_are_shown_when_asked_for(shell: Any) -> None:
    result = shell.run("check", write(ROWS), "--show-numbers", private=False)
    assert "row 2  0012025550144  fault" in result.stdout


def test_remarks_are_bounded_unless_asked_for(shell: Any) -> None:
    path = write("to,from,text\n" + "1,70707,Hi\n" * 150)
    assert "… and 50 more" in shell.run("check", path).stdout
    assert len(shell.run("check", path, "--lines", "0").stdout.splitlines()) == 152


def test_a_list_without_faults_exits_with_0(shell: Any) -> None:
    path = write("to\n12025550143\n")
    assert shell.run("check", path, "--from", "70707", "--text", "Hi").exit_code == 0


def test_the_estimate_follows_the_rate(shell: Any) -> None:
    path = write("to,from,text\n" + "12025550143,70707,Hi\n" * 120)
    assert "about 2 min 0 s at 1 a second" in shell.run("check", path, "--rate", "1").stdout


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "250 to send in 3 calls: about 1.5 s at 2 a second"),
        (["--batch", "50"], "250 to send in 5 calls: about 2.5 s at 2 a second"),
        (["--batch", "1"], "250 to send: about 2 min 5 s at 2 a second"),
        (["--service", "skycore"], "250 to send: about 16.7 s at 15 a second"),
    ],
)
def test_the_estimate_counts_the_calls_that_messages_share(
    shell: Any, more: list[str], said: str
) -> None:
    path = write("to,from,text\n" + "".join(f"12025550{n:03},70707,Hi\n" for n in range(250)))
    assert said in shell.run("--service", "transmitsms", "check", path, *more).stdout


def test_the_estimate_needs_little_memory_and_starts_a_call_for_a_repeated_number() -> None:
    service = TransmitSMS(api_key="k")
    calls = Calls(service, None)
    for text in ("a", "b"):
        calls.add(Sms(to="12025550143", text=text))
    for _ in range(2):
        calls.add(Sms(to="12025550144", text="a"))
    assert calls.count() == 3

    crowded = Calls(service, None)
    for n in range(HELD + 5):
        crowded.add(Sms(to="12025550143", text=str(n)))
    assert crowded._held <= HELD
    assert crowded.count() == HELD + 5


def test_one_message_is_checked_by_the_options_of_send(shell: Any) -> None:
    arguments = ["check", "--from", "70707", "--text", "Hi", "--to"]
    assert shell.run(*arguments, "12025550143").exit_code == 0
    result = shell.run(*arguments, "02025550143")
    assert result.exit_code == 1
    assert "row 1  …43  fault  to: starts with 0" in result.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no heading"),
        ("to,nme,txet\n", "'nme' (did you mean name?), 'txet' (did you mean text?)"),
        ("phone,Message\n", "'phone' (did you mean to?), 'Message' (did you mean text?)"),
        ("from,text\n", "has no column 'to'"),
        ("to,from,sender\n", "column sender is there twice"),
    ],
)
def test_a_wrong_heading_is_a_usage_error_that_names_it(shell: Any, text: str, said: str) -> None:
    result = shell.run("check", write(text))
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize("line", ["12025550143,Hi you", "to,2025550143", "somebody,Hi you"])
def test_a_file_without_heading_is_told_without_its_cells(shell: Any, line: str) -> None:
    result = shell.run("check", write(f"{line}\n12025550144,Hi\n"))
    assert result.exit_code == 2
    assert "the first line looks like data: add a heading line" in result.stderr
    assert "  columns: from, to, text, " in result.stderr
    assert "Hi you" not in result.output
    assert "somebody" not in result.output


def test_headings_ignore_case(shell: Any) -> None:
    assert shell.run("check", write("To,From,TEXT\n12025550143,70707,Hi\n")).exit_code == 0


def test_without_anything_to_check_it_shows_its_usage(shell: Any) -> None:
    result = shell.run("check")
    assert result.exit_code == 2
    assert "Usage:" in result.stderr
    assert not result.stdout


def test_a_missing_file_is_a_usage_error(shell: Any) -> None:
    result = shell.run("check", "missing.csv")
    assert result.exit_code == 2
    assert "cannot read missing.csv" in result.stderr


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_spreadsheets_of_all_countries_are_read(shell: Any, separator: str, mark: str) -> None:
    rows = [["to", "from", "text"], ["12025550143", "70707", '"one\ntwo"'], [], ["", "", ""]]
    text = "\r\n".join(separator.join(row) for row in rows)
    result = shell.run("check", write(mark + text))
    assert result.exit_code == 0, result.output
    assert "1 row:" in result.stdout


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (b"12025550143,70707,caf\xe9", "is not UTF-8"),
        (b"12025550143,70707,Hi, there", "has more cells than there are columns"),
        (b'12025550143,70707,"' + b"Hi " * 10_000, "has a quote that is never closed"),
        (b'12025550143,70707,"Hi', "has a quote that is never closed"),
        (b'12025550143,70707,"Hi\n12025550145,70707,"Ho, ho"', "has a quote that is never closed"),
        (b'12025550143,70707,"say "Hi""', "row: is not CSV; a quote in a cell that stands in"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_fault_of_that_row(
    shell: Any, row: bytes, said: str
) -> None:
    Path("list.csv").write_bytes(b"to,from,text\n12025550144,70707,Hi\n" + row + b"\n")
    result = shell.run("check", "list.csv")
    assert result.exit_code == 1
    assert said in result.stdout
    assert "row 2" in result.stdout


def test_rows_below_an_open_quote_are_judged_as_they_stand(shell: Any) -> None:
    rows = [f"1202555{n:04},70707,Hi {n}" for n in range(2000)]
    rows[3] = '12025550003,70707,"Hi'
    result = shell.run("check", write("to,from,text\n" + "\n".join(rows) + "\n"))
    assert result.stdout.count("fault") == 2, "one, and the sum of them"
    assert "row 4  …  fault  row: has a quote that is never closed" in result.stdout
    assert "2,000 rows: 1 with faults, 0 with advice, 0 to a number" in result.stdout


def test_a_text_that_looks_like_rows_is_advised_against_and_one_of_several_lines_is_not(
    shell: Any,
) -> None:
    rows = [
        '12025550143,70707,"Hi\n12025550144,70707,"',
        '12025550145,70707,"Dear all,\nbread, rolls and cake\n1300 555 010"',
    ]
    result = shell.run("check", write("to,from,text\n" + "\n".join(rows) + "\n"))
    assert result.exit_code == 0
    advice = "row 1  …43  advice  text: holds a line that looks like a row: look for a quote"
    assert result.stdout.startswith(advice)
    assert "2 rows: 0 with faults, 1 with advice" in result.stdout


def test_standard_input_is_read(shell: Any) -> None:
    process = shell.start("check", "-")
    code, shown, _ = shell.end(process, ROWS)
    assert code == 1
    assert "5 rows: 2 with faults" in shown
