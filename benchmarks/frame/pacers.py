"""Limiters of other people, each used as its documentation shows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

from aiolimiter import AsyncLimiter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

#: Is given a turn, such as a request, and does what the limiter is there to hold back.
Job: TypeAlias = "Callable[[Any], Awaitable[Any]]"
#: Does the job with every turn, as a limiter lets it, so many at once at most.
Drive: TypeAlias = "Callable[[Iterator[Any], Job, int], Awaitable[None]]"


def taking(take: Callable[[], Awaitable[object]]) -> Drive:
    """Return workers that *take* a slot before each job."""

    async def drive(turns: Iterator[Any], job: Job, workers: int) -> None:
        async def work() -> None:
            for turn in turns:
                await take()
                await job(turn)

        await asyncio.gather(*(work() for _ in range(workers)))

    return drive


def aiometer(rate: int) -> Drive:
    import aiometer

    async def drive(turns: Iterator[Any], job: Job, workers: int) -> None:
        await aiometer.run_on_each(job, turns, max_at_once=workers, max_per_second=rate)

    return drive


def pyrate(rate: int) -> Drive:
    import pyrate_limiter

    limiter = pyrate_limiter.Limiter(pyrate_limiter.Rate(rate, pyrate_limiter.Duration.SECOND))
    return taking(limiter.try_acquire_async)


def pyrate_simulated(rate: int) -> Drive:
    """Return pyrate-limiter on the loop's clock.

    The thread that forgets old calls is left out: it would sleep in real time.
    """
    import pyrate_limiter

    def now() -> int:
        return int(asyncio.get_running_loop().time() * 1000)

    rates = [pyrate_limiter.Rate(rate, pyrate_limiter.Duration.SECOND)]
    bucket = pyrate_limiter.InMemoryBucket(rates)
    bucket.now = now
    factory = pyrate_limiter.SingleBucketFactory(bucket, schedule_leak=False)
    return taking(pyrate_limiter.Limiter(factory).try_acquire_async)


PACERS: Mapping[str, Callable[[int], Drive]] = {
    "AsyncLimiter(rate, 1)": lambda rate: taking(AsyncLimiter(rate, 1).acquire),
    "AsyncLimiter(1, 1/rate)": lambda rate: taking(AsyncLimiter(1, 1 / rate).acquire),
    "aiometer": aiometer,
    "pyrate-limiter": pyrate,
}
