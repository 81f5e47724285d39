"""Inbound messages and opt-outs: get-responses, inbound-read, inbound-read-bulk, get-optout."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from mmsclient.errors import Fault
from mmsclient.outcomes import Page
from mmsclient.services import fields
from mmsclient.services.cellcast import bodies, callbacks, check, payload, rules, times
from mmsclient.services.cellcast.answers import Action, Answer
from mmsclient.services.cellcast.codes import NOT_FOUND
from mmsclient.services.cellcast.values import Confirmation, OptedOut, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from typing import TypeAlias
    from zoneinfo import ZoneInfo

    from mmsclient.events import InboundMessage
    from mmsclient.services.cellcast.answers import T_co
    from mmsclient.services.fields import Tree

Channel: TypeAlias = Literal["sms", "mms"]
CHANNELS = ("sms", "mms")


def get_responses(page: int, *, channel: Channel, zone: ZoneInfo) -> Action[Page[Response]]:
    """Return the call for one page of unread inbound messages."""
    return _responses(page, channel, partial(response, zone))


def inbox(page: int, *, channel: Channel, zone: ZoneInfo) -> Action[Page[InboundMessage]]:
    """Return the same call, read as messages of this library."""
    read = partial(callbacks.listed, channel=channel, zone=zone)
    return _responses(page, channel, read)


def inbound_read(
    *, message_id: str | None, date_before: datetime | None, everything: bool
) -> Action[Confirmation]:
    """Return the call that marks one message read, those before a moment, or all."""
    check.insist(_which(message_id, date_before, everything))
    # The type is not stated; Unix seconds are what is seen.
    before = None if date_before is None else int(date_before.timestamp())
    return Action(
        name="inbound-read",
        path="inbound-read",
        method="POST",
        body=bodies.as_json(bodies.given(message_id=message_id, date_before=before)),
        read=confirmation,
        changes=True,
        # What comes in between two attempts must not be marked by the second.
        harmless=not everything,
    )


def inbound_read_bulk(
    *, message_ids: Iterable[str], read: Callable[[Answer], T_co]
) -> Action[T_co]:
    """Return the call that marks many messages read."""
    single = isinstance(message_ids, str) or not isinstance(message_ids, Iterable)
    kept: Any = None if single else tuple(message_ids)
    check.insist(_ids(kept))
    return Action(
        name="inbound-read-bulk",
        path="inbound-read-bulk",
        method="POST",
        body=bodies.as_json({"message_id": list(kept)}),
        read=read,
        changes=True,
        harmless=True,
    )


def get_optout(
    page: int, *, datestart: datetime | None, dateend: datetime | None, zone: ZoneInfo
) -> Action[Page[OptedOut]]:
    """Return the call for one page of those who opted out in a period."""
    check.insist(rules.whole("page", page))
    period = {"DATESTART": datestart, "DATEEND": dateend}
    days = {name: times.write(at, zone) for name, at in period.items() if at is not None}
    return Action(
        name="get-optout",
        path="get-optout",
        # The overview pages page every such call; only get-responses documents the parameter.
        query={"page": str(page), **days},
        read=partial(listing, page, partial(opted_out, zone)),
        settled=nothing(page),
    )


def listing(page: int, read: Callable[[Tree], T_co], answer: Answer) -> Page[T_co]:
    """Read one page of a listing; rows that cannot be read stay in its ``raw``."""
    rows = payload.rows(answer.tree, payload.ROWS)
    return payload.page(answer.tree, page, payload.readable(rows, read))


def nothing(page: int) -> dict[str, Page[Any]]:
    """Return what "nothing to return" means for a page of a listing: it is empty, and the last."""
    return {NOT_FOUND: Page(items=(), number=page, count=0, total=0)}


def confirmation(answer: Answer) -> Confirmation:
    """Read a yes without further content."""
    tree = fields.plain({name: answer.tree.get(name) for name in ("msg", "message")})
    words = fields.text(tree, "msg") or fields.text(tree, "message")
    return Confirmation(words=words, raw=answer.tree)


def _responses(page: int, channel: Channel, read: Callable[[Tree], T_co]) -> Action[Page[T_co]]:
    check.insist(rules.whole("page", page))
    return Action(
        name="get-responses",
        path="get-responses",
        query={"page": str(page), "type": channel},
        read=partial(listing, page, read),
        settled=nothing(page),
    )


def response(zone: ZoneInfo, row: Tree) -> Response:
    """Read one inbound message of a listing."""
    known = fields.plain(row)
    return Response(
        id=fields.text(known, "message_id"),
        sender=payload.number(known, "from"),
        text=fields.words(known, "body"),
        at=times.read(known, "received_at", zone),
        original_message_id=fields.text(known, "original_message_id"),
        original_text=fields.words(known, "original_body"),
        reference=fields.text(known, "custom_string"),
        subaccount_id=fields.text(known, "subaccount_id"),
        raw=row,
    )


def opted_out(zone: ZoneInfo, row: Tree) -> OptedOut:
    """Read one row of an opt-out list."""
    known = fields.plain(row)
    return OptedOut(
        number=payload.clean(fields.required(row, "number")),
        first_name=fields.text(known, "first_name"),
        last_name=fields.text(known, "last_name"),
        gender=fields.text(known, "gender"),
        post_code=fields.text(known, "post_code") or fields.text(known, "postalcode"),
        dob=fields.text(known, "dob") or fields.text(known, "date_of_birth"),
        created_at=times.read(known, "created_at", zone),
        raw=row,
    )


def _which(message_id: object, date_before: object, everything: object) -> Iterator[Fault]:
    yield from rules.text("message_id", message_id)
    yield from rules.moment("date_before", date_before)
    yield from rules.switch("everything", everything)
    given = [not rules.absent(message_id), date_before is not None, everything is True]
    if sum(given) != 1:
        # An empty body marks all inbound messages read.
        rule = "is missing" if not any(given) else "stands beside another choice"
        fix = "give one of message_id, date_before and everything=True"
        yield Fault("message_id", rule, fix, rules.EMPTY)


def _ids(message_ids: object) -> Iterator[Fault]:
    if not isinstance(message_ids, tuple):
        yield Fault("message_ids", "is no list of ids", "pass a list of str", rules.INVALID)
        return
    if not message_ids:
        yield Fault("message_ids", "is empty", "give one id at least", rules.EMPTY)
    for at, one in enumerate(message_ids):
        yield from rules.needed(f"message_ids[{at}]", one)
