"""What is let in and what is turned away, before and after a byte of the body, and what that costs."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import sqlite3
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inboxes import DELIVERED, SERVICE, post, receiver, report, served
from three_services import FORMS

import mmsclient as mms
from mmsclient.postbacks import asgi, gate, inbox
from mmsclient.simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cret-0f-the-path-117"  # noqa: S105 - of nobody
BASIC = ("service", "pass:word")


def basic(user: str, password: str) -> list[tuple[str, str]]:
    told = base64.b64encode(f"{user}:{password}".encode()).decode()
    return [("authorization", f"Basic {told}")]


async def status(app: Any, raw: mms.RawPostback | None = None, **options: Any) -> int:
    return (await post(app, raw or report(7), **options)).status


async def kept(postbacks: mms.Postbacks) -> int:
    return sum((await postbacks.counts()).values())


async def test_only_networks_of_the_list_may_post(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path, allow=["192.0.2.0/24", "2001:db8::/32"])
    for host in ("192.0.2.7", "::ffff:192.0.2.7", "2001:db8::7"):
        assert await status(postbacks.asgi, client=(host, 1)) == 200
    for client in (("192.0.3.7", 1), ("testclient", 1), ("", 0), None):
        answer = await post(postbacks.asgi, report(8), client=client)
        assert (answer.status, answer.body) == (403, b"")
    spoofed = [("x-forwarded-for", "192.0.2.7")]
    assert await status(postbacks.asgi, client=("203.0.113.66", 1), headers=spoofed) == 403
    postbacks.allow(["203.0.113.66"])
    assert await status(postbacks.asgi, client=("203.0.113.66", 1)) == 200
    assert await status(postbacks.asgi, client=("192.0.2.7", 1)) == 403
    assert await kept(postbacks) == 1, "repeats of one report"
    await postbacks.aclose()


async def test_behind_a_proxy_the_rightmost_hop_that_is_none_of_ours_counts(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path, allow=["192.0.2.0/24"], trusted_proxies=["10.0.0.0/8"])
    inside: dict[str, Any] = {"client": ("10.0.0.1", 1)}

    async def forwarded(told: str) -> int:
        return await status(postbacks.asgi, **inside, headers=[("x-forwarded-for", told)])

    assert await forwarded("192.0.2.7") == 200
    assert await forwarded("203.0.113.66, 192.0.2.7") == 200
    assert await forwarded("192.0.2.7, 203.0.113.66") == 403
    assert await forwarded("") == 403
    assert await status(postbacks.asgi, **inside) == 403
    await postbacks.aclose()


async def test_a_secret_is_the_last_part_of_the_path(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path, allow=None, secret=SECRET)
    for path in (f"/postbacks/{SECRET}", f"/postbacks/{SECRET}/", f"/{SECRET}"):
        assert await status(postbacks.asgi, path=path, client=None) == 200
    for path in ("/postbacks", "/", "", f"/{SECRET}x", f"/{SECRET}/x", f"/{SECRET}//", "/é"):
        assert await status(postbacks.asgi, path=path) == 404
    await postbacks.aclose()


async def test_a_path_that_is_known_is_compared_whole(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path, path="/postbacks")
    for path, expected in (("/postbacks", 200), ("/postbacks/", 200), ("/", 404), ("/x", 404)):
        assert await status(postbacks.asgi, path=path) == expected
    await postbacks.aclose()
    both = receiver(tmp_path, path="/in/", secret=SECRET)
    for path, expected in ((f"/in/{SECRET}", 200), (f"/{SECRET}", 404), ("/in", 404)):
        assert await status(both.asgi, path=path) == expected
    await both.aclose()


async def test_basic_credentials_have_to_be_right(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path, allow=None, basic=BASIC)
    assert await status(postbacks.asgi, headers=basic(*BASIC)) == 200
    wrong = [basic("service", "other"), basic("other", "pass:word"), []]
    wrong += [[("authorization", told)] for told in ("Basic", "Basic ?", "Basic 4pyT", "Bearer x")]
    for headers in wrong:
        answer = await post(postbacks.asgi, report(7), headers=headers)
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Basic")
    await postbacks.aclose()


async def test_all_that_is_asked_for_has_to_be_right(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path, secret=SECRET, basic=BASIC)
    right: dict[str, Any] = {"path": f"/{SECRET}", "headers": basic(*BASIC)}
    assert await status(postbacks.asgi, **right) == 200
    assert await status(postbacks.asgi, **{**right, "client": ("192.0.2.7", 1)}) == 403
    assert await status(postbacks.asgi, **{**right, "path": "/"}) == 404
    assert await status(postbacks.asgi, **{**right, "headers": []}) == 401
    await postbacks.aclose()


async def test_a_signature_is_judged_before_the_answer(tmp_path: Path) -> None:
    sim = Simulator()
    service = sim.transmitsms(check_signature=True)
    postbacks = receiver(tmp_path, service=service, allow=None)
    sim.post_to("http://127.0.0.1:9/in")
    client = mms.Client(sim.transmitsms(), transport=sim.transport())
    async with client:
        await client.send(mms.Sms(to="61491570156", text="Hello", sender="70707"))
    raws = [posted.raw for posted in sim.postbacks]
    signed = [raw for raw in raws if service.verify_signature(raw)] or [signature(service)]
    unsigned = mms.RawPostback("GET", signed[0].query)
    forged = mms.RawPostback("GET", signed[0].query + "&status=read", signed[0].headers)
    for raw, expected in ((signed[0], 200), (unsigned, 403), (forged, 403)):
        assert await status(postbacks.asgi, raw) == expected
    assert await kept(postbacks) == 1
    # The secret may be another one by the time the event is read again.
    changed = sim.transmitsms(check_signature=True, api_secret="another")  # noqa: S106 - of nobody
    later = receiver(tmp_path, service=changed, allow=None)
    assert len([event async for event in later.events()]) == 1
    await asyncio.gather(postbacks.aclose(), later.aclose())


def signature(service: mms.TransmitSMS) -> mms.RawPostback:
    """Return a callback signed by the vendor's recipe."""
    import hashlib
    import hmac

    told = {"message_id": "7", "mobile": "61491570156", "status": "delivered", "user_id": "1"}
    document = json.dumps(told, separators=(",", ":")).replace("/", "\\/").encode()
    made = hmac.new(service.api_secret.encode(), document, hashlib.sha256).hexdigest()
    query = "&".join(f"{name}={value}" for name, value in told.items())
    return mms.RawPostback("GET", query, {"x-transmitsms-signature": made})


@pytest.mark.parametrize(
    ("service", "right"),
    [
        (SERVICE, "POST"),
        (mms.Cellcast(app_key="k"), "POST"),
        (mms.TransmitSMS(api_key="k", api_secret="s-123"), "GET"),  # noqa: S106 - of nobody
    ],
)
async def test_only_the_services_own_method_is_taken(
    tmp_path: Path, service: mms.Service, right: str
) -> None:
    postbacks = receiver(tmp_path, service=service)
    for method in ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"):
        answer = await post(postbacks.asgi, mms.RawPostback(method, "a=b"))
        assert answer.status == (200 if method == right else 405)
        assert method == right or (answer.headers["allow"], answer.body) == (right, b"")
    await postbacks.aclose()


async def test_nothing_private_is_in_the_log_and_every_reason_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    postbacks = receiver(tmp_path, secret=SECRET, basic=BASIC, trusted_proxies=1)
    hops = [("x-forwarded-for", "127.0.0.1")]
    right: dict[str, Any] = {"path": f"/{SECRET}", "headers": [*basic(*BASIC), *hops]}
    private = f"/12025550143/{SECRET}-not"
    for changed, reason in (
        ({"headers": []}, "it is not known who sent it"),
        ({"path": private}, "wrong path or secret"),
        ({"headers": [*basic("u-1", "p-2"), *hops]}, "wrong or no Basic credentials"),
    ):
        assert await status(postbacks.asgi, **{**right, **changed}) >= 400
        assert reason in caplog.text
    assert await status(postbacks.asgi, mms.RawPostback("PUT", "to=12025550143"), **right) == 405
    for told in (SECRET, "2025550", "u-1", "p-2", BASIC[1]):
        assert told not in caplog.text
        assert told not in repr(postbacks) + repr(postbacks.asgi)
    await postbacks.aclose()


async def test_an_attack_does_not_flood_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    postbacks = receiver(tmp_path)
    for n in range(100):
        assert await status(postbacks.asgi, client=(f"192.0.2.{n}", 1)) == 403
    assert len(caplog.records) == 1
    monkeypatch.setattr(gate, "QUIET", 0.0)
    await status(postbacks.asgi, client=("192.0.2.1", 1))
    shown = "; ".join(f"192.0.2.{n} is not on the allow list" for n in (97, 98, 99))
    assert f"(99 more since the last such line: {shown})" in caplog.text


async def test_without_a_disk_the_answer_is_503_and_the_next_one_200(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path)
    await post(postbacks.asgi, report(1))

    def bound(pages: int) -> Any:
        def work(connection: sqlite3.Connection) -> None:
            (used,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {used + pages}")

        return work

    await postbacks._inbox.write(bound(0))
    large = mms.RawPostback("POST", body=report(2).body + b" " * 100_000)
    assert await status(postbacks.asgi, large) == 503
    await postbacks._inbox.write(bound(1000))
    assert await status(postbacks.asgi, large) == 200
    assert await kept(postbacks) == 2
    await postbacks.aclose()


async def test_a_file_that_somebody_holds_too_long_is_503_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi, "STORE_TIME", 0.05)
    postbacks = receiver(tmp_path)
    await postbacks.counts()
    other = sqlite3.connect(tmp_path / "inbox.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert await status(postbacks.asgi) == 503
    other.execute("ROLLBACK")
    other.close()
    monkeypatch.setattr(asgi, "STORE_TIME", 8.0)
    assert await status(postbacks.asgi) == 200
    assert await kept(postbacks) == 1, "the service's repeat of it is one"
    await postbacks.aclose()


async def test_a_file_that_is_held_while_it_is_opened_is_503_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert inbox.PATIENCE < asgi.STORE_TIME, "else the answer waits for longer than the service"
    monkeypatch.setattr(inbox, "PATIENCE", 0.05)
    postbacks = receiver(tmp_path)
    other = sqlite3.connect(tmp_path / "inbox.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert await status(postbacks.asgi) == 503
    other.execute("ROLLBACK")
    other.close()
    assert await status(postbacks.asgi) == 200
    await postbacks.aclose()


@pytest.mark.skipif(os.name != "posix", reason="there no file goes while it is open")
@pytest.mark.parametrize("replaced", [False, True])
async def test_a_file_that_is_gone_is_noticed(tmp_path: Path, replaced: bool) -> None:
    postbacks = receiver(tmp_path)
    assert await status(postbacks.asgi) == 200
    for file in tmp_path.iterdir():
        file.unlink()
    if replaced:
        (tmp_path / "inbox.db").touch()
    assert await status(postbacks.asgi, report(8)) == 503
    with pytest.raises(mms.InboxError, match="removed or replaced"):
        await postbacks.take(report(8))
    await postbacks.aclose()
    assert await status(postbacks.asgi, report(8)) == 200
    await postbacks.aclose()


@pytest.mark.parametrize("form", FORMS)
def test_whatever_comes_from_a_friend_is_kept_as_it_came(tmp_path: Path, form: str) -> None:
    service: mms.Service = FORMS[form](Simulator())
    postbacks = receiver(tmp_path, service=service)
    words = st.text(st.characters(max_codepoint=255), max_size=30)
    headers = st.dictionaries(st.sampled_from(["content-type", "x-a"]), words, max_size=2)
    near = st.sampled_from([report(7).body, b"[{}]", b'{"from": 7}', b"xml=<POSTBACK/>"])
    seen: list[mms.RawPostback] = []

    @settings(max_examples=60, deadline=None)
    @given(st.binary(max_size=300) | near, st.text(max_size=30) | st.just("mobile=7&a"), headers)
    def trial(body: bytes, query: str, given_headers: dict[str, str]) -> None:
        text = query.encode("utf-8", "replace").decode()
        raw = mms.RawPostback(service.postback_method, text, given_headers, body)
        assert asyncio.run(status(postbacks.asgi, raw)) == 200
        seen.append(raw)

    trial()
    with sqlite3.connect(tmp_path / "inbox.db") as file:
        kept_ones = file.execute("SELECT query, headers, body FROM raws ORDER BY id").fetchall()
    file.close()
    assert [(raw.query, raw.headers, raw.body) for raw in seen] == [
        (query, json.loads(told), body) for query, told, body in kept_ones
    ]


# -- on sockets ---------------------------------------------------------------------------------


async def raw_request(url: str, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Write bytes to a server, and return what it says until it closes, or for a while."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.read(), 20)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def head(length: int | None = None, *more: str, path: str = "/postbacks") -> bytes:
    size = [] if length is None else [f"Content-Length: {length}"]
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", *size, *more, "", ""]).encode()


async def deliver(url: str, number: int) -> int:
    """Post a report over a connection of its own; return the status of the answer."""
    body = report(number, DELIVERED).body
    said = await raw_request(url, head(len(body), "Connection: close") + body)
    return int(said.split(b" ")[1])


async def test_large_bodies_are_refused_by_their_length_and_by_their_bytes(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path, largest=1000)
    async with served(postbacks.asgi) as url:
        assert b" 413 " in await raw_request(url, head(1001))
        assert b" 413 " in await raw_request(url, head(10**18))
        chunk = b"400\r\n" + b"x" * 1024 + b"\r\n"
        endless = head(None, "Transfer-Encoding: chunked") + chunk * 3
        assert b" 413 " in await raw_request(url, endless)
        assert await deliver(url, 7) == 200
    assert await kept(postbacks) == 1
    await postbacks.aclose()


async def test_slow_bodies_are_given_up_and_hold_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi, "BODY_TIME", 0.3)
    postbacks = receiver(tmp_path)
    async with served(postbacks.asgi) as url:
        slow = [asyncio.create_task(raw_request(url, head(100) + b"<POSTBACK>")) for _ in range(20)]
        assert [await deliver(url, n) for n in range(10)] == [200] * 10
        answers = await asyncio.gather(*slow)
    assert all(b" 408 " in one for one in answers)
    assert await kept(postbacks) == 10
    await postbacks.aclose()


async def test_who_hangs_up_in_the_midst_leaves_nothing(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path)
    async with served(postbacks.asgi) as url:
        host, port = url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(head(100) + b"<POSTBACK>")
        await writer.drain()
        writer.transport.abort()
        assert await deliver(url, 7) == 200
    assert await kept(postbacks) == 1
    await postbacks.aclose()


BOMB = (
    b'<!DOCTYPE a [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a;" * 50) for n in range(20))
    + b"]><POSTBACK><ORIGIN>&a19;</ORIGIN></POSTBACK>"
)


async def test_an_attack_takes_no_memory_and_others_are_served_meanwhile(tmp_path: Path) -> None:
    """From an address that is on the list, that is: from any other not a byte of it is read."""
    postbacks = receiver(tmp_path, secret=SECRET)
    path = f"/postbacks/{SECRET}"
    deep = b"<POSTBACK>" + b"<a>" * 60_000
    large = b"x" * 262_144
    attacks = [
        head(len(body), "Connection: close", path=path) + body for body in (BOMB, deep, large)
    ]
    attacks += [head(len(large), path="/postbacks/guess") + large, head(10**9, path=path) + large]
    async with served(postbacks.asgi) as url:
        for attack in attacks:
            await raw_request(url, attack)
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(10):
            await asyncio.gather(*(raw_request(url, attack) for attack in attacks))
            body = report(7).body
            fine = await raw_request(url, head(len(body), "Connection: close", path=path) + body)
            assert b" 200 " in fine
        after, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert after - before < 1_000_000
    assert peak - before < 20_000_000
    assert (await postbacks.counts())["unreadable"] == 33
    await postbacks.aclose()


async def test_too_many_at_once_are_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi, "MOST_AT_ONCE", 3)
    postbacks = receiver(tmp_path)
    await post(postbacks.asgi, report(0))
    answers = await asyncio.gather(*(post(postbacks.asgi, report(n)) for n in range(1, 9)))
    assert {one.status for one in answers} == {200, 503}
    assert await status(postbacks.asgi, report(9)) == 200
    await postbacks.aclose()


async def test_a_connection_is_kept_for_the_next_postback(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path)
    async with served(postbacks.asgi) as url:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        for n in range(5):
            body = report(n).body
            writer.write(head(len(body)) + body)
            said = (await reader.readuntil(b"\r\n\r\n")) + await reader.readexactly(2)
            assert said.startswith(b"HTTP/1.1 200 ")
            assert said.endswith(b"OK")
        writer.close()
    await postbacks.aclose()
