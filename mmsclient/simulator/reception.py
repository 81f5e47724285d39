"""The path of one call through the service: what strikes it, what it answers. Nothing waits here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import attrs

from mmsclient.simulator.faults import Asked, Fault
from mmsclient.simulator.ledger import SeenCall
from mmsclient.wire import HttpResponse

if TYPE_CHECKING:
    from mmsclient.simulator.vendor import Vendor

End: TypeAlias = Literal["answer", "reset", "close", "cut"]

#: How long a stall lasts unless the fault says otherwise: longer than any client waits by default.
STALL = 120.0

#: What becomes of the connection, by kind of fault; every other kind answers.
_ENDS: dict[str, End] = {
    "drop_before": "reset",
    "close_before": "close",
    "drop_after": "reset",
    "close_after": "close",
    "cut": "cut",
}

_ENTITIES = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))

#: 24 MB of well-formed XML.
_PADS = 2_000_000

_BODIES: dict[str, bytes] = {
    "html": b"<html><body><h1>It works!</h1><br></body></html>",
    "empty": b"",
    "not_utf8": b"<RESPONSE><STATUS>Succ\xe8s</STATUS></RESPONSE>",
    "doctype": b'<!DOCTYPE RESPONSE [<!ENTITY e0 "x">%s]><RESPONSE>&e9;</RESPONSE>' % _ENTITIES,
    "both": (
        b"<RESPONSE><STATUS>Success</STATUS><ERRORCODE>E503</ERRORCODE>"
        b"<ERRORINFO>Internal error</ERRORINFO></RESPONSE>"
    ),
    "neither": b"<RESPONSE><NOTE>Thank you</NOTE></RESPONSE>",
}


@attrs.frozen(kw_only=True)
class Arrived:
    """A request as it came in at a door."""

    method: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    """Names in lower case."""
    body: bytes = attrs.field(repr=False)
    source: str
    """The address it came from."""


@attrs.frozen(kw_only=True)
class Done:
    """What the service made of a call, for the ledger and for the caller."""

    response: HttpResponse
    verdict: str
    account: int | None = None
    refused_for_rate: bool = False
    counted: bool = False


class Wire(Protocol):
    """One service's wire: bytes to the vendor's methods and back."""

    def read(self, arrived: Arrived) -> Asked:
        """Return what is known about the call before anybody judges it; never raises."""
        ...

    def carry_out(self, asked: Asked, source: str, fault: Fault | None) -> Done:
        """Judge the call, carry it out, and return the answer."""
        ...


@attrs.frozen(kw_only=True)
class Visit:
    """A call at the reception, not yet looked at by the service."""

    asked: Asked
    source: str
    fault: Fault | None

    @property
    def held(self) -> float:
        """Seconds before the service looks at it."""
        return _stall(self.fault) if self.fault and self.fault.kind == "stall_before" else 0.0


@attrs.frozen(kw_only=True)
class Answer:
    """What goes back, and how the connection ends."""

    response: HttpResponse
    held: float = 0.0
    """Seconds before it goes."""
    end: End = "answer"


class Reception:
    """Takes calls of one wire in."""

    def __init__(self, vendor: Vendor, wire: Wire) -> None:
        self.vendor = vendor
        self._wire = wire

    def meet(self, arrived: Arrived) -> Visit:
        """Take a call in, and decide what strikes it."""
        asked = self._wire.read(arrived)
        with self.vendor.lock:
            return Visit(asked=asked, source=arrived.source, fault=self.vendor.strike(asked))

    def handle(self, visit: Visit) -> Answer:
        """Let the service look at a call, and return what goes back."""
        fault = visit.fault
        with self.vendor.lock:
            self.vendor.settle()
            at = self.vendor.clock.real()
            if fault and fault.where == "front" and not visit.held:
                done = Done(response=_front(fault), verdict=_verdict(fault))
            else:
                done = self._wire.carry_out(visit.asked, visit.source, fault)
            self._enter(visit, done, at)
        return _spoil(done.response, fault) if fault else Answer(response=done.response)

    def _enter(self, visit: Visit, done: Done, at: float) -> None:
        seen = SeenCall(
            at=at,
            action=visit.asked.action,
            verdict=done.verdict,
            refused_for_rate=done.refused_for_rate,
            counted=done.counted,
            fault=visit.fault.kind if visit.fault else None,
            account=done.account,
        )
        self.vendor.ledger.add(seen)


def _stall(fault: Fault) -> float:
    return STALL if fault.seconds is None else fault.seconds


def _verdict(fault: Fault) -> str:
    return f"HTTP {fault.status}" if fault.status else fault.kind


def _front(fault: Fault) -> HttpResponse:
    return _plain(fault) if fault.status else HttpResponse(200)


def _plain(fault: Fault) -> HttpResponse:
    headers = {"content-type": "text/plain"}
    if fault.retry_after is not None:
        headers["retry-after"] = f"{fault.retry_after:g}"
    if fault.status and 300 <= fault.status < 400:
        headers["location"] = "/elsewhere/"
    empty = fault.status in {204, 304}
    return HttpResponse(fault.status or 200, headers, b"" if empty else b"Not now.\n")


def _spoil(response: HttpResponse, fault: Fault) -> Answer:
    held = _stall(fault) if fault.kind == "stall" else 0.0
    if fault.kind == "garbage":
        response = HttpResponse(200, response.headers, _garbage(fault.body, response.body))
    elif fault.status:
        response = _plain(fault)
    return Answer(response=response, held=held, end=_ENDS.get(fault.kind, "answer"))


def _garbage(body: str, answer: bytes) -> bytes:
    if body == "truncated":
        return answer[: len(answer) // 2]
    if body == "huge":
        return b"<RESPONSE>" + b"<PAD>x</PAD>" * _PADS + b"</RESPONSE>"
    return _BODIES[body]
