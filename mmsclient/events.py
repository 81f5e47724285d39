"""What services tell afterwards, as typed events read from their postbacks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import attrs

from mmsclient.outcomes import DeliveryStatus


@attrs.frozen(kw_only=True)
class Event:
    """Something a service told. A kind this library does not know comes as this class itself."""

    service: str
    """Name of the service."""
    kind: str
    """The service's own name of what happened, such as ``MMS_MT N102``."""
    key: str = attrs.field(repr=False)
    """Equal for repeats of one event: what duplicates are recognised by."""
    at: datetime | None = None
    """When, as the service says; naive where it names no zone, None where it cannot be read."""
    raw: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)
    """All fields, parsed."""


@attrs.frozen(kw_only=True)
class DeliveryReport(Event):
    """How far a message has come."""

    id: str | None
    """Equals ``Accepted.id``."""
    status: DeliveryStatus
    words: str = attrs.field(default="", repr=False)
    """The service's own words for the status."""
    to: str | None = attrs.field(default=None, repr=False)
    sender: str | None = attrs.field(default=None, repr=False)
    reference: str | None = attrs.field(default=None, repr=False)
    """The message's own reference, where the service returns it."""
    mms_id: str | None = None
    """The template behind the message."""
    sent_as: Literal["mms", "sms"] | None = None
    """``sms`` where an MMS went out as text with a link."""
    final: bool = False
    """Whether nothing more is expected. Not every carrier reports after ``sent``."""
    details: str | None = attrs.field(default=None, repr=False)
    operator_id: str | None = attrs.field(default=None, repr=False)
    handset: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class InboundMessage(Event):
    """A message that somebody sent to you."""

    id: str | None
    sender: str | None = attrs.field(default=None, repr=False)
    """Who wrote."""
    to: str | None = attrs.field(default=None, repr=False)
    """Your number."""
    channel: Literal["sms", "mms"] = "sms"
    text: str | None = attrs.field(default=None, repr=False)
    subject: str | None = attrs.field(default=None, repr=False)
    keyword: str | None = attrs.field(default=None, repr=False)
    files: tuple[str, ...] = attrs.field(default=(), repr=False)
    """Addresses of what came with an MMS; the service removes the files after a time."""
    answers: str | None = None
    """``Accepted.id`` of the message it answers, where the service links them."""
    reference: str | None = attrs.field(default=None, repr=False)
    """The reference of the message it answers, where the service returns it."""
    opts_out: bool = False
    """Whether the service took it for the wish to get no more messages."""
    operator_id: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class OptIn(Event):
    """Somebody joined a subscription list; repeated when somebody already in joins again."""

    number: str | None = attrs.field(default=None, repr=False)
    email: str | None = attrs.field(default=None, repr=False)
    campaign_ref: str | None = attrs.field(default=None, repr=False)
    source: str | None = attrs.field(default=None, repr=False)
    """How, in the service's words: ``MANAGER``, ``API``, ``MO``, ``WEB``."""


@attrs.frozen(kw_only=True)
class OptOut(Event):
    """Somebody left a subscription list."""

    number: str | None = attrs.field(default=None, repr=False)
    email: str | None = attrs.field(default=None, repr=False)
    campaign_ref: str | None = attrs.field(default=None, repr=False)
    source: str | None = attrs.field(default=None, repr=False)
    """How, in the service's words: ``MANAGER``, ``API``, ``MO``, ``IMPORTED AS UNSUBSCRIBED``."""


@attrs.frozen(kw_only=True)
class LinkHit(Event):
    """Somebody opened the tracked link of a message."""

    id: str | None
    """Equals ``Accepted.id``."""
    number: str | None = attrs.field(default=None, repr=False)
    """Whose message it was."""
    sender: str | None = attrs.field(default=None, repr=False)
    hits: int | None = None
    """How often so far; previews of the link may count."""


@attrs.frozen(kw_only=True)
class ListAction(Event):
    """Somebody was added to a contact list, or removed from it."""

    action: Literal["add", "delete", "unknown"]
    list_id: str | None
    number: str | None = attrs.field(default=None, repr=False)
    first_name: str | None = attrs.field(default=None, repr=False)
    last_name: str | None = attrs.field(default=None, repr=False)
    data: Mapping[str, str] = attrs.field(factory=dict, repr=False, hash=False)
    """The list's own fields, by name."""


@attrs.frozen(kw_only=True)
class TemplateReady(Event):
    """A saved template may be sent now."""

    mms_id: str | None


@attrs.frozen(kw_only=True)
class TemplateFailed(Event):
    """A saved template could not be encoded: treat it as broken."""

    mms_id: str | None
    media: Literal["audio", "video", "image"] | None = None
    file: str | None = attrs.field(default=None, repr=False)
    """Name or address of the file at fault."""


@attrs.frozen(kw_only=True)
class MmsEncoded(Event):
    """The audio or video of a sent MMS is encoded; sending has started."""

    mms_id: str | None


@attrs.frozen(kw_only=True)
class MmsEncodingFailed(Event):
    """The audio or video of a sent MMS could not be encoded: it does not go out."""

    mms_id: str | None
    media: Literal["audio", "video", "image"] | None = None
    file: str | None = attrs.field(default=None, repr=False)
    """Name or address of the file at fault."""


@attrs.frozen(kw_only=True)
class PassReport(Event):
    """What became of a wallet pass."""

    status: Literal["made", "failed", "limit", "credit", "unknown"]
    serial_number: str | None = attrs.field(default=None, repr=False)
    reference: str | None = attrs.field(default=None, repr=False)
