"""Verdicts of TransmitSMS that codes or proofs of their own decide, on calls that are not sends too."""

from __future__ import annotations

import json

import pytest
from transmitsms_answers import MESSAGE, READ, SERVICE, error_of, no
from transmitsms_calls import JSON_CALLS, XML_CALLS
from transmitsms_verdicts import (
    REFUSED,
    REFUSED_CALL,
    THROTTLED,
    UNDOCUMENTED,
    UNREADABLE,
    Found,
    found,
)

from mmsclient.wire import HttpResponse


@pytest.mark.parametrize("name", ["batch", "cancel-sms", "lease-number", "add-email"])
@pytest.mark.parametrize("status", [200, 302, 408, 499])
@pytest.mark.parametrize("code", UNDOCUMENTED)
def test_such_a_code_is_no_certain_refusal_where_a_repeat_could_do_harm(
    code: str, status: int, name: str
) -> None:
    call = SERVICE.batch([MESSAGE]) if name == "batch" else JSON_CALLS[name]
    assert found(error_of(no(code), status, call=call)) == UNREADABLE
    assert found(error_of(no(code), status, call=READ)) == UNDOCUMENTED[code]


@pytest.mark.parametrize("name", ["add-email", "delete-email"])
@pytest.mark.parametrize("kind", ["json", "xml"])
@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("FIELD_INVALID", 400, REFUSED),
        ("OVER_LIMIT", 429, THROTTLED),
        ("OVER_LIMIT", 200, THROTTLED),
        ("", 400, REFUSED_CALL),
        ("", 429, THROTTLED),
        ("", 200, UNREADABLE),
        ("SUCCESS", 200, UNREADABLE),
    ],
)
def test_success_that_says_false_is_no_yes(
    name: str, kind: str, code: str, status: int, expected: Found
) -> None:
    block = {"error": {"code": code}} if code else {}
    if kind == "json":
        body = json.dumps({"success": False} | block).encode()
    else:
        inside = f"<error><code>{code}</code></error>" if code else ""
        body = f"<response><success>false</success>{inside}</response>".encode()
    call = (JSON_CALLS if kind == "json" else XML_CALLS)[name]
    assert found(error_of(body, status, call=call)) == expected


@pytest.mark.parametrize("name", ["cancel-sms", "add-email", "delete-email"])
def test_success_proves_a_yes_and_objects_to_a_no(name: str) -> None:
    for said in ("OK", "ok", True, "true", 1):
        body = json.dumps({"success": said}).encode()
        JSON_CALLS[name].decode(HttpResponse(200, {}, body))
        both = json.dumps({"success": said, "error": {"code": "FIELD_INVALID"}}).encode()
        assert found(error_of(both, 400, call=JSON_CALLS[name])) == UNREADABLE
    for other in ("maybe", "", None, 0, "no"):
        body = json.dumps({"success": other}).encode()
        assert found(error_of(body, call=JSON_CALLS[name])) == UNREADABLE


@pytest.mark.parametrize(
    "body",
    [b"<html><br></html>", b"<html></html>", b"<", b"busy", b"", b"<response><a></response>"],
)
def test_the_reason_speaks_of_the_form_that_was_asked_for(body: bytes) -> None:
    assert "XML" not in str(error_of(body))
    assert "JSON" in str(error_of(body))
    assert "JSON" not in str(error_of(body, call=XML_CALLS["send-sms"]))
