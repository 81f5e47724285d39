"""From the bytes of a call to the vendor's methods, and back to bytes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import attrs

from mmsclient.simulator.course import Course, Done, too_many
from mmsclient.simulator.faults import Asked, Fault
from mmsclient.simulator.garbage import Nonsense
from mmsclient.simulator.refusals import Refusal
from mmsclient.simulator.rest import CODES, RestError, basic, strike
from mmsclient.simulator.transmitsms.ask import Ask
from mmsclient.simulator.transmitsms.calls import CALLS
from mmsclient.simulator.transmitsms.document import HEADERS, Body, Format, write
from mmsclient.simulator.transmitsms.numbering import country_code, number
from mmsclient.simulator.transmitsms.office import Offices
from mmsclient.simulator.transmitsms.params import Params, invalid, read
from mmsclient.simulator.transmitsms.posts import SERVICE, Posts
from mmsclient.simulator.transmitsms.sends import nobody
from mmsclient.wire import HttpResponse

if TYPE_CHECKING:
    from mmsclient.simulator.content import Kind
    from mmsclient.simulator.news import News
    from mmsclient.simulator.reception import Arrived
    from mmsclient.simulator.vendor import Vendor

_ADDRESS = re.compile(r"/([a-z0-9-]+)\.(json|xml)", re.ASCII)
_HTML = {"content-type": "text/html"}

#: Where the numbers of inbound messages start.
_FIRST_RESPONSE = 36_500_000

#: Where a call has the number it is about.
_NUMBERS = ("to", "msisdn", "mobile", "from")


@attrs.frozen
class _Opened:
    """A call as it came in."""

    action: str
    form: Format
    params: Params
    credential: tuple[str, str] | None = attrs.field(repr=False)
    """User and password of Basic."""

    @property
    def country(self) -> str | None:
        """The country code that local numbers are read with."""
        return country_code(self.params.get("countrycode") or "")

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers it is about."""
        sent = next(filter(None, map(self.params.get, _NUMBERS)), "")
        found = (number(one, self.country) for one in sent.split(","))
        return tuple(one.digits for one in found if one)


class TransmitSMSWire:
    """The service's door to the vendor: one path for each call."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._offices = Offices(vendor.books)
        self._posts = Posts(vendor, self._offices)

    def turn_away(self, arrived: Arrived) -> HttpResponse | None:
        """Return what a server in front answers to a wrong method or address, or None."""
        if arrived.method not in {"GET", "POST"}:
            status = 411 if arrived.method == "PUT" else 405
            return HttpResponse(status, _HTML, b"<html><h1>%d</h1></html>" % status)
        if not _ADDRESS.fullmatch(arrived.path):
            return HttpResponse(404, _HTML, b"<html><h1>404 Not Found</h1></html>")
        return None

    def nonsense(self, asked: Asked) -> Nonsense:
        """Return what garbage in answer to this call is made of."""
        form = _opened(asked).form
        neither = {
            "json": b'{"note":"Thank you"}',
            "xml": b"<response><note>Thank you</note></response>",
        }
        return Nonsense(form=form, root=b"response", neither=neither[form], both=_both)

    def inbound_id(self, serial: int, _: Kind) -> str:
        """Return the service's own identifier of an inbound message."""
        return str(_FIRST_RESPONSE + serial)

    def tell(self, news: News) -> None:
        """Give the vendor what callbacks this news makes, where there is an address for them."""
        self._posts.tell(news)

    def read(self, arrived: Arrived) -> Asked:
        """Return what is known about the call before anybody judges it; never raises."""
        found = _ADDRESS.fullmatch(arrived.path)
        name, form = found.groups() if found else ("", "json")
        opened = _Opened(
            name,
            "xml" if form == "xml" else "json",
            Params(read(arrived.headers, arrived.query, arrived.body)),
            basic(arrived.headers),
        )
        numbers = opened.numbers
        alone = numbers[0] if len(numbers) == 1 else None
        return Asked(action=name, to=alone, numbers=numbers, service=SERVICE, parsed=opened)

    def carry_out(self, asked: Asked, source: str, fault: Fault | None) -> Done:
        """Judge the call, carry it out, and return the answer."""
        opened, course = _opened(asked), Course(self._vendor)
        try:
            body = self._answer(opened, source, course, fault)
        except RestError as no:
            return course.done(_failure(opened, _fitted(no, asked, fault)), no.code)
        except Refusal as no:
            if course.late and self._vendor.limits.over == 429:
                return course.done(too_many(no.wait), "HTTP 429")
            refused = RestError(CODES.get(no.reason, "FAILED"))
            return course.done(_failure(opened, refused), refused.code)
        error = {"code": "SUCCESS", "description": "OK"}
        document = write(opened.form, {**body, "error": error})
        return course.done(HttpResponse(200, HEADERS[opened.form], document), "accepted")

    def _answer(self, opened: _Opened, source: str, course: Course, fault: Fault | None) -> Body:
        if opened.credential is None:
            raise RestError("AUTH_FAILED_NO_DATA")
        key, secret = opened.credential
        book = self._vendor.let_in(key, source, opened.action, mms=False, passwords=[secret])
        run = CALLS.get(opened.action)
        if run is None:
            raise RestError("NOT_IMPLEMENTED")
        course.meter(book)
        strike(fault, taken=False)
        ask = Ask(
            course=course,
            offices=self._offices,
            posts=self._posts,
            book=book,
            params=opened.params,
            fate=fault,
        )
        body = run(ask)
        strike(fault, taken=True)
        return body


def _opened(asked: Asked) -> _Opened:
    assert isinstance(asked.parsed, _Opened)  # noqa: S101 - read() put it there
    return asked.parsed


def _fitted(no: RestError, asked: Asked, fault: Fault | None) -> RestError:
    """Return the refusal that a fault brings in the words that fit a send."""
    if fault is None or not fault.code or asked.action != "send-sms":
        return no
    if no.code == "RECIPIENTS_ERROR" and isinstance(no.description, str):
        numbers = [asked.to] if asked.to else list(asked.numbers)
        stop = fault.code == "E114"
        fitted = nobody([] if stop else numbers, numbers if stop else [])
        return RestError(no.code, fitted.description, status=no.status)
    if fault.code == "E110":
        words = invalid("to", 'Field "to" is not a valid number.').description
        return RestError(no.code, words, status=no.status)
    return no


def _failure(opened: _Opened, no: RestError) -> HttpResponse:
    if no.bare:
        return HttpResponse(no.status, {"content-type": "text/plain"}, b"Not now.\n")
    error = {"error": {"code": no.code, "description": no.description}}
    return HttpResponse(no.status, HEADERS[opened.form], write(opened.form, error))


def _both(answer: HttpResponse) -> bytes:
    """Return an answer with its proof of success beside a failure."""
    if answer.headers.get("content-type", "").startswith("text/xml"):
        return answer.body.replace(b"<code>SUCCESS</code>", b"<code>FAILED</code>")
    tree = json.loads(answer.body) if answer.body else {}
    return json.dumps({**tree, "error": {"code": "FAILED", "description": "No"}}).encode()
