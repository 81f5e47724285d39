"""From the bytes of a call to the vendor's methods, and back to bytes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs

from mmsclient.simulator.accounts import Book
from mmsclient.simulator.faults import Asked, Fault
from mmsclient.simulator.reception import Arrived, Done
from mmsclient.simulator.refusals import Refusal
from mmsclient.simulator.skycore import campaigns, reports, sends, templates
from mmsclient.simulator.skycore.ask import Action, Ask
from mmsclient.simulator.skycore.codes import CODES, RefusedError
from mmsclient.simulator.skycore.xml import Fields, Node, UnreadableError, read, write
from mmsclient.wire import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mmsclient.simulator.vendor import Vendor

_HEADERS = {"content-type": "text/xml; charset=utf-8"}

_MEMBERS = ("CAMPAIGNREF", "CAMPAIGNID", "MOBILE")

_ACTIONS: Iterable[Action] = (
    Action(name="sendMMS", run=sends.send_mms),
    Action(name="saveMMS", run=templates.save_mms, echoes=()),
    Action(name="sendSavedMMS", run=sends.send_saved_mms),
    Action(name="sendSMS", run=sends.send_sms, mms=False),
    Action(
        name="sendMessageBySubscriberRef",
        run=campaigns.send_message_by_subscriber_ref,
        mms=False,
        bare=True,
        echoes=(),
    ),
    Action(name="getMMSTemplates", run=templates.get_mms_templates, echoes=()),
    Action(name="getMMSIDDetails", run=templates.get_mmsid_details, echoes=()),
    Action(name="deleteMMSID", run=templates.delete_mmsid, echoes=()),
    Action(name="getMmsIds", run=templates.get_mms_ids, echoes=()),
    Action(
        name="getMessagingCampaigns", run=campaigns.get_messaging_campaigns, mms=False, echoes=()
    ),
    Action(name="getMmsCampaigns", run=campaigns.get_mms_campaigns, echoes=()),
    Action(name="subscribe", run=campaigns.subscribe, mms=False, to="MOBILE", echoes=_MEMBERS),
    Action(name="unsubscribe", run=campaigns.unsubscribe, mms=False, to="MOBILE", echoes=_MEMBERS),
    Action(name="sendSavedMMSCampaign", run=campaigns.send_saved_mms_campaign, echoes=()),
    Action(name="createMMSCampaign", run=campaigns.create_mms_campaign, echoes=()),
    Action(name="getSendingStatus", run=reports.get_sending_status, mms=False, echoes=()),
    Action(name="removeMMSInboxMessage", run=reports.remove_mms_inbox_message, echoes=()),
    # The name of 2013.
    Action(name="removeMMSInboxContent", run=reports.remove_mms_inbox_message, echoes=()),
)

#: Published requests write ACTION in several ways, so case does not matter.
ACTIONS: dict[str, Action] = {action.name.lower(): action for action in _ACTIONS}


@attrs.frozen
class _Opened:
    """The envelope of a call."""

    root: Node
    action: Action | None = None
    problem: str | None = None
    """The code that the envelope itself deserves."""


def _open(arrived: Arrived) -> _Opened:
    if not arrived.headers.get("content-type", "").lower().startswith("text/xml"):
        return _Opened(Node(""), problem="E100")
    try:
        root = read(arrived.body)
    except UnreadableError:
        return _Opened(Node(""), problem="E108")
    action = ACTIONS.get((root.get("ACTION") or "").lower())
    fitting = root.name == "REQUEST" and action is not None
    return _Opened(root, action, None if fitting else "E100")


@attrs.define
class _Course:
    """How far a call has come."""

    book: Book | None = None
    queued: bool = False
    counted: bool = False
    late: bool = False
    wait: float = 0.0


class SkycoreWire:
    """The service's XML door to the vendor."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor

    def read(self, arrived: Arrived) -> Asked:
        """Return what is known about the call before anybody judges it; never raises."""
        opened = _open(arrived)
        if opened.action is None:
            return Asked(action="", parsed=opened)
        to = opened.root.get(opened.action.to)
        return Asked(action=opened.action.name, to=to, parsed=opened)

    def carry_out(self, asked: Asked, source: str, fault: Fault | None) -> Done:
        """Judge the call, carry it out, and return the answer."""
        assert isinstance(asked.parsed, _Opened)  # noqa: S101 - read() put it there
        opened, course = asked.parsed, _Course()
        try:
            fields = self._answer(opened, source, course, fault)
        except RefusedError as no:
            return self._done(_failure(opened, no), no.code, course)
        except Refusal as no:
            refused = self._translate(no, course)
            if course.late and self._vendor.limits.over == 429:
                return self._done(_too_many(no.wait or 0.0), "HTTP 429", course)
            return self._done(_failure(opened, refused), refused.code, course)
        return self._done(
            HttpResponse(200, _HEADERS, write("RESPONSE", fields)), "accepted", course
        )

    def _answer(self, opened: _Opened, source: str, course: _Course, fault: Fault | None) -> Fields:
        action = opened.action
        if opened.problem or action is None:
            raise RefusedError(opened.problem or "E100")
        book = self._let_in(opened.root, source, action)
        course.book = book
        self._meter(book, course)
        _strike(fault, taken=False)
        ask = Ask(
            vendor=self._vendor, book=book, root=opened.root, fate=fault, queued=course.queued
        )
        fields = list(action.run(ask))
        _strike(fault, taken=True)
        return fields if action.bare else [("STATUS", "Success"), *fields]

    def _let_in(self, root: Node, source: str, action: Action) -> Book:
        key = root.get("API_KEY") or ""
        return self._vendor.let_in(key, source, action.name, mms=action.mms)

    def _meter(self, book: Book, course: _Course) -> None:
        try:
            course.queued = self._vendor.meter(book)
        except Refusal:
            course.late = True
            course.counted = self._vendor.limits.count_refused
            raise
        course.counted = not course.queued
        book.count_call()

    def _translate(self, no: Refusal, course: _Course) -> RefusedError:
        if course.late and self._vendor.limits.over == "E106":
            seconds = max(1, math.ceil(no.wait or 0.0))
            return RefusedError("E106", f"Minimum interval between calls: {seconds} seconds")
        return RefusedError(CODES[no.reason])

    def _done(self, response: HttpResponse, verdict: str, course: _Course) -> Done:
        return Done(
            response=response,
            verdict=verdict,
            account=course.book.index if course.book else None,
            refused_for_rate=course.late,
            counted=course.counted,
        )


def _strike(fault: Fault | None, *, taken: bool) -> None:
    if fault and fault.code and fault.taken is taken:
        raise RefusedError(fault.code)


def _failure(opened: _Opened, no: RefusedError) -> HttpResponse:
    names = opened.action.echoes if opened.action else ()
    echoed = [(name, opened.root.get(name) or "") for name in names if opened.root.first(name)]
    fields = [("STATUS", "Failure"), ("ERRORCODE", no.code), *echoed, ("ERRORINFO", no.info)]
    return HttpResponse(200, _HEADERS, write("RESPONSE", fields))


def _too_many(wait: float) -> HttpResponse:
    headers = {"content-type": "text/plain", "retry-after": str(max(1, math.ceil(wait)))}
    return HttpResponse(429, headers, b"Too many requests.\n")
