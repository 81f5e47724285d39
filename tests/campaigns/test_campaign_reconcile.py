"""Unknown rows are settled by what was seen at the service, and by nothing less."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mmsclient as mms
from mmsclient.simulator import Fault, Simulator

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2031, 2, 3, 12, 0, tzinfo=UTC)
QUICK = mms.Timeout(connect=2.0, read=0.3, total=5.0)


class Journey:
    """A campaign whose rows were sent at known times, without any service."""

    def __init__(self, path: Path) -> None:
        self.moment = NOW
        self.campaign = mms.Campaign(path / "a.db", now=lambda: self.moment)
        self.journal = mms.SqliteJournal(path / "a.db")

    async def send(self, *messages: mms.Message, carried: bool = True) -> None:
        """Let messages leave and lose their answers."""
        before = sum((await self.counts()).values())
        await self.campaign.add(messages)
        async with self.journal.held():
            at = self.moment.timestamp()
            await self.journal.begin("skycore", timedelta(days=3))
            for number, message in enumerate(messages, before + 1):
                await self.journal.depart({number: message.reference if carried else None}, at)
                failure = mms.Failure(error="NoReplyError")
                await self.journal.settle(number, _unknown(failure), at)

    async def counts(self) -> dict[Any, int]:
        try:
            return await self.campaign.counts()
        except mms.CampaignError:
            return {}

    async def row(self, number: int = 1) -> mms.CampaignRow:
        return [row async for row in self.campaign.outcomes()][number - 1]

    async def see(self, *seen: Any) -> mms.Reconciled:
        return await self.campaign.reconcile(seen)


def _unknown(failure: mms.Failure) -> Any:
    from mmsclient.campaigns.values import Settled

    return Settled(state="unknown", failure=failure)


def report(**fields: Any) -> mms.DeliveryReport:
    terms: dict[str, Any] = {
        "service": "skycore",
        "kind": "SMS_MT N202",
        "key": f"{fields}",
        "id": "T-1",
        "status": mms.DeliveryStatus.DELIVERED,
        "to": "12025550143",
        "at": NOW + timedelta(minutes=1),
        "final": True,
        **fields,
    }
    return mms.DeliveryReport(**terms)


def sms(to: str = "12025550143", text: str = "Fresh at 7", **fields: Any) -> mms.Sms:
    return mms.Sms(to=to, sender="70707", text=text, **fields)


@pytest.fixture
def journey(tmp_path: Path) -> Journey:
    return Journey(tmp_path)


async def test_a_reference_settles_a_row(journey: Journey) -> None:
    await journey.send(sms(reference="order-1"), sms("12025550144", reference="order-2"))
    found = await journey.see(report(reference="order-1", id="T-7"))
    assert (found.settled, found.probable, found.unknown) == (1, 0, 1)
    row = await journey.row()
    assert (row.state, row.id, row.evidence) == ("accepted", "T-7", "report")
    assert (row.delivery, row.probable) == (mms.DeliveryStatus.DELIVERED, False)
    assert (await journey.row(2)).state == "unknown"


async def test_number_and_time_settle_a_row_where_they_fit_one_only(journey: Journey) -> None:
    await journey.send(sms(reference="order-1"), carried=False)
    found = await journey.see(report(reference=None))
    assert (found.settled, found.probable) == (1, 1)
    row = await journey.row()
    assert (row.state, row.id, row.probable) == ("accepted", "T-1", True)
    # What comes later of the same message is known by its id.
    found = await journey.see(report(reference=None, key="later"))
    assert (found.settled, found.unmatched) == (0, 0)


async def test_two_messages_that_fit_settle_nothing(journey: Journey) -> None:
    await journey.send(sms(reference="order-1"), carried=False)
    found = await journey.see(report(id="T-1"), report(id="T-2"))
    assert found.settled == 0
    assert (await journey.row()).state == "unknown"


async def test_two_rows_that_fit_settle_nothing(journey: Journey) -> None:
    await journey.send(sms(reference="order-1"), sms(reference="order-2"), carried=False)
    assert (await journey.see(report())).settled == 0
    # A text tells them apart, where the service repeats it.
    listed = mms.Sighting(
        service="skycore",
        source="listing",
        key="row",
        id="T-9",
        to="12025550143",
        text="Fresh  at 7",
        at=NOW,
    )
    assert (await journey.see(Seen(listed))).settled == 0


def told(event: mms.Event) -> mms.Sighting:
    sighting = event.sighting()
    assert sighting is not None
    return sighting


class Seen:
    """A row of a listing."""

    def __init__(self, sighting: mms.Sighting) -> None:
        self._sighting = sighting

    def sighting(self) -> mms.Sighting:
        return self._sighting


async def test_what_fits_no_row_may_fit_one_once_another_is_settled(journey: Journey) -> None:
    await journey.send(sms(reference="order-1"), sms(reference="order-2"))
    assert (await journey.see(report(reference=None, id="T-1"))).settled == 0
    found = await journey.see(report(reference="order-2", id="T-2"))
    assert (found.settled, found.probable, found.unknown) == (2, 1, 0)


async def test_what_is_kept_and_fits_nothing_is_not_told_again_and_again(journey: Journey) -> None:
    others = ("12025550144", "12025550145")
    await journey.send(sms(reference="order-1"), sms(reference="order-2"))
    await journey.send(*(sms(to, reference=f"to-{to}") for to in others))
    await journey.see(report(reference=None, id="T-8"), report(reference=None, id="T-9"))
    for reference, to in (
        ("order-1", None),
        ("order-2", None),
        *((f"to-{to}", to) for to in others),
    ):
        terms = {} if to is None else {"to": to}
        found = await journey.see(report(reference=reference, id=f"I-{reference}", **terms))
        assert (found.settled, found.unmatched) == (1, 0)


async def test_a_row_that_is_settled_looks_again_at_its_own_number_only(journey: Journey) -> None:
    await journey.send(sms(reference="order-1"), sms(reference="order-2"))
    await journey.send(sms("12025550144", reference="order-3"))
    await journey.see(report(reference=None, id="T-1"))
    looked: list[str] = []
    async with journey.journal.held():
        await journey.journal._write.run(lambda c: c.set_trace_callback(looked.append))
        seen = [told(report(reference="order-3", id="T-3", to="12025550144"))]
        assert (await journey.journal.reconcile(seen, NOW.timestamp())).settled == 1
    kept = [query for query in looked if "FROM sightings" in query and "SELECT" in query]
    assert kept
    assert all("025550144" in query for query in kept)


async def test_a_text_tells_messages_to_one_number_apart(journey: Journey) -> None:
    await journey.send(
        sms(reference="a", text="Fresh at 7"), sms(reference="b", text="Late"), carried=False
    )
    common: dict[str, Any] = {
        "service": "skycore",
        "source": "listing",
        "to": "12025550143",
        "at": NOW,
    }
    listed = [
        Seen(mms.Sighting(key="1", id="T-1", text="Late", **common)),
        Seen(mms.Sighting(key="2", id="T-2", text="Fresh at 7", **common)),
        Seen(mms.Sighting(key="3", id="T-3", text="Something else", **common)),
    ]
    found = await journey.see(*listed)
    assert (found.settled, found.probable, found.unknown) == (2, 2, 0)
    assert [(await journey.row(n)).id for n in (1, 2)] == ["T-2", "T-1"]


@pytest.mark.parametrize(
    ("shift", "settles"),
    [
        (timedelta(minutes=-11), False),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=55), True),
        (timedelta(minutes=65), False),
    ],
)
async def test_what_was_before_or_long_after_is_about_another_message(
    journey: Journey, shift: timedelta, settles: bool
) -> None:
    await journey.send(sms(reference="order-1"), carried=False)
    assert (await journey.see(report(at=NOW + shift))).settled == settles


async def test_an_old_message_with_the_same_reference_settles_nothing(journey: Journey) -> None:
    await journey.send(sms(reference="order-1"))
    assert (await journey.see(report(reference="order-1", at=NOW - timedelta(days=9)))).settled == 0


async def test_a_reference_of_somebody_else_never_fits_by_number(journey: Journey) -> None:
    await journey.send(sms(reference="order-1"))
    assert (await journey.see(report(reference="theirs"))).settled == 0


async def test_numbers_without_a_country_code_fit(journey: Journey) -> None:
    await journey.send(sms("61491570156", reference="order-1"), carried=False)
    assert (await journey.see(report(to="491570156"))).settled == 1


async def test_what_is_seen_too_early_is_remembered(journey: Journey) -> None:
    """A report can overtake the answer, and so the knowledge that the answer is lost."""
    await journey.campaign.add([sms(reference="order-1")])
    async with journey.journal.held():
        await journey.journal.begin("skycore", timedelta(days=3))
        await journey.journal.depart({1: None}, NOW.timestamp())
        await journey.journal.reconcile([told(report(reference=None))], NOW.timestamp())
    assert (await journey.row()).state == "sending"
    found = await journey.see()
    assert (found.settled, found.probable) == (1, 1)
    assert (await journey.row()).delivery is mms.DeliveryStatus.DELIVERED


async def test_a_reply_and_an_opened_link_prove_that_a_message_was_sent(journey: Journey) -> None:
    await journey.send(sms(reference="order-1"), sms("12025550144", reference="order-2"))
    reply = mms.InboundMessage(
        service="skycore", kind="k", key="1", id="I-1", sender="12025550143", reference="order-1"
    )
    hit = mms.LinkHit(
        service="skycore", kind="k", key="2", id=None, number="12025550144", reference="order-2"
    )
    assert (await journey.see(reply, hit)).settled == 2
    assert [(await journey.row(n)).evidence for n in (1, 2)] == ["reply", "link"]


async def test_encoding_that_fails_is_known_by_the_mms_id(journey: Journey) -> None:
    from mmsclient.campaigns.values import Settled

    mms_ = mms.Mms(to="12025550143", slides=[mms.Slide(text="a")], reference="order-1")
    await journey.campaign.add([mms_, mms.SavedMms(template="9100442", to="12025550144")])
    async with journey.journal.held():
        for number in (1, 2):
            await journey.journal.depart({number: None}, NOW.timestamp())
            accepted = Settled(state="accepted", message_id=f"T-{number}", mms_id="9100442")
            await journey.journal.settle(number, accepted, NOW.timestamp())
    failed = mms.MmsEncodingFailed(service="skycore", kind="MMS_MT E013", key="1", mms_id="9100442")
    assert (await journey.see(failed)).updated == 1
    # The template of the other has that id too, and is no message.
    assert [(await journey.row(n)).delivery for n in (1, 2)] == [mms.DeliveryStatus.FAILED, None]


async def test_who_opts_out_by_a_reply_is_stopped(journey: Journey) -> None:
    await journey.campaign.add([sms("12025550177", reference="next")])
    leave = mms.InboundMessage(
        service="skycore", kind="k", key="1", id="I", sender="12025550177", opts_out=True
    )
    await journey.see(leave, mms.OptOut(service="skycore", kind="k", key="2", number="12025550178"))
    assert (await journey.row()).state == "refused"
    assert (await journey.campaign.add([sms("12025550178", reference="x")])).stopped == 1


async def test_silence_is_reported_and_sent_again_only_by_hand(journey: Journey) -> None:
    await journey.send(sms(reference="order-1"), sms("12025550144", reference="order-2"))
    journey.moment = NOW + timedelta(days=1)
    found = await journey.see()
    assert (found.unknown, found.overdue, found.settles_after) == (2, 0, timedelta(days=3))
    assert await journey.campaign.resend_unknown() == 0
    with pytest.raises(TypeError, match="pass a list of references"):
        await journey.campaign.resend_unknown("order-1")
    assert await journey.campaign.resend_unknown(["order-1"], force=True) == 1
    journey.moment = NOW + timedelta(days=3, seconds=1)
    assert (await journey.see()).overdue == 1
    assert await journey.campaign.resend_unknown() == 1
    assert (await journey.counts())["pending"] == 2


@given(st.permutations([("sent", 1), ("sent", 2), ("delivered", 3), ("failed", 4), ("pending", 5)]))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None
)
def test_reports_in_any_order_end_in_the_same_place(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[str, int]]
) -> None:
    async def main() -> None:
        journey = Journey(tmp_path_factory.mktemp("order"))
        await journey.send(sms(reference="order-1"))
        for status, key in told:
            event = report(
                reference="order-1", key=str(key), status=mms.DeliveryStatus(status), final=False
            )
            await journey.see(event)
        assert (await journey.row()).delivery is mms.DeliveryStatus.DELIVERED
        assert await journey.campaign.deliveries() == {mms.DeliveryStatus.DELIVERED: 1}

    asyncio.run(main())


async def test_another_service_says_nothing(journey: Journey) -> None:
    await journey.send(sms(reference="order-1"))
    found = await journey.see(report(reference="order-1", service="cellcast"))
    assert (found.settled, found.unmatched) == (0, 1)


async def test_a_report_of_an_older_message_with_that_reference_changes_nothing(
    journey: Journey,
) -> None:
    from mmsclient.campaigns.values import Settled

    await journey.campaign.add([sms(reference="customer-7")])
    async with journey.journal.held():
        await journey.journal.begin("skycore", timedelta(days=3))
        await journey.journal.depart({1: "customer-7"}, NOW.timestamp())
        accepted = Settled(state="accepted", message_id="T-new")
        await journey.journal.settle(1, accepted, NOW.timestamp())
    assert (await journey.see(report(reference="customer-7", id="T-old", at=None))).updated == 0
    assert (await journey.row()).delivery is None
    assert (await journey.see(report(reference="customer-7", id="T-new"))).updated == 1


async def test_a_row_that_never_was_in_doubt_is_still_to_be_sent(journey: Journey) -> None:
    await journey.campaign.add([sms(reference="customer-7")])
    async with journey.journal.held():
        await journey.journal.begin("skycore", timedelta(days=3))
        await journey.journal.depart({1: "customer-7"}, NOW.timestamp())
        await journey.journal.come_back([1], mms.Failure(error="ThrottledError"))
    assert (await journey.see(report(reference="customer-7", at=None))).settled == 0
    assert (await journey.row()).state == "pending"


async def test_proof_of_the_first_attempt_counts_before_the_second(journey: Journey) -> None:
    await journey.send(sms(reference="order-1"))
    journey.moment = NOW + timedelta(days=4)
    assert await journey.campaign.resend_unknown() == 1
    # It comes while the row waits to be sent again: that is not needed any more.
    assert (await journey.see(report(reference="order-1"))).settled == 1
    assert (await journey.row()).state == "accepted"


async def test_reports_that_hold_half_a_character_lose_no_others(journey: Journey) -> None:
    await journey.send(sms(reference="order-1"))
    odd = report(id="T\ud800", reference="odd\udfff", key="k\ud800", to="12025550143")
    assert (await journey.see(odd, report(reference="order-1"))).settled == 1


async def test_rows_of_a_killed_run_can_be_settled_without_another_run(journey: Journey) -> None:
    await journey.campaign.add([sms(reference="order-1"), sms("12025550144", reference="two")])
    async with journey.journal.held():
        await journey.journal.begin("skycore", timedelta(days=3))
        await journey.journal.depart({1: "order-1"}, NOW.timestamp())
        await journey.journal.depart({2: "two"}, NOW.timestamp())
    assert (await journey.see(report(reference="order-1"))).settled == 1
    assert await journey.campaign.resend_unknown(force=True) == 1
    assert (await journey.row(2)).state == "pending"


async def test_what_fits_nothing_costs_the_same_however_much_there_is(journey: Journey) -> None:
    await journey.send(
        *(sms(f"1202555{n:04}", reference=f"r{n}") for n in range(300)), carried=False
    )
    # Two messages to each number: nothing can be settled, all is kept.
    many = [report(id=f"T-{n}-{i}", to=f"1202555{n:04}") for n in range(300) for i in (1, 2)]
    reads: list[str] = []
    async with journey.journal.held():
        await journey.journal.reconcile([told(one) for one in many], NOW.timestamp())
        await journey.journal._write.run(lambda c: c.set_trace_callback(reads.append))
        await journey.journal.reconcile([told(report(id="T-x", to="12025550007"))], NOW.timestamp())
    assert len(reads) < 30


async def test_what_tells_of_no_message_is_refused(journey: Journey) -> None:
    await journey.send(sms(reference="order-1"))
    with pytest.raises(TypeError, match="a str tells of no message"):
        await journey.see("order-1")


# -- against the simulator ----------------------------------------------------------------------


async def lost(
    sim: Simulator, service: Any, campaign: mms.Campaign, messages: list[mms.Message], **terms: Any
) -> list[mms.Event]:
    """Send messages, some of whose answers are lost; return what the service posts of them."""
    events: list[mms.Event] = []

    client = mms.Client(
        service, rate=1000, timeout=QUICK, transport=mms.HttpxTransport(timeout=QUICK)
    )
    await campaign.add(messages)
    async with client, campaign.run(client, **terms) as outcomes:
        async for _ in outcomes:
            pass
    await sim.settled()
    for posted in sim.postbacks:
        events.extend(service.read_postback(posted.raw))
    return events


async def taken(_: mms.RawPostback) -> int:
    return 200


def mms_to(n: int) -> mms.Mms:
    return mms.Mms(
        to=f"1202555{n:04}",
        sender="70707",
        subject="Fresh",
        name="menu",
        slides=[mms.Slide(text="Rye")],
        reference=f"order no. {n} " + "of a rather long kind " * 4,
    )


async def test_skycore_mms_are_settled_by_their_references(tmp_path: Path) -> None:
    dropping = Fault(kind="drop_after", times=None, probability=0.3)
    async with Simulator(rate=None, faults=[dropping], seed=1, magic=False, postbacks=taken) as sim:
        campaign = mms.Campaign(tmp_path / "a.db")
        messages: list[mms.Message] = [mms_to(n) for n in range(60)]
        events = await lost(sim, sim.skycore(), campaign, messages)
        unknown = [row async for row in campaign.outcomes("unknown")]
        assert len(unknown) > 5
        found = await campaign.reconcile(events)
        assert (found.settled, found.probable, found.unknown) == (len(unknown), 0, 0)
        assert (await campaign.counts())["accepted"] == len(sim.deliveries) == 60
        assert await campaign.deliveries() == {mms.DeliveryStatus.DELIVERED: 60}


async def test_skycore_sms_are_settled_by_number_and_time_and_said_to_be_probable(
    tmp_path: Path,
) -> None:
    dropping = [
        Fault(kind="drop_after", times=None, probability=0.2),
        Fault(kind="drop_before", times=None, probability=0.1),
    ]
    async with Simulator(rate=None, faults=dropping, seed=2, magic=False, postbacks=taken) as sim:
        campaign = mms.Campaign(tmp_path / "a.db")
        messages: list[mms.Message] = [sms(f"1202555{n:04}") for n in range(60)]
        # Two messages to one number, without a word that tells them apart.
        messages += [sms("12025550000", reference="one"), sms("12025550000", reference="two")]
        events = await lost(sim, sim.skycore(), campaign, messages)
        before = {row.reference: row async for row in campaign.outcomes("unknown")}
        found = await campaign.reconcile(events)
        assert found.settled == found.probable > 5
        received = {delivery.to for delivery in sim.deliveries}
        async for row in campaign.outcomes("unknown"):
            assert row.to not in received or row.to == "12025550000"
        async for row in campaign.outcomes("accepted"):
            assert row.to in received
            assert row.probable == (row.reference in before)


async def test_cellcast_sms_are_settled_by_references_its_wire_can_carry(tmp_path: Path) -> None:
    dropping = Fault(kind="drop_after", times=None, probability=0.3)
    async with Simulator(rate=None, faults=[dropping], seed=3, magic=False, postbacks=taken) as sim:
        campaign = mms.Campaign(tmp_path / "a.db")
        messages: list[mms.Message] = [
            mms.Sms(to=f"61491570{n:03}", text="Fresh at 7", reference=f"order_{n}/é")
            for n in range(60)
        ]
        events = await lost(sim, sim.cellcast(), campaign, messages, batch=5)
        unknown = (await campaign.counts())["unknown"]
        assert unknown > 5
        assert unknown % 5 == 0
        found = await campaign.reconcile(events)
        assert (found.settled, found.probable, found.unknown) == (unknown, 0, 0)
        rows = [row async for row in campaign.outcomes()]
        assert {row.reference for row in rows} == {message.reference for message in messages}


async def test_transmitsms_is_asked_for_what_it_lists(tmp_path: Path) -> None:
    dropping = Fault(kind="drop_after", times=3)
    async with Simulator(rate=None, faults=[dropping], magic=False) as sim:
        campaign = mms.Campaign(tmp_path / "a.db")
        messages: list[mms.Message] = [
            mms.Sms(to=f"61491570{n:03}", text="Fresh at 7", reference=f"order-{n}")
            for n in range(30)
        ]
        service = sim.transmitsms()
        await lost(sim, service, campaign, messages, batch=5)
        unknown = (await campaign.counts())["unknown"]
        assert unknown == 15
        async with mms.Client(service, rate=1000) as client:
            found = await campaign.reconcile(client)
        assert (found.settled, found.probable, found.unknown) == (15, 15, 0)
        assert (await campaign.counts())["accepted"] == 30


async def test_transmitsms_carries_references_in_the_address_of_callbacks(tmp_path: Path) -> None:
    dropping = Fault(kind="drop_after", times=None, probability=0.3)
    async with Simulator(rate=None, faults=[dropping], seed=4, magic=False, postbacks=taken) as sim:
        campaign = mms.Campaign(tmp_path / "a.db")
        messages: list[mms.Message] = [
            mms.Sms(to=f"61491570{n:03}", text="Fresh at 7", reference=f"order {n}")
            for n in range(30)
        ]
        service = sim.transmitsms(dlr_callback="http://127.0.0.1/dlr?ref={reference}")
        events = await lost(sim, service, campaign, messages)
        unknown = (await campaign.counts())["unknown"]
        assert unknown > 3
        found = await campaign.reconcile(events)
        assert (found.settled, found.probable, found.unknown) == (unknown, 0, 0)
