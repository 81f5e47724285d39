"""Callback addresses of TransmitSMS that go with messages, and the reference that comes back."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from transmitsms_answers import KEY, MESSAGE, SECRET, SERVICE, callback

from mmsclient.errors import InvalidMessageError, PostbackError
from mmsclient.events import DeliveryReport, InboundMessage, LinkHit
from mmsclient.messages import Sms
from mmsclient.services.transmitsms import TransmitSMS, callbacks, signature
from mmsclient.wire import Call, RawPostback

HOOK = "https://hooks.example.net/dlr?shop=7&ref={reference}"
SETTINGS = ("dlr_callback", "reply_callback", "link_hits_callback")


def hooked(*settings: str) -> TransmitSMS:
    addresses: dict[str, Any] = dict.fromkeys(settings, HOOK)
    return attrs.evolve(SERVICE, **addresses)


HOOKED = hooked(*SETTINGS)


def read(service: TransmitSMS, raw: RawPostback, front: str = "", behind: str = "") -> Any:
    """Read a callback with parameters of the caller's own in front of it, or behind it."""
    (event,) = service.read_postback(attrs.evolve(raw, query=f"{front}{raw.query}{behind}"))
    return event


def sent(call: Call[Any]) -> dict[str, str]:
    return dict(parse_qsl(call.request.body.decode(), keep_blank_values=True))


def reference_in(url: str) -> list[str]:
    return parse_qs(urlsplit(url).query, keep_blank_values=True)["ref"]


def test_addresses_go_with_every_message() -> None:
    plain = attrs.evolve(SERVICE, dlr_callback="https://hooks.example.net/dlr?shop=7")
    assert sent(SERVICE.send(MESSAGE)).keys().isdisjoint(SETTINGS)
    for call in (plain.send(MESSAGE), plain.batch([MESSAGE])):
        said = sent(call)
        assert said["dlr_callback"] == "https://hooks.example.net/dlr?shop=7"
        assert said.keys().isdisjoint(SETTINGS[1:])
    for call in (HOOKED.send(MESSAGE), HOOKED.batch([MESSAGE])):
        assert {sent(call)[name] for name in SETTINGS} == {
            "https://hooks.example.net/dlr?shop=7&ref=order-117"
        }


@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_any_reference_comes_back_as_it_was_carried(reference: str) -> None:
    message = attrs.evolve(MESSAGE, reference=reference)
    url = sent(HOOKED.send(message))["dlr_callback"]
    assert url.isascii()
    assert reference_in(url) == [HOOKED.carried_reference(message) or ""]
    query = f"{urlsplit(url).query}&message_id=880143&mobile=12025550143&status=delivered"
    (report,) = HOOKED.read_postback(RawPostback("GET", query))
    assert isinstance(report, DeliveryReport)
    assert report.reference == HOOKED.carried_reference(message)


def test_a_message_without_a_reference_has_an_empty_one() -> None:
    bare = attrs.evolve(MESSAGE, reference=None)
    assert sent(HOOKED.send(bare))["dlr_callback"] == HOOK.removesuffix("{reference}")


def test_messages_share_a_call_where_their_addresses_are_equal() -> None:
    first, other = (Sms(to=f"1202555014{n}", text="Rye", reference=f"order-{n}") for n in (3, 4))
    plain = attrs.evolve(SERVICE, dlr_callback="https://hooks.example.net/dlr")
    assert plain.batch_key(first) == plain.batch_key(other)
    assert HOOKED.batch_key(first) != HOOKED.batch_key(other)
    alike = attrs.evolve(other, reference=first.reference)
    assert HOOKED.batch_key(first) == HOOKED.batch_key(alike)
    assert sent(HOOKED.batch([first, alike]))["to"] == "12025550143,12025550144"
    with pytest.raises(InvalidMessageError):
        HOOKED.batch([first, other])


@pytest.mark.parametrize(
    ("name", "kind", "setting"),
    [
        ("delivered", DeliveryReport, "dlr_callback"),
        ("reply", InboundMessage, "reply_callback"),
        ("link-hit", LinkHit, "link_hits_callback"),
    ],
)
def test_each_kind_of_callback_has_an_address_of_its_own(
    name: str, kind: type[Any], setting: str
) -> None:
    own = "shop=7&ref=order%2D117%20%26&"
    event = read(hooked(setting), callback(name), own)
    assert type(event) is kind
    assert event.reference == "order-117 &"
    others = [other for other in SETTINGS if other != setting]
    assert read(hooked(*others), callback(name), own).reference is None


@pytest.mark.parametrize("own", ["", "ref=&", "other=order-117&"])
def test_a_callback_that_brings_none_back_has_none(own: str) -> None:
    assert read(HOOKED, callback("delivered"), own).reference is None


def test_of_two_with_the_name_the_one_in_front_is_the_callers() -> None:
    event = read(HOOKED, callback("delivered"), "ref=mine&", "&ref=theirs")
    assert event.reference == "mine"


def test_a_signed_reference_stands_alone() -> None:
    """The signature covers the last of equal names: nobody can put another in front of it."""
    account = attrs.evolve(HOOKED, api_secret=SECRET, check_signature=True)
    raw = callback("delivered")
    query = f"ref=order-117&{raw.query}"
    headers = {signature.HEADER: signature._signed(dict(parse_qsl(query)), SECRET).decode()}

    def signed(query: str) -> RawPostback:
        return RawPostback("GET", query, headers)

    assert account.verify_signature(signed(query))
    assert read(account, signed(query)).reference == "order-117"
    front, behind = f"ref=other&{query}", f"ref=other&{raw.query}&ref=order-117"
    for forged in (front, behind, f"{query}&ref=order-117", f"ref=order-117&{query}"):
        for checking in (account, attrs.evolve(account, check_signature=False)):
            assert not checking.verify_signature(signed(forged))
        with pytest.raises(PostbackError, match="signature"):
            account.read_postback(signed(forged))


def test_a_reference_changes_nothing_else_of_an_event() -> None:
    plain = read(SERVICE, callback("delivered"))
    named = read(HOOKED, callback("delivered"), "ref=order-117&")
    assert attrs.evolve(named, reference=None, raw=plain.raw) == plain


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("hooks.example.net", "must start with https"),
        ("http://hooks.example.net/?ref={reference}", "allow_http"),
        ("https://noor:pw@hooks.example.net/", "user name"),
        ("https://hooks.example.net/#ref={reference}", "fragment"),
        ("https://hooks.example.net/?ref={reference} ", "blanks"),
        ("https://hooks.example.net/{reference}", "elsewhere"),
        ("https://{reference}.example.net/", "elsewhere"),
        ("https://hooks.example.net/?{reference}", "elsewhere"),
        ("https://hooks.example.net/?ref=a{reference}", "elsewhere"),
        ("https://hooks.example.net/?r%20f={reference}", "elsewhere"),
        ("https://hooks.example.net/?ref={ref}", "braces"),
        ("https://hooks.example.net/?ref={reference}&a={reference}", "braces"),
        ("https://hooks.example.net/?ref=7&ref={reference}", "twice"),
        ("https://hooks.example.net/?r%65f=7&ref={reference}", "twice"),
        ("https://hooks.example.net/?mobile={reference}", "service's own"),
        ("https://hooks.example.net/?rate={reference}", "service's own"),
    ],
)
def test_an_address_that_could_not_do_is_refused(setting: str, value: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as raised:
        TransmitSMS(api_key=KEY, **{setting: value})  # type: ignore[arg-type]
    assert str(raised.value).startswith(setting)
    assert "noor" not in str(raised.value)


def test_an_address_is_text_and_on_loopback_may_be_plain() -> None:
    with pytest.raises(TypeError, match="dlr_callback must be a str"):
        TransmitSMS(api_key=KEY, dlr_callback=7)  # type: ignore[arg-type]
    here, there = (f"http://{host}/?ref={{reference}}" for host in ("[::1]:9", "a.example.net"))
    assert TransmitSMS(api_key=KEY, dlr_callback=here).dlr_callback == here
    assert TransmitSMS(api_key=KEY, dlr_callback=there, allow_http=True).dlr_callback == there


def test_what_stands_in_the_query_is_not_shown() -> None:
    shown = repr(attrs.evolve(HOOKED, dlr_callback="https://hooks.example.net/dlr?pw=noor"))
    assert "https://hooks.example.net/dlr'" in shown
    assert "noor" not in shown
    assert "ref" not in shown


@pytest.mark.parametrize("name", ["delivered", "reply", "opt-out", "link-hit"])
def test_no_parameter_that_a_callback_brings_can_be_the_references(name: str) -> None:
    for own in {each for each, _ in callbacks.pairs(callback(name))} - {"", "order"}:
        with pytest.raises(ValueError, match="service's own"):
            TransmitSMS(api_key=KEY, dlr_callback=f"https://hooks.example.net/?{own}={{reference}}")
