"""A million rows in a campaign's journal: what it takes to add, send, count and read them.

"add" and "add again" give messages to a journal that is empty, and to one that knows them all;
"run" sends them, over a transport in the same process that answers at once. The rest asks a journal
in which one row in a hundred is unknown and the others are accepted: "counts", "unknown" (the rows
of that state), "all". "texts": one for all, or its own for each. References come in no order, as
made ones do. "rows/s" and "us", which is CPU: of the rows in the file. "grown": by how much the
highest memory of the process rises, in MB, after the same with 1,000 rows; what is in the journal
before was put there by another process. "file": MB, in the end, in the folder for temporary files.
Goal: a million rows with at most 10 MB more.
"""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

import mmsclient as mms
from benchmarks.frame import ours
from benchmarks.frame.benchmark import Benchmark, cells
from benchmarks.frame.meter import Meter, peak_memory
from benchmarks.memory import URL, Stub
from mmsclient.campaigns.values import Failure, Settled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures

    #: Does something with a campaign, and these messages; returns how many rows came of it.
    Way: TypeAlias = Callable[[mms.Campaign, Iterator[mms.Sms]], Awaitable[int]]

MILLION = 1_000_000
WARM_UP = 1_000
#: One row in so many is unknown where there are outcomes.
UNKNOWN_IN = 100

SMALL, LARGE = "small.db", "large.db"


def messages(count: int, texts: str) -> Iterator[mms.Sms]:
    """Return *count* messages, each with a reference of its own."""
    for row in range(count):
        yield mms.Sms(
            to=f"1202555{row % 10_000:04}",
            sender="70707",
            text="Fresh at 7" if texts == "equal" else f"Fresh at 7, table {row}",
            reference=f"{row * 0x9E3779B1 % 2**32:08x}",  # an odd factor: no two are equal
        )


# -- what is there before ---------------------------------------------------------------------


@asynccontextmanager
async def journals(
    *, rows: int, texts: str, over: bool
) -> AsyncIterator[tuple[str, Callable[[], Figures]]]:
    """Make a small and a large journal, with outcomes if it is *over*; tell the large one's size."""
    with TemporaryDirectory() as folder:
        for name, count in (SMALL, min(rows, WARM_UP)), (LARGE, rows):
            file = Path(folder, name)
            await mms.Campaign(file).add(messages(count, texts))
            if over:
                await settle(mms.SqliteJournal(file))
        yield folder, lambda: {"file": Path(folder, LARGE).stat().st_size / 1e6}


async def settle(journal: mms.SqliteJournal) -> None:
    """Give every row its outcome."""
    unknown = Settled(state="unknown", failure=Failure(error="NoReplyError", reason="no answer"))
    async with journal.held():
        while rows := await journal.pending(0, WARM_UP):
            for row in rows:
                accepted = Settled(state="accepted", message_id=f"MMS_{row.id}")
                outcome = accepted if row.id % UNKNOWN_IN else unknown
                written = journal.settle(row.id, outcome, time.time())
            await written


# -- what is measured -------------------------------------------------------------------------


async def add(campaign: mms.Campaign, given: Iterator[mms.Sms]) -> int:
    added = await campaign.add(given)
    return added.new + added.known


async def run(campaign: mms.Campaign, _: Iterator[mms.Sms]) -> int:
    limiter = mms.Limiter(MILLION, policy="nominal")
    sent = 0
    async with (
        mms.Client(ours.service(URL), limiter=limiter, transport=Stub()) as client,
        campaign.run(client) as outcomes,
    ):
        async for outcome in outcomes:
            sent += isinstance(outcome, mms.Accepted)
    return sent


async def counts(campaign: mms.Campaign, _: Iterator[mms.Sms]) -> int:
    return sum((await campaign.counts()).values())


async def unknown(campaign: mms.Campaign, _: Iterator[mms.Sms]) -> int:
    seen = 0
    async for _row in campaign.outcomes("unknown"):
        seen += 1
    return seen * UNKNOWN_IN


async def every(campaign: mms.Campaign, _: Iterator[mms.Sms]) -> int:
    seen = 0
    async for _row in campaign.outcomes():
        seen += 1
    return seen


WRITING: Mapping[str, Way] = {"add": add, "add again": add, "run": run}
READING: Mapping[str, Way] = {"counts": counts, "unknown": unknown, "all": every}
WAYS = {**WRITING, **READING}


async def measure(bench: Bench, *, rows: int, texts: str, way: str) -> Figures:
    count = bench.pick(quick=rows // 100, normal=rows)
    before = 0 if way == "add" else count
    with bench.serving(journals, rows=before, texts=texts, over=way in READING) as made:
        peak = peak_before = 0.0
        for name, some in (SMALL, WARM_UP), (LARGE, count):
            peak_before = peak
            with Meter(some) as meter:
                came = await WAYS[way](mms.Campaign(Path(made.url, name)), messages(some, texts))
            peak = peak_memory()
            if came != some:
                raise SystemExit(f"{came} rows instead of {some}")
        return {
            "rows/s": meter.figures["calls/s"],
            "seconds": some / meter.figures["calls/s"],
            "us": meter.figures["us"],
            "grown": peak - peak_before,
            **made.report(),
        }


BENCHMARK = Benchmark(
    cells=[
        *cells(rows=[MILLION], texts=["equal", "own"], way=WRITING),
        *cells(rows=[MILLION], texts=["equal"], way=READING),
    ],
    measure=measure,
    figures={"rows/s": ",.0f", "seconds": ",.2f", "us": ",.1f", "grown": ",.1f", "file": ",.0f"},
    rounds=1,
    quick={"texts": ["equal"], "way": ["add", "all"]},
)
