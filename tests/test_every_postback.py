"""Everything that the simulator posts, in any wire, is read: the two were written apart."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from happenings import HAPPENINGS, World

import mmsclient as mms
from mmsclient.simulator import Fault

if TYPE_CHECKING:
    from happenings import Happening, Told

CASES = [
    pytest.param(form, happening, id=f"{form}-{name}")
    for form, happenings in HAPPENINGS.items()
    for name, happening in happenings.items()
]
#: How often a postback that is not taken is posted in all.
ATTEMPTS = {"skycore": 6, "transmitsms": 5, "cellcast": 1}

each = pytest.mark.parametrize(("form", "happening"), CASES)


async def lived(happening: Happening, world: World) -> list[Told]:
    """Let it happen; return what must be told of it, once all is posted."""
    async with world.client:
        # A bearer of a token has called once before anything can be told in that API's shapes.
        if world.form == "Cellcast, Bearer":
            await world.call(world.service.account())
        expected = await happening(world)
        await world.pass_()
    return expected


def missing(expected: list[Told], events: list[mms.Event]) -> list[Told]:
    return [told for told in expected if not any(map(told.is_told_by, events))]


@each
async def test_what_is_posted_is_read_as_what_happened(form: str, happening: Happening) -> None:
    world = World(form)
    expected = await lived(happening, world)
    events = world.events()
    assert len(events) == len(expected)
    for told, event in zip(expected, events, strict=True):
        assert told.is_told_by(event), (told, event, event.raw)
    assert len({event.key for event in events}) == len(events)
    assert {event.service for event in events} == {world.name}


@each
async def test_what_is_posted_twice_is_known_by_its_key(form: str, happening: Happening) -> None:
    world = World(form, Fault(kind="post_twice", times=None))
    expected = await lived(happening, world)
    events = world.events()
    assert len(events) == 2 * len(expected)
    once = list({event.key: event for event in events}.values())
    assert len(once) == len(expected)
    assert missing(expected, once) == []


@each
async def test_what_is_posted_late_or_after_the_next_loses_nothing(
    form: str, happening: Happening
) -> None:
    for trouble in (Fault(kind="post_late", times=None), Fault(kind="post_swapped", times=None)):
        world = World(form, trouble)
        expected = await lived(happening, world)
        await world.pass_()
        events = world.events()
        assert len(events) == len(expected)
        assert missing(expected, events) == []
        assert len({event.key for event in events}) == len(events)


@each
async def test_what_was_not_taken_and_comes_again_is_known_by_its_key(
    form: str, happening: Happening
) -> None:
    world = World(form, status=500)
    expected = await lived(happening, world)
    first = {event.key for event in world.events()}
    for _ in range(5):
        await world.pass_(90_000.0)
    posted = world.sim.postbacks
    assert max(row.attempt for row in posted) == (
        1 if world.name == "cellcast" else 5 + (world.name == "skycore")
    )
    once = {event.key: event for event in world.events()}
    assert set(once) == first
    assert missing(expected, list(once.values())) == []


async def test_everything_that_a_service_can_post_has_happened() -> None:
    kinds: dict[str, set[str]] = {}
    words: dict[str, set[str]] = {}
    for form, happenings in HAPPENINGS.items():
        for happening in happenings.values():
            world = World(form)
            await lived(happening, world)
            kinds.setdefault(world.name, set()).update(row.kind for row in world.sim.postbacks)
            reports = [event for event in world.events() if isinstance(event, mms.DeliveryReport)]
            words.setdefault(form, set()).update(report.status.value for report in reports)
    assert kinds == {
        "skycore": {"delivery", "inbound", "opt_in", "opt_out", "template", "encoded"},
        "transmitsms": {"delivery", "inbound", "link_hit", "list"},
        "cellcast": {"delivery", "inbound"},
    }
    assert words["Skycore"] == {"sent", "delivered", "failed", "expired"}
    assert words["TransmitSMS, JSON"] == {"delivered", "failed"}
    assert words["Cellcast, v3"] == words["Cellcast, Bearer"] == {"delivered", "failed", "expired"}


async def test_a_forged_callback_is_told_from_a_signed_one() -> None:
    for form in ("TransmitSMS, JSON", "TransmitSMS, XML"):
        world = World(form)
        await lived(HAPPENINGS[form]["somebody_answers"], world)
        service = attrs.evolve(world.service, check_signature=True)
        assert len(world.raws) == 2
        for raw in world.raws:
            assert service.verify_signature(raw)
            assert len(service.read_postback(raw)) == 1
            forged = attrs.evolve(raw, query=raw.query.replace("1202555", "1202556"))
            assert not service.verify_signature(forged)


async def test_a_client_that_leaves_just_as_something_is_to_be_posted_can_leave() -> None:
    world = World("Skycore")
    agenda = world.sim._vendor.agenda
    async with asyncio.timeout(5):
        for turns in range(8):
            client = mms.Client[Any](world.service, rate=1000, transport=world.sim.transport())
            await client.send(mms.Sms(to="12025550143", sender="70707", text="Fresh at 7"))
            await world.sim.settled()
            agenda.at(world.now, lambda _: None)  # rings the postman's bell
            for _ in range(turns):
                await asyncio.sleep(0)
            await client.aclose()
