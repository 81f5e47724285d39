"""Services that count calls, behind networks of many shapes, in simulated time."""

from __future__ import annotations

import asyncio
from collections import deque
from random import Random
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs
import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmsclient.engine.limiter import Limiter

Rule: TypeAlias = Literal["sliding", "fixed", "bucket"]
#: (random, seconds since the start) -> seconds on the way there, and back.
Network: TypeAlias = "Callable[[Random, float], tuple[float, float]]"


@attrs.define
class Service:
    """Counts calls by one of three rules, refused ones too if asked."""

    rule: Rule
    calls: int = 15
    count_refused: bool = False
    accepted: int = 0
    refused: int = 0
    _seen: deque[float] = attrs.field(factory=deque)
    _level: float = 0.0
    _last: float = 0.0

    def take(self, now: float) -> bool:
        room = getattr(self, f"_room_{self.rule}")(now)
        if room or self.count_refused:
            self._seen.append(now)
            self._level += 1
        self.accepted += room
        self.refused += not room
        return bool(room)

    def _room_sliding(self, now: float) -> bool:
        while self._seen and self._seen[0] <= now - 1.0:
            self._seen.popleft()
        return len(self._seen) < self.calls

    def _room_fixed(self, now: float) -> bool:
        while self._seen and int(self._seen[0]) != int(now):
            self._seen.popleft()
        return len(self._seen) < self.calls

    def _room_bucket(self, now: float) -> bool:
        self._level = max(0.0, self._level - (now - self._last) * self.calls)
        self._last = now
        return self._level + 1 <= self.calls


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


async def _campaign(
    limiter: Limiter, service: Service, network: Network, seconds: float, random: Random
) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def worker() -> None:
        repeat = False
        while loop.time() - began < seconds:
            grant = await limiter.acquire("bulk", head=repeat)
            if loop.time() - began >= seconds:
                limiter.release(grant)
                return
            grant.left_at = loop.time()
            there, back = network(random, loop.time() - began)
            await asyncio.sleep(there)
            accepted = service.take(loop.time())
            await asyncio.sleep(back)
            limiter.release(grant)
            if accepted:
                limiter.clean(grant)
            else:
                limiter.throttled(grant)
            repeat = not accepted

    await asyncio.gather(*(worker() for _ in range(64)))


def measure(
    make: Callable[[], Limiter],
    service: Service,
    network: Network,
    *,
    seconds: float = 600.0,
    seed: int = 0,
) -> tuple[float, float]:
    """Return accepted calls as a share of the permitted, and refused ones as a share of all."""
    # The seed decides the network, not the programme.
    clock.run(_campaign(make(), service, network, seconds, Random(seed)))
    total = service.accepted + service.refused
    return service.accepted / (seconds * service.calls), service.refused / total
