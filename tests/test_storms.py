"""Random bulk sends under random trouble, in simulated time: each message has exactly one fate."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any

import clock
import pytest
from fakes import PlainService, ScriptedTransport, answer, fail, hang, many, sms

import mmsclient as mms

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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


def trouble(random: Random) -> Any:
    lot = random.random()
    if lot < 0.6:
        return answer()
    if lot < 0.7:
        return answer(429, **random.choice([{}, {"retry_after": random.choice(["1", "5", "40"])}]))
    if lot < 0.8:
        return answer(random.choice([400, 500, 503]))
    if lot < 0.95:
        return fail(OSError("reset"), left=lot > 0.88)
    return hang(left=random.random() < 0.5)


async def consume(bulk: Bulk, taken: list[mms.Outcome], mode: str, random: Random) -> None:
    stop = random.randrange(20)
    async with bulk as outcomes:
        async for outcome in outcomes:
            taken.append(outcome)
            if random.random() < 0.1:
                await asyncio.sleep(random.random())
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
