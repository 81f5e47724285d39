"""Replies and inbound messages of the account as events, out of a listing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.events import InboundMessage
from mmsclient.services.transmitsms import callbacks, sms
from mmsclient.services.transmitsms.calls import Listing

if TYPE_CHECKING:
    from mmsclient.services.fields import Tree

NAME = "get-user-sms-responses"


def listing(form: dict[str, str]) -> Listing[InboundMessage]:
    """Return the listing that *form* asks for."""
    return Listing(name=NAME, form=form, rows="responses", read=_inbound, key=_key)


def _inbound(row: Tree) -> InboundMessage:
    reply = sms.response(row)
    return InboundMessage(
        service=callbacks.SERVICE,
        kind="reply",
        key=callbacks.reply_key(
            reply.id, reply.message_id, reply.msisdn, reply.received_at, reply.text
        ),
        at=reply.received_at,
        raw=row,
        id=reply.id,
        sender=reply.msisdn,
        to=reply.longcode,
        text=reply.text,
        answers=reply.message_id,
    )


def _key(event: InboundMessage) -> str:
    return event.key
