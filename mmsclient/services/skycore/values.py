"""What the service's own actions answer, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from mmsclient.errors import CallError


@attrs.frozen(kw_only=True)
class _Reply:
    """What every value has."""

    raw: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False, eq=False)
    """The fields as they came, parsed: those unknown to this library are found here."""


@attrs.frozen(kw_only=True)
class SavedTemplate(_Reply):
    """A stored template. With audio or video it may be sent once ``TemplateReady`` has come."""

    id: str


@attrs.frozen(kw_only=True)
class MmsTemplate(_Reply):
    """A template in the account's list."""

    id: str
    name: str | None = attrs.field(default=None, repr=False)
    subject: str | None = attrs.field(default=None, repr=False)
    fallback_text: str | None = attrs.field(default=None, repr=False)
    created: datetime | None = None
    slides: int | None = None
    """How many."""
    size: int | None = None
    """Bytes."""
    poster_url: str | None = attrs.field(default=None, repr=False)
    """A picture of it, if a slide has an image or video."""


@attrs.frozen(kw_only=True)
class MmsDetails(MmsTemplate):
    """A template with all it holds; the slides and their files stand in ``raw``."""


@attrs.frozen(kw_only=True)
class DeletedTemplate(_Reply):
    """A template that is gone, transcoded files included."""

    id: str


@attrs.frozen(kw_only=True)
class MessagingCampaign(_Reply):
    """A subscription list of the account."""

    id: str
    name: str | None = None
    reference: str | None = None
    """What ``campaign_ref`` takes; the older listing has none."""


@attrs.frozen(kw_only=True)
class CreatedCampaign(_Reply):
    """A new subscription list."""

    id: str
    name: str | None = None
    brand: str | None = None


@attrs.frozen(kw_only=True)
class Subscription(_Reply):
    """A number that joined or left a subscription list."""

    campaign_ref: str
    mobile: str = attrs.field(repr=False)
    subscriber_ref: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class SubscriberResult(_Reply):
    """What became of the message to one number of a subscriber."""

    id: str | None = None
    """Links it to its postbacks; None where it was not accepted."""
    to: str | None = attrs.field(default=None, repr=False)
    sender: str | None = attrs.field(default=None, repr=False)
    details: str | None = attrs.field(default=None, repr=False)
    error: CallError | None = attrs.field(default=None, eq=False)
    """Why not, built like the error of a whole call; None where it was accepted."""


@attrs.frozen(kw_only=True)
class SubscriberSend(_Reply):
    """A message to all numbers of one subscriber, with a result for each."""

    subscriber_ref: str | None = attrs.field(default=None, repr=False)
    campaign_ref: str | None = None
    results: tuple[SubscriberResult, ...] = ()


@attrs.frozen(kw_only=True)
class ScheduledSend(_Reply):
    """A template on its way to a whole subscription list."""

    id: str
    """SCHEDULEDID."""
    mms_id: str | None = None


@attrs.frozen(kw_only=True)
class SendingStatistics(_Reply):
    """A report of all traffic, as a file to fetch."""

    url: str | None = attrs.field(default=None, repr=False)
    """Where; the page does not name the field, so the first address in the answer is taken."""


@attrs.frozen(kw_only=True)
class RemovedInboxMessage(_Reply):
    """An inbound MMS whose files are gone."""

    id: str
