"""Simulated time: minutes pass in seconds, in order, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import time

import pytest

import mmsclient as mms
from mmsclient.simulator import Simulator, in_simulated_time, simulated_time

SECONDS, RATE = 600, 5


def test_ten_minutes_of_a_campaign_take_a_few_seconds() -> None:
    async def campaign() -> tuple[float, int]:
        sim = Simulator(rate=RATE, latency=0.03, jitter=0.08, seed=81, magic=False)
        loop = asyncio.get_running_loop()
        limiter = mms.Limiter(RATE, policy="strict")
        messages = (
            mms.Sms(to=f"1202555{number % 10_000:04}", sender="70707", text="Fresh at 7")
            for number in range(1_000_000)
        )
        began = loop.time()
        async with (
            mms.Client(sim.skycore(), limiter=limiter, transport=sim.transport()) as client,
            client.send_many(messages) as outcomes,
        ):
            async for outcome in outcomes:
                assert isinstance(outcome, mms.Accepted)
                if loop.time() - began >= SECONDS:
                    break
        assert sim.refused_for_rate == 0
        assert sim.worst_second <= RATE
        return loop.time() - began, len(sim.deliveries)

    began = time.monotonic()
    passed, delivered = in_simulated_time(campaign())
    assert SECONDS <= passed < SECONDS + 2
    assert delivered >= 0.97 / (1 + 0.14) * RATE * SECONDS
    assert time.monotonic() - began < SECONDS / 10


def test_the_clock_jumps_to_each_timer_and_creeps_under_work_without_end() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(asyncio.sleep(3600), asyncio.sleep(60))
        assert 3600 < loop.time() - began < 3600.0001
        while loop.time() < began + 3600.0003:
            await asyncio.sleep(0)

    in_simulated_time(main())


def test_a_thread_is_heard_where_nothing_else_is_due() -> None:
    assert in_simulated_time(asyncio.to_thread(sum, (40, 2))) == 42


def test_a_result_and_an_error_come_back() -> None:
    async def answer() -> int:
        await asyncio.sleep(86_400)
        return 42

    async def fault() -> None:
        raise ZeroDivisionError

    assert in_simulated_time(answer()) == 42
    with pytest.raises(ZeroDivisionError):
        in_simulated_time(fault())


def test_waiting_for_what_never_comes_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated_time, "PATIENCE", 0.05)

    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="waits for ever"):
        in_simulated_time(main())
