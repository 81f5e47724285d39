from __future__ import annotations

import re
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from mmsclient.cli.demo import cast
from mmsclient.cli.demo.result import Result
from mmsclient.errors import NoReplyError, ThrottledError
from mmsclient.outcomes import Accepted, Refused, Unknown
from mmsclient.services.skycore import Skycore

if TYPE_CHECKING:
    from mmsclient.outcomes import Outcome


def row(shown: str, name: str) -> str:
    return next(line for line in shown.splitlines() if line.strip().startswith(name))


def number(shown: str, name: str) -> int:
    return int(row(shown, name).removeprefix(name).split()[0])


def test_the_demo_keeps_its_promises_and_shows_it_without_a_terminal(shell: Any) -> None:
    process = shell.start("demo", "--recipients", "60", "--rate", "15", "--seed", "7")
    code, shown, complained = shell.end(process)
    assert (code, complained) == (0, "")
    assert "Every recipient has exactly one outcome" in shown
    assert number(shown, "accepted") == 50
    assert number(shown, "refused before any call") == len(cast.BAD)
    assert number(shown, "refused by the service") == 5
    assert number(shown, "unknown, never repeated") == 1
    assert "the handset did receive 1" in shown
    assert number(shown, "refused for rate") >= 1, "the other process was felt"
    assert "all calls pause" in shown
    assert number(shown, "lost because of rate") == 0
    assert number(shown, "most calls in any second") <= 15
    assert number(shown, "sent twice") == 0
    assert "number starts with 00" in shown
    assert "Error" not in shown
    assert all(line == line.rstrip() for line in shown.splitlines())
    assert re.search(r"\d+ of 60 · \d+\.\d/s now · ", shown)


def test_a_seed_plays_the_same_trouble_again() -> None:
    assert cast.numbers(50, Random(3)) == cast.numbers(50, Random(3))
    assert cast.numbers(50, Random(3)) != cast.numbers(50, Random(4))


@pytest.mark.parametrize("count", [cast.FEWEST, 300, 50_000])
def test_the_cast_is_as_large_as_asked_for_and_nobody_comes_twice(count: int) -> None:
    people = cast.numbers(count, Random(1))
    assert len(people) == len(set(people)) == count


def test_only_the_bad_numbers_are_held_against_the_messages() -> None:
    people = cast.numbers(60, Random(1))
    service = Skycore(api_key="k")
    faulty = {made.to for made in cast.messages(people) if service.check(made).faults}
    assert faulty == set(cast.BAD)


def good() -> Result:
    texts = list(cast.messages(cast.numbers(20, Random(1))))
    taken: list[Outcome] = [
        Accepted(id="1", to="", message=made, reference=made.reference) for made in texts
    ]
    return Result(
        recipients=20,
        outcomes=taken,
        throttled=0,
        worst=15,
        permitted=15,
        deliveries=Counter(made.reference or "" for made in texts),
        seconds=1.0,
    )


def test_a_perfect_run_holds() -> None:
    assert good().holds


@pytest.mark.parametrize(
    "broken",
    [
        {"worst": 16},
        {"recipients": 21},
        {"outcomes": []},
        {"outcomes": [*good().outcomes, good().outcomes[0]]},
        {"outcomes": good().outcomes[1:]},
        {"deliveries": good().deliveries + Counter({"demo-3": 1})},
        {"deliveries": good().deliveries - Counter({"demo-3": 1})},
        {
            "outcomes": [
                Refused(message=good().outcomes[0].message, error=ThrottledError()),
                *good().outcomes[1:],
            ]
        },
    ],
)
def test_a_broken_promise_is_noticed(broken: dict[str, Any]) -> None:
    assert not attrs.evolve(good(), **broken).holds


def test_an_unknown_is_no_broken_promise() -> None:
    lost = Unknown(message=good().outcomes[0].message, error=NoReplyError())
    assert attrs.evolve(good(), outcomes=[lost, *good().outcomes[1:]]).holds


def test_a_quick_demo_ends_well_within_this_process(shell: Any) -> None:
    result = shell.run("demo", "--recipients", "40", "--rate", "200", "--plain")
    assert result.exit_code == 0, result.output
    assert number(result.stdout, "accepted") == 30
    assert number(result.stdout, "sent twice") == 0
