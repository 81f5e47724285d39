"""What a bulk send with shared calls makes of inputs that trickle, block, raise or are left early."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import clock
import pytest
from fakes import ScriptedTransport, hang, many
from sharing import SharingService, all_of, fates, numbers, own_tasks, sizes

import mmsclient as mms
from mmsclient.gathering import LINGER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, Any]:
    return clock.BACKEND


def client_with(
    *steps: Any, latency: float = 0.1, rate: float = 1000
) -> tuple[mms.Client[SharingService], ScriptedTransport]:
    transport = ScriptedTransport(steps, latency=latency)
    limiter = mms.Limiter(rate, policy="nominal")
    return mms.Client(SharingService(), limiter=limiter, transport=transport), transport


def now() -> float:
    return asyncio.get_running_loop().time()


class Trickle:
    """Gives a message now and then, and knows which it gave and when."""

    def __init__(self, count: int, pause: float, *, then: Any = None) -> None:
        self._count = count
        self._pause = pause
        self._then = then
        self.given: list[mms.Message] = []
        self.at: dict[str, float] = {}
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[mms.Sms]:
        try:
            for message in many(self._count):
                await asyncio.sleep(self._pause)
                self.given.append(message)
                self.at[message.to] = now()
                yield message
            if self._then is not None:
                await self._then()
        finally:
            self.closed = True


async def for_ever() -> None:
    await asyncio.Event().wait()


async def broken() -> None:
    raise LookupError("the next row")


async def cancelled() -> None:
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    await future


async def consume(bulk: Any, taken: list[mms.Outcome], most: int | None = None) -> None:
    async with bulk as outcomes:
        async for outcome in outcomes:
            taken.append(outcome)
            if len(taken) == most:
                break


# -- lingering --------------------------------------------------------------------------------


async def test_what_trickles_in_travels_together_and_waits_a_tenth_of_a_second_at_most() -> None:
    client, transport = client_with()
    source = Trickle(100, 0.03)
    assert len(await all_of(client.send_many(source))) == 100
    assert set(sizes(transport)[:-1]) == {4}  # at 0, 30, 60 and 90 ms
    for body, at in zip(transport.arrived, transport.times, strict=True):
        waited = [at - source.at[number] for number in body.split(",")]
        assert max(waited) <= LINGER + 0.01  # and its slot


async def test_what_comes_fast_leaves_full() -> None:
    client, transport = client_with()
    assert len(await all_of(client.send_many(Trickle(1000, 0.0)))) == 1000
    assert sizes(transport) == [100] * 10


async def test_messages_that_come_seldom_leave_alone_and_in_time() -> None:
    client, transport = client_with()
    source = Trickle(5, 10.0)
    await all_of(client.send_many(source))
    assert sizes(transport) == [1] * 5
    waited = [at - given for at, given in zip(transport.times, source.at.values(), strict=True)]
    assert max(waited) <= LINGER + 0.01


async def test_the_end_of_an_input_is_not_lingered_for() -> None:
    client, transport = client_with(latency=0.0)
    began = now()
    await all_of(client.send_many(Trickle(30, 0.0)))
    assert sizes(transport) == [30]
    assert now() - began < LINGER / 2


async def test_an_input_that_blocks_for_ever_holds_nothing_back() -> None:
    client, transport = client_with()
    source = Trickle(3, 0.0, then=for_ever)
    async with client.send_many(source) as outcomes:
        taken = [await anext(outcomes) for _ in range(3)]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await anext(outcomes)
    assert {type(outcome) for outcome in taken} == {mms.Accepted}
    assert sizes(transport) == [3]
    assert source.closed
    assert (outcomes.late, outcomes.unsent) == ((), ())
    assert not own_tasks(asyncio.all_tasks())


async def test_a_message_that_came_while_others_left_is_not_lost() -> None:
    """The input is being read when what waits leaves: that reading goes on."""
    client, transport = client_with(latency=5.0)
    taken = await all_of(client.send_many(Trickle(50, 0.099)))
    assert sorted(o.message.to for o in taken) == [m.to for m in many(50)]
    assert numbers(transport) == [m.to for m in many(50)]


# -- inputs that end badly --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "error"), [(broken, LookupError), (cancelled, RuntimeError)], ids=["raises", "cancel"]
)
async def test_an_input_that_fails_does_so_after_all_it_gave_is_accounted_for(
    then: Any, error: type[Exception]
) -> None:
    client, transport = client_with()
    source = Trickle(150, 0.0, then=then)
    bulk = client.send_many(source)
    taken: list[mms.Outcome] = []
    with pytest.raises(error):
        await consume(bulk, taken)
    assert sorted(m.to for m in fates(taken, bulk)) == [m.to for m in many(150)]
    assert {o.message.to for o in taken} >= set(numbers(transport)[:100])
    if error is LookupError:
        assert len(taken) == 150
    assert not own_tasks(asyncio.all_tasks())


async def test_a_plain_input_that_raises_does_so_after_the_last_batch() -> None:
    def source() -> Iterator[mms.Sms]:
        yield from many(150)
        raise LookupError("row 151")

    client, transport = client_with()
    taken: list[mms.Outcome] = []
    with pytest.raises(LookupError, match="row 151"):
        await consume(client.send_many(source()), taken)
    assert sizes(transport) == [100, 50]
    assert len(taken) == 150


# -- leaving early ----------------------------------------------------------------------------


async def test_leaving_early_hands_back_what_was_gathered() -> None:
    client, transport = client_with(rate=15, latency=1.0)
    messages = many(1000)
    source = iter(messages)
    bulk = client.send_many(source, batch=50, max_in_flight=220)
    taken: list[mms.Outcome] = []
    await consume(bulk, taken, most=1)
    read = messages[: 1000 - len(list(source))]
    assert sorted(map(id, fates(taken, bulk))) == sorted(map(id, read))
    sent = numbers(transport)
    assert sorted(o.message.to for o in (*taken, *bulk.late)) == sorted(sent)
    assert len(set(sent)) == len(sent)
    assert not {m.to for m in bulk.unsent} & set(sent)
    arrived = len(transport.arrived)
    await asyncio.sleep(60)
    assert len(transport.arrived) == arrived
    assert not own_tasks(asyncio.all_tasks())


@pytest.mark.parametrize("pause", [0.0, 0.03, 0.07])
async def test_leaving_an_input_that_trickles_hands_back_all_that_it_gave(pause: float) -> None:
    client, transport = client_with(latency=0.25)
    source = Trickle(9999, pause)
    bulk = client.send_many(source, max_in_flight=500)
    taken: list[mms.Outcome] = []
    await consume(bulk, taken, most=1)
    assert sorted(map(id, fates(taken, bulk))) == sorted(map(id, source.given))
    assert len(taken) + len(bulk.late) == len(numbers(transport))
    assert bulk.unsent or not pause
    assert not own_tasks(asyncio.all_tasks())


async def test_cancelling_hands_back_what_was_gathered_and_what_had_left_is_unknown() -> None:
    client, transport = client_with(*[hang(left=True)] * 99)
    source = Trickle(9999, 0.03)
    bulk = client.send_many(source)
    task = asyncio.create_task(consume(bulk, []))
    await asyncio.sleep(1.0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert {type(outcome) for outcome in bulk.late} == {mms.Unknown}
    assert sorted(o.message.to for o in bulk.late) == sorted(numbers(transport))
    assert bulk.unsent
    assert sorted(map(id, fates([], bulk))) == sorted(map(id, source.given))


async def test_cancelling_again_while_the_input_closes_slowly_loses_nothing() -> None:
    class Slow(Trickle):
        async def __aiter__(self) -> AsyncIterator[mms.Sms]:
            try:
                async for message in super().__aiter__():
                    yield message
            finally:
                await asyncio.sleep(1.0)

    client, _ = client_with(*[hang(left=True)] * 99)
    source = Slow(9999, 0.03)
    bulk = client.send_many(source)
    task = asyncio.create_task(consume(bulk, []))
    await asyncio.sleep(1.0)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0.1)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert bulk.unsent
    assert sorted(map(id, fates([], bulk))) == sorted(map(id, source.given))
    assert not own_tasks(asyncio.all_tasks())


async def test_an_input_that_answers_its_cancellation_with_a_message_gets_it_back() -> None:
    last = many(100)[-1]

    async def source() -> AsyncIterator[mms.Sms]:
        yield many(1)[0]
        try:
            await for_ever()
        except asyncio.CancelledError:
            yield last

    client, _ = client_with()
    bulk = client.send_many(source())
    await consume(bulk, [], most=1)
    assert bulk.unsent == (last,)
