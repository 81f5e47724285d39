"""What a simulator is given: numbers however written, and clear words about what cannot be."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from rawcalls import MMS, SMS, ask

from mmsclient.simulator import Account, Campaign, Fault, Simulator
from mmsclient.simulator.actions import ACTIONS, SKYCORE
from mmsclient.simulator.skycore import wire

WRITTEN, DIGITS = "+1 (202) 555-0143", "12025550143"


async def test_a_written_number_finds_what_its_handset_received() -> None:
    sim = Simulator()
    await ask(sim, "sendSMS", SMS)
    assert len(sim.received(WRITTEN)) == len(sim.handset(WRITTEN).messages) == 1
    assert sim.handset(WRITTEN) == sim.handset(DIGITS)


async def test_a_fault_for_a_written_number_strikes() -> None:
    sim = Simulator(faults=[Fault(kind="E618", to=WRITTEN)])
    assert (await ask(sim, "sendSMS", SMS)).code == "E618"


async def test_an_account_takes_written_numbers() -> None:
    spring = Campaign(ref="spring", subscribers=[WRITTEN])
    sim = Simulator(accounts=[Account(campaign_check=True, campaigns=[spring])])
    assert (await ask(sim, "sendSMS", {**SMS, "CAMPAIGNREF": "spring"})).code == "accepted"
    sim = Simulator(accounts=[Account(blacklist=[WRITTEN])])
    assert (await ask(sim, "sendSMS", SMS)).code == "E114"


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (lambda: Fault(kind="E503", to="202-555-01x3"), "to"),
        (lambda: Simulator().received("0012025550143"), "number"),
        (lambda: Simulator().handset(""), "number"),
        (lambda: Account(blacklist=["1"]), "blacklist"),
        (lambda: Campaign(ref="s", subscribers=["1"]), "subscribers"),
        (lambda: Fault(kind="E503", action="sendFax"), "action must be one of sendMMS"),
        (lambda: Account(allow=["nonsense"]), "allow: .* such as 192.0.2.0/24"),
        (lambda: Account(allow="127.0.0.1"), "allow: .* a list"),
        (lambda: Simulator(accounts=[Account(key="k")] * 2), "accounts: .* give each its own"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name_without_repeating_it(
    given: Any, word: str
) -> None:
    with pytest.raises(ValueError, match=f"^{word}") as caught:
        given()
    assert not re.search("555|sendFax|nonsense", str(caught.value))


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("probability", [-0.1, 1.1, math.nan, "1", None]),
        ("nth", [0, -1, 1.5, True, None]),
        ("times", [-1, 1.5, math.inf]),
        ("seconds", [-1, math.nan, math.inf, "1"]),
        ("retry_after", [-1, math.nan, math.inf, "1"]),
    ],
)
def test_the_figures_of_a_fault_are_bounded(field: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(ValueError, match=f"^{field} must be a .*number of at least [01]"):
            Fault(kind="stall", **{field: value})


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("latency", [-1, math.nan, "1"]),
        ("jitter", [-1, math.inf]),
        ("delivery", [-1, None]),
        ("encoding", [-1, math.nan]),
        ("tail", [(2, 1), (0.1, -1), (0.1,), 0.1, None, (0.1, math.nan)]),
        ("port", [-1, 65536, "80", 80.0, True]),
        ("host", ["0.0.0.0", "::", "192.0.2.1", "example.net", ""]),  # noqa: S104 - refused
    ],
)
def test_the_figures_of_a_simulator_are_bounded(field: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(ValueError, match=f"^{field} must be"):
            Simulator(**{field: value})


def test_figures_at_their_bounds_are_taken() -> None:
    Fault(kind="stall", probability=0, nth=1, times=0, seconds=0, retry_after=0)
    Fault(kind="stall", probability=1, times=None, seconds=None, action="SENDmms")
    Simulator(latency=0, jitter=0, delivery=0, encoding=0, tail=(1, 0), port=65535)


def test_the_known_actions_are_those_that_are_served() -> None:
    assert list(SKYCORE) == [action.name for action in wire.ACTIONS.values()]
    assert len(set(map(str.lower, ACTIONS))) == len(ACTIONS)


def test_a_source_that_is_no_address_is_let_in_only_where_all_are() -> None:
    assert Account().lets_in("testclient")
    assert not Account(allow=["127.0.0.1"]).lets_in("testclient")


async def test_a_stuck_mms_leaves_after_its_seconds() -> None:
    now = 0.0
    sim = Simulator(faults=[Fault(kind="stuck", seconds=600)], clock=lambda: now)
    await ask(sim, "sendMMS", MMS)
    now = 599.0
    assert (len(sim.stuck), sim.deliveries) == (1, [])
    now = 600.0
    assert (sim.stuck, sim.deliveries[0].delivered_at) == ([], 600)
    now = 4 * 86_400.0
    assert (len(sim.deliveries), sim.cleared) == (1, [])
