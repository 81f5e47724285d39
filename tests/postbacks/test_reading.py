"""What requests say: read once, beside the event loop where they are large, never another one's."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from inboxes import SERVICE, counts, post, receiver, report, settled

import mmsclient as mms
from mmsclient.postbacks import inbox, reading

if TYPE_CHECKING:
    from pathlib import Path

START = 1_900_000_000.0
CELLCAST = mms.Cellcast(app_key="k-1")


def several(count: int, name: str = "Hq") -> mms.RawPostback:
    """Return one request that tells of so many messages."""
    rows = [
        {"message_id": f"{name}-{n}", "status": "Delivered", "recipient": f"6149157{n:04}"}
        for n in range(count)
    ]
    return mms.RawPostback("POST", body=json.dumps(rows).encode())


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bool]]:
    """The bytes of what was read, and whether that was in the event loop."""
    seen: list[tuple[int, bool]] = []
    read = mms.Cellcast.read_postback

    def watched(self: mms.Cellcast, raw: mms.RawPostback) -> list[mms.Event]:
        seen.append((len(raw.body), threading.current_thread() is threading.main_thread()))
        return read(self, raw)

    monkeypatch.setattr(mms.Cellcast, "read_postback", watched)
    return seen


def counting(postbacks: mms.Postbacks) -> list[str]:
    keys: list[str] = []

    @postbacks.on(mms.Event)
    async def heard(event: mms.Event) -> None:
        keys.append(event.key)

    return keys


async def test_a_request_is_read_once(tmp_path: Path, reads: list[tuple[int, bool]]) -> None:
    postbacks = receiver(tmp_path, service=CELLCAST)
    keys = counting(postbacks)
    async with postbacks.running():
        for n in range(5):
            await postbacks.take(several(40, f"Hq{n}"))
        await settled(postbacks)
    assert (len(keys), len(reads)) == (200, 5)


async def test_what_is_at_hand_is_bounded_by_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: list[tuple[int, bool]]
) -> None:
    size = len(several(10, "Hq0").body)
    monkeypatch.setattr(reading, "AT_HAND", 2 * size)
    postbacks = receiver(tmp_path, service=CELLCAST)
    keys, reader = counting(postbacks), postbacks._inbox.reader
    for n in range(6):
        await postbacks.take(several(10, f"Hq{n}"))
        assert 0 < reader._bytes <= 2 * size
    async with postbacks.running():
        await settled(postbacks)
    assert len(set(keys)) == 60
    assert len(reads) <= 6 + 6, "once when it came, and at most once more for all its events"
    assert len(reader._at_hand) == 2


async def test_a_large_request_is_read_beside_the_event_loop(
    tmp_path: Path, reads: list[tuple[int, bool]]
) -> None:
    postbacks = receiver(tmp_path, service=CELLCAST)
    large, small = several(400), several(1)
    assert len(large.body) > reading.LARGE > len(small.body)
    await asyncio.gather(postbacks.take(large), postbacks.take(small))
    assert sorted(reads) == [(len(small.body), True), (len(large.body), False)]
    await postbacks.aclose()


async def test_a_number_of_a_request_that_is_gone_is_never_another_ones(tmp_path: Path) -> None:
    now = [START]
    postbacks = receiver(tmp_path, keep=timedelta(seconds=1))
    postbacks._inbox.clock = lambda: now[0]
    keys = counting(postbacks)
    async with postbacks.running():
        for n in range(3):
            await post(postbacks.asgi, report(n))
            assert await settled(postbacks) == counts(0, 1, 0, 0)
            now[0] += 10
            assert await postbacks.tidy() == 1
    assert len(set(keys)) == 3


async def test_only_the_span_is_read_anew_some_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postbacks, now, pages = receiver(tmp_path), [START], list[int]()
    postbacks._inbox.clock = lambda: now[0]
    with monkeypatch.context() as patched:
        patched.setattr(mms.Skycore, "read_postback", lambda *_: 1 / 0)
        for n in range(7):
            await post(postbacks.asgi, report(n))
            now[0] += 60
    monkeypatch.setattr(inbox, "FEW", 2)
    look = postbacks._inbox.view.unreadable

    def watched(*given: Any) -> list[mms.UnreadablePostback]:
        found = look(*given)
        pages.append(len(found))
        return found

    monkeypatch.setattr(
        type(postbacks._inbox.view), "unreadable", lambda _, *given: watched(*given)
    )
    begin = datetime.fromtimestamp(START, UTC)
    count = await postbacks.replay(begin + timedelta(seconds=60), begin + timedelta(seconds=360))
    assert (count, pages) == (5, [2, 2, 1, 0])
    assert await postbacks.counts() == counts(5, 0, 0, 2)
    await postbacks.aclose()


async def test_an_inbox_is_read_without_a_receiver(tmp_path: Path) -> None:
    postbacks, now = receiver(tmp_path), [START]
    postbacks._inbox.clock = lambda: now[0]
    for n in range(4):
        await post(postbacks.asgi, report(n))
        now[0] += 60
    begin = datetime.fromtimestamp(START, UTC)
    span = (begin + timedelta(seconds=60), begin + timedelta(seconds=180))
    path = tmp_path / "inbox.db"
    for moments, expected in (((), [0, 1, 2, 3]), (span, [1, 2])):
        found = [event async for event in mms.read_inbox(path, SERVICE, *moments)]
        assert all(isinstance(event, mms.DeliveryReport) for event in found)
        assert [getattr(event, "id", None) for event in found] == [f"Hq-{n}" for n in expected]
    assert [event async for event in mms.read_inbox(path, CELLCAST)] == []
    assert (await postbacks.counts())["waiting"] == 4, "nobody else is told"
    await postbacks.aclose()


async def test_an_inbox_that_is_only_read_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    with pytest.raises(mms.InboxError, match="does not exist"):
        async with aclosing(mms.read_inbox(path, SERVICE)) as events:
            await anext(events)
    with pytest.raises(ValueError, match="zone"):
        await anext(mms.read_inbox(path, SERVICE, datetime(2031, 2, 3)))  # noqa: DTZ001 - what is refused
    assert not path.exists()
