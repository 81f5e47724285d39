"""Handlers and processes that fail in every way: nobody else pays, nothing is tried for ever."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import pytest
from inboxes import counts, post, receiver, reply, report, settled

import mmsclient as mms
from mmsclient.postbacks import working
from mmsclient.postbacks.claims import MOST_DEATHS, Claimant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mmsclient.postbacks.claims import Claim

LEASE = 30.0
KILLS = pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")


def claimant(owner: bytes = b"one") -> Claimant:
    return Claimant(service="skycore", owner=owner, lease=LEASE, longest=100.0)


# -- processes that die -------------------------------------------------------------------------


class Lives:
    """One process after the other works on an inbox, and dies when it works on some events."""

    def __init__(self, postbacks: mms.Postbacks, deadly: set[int]) -> None:
        self._postbacks = postbacks
        self._deadly = deadly
        self.now = 1_900_000_000.0
        self.count = 0
        postbacks._inbox.clock = lambda: self.now

    async def live(self) -> bool:
        """Work until all is done or the process dies; return whether it did not."""
        self.count += 1
        one = claimant(str(self.count).encode())
        write = self._postbacks._inbox.write
        while (await self._postbacks.counts())["waiting"]:
            held: list[Claim] = []
            # Handlers take a while: some are at work already when others are claimed.
            for places in (5, 27):
                claimed = await write(partial(one.claim, now=self.now, places=places, held=held))
                held += claimed.claims
            if self._deadly & {claim.event for claim in held}:
                self.now += LEASE + 1
                return False
            for claim in held:
                await write(partial(one.finish, now=self.now, claim=claim))
            self.now += 1
        return True


@pytest.mark.parametrize("deadly", [{6}, {1, 20, 40}])
async def test_what_kills_its_process_is_parked_and_takes_nobody_with_it(
    tmp_path: Path, deadly: set[int]
) -> None:
    postbacks = receiver(tmp_path)
    for n in range(40):
        await post(postbacks.asgi, report(n))
    lives = Lives(postbacks, deadly)
    while not await lives.live():
        assert lives.count <= 1 + MOST_DEATHS * len(deadly)
    failed = await postbacks.failed()
    assert {one.number for one in failed} == deadly
    assert all(("died" in one.reason, one.attempts) == (True, MOST_DEATHS) for one in failed)
    assert await postbacks.counts() == counts(0, 40 - len(deadly), len(deadly), 0)
    assert await postbacks.retry(failed[0]) == 1
    lives._deadly.clear()
    assert await lives.live(), "who asks for it again gives it all its lives again"
    await postbacks.aclose()


async def test_what_is_tried_alone_waits_for_those_at_work_and_has_nobody_beside_it(
    tmp_path: Path,
) -> None:
    postbacks, now = receiver(tmp_path), 1_900_000_000.0
    postbacks._inbox.clock = lambda: now
    for n in range(3):
        await post(postbacks.asgi, report(n))
    write, one = postbacks._inbox.write, claimant()
    await write(lambda c: c.execute("UPDATE events SET deaths = 2 WHERE id = 2"))
    beside = partial(one.claim, now=now, places=9)
    (alone,) = (await write(beside)).claims
    assert (alone.event, alone.alone) == (2, True)
    claimed = await write(partial(beside, held=[alone]))
    assert (claimed.claims, claimed.next_due) == ((), None)
    await write(lambda c: one.give_back(c, now, alone, []))
    await write(lambda c: c.execute("UPDATE events SET deaths = 1 WHERE id = 3"))
    await write(lambda c: c.execute("UPDATE events SET due = due + 1 WHERE id = 2"))
    some = (await write(beside)).claims
    assert [claim.event for claim in some] == [3, 1], "a first suspect has others beside it"
    later = partial(one.claim, now=now + 2, places=9)
    assert (await write(partial(later, held=some))).claims == (), "one suspect at a time"
    claimed = await write(partial(later, held=some[1:]))
    assert (claimed.claims, claimed.next_due) == ((), None), "it has to wait for what is at work"
    assert [claim.event for claim in (await write(later)).claims] == [2]
    await postbacks.aclose()


@KILLS
async def test_a_death_is_no_attempt(tmp_path: Path) -> None:
    script = (
        "import asyncio, os, mmsclient as mms, inboxes, pathlib\n"
        f"postbacks = inboxes.receiver(pathlib.Path({str(tmp_path)!r}), retries=(), lease=0.2)\n"
        "@postbacks.on(mms.Event)\n"
        "async def heard(event): os.kill(os.getpid(), 9)\n"
        "async def main():\n"
        "    async with postbacks.running(): await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    postbacks, seen = receiver(tmp_path, retries=(), lease=0.2), list[str]()
    await post(postbacks.asgi, report(7))
    path = os.pathsep.join(sys.path)
    command = [sys.executable, "-c", script]
    killed = await asyncio.to_thread(
        subprocess.run, command, env={**os.environ, "PYTHONPATH": path}, check=False
    )
    assert killed.returncode == -signal.SIGKILL

    @postbacks.on(mms.Event)
    async def heard(event: mms.Event) -> None:
        seen.append(event.key)

    async with postbacks.running():
        assert await settled(postbacks) == counts(0, 1, 0, 0)
    assert len(seen) == 1


# -- handlers that end in other ways than they should -------------------------------------------


class Odd(BaseException):
    pass


async def cancels_itself() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(0)


async def cancels_itself_and_returns() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()


def raising(error: BaseException) -> Callable[[], object]:
    async def handler() -> None:
        raise error

    return handler


ENDS = {
    "base": raising(Odd()),
    "group": raising(BaseExceptionGroup("all", [Odd()])),
    "cancelled": raising(asyncio.CancelledError()),
    "generator": raising(GeneratorExit()),
    "cancels": cancels_itself,
    "cancels and returns": cancels_itself_and_returns,
}


@pytest.mark.parametrize("end", ENDS)
async def test_whatever_ends_a_handler_is_an_attempt_and_another_one_has_its_own_way(
    tmp_path: Path, end: str, caplog: pytest.LogCaptureFixture
) -> None:
    postbacks, calls = receiver(tmp_path), list[str]()

    @postbacks.on(mms.Event)
    async def odd(_: mms.Event) -> None:
        calls.append("odd")
        await ENDS[end]()  # type: ignore[misc]  # a coroutine function

    @postbacks.on(mms.Event)
    async def fine(_: mms.Event) -> None:
        await asyncio.sleep(0)
        calls.append("fine")

    async with postbacks.running():
        await post(postbacks.asgi, report(7))
        assert await settled(postbacks) == counts(0, 0, 1, 0)
    assert (calls.count("odd"), calls.count("fine")) == (3, 1)
    assert "attempt 3 of 3" in caplog.text


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
def test_a_handler_that_ends_the_program_has_had_its_attempt(
    tmp_path: Path, error: BaseException
) -> None:
    async def main() -> None:
        postbacks = receiver(tmp_path, retries=(1000.0,), lease=1000.0)

        @postbacks.on(mms.Event)
        async def ends(_: mms.Event) -> None:
            raise error

        async with postbacks.running():
            await post(postbacks.asgi, report(7))
            await asyncio.Event().wait()

    with pytest.raises(type(error)):
        asyncio.run(main())
    with closing(sqlite3.connect(tmp_path / "inbox.db")) as file:
        (row,) = file.execute("SELECT state, attempts, deaths, owner FROM events")
    assert row == (0, 1, 0, None)


async def test_a_handler_that_will_not_end_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(working, "UNWIND", 0.02)
    monkeypatch.setattr(working, "GRACE", 0.02)
    postbacks, free, ended = receiver(tmp_path, retries=(1000.0,)), asyncio.Event(), list[int]()
    started = asyncio.Event()

    @postbacks.on(mms.Event, name="stubborn")
    async def stubborn(_: mms.Event) -> None:
        started.set()
        while not free.is_set():
            try:
                await free.wait()
            except asyncio.CancelledError:
                continue
        ended.append(1)

    async with postbacks.running():
        await post(postbacks.asgi, report(7))
        await started.wait()
    assert not ended, "the block was left without it"
    assert "handler stubborn was cancelled and goes on" in caplog.text
    with closing(sqlite3.connect(tmp_path / "inbox.db")) as file:
        assert list(file.execute("SELECT attempts, owner FROM events")) == [(1, None)]
    free.set()
    while not ended:
        await asyncio.sleep(0.01)


async def test_leaving_keeps_the_claims_of_those_who_are_not_through(tmp_path: Path) -> None:
    here, there = (receiver(tmp_path, lease=0.2) for _ in "ab")
    calls, started = list[str](), asyncio.Event()

    async def slow(name: str, _: mms.Event) -> None:
        calls.append(name)
        started.set()
        await asyncio.sleep(0.7)

    here.on(mms.Event)(partial(slow, "here"))
    async with there.running():
        async with here.running():
            await post(here.asgi, report(7))
            await started.wait()
            there.on(mms.Event)(partial(slow, "there"))
        assert await settled(there) == counts(0, 1, 0, 0)
    assert calls == ["here"]


# -- clocks that are set ------------------------------------------------------------------------


async def test_a_clock_that_is_set_back_does_nothing_twice(tmp_path: Path) -> None:
    postbacks, now = receiver(tmp_path, lease=0.2), [1_900_000_000.0]
    postbacks._inbox.clock = lambda: now[0] + asyncio.get_running_loop().time()
    calls: list[str | None] = []

    @postbacks.on(mms.InboundMessage)
    async def slow(message: mms.InboundMessage) -> None:
        calls.append(message.text)
        await asyncio.sleep(0.8)

    async with postbacks.running():
        await post(postbacks.asgi, reply(1, "before", id=1))
        while not calls:
            await asyncio.sleep(0.01)
        now[0] -= 3600
        await post(postbacks.asgi, reply(2, "after", id=2))
        await settled(postbacks)
    assert calls == ["before", "after"]


async def test_a_clock_that_is_set_back_leaves_nothing_waiting(tmp_path: Path) -> None:
    postbacks, now = receiver(tmp_path), 1_900_000_000.0
    postbacks._inbox.clock = lambda: now
    for n in range(2):
        await post(postbacks.asgi, report(n))
    write, one, other = postbacks._inbox.write, claimant(), claimant(b"other")
    off, _ = (await write(partial(one.claim, now=now, places=2))).claims
    await write(partial(one.put_off, claim=off, now=now, wait=100.0, reason="x", through=[]))
    before = now - 3600
    (again,) = (await write(partial(other.claim, now=before, places=9))).claims
    assert again.event == off.event
    # The other one's owner, if it lives, has a lease to say so.
    assert (await write(partial(other.claim, now=before + LEASE - 1, places=9))).claims == ()
    await write(lambda c: other.renew(c, before + LEASE - 1, [again]))
    await write(partial(other.claim, now=before + LEASE + 1, places=9))
    (taken,) = (await write(partial(other.claim, now=before + LEASE + 3, places=9))).claims
    assert (taken.event == off.event, taken.deaths) == (False, 1)
    await postbacks.aclose()


async def test_an_event_that_is_at_work_here_is_not_claimed_once_more(tmp_path: Path) -> None:
    postbacks, now = receiver(tmp_path), 1_900_000_000.0
    postbacks._inbox.clock = lambda: now
    await post(postbacks.asgi, report(7))
    write, one = postbacks._inbox.write, claimant()
    held = (await write(partial(one.claim, now=now, places=9))).claims
    later = now + 10 * LEASE
    assert (await write(partial(one.claim, now=later, places=9, held=held))).claims == ()
    await write(lambda c: one.release(c, later))
    assert (await write(partial(one.claim, now=later, places=9, held=held))).claims == ()
    assert len((await write(partial(one.claim, now=later, places=9))).claims) == 1
    await postbacks.aclose()
