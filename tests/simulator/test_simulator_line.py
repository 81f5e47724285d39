"""How postbacks travel: one connection for each service, kept, dropped in time, from where it was told."""

from __future__ import annotations

import asyncio
import base64
import socket
from typing import TYPE_CHECKING, Any

import pytest
from rawcalls import SMS, document, post
from receivers import receiving, until
from servers import listen, request, serve, whole

from mmsclient.simulator import Simulator, postman, sources

if TYPE_CHECKING:
    from servers import Behaviour, Server

ELSEWHERE = ("127.0.0.2", "127.0.0.3", "127.0.0.4")


def everywhere() -> bool:
    """Tell whether all of 127.0.0.0/8 is this machine."""
    with socket.socket() as trial:
        try:
            trial.bind((ELSEWHERE[0], 0))
        except OSError:
            return False
    return True


loopback_net = pytest.mark.skipif(not everywhere(), reason="this system has 127.0.0.1 alone")


def write(sim: Simulator, times: int = 1, **terms: Any) -> None:
    for n in range(times):
        sim.handset(f"1202555{n:04}").send_sms("Hello", to="70707", **terms)


async def posted(sim: Simulator, times: int) -> None:
    await until(lambda: len(sim.postbacks) == times)


def watched(peers: list[str], answer: bytes = whole(b"")) -> Behaviour:
    """Answer every request, and note which address each came from."""

    async def behave(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        while True:
            await request(reader, seen)
            peers.append(writer.get_extra_info("peername")[0])
            writer.write(answer)
            await writer.drain()

    return behave


async def test_each_service_has_a_connection_of_its_own_and_keeps_it() -> None:
    async with receiving() as receiver, Simulator(postback_url=receiver.url) as sim:
        for service in ("skycore", "transmitsms", "cellcast"):
            write(sim, 20, service=service)
        await posted(sim, 60)
    assert receiver.server.connections == 3
    assert {row.status for row in sim.postbacks} == {200}
    assert [row.serial for row in sim.postbacks] == list(range(1, 61))


async def test_a_service_whose_receiver_hangs_holds_up_no_other() -> None:
    async with serve(listen) as silent, receiving() as receiver:
        urls = {"skycore": silent.url, "cellcast": receiver.url}
        async with Simulator(postback_url=urls) as sim:
            write(sim, service="skycore")
            await until(lambda: silent.requests)
            write(sim, 5, service="cellcast")
            await posted(sim, 5)
            assert {row.service for row in sim.postbacks} == {"cellcast"}


@loopback_net
async def test_connections_come_from_the_addresses_in_turn() -> None:
    async with receiving() as receiver:
        async with Simulator(postback_url=receiver.url, postback_sources=ELSEWHERE) as sim:
            for service in ("skycore", "transmitsms", "cellcast"):
                write(sim, service=service)
            await posted(sim, 3)
        assert sorted(row.source or "" for row in sim.postbacks) == list(ELSEWHERE)


@loopback_net
async def test_the_addresses_may_change_while_it_runs() -> None:
    peers: list[str] = []
    async with serve(watched(peers)) as server, Simulator(postback_url=server.url) as sim:
        for place in ((), "127.0.0.9", ["127.8.7.6"], ["127.8.7.6"], ()):
            sim.post_from(place)
            write(sim, 2)
            await posted(sim, len(sim.postbacks) + 2)
    assert peers[::2] == peers[1::2]
    assert peers[::2] == ["127.0.0.1", "127.0.0.9", "127.8.7.6", "127.8.7.6", "127.0.0.1"]
    told = [row.source for row in sim.postbacks[::2]]
    assert told == [None, "127.0.0.9", "127.8.7.6", "127.8.7.6", None]
    assert server.connections == 5


@pytest.mark.parametrize("wrong", ["192.0.2.7", "localhost", "", ["127.0.0.2", "0.0.0.0"]])  # noqa: S104 - refused
def test_only_addresses_of_this_machine_will_do(wrong: Any) -> None:
    with pytest.raises(ValueError, match="postback_sources must be loopback addresses"):
        Simulator(postback_sources=wrong)
    sim = Simulator(postback_sources=ELSEWHERE)
    with pytest.raises(ValueError, match="postback_sources"):
        sim.post_from(wrong)


async def test_where_the_system_has_no_such_address_it_chooses_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sources, "_is_here", lambda _: False)
    async with receiving() as receiver:
        async with Simulator(postback_url=receiver.url, postback_sources=ELSEWHERE) as sim:
            write(sim)
            await posted(sim, 1)
        assert (sim.postbacks[0].status, sim.postbacks[0].source) == (200, None)
    assert "none of the source addresses" in caplog.text
    assert "127." not in caplog.text


def test_an_address_fits_hosts_of_its_kind() -> None:
    both = sources.Sources(["127.0.0.1", "::1"])
    assert {both.next_for("127.0.0.1") for _ in range(4)} == {"127.0.0.1"}
    assert both.next_for("::1") in {"::1", None}, "where there is no IPv6, the system chooses"


async def test_a_receiver_that_never_ends_its_answer_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postman, "PATIENCE", 0.2)

    async def dribble(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        await request(reader, seen)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with serve(dribble) as server, Simulator(postback_url=server.url) as sim:
        write(sim)
        await until(lambda: sim.postbacks and server.closed)
    assert [(row.end, row.status) for row in sim.postbacks] == [("no answer", None)]


async def test_a_receiver_that_takes_no_connection_is_given_up_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postman, "PATIENCE", 0.2)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:  # more than its queue holds, so that the next is left to wait
            one.settimeout(0)
            one.connect_ex(("127.0.0.1", port))
        async with Simulator(postback_url=f"http://127.0.0.1:{port}/") as sim:
            write(sim)
            await until(lambda: sim.postbacks)
        for one in waiting:
            one.close()
    assert [(row.end, row.status) for row in sim.postbacks] == [("no answer", None)]


CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\n\r\n" + whole(b"ok")


@pytest.mark.parametrize(
    ("answer", "status", "connections"),
    [
        (whole(b"ok"), 200, 1),
        (CHUNKED, 200, 1),
        (EARLY, 200, 1),
        (whole(b"", status="503 Busy"), 503, 1),
        (whole(b"ok", "connection: close"), 200, 3),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", 200, 3),
        (whole(b"ok") + b"HTTP/1.1 500 Unasked\r\ncontent-length: 0\r\n\r\n", 200, 3),
        (b"SSH-2.0-nonsense\r\n\r\n", None, 3),
    ],
)
async def test_every_answer_is_read_whole_and_the_line_kept_only_where_it_is_fit(
    answer: bytes, status: int | None, connections: int
) -> None:
    peers: list[str] = []
    async with serve(watched(peers, answer)) as server, Simulator(postback_url=server.url) as sim:
        for n in range(1, 4):
            write(sim)
            await posted(sim, n)
    assert [row.status for row in sim.postbacks] == [status] * 3
    assert server.connections == connections


async def test_an_answer_may_end_with_its_connection() -> None:
    async def behave(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        await request(reader, seen)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nas long as it lasts")
        writer.write_eof()
        await reader.read()

    async with serve(behave) as server, Simulator(postback_url=server.url) as sim:
        write(sim)
        await until(lambda: sim.postbacks)
    assert sim.postbacks[0].status == 200


@pytest.mark.parametrize(
    "parting", [b"", b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n"]
)
async def test_a_connection_that_was_closed_or_spoke_unasked_is_not_used_again(
    parting: bytes,
) -> None:
    gone = asyncio.Event()

    async def behave(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        await request(reader, seen)
        writer.write(whole(b""))
        await writer.drain()
        await gone.wait()
        writer.write(parting)
        await writer.drain()

    async with serve(behave) as server, Simulator(postback_url=server.url) as sim:
        write(sim)
        await posted(sim, 1)
        gone.set()
        await until(lambda: server.closed == 1)
        await until(lambda: not sim._postman._rounds["skycore"].line._connection.alive)  # type: ignore[union-attr] # it is there
        write(sim)
        await posted(sim, 2)
        assert [row.status for row in sim.postbacks] == [200, 200]


async def test_a_name_and_a_password_in_the_address_are_shown_as_basic() -> None:
    async with receiving() as receiver:
        url = receiver.url.replace("//", "//me:s%40cret@") + "in é?k=1"
        async with Simulator(postback_url=url) as sim:
            await post(sim, document(sim, "sendSMS", SMS))
            await posted(sim, 2)
        headers = dict(receiver.raws[0].headers)
        scheme, _, word = headers["authorization"].partition(" ")
        assert (scheme, base64.b64decode(word)) == ("Basic", b"me:s@cret")
        assert headers["host"] == receiver.url.split("/")[2]
        assert set(receiver.paths) == {"/in%20%C3%A9"}
        assert "s%40cret" not in repr(sim.postbacks)


async def test_what_is_posted_tells_which_message_it_is_about() -> None:
    async def fine(_: object) -> None:
        return None

    sim = Simulator(postbacks=fine)
    write(sim)
    async with Simulator(postbacks=fine) as opened:
        await post(opened, document(opened, "sendSMS", SMS))
        await until(lambda: len(opened.postbacks) == 2)
        row = opened._vendor.register.rows[0]
        assert list(row.posted) == [posted.serial for posted in opened.postbacks]
    await sim.settled()
    written = sim._vendor.lately.written("12025550000")[0]
    assert list(written.posted) == [posted.serial for posted in sim.postbacks]
