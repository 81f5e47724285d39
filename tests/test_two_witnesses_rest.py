"""The same for the two REST services: what preflight lets pass is taken, what is refused is found.

What goes out is built as the library builds it, but without asking preflight.
"""

from __future__ import annotations

import asyncio
import json
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import attrs
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import mmsclient as mms
from mmsclient.services.cellcast import batches
from mmsclient.services.transmitsms import envelope
from mmsclient.simulator import Account, Medium, Simulator

if TYPE_CHECKING:
    from mmsclient.messages import Message

TO = "12025550143"
HOST = "https://media.example.net/"
#: What the service finds at this address, and what the message says of it.
LARGE = mms.Media(HOST + "large.png", size=380_001)
PNG, GIF, JPEG = b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff"

property_test = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def mostly(good: st.SearchStrategy[Any], *bad: Any) -> st.SearchStrategy[Any]:
    """Good nine times out of ten."""
    return st.integers(0, 9).flatmap(lambda n: st.sampled_from(bad) if bad and n == 0 else good)


#: Plain ones, those that take two places in the GSM alphabet, and those outside of it.
SIGNS = ("a", "7", "@", "\n", "\r\n", "[", "€", "ł", "한", "\U0001f35e")
#: The lengths around which the number of parts changes, and the most that there may be.
EDGES = (1, 35, 67, 70, 134, 153, 160, 201, 268, 306, 402, 459, 612, 918)

short = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1).filter(
    str.strip
)
long = st.builds(
    lambda sign, edge, more, last: (sign * (edge + more) + last)[: edge + more + 1] or "a",
    st.sampled_from(SIGNS),
    st.sampled_from(EDGES),
    st.integers(-1, 1),
    st.sampled_from(("", "", "한")),
).filter(str.strip)
text = mostly(short | long, "")
number = mostly(
    st.from_regex(r"\+?1202555[0-9]{4}", fullmatch=True)
    | st.from_regex(r"\+?614915701[0-9]{2}", fullmatch=True)
    | st.sampled_from(["+1 (202) 555-0143", "+64 21 123 4567"]),
    *("", "00120255501", "0202555", "12345", "1202555014312345", "1202x550143", "+", "614915701x"),
)
sender = mostly(
    st.sampled_from(["70707", "1 (888) 555-0100", "+1888 555 0100", "Bakery", "B4kery", "2345"]),
    *(None, "", "bakery and rye", "bäckerei", "Bakery and more", "0", "1" * 17, "b@kery", "a b"),
)
reference = mostly(st.none() | st.from_regex(r"[A-Za-z0-9-]{1,40}", fullmatch=True), "", "a_b", "ä")
sms = st.builds(mms.Sms, to=number, sender=sender, text=text, reference=reference)

content = st.builds(
    lambda start, size: start + bytes(size),
    st.sampled_from([PNG, GIF, JPEG]),
    st.integers(0, 100),
)
picture = mostly(
    st.builds(mms.File, content, name=st.sampled_from(["a.png", "b", "c d.gif", 'x".jpg']))
    | st.sampled_from([HOST + "a.png", HOST + "b.gif", mms.Media(HOST + "c.jpeg", size=9)]),
    *("", "/a.png", "ftp://media.example.net/a.png", "https://", "no address", LARGE),
    *(mms.File(b"", "a.png"), mms.File(b"<html>", "a.png"), mms.File(PNG + bytes(380_000), "a")),
    *(mms.File(JPEG + bytes(230_000), "a.jpg"),),
)
slide = st.builds(
    mms.Slide,
    image=picture,
    text=mostly(short.map(lambda said: said[:300]), "", "x" * 1000, "한" * 1000, "x" * 1001),
)
picture_message = st.builds(
    mms.Mms,
    to=number,
    sender=st.none() | st.just("70707"),
    slides=slide.map(lambda one: [one]),
    subject=mostly(st.none() | short.map(lambda said: said[:40]), "x" * 40, "x" * 41),
    reference=reference,
)


def cleaned(written: str) -> str:
    try:
        return mms.clean_number(written)
    except mms.InvalidMessageError:
        return written


@cache
def simulator() -> Simulator:
    media = {LARGE.url: Medium(size=LARGE.size or 0)}
    return Simulator(rate=None, magic=False, media=media, accounts=[Account()])


def asked(request: mms.HttpRequest) -> mms.HttpResponse:
    return asyncio.run(simulator().transport().exchange(request, lambda: None))


def judged(faults: tuple[mms.Fault, ...], code: str) -> None:
    """Both take it, or both refuse it and the simulator's reason is among the faults."""
    assert bool(code) == bool(faults), (code, faults)
    known = {fault.code for fault in faults}
    if None not in known:
        assert not faults or code in known


def at_transmitsms(message: mms.Sms) -> str:
    """Return the code with which the simulator refuses *message* as it stands, "" for success."""
    service = simulator().transmitsms()
    said = {"to": cleaned(message.to), "message": message.text, "from": message.sender or ""}
    said["from"] = cleaned(said["from"]) if said["from"] != "70707" else said["from"]
    request = mms.HttpRequest(
        "POST",
        f"{service.url}send-sms.json",
        envelope.headers(service.api_key, service.api_secret),
        urlencode({name: value for name, value in said.items() if value}).encode(),
    )
    code = json.loads(asked(request).body)["error"]["code"]
    return "" if code == "SUCCESS" else str(code)


@property_test
@given(message=sms)
@example(mms.Sms(to=TO, text="a" * 612))
@example(mms.Sms(to=TO, text="a" * 613))
@example(mms.Sms(to=TO, text="[" * 306))
@example(mms.Sms(to=TO, text="[" * 307))
@example(mms.Sms(to=TO, text="한" * 268))
@example(mms.Sms(to=TO, text="한" * 269))
@example(mms.Sms(to=TO, text="\U0001f35e" * 134))
def test_preflight_and_transmitsms_agree(message: mms.Sms) -> None:
    check = simulator().transmitsms().check(message)
    code = at_transmitsms(message)
    # A sign in a name that no page allows or forbids is advised against, and refused first.
    doubted = any("documented" in advice.note for advice in check.advice)
    if not (doubted and code == "BAD_CALLER_ID"):
        judged(check.faults, code)


def at_cellcast(message: Message, *, bearer: bool) -> tuple[int, dict[str, Any]]:
    """Return what the simulator answers to *message* as it stands."""
    sim = simulator()
    service = sim.cellcast(token=sim.accounts[0].key) if bearer else sim.cellcast()
    numbers = [cleaned(message.to)] if message.to else []
    action = batches._shared(message, numbers, lambda _: None, bearer)
    answer = asked(service._call(action).request)
    return answer.status, json.loads(answer.body)


@property_test
@given(message=sms | picture_message)
@example(mms.Sms(to=TO, text="a" * 918))
@example(mms.Sms(to=TO, text="a" * 919))
@example(mms.Sms(to=TO, text="[" * 459))
@example(mms.Sms(to=TO, text="[" * 460))
@example(mms.Sms(to=TO, text="한" * 402))
@example(mms.Sms(to=TO, text="한" * 403))
@example(mms.Sms(to=TO, text="\n" * 459 + "a"))
@example(mms.Sms(to="64211234567", sender="2345", text="Hi", reference="a_b"))
def test_preflight_and_cellcast_agree(message: Message) -> None:
    faults = simulator().cellcast().check(message).faults
    status, body = at_cellcast(message, bearer=False)
    code = body["meta"]["status"]
    assert (code == "SUCCESS") == (status == 200)
    # A number that is wrong is a recipient that is left out, not a field.
    wrong = {"RECIPIENTS_ERROR": "FIELD_INVALID", "SUCCESS": ""}
    judged(faults, wrong.get(code, code))


@property_test
@given(message=sms | picture_message)
def test_what_preflight_lets_pass_the_bearer_api_takes(message: Message) -> None:
    sim = simulator()
    check = sim.cellcast(token=sim.accounts[0].key).check(message)
    status, body = at_cellcast(message, bearer=True)
    assert body.get("status") is True if status == 200 else not check.ok
    if check.ok:
        assert (status, body["data"]["totalValidContact"]) == (200, 1)
    # It has no codes to compare, and takes references and addresses that no page allows.
    fields = {fault.field for fault in check.faults}
    if status == 200 and fields:
        assert fields <= {"reference", "subject", "slides[0].image", "slides[0].text"}


def test_half_a_character_is_a_fault_before_it_is_a_crash() -> None:
    sim = simulator()
    for service in (sim.transmitsms(), sim.cellcast(), sim.cellcast(token="t")):  # noqa: S106 - for nothing
        for message in (mms.Sms(to=TO, text="\ud83c"), mms.Sms(to=TO, text="a", sender="\ud83c")):
            assert service.check(message).faults
        blank = attrs.evolve(mms.Sms(to=TO, text="a"), text="  ")
        assert service.check(blank).faults
