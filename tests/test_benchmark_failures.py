"""One send, one failure: ours are never repeated where they may have happened, and it would show."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from benchmarks import failures
from benchmarks.frame import failing, report
from benchmarks.frame.bench import Bench
from benchmarks.frame.benchmark import PACKAGES, Row, load
from benchmarks.frame.failing import UNCERTAIN
from benchmarks.frame.sdks import PLAIN, SDKS, Sdk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from benchmarks.frame.benchmark import Found
    from benchmarks.frame.sdks import Key


def test_no_send_of_ours_is_repeated_where_it_may_have_happened_and_the_caller_is_told() -> None:
    mine = [key for key in failures.OURS if not load("failures").left_out() & set(key)]
    assert {over for _, _, over in mine} >= {"httpx"}

    async def all_of_them() -> list[Found]:
        bench = Bench(quick=True)
        return await asyncio.gather(
            *(
                failures.measure(bench, client=client, setting=setting, over=over)
                for client, setting, over in mine
            )
        )

    [found] = {tuple(sorted(found.items())) for found in asyncio.run(all_of_them())}
    assert dict(found) == {
        **dict.fromkeys(UNCERTAIN, 1),
        "429 once": 2,  # refused, so it was not carried out; then accepted
        "refused": 0,
        "says maybe": len(UNCERTAIN),
        "key": "none",
        "told": "NoReplyError x3, ServiceFailedError, UnreadableReplyError, no error,"
        " ConnectionFailedError",
    }


class MaybeError(Exception):
    """Raised by a client that repeats blindly, and admits it."""


def repeating(*keys: str) -> Sdk:
    """Return a client that sends anew as often as there are keys, with one each time."""

    @asynccontextmanager
    async def opened(url: str) -> AsyncIterator[Any]:
        async with httpx.AsyncClient(timeout=1.0) as http:

            async def send() -> httpx.Response:
                for key in keys:
                    named = {"Idempotency-Key": key} if key else {}
                    with suppress(httpx.TransportError):
                        return (await http.post(url, headers=named)).raise_for_status()
                raise MaybeError("it may have been sent")

            yield send

    return Sdk(opened, "{}")


@pytest.mark.parametrize(
    ("how", "keys", "shown"),
    [
        ("no answer", ("k", "k"), "the same"),
        ("closed", ("k", "k", "k"), "the same"),
        ("reset", ("k", "l"), "another"),
        ("reset", ("k", ""), "none"),
    ],
)
def test_a_client_that_repeats_blindly_is_seen_through(
    how: str, keys: tuple[str, ...], shown: str
) -> None:
    told = asyncio.run(failures.told(repeating(*keys), how))
    assert len(told.posts) == len(keys)
    assert told.name == "MaybeError"
    assert told.maybe
    assert failures.shown_key([told]) == shown


@pytest.mark.parametrize(
    ("how", "name", "posts"),
    [
        ("500", "HTTPStatusError", 1),
        ("garbage", "no error", 1),
        ("429 once", "HTTPStatusError", 1),
        ("refused", "MaybeError", 0),
    ],
)
def test_what_a_client_is_told_is_told_of_it(how: str, name: str, posts: int) -> None:
    told = asyncio.run(failures.told(repeating("k", "k"), how))
    assert (told.name, len(told.posts)) == (name, posts)


def test_a_caller_who_waits_for_ever_is_told_from_one_who_gives_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(failing, "ENDLESS", 0.05)
    told = asyncio.run(failures.told(repeating("k"), "no answer"))
    assert (told.name, len(told.posts)) == ("no end", 1)


@pytest.mark.parametrize("key", [key for key in SDKS if key[1] == PLAIN], ids=lambda key: key[0])
@pytest.mark.filterwarnings("ignore")  # of other people's packages
def test_every_sdk_sends_its_message_to_the_service_it_is_aimed_at(key: Key) -> None:
    for label in PACKAGES.keys() & set(key):
        pytest.importorskip(PACKAGES[label])
    told = asyncio.run(failures.told(SDKS[key], "429 once"))
    assert 1 <= len(told.posts) <= 2
    assert all(b"12025550143" in post for post in told.posts)
    assert told.name == "no error" if len(told.posts) == 2 else told.error is not None


def test_words_stand_after_the_figures_and_are_kept(tmp_path: Path) -> None:
    one = load("failures")
    rows = [
        Row(
            cell={"client": "sinch", "over": over},
            figures={name: [1.0] for name in one.figures},
            ratios={},
            words={"key": ["none"], "told": [word]},
        )
        for over, word in [("requests", "ReadTimeout"), ("urllib3", "ReadTimeoutError")]
    ]
    head, line, *_ = report.table(one, rows).splitlines()
    assert head.split()[-3:] == ["maybe", "key", "told"]
    assert len(head) < len(line)  # nothing is padded at the end
    facts: Any = report.facts()
    file = report.keep(tmp_path, facts, [report.plain("failures", rows)])
    assert report.kept(file) == (facts, {"failures": rows})
    [merged] = report.averaged(rows, "over")
    assert merged.words == {"key": ["none", "none"], "told": ["ReadTimeout", "ReadTimeoutError"]}
    shown = report.markdown(one, [merged]).splitlines()
    assert shown[1].endswith("| ---: | --- | --- |")
    assert shown[2].endswith("| 1 | none | ReadTimeout / ReadTimeoutError |")
