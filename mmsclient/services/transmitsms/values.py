"""What calls about messages answer, as frozen values: sends, replies and reports.

Fields have the service's names, except for ``text`` and ``sender``. Ids and phone numbers are
text whatever the wire sends; an id of 0, which stands for none, is None. Times are UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.services.transmitsms import callbacks, sightings

if TYPE_CHECKING:
    from mmsclient.sightings import Sighting


@attrs.frozen(kw_only=True)
class RawAnswer:
    """What every value has. All there is where no page says what a call answers."""

    raw: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False, eq=False)
    """The fields as they came, parsed: those unknown to this library are found here."""


@attrs.frozen(kw_only=True)
class SmsSend(RawAnswer):
    """What the service took over with one ``send_sms``."""

    message_id: str
    """Of the whole call, however many receivers it has."""
    send_at: datetime | None = None
    recipients: int | None = None
    """How many receivers were accepted."""
    cost: Decimal | None = None
    """In the account's currency, with up to three decimals."""
    sms: int | None = None
    """Parts over all receivers."""
    list_id: str | None = None
    """The list it goes to, if it goes to one."""
    list_name: str | None = attrs.field(default=None, repr=False)
    fails: tuple[str, ...] = attrs.field(default=(), repr=False)
    """Numbers that were skipped as not valid, where the service names them."""
    optouts: tuple[str, ...] = attrs.field(default=(), repr=False)
    """Numbers that were skipped since they opted out, where the service names them."""


@attrs.frozen(kw_only=True)
class SmsDetails(RawAnswer):
    """A message or campaign with its counters, which can contradict each other on old ones."""

    message_id: str
    send_at: datetime | None = None
    recipients: int | None = None
    cost: Decimal | None = None
    sms: int | None = None
    list_id: str | None = None
    list_name: str | None = attrs.field(default=None, repr=False)
    text: str | None = attrs.field(default=None, repr=False)
    """With variables not filled in."""
    delivered: int | None = None
    pending: int | None = None
    bounced: int | None = None
    responses: int | None = None
    optouts: int | None = None


@attrs.frozen(kw_only=True)
class FormattedNumber(RawAnswer):
    """A number taken apart."""

    international: str | None = attrs.field(default=None, repr=False)
    """Country code first, digits only: the form of ``to``."""
    countrycode: str | None = None
    """The dialling code, such as 65."""
    nationalnumber: str | None = attrs.field(default=None, repr=False)
    type: int | None = None
    """0 landline, 1 mobile, 10 not valid."""
    is_valid: bool | None = None


@attrs.frozen(kw_only=True)
class SmsResponse(RawAnswer):
    """A reply to a message, or an inbound message."""

    id: str | None = None
    message_id: str | None = None
    """``Accepted.id`` of the message it answers."""
    list_id: str | None = None
    received_at: datetime | None = None
    first_name: str | None = attrs.field(default=None, repr=False)
    last_name: str | None = attrs.field(default=None, repr=False)
    msisdn: str | None = attrs.field(default=None, repr=False)
    """Who wrote."""
    longcode: str | None = attrs.field(default=None, repr=False)
    """The number that received it."""
    text: str | None = attrs.field(default=None, repr=False)
    original_message: str | None = attrs.field(default=None, repr=False)
    """The text it answers, where ``include_original`` asked for it."""

    def sighting(self) -> Sighting | None:
        """Return that the message it answers was seen; None where it answers none."""
        key = callbacks.reply_key(
            self.id, self.message_id, self.msisdn, self.received_at, self.text
        )
        return sightings.answered(
            self.message_id,
            self.msisdn,
            key=key,
            text=self.original_message,
            at=self.received_at,
        )


@attrs.frozen(kw_only=True)
class MessageReply(RawAnswer):
    """What became of a reply that was made up for a trial."""

    result: str | None = None
    """The service's own words."""


@attrs.frozen(kw_only=True)
class LoggedMessage(RawAnswer):
    """A message to one number, as the service keeps it."""

    message_id: str | None = None
    text: str | None = attrs.field(default=None, repr=False)
    mobile: str | None = attrs.field(default=None, repr=False)
    sender: str | None = attrs.field(default=None, repr=False)
    datetime_send: datetime | None = None

    def sighting(self) -> Sighting | None:
        """Return that the message was seen; None where its number is missing."""
        return sightings.listed(self.message_id, self.mobile, text=self.text, at=self.datetime_send)


@attrs.frozen(kw_only=True)
class SmsStats(RawAnswer):
    """The counters of one message or campaign."""

    total: int | None = None
    """Messages sent."""
    recipient_count: int | None = None
    delivered: int | None = None
    pending: int | None = None
    bounced: int | None = None
    """Soft and hard together."""
    soft_bounced: int | None = None
    hard_bounced: int | None = None
    responses: int | None = None
    opt_outs: int | None = None
    link_hits: int | None = None
    """Previews of a link may count."""


@attrs.frozen(kw_only=True)
class SmsDeliveryStatus(RawAnswer):
    """How far a message to one number has come."""

    message_id: str | None = None
    sender: str | None = attrs.field(default=None, repr=False)
    mobile: str | None = attrs.field(default=None, repr=False)
    send_at: datetime | None = None
    delivered_at: datetime | None = None
    """When it was delivered, to the minute: it can lie before ``send_at``."""
    status: str | None = None
    """``delivered``, ``failed``, ``pending``: the service's own words."""
    text: str | None = attrs.field(default=None, repr=False)
    """With variables filled in."""

    def sighting(self) -> Sighting | None:
        """Return that the message was seen, and how far it is; None where its number is missing."""
        return sightings.listed(
            self.message_id, self.mobile, words=self.status, text=self.text, at=self.send_at
        )


@attrs.frozen(kw_only=True)
class SmsRecipient(RawAnswer):
    """A receiver of a message; one can stand in the list twice."""

    message_id: str | None = None
    """Of the message that the list is about."""
    msisdn: str | None = attrs.field(default=None, repr=False)
    first_name: str | None = attrs.field(default=None, repr=False)
    last_name: str | None = attrs.field(default=None, repr=False)
    delivery_status: str | None = None
    """``delivered``, ``pending``, ``bounced``, ``soft-bounce``, ``hard-bounce``."""
    optout: bool | None = None

    def sighting(self) -> Sighting | None:
        """Return that the message was seen, and how far it is; None where its number is missing."""
        return sightings.listed(self.message_id, self.msisdn, words=self.delivery_status)


@attrs.frozen(kw_only=True)
class SmsSentCount(RawAnswer):
    """How many messages were sent in a period."""

    count: int


@attrs.frozen(kw_only=True)
class UserSms(RawAnswer):
    """One message to one number, out of all that the account sent."""

    id: str
    """Of this single message."""
    message_id: str | None = None
    text: str | None = attrs.field(default=None, repr=False)
    sent_at: datetime | None = None
    msisdn: str | None = attrs.field(default=None, repr=False)
    sender: str | None = attrs.field(default=None, repr=False)
    status: str | None = None

    def sighting(self) -> Sighting | None:
        """Return that the message was seen, and how far it is; None where its number is missing."""
        return sightings.listed(
            self.message_id, self.msisdn, words=self.status, text=self.text, at=self.sent_at
        )


@attrs.frozen(kw_only=True)
class ContactSms(RawAnswer):
    """One message out of all that a number was sent."""

    message_id: str | None = None
    datetime_send: datetime | None = None
    delivery_status: str | None = None
    """``delivered``, ``pending``, ``soft-bounce``, ``hard-bounce``."""


@attrs.frozen(kw_only=True)
class MessageReport(RawAnswer):
    """A message or campaign with its counters and its cost."""

    id: str
    type: str | None = None
    """``api``, ``campaign``, ``quick_sms``, ``email_sms``, ``keyword``, ``test_sms``."""
    sms: int | None = None
    cost: Decimal | None = None
    """Negative: it is taken from the balance."""
    sent_at: datetime | None = None
    status: str | None = None
    text: str | None = attrs.field(default=None, repr=False)
    pending: int | None = None
    delivered: int | None = None
    soft_bounced: int | None = None
    hard_bounced: int | None = None
    optouts: int | None = None
    responses: int | None = None
    msisdn: str | None = attrs.field(default=None, repr=False)
    """The receiver, where there is one only."""
    first_name: str | None = attrs.field(default=None, repr=False)
    last_name: str | None = attrs.field(default=None, repr=False)
    fields: Mapping[str, str] = attrs.field(factory=dict, repr=False, hash=False)
    """The receiver's custom fields, by name."""


@attrs.frozen(kw_only=True)
class Balance(RawAnswer):
    """What the account has left."""

    balance: Decimal
    currency: str | None = None
