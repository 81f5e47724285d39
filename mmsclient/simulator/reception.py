"""The path of one call through the service: what strikes it, what it answers. Nothing waits here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import attrs

from mmsclient.simulator.course import Done
from mmsclient.simulator.faults import Asked, Fault
from mmsclient.simulator.ledger import SeenCall
from mmsclient.wire import HttpResponse

if TYPE_CHECKING:
    from mmsclient.simulator.content import Kind
    from mmsclient.simulator.garbage import Nonsense
    from mmsclient.simulator.news import News
    from mmsclient.simulator.sent import Sent
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


@attrs.frozen(kw_only=True)
class Arrived:
    """A request as it came in at a door."""

    method: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    """Names in lower case."""
    body: bytes = attrs.field(repr=False)
    source: str
    """The address it came from."""
    path: str = "/"
    """What comes after the service's address, percent signs undone: ``/send-sms.json``."""
    query: str = attrs.field(default="", repr=False)
    """As it came, without the question mark."""


class Wire(Protocol):
    """One service's wire: bytes to the vendor's methods and back."""

    def turn_away(self, arrived: Arrived) -> HttpResponse | None:
        """Return what a server in front answers to a wrong method or address, or None."""
        ...

    def read(self, arrived: Arrived) -> Asked:
        """Return what is known about the call before anybody judges it; never raises."""
        ...

    def carry_out(self, asked: Asked, source: str, fault: Fault | None) -> Done:
        """Judge the call, carry it out, and return the answer."""
        ...

    def nonsense(self, asked: Asked) -> Nonsense:
        """Return what garbage in answer to this call is made of."""
        ...

    def inbound_id(self, serial: int, kind: Kind) -> str:
        """Return the service's own identifier of the inbound message of that number."""
        ...

    def tell(self, news: News) -> None:
        """Give the vendor what postbacks this news makes, if there is an address for them."""
        ...


@attrs.frozen(kw_only=True)
class Visit:
    """A call at the reception, not yet looked at by the service."""

    asked: Asked
    arrived: Arrived
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

    def __init__(self, vendor: Vendor, wire: Wire, service: str) -> None:
        self.vendor = vendor
        self.service = service
        self._wire = wire

    def turn_away(self, arrived: Arrived) -> HttpResponse | None:
        """Return the answer to what is no call at all: a wrong method or address."""
        return self._wire.turn_away(arrived)

    def meet(self, arrived: Arrived) -> Visit:
        """Take a call in, and decide what strikes it."""
        asked = self._wire.read(arrived)
        if asked.service != self.service:
            asked = attrs.evolve(asked, service=self.service)
        with self.vendor.lock:
            return Visit(asked=asked, arrived=arrived, fault=self.vendor.strike(asked))

    def handle(self, visit: Visit) -> Answer:
        """Let the service look at a call, and return what goes back."""
        fault = visit.fault
        with self.vendor.lock:
            self.vendor.settle()
            at = self.vendor.clock.real()
            if fault and fault.where == "front" and not visit.held:
                done = Done(response=self._front(visit, fault), verdict=_verdict(fault))
            else:
                known = len(self.vendor.register.rows)
                done = self._wire.carry_out(visit.asked, visit.arrived.source, fault)
                self._keep(visit.arrived, done, self.vendor.register.rows[known:])
            self._enter(visit, done, at)
        return self._spoil(visit, done.response, fault)

    def _keep(self, arrived: Arrived, done: Done, sent: list[Sent]) -> None:
        """Keep the document behind what a call sent."""
        if sent:
            query = f"?{arrived.query}" if arrived.query else ""
            serial = self.vendor.documents.keep(
                self.vendor.books[sent[0].account].account,
                addresses=sent[0].message.callbacks.values(),
                method=arrived.method,
                target=f"/{self.service}{arrived.path}{query}",
                headers=arrived.headers,
                body=arrived.body,
                response=done.response,
            )
            for row in sent:
                row.document = serial

    def _enter(self, visit: Visit, done: Done, at: float) -> None:
        seen = SeenCall(
            at=at,
            service=self.service,
            action=visit.asked.action,
            verdict=done.verdict,
            refused_for_rate=done.refused_for_rate,
            counted=done.counted,
            fault=visit.fault.kind if visit.fault else None,
            account=done.account,
        )
        self.vendor.ledger.add(seen)
        if done.account is not None:
            self.vendor.books[done.account].service = self.service

    def _front(self, visit: Visit, fault: Fault) -> HttpResponse:
        nothing = HttpResponse(200)
        return self._status(visit, fault, nothing) if fault.status else nothing

    def _status(self, visit: Visit, fault: Fault, answer: HttpResponse) -> HttpResponse:
        headers = {"content-type": "text/plain"}
        body = b"" if fault.status in {204, 304} else b"Not now.\n"
        if fault.body == "answer":
            headers, body = dict(answer.headers), answer.body
        elif fault.body not in {None, "plain"}:
            headers["content-type"] = "text/html"
            body = self._garbage(visit, fault, answer)
        if fault.retry_after is not None:
            headers["retry-after"] = f"{fault.retry_after:g}"
        if fault.status and 300 <= fault.status < 400:
            headers["location"] = "/elsewhere/"
        return HttpResponse(fault.status or 200, headers, body)

    def _spoil(self, visit: Visit, response: HttpResponse, fault: Fault | None) -> Answer:
        if fault is None:
            return Answer(response=response)
        held = _stall(fault) if fault.kind == "stall" else 0.0
        if fault.kind == "garbage":
            body = self._garbage(visit, fault, response)
            response = HttpResponse(200, response.headers, body)
        elif fault.status and fault.taken:
            response = self._status(visit, fault, response)
        return Answer(response=response, held=held, end=_ENDS.get(fault.kind, "answer"))

    def _garbage(self, visit: Visit, fault: Fault, answer: HttpResponse) -> bytes:
        return self._wire.nonsense(visit.asked).body(fault.body or "html", answer)


def _stall(fault: Fault) -> float:
    return STALL if fault.seconds is None else fault.seconds


def _verdict(fault: Fault) -> str:
    return f"HTTP {fault.status}" if fault.status else fault.kind
