"""The inbox and its handlers: kept first, each event once, in order, through failures."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inboxes import BROKEN, DELIVERED, SENT, SERVICE, counts, post, receiver, reply, report, settled

import mmsclient as mms
from mmsclient.postbacks import working
from mmsclient.postbacks.entering import Told
from mmsclient.postbacks.layout import SCHEMA
from mmsclient.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAY = 86400.0


async def test_a_postback_is_kept_answered_and_handled(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path)
    seen: list[mms.DeliveryReport] = []

    @postbacks.on(mms.DeliveryReport)
    async def delivered(told: mms.DeliveryReport) -> None:
        seen.append(told)

    async with postbacks.running():
        answer = await post(postbacks.asgi, report(7))
        assert (answer.status, answer.body) == (200, b"OK")
        assert await settled(postbacks) == counts(0, 1, 0, 0)
    assert [told.id for told in seen] == ["Hq-7"]
    assert seen[0].status is mms.DeliveryStatus.DELIVERED


async def test_without_running_handlers_it_is_kept_until_they_run(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path)
    await post(postbacks.asgi, report(7))
    await postbacks.aclose()
    later, seen = receiver(tmp_path), list[mms.Event]()

    @later.on(mms.Event)
    async def heard(event: mms.Event) -> None:
        seen.append(event)

    async with later.running():
        await settled(later)
    assert len(seen) == 1


async def test_copies_are_recognised_for_their_time_and_across_restarts(tmp_path: Path) -> None:
    now, seen = [1_900_000_000.0], list[str]()

    def opened() -> mms.Postbacks:
        postbacks = receiver(tmp_path, remember=timedelta(days=2))
        postbacks._inbox.clock = lambda: now[0]

        @postbacks.on(mms.Event)
        async def heard(event: mms.Event) -> None:
            seen.append(event.key)

        return postbacks

    for days, events in ((0.0, 1), (1.0, 1), (0.99, 1), (0.02, 2), (0.0, 2)):
        now[0] += days * DAY
        postbacks = opened()
        async with postbacks.running():
            assert (await post(postbacks.asgi, report(7))).status == 200
            await settled(postbacks)
        assert len(seen) == events


async def test_two_messages_with_the_same_text_are_two(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path)
    for id_ in (1, 2, 2):
        await post(postbacks.asgi, reply(7, "Yes", id=id_))
    texts = [
        event.id async for event in postbacks.events() if isinstance(event, mms.InboundMessage)
    ]
    assert texts == ["In-1", "In-2"]
    await postbacks.aclose()


async def test_what_cannot_be_read_is_kept_answered_and_listed(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path)
    odd = mms.RawPostback("POST", "a=b", {"x-odd": "1", "authorization": "Basic eA=="}, b"\xff<odd")
    assert (await post(postbacks.asgi, odd)).status == 200
    (kept,) = await postbacks.unreadable()
    assert (kept.raw.body, kept.raw.query) == (odd.body, odd.query)
    assert kept.raw.headers == {"x-odd": "1"}, "what lets somebody in is not kept"
    assert "XML" in kept.reason
    assert await postbacks.counts() == counts(0, 0, 0, 1)
    assert await postbacks.replay() == 0
    await postbacks.aclose()


async def test_a_later_version_reads_what_this_one_could_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postbacks, seen = receiver(tmp_path), list[mms.Event]()

    @postbacks.on(mms.Event)
    async def heard(event: mms.Event) -> None:
        seen.append(event)

    with monkeypatch.context() as patched:
        patched.setattr(mms.Skycore, "read_postback", lambda *_: 1 / 0)
        assert (await post(postbacks.asgi, report(7))).status == 200
    (kept,) = await postbacks.unreadable()
    assert "ZeroDivisionError" in kept.reason
    async with postbacks.running():
        assert await postbacks.replay() == 1
        assert (await settled(postbacks))["unreadable"] == 0
    assert len(seen) == 1


async def test_a_handler_that_raises_is_called_again_and_no_other_is(tmp_path: Path) -> None:
    postbacks, calls = receiver(tmp_path), list[str]()

    @postbacks.on(mms.Event)
    async def fine(event: mms.Event) -> None:
        calls.append("fine")

    @postbacks.on(mms.DeliveryReport)
    async def shaky(event: mms.DeliveryReport) -> None:
        calls.append("shaky")
        if calls.count("shaky") < 3:
            raise ValueError("the number is +12025550143")

    async with postbacks.running():
        await post(postbacks.asgi, report(7))
        assert await settled(postbacks) == counts(0, 1, 0, 0)
    assert (calls.count("fine"), calls.count("shaky")) == (1, 3)


async def test_what_fails_for_good_is_parked_seen_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    postbacks, broken, seen = receiver(tmp_path), [True], list[str]()

    @postbacks.on(mms.Event, name="first")
    async def first(event: mms.Event) -> None:
        seen.append("first")

    @postbacks.on(mms.DeliveryReport)
    async def second(event: mms.DeliveryReport) -> None:
        seen.append("second")
        if broken[0]:
            raise ValueError(f"no such number: {event.to}")

    async with postbacks.running():
        await post(postbacks.asgi, report(7))
        await post(postbacks.asgi, report(8))
        assert (await settled(postbacks))["failed"] == 2
        one, two = await postbacks.failed()
        assert isinstance(one.event, mms.DeliveryReport)
        assert (one.event.id, one.attempts) == ("Hq-7", 3)
        assert one.reason.startswith("ValueError at test_inbox.py:")
        broken[0] = False
        assert await postbacks.retry(two) == 1
        assert (await settled(postbacks))["failed"] == 1
        assert await postbacks.retry() == 1
        assert (await settled(postbacks)) == counts(0, 2, 0, 0)
    assert (seen.count("first"), seen.count("second")) == (2, 8), (
        "who is through is not called again"
    )
    assert "2025550" not in caplog.text
    assert "2025550" not in repr(one)


async def test_a_handler_that_hangs_is_a_handler_that_raised(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path, timeout=0.02, retries=())

    @postbacks.on(mms.Event)
    async def stuck(_: mms.Event) -> None:
        await asyncio.Event().wait()

    @postbacks.on(mms.Event)
    async def cancelled(_: mms.Event) -> None:
        raise asyncio.CancelledError

    async with postbacks.running():
        await post(postbacks.asgi, report(7))
        assert (await settled(postbacks))["failed"] == 1
        (failed,) = await postbacks.failed()
    assert "TimeoutError" in failed.reason


async def test_events_of_one_lane_come_in_order_and_others_beside_them(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path)
    seen: dict[str, list[str]] = {}
    at_work, most = 0, 0
    failures = {"Hq-3": 2}

    @postbacks.on(mms.DeliveryReport)
    async def told(one: mms.DeliveryReport) -> None:
        nonlocal at_work, most
        assert one.id
        at_work += 1
        most = max(most, at_work)
        try:
            await asyncio.sleep(0.01)
            if failures.get(one.id, 0):
                failures[one.id] -= 1
                raise OSError
            seen.setdefault(one.id, []).append(one.kind.split()[1])
        finally:
            at_work -= 1

    async with postbacks.running():
        for said in (SENT, DELIVERED):
            await asyncio.gather(*(post(postbacks.asgi, report(n, said)) for n in range(20)))
        await settled(postbacks)
    assert seen == {f"Hq-{n}": ["N101", "N102"] for n in range(20)}
    assert 1 < most <= 32


async def test_what_somebody_writes_comes_in_order(tmp_path: Path) -> None:
    postbacks, texts = receiver(tmp_path), list[str | None]()

    @postbacks.on(mms.InboundMessage)
    async def wrote(message: mms.InboundMessage) -> None:
        await asyncio.sleep(0.01 if len(texts) % 2 else 0)
        texts.append(message.text)

    async with postbacks.running():
        for n in range(10):
            await post(postbacks.asgi, reply(7, f"{n}", id=n))
        await settled(postbacks)
    assert texts == [f"{n}" for n in range(10)]


async def test_concurrency_is_bounded(tmp_path: Path) -> None:
    postbacks, at_work, most = receiver(tmp_path, concurrency=3), 0, 0

    @postbacks.on(mms.Event)
    async def slow(_: mms.Event) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0.01)
        at_work -= 1

    await asyncio.gather(*(post(postbacks.asgi, report(n)) for n in range(20)))
    async with postbacks.running():
        assert (await settled(postbacks))["done"] == 20
    assert most == 3


# -- out of order -------------------------------------------------------------------------------


async def statuses(tmp_path: Path, *said: tuple[str, str], late: bool = False) -> list[str]:
    postbacks, told = receiver(tmp_path), list[str]()

    @postbacks.on(mms.DeliveryReport, late=late)
    async def heard(one: mms.DeliveryReport) -> None:
        told.append(one.status.value)

    async with postbacks.running():
        for at, one in enumerate(said):
            await post(postbacks.asgi, report(7, one, at=at))
            await settled(postbacks)
        assert (await postbacks.counts())["done"] == len(said)
    return told


async def test_a_final_status_is_never_overwritten_by_an_earlier_one(tmp_path: Path) -> None:
    assert await statuses(tmp_path, DELIVERED, SENT) == ["delivered"]


async def test_who_asks_for_late_reports_hears_them(tmp_path: Path) -> None:
    assert await statuses(tmp_path, DELIVERED, SENT, late=True) == ["delivered", "sent"]


async def test_a_failure_may_be_taken_back_and_an_arrival_may_not(tmp_path: Path) -> None:
    told = await statuses(tmp_path, SENT, BROKEN, SENT, DELIVERED, BROKEN)
    assert told == ["sent", "failed", "delivered"]


async def test_reports_that_come_together_end_in_the_final_status(tmp_path: Path) -> None:
    postbacks, last = receiver(tmp_path), dict[str | None, str]()

    @postbacks.on(mms.DeliveryReport)
    async def heard(one: mms.DeliveryReport) -> None:
        await asyncio.sleep(0.001)
        last[one.id] = one.status.value

    async with postbacks.running():
        every = [report(n, said) for said in (DELIVERED, SENT) for n in range(30)]
        await asyncio.gather(*(post(postbacks.asgi, raw) for raw in every))
        await settled(postbacks)
    assert set(last.values()) == {"delivered"}
    assert len(last) == 30


# -- waiting for one ----------------------------------------------------------------------------


def accepted(number: int) -> mms.Accepted:
    to = f"1202555{number:04}"
    message = mms.Sms(to=to, sender="70707", text="Hi")
    return mms.Accepted(id=f"Hq-{number}", to=to, message=message)


async def test_the_end_of_a_message_is_found_whether_it_came_or_comes(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path)
    await post(postbacks.asgi, report(7, reference="order-117"))
    assert (await postbacks.wait_for("order-117")).id == "Hq-7"
    assert (await postbacks.wait_for(accepted(7))).id == "Hq-7"

    waiting = asyncio.gather(postbacks.wait_for(accepted(8)), postbacks.wait_for("order-118"))
    await asyncio.sleep(0)
    await post(postbacks.asgi, report(8, SENT, reference="order-118"))
    await post(postbacks.asgi, report(8, BROKEN, reference="order-118"))
    first, second = await waiting
    assert first == second
    assert first.status is mms.DeliveryStatus.FAILED
    await postbacks.aclose()


async def test_a_report_that_another_process_takes_is_waited_for_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mmsclient.postbacks.receiver.LOOK", 0.05)
    here, there = receiver(tmp_path), receiver(tmp_path)
    waiting = asyncio.create_task(here.wait_for(accepted(7), timeout=20))
    await asyncio.sleep(0.01)
    await post(there.asgi, report(7))
    assert (await waiting).id == "Hq-7"
    await asyncio.gather(here.aclose(), there.aclose())


async def test_a_number_is_the_same_however_it_is_written(tmp_path: Path) -> None:
    """One id for all numbers of a call, as TransmitSMS has it: the number tells which it is."""
    service = mms.TransmitSMS(api_key="k", api_secret="s-1")  # noqa: S106 - of nobody
    postbacks = receiver(tmp_path, service=service)
    for to, status in (("0491570156", "hard-bounce"), ("61491570157", "delivered")):
        query = f"message_id=7&mobile={to}&status={status}&datetime=2031-02-03 04:05:06"
        await postbacks.take(mms.RawPostback("GET", query.replace(" ", "%20")))
    for to, status in (("61491570156", "failed"), ("61491570157", "delivered")):
        message = mms.Sms(to=to, text="Hi")
        report_ = await postbacks.wait_for(mms.Accepted(id="7", to=to, message=message))
        assert report_.status.value == status
    await postbacks.aclose()


SENT_TO = "message_id=77&mobile={}&datetime=2031-02-03%2004:05:06&status={}"


async def test_numbers_that_end_alike_are_two(tmp_path: Path) -> None:
    service = mms.TransmitSMS(api_key="k", api_secret="s-1")  # noqa: S106 - of nobody
    postbacks, told = receiver(tmp_path, service=service), list[tuple[str | None, str]]()

    @postbacks.on(mms.DeliveryReport)
    async def heard(one: mms.DeliveryReport) -> None:
        told.append((one.to, one.status.value))

    async with postbacks.running():
        for to, status in (("12025550143", "delivered"), ("13025550143", "hard-bounce")):
            await postbacks.take(mms.RawPostback("GET", SENT_TO.format(to, status)))
        await settled(postbacks)
        assert told == [("12025550143", "delivered"), ("13025550143", "failed")]
        for to, status in (("12025550143", "delivered"), ("13025550143", "failed")):
            to_whom = mms.Accepted(id="77", to=to, message=mms.Sms(to=to, text="Hi"))
            assert (await postbacks.wait_for(to_whom)).status.value == status


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["61491570156", "64491570156", "61491570157"]), st.integers(0, 3)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_a_number_without_its_country_is_the_one_that_it_can_be(
    told: list[tuple[str, int]],
) -> None:
    """Written four ways; what could be two numbers of one message is never taken for either."""
    ways: tuple[Callable[[str], str], ...] = (
        str,
        lambda number: f"00{number}",
        lambda number: f"0{number[2:]}",
        lambda number: number[2:],
    )
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as file:
        for statement in SCHEMA.steps[0].split(";"):
            file.execute(statement)
        for event, (number, way) in enumerate(told):
            report_ = mms.DeliveryReport(
                service="s",
                kind="k",
                key="k",
                id="7",
                status=mms.DeliveryStatus.SENT,
                to=ways[way](number),
            )
            known = Told.of(file, report_)
            assert known is not None
            known.enter(file, event)
        kept = [number for (number,) in file.execute("SELECT number FROM messages")]
    whole = {number for number, way in told if way < 2}
    short = {number[2:] for number, way in told if way >= 2}
    assert whole <= set(kept) <= whole | short
    assert all(any(one.endswith(tail) for one in kept) for tail in short)
    assert len(kept) <= len(whole | short)


def nameless(number: int, said: tuple[str, str]) -> mms.RawPostback:
    """Return a report that says which message, and not to whom it went."""
    raw = report(number, said)
    return attrs.evolve(raw, body=raw.body.replace(f"<TO>1202555{number:04}</TO>".encode(), b""))


@pytest.mark.parametrize("without", [0, 1])
async def test_a_report_without_a_number_is_about_the_only_one_there_is(
    tmp_path: Path, without: int
) -> None:
    raws = [report(7, DELIVERED), report(7, SENT)]
    raws[without] = nameless(7, (DELIVERED, SENT)[without])
    postbacks, told = receiver(tmp_path), list[str]()

    @postbacks.on(mms.DeliveryReport)
    async def heard(one: mms.DeliveryReport) -> None:
        told.append(one.status.value)

    async with postbacks.running():
        for raw in raws:
            await postbacks.take(raw)
            await settled(postbacks)
        assert told == ["delivered"]
        assert (await postbacks.wait_for(accepted(7))).id == "Hq-7"


async def test_reports_with_and_without_the_reference_are_in_one_lane(tmp_path: Path) -> None:
    postbacks, told, broken = receiver(tmp_path), list[str](), [True]

    @postbacks.on(mms.DeliveryReport)
    async def heard(one: mms.DeliveryReport) -> None:
        if broken:
            broken.clear()
            raise OSError
        told.append(one.status.value)

    await postbacks.take(report(7, SENT, reference="order-117"))
    await postbacks.take(report(7, DELIVERED))
    async with postbacks.running():
        await settled(postbacks)
    assert told == ["sent", "delivered"]


async def test_a_message_without_an_id_is_known_by_its_reference(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path)
    await post(postbacks.asgi, report(7, reference="order-117"))
    message = mms.Sms(to="12025550007", sender="70707", text="Hi", reference="order-117")
    nameless = mms.Accepted(id="", to="12025550007", message=message, reference="order-117")
    assert (await postbacks.wait_for(nameless)).id == "Hq-7"
    with pytest.raises(ValueError, match="neither an id nor a reference"):
        await postbacks.wait_for(attrs.evolve(nameless, reference=None))
    await postbacks.aclose()


async def test_waiting_ends_and_says_so(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path)
    await post(postbacks.asgi, report(7, SENT))
    with pytest.raises(TimeoutError, match=r"no final delivery report came within 0\.02 s"):
        await postbacks.wait_for(accepted(7), timeout=0.02)
    with pytest.raises(TypeError):
        await postbacks.wait_for(7)  # type: ignore[arg-type]
    await postbacks.aclose()
    assert not postbacks._inbox.bells._ears


# -- again, and gone ----------------------------------------------------------------------------


async def test_a_span_is_replayed(tmp_path: Path) -> None:
    postbacks, now, seen = receiver(tmp_path), [1_900_000_000.0], list[str | None]()
    postbacks._inbox.clock = lambda: now[0]

    @postbacks.on(mms.DeliveryReport)
    async def heard(one: mms.DeliveryReport) -> None:
        seen.append(one.id)

    async with postbacks.running():
        for n in range(4):
            await post(postbacks.asgi, report(n))
            await settled(postbacks)
            now[0] += 60
        begin = datetime.fromtimestamp(1_900_000_000.0, UTC)
        count = await postbacks.replay(
            begin + timedelta(seconds=60), begin + timedelta(seconds=180)
        )
        assert count == 2
        await settled(postbacks)
        assert seen == ["Hq-0", "Hq-1", "Hq-2", "Hq-3", "Hq-1", "Hq-2"]
        assert await postbacks.replay() == 4
        await settled(postbacks)
        with pytest.raises(ValueError, match="zone"):
            await postbacks.replay(datetime(2031, 2, 3))  # noqa: DTZ001 - what is refused
    assert len(seen) == 10


async def test_many_are_replayed_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmsclient.postbacks.upkeep.AT_ONCE", 3)
    monkeypatch.setattr("mmsclient.postbacks.reading.PAGE", 3)
    postbacks, seen = receiver(tmp_path), list[str | None]()

    @postbacks.on(mms.DeliveryReport)
    async def heard(one: mms.DeliveryReport) -> None:
        seen.append(one.id)

    async with postbacks.running():
        await asyncio.gather(*(post(postbacks.asgi, report(n)) for n in range(10)))
        await settled(postbacks)
        assert await postbacks.replay() == 10
        await settled(postbacks)
    assert len([event async for event in postbacks.events()]) == 10
    assert len(seen) == 20
    await postbacks.aclose()


async def test_what_is_past_its_time_is_thrown_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("mmsclient.postbacks.upkeep.AT_ONCE", 2)
    postbacks, now = receiver(tmp_path, keep=timedelta(days=10)), [1_900_000_000.0]
    postbacks._inbox.clock = lambda: now[0]

    @postbacks.on(mms.Event)
    async def heard(_: mms.Event) -> None:
        pass

    async with postbacks.running():
        for n in range(5):
            await post(postbacks.asgi, report(n))
        await post(postbacks.asgi, mms.RawPostback("POST", body=b"odd"))
        await settled(postbacks)
    await post(postbacks.asgi, report(9))  # nobody has handled this one
    now[0] += 11 * DAY
    postbacks._inbox._next_tidying = 0.0  # an hour later, by a clock that nobody sets
    await post(postbacks.asgi, report(10))
    assert await postbacks.tidy() == 4  # the request before has taken the first two
    assert await postbacks.counts() == counts(2, 0, 0, 0)
    assert "0 failed events and 1 unread postbacks were thrown away" in caplog.text
    await postbacks.aclose()
    with closing(sqlite3.connect(tmp_path / "inbox.db")) as file:
        left = [
            file.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own names
            for table in ("raws", "events", "messages", "seen", "handled")
        ]
    assert left == [2, 2, 2, 1, 0]


# -- without a server ---------------------------------------------------------------------------


async def test_the_simulator_hands_its_postbacks_over_without_sockets(tmp_path: Path) -> None:
    for make in (Simulator.skycore, Simulator.transmitsms, Simulator.cellcast):
        folder = tmp_path / make.__name__
        folder.mkdir()
        postbacks = receiver(folder, service=make(Simulator()))
        sim = Simulator(postbacks=postbacks.take)
        async with mms.Client[Any](make(sim), transport=sim.transport()) as client:
            accepted = await client.send(mms.Sms(to="61491570156", sender="70707", text="Hi"))
            await sim.settled()
            assert (await postbacks.wait_for(accepted)).status is mms.DeliveryStatus.DELIVERED
        await postbacks.aclose()


async def test_what_is_handed_over_must_be_signed_where_the_account_insists(
    tmp_path: Path,
) -> None:
    service = Simulator().transmitsms(check_signature=True)
    postbacks = receiver(tmp_path, service=service)
    with pytest.raises(mms.PostbackError, match="signature"):
        await postbacks.take(mms.RawPostback("GET", "message_id=7"))
    assert sum((await postbacks.counts()).values()) == 0
    await postbacks.aclose()


# -- several and none ---------------------------------------------------------------------------


async def test_services_may_share_a_file_and_keep_apart(tmp_path: Path) -> None:
    cellcast = mms.Cellcast(app_key="k-1")
    one, other = receiver(tmp_path), receiver(tmp_path, service=cellcast)
    seen: list[str] = []
    for postbacks in (one, other):

        @postbacks.on(mms.Event)
        async def heard(event: mms.Event) -> None:
            seen.append(event.service)

    told = b'[{"message_id": "Hq-7", "status": "Delivered", "recipient": "61491570156"}]'
    async with one.running(), other.running():
        await post(one.asgi, report(7))
        await post(other.asgi, mms.RawPostback("POST", body=told))
        await settled(one)
        await settled(other)
    assert sorted(seen) == ["cellcast", "skycore"]


async def test_several_receivers_on_one_file_handle_each_event_once(tmp_path: Path) -> None:
    all_of_them = [receiver(tmp_path, concurrency=2) for _ in range(3)]
    seen: list[tuple[int, str]] = []
    for number, postbacks in enumerate(all_of_them):

        @postbacks.on(mms.Event)
        async def heard(event: mms.Event, number: int = number) -> None:
            await asyncio.sleep(0.01)
            seen.append((number, event.key))

    async with all_of_them[0].running(), all_of_them[1].running(), all_of_them[2].running():
        for n in range(60):
            await post(all_of_them[n % 3].asgi, report(n))
        await settled(all_of_them[0])
    assert len(seen) == len({key for _, key in seen}) == 60
    assert len({number for number, _ in seen}) == 3


async def test_who_has_lost_a_claim_changes_nothing_any_more(tmp_path: Path) -> None:
    postbacks, now = receiver(tmp_path), 1_900_000_000.0
    postbacks._inbox.clock = lambda: now
    await post(postbacks.asgi, report(7))
    pace = working.Pace(concurrency=1, timeout=1.0, retries=(1.0,), lease=30.0)
    slow, quick = (
        working.Working(postbacks._inbox, postbacks._handlers, pace)._claimant for _ in "ab"
    )
    write = postbacks._inbox.write
    (lost,) = (await write(partial(slow.claim, now=now, places=1))).claims
    await write(partial(quick.claim, now=now + 31, places=1))
    (taken,) = (await write(partial(quick.claim, now=now + 33, places=1))).claims
    await write(partial(slow.finish, now=now + 33, claim=lost))
    await write(partial(slow.give_back, now=now + 33, claim=lost, through=["a"]))
    await write(partial(slow.put_off, now=now, claim=lost, wait=None, reason="", through=["a"]))
    await write(lambda c: slow.renew(c, now + 1e6, [lost]))
    assert (await postbacks.counts())["waiting"] == 1
    await write(partial(quick.finish, now=now + 33, claim=taken))
    assert (await postbacks.counts())["done"] == 1
    await postbacks.aclose()


async def test_who_goes_leaves_no_claim_behind(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path)
    pace = working.Pace(concurrency=9, timeout=1.0, retries=(1.0,), lease=1000.0)
    goes = working.Working(postbacks._inbox, postbacks._handlers, pace)
    for n in range(3):
        await post(postbacks.asgi, report(n))
    now = postbacks._inbox.clock()
    write = postbacks._inbox.write
    claimed = await write(partial(goes._claimant.claim, now=now, places=2))
    await write(partial(goes._claimant.finish, now=now, claim=claimed.claims[0]))
    await goes.stop()
    comes = working.Working(postbacks._inbox, postbacks._handlers, pace)
    taken = await write(partial(comes._claimant.claim, now=now + 1, places=9))
    assert [claim.attempt for claim in taken.claims] == [1, 1]
    await postbacks.aclose()


async def test_handlers_longer_than_a_lease_keep_their_claims(tmp_path: Path) -> None:
    postbacks, calls = receiver(tmp_path, lease=0.2), list[int]()
    other = receiver(tmp_path, lease=0.2)

    async def slow(_: mms.Event) -> None:
        calls.append(1)
        await asyncio.sleep(0.7)

    postbacks.on(mms.Event)(slow)
    other.on(mms.Event)(slow)
    async with postbacks.running(), other.running():
        await post(postbacks.asgi, report(7))
        await settled(postbacks)
    assert calls == [1]


async def test_what_is_not_done_at_the_end_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "GRACE", 0.02)
    postbacks, started = receiver(tmp_path, lease=1000.0), asyncio.Event()

    @postbacks.on(mms.Event, name="one")
    async def through(_: mms.Event) -> None:
        pass

    @postbacks.on(mms.Event, name="two")
    async def hangs(_: mms.Event) -> None:
        started.set()
        await asyncio.Event().wait()

    async with postbacks.running():
        await post(postbacks.asgi, report(7))
        await started.wait()
    again, names = receiver(tmp_path), list[str]()

    @again.on(mms.Event, name="one")
    async def one(_: mms.Event) -> None:
        names.append("one")

    @again.on(mms.Event, name="two")
    async def two(_: mms.Event) -> None:
        names.append("two")

    async with again.running():
        await settled(again)
    assert names == ["two"]


async def test_cancelling_the_block_ends_handlers_at_once(tmp_path: Path) -> None:
    postbacks, started, ended = receiver(tmp_path), asyncio.Event(), list[bool]()

    @postbacks.on(mms.Event)
    async def hangs(_: mms.Event) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def block() -> None:
        async with postbacks.running():
            await post(postbacks.asgi, report(7))
            await asyncio.Event().wait()

    task = asyncio.create_task(block())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended
    assert await postbacks.counts() == counts(1, 0, 0, 0)
    await postbacks.aclose()


# -- what is refused ----------------------------------------------------------------------------


def test_settings_that_are_wrong_are_refused(tmp_path: Path) -> None:
    each: tuple[dict[str, Any], ...] = (
        {"remember": timedelta(hours=25)},
        {"keep": 30},
        {"concurrency": 0},
        {"timeout": 0},
        {"retries": (1, -1)},
        {"lease": float("inf")},
        {"largest": True},
        {"basic": "user:password"},
        {"basic": ("us:er", "password")},
        {"secret": "a/b"},
        {"path": "postbacks"},
        {"trusted_proxies": -1},
        {"trusted_proxies": True},
        {"allow": []},
        {"allow": "192.0.2.0/24"},
        {"allow": ["192.0.2.1/24"]},
    )
    for wrong in each:
        with pytest.raises((TypeError, ValueError), match=next(iter(wrong))):
            receiver(tmp_path, **wrong)


def test_with_nothing_that_keeps_anybody_out_it_is_not_even_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="anybody could post"):
        mms.Postbacks(SERVICE, inbox=tmp_path / "inbox.db")
    secret = "s-123"  # noqa: S105 - of nobody
    for service in (mms.TransmitSMS(api_key="k", api_secret=secret), mms.Cellcast(app_key="k")):
        with pytest.raises(ValueError, match="anybody could post"):
            mms.Postbacks(service, inbox=tmp_path / "inbox.db")
    signed = mms.TransmitSMS(api_key="k", api_secret=secret, check_signature=True)
    mms.Postbacks(signed, inbox=tmp_path / "inbox.db")


def test_handlers_that_cannot_be_called_are_refused(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path)
    with pytest.raises(TypeError, match="async def"):
        postbacks.on(mms.Event)(lambda _: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match="class of events"):
        postbacks.on(mms.Sms)  # type: ignore[type-var]

    async def heard(_: mms.Event) -> None:
        pass

    class Object:
        async def __call__(self, _: mms.Event) -> None:
            pass

    postbacks.on(mms.Event)(heard)
    postbacks.on(mms.Event)(Object())
    with pytest.raises(ValueError, match="give one of them a name="):
        postbacks.on(mms.OptOut)(partial(heard))
    postbacks.on(mms.OptOut, name="again")(partial(heard))


async def test_a_file_that_is_none_of_ours_is_told(tmp_path: Path) -> None:
    (tmp_path / "inbox.db").write_text("to,text\n" * 300)
    postbacks = receiver(tmp_path)
    with pytest.raises(mms.InboxError, match="no SQLite database"):
        async with postbacks.running():
            pass
    answer = await post(postbacks.asgi, report(7))
    assert (answer.status, answer.body) == (503, b"")


async def test_it_is_entered_once_and_may_be_entered_again(tmp_path: Path) -> None:
    postbacks = receiver(tmp_path)
    async with postbacks.running():
        with pytest.raises(RuntimeError, match="run already"):
            async with postbacks.running():
                pass
    async with postbacks.running():
        assert repr(postbacks) == "Postbacks('skycore', inbox='inbox.db')"
