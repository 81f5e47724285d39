"""The send contract at TransmitSMS: every code, every status, hostile answers and any bytes."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transmitsms_answers import (
    NEITHER,
    READ,
    SEND,
    SERVICE,
    YES,
    answer,
    error_of,
    no,
    told,
)
from transmitsms_calls import JSON_CALLS, XML_CALLS
from transmitsms_values import EXPECTED
from transmitsms_verdicts import (
    ABSENT,
    FAILED,
    PENNILESS,
    REFUSED,
    REFUSED_CALL,
    SHUT_OUT,
    THROTTLED,
    UNDOCUMENTED,
    UNREADABLE,
    Found,
    found,
)

from mmsclient.errors import CallError, UnreadableReplyError
from mmsclient.services.transmitsms import LeftOut, codes
from mmsclient.wire import Call, HttpResponse

# Documented codes that are no plain refusal of the message.
CONTRACT: dict[str, Found] = {
    "AUTH_FAILED_NO_DATA": SHUT_OUT,
    "AUTH_FAILED": SHUT_OUT,
    "NOT_IMPLEMENTED": REFUSED_CALL,
    "NO_ACCESS": REFUSED_CALL,
    "OVER_LIMIT": THROTTLED,
    "NOT_FOUND": ABSENT,
    "LEDGER_ERROR": PENNILESS,
}
PLAIN = [
    *("FIELD_EMPTY", "FIELD_INVALID", "KEY_EXISTS", "BAD_CALLER_ID", "LIST_EMPTY"),
    *("RECIPIENTS_ERROR", "MISSING_PARAM", "BAD_MOBILE", "BAD_MOBILE_COUNTRY", "OPTOUT"),
    "DUPLICATE_DELETED",
]
BY_STATUS: dict[int, Found] = {
    **dict.fromkeys((200, 201, 204, 301, 307, 408, 499), UNREADABLE),
    **dict.fromkeys((500, 502, 503, 504, 599), FAILED),
    429: THROTTLED,
    401: SHUT_OUT,
    403: SHUT_OUT,
    402: PENNILESS,
    **dict.fromkeys((400, 404, 405, 411, 413, 422), REFUSED_CALL),
}


def test_every_known_code_is_in_the_table() -> None:
    known = {*CONTRACT, *PLAIN, *UNDOCUMENTED} - {"AUTH_FAILED_LATER", "SOMETHING_NEW"}
    assert set(codes.CODES) == known
    assert all(row.code == code and row.meaning for code, row in codes.CODES.items())
    other = {code: row.http for code, row in codes.CODES.items() if row.http != 400}
    assert other == {
        "AUTH_FAILED_NO_DATA": 401,
        "AUTH_FAILED": 401,
        "NOT_IMPLEMENTED": 404,
        "OVER_LIMIT": 429,
        "FIELD_UNSAFE": None,
        "FAILED": None,
        "ACCOUNT_EXPIRED": None,
    }
    seen = {code for code, row in codes.CODES.items() if row.source == "seen"}
    assert seen == set(UNDOCUMENTED) - {"AUTH_FAILED_LATER", "SOMETHING_NEW"}


@pytest.mark.parametrize("call", [SEND, READ], ids=["send", "read"])
@pytest.mark.parametrize("status", BY_STATUS)
@pytest.mark.parametrize("code", [*CONTRACT, *PLAIN, "over_limit", "BAD _MOBILE"])
def test_a_documented_code_decides_before_the_status(
    code: str, status: int, call: Call[Any]
) -> None:
    error, name = error_of(no(code), status, call=call), code.replace(" ", "").upper()
    assert found(error) == CONTRACT.get(name, REFUSED)
    assert (error.code, error.http_status, error.description) == (name, status, "because")
    assert name in str(error)
    assert "because" not in str(error)


@pytest.mark.parametrize("status", BY_STATUS)
@pytest.mark.parametrize("code", UNDOCUMENTED)
def test_a_code_that_nobody_documents_gives_way_to_a_status_that_knows_better(
    code: str, status: int
) -> None:
    error = error_of(no(code), status)
    by_status = BY_STATUS[status]
    assert found(error) == (UNDOCUMENTED[code] if by_status == REFUSED_CALL else by_status)
    assert (error.code, error.description) == (code, "because")
    assert error.http_status == status


NOT_READ: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \r\n",
    "text": b"Service unavailable",
    "page": b"<html><head><title>411</title></head><body>Length Required<hr></body></html>",
    "cut": YES[:-8],
    "cut xml": b"<response><message_id>880143</message_id><err",
    "other root": b"<answer><message_id>880143</message_id></answer>",
    "list": b"[" + YES + b"]",
    "word": b'"SUCCESS"',
    "number": b"880143",
    "null": b"null",
    "no fields": b"{}",
    "empty root": b"<response/>",
    "neither": NEITHER,
    "id of none": b'{"message_id":0,"recipients":0}',
    "empty block": b'{"error":{}}',
    "block of text": b'{"error":"SUCCESS"}',
    "no code": b'{"error":{"description":"OK"}}',
    "codes": b'{"message_id":0,"error":{"code":["SUCCESS"]}}',
    "code of none": b'{"error":{"code":"call 12025550143"}}',
    "latin": b'{"message_id":880143,"error":{"code":"SUCCESS","description":"\xe9"}}',
    "deep": b'{"a":' * 40 + b"1" + b"}" * 40,
    "deeper": b"[" * 100_000,
    "nan": b'{"message_id":NaN,"error":{"code":"SUCCESS"}}',
    "entity": b'<!DOCTYPE r [<!ENTITY a "1">]><response><message_id>&a;</message_id></response>',
}


@pytest.mark.parametrize("status", BY_STATUS)
@pytest.mark.parametrize("body", NOT_READ.values(), ids=NOT_READ)
def test_without_a_verdict_in_the_body_the_status_decides(body: bytes, status: int) -> None:
    error = error_of(body, status)
    assert found(error) == BY_STATUS[status]
    assert (error.code, error.http_status, error.raw) == (None, status, body)
    assert len(str(error)) < 160


@pytest.mark.parametrize("body", [YES, b'{"message_id":880143}', told({}).body])
@pytest.mark.parametrize("status", [status for status in BY_STATUS if status >= 300])
def test_a_yes_under_a_status_that_says_no_is_open(status: int, body: bytes) -> None:
    assert found(error_of(body, status)) == UNREADABLE


@pytest.mark.parametrize(
    "block", ["SUCCESS", ["SUCCESS"], {"description": "OK"}, {"code": ["OVER_LIMIT"]}, {"code": {}}]
)
@pytest.mark.parametrize("status", BY_STATUS)
def test_an_id_beside_a_block_that_cannot_be_read_is_open(status: int, block: Any) -> None:
    assert found(error_of(told({"message_id": 880143, "error": block}).body, status)) == UNREADABLE


@pytest.mark.parametrize("status", [200, 400, 429, 503])
@pytest.mark.parametrize("code", ["OVER_LIMIT", "FIELD_INVALID", "SOMETHING_NEW"])
def test_yes_and_no_in_one_answer_is_open(status: int, code: str) -> None:
    both = told({"message_id": 880143, "error": {"code": code}}).body
    assert found(error_of(both, status)) == UNREADABLE


def test_a_read_is_judged_by_its_code_even_where_it_brings_something() -> None:
    both = told({"balance": 1, "error": {"code": "OVER_LIMIT"}}).body
    assert found(error_of(both, call=READ)) == THROTTLED


@pytest.mark.parametrize("status", [status for status in BY_STATUS if status >= 300])
def test_a_read_that_says_yes_under_a_status_that_says_no_is_judged_by_the_status(
    status: int,
) -> None:
    assert found(error_of(answer("get-balance").body, status, call=READ)) == BY_STATUS[status]


@pytest.mark.parametrize("status", [200, 201, 202])
def test_success_needs_no_particular_good_status(status: int) -> None:
    assert SEND.decode(HttpResponse(status, {}, YES)).id == "880143"


@pytest.mark.parametrize(
    "tree",
    [
        {"message_id": 880143},
        {"message_id": "880143", "error": None},
        {"message_id": 880143, "error": []},
        {"message_id": 880143, "error": " "},
        {"message_id": 880143, "error": {"code": "success", "description": None}},
        {"message_id": 880143, "error": {"code": " SUCCESS "}},
    ],
)
def test_a_send_is_accepted_by_its_id(tree: dict[str, Any]) -> None:
    assert SEND.decode(HttpResponse(200, {}, json.dumps(tree).encode())).id == "880143"


NO_ID = [..., None, "", "abc", -1, 1.5, True, [1, 2], {"id": 1}, 0, "0", "00"]


@pytest.mark.parametrize("id_", NO_ID)
def test_success_without_an_id_is_open(id_: Any) -> None:
    tree = {} if id_ is ... else {"message_id": id_}
    assert found(error_of(told(tree).body)) == UNREADABLE


@pytest.mark.parametrize("name", ["remove-list", "edit-number-options", "edit-client"])
def test_what_makes_nothing_needs_the_word_of_success(name: str) -> None:
    call = JSON_CALLS[name]
    assert found(error_of(b'{"id":77}', call=call)) == UNREADABLE
    call.decode(told({"id": 77}))


@pytest.mark.parametrize("name", ["cancel-sms", "add-list", "delete-from-list", "add-email"])
def test_older_pages_print_what_a_call_made_without_the_word(name: str) -> None:
    tree = json.loads(answer(name).body)
    del tree["error"]
    JSON_CALLS[name].decode(HttpResponse(200, {}, json.dumps(tree).encode()))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        (
            {
                "Retry-After": "Mon, 03 Feb 2031 04:05:36 GMT",
                "Date": "Mon, 03 Feb 2031 04:05:06 GMT",
            },
            30.0,
        ),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("body", [no("OVER_LIMIT"), b"<html>busy</html>", b""])
def test_the_wait_comes_from_the_header(
    body: bytes, headers: dict[str, str], seconds: float | None
) -> None:
    error = error_of(body, 429, headers)
    assert (found(error), error.retry_after) == (THROTTLED, seconds)


def test_the_numbers_of_a_refusal_are_reached() -> None:
    for kind in ("json", "xml"):
        error = error_of(answer("recipients-error", kind).body, 400)
        assert LeftOut.of(error) == LeftOut(fails=("12025550143", "0255500144"))
        again = pickle.loads(pickle.dumps(error))
        assert LeftOut.of(again).fails == ("12025550143", "0255500144")
        assert "2025550143" not in f"{error} {error!r} {LeftOut.of(error)}"
    error = error_of(no("RECIPIENTS_ERROR", {"optouts": [12025550143], "fails": {}}), 400)
    assert LeftOut.of(error) == LeftOut(optouts=("12025550143",))
    assert error.description == '{"optouts": [12025550143], "fails": {}}'
    for body in (no("RECIPIENTS_ERROR", "none left"), b"", no("RECIPIENTS_ERROR", [1])):
        assert LeftOut.of(error_of(body, 400)) == LeftOut()


@pytest.mark.parametrize(
    ("description", "expected"),
    [(None, None), ("", None), (7, "7"), ([1, "a"], '[1, "a"]'), (True, "true"), ({}, "{}")],
)
def test_a_description_of_any_shape_does_not_hide_the_no(
    description: Any, expected: str | None
) -> None:
    error = error_of(no("FIELD_INVALID", description), 400)
    assert (found(error), error.description) == (REFUSED, expected)


# -- every decoder, against anything -------------------------------------------------------------

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("0")
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["item", "id", "name", "value", "error", "code", "message_id", "fails"]
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
)
CALLED = [(name, kind) for name in EXPECTED for kind in ("json", "xml")]


def read(call: Call[Any], response: HttpResponse) -> None:
    """Read an answer: a value or a CallError that survives pickle, and nothing else."""
    error = None
    try:
        call.decode(response)
    except CallError as raised:
        error = raised
    if error:
        assert (error.raw, error.operation) == (response.body, call.operation)
        again = pickle.loads(pickle.dumps(error))
        assert (str(again), vars(again)) == (str(error), vars(error))


@pytest.mark.parametrize(("name", "kind"), CALLED)
def test_every_decoder_takes_every_cut(name: str, kind: str) -> None:
    call = (JSON_CALLS if kind == "json" else XML_CALLS)[name]
    body = answer(name, kind).body.strip()
    for end in range(0, len(body), 7):
        error = error_of(body[:end], call=call)
        assert type(error) is UnreadableReplyError
    for whole in (b"", b"<html>busy</html>", b"[" * 5000, b"<a>" * 5000, b"{}x"):
        assert type(error_of(whole, call=call)) is UnreadableReplyError


@given(
    name=st.sampled_from(list(EXPECTED)),
    path=st.lists(st.integers(0, 9), max_size=4),
    other=TREES,
    status=st.sampled_from([200, 200, 200, 400, 429, 500]),
)
def test_every_decoder_takes_anything_anywhere(
    name: str, path: list[int], other: Any, status: int
) -> None:
    tree = replaced(json.loads(answer(name).body), path, other)
    read(JSON_CALLS[name], HttpResponse(status, {}, json.dumps(tree).encode()))


def replaced(tree: Any, path: list[int], other: Any) -> Any:
    """Return *tree* with *other* at the place that *path* leads to."""
    if not path or not isinstance(tree, dict | list) or not tree:
        return other
    keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
    key = keys[path[0] % len(keys)]
    pairs = [
        (each, replaced(tree[each], path[1:], other) if each == key else tree[each])
        for each in keys
    ]
    return dict(pairs) if isinstance(tree, dict) else [value for _, value in pairs]


ELEMENTS = st.recursive(
    st.sampled_from(["", "0", "7", "a", "true", "SUCCESS", "&amp;", "<![CDATA[x]]>"]),
    lambda inner: st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "item",
                    "id",
                    "number",
                    "fields",
                    "name",
                    "value",
                    "error",
                    "code",
                    "lists",
                    "page",
                ]
            ),
            inner,
        ),
        max_size=4,
    ).map(lambda pairs: "".join(f"<{tag}>{inside}</{tag}>" for tag, inside in pairs)),
    max_leaves=12,
)


@given(
    name=st.sampled_from(list(EXPECTED)),
    body=st.one_of(
        st.binary(max_size=120),
        ELEMENTS.map(lambda inside: f"<response>{inside}</response>".encode()),
        TREES.map(json.dumps).map(str.encode),
    ),
    status=st.integers(100, 599),
)
def test_every_decoder_takes_any_bytes(name: str, body: bytes, status: int) -> None:
    read(JSON_CALLS[name], HttpResponse(status, {}, body))
    read(SERVICE.inbox().page(1), HttpResponse(status, {}, body))
