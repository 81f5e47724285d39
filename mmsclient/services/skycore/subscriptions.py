"""Subscription lists: the campaigns of the account, and who is on them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mmsclient.numbers import clean_number
from mmsclient.services import fields
from mmsclient.services.skycore import check, listings, nodes, rules
from mmsclient.services.skycore.answers import Action, Answer
from mmsclient.services.skycore.values import (
    CreatedCampaign,
    MessagingCampaign,
    ScheduledSend,
    Subscription,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mmsclient.errors import Fault
    from mmsclient.outcomes import Page
    from mmsclient.services.fields import Tree


def get_messaging_campaigns() -> Action[Page[MessagingCampaign]]:
    """Return the action that lists all subscription lists."""
    return _campaigns("getMessagingCampaigns")


def get_mms_campaigns() -> Action[Page[MessagingCampaign]]:
    """Return the action that lists them in the older way, without references."""
    return _campaigns("getMmsCampaigns")


def create_mms_campaign(*, campaign_name: str, brand_name: str) -> Action[CreatedCampaign]:
    """Return the action that makes a subscription list."""
    check.insist(
        (
            *rules.needed("campaign_name", campaign_name, "E170"),
            *rules.needed("brand_name", brand_name, "E171"),
        )
    )
    return Action(
        name="createMMSCampaign",
        nodes={"CAMPAIGNNAME": campaign_name, "BRANDNAME": brand_name},
        read=_created,
    )


def send_saved_mms_campaign(*, template: str, to_campaign: str) -> Action[ScheduledSend]:
    """Return the action that sends a template to a whole subscription list."""
    check.insist(
        (
            *rules.needed("template", template, "E620"),
            *rules.needed("to_campaign", to_campaign, "E624"),
        )
    )
    return Action(
        name="sendSavedMMSCampaign",
        nodes={"MMSID": template, "TOCAMPAIGN": to_campaign},
        read=_scheduled,
    )


def subscribe(
    *,
    campaign_ref: str,
    mobile: str,
    subscriber_ref: str | None,
    data: Mapping[str, str] | None,
    spid: str | None,
    timezone: str | None,
    notify: bool | None,
    cta: bool | None,
) -> Action[Subscription]:
    """Return the action that puts a number on a list."""
    check.insist(
        (
            *_member(campaign_ref, mobile, notify),
            *rules.text("subscriber_ref", subscriber_ref),
            *(() if data is None else check.data("data", data)),
            *rules.text("spid", spid),
            *rules.text("timezone", timezone),
            *(() if cta is None else rules.switch("cta", cta)),
        )
    )
    to = clean_number(mobile)
    return Action(
        name="subscribe",
        nodes=nodes.given(
            CAMPAIGNREF=campaign_ref,
            SUBSCRIBERREF=subscriber_ref,
            MOBILE=to,
            DATA=nodes.data(data),
            SPID=spid,
            TIMEZONE=timezone,
            NOTIFY=_yes_or_no(notify),
            CTA=_yes_or_no(cta),
        ),
        read=partial(_subscription, campaign_ref, to),
    )


def unsubscribe(*, campaign_ref: str, mobile: str, notify: bool | None) -> Action[Subscription]:
    """Return the action that takes a number off a list."""
    check.insist(_member(campaign_ref, mobile, notify))
    to = clean_number(mobile)
    return Action(
        name="unsubscribe",
        nodes=nodes.given(CAMPAIGNREF=campaign_ref, MOBILE=to, NOTIFY=_yes_or_no(notify)),
        read=partial(_subscription, campaign_ref, to),
    )


def _member(campaign_ref: object, mobile: object, notify: object) -> Iterator[Fault]:
    yield from rules.needed("campaign_ref", campaign_ref, "E902")
    yield from rules.number("mobile", mobile, missing="E901")
    if notify is not None:
        yield from rules.switch("notify", notify)


def _yes_or_no(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


def _campaigns(name: str) -> Action[Page[MessagingCampaign]]:
    return Action(
        name=name,
        read=_listed,
        repeatable=True,
        settled={"E405": listings.whole(())},
    )


def _listed(answer: Answer) -> Page[MessagingCampaign]:
    found = listings.readable(listings.blocks(answer.tree, "CAMPAIGN"), _campaign)
    return listings.whole(found, raw=answer.tree)


def _campaign(row: Tree) -> MessagingCampaign:
    return MessagingCampaign(
        # The page's table calls it CAMPAIGNID, its example ID.
        id=fields.text(row, "ID") or fields.required(row, "CAMPAIGNID"),
        name=fields.text(row, "NAME"),
        reference=fields.text(row, "REFERENCE"),
        raw=row,
    )


def _created(answer: Answer) -> CreatedCampaign:
    return CreatedCampaign(
        id=fields.required(answer.tree, "CAMPAIGNID"),
        name=fields.text(answer.tree, "CAMPAIGNNAME"),
        brand=fields.text(answer.tree, "BRANDNAME"),
        raw=answer.tree,
    )


def _scheduled(answer: Answer) -> ScheduledSend:
    return ScheduledSend(
        id=fields.text(answer.tree, "SCHEDULEDID") or "",
        mms_id=fields.text(answer.tree, "MMSID"),
        raw=answer.tree,
    )


def _subscription(campaign_ref: str, to: str, answer: Answer) -> Subscription:
    tree = answer.tree
    return Subscription(
        campaign_ref=fields.text(tree, "CAMPAIGNREF")
        or fields.text(tree, "CAMPAIGNID")
        or campaign_ref,
        mobile=fields.text(tree, "MOBILE") or to,
        subscriber_ref=fields.text(tree, "SUBSCRIBERREF"),
        raw=tree,
    )
