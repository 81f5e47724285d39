"""Sending: sendMMS, sendSMS, sendSavedMMS and sendMessageBySubscriberRef."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mmsclient.errors import Fault
from mmsclient.messages import Message, Mms, SavedMms, Sms
from mmsclient.numbers import clean_number
from mmsclient.outcomes import Accepted
from mmsclient.services import fields
from mmsclient.services.skycore import answers, check, limits, nodes, rules
from mmsclient.services.skycore.answers import Action, Answer
from mmsclient.services.skycore.values import SubscriberResult, SubscriberSend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from mmsclient.services.fields import Tree
    from mmsclient.services.skycore.envelope import Node, Nodes


def send(message: Message, *, now: datetime | None = None) -> Action[Accepted]:
    """Return the action that sends *message*, or raise what is wrong; *now* is for tests."""
    check.insist(check.faults(message, now=now))
    to = clean_number(message.to)
    name, nodes = document(message, to)
    return Action(name=name, nodes=nodes, read=partial(_accepted, message, to))


def sending(name: str, message: Message, to: str) -> Action[Accepted]:
    """Return the action whose document is there already."""
    return Action(name=name, read=partial(_accepted, message, to))


def document(message: Message, to: str) -> tuple[str, Nodes]:
    """Return the ACTION that sends *message*, and its nodes."""
    name, build = _kind(message)
    return name, build(message, to)


def send_message_by_subscriber_ref(
    *, subscriber_ref: str, campaign_ref: str, template: str | None, text: str | None
) -> Action[SubscriberSend]:
    """Return the action that sends a template or a text to all numbers of a subscriber."""
    check.insist(
        (
            *_one_of(template, text),
            *rules.needed("subscriber_ref", subscriber_ref),
            *rules.needed("campaign_ref", campaign_ref, "E718"),
        )
    )
    return Action(
        name="sendMessageBySubscriberRef",
        nodes={
            **nodes.given(MMSID=template, TEXT=text),
            "SUBSCRIBERREF": subscriber_ref,
            "CAMPAIGNREF": campaign_ref,
        },
        read=_subscriber_send,
        results="SUBSCRIBER",
    )


def _kind(message: Message) -> tuple[str, Callable[[Any, str], Nodes]]:
    match message:
        case Mms():
            return "sendMMS", _mms
        case Sms():
            return "sendSMS", _sms
        case SavedMms():
            return "sendSavedMMS", _saved_mms


def _mms(message: Mms, to: str) -> Nodes:
    return {
        "TO": to,
        "FROM": rules.clean_sender(message.sender or ""),
        **_route(message),
        **nodes.given(SUBJECT=message.subject, NAME=message.name),
        "SLIDE": nodes.slides(message.slides),
        **nodes.given(
            FALLBACKSMSTEXT=message.fallback_text,
            DISABLEFALLBACKSMSLINK=nodes.yes(message.disable_fallback_sms_link),
            MMSLINK_EXPIRATION_DATE=nodes.moment(message.mms_link_expiration_date),
            FORCE_SEND_AS_SMS="true" if message.force_send_as_sms else None,
            CLIENT_REFERENCE=message.reference,
        ),
    }


def _sms(message: Sms, to: str) -> Nodes:
    return {
        **nodes.given(OPERATORID=message.operator_id),
        "TO": to,
        "FROM": rules.clean_sender(message.sender or ""),
        **nodes.given(
            FROM_MASK=message.from_mask, CAMPAIGNREF=message.campaign_ref, TEXT=message.text
        ),
    }


def _saved_mms(message: SavedMms, to: str) -> Nodes:
    return {
        "MMSID": message.template,
        "TO": to,
        "FROM": rules.clean_sender(message.sender or ""),
        **_route(message),
        **_discovery(message),
        **nodes.given(
            CUSTOMTEXT=[
                {"VALUE": said, "SLIDE": str(slide)} for slide, said in message.texts.items()
            ],
            CUSTOMSUBJECT=message.subject,
            DATA=nodes.data(message.data),
            FALLBACKSMSTEXT=message.fallback_text,
            DISABLEFALLBACKSMSLINK=nodes.yes(message.disable_fallback_sms_link),
            DISABLEFALLBACKSMS=nodes.yes(message.disable_fallback_sms),
            FORCEPASSASLINK=nodes.yes(message.force_pass_as_link),
        ),
    }


def _route(message: Mms | SavedMms) -> dict[str, Node]:
    return nodes.given(
        FROM_MASK=message.from_mask,
        OPERATORID=message.operator_id,
        CAMPAIGNREF=message.campaign_ref,
    )


def _discovery(message: SavedMms) -> dict[str, Node]:
    timeout = None if message.ddm_timeout is None else str(message.ddm_timeout)
    return nodes.given(
        DDMTITLE=message.ddm_title,
        DDMTEXT=message.ddm_text,
        DDMTIMEOUT=timeout,
        DDMFORCE="true" if message.ddm_force else None,
    )


def _accepted(message: Message, to: str, answer: Answer) -> Accepted:
    return Accepted(
        # A clear Success without one is a yes all the same.
        id=fields.text(answer.tree, "TRACKINGID") or "",
        to=to,
        message=message,
        reference=message.reference,
        mms_id=fields.text(answer.tree, "MMSID"),
        raw=answer.tree,
    )


def _one_of(template: object, text: object) -> Iterator[Fault]:
    if rules.absent(template) == rules.absent(text):
        both = not rules.absent(text)
        rule = "stands beside a text" if both else "is missing, and so is the text"
        yield Fault("template", rule, "give either template or text", None if both else "E620")
    yield from rules.text("template", template)
    yield from rules.text("text", text, longest=limits.SMS_TEXT, code="E228")


def _subscriber_send(answer: Answer) -> SubscriberSend:
    blocks = fields.rows(answer.tree, "SUBSCRIBER")
    return SubscriberSend(
        subscriber_ref=fields.text(answer.tree, "SUBSCRIBERREF"),
        campaign_ref=fields.text(answer.tree, "CAMPAIGNREF"),
        results=tuple(_result(block, answer) for block in blocks),
        raw=answer.tree,
    )


def _result(block: Tree, answer: Answer) -> SubscriberResult:
    return SubscriberResult(
        id=fields.text(block, "TRACKINGID"),
        to=fields.text(block, "TO"),
        sender=fields.text(block, "FROM"),
        details=fields.words(block, "STATUSDETAILS"),
        error=answers.error_in(block, answer.response, answer.operation),
        raw=block,
    )
