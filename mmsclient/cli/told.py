"""Events as they are shown: without what is private, unless it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.cli.say import masked
from mmsclient.cli.shown import fields

if TYPE_CHECKING:
    from mmsclient.events import Event
    from mmsclient.postbacks import FailedEvent, UnreadablePostback

#: Private fields of which a part may be shown; all other private ones are left out.
_NUMBERS = frozenset({"to", "sender", "number"})


def event_row(event: Event, *, in_full: bool) -> dict[str, Any]:
    """Return what is shown of an event; what its repr hides is private."""
    private = {one.name for one in attrs.fields(type(event)) if not one.repr}
    shown = {
        name: value
        for name, value in fields(event).items()
        if in_full or name not in private or name in _NUMBERS
    }
    if not in_full:
        shown |= {name: masked(shown[name]) for name in _NUMBERS if shown.get(name)}
    return {"event": type(event).__name__, **shown}


def failed_row(failed: FailedEvent, *, in_full: bool) -> dict[str, Any]:
    """Return what is shown of an event that failed."""
    what = {} if failed.event is None else event_row(failed.event, in_full=in_full)
    return {
        "failed": failed.number,
        "received": failed.received.isoformat(timespec="seconds"),
        "attempts": failed.attempts,
        "reason": failed.reason,
        **what,
    }


def unreadable_row(one: UnreadablePostback, *, in_full: bool) -> dict[str, Any]:
    """Return what is shown of a postback that cannot be read."""
    told = one.raw.body or one.raw.query.encode()
    return {
        "unreadable": one.number,
        "received": one.received.isoformat(timespec="seconds"),
        "reason": one.reason,
        "bytes": len(told),
        **({"raw": told.decode("utf-8", "replace")} if in_full else {}),
    }
