"""Permits: who gets them, and that none is lost."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import clock
import pytest

from mmsclient.engine.permits import Permits

if TYPE_CHECKING:
    from mmsclient.engine.lanes import Lane


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, Any]:
    return clock.BACKEND


class LateError(Exception):
    pass


async def took(permits: Permits, lane: Lane, **terms: Any) -> None:
    await permits.take(lane, late=LateError, **terms)


async def test_one_in_eight_is_kept_for_single_sends_also_while_bulk_waits() -> None:
    permits = Permits(16)
    for _ in range(14):
        await took(permits, "bulk")
    waiting = [asyncio.create_task(took(permits, "bulk")) for _ in range(3)]
    await asyncio.sleep(0)
    assert permits.waiting("bulk") == 3
    async with asyncio.timeout(1):
        await took(permits, "interactive")
        await took(permits, "interactive")
    permits.give_back("interactive")
    await asyncio.sleep(0.1)
    assert permits.waiting("bulk") == 3
    permits.give_back("bulk")
    await asyncio.sleep(0.1)
    assert permits.waiting("bulk") == 2
    for task in waiting:
        task.cancel()


async def test_a_wait_ends_with_its_time_and_takes_nothing_along() -> None:
    permits = Permits(1)
    await took(permits, "interactive")
    with pytest.raises(LateError):
        await took(permits, "interactive", deadline=asyncio.get_running_loop().time() + 1)
    permits.give_back("interactive")
    async with asyncio.timeout(1):
        await took(permits, "interactive")


@pytest.mark.parametrize("seed", range(20))
async def test_whatever_is_cancelled_no_permit_is_lost_and_none_made(seed: int) -> None:
    choose = random.Random(seed)
    total = choose.choice([1, 2, 3, 8, 9])
    permits, held, most = Permits(total), 0, 0

    async def one(lane: Lane) -> None:
        nonlocal held, most
        bound = choose.choice([None, 0.05, 0.5])
        deadline = None if bound is None else asyncio.get_running_loop().time() + bound
        await took(permits, lane, head=choose.random() < 0.2, deadline=deadline)
        held += 1
        most = max(most, held)
        try:
            await asyncio.sleep(choose.random() * 0.2)
        finally:
            held -= 1
            permits.give_back(lane)

    tasks = []
    for _ in range(60):
        lane: Lane = "bulk" if choose.random() < 0.7 else "interactive"
        tasks.append(asyncio.create_task(one(lane)))
        await asyncio.sleep(choose.random() * 0.05)
        if choose.random() < 0.4:
            choose.choice(tasks).cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert most <= total
    async with asyncio.timeout(1):
        for _ in range(total):
            await took(permits, "interactive")
