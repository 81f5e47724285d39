"""Answers of TransmitSMS: every golden document, in JSON and XML, becomes the right value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
from transmitsms_answers import GOLDEN, MESSAGE, SEND, SERVICE, answer, error_of, told
from transmitsms_calls import JSON_CALLS, XML_CALLS, D
from transmitsms_values import EXPECTED, NUMBER, REPLY, VMN, N

from mmsclient import events
from mmsclient.errors import (
    AuthenticationError,
    CallError,
    InsufficientCreditError,
    NotFoundError,
    RefusedError,
    ThrottledError,
)
from mmsclient.outcomes import Accepted, Page

if TYPE_CHECKING:
    from mmsclient.wire import PagedCall

REFUSED: dict[str, tuple[int, type[CallError], str]] = {
    "over-limit": (429, ThrottledError, "OVER_LIMIT"),
    "auth-failed": (401, AuthenticationError, "AUTH_FAILED"),
    "send-sms-refused": (400, RefusedError, "FIELD_INVALID"),
    "recipients-error": (400, RefusedError, "RECIPIENTS_ERROR"),
    "already-sent": (400, RefusedError, "ALREADY_SENT"),
    "not-found": (400, NotFoundError, "NOT_FOUND"),
    "ledger-error": (400, InsufficientCreditError, "LEDGER_ERROR"),
}


@pytest.mark.parametrize("kind", ["json", "xml"])
@pytest.mark.parametrize("name", EXPECTED)
def test_each_answer_becomes_its_value(name: str, kind: str) -> None:
    called = JSON_CALLS if kind == "json" else XML_CALLS
    value = called[name].decode(answer(name, kind))
    assert value.raw  # nothing is lost
    if isinstance(value, Page):
        assert all(row.raw for row in value.items)
        value = attrs.evolve(value, raw={})
    assert value == EXPECTED[name]


@pytest.mark.parametrize("kind", ["json", "xml"])
@pytest.mark.parametrize("name", REFUSED)
def test_each_refusal_becomes_its_error(name: str, kind: str) -> None:
    status, error, code = REFUSED[name]
    response = answer(name, kind, status)
    found = error_of(response.body, status)
    assert (type(found), found.code, found.http_status) == (error, code, status)
    assert (found.operation, found.raw) == ("send-sms", response.body)


def test_every_golden_answer_is_read_in_both_forms() -> None:
    assert set(EXPECTED) == set(JSON_CALLS)
    for kind in ("json", "xml"):
        named = {path.name.removesuffix(f"-answer.{kind}") for path in GOLDEN.glob(f"*.{kind}")}
        bare = {"get-lists-without-items", "get-numbers-without-items"} & {*named}
        assert named - bare == {*EXPECTED, *REFUSED}


def test_rows_of_older_pages_have_nothing_around_them() -> None:
    lists = XML_CALLS["get-lists"].decode(answer("get-lists-without-items", "xml"))
    first, second = EXPECTED["get-lists"].items
    assert lists.items == (attrs.evolve(first, fields={}), second)
    numbers = XML_CALLS["get-numbers"].decode(answer("get-numbers-without-items", "xml"))
    assert numbers.items == (NUMBER,)


def test_either_form_is_read_whichever_was_asked_for() -> None:
    asked_json, asked_xml = JSON_CALLS["get-sms"], XML_CALLS["get-sms"]
    assert asked_json.decode(answer("get-sms", "xml")) == asked_xml.decode(answer("get-sms"))


def test_an_accepted_message_is_linked_to_what_was_sent() -> None:
    accepted = SEND.decode(answer("send-sms"))
    assert accepted == Accepted(
        id="880143", to=N, message=MESSAGE, reference="order-117", raw=accepted.raw
    )
    assert accepted.raw["delivery_stats"]["pending"] == 0


def test_inbound_messages_are_events_with_the_keys_of_their_callbacks() -> None:
    found = SERVICE.inbox().page(2).decode(answer("get-user-sms-responses"))
    assert (found.number, found.count, found.total) == (2, 3, 22)
    first, second = found.items
    assert type(first) is events.InboundMessage
    assert (first.service, first.kind, first.key) == ("transmitsms", "reply", "reply|660001")
    assert (first.id, first.answers, first.sender, first.to) == ("660001", "880143", N, VMN)
    assert (first.text, first.at, first.opts_out) == ("Two ryes, please", REPLY.received_at, False)
    assert (second.text, second.to, second.raw["first_name"]) == ("42", None, "Noor")
    key = SERVICE.inbox().key
    assert key is not None
    assert [key(event) for event in found.items] == ["reply|660001", "reply|660000"]


def test_replies_without_an_id_keep_apart() -> None:
    rows = [
        {"msisdn": 12025550143, "response": "a", "received_at": "2031-02-03 04:05:06"},
        {"msisdn": 12025550143, "response": "b", "received_at": "2031-02-03 04:05:06"},
        {"id": 0, "message_id": 0, "response": "half \ud83d"},
    ]
    for listing in (SERVICE.inbox(), SERVICE.get_sms_responses(message_id=1)):
        found: Page[Any] = listing.page(1).decode(told({"responses": rows}))
        assert listing.key is not None
        assert len({listing.key(row) for row in found.items}) == 3


LISTINGS: dict[str, PagedCall[Any]] = {
    "get-sms-responses": SERVICE.get_sms_responses(message_id=1),
    "get-user-sms-responses": SERVICE.get_user_sms_responses(),
    "get-user-sms-sent": SERVICE.get_user_sms_sent(start=D, end=D),
    "get-message-report": SERVICE.get_message_report(),
    "get-lists": SERVICE.get_lists(),
    "get-numbers": SERVICE.get_numbers(),
    "get-clients": SERVICE.get_clients(),
    "get-transactions": SERVICE.get_transactions(client_id=1),
}


@pytest.mark.parametrize("name", LISTINGS)
def test_rows_with_an_id_are_told_apart_by_it(name: str) -> None:
    listing = LISTINGS[name]
    assert listing.key is not None
    once, again = (listing.page(1).decode(answer(name)).items for _ in range(2))
    keys = [listing.key(row) for row in once]
    assert len({*keys}) == len(keys) > 0
    assert keys == [listing.key(row) for row in again]
