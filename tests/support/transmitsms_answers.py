"""Calls of TransmitSMS, and answers to them that say yes, no and neither."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mmsclient.errors import CallError
from mmsclient.messages import Sms
from mmsclient.services.transmitsms import TransmitSMS
from mmsclient.wire import Call, HttpResponse, RawPostback

GOLDEN = Path(__file__).parents[1] / "golden" / "transmitsms"
KEY, SECRET = "k-golden", "s-golden"
SERVICE = TransmitSMS(api_key=KEY, api_secret=SECRET)
XML = TransmitSMS(api_key=KEY, api_secret=SECRET, format="xml")
MESSAGE = Sms(
    to="+1 (202) 555-0143", sender="70707", text="Two loaves, please\n+1", reference="order-117"
)
SEND = SERVICE.send(MESSAGE)
READ = SERVICE.get_balance()
YES = b'{"message_id":880143,"recipients":1,"error":{"code":"SUCCESS","description":"OK"}}'
NEITHER = b'{"recipients":1}'


def answer(name: str, kind: str = "json", status: int = 200) -> HttpResponse:
    return HttpResponse(status, {}, (GOLDEN / f"{name}-answer.{kind}").read_bytes())


def callback(name: str, **headers: str) -> RawPostback:
    query = (GOLDEN / f"{name}-callback.txt").read_text(encoding="utf-8").strip()
    named = {key.replace("_", "-"): said for key, said in headers.items()}
    return RawPostback("GET", query, named)


def told(tree: Any, status: int = 200, **headers: str) -> HttpResponse:
    """An answer in JSON; it says SUCCESS unless it says otherwise."""
    if isinstance(tree, dict):
        tree = {"error": {"code": "SUCCESS", "description": "OK"}} | tree
    return HttpResponse(status, headers, json.dumps(tree).encode())


def no(code: str, description: object = "because") -> bytes:
    return json.dumps({"error": {"code": code, "description": description}}).encode()


def error_of(
    body: bytes,
    status: int = 200,
    headers: dict[str, str] | None = None,
    call: Call[Any] = SEND,
) -> CallError:
    with pytest.raises(CallError) as raised:
        call.decode(HttpResponse(status, headers or {}, body))
    return raised.value
