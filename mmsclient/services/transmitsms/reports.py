"""What became of messages: counters, states, lists of what was sent, and the balance."""
# ruff: noqa: A002 - max and type are the service's own names

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from mmsclient.services import fields
from mmsclient.services.fields import FieldError
from mmsclient.services.transmitsms import calls, content, limits, params, reading, sms, times
from mmsclient.services.transmitsms.calls import Calls, Listing, Style
from mmsclient.services.transmitsms.values import (
    Balance,
    ContactSms,
    MessageReport,
    RawAnswer,
    SmsDeliveryStatus,
    SmsDetails,
    SmsRecipient,
    SmsSentCount,
    SmsStats,
    UserSms,
)

if TYPE_CHECKING:
    from mmsclient.services.fields import Tree
    from mmsclient.services.transmitsms.params import Id
    from mmsclient.services.transmitsms.times import Moment
    from mmsclient.wire import Call, PagedCall

ReportType: TypeAlias = Literal[
    "all", "api", "campaign", "quick_sms", "email_sms", "keyword", "test_sms"
]

_TYPES = ("all", "api", "campaign", "quick_sms", "email_sms", "keyword", "test_sms")
_OPTOUTS = ("only", "omit", "include")
_DELIVERY = ("delivered", "failed", "pending")
_SORT = ("delivery_status", "message_id", "datetime_send")
_ORDER = ("asc", "desc")


class Reports(Calls):
    """Calls that report."""

    __slots__ = ()

    def get_sms(self, *, message_id: Id) -> Call[SmsDetails]:
        """Show a message or campaign with its counters (get-sms)."""
        return self._asked("get-sms", _details, _message(message_id))

    def get_sms_stats(self, *, message_id: Id) -> Call[SmsStats]:
        """Count what became of a message or campaign (get-sms-stats)."""
        return self._asked("get-sms-stats", _stats, _message(message_id))

    def get_sms_delivery_status(self, *, message_id: Id, msisdn: str) -> Call[SmsDeliveryStatus]:
        """Tell how far a message to one number has come (get-sms-delivery-status)."""
        return self._asked(
            "get-sms-delivery-status",
            _status,
            _message(message_id),
            params.number("msisdn", msisdn, needed=True),
        )

    def get_sms_sent(
        self,
        *,
        message_id: Id,
        list_id: Id | None = None,
        optouts: Literal["only", "omit", "include"] | None = None,
        delivery: Literal["delivered", "failed", "pending"] | None = None,
        max: int = limits.PAGE,
    ) -> PagedCall[SmsRecipient]:
        """List the receivers of a message, each with its state (get-sms-sent).

        The message itself stands in each page's ``raw["message"]``. *list_id* adds the custom
        fields that the receivers have on that list, in each row's ``raw``.
        """
        form = params.form(
            _message(message_id),
            params.ident("list_id", list_id),
            params.choice("optouts", optouts, _OPTOUTS),
            params.choice("delivery", delivery, _DELIVERY),
            calls.page_size(max),
        )
        # A receiver can stand there twice: nothing in a row is unique.
        return self._pages(
            Listing(
                name="get-sms-sent",
                form=form,
                rows="recipients",
                read=_recipient,
                about="message",
            )
        )

    def get_sms_sent_count(
        self, *, start: Moment | None = None, end: Moment | None = None
    ) -> Call[SmsSentCount]:
        """Count messages of up to 7 days, the last 24 hours unless given (get-sms-sent-count)."""
        return self._asked(
            "get-sms-sent-count", _count, *times.span(start, end, longest=limits.COUNTED)
        )

    def get_user_sms_sent(
        self,
        *,
        start: Moment,
        end: Moment,
        msisdn: str | None = None,
        response_style: Style | None = None,
        max: int = limits.PAGE,
    ) -> PagedCall[UserSms]:
        """List all single messages of a period (get-user-sms-sent)."""
        form = params.form(
            *times.span(start, end, needed=True),
            params.number("msisdn", msisdn),
            self._style(response_style),
            calls.page_size(max),
        )
        name, rows = "get-user-sms-sent", "messages"
        return self._pages(Listing(name=name, form=form, rows=rows, read=_user_sms, key=_id))

    def get_contact_sms_stats(
        self,
        *,
        mobile: str,
        countrycode: str | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        sort_field: Literal["delivery_status", "message_id", "datetime_send"] | None = None,
        order: Literal["asc", "desc"] | None = None,
        max: int = limits.PAGE,
    ) -> PagedCall[ContactSms]:
        """List all messages to one number, the oldest first (get-contact-sms-stats)."""
        form = params.form(
            params.number("mobile", mobile, needed=True, local=bool(countrycode)),
            sms.country(countrycode),
            *times.span(start, end),
            params.choice("sort_field", sort_field, _SORT),
            params.choice("order", order, _ORDER),
            calls.page_size(max),
        )
        name = "get-contact-sms-stats"
        return self._pages(Listing(name=name, form=form, rows="records", read=_contact_sms))

    def get_message_report(
        self,
        *,
        start: Moment | None = None,
        end: Moment | None = None,
        list_id: Id | None = None,
        number: str | None = None,
        type: ReportType | None = None,
        response_style: Style | None = None,
        max: int = limits.PAGE,
    ) -> PagedCall[MessageReport]:
        """List messages and campaigns with counters and cost (get-message-report).

        Up to 30 days, the last 24 hours unless given. *list_id* adds the custom fields of that
        list, *number* is one of the account's own.
        """
        form = params.form(
            *times.span(start, end, longest=limits.REPORTED),
            params.ident("list_id", list_id),
            content.own_number("number", number),
            params.choice("type", type, _TYPES),
            self._style(response_style),
            calls.page_size(max),
        )
        return self._pages(
            Listing(
                name="get-message-report",
                form=form,
                rows="messages",
                total="messages_total",
                read=_report,
                key=_id_and_type,
            )
        )

    def get_link_hits(
        self, *, message_id: Id, page: int | None = None, max: int | None = None
    ) -> Call[RawAnswer]:
        """Ask who opened the tracked link (get-link-hits).

        What comes back is not documented, so it is not read: it stands in ``raw``.
        """
        return self._asked(
            "get-link-hits",
            calls.raw,
            _message(message_id),
            params.whole("page", page),
            calls.page_size(max),
        )

    def get_balance(self) -> Call[Balance]:
        """Tell what the account has left (get-balance)."""
        return self._asked("get-balance", _balance)


def _message(value: Id) -> params.Param:
    return params.ident("message_id", value, needed=True)


def _id(row: UserSms) -> str:
    return row.id


def _id_and_type(row: MessageReport) -> tuple[str, str | None]:
    return row.id, row.type


def _details(tree: Tree) -> SmsDetails:
    said, on_list = fields.plain(tree), reading.block(tree, "list")
    counted = reading.block(tree, "delivery_stats")
    return SmsDetails(
        message_id=reading.required(said, "message_id"),
        send_at=fields.utc(said, "send_at"),
        recipients=fields.number(said, "recipients"),
        cost=reading.money(said, "cost"),
        sms=fields.number(said, "sms"),
        list_id=reading.ident(on_list, "id"),
        list_name=fields.text(on_list, "name"),
        text=fields.words(said, "message"),
        delivered=fields.number(counted, "delivered"),
        pending=fields.number(counted, "pending"),
        bounced=fields.number(counted, "bounced"),
        responses=fields.number(counted, "responses"),
        optouts=fields.number(counted, "optouts"),
        raw=tree,
    )


def _stats(tree: Tree) -> SmsStats:
    counted = _block(tree, "stats")
    return SmsStats(
        total=fields.number(counted, "total"),
        recipient_count=fields.number(counted, "recipientCount"),
        delivered=fields.number(counted, "delivered"),
        pending=fields.number(counted, "pending"),
        bounced=fields.number(counted, "bounced"),
        soft_bounced=fields.number(counted, "soft_bounced"),
        hard_bounced=fields.number(counted, "hard_bounced"),
        responses=fields.number(counted, "responses"),
        opt_outs=fields.number(counted, "opt-outs"),
        link_hits=fields.number(counted, "link_hits"),
        raw=tree,
    )


def _block(tree: Tree, name: str) -> Tree:
    """Return a block without which the answer says nothing."""
    inside = reading.block(tree, name)
    if not inside:
        raise FieldError(name, "one block of fields")
    return inside


def _status(tree: Tree) -> SmsDeliveryStatus:
    said = _block(tree, "stats")
    return SmsDeliveryStatus(
        message_id=reading.ident(said, "message_id"),
        sender=reading.number(said, "sender_id"),
        mobile=reading.number(said, "mobile", "msisdn"),
        send_at=fields.utc(said, "send_at"),
        delivered_at=fields.utc(said, "datetime"),
        status=fields.text(said, "status"),
        text=fields.words(said, "message"),
        raw=tree,
    )


def _recipient(row: Tree, *, about: Tree) -> SmsRecipient:
    said = fields.plain(row)
    return SmsRecipient(
        message_id=reading.ident(about, "message_id"),
        msisdn=reading.number(said, "msisdn", "mobile"),
        first_name=fields.text(said, "first_name"),
        last_name=fields.text(said, "last_name"),
        delivery_status=fields.text(said, "delivery_status"),
        optout=fields.flag(said, "optout"),
        raw=row,
    )


def _count(tree: Tree) -> SmsSentCount:
    count = fields.number(fields.plain(tree), "count")
    if count is None:
        raise FieldError("count", "a number")
    return SmsSentCount(count=count, raw=tree)


def _user_sms(row: Tree) -> UserSms:
    said = fields.plain(row)
    return UserSms(
        id=reading.required(said, "id"),
        message_id=reading.ident(said, "message_id"),
        text=fields.words(said, "message"),
        sent_at=fields.utc(said, "sent_at"),
        msisdn=reading.number(said, "msisdn"),
        sender=reading.number(said, "caller_id"),
        status=fields.text(said, "status"),
        raw=row,
    )


def _contact_sms(row: Tree) -> ContactSms:
    said = fields.plain(row)
    return ContactSms(
        message_id=reading.ident(said, "message_id"),
        datetime_send=fields.utc(said, "datetime_send"),
        delivery_status=fields.text(said, "delivery_status"),
        raw=row,
    )


def _report(row: Tree) -> MessageReport:
    said = fields.plain(row)
    return MessageReport(
        id=reading.required(said, "id"),
        type=fields.text(said, "type"),
        sms=fields.number(said, "sms"),
        cost=reading.money(said, "cost"),
        sent_at=fields.utc(said, "sent_at"),
        status=fields.text(said, "status"),
        text=fields.words(said, "message"),
        pending=fields.number(said, "pending"),
        delivered=fields.number(said, "delivered"),
        soft_bounced=fields.number(said, "soft_bounced"),
        hard_bounced=fields.number(said, "hard_bounced"),
        optouts=fields.number(said, "optouts"),
        responses=fields.number(said, "responses"),
        msisdn=reading.number(said, "msisdn"),
        first_name=fields.text(said, "first_name"),
        last_name=fields.text(said, "last_name"),
        fields=reading.custom(row),
        raw=row,
    )


def _balance(tree: Tree) -> Balance:
    said = fields.plain(tree)
    left = reading.money(said, "balance")
    if left is None:
        raise FieldError("balance", "an amount")
    return Balance(balance=left, currency=fields.text(said, "currency"), raw=tree)
