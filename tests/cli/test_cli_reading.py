from __future__ import annotations

import csv
import inspect
import io
import json
import re
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from mmsclient.cli.listings import listings
from mmsclient.cli.shown import HIDDEN, Form, fields, writer
from mmsclient.events import InboundMessage
from mmsclient.services import cellcast, transmitsms
from mmsclient.services.skycore import Skycore
from mmsclient.services.skycore import values as skycore_values
from mmsclient.services.transmitsms.records import ClientAccount
from mmsclient.simulator import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmsclient.services.base import Service
    from mmsclient.simulator import Simulator

    Use = Callable[[str], Simulator]

TO, OTHER = "61491570156", "61491570157"
FAST = ("--rate", "1000")
SENT = ("get_user_sms_sent", "--param", "start=2020-01-01", "--param", "end=2040-01-01")


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def replied(shell: Any, sim: Simulator, *texts: str) -> None:
    assert shell.run("send", "--to", TO, "--text", "Hi?", *FAST).exit_code == 0
    for text in texts:
        sim.handset(TO).reply(text)


# -- inbox ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["transmitsms", "cellcast"])
def test_the_inbox_shows_numbers_and_texts_as_lines(shell: Any, use: Use, service: str) -> None:
    replied(shell, use(service), "Two please", "one\nmore \x1b[31m")
    result = shell.run("inbox", *FAST, private=False)
    assert result.exit_code == 0, result.output
    shown = sorted(result.stdout.splitlines(), key=lambda line: "Two" in line)
    assert len(shown) == 2, "a line break of a text is none of the output"
    assert TO in shown[1]
    assert "text=Two please" in shown[1]
    assert "text=one more  [31m" in shown[0]
    assert result.stderr.splitlines() == ["reading from 127.0.0.1", "2 rows on 1 page"]


@pytest.mark.parametrize("service", ["transmitsms", "cellcast"])
def test_programs_get_json_or_csv(shell: Any, use: Use, service: str) -> None:
    replied(shell, use(service), 'Zwölf, "bitte"\n\x9b')
    (row,) = lines(shell.run("inbox", "--json", private=False).stdout)
    assert row["sender"].lstrip("+") == TO
    assert (row["text"], row["channel"]) == ('Zwölf, "bitte"\n\x9b', "sms")
    assert not {"raw", "key"} & set(row)
    result = shell.run("inbox", "--csv", private=False)
    (cells,) = csv.DictReader(io.StringIO(result.stdout))
    assert cells["id"] == row["id"]
    assert cells["text"] == row["text"]
    assert shell.run("inbox", "--csv", "--json").exit_code == 2


def test_only_what_was_shown_is_marked_read(
    shell: Any, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mmsclient.cli import inbox

    monkeypatch.setattr(inbox, "MARKED", 2)
    sim = use("cellcast")
    replied(shell, sim, "a", "b", "c")
    assert len(shell.run("inbox", private=False).stdout.splitlines()) == 3
    assert len(shell.run("inbox", private=False).stdout.splitlines()) == 3
    result = shell.run("inbox", "--mark-read", private=False)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 3
    assert "3 marked read" in result.stderr
    marks = [call.action for call in sim.calls if "read" in call.action]
    assert marks == ["inbound-read-bulk"] * 2
    assert shell.run("inbox").stdout == ""


def test_replies_that_are_mms_are_asked_for_by_a_parameter(shell: Any, use: Use) -> None:
    use("cellcast").handset(TO).send_mms("Look", service="cellcast")
    assert shell.run("inbox").stdout == ""
    (row,) = lines(shell.run("inbox", "--param", "type=mms", "--json", private=False).stdout)
    assert (row["channel"], row["text"]) == ("mms", "Look")


@pytest.mark.parametrize(
    ("service", "more", "said"),
    [
        ("skycore", [], "skycore does not offer a listing of inbound messages"),
        ("skycore", ["--mark-read"], "skycore does not offer a listing of inbound messages"),
        ("transmitsms", ["--mark-read"], "transmitsms does not offer marks"),
        ("cellcast", ["--param", "type=fax"], "type: "),
        ("cellcast", ["--param", "kind=sms"], "inbox has no parameter 'kind'; there are type"),
    ],
)
def test_what_the_inbox_of_a_service_lacks_is_told_before_any_call(
    shell: Any, use: Use, service: str, more: list[str], said: str
) -> None:
    sim = use(service)
    result = shell.run("inbox", *more)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not sim.calls


@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [("garbage", 3, "; 0 marked read, perhaps 1 more"), ("NOT_IMPLEMENTED", 1, "; 0 marked read")],
)
def test_marks_that_fail_are_told_after_what_was_shown(
    shell: Any, use: Use, kind: str, code: int, said: str
) -> None:
    sim = use("cellcast")
    replied(shell, sim, "a")
    sim.faults.add(Fault(kind=kind, action="inbound-read-bulk"))
    result = shell.run("inbox", "--mark-read", private=False)
    assert len(result.stdout.splitlines()) == 1
    assert result.exit_code == code
    assert f"{said}\n" in result.stderr
    assert "delivery report" not in result.stderr, "nothing was sent"


# -- pages ----------------------------------------------------------------------------------------


def test_without_a_name_the_listings_are_named_without_key_or_network(shell: Any) -> None:
    shown = shell.run("--service", "transmitsms", "pages").stdout.splitlines()
    assert "get_sms_sent message_id [list_id] [optouts] [delivery] [max]" in shown
    assert len(shown) == 14
    assert shell.run("pages").stdout.split() == [
        *("get_messaging_campaigns", "get_mms_campaigns", "get_mms_ids"),
        *("get_mms_templates", "[start_date]", "[items_per_page]"),
    ]


def test_a_listing_of_each_service_is_read(shell: Any, use: Use) -> None:
    for service, name in [
        ("skycore", "get_mms_templates"),
        ("transmitsms", "get-lists"),
        ("cellcast", "get_template"),
    ]:
        use(service)
        result = shell.run("pages", name, *FAST)
        assert result.exit_code == 0, result.output
        assert result.stderr.splitlines()[-1] == "0 rows on 1 page"


def test_pages_are_read_to_the_end_or_from_a_page_on(shell: Any, use: Use) -> None:
    sim = use("transmitsms")
    replied(shell, sim)
    replied(shell, sim)
    asked = ("pages", *SENT, "--param", "max=1", *FAST)
    result = shell.run(*asked, "--json", private=False)
    assert result.exit_code == 0
    assert [row["msisdn"] for row in lines(result.stdout)] == [TO, TO]
    assert "2 rows on 2 pages" in result.stderr
    result = shell.run(*asked, "--start", "2", private=False)
    assert len(result.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["get_user_sms_snt"], "is no listing of transmitsms: did you mean get_user_sms_sent?"),
        (["get_balance"], "'get_balance' is a call, not a listing of transmitsms"),
        (["nonsense"], "'nonsense' is no listing of transmitsms; there are get_clients"),
        (["get_user_sms_sent"], "get_user_sms_sent needs --param start=…"),
        (["get_lists", "--param", "mx=1"], "no parameter 'mx': did you mean max?"),
        (["get_lists", "--param", "max"], "write NAME=VALUE"),
        (["get_lists", "--param", "max=many"], "--param max: write a whole number"),
        (["get_lists", "--param", "max=101"], "max: is not from 1 to 100"),
        (["get_user_sms_responses", "--param", "start=soon"], "2031-02-03 or 2031-02-03T04"),
        (["get_user_sms_responses", "--param", "start=2031-02-03T04:05"], "T04:05:06Z"),
        (["get_user_sms_responses", "--param", "include_original=perhaps"], "true or false"),
        (["--param", "max=1"], "--param needs the name of a listing"),
    ],
)
def test_wrong_questions_are_usage_errors_with_their_fix(
    shell: Any, use: Use, arguments: list[str], said: str
) -> None:
    sim = use("transmitsms")
    result = shell.run("pages", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not sim.calls


def test_what_only_the_other_api_of_a_service_has_is_told(shell: Any, use: Use) -> None:
    sim = use("cellcast")
    result = shell.run("pages", "report_message", "--param", "from_date=2031-02-03")
    assert result.exit_code == 2
    assert "at API v3: use a token" in result.stderr
    assert not sim.calls


@pytest.mark.parametrize("command", [["pages", "get_lists"], ["balance"], ["inbox"]])
def test_a_wrong_key_says_what_to_check(
    shell: Any, use: Use, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    use("transmitsms")
    monkeypatch.setenv("MMSCLIENT_API_KEY", "wrong-key-itself")
    result = shell.run(*command)
    assert result.exit_code == 1
    assert "check the key, all that belongs to it" in result.stderr
    assert "wrong-key-itself" not in result.output


def test_a_reading_that_breaks_off_says_where_to_go_on(shell: Any, use: Use) -> None:
    sim = use("transmitsms")
    for _ in range(3):
        replied(shell, sim)
    sim.faults.add(Fault(kind="401", action="get-user-sms-sent", nth=3))
    result = shell.run("pages", *SENT, "--param", "max=1", *FAST, private=False)
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2
    assert "; --start 2 goes on there" in result.stderr


# -- balance --------------------------------------------------------------------------------------


def test_the_balance_is_shown_where_the_service_tells_it(shell: Any, use: Use) -> None:
    use("transmitsms")
    shown = shell.run("balance").stdout
    assert re.fullmatch(r"balance  [\d.]+\ncurrency  AUD\n", shown)
    use("cellcast")
    left = json.loads(shell.run("balance", "--json").stdout)
    assert {"sms_balance", "mms_balance"} < set(left)
    assert "raw" not in left


def test_a_balance_that_a_service_does_not_tell_is_a_usage_error(shell: Any, use: Use) -> None:
    sim = use("skycore")
    result = shell.run("balance")
    assert result.exit_code == 2
    assert "skycore does not offer a call that tells the balance" in result.stderr
    assert not sim.calls


# -- what is shown --------------------------------------------------------------------------------


def test_keys_and_secrets_of_client_accounts_are_never_shown() -> None:
    client = ClientAccount(id="7", apikey="k-hidden", apisecret="s-hidden", name="Bakery")
    for form in Form:
        file = io.StringIO()
        writer(form, file, plain=True)(client)
        assert "hidden" not in file.getvalue()
        assert "Bakery" in file.getvalue()


@pytest.mark.parametrize("room", [skycore_values, transmitsms, cellcast])
def test_every_field_that_sounds_like_a_credential_is_hidden(room: Any) -> None:
    private = re.compile(r"secret|token|password|api_?key|app_?key")
    kinds = [kind for _, kind in inspect.getmembers(room, attrs.has) if kind.__name__ != "Cellcast"]
    kinds = [kind for kind in kinds if kind.__name__ != "TransmitSMS"]
    assert kinds
    for kind in kinds:
        names = {one.name for one in attrs.fields(kind)}
        assert {name for name in names if private.search(name)} <= HIDDEN


def test_a_heading_of_csv_comes_once_and_columns_stay() -> None:
    file = io.StringIO()
    write = writer(Form.csv, file, plain=True)
    for text in ("a", None):
        write(InboundMessage(service="s", kind="k", key="x", id="1", text=text, files=("u", "v")))
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [row["text"] for row in rows] == ["a", ""]
    assert rows[0]["files"] == '["u", "v"]'


def test_json_keeps_what_it_cannot_show_as_escapes() -> None:
    file = io.StringIO()
    row = InboundMessage(service="s", kind="k", key="x", id="1", text="\x1b\x9b\u202e\ud83d é")
    writer(Form.json, file, plain=True)(row)
    assert file.getvalue().removesuffix("\n").isprintable()
    assert json.loads(file.getvalue())["text"] == row.text
    assert fields(3) == {"value": 3}


def test_a_terminal_gets_colours_unless_plain_lines_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for plain in (False, True):
        file = io.StringIO()
        row = InboundMessage(service="s", kind="k", key="x", id="1", text="Two\x1b]0;x\x07")
        writer(Form.lines, file, plain=plain)(row)
        assert "text=" in re.sub(r"\x1b\[\d*m", "", file.getvalue())
        assert ("\x1b[" in file.getvalue()) is not plain
        assert "\x1b]" not in file.getvalue(), "what somebody wrote is never obeyed"


def test_every_listing_is_found_by_its_method() -> None:
    found = listings(Skycore(api_key="k"))
    assert set(found) == {
        *("get_messaging_campaigns", "get_mms_campaigns", "get_mms_ids", "get_mms_templates"),
        *("inbox", "outbox", "opt_outs"),
    }
    for service in (transmitsms.TransmitSMS(api_key="k"), cellcast.Cellcast(app_key="k")):
        assert {"inbox", "outbox", "opt_outs"} < set(listings(service))


def test_what_a_service_lacks_is_not_offered_even_where_it_needs_parameters() -> None:
    def offered(service: Service) -> set[str]:
        found = listings(service)
        return {name for name in ("inbox", "outbox", "opt_outs") if found[name].is_offered()}

    assert offered(Skycore(api_key="k")) == set()
    assert offered(transmitsms.TransmitSMS(api_key="k")) == {"inbox", "outbox"}
    assert offered(cellcast.Cellcast(app_key="k")) == {"inbox", "opt_outs"}
    assert offered(cellcast.Cellcast(token="t")) == {"inbox", "outbox", "opt_outs"}  # noqa: S106 - of nobody
