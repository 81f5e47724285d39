"""What is known about messages and the account: get-sms, account, get-template, register-alpha-id."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mmsclient.errors import NotFoundError
from mmsclient.services import fields
from mmsclient.services.cellcast import bodies, check, inbound, payload, rules, statuses, times
from mmsclient.services.cellcast.answers import Action, Answer
from mmsclient.services.cellcast.values import (
    Balance,
    Confirmation,
    MessageReport,
    MessageTemplate,
)
from mmsclient.services.fields import FieldError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from mmsclient.outcomes import Page
    from mmsclient.services.fields import Tree

_BALANCE = {"account_name", "account_email", "sms_balance", "mms_balance"}
_ROWS = ("messages", *payload.ROWS)


def get_sms(*, message_id: str, zone: ZoneInfo) -> Action[MessageReport]:
    """Return the call that tells how far one sent message has come."""
    check.insist(rules.needed("message_id", message_id))
    return Action(
        name="get-sms",
        path="get-sms",
        query={"message_id": message_id},
        read=partial(_report, message_id, zone),
    )


def account(*, path: str = "account") -> Action[Balance]:
    """Return the call that tells the credit that is left."""
    return Action(name="account", path=path, read=_balance)


def get_template(page: int, *, zone: ZoneInfo) -> Action[Page[MessageTemplate]]:
    """Return the call for one page of the stored texts."""
    check.insist(rules.whole("page", page))
    return Action(
        name="get-template",
        path="get-template",
        query={"page": str(page)},
        read=partial(inbound.listing, page, partial(_template, zone)),
        settled=inbound.nothing(page),
    )


def register_alpha_id(*, custom_id: str, description: str) -> Action[Confirmation]:
    """Return the call that asks for a sender id; people review it."""
    check.insist((*rules.needed("custom_id", custom_id), *rules.needed("description", description)))
    return Action(
        name="register-alpha-id",
        path="register-alpha-id",
        method="POST",
        body=bodies.as_json({"custom_id": custom_id, "description": description}),
        read=inbound.confirmation,
        changes=True,
    )


def _report(message_id: str, zone: ZoneInfo, answer: Answer) -> MessageReport:
    row = next(payload.blocks(payload.rows(answer.tree, _ROWS)), None)
    if row is None and "message_id" in (whole := payload.whole(answer.tree)):
        row = whole  # without a list around it
    if row is None:
        raise NotFoundError(
            "the service knows no such message",
            operation=answer.operation,
            http_status=answer.response.status,
            raw=answer.response.body,
        )
    known = fields.plain(row)
    words = fields.required(known, "status")
    status, final = statuses.of(words)
    return MessageReport(
        id=fields.text(known, "message_id") or message_id,
        status=status,
        words=words,
        final=final,
        to=payload.number(known, "to"),
        sender=payload.number(known, "from"),
        text=fields.words(known, "body"),
        reference=fields.text(known, "custom_string"),
        sent_at=times.read(known, "sent_time", zone),
        subaccount_id=fields.text(known, "subaccount_id"),
        raw=row,
    )


def _balance(answer: Answer) -> Balance:
    row = payload.whole(answer.tree)
    if not _BALANCE & row.keys():
        raise FieldError("the balance", "there")
    return Balance(
        account_name=fields.text(row, "account_name"),
        account_email=fields.text(row, "account_email"),
        sms_balance=fields.decimal(row, "sms_balance"),
        mms_balance=fields.decimal(row, "mms_balance"),
        raw=row,
    )


def _template(zone: ZoneInfo, row: Tree) -> MessageTemplate:
    known = fields.plain(row)
    return MessageTemplate(
        id=fields.required(row, "template_id"),
        title=fields.text(known, "message_title"),
        # Published with a capital.
        text=fields.words(known, "Message") or fields.words(known, "message"),
        created_at=times.read(known, "created_at", zone),
        raw=row,
    )
