"""Many postbacks from the simulator over real sockets, and processes killed in the midst of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
import worker
from inboxes import SERVICE, receiver, served, settled

import mmsclient as mms
from mmsclient.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

MANY = 1000


def write(sim: Simulator, numbers: range) -> None:
    """Let so many people write something, each from a number of their own."""
    for number in numbers:
        sim.handset(f"1202555{number:04}").send_sms(f"Table {number}", service="skycore")


async def posted(sim: Simulator, count: int) -> None:
    """Wait until so many postbacks were taken."""
    while sum(one.status == 200 for one in sim.postbacks) < count:
        await asyncio.sleep(0.05)


def keys(sim: Simulator) -> set[str]:
    return {event.key for one in sim.postbacks for event in SERVICE.read_postback(one.raw)}


async def test_all_are_answered_however_slow_the_handlers_are_and_handled_once(
    tmp_path: Path,
) -> None:
    postbacks, go, seen = receiver(tmp_path), asyncio.Event(), Counter[str]()

    @postbacks.on(mms.InboundMessage)
    async def slow(message: mms.InboundMessage) -> None:
        await go.wait()
        seen[message.key] += 1

    async with postbacks.running(), served(postbacks.asgi) as url, Simulator() as sim:
        sim.post_to(f"{url}/postbacks")
        write(sim, range(MANY))
        await posted(sim, MANY)
        # Not one handler is through yet: no answer has waited for any.
        assert not seen
        assert {(one.status, one.attempt) for one in sim.postbacks} == {(200, 1)}
        go.set()
        found = await settled(postbacks)
    assert (found["done"], set(seen.values())) == (MANY, {1})
    assert set(seen) == keys(sim)


@attrs.define
class Workers:
    """Processes on one inbox."""

    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = attrs.field(factory=dict)

    def start(self, name: str, port: int) -> None:
        command = [sys.executable, worker.__file__, str(self.folder), str(port), name]
        self.running[name] = subprocess.Popen(command)

    async def up(self, port: int) -> None:
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.02)

    def kill(self, name: str) -> None:
        process = self.running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    async def effects(self, count: int) -> list[tuple[str, str]]:
        """Wait for so many effects, and a little for some too many."""
        while len(worker.effects(self.folder)) < count:
            await asyncio.sleep(0.05)
        for process in self.running.values():
            process.terminate()
            await asyncio.to_thread(process.wait)
        return worker.effects(self.folder)


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    found = Workers(tmp_path)
    yield found
    for process in found.running.values():
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


KILLS = pytest.mark.skipif(os.name != "posix", reason="there is no SIGKILL")


@KILLS
async def test_a_process_killed_again_and_again_loses_nothing_and_does_nothing_twice(
    workers: Workers,
) -> None:
    count, port = 200, free_port()
    workers.start("a", port)
    await workers.up(port)
    # 5 minutes between the service's attempts are 1 second.
    async with Simulator(speed=300) as sim:
        sim.post_to(f"http://127.0.0.1:{port}/postbacks")
        write(sim, range(count))
        for kill in range(1, 4):
            await posted(sim, kill * count // 5)
            workers.kill("a")
            workers.start("a", port)
        await posted(sim, count)
        effects = Counter(key for key, _ in await workers.effects(count))
        assert any(one.attempt > 1 for one in sim.postbacks), "some had to be sent again"
        assert effects == Counter(keys(sim))
        assert len(effects) == count


@KILLS
async def test_what_a_dead_process_had_taken_others_do(workers: Workers) -> None:
    count, ports = 300, {"a": free_port(), "b": free_port()}
    for name, port in ports.items():
        workers.start(name, port)
    for port in ports.values():
        await workers.up(port)
    async with Simulator() as sim:
        sim.post_to(f"http://127.0.0.1:{ports['a']}/postbacks")
        write(sim, range(count))
        await posted(sim, count)
        workers.kill("a")
        effects = await workers.effects(count)
        assert Counter(key for key, _ in effects) == Counter(keys(sim))
        assert {name for _, name in effects} == {"a", "b"}


@pytest.mark.skipif(sys.platform != "linux", reason="only there all of 127.0.0.0/8 is this machine")
async def test_when_the_service_moves_its_addresses_only_the_list_has_to_follow(
    tmp_path: Path,
) -> None:
    before = ["127.0.0.2", "127.0.0.3", "127.0.0.4"]
    postbacks = receiver(tmp_path, allow=before)
    # 5 minutes between the service's attempts are half a second.
    async with served(postbacks.asgi) as url, Simulator(speed=600, postback_sources=before) as sim:
        sim.post_to(f"{url}/postbacks")
        write(sim, range(3))
        await posted(sim, 3)
        sim.post_from(["127.0.0.5"])
        write(sim, range(3, 5))
        while len(sim.postbacks) < 5:
            await asyncio.sleep(0.01)
        assert [one.status for one in sim.postbacks][3:5] == [403, 403]
        postbacks.allow([*before, "127.0.0.5"])
        await posted(sim, 5)
        assert {one.source for one in sim.postbacks if one.status == 200} <= {*before, "127.0.0.5"}
    assert (await postbacks.counts())["waiting"] == 5
    await postbacks.aclose()
