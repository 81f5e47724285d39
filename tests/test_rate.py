"""The promise on the wall clock, over real sockets: nothing is refused for rate."""

from __future__ import annotations

import mmsclient as mms
from mmsclient.simulator import Simulator


def texts(count: int) -> list[mms.Sms]:
    return [mms.Sms(to=f"1202556{n:04}", sender="70707", text="Fresh at 7") for n in range(count)]


async def test_strict_is_never_refused_by_a_sliding_second_on_a_jittery_path_with_stragglers() -> (
    None
):
    sim = Simulator(rate=15, rule="sliding", jitter=0.08, tail=(0.02, 0.4), seed=20261120)
    limiter = mms.Limiter(15, policy="strict")
    async with (
        sim,
        mms.Client(sim.skycore(), limiter=limiter) as client,
        client.send_many(texts(120)) as outcomes,
    ):
        kinds = [type(outcome) async for outcome in outcomes]
    assert kinds == [mms.Accepted] * 120
    assert sim.refused_for_rate == 0
    assert sim.worst_second <= 15
    assert len({delivery.to for delivery in sim.deliveries}) == len(sim.deliveries) == 120


async def test_refused_calls_are_repeated_until_all_are_sent_once() -> None:
    """Another process uses the account: its calls are refused too, and nothing is lost."""
    sim = Simulator(rate=20, rule="sliding", seed=20261120)
    async with (
        sim,
        mms.Client(sim.skycore()) as ours,
        mms.Client(sim.skycore()) as theirs,
        ours.send_many(texts(40)) as outcomes,
    ):
        taken = [await anext(outcomes)]
        for message in texts(50)[40:]:
            await theirs.send(message)
        taken += [outcome async for outcome in outcomes]
    assert {type(outcome) for outcome in taken} == {mms.Accepted}
    assert ours.stats.throttled + theirs.stats.throttled == sim.refused_for_rate
    assert len({delivery.to for delivery in sim.deliveries}) == len(sim.deliveries) == 50
