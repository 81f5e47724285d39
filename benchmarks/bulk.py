"""The whole bulk path: messages built, encoded, sent, answers read; beside what one would write.

"naive gather" is a task for each message, ``httpx.AsyncClient()`` as it comes (but without
time-outs, which would end the run), an open ``AsyncLimiter``, xmltodict both ways. "workers" is
bare aiohttp with 100 workers, the document joined by hand, the answer read by ElementTree.
"twilio gather" is a task for each message, of twilio's own kind. ``send_many`` is this library, with
as many in flight and at the rate that are named; nobody reaches 20,000/s. "latency": of the
server, in ms; at 50 ms, 100 in flight make 2,000/s at most. "us": CPU of the client's process per
message. "opened": connections in all; "at once": the most that were open.
Goals: 5 times the messages of naive where the server answers at once, at most 2.5 times the CPU of
the workers and twice that of twilio, never more connections open than calls in flight, at least
97 % of a rate that binds.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import httpx
import xmltodict
from aiolimiter import AsyncLimiter

import mmsclient as mms
from benchmarks.frame import ours, peers, pictures
from benchmarks.frame.benchmark import Benchmark, Cell, Ratio, cells
from benchmarks.frame.meter import Meter
from benchmarks.frame.servers import constant

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures, Row

    #: Sends so many messages.
    Campaign = Callable[[int], Awaitable[None]]

OPEN = 20_000
ALL = "all"
XML = {"content-type": "text/xml"}


def document(to: str, reference: str) -> str:
    """Return the request of one message as xmltodict writes it: the same as this library's."""
    return xmltodict.unparse({"REQUEST": {**_SAME, "TO": to, "CLIENT_REFERENCE": reference}})


_SAME = xmltodict.parse(ours.service("http://127.0.0.1:9/").send(ours.message()).request.body)[
    "REQUEST"
]


async def naive(url: str, count: int) -> Figures:
    limiter = AsyncLimiter(OPEN, 1)
    async with httpx.AsyncClient(timeout=None) as http:  # noqa: S113 - see above

        async def one(to: str, reference: str) -> None:
            async with limiter:
                answer = await http.post(url, content=document(to, reference), headers=XML)
                insist(xmltodict.parse(answer.content)["RESPONSE"]["STATUS"])

        return await gathered(one, count)


async def workers(url: str, count: int) -> Figures:
    import aiohttp

    whole = document("{to}", "{reference}")
    async with aiohttp.ClientSession(headers=XML) as http:

        async def work(turns: Iterator[tuple[int, str]]) -> None:
            for row, to in turns:
                body = whole.replace("{to}", escape(to)).replace("{reference}", f"row-{row}")
                async with http.post(url, data=body.encode()) as answer:
                    insist(ET.fromstring(await answer.read()).findtext("STATUS"))  # noqa: S314 - our own server's

        async def campaign(some: int) -> None:
            turns = enumerate(ours.numbers(some))
            await asyncio.gather(*(work(turns) for _ in range(100)))

        return await measured(campaign, count)


async def twilio(url: str, count: int) -> Figures:
    async with peers.twilio(url) as send:
        return await gathered(lambda to, _: send(to), count)


async def gathered(one: Callable[[str, str], Awaitable[object]], count: int) -> Figures:
    """Measure a task for each message."""

    async def campaign(some: int) -> None:
        rows = enumerate(ours.numbers(some))
        await asyncio.gather(*(one(to, f"row-{row}") for row, to in rows))

    return await measured(campaign, count)


async def measured(campaign: Campaign, count: int) -> Figures:
    """Measure a campaign of so many messages, after one that loads what is loaded late."""
    await campaign(1)
    with Meter(count) as meter:
        await campaign(count)
    return {"messages/s": meter.figures["calls/s"], "us": meter.figures["us"]}


def insist(status: str | None) -> None:
    if status != "Success":
        raise SystemExit(f"unexpected answer: {status}")


async def send_many(url: str, count: int, over: str, in_flight: int, rate: int) -> Figures:
    async with ours.opened(url, over, in_flight=in_flight, rate=rate) as client:

        async def campaign(some: int) -> None:
            stream = client.send_many(ours.messages(some), max_in_flight=in_flight)
            async with stream as outcomes:
                async for outcome in outcomes:
                    if not isinstance(outcome, mms.Accepted):
                        raise outcome.error

        return await measured(campaign, count)


#: What does it, and over which package.
OTHERS: Mapping[str, tuple[str, Callable[[str, int], Awaitable[Figures]]]] = {
    "naive gather": ("httpx", naive),
    "workers": ("aiohttp", workers),
    "twilio gather": ("aiohttp", twilio),
}


async def measure(
    bench: Bench, *, latency: int, way: str, over: str, in_flight: str | int, rate: int
) -> Figures:
    count = bench.pick(quick=200, normal=5_000)
    answer = peers.answer(way.partition(" ")[0])
    with bench.serving(constant, latency=latency / 1e3, **answer) as server:
        if way in OTHERS:
            figures = await OTHERS[way][1](server.url, count)
        else:
            figures = await send_many(server.url, count, over, int(in_flight), rate)
        seen = server.report()
    return {**figures, "opened": seen["opened"], "at once": seen["most"]}


def picture(figure: Any, rows: Sequence[Row]) -> None:
    latencies = list(dict.fromkeys(row.cell["latency"] for row in rows))
    figure.set_size_inches(9, 3.2 * len(latencies))
    panels = figure.subplots(len(latencies), squeeze=False).flat
    for axes, latency in zip(panels, latencies, strict=True):
        some = [row for row in rows if row.cell["latency"] == latency and row.cell["rate"] == OPEN]
        values = {_name(row): row.median("messages/s") for row in some}
        labels = [
            f"{row.median('messages/s'):,.0f}/s   {row.median('opened'):,.0f} connections"
            for row in some
        ]
        pictures.bars(axes, values, labels)
        axes.set_xlim(0, max(values.values()) * 1.5)
        axes.set_title(f"messages a second, {latency} ms server")


def _name(row: Row) -> str:
    way, over, in_flight = (row.cell[label] for label in ("way", "over", "in_flight"))
    if way == "send_many":
        return f"mmsclient, {over}, {in_flight} in flight"
    return f"{way}, {over}" + (", 100 in flight" if way == "workers" else "")


_NAIVE: Cell = {"way": "naive gather", "over": "httpx", "in_flight": ALL, "rate": OPEN}
_WORKERS: Cell = {"way": "workers", "over": "aiohttp", "in_flight": 100, "rate": OPEN}
_TWILIO: Cell = {"way": "twilio gather", "over": "aiohttp", "in_flight": ALL, "rate": OPEN}

_WAYS: list[Cell] = [
    _NAIVE,
    _WORKERS,
    _TWILIO,
    *cells(way=["send_many"], over=ours.TRANSPORTS, in_flight=[32, 100], rate=[OPEN]),
    *cells(way=["send_many"], over=ours.TRANSPORTS, in_flight=[100], rate=[1_000]),
]

BENCHMARK = Benchmark(
    cells=[{"latency": latency, **cell} for latency in (50, 0) for cell in _WAYS],
    measure=measure,
    figures={"messages/s": ",.0f", "us": ",.0f", "opened": ",.0f", "at once": ".0f"},
    ratios={
        "messages/s ÷ naive": Ratio(of="messages/s", over=_NAIVE),
        "us ÷ naive": Ratio(of="us", over=_NAIVE),
        "messages/s ÷ twilio": Ratio(of="messages/s", over=_TWILIO),
        "us ÷ twilio": Ratio(of="us", over=_TWILIO),
        "us ÷ workers": Ratio(of="us", over=_WORKERS),
    },
    quick={"rate": [OPEN], "latency": [50]},
    picture=picture,
)
