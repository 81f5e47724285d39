"""What an account keeps at the service: lists, contacts, numbers, keywords, clients, money.

Ids and phone numbers are text whatever the wire sends; an id of 0, which stands for none, is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

import attrs

from mmsclient.services.transmitsms.values import RawAnswer


@attrs.frozen(kw_only=True)
class ContactList(RawAnswer):
    """A list of contacts."""

    id: str
    name: str | None = attrs.field(default=None, repr=False)
    created: datetime | None = None
    """None for lists that the system made for a keyword."""
    members_active: int | None = None
    members_total: int | None = None
    """With deleted ones."""
    fields: Mapping[str, str] = attrs.field(factory=dict, repr=False, hash=False)
    """Names of the custom fields, by ``field_1`` to ``field_10``."""


@attrs.frozen(kw_only=True)
class AddedFields(RawAnswer):
    """Custom fields that a list has been given."""

    id: str
    """Of the list."""
    fields: Mapping[str, str] = attrs.field(factory=dict, repr=False, hash=False)
    """Their names, by ``custom_1`` to ``custom_10``."""


@attrs.frozen(kw_only=True)
class Contact(RawAnswer):
    """Somebody on a list."""

    list_id: str | None = None
    msisdn: str | None = attrs.field(default=None, repr=False)
    first_name: str | None = attrs.field(default=None, repr=False)
    last_name: str | None = attrs.field(default=None, repr=False)
    created_at: datetime | None = None
    status: str | None = None
    """``active``, ``inactive``."""
    fields: Mapping[str, str] = attrs.field(factory=dict, repr=False, hash=False)
    """Custom fields, by their own names."""


@attrs.frozen(kw_only=True)
class LeftLists(RawAnswer):
    """The lists that somebody was taken off: more than were named where opting out is global."""

    list_ids: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Import(RawAnswer):
    """An import that the service has begun; if it fails the list is deleted again."""

    list_id: str


@attrs.frozen(kw_only=True)
class ImportProgress(RawAnswer):
    """How far an import has come."""

    list_id: str | None = None
    status: str | None = None
    """``in progress``, ``completed``, ``failed``."""
    importlength: int | None = None
    """Rows, bad ones included."""
    completed: int | None = None
    """Rows that are done with."""
    imported: int | None = None
    """Rows that were added."""
    duplicates: int | None = None
    skipped: int | None = None
    """Rows that are blank or bad."""
    optout: int | None = None
    """Rows of people who opted out."""


@attrs.frozen(kw_only=True)
class VirtualNumber(RawAnswer):
    """A number that is leased, or could be."""

    number: str = attrs.field(repr=False)
    price: Decimal | None = None
    """A month."""
    auto_renew: bool | None = None
    next_charge: date | None = None
    status: str | None = None
    """``active``, ``inactive``; None for a number that is only available."""
    forward_url: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class Keyword(RawAnswer):
    """A word that opens an inbound text, and what then happens."""

    keyword: str | None = attrs.field(default=None, repr=False)
    number: str | None = attrs.field(default=None, repr=False)
    reference: str | None = attrs.field(default=None, repr=False)
    list_id: str | None = None
    """The list that people join with it."""
    welcome_message: str | None = attrs.field(default=None, repr=False)
    member_message: str | None = attrs.field(default=None, repr=False)
    """For who is on the list already; calls take it as ``members_message``."""
    forward_url: str | None = attrs.field(default=None, repr=False)
    forward_sms: str | None = attrs.field(default=None, repr=False)
    """Numbers, with commas between them."""
    forward_email: str | None = attrs.field(default=None, repr=False)
    """Addresses, with commas between them."""
    status: str | None = None
    billing_date: date | None = None


@attrs.frozen(kw_only=True)
class ClientAccount(RawAnswer):
    """An account below a reseller's, or one's own. Almost all of it is private."""

    id: str
    name: str | None = attrs.field(default=None, repr=False)
    contact: str | None = attrs.field(default=None, repr=False)
    email: str | None = attrs.field(default=None, repr=False)
    msisdn: str | None = attrs.field(default=None, repr=False)
    apikey: str | None = attrs.field(default=None, repr=False)
    apisecret: str | None = attrs.field(default=None, repr=False)
    currency: str | None = None
    timezone: str | None = None
    created: datetime | None = None
    client_pays: bool | None = None
    sms_margin: Decimal | None = None
    balance: Decimal | None = None
    recharge_amount: Decimal | None = None
    total_lists: int | None = None
    total_sms: int | None = None
    total_contacts: int | None = None
    total_spend: Decimal | None = None
    total_revenue: Decimal | None = None
    credit_based: bool | None = None
    trial: bool | None = None
    trial_expiry_date: date | None = None
    has_credit_card: bool | None = None


@attrs.frozen(kw_only=True)
class Transaction(RawAnswer):
    """A movement of money."""

    id: str
    user_id: str | None = None
    description: str | None = attrs.field(default=None, repr=False)
    amount: Decimal | None = None
    balance_standing: Decimal | None = None
    created: datetime | None = None
    type_id: str | None = None
    type_description: str | None = None
    message_id: str | None = None
    """The message it pays for."""
    message_status: str | None = None
    message_cost: Decimal | None = None
    message_revenue: Decimal | None = None
