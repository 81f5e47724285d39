"""Answers of Cellcast's Bearer API: every golden document becomes the right value or error."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from cellcast_answers import (
    BEARER,
    MESSAGE,
    NUMBER,
    OTHER,
    PNG,
    QUEUE,
    THIRD,
    answer,
    error_of,
    told,
)

from mmsclient.errors import (
    AuthenticationError,
    InsufficientCreditError,
    NotFoundError,
    RefusedError,
    UnreadableReplyError,
)
from mmsclient.outcomes import Accepted, DeliveryStatus
from mmsclient.services.cellcast import (
    Balance,
    Confirmation,
    CreditUsage,
    CustomNumber,
    MessageReport,
    OptedOut,
    OptOutPage,
    RefusedNumber,
)

if TYPE_CHECKING:
    from mmsclient.wire import Call, PagedCall

ID = "6a00000000000000000000a1"


def test_an_accepted_text_is_linked_to_what_was_sent() -> None:
    accepted = QUEUE.decode(answer("bearer-gateway"))
    assert accepted == Accepted(
        id=ID, to=NUMBER, message=MESSAGE, reference="order-117", raw=accepted.raw
    )


@pytest.mark.parametrize(
    "call",
    [
        BEARER.gateway(to=[NUMBER, OTHER, THIRD], text="t"),
        BEARER.send_sms(to=[NUMBER, OTHER, THIRD], text="t"),
        BEARER.send_sms_template(template_id="1", to=[NUMBER, OTHER, THIRD]),
        BEARER.gatewaymms(to=[NUMBER, OTHER, THIRD], text="t", image=PNG),
        BEARER.send_mms(to=[NUMBER, OTHER, THIRD], text="t", image=PNG),
    ],
)
def test_a_send_tells_whom_it_refused_and_why(call: Call[Any]) -> None:
    sent = call.decode(answer("bearer-gateway-partly"))
    (message,) = sent.messages
    assert (message.id, message.to) == ("6a00000000000000000000a3", THIRD)
    assert sent.refused == (
        RefusedNumber(to=NUMBER, why="not a mobile"),
        RefusedNumber(to=OTHER),
    )
    assert sent.refused[0].raw["ErrorType"] == "number"
    assert sent.unknown == ()


def test_a_send_that_refuses_everybody_is_refused() -> None:
    call = BEARER.gateway(to=[NUMBER, OTHER], text="t")
    error = error_of(answer("bearer-gateway-partly").body, call=call)
    assert isinstance(error, RefusedError)
    assert error.concerns == "message"


def test_a_switch_that_is_off_is_a_refusal_of_the_message() -> None:
    error = error_of(answer("bearer-gateway-refused").body, call=QUEUE)
    assert isinstance(error, RefusedError)
    assert (error.code, error.description) == (None, "This contact wants no messages")
    assert (error.concerns, error.may_have_happened) == ("message", False)


def test_too_little_credit_and_an_old_token() -> None:
    error = error_of(answer("bearer-no-credit").body, 422, call=QUEUE)
    assert isinstance(error, InsufficientCreditError)
    assert error.description == "Top up first"
    for status in (200, 401):
        old = error_of(answer("bearer-expired").body, status, call=BEARER.account())
        assert isinstance(old, AuthenticationError)
        assert (old.code, old.description) == ("AUTH_FAILED", "Token too old")


def test_how_far_a_message_has_come() -> None:
    report = BEARER.get_sms(message_id=ID).decode(answer("bearer-message"))
    assert report == MessageReport(
        id=ID,
        status=DeliveryStatus.DELIVERED,
        words="delivered",
        final=True,
        to="491570006",
        sender="61491570110",
        text="Rye at 7",
        reference="order-117",
        sent_at=datetime(2031, 2, 3, 3, 5, 8, tzinfo=UTC),
        created_at=datetime(2031, 2, 3, 3, 5, 6, 789_000, tzinfo=UTC),
        parts=2,
        credits_used=Decimal(2),
    )


def test_reports_have_numbers_in_one_form() -> None:
    row = {"_id": ID, "status": "received", "receiver": f"+{NUMBER}", "sender": "+61 491 570 110"}
    report = BEARER.get_sms(message_id=ID).decode(told({"status": True, "data": row}))
    assert (report.to, report.sender) == (NUMBER, OTHER)
    assert report.raw["receiver"] == f"+{NUMBER}"
    assert (report.status, report.final) == (DeliveryStatus.PENDING, False)


@pytest.mark.parametrize(
    "listing",
    [
        *(BEARER.report_message(), BEARER.get_responses(), BEARER.inbox(), BEARER.get_optout()),
        *(BEARER.quick_api_credit_usage(), BEARER.custom_number(), BEARER.optoutlist()),
    ],
    ids=lambda listing: listing.operation,
)
def test_nothing_to_return_is_an_empty_page(listing: PagedCall[Any]) -> None:
    for status in (200, 400, 404):
        page = listing.page(3).decode(answer("not-found", status))
        assert (page.items, page.number, page.count, page.total) == ((), 3, 0, 0)


@pytest.mark.parametrize("data", [{}, [], None])
def test_a_message_that_is_not_there_is_not_found(data: Any) -> None:
    tree = {"status": True, "data": data}
    error = error_of(told(tree).body, call=BEARER.get_sms(message_id=ID))
    assert isinstance(error, NotFoundError)


def test_pages_are_counted_without_a_block() -> None:
    page = BEARER.report_message().page(2).decode(answer("bearer-messages"))
    assert (page.number, page.count, page.total) == (2, 2, 12)
    first, second = page.items
    assert (first.id, second.status) == (ID, DeliveryStatus.REJECTED)
    assert (second.parts, second.to) == (None, None)
    key = BEARER.report_message().key
    assert key is not None
    assert (key(first), key(second)) == (first.id, second.id)


def test_inbound_messages_without_ids_are_told_apart() -> None:
    page = BEARER.get_responses().page(2).decode(answer("bearer-responses"))
    assert [(row.id, row.text) for row in page.items] == [(None, "Rye"), (None, "Rye")]
    listing = BEARER.inbox()
    rows = listing.page(2).decode(answer("bearer-responses")).items
    assert listing.key is not None
    assert len({listing.key(row) for row in rows}) == 2
    assert rows[0].at == datetime(2031, 2, 3, 3, 5, 6, 789_000, tzinfo=UTC)
    assert (rows[0].id, rows[0].channel) == (None, "sms")


def test_the_other_listings() -> None:
    (person,) = BEARER.get_optout().page(2).decode(answer("bearer-optout")).items
    assert person == OptedOut(
        number="491570006",
        first_name="Noor",
        last_name="Rye",
        post_code="3000",
        dob="2001-02-03",
    )
    usage = BEARER.quick_api_credit_usage().page(2).decode(answer("bearer-credit-usage")).items
    assert usage[0] == CreditUsage(name="shop", total=17, credits_used=Decimal("9.1"))
    (number,) = BEARER.custom_number().page(2).decode(answer("bearer-custom-number")).items
    assert number == CustomNumber(id="6a00000000000000000000c1", name="Shop", number="61491570006")
    pages = BEARER.optoutlist().page(2).decode(answer("bearer-optoutlist")).items
    assert pages == (
        OptOutPage(title="Bread news", description="Sorry", options=("Too much", "Too dry")),
        OptOutPage(id="6a00000000000000000000d2", title="Stop"),
    )


def test_the_balance_is_exact() -> None:
    assert BEARER.account().decode(answer("bearer-account")) == Balance(
        account_name="Bakery",
        account_email="shop@example.net",
        sms_balance=Decimal("1234.5"),
        mms_balance=Decimal(7),
    )


@pytest.mark.parametrize(
    "call",
    [
        BEARER.verify_token(),
        BEARER.cancel_schedule_quick_message(message_id=ID, type="sms"),
        BEARER.delete_message(message_id=ID),
        BEARER.create_template(name="a", text="b"),
        BEARER.custom_number_add(name="a", number=NUMBER),
        BEARER.verify_custom_number(name="a", number=NUMBER, otp="1"),
    ],
)
def test_a_yes_without_content(call: Call[Any]) -> None:
    done = call.decode(answer("bearer-done"))
    assert done == Confirmation(words="Done")
    assert done.raw["data"] == {"message": ID}


def test_an_opt_out_page_that_was_made() -> None:
    call = BEARER.create_optoutlist(title="Bread news", description="Sorry", options=["Too much"])
    made = call.decode(answer("bearer-create-optoutlist"))
    assert made == OptOutPage(title="Bread news", description="Sorry", options=("Too much",))


def test_what_is_not_there_cannot_be_deleted_but_may_be_gone_already() -> None:
    call = BEARER.delete_message(message_id=ID)
    missing = answer("bearer-not-found", 404)
    error = error_of(missing.body, 404, call=call)
    assert isinstance(error, NotFoundError)
    assert error.description == "No such message"
    assert call.decode_again is not None
    assert call.decode_again(missing) == Confirmation()
    assert BEARER.get_sms(message_id=ID).decode_again is None
    # A 404 of a server in between says nothing about the message.
    bare = error_of(b"<html>", 404, call=call)
    assert not isinstance(bare, NotFoundError)


def test_a_queue_that_does_not_name_the_number_is_open() -> None:
    row = {"MessageId": "1", "Number": "+61491570999"}
    tree = {"status": True, "data": {"queueResponse": [row]}}
    assert isinstance(error_of(told(tree).body, call=QUEUE), UnreadableReplyError)
