"""What campaigns tell: their rows, their counts, what was found out about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

import attrs

from mmsclient.campaigns.feeding import SHOWN
from mmsclient.errors import CallError, Fault, InvalidMessageError, MMSClientError
from mmsclient.messages import Message, Mms
from mmsclient.outcomes import DeliveryStatus

State: TypeAlias = Literal["pending", "sending", "accepted", "refused", "unknown"]

#: pending → sending → accepted, refused or unknown; back to pending where it certainly did not happen.
STATES: tuple[State, ...] = ("pending", "sending", "accepted", "refused", "unknown")

#: How it is known that a message was taken: the answer to its call; what told of it later; or
#: something later that names no message and fits this one only.
Evidence: TypeAlias = Literal["answer", "report", "reply", "link", "listing", "encoding"]


@attrs.frozen(kw_only=True)
class Failure:
    """Why a row was refused or is unknown: what its error said, as it is kept."""

    error: str
    """Name of the error's class."""
    reason: str = ""
    """This library's sentence."""
    code: str | None = None
    """The service's own code."""
    http_status: int | None = None
    operation: str = ""
    """The service's name of the call."""
    description: str | None = attrs.field(default=None, repr=False)
    """The service's own words, which may repeat the number."""

    def __str__(self) -> str:
        known = [self.code, None if self.http_status is None else f"HTTP {self.http_status}"]
        facts = ", ".join(filter(None, known))
        said = self.reason or self.error
        return f"{said} ({facts})" if facts else said

    @classmethod
    def of(cls, error: MMSClientError) -> Failure:
        """Return what is kept of an error."""
        name = type(error).__name__
        if isinstance(error, CallError):
            return cls(
                error=name,
                reason=error.reason,
                code=error.code,
                http_status=error.http_status,
                operation=error.operation,
                description=error.description,
            )
        faults = error.faults if isinstance(error, InvalidMessageError) else ()
        code = next((fault.code for fault in faults if fault.code), None)
        return cls(error=name, reason=str(error), code=code)


@attrs.frozen(kw_only=True)
class CampaignRow:
    """One recipient of a campaign, and what is known of the message to them."""

    reference: str = attrs.field(repr=False)
    """The row's identity: the message's own reference, or one made from its number."""
    to: str = attrs.field(repr=False)
    """The number as it was given."""
    state: State
    message: Message = attrs.field(repr=False)
    id: str | None = None
    """``Accepted.id``, once it is known."""
    mms_id: str | None = None
    failure: Failure | None = None
    """Why it was refused, or why it is unknown; why it came back where it is pending."""
    attempts: int = 0
    """How often it left, or was about to."""
    left_at: datetime | None = None
    """When it left last, or was about to."""
    settled_at: datetime | None = None
    evidence: Evidence | None = None
    """How it is known that it was taken."""
    probable: bool = False
    """Whether that evidence names no message and fits this one only, by number, text and time."""
    delivery: DeliveryStatus | None = None
    """How far it has come, as reports tell."""
    delivery_at: datetime | None = None


@attrs.frozen(kw_only=True)
class Added:
    """What became of the messages given to :meth:`Campaign.add`."""

    new: int = 0
    """Rows that were not there before, pending now."""
    known: int = 0
    """Messages that are there already, in any state."""
    changed: int = 0
    """Messages whose reference is there with another number or content; what is there stays,
    unless it was to be replaced and had never left."""
    faulty: int = 0
    """Messages that break rules, and were not taken in."""
    stopped: int = 0
    """Of the new rows, those to numbers on the stop list: refused at once."""
    faults: tuple[tuple[int, Fault], ...] = attrs.field(default=(), repr=False)
    """The first hundred of the faults, each with its message's place in the input, from 1."""
    changes: tuple[tuple[int, str], ...] = attrs.field(default=(), repr=False, eq=False)
    """The first hundred of the changed: the message's place in the input, from 1, and the row's
    reference. Comparing leaves it out."""

    def then(self, later: Added) -> Added:
        """Return what both parts of an input came to."""
        names = ("new", "known", "changed", "stopped")
        sums = {name: getattr(self, name) + getattr(later, name) for name in names}
        return attrs.evolve(self, **sums, changes=(*self.changes, *later.changes)[:SHOWN])


@attrs.frozen(kw_only=True)
class Stopped:
    """What became of the numbers given to :meth:`Campaign.stop_numbers`."""

    new: int = 0
    """Numbers that were not on the stop list before."""
    known: int = 0
    faulty: int = 0
    """What is no number, and so stops nobody."""
    faults: tuple[tuple[int, Fault], ...] = attrs.field(default=(), repr=False)
    """The first hundred of the faults, each with its place in the input, from 1."""


@attrs.frozen(kw_only=True)
class Progress:
    """How far a run has come."""

    counts: Mapping[State, int]
    """Rows by state, now."""
    settled: int
    """Rows that were settled in this run."""
    seconds: float
    """How long the run has gone on."""
    left: float | None
    """Seconds until the rest is sent at the pace of this run; None where none can be told."""
    waits_for: Literal["nothing", "hours", "service", "resume"]
    """What keeps the run from sending now: the hours of ``between=``, a service that does not
    answer, or :meth:`Campaign.resume`."""
    trouble: str | None = None
    """What went wrong with the last call: the class of the error and its text, which hold nothing
    private. None where the service gave an answer that can be understood."""


@attrs.frozen(kw_only=True)
class Reconciled:
    """What :meth:`Campaign.reconcile` found out."""

    settled: int = 0
    """Rows that were unknown and are accepted now."""
    probable: int = 0
    """Of these, those told by number, text and time only."""
    updated: int = 0
    """Rows whose delivery is known better now."""
    unmatched: int = 0
    """Sightings that fit no row, or more than one."""
    unknown: int = 0
    """Rows that are still unknown."""
    overdue: int = 0
    """Of these, those whose deadline has passed: nothing will be heard of them any more."""
    settles_after: timedelta | None = None
    """The deadline, counted from when a row left; None before the first run."""

    def then(self, later: Reconciled) -> Reconciled:
        """Return what both found out together."""
        names = ("settled", "probable", "updated", "unmatched")
        sums = {name: getattr(self, name) + getattr(later, name) for name in names}
        return attrs.evolve(later, **sums)


@attrs.frozen(kw_only=True)
class CampaignStatus:
    """How a campaign stands."""

    name: str
    """What it is called."""
    service: str | None
    """The service it stays with; None before the first run."""
    counts: Mapping[State, int]
    """Rows by state."""
    deliveries: Mapping[DeliveryStatus | None, int]
    """How far accepted rows have come; None: nothing was reported yet."""
    first_left_at: datetime | None
    """When the first row left; None before."""
    last_left_at: datetime | None
    """When the one that left last did."""
    settles_after: timedelta | None
    """The deadline of unknown rows, counted from when they left; None before the first run."""
    overdue: int
    """Unknown rows whose deadline has passed."""
    stopped: int
    """Numbers on the stop list."""


@attrs.frozen(kw_only=True)
class NewRow:
    """A message on its way into a journal."""

    reference: str = attrs.field(repr=False)
    given: bool
    """Whether the caller gave the reference."""
    number: str = attrs.field(repr=False)
    digits: str = attrs.field(repr=False)
    kind: str
    body: str = attrs.field(repr=False)
    digest: bytes = attrs.field(repr=False)
    place: int = 0
    """Where its message stood in the input, from 1."""


@attrs.frozen(kw_only=True)
class OpenRow:
    """A row that is to be sent."""

    id: int
    reference: str = attrs.field(repr=False)
    message: Message = attrs.field(repr=False)
    content: int
    """Which content it has: rows with equal ones differ in number and reference only."""
    attempts: int = 0


@attrs.frozen(kw_only=True)
class Repeated:
    """A content that several rows have which never left."""

    content: int
    rows: int
    message: Mms = attrs.field(repr=False)
    """The first of them."""
    template: str | None = None
    """The id of the template that holds it, where it was saved before."""


@attrs.frozen(kw_only=True)
class CampaignTemplate:
    """A template that was saved for a campaign."""

    id: str | None
    """The service's id; None where saving it ended before one was kept."""
    name: str = attrs.field(repr=False)
    """The name under which the service lists it."""
    rows: int
    """Pending rows that it is to be sent to."""
    waits: bool
    """Whether it has audio or video, and may be sent only once TemplateReady has come for it."""
    savings: int
    """How often saving it began. All but the last may have left a copy of the same name at the
    service, which nothing uses."""


@attrs.frozen(kw_only=True)
class Settled:
    """What became of a row."""

    state: Literal["accepted", "refused", "unknown"]
    message_id: str | None = None
    mms_id: str | None = None
    failure: Failure | None = None
