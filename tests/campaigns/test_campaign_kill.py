"""Campaigns killed at random moments: nobody gets two messages, and nobody is forgotten."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from campaign_jobs import messages
from zygote import Zygote, zygote

import mmsclient as mms
from mmsclient.simulator import Fault, Simulator, in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here")

IN_FLIGHT = 8


@pytest.fixture(scope="module")
def processes() -> Iterator[Zygote]:
    with zygote("campaign_jobs") as forked:
        yield forked


@attrs.define
class Trial:
    """One campaign that is killed over and over, and what its service saw."""

    processes: Zygote
    sim: Simulator
    journal: Path
    random: Random
    terms: dict[str, Any]
    kills: int = 0
    unknown: int = 0

    @property
    def campaign(self) -> mms.Campaign:
        return mms.Campaign(self.journal)

    def counts(self) -> dict[Any, int]:
        if not self.journal.exists():
            return {}
        try:
            return asyncio.run(self.campaign.counts())
        except mms.CampaignError as error:
            if "is empty" not in str(error):
                raise
            return {}  # killed as the file was made

    def run(self, times: int) -> None:
        """Kill it so many times, unless it ends before, and let it end."""
        for _ in range(times):
            if self._killed():
                self.kills += 1
        for _ in range(5):  # a run ends with an error where too many calls get no answer
            if self.processes.run("campaign_jobs:campaign", **self.terms) == 0:
                return
        raise AssertionError(f"it does not come to its end: {self.counts()}")

    def _killed(self) -> bool:
        """Kill it at a moment that only chance knows; return whether it was still running."""
        seen, wanted = len(self.sim.calls), self.random.choice([0, 0, 1, 3, 9, 20])
        self.processes.start("campaign_jobs:campaign", **self.terms)
        latest = time.monotonic() + 0.3
        while len(self.sim.calls) < seen + wanted and time.monotonic() < latest:
            time.sleep(0.001)
        time.sleep(self.random.random() * 0.03)
        self.processes.kill()
        killed = self.processes.end() < 0
        self._look()
        return killed

    def _look(self) -> None:
        """Hold what the journal says after a kill against what can be."""
        counts = self.counts()
        if not counts:
            return
        # What is being sent is unknown to the next run: calls on their way, and no others.
        batch = self.terms.get("batch", 1)
        assert counts["sending"] <= IN_FLIGHT * batch
        self.unknown += counts["sending"]

    def check(self) -> None:
        """Hold the journal against what handsets received."""
        rows = asyncio.run(self._rows())
        received = Counter(delivery.to for delivery in self.sim.deliveries)
        assert not [to for to, count in received.items() if count > 1], "somebody was texted twice"
        states = {mms.clean_number(row.to): row.state for row in rows}
        wanted = messages(self.terms["count"], first=self.terms.get("first", "1202555"))
        assert states.keys() == {mms.clean_number(message.to) for message in wanted}
        assert set(states.values()) <= {"accepted", "refused", "unknown"}
        assert {to for to, state in states.items() if state == "accepted"} <= received.keys()
        assert not {to for to, state in states.items() if state == "refused"} & received.keys()
        missing = states.keys() - received.keys()
        assert {states[to] for to in missing} <= {"unknown", "refused"}

    async def _rows(self) -> list[mms.CampaignRow]:
        return [row async for row in self.campaign.outcomes()]


def account(sim: Simulator, service: str) -> dict[str, Any]:
    """Return the terms of the service value that lets a client in."""
    first = sim.accounts[0]
    credentials = {
        "skycore": {"api_key": first.key},
        "transmitsms": {"api_key": first.key, "api_secret": first.secret},
        "cellcast": {"app_key": first.key},
    }
    return {**credentials[service], "url": sim.urls[service]}


def trial(processes: Zygote, sim: Simulator, path: Path, seed: int, **terms: Any) -> Trial:
    journal = path / f"{seed}.db"
    service = terms.pop("service", "skycore")
    whole = {
        "journal": str(journal),
        "service": service,
        "account": account(sim, service),
        "count": 60,
        "in_flight": IN_FLIGHT,
        **terms,
    }
    return Trial(processes, sim, journal, Random(seed), whole)


def test_fifty_kills_at_random_moments(processes: Zygote, tmp_path: Path) -> None:
    kills = seed = unknown = 0
    while kills < 50:
        seed += 1
        with in_thread(Simulator(rate=None, latency=0.004, magic=False)) as sim:
            one = trial(processes, sim, tmp_path, seed)
            one.run(6)
            one.check()
        kills, unknown = kills + one.kills, unknown + one.unknown
    assert unknown > 0, "no kill struck a message on its way: the moments are badly chosen"


def troubles() -> list[Fault]:
    shares = {"drop_before": 0.05, "drop_after": 0.05, "close_after": 0.04, "stall": 0.03}
    broken = [
        Fault(kind=kind, times=None, probability=share, seconds=0.5)
        for kind, share in shares.items()
    ]
    return [*broken, Fault(kind="429", times=None, probability=0.03, retry_after=0)]


@pytest.mark.parametrize("kind", ["Sms", "Mms"])
def test_kills_among_drops_time_outs_and_throttling(
    processes: Zygote, tmp_path: Path, kind: str
) -> None:
    for seed in range(2):
        options: dict[str, Any] = {"faults": troubles(), "seed": seed, "magic": False}
        with in_thread(Simulator(rate=None, latency=0.004, **options)) as sim:
            one = trial(processes, sim, tmp_path, seed, kind=kind)
            one.run(4)
            one.check()


@pytest.mark.parametrize("service", ["cellcast", "transmitsms"])
def test_batches_are_killed_as_batches(processes: Zygote, tmp_path: Path, service: str) -> None:
    for seed in range(2):
        with in_thread(Simulator(rate=None, latency=0.004, magic=False)) as sim:
            terms = {"service": service, "batch": 5, "first": "6149157"}
            one = trial(processes, sim, tmp_path, seed, count=200, **terms)
            one.run(4)
            one.check()


def test_rows_that_wait_out_a_pause_are_pending_after_a_kill(
    processes: Zygote, tmp_path: Path
) -> None:
    always = Fault(kind="429", times=None, retry_after=30)
    with in_thread(Simulator(rate=None, faults=[always])) as sim:
        one = trial(processes, sim, tmp_path, 1)
        processes.start("campaign_jobs:campaign", **one.terms)
        while not any(call.verdict == "HTTP 429" for call in sim.calls):
            time.sleep(0.001)
        # The answer is on its way to the journal: nothing leaves any more until it is there.
        while one.counts().get("sending"):
            time.sleep(0.001)
        processes.kill()
        assert processes.end() < 0
        assert one.counts()["pending"] == 60
        assert sim.deliveries == []
