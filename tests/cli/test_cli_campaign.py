from __future__ import annotations

import csv
import json
import re
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest

from mmsclient.campaigns.values import STATES, Failure, State
from mmsclient.cli.campaigns.doubt import lists
from mmsclient.cli.campaigns.export import Which
from mmsclient.cli.campaigns.journal import command
from mmsclient.cli.campaigns.summary import counted
from mmsclient.cli.kinds import SERVICES
from mmsclient.cli.reasons import Reasons
from mmsclient.errors import UnsupportedError
from mmsclient.simulator import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmsclient.simulator import Simulator

HEADING = "to,from,text,reference\n"
FAST = ("--rate", "1000")
MOMENT = r"\d{1,2} [A-Z][a-z]{2} \d\d:\d\d"


def write(rows: list[str], heading: str = HEADING) -> str:
    Path("list.csv").write_text(heading + "\n".join(rows) + "\n", encoding="utf-8")
    return "list.csv"


def exported(path: str = "spring.outcomes.csv") -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("service", ["skycore", "transmitsms", "cellcast"])
def test_a_list_goes_the_whole_way_and_only_once(
    shell: Any, use: Callable[[str], Simulator], service: str
) -> None:
    sim = use(service)
    numbers = [f"61491570{n:03}" for n in range(30)]
    path = write([f"{number},70707,Hi,r-{n}" for n, number in enumerate(numbers)])
    added = shell.run("campaign", "add", "spring.db", path)
    assert added.exit_code == 0, added.output
    assert added.stdout.splitlines() == [
        "30 new, 0 known, 0 changed, 0 faulty",
        "  nothing was sent: mmsclient campaign run spring.db does that",
    ]
    assert not sim.calls

    sent = shell.run("campaign", "run", "spring.db", *FAST)
    assert sent.exit_code == 0, sent.output
    assert sent.stdout.startswith("30 accepted, 0 refused, 0 unknown: 30 done now")
    assert sorted(delivery.to for delivery in sim.deliveries) == numbers

    again = shell.run("campaign", "run", "spring.db", *FAST)
    assert again.exit_code == 0
    assert again.stdout == "nothing to send: 30 accepted, 0 refused, 0 unknown\n"
    known = shell.run("campaign", "add", "spring.db", path)
    assert known.stdout == "0 new, 30 known, 0 changed, 0 faulty\n"
    assert len(sim.deliveries) == 30

    assert f"spring, with {service}: 30 rows" in shell.run("campaign", "status", "spring.db").stdout
    assert shell.run("campaign", "export", "spring.db").exit_code == 0
    rows = exported()
    assert [row["to"] for row in rows] == numbers
    assert {row["state"] for row in rows} == {"accepted"}
    assert all(row["id"] for row in rows)


def test_options_fill_what_rows_leave_empty_as_in_bulk(shell: Any, account: Simulator) -> None:
    path = write(["12025550143,", "12025550144,80808"], "to,from\n")
    options = ("--from", "70707", "--slide-text", "Hi", "--subject", "S", "--name", "n")
    assert shell.run("campaign", "add", "spring.db", path, *options).exit_code == 0
    assert shell.run("campaign", "run", "spring.db").exit_code == 0
    assert account.received("12025550143")[0].sender == "70707"
    assert account.received("12025550144")[0].sender == "80808"
    assert account.received("12025550144")[0].texts == ("Hi",)


def test_faulty_rows_are_named_and_the_others_added(shell: Any, account: Simulator) -> None:
    rows = [
        "12025550143,70707,Hi,a",
        "0012025550144,70707,Hi,b",
        "12025550145,70707,,c",
        "12025550146,70707,Hi,d,e",
        f"12025550147,,{'Hi' * 90},e",
        "12025550148,70707,Hi,f",
    ]
    result = shell.run("campaign", "add", "spring.db", write(rows))
    assert result.exit_code == 1
    *faults, counts, _ = result.stdout.splitlines()
    assert [line.split("  ")[:3] for line in faults] == [
        ["row 2", "…44", "fault"],
        ["row 3", "…45", "fault"],
        ["row 4", "…46", "fault"],
        ["row 5", "…47", "fault"],
        ["row 5", "…47", "fault"],
    ]
    assert counts == "2 new, 0 known, 0 changed, 4 faulty"
    assert shell.run("campaign", "run", "spring.db").exit_code == 0
    assert len(account.deliveries) == 2


def test_the_rules_are_those_of_the_service_in_use_and_need_no_key(shell: Any) -> None:
    path = write(["61491570156,Hi"], "to,text\n")
    assert shell.run("campaign", "add", "a.db", path).exit_code == 1
    assert shell.run("--service", "cellcast", "campaign", "add", "b.db", path).exit_code == 0


def test_ten_faults_are_shown_unless_more_are_asked_for(shell: Any) -> None:
    path = write([f"1,70707,Hi,{n}" for n in range(25)])
    shown = shell.run("campaign", "add", "spring.db", path).stdout.splitlines()
    assert shown[9].startswith("row 10")
    assert shown[10] == "… and 15 more: --lines 0 shows all"
    shown = shell.run("campaign", "add", "spring.db", path, "--lines", "0").stdout.splitlines()
    assert shown[24].startswith("row 25")


def test_known_rows_keep_what_they_say_unless_it_is_replaced(
    shell: Any, account: Simulator
) -> None:
    assert shell.run("campaign", "add", "spring.db", write(["12025550143,70707,Hi,a"])).stdout
    path = write(["12025550143,70707,Good day,a"])
    kept = shell.run("campaign", "add", "spring.db", path)
    assert kept.exit_code == 0
    assert "0 new, 0 known, 1 changed, 0 faulty" in kept.stdout
    assert "  changed: row 1: what was there before stays; --replace takes" in kept.stdout
    assert "1 changed" in shell.run("campaign", "add", "spring.db", path, "--replace").stdout
    assert shell.run("campaign", "run", "spring.db").exit_code == 0
    assert account.received("12025550143")[0].texts == ("Good day",)


def test_without_references_a_number_gets_one_message(shell: Any, account: Simulator) -> None:
    path = write(["12025550143,70707,Hi", "+1 (202) 555-0143,70707,Hi"], "to,from,text\n")
    assert "1 new, 1 known" in shell.run("campaign", "add", "spring.db", path).stdout
    assert shell.run("campaign", "run", "spring.db").exit_code == 0
    assert len(account.deliveries) == 1


def test_a_list_may_come_from_standard_input(shell: Any) -> None:
    process = shell.start("campaign", "add", "spring.db", "-")
    code, shown, _ = shell.end(process, HEADING + "12025550143,70707,Hi,a\n")
    assert code == 0
    assert "1 new" in shown


# -- the stop list ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "12025550144\n+1 (202) 555-0145\n",
        "12025550144",
        "Name;Number\nAda;12025550144\nBo;12025550145\n",
        "to,why\n12025550144,asked\n",
        "telephone\n12025550144\n",
    ],
)
def test_who_is_on_the_stop_list_gets_nothing(shell: Any, account: Simulator, text: str) -> None:
    Path("stop.txt").write_text(text, encoding="utf-8")
    path = write([f"1202555014{n},70707,Hi,{n}" for n in (3, 4)])
    added = shell.run("campaign", "add", "spring.db", path, "--stop-list", "stop.txt")
    assert added.exit_code == 0, added.output
    assert "new on the stop list" in added.stdout
    assert "  1 of the new are refused: their numbers are on the stop list" in added.stdout
    sent = shell.run("campaign", "run", "spring.db")
    assert sent.exit_code == 1
    assert "  refused: number is on the campaign's stop list" in sent.stdout
    assert [delivery.to for delivery in account.deliveries] == ["12025550143"]


def test_the_stop_list_may_grow_alone_and_its_faults_are_told(
    shell: Any, account: Simulator
) -> None:
    path = write([f"1202555014{n},70707,Hi,{n}" for n in (3, 4)])
    assert shell.run("campaign", "add", "spring.db", path).exit_code == 0
    Path("stop.csv").write_text(
        'name,number\nAda,12025550144\nBo\nCy,nobody\nDi,"open\n', encoding="utf-8"
    )
    result = shell.run("campaign", "add", "spring.db", "--stop-list", "stop.csv")
    assert result.exit_code == 1
    told = [line.split("  ")[0] for line in result.stdout.splitlines()]
    assert told == [
        "stop list row 2",
        "stop list row 3",
        "stop list row 4",
        "1 new on the stop list",
    ]
    assert shell.run("campaign", "run", "spring.db").exit_code == 1
    assert [delivery.to for delivery in account.deliveries] == ["12025550143"]


def test_who_opted_out_at_the_service_gets_nothing(
    shell: Any, use: Callable[[str], Simulator]
) -> None:
    sim = use("cellcast")
    path = write([f"6149157015{n},70707,Hi,{n}" for n in (6, 7)])
    assert shell.run("campaign", "add", "spring.db", path).exit_code == 0
    sim.handset("61491570157").opt_out()
    asked = shell.run("campaign", "add", "spring.db", "--stop-list-from-service")
    assert asked.exit_code == 0, asked.output
    assert asked.stdout == "1 new on the stop list\n"
    assert "reading from 127.0.0.1" in asked.stderr
    assert shell.run("campaign", "run", "spring.db").exit_code == 1
    assert [delivery.to for delivery in sim.deliveries] == ["61491570156"]


@pytest.mark.parametrize("service", ["skycore", "transmitsms"])
def test_a_service_without_a_list_of_those_is_told_and_nothing_added(
    shell: Any, use: Callable[[str], Simulator], service: str
) -> None:
    use(service)
    path = write(["61491570156,70707,Hi,a"])
    result = shell.run("campaign", "add", "spring.db", path, "--stop-list-from-service")
    assert result.exit_code == 2
    assert f"{service} does not offer a listing of opt-outs" in result.stderr
    assert "--stop-list" in result.stderr
    assert not Path("spring.db").exists()


# -- what can be wrong --------------------------------------------------------------------------

COMMANDS = ("run", "status", "export", "reconcile", "resend")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_file_is_told_and_not_made(shell: Any, account: Simulator, command: str) -> None:
    more = ("--inbox", "list.csv") if command == "reconcile" else ()
    write([])
    result = shell.run("campaign", command, "spring.db", *more)
    assert result.exit_code == 2
    assert "error: spring.db does not exist" in result.stderr
    assert [path.name for path in Path().iterdir()] == ["list.csv"]


@pytest.mark.parametrize("command", ["add", *COMMANDS])
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (None, "is no SQLite database"),
        ("CREATE TABLE theirs (a)", "is no campaign journal"),
        ("PRAGMA application_id = 1835889507; PRAGMA user_version = 99", "a newer mmsclient"),
    ],
)
def test_what_is_no_journal_of_this_version_is_told_and_left_alone(
    shell: Any, account: Simulator, command: str, statement: str | None, said: str
) -> None:
    if statement is None:
        Path("spring.db").write_text("precious", encoding="utf-8")
    else:
        with closing(sqlite3.connect("spring.db")) as connection:
            connection.executescript(statement)
    before = Path("spring.db").read_bytes()
    more = {"add": (write(["12025550143,70707,Hi,a"]),), "reconcile": ("--inbox", write([]))}
    result = shell.run("campaign", command, "spring.db", *more.get(command, ()))
    assert result.exit_code == 2
    assert f"error: spring.db {said}" in result.stderr or said in result.stderr
    assert Path("spring.db").read_bytes() == before
    assert not account.calls


def test_a_journal_that_was_cut_short_while_it_was_made_is_empty(shell: Any) -> None:
    assert shell.run("campaign", "add", "spring.db", write(["12025550143,70707,Hi,a"])).stdout
    with closing(sqlite3.connect("spring.db")) as connection, connection:
        connection.executescript("DELETE FROM rows; DELETE FROM contents; DELETE FROM facts")
    result = shell.run("campaign", "status", "spring.db")
    assert result.exit_code == 2
    assert "spring.db is empty: nothing was added yet" in result.stderr
    assert shell.run("campaign", "add", "spring.db", "list.csv").exit_code == 0
    assert shell.run("campaign", "status", "spring.db").stdout.startswith("spring: 1 row\n")


def test_a_campaign_stays_with_its_service(shell: Any, use: Callable[[str], Simulator]) -> None:
    use("skycore")
    assert shell.run("campaign", "add", "spring.db", write(["61491570156,70707,Hi,a"])).stdout
    assert shell.run("campaign", "run", "spring.db").exit_code == 0
    sim = use("cellcast")
    calls = len(sim.calls)
    result = shell.run("campaign", "run", "spring.db")
    assert result.exit_code == 2
    told = "spring.db was begun with skycore, not with cellcast: a campaign stays with its service"
    assert f"{told}; --service skycore" in result.stderr
    added = shell.run("campaign", "add", "spring.db", "list.csv")
    assert added.exit_code == 2
    assert f"{told}; --service skycore" in added.stderr
    assert len(sim.calls) == calls


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--between", "03:00-04:00"), "--between 03:00-04:00 needs --zone: whose clocks"),
        (("--zone", "UTC"), "--zone UTC needs --between: which hours"),
        (("--between", "9", "--zone", "UTC"), "--between: '9' is no span of hours; write it like"),
        (("--between", "9-20", "--zone", "UTC"), "--between: '9' is no time of day; write it as"),
        (("--between", "25:00-26:00", "--zone", "UTC"), "--between: '25:00' is no time of day"),
        (
            ("--between", "09:00-20:00", "--zone", "Berlin"),
            "--zone: 'Berlin' is no time zone known",
        ),
        (("--between", "09:00-20:00", "--zone", "../x"), "--zone: '../x' is no time zone known"),
        (("--between", "09:00-09:00", "--zone", "UTC"), "--between: the two times are the same"),
    ],
)
def test_hours_that_cannot_be_read_are_told(
    shell: Any, account: Simulator, options: tuple[str, ...], said: str
) -> None:
    assert shell.run("campaign", "add", "spring.db", write(["12025550143,70707,Hi,a"])).stdout
    result = shell.run("campaign", "run", "spring.db", *options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not account.calls


def test_nothing_to_add_is_a_usage_error(shell: Any) -> None:
    result = shell.run("campaign", "add", "spring.db")
    assert result.exit_code == 2
    assert "give a CSV file of recipients, or a stop list" in result.stderr
    assert shell.run("campaign", "add", "spring.db", "-", "--stop-list", "-").exit_code == 2
    assert not Path("spring.db").exists()


# -- what is told -------------------------------------------------------------------------------


def test_where_the_service_lists_nothing_a_run_says_so_once(
    shell: Any, use: Callable[[str], Simulator]
) -> None:
    for service, said in (("skycore", 1), ("cellcast", 0)):
        use(service)
        path = write(["61491570156,70707,Hi,a", "61491570157,70707,Hi,b"])
        assert shell.run("campaign", "add", f"{service}.db", path).exit_code == 0
        result = shell.run("campaign", "run", f"{service}.db")
        assert result.exit_code == 0
        assert result.stderr.count("lists nothing of what was sent") == said
        again = shell.run("campaign", "run", f"{service}.db")
        assert "lists nothing" not in again.stderr


def test_which_service_lists_anything_is_what_the_services_offer() -> None:
    now = datetime.now(UTC)
    for name, kind in SERVICES.items():
        service = kind.make(**dict.fromkeys(list(kind.keys)[:1], "k"), url="http://127.0.0.1/")
        offered: list[object] = []
        with suppress(UnsupportedError):
            offered.append(service.outbox(now - timedelta(hours=1), now))
        with suppress(UnsupportedError):
            offered.append(service.inbox())
        assert lists(name) is bool(offered), name
    assert lists("another")


def test_the_end_of_a_run_groups_reasons_and_says_what_to_do(
    shell: Any, account: Simulator
) -> None:
    numbers = ["12025550193", "12025550193", "12025550191", "12025550143"]
    path = write([f"{number},70707,Hi,{n}" for n, number in enumerate(numbers)])
    assert shell.run("campaign", "add", "spring.db", path).exit_code == 0
    result = shell.run("campaign", "run", "spring.db")
    assert result.exit_code == 3
    first, *lines = result.stdout.splitlines()
    assert first.startswith("1 accepted, 2 refused, 1 unknown: 4 done now, in ")
    again = "mmsclient campaign reconcile spring.db"
    assert lines == [
        "  refused: 2 x the number is blacklisted",
        "  unknown: no whole answer came",
        f"  {again} --inbox postbacks.db finds out; they are not sent again",
        "  the postbacks of skycore are in that file if `mmsclient listen` has kept them",
    ]
    assert shell.run("campaign", "status", "spring.db").stdout.splitlines()[-4:] == lines


def test_the_status_is_lines_for_people_and_json_for_programs(
    shell: Any, account: Simulator
) -> None:
    path = write(["12025550143,70707,Hi,a", "12025550191,70707,Hi,b"])
    assert shell.run("campaign", "add", "spring.db", path).exit_code == 0
    fresh = shell.run("campaign", "status", "spring.db")
    assert fresh.stdout.splitlines() == [
        "spring: 2 rows",
        "  0 accepted, 0 refused, 0 unknown, 2 pending",
    ]
    assert shell.run("campaign", "run", "spring.db").exit_code == 3
    lines = shell.run("campaign", "status", "spring.db").stdout.splitlines()
    assert lines[:3] == [
        "spring, with skycore: 2 rows",
        "  1 accepted, 0 refused, 1 unknown",
        "  delivery: 1 without a report",
    ]
    assert re.fullmatch(r"  sent between 20\S+ \S+ and 20\S+ \S+", lines[3])
    assert re.fullmatch(rf"  1 still unknown; it may still go out until {MOMENT}", lines[4])
    told = json.loads(shell.run("campaign", "status", "spring.db", "--json").stdout)
    assert (told["name"], told["service"]) == ("spring", "skycore")
    assert told["counts"] == {**dict.fromkeys(STATES, 0), "accepted": 1, "unknown": 1}
    assert told["first_left_at"] <= told["last_left_at"]
    assert (told["settles_after"], told["overdue"]) == (3 * 86_400, 0)


def test_an_export_is_of_one_state_or_all_and_overwrites_nothing(
    shell: Any, account: Simulator
) -> None:
    path = write(["12025550143,70707,Hi,a", "12025550193,70707,Hi,b"])
    assert shell.run("campaign", "add", "spring.db", path).exit_code == 0
    assert shell.run("campaign", "run", "spring.db").exit_code == 1
    assert shell.run("campaign", "export", "spring.db", "--state", "refused").exit_code == 0
    assert [row["reference"] for row in exported()] == ["b"]
    again = shell.run("campaign", "export", "spring.db")
    assert again.exit_code == 2
    assert "spring.outcomes.csv is there already" in again.stderr
    assert shell.run("campaign", "export", "spring.db", "--force").exit_code == 0
    assert [row["state"] for row in exported()] == ["accepted", "refused"]
    own = shell.run("campaign", "export", "spring.db", "--out", "spring.db", "--force")
    assert own.exit_code == 2
    assert "is the journal itself" in own.stderr
    lost = shell.run("campaign", "export", "spring.db", "--out", "nowhere/there.csv")
    assert lost.exit_code == 2
    assert "cannot write" in lost.stderr
    assert not list(Path().glob("*.part"))


def test_an_export_to_standard_output_is_whole(shell: Any, account: Simulator) -> None:
    assert shell.run("campaign", "add", "spring.db", write(["12025550143,70707,Hi,a"])).stdout
    process = shell.start("campaign", "export", "spring.db", "--out", "-")
    code, shown, said = shell.end(process, private=False)
    assert code == 0
    assert [row["to"] for row in csv.DictReader(shown.splitlines())] == ["12025550143"]
    assert "1 row written to standard output" in said


def test_a_refused_key_ends_a_run_and_refuses_no_row(
    shell: Any, account: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write([f"120255500{n:02},70707,Hi,{n}" for n in range(50)])
    assert shell.run("campaign", "add", "spring.db", path).exit_code == 0
    key = account.accounts[0].key
    monkeypatch.setenv("MMSCLIENT_API_KEY", "wrong")
    result = shell.run("campaign", "run", "spring.db", "--max-in-flight", "2", *FAST)
    assert result.exit_code == 1
    assert "check the key" in result.stderr
    assert "50 rows not sent: the same command goes on" in result.stderr
    assert len(account.calls) <= 4
    monkeypatch.setenv("MMSCLIENT_API_KEY", key)
    assert shell.run("campaign", "run", "spring.db", *FAST).exit_code == 0
    assert len(account.deliveries) == 50


def test_an_empty_account_ends_a_run_with_what_to_do(shell: Any, account: Simulator) -> None:
    account.faults.add(Fault(kind="E713", nth=3))
    path = write([f"120255500{n:02},70707,Hi,{n}" for n in range(50)])
    assert shell.run("campaign", "add", "spring.db", path).exit_code == 0
    result = shell.run("campaign", "run", "spring.db", "--max-in-flight", "1", *FAST)
    assert result.exit_code == 1
    assert "settle the account with the service" in result.stderr
    assert "48 rows not sent: the same command goes on" in result.stderr
    assert shell.run("campaign", "run", "spring.db", *FAST).exit_code == 0
    assert len(account.deliveries) == 50


@pytest.mark.parametrize("command", ["add", "preview", *COMMANDS])
def test_help_explains_exit_codes_and_no_option_takes_a_credential(
    shell: Any, command: str
) -> None:
    shown = shell.run("campaign", command, "--help", private=False).output
    assert {"130", "70"} <= set(shown.split())
    assert not {"--key", "--api-key", "--token", "--secret"} & set(shown.split())


@pytest.mark.parametrize("command", ["status", "export", "resend"])
def test_what_needs_no_account_takes_its_options_all_the_same(shell: Any, command: str) -> None:
    path = write(["12025550143,70707,Hi,a"])
    assert shell.run("campaign", "add", "spring.db", path).exit_code == 0
    result = shell.run("campaign", command, "spring.db", "--service", "skycore")
    assert result.exit_code == (1 if command == "resend" else 0), result.output


# -- small parts --------------------------------------------------------------------------------


def test_commands_can_be_copied_into_a_shell() -> None:
    assert command("run", Path("spring.db")) == "mmsclient campaign run spring.db"
    assert command("run", Path("of spring.db")) == "mmsclient campaign run 'of spring.db'"


def test_the_states_are_the_librarys() -> None:
    assert tuple(Which) == STATES == get_args(State)


def test_only_states_with_rows_are_counted_beside_the_outcomes() -> None:
    counts: dict[State, int] = dict.fromkeys(STATES, 0)
    assert counted(counts) == "0 accepted, 0 refused, 0 unknown"
    assert counted({**counts, "sending": 1200}) == (
        "0 accepted, 0 refused, 0 unknown, 1,200 on their way"
    )


def test_kept_reasons_read_like_those_of_errors() -> None:
    reasons = Reasons()
    assert not reasons
    for failure in (
        Failure(error="NoReplyError", reason="no whole answer came (ReadTimeout)"),
        Failure(error="NoReplyError", reason="no whole answer came (ReadError)"),
        Failure(error="InvalidMessageError", reason="to: starts with 00; leave it out | x: y; z"),
        Failure(error="ServiceFailedError"),
    ):
        reasons.add_kept(failure)
    assert list(reasons.listed("unknown")) == [
        "  unknown: 2 x no whole answer came",
        "  unknown: ServiceFailedError",
        "  unknown: number starts with 00",
    ]
