"""What Cellcast posts by itself: reports on what was sent, and what came in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rawcellcast import OTHER, SMS, TO, newer, post, send_mms

from mmsclient.simulator import Account, CellcastTerms, Fault, Simulator

if TYPE_CHECKING:
    from mmsclient.wire import RawPostback

URL = "http://127.0.0.1/hooks/secret-7?from=cellcast"


class Receiver:
    """Keeps what is posted."""

    def __init__(self, status: int | None = None) -> None:
        self.status = status
        self.raws: list[RawPostback] = []

    async def __call__(self, raw: RawPostback) -> int | None:
        self.raws.append(raw)
        return self.status

    @property
    def told(self) -> list[Any]:
        return [json.loads(raw.body) for raw in self.raws]


def simulator(
    receiver: Receiver, *, terms: CellcastTerms | None = None, **options: Any
) -> Simulator:
    answers = terms or CellcastTerms()
    return Simulator(
        rate=None,
        accounts=[Account(cellcast=answers)],
        postbacks=receiver,
        postback_url={"cellcast": URL},
        **options,
    )


async def test_a_report_is_a_list_that_comes_when_the_message_ended() -> None:
    receiver, now = Receiver(), [0.0]
    sim = simulator(receiver, clock=lambda: now[0], delivery=10.0)
    sent = await post(sim, "send-sms", {**SMS, "custom_string": "c-1", "source": "shop"})
    await sim.settled()
    assert receiver.raws == [], "only final statuses are told"
    now[0] = 10.0
    await sim.settled()
    [raw] = receiver.raws
    assert (raw.method, raw.query) == ("POST", "from=cellcast")
    assert raw.headers["content-type"] == "application/json"
    report = {
        "message_id": sent.id,
        "status": "Delivered",
        "recipient": TO,
        "custom_string": "c-1",
        "source": "shop",
    }
    assert receiver.told == [[report]]
    [posted] = sim.postbacks
    assert (posted.service, posted.kind, posted.status) == ("cellcast", "delivery", 200)


async def test_each_recipient_has_a_report_of_its_own() -> None:
    receiver = Receiver()
    sim = simulator(receiver)
    sim.faults.add(Fault(kind="lost", to=OTHER))
    await post(sim, "send-sms", {**SMS, "numbers": [f"+{TO}", f"+{OTHER}"]})
    await send_mms(sim)
    await sim.settled()
    told = [(report["recipient"], report["status"]) for [report] in receiver.told]
    assert told == [(TO, "Delivered"), (OTHER, "Failed"), (TO, "Delivered")]


async def test_an_inbound_message_is_an_object() -> None:
    receiver = Receiver()
    sim = simulator(receiver)
    sent = await post(sim, "send-sms", {**SMS, "custom_string": "c-1"})
    reply, loose = (
        sim.handset(TO).reply("Yes"),
        sim.handset(OTHER).send_mms("Look", service="cellcast"),
    )
    await sim.settled()
    [_, answer, mms] = receiver.told
    assert answer.pop("received_at")
    assert answer == {
        "from": f"+{TO}",
        "body": "Yes",
        "message_id": reply,
        "type": "SMS",
        "custom_string": "c-1",
        "original_message_id": sent.id,
        "original_body": "Fresh at 7",
    }
    assert (mms["type"], mms["message_id"], mms["custom_string"]) == ("MMS", loose, "")
    assert "original_message_id" not in mms
    assert [posted.kind for posted in sim.postbacks] == ["delivery", "inbound", "inbound"]


async def test_an_inbound_message_may_be_a_list_as_seen_live() -> None:
    receiver = Receiver()
    sim = simulator(receiver, terms=CellcastTerms(listed_callbacks=True))
    sim.handset(TO).send_sms("Hello", service="cellcast")
    await sim.settled()
    [[told]] = receiver.told
    assert list(told) == ["from", "body", "received_at", "message_id", "type"]
    assert told["from"] == TO


async def test_a_callback_that_is_not_taken_is_gone() -> None:
    receiver = Receiver(status=500)
    now = [0.0]
    sim = simulator(receiver, clock=lambda: now[0])
    await post(sim, "send-sms", SMS)
    for now[0] in (0.0, 1e4, 1e6):
        await sim.settled()
    assert [posted.status for posted in sim.postbacks] == [500]


async def test_callbacks_may_come_twice_or_in_another_order() -> None:
    receiver = Receiver()
    sim = simulator(receiver)
    sim.faults.add(Fault(kind="post_swapped", service="cellcast"), Fault(kind="post_twice"))
    await post(sim, "send-sms", {**SMS, "numbers": [f"+{TO}", f"+{OTHER}"]})
    await sim.settled()
    assert [report["recipient"] for [report] in receiver.told] == [OTHER, OTHER, TO]


async def test_without_an_address_nothing_is_told() -> None:
    receiver = Receiver()
    sim = Simulator(rate=None, postbacks=receiver, postback_url={"skycore": URL})
    await post(sim, "send-sms", SMS)
    sim.handset(TO).reply("Yes")
    await sim.settled()
    assert receiver.raws == []


async def test_the_newer_api_posts_single_objects() -> None:
    receiver = Receiver()
    sim = simulator(receiver)
    body = {"message": "Fresh", "contacts": [f"+{TO}"], "sender": "Bakery"}
    sent = (await newer(sim, "POST", "v1/gateway", body)).data["queueResponse"][0]["MessageId"]
    reply = sim.handset(TO).reply("Yes")
    await sim.settled()
    report, inbound = receiver.told
    assert report == {
        "_id": sent,
        "status": "delivered",
        "type": "send",
        "sender": "Bakery",
        "receiver": f"+{TO}",
    }
    assert (inbound["_id"], inbound["type"], inbound["message"]) == (reply, "receive", "Yes")
    assert inbound["sender"] == f"+{TO}"
