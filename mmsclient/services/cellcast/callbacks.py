"""Reading callbacks: JSON, one object or a list of them, of both APIs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from mmsclient.errors import PostbackError
from mmsclient.events import DeliveryReport, Event, InboundMessage
from mmsclient.services import fields, jsontree
from mmsclient.services.cellcast import limits, payload, statuses, times
from mmsclient.services.jsontree import JsonError

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from mmsclient.services.fields import Tree
    from mmsclient.wire import RawPostback

SERVICE = "cellcast"
#: Fields that only an inbound message has, and fields of which a delivery report has one.
_INBOUND, _ABOUT = {"from", "body", "received_at"}, {"message_id", "recipient"}
_NUMBER = re.compile(r"\+([0-9]+)")


def read_postback(raw: RawPostback, zone: ZoneInfo) -> list[Event]:
    """Return the events in a callback. One item that is odd does not lose the others.

    Raises:
        PostbackError: it is no JSON, holds no object, or is larger than any callback.
    """
    if len(raw.body) > limits.CALLBACK_BYTES:
        raise PostbackError(f"the callback has more than {limits.CALLBACK_BYTES} bytes", raw.body)
    try:
        tree = jsontree.parse(raw.body)
    except JsonError as error:
        raise PostbackError(f"the callback {error}", raw.body) from None
    items = tree if isinstance(tree, list) else [tree]
    if len(items) > limits.CALLBACK_ITEMS:
        raise PostbackError(f"the callback has more than {limits.CALLBACK_ITEMS} items", raw.body)
    if not any(isinstance(item, Mapping) and item for item in items):
        raise PostbackError("the callback holds no object", raw.body)
    return [_event(item, zone) for item in items]


def listed(row: Tree, *, channel: Literal["sms", "mms"], zone: ZoneInfo) -> InboundMessage:
    """Read one row of the inbox; its key is that of the callback for the same message."""
    return _inbound(row, {"type": channel, **fields.plain(row)}, zone)


def _event(item: Any, zone: ZoneInfo) -> Event:
    if not isinstance(item, Mapping):
        # Nothing may be lost, and an event holds fields.
        return Event(service=SERVICE, kind="?", key=_fingerprint(item), raw={"item": item})
    known = fields.plain(item)
    read = _reader(item, known)
    if read is None:
        return Event(service=SERVICE, kind="?", key=_fingerprint(item), raw=item)
    return read(item, known, zone)


def _reader(item: Tree, known: Tree) -> Callable[[Tree, Tree, ZoneInfo], Event] | None:
    """Return what reads an item, told by the fields that it has."""
    kind = (fields.text(known, "type") or "").lower()
    if "_id" in item or "receiver" in item:
        return {"receive": _received, "send": _gateway_report}.get(kind)
    if _INBOUND & item.keys() and "recipient" not in item:
        return _inbound
    return _report if "status" in item and _ABOUT & item.keys() else None


def _report(item: Tree, known: Tree, zone: ZoneInfo) -> Event:  # noqa: ARG001 - there is no time in it
    return _delivery(item, known, id_="message_id", to="recipient", reference="custom_string")


def _gateway_report(item: Tree, known: Tree, zone: ZoneInfo) -> Event:  # noqa: ARG001 - there is no time in it
    return _delivery(item, known, id_="_id", to="receiver", sender="sender")


def _delivery(
    item: Tree,
    known: Tree,
    *,
    id_: str,
    to: str,
    sender: str | None = None,
    reference: str | None = None,
) -> Event:
    words = fields.text(known, "status") or ""
    status, final = statuses.of(words)
    named, number = fields.text(known, id_), fields.text(known, to)
    # "message_id + recipient + status": the recipient comes with and without a plus.
    about = (named, _bare(number), words.lower())
    return DeliveryReport(
        service=SERVICE,
        kind=f"delivery report {_shown(words)}",
        key=key("report", *about) if named else _fingerprint(item),
        id=named,
        status=status,
        words=words,
        to=number and payload.clean(number),
        sender=sender and payload.number(known, sender),
        reference=reference and fields.text(known, reference),
        final=final,
        raw=item,
    )


def _bare(number: str | None) -> str | None:
    plain = None if number is None else _NUMBER.fullmatch(number)
    return plain[1] if plain else number


def _inbound(item: Tree, known: Tree, zone: ZoneInfo) -> InboundMessage:
    named = fields.text(known, "message_id")
    channel = (fields.text(known, "type") or "").lower()
    return InboundMessage(
        service=SERVICE,
        kind="inbound message",
        key=key("inbound", named) if named else _fingerprint(item),
        at=times.read(known, "received_at", zone),
        id=named,
        sender=payload.number(known, "from"),
        channel="mms" if channel == "mms" else "sms",
        text=fields.words(known, "body"),
        answers=fields.text(known, "original_message_id"),
        reference=fields.text(known, "custom_string"),
        raw=item,
    )


def _received(item: Tree, known: Tree, zone: ZoneInfo) -> Event:  # noqa: ARG001 - there is no time in it
    return InboundMessage(
        service=SERVICE,
        kind="receive",
        # Samples give a reply the _id of the message it answers, so that two replies can share it:
        # only a copy of all fields is a repeat.
        key=_fingerprint(item),
        id=fields.text(known, "_id"),
        sender=payload.number(known, "sender"),
        to=payload.number(known, "receiver"),
        text=fields.words(known, "message"),
        raw=item,
    )


def key(*about: str | None) -> str:
    """Return what repeats of an event or sighting share: its kind and all that tells it apart."""
    # Half of a character pair cannot be stored; as an escape it stays apart from all others.
    told = json.dumps(about, ensure_ascii=False)
    return told.encode(errors="backslashreplace").decode()


def _fingerprint(item: Any) -> str:
    told = json.dumps(item, sort_keys=True, default=str).encode(errors="replace")
    return hashlib.sha256(told).hexdigest()


def _shown(words: str) -> str:
    # A kind is shown in logs: what is no published word is not repeated.
    return words.lower() if words.strip().lower() in statuses.STATUSES else "?"
