"""Services that count calls, behind networks of many shapes, in simulated time."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, TypeAlias

import attrs

from mmsclient.simulator import in_simulated_time
from mmsclient.simulator.limits import Limit, Rule, limit
from mmsclient.wire import Rate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.frame.pacers import Drive, Job
    from mmsclient.engine.limiter import Limiter

#: (random, seconds since the start) -> seconds on the way there, and back; infinite where lost.
Network: TypeAlias = "Callable[[Random, float], tuple[float, float]]"

#: Calls under way at once, at most: enough for 4 seconds of round trip at 15/s.
WORKERS = 64
#: Seconds after which a caller takes an answer for lost.
TIMEOUT = 5.0


@attrs.define
class Service:
    """Counts calls by one of three rules, refused ones too if asked."""

    rule: Rule
    calls: int = 15
    count_refused: bool = False
    accepted: int = 0
    refused: int = 0
    _limits: dict[Rule, Limit] = attrs.field(factory=dict)

    def take(self, now: float) -> bool:
        if self.rule not in self._limits:
            fresh = limit(self.rule, Rate(self.calls), count_refused=self.count_refused)
            self._limits[self.rule] = fresh
        room = self._limits[self.rule].take(now)
        self.accepted += room
        self.refused += not room
        return room


def path(
    round_trip: float, jitter: float = 0.0, *, back: float = 0.0, tail: tuple[float, float] = (0, 0)
) -> Network:
    """Return a network with jitter there and *back*, and some stragglers."""

    def network(random: Random, _: float) -> tuple[float, float]:
        straggling = tail[1] if random.random() < tail[0] else 0.0
        there = round_trip / 2 + random.random() * jitter + straggling
        return there, round_trip / 2 + random.random() * back

    return network


def changing(before: float, after: float, *, every: float) -> Network:
    """Return a network whose round trip changes between two values."""

    def network(random: Random, at: float) -> tuple[float, float]:
        trip = after if int(at / every) % 2 else before
        return trip / 2 + random.random() * 0.01, trip / 2

    return network


#: Networks with the mean round trip of each.
NETWORKS: dict[str, tuple[Network, float]] = {
    "steady": (path(0.09), 0.09),
    "jitter": (path(0.06, 0.08), 0.10),
    "jitter and stragglers": (path(0.06, 0.08, tail=(0.01, 0.5)), 0.105),
    "jitter both ways": (path(0.06, 0.2, back=0.2), 0.26),
    "long stragglers": (path(0.06, 0.08, tail=(0.05, 2.0)), 0.20),
    "path shortens": (changing(0.15, 0.03, every=300), 0.095),
    "path lengthens": (changing(0.03, 0.15, every=300), 0.095),
    "path alternates": (changing(0.03, 0.15, every=20), 0.095),
    "path alternates fast": (changing(0.02, 0.3, every=3), 0.165),
}


class Calls:
    """Calls *service* through *network*, until the time is up."""

    def __init__(self, service: Service, network: Network, seconds: float, random: Random) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._end = self._began + seconds
        self._service, self._network, self._random = service, network, random

    def turns(self) -> Iterator[None]:
        """Return one turn after another, for as long as there is time."""
        while self._loop.time() < self._end:
            yield

    async def call(self, _: object = None) -> bool | None:
        """Make one call and return whether it was accepted, None where no answer came."""
        if self._loop.time() >= self._end:
            return None
        there, back = self._network(self._random, self._loop.time() - self._began)
        if there >= TIMEOUT:
            await asyncio.sleep(TIMEOUT)
            return None
        await asyncio.sleep(there)
        accepted = self._service.take(self._loop.time())
        await asyncio.sleep(min(back, TIMEOUT - there))
        return accepted if there + back < TIMEOUT else None


def driven_by(limiter: Limiter) -> Drive:
    """Return what makes calls as *limiter* lets it, tells it how they went, and repeats them."""

    async def drive(turns: Iterator[object], call: Job, workers: int) -> None:
        loop = asyncio.get_running_loop()

        async def worker() -> None:
            repeat = False
            for turn in turns:
                grant = await limiter.acquire("bulk", head=repeat)
                grant.left_at = loop.time()
                accepted = await call(turn)
                limiter.release(grant)
                if accepted:
                    limiter.clean(grant)
                elif accepted is not None:
                    limiter.throttled(grant)
                repeat = accepted is False

        await asyncio.gather(*(worker() for _ in range(workers)))

    return drive


def campaign(
    drive: Drive, service: Service, network: Network, *, seconds: float, seed: int
) -> tuple[float, float]:
    """Return accepted calls as a share of the permitted, and refused ones as a share of all.

    The seed decides the network, not the programme.
    """

    async def main() -> None:
        calls = Calls(service, network, seconds, Random(seed))
        await drive(calls.turns(), calls.call, WORKERS)

    in_simulated_time(main())
    total = service.accepted + service.refused
    return service.accepted / (seconds * service.calls), service.refused / total


def measure(
    make: Callable[[], Limiter],
    service: Service,
    network: Network,
    *,
    seconds: float = 600.0,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the shares of a :func:`campaign` under a limiter of this library."""
    return campaign(driven_by(make()), service, network, seconds=seconds, seed=seed)
