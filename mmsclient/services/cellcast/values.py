"""What the service's own calls take and answer, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.errors import CallError
from mmsclient.outcomes import DeliveryStatus
from mmsclient.services.cellcast import sightings

if TYPE_CHECKING:
    from mmsclient.sightings import Sighting


@attrs.frozen(kw_only=True)
class Recipient:
    """A number with what fills the placeholders of a template, such as ``{fname}``."""

    to: str = attrs.field(repr=False)
    """International number; + and punctuation may stand in it."""
    fname: str | None = attrs.field(default=None, repr=False)
    lname: str | None = attrs.field(default=None, repr=False)
    gender: str | None = attrs.field(default=None, repr=False)
    post_code: str | None = attrs.field(default=None, repr=False)
    dob: str | None = attrs.field(default=None, repr=False)
    custom_value_1: str | None = attrs.field(default=None, repr=False)
    custom_value_2: str | None = attrs.field(default=None, repr=False)
    custom_value_3: str | None = attrs.field(default=None, repr=False)
    special: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class _Reply:
    """What every value has."""

    raw: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False, eq=False)
    """The fields as they came, parsed: those unknown to this library are found here."""


@attrs.frozen(kw_only=True)
class SentMessage(_Reply):
    """A message that the service took and queued."""

    id: str
    """Links it to its delivery reports."""
    to: str = attrs.field(repr=False)
    """The number, digits only; as the answer writes it where it cannot be made such."""
    sender: str | None = attrs.field(default=None, repr=False)
    text: str | None = attrs.field(default=None, repr=False)
    subject: str | None = attrs.field(default=None, repr=False)
    reference: str | None = attrs.field(default=None, repr=False)
    at: datetime | None = None
    """When the service took it, in UTC."""

    def sighting(self) -> Sighting:
        """Return that the message was seen."""
        return sightings.listed(
            self.id, self.to, reference=self.reference, text=self.text, at=self.at
        )


@attrs.frozen(kw_only=True)
class RefusedNumber(_Reply):
    """A number that the service did not send to."""

    to: str = attrs.field(repr=False)
    """The number as it was given, digits only."""
    why: str = attrs.field(default="", repr=False)
    """The service's own words, where it says any."""


@attrs.frozen(kw_only=True)
class Sent(_Reply):
    """What one call sent, number by number."""

    messages: tuple[SentMessage, ...]
    """Those it took; at least one."""
    refused: tuple[RefusedNumber, ...] = ()
    """Numbers that it certainly did not send to."""
    unknown: tuple[str, ...] = attrs.field(default=(), repr=False)
    """Numbers that the answer does not account for: they may have been sent to."""
    total_numbers: int | None = None
    success_number: int | None = None
    credits_used: Decimal | None = None
    low_sms_alert: str | None = None
    """The service's words where little credit is left."""


@attrs.frozen(kw_only=True)
class BulkResult:
    """What became of one item of bulk-send-sms: one of the two is there."""

    sent: Sent | None = None
    error: CallError | None = attrs.field(default=None, eq=False)
    """Why not, built like the error of a whole call."""


@attrs.frozen(kw_only=True)
class BulkSent(_Reply):
    """What became of the items of bulk-send-sms, in the order they were given."""

    results: tuple[BulkResult, ...]


@attrs.frozen(kw_only=True)
class MessageReport(_Reply):
    """How far one sent message has come."""

    id: str
    status: DeliveryStatus
    words: str = ""
    """The service's own word for the status."""
    final: bool = False
    """Whether nothing more is expected."""
    to: str | None = attrs.field(default=None, repr=False)
    sender: str | None = attrs.field(default=None, repr=False)
    text: str | None = attrs.field(default=None, repr=False)
    reference: str | None = attrs.field(default=None, repr=False)
    sent_at: datetime | None = None
    created_at: datetime | None = None
    schedule_at: datetime | None = None
    parts: int | None = None
    """SMS that it took."""
    credits_used: Decimal | None = None
    subaccount_id: str | None = attrs.field(default=None, repr=False)

    def sighting(self) -> Sighting:
        """Return that the message was seen, and how far it has come."""
        return sightings.listed(
            self.id,
            self.to,
            reference=self.reference,
            text=self.text,
            at=self.sent_at or self.created_at,
            status=self.status,
            words=self.words,
            final=self.final,
        )


@attrs.frozen(kw_only=True)
class Response(_Reply):
    """An inbound message."""

    id: str | None
    """What ``inbound_read`` takes; the Bearer API gives none."""
    sender: str | None = attrs.field(default=None, repr=False)
    text: str | None = attrs.field(default=None, repr=False)
    at: datetime | None = None
    original_message_id: str | None = None
    """Id of the message it answers."""
    original_text: str | None = attrs.field(default=None, repr=False)
    reference: str | None = attrs.field(default=None, repr=False)
    """custom_string of the message it answers."""
    subaccount_id: str | None = attrs.field(default=None, repr=False)

    def sighting(self) -> Sighting | None:
        """Return that the message it answers was seen; None where nothing says which it is."""
        return sightings.answered(
            self.id,
            self.original_message_id,
            self.sender,
            reference=self.reference,
            text=self.original_text,
            at=self.at,
        )


@attrs.frozen(kw_only=True)
class OptedOut(_Reply):
    """Somebody who wants no more messages."""

    number: str = attrs.field(repr=False)
    first_name: str | None = attrs.field(default=None, repr=False)
    last_name: str | None = attrs.field(default=None, repr=False)
    gender: str | None = attrs.field(default=None, repr=False)
    post_code: str | None = attrs.field(default=None, repr=False)
    dob: str | None = attrs.field(default=None, repr=False)
    created_at: datetime | None = None


@attrs.frozen(kw_only=True)
class Balance(_Reply):
    """The account and the credit it has left."""

    account_name: str | None = attrs.field(default=None, repr=False)
    account_email: str | None = attrs.field(default=None, repr=False)
    sms_balance: Decimal | None = None
    mms_balance: Decimal | None = None


@attrs.frozen(kw_only=True)
class MessageTemplate(_Reply):
    """A stored text; ``{fname}`` and the like are placeholders."""

    id: str
    title: str | None = attrs.field(default=None, repr=False)
    text: str | None = attrs.field(default=None, repr=False)
    created_at: datetime | None = None


@attrs.frozen(kw_only=True)
class Confirmation(_Reply):
    """A yes without further content; whatever came with it stands in ``raw``."""

    words: str | None = attrs.field(default=None, repr=False)
    """What the service says to it."""


@attrs.frozen(kw_only=True)
class CreditUsage(_Reply):
    """What one key of the account has sent."""

    name: str
    total: int | None = None
    """SMS parts."""
    credits_used: Decimal | None = None


@attrs.frozen(kw_only=True)
class CustomNumber(_Reply):
    """A number of your own, registered as a sender."""

    id: str | None = None
    name: str | None = attrs.field(default=None, repr=False)
    number: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class OptOutPage(_Reply):
    """A page where people say that they want no more messages."""

    id: str | None = None
    """What ``optout_id`` takes; the newest edition of the API leaves it out."""
    title: str | None = None
    description: str | None = attrs.field(default=None, repr=False)
    options: tuple[str, ...] = ()
