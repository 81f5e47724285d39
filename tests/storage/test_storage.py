"""The file below journals and inboxes: real SQLite, real threads, real kills."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mmsclient.errors import CampaignError
from mmsclient.storage import Database, Schema
from mmsclient.storage.schema import UnfitError
from mmsclient.storage.troubles import told

if TYPE_CHECKING:
    from collections.abc import Callable

NOTES = Schema(kind="notebook", application=77, steps=("CREATE TABLE notes (text TEXT)",))


def database(path: Path, schema: Schema = NOTES, *, exclusive: bool = True) -> Database:
    return Database(path, schema, error=CampaignError, exclusive=exclusive)


def note(text: str) -> Callable[[sqlite3.Connection], int]:
    def work(connection: sqlite3.Connection) -> int:
        return connection.execute("INSERT INTO notes VALUES (?)", (text,)).rowcount

    return work


def notes(connection: sqlite3.Connection) -> list[str]:
    return [text for (text,) in connection.execute("SELECT text FROM notes ORDER BY rowid")]


def broken(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO notes VALUES ('half')")
    raise ZeroDivisionError


async def test_what_was_written_is_read_and_stays(tmp_path: Path) -> None:
    file = database(tmp_path / "a.db")
    async with file.writing() as writer:
        assert await writer.run(note("one")) == 1
        assert await file.read(notes) == ["one"]
    assert await database(tmp_path / "a.db").read(notes) == ["one"]
    assert not list(tmp_path.glob("*-wal"))


async def test_work_is_done_in_the_order_in_which_it_was_asked_for(tmp_path: Path) -> None:
    file = database(tmp_path / "a.db")
    async with file.writing() as writer:
        for number in range(500):
            writer.post(note(str(number)))
    assert await file.read(notes) == [str(number) for number in range(500)]


async def test_work_that_gathers_shares_a_commit(tmp_path: Path) -> None:
    file = database(tmp_path / "a.db")
    async with file.writing() as writer:
        commits: list[str] = []

        def spy(connection: sqlite3.Connection) -> None:
            connection.set_trace_callback(commits.append)

        await writer.run(spy)
        await asyncio.gather(*(writer.run(note(str(number))) for number in range(100)))
    # The first one leaves at once, the others gather behind it.
    assert commits.count("COMMIT") == 1 + 2


async def test_work_that_fails_takes_no_other_with_it(tmp_path: Path) -> None:
    file = database(tmp_path / "a.db")
    async with file.writing() as writer:
        first, bad, last = writer.post(note("a")), writer.post(broken), writer.post(note("b"))
        assert (await first, await last) == (1, 1)
        with pytest.raises(ZeroDivisionError):
            await bad
    assert await file.read(notes) == ["a", "b"]


async def test_leaving_waits_for_the_disk_also_when_cancelled(tmp_path: Path) -> None:
    file, began = database(tmp_path / "a.db"), asyncio.Event()

    async def busy() -> None:
        async with file.writing() as writer:
            for number in range(200):
                writer.post(note(str(number)))
            began.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(busy())
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(await file.read(notes)) == 200


@pytest.mark.parametrize("turns", range(12))
async def test_opening_that_is_cancelled_leaves_the_lock_free(tmp_path: Path, turns: int) -> None:
    file = database(tmp_path / "a.db")

    async def hold() -> None:
        async with file.writing():
            pass

    task = asyncio.create_task(hold())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    async with database(tmp_path / "a.db").writing() as writer:
        await writer.run(note("a"))


async def test_a_waiter_that_is_cancelled_leaves_the_work_to_be_done(tmp_path: Path) -> None:
    file = database(tmp_path / "a.db")
    async with file.writing() as writer:
        waiting = asyncio.create_task(writer.run(note("a")))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert await file.read(notes) == ["a"]


async def test_one_process_writes_and_others_are_told(tmp_path: Path) -> None:
    async with database(tmp_path / "a.db").writing() as writer:
        await writer.run(note("a"))
        with pytest.raises(CampaignError, match="in use by another process, or elsewhere"):
            async with database(tmp_path / "a.db").writing():
                pass
        assert await database(tmp_path / "a.db").read(notes) == ["a"]


async def test_the_same_object_may_be_held_twice(tmp_path: Path) -> None:
    file = database(tmp_path / "a.db")
    async with file.writing() as one:
        async with file.writing() as two:
            assert one is two
        await one.run(note("a"))
    assert await file.read(notes) == ["a"]


async def test_several_may_write_where_nobody_has_it_alone(tmp_path: Path) -> None:
    files = [database(tmp_path / "a.db", exclusive=False) for _ in range(4)]

    async def fill(file: Database) -> None:
        async with file.writing() as writer:
            for number in range(50):
                await writer.run(note(str(number)))

    await asyncio.gather(*map(fill, files))
    assert len(await files[0].read(notes)) == 200


async def test_many_short_holds_at_once_are_one_after_the_other(tmp_path: Path) -> None:
    file = database(tmp_path / "a.db")

    async def write(number: int) -> None:
        for turn in range(5):
            for _ in range((number + turn) % 4):
                await asyncio.sleep(0)
            async with file.writing() as writer:
                await writer.run(note(f"{number}"))

    await asyncio.gather(*map(write, range(12)))
    assert len(await file.read(notes)) == 60
    async with database(tmp_path / "a.db").writing():
        pass


def test_one_object_serves_one_event_loop_after_the_other(tmp_path: Path) -> None:
    file = database(tmp_path / "a.db")

    async def write(text: str) -> None:
        async with file.writing() as one, file.writing():
            await asyncio.gather(one.run(note(text)), one.run(note(text)))

    for text in "abc":
        asyncio.run(write(text))
    assert asyncio.run(file.read(notes)) == list("aabbcc")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such rights on Windows")
async def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    async with database(tmp_path / "a.db").writing() as writer:
        await writer.run(note("a"))
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes.keys() >= {"a.db", "a.db-wal", "a.db-lock"}
    assert set(modes.values()) == {0o600}


# -- what is not ours ---------------------------------------------------------------------------


async def refusal(file: Database) -> str:
    with pytest.raises(CampaignError) as caught:
        async with file.writing():
            pass
    return str(caught.value)


async def test_files_that_are_not_ours_are_refused_in_words_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("to,text\n" * 300)
    with contextlib.closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE theirs (x)")
    with contextlib.closing(sqlite3.connect(tmp_path / "newer.db")) as newer:
        newer.execute("PRAGMA application_id = 77")
        newer.execute("PRAGMA user_version = 3")
        newer.execute("CREATE TABLE notes (text)")
    (tmp_path / "folder.db").mkdir()
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.db") if path.is_file()}
    assert "is no SQLite database" in await refusal(database(tmp_path / "text.db"))
    assert "is no notebook" in await refusal(database(tmp_path / "other.db"))
    newer_text = await refusal(database(tmp_path / "newer.db"))
    assert "a newer mmsclient (its layout is number 3, known here are 1)" in newer_text
    assert "cannot be" in await refusal(database(tmp_path / "folder.db"))
    assert "its folder does not exist" in await refusal(database(tmp_path / "no" / "a.db"))
    assert before == {name: (tmp_path / name).read_bytes() for name in before}


async def test_reading_says_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match=r"a\.db does not exist"):
        await database(tmp_path / "a.db").read(notes)
    (tmp_path / "b.db").touch()
    with pytest.raises(CampaignError, match="is empty: nothing was added yet"):
        await database(tmp_path / "b.db").read(notes)
    assert not (tmp_path / "a.db").exists()


async def test_an_older_layout_becomes_the_new_one_and_keeps_what_it_held(tmp_path: Path) -> None:
    async with database(tmp_path / "a.db").writing() as writer:
        await writer.run(note("a"))
    step = "ALTER TABLE notes ADD COLUMN author TEXT; CREATE INDEX by_author ON notes (author)"
    newer = Schema(kind="notebook", application=77, steps=(*NOTES.steps, step))
    with pytest.raises(CampaignError, match="has an older layout"):
        await database(tmp_path / "a.db", newer).read(notes)
    async with database(tmp_path / "a.db", newer).writing():
        pass
    authors = "SELECT text, author FROM notes"
    rows = await database(tmp_path / "a.db", newer).read(lambda c: c.execute(authors).fetchall())
    assert rows == [("a", None)]
    assert "newer" in await refusal(database(tmp_path / "a.db"))


async def test_a_new_layout_that_fails_changes_nothing(tmp_path: Path) -> None:
    async with database(tmp_path / "a.db").writing() as writer:
        await writer.run(note("a"))
    step = "ALTER TABLE notes ADD COLUMN author TEXT; CREATE INDEX broken ON nothing (author)"
    newer = Schema(kind="notebook", application=77, steps=(*NOTES.steps, step))
    await refusal(database(tmp_path / "a.db", newer))
    assert await database(tmp_path / "a.db").read(notes) == ["a"]


# -- disks --------------------------------------------------------------------------------------


async def test_a_full_disk_fails_what_did_not_fit_and_keeps_the_rest(tmp_path: Path) -> None:
    file = database(tmp_path / "a.db")
    async with file.writing() as writer:
        await writer.run(note("a"))

        def shrink(connection: sqlite3.Connection) -> None:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + 2}")

        await writer.run(shrink)
        big = writer.post(note("x" * 100_000))
        with pytest.raises(CampaignError, match="the disk is full"):
            await big
        await writer.run(note("b"))
    assert await file.read(notes) == ["a", "b"]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs the rights of POSIX systems")
def test_troubles_of_the_system_are_told_with_what_to_do() -> None:
    path = Path("a.db")
    assert "writable" in told(path, PermissionError(13, "no"))
    assert "disk is full" in told(path, OSError(28, "no"))
    assert told(path, UnfitError("is x")) == "a.db is x"
    assert "ProgrammingError" in told(path, sqlite3.ProgrammingError("closed"))


_CHILD = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_storage import database, note

async def main():
    async with database(Path(sys.argv[1])).writing() as writer:
        for number in range(1_000_000):
            await writer.run(note(str(number)))
            print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("after", [1, 7, 40])
def test_what_was_said_to_be_written_survives_a_kill(tmp_path: Path, after: int) -> None:
    here = str(Path(__file__).parent)
    command: list[Any] = [sys.executable, "-c", _CHILD, tmp_path / "a.db", here]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        told_last = ""
        for _ in range(after):
            told_last = child.stdout.readline()
        child.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        rest = child.stdout.read().splitlines()
    last = int((rest or [told_last])[-1] or told_last)
    kept = asyncio.run(database(tmp_path / "a.db").read(notes))
    # One more may have reached the disk and not its teller.
    assert kept in ([str(n) for n in range(last + 1)], [str(n) for n in range(last + 2)])

    async def go_on() -> None:
        async with database(tmp_path / "a.db").writing() as writer:
            await writer.run(note("on"))

    asyncio.run(go_on())
