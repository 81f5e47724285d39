"""One send, one failure: how many POSTs the service reads, and what the caller is told.

``mmsclient`` and the clients of other services send one message each to a service on 127.0.0.1 that
reads it and then fails. "no answer": none until the client gives up; "closed" and "reset": the
connection; "500"; "garbage": 200 with a page of HTML; all these go on, if the client sends again.
"429 once": refused with ``Retry-After: 1``, and accepted after that; "refused": no connection.
Clients are as they come, but told to wait two seconds for an answer; "no end" is said of those who
wait on all the same. "says maybe": in how many of the first five, after which the message may have
been sent, the error says so in words, or in an attribute. "key": whether POSTs carry an idempotency
key, and the same. "told": class of the error for each failure in turn.
Goal: more than one POST after a 429 only, and 5 of 5.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
import warnings
from collections.abc import Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING

import attrs

import mmsclient as mms
from benchmarks.frame import ours
from benchmarks.frame.benchmark import Benchmark
from benchmarks.frame.failing import FAILURES, UNCERTAIN, failing, whole
from benchmarks.frame.sdks import PLAIN, SDKS, SHORT, TO, Sdk, Send, tls
from benchmarks.frame.servers import KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from benchmarks.frame.bench import Bench
    from benchmarks.frame.benchmark import Found
    from benchmarks.frame.sdks import Key

    #: What all services have that is asked for here.
    AnyService = mms.Skycore | mms.TransmitSMS | mms.Cellcast

#: Seconds that one send may take, with all its repeats.
PATIENCE = 60.0
SECRET = "s-123"  # noqa: S105 - of no account at all

_KEY = re.compile(rb"idempoten[\w-]*\"?[:=] *([^\r\n,}&]+)", re.IGNORECASE)
_MAYBE = re.compile(r"\b(may|might|could|possibly)\b.{0,40}\b(sent|processed|delivered|happened)\b")


@attrs.frozen
class Told:
    """What became of one send, for its caller and for the service."""

    error: Exception | None
    endless: bool
    posts: Sequence[bytes]

    @property
    def name(self) -> str:
        if self.endless:
            return "no end"
        return "no error" if self.error is None else type(self.error).__name__

    @property
    def maybe(self) -> bool:
        """Whether the error says that the message may have been sent."""
        words = f"{self.error} {type(self.error).__doc__}".lower()
        return getattr(self.error, "may_have_happened", _MAYBE.search(words) is not None)

    @property
    def keys(self) -> set[bytes]:
        """The idempotency keys of all its POSTs, an empty one where a POST has none."""
        found = (_KEY.search(post) for post in self.posts)
        return {key[1] if key else b"" for key in found}


@asynccontextmanager
async def mmsclient(
    url: str, *, service: Callable[[str], AnyService], message: mms.Message, over: str
) -> AsyncIterator[Send]:
    async with mms.Client(service(url), transport=ours.TRANSPORTS[over]()) as client:
        yield lambda: client.send(message, timeout=mms.Timeout(read=SHORT))


_SMS = mms.Sms(to=TO, sender="70707", text="Fresh at 7")
_CELLCAST = (
    '{"meta":{"code":200,"status":"SUCCESS"},"msg":"Queued","data":'
    f'{{"messages":[{{"message_id":"id-7","to":"{TO}"}}],"success_number":1}}}}'
)
#: Each service with a message, and what it answers when it takes it.
SERVICES: Mapping[str, tuple[Callable[[str], AnyService], mms.Message, str]] = {
    "skycore": (ours.service, ours.message(), ours.ANSWER),
    "transmitsms": (
        lambda url: mms.TransmitSMS(api_key=KEY, api_secret=SECRET, url=url),
        _SMS,
        '{"message_id":7,"recipients":1,"error":{"code":"SUCCESS"}}',
    ),
    "cellcast": (lambda url: mms.Cellcast(app_key=KEY, url=url), _SMS, _CELLCAST),
}
OURS: Mapping[Key, Sdk] = {
    (f"mmsclient {name}", PLAIN, over): Sdk(
        partial(mmsclient, service=service, message=message, over=over), well
    )
    for name, (service, message, well) in SERVICES.items()
    for over in ours.TRANSPORTS
}
EVERY: Mapping[Key, Sdk] = {**OURS, **SDKS}


_silenced: list[object] = []


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what clients log, which shows addresses and more, and what they warn of.

    Lines may be measured at once: the last of them lets the log speak again.
    """
    mine = object()
    _silenced.append(mine)
    logging.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        _silenced.remove(mine)
        if not _silenced:
            logging.disable(logging.NOTSET)


async def told(one: Sdk, how: str, together: asyncio.Barrier | None = None) -> Told:
    """Send one message to a service that fails in the way *how*, once all are *together*."""
    kind = "text/xml" if one.well.startswith("<") else "application/json"
    well = whole(one.well, f"Content-Type: {kind}")
    async with failing(how, well, tls=tls() if one.tls else None) as seen:
        error: Exception | None = None
        async with one.opened(seen.url) as send, together or nullcontext():
            try:
                await asyncio.wait_for(send(), PATIENCE)
            except Exception as raised:  # noqa: BLE001 - of whatever class: that is what is asked
                error = raised
    return Told(error, seen.endless, seen.posts)


async def measure(_: Bench, *, client: str, setting: str, over: str) -> Found:
    one = EVERY[client, setting, over]
    together = asyncio.Barrier(len(FAILURES))  # no answer is late because a client is being opened
    with _quiet():
        every = await asyncio.gather(*(told(one, how, together) for how in FAILURES))
    by_failure = dict(zip(FAILURES, every, strict=True))
    names = [
        (name, len(list(alike))) for name, alike in itertools.groupby(each.name for each in every)
    ]
    return {
        **{how: len(each.posts) for how, each in by_failure.items()},
        "says maybe": sum(by_failure[how].maybe for how in UNCERTAIN),
        "key": shown_key(every),
        "told": ", ".join(name if count == 1 else f"{name} x{count}" for name, count in names),
    }


def shown_key(every: Sequence[Told]) -> str:
    """Return whether all POSTs carry an idempotency key, and those of a send the same."""
    keys = [each.keys for each in every if each.posts]
    if any(b"" in some for some in keys):
        return "none"
    return "the same" if all(len(some) == 1 for some in keys) else "another"


BENCHMARK = Benchmark(
    cells=[dict(zip(("client", "setting", "over"), key, strict=True)) for key in EVERY],
    measure=measure,
    figures={**dict.fromkeys(FAILURES, ".0f"), "says maybe": ".0f"},
    words=("key", "told"),
    rounds=1,
    at_once=4,
    pinned=False,
    quick={"client": [*(f"mmsclient {name}" for name in SERVICES), "twilio", "sinch", "plivo"]},
)
