"""TransmitSMS by hand: its callbacks, where they go, what is in them, how they are signed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlencode

import pytest
from rawtransmit import SMS, ask, exchange, headers
from receivers import receiving

from mmsclient.simulator import Account, Fault, Simulator
from mmsclient.wire import HttpRequest

if TYPE_CHECKING:
    from mmsclient.wire import RawPostback

TO, OTHER, LEASED = "12025550143", "12025550144", "61491570156"
DAY, SECRET = 86_400.0, "a s/cret"


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def posted(sim: Simulator) -> list[tuple[str, str, dict[str, str]]]:
    """Return kind, address and parameters of all that was posted."""
    return [
        (row.kind, row.url, dict(parse_qsl(row.raw.query, keep_blank_values=True)))
        for row in sim.postbacks
    ]


async def taken(_: RawPostback) -> int:
    return 200


async def test_a_delivery_is_told_by_get_with_everything_in_the_query() -> None:
    async with receiving() as receiver, Simulator() as sim:
        url = f"{receiver.url}dlr?mine=a%20b&x=1"
        body = urlencode({**SMS, "dlr_callback": url})
        address = f"{sim.urls['transmitsms']}send-sms.json"
        request = HttpRequest("POST", address, headers(sim), body.encode())
        sent = await exchange(sim, request)
        end = time.monotonic() + 10
        while not sim.postbacks:
            assert time.monotonic() < end
            await asyncio.sleep(0.005)
    [raw] = receiver.raws
    assert (raw.method, receiver.paths, raw.body) == ("GET", ["/dlr"], b"")
    assert raw.query.startswith("mine=a%20b&x=1&message_id=")
    told = dict(parse_qsl(raw.query))
    assert (told["message_id"], told["mobile"]) == (str(sent["message_id"]), TO)
    assert (told["status"], told["datetime"][-3:]) == ("delivered", ":00")
    assert set(told) == {
        *("mine", "x", "message_id", "mobile", "datetime", "status", "user_id", "rate"),
    }


@pytest.mark.parametrize(
    ("kind", "statuses"), [("lost", ["hard-bounce"]), ("stuck", ["soft-bounce"])]
)
async def test_bounces_are_told_when_they_are_known(kind: str, statuses: list[str]) -> None:
    hand = Hand()
    sim = Simulator(postbacks=taken, clock=hand, faults=[Fault(kind=kind)])
    await ask(sim, "send-sms", SMS)
    hand.now += 3 * DAY
    await sim.settled()
    assert [told["status"] for _, _, told in posted(sim)] == statuses


async def test_a_reply_goes_to_the_address_of_the_message_it_answers() -> None:
    sim = Simulator(postbacks=taken, postback_url="http://127.0.0.1/all", rate=None)
    own = {"reply_callback": "http://127.0.0.1/reply", "dlr_callback": "http://127.0.0.1/dlr"}
    sent = await ask(sim, "send-sms", {**SMS, **own})
    identifier = sim.handset(TO).reply("Yes, two & a half")
    await ask(sim, "send-sms", {**SMS, "to": OTHER})
    sim.handset(OTHER).reply("stop")
    await sim.settled()
    first, *_, stop = [row for row in posted(sim) if row[0] == "inbound"]
    assert first[1] == "http://127.0.0.1/reply"
    assert first[2] == {
        "user_id": "2000",
        "message_id": str(sent["message_id"]),
        "mobile": TO,
        "longcode": "70707",
        "datetime_entry": first[2]["datetime_entry"],
        "response": "Yes, two & a half",
        "response_id": identifier,
        "is_optout": "no",
    }
    assert (stop[1], stop[2]["is_optout"]) == ("http://127.0.0.1/all", "yes")
    urls = [url for kind, url, _ in posted(sim) if kind == "delivery"]
    assert urls == ["http://127.0.0.1/dlr", "http://127.0.0.1/all"]


async def test_replies_hold_an_empty_parameter_as_recorded() -> None:
    sim = Simulator(postbacks=taken)
    sim.handset(TO).send_sms("Hello", to="70707", service="transmitsms")
    await sim.settled()
    assert "&message_id=0&&mobile=" in sim.postbacks[0].raw.query


async def test_what_answers_nothing_goes_where_its_number_or_keyword_says() -> None:
    account = Account(numbers=[LEASED, "61491570157"])
    sim = Simulator(postbacks=taken, postback_url="http://127.0.0.1/all", accounts=[account])
    forward = {"number": LEASED, "forward_url": "http://127.0.0.1/number"}
    await ask(sim, "edit-number-options", forward)
    await ask(
        sim, "add-keyword", {**forward, "keyword": "news", "forward_url": "http://127.0.0.1/news"}
    )
    handset = sim.handset(TO)
    handset.send_sms("news", to=LEASED)
    handset.send_sms("hello", to=LEASED)
    handset.send_sms("hello", to="61491570157")
    await sim.settled()
    assert [url for _, url, _ in posted(sim)] == [
        "http://127.0.0.1/news",
        "http://127.0.0.1/number",
        "http://127.0.0.1/all",
    ]


async def test_an_opened_link_is_told_with_how_often() -> None:
    sim = Simulator(postbacks=taken, rate=None)
    made = (await ask(sim, "add-list", name="L"))["id"]
    await ask(sim, "add-to-list", list_id=made, msisdn=LEASED, first_name="Noor")
    sent = await ask(
        sim,
        "send-sms",
        {"from": "Bakery"},
        list_id=made,
        message="Two\nlines [tracked-link]",
        tracked_link_url="https://example.net/",
        link_hits_callback="http://127.0.0.1/hits",
    )
    for _ in range(2):
        sim.handset(LEASED).open_link()
    await sim.settled()
    hits = [row for row in posted(sim) if row[0] == "link_hit"]
    assert {url for _, url, _ in hits} == {"http://127.0.0.1/hits"}
    told = hits[-1][2]
    assert (told["link_hits"], told["longcode"], told["firstname"]) == ("2", "Bakery", "Noor")
    assert (told["message_id"], told["list_id"]) == (str(sent["message_id"]), str(made))
    assert told["message"].startswith("Two\nlines tl.example.net/")


async def test_who_comes_on_a_list_and_who_leaves_is_told_with_its_own_fields() -> None:
    sim = Simulator(postbacks=taken, rate=None)
    made = (await ask(sim, "add-list", name="L", field_1="Post code"))["id"]
    person = {"list_id": made, "msisdn": LEASED}
    await ask(sim, "add-to-list", {**person, "last_name": "B", "field_1": "2000"})
    await ask(sim, "delete-from-list", person)
    await sim.settled()
    added, left = posted(sim)
    assert added[2] == {
        "type": "add",
        "datetime_entry": added[2]["datetime_entry"],
        "list_id": str(made),
        "mobile": LEASED,
        "firstname": "",
        "lastname": "B",
        "Post code": "2000",
    }
    assert (left[0], left[2]["type"]) == ("list", "delete")


def by_hand(secret: str, query: str) -> str:
    """Sign as the recipe says, in its own words."""
    fields = {
        name.replace(" ", "_").replace(".", "_"): values[-1]
        for name, values in parse_qs(query, keep_blank_values=True).items()
    }
    message = json.dumps(fields, separators=(",", ":")).replace("/", "\\/")
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("text", ["Yes", "a/b é ж 😀", 'quote " \\ back', "line\nbreak", "a+b&c=d"])
async def test_callbacks_are_signed_with_the_accounts_secret(text: str) -> None:
    sim = Simulator(
        postbacks=taken,
        postback_url="http://127.0.0.1/?own=a/b",
        accounts=[Account(secret=SECRET)],
    )
    sim.handset(TO).send_sms(text, to="70707", service="transmitsms")
    await sim.settled()
    raw = sim.postbacks[0].raw
    assert raw.headers["x-transmitsms-signature"] == by_hand(SECRET, raw.query)
    assert dict(parse_qsl(raw.query))["response"] == text


async def test_an_account_may_do_without_signatures() -> None:
    sim = Simulator(postbacks=taken, accounts=[Account(signs=False)])
    sim.handset(TO).send_sms("Hello", to="70707", service="transmitsms")
    await sim.settled()
    assert sim.postbacks[0].raw.headers == {}


async def test_a_callback_is_tried_five_times_over_a_day() -> None:
    hand, answers = Hand(), iter([500] * 9)

    async def refusing(_: RawPostback) -> int:
        return next(answers)

    sim = Simulator(postbacks=refusing, clock=hand)
    sim.handset(TO).send_sms("Hello", to="70707", service="transmitsms")
    times = []
    for wait in (0, 59, 1, 299, 1, 3599, 1, DAY - 1, 1, DAY, DAY):
        hand.now += wait
        await sim.settled()
        times.append(len(sim.postbacks))
    assert times == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5]


async def test_a_callback_abroad_is_refused_and_nothing_is_called() -> None:
    async with Simulator() as sim:
        callback = {"dlr_callback": "http://192.0.2.7/dlr"}
        await ask(sim, "send-sms", {**SMS, **callback})
        await sim.settled()
        assert [(row.end, row.status) for row in sim.postbacks] == [("refused", None)]


async def test_without_any_address_nothing_is_posted() -> None:
    sim = Simulator()
    await ask(sim, "send-sms", {**SMS, "reply_callback": "http://127.0.0.1:9/reply"})
    await sim.settled()
    assert sim.postbacks == []


async def test_a_mapping_leaves_other_services_without_an_address() -> None:
    sim = Simulator(postbacks=taken, postback_url={"cellcast": "http://127.0.0.1/"})
    sim.handset(TO).send_sms("Hello", to="70707", service="transmitsms")
    await sim.settled()
    assert sim.postbacks == []


async def test_a_second_account_is_told_under_its_own_number_and_secret() -> None:
    sim = Simulator(postbacks=taken, accounts=[Account(), Account(secret=SECRET)])
    sim.handset(TO).send_sms("Hello", to="70707", account=1, service="transmitsms")
    await sim.settled()
    [(_, _, told)] = posted(sim)
    assert told["user_id"] == "2001"
    raw: Any = sim.postbacks[0].raw
    assert raw.headers["x-transmitsms-signature"] == by_hand(SECRET, raw.query)
