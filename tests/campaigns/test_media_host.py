"""Hosts of media, asked over real sockets: what they answer, and what is made of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from servers import Server, request, serve, whole

from mmsclient.campaigns import media_host
from mmsclient.campaigns.media_host import MediaFinding, MediaHost, shown
from mmsclient.engine.over_httpx import HttpxTransport
from mmsclient.messages import Fetched

if TYPE_CHECKING:
    from collections.abc import Iterable

PNG = b"\x89PNG\r\n\x1a\n" + bytes(992)
TYPES = frozenset({"image/png", "image/jpeg"})

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"4\r\n\x89PNG\r\n0\r\n\r\n"
)
TO_THE_END = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nConnection: close\r\n\r\n\x89PNG"

PAGES: dict[str, bytes] = {
    "fine.png": whole(PNG, "Content-Type: image/png"),
    "typed.png": whole(PNG, "Content-Type: Image/PNG; charset=binary"),
    "login.png": whole(b"", status="401 Unauthorized"),
    "forbidden.png": whole(b"", status="403 Forbidden"),
    "moved.png": whole(b"", "Location: https://login.example.net/", status="302 Found"),
    "gone.png": whole(b"gone", status="404 Not Found"),
    "empty.png": whole(b"", "Content-Type: image/png"),
    "page.png": whole(b"<html>log in</html>", "Content-Type: text/html"),
    "untyped.png": whole(PNG),
    "chunked.png": CHUNKED,
    "endless.png": TO_THE_END,
    "cookie.png": whole(PNG, "Content-Type: image/png", "Set-Cookie: a=b"),
    "torn.png": whole(PNG, "Content-Type: image/png")[:-5],
}


async def pages(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server) -> None:
    while True:
        asked = (await request(reader, seen)).split(b" ", 2)[1].decode()
        answer = PAGES[asked.partition("?")[0].removeprefix("/")]
        writer.write(answer)
        await writer.drain()
        if answer == TO_THE_END or asked == "/torn.png":
            return


async def found(
    *urls: str, pace: float = 15, host: MediaHost | None = None
) -> tuple[MediaFinding, ...]:
    async with host or MediaHost() as asked:
        files = [Fetched(field="slides[0].image", url=url, types=TYPES) for url in urls]
        await asked.ask(files)
        for file in files:
            asked.count(file)
        return asked.findings(pace)


@pytest.mark.parametrize(
    ("page", "trouble"),
    [
        ("login.png", "without a login"),
        ("forbidden.png", "without a login"),
        ("moved.png", "leads elsewhere"),
        ("gone.png", "is not there"),
        ("empty.png", "is empty"),
        ("page.png", "its Content-Type is text/html: image/jpeg, image/png may stand there"),
        ("untyped.png", "it has no Content-Type"),
        ("chunked.png", "in chunks"),
        ("endless.png", "no Content-Length"),
        ("torn.png", "gave no answer: no whole answer came"),
    ],
)
async def test_what_a_service_would_stumble_over_is_found(page: str, trouble: str) -> None:
    async with serve(pages) as server:
        (finding,) = await found(server.url + page)
    assert not finding.ok
    assert trouble in str(finding)
    assert trouble in "; ".join(finding.troubles)


@pytest.mark.parametrize("page", ["fine.png", "typed.png"])
async def test_a_good_file_is_measured(page: str) -> None:
    async with serve(pages) as server:
        (finding,) = await found(server.url + page)
    assert finding.ok
    assert (finding.status, finding.type, finding.size) == (200, "image/png", len(PNG))
    assert finding.seconds is not None
    assert str(finding).startswith(f"{server.url}{page}: 200, image/png, 1,000 bytes, ")


async def test_each_address_is_asked_once_however_often_it_stands_somewhere() -> None:
    async with serve(pages) as server, MediaHost() as host:
        file = Fetched(field="slides[0].image", url=server.url + "fine.png", types=TYPES)
        await host.ask([file] * 50)
        await host.ask([file] * 50)
        for _ in range(100):
            host.count(file)
        (finding,) = host.findings(15)
    assert len(server.requests) == 1
    assert finding.rows == 100
    assert host.sizes == {file.url: len(PNG)}


async def test_the_request_carries_nothing_of_ours() -> None:
    async with serve(pages) as server, MediaHost() as host:
        for page in ("cookie.png", "fine.png?a=b", "moved.png"):
            await host.ask([Fetched(field="f", url=server.url + page)])
    assert len(server.requests) == 3, "no redirect is followed"
    for head in server.requests:
        assert head.startswith(b"GET /")
        lowered = head.lower()
        assert b"\r\ncookie:" not in lowered
        assert b"authorization" not in lowered
        assert b"accept-encoding: identity" in lowered


async def test_an_address_in_two_places_is_held_against_the_kinds_of_each() -> None:
    async with serve(pages) as server, MediaHost() as host:
        url = server.url + "fine.png"
        image = Fetched(field="slides[0].image", url=url, types=TYPES)
        audio = Fetched(field="slides[1].audio", url=url, types=frozenset({"audio/mpeg"}))
        await host.ask([image, audio])
        host.count(image)
        host.count(audio)
        first, second = host.findings(15)
    assert (first.ok, first.field) == (True, "slides[0].image")
    assert (second.ok, second.field) == (False, "slides[1].audio")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://media.example.net/1.png", "is plain http"),
        ("https://10.0.0.7/1.png", "names a host that is not public"),
        ("https://user:secret@media.example.net/1.png", "holds a user name"),
        ("http://user:secret@127.0.0.1:9/1.png", "holds a user name"),
        ("ftp://media.example.net/1.png", "is not an http or https address"),
        ("file:///etc/passwd", "is not an http or https address"),
        ("https://media.example.net/a b", "holds blanks"),
        ("http://[::1", "is not an address"),
    ],
)
async def test_no_other_host_is_asked(url: str, why: str) -> None:
    class Closed:
        async def exchange(self, request: Any, leaving: Any) -> Any:
            raise AssertionError("nothing may leave")

        async def aclose(self) -> None: ...

    (finding,) = await found(url, host=MediaHost(Closed()))
    assert why in str(finding)
    assert "it was not asked" in str(finding)
    assert "secret" not in str(finding)


async def test_no_more_than_a_few_are_asked_at_once() -> None:
    together: list[int] = []
    under_way = 0
    full = asyncio.Event()

    async def behave(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        nonlocal under_way
        while True:
            await request(reader, seen)
            under_way += 1
            together.append(under_way)
            if under_way == media_host.AT_ONCE:
                full.set()
            await full.wait()
            under_way -= 1
            writer.write(whole(PNG, "Content-Type: image/png"))
            await writer.drain()

    async with serve(behave) as server:
        findings = await found(*(f"{server.url}{n}.png" for n in range(20)))
    assert len(findings) == 20
    assert max(together) == media_host.AT_ONCE


async def test_a_host_that_says_nothing_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_host, "PATIENCE", 0.05)
    monkeypatch.setattr(media_host, "AT_ONCE", 1)

    async def mute(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: Server
    ) -> None:
        await request(reader, seen)
        await reader.read()

    async with serve(mute) as server:
        findings = await found(*(f"{server.url}{n}.png" for n in range(9)))
    assert len(server.requests) == media_host.SILENT
    assert all(not finding.ok for finding in findings)
    assert "gave no whole answer" in str(findings[0])
    assert "gave no answer several times" in str(findings[-1])


async def test_a_file_that_is_too_large_is_not_read_to_its_end() -> None:
    async with serve(pages) as server:
        host = MediaHost(HttpxTransport(largest_answer=100))
        (finding,) = await found(server.url + "fine.png", host=host)
    assert "cannot be read to its end" in str(finding)
    assert finding.size is None


async def test_what_is_read_is_bounded_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_host, "AT_ONCE", 1)
    monkeypatch.setattr(media_host, "ALTOGETHER", 2 * len(PNG))
    async with serve(pages) as server:
        urls = [f"{server.url}fine.png?n={n}" for n in range(5)]
        findings = await found(*urls)
    assert len(server.requests) == 2
    assert [finding.ok for finding in findings] == [True, True, False, False, False]


async def test_no_more_than_so_many_addresses_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_host, "MOST", 3)
    async with serve(pages) as server, MediaHost() as host:
        files = [Fetched(field="f", url=f"{server.url}fine.png?n={n}") for n in range(5)]
        for some in (files[:2], files[2:]):
            await host.ask(some)
        for file in files:
            host.count(file)
        assert len(host.findings(15)) == 3
        assert host.unasked == 2
    assert len(server.requests) == 3


async def test_an_answer_too_slow_for_the_pace_is_told() -> None:
    async with serve(pages) as server:
        (finding,) = await found(server.url + "fine.png", pace=1e9)
        (same,) = await found(server.url + "fine.png", pace=1e-9)
    assert any("is slow" in trouble for trouble in finding.troubles)
    assert same.ok


@pytest.mark.parametrize(
    ("url", "left"),
    [
        ("https://media.example.net/1.png?token=x#f", "https://media.example.net/1.png"),
        ("https://u:p@media.example.net/1.png", "https://media.example.net/1.png"),
        ("https://media.example.net?x=1", "https://media.example.net"),
        ("https://media.example.net/\x1b[2J", "https://media.example.net/ [2J"),
    ],
)
def test_an_address_is_shown_without_what_may_be_private(url: str, left: str) -> None:
    assert shown(url) == left


def every(findings: Iterable[MediaFinding]) -> str:
    return "\n".join(map(repr, findings))


async def test_a_finding_is_private_in_repr() -> None:
    async with serve(pages) as server:
        text = every(await found(server.url + "fine.png?token=x"))
    assert "fine.png" not in text
    assert "token" not in text
