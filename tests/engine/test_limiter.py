"""The limiter in simulated time: spacing, window, pause, lanes, deadlines, cancellation."""

from __future__ import annotations

import asyncio
import bisect
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import clock
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmsclient.engine.limiter import Limiter
from mmsclient.errors import ConnectionFailedError, ThrottledError
from mmsclient.wire import Rate

if TYPE_CHECKING:
    from mmsclient.engine.grants import Grant
    from mmsclient.engine.lanes import Lane


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, Any]:
    return clock.BACKEND


#: A call may be this much early, so that what a timer is late is not lost.
EARLY = 0.00501


def now() -> float:
    return asyncio.get_running_loop().time()


def most_in(times: list[float], window: float) -> int:
    """Most of *times* in any window, its start excluded."""
    times = sorted(times)
    return max(
        (i + 1 - bisect.bisect_right(times, t - window) for i, t in enumerate(times)), default=0
    )


async def leave(limiter: Limiter, lane: Lane = "bulk", *, answer_after: float = 0.0) -> float:
    """Make one call that is answered; return when it left."""
    grant = await limiter.acquire(lane)
    grant.left_at = at = now()
    await asyncio.sleep(answer_after)
    limiter.release(grant)
    limiter.clean(grant)
    return at


async def saturate(limiter: Limiter, calls: int, *, answer_after: float = 0.0) -> list[float]:
    return sorted(
        await asyncio.gather(*(leave(limiter, answer_after=answer_after) for _ in range(calls)))
    )


async def test_no_window_holds_more_than_permitted_from_the_first_second_on() -> None:
    times = await saturate(Limiter(15, policy="strict"), 150, answer_after=0.05)
    assert most_in(times, 1.0) == 15
    assert most_in(times[:20], 1.0) == 15


async def test_strict_keeps_97_percent_of_what_the_round_trip_leaves() -> None:
    times = await saturate(Limiter(15, policy="strict"), 300, answer_after=0.1)
    achieved = (len(times) - 1) / (times[-1] - times[0])
    assert achieved >= 0.97 / 1.1 * 15


async def test_nominal_only_spaces_and_reaches_the_rate() -> None:
    times = await saturate(Limiter(15, policy="nominal"), 150, answer_after=3.0)
    assert (len(times) - 1) / (times[-1] - times[0]) == pytest.approx(15, rel=0.01)
    gaps = [b - a for a, b in pairwise(times)]
    assert min(gaps) >= 1 / 15 - EARLY


async def test_calls_are_spaced_and_do_not_leave_in_a_burst() -> None:
    times = await saturate(Limiter(15, policy="strict"), 15)
    gaps = [b - a for a, b in pairwise(times)]
    assert min(gaps) >= 1 / 15 - EARLY


async def test_a_burst_may_be_asked_for_and_the_window_still_holds() -> None:
    times = await saturate(Limiter(Rate(15, burst=15), policy="strict"), 60, answer_after=0.01)
    assert times[14] - times[0] < 0.01
    assert most_in(times, 1.0) == 15


async def test_half_a_call_per_second_means_one_every_two_seconds() -> None:
    times = await saturate(Limiter(0.5, policy="strict"), 4)
    assert most_in(times, 2.0) == 1


@pytest.mark.parametrize("rate", [100, 1000, 5000])
async def test_high_rates_are_reached(rate: int) -> None:
    limiter = Limiter(rate, policy="nominal")
    times = await saturate(limiter, rate)
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.97 * rate


async def test_a_call_without_an_answer_holds_its_token_until_its_connection_is_gone() -> None:
    limiter = Limiter(2, policy="strict")
    hung = [asyncio.create_task(leave(limiter, answer_after=30.0)) for _ in range(2)]
    began = now()
    await asyncio.sleep(1.0)
    assert await leave(limiter) - began >= 31.0
    await asyncio.gather(*hung)


async def test_what_was_never_written_gives_token_and_place_back_at_once() -> None:
    limiter = Limiter(Rate(1, per=10.0), policy="strict")
    began = now()
    for _ in range(5):
        limiter.release(await limiter.acquire("bulk"))
    assert now() - began < 0.01
    await leave(limiter)
    assert now() - began < 0.01


async def test_places_given_back_long_ago_make_no_burst() -> None:
    limiter = Limiter(Rate(10), policy="nominal")
    limiter.release(await limiter.acquire("bulk"))
    await asyncio.sleep(5.0)
    times = await saturate(limiter, 5)
    assert times[1] - times[0] >= 0.1 - EARLY


async def test_a_refusal_pauses_everybody() -> None:
    limiter = Limiter(15, policy="nominal")
    grant = await limiter.acquire("bulk")
    grant.left_at = refused_at = now()
    waiting = [asyncio.create_task(leave(limiter, lane)) for lane in ("bulk", "interactive")]
    await asyncio.sleep(0)
    limiter.release(grant)
    limiter.throttled(grant, retry_after=4.0)
    assert limiter.stats.paused_for == pytest.approx(4.0, rel=0.06)
    assert min(await asyncio.gather(*waiting)) >= refused_at + 4.0
    assert (limiter.stats.throttled, limiter.stats.pauses) == (1, 1)


async def test_after_a_pause_calls_do_not_leave_together() -> None:
    limiter = Limiter(10, policy="nominal")
    grant = await limiter.acquire("bulk")
    grant.left_at = now()
    waiting = [asyncio.create_task(leave(limiter)) for _ in range(5)]
    await asyncio.sleep(0.05)  # one of them waits inside the bucket when the pause comes
    limiter.throttled(grant)
    limiter.release(grant)
    times = sorted(await asyncio.gather(*waiting))
    assert min(b - a for a, b in pairwise(times)) >= 0.1 - EARLY


async def test_refusals_of_calls_under_way_count_once() -> None:
    limiter = Limiter(100, policy="nominal")
    grants = [await limiter.acquire("bulk") for _ in range(10)]
    for grant in grants:
        grant.left_at = now()
    for grant in grants:
        limiter.release(grant)
        limiter.throttled(grant)
    assert (limiter.stats.throttled, limiter.stats.pauses) == (10, 1)


async def refuse_once(limiter: Limiter) -> float:
    """Make one call that is refused; return how long the pause is."""
    grant = await limiter.acquire("bulk")
    grant.left_at = now()
    limiter.release(grant)
    limiter.throttled(grant)
    return limiter.stats.paused_for


async def test_pauses_grow_up_to_seconds_while_refusals_go_on() -> None:
    limiter = Limiter(15, policy="strict")
    pauses = [await refuse_once(limiter) for _ in range(12)]
    assert 0.2 <= pauses[0] <= 0.25
    assert pauses[2] > pauses[0] * 2
    assert 8.0 <= max(pauses) <= 10.0


async def test_stray_refusals_at_a_high_rate_do_not_stretch_the_pauses() -> None:
    limiter = Limiter(1000, policy="nominal")
    for _ in range(20):
        await saturate(limiter, 20)
        assert await refuse_once(limiter) < 0.1


async def test_refusals_lower_the_rate_and_clean_running_raises_it_to_the_ceiling() -> None:
    limiter = Limiter(15, policy="strict")
    for _ in range(3):
        await refuse_once(limiter)
    lowered = limiter.stats.rate
    assert lowered < 15 * 0.7
    times = await saturate(limiter, 30)
    assert times[-1] - times[0] > 29 / 15 * 1.1
    await saturate(limiter, 300)
    assert limiter.stats.rate == pytest.approx(15)
    assert most_in(await saturate(limiter, 60), 1.0) <= 15


async def test_interactive_overtakes_bulk_and_bulk_gets_one_slot_in_ten() -> None:
    limiter = Limiter(100, policy="nominal")
    order: list[str] = []

    async def one(lane: Lane) -> None:
        await leave(limiter, lane)
        order.append(lane)

    bulk, interactive = (one("bulk") for _ in range(50)), (one("interactive") for _ in range(50))
    await asyncio.gather(*bulk, *interactive)
    mixed = order[:50]
    assert order[:10].count("bulk") <= 2
    assert mixed.count("bulk") >= 4


async def test_a_repeat_joins_at_the_head_of_its_lane() -> None:
    limiter = Limiter(15, policy="strict")
    first = asyncio.create_task(limiter.acquire("bulk"))
    others = [asyncio.create_task(limiter.acquire("bulk")) for _ in range(5)]
    await asyncio.sleep(0)
    repeat = asyncio.create_task(limiter.acquire("bulk", head=True))
    done, _ = await asyncio.wait([repeat, *others], return_when=asyncio.FIRST_COMPLETED)
    assert repeat in done
    await asyncio.gather(first, *others)


async def test_cancelled_waiters_lose_no_slot() -> None:
    limiter = Limiter(10, policy="strict")
    await leave(limiter)
    began = now()
    waiting = [asyncio.create_task(leave(limiter)) for _ in range(9)]
    await asyncio.sleep(0.01)
    for task in waiting[::2]:  # the leader among them
        task.cancel()
    times = [
        t for t in await asyncio.gather(*waiting, return_exceptions=True) if isinstance(t, float)
    ]
    assert len(times) == 4
    assert max(times) - began <= 0.41
    assert limiter.stats.waiting == 0


async def test_a_waiter_cancelled_as_its_slot_comes_hands_it_on() -> None:
    limiter = Limiter(Rate(1, per=10.0), policy="strict")
    began = now()
    granted: list[Grant] = [await limiter.acquire("bulk")]
    leader = asyncio.create_task(limiter.acquire("bulk"))
    follower = asyncio.create_task(limiter.acquire("bulk"))
    await asyncio.sleep(0)
    limiter.release(granted[0])
    leader.cancel()
    assert (await follower).left_at is None
    assert now() - began < 0.01


async def test_a_wait_that_cannot_end_in_time_is_refused_at_once() -> None:
    limiter = Limiter(1, policy="strict")
    waiting = [asyncio.create_task(limiter.acquire("interactive")) for _ in range(20)]
    await asyncio.sleep(0)
    began = now()
    with pytest.raises(ConnectionFailedError) as caught:
        await limiter.acquire("interactive", deadline=began + 5.0)
    assert now() == began
    assert not caught.value.may_have_happened
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_deadline_inside_a_pause_is_refused_at_once_and_says_how_long() -> None:
    limiter = Limiter(15, policy="strict")
    grant = await limiter.acquire("bulk")
    grant.left_at = now()
    limiter.release(grant)
    limiter.throttled(grant, retry_after=60.0)
    with pytest.raises(ThrottledError) as caught:
        await limiter.acquire("interactive", deadline=now() + 5.0)
    assert caught.value.retry_after == pytest.approx(60.0, rel=0.06)
    assert (caught.value.transient, caught.value.may_have_happened) == (True, False)
    assert caught.value.concerns == "connection"


async def test_a_deadline_that_passes_while_waiting_is_kept() -> None:
    limiter = Limiter(1, policy="strict")
    hung = asyncio.create_task(leave(limiter, answer_after=60.0))
    await asyncio.sleep(0)
    began = now()
    with pytest.raises(ConnectionFailedError):
        await limiter.acquire("interactive", deadline=began + 2.0)
    assert now() - began == pytest.approx(2.0, abs=0.01)
    assert limiter.stats.waiting == 0
    await hung


async def test_a_token_known_to_come_back_too_late_is_not_waited_for() -> None:
    limiter = Limiter(Rate(1, per=60.0), policy="strict")
    await leave(limiter)
    began = now()
    with pytest.raises(ConnectionFailedError):
        await limiter.acquire("interactive", deadline=began + 2.0)
    assert now() == began


async def test_a_pause_that_begins_while_waiting_ends_waits_it_outlasts() -> None:
    limiter = Limiter(1, policy="nominal")
    grant = await limiter.acquire("bulk")
    grant.left_at = now()
    short = asyncio.create_task(limiter.acquire("interactive", deadline=now() + 20.0))
    long = asyncio.create_task(limiter.acquire("interactive", deadline=now() + 200.0))
    await asyncio.sleep(0.1)
    limiter.release(grant)
    limiter.throttled(grant, retry_after=60.0)
    began = now()
    with pytest.raises(ThrottledError):
        await short
    assert now() - began < 0.01
    await long
    assert now() - began >= 60.0


async def test_who_joins_at_the_head_is_not_judged_by_those_behind() -> None:
    limiter = Limiter(10, policy="strict")
    waiting = [asyncio.create_task(limiter.acquire("interactive")) for _ in range(100)]
    await asyncio.sleep(0)
    grant = await limiter.acquire("interactive", head=True, deadline=now() + 1.0)
    limiter.release(grant)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_all_places_of_a_burst_may_be_given_back() -> None:
    limiter = Limiter(Rate(15, burst=15), policy="nominal")
    began = now()
    for grant in [await limiter.acquire("bulk") for _ in range(15)]:
        limiter.release(grant)
    times = await saturate(limiter, 15)
    assert times[-1] - began < 0.01


async def test_a_place_given_back_reaches_who_waits_inside_the_bucket() -> None:
    limiter = Limiter(Rate(2, per=7200.0), policy="nominal")
    grant = await limiter.acquire("bulk")
    waiting = asyncio.create_task(leave(limiter))
    await asyncio.sleep(1.0)
    began = now()
    limiter.release(grant)
    assert await waiting - began < 0.01


async def test_an_absurd_wait_asked_for_by_a_service_is_bounded() -> None:
    limiter = Limiter(15)
    grant = await limiter.acquire("bulk")
    limiter.release(grant)
    limiter.throttled(grant, retry_after=1e12)
    assert limiter.stats.paused_for <= 3600 * 1.06


async def test_40000_waiters_drain_at_the_rate() -> None:
    limiter = Limiter(20_000, policy="nominal")
    times = await saturate(limiter, 40_000)
    assert times[-1] - times[0] <= 2.0 * 1.05


def test_a_second_event_loop_is_told_so() -> None:
    limiter = Limiter(15)
    asyncio.run(limiter.acquire("bulk"))
    with pytest.raises(RuntimeError, match="belongs to another event loop"):
        asyncio.run(limiter.acquire("bulk"))


def test_limits_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="policy must be one of adaptive, strict, nominal"):
        Limiter(15, policy="fast")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="rate must be more than 0"):
        Limiter(0)


steps = st.lists(
    st.tuples(
        st.sampled_from(["answered", "lost", "unwritten", "cancelled", "throttled"]),
        st.floats(0, 3),
        st.floats(0, 0.5),
    ),
    min_size=5,
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(steps=steps, calls=st.integers(1, 6))
def test_strict_never_lets_a_window_hold_too_many(
    steps: list[tuple[str, float, float]], calls: int
) -> None:
    """Whatever is answered, lost, cancelled or refused, and however long the way there takes."""
    limiter = Limiter(Rate(calls, per=1.0), policy="strict")
    arrived: list[float] = []

    async def one(fate: str, trip: float, share: float) -> None:
        grant = await limiter.acquire("bulk")
        try:
            if fate == "unwritten":
                return
            grant.left_at = now()
            # The service sees the call somewhere on the way, before its answer or its end.
            await asyncio.sleep(trip * share)
            if fate != "lost":
                arrived.append(now())
            await asyncio.sleep(trip * (1 - share))
        finally:
            limiter.release(grant)
        if fate == "throttled":
            limiter.throttled(grant)

    async def main() -> None:
        tasks = [asyncio.create_task(one(*step)) for step in steps]
        await asyncio.sleep(0.3)
        for task, (fate, _, _) in zip(tasks, steps, strict=True):
            if fate == "cancelled":
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    clock.run(main())
    assert most_in(arrived, 1.0) <= calls
