"""What settles a message whose outcome is not known: that it was seen at the service."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol, TypeAlias

import attrs

from mmsclient.errors import InvalidMessageError
from mmsclient.numbers import clean_number
from mmsclient.outcomes import DeliveryStatus

Source: TypeAlias = Literal["report", "reply", "link", "listing", "encoding"]
"""Where it was seen: a delivery report, an answer to it, its tracked link, a listing of what was
sent or a call that tells of one message, or what the service says of its media."""


def _digits(value: str | None) -> str | None:
    try:
        return value and clean_number(value)
    except InvalidMessageError:
        return value


@attrs.frozen(kw_only=True)
class Sighting:
    """That a message was seen at the service, and what names the message.

    Whatever is not None must fit the message: where several share one ``id`` or ``reference``,
    ``to`` tells which of them it was.
    """

    service: str
    """Name of the service."""
    source: Source
    key: str = attrs.field(repr=False)
    """Equal for repeats of one sighting."""
    id: str | None = None
    """Equals ``Accepted.id``."""
    reference: str | None = attrs.field(default=None, repr=False)
    """What ``service.carried_reference(message)`` is, where the wire brings it back."""
    mms_id: str | None = None
    """The template behind the message."""
    to: str | None = attrs.field(default=None, converter=_digits, repr=False)
    """The number it went to: digits, without the country code where the service drops it. What
    cannot be brought into that form stays as it came."""
    text: str | None = attrs.field(default=None, repr=False)
    """What was sent, where the service repeats it."""
    at: datetime | None = None
    """As the service says: in a listing when the message was sent, elsewhere when this happened."""
    status: DeliveryStatus | None = None
    """How far it has come; None: seen, and nothing is said of delivery."""
    final: bool = False
    """Whether nothing more is expected."""


class Sighted(Protocol):
    """What can tell that a message was seen: events, and rows of listings."""

    def sighting(self) -> Sighting | None:
        """Return what it tells of a message; None where it names none."""
        ...
