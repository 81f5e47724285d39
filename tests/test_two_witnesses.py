"""Preflight and simulator judge the same messages, each from the documents: they must agree."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mmsclient as mms
from mmsclient.services.skycore import envelope, messages
from mmsclient.simulator import Simulator

if TYPE_CHECKING:
    from mmsclient.messages import Message

text = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
HOST = "https://media.example.net/"


def mostly(good: st.SearchStrategy[Any], *bad: Any) -> st.SearchStrategy[Any]:
    """Good nine times out of ten."""
    return st.integers(0, 9).flatmap(lambda n: st.sampled_from(bad) if bad and n == 0 else good)


number = mostly(
    st.from_regex(r"\+?1202555[0-9]{4}", fullmatch=True),
    *("", "00120255501", "0202555", "12345", "1202555014312345", "1202x550143"),
)
sender = mostly(st.sampled_from(["70707", "1 (888) 555-0100"]), None, "", "bakery", "07")
url = mostly(
    st.sampled_from(["07.png", "a/b.mp3", "c", "d.mp4?x=1", "e.vcf", "f.wav"]).map(HOST.__add__)
    | st.just("https://192.31.196.7/07.png"),
    *("/07.png", "ftp://media.example.net/1", "https://", "not an address", ""),
    # Addresses that are complete and not public.
    *(
        f"https://{host}/07.png"
        for host in ("localhost", "media", "a.local", "a.localhost", "a.internal")
    ),
    *(
        f"https://{host}/07.png"
        for host in ("127.0.0.1", "10.0.0.7", "192.0.2.7", "[::1]", "[fd00::7]")
    ),
    *("https://media..example.net/07.png", "https://media.example.net:0/07.png"),
)
slide = st.builds(
    mms.Slide,
    image=st.none() | url,
    audio=mostly(st.none(), HOST + "a.mp3"),
    video=mostly(st.none(), HOST + "v.mp4"),
    vcard=mostly(st.none(), HOST + "c.vcf"),
    ical=mostly(st.none(), HOST + "i.ics"),
    pdf=mostly(st.none(), HOST + "p.pdf"),
    passbook=mostly(st.none(), HOST + "p.pkpass"),
    text=st.none() | text | mostly(text, "x" * 5000, "x" * 5001),
    duration=st.none() | st.integers(1, 60) | mostly(st.just(5), 0, -1),
)
route: dict[str, Any] = {
    "to": number,
    "sender": sender,
    "operator_id": mostly(st.none(), "0001470"),
    "campaign_ref": mostly(st.none(), "bakery-spring"),
}
NOW = datetime.now(UTC)
sms = st.builds(mms.Sms, text=mostly(text, "", "x" * 160, "x" * 161), **route)
mms_message = st.builds(
    mms.Mms,
    slides=mostly(st.lists(slide, min_size=1, max_size=3), [], [mms.Slide(text="x")] * 10),
    subject=st.none() | text,
    name=mostly(text, None, ""),
    fallback_text=st.none() | text,
    reference=mostly(st.none() | text, "x" * 64, "x" * 65),
    mms_link_expiration_date=mostly(
        st.none() | st.just(NOW + timedelta(days=30)),
        NOW - timedelta(days=1),
        NOW + timedelta(days=400),
    ),
    force_send_as_sms=st.booleans(),
    disable_fallback_sms_link=st.booleans(),
    **route,
)
saved = st.builds(
    mms.SavedMms,
    template=mostly(st.just("{template}"), ""),
    texts=mostly(st.dictionaries(st.integers(1, 2), text.filter(str.strip), max_size=2)),
    subject=st.none() | text,
    data=st.dictionaries(st.sampled_from(["first_name", "age"]), text, max_size=2),
    fallback_text=st.none() | text,
    **route,
)


@cache
def simulator() -> Simulator:
    return Simulator(rate=None, magic=False, handset_limit=10**9, encoding=0.0)


def asked(request: mms.HttpRequest) -> mms.HttpResponse:
    return asyncio.run(simulator().transport().exchange(request, lambda: None))


def judged(message: Message, service: mms.Skycore) -> str:
    """Return the code with which the simulator refuses *message* as it stands, "" for success."""
    name, build = messages._kind(message)
    nodes = dict(build(attrs.evolve(message, sender="70707"), message.to))
    nodes |= {"TO": cleaned(message.to), "FROM": cleaned(message.sender or "")}
    body = envelope.encode(name, service.api_key, nodes)
    answer = asked(mms.HttpRequest("POST", service.url, envelope.HEADERS, body))
    tree = envelope.parse(answer.body, "RESPONSE")
    return str(tree["ERRORCODE"]) if tree["STATUS"] == "Failure" else ""


def cleaned(written: str) -> str:
    try:
        return mms.clean_number(written)
    except mms.InvalidMessageError:
        return written


@cache
def template() -> str:
    slides = [mms.Slide(text="1"), mms.Slide(text="2")]
    call = simulator().skycore().save_mms(name="t", subject="s", slides=slides)
    return call.decode(asked(call.request)).id


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(message=st.one_of(sms, mms_message, saved))
def test_what_preflight_lets_pass_is_taken_and_what_it_refuses_is_refused(message: Message) -> None:
    service = simulator().skycore()
    if isinstance(message, mms.SavedMms) and message.template:
        message = attrs.evolve(message, template=template())
    faults = service.check(message).faults
    code = judged(message, service)
    assert bool(code) == bool(faults), faults
    known = {fault.code for fault in faults}
    if None not in known:
        assert not faults or code in known
