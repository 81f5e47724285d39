"""One user program for all services: only the service value changes."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from receivers import receiving
from three_services import FORMS

import mmsclient as mms
from mmsclient.simulator import Account, Campaign, CellcastTerms, Simulator

if TYPE_CHECKING:
    from three_services import Make

SENDER = "70707"
NUMBERS = [f"120255501{n:02}" for n in range(40)]
#: One of the simulator's numbers that the service itself refuses.
REFUSED = "12025550190"


@attrs.define
class Seen:
    """What the program saw, in the library's words alone."""

    first: mms.Accepted
    outcomes: dict[str, mms.Outcome] = attrs.field(factory=dict)
    inbox: list[mms.InboundMessage] | None = None
    read: bool | None = None
    """Whether marking the inbox read emptied it; None where it has no marks."""
    rows: list[Any] = attrs.field(factory=list)
    faults: list[str] = attrs.field(factory=list)
    raised: str = ""


def campaign() -> list[mms.Sms]:
    """Messages with texts of their own, a broken one and one to a number that is refused."""
    every = [
        mms.Sms(to=to, sender=SENDER, text=f"Fresh at {n % 3 + 7}", reference=f"row-{n}")
        for n, to in enumerate(NUMBERS)
    ]
    broken = mms.Sms(to="202-555", sender=SENDER, text="Fresh", reference="broken")
    refused = mms.Sms(to=REFUSED, sender=SENDER, text="Fresh", reference="refused")
    return [*every, broken, refused]


async def program(client: mms.Client[Any], listing: mms.PagedCall[Any], answer: Any) -> Seen:
    """Do what users do. There is no word of any service in it.

    *listing* is any one of the service's own, *answer* lets people reply.
    """
    order = mms.Sms(to="+1 (202) 555-0143", sender=SENDER, text="Fresh at 7", reference="order-117")
    seen = Seen(await client.send(order))
    async with client.send_many(campaign()) as outcomes:
        async for outcome in outcomes:
            assert outcome.message.reference
            seen.outcomes[outcome.message.reference] = outcome
    await answer()
    try:
        seen.inbox = [message async for message in client.inbox()]
    except mms.UnsupportedError:
        seen.inbox = None
    try:
        await client.call(client.service.mark_read([row.id for row in seen.inbox or ()]))
        seen.read = [row async for row in client.inbox()] == []
    except mms.UnsupportedError:
        seen.read = None
    seen.rows = [row async for row in client.pages(listing)]
    bad = mms.Sms(to="00 202", sender=SENDER, text="")
    seen.faults = sorted({fault.field for fault in client.service.check(bad).faults})
    try:
        await client.send(bad)
    except mms.InvalidMessageError as error:
        seen.raised = type(error).__name__
    return seen


#: A listing of each service's own, and how many rows it has in the end.
LISTINGS: dict[str, tuple[Any, int]] = {
    "Skycore": (lambda service: service.get_messaging_campaigns(), 2),
    "TransmitSMS, JSON": (lambda service: service.get_contact_sms_stats(mobile="12025550143"), 1),
    "TransmitSMS, XML": (lambda service: service.get_contact_sms_stats(mobile="12025550143"), 1),
    "Cellcast, v3": (lambda service: service.get_template(), 17),
    "Cellcast, Bearer": (lambda service: service.report_message(), 41),
}


def is_polled(form: str) -> bool:
    return form != "Skycore"


def simulator(**terms: Any) -> Simulator:
    templates = {f"Title {n}": "Hello" for n in range(17)}
    account = Account(
        cellcast=CellcastTerms(templates=templates),
        campaigns=[Campaign(ref="spring"), Campaign(ref="autumn")],
        tells_fails=True,
    )
    return Simulator(rate=1000, accounts=[account], **terms)


async def run(form: str, sim: Simulator, transport: mms.Transport | None) -> Seen:
    make: Make = FORMS[form]
    listing, _ = LISTINGS[form]

    async def answer() -> None:
        for to in NUMBERS[:3]:
            sim.handset(to).reply(f"Yes from {to[-2:]}")

    async with mms.Client(make(sim), transport=transport) as client:
        return await program(client, listing(client.service), answer)


def judge(form: str, sim: Simulator, seen: Seen) -> None:
    """Say what every service must have done for the program."""
    ids = {delivery.to: delivery.tracking_id for delivery in sim.deliveries}
    assert len(sim.deliveries) == len(NUMBERS) + 1
    assert sorted(ids) == sorted([*NUMBERS, "12025550143"])
    assert (seen.first.to, seen.first.reference) == ("12025550143", "order-117")
    assert seen.first.id == ids["12025550143"]
    accepted = {
        outcome.to: outcome.id
        for outcome in seen.outcomes.values()
        if isinstance(outcome, mms.Accepted)
    }
    assert accepted == {to: ids[to] for to in NUMBERS}
    for n, to in enumerate(NUMBERS):
        assert seen.outcomes[f"row-{n}"].message.to == to
    judge_refused(seen)
    judge_reading(form, seen)


def judge_refused(seen: Seen) -> None:
    broken, refused = seen.outcomes["broken"], seen.outcomes["refused"]
    assert isinstance(broken, mms.Refused)
    assert isinstance(broken.error, mms.InvalidMessageError)
    assert isinstance(refused, mms.Refused)
    assert isinstance(refused.error, mms.RefusedError)
    assert (seen.faults, seen.raised) == (["text", "to"], "InvalidMessageError")


def judge_reading(form: str, seen: Seen) -> None:
    _, count = LISTINGS[form]
    assert len(seen.rows) == count
    assert (seen.inbox is not None) == is_polled(form)
    if seen.inbox is None:
        return
    told = [(row.text, row.channel) for row in seen.inbox]
    assert told == [(f"Yes from {to[-2:]}", "sms") for to in reversed(NUMBERS[:3])]
    assert len({row.key for row in seen.inbox}) == 3
    ids = {outcome.id for outcome in seen.outcomes.values() if isinstance(outcome, mms.Accepted)}
    if form != "Cellcast, Bearer":  # which names neither the message answered nor its own
        assert {row.answers for row in seen.inbox} <= ids
    assert seen.read is (True if form == "Cellcast, v3" else None)


@pytest.mark.parametrize("form", FORMS)
async def test_one_program_runs_on_every_service_over_sockets(form: str) -> None:
    async with simulator() as sim:
        judge(form, sim, await run(form, sim, None))


@pytest.mark.parametrize("form", FORMS)
async def test_one_program_runs_on_every_service_in_process(form: str) -> None:
    sim = simulator()
    judge(form, sim, await run(form, sim, sim.transport()))


def test_the_program_names_no_service() -> None:
    source = (inspect.getsource(program) + inspect.getsource(campaign)).lower()
    assert not any(name in source for name in ("skycore", "transmit", "cellcast"))


async def receive(service: Any, raws: list[mms.RawPostback]) -> dict[str, list[mms.Event]]:
    """Do what a receiver of postbacks does: read each, keep each event once."""
    events: dict[str, mms.Event] = {}
    for raw in raws:
        for event in service.read_postback(raw):
            events.setdefault(event.key, event)
    kinds: dict[str, list[mms.Event]] = {}
    for event in events.values():
        kinds.setdefault(type(event).__name__, []).append(event)
    return kinds


@pytest.mark.parametrize("form", FORMS)
async def test_one_receiver_hears_of_every_message_by_its_id_and_of_every_reply(form: str) -> None:
    async with receiving() as receiver, simulator(postback_url=receiver.url) as sim:
        service = FORMS[form](sim)
        accepted: dict[str, str] = {}
        async with mms.Client(service) as client, client.send_many(campaign()) as outcomes:
            async for outcome in outcomes:
                if isinstance(outcome, mms.Accepted):
                    accepted[outcome.to] = outcome.id
        reply = sim.handset(NUMBERS[0]).reply("Yes please & thanks")
        await sim.settled()
        told: dict[str, list[Any]] = await receive(service, receiver.raws)
    final = {
        report.to.removeprefix("+"): report for report in told["DeliveryReport"] if report.final
    }
    assert {to: report.id for to, report in final.items()} == accepted
    assert {report.status for report in final.values()} == {mms.DeliveryStatus.DELIVERED}
    [heard] = told["InboundMessage"]
    assert (heard.id, heard.text) == (reply, "Yes please & thanks")
    assert heard.sender.removeprefix("+") == NUMBERS[0]
    assert set(told) == {"DeliveryReport", "InboundMessage"}
