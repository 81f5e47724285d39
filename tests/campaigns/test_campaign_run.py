"""Runs of a campaign in simulated time: every row ends in one state, whatever happens on the way."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import clock
import pytest
from fakes import PlainService, ScriptedTransport, answer, fail, hang, many, sms

import mmsclient as mms
from mmsclient.campaigns.dispatch import MOST_DOUBTFUL, MOST_RETURNS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

START = datetime(2031, 2, 3, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, Any]:
    return clock.BACKEND


def now() -> datetime:
    return START + timedelta(seconds=asyncio.get_running_loop().time())


def client_with(
    *steps: Any, rate: float = 100, latency: float = 0.05, **terms: Any
) -> tuple[mms.Client[PlainService], ScriptedTransport]:
    transport = ScriptedTransport(steps, latency=latency)
    return mms.Client(PlainService(), rate=rate, transport=transport, **terms), transport


async def filled(path: Path, count: int = 50) -> mms.Campaign:
    campaign = mms.Campaign(path / "spring.db", now=now)
    await campaign.add(many(count))
    return campaign


async def taken(run: mms.CampaignRun) -> list[mms.Outcome]:
    async with run as outcomes:
        return [outcome async for outcome in outcomes]


def refused_connection() -> Any:
    return fail(ConnectionRefusedError("nobody listens"), left=False)


async def test_each_row_is_sent_once_and_told_once(tmp_path: Path) -> None:
    campaign = await filled(tmp_path)
    client, transport = client_with()
    outcomes = await taken(campaign.run(client))
    assert sorted(transport.arrived) == sorted(m.to for m in many(50))
    assert {type(outcome) for outcome in outcomes} == {mms.Accepted}
    assert len({outcome.message.reference for outcome in outcomes}) == 50
    assert await campaign.counts() == {
        "pending": 0,
        "sending": 0,
        "accepted": 50,
        "refused": 0,
        "unknown": 0,
    }
    assert await taken(campaign.run(client)) == []
    assert len(transport.arrived) == 50


async def test_an_outcome_is_on_the_disk_when_it_is_told(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 5)
    client, _ = client_with()
    async with campaign.run(client) as outcomes:
        async for outcome in outcomes:
            states = {row.reference: row.state async for row in campaign.outcomes()}
            assert states[outcome.message.reference or ""] == "accepted"


async def test_each_kind_of_end_is_kept_with_its_reason(tmp_path: Path) -> None:
    campaign = mms.Campaign(tmp_path / "spring.db", now=now)
    messages = [sms(f"120255500{n:02}", reference=f"row-{n}") for n in range(4)]
    await campaign.add([*messages, mms.SavedMms(template="1", to="12025550199", reference="row-4")])
    client, _ = client_with(answer(), answer(400), answer(500), hang(left=True), rate=1)
    outcomes = {o.message.reference: o for o in await taken(campaign.run(client))}
    kinds = {reference: type(outcome).__name__ for reference, outcome in outcomes.items()}
    assert kinds == {
        "row-0": "Accepted",
        "row-1": "Refused",
        "row-2": "Unknown",
        "row-3": "Unknown",
        "row-4": "Refused",
    }
    rows = {row.reference: row async for row in campaign.outcomes()}
    assert [rows[f"row-{n}"].state for n in range(5)] == [
        "accepted",
        "refused",
        "unknown",
        "unknown",
        "refused",
    ]
    assert str(rows["row-1"].failure) == "no (HTTP 400)"
    assert rows["row-4"].failure is not None
    assert rows["row-4"].failure.error == "UnsupportedError"
    assert [rows[f"row-{n}"].attempts for n in range(5)] == [1, 1, 1, 1, 0]
    assert rows["row-0"].id == "id-12025550000"
    assert rows["row-0"].evidence == "answer"
    left_at = rows["row-0"].left_at
    assert left_at is not None
    assert START < left_at < START + timedelta(hours=1)


async def test_an_hour_without_a_connection_costs_no_row(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 300)
    client, transport = client_with(rate=15)
    loop = asyncio.get_running_loop()
    began = loop.time()
    exchange = transport.exchange

    async def out(request: Any, leaving: Any) -> Any:
        if 5 < loop.time() - began < 3605:
            raise ConnectionRefusedError("nobody listens")
        return await exchange(request, leaving)

    transport.exchange = out  # type: ignore[method-assign]
    seen: list[mms.Progress] = []
    outcomes = await taken(campaign.run(client, on_progress=seen.append))
    assert {type(outcome) for outcome in outcomes} == {mms.Accepted}
    assert len(outcomes) == len(transport.arrived) == len(set(transport.arrived)) == 300
    assert loop.time() - began > 3605
    waited = [progress.trouble for progress in seen if progress.waits_for == "service"]
    assert waited
    assert all(told and told.startswith("ConnectionFailedError: ") for told in waited)
    assert seen[0].trouble is seen[-1].trouble is None
    # One probe a minute, each with its few repeats, and not fifteen calls a second.
    assert client.stats.attempts < 1000
    assert {row.attempts for row in [r async for r in campaign.outcomes()]} <= set(range(1, 40))


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, "AuthenticationError"), (402, "InsufficientCreditError"), (403, "QuotaExceededError")],
)
async def test_trouble_of_the_account_ends_the_run_and_refuses_nobody(
    tmp_path: Path, status: int, error: str
) -> None:
    class Strict(PlainService):
        def send(self, message: mms.Message) -> mms.Call[mms.Accepted]:
            call = super().send(message)

            def decode(response: mms.HttpResponse) -> mms.Accepted:
                if response.status in {401, 402, 403}:
                    raise getattr(mms, error)("the account is not let in", code="E1")
                return call.decode(response)

            return mms.Call(
                operation="send", request=call.request, decode=decode, messages=call.messages
            )

    campaign = await filled(tmp_path)
    # An account that is shut stays shut.
    steps = [*([answer()] * 20), *([answer(status)] * 20)]
    transport = ScriptedTransport(steps, latency=0.05)
    client = mms.Client(Strict(), rate=100, transport=transport)
    outcomes: list[mms.Outcome] = []
    with pytest.raises(mms.CampaignError, match=rf"rows stay pending: {error}") as caught:
        async with campaign.run(client) as run:
            async for outcome in run:
                outcomes.append(outcome)  # noqa: PERF401 - the end of it raises
    assert type(caught.value.__cause__).__name__ == error
    counts = await campaign.counts()
    assert counts["accepted"] == len(outcomes) == 20
    assert counts["refused"] == counts["unknown"] == counts["sending"] == 0
    # The same lines finish it once the account is in order.
    restored, _ = client_with()
    assert len(await taken(campaign.run(restored))) == counts["pending"] == 30
    assert (await campaign.counts())["accepted"] == 50


async def test_a_refusal_without_a_code_of_the_service_is_not_the_rows(tmp_path: Path) -> None:
    class Proxied(PlainService):
        def send(self, message: mms.Message) -> mms.Call[mms.Accepted]:
            call = super().send(message)

            def decode(response: mms.HttpResponse) -> mms.Accepted:
                raise mms.RefusedError(
                    "no code of the service", http_status=404, concerns="account"
                )

            return mms.Call(
                operation="send", request=call.request, decode=decode, messages=call.messages
            )

    campaign = await filled(tmp_path)
    client = mms.Client(Proxied(), rate=100, transport=ScriptedTransport())
    with pytest.raises(mms.CampaignError, match=r"RefusedError: send: no code of the service"):
        await taken(campaign.run(client))
    counts = await campaign.counts()
    assert (counts["pending"], counts["refused"]) == (50, 0)


async def test_a_row_of_which_the_service_says_try_again_is_tried_some_times(
    tmp_path: Path,
) -> None:
    """E618: the look-up of one number fails, and the others go on."""

    class Lookup(PlainService):
        def send(self, message: mms.Message) -> mms.Call[mms.Accepted]:
            call = super().send(message)

            def decode(response: mms.HttpResponse) -> mms.Accepted:
                if message.to == "12025550007":
                    text = "carrier look-up failed"
                    raise mms.ServiceFailedError(text, code="E618", may_have_happened=False)
                return call.decode(response)

            return mms.Call(
                operation="send", request=call.request, decode=decode, messages=call.messages
            )

    campaign = await filled(tmp_path, 20)
    transport = ScriptedTransport()
    client = mms.Client(Lookup(), rate=100, transport=transport)
    with pytest.raises(mms.CampaignError, match=r"1 rows? stays? pending: .*E618"):
        await taken(campaign.run(client))
    assert transport.arrived.count("12025550007") == MOST_RETURNS * mms.RetryPolicy().attempts
    counts = await campaign.counts()
    assert (counts["accepted"], counts["pending"]) == (19, 1)


async def test_a_service_that_answers_nothing_does_not_make_a_campaign_of_unknowns(
    tmp_path: Path,
) -> None:
    campaign = await filled(tmp_path, 500)
    client, _ = client_with(*([answer(500)] * 500), rate=15, connections=8)
    with pytest.raises(mms.CampaignError, match=r"rows stay pending: ServiceFailedError"):
        await taken(campaign.run(client))
    counts = await campaign.counts()
    assert MOST_DOUBTFUL <= counts["unknown"] <= MOST_DOUBTFUL + 8
    assert counts["pending"] == 500 - counts["unknown"]


async def test_accidents_do_not_hold_a_run_back(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 300)
    steps = [answer(500) if n % 10 == 3 else answer() for n in range(300)]
    client, _ = client_with(*steps, rate=15)
    began = asyncio.get_running_loop().time()
    await taken(campaign.run(client))
    assert (await campaign.counts())["unknown"] == 30
    assert asyncio.get_running_loop().time() - began < 1.15 * 300 / 15


async def test_a_throttled_row_is_pending_while_it_waits(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 1)
    client, _ = client_with(answer(429, retry_after="30"))
    async with campaign.run(client) as outcomes:
        waiting = asyncio.create_task(anext(outcomes))
        await asyncio.sleep(10)
        (row,) = [row async for row in campaign.outcomes()]
        assert (row.state, row.attempts) == ("pending", 1)
        assert isinstance(await waiting, mms.Accepted)


async def test_leaving_early_leaves_the_rest_pending_and_the_same_lines_go_on(
    tmp_path: Path,
) -> None:
    campaign = await filled(tmp_path)
    client, transport = client_with(latency=0.3)
    async with campaign.run(client) as outcomes:
        async for _ in outcomes:
            break
    counts = await campaign.counts()
    assert counts["accepted"] == 1 + len(outcomes.late)
    assert (counts["sending"], counts["unknown"]) == (0, 0)
    rest = await taken(campaign.run(client))
    assert len(rest) == 50 - counts["accepted"]
    assert len(transport.arrived) == len(set(transport.arrived)) == 50


async def test_a_cancelled_run_knows_what_it_does_not_know(tmp_path: Path) -> None:
    campaign = await filled(tmp_path)
    client, transport = client_with(latency=5.0, rate=10)
    task = asyncio.create_task(taken(campaign.run(client)))
    await asyncio.sleep(2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    counts = await campaign.counts()
    assert counts["unknown"] == len(transport.arrived) > 5
    assert counts["pending"] == 50 - counts["unknown"]
    assert counts["sending"] == 0


async def test_pause_lets_nothing_leave_and_resume_goes_on(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 100)
    client, transport = client_with(rate=10, latency=0.5)
    task = asyncio.create_task(taken(campaign.run(client)))
    await asyncio.sleep(3)
    campaign.pause()
    there = len(transport.arrived)
    await asyncio.sleep(60)
    assert len(transport.arrived) == there > 0
    counts = await campaign.counts()
    assert (counts["sending"], counts["accepted"]) == (0, there)
    campaign.resume()
    assert len(await task) == 100
    assert len(set(transport.arrived)) == len(transport.arrived) == 100


async def test_stop_ends_the_stream_with_what_was_on_its_way(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 100)
    client, transport = client_with(rate=10, latency=2.0)
    outcomes: list[mms.Outcome] = []
    async with campaign.run(client) as run:
        async for outcome in run:
            outcomes.append(outcome)
            if len(outcomes) == 3:
                campaign.stop()
    counts = await campaign.counts()
    assert len(outcomes) == counts["accepted"] == len(transport.arrived) > 5
    assert counts["pending"] == 100 - len(outcomes)
    assert await taken(campaign.run(client))


async def test_messages_leave_within_the_hours_only(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 400)
    client, transport = client_with(rate=1, latency=0.1)
    # The clock shows 12:16:40 as it starts; five minutes a day from 12:20 on.
    seen: set[str] = set()
    outcomes = await taken(
        campaign.run(
            client,
            between=("12:20", "12:25", "UTC"),
            on_progress=lambda progress: seen.add(progress.waits_for),
        )
    )
    assert len(outcomes) == 400
    moments = [START + timedelta(seconds=at) for at in transport.times]
    assert {(m.hour, m.minute // 5) for m in moments} == {(12, 4)}
    assert len({m.date() for m in moments}) == 2
    assert "hours" in seen


async def test_who_opts_out_meanwhile_gets_nothing(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 40)
    client, transport = client_with(rate=1, latency=0.1)
    outcomes: list[mms.Outcome] = []
    async with campaign.run(client) as run:
        async for outcome in run:
            outcomes.append(outcome)
            if len(outcomes) == 3:
                # One that waits for its slot, and one of which nobody has thought yet.
                added = await campaign.stop_numbers(["12025550005", "+1 202 555 0030"])
                assert added.new == 2
    assert not {"12025550005", "12025550030"} & set(transport.arrived)
    assert len(transport.arrived) == 38
    counts = await campaign.counts()
    assert (counts["accepted"], counts["refused"], counts["pending"]) == (38, 2, 0)
    refused = [row async for row in campaign.outcomes("refused")]
    assert {str(row.failure) for row in refused} == {"to: is on the campaign's stop list"}


async def test_who_opted_out_gets_nothing_from_whatever_state(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 2)
    client, _ = client_with(answer(500), *[refused_connection()] * 4)
    task = asyncio.create_task(taken(campaign.run(client)))
    await asyncio.sleep(0.05)
    # One is unknown, one has come back from a connection that failed.
    await campaign.stop_numbers(["12025550000", 12025550001])
    await task
    assert await campaign.resend_unknown(force=True) == 1
    client, transport = client_with()
    (outcome,) = await taken(campaign.run(client))
    assert isinstance(outcome, mms.Refused)
    assert transport.arrived == []
    assert (await campaign.counts())["refused"] == 2


@pytest.mark.parametrize(
    "number",
    ["(0412) 345 678", "+61 (0)412 345 678", "\u200e0412345678", "tel:+61412345678", 61412345678],
)
async def test_opt_outs_are_understood_however_they_are_written(
    tmp_path: Path, number: Any
) -> None:
    campaign = mms.Campaign(tmp_path / "a.db")
    assert (await campaign.stop_numbers([number])).new == 1
    assert (await campaign.add([sms("61412345678")])).stopped == 1


async def test_numbers_of_eight_digits_stop_too(tmp_path: Path) -> None:
    campaign = mms.Campaign(tmp_path / "a.db", now=now)
    await campaign.add([sms("6421123456")])
    assert (await campaign.stop_numbers(["021123456", "61412345678.0"])).faulty == 1
    assert (await campaign.counts())["refused"] == 1
    client, transport = client_with()
    assert await taken(campaign.run(client)) == []
    assert transport.arrived == []


async def test_however_many_short_numbers_are_stopped_the_rows_are_walked_through_once(
    tmp_path: Path,
) -> None:
    campaign = await filled(tmp_path, 30)
    walks: list[str] = []
    async with campaign._journal.held():
        write = campaign._journal._write  # type: ignore[attr-defined]
        await write.run(lambda c: c.set_trace_callback(walks.append))
        numbers = [f"255500{n:02}" for n in range(10)]
        assert (await campaign.stop_numbers(numbers)).new == 10
    assert (await campaign.counts())["refused"] == 10
    assert sum("UPDATE rows" in each and "+state" not in each for each in walks) == 1


class Mixed(PlainService):
    """Takes three messages in a call, and refuses the second as often as it is told to."""

    def __init__(self, *refusals: mms.CallError) -> None:
        super().__init__(largest_batch=3)
        object.__setattr__(self, "refusals", list(refusals))

    def batch_key(self, message: mms.Message) -> str:
        return "one"

    def batch(self, messages: Any) -> mms.Call[list[mms.Outcome]]:
        def decode(response: mms.HttpResponse) -> list[mms.Outcome]:
            refusals: list[mms.CallError] = self.refusals  # type: ignore[attr-defined]
            told: list[mms.Outcome] = []
            for message in messages:
                if message.to == "12025550001" and refusals:
                    told.append(mms.Refused(message=message, error=refusals.pop()))
                else:
                    told.append(mms.Accepted(id=f"id-{message.to}", to=message.to, message=message))
            return told

        request = mms.HttpRequest("POST", self.url, {}, ",".join(m.to for m in messages).encode())
        return mms.Call(operation="batch", request=request, decode=decode, messages=tuple(messages))


async def test_a_part_of_a_call_that_is_refused_for_rate_goes_again(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 3)
    service = Mixed(mms.ThrottledError("slow down"))
    client = mms.Client(service, rate=100, transport=ScriptedTransport(latency=0.05))
    outcomes = await taken(campaign.run(client))
    assert {type(outcome) for outcome in outcomes} == {mms.Accepted}
    assert (await campaign.counts())["accepted"] == 3
    rows = {row.to: row.attempts async for row in campaign.outcomes()}
    assert rows == {"12025550000": 1, "12025550001": 2, "12025550002": 1}


async def test_a_stop_while_a_part_is_written_back_loses_no_outcome(tmp_path: Path) -> None:
    await filled(tmp_path, 3)
    campaign = mms.Campaign(Slow(tmp_path / "spring.db"), now=now)
    service = Mixed(mms.ThrottledError("slow down"))
    client = mms.Client(service, rate=100, transport=ScriptedTransport(latency=0.05))
    outcomes: list[mms.Outcome] = []
    async with campaign.run(client) as run:
        async for outcome in run:
            outcomes.append(outcome)
            campaign.stop()
    assert {type(outcome) for outcome in outcomes} == {mms.Accepted}
    counts = await campaign.counts()
    assert (len(outcomes), counts["accepted"], counts["pending"]) == (2, 2, 1)


@pytest.mark.parametrize("what", ["add", "stop", "reconcile"])
async def test_what_is_written_as_a_run_begins_is_taken_in(tmp_path: Path, what: str) -> None:
    campaign = await filled(tmp_path, 5)
    client, _ = client_with()
    beside: dict[str, Callable[[], Awaitable[object]]] = {
        "add": lambda: campaign.add(many(8)),
        "stop": lambda: campaign.stop_numbers(["12025550004"]),
        "reconcile": lambda: campaign.reconcile([]),
    }
    outcomes, _ = await asyncio.gather(taken(campaign.run(client)), beside[what]())
    assert (await campaign.counts())["pending"] == 0
    assert len(outcomes) <= 8


async def test_a_part_of_a_call_that_finds_no_credit_is_pending_again(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 3)
    service = Mixed(mms.InsufficientCreditError("no credit", code="LEDGER_ERROR"))
    client = mms.Client(service, rate=100, transport=ScriptedTransport(latency=0.05))
    with pytest.raises(mms.CampaignError, match="1 row stays pending: InsufficientCreditError"):
        await taken(campaign.run(client))
    assert await campaign.counts() == {
        "pending": 1,
        "sending": 0,
        "accepted": 2,
        "refused": 0,
        "unknown": 0,
    }


class Slow(mms.SqliteJournal):
    """A journal on a disk that takes its time."""

    def settle(self, *given: Any) -> Any:
        self._write.post(lambda _: time.sleep(0.05))
        return super().settle(*given)

    def come_back(self, *given: Any) -> Any:
        self._write.post(lambda _: time.sleep(0.05))
        return super().come_back(*given)


async def test_a_part_of_a_call_whose_look_up_fails_is_tried_again_in_the_same_run(
    tmp_path: Path,
) -> None:
    await filled(tmp_path, 3)
    campaign = mms.Campaign(Slow(tmp_path / "spring.db"), now=now)
    failed = mms.ServiceFailedError("look-up failed", code="E618", may_have_happened=False)
    client = mms.Client(Mixed(failed), rate=100, transport=ScriptedTransport(latency=0.05))
    outcomes = await taken(campaign.run(client))
    assert [type(outcome).__name__ for outcome in outcomes] == ["Accepted"] * 3


async def test_what_was_refused_before_it_left_is_told_once_however_rows_are_read_again(
    tmp_path: Path,
) -> None:
    campaign = mms.Campaign(Slow(tmp_path / "spring.db"), now=now)
    odd = mms.SavedMms(template="1", to="12025550199", reference="odd")
    await campaign.add([sms(reference="row"), odd])
    client, _ = client_with(*[refused_connection()] * 5, rate=1000, latency=0)
    outcomes = await taken(campaign.run(client))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Accepted", "Refused"]


async def test_rows_under_way_are_not_changed(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 5)
    client, _ = client_with(latency=1.0)
    async with campaign.run(client) as outcomes:
        await anext(outcomes)
        with pytest.raises(mms.CampaignError, match="replace=True changes rows"):
            await campaign.add(many(5), replace=True)
        with pytest.raises(mms.CampaignError, match="use_templates changes rows"):
            await campaign.use_templates(client)


@pytest.mark.parametrize("what", ["resume", "stop"])
async def test_a_run_that_waits_can_be_told_from_its_own_progress(
    tmp_path: Path, what: str
) -> None:
    campaign = await filled(tmp_path, 20)
    client, _ = client_with(rate=10)

    def hear(progress: mms.Progress) -> None:
        if progress.waits_for == "resume":
            getattr(campaign, what)()

    outcomes: list[mms.Outcome] = []
    began = asyncio.get_running_loop().time()
    async with campaign.run(client, on_progress=hear) as run:
        async for outcome in run:
            outcomes.append(outcome)
            if len(outcomes) == 5:
                campaign.pause()
    assert asyncio.get_running_loop().time() - began < 60
    assert len(outcomes) == 20 if what == "resume" else 5 <= len(outcomes) < 20


async def test_a_row_that_is_settled_while_it_waits_is_not_sent_again(tmp_path: Path) -> None:
    campaign = mms.Campaign(tmp_path / "spring.db", now=now)
    await campaign.add([sms(f"120255500{n:02}", reference=f"row-{n}") for n in range(20)])
    client, _ = client_with(*[answer(500)] * 2, connections=1)
    await taken(campaign.run(client))
    assert await campaign.resend_unknown(force=True) == 2
    client, transport = client_with(rate=1)
    async with campaign.run(client) as outcomes:
        first = await anext(outcomes)
        seen = mms.DeliveryReport(
            service="plain",
            kind="k",
            key="1",
            id="T",
            reference="row-1",
            to="12025550001",
            status=mms.DeliveryStatus.DELIVERED,
        )
        assert (await campaign.reconcile([seen])).settled == 1
        rest = [outcome async for outcome in outcomes]
    assert (first.message.reference, rest) == ("row-0", [])
    assert transport.arrived == ["12025550000"]
    assert (await campaign.counts())["accepted"] == 20


async def test_one_stall_of_many_calls_is_waited_out(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 400)
    client, transport = client_with(rate=100, connections=64, latency=0.1)
    exchange, stalled = transport.exchange, list[str]()

    async def stalling(request: Any, leaving: Any) -> Any:
        if len(transport.arrived) >= 30 and len(stalled) < 40:
            leaving()
            stalled.append(request.body.decode())
            await asyncio.sleep(5)
            raise ConnectionResetError
        return await exchange(request, leaving)

    transport.exchange = stalling  # type: ignore[method-assign]
    await taken(campaign.run(client))
    counts = await campaign.counts()
    assert (counts["pending"], counts["unknown"]) == (0, 40)


async def test_progress_knows_what_is_written_beside_the_run(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 10)
    client, _ = client_with(rate=10)
    seen: list[mms.Progress] = []
    async with campaign.run(client, on_progress=seen.append) as outcomes:
        count = 0
        async for _ in outcomes:
            count += 1
            if count == 3:
                await campaign.add(many(30))
                await campaign.stop_numbers(["12025550029"])
    assert sum(seen[-1].counts.values()) == 30
    assert seen[-1].counts["refused"] == 1


async def test_a_run_that_waits_knows_what_is_written_beside_it(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 3)
    client, _ = client_with(rate=10)
    async with campaign.run(client) as run:
        campaign.pause()
        task = asyncio.create_task(anext(aiter(run)))
        await asyncio.sleep(2)
        for count in (10, 20):
            await campaign.add(many(count))
        await asyncio.sleep(2)
        assert run.progress.counts["pending"] == 20
        task.cancel()


async def test_who_leaves_early_knows_what_was_written_beside_the_run(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 3)
    client, _ = client_with(rate=10)
    async with campaign.run(client) as run:
        await anext(aiter(run))
        for count in (10, 20):
            await campaign.add(many(count))
        campaign.stop()
    assert run.progress.counts == await campaign.counts()
    assert sum(run.progress.counts.values()) == 20


class Counting(mms.SqliteJournal):
    """A journal that counts how often all rows are counted, and may take its time about it."""

    times, takes = 0, 0.0

    def recount(self) -> Any:
        self.times += 1
        return self._later(super().recount())

    async def _later(self, counts: Any) -> Any:
        await asyncio.sleep(self.takes)
        return await counts


async def test_rows_are_counted_seldom_however_often_something_is_written(tmp_path: Path) -> None:
    journal = Counting(tmp_path / "spring.db")
    await filled(tmp_path, 3)
    campaign = mms.Campaign(journal, now=now)
    client, _ = client_with(hang(left=True), hang(left=True), hang(left=True))
    async with campaign.run(client) as run:
        task = asyncio.create_task(anext(aiter(run)))
        await asyncio.sleep(1.5)
        before = journal.times
        for _ in range(20):
            await campaign.reconcile([])
            await asyncio.sleep(0.01)
        assert journal.times - before == 1
        task.cancel()


async def test_counts_are_right_while_rows_are_counted_and_if_that_is_cut_short(
    tmp_path: Path,
) -> None:
    journal = Counting(tmp_path / "spring.db")
    journal.takes = 0.2
    await filled(tmp_path, 10)
    campaign = mms.Campaign(journal, now=now)
    client, _ = client_with()
    async with campaign.run(client) as run:
        for _ in range(5):
            await anext(run)
        await asyncio.sleep(2)
        settled = run.progress.counts["accepted"]
        assert settled >= 5
        beside = asyncio.create_task(campaign.stop_numbers(["12025559999"]))
        while not campaign._going[0]._working._next_count > asyncio.get_running_loop().time():
            await asyncio.sleep(0.01)
        assert not beside.done()
        assert run.progress.counts["accepted"] == settled
        beside.cancel()
        await asyncio.wait([beside])
        assert run.progress.counts["accepted"] == settled
        assert await taken_from(run) == 5
    assert run.progress.counts == await campaign.counts()


async def taken_from(run: mms.CampaignRun) -> int:
    return len([outcome async for outcome in run])


async def test_rows_that_a_dead_run_had_under_way_are_unknown_and_come_first(
    tmp_path: Path,
) -> None:
    campaign = await filled(tmp_path, 5)
    journal = mms.SqliteJournal(tmp_path / "spring.db")
    async with journal.held():
        await journal.depart({2: None, 3: "c-3"}, now().timestamp())
    client, transport = client_with()
    outcomes = await taken(campaign.run(client))
    assert [type(outcome).__name__ for outcome in outcomes[:2]] == ["Unknown", "Unknown"]
    assert len(outcomes) == 5
    assert len(transport.arrived) == 3
    reason = outcomes[0].error.args[0] if isinstance(outcomes[0], mms.Unknown) else ""
    assert reason == "its run ended before the answer was kept"
    assert await taken(campaign.run(client)) == []


async def test_a_journal_that_cannot_be_written_stops_before_anything_leaves(
    tmp_path: Path,
) -> None:
    campaign = await filled(tmp_path, 50)
    client, transport = client_with()

    async def fill_up() -> None:
        async with campaign._journal.held():
            await campaign._journal._write.run(  # type: ignore[attr-defined]
                lambda c: (
                    c.execute("PRAGMA max_page_count = 1").fetchone()
                    and c.execute("PRAGMA query_only = ON")
                    and None
                )
            )

    outcomes: list[mms.Outcome] = []
    with pytest.raises(mms.CampaignError, match="writable"):
        async with campaign.run(client) as run:
            async for outcome in run:
                outcomes.append(outcome)
                if len(outcomes) == 5:
                    await fill_up()
    # What had left by then has its outcome told, though it could not be kept.
    assert len(outcomes) == len(transport.arrived) < 50
    counts = await campaign.counts()
    assert counts["accepted"] + counts["sending"] == len(transport.arrived)
    rest = await taken(campaign.run(client))
    assert len(transport.arrived) == len(set(transport.arrived)) == 50
    assert sum(isinstance(outcome, mms.Unknown) for outcome in rest) == counts["sending"]


async def test_progress_tells_counts_and_time_left(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 100)
    client, _ = client_with(rate=10, latency=0.1)
    seen: list[mms.Progress] = []
    await taken(campaign.run(client, on_progress=seen.append))
    assert all(sum(progress.counts.values()) == 100 for progress in seen)
    middle = seen[len(seen) // 2]
    assert middle.left == pytest.approx(seen[-1].seconds - middle.seconds, rel=0.2)
    assert seen[-1].counts["accepted"] == seen[-1].settled == 100
    assert len(seen) <= seen[-1].seconds / 0.25 + 2


async def test_what_progress_raises_changes_nothing(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 5)
    client, _ = client_with()
    assert len(await taken(campaign.run(client, on_progress=lambda _: 1 / 0))) == 5


async def test_rows_added_during_a_run_are_sent_in_it(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 10)
    client, transport = client_with(rate=10)
    async with campaign.run(client) as outcomes:
        count = 0
        async for _ in outcomes:
            count += 1
            if count == 5:
                await campaign.add(many(20))
    assert count == len(set(transport.arrived)) == 20


async def test_one_run_goes_at_a_time(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 20)
    client, transport = client_with(latency=1.0)
    async with campaign.run(client) as outcomes:
        first = await anext(outcomes)
        with pytest.raises(mms.CampaignError, match="is being run already"):
            await taken(campaign.run(client))
        rest = [outcome async for outcome in outcomes]
    assert {type(outcome) for outcome in (first, *rest)} == {mms.Accepted}
    assert len(transport.arrived) == 20
    assert await taken(campaign.run(client)) == []


async def test_a_wait_for_an_outcome_that_is_given_up_loses_none(tmp_path: Path) -> None:
    campaign = await filled(tmp_path, 40)
    client, _ = client_with(rate=50, latency=0.05)
    told: list[mms.Outcome] = []
    async with campaign.run(client) as outcomes:
        while len(told) < 40:
            asking = asyncio.ensure_future(anext(outcomes))
            for _ in range(len(told) % 7):
                await asyncio.sleep(0)
            asking.cancel()
            try:
                told.append(await asking)
            except asyncio.CancelledError:
                told.append(await anext(outcomes))
    assert len({outcome.message.to for outcome in told}) == 40


async def test_terms_that_make_no_sense_are_refused_before_anything_opens(tmp_path: Path) -> None:
    campaign = mms.Campaign(tmp_path / "spring.db")
    client, _ = client_with()
    for between in ("09:00", ("9", "20:00", "UTC"), ("09:00", "20:00", "Mars/Base")):
        with pytest.raises((TypeError, ValueError), match="between"):
            campaign.run(client, between=between)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="client must be a Client"):
        campaign.run(client.service)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="nothing is running"):
        campaign.stop()
    assert not (tmp_path / "spring.db").exists()


async def test_input_may_be_asynchronous_and_endless_is_fine_until_it_ends(tmp_path: Path) -> None:
    async def slowly() -> AsyncIterator[mms.Message]:
        for message in many(30):
            await asyncio.sleep(1)
            yield message

    campaign = mms.Campaign(tmp_path / "spring.db", now=now)
    assert (await campaign.add(slowly())).new == 30
