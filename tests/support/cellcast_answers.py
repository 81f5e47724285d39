"""Calls of Cellcast's two APIs, and answers to them that say yes, no and neither."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mmsclient.errors import CallError
from mmsclient.messages import File, Mms, Slide, Sms
from mmsclient.services.cellcast import Cellcast
from mmsclient.wire import Call, HttpResponse, RawPostback

GOLDEN = Path(__file__).parents[1] / "golden" / "cellcast"
KEY, TOKEN = "k-golden", "t-golden"
SERVICE = Cellcast(app_key=KEY)
BEARER = Cellcast(token=TOKEN)

# Australian numbers that are reserved for fiction.
NUMBER, OTHER, THIRD = "61491570006", "61491570110", "61491570313"
PNG = File(b"\x89PNG\r\n\x1a\n a loaf", "07.png")
MESSAGE = Sms(to="+61 491 570 006", sender="Bakery", text="Rye at 7", reference="order-117")
PICTURE = Mms(to=NUMBER, subject="Fresh at 7", slides=(Slide(image=PNG, text="Rye"),))
SEND = SERVICE.send(MESSAGE)
SEND_MMS = SERVICE.send(PICTURE)
QUEUE = BEARER.send(MESSAGE)
READ = SERVICE.account()

MESSAGES: dict[str, Any] = {"messages": [{"message_id": "Q-1", "to": f"+{NUMBER}"}]}
QUEUED: dict[str, Any] = {"queueResponse": [{"MessageId": "Q-1", "Number": f"+{NUMBER}"}]}
META = {"code": 200, "status": "SUCCESS"}
OK = {"code": "SUCCESS", "description": "OK"}


def text(tree: Any) -> bytes:
    return json.dumps(tree).encode()


YES = text({"meta": META, "msg": "Queued", "data": MESSAGES})
OVERVIEW_YES = text({"error": OK, **MESSAGES})
QUEUE_YES = text({"status": True, "message": "Taken", "data": QUEUED, "error": {}})
NEITHER = text({"note": "Thank you"})


def no(code: str, said: str = "because", http: int = 400) -> bytes:
    """A failure as published."""
    return text({"meta": {"code": http, "status": code}, "msg": said, "data": []})


def overview_no(code: str, said: str = "because") -> bytes:
    """A failure as the overview pages have it."""
    return text({"error": {"code": code, "description": said}})


def answer(name: str, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {}, (GOLDEN / f"{name}-answer.json").read_bytes())


def callback(name: str) -> RawPostback:
    return RawPostback("POST", "", {}, (GOLDEN / f"{name}-callback.json").read_bytes())


def told(tree: Any, status: int = 200, **headers: str) -> HttpResponse:
    named = {key.replace("_", "-"): said for key, said in headers.items()}
    return HttpResponse(status, named, text(tree))


def error_of(
    body: bytes,
    status: int = 200,
    headers: dict[str, str] | None = None,
    call: Call[Any] = SEND,
) -> CallError:
    with pytest.raises(CallError) as raised:
        call.decode(HttpResponse(status, headers or {}, body))
    return raised.value
