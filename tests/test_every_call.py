"""Every public operation of every service, in every form it has, against the simulator."""

from __future__ import annotations

import re
from typing import Any

import pytest
from every_call import Table, operations
from every_service import TABLES, tried

import mmsclient as mms
from mmsclient.simulator.actions import ACTIONS

V3, BEARER = TABLES["Cellcast, v3"], TABLES["Cellcast, Bearer"]

#: The one call that goes by another name than its page has.
CALLED = {"getSendingStatistics": "getSendingStatus"}
#: Another name of removeMMSInboxMessage.
ALIASES = {"removeMMSInboxContent"}

#: Where Cellcast's documents and its answers disagree, besides the published form.
ANSWERS: tuple[dict[str, Any], ...] = (
    {"form": "overview", "counters": "numbers"},
    {"form": "both", "counters": "strings", "plus": False},
    {"empty": "SUCCESS", "always_200": True, "plus": False},
)

#: What one of the two APIs of Cellcast has and the other one has not.
LACKING = [("Cellcast, v3", name) for name in BEARER if name not in V3]
LACKING += [("Cellcast, Bearer", name) for name in V3 if name not in BEARER]


def promised(service: object, name: str) -> str:
    """Return the name of the class that a method says its call answers with."""
    said = getattr(type(service), name).__annotations__["return"]
    found = re.fullmatch(r"(?:Paged)?Call\[(\w+)\]", said)
    assert found, said
    return found[1]


@pytest.mark.parametrize(
    ("form", "name"), [(form, name) for form, table in TABLES.items() for name in table]
)
async def test_every_call_is_made_and_its_value_is_read(form: str, name: str) -> None:
    trial = await tried(form, name)
    operation, _ = TABLES[form][name]
    assert CALLED.get(operation, operation) in {call.action for call in trial.sim.calls}
    assert promised(trial.service, name) in {type(value).__name__ for value in trial.values}


@pytest.mark.parametrize("name", V3)
@pytest.mark.parametrize("answers", ANSWERS, ids=str)
async def test_every_form_that_cellcast_answers_in_is_read(
    name: str, answers: dict[str, Any]
) -> None:
    trial = await tried("Cellcast, v3", name, **answers)
    assert promised(trial.service, name) in {type(value).__name__ for value in trial.values}


@pytest.mark.parametrize(("form", "name"), LACKING)
async def test_what_an_api_lacks_is_refused_before_any_call(form: str, name: str) -> None:
    with pytest.raises(mms.UnsupportedError):
        await tried(form, name, Table(V3 | BEARER))


def test_no_operation_is_without_a_trial() -> None:
    assert set(TABLES["Skycore"]) == operations(mms.Skycore)
    assert set(TABLES["TransmitSMS, JSON"]) == operations(mms.TransmitSMS)
    assert V3.keys() | BEARER.keys() == operations(mms.Cellcast)


def test_every_call_that_the_simulator_knows_has_a_trial() -> None:
    said = {operation for table in TABLES.values() for operation, _ in table.values()}
    assert set(ACTIONS) - {CALLED.get(operation, operation) for operation in said} == ALIASES
