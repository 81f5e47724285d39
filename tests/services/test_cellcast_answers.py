"""Answers of Cellcast's v3: every golden document becomes the right value or the right error."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from cellcast_answers import (
    MESSAGE,
    MESSAGES,
    META,
    NEITHER,
    NUMBER,
    OK,
    OTHER,
    PICTURE,
    PNG,
    QUEUED,
    SEND,
    SEND_MMS,
    SERVICE,
    THIRD,
    answer,
    error_of,
    told,
)

from mmsclient.errors import (
    AuthenticationError,
    CallError,
    InsufficientCreditError,
    NotFoundError,
    RefusedError,
    ServiceFailedError,
    ThrottledError,
    UnreadableReplyError,
)
from mmsclient.messages import Sms
from mmsclient.outcomes import Accepted, DeliveryStatus, Page
from mmsclient.services.cellcast import (
    Balance,
    Cellcast,
    Confirmation,
    MessageReport,
    MessageTemplate,
    OptedOut,
    RefusedNumber,
    Response,
    SentMessage,
)

if TYPE_CHECKING:
    from mmsclient.wire import Call

ID = "7C1D0B2A-0000-4000-8000-00000000000"
NOTHING: list[Any] = [{}, [], None, ""]
SUMMER = datetime(2031, 2, 3, 3, 5, 6, tzinfo=UTC)  # 14:05:06 in Melbourne
WINTER = datetime(2031, 7, 3, 4, 5, 6, tzinfo=UTC)


def test_an_accepted_text_is_linked_to_what_was_sent() -> None:
    accepted = SEND.decode(answer("send-sms"))
    assert accepted == Accepted(
        id=ID + "1", to=NUMBER, message=MESSAGE, reference="order-117", raw=accepted.raw
    )
    assert accepted.raw["low_sms_alert"] == "Little credit is left: 12.50"
    assert accepted.raw["data"]["messages"][0]["direction"] == "out"


@pytest.mark.parametrize("name", ["send-sms", "send-sms-bare", "send-sms-partly", "send-mms"])
def test_the_row_of_the_number_is_found_in_any_form(name: str) -> None:
    accepted = SEND.decode(answer(name)) if name != "send-mms" else SEND_MMS.decode(answer(name))
    assert accepted.id == ID + ("4" if name == "send-mms" else "1")
    assert accepted.to == NUMBER
    assert accepted.message is (PICTURE if name == "send-mms" else MESSAGE)


def test_the_overview_form_of_an_answer_is_understood_too() -> None:
    assert SEND.decode(answer("send-sms-overview")).id == ID + "1"


def test_a_send_tells_all_that_the_answer_tells() -> None:
    sent = SERVICE.send_sms(to=NUMBER, text="Rye at 7").decode(answer("send-sms"))
    (message,) = sent.messages
    assert message == SentMessage(
        id=ID + "1",
        to=NUMBER,
        sender="Bakery",
        text="Rye at 7",
        reference="order-117",
        at=SUMMER,
    )
    assert message.raw["direction"] == "out"
    assert (sent.total_numbers, sent.success_number, sent.credits_used) == (1, 1, Decimal(1))
    assert sent.low_sms_alert == "Little credit is left: 12.50"
    assert (sent.refused, sent.unknown) == ((), ())
    bare = SERVICE.send_sms(to=NUMBER, text="Rye at 7").decode(answer("send-sms-bare"))
    assert (bare.total_numbers, bare.success_number) == (1, 1)
    assert (bare.credits_used, bare.low_sms_alert) == (Decimal("1.33"), None)
    assert (bare.messages[0].to, bare.messages[0].reference) == ("61491570006", None)
    assert bare.messages[0].at == WINTER


def test_numbers_that_the_answer_leaves_out_are_refused() -> None:
    call = SERVICE.send_sms(to=[NUMBER, OTHER, THIRD], text="Rye at 7")
    sent = call.decode(answer("send-sms-partly"))
    assert [message.id for message in sent.messages] == [ID + "1", ID + "3"][::-1]
    assert sent.refused == (RefusedNumber(to=OTHER),)
    assert sent.unknown == ()
    assert [message.at for message in sent.messages] == [SUMMER, None]


def test_numbers_that_the_answer_counts_and_does_not_list_are_open() -> None:
    call = SERVICE.send_mms(to=[NUMBER, OTHER], text="Rye", image=PNG)
    sent = call.decode(answer("send-mms"))
    assert (sent.refused, sent.unknown) == ((), (OTHER,))
    assert sent.messages[0].subject == "Fresh at 7"


@pytest.mark.parametrize(
    "call",
    [
        SERVICE.send_sms(to=NUMBER, text="t"),
        SERVICE.send_sms_template(template_id="1", to=NUMBER),
        SERVICE.send_sms_nz(to="6421000006", text="t", sender="7070"),
        SERVICE.send_mms(to=NUMBER, text="t", image=PNG),
    ],
)
def test_a_send_without_its_proof_is_open(call: Call[Any]) -> None:
    for data in (*NOTHING, *({"messages": nothing} for nothing in NOTHING)):
        error = error_of(told({"meta": META, "msg": "Queued", "data": data}).body, call=call)
        assert isinstance(error, UnreadableReplyError)
    stray = {"messages": [{"message_id": "1", "to": f"+{THIRD}"}]}
    error = error_of(told({"meta": META, "data": stray}).body, call=call)
    assert isinstance(error, UnreadableReplyError)


@pytest.mark.parametrize(
    ("name", "status", "kind", "code", "description"),
    [
        ("auth-failed", 401, AuthenticationError, "AUTH_FAILED", "No such key"),
        (
            "no-credit",
            400,
            InsufficientCreditError,
            "FIELD_INVALID",
            "There is not enough credit for this",
        ),
        ("over-limit", 429, ThrottledError, "OVER_LIMIT", "Slow down"),
        ("over-limit", 200, ThrottledError, "OVER_LIMIT", "Slow down"),
        ("over-limit-overview", 200, ThrottledError, "OVER_LIMIT", "Slow down"),
        ("not-found", 400, NotFoundError, "NOT_FOUND", "Nothing here"),
    ],
)
def test_refused_calls(
    name: str, status: int, kind: type[CallError], code: str, description: str
) -> None:
    for call in (SEND, SERVICE.account()):
        error = error_of(answer(name).body, status, call=call)
        assert type(error) is kind
        assert (error.code, error.description) == (code, description)
        assert (error.http_status, error.raw) == (status, answer(name).body)
        assert error.operation == call.operation
        assert error.may_have_happened is False


# -- bulk-send-sms -------------------------------------------------------------------------------

BULK = SERVICE.bulk_send_sms([Sms(to=number, text="t") for number in (NUMBER, OTHER, THIRD)])


def test_each_item_of_a_bulk_send_has_its_own_result() -> None:
    good, refused, open_ = BULK.decode(answer("bulk-send-sms")).results
    assert good.sent is not None
    assert good.sent.messages[0].id == ID + "1"
    assert good.error is None
    assert isinstance(refused.error, RefusedError)
    assert (refused.error.code, refused.sent) == ("RECIPIENTS_ERROR", None)
    assert isinstance(open_.error, UnreadableReplyError)


def test_an_error_for_a_whole_bulk_send_is_one_object() -> None:
    error = error_of(answer("bulk-send-sms-refused").body, 400, call=BULK)
    assert isinstance(error, RefusedError)
    assert error.code == "FIELD_EMPTY"


@pytest.mark.parametrize(
    "tree", [[], [{}], [{}] * 4, {}, {"meta": META, "data": MESSAGES}, "x", None, 7]
)
def test_a_bulk_answer_of_another_shape_is_open(tree: Any) -> None:
    assert isinstance(error_of(told(tree).body, call=BULK), UnreadableReplyError)


BY_STATUS: list[tuple[int, type[CallError]]] = [
    (429, ThrottledError),
    *((status, AuthenticationError) for status in (401, 403)),
    *((status, InsufficientCreditError) for status in (402, 422)),
    *((status, ServiceFailedError) for status in (500, 503)),
    (400, RefusedError),
    *((status, UnreadableReplyError) for status in (200, 302, 408)),
]


@pytest.mark.parametrize(("status", "kind"), BY_STATUS)
def test_a_list_that_does_not_tell_does_not_hide_the_status(
    status: int, kind: type[CallError]
) -> None:
    texts = [Sms(to=number, text=f"t{number}") for number in (NUMBER, OTHER, THIRD)]
    refused = {"meta": {"code": 400, "status": "RECIPIENTS_ERROR"}}
    for call in (BULK, SERVICE.batch(texts)):
        trees: list[Any] = [[], [{}], [refused], [None] * 4]
        if status != 200:
            trees += [[{}] * 3, [None] * 3, ["busy", {}, 7]]
        for tree in trees:
            error = error_of(told(tree).body, status, {"Retry-After": "3"}, call=call)
            assert type(error) is kind
            assert (error.http_status, error.retry_after) == (status, 3.0)
        # A yes that says more than the status leaves it open.
        short = told([{"meta": META, "data": MESSAGES}])
        assert type(error_of(short.body, status, call=call)) is UnreadableReplyError
    one, other, third = BULK.decode(told([refused, {}, None], status)).results
    assert isinstance(one.error, RefusedError)
    assert type(other.error) is type(third.error) is kind


def test_rows_that_have_their_places_for_names_are_rows() -> None:
    rows = {"0": {"message_id": "1", "body": "a"}, "1": {"message_id": "2", "body": "b"}}
    for tree in ({"responses": rows}, {"data": {"responses": rows}}, {"data": rows}):
        page = SERVICE.get_responses().page(1).decode(told({"meta": META, **tree}))
        assert [(row.id, row.text) for row in page.items] == [("1", "a"), ("2", "b")]
    sent = {"0": {"message_id": "Q-0", "to": OTHER}, "1": {"message_id": "Q-1", "to": NUMBER}}
    assert SEND.decode(told({"meta": META, "data": {"messages": sent}})).id == "Q-1"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("+61 491 570 006", NUMBER),
        (f"+{NUMBER}", NUMBER),
        ("0491570006", "0491570006"),
        ("Bakery", "Bakery"),
        ("24-7", "24-7"),
    ],
)
def test_numbers_have_one_form_and_raw_has_theirs(said: str, shown: str) -> None:
    row = {"message_id": "1", "from": said, "number": said, "to": said, "status": "Sent"}
    rows = told({"responses": [row]})
    values: tuple[Any, ...] = (
        *SERVICE.get_responses().page(1).decode(rows).items,
        *SERVICE.inbox().page(1).decode(rows).items,
        SERVICE.get_sms(message_id="1").decode(told({"data": row})),
    )
    for value in values:
        assert value.sender == shown
        assert value.raw["from"] == said
    (person,) = SERVICE.get_optout().page(1).decode(rows).items
    assert (person.number, person.raw["number"]) == (shown, said)
    report = SERVICE.get_sms(message_id="1").decode(told({"data": row}))
    assert (report.to, report.raw["to"]) == (shown, said)


@pytest.mark.parametrize(
    "odd", [None, [], "x", 7, {}, {"meta": META}, {"meta": META, "data": {"messages": "x"}}]
)
def test_an_envelope_of_another_shape_is_open(odd: Any) -> None:
    good = {"meta": META, "data": MESSAGES}
    results = BULK.decode(told([good, odd, odd])).results
    assert results[0].sent is not None
    assert all(isinstance(each.error, UnreadableReplyError) for each in results[1:])


# -- reads ---------------------------------------------------------------------------------------


def test_how_far_a_message_has_come() -> None:
    report = SERVICE.get_sms(message_id=ID + "1").decode(answer("get-sms"))
    assert report == MessageReport(
        id=ID + "1",
        status=DeliveryStatus.SENT,
        words="Dispatched",
        to=NUMBER,
        text="Rye at 7",
        sent_at=SUMMER,
        subaccount_id="shop@example.net",
    )
    other = SERVICE.get_sms(message_id="7117").decode(answer("get-sms-overview"))
    assert (other.id, other.status, other.final) == ("7117", DeliveryStatus.FAILED, True)
    assert other.reference == "order-117"


def test_a_row_without_a_list_around_it_is_read_too() -> None:
    row = {"message_id": "Q-1", "status": "Queued"}
    for tree in ({"meta": META, "data": row}, {"meta": META, "data": {"messages": row}}):
        assert SERVICE.get_sms(message_id="Q-1").decode(told(tree)).status is DeliveryStatus.PENDING


def test_a_message_that_is_not_there_is_not_found() -> None:
    call = SERVICE.get_sms(message_id="Q-1")
    for data in NOTHING:
        error = error_of(told({"meta": META, "data": data}).body, call=call)
        assert isinstance(error, NotFoundError)
        assert (error.operation, error.http_status) == ("get-sms", 200)
    assert isinstance(error_of(answer("get-sms-nothing").body, call=call), NotFoundError)
    odd: Any
    for odd in ("x", 7, [{"message_id": "Q-1"}], {"message_id": "Q-1"}):
        error = error_of(told({"meta": META, "data": odd}).body, call=call)
        assert isinstance(error, UnreadableReplyError)


def test_a_page_of_inbound_messages() -> None:
    page = SERVICE.get_responses().page(2).decode(answer("get-responses"))
    assert (page.number, page.count, page.total) == (2, 3, 52)
    first, second = page.items
    assert first == Response(
        id="5550001117",
        sender=NUMBER,
        text=" Two ryes,\nplease ",
        at=SUMMER,
        original_message_id=ID + "1",
        original_text="Rye at 7",
        reference="order-117",
    )
    # Wire types do not show: what identifies is text.
    assert (second.id, second.sender, second.text, second.at) == (
        "5550001118",
        "61491570110",
        "7",
        None,
    )
    assert page.raw["data"]["responses"][2] == "not a row"


def test_one_row_alone_and_counters_as_digits() -> None:
    page = SERVICE.get_responses(type="mms").page(1).decode(answer("get-responses-mms"))
    assert (page.number, page.count, page.total) == (1, 1, 1)
    (row,) = page.items
    assert (row.at, row.original_message_id, row.original_text) == (WINTER, None, None)
    assert row.subaccount_id == "shop@example.net"


def test_the_block_of_a_page_at_the_top() -> None:
    page = SERVICE.get_responses().page(2).decode(answer("get-responses-overview"))
    assert (page.number, page.count, page.total, len(page.items)) == (2, 3, 52, 1)
    family = {"page": {"count": 1, "number": 1}, "records": [{"message_id": 7}], "error": OK}
    (row,) = SERVICE.get_responses().page(1).decode(told(family)).items
    assert row.id == "7"


def test_both_forms_of_an_empty_inbox_are_an_empty_page() -> None:
    seen = SERVICE.get_responses().page(1).decode(answer("get-responses-empty"))
    assert (seen.items, seen.count, seen.total) == ((), 0, 0)
    for status in (200, 400, 404):
        for call in (SERVICE.get_responses().page(3), SERVICE.inbox().page(3)):
            page = call.decode(answer("not-found", status))
            assert page == Page(items=(), number=3, count=0, total=0)
    for listing in (SERVICE.get_optout(), SERVICE.get_template()):
        assert listing.page(1).decode(answer("not-found", 400)).items == ()


@pytest.mark.parametrize("rows", [None, "", " ", [], {}])
def test_rows_that_are_not_there_are_none(rows: Any) -> None:
    for data in ({"page": {"count": 2, "number": 1}, "responses": rows}, {"responses": rows}):
        page = SERVICE.get_optout().page(1).decode(told({"meta": META, "data": data}))
        assert page.items == ()


@pytest.mark.parametrize("data", NOTHING)
def test_no_data_is_an_empty_page(data: Any) -> None:
    page = SERVICE.get_template().page(1).decode(told({"meta": META, "data": data}))
    assert (page.items, page.number, page.count) == ((), 1, None)


@pytest.mark.parametrize("rows", ["x", 7, True, 1.5])
def test_rows_of_an_impossible_shape_are_unreadable(rows: Any) -> None:
    call = SERVICE.get_optout().page(1)
    for tree in ({"data": {"responses": rows}}, {"responses": rows}, {"data": rows}):
        error = error_of(told({"meta": META, **tree}).body, call=call)
        assert isinstance(error, UnreadableReplyError)


def test_counters_of_an_odd_shape_are_not_known() -> None:
    block = {"count": [1], "number": {"a": 1}}
    tree = {"meta": META, "data": {"page": block, "total": "many", "responses": []}}
    page = SERVICE.get_optout().page(4).decode(told(tree))
    assert (page.number, page.count, page.total) == (4, None, None)


def test_the_answers_own_number_of_a_page_is_kept() -> None:
    tree = {"meta": META, "data": {"page": {"count": 9, "number": "1"}, "responses": []}}
    assert SERVICE.get_optout().page(4).decode(told(tree)).number == 1


def test_those_who_opted_out() -> None:
    page = SERVICE.get_optout().page(1).decode(answer("get-optout"))
    assert (page.count, page.total) == (1, 4)
    first, second = page.items  # a row without a number stays in raw
    assert first == OptedOut(
        number=NUMBER,
        first_name="Noor",
        last_name="Rye",
        gender="Other",
        post_code="3000",
        dob="2001-02-03",
    )
    assert (second.first_name, second.post_code, second.created_at) == (None, "800", SUMMER)


def test_the_balance_keeps_every_digit() -> None:
    balance = SERVICE.account().decode(answer("account"))
    assert balance == Balance(
        account_name="Bakery",
        account_email="shop@example.net",
        sms_balance=Decimal("1234.50"),
        mms_balance=Decimal("7.00"),
    )
    assert str(balance.sms_balance) == "1234.50"
    other = SERVICE.account().decode(answer("account-overview"))
    assert (other.sms_balance, other.mms_balance) == (Decimal("1234.5"), None)
    error = error_of(told({"meta": META, "data": []}).body, call=SERVICE.account())
    assert isinstance(error, UnreadableReplyError)


def test_templates() -> None:
    page = SERVICE.get_template().page(1).decode(answer("get-template"))
    first, second = page.items
    assert first == MessageTemplate(
        id="0a1b2c3d0a1b2c3d0a1b2c3d0a1b2c3d",
        title="Fresh",
        text="Hello {fname},\r\n\r\nrye is out",
        created_at=SUMMER,
    )
    assert (second.title, second.text, second.created_at) == (None, None, None)
    assert page.raw["data"]["per_page"] == 15


@pytest.mark.parametrize(
    ("call", "name", "words"),
    [
        (SERVICE.inbound_read(message_id="1"), "inbound-read", "Marked"),
        (SERVICE.inbound_read_bulk(message_ids=["1"]), "inbound-read", "Marked"),
        (
            SERVICE.register_alpha_id(custom_id="Bakery", description="d"),
            "register-alpha-id",
            "We have your request",
        ),
    ],
)
def test_a_yes_without_content(call: Call[Any], name: str, words: str) -> None:
    done = call.decode(answer(name))
    assert done == Confirmation(words=words)
    assert done.raw["meta"] == META
    assert call.decode(told({"meta": META})).words is None
    assert isinstance(error_of(NEITHER, call=call), UnreadableReplyError)


def test_marking_through_the_common_verb_returns_nothing() -> None:
    assert SERVICE.mark_read(["1"]).decode(answer("inbound-read")) is None


def test_the_inbox_gives_messages_of_this_library() -> None:
    page = SERVICE.inbox().page(2).decode(answer("get-responses"))
    first, second = page.items
    assert (first.service, first.kind) == ("cellcast", "inbound message")
    assert (first.id, first.channel, first.at) == ("5550001117", "sms", SUMMER)
    assert (first.sender, first.text) == (NUMBER, " Two ryes,\nplease ")
    assert (first.answers, first.reference) == (ID + "1", "order-117")
    assert first.raw["original_body"] == "Rye at 7"
    assert second.id == "5550001118"
    (picture,) = SERVICE.inbox(type="mms").page(1).decode(answer("get-responses-mms")).items
    assert (picture.channel, picture.answers) == ("mms", None)


def test_times_are_read_in_the_zone_of_the_account() -> None:
    perth = Cellcast(app_key="k", timezone="Australia/Perth")
    (row, _) = perth.get_responses().page(1).decode(answer("get-responses")).items
    assert row.at == datetime(2031, 2, 3, 6, 5, 6, tzinfo=UTC)
    assert row.raw["received_at"] == "2031-02-03 14:05:06"


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("2031-02-03 14:05:06", SUMMER),
        ("2031/02/03 14:05:06", SUMMER),
        ("2031-02-03T03:05:06Z", SUMMER),
        ("2031-02-03T03:05:06+00:00", SUMMER),
        ("0001-01-01 00:00:00", None),
        ("9999-12-31 23:59:59-10:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        ([], None),
        ({"a": 1}, None),
        (1927843200, None),
    ],
)
def test_a_time_that_cannot_be_read_is_none(said: Any, at: datetime | None) -> None:
    row = {"message_id": "1", "received_at": said}
    (found,) = SERVICE.get_responses().page(1).decode(told({"responses": [row]})).items
    assert found.at == at
    assert found.at is None or found.at.utcoffset() is not None


def test_a_listing_has_keys_only_where_ids_are_unique() -> None:
    key = SERVICE.get_responses().key
    assert key is not None
    assert key(Response(id="1")) == key(Response(id="1", sender="x")) != key(Response(id="2"))
    assert key(Response(id=None)) != key(Response(id=None))
    inbox = SERVICE.inbox().key
    assert inbox is not None
    rows = SERVICE.inbox().page(2).decode(answer("get-responses")).items
    assert inbox(rows[0]) != inbox(rows[1])
    assert SERVICE.get_template().key is not None
    assert SERVICE.get_optout().key is None
    for listing in (SERVICE.get_responses(), SERVICE.get_template(), SERVICE.get_optout()):
        assert listing.size is None


def test_values_pickle_copy_and_compare() -> None:
    values = [
        SERVICE.send_sms(to=NUMBER, text="t").decode(answer("send-sms")),
        BULK.decode(answer("bulk-send-sms")).results[0],
        *SERVICE.get_responses().page(1).decode(answer("get-responses")).items,
        SERVICE.account().decode(answer("account")),
    ]
    for value in values:
        assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == value
        hash(value)


def test_fields_of_an_odd_shape_hide_no_proof() -> None:
    odd = {"a": 1}
    row = {"message_id": odd, "to": f"+{NUMBER}", "from": odd, "date": [1], "custom_string": odd}
    data = {"messages": [{"to": odd}, row], "success_number": odd, "credits_used": odd}
    tree = {"meta": META, "data": data, "low_sms_alert": odd}
    assert SEND.decode(told(tree)).id == ""
    sent = SERVICE.send_sms(to=NUMBER, text="t").decode(told(tree))
    assert (sent.messages[0].id, sent.messages[0].to) == ("", NUMBER)
    assert (sent.success_number, sent.credits_used, sent.low_sms_alert) == (None, None, None)


def test_a_queue_of_the_other_api_is_no_proof_here() -> None:
    error = error_of(told({"meta": META, "data": QUEUED}).body)
    assert isinstance(error, UnreadableReplyError)
