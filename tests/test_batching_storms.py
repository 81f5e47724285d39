"""Random bulk sends with shared calls under random trouble: each message has exactly one fate."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any

import attrs
import clock
import pytest
from fakes import ScriptedTransport, many, sms, trouble
from sharing import SharingService, fates, numbers, own_tasks, refusing
from transports import EACH

import mmsclient as mms
from mmsclient.simulator import Account, Fault, Simulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from fakes import Step
    from transports import Make

    from mmsclient.bulk import Bulk

#: So many storms per test; each takes a few milliseconds.
STORMS = 100
#: Messages of one storm.
MESSAGES = 200


class Watching:
    """A watch that takes its time and keeps account: what departed and did not come back."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.gone: list[str] = []

    async def departing(self, messages: Sequence[mms.Message]) -> None:
        self.gone += [message.to for message in messages]
        await asyncio.sleep(self._random.choice([0, 0, 0.01, 0.5]))

    async def returned(self, messages: Sequence[mms.Message], error: mms.CallError) -> None:
        for message in messages:
            self.gone.remove(message.to)
        await asyncio.sleep(self._random.choice([0, 0.01]))


class Source:
    """Gives messages in one of several ways, and knows which it gave."""

    def __init__(self, messages: Sequence[Any], random: Random) -> None:
        self._messages = messages
        self._random = random
        self.given: list[Any] = []
        self._end = random.choice(["ends", "ends", "raises", "blocks"])

    def plain(self) -> Iterator[Any]:
        for message in self._messages:
            self.given.append(message)
            yield message
        if self._end == "raises":
            raise LookupError

    async def trickling(self) -> AsyncIterator[Any]:
        pause = self._random.choice([0, 0.001, 0.03, 0.2])
        for message in self._messages:
            if self._random.random() < 0.5:
                await asyncio.sleep(pause)
            self.given.append(message)
            yield message
        if self._end == "raises":
            raise LookupError
        if self._end == "blocks":
            await asyncio.Event().wait()


def shared_trouble(random: Random) -> Step:
    """Return what may become of a shared call; now and then a whole batch, a half, a part."""
    return refusing(str(random.randrange(10))) if random.random() < 0.1 else trouble(random)


def assorted(random: Random) -> list[Any]:
    """Return messages with a few texts, with numbers that come twice and some that are bad."""
    texts = "abc"[: random.choice([1, 1, 2, 3])]
    messages: list[Any] = [attrs.evolve(m, text=random.choice(texts)) for m in many(MESSAGES)]
    for _ in range(random.choice([0, 3, 30])):
        messages[random.randrange(MESSAGES)] = sms(f"1202555{random.randrange(50):04}")
    for _ in range(random.choice([0, 5])):
        messages[random.randrange(MESSAGES)] = sms("bad")
    return messages


async def consume(bulk: Bulk, taken: list[mms.Outcome], mode: str, random: Random) -> None:
    stop = random.randrange(150)
    slow = random.choice([0.0, 0.1])
    async with bulk as outcomes:
        async for outcome in outcomes:
            taken.append(outcome)
            if random.random() < slow:
                await asyncio.sleep(random.random())
            if mode == "break" and len(taken) > stop:
                break
            if mode == "raise" and len(taken) > stop:
                raise ZeroDivisionError


async def storm(random: Random) -> None:
    steps = [shared_trouble(random) for _ in range(random.choice([5, 200]))]
    transport = ScriptedTransport(steps, latency=random.choice([0, 0.01, 0.3]))
    limiter = mms.Limiter(
        random.choice([1, 15, 1000]), policy=random.choice(["strict", "adaptive", "nominal"])
    )
    client = mms.Client(
        SharingService(),
        limiter=limiter,
        transport=transport,
        connections=random.choice([1, 2, 8, 32]),
        timeout=mms.Timeout(total=random.choice([2, 20])),
    )
    source = Source(assorted(random), random)
    watch = random.choice([None, Watching(random)])
    rows: Any = random.choice([source.plain, source.trickling])()
    bulk = client.send_many(
        rows,
        max_in_flight=random.choice([None, 1, 7, 64]),
        batch=random.choice([None, 2, 10, 64]),
        watch=watch,
        stop_on=mms.RefusedError if random.random() < 0.2 else (),
    )
    taken: list[mms.Outcome] = []
    mode = random.choice(["all", "break", "cancel", "raise"])
    task = asyncio.create_task(consume(bulk, taken, mode, random))
    if mode == "cancel":
        for pause in (random.random() * 5, random.choice([0, 0.01])):
            await asyncio.sleep(pause)
            task.cancel()
    else:
        await asyncio.wait([task], timeout=3600)  # some inputs never end
        task.cancel()
    await asyncio.wait([task])
    judge(source, taken, bulk, transport, watch)
    assert limiter.stats.waiting == 0
    assert not own_tasks(asyncio.all_tasks())


def judge(
    source: Source,
    taken: list[mms.Outcome],
    bulk: Bulk,
    transport: ScriptedTransport,
    watch: Watching | None,
) -> None:
    """Insist on one fate for each message, and on no claim that the wire does not bear out."""
    assert sorted(map(id, fates(taken, bulk))) == sorted(map(id, source.given))
    outcomes = [*taken, *bulk.late]
    arrived = set(numbers(transport))
    assert {o.message.to for o in outcomes if isinstance(o, mms.Accepted)} <= arrived
    assert {o.message.to for o in outcomes if isinstance(o, mms.Unknown)} <= arrived
    if watch is not None:  # what departed and did not come back is what may have been sent
        known = [o.message.to for o in outcomes if not isinstance(o, mms.Refused)]
        assert sorted(watch.gone) == sorted(known)


@pytest.mark.parametrize("first", range(0, 4 * STORMS, STORMS))
def test_every_message_read_has_exactly_one_fate_whatever_happens(first: int) -> None:
    for seed in range(first, first + STORMS):
        clock.run(storm(Random(seed)))


# -- over sockets -----------------------------------------------------------------------------


def faults() -> list[Fault]:
    """Everything that can go wrong with a connection, an answer, or one number of a call."""
    shares = {"drop_before": 0.05, "close_before": 0.05, "drop_after": 0.05, "close_after": 0.05}
    shares |= {"cut": 0.05, "garbage": 0.05, "FIELD_INVALID": 0.08, "OVER_LIMIT": 0.03}
    shares |= {"stall": 0.03}
    broken = [
        Fault(kind=kind, times=None, probability=share, seconds=0.5)
        for kind, share in shares.items()
    ]
    return [*broken, Fault(kind="429", times=None, probability=0.03, retry_after=0)]


async def storm_on_sockets(
    make: Make, name: str, mode: str, random: Random
) -> tuple[list[mms.Outcome], Bulk]:
    bounds = mms.Timeout(connect=2.0, read=0.3, total=10.0)
    texts = ["The library is open again.", "The market is on Friday."]
    messages = [mms.Sms(to=m.to, text=random.choice(texts)) for m in many(600)]
    source = Source(messages, random)
    taken: list[mms.Outcome] = []
    account = Account(blacklist=[messages[7].to], tells_fails=random.random() < 0.5)
    terms: dict[str, Any] = {"magic": False, "faults": faults(), "accounts": [account]}
    async with (
        Simulator(rate=None, seed=random.randrange(1000), **terms) as sim,
        mms.Client(
            getattr(sim, name)(),
            limiter=mms.Limiter(2000, policy="nominal"),
            transport=make(timeout=bounds),
            timeout=bounds,
            retry=mms.RetryPolicy(first_wait=0.01, longest_wait=0.02),
        ) as client,
    ):
        bulk = client.send_many(source.plain(), batch=20, max_in_flight=100)
        task = asyncio.create_task(consume(bulk, taken, mode, random))
        if mode == "cancel":
            await asyncio.sleep(random.random() * 0.2)
            task.cancel()
        await asyncio.wait([task])
        outcomes = [*taken, *bulk.late]
        assert sorted(map(id, fates(taken, bulk))) == sorted(map(id, source.given))
        for outcome in outcomes:
            received = len(sim.received(outcome.message.to))
            most = {mms.Accepted: {1}, mms.Refused: {0}, mms.Unknown: {0, 1}}[type(outcome)]
            assert received in most
        assert not any(sim.received(message.to) for message in bulk.unsent)
    return outcomes, bulk


@pytest.mark.parametrize("make", EACH)
@pytest.mark.parametrize("name", ["cellcast", "transmitsms"])
@pytest.mark.parametrize("mode", ["all", "break", "cancel"])
async def test_nobody_is_texted_twice_by_a_service_that_takes_many_at_once(
    make: Make, name: str, mode: str
) -> None:
    outcomes, bulk = await storm_on_sockets(make, name, mode, Random(20261121))
    if mode == "all":
        assert {type(outcome) for outcome in outcomes} == {mms.Accepted, mms.Refused, mms.Unknown}
        assert not bulk.unsent
