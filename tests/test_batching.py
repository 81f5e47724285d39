"""Messages that share calls, in simulated time: who travels with whom, and what becomes of each."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import attrs
import clock
import pytest
from fakes import ScriptedTransport, answer, fail, many, sms
from sharing import SharingService, all_of, fates, numbers, own_tasks, refusing, sizes

import mmsclient as mms
from mmsclient.gathering import LINGER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, Any]:
    return clock.BACKEND


def client_with(
    *steps: Any, rate: float = 1000, latency: float = 0.1, largest: int = 500, **terms: Any
) -> tuple[mms.Client[SharingService], ScriptedTransport]:
    transport = ScriptedTransport(steps, latency=latency)
    service = SharingService(largest_batch=largest)
    limiter = mms.Limiter(rate, policy="nominal")
    return mms.Client(service, limiter=limiter, transport=transport, **terms), transport


def now() -> float:
    return asyncio.get_running_loop().time()


def different(count: int) -> list[mms.Sms]:
    """Return messages of which no two can share a call."""
    return [attrs.evolve(message, text=f"hello {n}") for n, message in enumerate(many(count))]


# -- who travels with whom --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("batch", "calls"),
    [(None, [100] * 10), (1, [1] * 1000), (300, [300] * 3 + [100]), (9999, [500] * 2)],
)
async def test_so_many_share_a_call_and_each_has_its_outcome(
    batch: int | None, calls: list[int]
) -> None:
    client, transport = client_with()
    messages = many(1000)
    taken = await all_of(client.send_many(messages, batch=batch))
    assert sizes(transport) == calls
    assert {id(o.message) for o in taken} == set(map(id, messages))
    assert all(isinstance(o, mms.Accepted) and o.to == o.message.to for o in taken)
    assert len(taken) == 1000


async def test_where_each_needs_its_own_call_nothing_is_gathered() -> None:
    client, transport = client_with(largest=1)
    began = now()
    await all_of(client.send_many(many(10), batch=100))
    assert sizes(transport) == [1] * 10
    assert transport.times[0] == began


@pytest.mark.parametrize(("batch", "error"), [(0, ValueError), (True, TypeError), (2.0, TypeError)])
async def test_a_batch_that_is_no_count_is_refused_by_name(
    batch: Any, error: type[Exception]
) -> None:
    client, _ = client_with()
    with pytest.raises(error, match="batch must be"):
        client.send_many([], batch=batch)


async def test_messages_that_alternate_share_with_their_like() -> None:
    client, transport = client_with()
    messages = [sms(f"1202555{n:04}") for n in range(400)]
    messages = [attrs.evolve(m, text="ab"[n % 2]) for n, m in enumerate(messages)]
    taken = await all_of(client.send_many(messages))
    assert sizes(transport) == [100] * 4
    assert len(taken) == 400


async def test_a_number_that_comes_twice_is_in_two_calls_and_has_two_outcomes() -> None:
    client, transport = client_with()
    messages = [*many(30), *many(10)]
    taken = await all_of(client.send_many(messages))
    assert sorted(sizes(transport)) == [10, 30]
    assert {id(o.message) for o in taken} == set(map(id, messages))
    assert all(len(set(body.split(","))) == len(body.split(",")) for body in transport.arrived)


async def test_bad_messages_among_good_ones_are_refused_and_cost_no_call() -> None:
    client, transport = client_with()
    bad: list[Any] = [sms("bad"), object(), None]
    good = many(200)
    taken = await all_of(client.send_many([*good[:50], *bad, *good[50:]]))
    assert [o.message for o in taken if isinstance(o, mms.Refused)] == bad
    assert sizes(transport) == [100, 100]
    assert sorted(numbers(transport)) == [m.to for m in good]


# -- how many at once -------------------------------------------------------------------------


async def test_a_batch_is_no_larger_than_what_may_be_in_flight() -> None:
    read: list[str] = []

    def source() -> Iterator[mms.Sms]:
        for message in many(1000):
            read.append(message.to)
            yield message

    client, transport = client_with()
    async with client.send_many(source(), max_in_flight=8) as outcomes:
        for taken in range(1, 101):
            await anext(outcomes)
            assert len(read) <= taken + 8
        await asyncio.sleep(10)
        assert len(read) == 108
    assert max(sizes(transport)) == 8


@pytest.mark.parametrize(("bound", "under_way"), [(8, 8), (150, 100), (None, 100)])
async def test_messages_that_cannot_share_are_under_way_beside_each_other(
    bound: int | None, under_way: int
) -> None:
    client, transport = client_with(latency=2.0, connections=100 * 8 // 7 + 1)
    taken = await all_of(client.send_many(different(600), max_in_flight=bound))
    assert len(taken) == 600
    assert sizes(transport) == [1] * 600
    assert transport.most_under_way == pytest.approx(under_way, abs=1)


async def test_the_end_of_the_input_leaves_no_worker_alone_with_what_is_gathered() -> None:
    client, transport = client_with(rate=15, latency=1.0)
    began = now()
    await all_of(client.send_many(different(150)))
    assert transport.most_under_way >= 10
    assert now() - began < 1.3 * 150 / 15 + 1


@pytest.mark.parametrize("pause", [0.0, 0.0001])
async def test_a_consumer_that_awaits_between_outcomes_gets_whole_batches_too(pause: float) -> None:
    client, transport = client_with(rate=15, latency=0.6)
    async with client.send_many(many(10_000)) as outcomes:
        async for _ in outcomes:
            await asyncio.sleep(pause)
    assert len(transport.arrived) <= 1.1 * 10_000 / 100


async def test_a_consumer_slower_than_the_service_does_not_break_batches_up() -> None:
    """Places come back one by one: who has the next does not leave alone with it."""
    client, transport = client_with()
    async with client.send_many(many(2000), max_in_flight=300) as outcomes:
        async for _ in outcomes:
            await asyncio.sleep(0.002)
    assert len(transport.arrived) <= 1.2 * 2000 * 0.002 / LINGER


async def test_what_fills_all_places_by_itself_leaves_without_waiting() -> None:
    client, transport = client_with(latency=0.0)
    messages = [attrs.evolve(m, text="ab"[n % 2]) for n, m in enumerate(many(100))]
    began = now()
    await all_of(client.send_many(messages, max_in_flight=10))
    assert len(transport.arrived) <= 20
    assert now() - began < 0.1  # twenty calls would take 2 s if each lingered


async def test_others_have_their_turns_while_a_large_batch_is_gathered() -> None:
    read: list[mms.Sms] = []

    def source() -> Iterator[mms.Sms]:
        for message in many(500):
            read.append(message)
            yield message

    async def turns() -> None:
        while len(read) < 500:
            seen.append(len(read))
            await asyncio.sleep(0)

    seen: list[int] = []
    client, transport = client_with()
    other = asyncio.create_task(turns())
    await all_of(client.send_many(source(), batch=500))
    await other
    assert sizes(transport) == [500]
    assert max(later - earlier for earlier, later in pairwise(seen)) <= 100


# -- answers ----------------------------------------------------------------------------------


async def test_a_lost_answer_makes_exactly_its_batch_unknown_and_none_is_sent_twice() -> None:
    client, transport = client_with(answer(), answer(), fail(OSError("reset"), left=True))
    messages = many(1000)
    taken = await all_of(client.send_many(messages))
    unknown = [o.message.to for o in taken if isinstance(o, mms.Unknown)]
    assert sorted(unknown) == [m.to for m in messages[200:300]]
    assert Counter(numbers(transport)) == Counter(m.to for m in messages)
    assert sum(isinstance(o, mms.Accepted) for o in taken) == 900


async def test_a_batch_that_never_left_is_repeated_whole() -> None:
    client, transport = client_with(fail(OSError("no route"), left=False), answer(429))
    taken = await all_of(client.send_many(many(100)))
    assert {type(o) for o in taken} == {mms.Accepted}
    assert sizes(transport) == [100, 100]


@pytest.mark.parametrize("place", [0, 37, 99])
async def test_one_bad_number_does_not_refuse_the_ninety_nine_others(place: int) -> None:
    messages = many(100)
    bad = messages[place].to
    client, transport = client_with(*[refusing(bad)] * 100)
    taken = await all_of(client.send_many(messages))
    assert [o.message.to for o in taken if isinstance(o, mms.Refused)] == [bad]
    assert sorted(o.message.to for o in taken) == [m.to for m in messages]
    assert len(transport.arrived) <= 2 * math.ceil(math.log2(100)) + 1
    alone = [body for body in transport.arrived if bad in body]
    assert Counter(numbers(transport))[bad] == len(alone)
    assert sizes(transport)[0] == 100


async def test_a_refusal_that_is_the_accounts_is_not_tried_in_halves() -> None:
    async def refuse(_: Any, leaving: Any) -> mms.HttpResponse:
        leaving()
        return mms.HttpResponse(200)

    class Closed(SharingService):
        def batch(self, messages: Sequence[mms.Message]) -> mms.Call[list[mms.Outcome]]:
            def decode(_: mms.HttpResponse) -> list[mms.Outcome]:
                raise mms.InsufficientCreditError("no credit")

            return attrs.evolve(super().batch(messages), decode=decode)

    transport = ScriptedTransport([refuse] * 9)
    client = mms.Client(Closed(), rate=1000, transport=transport)
    taken = await all_of(client.send_many(many(300)))
    assert sizes(transport) == [100] * 3
    assert {type(o) for o in taken} == {mms.Refused}


async def test_an_error_named_in_stop_on_leaves_the_other_half_unsent() -> None:
    messages = many(1000)
    bad = messages[0].to
    client, transport = client_with(*[refusing(bad)] * 100, rate=15)
    bulk = client.send_many(messages, max_in_flight=100, stop_on=mms.RefusedError)
    taken: list[mms.Outcome] = []
    with pytest.raises(mms.RefusedError):
        async with bulk as outcomes:
            async for outcome in outcomes:
                taken.append(outcome)  # noqa: PERF401 - the loop raises
    assert [o.message.to for o in taken] == [bad]
    assert sorted(m.to for m in bulk.unsent) == [m.to for m in messages[1:100]]
    assert sizes(transport) == [100, 50, 25, 12, 6, 3, 1]
    assert not own_tasks(asyncio.all_tasks())


# -- the watch --------------------------------------------------------------------------------


class Watching:
    def __init__(self) -> None:
        self.departed: list[list[str]] = []
        self.back: list[list[str]] = []

    async def departing(self, messages: Sequence[mms.Message]) -> None:
        self.departed.append([message.to for message in messages])

    async def returned(self, messages: Sequence[mms.Message], error: mms.CallError) -> None:
        self.back.append([message.to for message in messages])


async def test_the_watch_is_told_of_all_messages_of_a_batch_at_each_attempt() -> None:
    watch = Watching()
    client, transport = client_with(
        fail(OSError("no route"), left=False), answer(429), fail(OSError("reset"), left=True)
    )
    taken = await all_of(client.send_many(many(10), watch=watch))
    every = [m.to for m in many(10)]
    assert watch.departed == [every] * 3
    assert watch.back == [every] * 2
    assert {type(o) for o in taken} == {mms.Unknown}
    assert numbers(transport) == every * 2


async def test_the_watch_hears_of_a_batch_that_comes_back_and_leaves_again_in_halves() -> None:
    watch = Watching()
    messages = many(4)
    client, _ = client_with(*[refusing(messages[3].to)] * 9)
    await all_of(client.send_many(messages, watch=watch))
    a, b, c, d = (m.to for m in messages)
    assert watch.departed == [[a, b, c, d], [a, b], [c, d], [c], [d]]
    assert watch.back == [[a, b, c, d], [c, d], [d]]


async def test_a_watch_that_raises_leaves_its_whole_batch_unsent() -> None:
    class Full(Watching):
        async def departing(self, messages: Sequence[mms.Message]) -> None:
            await super().departing(messages)
            if len(self.departed) == 2:
                raise OSError("disk full")

    client, transport = client_with(rate=15)
    messages = many(1000)
    source = iter(messages)
    bulk = client.send_many(source, watch=Full(), max_in_flight=300)
    taken: list[mms.Outcome] = []
    with pytest.raises(OSError, match="disk full"):
        async with bulk as outcomes:
            async for outcome in outcomes:
                taken.append(outcome)  # noqa: PERF401 - the loop raises
    assert len(transport.arrived) <= 2
    assert sorted(o.message.to for o in (*taken, *bulk.late)) == sorted(numbers(transport))
    assert len(bulk.unsent) >= 100
    read = messages[: 1000 - len(list(source))]
    assert sorted(map(id, fates(taken, bulk))) == sorted(map(id, read))


# -- refusals that are no single number's ---------------------------------------------------------


async def test_what_is_refused_however_it_is_halved_costs_few_calls() -> None:
    client, transport = client_with(*[answer(400)] * 50)
    taken = await all_of(client.send_many(many(100)))
    assert {type(o) for o in taken} == {mms.Refused}
    assert {id(o.message) for o in taken} == {id(o.message) for o in taken}
    assert len(taken) == 100
    assert len(transport.arrived) <= 14


@pytest.mark.parametrize("places", [(0,), (0, 1), (49, 50), (99,), (3, 40, 77)])
async def test_some_bad_numbers_are_found_wherever_they_are(places: tuple[int, ...]) -> None:
    messages = many(100)
    bad = {messages[place].to for place in places}

    async def step(request: mms.HttpRequest, leaving: Callable[[], None]) -> mms.HttpResponse:
        leaving()
        refused = bad & set(request.body.decode().split(","))
        return mms.HttpResponse(400 if refused else 200, {}, b"said")

    client, _ = client_with(*[step] * 200)
    taken = await all_of(client.send_many(messages))
    assert {o.message.to for o in taken if isinstance(o, mms.Refused)} == bad
    assert sum(isinstance(o, mms.Accepted) for o in taken) == 100 - len(bad)


def partly(late: set[str], calls: list[list[str]]) -> SharingService:
    """Return a service that notes its calls, and refuses some numbers of the first for rate."""

    class Partly(SharingService):
        def batch(self, messages: Sequence[mms.Message]) -> mms.Call[list[mms.Outcome]]:
            kept, call = tuple(messages), super().batch(messages)

            def decode(response: mms.HttpResponse) -> list[mms.Outcome]:
                calls.append([message.to for message in kept])
                done: list[mms.Outcome] = list(call.decode(response))
                if len(calls) > 1:
                    return done
                error = mms.ThrottledError("slow down", retry_after=3.0)
                return [
                    mms.Refused(message=o.message, error=error) if o.message.to in late else o
                    for o in done
                ]

            return attrs.evolve(call, decode=decode)

    return Partly()


async def test_a_part_that_was_refused_for_rate_is_sent_again_after_the_pause() -> None:
    messages = many(10)
    late = {message.to for message in messages[5:]}
    calls: list[list[str]] = []
    transport = ScriptedTransport()
    client = mms.Client(partly(late, calls), transport=transport)
    taken = await all_of(client.send_many(messages))
    assert [len(call) for call in calls] == [10, 5]
    assert set(calls[1]) == late
    assert sum(isinstance(o, mms.Accepted) for o in taken) == len(taken) == 10
    assert client.stats.throttled == 1
    assert transport.times[1] - transport.times[0] >= 3.0


class SlowWatch:
    """A journal that takes its time to write that messages are unsent again."""

    def __init__(self, *, breaks: bool = False) -> None:
        self.begun, self.back = asyncio.Event(), 0
        self._breaks = breaks

    async def departing(self, messages: Sequence[mms.Message]) -> None:
        """Let everything go."""

    async def returned(self, messages: Sequence[mms.Message], error: mms.CallError) -> None:
        self.begun.set()
        if self._breaks:
            raise asyncio.CancelledError
        await asyncio.sleep(1.0)
        self.back += len(messages)


async def test_what_a_watch_writes_of_a_part_that_goes_again_is_never_cut_short() -> None:
    messages, watch = many(10), SlowWatch()
    late = {message.to for message in messages[5:]}
    client = mms.Client(partly(late, []), transport=ScriptedTransport())
    bulk = client.send_many(messages, watch=watch)
    task = asyncio.create_task(all_of(bulk))
    await watch.begun.wait()
    task.cancel()
    await asyncio.wait([task])
    assert watch.back == 5
    assert {message.to for message in bulk.unsent} == late


async def test_a_watch_that_cancels_itself_ends_the_stream_with_an_error() -> None:
    messages = many(10)
    late = {message.to for message in messages[5:]}
    client = mms.Client(partly(late, []), transport=ScriptedTransport())
    bulk = client.send_many(messages, watch=SlowWatch(breaks=True))
    with pytest.raises(RuntimeError, match="was cancelled"):
        await all_of(bulk)
    assert {message.to for message in bulk.unsent} == late
