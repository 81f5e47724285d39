"""Random bulk sends under random trouble: each message has exactly one fate.

Most storms are in simulated time; some go over each transport to the simulator, on real sockets.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

import clock
import pytest
from fakes import PlainService, ScriptedTransport, many, sms, trouble
from transports import EACH

import mmsclient as mms
from mmsclient.simulator import Fault, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transports import Make

    from mmsclient.bulk import Bulk

#: So many storms per test; each takes a few milliseconds.
STORMS = 100


class Watching:
    """A watch that takes its time."""

    def __init__(self, random: Random) -> None:
        self._random = random

    async def departing(self, messages: Sequence[mms.Message]) -> None:
        await asyncio.sleep(self._random.choice([0, 0, 0.01, 0.5]))

    async def returned(self, messages: Sequence[mms.Message], error: mms.CallError) -> None:
        await asyncio.sleep(self._random.choice([0, 0.01]))


async def consume(
    bulk: Bulk, taken: list[mms.Outcome], mode: str, random: Random, *, longest: float = 1.0
) -> None:
    stop = random.randrange(20)
    async with bulk as outcomes:
        async for outcome in outcomes:
            taken.append(outcome)
            if random.random() < 0.1:
                await asyncio.sleep(random.random() * longest)
            if mode == "break" and len(taken) > stop:
                break
            if mode == "raise" and len(taken) > stop:
                raise ZeroDivisionError


async def storm(random: Random) -> None:
    transport = ScriptedTransport(
        [trouble(random) for _ in range(200)], latency=random.choice([0, 0.01, 0.3])
    )
    limiter = mms.Limiter(
        random.choice([1, 15, 100, 1000]),
        policy=random.choice(["strict", "adaptive", "nominal"]),
    )
    client = mms.Client(
        PlainService(),
        limiter=limiter,
        transport=transport,
        connections=random.choice([1, 2, 8, 32]),
        timeout=mms.Timeout(total=random.choice([2, 20])),
    )
    source: Iterator[mms.Sms] = iter(many(60))
    bulk = client.send_many(
        source,
        max_in_flight=random.choice([1, 3, 16, 32]),
        watch=random.choice([None, Watching(random)]),
        stop_on=mms.RefusedError if random.random() < 0.25 else (),
    )
    taken: list[mms.Outcome] = []
    mode = random.choice(["all", "break", "cancel", "raise"])
    task = asyncio.create_task(consume(bulk, taken, mode, random))
    singles = [
        asyncio.create_task(client.send(sms(f"single-{n}"), timeout=random.choice([1, 30, 300])))
        for n in range(random.choice([0, 5]))
    ]
    if mode == "cancel":
        for pause in (random.random() * 5, random.choice([0, 0.01])):
            await asyncio.sleep(pause)
            task.cancel()
    await asyncio.gather(task, *singles, return_exceptions=True)
    fates = [o.message.to for o in (*taken, *bulk.late)] + [m.to for m in bulk.unsent]
    assert sorted(fates) == sorted(m.to for m in many(60)[: 60 - len(list(source))])
    assert limiter.stats.waiting == 0
    assert not [task for task in asyncio.all_tasks() if "mmsclient" in task.get_name()]
    accepted = [o.message.to for o in (*taken, *bulk.late) if isinstance(o, mms.Accepted)]
    assert set(accepted) <= set(transport.arrived)
    assert not {m.to for m in bulk.unsent} & set(accepted)


@pytest.mark.parametrize("first", range(0, 4 * STORMS, STORMS))
def test_every_message_read_has_exactly_one_fate_whatever_happens(first: int) -> None:
    for seed in range(first, first + STORMS):
        clock.run(storm(Random(seed)))


def faults() -> list[Fault]:
    """Everything that can go wrong with a connection or an answer."""
    shares = {"drop_before": 0.05, "close_before": 0.05, "drop_after": 0.05, "close_after": 0.05}
    shares |= {"cut": 0.05, "garbage": 0.05, "E618": 0.05, "E503": 0.05, "stall": 0.03}
    broken = [
        Fault(kind=kind, times=None, probability=share, taken=kind == "E503", seconds=0.5)
        for kind, share in shares.items()
    ]
    return [*broken, Fault(kind="429", times=None, probability=0.03, retry_after=0)]


async def storm_on_sockets(make: Make, mode: str, random: Random) -> list[mms.Outcome]:
    bounds = mms.Timeout(connect=2.0, read=0.3, total=10.0)
    taken: list[mms.Outcome] = []
    messages = [mms.Sms(to=m.to, sender="70707", text=m.text) for m in many(80)]
    source = iter(messages)
    async with (
        Simulator(rate=None, magic=False, faults=faults(), seed=random.randrange(1000)) as sim,
        mms.Client(
            sim.skycore(),
            limiter=mms.Limiter(2000, policy="nominal"),
            transport=make(timeout=bounds),
            timeout=bounds,
            retry=mms.RetryPolicy(first_wait=0.01, longest_wait=0.02),
        ) as client,
    ):
        bulk = client.send_many(source, max_in_flight=random.choice([3, 16]))
        task = asyncio.create_task(consume(bulk, taken, mode, random, longest=0.01))
        if mode == "cancel":
            await asyncio.sleep(random.random() * 0.2)
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        outcomes = [*taken, *bulk.late]
        fates = [o.message.to for o in outcomes] + [m.to for m in bulk.unsent]
        assert sorted(fates) == sorted(m.to for m in messages[: 80 - len(list(source))])
        for outcome in outcomes:
            received = len(sim.received(outcome.message.to))
            most = {mms.Accepted: {1}, mms.Refused: {0}, mms.Unknown: {0, 1}}[type(outcome)]
            assert received in most
        assert not any(sim.received(message.to) for message in bulk.unsent)
    return outcomes


@pytest.mark.parametrize("make", EACH)
@pytest.mark.parametrize("mode", ["all", "break", "cancel"])
async def test_nobody_is_texted_twice_over_any_transport(make: Make, mode: str) -> None:
    outcomes = await storm_on_sockets(make, mode, Random(20261121))
    if mode == "all":
        assert {type(outcome) for outcome in outcomes} >= {mms.Accepted, mms.Unknown}
