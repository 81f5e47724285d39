"""What becomes of unknown rows: settled by listings and postbacks, or sent again on purpose."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import httpx
import pytest

import mmsclient as mms
from mmsclient.simulator import Account, Fault, Simulator, in_thread
from mmsclient.wire import RawPostback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "k-8e1f-not-to-be-seen"
SECRET = "a-path-nobody-guesses"  # noqa: S105 - of a receiver that lives as long as a test
PATIENCE = 15.0
FAST = ("--rate", "1000")
MOMENT = r"\d{1,2} [A-Z][a-z]{2} \d\d:\d\d"
MMS = "to,from,slide_text,subject,name,reference\n"


def ready(shell: Any, lines: list[str], heading: str = "to,from,text,reference\n") -> None:
    Path("list.csv").write_text(heading + "\n".join(lines) + "\n", encoding="utf-8")
    result = shell.run("campaign", "add", "spring.db", "list.csv")
    assert result.exit_code == 0, result.output


def older(days: float) -> None:
    """Let all that has left have left earlier."""
    with closing(sqlite3.connect("spring.db")) as connection, connection:
        connection.execute("UPDATE rows SET left_at = left_at - ?", (days * 86_400,))


@attrs.frozen
class Heard:
    """A simulator, and the postbacks it has sent."""

    sim: Simulator
    raws: list[RawPostback]

    def wait_for(self, count: int) -> None:
        end = time.monotonic() + PATIENCE
        while len(self.raws) < count:
            assert time.monotonic() < end, "no postback came"
            time.sleep(0.01)


@pytest.fixture
def talking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    """A simulator of Skycore that tells of deliveries."""
    raws: list[RawPostback] = []

    async def take(raw: RawPostback) -> None:
        raws.append(raw)

    account = Account(key=KEY)
    with in_thread(Simulator(rate=None, accounts=[account], postbacks=take)) as sim:
        monkeypatch.setenv("MMSCLIENT_API_KEY", KEY)
        monkeypatch.setenv("MMSCLIENT_URL", sim.url)
        yield Heard(sim, raws)


async def _keep(raws: list[RawPostback]) -> None:
    service = mms.Skycore(api_key="-")
    postbacks = mms.Postbacks(service, inbox="postbacks.db", secret=SECRET)
    door = httpx.ASGITransport(app=postbacks.asgi)
    async with httpx.AsyncClient(transport=door, base_url="http://sms.example.net") as http:
        for raw in raws:
            answer = await http.post(f"/{SECRET}", content=raw.body, headers=raw.headers)
            assert answer.status_code == 200
        await postbacks.counts()  # makes the file, where nothing came
    await postbacks.aclose()


def test_postbacks_that_were_kept_settle_what_is_unknown(shell: Any, talking: Heard) -> None:
    talking.sim.faults.add(Fault(kind="drop_after", to="12025550144"))
    ready(shell, [f"1202555014{n},70707,Hi,S,n,r-{n}" for n in (3, 4)], MMS)
    assert shell.run("campaign", "run", "spring.db", *FAST).exit_code == 3
    talking.wait_for(2)
    asyncio.run(_keep(talking.raws))
    result = shell.run("campaign", "reconcile", "spring.db", "--inbox", "postbacks.db")
    assert result.exit_code == 0, result.output
    told, rest = result.stdout.splitlines()
    assert told.startswith("postbacks: 1 settled, ")
    assert rest == "nothing is unknown"
    status = shell.run("campaign", "status", "spring.db")
    assert "  2 accepted, 0 refused, 0 unknown\n  delivery: 2 delivered\n" in status.stdout
    calls = len(talking.sim.calls)
    again = shell.run("campaign", "reconcile", "spring.db", "--inbox", "postbacks.db")
    assert again.exit_code == 0
    assert again.stdout.startswith("postbacks: 0 settled, 0 deliveries updated, ")
    assert len(talking.sim.calls) == calls, "this service lists nothing: it is not asked"


def test_what_nobody_tells_of_stays_unknown_until_its_deadline_and_after(
    shell: Any, talking: Heard
) -> None:
    talking.sim.faults.add(Fault(kind="drop_before"), Fault(kind="503"))
    ready(shell, [f"1202555014{n},70707,Hi,S,n,r-{n}" for n in (3, 4)], MMS)
    assert shell.run("campaign", "run", "spring.db", "--max-in-flight", "1").exit_code == 3
    asyncio.run(_keep([]))
    arguments = ("campaign", "reconcile", "spring.db", "--inbox", "postbacks.db")
    early = shell.run(*arguments)
    assert early.exit_code == 3
    told, rest = early.stdout.splitlines()
    assert told == "postbacks: 0 settled, 0 deliveries updated, 0 of other messages"
    assert re.fullmatch(f"2 still unknown; they may still go out until {MOMENT}", rest)
    older(4)
    late = shell.run(*arguments)
    assert late.exit_code == 3
    count, advice = late.stdout.splitlines()[1:]
    assert count == "2 unknown for good: too late for anything to be heard"
    assert advice == "  mmsclient campaign resend spring.db sends those again"
    status = shell.run("campaign", "status", "spring.db").stdout
    assert f"\n  {count}\n" in status
    assert "still unknown" not in status


@pytest.mark.parametrize("service", ["transmitsms", "cellcast"])
def test_a_service_is_asked_what_it_lists(
    shell: Any, use: Callable[[str], Simulator], service: str
) -> None:
    sim = use(service)
    sim.faults.add(Fault(kind="drop_after", to="61491570157"))
    ready(shell, [f"6149157015{n},70707,Hi,r-{n}" for n in (6, 7)])
    assert shell.run("campaign", "run", "spring.db", "--batch", "1", *FAST).exit_code == 3
    sim.handset("61491570157").reply("yes")
    result = shell.run("campaign", "reconcile", "spring.db", *FAST)
    assert result.exit_code == 0, result.output
    assert "reading from 127.0.0.1" in result.stderr
    assert result.stdout.startswith("listings: 1 settled")
    assert result.stdout.endswith("nothing is unknown\n")
    assert len(sim.deliveries) == 2


def test_a_service_that_does_not_answer_is_told(
    shell: Any, use: Callable[[str], Simulator], monkeypatch: pytest.MonkeyPatch
) -> None:
    sim = use("transmitsms")
    sim.faults.add(Fault(kind="drop_after"))
    ready(shell, ["61491570157,70707,Hi,a"])
    assert shell.run("campaign", "run", "spring.db", *FAST).exit_code == 3
    monkeypatch.setenv("MMSCLIENT_API_KEY", "wrong")
    result = shell.run("campaign", "reconcile", "spring.db", *FAST)
    assert result.exit_code == 1
    assert "check the key" in result.stderr


def test_where_there_is_nothing_to_look_at_it_says_so(shell: Any, account: Simulator) -> None:
    ready(shell, ["12025550143,70707,Hi,a"])
    silent = shell.run("campaign", "reconcile", "spring.db")
    assert silent.exit_code == 2
    assert "skycore lists nothing of what was sent: give --inbox" in silent.stderr
    assert shell.run("campaign", "reconcile", "spring.db", "--no-ask").exit_code == 2
    missing = shell.run("campaign", "reconcile", "spring.db", "--inbox", "nowhere.db")
    assert missing.exit_code == 2
    assert "there is no file nowhere.db" in missing.stderr
    other = shell.run("campaign", "reconcile", "spring.db", "--inbox", "list.csv")
    assert other.exit_code == 0
    assert "nothing has left yet" in other.stdout
    assert shell.run("campaign", "run", "spring.db").exit_code == 0
    other = shell.run("campaign", "reconcile", "spring.db", "--inbox", "list.csv")
    assert other.exit_code == 2
    assert "list.csv is no SQLite database" in other.stderr


def test_another_services_listings_are_not_asked(
    shell: Any, use: Callable[[str], Simulator]
) -> None:
    use("skycore")
    ready(shell, ["61491570157,70707,Hi,a"])
    assert shell.run("campaign", "run", "spring.db").exit_code == 0
    use("transmitsms")
    result = shell.run("campaign", "reconcile", "spring.db")
    assert result.exit_code == 2
    told = (
        "spring.db was begun with skycore, not with transmitsms: a campaign stays with its service"
    )
    assert f"{told}; --service skycore" in result.stderr


def test_a_file_that_is_not_there_is_told_before_anything_else(shell: Any) -> None:
    for command in ("run", "reconcile", "preview"):
        result = shell.run("campaign", command, "sprng.db")
        assert result.exit_code == 2
        assert result.stderr == "error: sprng.db does not exist\n"


# -- sending again ------------------------------------------------------------------------------


def in_doubt(shell: Any, sim: Simulator) -> None:
    """Leave two rows unknown, of which one was taken."""
    sim.faults.add(Fault(kind="drop_after", to="12025550143"), Fault(kind="drop_before"))
    ready(shell, [f"1202555014{n},70707,Hi,r-{n}" for n in (3, 4)])
    assert shell.run("campaign", "run", "spring.db", "--max-in-flight", "1").exit_code == 3
    assert [delivery.to for delivery in sim.deliveries] == ["12025550143"]


def test_before_the_deadline_nothing_is_sent_again_unless_forced(
    shell: Any, account: Simulator
) -> None:
    in_doubt(shell, account)
    early = shell.run("campaign", "resend", "spring.db", "--yes")
    assert early.exit_code == 1
    wait = f"2 rows may still go out until {MOMENT}: wait till then, or give --force\n"
    assert re.fullmatch(wait, early.stdout)
    assert shell.run("campaign", "run", "spring.db").exit_code == 3
    assert len(account.deliveries) == 1
    forced = shell.run("campaign", "resend", "spring.db", "--yes", "--force")
    assert forced.exit_code == 0
    assert forced.stdout == ("2 rows pending again: mmsclient campaign run spring.db sends them\n")
    assert shell.run("campaign", "run", "spring.db").exit_code == 0
    assert sorted(delivery.to for delivery in account.deliveries) == [
        "12025550143",
        "12025550143",
        "12025550144",
    ]


def test_after_the_deadline_rows_are_sent_again_one_or_all(shell: Any, account: Simulator) -> None:
    in_doubt(shell, account)
    older(4)
    named = shell.run("campaign", "resend", "spring.db", "--yes", "--reference", "r-4")
    assert named.exit_code == 0
    assert named.stdout.startswith("1 row pending again")
    assert shell.run("campaign", "run", "spring.db").exit_code == 3
    assert sorted(delivery.to for delivery in account.deliveries) == ["12025550143", "12025550144"]
    nobody = shell.run("campaign", "resend", "spring.db", "--yes", "--reference", "r-9")
    assert nobody.exit_code == 1
    assert nobody.stdout == "no unknown row has such a reference\n"
    assert shell.run("campaign", "resend", "spring.db", "--yes").stdout.startswith("1 row pending")
    assert shell.run("campaign", "resend", "spring.db", "--yes").stdout == "no row is unknown\n"


def test_where_nobody_can_be_asked_yes_must_be_said(shell: Any, account: Simulator) -> None:
    in_doubt(shell, account)
    result = shell.run("campaign", "resend", "spring.db", "--force")
    assert result.exit_code == 2
    assert "2 rows may have been sent: whoever got the message gets it twice" in result.stderr
    assert "--yes" in result.stderr
    assert "2 unknown" in shell.run("campaign", "status", "spring.db").stdout


@pytest.mark.skipif(os.name != "posix", reason="no terminals there")
@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [(b"y\n", 0, b"2 rows pending again"), (b"\n", 1, b"nothing was changed")],
)
def test_on_a_terminal_it_asks(
    shell: Any, account: Simulator, answer: bytes, code: int, said: bytes
) -> None:
    in_doubt(shell, account)
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "mmsclient", "campaign", "resend", "spring.db", "--force"]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    os.close(theirs)
    os.write(ours, answer)
    shown, _ = process.communicate(timeout=PATIENCE)
    os.close(ours)
    assert process.returncode == code
    assert b"whoever got the message gets it twice. Send again? [y/N]" in shown
    assert said in shown
