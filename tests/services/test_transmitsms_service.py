"""The TransmitSMS value: its settings, and that it keeps to itself what is private."""

from __future__ import annotations

import copy
import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from mmsclient.errors import CallError, InvalidMessageError, UnsupportedError
from mmsclient.messages import Sms
from mmsclient.services.transmitsms import TransmitSMS
from mmsclient.wire import HttpResponse, Rate, RawPostback

if TYPE_CHECKING:
    from mmsclient.services.base import Service

KEY, SECRET = "k-7f3a-of-noor", "s-of-noor-9c"
NUMBER, TEXT = "12025550143", "Rye for Noor"
ACCOUNT: dict[str, Any] = {"api_key": KEY, "api_secret": SECRET}


def test_it_is_a_service() -> None:
    service: Service = TransmitSMS(api_key=KEY)
    assert service.url == "https://api.transmitsms.com"
    assert (service.name, service.rate, service.largest_batch) == ("transmitsms", Rate(2), 500)


@pytest.mark.parametrize(
    "url",
    [
        "https://sms.example.net",
        "https://sms.example.net/api/",
        "http://localhost:8080/",
        "http://127.0.0.1:9",
        "http://[::1]:8080/sms",
    ],
)
def test_https_and_loopback_are_taken(url: str) -> None:
    service = TransmitSMS(api_key=KEY, url=url)
    assert service.url == url
    assert service.get_balance().request.url == f"{url.rstrip('/')}/get-balance.json"


def test_plain_http_is_taken_only_when_asked_for() -> None:
    url = "http://sms.example.net/"
    assert TransmitSMS(api_key=KEY, url=url, allow_http=True).url == url
    with pytest.raises(ValueError, match="allow_http"):
        TransmitSMS(api_key=KEY, url=url)


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"api_key": ""}, ValueError, "api_key is empty"),
        ({"api_key": "key\n"}, ValueError, "api_key holds line breaks"),
        ({"api_key": "k\r\nx: y"}, ValueError, "api_key holds line breaks"),
        ({"api_key": "k:y"}, ValueError, "api_key holds a colon"),
        ({"api_key": "k\udc80"}, ValueError, "api_key holds"),
        ({"api_key": " key"}, ValueError, "strip"),
        ({"api_key": b"key"}, TypeError, "api_key must be a str"),
        ({"api_key": None}, TypeError, "api_key must be a str"),
        ({"api_secret": None}, TypeError, "api_secret must be a str"),
        ({"api_secret": "s\n"}, ValueError, "api_secret holds line breaks"),
        ({"api_secret": "s "}, ValueError, "strip"),
        ({"url": None}, TypeError, "url must be a str"),
        ({"url": ""}, ValueError, "url must start with https"),
        ({"url": "ftp://sms.example.net"}, ValueError, "url must start with https"),
        ({"url": "https:///sms"}, ValueError, "url names no host"),
        ({"url": "https://noor:pw@sms.example.net"}, ValueError, "user name"),
        ({"url": "https://sms.example.net/?key=pw"}, ValueError, "query"),
        ({"url": "https://sms.example.net/#a"}, ValueError, "fragment"),
        ({"url": "https://sms.example.net/a b"}, ValueError, "blanks"),
        ({"url": "https://sms.example.net:port/"}, ValueError, "url is not an address"),
        ({"url": "http://127.0.0.1.example.net/"}, ValueError, "allow_http"),
        ({"allow_http": "yes"}, TypeError, "allow_http must be True or False"),
        ({"check_signature": 1}, TypeError, "check_signature must be True or False"),
        ({"api_secret": "", "check_signature": True}, ValueError, "needs the api_secret"),
        ({"format": "yaml"}, ValueError, "format must be 'json' or 'xml'"),
        ({"format": None}, ValueError, "format must be"),
        ({"response_style": "list"}, ValueError, "response_style must be 'plain' or 'array'"),
        ({"rate": 0}, ValueError, "rate must be more than 0"),
        ({"rate": "2"}, TypeError, "rate must be a number"),
    ],
)
def test_bad_settings_name_the_field_and_the_fix(
    given: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words) as raised:
        TransmitSMS(**(ACCOUNT | given))
    for private in (KEY, SECRET, "pw"):
        assert private not in str(raised.value)


def test_settings_are_named() -> None:
    with pytest.raises(TypeError):
        TransmitSMS(KEY)  # type: ignore[call-arg]


def test_it_pickles_copies_and_compares() -> None:
    service = TransmitSMS(**ACCOUNT, rate=0.5, format="xml")
    assert pickle.loads(pickle.dumps(service)) == service
    assert copy.deepcopy(service) == copy.copy(service) == service
    assert hash(service) == hash(TransmitSMS(**ACCOUNT, rate=0.5, format="xml"))
    assert service != TransmitSMS(**ACCOUNT, rate=0.5)
    with pytest.raises(AttributeError):
        service.extra = 1  # type: ignore[attr-defined]


def test_inbound_messages_have_no_marks() -> None:
    with pytest.raises(UnsupportedError, match="period"):
        TransmitSMS(api_key=KEY).mark_read(["1"])


def hidden(*shown: object) -> None:
    for thing in shown:
        for words in (repr(thing), str(thing)):
            private = (KEY, SECRET, NUMBER, NUMBER[1:], TEXT, "Noor", "noor@")
            assert not any(secret in words for secret in private), words


def test_nothing_private_is_shown_of_calls() -> None:
    service = TransmitSMS(**ACCOUNT)
    message = Sms(to=NUMBER, sender="Noor", text=TEXT, reference=TEXT)
    calls: list[Any] = [
        service.send(message),
        service.batch([message]),
        service.send_sms(to=[NUMBER], text=TEXT, dlr_callback="https://a.example.net/?a=Noor"),
        service.add_to_list(list_id=1, msisdn=NUMBER, first_name="Noor", field_1=TEXT),
        service.add_email(email="noor@example.net"),
        service.add_client(name="Noor", email="noor@example.net", msisdn=NUMBER, password=SECRET),
        service.get_contact_sms_stats(mobile=NUMBER).page(1),
    ]
    hidden(service, *calls, *(call.request for call in calls))
    hidden(service.inbox(), service.get_list(list_id=1), service.check(message))
    assert all(NUMBER not in call.request.url for call in calls)


#: Everything that any answer can hold, all of it private.
WORDS = dict.fromkeys(
    (
        *("first_name", "last_name", "message", "response", "original_message", "welcome_message"),
        *("member_message", "reference", "keyword", "name", "contact", "apikey", "apisecret"),
        *("description", "email", "forward_url", "forward_email", "forward_sms", "caller_id"),
    ),
    TEXT,
)
NUMBERS = {
    name: int(NUMBER) for name in ("msisdn", "mobile", "number", "longcode", "sender_id", "fails")
}


def test_nothing_private_is_shown_of_what_comes_back() -> None:
    service = TransmitSMS(**ACCOUNT)
    row = {"id": 1, "message_id": 2, "list_id": 3, **WORDS, **NUMBERS, "fields": {"Noor": TEXT}}
    good = {"error": {"code": "SUCCESS"}, "count": 1, "balance": 1, "recipients": 1}
    lists = ("lists", "members", "responses", "recipients", "messages", "records", "keywords")
    tree = {**row, **good, "stats": row, "list": row, **{key: [row] for key in lists}}
    tree |= {"numbers": [row], "clients": [row], "transactions": [row]}
    made: list[Any] = [
        service.send_sms(to=NUMBER, text=TEXT),
        service.get_sms(message_id=1),
        service.get_sms_delivery_status(message_id=1, msisdn=NUMBER),
        service.get_message_log(message_id=1, mobile=NUMBER),
        service.get_contact(list_id=1, msisdn=NUMBER),
        service.get_number(number=NUMBER),
        service.add_keyword(keyword="a", number=NUMBER),
        service.get_client(),
        service.get_transaction(id=1),
        service.format_number(msisdn=NUMBER, countrycode="us"),
        service.get_link_hits(message_id=1),
        service.add_list(name="a"),
    ]
    listings: tuple[Any, ...] = (
        *(service.inbox(), service.get_sms_responses(message_id=1), service.get_lists()),
        *(service.get_list(list_id=1), service.get_message_report(), service.get_keywords()),
        *(service.get_numbers(), service.get_clients(), service.get_transactions(client_id=1)),
        *(service.get_sms_sent(message_id=1), service.get_contact_sms_stats(mobile=NUMBER)),
    )
    made += [listing.page(1) for listing in listings]
    answer = HttpResponse(200, {"x": TEXT}, json.dumps(tree).encode())
    hidden(answer, *(call.decode(answer) for call in made))


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "FIELD_INVALID", "description": TEXT}},
        {"error": {"code": NUMBER, "description": TEXT}},
        {"error": {"code": "RECIPIENTS_ERROR", "description": {"fails": [NUMBER]}}},
        {"error": {"code": "X" + NUMBER}},
        {"error": TEXT},
        {"message_id": TEXT, "error": {"code": "SUCCESS"}},
        {"message_id": 1, "recipients": 0, "error": {"code": "SUCCESS"}},
        {"message_id": 1, "fails": [NUMBER], "error": {"code": "SUCCESS"}},
        {TEXT: NUMBER},
        TEXT,
    ],
)
def test_errors_show_nothing_private(body: Any) -> None:
    call = TransmitSMS(**ACCOUNT).send(Sms(to=NUMBER, sender="Noor", text=TEXT))
    for status in (200, 400, 503):
        with pytest.raises(CallError) as raised:
            call.decode(HttpResponse(status, {}, json.dumps(body).encode()))
        error = raised.value
        hidden(error, *error.args, error.__cause__)
        assert error.raw == json.dumps(body).encode()


def test_faults_show_nothing_private() -> None:
    service = TransmitSMS(**ACCOUNT)
    bad: list[dict[str, Any]] = [
        {"to": NUMBER + "Noor", "text": TEXT * 90, "sender": TEXT},
        {"to": [NUMBER * 2, "Noor"], "text": TEXT + "\ud800", "sender": NUMBER * 2},
        {"text": TEXT, "list_id": TEXT, "countrycode": 7, "dlr_callback": TEXT, "validity": TEXT},
        {"to": NUMBER, "text": TEXT, "replies_to_email": TEXT, "send_at": TEXT},
    ]
    for terms in bad:
        with pytest.raises(InvalidMessageError) as raised:
            service.send_sms(**terms)
        hidden(raised.value, *raised.value.faults)


def test_events_show_nothing_private() -> None:
    service = TransmitSMS(**ACCOUNT)
    people = f"mobile={NUMBER}&longcode={NUMBER}&firstname=Noor&lastname=Noor&Noor={TEXT}"
    for told in (
        f"message_id=1&status={TEXT}&datetime=2031-02-03",
        f"message_id=1&response={TEXT}&response_id=7",
        f"message_id=1&response={TEXT}&datetime_entry={TEXT}",
        f"message_id=1&link_hits=2&message={TEXT}",
        f"type=add&list_id=1&datetime_entry={TEXT}",
        "order=117",
    ):
        raw = RawPostback("GET", f"{told}&{people}", {"x": TEXT})
        hidden(raw, *service.read_postback(raw))
