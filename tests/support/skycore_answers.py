"""A call of Skycore's, and answers to it that say yes, no and neither."""

from __future__ import annotations

from typing import Any

import pytest

from mmsclient.errors import CallError
from mmsclient.messages import Mms, Slide
from mmsclient.services.skycore import Skycore
from mmsclient.wire import Call, HttpResponse

SERVICE = Skycore(api_key="k-golden")
MESSAGE = Mms(
    to="+1 (202) 555-0143",
    sender="70707",
    name="menu-07",
    subject="Fresh at 7",
    slides=(Slide(text="Rye"),),
    reference="order-117",
)
SEND = SERVICE.send(MESSAGE)
YES = b"<RESPONSE><STATUS>Success</STATUS><TRACKINGID>Hq-1</TRACKINGID></RESPONSE>"
NEITHER = b"<RESPONSE><TO>12025550143</TO></RESPONSE>"
FAILURE = b"<RESPONSE><STATUS>Failure</STATUS></RESPONSE>"


def no(code: str, info: str = "because") -> bytes:
    return (
        f"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>{code}</ERRORCODE>"
        f"<ERRORINFO>{info}</ERRORINFO></RESPONSE>"
    ).encode()


def error_of(
    body: bytes,
    status: int = 200,
    headers: dict[str, str] | None = None,
    call: Call[Any] = SEND,
) -> CallError:
    with pytest.raises(CallError) as raised:
        call.decode(HttpResponse(status, headers or {}, body))
    return raised.value
