"""Campaigns: who is subscribed, and messages to all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.simulator.accounts import Campaign, Subscriptions
from mmsclient.simulator.content import Content, Outgoing, Slide
from mmsclient.simulator.faults import Asked
from mmsclient.simulator.refusals import Refusal
from mmsclient.simulator.skycore.ask import Ask, is_number
from mmsclient.simulator.skycore.codes import CODES, RefusedError
from mmsclient.simulator.skycore.sends import personal, sms_text

if TYPE_CHECKING:
    from mmsclient.simulator.skycore.xml import Fields


def send_message_by_subscriber_ref(ask: Ask) -> Fields:
    """Send an SMS or a template to all numbers that share a reference in a campaign."""
    root = ask.root
    if (root.get("MMSID") is None) == (root.whole("TEXT") is None):
        raise RefusedError("E100", "Either MMSID or TEXT is mandatory")
    ref = ask.need("SUBSCRIBERREF", "E100")
    campaign = ask.book.campaign(root.get("CAMPAIGNREF"))
    numbers = [number for number, known in campaign.numbers.items() if known == ref]
    if not numbers:
        raise RefusedError("E715")
    message = _message(ask)
    blocks = [("SUBSCRIBER", _send_one(ask, number, message)) for number in numbers]
    return [("SUBSCRIBERREF", ref), ("CAMPAIGNREF", campaign.ref), *blocks]


class _Message:
    """What goes to each of several numbers."""

    def __init__(self, content: Content, *, mms_id: str | None, complete: bool = True) -> None:
        self.content = content
        self.mms_id = mms_id
        self.complete = complete


def _message(ask: Ask) -> _Message:
    mms_id = ask.root.get("MMSID")
    if mms_id is None:
        return _Message(Content(slides=(Slide(text=sms_text(ask.root)),)), mms_id=None)
    if ask.book.account.sms_only:
        raise Refusal("forbidden")
    template = ask.book.shelf.ready(mms_id, ask.vendor.clock.now())
    content, complete = personal(ask, template.content)
    return _Message(content, mms_id=mms_id, complete=complete)


def _send_one(ask: Ask, to: str, message: _Message) -> Fields:
    sender = ask.book.any_sender()
    try:
        sent = _carry(ask, to, message)
    except RefusedError as no:
        return [
            ("STATUS", "Failure"),
            ("ERRORCODE", no.code),
            ("ERRORINFO", no.info),
            ("TO", to),
            ("FROM", sender),
        ]
    return [
        ("STATUS", "Success"),
        ("TRACKINGID", sent.tracking_id),
        ("TO", to),
        ("FROM", sender),
        ("STATUSDETAILS", "queued"),
    ]


def _carry(ask: Ask, to: str, message: _Message) -> Outgoing:
    own = ask.vendor.strike_one(Asked(action="", to=to))
    if own and own.code:
        raise RefusedError(own.code)
    sent = Outgoing(
        to=to,
        sender=ask.book.any_sender(),
        kind="mms" if message.mms_id else "sms",
        tracking_id=ask.vendor.new_id("MMS" if message.mms_id else "SMS"),
        content=message.content,
        mms_id=message.mms_id,
        complete=message.complete,
        accepted_at=ask.vendor.clock.now(),
    )
    try:
        ask.book.check_recipient(to, None)
        ask.vendor.send(ask.book, sent, fate=own or ask.fate, queued=ask.queued)
    except Refusal as no:
        raise RefusedError(CODES[no.reason]) from no
    return sent


def send_saved_mms_campaign(ask: Ask) -> Fields:
    """Send a template to a whole campaign."""
    mms_id = ask.need("MMSID", "E620")
    ref = ask.need("TOCAMPAIGN", "E624")
    try:
        campaign = ask.book.campaign(ref)
    except Refusal as no:
        raise RefusedError("E714") from no
    message = _message(ask)
    for number in campaign.numbers:
        _send_one(ask, number, message)
    return [("MMSID", mms_id), ("SCHEDULEDID", ask.vendor.new_number())]


def create_mms_campaign(ask: Ask) -> Fields:
    """Start a campaign."""
    name, brand = ask.need("CAMPAIGNNAME", "E170"), ask.need("BRANDNAME", "E171")
    campaign = ask.vendor.start_campaign(ask.book, Campaign(ref="", name=name, brand=brand))
    return [("CAMPAIGNID", campaign.id), ("CAMPAIGNNAME", name), ("BRANDNAME", brand)]


def get_messaging_campaigns(ask: Ask) -> Fields:
    """List campaigns."""
    return [("MESSAGINGCAMPAIGNS", [("CAMPAIGN", _row(row)) for row in _campaigns(ask)])]


def get_mms_campaigns(ask: Ask) -> Fields:
    """List campaigns in the older form, without references."""
    return [("MMSCAMPAIGNS", [("CAMPAIGN", _row(row)[:2]) for row in _campaigns(ask)])]


def _campaigns(ask: Ask) -> list[Subscriptions]:
    if not ask.book.campaigns:
        raise RefusedError("E405")
    return ask.book.campaigns


def _row(campaign: Subscriptions) -> list[tuple[str, str]]:
    return [("ID", campaign.id), ("NAME", campaign.name), ("REFERENCE", campaign.ref)]


def subscribe(ask: Ask) -> Fields:
    """Opt a number in."""
    campaign, number, echo = _membership(ask, "E904")
    ref = ask.root.get("SUBSCRIBERREF")
    ask.vendor.subscribe(ask.book, campaign, number, ref)
    return [*echo, *([("SUBSCRIBERREF", ref)] if ref else []), ("MOBILE", number)]


def unsubscribe(ask: Ask) -> Fields:
    """Opt a number out."""
    campaign, number, echo = _membership(ask, "E905")
    try:
        ask.vendor.unsubscribe(ask.book, campaign, number)
    except Refusal as no:
        raise RefusedError("E905") from no
    return [*echo, ("MOBILE", number)]


def _membership(ask: Ask, failed: str) -> tuple[Subscriptions, str, list[tuple[str, str]]]:
    # The pages of 2015 say CAMPAIGNID; the answer repeats the name that was used.
    node = ask.root.first("CAMPAIGNREF", "CAMPAIGNID")
    ref = node.text.strip() if node else ""
    number = ask.need("MOBILE", "E901")
    if node is None or not ref:
        raise RefusedError("E902")
    try:
        campaign = ask.book.campaign(ref)
    except Refusal as no:
        raise RefusedError("E903") from no
    if not is_number(number):
        raise RefusedError(failed)
    return campaign, number, [(node.name, ref)]
