"""One send, one failure: what is raised, and how often the handset receives the message.

Every row of the README's table is measured here for Skycore over each transport, against the
simulator on real sockets; the same holds at the other services, which say it in their own codes.
"""

from __future__ import annotations

import asyncio
import math
import socket
from pathlib import Path
from pipes import tls_door
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

import attrs
import pytest
from three_services import FORMS
from transports import EACH, MAKERS

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


async def send(sim: Simulator, make: Make, form: str, url: str = "", **terms: object) -> Seen:
    service = FORMS[form](sim, **({"url": url} if url else {}))
    client = mms.Client(
        service,
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


Failure: TypeAlias = "Callable[[Make, str, float], Awaitable[Seen]]"


def fault(kind: str, **terms: object) -> Failure:
    """The simulator does it, so many times."""

    async def measure(make: Make, form: str, times: float) -> Seen:
        bound = None if math.isinf(times) else int(times)
        trouble = Fault(kind=kind, times=bound, **terms)  # type: ignore[arg-type]
        async with Simulator(rate=None, faults=[trouble]) as sim:
            return await send(sim, make, form)

    return measure


async def refused_connection(make: Make, form: str, times: float) -> Seen:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    late = Simulator(rate=None, port=port)
    sending = asyncio.create_task(send(late, make, form))
    if math.isinf(times):
        return await sending
    await asyncio.sleep(0.02)
    async with late:
        return await sending


def behind(door: str, sim: Simulator, form: str) -> str:
    """Return the address of a service behind a door that stands for the whole simulator."""
    return urlsplit(door)._replace(path=urlsplit(FORMS[form](sim).url).path).geturl()


async def tls_failure(make: Make, form: str, times: float) -> Seen:
    async with Simulator(rate=None) as sim:
        port = int(sim.url.split(":")[2].split("/")[0])
        async with tls_door(port, slam_first=times) as (url, trust, door):
            seen = await send(sim, make, form, behind(url, sim, form), ssl_context=trust)
            assert door.connections > 1
            return seen


async def untrusted_certificate(make: Make, form: str, _: float) -> Seen:
    async with Simulator(rate=None) as sim:
        port = int(sim.url.split(":")[2].split("/")[0])
        async with tls_door(port) as (url, _trust, _door):
            return await send(sim, make, form, behind(url, sim, form))


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
    seen = await FAILURES[failure](make, "Skycore", math.inf)
    assert seen == Seen(raised, int(taken(failure)), transient, may_have_happened)


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_failure_that_passes_ends_in_one_message_or_the_same_error(
    make: Make, failure: str
) -> None:
    raised, transient, may_have_happened, recovers = PROMISED[failure]
    seen = await FAILURES[failure](make, "Skycore", 1)
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


#: Failures that all REST services have in common with Skycore.
_SHARED = [failure for failure in FAILURES if failure[0] != "E"]
_SHARED += ["E113 throughput exceeded", "E713 billing problem", "E104 authentication failed"]
_SHARED += ["E110 number not valid"]

#: What they say otherwise, or themselves alone.
_OWN: dict[str, tuple[Failure, tuple[str, bool, bool, bool]]] = {
    "OVER_LIMIT": (fault("OVER_LIMIT"), ("ThrottledError", True, False, True)),
    "connection closed, message taken": (
        fault("close_after"),
        ("NoReplyError", True, True, False),
    ),
    "answer cut off, message taken": (fault("cut"), ("NoReplyError", True, True, False)),
    # A proxy's word proves nothing, whether it was before or after.
    "HTTP 503": (fault("503"), ("ServiceFailedError", True, True, False)),
    "HTTP 502 as a page of HTML, message taken": (
        fault("502", taken=True, body="html"),
        ("ServiceFailedError", True, True, False),
    ),
    "NO_ACCESS": (fault("NO_ACCESS"), ("RefusedError", False, False, False)),
    "NOT_IMPLEMENTED": (fault("NOT_IMPLEMENTED"), ("RefusedError", False, False, False)),
}

REST_FAILURES = {failure: FAILURES[failure] for failure in _SHARED}
REST_FAILURES |= {failure: measure for failure, (measure, _) in _OWN.items()}
REST_PROMISED = {failure: PROMISED[failure] for failure in _SHARED}
REST_PROMISED |= {failure: promised for failure, (_, promised) in _OWN.items()}

#: Where each holds. The Bearer API has no such code: there it is any HTTP 404.
REST_FORMS = {
    failure: [
        form
        for form in FORMS
        if form != "Skycore" and (form, failure) != ("Cellcast, Bearer", "NOT_IMPLEMENTED")
    ]
    for failure in REST_FAILURES
}


async def at_each(failure: str, times: float) -> dict[str, Seen]:
    """Return what comes of a failure at every REST service, each with a simulator of its own."""
    measure, make = REST_FAILURES[failure], MAKERS["httpx"]
    forms = REST_FORMS[failure]
    found = await asyncio.gather(*(measure(make, form, times) for form in forms))
    return dict(zip(forms, found, strict=True))


@pytest.mark.parametrize("failure", REST_FAILURES)
async def test_at_the_rest_services_a_failure_that_goes_on_sends_nothing_twice(
    failure: str,
) -> None:
    raised, transient, may_have_happened, _ = REST_PROMISED[failure]
    expected = Seen(raised, int(taken(failure)), transient, may_have_happened)
    seen = await at_each(failure, math.inf)
    assert seen == dict.fromkeys(REST_FORMS[failure], expected)


@pytest.mark.parametrize("failure", REST_FAILURES)
async def test_at_the_rest_services_a_failure_that_passes_ends_in_one_message_or_the_same_error(
    failure: str,
) -> None:
    raised, transient, may_have_happened, recovers = REST_PROMISED[failure]
    expected = Seen(raised, int(taken(failure)), transient, may_have_happened)
    seen = await at_each(failure, 1)
    assert seen == dict.fromkeys(REST_FORMS[failure], Seen("", 1) if recovers else expected)
