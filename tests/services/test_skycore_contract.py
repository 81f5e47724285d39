"""The send contract at Skycore: every code, every status, hostile documents and any bytes."""

from __future__ import annotations

import contextlib
import pickle
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from skycore_answers import FAILURE, NEITHER, SEND, SERVICE, YES, error_of, no

from mmsclient.errors import (
    AuthenticationError,
    CallError,
    InsufficientCreditError,
    NotFoundError,
    QuotaExceededError,
    RefusedError,
    ServiceFailedError,
    ThrottledError,
    UnreadableReplyError,
)
from mmsclient.services.skycore import codes, envelope
from mmsclient.services.xmltree import XmlError
from mmsclient.wire import Call, HttpResponse

# Code: error, transient, may have happened, concerns. Every code not here is a plain refusal.
CONTRACT: dict[str, tuple[type[CallError], bool, bool, str]] = {
    "E104": (AuthenticationError, False, False, "account"),
    "E105": (AuthenticationError, False, False, "account"),
    "E107": (AuthenticationError, False, False, "account"),
    "E109": (AuthenticationError, False, False, "account"),
    "E112": (AuthenticationError, False, False, "account"),
    "E106": (ThrottledError, True, False, "account"),
    "E113": (ThrottledError, True, False, "account"),
    "E120": (QuotaExceededError, False, False, "account"),
    "E713": (InsufficientCreditError, False, False, "account"),
    "E241": (NotFoundError, False, False, "message"),
    "E618": (ServiceFailedError, True, False, "connection"),
    "E503": (ServiceFailedError, True, True, "connection"),
}
REFUSED = (RefusedError, False, False, "message")

# What the documents list, spelled out apart from the table under test.
DOCUMENTED = {
    f"E{number}"
    for numbers in (
        range(100, 110),
        range(112, 115),
        (110, 111, 120, 170, 171, 172, 173, 200, 201),
        range(150, 155),
        range(211, 215),
        range(223, 231),
        (241, *range(301, 305), *range(311, 315)),
        (*range(331, 339), 341, 343, 351, 352, 353, 355, 356, 357, 358, 361, 362, 363),
        (*range(400, 407), *range(911, 919), 503, *range(506, 511)),
        (*range(617, 634), *range(640, 644), 650, 651, 655),
        (712, 713, 714, 715, 718, 721, *range(801, 900), *range(950, 1000)),
        range(901, 906),
    )
    for number in numbers
}


def test_every_documented_code_is_in_the_table() -> None:
    assert set(codes.CODES) == DOCUMENTED
    assert all(row.code == code and row.meaning for code, row in codes.CODES.items())


@pytest.mark.parametrize("status", [200, 400, 401, 404, 429, 500, 503])
@pytest.mark.parametrize("code", [*sorted(DOCUMENTED), "E777", "OVER_LIMIT", "e113 "])
def test_a_code_in_the_body_decides_before_the_status(code: str, status: int) -> None:
    error = error_of(no(code), status)
    name = code.strip().upper()
    found = (type(error), error.transient, error.may_have_happened, error.concerns)
    assert found == CONTRACT.get(name, REFUSED)
    assert (error.code, error.http_status, error.description) == (name, status, "because")
    assert name in str(error)
    assert "because" not in str(error)


def test_a_code_is_a_no_even_without_a_status() -> None:
    assert error_of(b"<RESPONSE><ERRORCODE>E110</ERRORCODE></RESPONSE>").code == "E110"


UNREADABLE = (UnreadableReplyError, False, True, "connection")
FAILED = (ServiceFailedError, True, True, "connection")
THROTTLED = (ThrottledError, True, False, "account")
SHUT_OUT = (AuthenticationError, False, False, "account")
PENNILESS = (InsufficientCreditError, False, False, "account")
REFUSED_CALL = (RefusedError, False, False, "account")

BY_STATUS = {
    **dict.fromkeys((200, 202, 204, 301, 307, 408, 499), UNREADABLE),
    **dict.fromkeys((500, 502, 503, 504, 599), FAILED),
    429: THROTTLED,
    401: SHUT_OUT,
    403: SHUT_OUT,
    402: PENNILESS,
    **dict.fromkeys((400, 404, 405, 413, 422), REFUSED_CALL),
}

NOT_READ = {
    "empty": b"",
    "text": b"Service unavailable",
    "html": b"<html><body><p>Busy<br></body></html>",
    "page": b"<html><body>Busy</body></html>",
    "cut": YES[:-8],
    "empty root": b"<RESPONSE/>",
    "neither": NEITHER,
    "list of statuses": YES.replace(b"<TRACK", b"<STATUS>Failure</STATUS><TRACK"),
}


@pytest.mark.parametrize("status", BY_STATUS)
@pytest.mark.parametrize("body", NOT_READ.values(), ids=NOT_READ)
def test_without_a_verdict_in_the_body_the_status_decides(body: bytes, status: int) -> None:
    error = error_of(body, status)
    found = (type(error), error.transient, error.may_have_happened, error.concerns)
    assert found == BY_STATUS[status]
    assert (error.code, error.http_status, error.raw) == (None, status, body)


@pytest.mark.parametrize("status", BY_STATUS)
def test_a_failure_without_a_code_concerns_the_account(status: int) -> None:
    error = error_of(FAILURE, status)
    found = (type(error), error.transient, error.may_have_happened, error.concerns)
    expected = BY_STATUS[status]
    assert found == (REFUSED_CALL if expected is UNREADABLE else expected)
    assert error.code is None


@pytest.mark.parametrize("status", [301, 400, 401, 408, 429, 500, 503])
def test_a_yes_under_a_status_that_says_no_is_open(status: int) -> None:
    assert isinstance(error_of(YES, status), UnreadableReplyError)


@pytest.mark.parametrize("status", [200, 429, 503])
def test_yes_and_no_in_one_answer_is_open(status: int) -> None:
    both = YES.replace(b"<TRACK", b"<ERRORCODE>E113</ERRORCODE><TRACK")
    assert isinstance(error_of(both, status), UnreadableReplyError)


def test_blocks_that_disagree_are_open() -> None:
    good = b"<SENDING><TRACKINGID>Hq-1</TRACKINGID></SENDING>"
    bad = b"<SENDING><ERRORCODE>E110</ERRORCODE></SENDING>"
    torn = b"<SENDING><STATUS>Success</STATUS><ERRORCODE>E110</ERRORCODE></SENDING>"
    for blocks in (good + bad, bad + good, torn):
        body = b"<RESPONSE><STATUS>Success</STATUS>" + blocks + b"</RESPONSE>"
        assert isinstance(error_of(body), UnreadableReplyError)


def test_a_text_of_strange_shape_does_not_hide_the_no() -> None:
    error = error_of(no("E110", "<P>because</P>"))
    assert (error.code, error.description) == ("E110", None)


ODD_CODES = {
    "two codes": b"<ERRORCODE>E113</ERRORCODE><ERRORCODE>E110</ERRORCODE>",
    "block": b"<ERRORCODE><A>E113</A></ERRORCODE>",
    "text and block": b"<ERRORCODE>E113</ERRORCODE><ERRORCODE><A/></ERRORCODE>",
}


@pytest.mark.parametrize("status", BY_STATUS)
@pytest.mark.parametrize("code", ODD_CODES.values(), ids=ODD_CODES)
@pytest.mark.parametrize("around", [b"%b", b"<SENDING>%b</SENDING>"])
def test_a_failure_with_a_code_of_odd_shape_is_one_without_a_code(
    around: bytes, code: bytes, status: int
) -> None:
    error = error_of(FAILURE.replace(b"</RESP", around % code + b"</RESP"), status)
    found = (type(error), error.transient, error.may_have_happened, error.concerns)
    expected = BY_STATUS[status]
    assert found == (REFUSED_CALL if expected is UNREADABLE else expected)
    assert error.code is None


@pytest.mark.parametrize("code", ODD_CODES.values(), ids=ODD_CODES)
@pytest.mark.parametrize("around", [b"%b", b"<SENDING>%b</SENDING>"])
def test_a_yes_or_nothing_beside_a_code_of_odd_shape_is_open(around: bytes, code: bytes) -> None:
    for body in (YES, NEITHER):
        odd = body.replace(b"</RESP", around % code + b"</RESP")
        assert isinstance(error_of(odd), UnreadableReplyError)


@pytest.mark.parametrize("body", [FAILURE, NEITHER])
def test_a_code_said_twice_is_that_code(body: bytes) -> None:
    twice = b"<ERRORCODE>E113</ERRORCODE>" * 2
    error = error_of(body.replace(b"</RESP", twice + b"</RESP"))
    assert (type(error), error.code) == (ThrottledError, "E113")


def test_what_is_no_code_is_not_shown() -> None:
    error = error_of(no("call 12025550143"))
    assert isinstance(error, RefusedError)
    assert error.code is None
    assert "12025550143" not in f"{error} {error!r}"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": " 2.5 "}, 2.5),
        (
            {
                "Retry-After": "Mon, 03 Feb 2031 04:05:36 GMT",
                "Date": "Mon, 03 Feb 2031 04:05:06 GMT",
            },
            30.0,
        ),
        (
            {
                "Retry-After": "Mon, 03 Feb 2031 04:05:06 GMT",
                "Date": "Mon, 03 Feb 2031 04:05:36 GMT",
            },
            None,
        ),
        ({"Retry-After": "Mon, 03 Feb 2020 04:05:06 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
    ],
)
def test_the_wait_comes_from_the_header(headers: dict[str, str], seconds: float | None) -> None:
    assert error_of(no("E113"), 200, headers).retry_after == seconds
    assert error_of(b"busy", 429, headers).retry_after == seconds


def test_a_date_counts_from_now_where_the_answer_has_none() -> None:
    wait = error_of(b"", 503, {"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}).retry_after
    assert wait is not None
    left = (datetime(2100, 1, 1, tzinfo=UTC) - datetime.now(UTC)).total_seconds()
    assert abs(wait - left) < 60


@pytest.mark.parametrize(
    ("info", "seconds"),
    [
        ("Interval between calls is 5 seconds", 5.0),
        ("wait 0.5s", 0.5),
        ("Minimum interval: 12.", 12.0),
        ("wait", None),
        ("between 5 and 10 seconds", None),
        ("", None),
        ("interval: 5sec, then again", 5.0),
        ("5 secs", 5.0),
        ("1 Second.", 1.0),
        ("5 s", 5.0),
        ("250 ms", 0.25),
        ("1500ms", 1.5),
        ("2 milliseconds", 0.002),
        ("1 minute", 60.0),
        ("2min", 120.0),
        ("1.5 minutes", 90.0),
        ("1 h", None),
        ("2 hours", None),
        ("5 \u00b5s", None),
        ("5 calls", None),
        ("1,000 ms", None),
        ("1.5.2 s", None),
        ("1234567 s", None),
        ("-5 s", None),
    ],
)
def test_the_minimum_interval_stands_in_the_text(info: str, seconds: float | None) -> None:
    assert error_of(no("E106", info)).retry_after == seconds
    assert error_of(no("E113", info)).retry_after is None
    assert error_of(no("E106", info), headers={"Retry-After": "9"}).retry_after == 9.0


HOSTILE = {
    "document type": b"<!DOCTYPE RESPONSE><RESPONSE><STATUS>Success</STATUS></RESPONSE>",
    "entity": b'<!DOCTYPE RESPONSE [<!ENTITY a "Success">]><RESPONSE><STATUS>&a;</STATUS></RESPONSE>',
    "external": b'<!DOCTYPE a SYSTEM "file:///etc/hostname"><RESPONSE/>',
    "depth": b"<RESPONSE>" + b"<A>" * 40 + b"</A>" * 40 + YES[10:],
    "elements": b"<RESPONSE>" + b"<A/>" * 50_001 + YES[10:],
    "attributes": b"<RESPONSE %b>" % b" ".join(b"a%d='1'" % n for n in range(50_001)) + YES[10:],
    "size": b"<RESPONSE>" + b" " * (8 * 1024 * 1024) + YES[10:],
    "codec": b'<?xml version="1.0" encoding="unicode_escape"?>' + YES,
    "multi-byte codec": b'<?xml version="1.0" encoding="utf-7"?>' + YES,
    "undefined entity": b"<RESPONSE><STATUS>&nbsp;Success</STATUS></RESPONSE>",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_xml_is_not_read(body: bytes) -> None:
    error = error_of(body)
    assert isinstance(error, UnreadableReplyError)
    assert len(str(error)) < 120


@pytest.mark.parametrize(
    "body",
    [
        b"<?xml version='1.0'?>" + YES,
        b"\xef\xbb\xbf" + YES,
        b"\r\n \t<?xml version='1.0'?>" + YES,
        b"\n\xef\xbb\xbf\n<?xml version='1.0'?>" + YES,
        YES.lower(),
        YES.replace(b"Hq-1", b"<![CDATA[Hq-1]]>"),
        YES.replace(b"Success", b"\n  success\n"),
        YES.replace(b"<STATUS>", b'<STATUS at="now">'),
        YES.replace(b"</RESPONSE>", b"<NEW><FIELD>1</FIELD></NEW><!-- fine --></RESPONSE>"),
        YES.replace(b"</RESPONSE>", b"<ERRORCODE/><ERRORINFO></ERRORINFO></RESPONSE>"),
        YES.replace(b"</RESPONSE>", b"<ERRORCODE>\n </ERRORCODE></RESPONSE>"),
        YES.replace(b"</RESPONSE>", b"<SENDING><ERRORCODE>\n </ERRORCODE></SENDING></RESPONSE>"),
        YES.decode().encode("utf-16"),
    ],
)
def test_harmless_variety_is_read(body: bytes) -> None:
    assert SEND.decode(HttpResponse(200, {}, body)).id.lower() == "hq-1"


def in_many_cases(number: int) -> bytes:
    """Elements that have one name but for its case."""
    named = (f"{n:016b}".translate({48: "a", 49: "A"}) for n in range(number))
    return b"<RESPONSE>" + "".join(f"<{name}>1</{name}>" for name in named).encode() + YES[10:]


def test_names_that_meet_cost_no_more_than_others() -> None:
    def seconds(document: bytes) -> float:
        before = time.process_time()
        assert len(envelope.parse(document, "RESPONSE")["A" * 16]) >= 10_000
        return time.process_time() - before

    few, many = in_many_cases(10_000), in_many_cases(40_000)
    ratio = min(seconds(many) for _ in range(3)) / min(seconds(few) for _ in range(3))
    assert ratio < 8  # 4 by the number of elements, 16 if each were compared with all


def test_names_that_meet_are_one_list_in_order() -> None:
    body = b"<RESPONSE><a>1</a><A>2</A><a><b/></a><B><c>3</c></B><b>4</b></RESPONSE>"
    assert envelope.parse(body, "RESPONSE") == {
        "A": ["1", {"B": None}, "2"],
        "B": [{"C": "3"}, "4"],
    }


NAMES = st.sampled_from(
    ["RESPONSE", "STATUS", "ERRORCODE", "ERRORINFO", "TRACKINGID", "SENDING", "SUBSCRIBER", "Mmsid"]
)
WORDS = st.sampled_from(["Success", "Failure", "E113", "E503", "", " ", "&amp;", "<![CDATA[x]]>"])
TREES = st.recursive(
    WORDS,
    lambda inner: st.lists(st.tuples(NAMES, inner), max_size=4).map(
        lambda pairs: "".join(f"<{name}>{inside}</{name}>" for name, inside in pairs)
    ),
    max_leaves=12,
)
HEADERS = st.dictionaries(st.sampled_from(["Retry-After", "Date"]), st.text(max_size=40))
EVERY_CALL: list[Call[Any]] = [
    SEND,
    SERVICE.get_mms_templates().page(1),
    SERVICE.get_messaging_campaigns().page(1),
    SERVICE.get_mms_ids().page(1),
    SERVICE.delete_mmsid(mms_id="1"),
    SERVICE.send_message_by_subscriber_ref(subscriber_ref="a", campaign_ref="b", text="c"),
]


@given(
    body=st.one_of(
        st.binary(max_size=200),
        TREES.map(lambda tree: f"<RESPONSE>{tree}</RESPONSE>".encode()),
        TREES.map(str.encode),
    ),
    status=st.integers(100, 599),
    headers=HEADERS,
    call=st.sampled_from(EVERY_CALL),
)
def test_reading_any_answer_raises_nothing_but_call_errors(
    body: bytes, status: int, headers: dict[str, str], call: Call[Any]
) -> None:
    error = None
    try:
        call.decode(HttpResponse(status, headers, body))
    except CallError as raised:
        error = raised
    if error:
        assert (error.raw, error.operation) == (body, call.operation)
        again = pickle.loads(pickle.dumps(error))
        assert (str(again), vars(again)) == (str(error), vars(error))


@given(body=st.binary(max_size=300))
def test_parsing_any_bytes_raises_nothing_but_its_own_error(body: bytes) -> None:
    with contextlib.suppress(XmlError):
        envelope.parse(b"<?xml version='1.0' encoding='" + body, "RESPONSE")
