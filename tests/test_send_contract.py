"""One send, one failure: what is raised, and how often the handset receives the message.

Every row of the README's table is measured here, over each transport, against the simulator on
real sockets.
"""

from __future__ import annotations

import asyncio
import math
import socket
from pathlib import Path
from pipes import tls_door
from typing import TYPE_CHECKING, TypeAlias

import attrs
import pytest
from transports import EACH

import mmsclient as mms
from mmsclient.simulator import Fault, Simulator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from transports import Make

TO = "12025550143"
README = Path(__file__).parent.parent / "README.md"

#: Quick repeats: how long they wait is the limiter's and the retry's own test.
QUICK = mms.RetryPolicy(throttled_attempts=4, first_wait=0.05, longest_wait=0.1)
BOUNDS = mms.Timeout(connect=2.0, read=0.5, total=20.0)


@attrs.frozen
class Seen:
    """What came of one send."""

    raised: str
    received: int
    transient: bool | None = None
    may_have_happened: bool | None = None


@pytest.fixture(params=EACH)
def make(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


async def send(
    sim: Simulator, make: Make, service: mms.Skycore | None = None, **terms: object
) -> Seen:
    client = mms.Client(
        service or sim.skycore(),
        rate=50,
        timeout=BOUNDS,
        retry=QUICK,
        transport=make(timeout=BOUNDS, **terms),
    )
    async with client:
        try:
            await client.send(mms.Sms(to=TO, sender="70707", text="Fresh at 7"))
        except mms.CallError as error:
            name = type(error).__name__
            received = len(sim.received(TO))
            return Seen(name, received, error.transient, error.may_have_happened)
    return Seen("", len(sim.received(TO)))


Failure: TypeAlias = "Callable[[Make, float], Awaitable[Seen]]"


def fault(kind: str, **terms: object) -> Failure:
    """The simulator does it, so many times."""

    async def measure(make: Make, times: float) -> Seen:
        bound = None if math.isinf(times) else int(times)
        trouble = Fault(kind=kind, times=bound, **terms)  # type: ignore[arg-type]
        async with Simulator(rate=None, faults=[trouble]) as sim:
            return await send(sim, make)

    return measure


async def refused_connection(make: Make, times: float) -> Seen:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    late = Simulator(rate=None, port=port)
    sending = asyncio.create_task(send(late, make))
    if math.isinf(times):
        return await sending
    await asyncio.sleep(0.02)
    async with late:
        return await sending


async def tls_failure(make: Make, times: float) -> Seen:
    async with Simulator(rate=None) as sim:
        port = int(sim.url.split(":")[2].split("/")[0])
        async with tls_door(port, slam_first=times) as (url, trust, door):
            seen = await send(sim, make, sim.skycore(url=url), ssl_context=trust)
            assert door.connections > 1
            return seen


async def untrusted_certificate(make: Make, _: float) -> Seen:
    async with Simulator(rate=None) as sim:
        port = int(sim.url.split(":")[2].split("/")[0])
        async with tls_door(port) as (url, _trust, _door):
            return await send(sim, make, sim.skycore(url=url))


FAILURES: dict[str, Failure] = {
    "connection refused": refused_connection,
    "TLS handshake broken off": tls_failure,
    "certificate not trusted": untrusted_certificate,
    "connection dropped, message not taken": fault("drop_before"),
    "connection dropped, message taken": fault("drop_after"),
    "no answer in time, message taken": fault("stall", seconds=3.0),
    "HTTP 429": fault("429", retry_after=0),
    "E113 throughput exceeded": fault("E113"),
    "E106 minimum interval": fault("E106"),
    "E618 carrier look-up failed": fault("E618"),
    "E503 internal error, message taken": fault("E503", taken=True),
    "HTTP 500, message taken": fault("500", taken=True),
    "garbage for an answer, message taken": fault("garbage"),
    "E120 request limit used up": fault("E120"),
    "E713 billing problem": fault("E713"),
    "E104 authentication failed": fault("E104"),
    "E110 number not valid": fault("E110"),
}

#: raised if it goes on, transient, may have happened, accepted if it happens once
PROMISED: dict[str, tuple[str, bool, bool, bool]] = {
    "connection refused": ("ConnectionFailedError", True, False, True),
    "TLS handshake broken off": ("ConnectionFailedError", True, False, True),
    "certificate not trusted": ("ConnectionFailedError", False, False, False),
    "connection dropped, message not taken": ("NoReplyError", True, True, False),
    "connection dropped, message taken": ("NoReplyError", True, True, False),
    "no answer in time, message taken": ("NoReplyError", True, True, False),
    "HTTP 429": ("ThrottledError", True, False, True),
    "E113 throughput exceeded": ("ThrottledError", True, False, True),
    "E106 minimum interval": ("ThrottledError", True, False, True),
    "E618 carrier look-up failed": ("ServiceFailedError", True, False, True),
    "E503 internal error, message taken": ("ServiceFailedError", True, True, False),
    "HTTP 500, message taken": ("ServiceFailedError", True, True, False),
    "garbage for an answer, message taken": ("UnreadableReplyError", False, True, False),
    "E120 request limit used up": ("QuotaExceededError", False, False, False),
    "E713 billing problem": ("InsufficientCreditError", False, False, False),
    "E104 authentication failed": ("AuthenticationError", False, False, False),
    "E110 number not valid": ("RefusedError", False, False, False),
}


def taken(failure: str) -> bool:
    return failure.endswith(", message taken")


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_failure_that_goes_on_raises_what_is_promised_and_sends_nothing_twice(
    make: Make, failure: str
) -> None:
    raised, transient, may_have_happened, _ = PROMISED[failure]
    seen = await FAILURES[failure](make, math.inf)
    assert seen == Seen(raised, int(taken(failure)), transient, may_have_happened)


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_failure_that_passes_ends_in_one_message_or_the_same_error(
    make: Make, failure: str
) -> None:
    raised, transient, may_have_happened, recovers = PROMISED[failure]
    seen = await FAILURES[failure](make, 1)
    if recovers:
        assert seen == Seen("", 1)
    else:
        assert seen == Seen(raised, int(taken(failure)), transient, may_have_happened)


def row(failure: str) -> str:
    raised, transient, may_have_happened, recovers = PROMISED[failure]
    once = "sent, 1" if recovers else f"raised, {int(taken(failure))}"
    yes = {True: "yes", False: "no"}
    cells = [failure, f"`{raised}`", yes[transient], yes[may_have_happened], once]
    return f"| {' | '.join(cells)} | {int(taken(failure))} |"


def test_the_readme_shows_exactly_what_is_measured_here() -> None:
    shown = README.read_text(encoding="utf-8")
    assert "\n".join(map(row, FAILURES)) in shown
