"""What an inbox shows of what went wrong."""

from __future__ import annotations

from datetime import datetime

import attrs

from mmsclient.events import Event
from mmsclient.wire import RawPostback


@attrs.frozen(kw_only=True)
class FailedEvent:
    """An event whose handlers raised until no repeats were left. It waits for ``retry``."""

    number: int
    """What the inbox calls it."""
    event: Event | None
    """None where this version of the library cannot read it any more."""
    reason: str
    """The class of the last error and where it was raised; never its text, which can hold numbers."""
    attempts: int
    received: datetime
    """When its postback came; aware, UTC."""


@attrs.frozen(kw_only=True)
class UnreadablePostback:
    """A postback that was kept and answered, and holds nothing that can be read."""

    number: int
    """What the inbox calls it."""
    raw: RawPostback
    reason: str
    """Why it cannot be read."""
    received: datetime
    """When it came; aware, UTC."""
