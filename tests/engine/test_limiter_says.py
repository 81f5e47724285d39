"""What a limiter says of itself, and where its tokens come from; in simulated time."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import clock
import pytest

from mmsclient.engine.limiter import Limiter
from mmsclient.engine.tokens import OwnTokens
from mmsclient.wire import Rate

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmsclient.engine.gauges import LimiterChange, LimiterStats


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, Any]:
    return clock.BACKEND


def now() -> float:
    return asyncio.get_running_loop().time()


async def clean_call(limiter: Limiter, *, answer_after: float = 0.0) -> None:
    grant = await limiter.acquire("bulk")
    grant.left_at = now()
    await asyncio.sleep(answer_after)
    limiter.release(grant)
    limiter.clean(grant)


async def refused_call(limiter: Limiter, retry_after: float | None = None) -> None:
    grant = await limiter.acquire("bulk")
    grant.left_at = now()
    limiter.release(grant)
    limiter.throttled(grant, retry_after)


async def test_a_pause_is_told_as_it_begins_and_as_it_ends() -> None:
    told: list[LimiterChange] = []
    limiter = Limiter(15, policy="strict", on_change=told.append)
    await refused_call(limiter, retry_after=2.0)
    began = now()
    assert [change.why for change in told] == ["slower", "paused"]
    stats = told[-1].stats
    assert stats.paused_until is not None
    assert stats.paused_until - began == pytest.approx(stats.paused_for, abs=0.001)
    assert 2.0 <= stats.paused_for <= 2.2
    await clean_call(limiter)
    assert [change.why for change in told] == ["slower", "paused", "resumed"]
    assert told[-1].stats.paused_until is None


async def test_a_rate_that_is_lowered_and_raised_is_told() -> None:
    told: list[LimiterChange] = []
    limiter = Limiter(Rate(5), policy="nominal", on_change=told.append)
    await refused_call(limiter)
    slower = [change.stats.rate for change in told if change.why == "slower"]
    assert slower == [pytest.approx(5 * 0.85)]
    for _ in range(30):
        await clean_call(limiter)
    faster = [change.stats.rate for change in told if change.why == "faster"]
    assert faster == sorted(faster)
    assert faster[-1] == pytest.approx(5)


async def test_a_hold_is_told_in_steps_that_matter() -> None:
    told: list[LimiterChange] = []
    limiter = Limiter(15, on_change=told.append)
    for _ in range(400):
        await clean_call(limiter)
    holds = [change.stats.hold for change in told if change.why == "hold"]
    assert 10 < len(holds) <= 51
    assert holds == sorted(holds, reverse=True)
    assert holds[-1] == 0.0


@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        (lambda limiter: refused_call(limiter, 5.0), "pause"),
        (lambda limiter: asyncio.gather(*(clean_call(limiter) for _ in range(3))), "token"),
        (clean_call, "spacing"),
    ],
    ids=["pause", "token", "spacing"],
)
async def test_stats_say_what_is_waited_for(arrange: Callable[[Limiter], Any], reason: str) -> None:
    limiter = Limiter(Rate(3, per=30.0), policy="strict")
    assert limiter.stats.waiting_for is None
    await arrange(limiter)
    waiting = asyncio.create_task(limiter.acquire("bulk"))
    await asyncio.sleep(0.001)
    stats: LimiterStats = limiter.stats
    assert (stats.waiting, stats.waiting_for) == (1, reason)
    waiting.cancel()


async def test_a_listener_that_fails_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def failing(_: LimiterChange) -> None:
        raise RuntimeError("12025550143")

    limiter = Limiter(15, on_change=failing)
    with caplog.at_level(logging.DEBUG):
        await refused_call(limiter)
        await clean_call(limiter)
    assert limiter.stats.granted == 2
    assert "RuntimeError" in caplog.text
    assert "12025550143" not in caplog.text


class Leased:
    """A part of an account's tokens, lent by a store that may send more."""

    def __init__(self, tokens: int) -> None:
        self._own = OwnTokens(tokens)
        self.ready, self.next_return = self._own.ready, self._own.next_return
        self.take, self.give_back = self._own.take, self._own.give_back
        self.return_at = self._own.return_at
        self._more: Callable[[], None] = lambda: None

    def heed(self, more: Callable[[], None]) -> None:
        self._more = more

    def lend(self, tokens: int) -> None:
        for _ in range(tokens):
            self._own.give_back()
        self._more()


async def test_tokens_may_be_lent_by_somebody_else() -> None:
    tokens = Leased(0)
    limiter = Limiter(15, policy="strict", tokens=tokens)
    calls = [asyncio.create_task(clean_call(limiter)) for _ in range(6)]
    await asyncio.sleep(10)
    assert limiter.stats.granted == 0
    tokens.lend(2)
    await asyncio.sleep(0.9)
    assert limiter.stats.granted == 2
    await asyncio.gather(*calls)
    # Two tokens, each held for a second from the answer on.
    assert limiter.stats.waited > 2


def test_nominal_has_no_use_for_tokens() -> None:
    with pytest.raises(ValueError, match="tokens"):
        Limiter(15, policy="nominal", tokens=OwnTokens(15))
