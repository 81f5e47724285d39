"""``mmsclient listen`` as a program: what it shows, what it keeps, whom it lets in."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from inboxes import receiver, report

import mmsclient as mms
from mmsclient.cli import serving
from mmsclient.cli.listen import _bound
from mmsclient.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: Here they are let in.
HERE = ("--allow", "127.0.0.0/8", "--port", "0")
UNIX = pytest.mark.skipif(os.name != "posix", reason="SIGINT cannot be sent there")


def address(process: Any) -> str:
    line = process.stderr.readline()
    found = re.search(r"http://\S+:\d+", line)
    assert found, line + process.stderr.read()
    return f"{found[0]}/postbacks"


def ended(shell: Any, process: Any, *, private: bool = True) -> tuple[str, str]:
    process.send_signal(signal.SIGINT)
    code, shown, complained = shell.end(process, private=private)
    assert code == 0, complained
    return shown, complained


def post(url: str, *numbers: int) -> list[int]:
    return [httpx.post(url, content=report(n).body).status_code for n in numbers]


def ids(shown: str) -> set[str]:
    return set(re.findall(r"id=(Hq-\d+)", shown))


@UNIX
def test_events_are_shown_as_they_come_without_what_is_private(shell: Any) -> None:
    process = shell.start("listen", *HERE)
    assert post(address(process), 7, 7, 8) == [200, 200, 200]
    lines = [process.stdout.readline() for _ in range(2)]
    shown, complained = ended(shell, process)
    assert shown == ""
    assert "event=DeliveryReport" in lines[0]
    assert "id=Hq-7" in lines[0]
    assert "status=delivered" in lines[0]
    assert "to=…07" in lines[0]
    assert "id=Hq-8" in lines[1]
    assert "stopped; 2 rows shown" in complained


@UNIX
def test_all_of_it_is_shown_as_json_where_that_is_asked_for(shell: Any) -> None:
    process = shell.start("listen", *HERE, "--json", "--in-full")
    post(address(process), 7)
    row = json.loads(process.stdout.readline())
    ended(shell, process, private=False)
    assert (row["event"], row["to"], row["final"]) == ("DeliveryReport", "12025550007", True)
    assert "raw" not in row


@UNIX
@pytest.mark.parametrize("service", ["transmitsms", "cellcast", "skycore"])
def test_it_takes_what_the_simulator_posts(shell: Any, service: str) -> None:
    process = shell.start("listen", *HERE, "--service", service, "--json")
    url = address(process)

    async def write() -> None:
        async with Simulator() as sim:
            sim.post_to(url)
            sim.handset("61491570156").send_sms("Hello", service=service)
            await sim.settled()
            assert [one.status for one in sim.postbacks] == [200]

    asyncio.run(write())
    row = json.loads(process.stdout.readline())
    assert row["event"] == "InboundMessage"
    assert "text" not in row
    ended(shell, process)


@UNIX
def test_nothing_is_shown_twice_but_what_is_asked_for_again(shell: Any) -> None:
    for more, expected in (((), 1), ((), 0), (("--replay", "2020-01-01"), 1)):
        process = shell.start("listen", *HERE, *more)
        url = address(process)
        assert post(url, 7) == [200]
        lines = [process.stdout.readline() for _ in range(expected)]
        shown, complained = ended(shell, process)
        assert shown == ""
        assert f"{expected} row" in complained
        assert all("Hq-7" in line for line in lines)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a pipe's room cannot be chosen")
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_reader_that_pauses_stops_neither_the_answers_nor_the_end(
    shell: Any, by: signal.Signals
) -> None:
    import fcntl

    numbers = range(1000, 1120)
    process = shell.start("listen", *HERE)
    fcntl.fcntl(process.stdout.fileno(), fcntl.F_SETPIPE_SZ, 4096)
    url = address(process)
    with httpx.Client(timeout=20) as client:
        answers = [client.post(url, content=report(n).body).status_code for n in numbers]
    assert set(answers) == {200}
    process.send_signal(by)
    assert process.wait(timeout=25) == 0
    shown, complained = shell.end(process)[1:]
    assert "stopped" in complained
    process = shell.start("listen", *HERE)
    address(process)
    every = {f"Hq-{n}" for n in numbers}
    assert not every <= ids(shown), "the pipe was full"
    while not every <= ids(shown):
        shown += process.stdout.readline()
    ended(shell, process)


@UNIX
def test_what_is_turned_away_is_said_and_where_to_post(
    shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", "a-secret-of-some-length")
    process = shell.start("listen", *HERE, "--secret-env", "HOOK_SECRET")
    line = process.stderr.readline()
    assert "/postbacks/$HOOK_SECRET, until Ctrl-C" in line
    found = re.search(r"http://\S+:\d+", line)
    assert found
    assert post(f"{found[0]}/postbacks/another", 7) == [404]
    _, complained = ended(shell, process)
    assert "postback turned away with 404" in complained


@UNIX
def test_sigterm_ends_it_in_order_too(shell: Any, tmp_path: Path) -> None:
    process = shell.start("listen", *HERE)
    post(address(process), 7)
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    code, _, complained = shell.end(process)
    assert (code, "stopped" in complained) == (0, True)
    assert [path.name for path in tmp_path.glob("work/*")] == ["postbacks.db"], "no log is left"


@UNIX
def test_what_cannot_be_read_is_listed(shell: Any) -> None:
    process = shell.start("listen", *HERE)
    url = address(process)
    assert httpx.post(url, content=b"to=12025550143").status_code == 200
    ended(shell, process)
    listed = shell.run("listen", "--failed")
    assert listed.exit_code == 0
    assert re.search(r"unreadable=1  received=\S+  reason=the postback .*  bytes=14", listed.stdout)
    full = shell.run("listen", *HERE, "--failed", "--json", "--in-full", private=False)
    assert json.loads(full.stdout)["raw"] == "to=12025550143"


def test_the_list_of_what_cannot_be_read_has_no_end_but_its_own(shell: Any) -> None:
    async def fill() -> None:
        postbacks = receiver(Path())
        await asyncio.gather(
            *(postbacks.take(mms.RawPostback("POST", body=b"?")) for _ in range(1001))
        )
        await postbacks.aclose()

    asyncio.run(fill())
    listed = shell.run("listen", "--inbox", "inbox.db", "--failed")
    assert listed.stdout.count("unreadable=") == 1001


@UNIX
def test_a_secret_and_basic_come_from_variables_and_are_not_shown(
    shell: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IN_SECRET", "s3cret-0f-the-path")
    monkeypatch.setenv("IN_BASIC", "us:er-pass")
    process = shell.start(
        "listen", "--port", "0", "--secret-env", "IN_SECRET", "--basic-env", "IN_BASIC"
    )
    url = address(process)
    body = report(7).body
    right = httpx.post(f"{url}/s3cret-0f-the-path", content=body, auth=("us", "er-pass"))
    wrong = [
        httpx.post(url, content=body, auth=("us", "er-pass")),
        httpx.post(f"{url}/s3cret-0f-the-path", content=body),
    ]
    assert [right.status_code, *(one.status_code for one in wrong)] == [200, 404, 401]
    assert all(one.content == b"" for one in wrong)
    assert "server" not in right.headers
    shown, complained = ended(shell, process)
    assert "s3cret" not in shown + complained
    assert "er-pass" not in shown + complained


@UNIX
def test_a_forwarded_address_is_believed_only_behind_a_proxy_that_is_named(shell: Any) -> None:
    for more, expected in (((), 403), (("--trusted-proxies", "127.0.0.1"), 200)):
        process = shell.start("listen", "--allow", "192.0.2.7", "--port", "0", *more)
        headers = {"X-Forwarded-For": "192.0.2.7"}
        answer = httpx.post(address(process), content=report(7).body, headers=headers)
        assert answer.status_code == expected
        ended(shell, process)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "anybody could post"),
        (("--allow", "everybody"), "is no network"),
        (("--allow", "192.0.2.7", "--allow-file", "x"), "not both"),
        (("--allow-file", "missing.txt"), "--allow-file: cannot be read"),
        (("--secret-env", "NOT_THERE"), "NOT_THERE is not set"),
        (
            ("--allow", "192.0.2.7", "--trusted-proxies", "1", "--trusted-proxies", "10.0.0.1"),
            "one",
        ),
        (("--signature",), "does not sign"),
        (("--signature", "--service", "transmitsms"), "secret"),
    ],
)
def test_what_makes_no_sense_is_refused_before_it_listens(
    shell: Any, options: tuple[str, ...], told: str
) -> None:
    result = shell.run("listen", "--port", "0", *options)
    assert result.exit_code == 2, result.output
    assert told in result.stderr


def test_a_port_that_is_taken_and_a_file_that_is_no_inbox_are_explained(
    shell: Any, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = shell.run("listen", "--allow", "127.0.0.1", "--port", port)
    assert (result.exit_code, "choose another --port" in result.stderr) == (2, True)
    (tmp_path / "work" / "text.db").write_text("to,text\n" * 300)
    result = shell.run("listen", *HERE, "--inbox", "text.db")
    assert (result.exit_code, "no SQLite database" in result.stderr) == (1, True)


# -- connections that say nothing ---------------------------------------------------------------


async def half_open(port: int, count: int, source: str = "127.0.0.1") -> list[asyncio.StreamReader]:
    """Open connections that begin a request and never go on; return what they hear."""
    heard = []
    for _ in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
        writer.write(b"POST /postbacks HTTP/1.1\r\nX: ")
        reader.writer = writer  # type: ignore[attr-defined]  # as long as one is kept, so is the other
        heard.append(reader)
    return heard


async def closed(readers: list[asyncio.StreamReader]) -> int:
    """Wait until all of these are closed; return how many were told why."""
    told = 0
    for reader in readers:
        with contextlib.suppress(ConnectionError):
            told += b" 403 " in await asyncio.wait_for(reader.read(), 20)
        reader.writer.close()  # type: ignore[attr-defined]
    return told


@contextlib.asynccontextmanager
async def listening(tmp_path: Path, **terms: Any) -> AsyncIterator[int]:
    postbacks, bound = receiver(tmp_path, **terms), _bound("127.0.0.1", 0)
    async with serving.served(postbacks.asgi, bound):
        yield bound.getsockname()[1]
    await postbacks.aclose()


async def posted(port: int) -> int:
    async with httpx.AsyncClient() as client:
        url = f"http://127.0.0.1:{port}/postbacks"
        return (await client.post(url, content=report(7).body)).status_code


async def test_who_never_ends_a_head_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "HEAD_TIME", 0.2)
    async with listening(tmp_path) as port:
        silent = await half_open(port, 3)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        body = report(7).body
        head = f"POST /postbacks HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        assert b" 200 " in await reader.readuntil(b"\r\n\r\nOK")
        assert await closed(silent) == 0
        # What has said all it had to is kept for the next postback, until that begins.
        writer.write(head.encode() + body)
        assert b" 200 " in await reader.readuntil(b"\r\n\r\nOK")
        writer.write(head[:10].encode())
        assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()


async def test_those_who_say_nothing_take_nobodys_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "MOST", 4)
    async with listening(tmp_path) as port:
        silent = await half_open(port, 20)
        assert await posted(port) == 200
        assert await closed(silent[:16]) == 0
        for reader in silent[16:]:
            reader.writer.close()  # type: ignore[attr-defined]


@pytest.mark.skipif(sys.platform != "linux", reason="only there all of 127.0.0.0/8 is this machine")
async def test_who_is_not_on_the_list_is_told_so_before_a_byte_is_read(tmp_path: Path) -> None:
    async with listening(tmp_path, allow=["127.0.0.1"]) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            reader, other = await asyncio.open_connection(
                "127.0.0.1", port, local_addr=("127.0.0.77", 0)
            )
            assert b" 403 " in await asyncio.wait_for(reader.read(), 20)
            other.close()
        assert await posted(port) == 200
        writer.close()
