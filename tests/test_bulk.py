"""Bulk sends in simulated time: lazy, bounded, every message with exactly one fate."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import clock
import pytest
from fakes import PlainService, ScriptedTransport, answer, fail, hang, many, sms

from mmsclient.client import Client
from mmsclient.errors import RefusedError, ThrottledError
from mmsclient.outcomes import Accepted, Outcome, Refused, Unknown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from mmsclient.errors import CallError
    from mmsclient.messages import Message, Sms


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, Any]:
    return clock.BACKEND


def client_with(
    *steps: Any, rate: float = 1000, latency: float = 0.1, **terms: Any
) -> tuple[Client[PlainService], ScriptedTransport]:
    transport = ScriptedTransport(steps, latency=latency)
    return Client(PlainService(), rate=rate, transport=transport, **terms), transport


def nobody_else_is_left() -> bool:
    return not [task for task in asyncio.all_tasks() if "mmsclient" in task.get_name()]


async def rows(count: int) -> AsyncIterator[Sms]:
    for message in many(count):
        await asyncio.sleep(0.001)
        yield message


@pytest.mark.parametrize("source", [many(200), (m for m in many(200)), rows(200)])
async def test_every_message_has_one_outcome_whatever_the_input_is(source: Any) -> None:
    client, transport = client_with()
    async with client.send_many(source) as outcomes:
        taken = [outcome async for outcome in outcomes]
    assert sorted(o.message.to for o in taken) == sorted(m.to for m in many(200))
    assert all(isinstance(o, Accepted) for o in taken)
    assert (outcomes.late, outcomes.unsent) == ((), ())
    assert len(transport.arrived) == 200
    assert nobody_else_is_left()


async def test_an_empty_input_ends_at_once() -> None:
    client, _ = client_with()
    async with client.send_many([]) as outcomes:
        assert [outcome async for outcome in outcomes] == []


async def test_outcomes_come_in_order_of_completion() -> None:
    async def slow(request: Any, leaving: Any) -> Any:
        leaving()
        await asyncio.sleep(5)
        return await answer()(request, lambda: None)

    client, _ = client_with(slow)
    async with client.send_many(many(5)) as outcomes:
        order = [outcome.message.to async for outcome in outcomes]
    assert order[-1] == many(1)[0].to


async def test_no_more_are_read_than_may_be_in_flight() -> None:
    read: list[str] = []

    def source() -> Iterator[Sms]:
        for message in many(10_000):
            read.append(message.to)
            yield message

    client, transport = client_with()
    async with client.send_many(source(), max_in_flight=8) as outcomes:
        for _ in range(10):
            await anext(outcomes)
        await asyncio.sleep(10)
    assert len(read) == 18
    assert len(transport.arrived) == 18
    assert transport.most_under_way <= 8


async def test_leaving_early_starts_nothing_and_reports_what_was_on_its_way() -> None:
    client, transport = client_with(rate=15, latency=1.0)
    source = iter(many(1000))
    async with client.send_many(source, max_in_flight=30) as outcomes:
        async for _ in outcomes:
            break
    sent = len(transport.arrived)
    assert all(isinstance(outcome, Accepted) for outcome in outcomes.late)
    assert len(outcomes.late) == sent - 1
    assert 1 + len(outcomes.late) + len(outcomes.unsent) == 1000 - len(list(source))
    await asyncio.sleep(60)
    assert len(transport.arrived) == sent
    assert nobody_else_is_left()


async def test_a_repeat_is_not_waited_for_after_leaving() -> None:
    client, _ = client_with(answer(), answer(429, after=0.5, retry_after="900"), latency=1.0)
    began = asyncio.get_running_loop().time()
    async with client.send_many(many(2)) as outcomes:
        await anext(outcomes)
    assert asyncio.get_running_loop().time() - began < 5
    (late,) = outcomes.late
    assert isinstance(late, Refused)
    assert isinstance(late.error, ThrottledError)
    assert outcomes.unsent == ()


async def test_a_final_refusal_after_leaving_is_still_reported() -> None:
    client, _ = client_with(answer(), answer(400), latency=1.0)
    async with client.send_many(many(2)) as outcomes:
        await anext(outcomes)
    (late,) = outcomes.late
    assert isinstance(late, Refused)
    assert isinstance(late.error, RefusedError)
    assert outcomes.unsent == ()


async def test_a_message_announced_to_the_watch_as_the_block_is_left_is_taken_back() -> None:
    told: list[str] = []

    class Slow:
        async def departing(self, messages: Sequence[Message]) -> None:
            told.append("departing")
            if len(told) > 1:
                with suppress(asyncio.CancelledError):  # as a journal does that must finish
                    await asyncio.sleep(2.0)

        async def returned(self, messages: Sequence[Message], error: CallError) -> None:
            told.append("returned")

    client, transport = client_with(rate=100)
    async with client.send_many(many(10), max_in_flight=2, watch=Slow()) as outcomes:
        await anext(outcomes)
        await asyncio.sleep(0)
    assert len(transport.arrived) == 1 + len(outcomes.late)
    assert told.count("departing") - told.count("returned") == len(transport.arrived)


async def test_an_exception_in_the_block_passes_through_and_leaves_no_task() -> None:
    client, _ = client_with()
    with pytest.raises(ZeroDivisionError):
        async with client.send_many(many(100)) as outcomes:
            async for _ in outcomes:
                _ = 1 / 0
    assert nobody_else_is_left()


async def test_cancelling_ends_at_once_and_what_had_left_is_unknown() -> None:
    client, transport = client_with(*[hang(left=True)] * 100)
    bulk = client.send_many(many(100), max_in_flight=20)

    async def consume() -> None:
        async with bulk as outcomes:
            async for _ in outcomes:
                pass

    task = asyncio.create_task(consume())
    await asyncio.sleep(5)
    began = asyncio.get_running_loop().time()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.get_running_loop().time() == began
    assert [type(outcome) for outcome in bulk.late] == [Unknown] * len(transport.arrived)
    assert len(bulk.late) + len(bulk.unsent) == 20
    assert nobody_else_is_left()


async def test_cancelling_while_waiting_for_the_rest_ends_at_once_too() -> None:
    client, _ = client_with(answer(), *[hang(left=True)] * 100)
    bulk = client.send_many(many(100), max_in_flight=20)

    async def consume() -> None:
        async with bulk as outcomes:
            await anext(outcomes)

    task = asyncio.create_task(consume())
    await asyncio.sleep(5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert {type(outcome) for outcome in bulk.late} == {Unknown}
    assert nobody_else_is_left()


async def test_an_input_that_raises_does_so_after_the_outcomes_under_way() -> None:
    def source() -> Iterator[Sms]:
        yield from many(5)
        raise LookupError("row 6")

    client, _ = client_with()
    taken: list[Outcome] = []
    with pytest.raises(LookupError, match="row 6"):
        async with client.send_many(source()) as outcomes:
            async for outcome in outcomes:
                taken.append(outcome)  # noqa: PERF401 - the loop raises
    assert len(taken) == 5
    assert nobody_else_is_left()


async def test_bad_messages_are_refused_outcomes_and_the_stream_goes_on() -> None:
    client, transport = client_with()
    messages: list[Any] = [sms("a"), sms("bad"), object(), None, sms("b")]
    async with client.send_many(messages) as outcomes:
        taken = [outcome async for outcome in outcomes]
    refused = [outcome.message for outcome in taken if isinstance(outcome, Refused)]
    assert refused == messages[1:4]
    assert sorted(transport.arrived) == ["a", "b"]


async def test_an_error_named_in_stop_on_ends_the_stream_after_what_is_under_way() -> None:
    client, transport = client_with(answer(), answer(400), rate=15, latency=0.01)
    bulk = client.send_many(many(1000), max_in_flight=10, stop_on=RefusedError)
    taken: list[Outcome] = []
    with pytest.raises(RefusedError):
        async with bulk as outcomes:
            async for outcome in outcomes:
                taken.append(outcome)  # noqa: PERF401 - the loop raises
    assert [type(outcome) for outcome in taken][:2] == [Accepted, Refused]
    assert len(transport.arrived) == len(taken)
    assert len(taken) + len(bulk.unsent) <= 12
    assert nobody_else_is_left()


async def test_mixed_failures_each_find_their_outcome() -> None:
    client, transport = client_with(
        answer(500), fail(OSError("reset"), left=True), fail(OSError("no route"), left=False)
    )
    async with client.send_many(many(10), max_in_flight=1) as outcomes:
        taken = [outcome async for outcome in outcomes]
    kinds = [type(outcome) for outcome in taken]
    assert kinds == [Unknown, Unknown, *[Accepted] * 8]
    assert len(set(transport.arrived)) == len(transport.arrived) == 10


async def test_a_single_use_block_says_how_it_wants_to_be_used() -> None:
    client, _ = client_with()
    bulk = client.send_many(many(1))
    with pytest.raises(RuntimeError, match="async with"):
        await anext(bulk)
    async with bulk:
        pass
    with pytest.raises(RuntimeError, match="inside async with"):
        await anext(bulk)
    with pytest.raises(RuntimeError, match="entered once"):
        async with bulk:
            pass
    with pytest.raises(ValueError, match="max_in_flight"):
        client.send_many([], max_in_flight=0)
    for wrong in (sms(), None, many, "12025550143"):
        with pytest.raises(TypeError, match="iterable of messages"):
            client.send_many(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="stop_on"):
        client.send_many([], stop_on="auth")  # type: ignore[arg-type]


async def test_outcomes_are_told_to_the_hook_as_well() -> None:
    told: list[Outcome] = []
    client, _ = client_with(on_outcome=told.append)
    async with client.send_many(many(20)) as outcomes:
        taken = [outcome async for outcome in outcomes]
    assert told == taken


async def test_a_hook_that_raises_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def hook(_: Outcome) -> None:
        raise LookupError("what only its author may see")

    client, _ = client_with(on_outcome=hook)
    async with client.send_many(many(20)) as outcomes:
        assert [type(outcome) async for outcome in outcomes] == [Accepted] * 20
    assert (await client.send(sms())).id
    assert caplog.messages[0] == "on_outcome raised LookupError"
    assert "author" not in caplog.text


class Watching:
    """A watch of which one half may be replaced."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def departing(self, messages: Sequence[Message]) -> None:
        self.told += [f"departing {message.to}" for message in messages]

    async def returned(self, messages: Sequence[Message], error: CallError) -> None:
        self.told += [f"{type(error).__name__} {message.to}" for message in messages]


async def cancelled_inside() -> None:
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    await future


@pytest.mark.parametrize("width", [1, 4])
async def test_a_cancellation_inside_the_watch_is_an_error_and_no_silent_end(width: int) -> None:
    class Odd(Watching):
        async def departing(self, messages: Sequence[Message]) -> None:
            await cancelled_inside()

    client, transport = client_with()
    bulk = client.send_many(many(50), max_in_flight=width, watch=Odd())
    with pytest.raises(RuntimeError, match="was cancelled"):
        async with bulk as outcomes:
            async for _ in outcomes:
                pass
    assert transport.arrived == []
    assert 1 <= len(bulk.unsent) <= width
    assert nobody_else_is_left()


async def test_a_cancellation_inside_the_input_is_an_error_and_no_silent_end() -> None:
    async def source() -> AsyncIterator[Sms]:
        for message in many(3):
            yield message
        await cancelled_inside()

    client, _ = client_with()
    taken: list[Outcome] = []
    with pytest.raises(RuntimeError, match="was cancelled"):
        async with client.send_many(source()) as outcomes:
            async for outcome in outcomes:
                taken.append(outcome)  # noqa: PERF401 - the loop raises
    assert len(taken) == 3


async def test_nothing_more_leaves_after_an_error_named_in_stop_on() -> None:
    client, transport = client_with(answer(429, retry_after="30"), answer(400))
    bulk = client.send_many(many(20), max_in_flight=2, stop_on=RefusedError)
    with pytest.raises(RefusedError):
        async with bulk as outcomes:
            async for _ in outcomes:
                pass
    assert len(transport.arrived) == 2


async def test_a_journal_is_not_cut_short_when_the_block_is_left() -> None:
    class Slow(Watching):
        async def returned(self, messages: Sequence[Message], error: CallError) -> None:
            await asyncio.sleep(1.0)
            await super().returned(messages, error)

    watch = Slow()
    client, _ = client_with(answer(), answer(400), latency=0.1)
    async with client.send_many(many(2), watch=watch) as outcomes:
        await anext(outcomes)
        await asyncio.sleep(0.2)
    (late,) = outcomes.late
    assert isinstance(late, Refused)
    assert watch.told[-1].startswith("RefusedError")


async def test_cancelling_three_times_leaves_no_task_and_hides_no_fate() -> None:
    async def stubborn(request: Any, leaving: Any) -> Any:
        leaving()
        try:
            await asyncio.sleep(1e6)
        finally:
            await asyncio.sleep(0.5)

    client, transport = client_with(*[stubborn] * 10)
    bulk = client.send_many(many(10))

    async def consume() -> None:
        async with bulk as outcomes:
            await anext(outcomes)

    task = asyncio.create_task(consume())
    await asyncio.sleep(1.0)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0.1)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert nobody_else_is_left()
    assert [type(outcome) for outcome in bulk.late] == [Unknown] * len(transport.arrived)
    assert len(transport.arrived) == 10


async def test_an_error_that_comes_after_leaving_the_block_is_raised_by_leaving() -> None:
    class Full(Watching):
        async def returned(self, messages: Sequence[Message], error: CallError) -> None:
            await asyncio.sleep(0.5)
            raise OSError("disk full")

    client, _ = client_with(answer(), answer(400), latency=0.1)
    with pytest.raises(OSError, match="disk full"):
        async with client.send_many(many(2), watch=Full()) as outcomes:
            await anext(outcomes)
            await asyncio.sleep(0.2)


async def test_throttling_in_bulk_refuses_nobody_and_sends_nobody_twice() -> None:
    client, transport = client_with(answer(), *[answer(429)] * 6, rate=50)
    async with client.send_many(many(50)) as outcomes:
        taken = [outcome async for outcome in outcomes]
    assert {type(outcome) for outcome in taken} == {Accepted}
    assert len(transport.arrived) == 56
    assert client.stats.throttled == 6


async def test_a_million_recipients_would_not_be_held_in_memory() -> None:
    """What is held is bounded by the width, not by the input: counted at a tenth of the way."""
    alive = 0

    class Row:
        def __init__(self) -> None:
            nonlocal alive
            alive += 1

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    client, _ = client_with(latency=0.0)
    source: Iterator[Any] = (Row() for _ in range(20_000))
    async with client.send_many(source, max_in_flight=16) as outcomes:
        most = 0
        async for outcome in outcomes:
            most = max(most, alive)
            assert isinstance(outcome, Refused)
            del outcome
    assert most <= 40


async def test_throttled_to_the_end_is_refused_not_lost() -> None:
    client, _ = client_with(*[answer(429)] * 30)
    async with client.send_many(many(1)) as outcomes:
        (only,) = [outcome async for outcome in outcomes]
    assert isinstance(only, Refused)
    assert isinstance(only.error, ThrottledError)


async def test_messages_are_the_callers_own_objects() -> None:
    client, _ = client_with()
    messages: list[Message] = list(many(10))
    async with client.send_many(messages) as outcomes:
        taken = {id(outcome.message) async for outcome in outcomes}
    assert taken == {id(message) for message in messages}
