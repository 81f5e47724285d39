"""From the bytes of a call to the vendor's methods, and back to bytes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from mmsclient.simulator.cellcast import account, inbound, mms, newer, sms
from mmsclient.simulator.cellcast.ask import Action, Ask
from mmsclient.simulator.cellcast.auth import key_in, token_in
from mmsclient.simulator.cellcast.bodies import Body, read_body
from mmsclient.simulator.cellcast.codes import strike, translated
from mmsclient.simulator.cellcast.folder import Folder, folder_of
from mmsclient.simulator.cellcast.newer.contacts import contact_reader
from mmsclient.simulator.cellcast.newer.shapes import failure as newer_failure
from mmsclient.simulator.cellcast.posts import Posts
from mmsclient.simulator.cellcast.recipients import all_named, number_of
from mmsclient.simulator.cellcast.shapes import Told, answer, bare, failure, success
from mmsclient.simulator.course import Course, Done, too_many
from mmsclient.simulator.faults import Asked, Fault
from mmsclient.simulator.garbage import Nonsense
from mmsclient.simulator.refusals import Refusal
from mmsclient.simulator.rest import RestError
from mmsclient.wire import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mmsclient.simulator.accounts import Book
    from mmsclient.simulator.cellcast.terms import CellcastTerms
    from mmsclient.simulator.content import Kind
    from mmsclient.simulator.news import News
    from mmsclient.simulator.reception import Arrived
    from mmsclient.simulator.vendor import Vendor

#: The third version may be called under its own path, or without.
_PREFIX = "/api/v3"

#: Inbound identifiers: decimal in one sample, a UUID in the other.
_FIRST_SMS, _MMS_SPACE = 5_000_000_000, uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")

_THIRD_VERSION: Iterable[Action] = (
    Action(name="send-sms", path="/send-sms", run=sms.send_sms),
    Action(name="bulk-send-sms", path="/bulk-send-sms", run=sms.bulk_send_sms, body="list"),
    Action(name="send-sms-template", path="/send-sms-template", run=sms.send_sms_template),
    Action(name="send-sms-nz", path="/send-sms-nz", run=sms.send_sms_nz),
    Action(name="send-mms", path="/send-mms", run=mms.send_mms, mms=True, body="form"),
    Action(name="get-sms", method="GET", path="/get-sms", run=inbound.get_sms, body="query"),
    Action(
        name="get-responses",
        method="GET",
        path="/get-responses",
        run=inbound.get_responses,
        body="query",
    ),
    Action(name="inbound-read", path="/inbound-read", run=inbound.inbound_read),
    Action(name="inbound-read-bulk", path="/inbound-read-bulk", run=inbound.inbound_read_bulk),
    Action(
        name="get-optout", method="GET", path="/get-optout", run=inbound.get_optout, body="query"
    ),
    Action(name="account", method="GET", path="/account", run=account.account, body="query"),
    Action(
        name="get-template",
        method="GET",
        path="/get-template",
        run=account.get_template,
        body="query",
    ),
    Action(name="register-alpha-id", path="/register-alpha-id", run=account.register_alpha_id),
)

_BY_PATH: dict[str, list[Action]] = {}
for _action in (*_THIRD_VERSION, *newer.ACTIONS):
    _BY_PATH.setdefault(_action.path, []).append(_action)


@attrs.frozen(kw_only=True)
class _Opened:
    """A call as it was read."""

    action: Action | None
    id: str
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: Body
    several: bool


def _found(path: str) -> tuple[list[Action], str]:
    """Return the calls at a path, one for each method, and what the path names."""
    path = path.removeprefix(_PREFIX)
    if path in _BY_PATH:
        return _BY_PATH[path], ""
    above, _, last = path.rpartition("/")
    return (_BY_PATH.get(f"{above}/{{id}}", []), last) if last else ([], "")


class CellcastWire:
    """The service's door to the vendor."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._folders: dict[int, Folder] = {}
        self._posts = Posts(vendor, self._folder)

    def _folder(self, book: Book) -> Folder:
        if book.index not in self._folders:
            self._folders[book.index] = folder_of(book)
        return self._folders[book.index]

    def turn_away(self, arrived: Arrived) -> HttpResponse | None:
        """Return what a server in front answers to a wrong method, or None."""
        actions, _ = _found(arrived.path)
        methods = sorted({action.method for action in actions})
        if not methods or arrived.method in methods:
            return None
        return HttpResponse(405, {"allow": ", ".join(methods)})

    def nonsense(self, _: Asked) -> Nonsense:
        """Return what garbage is made of."""
        return Nonsense(form="json", neither=b'{"note":"Thank you"}', both=_both)

    def inbound_id(self, serial: int, kind: Kind) -> str:
        """Return the service's own identifier of an inbound message."""
        if kind == "mms":
            return str(uuid.uuid5(_MMS_SPACE, str(serial))).upper()
        return str(_FIRST_SMS + serial)

    def tell(self, news: News) -> None:
        """Give the vendor what callbacks this news makes, if there is an address for them."""
        self._posts.tell(news)

    def read(self, arrived: Arrived) -> Asked:
        """Return what is known about the call before anybody judges it; never raises."""
        actions, named = _found(arrived.path)
        action = next((one for one in actions if one.method == arrived.method), None)
        body = read_body(arrived, action.body) if action else Body()
        reader = contact_reader(body.fields) if action and action.newer else number_of
        numbers = all_named([*body.items] or body.fields, reader)
        several = len(numbers) > 1
        opened = _Opened(
            action=action, id=named, headers=arrived.headers, body=body, several=several
        )
        return Asked(
            action=action.name if action else "",
            to=None if several or not numbers else numbers[0],
            numbers=numbers if several else (),
            parsed=opened,
        )

    def carry_out(self, asked: Asked, source: str, fault: Fault | None) -> Done:
        """Judge the call, carry it out, and return the answer."""
        assert isinstance(asked.parsed, _Opened)  # noqa: S101 - read() put it there
        opened, course = asked.parsed, Course(self._vendor)
        try:
            told = self._told(opened, source, course, fault)
        except RestError as no:
            return course.done(_refused(opened, course, no), _verdict(no))
        except Refusal as no:
            if course.late and self._vendor.limits.over == 429:
                return course.done(too_many(no.wait), "HTTP 429")
            refused = translated(no)
            return course.done(_refused(opened, course, refused), refused.code)
        response = _accepted(course, told)
        taken = response.status < 400
        return course.done(response, "accepted" if taken else f"HTTP {response.status}")

    def _told(self, opened: _Opened, source: str, course: Course, fault: Fault | None) -> object:
        action = opened.action
        if action is None:
            raise RestError("NOT_IMPLEMENTED")
        shown = (token_in if action.newer else key_in)(opened.headers)
        book = self._vendor.let_in(
            shown.key, source, action.name, mms=action.mms, passwords=shown.passwords
        )
        course.meter(book)
        strike(fault, taken=False)
        if opened.body.problem is not None:
            raise opened.body.problem
        folder = self._folder(book)
        folder.newer, book.service = action.newer, "cellcast"
        ask = Ask(
            vendor=self._vendor,
            book=book,
            folder=folder,
            action=action.name,
            fields=opened.body.fields,
            items=opened.body.items,
            id=opened.id,
            fate=fault,
            several=opened.several,
            queued=course.queued,
        )
        told = action.run(ask)
        strike(fault, taken=True)
        return told


def _terms(course: Course) -> CellcastTerms:
    # Who was not let in is answered as the first account would be.
    book = course.book or course.vendor.books[0]
    return book.account.cellcast


def _accepted(course: Course, told: object) -> HttpResponse:
    if isinstance(told, HttpResponse):
        return told
    return answer(success(told, _terms(course)) if isinstance(told, Told) else told)


def _verdict(no: RestError) -> str:
    return f"HTTP {no.code}" if no.bare else no.code


def _refused(opened: _Opened, course: Course, no: RestError) -> HttpResponse:
    if no.bare:
        return bare(no)
    terms = _terms(course)
    if opened.action is not None and opened.action.newer:
        return newer_failure(no, terms)
    return answer(failure(no, terms), 200 if terms.always_200 else no.status)


def _both(true: HttpResponse) -> bytes:
    failed = {"error": {"code": "FAILED", "description": "Refused."}}
    try:
        body = json.loads(true.body)
    except ValueError:
        body = {"meta": {"code": 200, "status": "SUCCESS"}, "data": []}
    if isinstance(body, list):
        return json.dumps([{**one, **failed} for one in body]).encode()
    return json.dumps({**body, **failed}).encode()
