from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.testing import CliRunner

import mmsclient as mms
from mmsclient.cli.account import Account
from mmsclient.cli.campaigns.preview import preview
from mmsclient.cli.expand import expanded

if TYPE_CHECKING:
    from mmsclient.simulator import Simulator

app = typer.Typer()
app.command()(expanded(preview))


def run(*arguments: str) -> Any:
    result = CliRunner().invoke(app, list(arguments), obj=Account())
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "2025550" not in result.output
    return result


def journal(*messages: mms.Message) -> str:
    asyncio.run(mms.Campaign("spring.db").add(messages))
    return "spring.db"


def menu(n: int, **fields: Any) -> mms.Mms:
    slides = [mms.Slide(image="https://media.example.net/07.png", text="Rye")]
    terms = {"sender": "70707", "name": "menu", "subject": "Fresh", "slides": slides}
    return mms.Mms(to=f"1202555{n:04}", reference=f"to 1202555{n:04}", **{**terms, **fields})


def test_a_preview_needs_no_key() -> None:
    result = run(journal(*(menu(n) for n in range(30))))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "30 rows pending, 0 with faults"
    assert "30 calls at 15 a second: at least 2 s" in lines
    assert "media host: up to 15 fetches a second, 30 in all" in lines


def test_faults_are_told_and_make_the_exit_code() -> None:
    result = run(journal(menu(1), menu(2, name=None)))
    assert result.exit_code == 1
    assert "to …02: name: is missing" in result.stdout


def test_a_journal_that_is_not_there_is_a_usage_error() -> None:
    result = run("none.db")
    assert result.exit_code == 2
    assert not Path("none.db").exists()


def test_templates_are_saved_where_asked_for(account: Simulator) -> None:
    path = journal(*(menu(n) for n in range(5)), menu(9, force_send_as_sms=True))
    result = run(path, "--save-templates")
    assert result.exit_code == 0
    assert "templates saved: 1; rows that send them now: 5" in result.stdout
    again = run(path, "--save-templates")
    assert "templates saved: 0;" in again.stdout
    assert [call.action for call in account.calls] == ["saveMMS"]


def test_services_without_templates_are_a_usage_error(use: Any) -> None:
    use("cellcast")
    result = run(journal(menu(1)), "--save-templates")
    assert result.exit_code == 2
    assert "cellcast does not offer templates" in result.output
