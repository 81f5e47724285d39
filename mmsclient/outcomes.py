"""What became of a message: accepted, certainly not sent, or not known."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Generic, TypeAlias, TypeVar

import attrs

from mmsclient.errors import CallError, MMSClientError
from mmsclient.messages import Message

T_co = TypeVar("T_co", covariant=True)


@attrs.frozen(kw_only=True)
class Accepted:
    """The service took the message and queued it. Delivery is told later, by a postback."""

    id: str
    """The service's id of this message (TRACKINGID, message_id): links it to its postbacks.
    Empty where a clear success came without one."""
    to: str = attrs.field(repr=False)
    """The number it goes to, digits only."""
    message: Message = attrs.field(repr=False)
    """What was sent."""
    reference: str | None = attrs.field(default=None, repr=False)
    """The message's own reference."""
    mms_id: str | None = None
    """The template behind the message, where the service names one (MMSID)."""
    raw: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)
    """The whole answer, parsed: fields unknown to this library are found here."""


@attrs.frozen(kw_only=True)
class Refused:
    """Certainly not sent."""

    message: Message = attrs.field(repr=False)
    """What was not sent."""
    error: MMSClientError
    """Why not."""


@attrs.frozen(kw_only=True)
class Unknown:
    """May have been sent, may not: this library will not send it again by itself."""

    message: Message = attrs.field(repr=False)
    """What may have been sent."""
    error: CallError
    """Why it is not known."""


Outcome: TypeAlias = Accepted | Refused | Unknown


def settled(message: Message, error: MMSClientError) -> Refused | Unknown:
    """Return the outcome that *error* makes of *message*."""
    if isinstance(error, CallError) and error.may_have_happened:
        return Unknown(message=message, error=error)
    return Refused(message=message, error=error)


class DeliveryStatus(Enum):
    """How far a message has come, in one vocabulary for all services."""

    PENDING = "pending"
    """Waits at the service."""
    SENT = "sent"
    """Handed to the carrier; not every carrier reports more."""
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    """The service said something that is neither success nor failure."""

    @property
    def final(self) -> bool:
        """Whether nothing more is expected."""
        return self in {self.DELIVERED, self.FAILED, self.EXPIRED, self.REJECTED}

    def after(self, before: DeliveryStatus | None) -> DeliveryStatus:
        """Return where a message is that was *before* and is now said to be here.

        The further of the two, whichever was told first: reports come in any order, and all
        orders end in the same place.
        """
        return self if before is None else max(self, before, key=_FURTHER.index)


#: From nothing known to the furthest. What is final outdoes what is not. A failure may be taken
#: back (a phone was off, a fallback arrived), an arrival cannot. Of failures that contradict each
#: other the one that says more counts, and the carrier's own refusal says most.
_FURTHER = (
    DeliveryStatus.UNKNOWN,
    DeliveryStatus.PENDING,
    DeliveryStatus.SENT,
    DeliveryStatus.FAILED,
    DeliveryStatus.EXPIRED,
    DeliveryStatus.REJECTED,
    DeliveryStatus.DELIVERED,
)


@attrs.frozen
class Page(Generic[T_co]):
    """One page of a listing."""

    items: tuple[T_co, ...] = attrs.field(converter=tuple)
    """The rows of this page."""
    number: int = 1
    """Which page this is, counted from 1."""
    count: int | None = None
    """How many pages there are, where the service says so."""
    total: int | None = None
    """How many rows there are, where the service says so. Informative: never trusted to stop."""
    raw: Mapping[str, Any] = attrs.field(factory=dict, repr=False, hash=False)
    """The whole answer, parsed."""
