"""Shared calls of the real services against the simulator: in simulated time and over sockets."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs
import clock
import pytest
from sharing import all_of
from transports import EACH

import mmsclient as mms
from mmsclient.simulator import Account, Asked, Fault, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from transports import Make

    Service = Callable[[Simulator], Any]

SERVICES: dict[str, Service] = {
    "cellcast": lambda sim: sim.cellcast(),
    "cellcast bearer": lambda sim: sim.cellcast(token=sim.accounts[0].key),
    "transmitsms": lambda sim: sim.transmitsms(),
    "transmitsms xml": lambda sim: sim.transmitsms(format="xml"),
}


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, Any]:
    return clock.BACKEND


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> Service:
    return SERVICES[request.param]


def texts(count: int, text: str = "The library is open again.") -> list[mms.Sms]:
    return [mms.Sms(to=to, text=text) for to in numbers(count)]


def numbers(count: int) -> Iterator[str]:
    return (f"1{202 + n // 10_000}555{n % 10_000:04}" for n in range(count))


def simulator(*faults: Fault, **terms: Any) -> Simulator:
    return Simulator(**{"rate": None, "magic": False, "latency": 0.1, "faults": faults, **terms})


async def sent(
    sim: Simulator,
    service: Service,
    messages: Iterable[mms.Message],
    *,
    limiter: mms.Limiter | None = None,
    **terms: Any,
) -> list[mms.Outcome]:
    """Send through the simulator without sockets, at a rate that does not bind."""
    limiter = limiter or mms.Limiter(1000, policy="nominal")
    async with mms.Client(service(sim), limiter=limiter, transport=sim.transport()) as client:
        return await all_of(client.send_many(messages, **terms))


def received(sim: Simulator) -> Counter[str]:
    return Counter(delivery.to for delivery in sim.deliveries)


def kinds(taken: Iterable[mms.Outcome]) -> Counter[type]:
    return Counter(type(outcome) for outcome in taken)


def of(taken: Iterable[mms.Outcome], kind: type) -> set[str]:
    return {outcome.message.to for outcome in taken if isinstance(outcome, kind)}


# -- who shares a call ------------------------------------------------------------------------


async def test_a_thousand_equal_texts_are_ten_calls_and_everybody_gets_one(
    service: Service,
) -> None:
    sim, messages = simulator(), texts(1000)
    taken = await sent(sim, service, messages)
    assert len(sim.calls) == 10
    assert len({call.action for call in sim.calls}) == 1
    assert {id(o.message) for o in taken} == set(map(id, messages))
    assert kinds(taken) == {mms.Accepted: 1000}
    assert received(sim) == Counter(numbers(1000))


async def test_an_id_and_a_number_tell_every_message_from_all_others(service: Service) -> None:
    sim = simulator()
    taken = await sent(sim, service, texts(300))
    told = {(o.id, o.to) for o in taken if isinstance(o, mms.Accepted)}
    assert len(told) == 300
    assert told == {(delivery.tracking_id, delivery.to) for delivery in sim.deliveries}


@pytest.mark.parametrize(
    ("name", "largest"), [("cellcast", 1000), ("transmitsms", 500), ("transmitsms xml", 500)]
)
async def test_the_largest_batch_is_the_services(name: str, largest: int) -> None:
    sim = simulator()
    taken = await sent(sim, SERVICES[name], texts(2000), batch=99_999)
    assert len(sim.calls) == 2000 // largest
    assert kinds(taken) == {mms.Accepted: 2000}


async def test_a_batch_of_one_is_a_call_for_each(service: Service) -> None:
    sim = simulator()
    taken = await sent(sim, service, texts(50), batch=1)
    assert len(sim.calls) == 50
    assert kinds(taken) == {mms.Accepted: 50}


async def test_different_texts_go_together_where_the_service_has_a_call_for_it() -> None:
    sim = simulator()
    messages = [attrs.evolve(m, text=f"Your number is {n}.") for n, m in enumerate(texts(300))]
    taken = await sent(sim, SERVICES["cellcast"], messages)
    assert [call.action for call in sim.calls] == ["bulk-send-sms"] * 3
    assert kinds(taken) == {mms.Accepted: 300}
    assert {d.to: d.texts for d in sim.deliveries} == {m.to: (m.text,) for m in messages}
    sim = simulator()
    await sent(sim, SERVICES["transmitsms"], messages[:20])
    assert [call.action for call in sim.calls] == ["send-sms"] * 20


async def test_references_that_differ_go_where_each_has_its_own() -> None:
    sim = simulator()
    messages = [attrs.evolve(m, reference=f"row-{n}") for n, m in enumerate(texts(200))]
    taken = await sent(sim, SERVICES["cellcast"], messages)
    assert [call.action for call in sim.calls] == ["bulk-send-sms"] * 2
    assert {d.to: d.reference for d in sim.deliveries} == {m.to: m.reference for m in messages}
    assert {o.reference for o in taken if isinstance(o, mms.Accepted)} == {
        m.reference for m in messages
    }


async def test_one_reference_for_all_is_no_obstacle() -> None:
    sim = simulator()
    messages = [attrs.evolve(m, reference="spring") for m in texts(200)]
    await sent(sim, SERVICES["cellcast"], messages)
    assert [call.action for call in sim.calls] == ["send-sms"] * 2
    assert {delivery.reference for delivery in sim.deliveries} == {"spring"}


async def test_references_that_stay_here_do_not_keep_messages_apart() -> None:
    sim = simulator()
    messages = [attrs.evolve(m, reference=f"row-{n}") for n, m in enumerate(texts(200))]
    taken = await sent(sim, SERVICES["transmitsms"], messages)
    assert len(sim.calls) == 2
    assert {(o.to, o.reference) for o in taken if isinstance(o, mms.Accepted)} == {
        (m.to, m.reference) for m in messages
    }


async def test_equal_mms_share_calls_too() -> None:
    slide = mms.Slide(image="https://media.example.net/07.png", text="Rye & spelt")
    messages = [mms.Mms(to=to, slides=[slide], subject="Fresh at 7") for to in numbers(150)]
    sim = simulator()
    taken = await sent(sim, SERVICES["cellcast"], messages)
    assert [call.action for call in sim.calls] == ["send-mms"] * 2
    assert kinds(taken) == {mms.Accepted: 150}
    assert received(sim) == Counter(numbers(150))


async def test_what_the_service_does_not_take_is_refused_among_the_others(
    service: Service,
) -> None:
    odd: list[Any] = [mms.SavedMms(template="1", to="12025550143"), mms.Sms(to="0", text=""), None]
    sim = simulator()
    taken = await sent(sim, service, [*texts(60)[:30], *odd, *texts(60)[30:]])
    assert [o.message for o in taken if isinstance(o, mms.Refused)] == odd
    assert len(sim.calls) == 1
    assert received(sim) == Counter(numbers(60))


# -- one among a hundred ----------------------------------------------------------------------

BAD = "12025550037"


def names_bad(asked: Asked) -> bool:
    return BAD in (asked.to, *asked.numbers)


async def test_a_number_that_an_answer_leaves_out_or_names_is_refused_alone() -> None:
    for name in ("cellcast", "cellcast bearer", "transmitsms", "transmitsms xml"):
        account = Account(tells_fails=True)
        sim = simulator(Fault(kind="E110", to=BAD, times=None), accounts=[account])
        taken = await sent(sim, SERVICES[name], texts(100))
        assert len(sim.calls) == 1, name
        assert of(taken, mms.Refused) == {BAD}, name
        assert kinds(taken)[mms.Accepted] == 99, name
        assert set(received(sim).values()) == {1}, name


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("cellcast", None),
        ("cellcast", 200),
        ("cellcast bearer", 200),  # has no codes: under a status of its own it blames the account
        ("transmitsms", None),
        ("transmitsms xml", None),
    ],
)
async def test_a_call_refused_for_one_number_does_not_refuse_the_others(
    name: str, status: int | None
) -> None:
    sim = simulator(Fault(kind="FIELD_INVALID", when=names_bad, times=None, http=status))
    taken = await sent(sim, SERVICES[name], texts(100))
    assert of(taken, mms.Refused) == {BAD}
    assert kinds(taken) == {mms.Accepted: 99, mms.Refused: 1}
    assert len(sim.calls) <= 15
    assert received(sim) == Counter(set(numbers(100)) - {BAD})


@pytest.mark.parametrize("name", ["transmitsms", "transmitsms xml"])
async def test_a_count_that_is_short_makes_the_batch_unknown_and_no_other(name: str) -> None:
    account = Account(blacklist=[BAD], tells_fails=False)
    sim = simulator(accounts=[account])
    taken = await sent(sim, SERVICES[name], texts(300))
    assert of(taken, mms.Unknown) == set(numbers(100))
    assert kinds(taken) == {mms.Unknown: 100, mms.Accepted: 200}
    assert len(sim.calls) == 3
    assert received(sim) == Counter(set(numbers(300)) - {BAD})


async def test_one_envelope_that_says_no_is_one_refusal() -> None:
    sim = simulator(Fault(kind="E110", to=BAD, times=None))
    messages = [attrs.evolve(m, text=f"Your number is {n}.") for n, m in enumerate(texts(100))]
    taken = await sent(sim, SERVICES["cellcast"], messages)
    assert [call.action for call in sim.calls] == ["bulk-send-sms"]
    assert of(taken, mms.Refused) == {BAD}
    assert kinds(taken)[mms.Accepted] == 99


# -- lost answers -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["drop_after", "cut", "garbage", "stall"])
async def test_a_lost_answer_makes_its_batch_unknown_and_nobody_is_texted_twice(
    service: Service, kind: str
) -> None:
    sim = simulator(Fault(kind=kind, nth=3, seconds=999))
    taken = await sent(sim, service, texts(1000), max_in_flight=100)
    assert of(taken, mms.Unknown) == set(list(numbers(1000))[200:300])
    assert kinds(taken) == {mms.Unknown: 100, mms.Accepted: 900}
    assert len(sim.calls) == 10
    assert received(sim) == Counter(numbers(1000))


async def test_a_batch_that_is_throttled_goes_again_whole(service: Service) -> None:
    sim = simulator(Fault(kind="OVER_LIMIT", times=2))
    taken = await sent(sim, service, texts(300), max_in_flight=100)
    assert kinds(taken) == {mms.Accepted: 300}
    assert len(sim.calls) == 5
    assert received(sim) == Counter(numbers(300))


async def test_no_credit_refuses_whole_batches_without_trying_parts(service: Service) -> None:
    sim = simulator(accounts=[Account(credit=250)])
    taken = await sent(sim, service, texts(500), max_in_flight=100)
    assert kinds(taken) == {mms.Accepted: 200, mms.Refused: 300}
    assert len(sim.calls) == 5


# -- at the service's rate --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cellcast", "transmitsms"])
async def test_a_hundred_thousand_take_their_number_by_batch_and_rate(name: str) -> None:
    count, batch, rate = (100_000, 1000, 15) if name == "cellcast" else (20_000, 500, 15)
    sim = simulator(rate=rate, latency=0.02)
    limiter = mms.Limiter(rate, policy="strict")
    accepted = 0
    client = mms.Client(SERVICES[name](sim), limiter=limiter, transport=sim.transport())
    began = asyncio.get_running_loop().time()
    rows = (mms.Sms(to=to, text="The library is open again.") for to in numbers(count))
    async with client, client.send_many(rows, batch=batch) as outcomes:
        async for outcome in outcomes:
            accepted += isinstance(outcome, mms.Accepted)
    took = asyncio.get_running_loop().time() - began
    assert accepted == count
    assert len(sim.calls) == count / batch
    assert sim.refused_for_rate == 0
    assert took < 1.25 * count / batch / rate


# -- over sockets -----------------------------------------------------------------------------


async def over_sockets(
    make: Make, service: Service, messages: Sequence[mms.Sms], *faults: Fault
) -> tuple[list[mms.Outcome], Counter[str], int]:
    bounds = mms.Timeout(connect=5.0, read=2.0, total=20.0)
    async with (
        simulator(*faults, latency=0.0) as sim,
        mms.Client(
            service(sim),
            limiter=mms.Limiter(1000, policy="nominal"),
            transport=make(timeout=bounds),
            timeout=bounds,
        ) as client,
    ):
        taken = await all_of(client.send_many(messages, max_in_flight=200))
        return taken, received(sim), len(sim.calls)


@pytest.mark.parametrize("make", EACH)
@pytest.mark.parametrize("name", ["cellcast", "transmitsms"])
def test_over_sockets_batches_are_mapped_back_the_same(make: Make, name: str) -> None:
    lost = Fault(kind="drop_after", nth=4)
    bad = Fault(kind="FIELD_INVALID", when=names_bad, times=None)
    taken, arrived, calls = asyncio.run(over_sockets(make, SERVICES[name], texts(1000), bad, lost))
    assert sorted(o.message.to for o in taken) == list(numbers(1000))
    assert of(taken, mms.Refused) == {BAD}
    unknown = of(taken, mms.Unknown)
    assert kinds(taken) == {
        mms.Refused: 1,
        mms.Unknown: len(unknown),
        mms.Accepted: 999 - len(unknown),
    }
    assert 1 <= len(unknown) <= 100  # one batch, or a part of the one that was divided
    assert set(arrived) == set(numbers(1000)) - {BAD}
    assert set(arrived.values()) == {1}
    assert calls <= 10 + 14


@pytest.mark.parametrize("make", EACH)
def test_over_sockets_different_texts_are_mapped_back_in_order(make: Make) -> None:
    messages = [attrs.evolve(m, text=f"Your number is {n}.") for n, m in enumerate(texts(300))]
    taken, arrived, calls = asyncio.run(over_sockets(make, SERVICES["cellcast"], messages))
    assert calls == 3
    assert {(o.to, o.message.to) for o in taken if isinstance(o, mms.Accepted)} == {
        (m.to, m.to) for m in messages
    }
    assert arrived == Counter(numbers(300))
