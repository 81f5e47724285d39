"""Messages a second at 15 calls a second: what sharing calls is worth at each service.

A client as it comes; the service is a lean server in another process, which allows 15 calls in
any second, takes every message and answers at once. "equal": one text for all; "own": a text for
each, which Cellcast takes in one call too (bulk-send-sms). "batch": messages that share a call, at
most; the largest is the service's. "calls/s": calls over the time from the first on; the first
leaves at once and does not count, nor do its messages. "possible": messages over 15 times the
batch. "refused": calls refused for rate, which are repeated. "us": CPU of the client's process per
message.
Goal: 90 % of what is possible in all lines, so 13,500 messages/s where 1,000 share a call.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import mmsclient as mms
from benchmarks.frame import ours
from benchmarks.frame.benchmark import Benchmark, Ratio, cells
from benchmarks.frame.meter import Meter
from benchmarks.frame.servers import KEY
from mmsclient.simulator.limits import limit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Figures

    #: What all services have that are measured here.
    AnyService = mms.Skycore | mms.TransmitSMS | mms.Cellcast

RATE = 15
SECRET = "s-123"  # noqa: S105 - of no account at all
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

SERVICES: Mapping[str, Callable[[str], AnyService]] = {
    "skycore": lambda url: mms.Skycore(api_key=KEY, url=url, rate=RATE),
    "transmitsms": lambda url: mms.TransmitSMS(api_key=KEY, api_secret=SECRET, url=url, rate=RATE),
    "cellcast": lambda url: mms.Cellcast(app_key=KEY, url=url, rate=RATE),
}


def rows(numbers: list[str]) -> str:
    """Return what Cellcast answers: a row for each number."""
    listed = ",".join(f'{{"message_id":"id-{to}","to":"{to}"}}' for to in numbers)
    data = f'{{"messages":[{listed}],"success_number":{len(numbers)}}}'
    return f'{{"meta":{{"code":200,"status":"SUCCESS"}},"msg":"Queued","data":{data}}}'


def answer(path: str, body: bytes) -> str:
    """Return the answer of a service that takes every message."""
    if path.endswith("/bulk-send-sms"):
        return f"[{','.join(rows([item['numbers']]) for item in json.loads(body))}]"
    if path.endswith("/send-sms"):
        return rows(json.loads(body)["numbers"])
    if path.endswith("/send-sms.json"):
        taken = body.count(b"%2C") + 1
        return f'{{"message_id":7,"recipients":{taken},"error":{{"code":"SUCCESS"}}}}'
    return ours.ANSWER


class Desk:
    """Takes 15 calls in any second, at next to no cost, and counts them."""

    def __init__(self) -> None:
        self._limit = limit("sliding", mms.Rate(RATE))
        self.calls = self.refused = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                writer.write(self._answered(head.split(b" ", 2)[1].decode(), body))
                await writer.drain()
        writer.close()

    def _answered(self, path: str, body: bytes) -> bytes:
        self.calls += 1
        allowed = self._limit.take(asyncio.get_running_loop().time())
        self.refused += not allowed
        said = answer(path, body) if allowed else ""
        status = "200 OK" if allowed else "429 Too Many Requests"
        return f"HTTP/1.1 {status}\r\ncontent-length: {len(said)}\r\n\r\n{said}".encode()


@asynccontextmanager
async def desk() -> AsyncIterator[tuple[str, Callable[[], Figures]]]:
    """Open a desk, and count the calls it sees and refuses."""
    here = Desk()
    server = await asyncio.start_server(here.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/", lambda: {"calls": here.calls, "refused": here.refused}
    server.close()


def messages(count: int, texts: str) -> Iterator[mms.Sms]:
    """Return *count* messages; a number comes again after 10,000 others."""
    for row in range(count):
        text = "Fresh at 7" if texts == "equal" else f"Fresh at 7, table {row}"
        yield mms.Sms(to=f"1202555{row % 10_000:04}", sender="70707", text=text)


async def measure(bench: Bench, *, service: str, texts: str, batch: int) -> Figures:
    logging.getLogger("mmsclient").setLevel(logging.ERROR)  # refusals are counted instead
    calls = 1 + RATE * bench.pick(quick=2, normal=8)
    count = calls * batch
    with bench.serving(desk) as server:
        async with mms.Client(SERVICES[service](server.url)) as client:
            with Meter(count) as meter:
                async with client.send_many(messages(count, texts), batch=batch) as outcomes:
                    async for outcome in outcomes:
                        if not isinstance(outcome, mms.Accepted):
                            raise outcome.error
        seen = server.report()
    pace = meter.figures["calls/s"] * (calls - 1) / calls
    return {
        "messages/s": pace,
        "calls/s": pace * seen["calls"] / count,
        "possible": pace / (RATE * batch),
        "refused": seen["refused"],
        "us": meter.figures["us"],
    }


BENCHMARK = Benchmark(
    cells=[
        *cells(service=["skycore"], texts=["equal"], batch=[1]),
        *cells(service=["transmitsms"], texts=["equal"], batch=[1, 100, 500]),
        *cells(service=["cellcast"], texts=["equal"], batch=[1, 100, 1_000]),
        *cells(service=["cellcast"], texts=["own"], batch=[100, 1_000]),
    ],
    measure=measure,
    figures={
        "messages/s": ",.0f",
        "calls/s": ".1f",
        "possible": ".0%",
        "refused": ".0f",
        "us": ",.0f",
    },
    ratios={"messages/s ÷ alone": Ratio(of="messages/s", over={"texts": "equal", "batch": 1})},
    quick={"service": ["cellcast"], "texts": ["equal"]},
)
