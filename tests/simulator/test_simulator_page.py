"""The handset page over HTTP: what it shows and does, who may ask, and that nothing grows without end."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
import rawcellcast
import rawtransmit
from rawcalls import MMS, SMS, Nodes, ask, connect, document, post
from receivers import receiving, until

from mmsclient.simulator import Account, Fault, Simulator, lately, minute, page, postbacks
from mmsclient.simulator.documents import HIDDEN
from mmsclient.simulator.lately import Lately
from mmsclient.simulator.minute import SECONDS, Minute
from mmsclient.simulator.page import deeds, endpoints, feed, views
from mmsclient.wire import Rate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TO = "12025550143"
ASSETS = files(page.__name__).joinpath("assets")


@asynccontextmanager
async def browser(sim: Simulator, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=sim.page_url, headers=headers) as client:
        yield client


def thread(sim: Simulator, number: str = TO) -> dict[str, Any]:
    with sim._vendor.lock:
        sim._vendor.settle()
        return views.thread(sim._vendor, number)


# --- what is served ---


async def test_the_page_and_its_files_are_served_and_nothing_beside_them() -> None:
    async with Simulator() as sim, browser(sim) as client:
        index = await client.get("/")
        assert index.headers["content-type"] == "text/html; charset=utf-8"
        names = re.findall(r'(?:src|href)="(page/[^"]+)"', index.text)
        assert len(names) == 4
        for name in names:
            found = await client.get(name)
            assert found.status_code == 200
            assert found.headers["content-type"].split(";")[0] in endpoints._TYPES.values()
        wrong = ["no.css", "views.py", "..%2fviews.py", "page.css%2f..", "index.htm", "."]
        for name in (*wrong, "..%5cassets%5cpage.css", "%2e%2fpage.css", "c:page.css", "PAGE.css"):
            assert (await client.get(f"page/{name}")).status_code in {403, 404}


def test_the_files_ask_for_nothing_elsewhere_and_never_make_html_of_text() -> None:
    for asset in ASSETS.iterdir():
        text = asset.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400, asset.name
        addresses = set(re.findall(r"https?://[^\s\"'`]+", text))
        assert addresses <= {"http://www.w3.org/2000/svg"}, asset.name
        for way in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            " style=",
        ):
            assert way not in text, f"{asset.name}: {way}"


async def test_every_answer_carries_the_policy_refusals_too() -> None:
    async with Simulator() as sim, browser(sim) as client:
        answers = [
            await client.get("/"),
            await client.get("page/page.js"),
            await client.get("page/documents/1"),
            await client.get("/", headers={"host": "example.net"}),
            await client.post("page/phones/1/messages", json={}),
        ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "require-trusted-types-for 'script'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert not any(name.startswith("access-control") for name in answer.headers)


async def test_the_services_are_where_they_were_and_the_page_has_no_calls() -> None:
    async with Simulator() as sim, browser(sim) as client:
        assert (await client.get("skycore/")).status_code == 405
        assert (await client.post("/")).status_code == 404
        await client.get("/")
        assert sim.calls == []
    assert sim.page_url == f"http://127.0.0.1:{urlsplit(sim.url).port}/"


# --- who may ask ---


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:8080", 200),
        ("localhost:1", 200),
        ("[::1]:8080", 200),
        ("127.9.9.9", 200),
        ("example.net", 403),
        ("127.0.0.1.example.net", 403),
        ("127.0.0.1@example.net", 403),
        ("localhost.", 403),
        ("192.0.2.7", 403),
        ("[::1", 403),
    ],
)
async def test_it_answers_under_names_of_this_machine_only(host: str, status: int) -> None:
    async with Simulator() as sim, browser(sim, host=host) as client:
        for path in ("/", "page/page.js"):
            assert (await client.get(path)).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "HERE", "sec-fetch-site": "same-origin"}, 200),
        ({"origin": "https://example.net"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:1"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"content-type": "text/plain"}, 403),
        ({"content-type": "application/x-www-form-urlencoded"}, 403),
        ({"content-type": "application/json; charset=utf-8"}, 200),
    ],
)
async def test_no_other_site_can_drive_it(headers: dict[str, str], status: int) -> None:
    async with Simulator() as sim, browser(sim) as client:
        here = {name: value.replace("HERE", sim.page_url[:-1]) for name, value in headers.items()}
        sent = {"content-type": "application/json", **here}
        answer = await client.post(
            f"page/phones/{TO}/messages", content=b'{"text":"Hello"}', headers=sent
        )
        assert answer.status_code == status
        assert bool(sim._vendor.lately.written(TO)) is (status == 200)


# --- what a phone shows ---

_SLIDES: list[Nodes] = [
    {"IMAGE": {"URL": "https://media.example.net/a%20b.png?id=7"}, "TEXT": "Rye & spelt"},
    {"VCARD": {"URL": "https://media.example.net/bakery.vcf"}, "TEXT": "Call us", "DURATION": "5"},
]


async def test_a_message_is_shown_slide_by_slide_with_what_was_posted_about_it() -> None:
    async def fine(_: object) -> None:
        return None

    sim = Simulator(postbacks=fine)
    await ask(sim, "sendMMS", {**MMS, "SLIDE": _SLIDES, "CLIENT_REFERENCE": "order-117"})
    await sim.settled()
    sim.handset(TO).reply("Two, please")
    await sim.settled()
    shown = thread(sim)
    message, answer = shown["messages"]
    assert (message["status"], message["kind"], message["as_sms"]) == ("delivered", "mms", False)
    assert (message["subject"], message["reference"]) == ("Fresh at 7", "order-117")
    picture, card = message["slides"]
    assert picture["files"] == [
        {"kind": "image", "name": "a b.png", "host": "media.example.net", "size": None}
    ]
    assert (card["text"], card["duration"], card["files"][0]["kind"]) == ("Call us", 5, "vcard")
    assert [(row["kind"], row["status"]) for row in message["posts"]] == [("delivery", 200)] * 2
    assert (answer["side"], answer["text"], answer["to"]) == ("owner", "Two, please", "70707")
    assert [row["kind"] for row in answer["posts"]] == ["inbound"]
    assert (shown["answers"], shown["takes_mms"], shown["earlier"]) == ("70707", True, False)
    assert json.loads(json.dumps(shown)) == shown


async def test_the_content_behind_a_fallback_link_is_gone_at_its_end() -> None:
    hand = [1000.0]
    sim = Simulator(clock=lambda: hand[0], faults=[Fault(kind="fallback")])
    until_then = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await ask(sim, "sendMMS", {**MMS, "MMSLINK_EXPIRATION_DATE": until_then})
    (message,) = thread(sim)["messages"]
    assert message["as_sms"]
    assert message["slides"] == []
    assert message["text"].endswith(message["link"]["address"])
    assert not message["link"]["ended"]
    assert message["link"]["subject"] == "Fresh at 7"
    assert message["link"]["slides"][0]["text"] == "Rye & spelt"
    (delivery,) = sim.received(TO)
    assert delivery.link_until == pytest.approx(3600, abs=60)

    hand[0] += 3500
    assert views.ended_links(sim._vendor, TO, sim._vendor.clock.now()) == 0
    hand[0] += 200
    assert views.ended_links(sim._vendor, TO, sim._vendor.clock.now()) == 1
    (message,) = thread(sim)["messages"]
    assert message["link"]["ended"]
    assert message["link"]["slides"] == []
    assert "Rye" not in json.dumps(message)


async def test_a_link_without_an_end_of_its_own_lasts_a_year() -> None:
    sim = Simulator(faults=[Fault(kind="fallback")])
    await ask(sim, "sendMMS", MMS)
    assert sim.received(TO)[0].link_until == pytest.approx(365 * 86_400, abs=60)


async def test_what_is_not_on_the_phone_yet_is_shown_as_such() -> None:
    sim = Simulator(faults=[Fault(kind="stuck"), Fault(kind="lost")])
    for kind, nodes in (("sendSMS", SMS), ("sendMMS", MMS)):
        await ask(sim, kind, nodes)
    statuses = [message["status"] for message in thread(sim)["messages"]]
    assert statuses == ["pending", "failed"]
    assert thread(sim)["answers"] is None
    glimpse = views.phones(sim._vendor)["phones"][0]
    assert (glimpse["glimpse"], glimpse["status"]) == ("Fresh at 7", "failed")


async def test_only_the_last_messages_and_phones_are_shown_and_it_says_so() -> None:
    sim = Simulator(rate=None)
    for n in range(views.MOST_MESSAGES + 20):
        sim.handset(TO).send_sms(f"Hello {n}", to="70707")
        sim.handset(f"1202555{n:04}").send_sms("Hello", to="70707")
    for _ in range(5):
        await ask(sim, "sendSMS", SMS)
    shown = thread(sim)
    assert len(shown["messages"]) == views.MOST_MESSAGES
    assert shown["earlier"]
    listed = views.phones(sim._vendor)
    assert len(listed["phones"]) == views.MOST_PHONES
    assert listed["total"] == views.MOST_MESSAGES + 21
    assert listed["phones"][0]["number"] == TO


def test_what_is_remembered_of_phones_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lately, "MOST_PHONES", 10)
    sim = Simulator()
    for n in range(30):
        sim.handset(f"1202555{n:04}").send_sms("Hello", to="70707")
        sim._vendor.lately.make(f"1202555{n:04}", text_only=True)
    known = sim._vendor.lately
    assert len(known) == len(known._written) == len(known._text_only) == 10
    assert known.phones(3) == ["12025550029", "12025550028", "12025550027"]
    assert known.changed("12025550000") == 0
    assert not known.text_only("12025550000")
    assert "1202" not in repr(known)
    assert Lately().phones(3) == []


# --- what its owner does ---


async def test_an_answer_goes_back_to_who_wrote_last_and_is_posted() -> None:
    async with (
        receiving() as receiver,
        Simulator(postback_url=receiver.url) as sim,
        browser(sim) as client,
    ):
        await post(sim, document(sim, "sendSMS", SMS))
        answer = await client.post("page/phones/+1 (202) 555-0143/messages", json={"text": "Yes"})
        assert answer.status_code == 200
        await until(lambda: len(receiver.raws) == 3)
        assert b"<TEXT>Yes</TEXT>" in receiver.raws[-1].body
        assert answer.json()["id"].encode() in receiver.raws[-1].body
        (serial,) = sim._vendor.lately.written(TO)[0].posted
        shown = (await client.get(f"page/posts/{serial}")).json()
    assert (shown["method"], shown["status"]) == ("POST", 200)
    assert "<TEXT>Yes</TEXT>" in shown["body"]


async def test_an_mms_is_an_answer_too() -> None:
    sim = Simulator()
    await rawcellcast.send_mms(sim)
    deeds.write(sim._vendor, rawcellcast.TO, {"text": "Yes", "subject": "Look"})
    (received,) = sim._vendor.books[0].inbox.of("cellcast")
    assert (received.kind, received.subject, received.text) == ("mms", "Look", "Yes")
    assert received.answers is not None
    assert received.answers.message.service == "cellcast"


async def test_a_picture_makes_it_an_mms_where_the_service_takes_one() -> None:
    sim = Simulator()
    await ask(sim, "sendSMS", SMS)
    picture = {"picture": "https://inbox.example.net/1.jpg", "subject": "Look"}
    deeds.write(sim._vendor, TO, picture)
    answer = thread(sim)["messages"][-1]
    assert (answer["kind"], answer["subject"], answer["to"]) == ("mms", "Look", "70707")
    assert answer["files"][0]["name"] == "1.jpg"
    await rawtransmit.ask(sim, "send-sms", rawtransmit.SMS)
    assert not thread(sim)["takes_mms"]
    with pytest.raises(ValueError, match="transmitsms takes no MMS"):
        deeds.write(sim._vendor, TO, picture)
    deeds.write(sim._vendor, "12025550144", {**picture, "service": "cellcast"})
    assert thread(sim, "12025550144")["messages"][0]["service"] == "cellcast"


async def test_a_phone_that_received_nothing_can_write_too() -> None:
    sim = Simulator()
    deeds.write(sim._vendor, TO, {"text": "Hello", "service": "cellcast", "to": "70709"})
    (message,) = thread(sim)["messages"]
    assert (message["service"], message["to"]) == ("cellcast", "70709")
    deeds.write(sim._vendor, TO, {"text": "stop"})
    assert thread(sim)["messages"][1]["opts_out"]


async def test_a_phone_is_one_with_ios_or_another() -> None:
    async with Simulator() as sim, browser(sim) as client:
        assert thread(sim)["ios"] is True
        for ios in (False, True):
            answer = await client.post(f"page/phones/{TO}/system", json={"ios": ios})
            assert answer.json() == {"ios": ios}
            assert thread(sim)["ios"] is ios


async def test_a_tracked_link_can_be_opened() -> None:
    async with Simulator() as sim, browser(sim) as client:
        none = await client.post(f"page/phones/{TO}/hits", json={})
        assert (none.status_code, none.json()["error"][:25]) == (409, "this handset has received")
        tracked = {
            "tracked_link_url": "https://www.example.net/",
            "message": "Look: [tracked-link]",
        }
        await rawtransmit.ask(sim, "send-sms", {**rawtransmit.SMS, **tracked})
        assert thread(sim)["tracked"]
        assert (await client.post(f"page/phones/{TO}/hits", json={})).status_code == 200
        assert sim._vendor.register.rows[0].hits == 1


@pytest.mark.parametrize(
    ("number", "body", "status", "words"),
    [
        (TO, b"{}", 422, "write something first"),
        (TO, b'{"text":"  "}', 422, "write something first"),
        (TO, b'{"text":7}', 422, "every field is text"),
        (TO, b'{"text":"%s"}' % (b"x" * 5001), 422, "at most 5000"),
        (TO, b'{"words":"x"}', 422, "fields are picture, service, subject, text, to"),
        (TO, b'{"text":"x","service":"pager"}', 422, "services are"),
        (TO, b"[]", 422, "JSON object"),
        (TO, b"{", 400, "must be JSON"),
        (TO, b"\xff\xfe", 400, "must be JSON"),
        (TO, b"\xff", 400, "must be JSON"),
        (TO, b"[" * 60_000, 400, "must be JSON"),
        (TO, b'{"text":' * 8_000, 400, "must be JSON"),
        (TO, b"x" * 70_000, 413, "larger than"),
        ("12", b'{"text":"x"}', 422, "too short"),
        ("0049", b'{"text":"x"}', 422, "starts with 00"),
    ],
)
async def test_what_cannot_be_done_is_said_in_words(
    number: str, body: bytes, status: int, words: str
) -> None:
    async with Simulator() as sim, browser(sim) as client:
        answer = await client.post(
            f"page/phones/{number}/messages",
            content=body,
            headers={"content-type": "application/json"},
        )
        assert answer.status_code == status
        assert words in answer.json()["error"]
        assert len(sim._vendor.lately) == 0


async def test_halves_of_characters_are_replaced() -> None:
    sim = Simulator()
    deeds.write(sim._vendor, TO, {"text": "a\ud83db"})
    assert thread(sim)["messages"][0]["text"] == "a?b"


async def test_documents_and_postbacks_that_are_not_there() -> None:
    async with Simulator() as sim, browser(sim) as client:
        for path in ("documents/1", "documents/0", "posts/0", "posts/1"):
            answer = await client.get(f"page/{path}")
            assert answer.status_code == 404
            assert answer.json()["error"]
        await post(sim, document(sim, "sendSMS", SMS))
        kept = await client.get("page/documents/1")
    assert kept.json()["status"] == 200
    assert sim.accounts[0].key not in kept.text


async def test_of_postbacks_the_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fine(_: object) -> None:
        return None

    monkeypatch.setattr(postbacks, "MOST_POSTED", 4)
    async with Simulator(postbacks=fine) as sim, browser(sim) as client:
        for n in range(6):
            sim.handset(TO).send_sms(f"Hello {n}", to="70707")
        await until(lambda: len(sim.postbacks) == 4 and sim.postbacks[-1].serial == 6)
        assert [posted.serial for posted in sim.postbacks] == [3, 4, 5, 6]
        shown = [(await client.get(f"page/posts/{n}")).status_code for n in range(8)]
        assert shown == [404] * 3 + [200] * 4 + [404]
        posts = [[post["serial"] for post in row["posts"]] for row in thread(sim)["messages"]]
        assert posts == [[], [], [3], [4], [5], [6]]


async def test_what_may_be_the_secret_of_a_receiver_is_not_shown() -> None:
    secret = "Abc.def_ghi-jkl~mno"  # noqa: S105 - of nobody
    async with receiving() as receiver:
        url = f"{receiver.url.rstrip('/')}/{secret}/?ref=order-117"
        own = {"dlr_callback": url}
        async with Simulator(postback_url=url) as sim, browser(sim) as client:
            await rawtransmit.ask(sim, "send-sms", {**rawtransmit.SMS, **own})
            sim.handset(TO).send_sms("Hello", to="70707")
            await until(lambda: len(sim.postbacks) == 2)
            shown = [(await client.get(f"page/posts/{n}")).json() for n in (1, 2)]
            call = (await client.get("page/documents/1")).json()
    for each in (*shown, call):
        assert HIDDEN in json.dumps(each, ensure_ascii=False)
        assert "Abc.def" not in json.dumps(each)


# --- as it happens ---


async def events(
    response: httpx.Response, *wanted: str
) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    name = ""
    async for line in response.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: ") and name in wanted:
            yield name, json.loads(line.removeprefix("data: "))


async def test_the_stream_tells_how_things_are_and_then_what_is_new() -> None:
    async with (
        Simulator() as sim,
        browser(sim) as client,
        client.stream("GET", f"page/live?phone={TO}") as response,
    ):
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        told = events(response, "thread", "phones")
        assert await anext(told) == ("phones", {"total": 0, "phones": []})
        name, first = await anext(told)
        assert (name, first["messages"]) == ("thread", [])
        await post(sim, document(sim, "sendSMS", SMS))
        assert (await anext(told))[1]["phones"][0]["number"] == TO
        name, second = await anext(told)
        assert second["messages"][0]["text"] == "Fresh at 7"


async def test_the_end_of_a_link_is_told_when_it_comes() -> None:
    hand, faults = [1000.0], [Fault(kind="fallback")]
    async with Simulator(faults=faults, clock=lambda: hand[0]) as sim, browser(sim) as client:
        until_then = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
        await post(sim, document(sim, "sendMMS", {**MMS, "MMSLINK_EXPIRATION_DATE": until_then}))
        async with client.stream("GET", f"page/live?phone={TO}") as response:
            told = events(response, "thread")
            for ended in (False, True):
                _, view = await anext(told)
                assert view["messages"][0]["link"]["ended"] is ended
                hand[0] += 7200


async def test_a_number_that_is_none_opens_no_stream() -> None:
    async with Simulator() as sim, browser(sim) as client:
        assert (await client.get("page/live?phone=abc")).status_code == 422


async def test_so_many_pages_are_open_at_once_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "MOST_OPEN", 2)
    async with Simulator() as sim, browser(sim) as client:
        async with client.stream("GET", "page/live") as one, client.stream("GET", "page/live"):
            await anext(events(one, "pulse"))
            full = await client.get("page/live")
            assert full.status_code == 503
            assert "2 pages are open" in full.json()["error"]

        async def again() -> int:
            async with client.stream("GET", "page/live") as response:
                return response.status_code

        while await again() != 200:
            await asyncio.sleep(0.02)


async def test_a_reader_that_does_not_read_costs_nothing_and_then_sees_the_end() -> None:
    async with Simulator(rate=None) as sim:
        reader, writer = await connect(sim)
        writer.write(f"GET /page/live?phone={TO} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode())
        await reader.readuntil(b"event: thread")
        paused = writer.transport
        assert isinstance(paused, asyncio.Transport)
        paused.pause_reading()
        server = sim._listener
        assert server is not None
        ours = next(iter(server._state.connections)).transport
        most = 0
        for n in range(400):
            for phone in range(50):
                sim.handset(f"1202555{phone:04}").send_sms(f"{n} " + "x" * 900, to="70707")
            sim.handset(TO).send_sms(f"round {n} " + "x" * 900, to="70707")
            await asyncio.sleep(0.001)
            most = max(most, ours.get_write_buffer_size())
        largest = len(json.dumps(thread(sim))) + len(json.dumps(views.phones(sim._vendor)))
        assert most <= 65_536 + largest
        paused.resume_reading()
        seen = b""
        while b"round 399 " not in seen:
            seen = seen[-20:] + await reader.read(65_536)
        writer.close()


async def test_closing_ends_open_streams() -> None:
    before = asyncio.all_tasks()
    async with Simulator() as sim:
        reader, writer = await connect(sim)
        writer.write(b"GET /page/live HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        await reader.readuntil(b"event: pulse")
    writer.close()
    assert asyncio.all_tasks() == before


# --- the last minute ---


def test_a_minute_is_sixty_seconds_and_the_last_is_now() -> None:
    calls = Minute()
    assert calls.pairs(5.0) == [(0, 0)] * SECONDS
    for at in (0.1, 0.9, 3.0, 3.5, 70.2):
        calls.add(at, refused=at == 3.5)
    assert calls.pairs(3.9)[-4:] == [(2, 0), (0, 0), (0, 0), (1, 1)]
    assert calls.pairs(62.9) == [(1, 1)] + [(0, 0)] * 59
    assert sum(map(sum, calls.pairs(75.0))) == 1
    for second in range(1000):
        calls.add(100.0 + second, refused=False)
    assert len(calls._seconds) == minute.SECONDS


async def test_the_pulse_counts_what_was_let_in_and_what_was_refused_by_account() -> None:
    hand = [0.0]
    accounts = [Account(key="a", name="First"), Account(key="b", name="Other", rate=Rate(1, per=2))]
    sim = Simulator(rate=2, clock=lambda: hand[0], accounts=accounts)
    assert views.pulse(sim._vendor)["charts"] == [{"account": "First", "limit": 2.0, "seconds": []}]
    for key in "aaabb":
        await ask(sim, "sendSMS", SMS, key)
    await ask(sim, "sendSMS", SMS, "nobody's")
    first, other = views.pulse(sim._vendor)["charts"]
    assert (first["account"], first["limit"], first["seconds"][-1]) == ("First", 2.0, (2, 1))
    assert (other["limit"], other["seconds"][-1]) == (0.5, (1, 1))
    assert views.pulse(Simulator(rate=None)._vendor)["charts"][0]["limit"] is None


async def test_nothing_happens_and_nothing_is_told() -> None:
    sim = Simulator(clock=lambda: 1000.0)
    told = feed.Feed(sim._vendor, TO)
    assert [name for name, _ in told._news()] == ["phones", "thread", "pulse"]
    assert told._news() == []
    sim.handset("12025550144").send_sms("Hello", to="70707")
    assert [name for name, _ in told._news()] == ["phones"]
