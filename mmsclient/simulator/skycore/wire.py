"""From the bytes of a call to the vendor's methods, and back to bytes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs

from mmsclient.simulator.course import Course, Done, too_many
from mmsclient.simulator.faults import Asked, Fault
from mmsclient.simulator.garbage import Nonsense
from mmsclient.simulator.refusals import Refusal
from mmsclient.simulator.skycore import campaigns, reports, sends, templates
from mmsclient.simulator.skycore.ask import Action, Ask
from mmsclient.simulator.skycore.codes import CODES, RefusedError
from mmsclient.simulator.skycore.posts import Posts
from mmsclient.simulator.skycore.xml import Fields, Node, UnreadableError, read, write
from mmsclient.wire import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mmsclient.simulator.accounts import Book
    from mmsclient.simulator.content import Kind
    from mmsclient.simulator.news import News
    from mmsclient.simulator.reception import Arrived
    from mmsclient.simulator.vendor import Vendor

_HEADERS = {"content-type": "text/xml; charset=utf-8"}

_BOTH = (
    b"<RESPONSE><STATUS>Success</STATUS><ERRORCODE>E503</ERRORCODE>"
    b"<ERRORINFO>Internal error</ERRORINFO></RESPONSE>"
)
_NONSENSE = Nonsense(
    form="xml",
    neither=b"<RESPONSE><NOTE>Thank you</NOTE></RESPONSE>",
    both=lambda _: _BOTH,
)

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


class SkycoreWire:
    """The service's XML door to the vendor."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._posts = Posts(vendor)

    def turn_away(self, arrived: Arrived) -> HttpResponse | None:
        """Return what a server in front answers to a wrong method or address, or None."""
        if arrived.path != "/":
            return HttpResponse(404)
        return None if arrived.method == "POST" else HttpResponse(405, {"allow": "POST"})

    def nonsense(self, _: Asked) -> Nonsense:
        """Return what garbage is made of."""
        return _NONSENSE

    def inbound_id(self, _: int, kind: Kind) -> str:
        """Return the service's own identifier of an inbound message."""
        return self._vendor.new_id("MMS_MO" if kind == "mms" else "SMS_MO")

    def tell(self, news: News) -> None:
        """Give the vendor what postbacks this news makes, if there is an address for them."""
        self._posts.tell(news)

    def read(self, arrived: Arrived) -> Asked:
        """Return what is known about the call before anybody judges it; never raises."""
        opened = _open(arrived)
        if opened.action is None:
            return Asked(action="", service="skycore", parsed=opened)
        to = opened.root.get(opened.action.to)
        return Asked(action=opened.action.name, to=to, service="skycore", parsed=opened)

    def carry_out(self, asked: Asked, source: str, fault: Fault | None) -> Done:
        """Judge the call, carry it out, and return the answer."""
        assert isinstance(asked.parsed, _Opened)  # noqa: S101 - read() put it there
        opened, course = asked.parsed, Course(self._vendor)
        try:
            fields = self._answer(opened, source, course, fault)
        except RefusedError as no:
            return course.done(_failure(opened, no, fault), no.code)
        except Refusal as no:
            refused = self._translate(no, course)
            if course.late and self._vendor.limits.over == 429:
                return course.done(too_many(no.wait), "HTTP 429")
            return course.done(_failure(opened, refused), refused.code)
        return course.done(HttpResponse(200, _HEADERS, write("RESPONSE", fields)), "accepted")

    def _answer(self, opened: _Opened, source: str, course: Course, fault: Fault | None) -> Fields:
        action = opened.action
        if opened.problem or action is None:
            raise RefusedError(opened.problem or "E100")
        book = self._let_in(opened.root, source, action)
        course.meter(book)
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

    def _translate(self, no: Refusal, course: Course) -> RefusedError:
        if course.late and self._vendor.limits.over == "E106":
            seconds = max(1, math.ceil(no.wait or 0.0))
            return RefusedError("E106", f"Minimum interval between calls: {seconds} seconds")
        return RefusedError(CODES[no.reason])


def _strike(fault: Fault | None, *, taken: bool) -> None:
    if fault and fault.code and fault.taken is taken:
        raise RefusedError(fault.code)


def _failure(opened: _Opened, no: RefusedError, fault: Fault | None = None) -> HttpResponse:
    names = opened.action.echoes if opened.action else ()
    echoed = [(name, opened.root.get(name) or "") for name in names if opened.root.first(name)]
    fields = [("STATUS", "Failure"), ("ERRORCODE", no.code), *echoed, ("ERRORINFO", no.info)]
    status = fault.http if fault and fault.code == no.code and fault.http else 200
    return HttpResponse(status, _HEADERS, write("RESPONSE", fields))
