"""The send contract at Cellcast: every code, every status, every shape, hostile answers, any bytes."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from cellcast_answers import (
    BEARER,
    GOLDEN,
    MESSAGE,
    MESSAGES,
    META,
    NEITHER,
    NUMBER,
    OK,
    OTHER,
    OVERVIEW_YES,
    PICTURE,
    PNG,
    QUEUE,
    QUEUE_YES,
    READ,
    SEND,
    SERVICE,
    THIRD,
    YES,
    error_of,
    no,
    overview_no,
    text,
    told,
)
from hypothesis import given
from hypothesis import strategies as st

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
from mmsclient.services.cellcast import codes
from mmsclient.wire import HttpResponse

if TYPE_CHECKING:
    from mmsclient.wire import Call

# Error, transient, may have happened, concerns.
UNREADABLE = (UnreadableReplyError, False, True, "connection")
FAILED = (ServiceFailedError, True, True, "connection")
THROTTLED = (ThrottledError, True, False, "account")
SHUT_OUT = (AuthenticationError, False, False, "account")
PENNILESS = (InsufficientCreditError, False, False, "account")
REFUSED = (RefusedError, False, False, "message")
REFUSED_CALL = (RefusedError, False, False, "account")
MISSING = (NotFoundError, False, False, "message")

CONTRACT = {
    "OVER_LIMIT": THROTTLED,
    "AUTH_FAILED": SHUT_OUT,
    "AUTH_FAILED_NO_DATA": SHUT_OUT,
    "AUTH_EXPIRED": SHUT_OUT,  # of a kind that is published
    "FIELD_EMPTY": REFUSED,
    "RECIPIENTS_ERROR": REFUSED,
    "NOT_FOUND": MISSING,
    "NOT_IMPLEMENTED": REFUSED_CALL,
    "NO_ACCESS": REFUSED_CALL,
    "KEY_EXISTS": REFUSED,
    "LEDGER_ERROR": PENNILESS,
    "BAD_CALLER_ID": REFUSED,
    "ACCOUNT_EXPIRED": REFUSED_CALL,
    "LIST_EMPTY": REFUSED,
}

#: Codes that say too little, and codes that nobody published.
LITTLE = ("FAILED", "REQUEST_FAILED", "TEAPOT", "ERROR_7")

BY_STATUS = {
    **dict.fromkeys((200, 202, 204, 301, 307, 408, 499), UNREADABLE),
    **dict.fromkeys((500, 502, 503, 504, 599), FAILED),
    429: THROTTLED,
    401: SHUT_OUT,
    403: SHUT_OUT,
    402: PENNILESS,
    422: PENNILESS,
    **dict.fromkeys((400, 404, 405, 413), REFUSED_CALL),
}


def found(error: CallError) -> tuple[Any, ...]:
    return type(error), error.transient, error.may_have_happened, error.concerns


def test_every_published_code_is_in_the_table_with_its_origin() -> None:
    assert {*codes.CODES} == {*CONTRACT, "FIELD_INVALID", *LITTLE[:2]} - {"AUTH_EXPIRED"}
    assert all(row.code == code and row.meaning for code, row in codes.CODES.items())
    assert {row.mark for row in codes.CODES.values()} == {"overview", "vendor", "seen"}


@pytest.mark.parametrize("call", [SEND, READ], ids=["send", "read"])
@pytest.mark.parametrize("form", [no, overview_no], ids=["published", "overview"])
@pytest.mark.parametrize("status", [200, 400, 401, 404, 422, 429, 500, 503])
@pytest.mark.parametrize("code", [*CONTRACT, "over_limit", " auth_failed "])
def test_a_code_in_the_body_decides_before_the_status(
    code: str, status: int, form: Any, call: Call[Any]
) -> None:
    error = error_of(form(code), status, call=call)
    name = code.strip().upper()
    assert found(error) == CONTRACT[name]
    assert (error.code, error.http_status, error.description) == (name, status, "because")
    assert name in str(error)
    assert "because" not in str(error)


@pytest.mark.parametrize("call", [SEND, READ], ids=["send", "read"])
@pytest.mark.parametrize("status", BY_STATUS)
@pytest.mark.parametrize("code", LITTLE)
def test_a_code_that_says_little_leaves_it_to_a_clear_status(
    code: str, status: int, call: Call[Any]
) -> None:
    error = error_of(overview_no(code), status, call=call)
    if BY_STATUS[status] is UNREADABLE and call is SEND and code not in codes.CODES:
        assert found(error) == UNREADABLE
        return
    unclear = BY_STATUS[status] in (UNREADABLE, REFUSED_CALL)
    assert found(error) == (REFUSED if unclear else BY_STATUS[status])
    assert (error.code, error.description) == (code, "because")


@pytest.mark.parametrize("status", [200, 400, 402, 422])
@pytest.mark.parametrize(
    ("said", "penniless"),
    [
        ("You do not have enough credit", True),
        ("CREDITS are low", True),
        ("The balance is too small", True),
        ("insufficient funds.", True),
        ("fund the account", True),
        ("sms_text is too long", False),
        ("accredited numbers only", False),
        ("unbalanced brackets", False),
        ("sender credit-offer is not yours", False),
        ("no_credit_card", False),
        ("pre-credit", False),
        ("", False),
    ],
)
def test_an_invalid_field_that_speaks_of_credit_is_about_credit(
    said: str, penniless: bool, status: int
) -> None:
    expected = PENNILESS if penniless or status in {402, 422} else REFUSED
    for body in (no("FIELD_INVALID", said), overview_no("FIELD_INVALID", said)):
        error = error_of(body, status)
        assert found(error) == expected
        assert error.code == "FIELD_INVALID"
    other = error_of(
        text({"error": {"code": "FIELD_INVALID", "description": "numbers"}, "msg": said})
    )
    assert found(other) == (PENNILESS if penniless else REFUSED)


@pytest.mark.parametrize(
    "tree",
    [
        {"error": {"code": "OVER_LIMIT"}},
        {"meta": {"status": "over_limit"}},
        {"meta": {"code": 200, "status": "OVER_LIMIT"}},
        {"meta": {"code": 400, "status": "FIELD_INVALID"}, "error": {"code": "OVER_LIMIT"}},
        {"meta": {"code": 429, "status": "OVER_LIMIT"}, "error": {"code": "FAILED"}},
        {"meta": {"code": 429}},
        {"meta": {"code": "429"}},
        {"code": 429, "message": "slow"},
        {"status": False, "code": "OVER_LIMIT"},
        {"status": False, "error": "OVER_LIMIT"},
        {"error": "OVER_LIMIT"},
        {"error": " over_limit "},
        {"code": "OVER_LIMIT"},
        {"status": "OVER_LIMIT"},
    ],
)
def test_too_many_calls_is_heard_wherever_it_stands(tree: Any) -> None:
    for call in (SEND, READ, QUEUE):
        error = error_of(text(tree), call=call)
        assert found(error) == THROTTLED
        assert error.code == "OVER_LIMIT"


NOT_READ = {
    "empty": b"",
    "text": b"Service unavailable",
    "html": b"<html><body>Busy</body></html>",
    "cut": YES[:-8],
    "list": b"[]",
    "list of envelopes": b"[" + YES + b"]",
    "text in quotes": b'"SUCCESS"',
    "number": b"7",
    "null": b"null",
    "neither": NEITHER,
    "nan": b'{"a": NaN}',
    "deep": b'{"a":' * 40 + b"1" + b"}" * 40,
    "very deep": b"[" * 100_000,
    "latin-1": b'{"msg": "f\xfcr"}',
    "two documents": YES + YES,
    "huge number": b'{"a": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("status", BY_STATUS)
@pytest.mark.parametrize("body", NOT_READ.values(), ids=NOT_READ)
def test_without_a_verdict_in_the_body_the_status_decides(body: bytes, status: int) -> None:
    error = error_of(body, status)
    assert found(error) == BY_STATUS[status]
    derived = {401: "AUTH_FAILED", 429: "OVER_LIMIT"}.get(status)
    assert (error.code, error.http_status, error.raw) == (derived, status, body)


@pytest.mark.parametrize("status", BY_STATUS)
@pytest.mark.parametrize("name", [name for name in NOT_READ if name != "neither"])
def test_the_same_is_so_for_reads(name: str, status: int) -> None:
    assert found(error_of(NOT_READ[name], status, call=READ)) == BY_STATUS[status]


def test_of_a_read_no_sign_at_all_is_a_yes() -> None:
    for body in (NEITHER, b"{}", b'{"data": []}', b'{"error": {}}', b'{"meta": []}'):
        assert SERVICE.get_template().page(1).decode(HttpResponse(200, {}, body)).items == ()
        assert isinstance(error_of(body), UnreadableReplyError)


#: Failures without a code, in each of the shapes.
CODELESS = {
    "meta": {"meta": {"code": 400}, "msg": "because"},
    "meta as digits": {"meta": {"code": "404"}, "msg": "because"},
    "switch": {"status": False, "message": "because", "error": {}},
    "stack": {"code": 400, "message": "because", "stack": "Error: because"},
    "odd code": {"error": {"code": {"a": 1}, "description": "because"}},
    "list as code": {"error": {"code": ["x"], "description": "because"}},
    "private code": {"error": {"code": "call 61491570006", "description": "because"}},
    "odd number": {"meta": {"code": [400], "status": "?"}, "msg": "because"},
    "odd status": {"meta": {"status": [1]}, "msg": "because"},
}
#: Those that say so with a word that nobody published, and with nothing else.
WORDS = [
    CODELESS[name]
    for name in ("odd code", "list as code", "private code", "odd number", "odd status")
]


@pytest.mark.parametrize("call", [SEND, READ], ids=["send", "read"])
@pytest.mark.parametrize("status", [*BY_STATUS])
@pytest.mark.parametrize("tree", CODELESS.values(), ids=CODELESS)
def test_a_failure_without_a_code_is_judged_by_its_status(
    tree: dict[str, Any], status: int, call: Call[Any]
) -> None:
    error = error_of(text(tree), status, call=call)
    if BY_STATUS[status] is UNREADABLE and call is SEND and tree in WORDS:
        assert found(error) == UNREADABLE
        return
    expected = REFUSED_CALL if BY_STATUS[status] is UNREADABLE else BY_STATUS[status]
    if "stack" not in tree and "status" in tree:  # the API that has no codes, but a switch
        if status == 404:
            expected = MISSING
        elif 200 <= status < 300:
            expected = REFUSED
    assert found(error) == expected
    assert error.description == "because"
    assert NUMBER not in f"{error} {error!r}"


@pytest.mark.parametrize(
    ("number", "expected"),
    [(401, SHUT_OUT), (402, PENNILESS), (422, PENNILESS), (429, THROTTLED), (500, FAILED)],
)
def test_a_number_in_the_body_stands_for_the_status_under_http_200(
    number: int, expected: Any
) -> None:
    for tree in ({"meta": {"code": number}}, {"code": number, "message": "m"}):
        error = error_of(text(tree))
        assert found(error) == expected
        assert error.http_status == 200


@pytest.mark.parametrize("body", [YES, OVERVIEW_YES])
@pytest.mark.parametrize("status", [301, 400, 401, 408, 429, 500, 503])
def test_a_yes_to_a_send_under_a_status_that_says_no_is_open(status: int, body: bytes) -> None:
    assert found(error_of(body, status)) == UNREADABLE


@pytest.mark.parametrize("status", [s for s in BY_STATUS if BY_STATUS[s] is not UNREADABLE])
def test_a_yes_to_a_read_under_a_status_that_says_no_is_a_no(status: int) -> None:
    body = text({"meta": META, "msg": "fine", "data": {"sms_balance": 1}})
    assert found(error_of(body, status, call=READ)) == BY_STATUS[status]


BOTH = {
    "code beside meta": {"meta": META, "error": {"code": "FIELD_INVALID"}, "data": MESSAGES},
    "meta beside code": {"meta": {"status": "FIELD_INVALID"}, "error": OK, "data": MESSAGES},
    "number beside status": {"meta": {"code": 400, "status": "SUCCESS"}, "data": MESSAGES},
    "failure beside its disproof": {"meta": {"status": "FAILED"}, "data": MESSAGES},
    "switch beside proof": {"status": False, "data": MESSAGES},
    "throttle beside proof": {"error": {"code": "OVER_LIMIT"}, "data": MESSAGES},
}


@pytest.mark.parametrize("status", [200, 429, 503])
@pytest.mark.parametrize("tree", BOTH.values(), ids=BOTH)
def test_yes_and_no_in_one_answer_are_open_for_a_send_and_a_no_for_a_read(
    tree: dict[str, Any], status: int
) -> None:
    assert found(error_of(text(tree), status)) == UNREADABLE
    assert not isinstance(error_of(text(tree), status, call=READ), UnreadableReplyError)


def test_success_in_any_case_is_no_failure() -> None:
    for meta, error in (({"status": "success"}, {}), ({}, {"code": " Success "}), (META, OK)):
        body = text({"meta": meta, "error": error, "data": MESSAGES})
        assert SEND.decode(HttpResponse(201, {}, body)).id == "Q-1"


@pytest.mark.parametrize(
    "error", [{}, None, [], "", {"code": None}, {"code": ""}, {"code": []}, {"message": "fine"}]
)
def test_an_empty_error_is_no_failure(error: Any) -> None:
    tree = {"meta": META, "error": error, "data": MESSAGES}
    assert SEND.decode(told(tree)).id == "Q-1"


def test_a_proof_alone_is_a_yes() -> None:
    assert SEND.decode(told({"data": MESSAGES})).id == "Q-1"
    assert SEND.decode(told(MESSAGES)).id == "Q-1"


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({"error": {"code": "X", "description": "a"}, "msg": "b", "message": "c"}, "a"),
        ({"error": {"code": "X"}, "msg": "b", "message": "c"}, "b"),
        ({"error": {"code": "X", "errorMessage": "d"}, "message": "c"}, "c"),
        ({"error": {"code": "X", "errorMessage": "d", "e": "f"}}, "d"),
        ({"status": False, "error": {"e": "f", "g": "h", "i": 7}}, "f, h"),
        ({"status": False, "error": "j"}, "j"),
        ({"status": False, "msg": ["k"], "message": 7}, "7"),
        ({"status": False}, None),
    ],
)
def test_the_text_of_an_error_is_the_first_there_is(tree: Any, said: str | None) -> None:
    assert error_of(text(tree), call=READ).description == said


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": " 2.5 "}, 2.5),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "inf"}, None),
        ({}, None),
    ],
)
def test_the_wait_comes_from_the_header(headers: dict[str, str], seconds: float | None) -> None:
    for body in (no("OVER_LIMIT"), b"busy", b""):
        assert error_of(body, 429, headers).retry_after == seconds
        assert error_of(body, 429, headers, call=READ).retry_after == seconds


# -- calls that change things ---------------------------------------------------------------------

CHANGES: list[Call[Any]] = [
    SERVICE.inbound_read(message_id="1"),
    SERVICE.inbound_read(everything=True),
    SERVICE.inbound_read_bulk(message_ids=["1"]),
    SERVICE.mark_read(["1"]),
    SERVICE.register_alpha_id(custom_id="a", description="b"),
    BEARER.verify_token(),
    BEARER.cancel_schedule_quick_message(message_id="1", type="sms"),
    BEARER.delete_message(message_id="1"),
    BEARER.create_template(name="a", text="b"),
    BEARER.business_add(
        business_name="abc",
        description="d",
        purpose_of_use="p",
        ownership=True,
        company=dict.fromkeys(("name", "abn", "website", "address"), "x"),
        contact=dict.fromkeys(("firstName", "lastName", "position", "phoneNumber", "email"), "x"),
    ),
    BEARER.custom_number_add(name="a", number=NUMBER),
    BEARER.verify_custom_number(name="a", number=NUMBER, otp="1"),
    BEARER.create_optoutlist(title="a", description="b"),
]


@pytest.mark.parametrize("call", CHANGES, ids=lambda call: call.operation)
def test_of_a_change_only_a_clear_yes_is_one(call: Call[Any]) -> None:
    for tree in ({"meta": META}, {"error": OK}, {"status": True, "data": {}}):
        call.decode(told(tree))
    for body in (b"{}", b'{"foo": 1}', b'{"message": "Thanks"}', b'{"data": []}'):
        assert found(error_of(body, call=call)) == UNREADABLE
        assert found(error_of(body, 429, call=call)) == THROTTLED
    both = ({"meta": META, "error": {"code": "FIELD_EMPTY"}}, {"status": False, "meta": META})
    for tree in both:
        assert found(error_of(text(tree), call=call)) == UNREADABLE
    assert found(error_of(text({"meta": META}), 500, call=call)) == UNREADABLE
    assert found(error_of(no("FIELD_EMPTY"), call=call)) == REFUSED


@pytest.mark.parametrize("call", [SEND, QUEUE, *CHANGES], ids=lambda call: call.operation)
@pytest.mark.parametrize("status", [200, 202, 302, 408, 499])
def test_a_word_that_nobody_published_is_no_certain_refusal(status: int, call: Call[Any]) -> None:
    for tree in (
        {"meta": {"code": 200, "status": "PROCESSING"}, "msg": "Queued"},
        {"meta": {"code": 408, "status": "TIMEOUT"}},
        {"meta": {"status": "in progress"}},
        {"error": {"code": "TIMEOUT"}},
        {"error": {"code": ["?"]}},
    ):
        assert found(error_of(text(tree), status, call=call)) == UNREADABLE
        assert not isinstance(error_of(text(tree), status, call=READ), UnreadableReplyError)
    tree = {"error": {"code": "TIMEOUT"}, "meta": {"status": "RECIPIENTS_ERROR"}}
    assert found(error_of(text(tree), status, call=call)) == REFUSED


def test_a_published_code_without_its_block_is_heard_and_free_text_is_not() -> None:
    assert found(error_of(b'{"error": "AUTH_FAILED"}', call=READ)) == SHUT_OUT
    fine = {"error": "none", "meta": META, "data": MESSAGES}
    assert SEND.decode(told(fine)).id == "Q-1"
    row = {"message_id": "1", "status": "Failed"}
    assert SERVICE.get_sms(message_id="1").decode(told(row)).words == "Failed"


# -- the Bearer API ------------------------------------------------------------------------------


def test_the_bearer_api_is_judged_by_the_same_signs() -> None:
    assert QUEUE.decode(HttpResponse(200, {}, QUEUE_YES)).id == "Q-1"
    assert found(error_of(QUEUE_YES, 400, call=QUEUE)) == UNREADABLE
    # 400 is documented with status true: without a proof it is no sign of a yes.
    bare = text({"status": True, "message": "because", "data": {}, "error": {}})
    assert found(error_of(bare, 400, call=QUEUE)) == REFUSED_CALL
    assert error_of(bare, 400, call=QUEUE).description == "because"
    assert found(error_of(bare, 422, call=QUEUE)) == PENNILESS
    assert found(error_of(bare, 500, call=QUEUE)) == FAILED
    assert found(error_of(bare, 200, call=QUEUE)) == UNREADABLE
    # The proof of the other API is none here.
    assert found(error_of(YES, call=QUEUE)) == UNREADABLE


# -- any bytes, any call -------------------------------------------------------------------------

EVERY_CALL: list[Call[Any]] = [
    SEND,
    QUEUE,
    SERVICE.send(PICTURE),
    SERVICE.batch([MESSAGE, Sms(to=OTHER, text="t")]),
    SERVICE.batch([Sms(to=OTHER, text="t"), Sms(to=THIRD, text="t")]),
    BEARER.batch([Sms(to=OTHER, text="t"), Sms(to=NUMBER, text="t")]),
    SERVICE.send_sms(to=[NUMBER, OTHER], text="t"),
    SERVICE.bulk_send_sms([MESSAGE, Sms(to=OTHER, text="t")]),
    SERVICE.send_sms_template(template_id="1", to=NUMBER),
    SERVICE.send_sms_nz(to="6421000006", text="t", sender="7070"),
    SERVICE.send_mms(to=NUMBER, text="t", image=PNG),
    SERVICE.get_sms(message_id="1"),
    SERVICE.get_responses().page(2),
    SERVICE.inbound_read(message_id="1"),
    SERVICE.inbound_read_bulk(message_ids=["1"]),
    SERVICE.mark_read(["1"]),
    SERVICE.inbox().page(1),
    SERVICE.get_optout().page(1),
    SERVICE.account(),
    SERVICE.get_template().page(1),
    SERVICE.register_alpha_id(custom_id="a", description="b"),
    BEARER.send(PICTURE.__class__(to=NUMBER, slides=PICTURE.slides)),
    BEARER.verify_token(),
    BEARER.gateway(to=[NUMBER, OTHER], text="t"),
    BEARER.gatewaymms(to=NUMBER, text="t", image=PNG),
    BEARER.cancel_schedule_quick_message(message_id="1", type="sms"),
    BEARER.delete_message(message_id="1"),
    BEARER.get_sms(message_id="1"),
    BEARER.report_message().page(1),
    BEARER.get_responses().page(1),
    BEARER.inbox().page(1),
    BEARER.get_optout().page(1),
    BEARER.account(),
    BEARER.quick_api_credit_usage().page(1),
    BEARER.create_template(name="a", text="b"),
    BEARER.custom_number().page(1),
    BEARER.custom_number_add(name="a", number=NUMBER),
    BEARER.optoutlist().page(1),
    BEARER.create_optoutlist(title="a", description="b"),
]

NAMES = st.sampled_from(
    [
        "error",
        "code",
        "description",
        "meta",
        "status",
        "msg",
        "message",
        "data",
        "messages",
        "message_id",
        "to",
        "from",
        "body",
        "date",
        "queueResponse",
        "Number",
        "Contact",
        "MessageId",
        "invalidContacts",
        "Error",
        "unsubscribeContacts",
        "page",
        "count",
        "number",
        "total",
        "responses",
        "items",
        "records",
        "current",
        "totalPages",
        "success_number",
        "credits_used",
        "options",
        "received_at",
        "_id",
        "sms_balance",
        "template_id",
        "smsDetail",
    ]
)
LEAVES = st.one_of(
    st.sampled_from(
        ["SUCCESS", "FAILED", "OVER_LIMIT", "", " ", f"+{NUMBER}", OTHER, "2031-02-03 14:05:06"]
    ),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=16,
)
GOLDEN_ANSWERS = sorted(path.read_bytes() for path in GOLDEN.glob("*-answer.json"))


def only_call_errors(body: bytes, status: int, headers: dict[str, str], call: Call[Any]) -> None:
    error = None
    try:
        call.decode(HttpResponse(status, headers, body))
    except CallError as raised:
        error = raised
    if error:
        assert (error.raw, error.operation) == (body, call.operation)
        assert error.http_status == status
        again = pickle.loads(pickle.dumps(error))
        assert (str(again), vars(again)) == (str(error), vars(error))


HEADERS = st.dictionaries(st.sampled_from(["Retry-After", "Date"]), st.text(max_size=40))


@given(
    body=st.binary(max_size=200) | TREES.map(json.dumps).map(str.encode),
    status=st.sampled_from([200, 201]) | st.integers(100, 599),
    headers=HEADERS,
    call=st.sampled_from(EVERY_CALL),
)
def test_reading_any_answer_raises_nothing_but_call_errors(
    body: bytes, status: int, headers: dict[str, str], call: Call[Any]
) -> None:
    only_call_errors(body, status, headers, call)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A published answer with one value exchanged, or cut short."""
    golden = draw(st.sampled_from(GOLDEN_ANSWERS))
    if draw(st.booleans()):
        return golden[: draw(st.integers(0, len(golden)))]
    tree = json.loads(golden)
    at: Any = tree
    for _ in range(draw(st.integers(0, 4))):
        inner = [
            each
            for each in (at.values() if isinstance(at, dict) else at)
            if isinstance(each, dict | list) and each
        ]
        if not inner:
            break
        at = draw(st.sampled_from(inner))
    keys = sorted(at) if isinstance(at, dict) else list(range(len(at)))
    if keys:
        at[draw(st.sampled_from(keys))] = draw(TREES)
    return json.dumps(tree).encode()


@given(
    body=spoilt(), status=st.sampled_from([200, 200, 400, 503]), call=st.sampled_from(EVERY_CALL)
)
def test_an_answer_that_is_a_little_wrong_raises_nothing_but_call_errors(
    body: bytes, status: int, call: Call[Any]
) -> None:
    only_call_errors(body, status, {}, call)


@pytest.mark.parametrize("call", EVERY_CALL, ids=lambda call: call.operation)
@pytest.mark.parametrize("body", NOT_READ.values(), ids=NOT_READ)
def test_every_decoder_takes_every_bad_body(body: bytes, call: Call[Any]) -> None:
    for status in (200, 400, 503):
        only_call_errors(body, status, {}, call)


@given(tree=TREES)
def test_a_send_is_accepted_only_with_a_row_that_names_its_number(tree: Any) -> None:
    body = json.dumps(tree).encode()
    for call in (SEND, QUEUE):
        try:
            accepted = call.decode(HttpResponse(200, {}, body))
        except CallError:
            continue
        listed = json.dumps(accepted.raw)
        assert NUMBER in listed
        assert "messages" in listed or "queueResponse" in listed
