"""What becomes of accepted messages: fallback, encoding, hanging, loss, on a clock sped up."""

from __future__ import annotations

import pytest
from rawcalls import MMS, SMS, Nodes, ask

from mmsclient.simulator import Fault, Medium, Simulator
from mmsclient.simulator.clock import Agenda, Clock
from mmsclient.simulator.content import fill

TO, DAY = "12025550143", 86_400.0
BIG = {"https://media.example.net/07.png": Medium(size=800_000)}


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("nodes", "text"),
    [
        ({}, "Fresh at 7 LINK"),
        ({"FALLBACKSMSTEXT": "Look"}, "Look LINK"),
        ({"DISABLEFALLBACKSMSLINK": "yes"}, "Fresh at 7"),
        ({"DISABLEFALLBACKSMSLINK": "true"}, "Fresh at 7"),
    ],
)
async def test_what_is_too_big_arrives_as_sms_with_a_link(nodes: Nodes, text: str) -> None:
    sim = Simulator(media=BIG)
    assert (await ask(sim, "sendMMS", {**MMS, **nodes})).code == "accepted"
    [delivery] = sim.deliveries
    assert (delivery.kind, delivery.sent_as, delivery.slides) == ("mms", "sms", ())
    assert delivery.texts == (text.replace("LINK", str(delivery.link)),)
    assert (delivery.link is None) is ("LINK" not in text)


async def test_what_fits_arrives_whole() -> None:
    sim = Simulator(media=BIG, handset_limit=1_200_000)
    await ask(sim, "sendMMS", MMS)
    assert sim.deliveries[0].sent_as == "mms"


async def test_forced_sms_ignores_the_switch_against_fallback() -> None:
    sim = Simulator()
    await ask(sim, "sendMMS", {**MMS, "FORCE_SEND_AS_SMS": "true", "DISABLEFALLBACKSMS": "yes"})
    assert sim.deliveries[0].sent_as == "sms"


async def test_with_fallback_disabled_what_would_go_as_sms_fails() -> None:
    sim = Simulator(faults=[Fault(kind="fallback")])
    template: Nodes = {"NAME": "n", "SUBJECT": "s", "SLIDE": {"TEXT": "1"}}
    mms_id = (await ask(sim, "saveMMS", template))["MMSID"]
    sim.faults.add(Fault(kind="fallback"))
    nodes: Nodes = {"MMSID": mms_id, "TO": TO, "FROM": "70707", "DISABLEFALLBACKSMS": "yes"}
    reply = await ask(sim, "sendSavedMMS", nodes)
    assert (reply.code, sim.deliveries, sim.failed) == ("accepted", [], [reply["TRACKINGID"]])


async def test_audio_and_video_wait_for_encoding() -> None:
    hand = Hand()
    sim = Simulator(encoding=20, clock=hand)
    video: Nodes = {**MMS, "SLIDE": {"VIDEO": {"URL": "https://media.example.net/1.mp4"}}}
    await ask(sim, "sendMMS", video)
    assert not sim.deliveries
    hand.now += 20
    assert sim.deliveries[0].delivered_at == 20


async def test_a_template_may_be_sent_once_it_is_encoded() -> None:
    hand = Hand()
    sim = Simulator(encoding=20, clock=hand)
    slide: Nodes = {"AUDIO": {"URL": "https://media.example.net/1.mp3"}}
    mms_id = (await ask(sim, "saveMMS", {"NAME": "n", "SUBJECT": "s", "SLIDE": slide}))["MMSID"]
    nodes: Nodes = {"MMSID": mms_id, "TO": TO, "FROM": "70707"}
    codes = []
    for hand.now in (1019.0, 1020.0):
        codes.append((await ask(sim, "sendSavedMMS", nodes)).code)
    assert codes == ["E626", "accepted"]
    assert len(sim.deliveries) == 1, "an encoded template does not wait again"


async def test_delivery_takes_the_time_it_is_given() -> None:
    hand = Hand()
    sim = Simulator(delivery=3, clock=hand)
    await ask(sim, "sendSMS", SMS)
    assert not sim.deliveries
    hand.now += 3
    assert (sim.deliveries[0].accepted_at, sim.deliveries[0].delivered_at) == (0, 3)


async def test_a_stuck_sms_is_tried_again_after_5_minutes_and_later() -> None:
    hand = Hand()
    sim = Simulator(faults=[Fault(kind="stuck", seconds=600)], clock=hand)
    await ask(sim, "sendSMS", SMS)
    hand.now += 600
    assert (len(sim.stuck), sim.deliveries) == (1, [])
    hand.now += 1800
    assert (sim.stuck, sim.deliveries[0].delivered_at) == ([], 300 + 1800)
    hand.now += 3 * DAY
    assert (len(sim.deliveries), sim.cleared) == (1, [])


async def test_what_is_stuck_for_good_is_cleared_after_3_days() -> None:
    hand = Hand()
    sim = Simulator(clock=hand)
    await ask(sim, "sendSMS", {**SMS, "TO": "12025550195"})
    await ask(sim, "sendMMS", {**MMS, "TO": "12025550195"})
    hand.now += 3 * DAY - 1
    assert (len(sim.stuck), len(sim.cleared)) == (2, 0)
    hand.now += 1
    assert (len(sim.stuck), len(sim.cleared)) == (0, 2)
    hand.now += 3 * DAY
    assert not sim.deliveries


async def test_an_mms_with_missing_personal_content_hangs() -> None:
    sim = Simulator()
    slide: Nodes = {"TEXT": "Hi {$first_name}"}
    mms_id = (await ask(sim, "saveMMS", {"NAME": "n", "SUBJECT": "s", "SLIDE": slide}))["MMSID"]
    nodes: Nodes = {"MMSID": mms_id, "TO": TO, "FROM": "70707"}
    assert (await ask(sim, "sendSavedMMS", nodes)).code == "accepted"
    assert (len(sim.stuck), sim.deliveries) == (1, [])
    await ask(sim, "sendSavedMMS", {**nodes, "DATA": {"First_Name": "Noor"}})
    assert sim.deliveries[0].texts == ("Hi Noor",)


async def test_a_lost_message_was_accepted_and_never_arrives() -> None:
    sim = Simulator()
    reply = await ask(sim, "sendSMS", {**SMS, "TO": "12025550184"})
    assert (reply.code, sim.deliveries, len(sim.failed)) == ("accepted", [], 1)


async def test_the_ledger_tells_who_got_what_and_how_often() -> None:
    sim = Simulator(rate=None)
    for to in (TO, "12025550144", TO):
        await ask(sim, "sendSMS", {**SMS, "TO": to})
    assert len(sim.received(TO)) == 2
    assert len(sim.handset("12025550144").messages) == 1
    assert sim.received("12025550145") == []
    assert [delivery.to for delivery in sim.deliveries] == [TO, "12025550144", TO]
    assert len({delivery.tracking_id for delivery in sim.deliveries}) == 3


def test_a_clock_sped_up_leaves_the_limits_their_pace() -> None:
    hand = Hand()
    clock = Clock(hand, speed=3600)
    hand.now += 2
    assert (clock.real(), clock.now()) == (2, 7200)
    with pytest.raises(ValueError, match="more than 0"):
        Clock(speed=0)


def test_an_agenda_does_what_is_due_in_order_even_what_is_added_meanwhile() -> None:
    agenda, done = Agenda(), list[float]()
    agenda.at(2, done.append)
    agenda.at(1, lambda due: agenda.at(due + 0.5, done.append))
    agenda.at(3, done.append)
    agenda.run(2)
    assert (done, agenda.next_due) == ([1.5, 2], 3)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{$name|you}", ("Noor", True)),
        ("{$other|you}", ("you", True)),
        ("{$other|}", ("", True)),
        ("{$other}", ("", False)),
        ("{$NAME} {name} $name {}", ("Noor {name} $name {}", True)),
    ],
)
def test_merge_tags_take_a_value_a_default_or_are_missing(
    text: str, filled: tuple[str, bool]
) -> None:
    assert fill(text, {"Name": "Noor"}) == filled
