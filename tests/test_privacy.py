"""Nothing private in any log record, repr or error text: every path is driven and searched."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from every_service import TABLES, tried
from happenings import HAPPENINGS, World
from three_services import FORMS
from transports import EACH

import mmsclient as mms
from mmsclient.simulator import GARBAGE, MAGIC, Account, Fault, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transports import Make

KEY = "k-5ecret-0f-the-acc0unt"
SECRET = "s-the-0ther-half"  # noqa: S105 - of a simulated account
WORDS = "Meet me at the bakery"
REFERENCE = "order-of-noor-117"
SENDER = "70707"
HOST = "media.example.net"
PRIVATE = re.compile(rf"{KEY}|{SECRET}|{WORDS}|{REFERENCE}|{HOST}|\b{SENDER}\b|1?\(?202\)?[ -]?555")
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
    upload = mms.Slide(image=mms.File(b"\x89PNG\r\n\x1a\n" + WORDS.encode(), "a.png"), text=WORDS)
    return [
        mms.Mms(slides=[upload], **terms),
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


CODES = ("E104", "E106", "E113", "E120", "E713", "E999", "404", "302", "503")
REST_CODES = ("FIELD_INVALID", "NOT_IMPLEMENTED", "RECIPIENTS_ERROR")


async def drive(sim: Simulator, form: str, transport: mms.Transport) -> list[str]:
    """Send everything in every way; return all that would be shown of what comes back."""
    service = FORMS[form](sim)
    texts = list(shown(service))
    retry = mms.RetryPolicy(first_wait=0.01, longest_wait=0.01, throttled_attempts=3)
    async with mms.Client[Any](
        service, timeout=BOUNDS, rate=500, retry=retry, transport=transport
    ) as client:
        messages = [m for tail in MAGIC for m in all_kinds(f"+1 (202) 555-{tail}")]
        ours = [message for message in [*messages, *bad_ones()] if attrs.has(type(message))]
        texts += [text for message in ours for text in shown(message)]
        async with client.send_many([*messages, *bad_ones()], batch=1) as outcomes:
            async for outcome in outcomes:
                texts += list(shown(outcome))
        one = next(message for message in all_kinds("12025550143") if isinstance(message, mms.Sms))
        for body in GARBAGE:
            sim.faults.add(Fault(kind="garbage", body=body))
            texts += await attempt(client.send(one))
        for code in (*CODES, *(REST_CODES if form != "Skycore" else ())):
            sim.faults.add(Fault(kind=code, times=9))
            texts += await attempt(client.send(one))
            sim.faults.clear()
        if isinstance(service, mms.Skycore):
            texts += await attempt(client.call(service.get_mms_templates().page(1)))
            texts += await attempt(client.call(service.delete_mmsid(mms_id="9")))
        lost = asyncio.create_task(client.send(attrs.evolve(one, to="12025550188")))
        await asyncio.sleep(0.1)
        lost.cancel()
        await asyncio.gather(lost, return_exceptions=True)
        texts += list(shown(client)) + list(shown(client.stats))
    texts += await attempt(mms.Client[Any](service).send("nothing"))  # type: ignore[arg-type]
    return texts


async def attempt(sending: Any) -> list[str]:
    try:
        return list(shown(await sending))
    except mms.MMSClientError as error:
        return list(shown(error))


@pytest.mark.parametrize("make", EACH)
async def test_no_key_number_or_text_is_shown_on_any_path(log: Everything, make: Make) -> None:
    async with Simulator(rate=None, accounts=[Account(key=KEY, secret=SECRET)]) as sim:
        texts = await drive(sim, "Skycore", make(timeout=BOUNDS))
    assert len([line for line in log.lines if line.startswith("mmsclient ")]) > 50
    assert found(texts, log) == []


async def test_nor_is_it_at_the_rest_services(log: Everything) -> None:
    async def driven(form: str) -> list[str]:
        async with Simulator(rate=None, accounts=[Account(key=KEY, secret=SECRET)]) as sim:
            return await drive(sim, form, mms.HttpxTransport(timeout=BOUNDS))

    each = await asyncio.gather(*(driven(form) for form in FORMS if form != "Skycore"))
    assert all(len(texts) > 100 for texts in each)
    assert len([line for line in log.lines if line.startswith("mmsclient ")]) > 80
    assert found([text for texts in each for text in texts], log) == []


@pytest.mark.parametrize("form", FORMS)
async def test_nor_is_it_where_messages_share_a_call(log: Everything, form: str) -> None:
    sim = Simulator(rate=None, accounts=[Account(key=KEY, secret=SECRET)])
    texts: list[str] = []
    terms: dict[str, Any] = {"sender": SENDER, "text": WORDS}
    messages = [mms.Sms(to=f"120255501{n:02}", **terms) for n in range(10, 60)]
    messages += [mms.Sms(to=f"1202555{tail}", **terms) for tail in ("0190", "0193", "0197")]
    for kind in (None, "drop_after", "503", "RECIPIENTS_ERROR", "E713", "garbage"):
        sim.faults.clear()
        sim.faults.add(*([Fault(kind=kind)] if kind else []))
        client = mms.Client[Any](FORMS[form](sim), rate=500, transport=sim.transport())
        async with client, client.send_many(messages) as outcomes:
            async for outcome in outcomes:
                texts += list(shown(outcome))
    assert len(texts) > len(messages)
    assert found(texts, log) == []


def found(texts: list[str], log: Everything) -> list[str]:
    return sorted({text for text in [*texts, *log.lines] if PRIVATE.search(text)})


#: What the trials of all calls put in and get back that is private.
NAMES = r"Noor|Fresh|Noon|Bakery\b|Hello|order-117|@example|\bk[0-9a-f]{32}\b|sim-[0-9a-f]{16}"
TOLD = re.compile(rf"{NAMES}|\b{SENDER}\b|\+?1202555|61491570|Yes")


@pytest.mark.parametrize("form", TABLES)
async def test_no_value_of_any_call_shows_numbers_texts_names_or_keys(
    log: Everything, form: str
) -> None:
    texts: list[str] = []
    for name in TABLES[form]:
        trial = await tried(form, name)
        texts += [text for value in [*trial.values, trial.service] for text in shown(value)]
    assert len(texts) > 2 * len(TABLES[form])
    assert sorted({text for text in [*texts, *log.lines] if TOLD.search(text)}) == []


@pytest.mark.parametrize("form", HAPPENINGS)
async def test_no_event_shows_numbers_or_texts(log: Everything, form: str) -> None:
    events: list[mms.Event] = []
    for happening in HAPPENINGS[form].values():
        world = World(form)
        async with world.client:
            await happening(world)
            await world.pass_()
        events += world.events()
    assert len(events) > 5
    texts = [text for event in events for text in (*shown(event), event.kind)]
    assert sorted({text for text in [*texts, *log.lines] if TOLD.search(text)}) == []


@pytest.mark.parametrize("form", FORMS)
def test_broken_postbacks_show_nothing_private(form: str) -> None:
    service = FORMS[form](Simulator())
    told = f"<{WORDS}>mobile=12025550143&response={WORDS}{KEY}"
    for raw in (
        mms.RawPostback("POST", body=told.encode()),
        mms.RawPostback("GET", query=f"{told}{'&a=b' * 300}"),
        mms.RawPostback("POST", body=f'{{"from": "{WORDS}"'.encode()),
    ):
        assert not any(PRIVATE.search(text) for text in shown(raw))
        with pytest.raises(mms.PostbackError) as caught:
            service.read_postback(raw)
        assert not any(PRIVATE.search(text) for text in shown(caught.value))


def test_advice_and_checks_show_nothing_private() -> None:
    for form, make in FORMS.items():
        service = make(Simulator())
        for message in [*all_kinds("12025550143"), *bad_ones()]:
            for text in shown(service.check(message)):
                assert not PRIVATE.search(text), form


def test_a_bad_configuration_is_refused_without_repeating_the_key() -> None:
    makers: list[tuple[Any, str, dict[str, Any]]] = [
        (mms.Skycore, "api_key", {}),
        (mms.TransmitSMS, "api_key", {}),
        (mms.TransmitSMS, "api_secret", {"api_key": "k"}),
        (mms.Cellcast, "app_key", {}),
        (mms.Cellcast, "secret", {"app_key": "k"}),
        (mms.Cellcast, "token", {}),
    ]
    for make, field, terms in makers:
        url = f"http://{KEY}@x.example.net"
        for bad in ({field: KEY + "\n"}, {field: KEY, "url": url}, {field: KEY, "url": f"{KEY} "}):
            with pytest.raises(ValueError, match=f"{field}|url") as caught:
                make(**terms, **bad)
            assert KEY not in str(caught.value)
