"""The Skycore value: its settings, and that it keeps to itself what is private."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from mmsclient.errors import CallError, InvalidMessageError, UnsupportedError
from mmsclient.messages import Mms, SavedMms, Slide, Sms
from mmsclient.services.skycore import Skycore
from mmsclient.wire import HttpResponse, Rate, RawPostback

if TYPE_CHECKING:
    from mmsclient.services.base import Service

KEY = "k-7f3a-secret"
NUMBER = "12025550143"
TEXT = "Rye for Noor"


def test_it_is_a_service() -> None:
    service: Service = Skycore(api_key=KEY)
    assert service.url == "https://secure.skycore.com/API/wxml/1.3/"
    assert service.rate == Rate(15)


@pytest.mark.parametrize(
    "url",
    [
        "https://xml.example.net/API/index.php",
        "http://localhost:8080/",
        "http://127.0.0.1:9/",
        "http://127.8.8.8",
        "http://[::1]:8080/xml",
    ],
)
def test_https_and_loopback_are_taken(url: str) -> None:
    assert Skycore(api_key=KEY, url=url).url == url


def test_plain_http_is_taken_only_when_asked_for() -> None:
    url = "http://xml.example.net/"
    assert Skycore(api_key=KEY, url=url, allow_http=True).url == url
    with pytest.raises(ValueError, match="allow_http"):
        Skycore(api_key=KEY, url=url)


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"api_key": ""}, ValueError, "api_key is empty"),
        ({"api_key": "  "}, ValueError, "api_key is empty"),
        ({"api_key": "key\n"}, ValueError, "strip"),
        ({"api_key": "k\x00y"}, ValueError, "position 1"),
        ({"api_key": "k\udc80"}, ValueError, "XML cannot carry"),
        ({"api_key": b"key"}, TypeError, "api_key must be a str"),
        ({"api_key": None}, TypeError, "api_key must be a str"),
        ({"url": None}, TypeError, "url must be a str"),
        ({"url": ""}, ValueError, "url must start with https"),
        ({"url": "xml.example.net"}, ValueError, "url must start with https"),
        ({"url": "ftp://xml.example.net"}, ValueError, "url must start with https"),
        ({"url": "https:///xml"}, ValueError, "url names no host"),
        ({"url": "https://noor:pw@xml.example.net"}, ValueError, "user name"),
        ({"url": "https://xml.example.net/#a"}, ValueError, "fragment"),
        ({"url": "https://xml.example.net/a b"}, ValueError, "blanks"),
        ({"url": "https://xml.example.net:port/"}, ValueError, "url is not an address"),
        ({"url": "https://[::1/"}, ValueError, "url is not an address"),
        ({"url": "http://127.0.0.1.example.net/"}, ValueError, "allow_http"),
        ({"url": "http://localhost.example.net/"}, ValueError, "allow_http"),
        ({"allow_http": "yes"}, TypeError, "allow_http must be True or False"),
        ({"rate": 0}, ValueError, "rate must be more than 0"),
        ({"rate": "15"}, TypeError, "rate must be a number"),
    ],
)
def test_bad_settings_name_the_field_and_the_fix(
    given: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words) as raised:
        Skycore(**({"api_key": KEY} | given))
    assert KEY not in str(raised.value)
    assert "pw" not in str(raised.value)


def test_settings_are_named() -> None:
    with pytest.raises(TypeError):
        Skycore(KEY)  # type: ignore[call-arg]


def test_it_pickles_copies_and_compares() -> None:
    service = Skycore(api_key=KEY, rate=0.5)
    assert pickle.loads(pickle.dumps(service)) == service
    assert copy.deepcopy(service) == copy.copy(service) == service
    assert hash(service) == hash(Skycore(api_key=KEY, rate=0.5))


def test_there_is_no_inbox_to_poll() -> None:
    with pytest.raises(UnsupportedError, match="postbacks"):
        Skycore(api_key=KEY).inbox()


def hidden(*shown: object) -> None:
    for thing in shown:
        for words in (repr(thing), str(thing)):
            assert not any(secret in words for secret in (KEY, NUMBER, TEXT, "Noor"))


def test_nothing_private_is_shown() -> None:
    service = Skycore(api_key=KEY, url="https://xml.example.net/?key=Noor")
    slide = Slide(text=TEXT, image="https://media.example.net/Noor.png")
    sends = [
        service.send(Mms(to=NUMBER, sender="70707", subject=TEXT, name=TEXT, slides=(slide,))),
        service.send(Sms(to=NUMBER, sender=NUMBER, text=TEXT)),
        service.send(SavedMms(template="1", to=NUMBER, sender="70707", data={"name": TEXT})),
    ]
    hidden(service, *sends, *(call.request for call in sends), service.get_mms_templates())
    hidden(service.check(Sms(to=NUMBER, text=TEXT)))
    joined = service.subscribe(campaign_ref="list", mobile=NUMBER, data={"name": TEXT})
    body = (
        f"<RESPONSE><STATUS>Success</STATUS><MOBILE>{NUMBER}</MOBILE><TO>{NUMBER}</TO></RESPONSE>"
    )
    answer = HttpResponse(200, {"x": TEXT}, body.encode())
    hidden(joined, answer, joined.decode(answer), *(call.decode(answer) for call in sends))


@pytest.mark.parametrize(
    "body",
    [
        f"<RESPONSE><ERRORCODE>E110</ERRORCODE><ERRORINFO>{NUMBER}</ERRORINFO></RESPONSE>",
        f"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>{NUMBER}</ERRORCODE></RESPONSE>",
        f"<RESPONSE><STATUS>{NUMBER}</STATUS></RESPONSE>",
        f"<RESPONSE><{TEXT}",
        TEXT,
    ],
)
def test_errors_show_nothing_private(body: str) -> None:
    call = Skycore(api_key=KEY).send(Sms(to=NUMBER, sender="70707", text=TEXT))
    with pytest.raises(CallError) as raised:
        call.decode(HttpResponse(200, {}, body.encode()))
    error = raised.value
    hidden(error, *error.args, error.__cause__)
    assert error.raw == body.encode()


def test_faults_show_nothing_private() -> None:
    service = Skycore(api_key=KEY)
    for bad in (
        Sms(to=NUMBER + "Noor", sender=TEXT, text=TEXT + "\x00"),
        Mms(to=NUMBER * 2, sender=NUMBER * 2, slides=(Slide(image=TEXT),), reference=NUMBER * 9),
        SavedMms(template="\x00", to=TEXT, data={NUMBER: TEXT, TEXT: TEXT}),
        SavedMms(template="\x00", to=TEXT, data={"Noor": "\x00", "NOOR": TEXT}),
    ):
        with pytest.raises(InvalidMessageError) as raised:
            service.send(bad)
        hidden(raised.value, *raised.value.faults)


def test_events_show_nothing_private() -> None:
    numbers = ("FROM", "TO", "MOBILE", "SPID", "CAMPAIGNREF", "SERIALNUMBER", "REFERENCEVALUE")
    texts = ("TEXT", "SUBJECT", "STATUS", "STATUSDETAILS", "HANDSET", "SOURCE", "KEYWORD")
    fields = "".join(
        f"<{name}>{said}</{name}>"
        for names, said in ((numbers, NUMBER), (texts, TEXT))
        for name in names
    )
    kinds = (("SMS_MO", "N211"), ("SUB", "N301"), ("SUB", "N302"), ("SMS_MT", "N202"))
    for origin, code in (*kinds, ("MMS_MO", "N401"), ("GENERATE_PASS", "N801"), (TEXT, NUMBER)):
        told = f"<POSTBACK><ORIGIN>{origin}</ORIGIN><CODE>{code}</CODE>{fields}</POSTBACK>"
        raw = RawPostback("POST", f"to={NUMBER}", {"x": TEXT}, told.encode())
        hidden(raw, *Skycore(api_key=KEY).read_postback(raw))
