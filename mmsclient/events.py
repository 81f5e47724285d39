"""What services tell afterwards, as typed events read from their postbacks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import attrs

from mmsclient.outcomes import DeliveryStatus
from mmsclient.sightings import Sighting


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

    def sighting(self) -> Sighting | None:
        """Return what it tells of a message that was sent; None where it names none."""
        return None


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

    def sighting(self) -> Sighting:
        """Return that the message was seen, and how far it has come."""
        return Sighting(
            service=self.service,
            source="report",
            key=self.key,
            id=self.id,
            reference=self.reference,
            mms_id=self.mms_id,
            to=self.to,
            at=self.at,
            status=self.status,
            final=self.final,
        )


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

    def sighting(self) -> Sighting | None:
        """Return that the message it answers was seen; None where nothing says which it is."""
        if self.answers is None and self.reference is None:
            return None
        return Sighting(
            service=self.service,
            source="reply",
            key=self.key,
            id=self.answers,
            reference=self.reference,
            to=self.sender,
            at=self.at,
        )


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
    reference: str | None = attrs.field(default=None, repr=False)
    """The message's own reference, where the service returns it."""

    def sighting(self) -> Sighting:
        """Return that the message was seen."""
        return Sighting(
            service=self.service,
            source="link",
            key=self.key,
            id=self.id,
            reference=self.reference,
            to=self.number,
            at=self.at,
        )


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

    def sighting(self) -> Sighting | None:
        """Return that the MMS was seen; None where it is not named."""
        return _encoding(self, self.mms_id)


@attrs.frozen(kw_only=True)
class MmsEncodingFailed(Event):
    """The audio or video of a sent MMS could not be encoded: it does not go out."""

    mms_id: str | None
    media: Literal["audio", "video", "image"] | None = None
    file: str | None = attrs.field(default=None, repr=False)
    """Name or address of the file at fault."""

    def sighting(self) -> Sighting | None:
        """Return that the MMS was seen, and failed; None where it is not named."""
        return _encoding(self, self.mms_id, DeliveryStatus.FAILED)


@attrs.frozen(kw_only=True)
class PassReport(Event):
    """What became of a wallet pass."""

    status: Literal["made", "failed", "limit", "credit", "unknown"]
    serial_number: str | None = attrs.field(default=None, repr=False)
    reference: str | None = attrs.field(default=None, repr=False)


def _encoding(
    event: Event, mms_id: str | None, status: DeliveryStatus | None = None
) -> Sighting | None:
    if mms_id is None:
        return None
    return Sighting(
        service=event.service,
        source="encoding",
        key=event.key,
        mms_id=mms_id,
        at=event.at,
        status=status,
        final=status is not None,
    )
