"""Random campaigns under random trouble, and journals that fail at a chosen write."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import clock
import pytest
from fakes import PlainService, ScriptedTransport, answer, fail, many, trouble

import mmsclient as mms

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator
    from pathlib import Path

STORMS = 25


def now() -> datetime:
    return datetime(2031, 2, 3, tzinfo=UTC) + timedelta(seconds=asyncio.get_running_loop().time())


class Recording(ScriptedTransport):
    """Knows which messages the service may have carried out: a refusal is none of them."""

    def __init__(self, *args: Any, **terms: Any) -> None:
        super().__init__(*args, **terms)
        self.carried_out: list[str] = []

    async def exchange(self, request: mms.HttpRequest, leaving: Any) -> mms.HttpResponse:
        left: list[bool] = []

        def gone() -> None:
            leaving()
            left.append(True)

        refused = False
        try:
            response = await super().exchange(request, gone)
            refused = 400 <= response.status < 500
            return response
        finally:
            if left and not refused:
                self.carried_out.append(request.body.decode())


async def one_run(
    campaign: mms.Campaign, transport: Recording, random: Random
) -> list[mms.Outcome]:
    client = mms.Client(
        PlainService(),
        rate=random.choice([15, 100, 1000]),
        transport=transport,
        connections=random.choice([1, 2, 8, 32]),
        timeout=mms.Timeout(total=random.choice([2, 20])),
    )
    taken: list[mms.Outcome] = []
    mode, stop = random.choice(["all", "all", "break", "stop", "cancel"]), random.randrange(30)

    async def consume() -> None:
        async with campaign.run(client, max_in_flight=random.choice([None, 1, 3, 16])) as outcomes:
            async for outcome in outcomes:
                taken.append(outcome)
                if random.random() < 0.1:
                    await asyncio.sleep(random.random())
                if len(taken) > stop and mode == "break":
                    break
                if len(taken) > stop and mode == "stop":
                    campaign.stop()
        taken.extend(outcomes.late)

    task = asyncio.create_task(consume())
    if mode == "cancel":
        await asyncio.sleep(random.random() * 5)
        task.cancel()
    with suppress(asyncio.CancelledError, mms.CampaignError):
        await task
    assert not [task for task in asyncio.all_tasks() if "mmsclient" in task.get_name()]
    return taken


async def storm(path: Path, random: Random) -> None:
    campaign = mms.Campaign(path, now=now)
    await campaign.add(many(60))
    transport = Recording(
        [trouble(random) for _ in range(150)], latency=random.choice([0, 0.01, 0.3])
    )
    told: Counter[str] = Counter()
    for _ in range(40):
        for outcome in await one_run(campaign, transport, random):
            told[outcome.message.to] += 1
        counts = await campaign.counts()
        assert sum(counts.values()) == 60
        assert counts["sending"] == 0
        if not counts["pending"]:
            break
    else:
        raise AssertionError(counts)
    rows = {row.to: row async for row in campaign.outcomes()}
    assert set(told.values()) <= {1}
    accepted = {to for to, row in rows.items() if row.state == "accepted"}
    carried_out = Counter(transport.carried_out)
    assert accepted <= carried_out.keys()
    assert set(carried_out.values()) == {1}, "somebody was texted twice"
    assert {to for to in carried_out if rows[to].state == "refused"} == set()
    assert all(row.attempts >= Counter(transport.arrived)[to] for to, row in rows.items())


@pytest.mark.parametrize("first", [0, STORMS])
def test_every_row_ends_in_one_state_whatever_happens(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + STORMS):
        clock.run(storm(tmp_path / f"{seed}.db", Random(seed)))


# -- writes that fail ---------------------------------------------------------------------------


class Failing(mms.SqliteJournal):
    """A journal whose SQLite refuses the nth change of a row to a state, and all that follow."""

    def __init__(self, path: Path, state: str, nth: int, *, once: bool) -> None:
        super().__init__(path)
        self._state, self._nth, self._once = state, nth, once
        self.failed = 0

    def _refuse(self) -> int:
        self._nth -= 1
        refused = self._nth == 0 or (self._nth < 0 and not self._once)
        self.failed += refused
        return refused

    @asynccontextmanager
    async def held(self, *, create: bool = False) -> AsyncIterator[None]:
        async with super().held(create=create):
            await self._write.run(self._arm)
            yield

    def _arm(self, connection: sqlite3.Connection) -> None:
        connection.create_function("refused", 0, self._refuse)
        connection.execute(
            f"CREATE TEMP TRIGGER IF NOT EXISTS refuse BEFORE UPDATE OF state ON main.rows "
            f"WHEN NEW.state = '{self._state}' AND OLD.state <> NEW.state AND refused() "
            f"BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
        )


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize("nth", [1, 2, 7, 20])
@pytest.mark.parametrize("state", ["sending", "accepted", "refused", "unknown", "pending"])
def test_a_write_that_fails_costs_at_most_the_knowledge_of_what_left(
    tmp_path: Path, state: str, nth: int, once: bool
) -> None:
    steps = [
        answer(),
        answer(400),
        answer(),
        answer(500),
        answer(429),
        fail(OSError("no"), left=False),
    ]

    async def main() -> None:
        await mms.Campaign(tmp_path / "a.db", now=now).add(many(60))
        transport = Recording(steps * 10, latency=0.05)
        journal = Failing(tmp_path / "a.db", state, nth, once=once)
        told: Counter[str] = Counter()
        caught: mms.CampaignError | None = None
        client = mms.Client(PlainService(), rate=100, transport=transport, connections=4)
        try:
            async with mms.Campaign(journal, now=now).run(client) as outcomes:
                async for outcome in outcomes:
                    told[outcome.message.to] += 1
        except mms.CampaignError as error:
            caught = error
        if journal.failed:
            assert caught is not None
            assert "IntegrityError" in str(caught) or "pending:" in str(caught)
        before = await mms.Campaign(tmp_path / "a.db").counts()
        # The disk is in order again: the same lines finish the job.
        for _ in range(5):
            client = mms.Client(PlainService(), rate=100, transport=transport, connections=4)
            with suppress(mms.CampaignError):
                async with mms.Campaign(tmp_path / "a.db", now=now).run(client) as outcomes:
                    async for outcome in outcomes:
                        told[outcome.message.to] += 1
        rows = {row.to: row async for row in mms.Campaign(tmp_path / "a.db").outcomes()}
        assert {row.state for row in rows.values()} <= {"accepted", "refused", "unknown"}
        assert before["sending"] <= 4 + 8
        taken_by_service = Counter(transport.carried_out)
        assert not [to for to, count in taken_by_service.items() if count > 1], "texted twice"

    clock.run(main())
