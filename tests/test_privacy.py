"""Nothing private in any log record, repr or error text: every path is driven and searched."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from transports import EACH

import mmsclient as mms
from mmsclient.simulator import GARBAGE, MAGIC, Fault, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transports import Make

KEY = "k-5ecret-0f-the-acc0unt"
WORDS = "Meet me at the bakery"
REFERENCE = "order-of-noor-117"
SENDER = "70707"
HOST = "media.example.net"
PRIVATE = re.compile(rf"{KEY}|{WORDS}|{REFERENCE}|{HOST}|\b{SENDER}\b|1?\(?202\)?[ -]?555")
BOUNDS = mms.Timeout(connect=2.0, read=0.3, total=5.0)


class Everything(logging.Handler):
    """Keeps each log record as text, with its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[Everything]:
    root, handler = logging.getLogger(), Everything()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(before)
    root.removeHandler(handler)


def all_kinds(to: str) -> list[Any]:
    terms: dict[str, Any] = {"to": to, "sender": SENDER, "reference": REFERENCE}
    slide = mms.Slide(image=f"https://{HOST}/1.png", text=WORDS)
    return [
        mms.Sms(text=WORDS, **terms),
        mms.Mms(slides=[slide], subject=WORDS, name="n", fallback_text=WORDS, **terms),
        mms.SavedMms(template="91", texts={1: WORDS}, data={"a": WORDS}, subject=WORDS, **terms),
    ]


def bad_ones() -> list[Any]:
    """Messages with everything wrong, each fault of which has words of its own."""
    long, odd = WORDS * 300, WORDS + "\x00"
    url = f"ftp://{KEY}@{HOST}/{WORDS}"
    slides = [mms.Slide(image=url, video=url, text=long, duration=-1), mms.Slide()] * 6
    terms: dict[str, Any] = {"to": "00 202 555 0143 x", "sender": odd, "reference": long}
    return [
        mms.Sms(text=long, from_mask=long, **terms),
        mms.Mms(slides=slides, subject=long, name=odd, fallback_text=odd, **terms),
        mms.SavedMms(template="\x00", texts={0: odd}, data={WORDS: odd}, **terms),
        WORDS,
        {"to": "12025550143"},
        mms.Mms(to=12025550143, slides=WORDS, sender=b"70707"),  # type: ignore[arg-type]
    ]


def shown(value: Any) -> Iterator[str]:
    """Everything that a log line or a crash report would print of a value or an error."""
    yield repr(value)
    yield str(value)
    if isinstance(value, BaseException):
        yield repr(value.args)
    for name in ("error", "faults", "advice"):
        part = getattr(value, name, None)
        if part is not None:
            yield from shown(part)


async def drive(sim: Simulator, transport: mms.Transport) -> list[str]:
    """Send everything in every way; return all that would be shown of what comes back."""
    service = sim.skycore()
    texts = list(shown(service))
    retry = mms.RetryPolicy(first_wait=0.01, longest_wait=0.01, throttled_attempts=3)
    async with mms.Client(
        service, timeout=BOUNDS, rate=500, retry=retry, transport=transport
    ) as client:
        messages = [m for tail in MAGIC for m in all_kinds(f"+1 (202) 555-{tail}")]
        ours = [message for message in [*messages, *bad_ones()] if attrs.has(type(message))]
        texts += [text for message in ours for text in shown(message)]
        async with client.send_many([*messages, *bad_ones()]) as outcomes:
            async for outcome in outcomes:
                texts += list(shown(outcome))
        for body in GARBAGE:
            sim.faults.add(Fault(kind="garbage", body=body))
            texts += await attempt(client.send(all_kinds("12025550143")[0]))
        for code in ("E104", "E106", "E113", "E120", "E713", "E999", "404", "302", "503"):
            sim.faults.add(Fault(kind=code, times=9))
            texts += await attempt(client.send(all_kinds("12025550143")[0]))
            sim.faults.clear()
        texts += await attempt(client.call(service.get_mms_templates().page(1)))
        texts += await attempt(client.call(service.delete_mmsid(mms_id="9")))
        lost = asyncio.create_task(client.send(all_kinds("12025550188")[0]))
        await asyncio.sleep(0.1)
        lost.cancel()
        await asyncio.gather(lost, return_exceptions=True)
        texts += list(shown(client)) + list(shown(client.stats))
    texts += await attempt(mms.Client(service).send("nothing"))  # type: ignore[arg-type]
    return texts


async def attempt(sending: Any) -> list[str]:
    try:
        return list(shown(await sending))
    except mms.MMSClientError as error:
        return list(shown(error))


@pytest.mark.parametrize("make", EACH)
async def test_no_key_number_or_text_is_shown_on_any_path(log: Everything, make: Make) -> None:
    from mmsclient.simulator import Account

    async with Simulator(rate=None, accounts=[Account(key=KEY)]) as sim:
        texts = await drive(sim, make(timeout=BOUNDS))
    assert len([line for line in log.lines if line.startswith("mmsclient ")]) > 50
    found = sorted({text for text in [*texts, *log.lines] if PRIVATE.search(text)})
    assert found == []


def test_advice_and_checks_show_nothing_private() -> None:
    service = mms.Skycore(api_key=KEY)
    for message in [*all_kinds("12025550143"), *bad_ones()]:
        check = service.check(message)
        for text in shown(check):
            assert not PRIVATE.search(text)


def test_a_bad_configuration_is_refused_without_repeating_the_key() -> None:
    bad: list[dict[str, Any]] = [
        {"api_key": KEY + "\n"},
        {"api_key": KEY, "url": f"http://{KEY}@x.example.net"},
    ]
    for terms in bad:
        with pytest.raises(ValueError, match=r"api_key|url") as caught:
            mms.Skycore(**terms)
        assert KEY not in str(caught.value)
