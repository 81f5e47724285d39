"""That a message was seen: what events and rows of listings tell, and how reports are merged."""

from __future__ import annotations

import itertools
import pickle
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from happenings import TO, World
from hypothesis import given
from hypothesis import strategies as st

import mmsclient as mms
from mmsclient.services import cellcast, transmitsms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

AT = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)
TOLD: dict[str, Any] = {"service": "plain", "kind": "told", "key": "k-1", "at": AT}
STATUS = mms.DeliveryStatus

# -- merging --------------------------------------------------------------------------------------

REPORTS = st.lists(st.sampled_from(STATUS), min_size=1, max_size=5)


def merged(reports: Iterable[STATUS]) -> STATUS | None:
    ended: STATUS | None = None
    for report in reports:
        ended = report.after(ended)
    return ended


@given(REPORTS)
def test_reports_end_in_the_same_place_in_whatever_order_they_come(reports: list[STATUS]) -> None:
    ends = {merged(order) for order in itertools.permutations(reports)}
    assert len(ends) == 1
    assert ends <= set(reports)
    assert merged(reports * 2) in ends


@given(REPORTS, st.data())
def test_reports_may_be_merged_in_parts(reports: list[STATUS], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(reports)))
    parts = [part for part in (merged(reports[:cut]), merged(reports[cut:])) if part]
    assert merged(parts) is merged(reports)


@given(st.sampled_from(STATUS), st.sampled_from(STATUS))
def test_what_is_known_is_never_hidden(before: STATUS, now: STATUS) -> None:
    after = now.after(before)
    assert after.final is (before.final or now.final)
    if before is STATUS.DELIVERED or now is STATUS.DELIVERED:
        assert after is STATUS.DELIVERED
    if after is STATUS.UNKNOWN:
        assert before is now is STATUS.UNKNOWN


def test_a_failure_may_be_taken_back_and_an_arrival_cannot() -> None:
    assert STATUS.DELIVERED.after(STATUS.FAILED) is STATUS.DELIVERED
    assert STATUS.FAILED.after(STATUS.DELIVERED) is STATUS.DELIVERED
    assert STATUS.PENDING.after(STATUS.SENT) is STATUS.SENT
    assert STATUS.SENT.after(None) is STATUS.SENT
    assert STATUS.EXPIRED.after(STATUS.FAILED) is STATUS.FAILED.after(STATUS.EXPIRED)


# -- events ---------------------------------------------------------------------------------------


def test_a_report_tells_how_far_its_message_is() -> None:
    report = mms.DeliveryReport(
        **TOLD,
        id="Hq-1",
        status=STATUS.UNKNOWN,
        to="+1 (202) 555-0143",
        reference="order-117",
        mms_id="9100442",
        final=True,
    )
    assert report.sighting() == mms.Sighting(
        service="plain",
        source="report",
        key="k-1",
        id="Hq-1",
        reference="order-117",
        mms_id="9100442",
        to="12025550143",
        at=AT,
        status=STATUS.UNKNOWN,
        final=True,
    )
    pending = attrs.evolve(report, status=STATUS.PENDING, final=False).sighting()
    assert (pending.status, pending.final) == (STATUS.PENDING, False)


def test_a_reply_tells_of_the_message_it_answers() -> None:
    reply = mms.InboundMessage(**TOLD, id="7", sender="12025550143", to="70707", text="Yes")
    assert reply.sighting() is None
    either: list[dict[str, Any]] = [{"answers": "Hq-1"}, {"reference": "order-117"}]
    for names in either:
        seen = attrs.evolve(reply, **names).sighting()
        assert seen is not None
        assert (seen.source, seen.to, seen.text, seen.status) == ("reply", TO, None, None)
        assert (seen.id, seen.reference) == (names.get("answers"), names.get("reference"))


def test_a_link_hit_and_an_encoding_tell_of_their_message() -> None:
    hit = mms.LinkHit(**TOLD, id="880143", number="12025550143", reference="order-117").sighting()
    assert (hit.source, hit.id, hit.to, hit.reference) == ("link", "880143", TO, "order-117")
    encoded = mms.MmsEncoded(**TOLD, mms_id="9100442").sighting()
    failed = mms.MmsEncodingFailed(**TOLD, mms_id="9100442", media="video").sighting()
    assert encoded is not None
    assert failed is not None
    assert (encoded.mms_id, encoded.status, encoded.final) == ("9100442", None, False)
    assert (failed.mms_id, failed.status, failed.final) == ("9100442", STATUS.FAILED, True)
    for kind in (mms.MmsEncoded, mms.MmsEncodingFailed):
        assert kind(**TOLD, mms_id=None).sighting() is None


@pytest.mark.parametrize(
    "event",
    [
        mms.Event(**TOLD),
        mms.OptOut(**TOLD, number="12025550143"),
        mms.OptIn(**TOLD, number="12025550143"),
        mms.TemplateReady(**TOLD, mms_id="9100442"),
        mms.TemplateFailed(**TOLD, mms_id="9100442"),
        mms.ListAction(**TOLD, action="add", list_id="7"),
        mms.PassReport(**TOLD, status="made", reference="order-117"),
    ],
)
def test_other_events_tell_of_no_message(event: mms.Event) -> None:
    assert event.sighting() is None


@pytest.mark.parametrize("written", ["0491 570 156", "Bakery", "", "400000000", None])
def test_a_number_that_is_none_stays_as_it_came(written: str | None) -> None:
    assert mms.Sighting(service="plain", source="link", key="k", to=written).to == written


def test_nothing_private_is_shown_of_a_sighting() -> None:
    seen = mms.Sighting(
        service="plain", source="reply", key="noor", reference="noor", to=TO, text="noor"
    )
    assert "noor" not in repr(seen)
    assert TO not in repr(seen)
    assert pickle.loads(pickle.dumps(seen)) == seen
    assert {seen: 1}[attrs.evolve(seen)] == 1


# -- rows -----------------------------------------------------------------------------------------

ROWS: dict[str, tuple[mms.Sighted, dict[str, Any]]] = {
    "UserSms": (
        transmitsms.UserSms(
            id="55001", message_id="880143", text="Rye", sent_at=AT, msisdn=TO, status="pending"
        ),
        {"id": "880143", "to": TO, "text": "Rye", "at": AT, "status": STATUS.PENDING},
    ),
    "LoggedMessage": (
        transmitsms.LoggedMessage(message_id="880143", text="Rye", mobile=TO, datetime_send=AT),
        {"id": "880143", "to": TO, "text": "Rye", "at": AT, "status": None},
    ),
    "SmsDeliveryStatus": (
        transmitsms.SmsDeliveryStatus(
            message_id="880143", mobile=TO, send_at=AT, status="Delivered", text="Rye"
        ),
        {"id": "880143", "to": TO, "at": AT, "status": STATUS.DELIVERED, "final": True},
    ),
    "SmsRecipient": (
        transmitsms.SmsRecipient(message_id="880143", msisdn=TO, delivery_status="bounced"),
        {"id": "880143", "to": TO, "status": STATUS.FAILED, "final": True},
    ),
    "SmsResponse": (
        transmitsms.SmsResponse(
            id="7", message_id="880143", received_at=AT, msisdn=TO, text="Y", original_message="Rye"
        ),
        {"source": "reply", "id": "880143", "to": TO, "text": "Rye", "at": AT, "status": None},
    ),
    "SentMessage": (
        cellcast.SentMessage(id="Q-1", to=TO, text="Rye", reference="order-117", at=AT),
        {"id": "Q-1", "to": TO, "text": "Rye", "reference": "order-117", "status": None},
    ),
    "MessageReport": (
        cellcast.MessageReport(
            id="Q-1", status=STATUS.UNKNOWN, words="unknown", final=True, to=TO, created_at=AT
        ),
        {"id": "Q-1", "to": TO, "at": AT, "status": STATUS.UNKNOWN, "final": True},
    ),
    "Response": (
        cellcast.Response(
            id="7", sender=TO, original_message_id="Q-1", original_text="Rye", reference="o-7"
        ),
        {"source": "reply", "id": "Q-1", "to": TO, "text": "Rye", "reference": "o-7"},
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_tells_that_its_message_was_seen(name: str) -> None:
    row, told = ROWS[name]
    seen = row.sighting()
    assert seen is not None
    assert {field: getattr(seen, field) for field in told} == told
    assert seen.source == told.get("source", "listing")
    assert seen.final is told.get("final", False)
    assert seen == row.sighting()


@pytest.mark.parametrize(
    "row",
    [
        transmitsms.UserSms(id="55001", message_id="880143"),
        transmitsms.SmsRecipient(message_id="880143", delivery_status="delivered"),
        transmitsms.SmsResponse(id="7", msisdn=TO, text="Yes"),
        cellcast.Response(id="7", sender=TO, text="Yes"),
    ],
)
def test_a_row_that_names_no_message_tells_nothing(row: mms.Sighted) -> None:
    assert row.sighting() is None


def test_what_is_new_in_a_row_is_a_sighting_of_its_own() -> None:
    row = transmitsms.UserSms(id="1", message_id="880143", msisdn=TO, status="pending", sent_at=AT)
    later, other = attrs.evolve(row, status="delivered"), attrs.evolve(row, msisdn="12025550144")
    bare = attrs.evolve(row, message_id=None)
    rows = [row, later, other, bare, attrs.evolve(bare, sent_at=AT + timedelta(seconds=1))]
    keys = [seen.key for each in rows if (seen := each.sighting())]
    assert len(set(keys)) == len(rows)
    sent = cellcast.SentMessage(id="", to=TO, text="Rye")
    assert sent.sighting().id is None
    assert sent.sighting().key != attrs.evolve(sent, text="Spelt").sighting().key


# -- from end to end ------------------------------------------------------------------------------

FORMS = ("Skycore", "TransmitSMS, JSON", "TransmitSMS, XML", "Cellcast, v3", "Cellcast, Bearer")
HOOK = "http://127.0.0.1:9/in?shop=7&ref={reference}"
LONG = "Spring sale, order №117 of the bakery: " + "x" * 60


def world(form: str) -> World:
    made = World(form, postback_url="http://127.0.0.1:9/in")
    if form.startswith("TransmitSMS"):
        made.service = attrs.evolve(made.service, dlr_callback=HOOK, reply_callback=HOOK)
        made.client = mms.Client[Any](made.service, rate=1000, transport=made.sim.transport())
    return made


def message(form: str) -> Any:
    if form == "Skycore":
        slide = mms.Slide(image="https://media.example.net/1.png", text="Fresh at 7")
        return mms.Mms(
            to=TO, sender="70707", slides=[slide], name="menu", subject="Menu", reference=LONG
        )
    return mms.Sms(to=TO, sender="70707", text="Fresh at 7", reference=LONG)


def period(world: World) -> tuple[datetime, datetime]:
    now = world.sim._vendor.clock.date(world.now)
    return now - timedelta(hours=1), now + timedelta(hours=1)


@pytest.mark.parametrize("form", FORMS)
async def test_a_message_is_known_again_by_what_is_told_of_it(form: str) -> None:
    here = world(form)
    async with here.client:
        await here.call(here.service.account()) if form == "Cellcast, Bearer" else None
        plain = message(form)
        carried = here.service.carried_reference(plain)
        assert carried is not None
        assert carried != LONG
        accepted = await here.client.send(attrs.evolve(plain, reference=carried))
        await here.pass_()
    told = [event.sighting() for event in here.events()]
    assert told
    for seen in told:
        assert isinstance(seen, mms.Sighting)
        assert (seen.service, seen.source, seen.to) == (here.name, "report", TO)
        assert seen.id == accepted.id
        # The Bearer API brings it back in listings only.
        assert seen.reference == (None if form == "Cellcast, Bearer" else carried)
    assert merged(seen.status for seen in told if seen and seen.status) is STATUS.DELIVERED


@pytest.mark.parametrize("form", [form for form in FORMS if form.startswith("TransmitSMS")])
async def test_an_address_carries_a_reference_whatever_the_message_has(form: str) -> None:
    here = world(form)
    async with here.client:
        accepted = await here.client.send(message(form))
        await here.pass_()
        here.sim.handset(TO).reply("Yes")
        await here.pass_()
    sightings = [event.sighting() for event in here.events()]
    assert [seen.source for seen in sightings if seen] == ["report", "reply"]
    for seen in sightings:
        assert seen is not None
        assert (seen.id, seen.to) == (accepted.id, TO)
        assert seen.reference == here.service.carried_reference(accepted.message)


@pytest.mark.parametrize("form", [*FORMS[1:3], FORMS[4]])
async def test_the_outbox_tells_what_was_sent(form: str) -> None:
    here = world(form)
    async with here.client:
        plain = message(form)
        carried = here.service.carried_reference(plain)
        accepted = await here.client.send(attrs.evolve(plain, reference=carried))
        await here.pass_()
        rows = here.client.pages(here.service.outbox(*period(here)))
        [seen] = [row.sighting() async for row in rows]
        long_ago = [moment - timedelta(days=30) for moment in period(here)]
        assert [row async for row in here.client.pages(here.service.outbox(*long_ago))] == []
    assert (seen.id, seen.text, seen.source) == (accepted.id, "Fresh at 7", "listing")
    assert TO.endswith(seen.to or "-")
    assert (seen.status, seen.final) == (STATUS.DELIVERED, True)
    assert seen.reference == (carried if form == "Cellcast, Bearer" else None)


@pytest.mark.parametrize("form", FORMS[3:])
async def test_opt_outs_are_listed_where_the_service_lists_them(form: str) -> None:
    here = world(form)
    async with here.client:
        await here.client.send(attrs.evolve(message(form), reference=None))
        await here.pass_()
        here.sim.handset(TO).reply("STOP")
        rows = here.client.pages(here.service.opt_outs())
        [number] = [row.number async for row in rows]
    assert TO.endswith(number)


async def test_the_same_reply_is_one_sighting_in_a_callback_and_in_listings() -> None:
    for form in FORMS[1:4]:
        here = world(form)
        async with here.client:
            await here.client.send(attrs.evolve(message(form), reference="order-117"))
            await here.pass_()
            here.sim.handset(TO).reply("Yes")
            listing = (
                here.service.get_responses()
                if form == "Cellcast, v3"
                else here.service.get_user_sms_responses(include_original=True)
            )
            [row] = [row.sighting() async for row in here.client.pages(listing)]
            [polled] = [row async for row in here.client.inbox()]
            await here.pass_()
        told = [seen for event in here.events() if (seen := event.sighting())]
        [called] = [seen for seen in told if seen.source == "reply"]
        assert row.key == polled.key == called.key
        assert row.text == "Fresh at 7"


# -- what is lacking ------------------------------------------------------------------------------


def test_what_a_service_lacks_is_told_with_what_there_is_instead() -> None:
    skycore, transmit = mms.Skycore(api_key="k"), mms.TransmitSMS(api_key="k")
    v3 = mms.Cellcast(app_key="k")
    lacking: list[tuple[Callable[[], object], str]] = [
        (lambda: skycore.outbox(AT, AT), "postbacks"),
        (skycore.opt_outs, "postbacks"),
        (transmit.opt_outs, "callbacks"),
        (lambda: v3.outbox(AT, AT), "callbacks"),
    ]
    for make, instead in lacking:
        with pytest.raises(mms.UnsupportedError, match=instead):
            make()


@pytest.mark.parametrize("service", [mms.TransmitSMS(api_key="k"), mms.Cellcast(token="t")])  # noqa: S106 - of nobody
def test_a_period_is_of_aware_moments_in_order(service: Any) -> None:
    naive = AT.replace(tzinfo=None)
    ends = [(naive, AT), (AT, naive), (AT, AT - timedelta(1)), (None, AT), (AT, None), (7, AT)]
    for start, end in ends:
        with pytest.raises(mms.InvalidMessageError):
            service.outbox(start, end)
    assert service.outbox(AT, AT).page(1).repeatable


def test_a_period_of_days_holds_the_moments_in_every_zone() -> None:
    service = mms.Cellcast(token="t")  # noqa: S106 - of nobody
    midday, evening = datetime(2031, 2, 3, 12, tzinfo=UTC), datetime(2031, 2, 3, 20, tzinfo=UTC)
    early = service.outbox(midday, midday).page(1).request.url
    late = service.outbox(evening, evening).page(1).request.url
    assert "fromDate=2031-02-03&toDate=2031-02-03" in early
    assert "fromDate=2031-02-03&toDate=2031-02-04" in late
    listing = service.get_optout(datestart=evening, dateend=evening)
    assert "startDate=2031-02-03&endDate=2031-02-04" in listing.page(1).request.url


def test_silence_proves_nothing_for_days() -> None:
    assert mms.Skycore(api_key="k").settles_after == timedelta(days=3)
    assert mms.TransmitSMS(api_key="k").settles_after == timedelta(hours=97, minutes=6)
    for service in (mms.Cellcast(app_key="k"), mms.Cellcast(token="t")):  # noqa: S106 - of nobody
        assert service.settles_after == timedelta(days=3)
