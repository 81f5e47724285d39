"""What the service posts afterwards: in time, in order, again where nobody took it, never abroad."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from rawcalls import MMS, SMS, Nodes, ask, document, post
from receivers import receiving, until

from mmsclient.simulator import Account, Campaign, Fault, Simulator, in_thread, postman
from mmsclient.simulator.postbacks import allowed
from mmsclient.wire import HttpResponse

if TYPE_CHECKING:
    from mmsclient.wire import RawPostback

TO, OTHER = "12025550143", "12025550144"


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Taker:
    """Takes postbacks in process, and answers as it is told."""

    def __init__(self, *answers: Any) -> None:
        self.raws: list[RawPostback] = []
        self._answers = list(answers)

    async def __call__(self, raw: RawPostback) -> Any:
        self.raws.append(raw)
        answer = self._answers.pop(0) if self._answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def nodes(self) -> list[dict[str, str]]:
        roots = [ET.fromstring(raw.body) for raw in self.raws]  # noqa: S314 - ours
        assert {root.tag for root in roots} <= {"POSTBACK"}
        return [{node.tag: node.text or "" for node in root} for root in roots]

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(nodes["ORIGIN"], nodes["CODE"]) for nodes in self.nodes]


async def test_reports_are_posted_over_one_kept_alive_connection_in_their_order() -> None:
    async with receiving() as receiver, Simulator(postback_url=f"{receiver.url}in?k=1") as sim:
        replies = [await post(sim, document(sim, "sendSMS", SMS)) for _ in range(3)]
        await until(lambda: len(sim.postbacks) == 6)
        assert (receiver.server.connections, set(receiver.paths)) == (1, {"/in"})
    assert {(raw.method, raw.query) for raw in receiver.raws} == {("POST", "k=1")}
    roots = [ET.fromstring(raw.body) for raw in receiver.raws]  # noqa: S314 - ours
    assert [root.findtext("CODE") for root in roots] == ["N201", "N202"] * 3
    tracked = [root.findtext("TRACKINGID") for root in roots]
    assert tracked == [reply["TRACKINGID"] for reply in replies for _ in range(2)]
    assert {(row.end, row.status, row.attempt) for row in sim.postbacks} == {("answered", 200, 1)}


async def test_a_report_comes_when_the_handset_has_the_message_and_not_before() -> None:
    async with receiving() as receiver, Simulator(delivery=0.2, postback_url=receiver.url) as sim:
        await post(sim, document(sim, "sendSMS", SMS))
        await until(lambda: len(sim.postbacks) == 2)
        sent, delivered = sim.postbacks
        assert delivered.at - sent.at >= 0.19
        assert sim.deliveries[0].delivered_at <= delivered.at


@pytest.mark.parametrize("status", [0, 202, 204, 302, 404, 500])
async def test_what_is_not_taken_with_exactly_200_comes_again(status: int) -> None:
    async with (
        receiving(status) as receiver,
        Simulator(postback_url=receiver.url, speed=3000) as sim,
    ):
        await post(sim, document(sim, "sendSMS", SMS))
        await until(lambda: len(sim.postbacks) == 3)
        rows = sim.postbacks
    again = [row for row in rows if row.attempt == 2]
    assert len(again) == 1
    assert again[0].raw == rows[0].raw
    assert again[0].at - rows[0].at >= 300
    assert rows[0].status == (status or None)
    assert rows[0].end == ("answered" if status else "no answer")


async def test_a_postback_is_repeated_five_times_and_then_given_up() -> None:
    hand, taker = Hand(), Taker(*[500] * 12)
    sim = Simulator(postbacks=taker, clock=hand)
    await ask(sim, "sendSMS", SMS)
    for _ in range(10):
        await sim.settled()
        hand.now += 300
    attempts = [row.attempt for row in sim.postbacks]
    assert sorted(attempts) == [n for n in range(1, 7) for _ in range(2)]


async def test_an_address_that_is_not_on_this_machine_is_never_called() -> None:
    async with Simulator(postback_url="http://192.0.2.7/in", speed=3000) as sim:
        await post(sim, document(sim, "sendSMS", SMS))
        await until(lambda: len(sim.postbacks) == 2)
        await asyncio.sleep(0)
        assert {(row.end, row.status, row.attempt) for row in sim.postbacks} == {
            ("refused", None, 1)
        }


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("http://127.0.0.1:8000/in", True),
        ("http://localhost/in", True),
        ("https://[::1]/in", True),
        ("http://127.0.0.1.example.net/", False),
        ("http://127.0.0.1@192.0.2.7/", False),
        ("http://192.0.2.7#@127.0.0.1/", False),
        ("ftp://127.0.0.1/", False),
        ("http://[::1/", False),
        ("", False),
    ],
)
def test_only_addresses_on_this_machine_are_allowed(url: str, fine: bool) -> None:
    assert allowed(url) is fine


async def test_without_sockets_a_callable_takes_them() -> None:
    taker = Taker(503, HttpResponse(202), RuntimeError("no"), None)
    sim = Simulator(postbacks=taker, rate=None)
    for _ in range(2):
        await ask(sim, "sendSMS", SMS)
    await sim.settled()
    assert [(row.status, row.end) for row in sim.postbacks] == [
        (503, "answered"),
        (202, "answered"),
        (None, "no answer"),
        (200, "answered"),
    ]


async def test_in_process_they_go_out_by_themselves_as_long_as_the_transport_is_open() -> None:
    taker = Taker()
    sim = Simulator(postbacks=taker, delivery=0.05)
    transport = sim.transport()
    from mmsclient.wire import HttpRequest

    request = HttpRequest(
        "POST", sim.url, {"content-type": "text/xml"}, document(sim, "sendSMS", SMS)
    )
    before = asyncio.all_tasks()
    await asyncio.gather(*(transport.exchange(request, lambda: None) for _ in range(5)))
    await until(lambda: len(taker.raws) == 10)
    await transport.aclose()
    assert asyncio.all_tasks() == before


async def test_an_open_simulator_posts_for_its_transports_too() -> None:
    taker = Taker()
    async with Simulator(postbacks=taker) as sim:
        await ask(sim, "sendSMS", SMS)
        await until(lambda: len(taker.raws) == 2)
        await sim._postman.run()  # returns at once: somebody is at it
        assert sim._postman.running


async def test_nobody_who_listens_means_nothing_to_post() -> None:
    async with Simulator() as sim:
        await post(sim, document(sim, "sendSMS", SMS))
        await sim.settled()
        assert sim.postbacks == []


async def test_the_address_may_be_set_later_and_by_service() -> None:
    async with receiving() as receiver, Simulator() as sim:
        sim.post_to({"transmitsms": receiver.url})
        await post(sim, document(sim, "sendSMS", SMS))
        sim.post_to({"skycore": receiver.url})
        await post(sim, document(sim, "sendSMS", SMS))
        await until(lambda: len(sim.postbacks) == 2)
        with pytest.raises(ValueError, match="postback_url"):
            sim.post_to({"pager": receiver.url})
        with pytest.raises(ValueError, match="postback_url"):
            sim.post_to("http://[::1")


async def test_a_receiver_that_says_nothing_is_given_up_after_its_time(monkeypatch: Any) -> None:
    monkeypatch.setattr(postman, "PATIENCE", 0.05)

    async def asleep(_: RawPostback) -> int:
        await asyncio.sleep(60)
        return 200

    sim = Simulator(postbacks=asleep)
    await ask(sim, "sendSMS", SMS)
    await sim.settled()
    assert [row.end for row in sim.postbacks] == ["no answer"] * 2


def test_a_receiver_has_ten_seconds() -> None:
    assert postman.PATIENCE == 10


async def test_a_handset_in_another_thread_is_heard_at_once() -> None:
    async with receiving() as receiver:
        sim = Simulator(postback_url=receiver.url)
        with in_thread(sim):
            sim.handset(TO).send_sms("Hello", to="70707")
            end = time.monotonic() + 10
            while not sim.postbacks:
                assert time.monotonic() < end
                await asyncio.sleep(0.005)
    assert [row.kind for row in sim.postbacks] == ["inbound"]


async def test_late_twice_and_lost_ones() -> None:
    hand, taker = Hand(), Taker()
    faults = [
        Fault(kind="post_late", to="12025550110", seconds=30),
        Fault(kind="post_twice", to="12025550111"),
        Fault(kind="post_lost", to="12025550112"),
    ]
    sim = Simulator(postbacks=taker, clock=hand, faults=faults)
    for last in "012":
        sim.handset(f"1202555011{last}").send_sms("Hello", to="70707")
    await sim.settled()
    assert [nodes["FROM"][-1] for nodes in taker.nodes] == ["1", "1"]
    hand.now += 30
    await sim.settled()
    assert [nodes["FROM"][-1] for nodes in taker.nodes] == ["1", "1", "0"]


async def test_swapped_ones_change_places_and_the_last_does_not_wait_for_ever() -> None:
    hand, taker = Hand(), Taker()
    sim = Simulator(postbacks=taker, clock=hand, faults=[Fault(kind="post_swapped", nth=2)])
    for last in "012":
        sim.handset(f"1202555011{last}").send_sms("Hello", to="70707")
        await sim.settled()
    assert [nodes["FROM"][-1] for nodes in taker.nodes] == ["0", "2", "1"]
    sim.faults.add(Fault(kind="post_swapped"))
    sim.handset("12025550113").send_sms("Hello", to="70707")
    await sim.settled()
    assert len(taker.raws) == 3
    hand.now += 60
    await sim.settled()
    assert len(taker.raws) == 4


VIDEO: Nodes = {**MMS, "SLIDE": {"VIDEO": {"URL": "https://media.example.net/1.mp4"}}}


@pytest.mark.parametrize(
    ("action", "nodes", "fault", "told"),
    [
        ("sendSMS", SMS, None, [("SMS_MT", "N201"), ("SMS_MT", "N202")]),
        ("sendSMS", SMS, "lost", [("SMS_MT", "N201"), ("SMS_MT", "E202")]),
        ("sendSMS", SMS, "stuck", [("SMS_MT", "E202")]),
        ("sendMMS", MMS, None, [("MMS_MT", "N101"), ("MMS_MT", "N102")]),
        ("sendMMS", MMS, "fallback", [("MMS_MT", "N101"), ("MMS_MT", "N202")]),
        ("sendMMS", MMS, "lost", [("MMS_MT", "N101"), ("MMS_MT", "E102")]),
        ("sendMMS", VIDEO, None, [("MMS_MT", "N013"), ("MMS_MT", "N101"), ("MMS_MT", "N102")]),
    ],
)
async def test_skycore_reports_each_fate_with_its_code(
    action: str, nodes: Nodes, fault: str | None, told: list[tuple[str, str]]
) -> None:
    hand, taker = Hand(), Taker()
    faults = [Fault(kind=fault)] if fault else []
    sim = Simulator(postbacks=taker, clock=hand, faults=faults)
    reply = await ask(sim, action, {**nodes, "CLIENT_REFERENCE": "order-117"})
    hand.now += 4 * 86_400
    await sim.settled()
    assert taker.told == told
    last = taker.nodes[-1]
    assert (last["TRACKINGID"], last["CLIENT_REFERENCE"]) == (reply["TRACKINGID"], "order-117")
    if action == "sendMMS":
        assert last["SENTAS"] == ("SMS" if fault == "fallback" else "MMS")
        assert ("MMSID" in last) is (fault != "fallback")


async def test_skycore_tells_of_inbound_messages_and_of_who_joins_and_leaves() -> None:
    taker = Taker()
    spring = Campaign(ref="spring", name="Spring", brand="Bakery", subscribers=[TO])
    sim = Simulator(postbacks=taker, accounts=[Account(campaigns=[spring], senders=["70707"])])
    await ask(sim, "sendSMS", SMS)
    await sim.settled()
    taker.raws.clear()
    answered = sim.handset(TO).reply("Yes & more")
    inbound = sim.handset(TO).send_mms(subject="Look", files=["https://inbox.example.net/1.jpg"])
    sim.handset(TO).reply("stop")
    await ask(sim, "subscribe", {"CAMPAIGNREF": "spring", "MOBILE": OTHER})
    await ask(sim, "unsubscribe", {"CAMPAIGNREF": "spring", "MOBILE": OTHER})
    sim.handset(TO).opt_out()
    await sim.settled()
    reply, picture, stop, left, joined, gone = taker.nodes
    assert (reply["ORIGIN"], reply["CODE"]) == ("SMS_MO", "N211")
    assert (reply["TEXT"], reply["TRANSACTIONID"]) == ("Yes & more", answered)
    assert (reply["FROM"], reply["TO"]) == (TO, "70707")
    assert (picture["CODE"], picture["TRACKINGID"]) == ("N401", inbound)
    assert picture["SUBJECT"] == "Look"
    assert stop["TEXT"] == "stop"
    assert [(row["CODE"], row["SOURCE"]) for row in (left, joined, gone)] == [
        ("N302", "MO"),
        ("N301", "API"),
        ("N302", "API"),
    ]
    assert (left["MOBILE"], left["CAMPAIGNREF"], left["CAMPAIGNTITLE"]) == (TO, "spring", "Spring")
    removed = await ask(sim, "removeMMSInboxMessage", {"MMSINBOXID": inbound})
    assert removed.code == "accepted"


async def test_a_saved_template_is_announced_when_it_is_ready() -> None:
    hand, taker = Hand(), Taker()
    sim = Simulator(postbacks=taker, clock=hand, encoding=20)
    slide: Nodes = {"AUDIO": {"URL": "https://media.example.net/1.mp3"}}
    mms_id = (await ask(sim, "saveMMS", {"NAME": "n", "SUBJECT": "s", "SLIDE": slide}))["MMSID"]
    await sim.settled()
    assert taker.raws == []
    hand.now += 20
    await sim.settled()
    assert taker.nodes == [{"ORIGIN": "MMS_MT", "CODE": "N003", "MMSID": mms_id}]


async def test_there_is_nothing_to_reply_to_before_something_came() -> None:
    sim = Simulator()
    with pytest.raises(LookupError, match="nothing to reply to"):
        sim.handset(TO).reply("Hello")
    with pytest.raises(LookupError, match="no message with a tracked link"):
        sim.handset(TO).open_link()


async def test_nothing_private_is_shown_of_what_was_posted() -> None:
    sim = Simulator(postbacks=Taker())
    await ask(sim, "sendSMS", SMS)
    sim.handset(TO).reply("Meet me at the bakery")
    await sim.settled()
    shown = repr((sim.postbacks, sim._vendor.books, sim._vendor.register.rows))
    assert not any(word in shown for word in (TO, "bakery", "70707", "127.0.0.1"))


async def test_closing_ends_what_is_being_posted() -> None:
    before = asyncio.all_tasks()

    async def asleep(_: RawPostback) -> int:
        await asyncio.sleep(60)
        return 200

    async with Simulator(postbacks=asleep) as sim:
        await post(sim, document(sim, "sendSMS", SMS))
        await until(lambda: len(asyncio.all_tasks()) > 2)
        start = time.monotonic()
    assert time.monotonic() - start < 1
    assert asyncio.all_tasks() == before
