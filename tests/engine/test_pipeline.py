"""The way of a call, in simulated time: what is repeated, what never is, and who is told."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

import clock
import pytest
from fakes import PlainService, ScriptedTransport, answer, fail, hang, many, sms

from mmsclient.client import Client
from mmsclient.engine.limiter import Limiter
from mmsclient.errors import (
    CallError,
    ConnectionFailedError,
    NoReplyError,
    RefusedError,
    ServiceFailedError,
    ThrottledError,
    UnreadableReplyError,
    UnsupportedError,
)
from mmsclient.messages import Mms
from mmsclient.outcomes import Accepted, Outcome, Refused, Unknown
from mmsclient.wire import Call, HttpRequest, HttpResponse, Rate, Timeout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmsclient.messages import Message


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, Any]:
    return clock.BACKEND


def now() -> float:
    return asyncio.get_running_loop().time()


def client_with(*steps: Any, **terms: Any) -> tuple[Client[PlainService], ScriptedTransport]:
    transport = ScriptedTransport(steps, latency=terms.pop("latency", 0.0))
    return Client(PlainService(), transport=transport, **terms), transport


async def test_a_send_is_answered_with_what_was_accepted() -> None:
    client, transport = client_with()
    async with client:
        accepted = await client.send(sms())
    assert (accepted.id, accepted.to) == ("id-12025550143", "12025550143")
    assert transport.arrived == ["12025550143"]
    assert transport.closed


@pytest.mark.parametrize(
    "error",
    [OSError("refused"), ssl.SSLError("handshake"), ValueError("of any class"), TimeoutError()],
)
async def test_what_fails_before_the_first_byte_is_repeated(error: Exception) -> None:
    client, transport = client_with(fail(error, left=False), fail(error, left=False))
    assert (await client.send(sms())).id
    assert transport.arrived == ["12025550143"]
    assert client.stats.attempts == 3


@pytest.mark.parametrize(
    "error",
    [OSError("reset"), ssl.SSLError("record"), ValueError("of any class"), TimeoutError()],
)
async def test_what_fails_after_the_first_byte_is_never_repeated(error: Exception) -> None:
    client, transport = client_with(fail(error, left=True))
    with pytest.raises(NoReplyError) as caught:
        await client.send(sms())
    assert (caught.value.transient, caught.value.may_have_happened) == (True, True)
    assert caught.value.concerns == "connection"
    assert caught.value.operation == "send"
    assert transport.arrived == ["12025550143"]


async def test_a_connection_that_never_comes_about_is_given_up_after_bounded_attempts() -> None:
    error = OSError("refused")
    client, transport = client_with(*[fail(error, left=False)] * 50)
    began = now()
    with pytest.raises(ConnectionFailedError) as caught:
        await client.send(sms())
    assert client.stats.attempts == 5
    assert now() - began < 16
    assert caught.value.__cause__ is error
    assert transport.arrived == []


async def test_an_untrusted_certificate_is_not_tried_again() -> None:
    wrapped = OSError("tls")
    wrapped.__cause__ = ssl.SSLCertVerificationError("self-signed")
    client, _ = client_with(fail(wrapped, left=False))
    with pytest.raises(ConnectionFailedError) as caught:
        await client.send(sms())
    assert not caught.value.transient
    assert client.stats.attempts == 1


async def test_a_throttled_send_is_repeated_after_the_pause_it_asks_for() -> None:
    client, transport = client_with(answer(429, retry_after="7"))
    assert (await client.send(sms())).id
    assert 7.0 <= transport.times[1] - transport.times[0] <= 7.5
    assert client.stats.throttled == 1


async def test_a_throttled_send_without_time_left_says_so_at_once() -> None:
    client, _ = client_with(answer(429, retry_after="600"))
    began = now()
    with pytest.raises(ThrottledError) as caught:
        await client.send(sms(), timeout=5.0)
    assert now() - began < 0.1
    assert not caught.value.may_have_happened


async def test_endless_throttling_ends_within_bounds() -> None:
    client, transport = client_with(*[answer(429)] * 100, timeout=Timeout(total=3600))
    with pytest.raises(ThrottledError):
        await client.send(sms())
    assert len(transport.arrived) == 20


async def test_a_server_error_after_a_send_is_never_repeated() -> None:
    client, transport = client_with(answer(500))
    with pytest.raises(ServiceFailedError) as caught:
        await client.send(sms())
    assert caught.value.may_have_happened
    assert len(transport.arrived) == 1


async def test_a_read_is_repeated_after_a_lost_answer() -> None:
    client, transport = client_with(fail(OSError("reset"), left=True), answer(503), answer(429))
    assert await client.call(PlainService().read("balance")) == "id-balance"
    assert len(transport.arrived) == 4


async def test_a_refusal_is_raised_as_it_is() -> None:
    client, transport = client_with(answer(400))
    with pytest.raises(RefusedError):
        await client.send(sms())
    assert len(transport.arrived) == 1


async def test_a_decoders_mistake_does_not_pass_for_not_sent() -> None:
    def decode(_: object) -> str:
        raise KeyError("MMSID")

    client, _ = client_with()
    call = Call(operation="odd", request=HttpRequest("POST", "http://127.0.0.1:9/"), decode=decode)
    with pytest.raises(UnreadableReplyError) as caught:
        await client.call(call)
    assert caught.value.may_have_happened
    assert caught.value.http_status == 200


async def test_an_answer_after_a_lost_one_may_be_read_otherwise() -> None:
    def decode(_: object) -> str:
        raise RefusedError("no such thing")

    call = Call(
        operation="delete",
        request=HttpRequest("POST", "http://127.0.0.1:9/"),
        decode=decode,
        decode_again=lambda _: "gone",
        repeatable=True,
    )
    client, _ = client_with(fail(OSError("reset"), left=True))
    assert await client.call(call) == "gone"
    client, _ = client_with(fail(OSError("refused"), left=False))
    with pytest.raises(RefusedError):
        await client.call(call)


@pytest.mark.parametrize(
    ("left", "expected"), [(True, NoReplyError), (False, ConnectionFailedError)]
)
async def test_the_whole_call_is_bounded(left: bool, expected: type[CallError]) -> None:
    client, _ = client_with(hang(left=left))
    began = now()
    with pytest.raises(expected):
        await client.send(sms(), timeout=4.0)
    assert now() - began == pytest.approx(4.0, abs=0.01)


async def test_no_wait_for_a_repeat_outlasts_the_deadline() -> None:
    client, _ = client_with(*[fail(OSError("refused"), left=False)] * 9)
    began = now()
    with pytest.raises(ConnectionFailedError):
        await client.send(sms(), timeout=0.3)
    assert now() - began <= 0.3


async def test_single_sends_overtake_bulk_work() -> None:
    client, transport = client_with(rate=10, latency=0.01)
    async with client.send_many([sms(f"bulk-{n}") for n in range(100)]) as outcomes:
        await anext(outcomes)
        before = len(transport.arrived)
        await client.send(sms("single"))
        assert transport.arrived.index("single") - before <= 2


async def test_bulk_work_leaves_connections_for_single_sends() -> None:
    steps = [hang(left=True)] * 28
    client, _ = client_with(*steps, rate=1000, timeout=Timeout(total=30))
    async with client.send_many([sms() for _ in range(100)], max_in_flight=100) as outcomes:
        first = asyncio.create_task(anext(outcomes))
        await asyncio.sleep(1.0)
        assert client.stats.in_flight == 28
        began = now()
        await client.send(sms("single"))
        assert now() - began < 0.1
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


async def test_a_cancelled_send_ends_at_once_and_its_outcome_is_told() -> None:
    told: list[Outcome] = []
    client, _ = client_with(hang(left=True), hang(left=False), on_outcome=told.append)
    for _ in range(2):
        task = asyncio.create_task(client.send(sms()))
        await asyncio.sleep(0.5)
        began = now()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert now() == began
    assert [type(outcome) for outcome in told] == [Unknown]
    assert isinstance(told[0], Unknown)
    assert told[0].error.may_have_happened


async def test_every_outcome_of_a_single_send_is_told() -> None:
    told: list[Outcome] = []
    client, _ = client_with(answer(), answer(400), answer(500), on_outcome=told.append)
    await client.send(sms())
    for message in (sms("bad"), Mms(to="12025550143", slides=()), sms(), sms()):
        with pytest.raises((ValueError, UnsupportedError, CallError)):
            await client.send(message)
    assert [type(outcome) for outcome in told] == [Accepted, Refused, Refused, Refused, Unknown]


class Journal:
    """Remembers what it is told, like a journal does."""

    def __init__(self, error: Exception | None = None) -> None:
        self.told: list[tuple[str, str]] = []
        self.error = error

    async def departing(self, messages: Sequence[Message]) -> None:
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        self.told += [("departing", message.to) for message in messages]

    async def returned(self, messages: Sequence[Message], error: CallError) -> None:
        await asyncio.sleep(0)
        assert not error.may_have_happened
        self.told += [(type(error).__name__, message.to) for message in messages]


async def test_a_watch_hears_of_every_departure_and_every_certain_return() -> None:
    client, _ = client_with(
        fail(OSError("refused"), left=False), answer(429), answer(), answer(400), answer(500)
    )
    journal = Journal()
    messages = [sms("a"), sms("b"), sms("c")]
    async with client.send_many(messages, max_in_flight=1, watch=journal) as outcomes:
        kinds = [type(outcome) async for outcome in outcomes]
    assert kinds == [Accepted, Refused, Unknown]
    assert journal.told == [
        ("departing", "a"),
        ("ConnectionFailedError", "a"),
        ("departing", "a"),
        ("ThrottledError", "a"),
        ("departing", "a"),
        ("departing", "b"),
        ("RefusedError", "b"),
        ("departing", "c"),
    ]


async def test_a_watch_that_raises_keeps_the_message_here_and_returns_the_slot() -> None:
    limiter = Limiter(Rate(1, per=30.0))
    transport = ScriptedTransport()
    client = Client(PlainService(), limiter=limiter, transport=transport)
    bulk = client.send_many([sms()], watch=Journal(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        async with bulk as outcomes:
            await anext(outcomes)
    assert bulk.unsent == (sms(),)
    assert transport.arrived == []
    began = now()
    await client.send(sms())
    assert now() - began < 0.1


async def test_a_watch_that_takes_too_long_costs_the_attempt_and_nothing_else() -> None:
    class Slow(Journal):
        async def departing(self, messages: Sequence[Message]) -> None:
            await super().departing(messages)
            await asyncio.sleep(1e6 if self.told == [("departing", "a")] else 0)

    client, transport = client_with(timeout=Timeout(total=5.0))
    journal = Slow()
    async with client.send_many([sms("a")], watch=journal) as outcomes:
        assert [type(outcome) async for outcome in outcomes] == [Accepted]
    told = [kind for kind, _ in journal.told]
    assert told == ["departing", "ConnectionFailedError", "departing"]
    assert transport.arrived == ["a"]


async def test_a_send_that_finds_all_connections_busy_until_its_deadline_says_so() -> None:
    client, transport = client_with(hang(left=True), connections=1)
    hung = asyncio.create_task(client.send(sms("first"), timeout=60.0))
    await asyncio.sleep(1.0)
    with pytest.raises(ConnectionFailedError, match="all connections were busy"):
        await client.send(sms("second"), timeout=2.0)
    hung.cancel()
    await asyncio.gather(hung, return_exceptions=True)
    assert transport.arrived == ["first"]
    assert (await client.send(sms("third"))).to == "third"


async def test_a_transports_own_error_after_the_first_byte_is_no_licence_to_repeat() -> None:
    error = ConnectionFailedError("says the transport")
    client, transport = client_with(fail(error, left=True))
    with pytest.raises(NoReplyError):
        await client.send(sms())
    assert len(transport.arrived) == 1


async def test_a_send_without_hope_raises_at_once_and_is_not_repeated() -> None:
    client, transport = client_with(rate=1)
    waiting = [asyncio.create_task(client.send(sms(), timeout=600.0)) for _ in range(60)]
    await asyncio.sleep(0.1)
    began = now()
    with pytest.raises(ConnectionFailedError, match="no time left"):
        await client.send(sms("late"), timeout=10.0)
    assert now() == began
    await asyncio.gather(*waiting)
    assert "late" not in transport.arrived


async def test_what_stopped_a_send_is_told_when_no_time_is_left_for_a_repeat() -> None:
    client, _ = client_with(answer(429, retry_after="600"))
    with pytest.raises(ThrottledError, match="slow down") as caught:
        await client.send(sms(), timeout=5.0)
    assert caught.value.retry_after == 600
    assert client.stats.attempts == 1


async def test_sends_whose_slot_comes_in_time_are_not_refused() -> None:
    client, _ = client_with(rate=15)
    sends = (client.send(sms(str(n)), timeout=12.0) for n in range(120))
    assert len(await asyncio.gather(*sends)) == 120


async def test_single_sends_are_served_in_order_of_arrival() -> None:
    client, transport = client_with(rate=15)
    await asyncio.gather(*(client.send(sms(str(n))) for n in range(100)))
    assert transport.arrived == [str(n) for n in range(100)]


async def test_a_send_that_waits_for_a_connection_during_a_pause_hears_of_it_at_once() -> None:
    client, _ = client_with(answer(429, retry_after="60"), connections=4, rate=100)
    async with client.send_many(many(50)) as outcomes:
        taking = asyncio.create_task(anext(outcomes))
        await asyncio.sleep(1.0)
        began = now()
        with pytest.raises(ThrottledError):
            await client.send(sms(), timeout=5.0)
        assert now() == began
        await taking


async def test_a_pause_that_begins_while_the_watch_is_told_is_waited_out() -> None:
    class Slow(Journal):
        async def departing(self, messages: Sequence[Message]) -> None:
            await super().departing(messages)
            if messages[0].to == "slow" and self.told.count(("departing", "slow")) == 1:
                await asyncio.sleep(1.0)

    journal = Slow()
    client, transport = client_with(answer(429, retry_after="30"), rate=10)
    messages = [sms("slow"), sms("other")]
    async with client.send_many(messages, watch=journal) as outcomes:
        assert [type(outcome) async for outcome in outcomes] == [Accepted, Accepted]
    assert transport.arrived[0] == "other"
    assert transport.times[1] - transport.times[0] >= 30
    assert ("ThrottledError", "slow") in journal.told


async def test_refusals_for_rate_and_other_failures_are_counted_apart() -> None:
    refused = fail(OSError("refused"), left=False)
    client, _ = client_with(*[answer(429)] * 6, refused, answer())
    assert (await client.send(sms())).id


async def test_sends_that_wait_when_the_client_is_closed_are_not_made() -> None:
    client, transport = client_with(rate=1)
    waiting = [asyncio.create_task(client.send(sms(str(n)))) for n in range(7)]
    await asyncio.sleep(0.1)
    await client.aclose()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results[1:]] == [RuntimeError] * 6
    assert transport.arrived == ["0"]


async def test_a_transport_that_forgets_to_tell_does_not_break_the_limit() -> None:
    class Forgetful(ScriptedTransport):
        async def exchange(self, request: HttpRequest, leaving: Any) -> HttpResponse:
            return await super().exchange(request, lambda: None)

    transport = Forgetful()
    client = Client(PlainService(), limiter=Limiter(5, policy="strict"), transport=transport)
    await asyncio.gather(*(client.send(sms()) for _ in range(20)))
    times = transport.times
    assert all(b - a >= 1.0 for a, b in zip(times, times[5:], strict=False))


async def test_rate_and_limiter_together_are_refused() -> None:
    with pytest.raises(TypeError, match="rate or limiter"):
        Client(PlainService(), rate=15, limiter=Limiter(15))


async def test_what_is_given_for_something_else_is_told_so() -> None:
    service: Any = PlainService()
    client, _ = client_with()
    wrong: list[tuple[Any, str]] = [
        (lambda: Client("key"), "service value"),  # type: ignore[type-var]
        (lambda: Client(PlainService), "service value"),  # type: ignore[type-var]
        (lambda: Client(service, limiter=15), "limiter must be a Limiter"),  # type: ignore[arg-type]
        (lambda: Client(service, timeout="5"), "timeout must be a number"),  # type: ignore[arg-type]
        (lambda: client.pages(service.read()), "client.call makes single calls"),
    ]
    for mistake, words in wrong:
        with pytest.raises(TypeError, match=words):
            mistake()
    for given, words in [
        (service.listing({}), "client.pages"),
        (sms(), "client.send"),
        (1, "must be a Call"),
    ]:
        with pytest.raises(TypeError, match=words):
            await client.call(given)


async def test_clients_of_one_account_share_its_limiter() -> None:
    limiter = Limiter(10)
    transport = ScriptedTransport()
    clients = [Client(PlainService(), limiter=limiter, transport=transport) for _ in range(3)]
    await asyncio.gather(*(client.send(sms()) for client in clients for _ in range(10)))
    times = sorted(transport.times)
    assert times[-1] - times[0] >= 2.8


async def test_a_closed_client_makes_no_calls() -> None:
    client, transport = client_with()
    await client.aclose()
    with pytest.raises(RuntimeError, match="closed"):
        await client.send(sms())
    assert transport.arrived == []
