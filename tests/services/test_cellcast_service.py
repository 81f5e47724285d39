"""The Cellcast value: its settings, and that it keeps to itself what is private."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from cellcast_answers import PNG, TOKEN, answer

from mmsclient.errors import CallError, InvalidMessageError
from mmsclient.messages import File, Mms, Slide, Sms
from mmsclient.services.cellcast import Cellcast, Recipient
from mmsclient.wire import HttpResponse, Rate, RawPostback

if TYPE_CHECKING:
    from mmsclient.services.base import Service

KEY, SECRET = "k-7f3a-secret", "s-9e1b-secret"
NUMBER = "61491570006"
TEXT = "Rye for Noor"


def test_it_is_a_service_of_two_apis() -> None:
    v3: Service = Cellcast(app_key=KEY)
    assert (v3.name, v3.url, v3.rate) == (
        "cellcast",
        "https://cellcast.com.au/api/v3/",
        Rate(15),
    )
    bearer: Service = Cellcast(token=TOKEN)
    assert (bearer.name, bearer.url) == ("cellcast", "https://api.cellcast.com")


@pytest.mark.parametrize(
    "url",
    [
        "https://sms.example.net/api/v4",
        "http://localhost:8080/",
        "http://127.0.0.1:9/",
        "http://[::1]:8080/cellcast",
    ],
)
def test_https_and_loopback_are_taken(url: str) -> None:
    assert Cellcast(app_key=KEY, url=url).url == url
    assert Cellcast(token=TOKEN, url=url).url == url


def test_plain_http_is_taken_only_when_asked_for() -> None:
    url = "http://sms.example.net/"
    assert Cellcast(app_key=KEY, url=url, allow_http=True).url == url
    with pytest.raises(ValueError, match="allow_http"):
        Cellcast(app_key=KEY, url=url)


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"app_key": None}, TypeError, "give either app_key"),
        ({"token": TOKEN}, TypeError, "give either app_key"),
        (
            {"app_key": None, "token": TOKEN, "secret": SECRET},
            TypeError,
            "secret goes with app_key",
        ),
        ({"app_key": ""}, ValueError, "app_key is empty"),
        ({"app_key": " "}, ValueError, "app_key is empty"),
        ({"app_key": "key\n"}, ValueError, "strip"),
        ({"app_key": "k\r\nX: y"}, ValueError, "no header can carry"),
        ({"app_key": "k\x00y"}, ValueError, "no header can carry"),
        ({"app_key": "kéy"}, ValueError, "no header can carry"),
        ({"app_key": "k y"}, ValueError, "no header can carry"),
        ({"app_key": "k:y"}, ValueError, "colon"),
        ({"app_key": b"key"}, TypeError, "app_key must be a str"),
        ({"app_key": None, "token": ""}, ValueError, "token is empty"),
        ({"app_key": None, "token": "t\n"}, ValueError, "strip"),
        ({"app_key": None, "token": 7}, TypeError, "token must be a str"),
        ({"secret": None}, TypeError, "secret must be a str"),
        ({"secret": "s\n"}, ValueError, "HTTP Basic cannot carry"),
        ({"secret": "s\udc80"}, ValueError, "HTTP Basic cannot carry"),
        ({"auth": "bearer"}, ValueError, "auth must be one of both, basic, appkey"),
        ({"url": None}, TypeError, "url must be a str"),
        ({"url": ""}, ValueError, "url must start with https"),
        ({"url": "sms.example.net"}, ValueError, "url must start with https"),
        ({"url": "ftp://sms.example.net"}, ValueError, "url must start with https"),
        ({"url": "https:///api"}, ValueError, "url names no host"),
        ({"url": "https://noor:pw@sms.example.net"}, ValueError, "user name"),
        ({"url": "https://sms.example.net/#a"}, ValueError, "fragment"),
        ({"url": "https://sms.example.net/?a=pw"}, ValueError, "query"),
        ({"url": "https://sms.example.net/a b"}, ValueError, "blanks"),
        ({"url": "https://sms.example.net:port/"}, ValueError, "url is not an address"),
        ({"url": "https://[::1/"}, ValueError, "url is not an address"),
        ({"url": "http://127.0.0.1.example.net/"}, ValueError, "allow_http"),
        ({"allow_http": "yes"}, TypeError, "allow_http must be True or False"),
        ({"rate": 0}, ValueError, "rate must be more than 0"),
        ({"rate": "15"}, TypeError, "rate must be a number"),
        ({"timezone": "Australia/Bakery"}, ValueError, "pip install tzdata"),
        ({"timezone": "../etc/passwd"}, ValueError, "names no time zone"),
        ({"timezone": ""}, ValueError, "names no time zone"),
        ({"timezone": "a\x00b"}, ValueError, "names no time zone"),
        ({"timezone": 10}, TypeError, "name of a zone"),
    ],
)
def test_bad_settings_name_the_field_and_the_fix(
    given: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words) as raised:
        Cellcast(**({"app_key": KEY} | given))
    assert not any(private in str(raised.value) for private in (KEY, SECRET, TOKEN, "pw"))


def test_a_key_with_a_colon_goes_by_its_header_alone() -> None:
    headers = Cellcast(app_key="k:y", auth="appkey").account().request.headers
    assert headers["appkey"] == "k:y"


def test_settings_are_named() -> None:
    with pytest.raises(TypeError):
        Cellcast(KEY)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "service", [Cellcast(app_key=KEY, secret=SECRET, rate=0.5), Cellcast(token=TOKEN)]
)
def test_it_pickles_copies_and_compares(service: Cellcast) -> None:
    assert pickle.loads(pickle.dumps(service)) == service
    assert copy.deepcopy(service) == copy.copy(service) == attrs.evolve(service) == service
    assert len({service, attrs.evolve(service), attrs.evolve(service, rate=7)}) == 2
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        service.rate = Rate(1)  # type: ignore[misc]


def hidden(*shown: object) -> None:
    private = (KEY, SECRET, TOKEN, NUMBER, NUMBER[2:], TEXT, "Noor")
    for thing in shown:
        for words in (repr(thing), str(thing)):
            assert not any(secret in words for secret in private)


SERVICES = [Cellcast(app_key=KEY, secret=SECRET), Cellcast(token=TOKEN)]


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_private_is_shown(service: Cellcast) -> None:
    image = File(TEXT.encode(), "07.png")
    picture = Mms(to=NUMBER, slides=(Slide(image=PNG, text=TEXT),), reference=TEXT)
    message = Sms(to=NUMBER, sender=NUMBER, text=TEXT, reference="Noor")
    calls = [
        service.send(message),
        service.send(picture),
        service.batch([message, Sms(to="61491570110", text=TEXT, sender=NUMBER, reference="Noor")]),
        service.send_sms(to=NUMBER, text=TEXT),
        service.get_optout(),
        service.get_responses(),
        service.inbox(),
    ]
    hidden(service, image, *calls, *(getattr(call, "request", None) for call in calls))
    hidden(service.check(Sms(to=NUMBER, text=TEXT, from_mask="Noor")), service.check(picture))
    hidden(Recipient(to=NUMBER, fname="Noor"))


def test_addresses_hold_nothing_private() -> None:
    service = SERVICES[0]
    picture = Mms(to=NUMBER, slides=(Slide(image=PNG, text=TEXT),))
    for call in (service.send(picture), service.send(Sms(to=NUMBER, text=TEXT)), service.account()):
        hidden(call.request.url)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (SERVICES[0].send(Sms(to=NUMBER, text=TEXT)), "send-sms"),
        (SERVICES[0].send_sms(to=[NUMBER, "61491570110"], text=TEXT), "send-sms"),
        (SERVICES[0].get_sms(message_id="1"), "get-sms"),
        (SERVICES[0].get_responses().page(1), "get-responses"),
        (SERVICES[0].inbox().page(1), "get-responses"),
        (SERVICES[0].get_optout().page(1), "get-optout"),
        (SERVICES[0].account(), "account"),
        (SERVICES[0].get_template().page(1), "get-template"),
        (SERVICES[1].send(Sms(to=NUMBER, text=TEXT)), "bearer-gateway"),
        (SERVICES[1].gateway(to=[NUMBER, "61491570313"], text=TEXT), "bearer-gateway-partly"),
        (SERVICES[1].get_sms(message_id="1"), "bearer-message"),
        (SERVICES[1].get_responses().page(1), "bearer-responses"),
        (SERVICES[1].get_optout().page(1), "bearer-optout"),
        (SERVICES[1].custom_number().page(1), "bearer-custom-number"),
        (SERVICES[1].optoutlist().page(1), "bearer-optoutlist"),
    ],
)
def test_values_show_nothing_private(call: Any, name: str) -> None:
    value = call.decode(answer(name))
    hidden(answer(name), value)
    for words in ("shop@example.net", "Rye", "order-117", "61491570110", "2001-02-03"):
        assert words not in repr(value)


@pytest.mark.parametrize(
    "body",
    [
        f'{{"meta": {{"status": "FIELD_INVALID"}}, "msg": "{NUMBER} {TEXT}"}}',
        f'{{"error": {{"code": "{NUMBER}", "description": "{TEXT}"}}}}',
        f'{{"error": {{"code": "CALL{NUMBER}", "description": "{TEXT}"}}}}',
        f'{{"meta": {{"status": "{TEXT}"}}, "msg": "{NUMBER}"}}',
        f'{{"data": {{"messages": "{NUMBER}"}}}}',
        f'{{"data": {{"messages": [{{"to": "{NUMBER}1"}}]}}}}',
        f'{{"{TEXT}',
        TEXT,
    ],
)
@pytest.mark.parametrize("status", [200, 400, 429, 503])
def test_errors_show_nothing_private(body: str, status: int) -> None:
    for service in SERVICES:
        call = service.send(Sms(to=NUMBER, text=TEXT))
        with pytest.raises(CallError) as raised:
            call.decode(HttpResponse(status, {}, body.encode()))
        error = raised.value
        hidden(error, *error.args, error.__cause__)
        assert error.raw == body.encode()


def test_faults_show_nothing_private() -> None:
    for service in SERVICES:
        for bad in (
            Sms(to=NUMBER + "Noor", sender=TEXT + "_", text=TEXT * 999, reference=TEXT),
            Mms(to=NUMBER * 2, subject=TEXT * 9, slides=(Slide(image=TEXT, text=TEXT * 99),)),
        ):
            with pytest.raises(InvalidMessageError) as raised:
                service.send(bad)
            hidden(raised.value, *raised.value.faults)


@pytest.mark.parametrize(
    "item",
    [
        {"message_id": NUMBER + "1", "status": TEXT, "recipient": NUMBER, "custom_string": "Noor"},
        {"from": NUMBER, "body": TEXT, "custom_string": "Noor", "type": TEXT},
        {"_id": "6a", "type": "receive", "message": TEXT, "sender": NUMBER, "receiver": NUMBER},
        {"_id": "6a", "type": "send", "status": TEXT, "sender": "Noor", "receiver": NUMBER},
        {"hello": TEXT, "Noor": NUMBER},
    ],
)
def test_events_show_nothing_private(item: dict[str, str]) -> None:
    import json

    item = {**item, **({"message_id": "Q-1"} if "message_id" in item else {})}
    raw = RawPostback("POST", f"to={NUMBER}", {"x": TEXT}, json.dumps([item, 7]).encode())
    for service in SERVICES:
        hidden(raw, *service.read_postback(raw))
