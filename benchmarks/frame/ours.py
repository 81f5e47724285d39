"""This library as it is measured: a message, its answer, clients over each transport."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mmsclient as mms
from benchmarks.frame.servers import KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ANSWER = (
    "<RESPONSE><STATUS>Success</STATUS><TO>12025550143</TO><MMSID>9100442</MMSID>"
    "<TRACKINGID>MMS_70143</TRACKINGID><STATUSDETAILS>waits for its turn</STATUSDETAILS></RESPONSE>"
)

SLIDES = (
    mms.Slide(image="https://media.example.net/07.png", text="Rye & spelt", duration=5),
    mms.Slide(image="https://media.example.net/08.png", text="Baked before you rise"),
)

TRANSPORTS: Mapping[str, Callable[[], mms.Transport]] = {
    "httpx": mms.HttpxTransport,
    "httpx2": lambda: mms.HttpxTransport(library="httpx2"),
    "aiohttp": mms.AiohttpTransport,
}


def message(to: str = "12025550143", reference: str = "row-7") -> mms.Mms:
    return mms.Mms(
        to=to,
        sender="70707",
        subject="Fresh at 7",
        name="menu-07",
        slides=SLIDES,
        fallback_text="Fresh at 7",
        reference=reference,
    )


def numbers(count: int) -> Iterator[str]:
    """Return *count* numbers that are reserved for examples, over and over."""
    return (f"120255501{number % 100:02}" for number in range(count))


def messages(count: int) -> Iterator[mms.Mms]:
    """Return *count* messages of one campaign, built as they are asked for."""
    return (message(to, f"row-{row}") for row, to in enumerate(numbers(count)))


def service(url: str) -> mms.Skycore:
    return mms.Skycore(api_key=KEY, url=url)


def opened(
    url: str, over: str, *, in_flight: int, rate: mms.Rate | float | None = None
) -> mms.Client[mms.Skycore]:
    """Return a client with so many bulk calls in flight at most; without *rate*, at any rate."""
    open_wide = mms.Limiter(1_000_000, policy="nominal")
    return mms.Client(
        service(url),
        limiter=open_wide if rate is None else mms.Limiter(rate),
        transport=TRANSPORTS[over](),
        connections=in_flight * 8 // 7 + 1,  # one in eight is kept from bulk work
    )
