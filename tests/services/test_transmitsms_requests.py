"""Requests of TransmitSMS: every call against its golden form, and what is refused before it."""

from __future__ import annotations

import base64
import inspect
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transmitsms_answers import GOLDEN, KEY, MESSAGE, SECRET, SEND, SERVICE, XML

from mmsclient.messages import Sms
from mmsclient.services.transmitsms import TransmitSMS
from mmsclient.services.transmitsms.calls import Calls
from mmsclient.wire import Call, PagedCall, Rate

HERE = timezone(-timedelta(hours=5))
SITE = "https://www.example.net/"
N = "12025550143"
VMN = "12025550100"

SECRETS: dict[str, Any] = {"password": "long and secret", "api_secret": "a-secret"}

CALLS: dict[str, Call[Any]] = {
    "send-sms": SERVICE.send_sms(
        text="Fresh at 7, [firstname]! [tracked-link]",
        to=["+1 (202) 555-0143", "12025550144"],
        sender="Bakery",
        send_at=datetime(2031, 2, 3, 4, 5, 6, 789, tzinfo=HERE),
        validity=90,
        replies_to_email="orders@example.net",
        tracked_link_url=SITE + "menu?day=7",
        dlr_callback=SITE + "dlr?order=117",
        reply_callback=SITE + "reply",
        link_hits_callback=SITE + "hits",
        from_shared=True,
    ),
    "send-sms-to-list": SERVICE.send_sms(
        text="Rye & spelt €3", list_id=4471, sender="+1 202 555 0100"
    ),
    "send-sms-local": SERVICE.send_sms(text="Hello", to="0491 570 156", countrycode="au"),
    "send-message": SEND,
    "batch": SERVICE.batch(
        [Sms(to=f"1202555014{n}", sender="70707", text="Fresh at 7") for n in (3, 4, 5)]
    ),
    "cancel-sms": SERVICE.cancel_sms(id="880143"),
    "format-number": SERVICE.format_number(msisdn="0491 570-156", countrycode="au"),
    "get-sms-responses": SERVICE.get_sms_responses(
        keyword="RYE", number=VMN, msisdn=N, include_original=True, max=25
    ).page(3),
    "get-user-sms-responses": SERVICE.get_user_sms_responses(
        keywords="omit", number=VMN, include_original=False
    ).page(1),
    "inbox": SERVICE.inbox().page(2),
    "message-reply": SERVICE.message_reply(text="Yes", sender=N, to=VMN),
    "get-message-log": SERVICE.get_message_log(message_id="880143", mobile=N),
    "get-sms": SERVICE.get_sms(message_id=880143),
    "get-sms-stats": SERVICE.get_sms_stats(message_id="880143"),
    "get-sms-delivery-status": SERVICE.get_sms_delivery_status(message_id="880143", msisdn=N),
    "get-sms-sent": SERVICE.get_sms_sent(
        message_id="880143", list_id="4471", optouts="omit", delivery="failed", max=50
    ).page(2),
    "get-sms-sent-count": SERVICE.get_sms_sent_count(start=date(2031, 2, 1), end=date(2031, 2, 8)),
    "get-user-sms-sent": SERVICE.get_user_sms_sent(
        start=datetime(2031, 2, 1, tzinfo=HERE),
        end=date(2031, 2, 3),
        msisdn=N,
        response_style="array",
    ).page(1),
    "get-contact-sms-stats": SERVICE.get_contact_sms_stats(
        mobile="0491 570 156",
        countrycode="au",
        start=date(2031, 2, 1),
        end=date(2031, 2, 3),
        sort_field="datetime_send",
        order="desc",
    ).page(1),
    "get-message-report": SERVICE.get_message_report(
        start=date(2031, 1, 4),
        end=date(2031, 2, 3),
        list_id="4471",
        number=VMN,
        type="campaign",
        response_style="array",
    ).page(1),
    "get-link-hits": SERVICE.get_link_hits(message_id="880143", page=2, max=10),
    "get-balance": SERVICE.get_balance(),
    "get-lists": SERVICE.get_lists().page(1),
    "get-list": SERVICE.get_list(
        list_id="4471", members="inactive", response_style="array", max=10
    ).page(7),
    "add-list": SERVICE.add_list(name="Regulars", field_1="Email", field_10="Favourite loaf"),
    "add-field-to-list": SERVICE.add_field_to_list(
        list_id="4471", field_4="Allergy", response_style="array"
    ),
    "remove-list": SERVICE.remove_list(list_id="4471"),
    "add-to-list": SERVICE.add_to_list(
        list_id="4471",
        msisdn="0491 570 156",
        countrycode="au",
        first_name="Noor",
        last_name="Baker",
        field_1="noor@example.net",
    ),
    "edit-list-member": SERVICE.edit_list_member(
        list_id="4471", msisdn=N, first_name="Noor", last_name="", field_2="", field_3=None
    ),
    "get-contact": SERVICE.get_contact(list_id="4471", msisdn=N, response_style="array"),
    "delete-from-list": SERVICE.delete_from_list(
        list_id="4471", msisdn="0491 570 156", countrycode="au"
    ),
    "delete-from-all-lists": SERVICE.delete_from_list(all_lists=True, msisdn=N),
    "optout-list-member": SERVICE.optout_list_member(list_id="4471", msisdn=N),
    "optout-of-all-lists": SERVICE.optout_list_member(all_lists=True, msisdn=N),
    "add-contacts-bulk": SERVICE.add_contacts_bulk(
        name="Newcomers",
        file_url="https://files.example.net/newcomers.csv",
        countrycode="us",
        field_1="Email",
    ),
    "add-contacts-bulk-progress": SERVICE.add_contacts_bulk_progress(list_id="4471"),
    "get-numbers": SERVICE.get_numbers(filter="available").page(1),
    "get-number": SERVICE.get_number(number=VMN),
    "lease-number": SERVICE.lease_number(number="12025550101", forward_url=SITE + "in"),
    "edit-number-options": SERVICE.edit_number_options(
        number=VMN,
        forward_email="orders@example.net",
        forward_sms=[N, "12025550144"],
        forward_url=SITE + "in",
        list_id="4471",
        welcome_message="Welcome",
        members_message="Welcome back",
    ),
    "get-sender-ids": SERVICE.get_sender_ids(),
    "add-keyword": SERVICE.add_keyword(
        keyword="RYE",
        number=VMN,
        reference="Rye club",
        list_id="4471",
        welcome_message="Welcome",
        members_message="Welcome back",
        activate=False,
        forward_url=SITE + "rye",
        forward_email=["orders@example.net", "noor@example.net"],
        forward_sms=N,
    ),
    "edit-keyword": SERVICE.edit_keyword(keyword="RYE", number=VMN, status="Closed"),
    "get-keywords": SERVICE.get_keywords(number=VMN).page(1),
    "add-email": SERVICE.add_email(email="*@example.net", max_sms=4, number=VMN),
    "delete-email": SERVICE.delete_email(email="orders@example.net"),
    "add-client": SERVICE.add_client(
        name="Corner Bakery",
        email="corner@example.net",
        msisdn=N,
        contact="Noor Baker",
        timezone="America/New_York",
        client_pays=True,
        sms_margin=Decimal("0.25"),
        number_margin=150,
        payment_method="fixed",
        fixed_top_up_amount=20,
        **SECRETS,
    ),
    "edit-client": SERVICE.edit_client(
        client_id="77",
        name="Corner Bakery",
        contact="Noor Baker",
        email="corner@example.net",
        password=SECRETS["password"],
        msisdn="12025550144",
        timezone="America/New_York",
        client_pays=False,
        sms_margin=1,
    ),
    "get-client": SERVICE.get_client(client_id="77"),
    "get-clients": SERVICE.get_clients().page(1),
    "get-transactions": SERVICE.get_transactions(
        client_id="77", start=date(2031, 1, 1), end=date(2031, 2, 1)
    ).page(4),
    "get-transaction": SERVICE.get_transaction(id=990017),
}

#: Golden forms that are named after what is special about them.
NAMED = {
    "send-sms-to-list": "send-sms",
    "send-sms-local": "send-sms",
    "send-message": "send-sms",
    "batch": "send-sms",
    "inbox": "get-user-sms-responses",
    "delete-from-all-lists": "delete-from-list",
    "optout-of-all-lists": "optout-list-member",
}
PURE_READS = {"format-number", "add-contacts-bulk-progress"}


@pytest.mark.parametrize("name", CALLS)
def test_each_call_writes_its_form(name: str) -> None:
    lines = (GOLDEN / f"{name}-request.txt").read_text(encoding="utf-8").split()
    assert CALLS[name].request.body.decode() == "&".join(lines)


@pytest.mark.parametrize("name", CALLS)
def test_each_call_is_one_post_to_a_path_of_its_own(name: str) -> None:
    call, operation = CALLS[name], NAMED.get(name, name)
    assert call.operation == operation
    assert call.request.method == "POST"
    assert call.request.url == f"https://api.transmitsms.com/{operation}.json"
    assert call.request.headers == {
        "content-type": "application/x-www-form-urlencoded",
        "authorization": "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode(),
    }


@pytest.mark.parametrize("name", CALLS)
def test_only_pure_reads_may_be_repeated(name: str) -> None:
    call = CALLS[name]
    read = call.operation.startswith("get-") or call.operation in PURE_READS
    assert call.repeatable is read
    assert len(call.messages) == {"send-message": 1, "batch": 3}.get(name, 0)


def test_every_golden_request_is_compared() -> None:
    assert {path.stem for path in GOLDEN.glob("*-request.txt")} == {f"{n}-request" for n in CALLS}


def test_every_call_has_its_method_and_every_method_its_call() -> None:
    own = {
        name
        for group in TransmitSMS.__mro__
        if issubclass(group, Calls) and group not in {TransmitSMS, Calls}
        for name in vars(group)
        if name[0] != "_"
    }
    assert own == {call.operation.replace("-", "_") for call in CALLS.values()}


def test_the_form_of_answers_is_the_end_of_the_path() -> None:
    assert XML.get_sms(message_id=1).request.url == "https://api.transmitsms.com/get-sms.xml"
    own = TransmitSMS(api_key="k", url="https://sms.example.net/v/")
    assert own.get_balance().request.url == "https://sms.example.net/v/get-balance.json"


def test_a_long_credential_is_one_line() -> None:
    service = TransmitSMS(api_key="k" * 90, api_secret="ß:" + "s" * 400)
    said = service.get_balance().request.headers["authorization"]
    assert "\n" not in said
    expected = f"{'k' * 90}:ß:{'s' * 400}"
    assert base64.b64decode(said.removeprefix("Basic ")).decode() == expected


def sent(call: Call[Any]) -> dict[str, str]:
    return dict(parse_qsl(call.request.body.decode(), keep_blank_values=True))


def test_custom_fields_come_as_a_list_in_xml_unless_asked_otherwise() -> None:
    assert sent(XML.get_lists().page(1))["response_style"] == "array"
    assert "response_style" not in sent(XML.get_lists(response_style="plain").page(1))
    plain = TransmitSMS(api_key="k", format="xml", response_style="plain")
    assert "response_style" not in sent(plain.get_lists().page(1))
    array = TransmitSMS(api_key="k", response_style="array")
    assert sent(array.add_list(name="a"))["response_style"] == "array"


def test_what_is_not_given_is_not_sent() -> None:
    assert sent(SERVICE.send_sms(text="a", to=N)) == {"message": "a", "to": N}
    assert sent(SERVICE.add_to_list(list_id=1, msisdn=N, last_name=" ")) == {
        "list_id": "1",
        "msisdn": N,
    }
    bare = Sms(to=N, text="a", sender=" ", reference="r", from_mask="Bakery", campaign_ref="c")
    assert sent(SERVICE.send(bare)) == {"message": "a", "to": N}


def test_an_empty_custom_field_is_sent_only_where_it_clears_one() -> None:
    assert sent(SERVICE.add_list(name="a", field_1="", field_2=None)) == {"name": "a"}
    assert sent(SERVICE.edit_list_member(list_id=1, msisdn=N, field_1="")) == {
        "list_id": "1",
        "msisdn": N,
        "field_1": "",
    }


def test_a_zero_that_is_given_is_sent() -> None:
    assert sent(SERVICE.send_sms(text="a", to=N, validity=0))["validity"] == "0"


def test_names_of_senders_keep_their_case_and_numbers_lose_their_marks() -> None:
    assert sent(SERVICE.send(Sms(to=N, text="a", sender=" BakerY ")))["from"] == "BakerY"
    assert sent(SERVICE.send(Sms(to=N, text="a", sender="+1 202-555-0100")))["from"] == VMN


def test_what_the_service_promises_of_its_rows() -> None:
    assert (SERVICE.name, SERVICE.rate, SERVICE.largest_batch) == ("transmitsms", Rate(2), 500)
    unique = {
        "get-sms-responses": SERVICE.get_sms_responses(message_id=1),
        "get-user-sms-responses": SERVICE.get_user_sms_responses(),
        "get-user-sms-sent": SERVICE.get_user_sms_sent(
            start=date(2031, 1, 1), end=date(2031, 1, 1)
        ),
        "get-message-report": SERVICE.get_message_report(),
        "get-lists": SERVICE.get_lists(),
        "get-numbers": SERVICE.get_numbers(),
        "get-clients": SERVICE.get_clients(),
        "get-transactions": SERVICE.get_transactions(client_id=1),
    }
    open_ones = {
        "get-sms-sent": SERVICE.get_sms_sent(message_id=1),
        "get-contact-sms-stats": SERVICE.get_contact_sms_stats(mobile=N),
        "get-list": SERVICE.get_list(list_id=1),
        "get-keywords": SERVICE.get_keywords(),
    }
    listings: dict[str, PagedCall[Any]] = {**unique, **open_ones}
    for name, listing in listings.items():
        assert (listing.operation, listing.size) == (name, None)
        assert (listing.key is not None) == (name in unique)
        assert "list" not in repr(listing).replace(name, "")


def test_no_method_takes_a_card() -> None:
    taken = {
        parameter
        for _, method in inspect.getmembers(TransmitSMS, inspect.isfunction)
        for parameter in inspect.signature(method).parameters
    }
    assert not {name for name in taken if "card" in name}
    assert not hasattr(TransmitSMS, "add_credit")


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(text=ANY_TEXT.filter(str.strip).filter(lambda said: "[tracked-link]" not in said))
def test_any_text_arrives_as_it_left(text: str) -> None:
    assert sent(SERVICE.send(Sms(to=MESSAGE.to, text=text)))["message"] == text
