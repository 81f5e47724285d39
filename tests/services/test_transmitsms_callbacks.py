"""Callbacks of TransmitSMS: four kinds told apart by their parameters, and signatures."""

from __future__ import annotations

import hmac
import pickle
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from transmitsms_answers import GOLDEN, SECRET, SERVICE, callback

from mmsclient import events
from mmsclient.errors import PostbackError
from mmsclient.outcomes import DeliveryStatus
from mmsclient.services.transmitsms import TransmitSMS
from mmsclient.wire import RawPostback

N, VMN = "12025550143", "12025550100"
AT = datetime(2031, 2, 3, 4, 10, tzinfo=UTC)


def read(query: str, **terms: Any) -> Any:
    (event,) = SERVICE.read_postback(RawPostback("GET", query, **terms))
    assert event.service == "transmitsms"
    return event


def one(name: str) -> Any:
    return read(callback(name).query)


@pytest.mark.parametrize(
    ("name", "status", "final"),
    [
        ("delivered", DeliveryStatus.DELIVERED, True),
        ("pending", DeliveryStatus.PENDING, False),
        ("soft-bounce", DeliveryStatus.FAILED, True),
        ("hard-bounce", DeliveryStatus.FAILED, True),
    ],
)
def test_delivery_reports(name: str, status: DeliveryStatus, *, final: bool) -> None:
    report = one(name)
    assert type(report) is events.DeliveryReport
    assert (report.kind, report.id, report.to) == ("delivery", "880143", N)
    assert (report.status, report.words, report.final) == (status, name, final)
    assert report.raw["user_id"] == "4711"
    assert report.at == AT.replace(minute=6 if name == "pending" else 10)


def test_a_state_that_is_not_documented_is_not_guessed() -> None:
    report = read(f"message_id=1&mobile={N}&status=Held&datetime=")
    assert (report.status, report.words, report.final) == (DeliveryStatus.UNKNOWN, "Held", False)
    assert report.at is None


def test_replies() -> None:
    reply = one("reply")
    assert type(reply) is events.InboundMessage
    assert (reply.kind, reply.key, reply.id) == ("reply", "reply|660001", "660001")
    assert (reply.answers, reply.sender, reply.to) == ("880143", N, VMN)
    assert (reply.text, reply.channel, reply.opts_out) == ("Two ryes, please", "sms", False)
    assert reply.at == AT.replace(minute=15)
    assert reply.raw["order"] == "117"
    assert one("opt-out").opts_out
    older = one("older-reply")
    assert type(older) is events.InboundMessage
    assert (older.id, older.to, older.answers, older.opts_out) == (None, None, "880143", False)
    assert (older.text, older.at) == ("Two ryes, please", reply.at)


@pytest.mark.parametrize("answers", ["", "message_id=&", "message_id=0&"])
def test_a_message_that_answers_nothing(answers: str) -> None:
    query = f"{answers}response=Hello&response_id=7&mobile={N}&longcode={VMN}"
    reply = read(f"{query}&datetime_entry=2031-02-03%2004:10:00&is_optout=no")
    assert (type(reply), reply.answers, reply.at) == (events.InboundMessage, None, AT)


def test_an_empty_reply_is_a_reply() -> None:
    reply = read(f"message_id=1&response=&response_id=7&mobile={N}")
    assert (type(reply), reply.text) == (events.InboundMessage, None)


def test_link_hits() -> None:
    hit = one("link-hit")
    assert type(hit) is events.LinkHit
    assert (hit.kind, hit.id, hit.number, hit.sender) == ("link_hits", "880143", N, "Bakery")
    assert (hit.hits, hit.at) == (2, AT.replace(minute=20))
    assert hit.raw["message"] == "Fresh at 7\nToday"


def test_list_actions() -> None:
    added, deleted = one("list-add"), one("list-delete")
    assert type(added) is type(deleted) is events.ListAction
    assert (added.action, deleted.action) == ("add", "delete")
    assert (added.list_id, added.number, added.at) == ("4471", N, AT.replace(minute=25))
    assert (added.first_name, added.last_name) == ("Noor", "B")
    assert added.data == {"Email": "noor@example.net", "Favourite loaf": "Rye"}
    assert (deleted.first_name, deleted.data) == (None, {})
    bare = read(f"type=add&datetime_entry=2031-02-03&list_id=1&mobile={N}")
    assert (type(bare), bare.first_name, bare.data) == (events.ListAction, None, {})
    other = callback("list-add").query.replace("type=add", "type=move")
    assert read(other).action == "unknown"


def test_a_custom_field_may_have_the_name_of_a_parameter() -> None:
    for name in ("response", "status", "datetime", "longcode"):
        event = read(f"{callback('list-add').query}&{name}=x")
        assert type(event) is events.ListAction
        assert event.data[name] == "x"


@pytest.mark.parametrize(
    "own", ["type=add&list_id=7", "response=a", "status=a", "datetime_entry=a", "mobile=1", "id=7"]
)
@pytest.mark.parametrize("name", ["delivered", "reply", "link-hit"])
def test_parameters_of_ones_own_change_no_kind(name: str, own: str) -> None:
    plain, mixed = one(name), read(f"{own}&{callback(name).query}")
    assert type(mixed) is type(plain)
    assert (mixed.key, mixed.id, mixed.at) == (plain.key, plain.id, plain.at)


REPLIED, ADDED = callback("opt-out").query, callback("list-add").query


@pytest.mark.parametrize(
    ("own", "name"),
    [
        ("link_hits=1", "delivered"),
        ("response_id=7&response=x", "delivered"),
        ("response=x&datetime_entry=y", "delivered"),
        ("longcode=7&link_hits=1&response_id=7", "delivered"),
        ("type=add&list_id=7&datetime_entry=y&response=x", "delivered"),
        ("link_hits=a", "opt-out"),
        ("status=a&datetime=b", "opt-out"),
        ("type=add&list_id=7&firstname=N&lastname=B", "opt-out"),
        ("link_hits=1", "older-reply"),
        ("status=a", "older-reply"),
        ("response=x&response_id=7&status=a", "link-hit"),
        ("type=add&datetime_entry=y", "link-hit"),
        ("message_id=77", "list-add"),
        ("message_id=77&status=a&response=x", "list-add"),
        ("response_id=77&message_id=7&link_hits=1", "list-delete"),
    ],
)
def test_the_parameters_of_a_kind_decide_together(own: str, name: str) -> None:
    plain, mixed = one(name), read(f"{own}&{callback(name).query}")
    assert (type(mixed), mixed.kind, mixed.key) == (type(plain), plain.kind, plain.key)


@pytest.mark.parametrize(
    "query",
    [
        f"link_hits=a&{REPLIED}",
        f"is_optout=no&{REPLIED}",
        f"status=a&datetime=b&link_hits=1&message=c&{REPLIED}",
        f"status=a&datetime=b&message_id=7&user_id=4&response=&response_id=7&mobile={N}&is_optout=1",
        f"response_id=7&mobile={N}&longcode={VMN}&is_optout=yes",
    ],
)
def test_an_opt_out_is_never_lost(query: str) -> None:
    reply = read(query)
    assert (type(reply), reply.opts_out, reply.sender) == (events.InboundMessage, True, N)


def test_a_hit_outside_of_a_list_may_come_without_its_names() -> None:
    query = f"message_id=1&mobile={N}&longcode=7&datetime=b&message=c&user_id=4&link_hits=2"
    hit = read(f"status=a&{query}")
    assert (type(hit), hit.hits) == (events.LinkHit, 2)


@pytest.mark.parametrize(
    ("query", "action", "data"),
    [
        (f"{ADDED}&type=VIP", "add", "VIP"),
        (f"type=mine&{ADDED}", "add", "mine"),
        (f"type=delete&{ADDED}", "add", "delete"),
        (ADDED.replace("type=add", "type=VIP"), "unknown", None),
    ],
)
def test_a_custom_field_named_type_hides_no_action(
    query: str, action: str, data: str | None
) -> None:
    event = read(query)
    assert (type(event), event.action, event.list_id) == (events.ListAction, action, "4471")
    assert event.data.get("type") == data
    assert event.data["Favourite loaf"] == "Rye"


def test_of_repeats_the_last_is_the_services_and_all_are_kept() -> None:
    event = read(f"status=mine&{callback('delivered').query}")
    assert (event.status, event.raw["status"]) == (
        DeliveryStatus.DELIVERED,
        ["mine", "delivered"],
    )


@pytest.mark.parametrize(
    "query",
    [
        "order=117",
        "message_id=1",
        f"mobile={N}&status=delivered",
        f"message_id=0&mobile={N}&status=delivered",
        "a",
        "=",
        "=a",
        "%ff%fe=%ff",
        "type=add",
    ],
)
def test_what_fits_no_kind_is_a_plain_event(query: str) -> None:
    event = read(query)
    assert (type(event), event.kind) == (events.Event, "?")
    assert event.raw


@pytest.mark.parametrize(
    "query", ["", "?", "&&", "a=" + "x" * 70_000, "&".join(f"a{n}=1" for n in range(201))]
)
def test_what_cannot_be_read_keeps_its_bytes(query: str) -> None:
    raw = RawPostback("GET", query)
    with pytest.raises(PostbackError) as raised:
        SERVICE.read_postback(raw)
    assert raised.value.raw == query.encode()
    assert len(str(raised.value)) < 80
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(again), again.raw) == (str(raised.value), raised.value.raw)


def test_a_body_without_a_query_is_kept_too() -> None:
    with pytest.raises(PostbackError) as raised:
        SERVICE.read_postback(RawPostback("POST", body=b"message_id=1"))
    assert raised.value.raw == b"message_id=1"


def test_odd_encodings_are_read_as_far_as_they_go() -> None:
    for response in ("caf%E9", "%", "%zz", "caf\udce9", "%ED%A0%80", "\ud800"):
        reply = read(f"message_id=1&mobile={N}&response={response}&response_id=7")
        assert type(reply) is events.InboundMessage
        assert reply.text
        assert reply.text.encode()


NAMES = [path.name.removesuffix("-callback.txt") for path in GOLDEN.glob("*-callback.txt")]


@given(name=st.sampled_from(NAMES), data=st.data())
def test_repeats_have_one_key_in_any_order_and_any_writing(name: str, data: Any) -> None:
    pairs = parse_qsl(callback(name).query, keep_blank_values=True)
    shuffled = data.draw(st.permutations(pairs))
    quoting = data.draw(st.sampled_from([quote, quote_plus]))
    again = read("&&".join(f"{quote(key)}={quoting(said)}" for key, said in shuffled))
    first = one(name)
    assert (type(again), again.key) == (type(first), first.key)


#: What tells one event of a kind from another.
TELLING = {
    "delivered": ["message_id", "mobile", "status", "datetime"],
    "reply": ["response_id"],
    "older-reply": ["message_id", "mobile", "datetime_entry", "response"],
    "link-hit": ["message_id", "mobile", "datetime", "link_hits"],
    "list-add": ["type", "list_id", "mobile", "datetime_entry"],
}


@pytest.mark.parametrize(("name", "field"), [(n, f) for n, each in TELLING.items() for f in each])
@given(other=st.text("abcxyz789%|&=+?#é\U0001f35e", min_size=1, max_size=12))
def test_different_events_have_different_keys(name: str, field: str, other: str) -> None:
    pairs = dict(parse_qsl(callback(name).query, keep_blank_values=True))
    assume(other != pairs[field])
    changed = read(urlencode({**pairs, field: other}))
    assert changed.key != one(name).key


def test_keys_of_all_kinds_differ() -> None:
    assert len({one(name).key for name in NAMES}) == len(NAMES)


@given(
    query=st.one_of(
        st.text(max_size=80),
        st.lists(
            st.tuples(
                st.sampled_from(
                    [
                        "message_id",
                        "mobile",
                        "status",
                        "response",
                        "type",
                        "list_id",
                        "link_hits",
                        "datetime",
                        "datetime_entry",
                        "response_id",
                        "is_optout",
                        "longcode",
                    ]
                ),
                st.text(max_size=12),
            ),
            max_size=8,
        ).map(lambda pairs: "&".join(f"{key}={said}" for key, said in pairs)),
    ),
    headers=st.dictionaries(st.sampled_from(["x-transmitsms-signature"]), st.text(max_size=70)),
)
def test_any_callback_is_one_event_or_a_postback_error(query: str, headers: dict[str, str]) -> None:
    raw = RawPostback("GET", query, headers)
    assert SERVICE.verify_signature(raw) is False
    try:
        (event,) = SERVICE.read_postback(raw)
    except PostbackError as error:
        assert isinstance(error.raw, bytes)  # noqa: PT017 - either may come
        return
    assert event.at is None or event.at.tzinfo is UTC
    assert event.key.encode()
    assert pickle.loads(pickle.dumps(event)) == event


# -- signatures ----------------------------------------------------------------------------------


def signed(document: str, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), document.encode(), "sha256").hexdigest()


#: Queries and the documents that PHP's json_encode makes of them, written by hand.
DOCUMENTS = [
    ("a=1&b=2", r'{"a":"1","b":"2"}'),
    ("b=2&a=1", r'{"b":"2","a":"1"}'),
    ("own=x&message_id=7&&status=delivered", r'{"own":"x","message_id":"7","status":"delivered"}'),
    ("when=2031-02-03%2004%3A05&url=http%3A%2F%2Fa", r'{"when":"2031-02-03 04:05","url":"http:\/\/a"}'),
    ("text=caf%C3%A9+%F0%9F%8D%9E%0A%22", r'{"text":"caf\u00e9 \ud83c\udf5e\n\""}'),
    ("empty=&a=1", r'{"empty":"","a":"1"}'),
    ("a=1&b=2&a=3", r'{"a":"3","b":"2"}'),
    ("First+name=Noor&a.b=1", r'{"First name":"Noor","a.b":"1"}'),
    ("First+name=Noor&a.b=1", r'{"First_name":"Noor","a_b":"1"}'),
]  # fmt: skip
CHECKING = TransmitSMS(api_key="k", api_secret=SECRET, check_signature=True)


@pytest.mark.parametrize(("query", "document"), DOCUMENTS)
def test_signatures_follow_the_recipe(query: str, document: str) -> None:
    for signature in (signed(document), f" {signed(document).upper()} "):
        raw = RawPostback("GET", query, {"X-TransmitSMS-Signature": signature})
        assert SERVICE.verify_signature(raw)
        assert len(CHECKING.read_postback(raw)) == 1


@pytest.mark.parametrize(
    ("query", "document"),
    [
        (
            "message_id=8&mobile=12025550143&status=sent&message.id=7",
            r'{"message_id":"7","mobile":"12025550143","status":"sent"}',
        ),
        ("a_b=2&a+b=1", r'{"a_b":"1"}'),
    ],
)
def test_no_parameter_hides_behind_one_that_php_writes_alike(query: str, document: str) -> None:
    raw = RawPostback("GET", query, {"x-transmitsms-signature": signed(document)})
    assert not SERVICE.verify_signature(raw)
    with pytest.raises(PostbackError, match="signature"):
        CHECKING.read_postback(raw)


def test_with_signatures_only_what_is_signed_is_read() -> None:
    query = (
        "type=delete&list_id=7&mobile=12025550143&datetime_entry=2031-02-03+04%3A05%3A06&type=rye"
    )
    document = (
        r'{"type":"rye","list_id":"7","mobile":"12025550143",'
        r'"datetime_entry":"2031-02-03 04:05:06"}'
    )
    raw = RawPostback("GET", query, {"x-transmitsms-signature": signed(document)})
    (event,), (believed,) = CHECKING.read_postback(raw), SERVICE.read_postback(raw)
    assert isinstance(event, events.ListAction)
    assert isinstance(believed, events.ListAction)
    assert (event.action, event.raw["type"]) == ("unknown", "rye")
    assert (believed.action, believed.raw["type"]) == ("delete", ["delete", "rye"])


@pytest.mark.parametrize(
    "signature", [None, "", "x", "é", signed('{"a":"1"}', "other"), signed('{"a":"2"}'), "0" * 64]
)
def test_wrong_and_missing_signatures_are_told(signature: str | None) -> None:
    headers = {} if signature is None else {"x-transmitsms-signature": signature}
    raw = RawPostback("GET", "a=1", headers)
    assert SERVICE.verify_signature(raw) is False
    assert len(SERVICE.read_postback(raw)) == 1  # off unless asked for
    with pytest.raises(PostbackError, match="signature") as raised:
        CHECKING.read_postback(raw)
    assert raised.value.raw == b"a=1"


def test_without_a_secret_nothing_is_signed() -> None:
    raw = RawPostback("GET", "a=1", {"x-transmitsms-signature": signed('{"a":"1"}', "")})
    assert TransmitSMS(api_key="k").verify_signature(raw) is False
    with pytest.raises(ValueError, match="api_secret"):
        TransmitSMS(api_key="k", check_signature=True)


def test_what_cannot_be_read_is_not_signed() -> None:
    assert SERVICE.verify_signature(RawPostback("GET", "")) is False
