"""Reading callbacks: GET requests, everything in the query string, four kinds.

Nothing names the kind of a callback: its parameters tell, all of them together. The caller's own
stand among them, in front, so of two with one name the last is the service's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import parse_qsl, quote

import attrs

from mmsclient.errors import PostbackError
from mmsclient.events import DeliveryReport, Event, InboundMessage, LinkHit, ListAction
from mmsclient.services import fields
from mmsclient.services.transmitsms import reading, statuses

if TYPE_CHECKING:
    from mmsclient.wire import RawPostback

Pairs: TypeAlias = list[tuple[str, str]]
Said: TypeAlias = Mapping[str, str]

SERVICE = "transmitsms"

LARGEST = 64 * 1024
"""Characters of a query string that is read; published ones have less than 500."""
MOST = 200
"""Parameters of one."""

_ACTIONS: dict[str, Literal["add", "delete"]] = {"add": "add", "delete": "delete"}

_LIST_ACTION = ("type", "datetime_entry", "list_id", "mobile", "firstname", "lastname", "user_id")


def pairs(raw: RawPostback) -> Pairs:
    """Return the parameters in the order they came; what is no UTF-8 is replaced.

    Raises:
        PostbackError: there are none, or too many.
    """
    query = raw.query.removeprefix("?").encode("utf-8", "replace").decode()
    if len(query) > LARGEST:
        raise PostbackError(f"the callback has more than {LARGEST} characters", body(raw))
    try:
        found = parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=MOST)
    except ValueError:
        raise PostbackError(f"the callback has more than {MOST} parameters", body(raw)) from None
    if not found:
        raise PostbackError("the callback has no parameters", body(raw))
    return found


def body(raw: RawPostback) -> bytes:
    """Return all that there is of a callback: its query string, since a GET has no body."""
    return raw.query.encode("utf-8", "replace") or raw.body


def event(found: Pairs) -> Event:
    """Return the event that the parameters tell of; a plain one where they fit no kind."""
    said = dict(found)
    kind = _strongest(said)
    if kind is not None:
        return kind.read(said, _raw(found))
    return Event(service=SERVICE, kind="?", key=_fingerprint(found), raw=_raw(found))


def _raw(found: Pairs) -> Mapping[str, Any]:
    """Return all parameters; those that repeat as a list."""
    several: dict[str, list[str]] = {}
    for name, said in found:
        several.setdefault(name, []).append(said)
    return {name: each if len(each) > 1 else each[0] for name, each in several.items()}


def key(kind: str, *parts: str | None) -> str:
    """Return what repeats of an event or sighting share: its kind and all that tells it apart."""
    # Half a character, which JSON can hold, is replaced: no key may fail.
    return "|".join((kind, *(quote(part or "", safe="", errors="replace") for part in parts)))


def _fingerprint(found: Pairs) -> str:
    # Nothing names it: only a copy of all parameters, in any order, is a repeat.
    return "?|" + hashlib.sha256(json.dumps(sorted(found)).encode()).hexdigest()


def reply_key(
    response_id: str | None,
    message_id: str | None,
    sender: str | None,
    entered: str | datetime | None,
    text: str | None,
) -> str:
    """Return what the callback of a reply and its row in a listing share.

    *entered* is UTC: as a callback writes it, or as it is read.
    """
    if response_id:
        return key("reply", response_id)
    if isinstance(entered, datetime):
        entered = entered.replace(tzinfo=None).isoformat(" ")
    return key("reply", "", message_id, sender, entered, text)


def _at(said: Said, *names: str) -> datetime | None:
    return next((found for name in names if (found := fields.utc(said, name))), None)


def _is_delivery(said: Said) -> bool:
    return bool(reading.ident(said, "message_id")) and {"mobile", "status"} <= said.keys()


def _delivery(said: Said, raw: Mapping[str, Any]) -> Event:
    words = fields.text(said, "status") or ""
    status = statuses.of(words)
    message_id, to = reading.ident(said, "message_id"), reading.number(said, "mobile")
    stamp = reading.text(said, "datetime", "datetime_entry")
    return DeliveryReport(
        service=SERVICE,
        kind="delivery",
        key=key("delivery", message_id, to, words.lower(), stamp),
        at=_at(said, "datetime", "datetime_entry"),
        raw=raw,
        id=message_id,
        status=status,
        words=words,
        to=to,
        final=status.final,
    )


def _is_reply(said: Said) -> bool:
    telling = {"response", "response_id", "datetime_entry", "longcode"} & said.keys()
    answer = bool(telling & {"response", "response_id"})
    return "mobile" in said and answer and len(telling) > 1


def _reply(said: Said, raw: Mapping[str, Any]) -> Event:
    id_, answers = reading.ident(said, "response_id"), reading.ident(said, "message_id")
    sender, text = reading.number(said, "mobile"), fields.words(said, "response")
    entered = reading.text(said, "datetime_entry", "datetime")
    return InboundMessage(
        service=SERVICE,
        kind="reply",
        key=reply_key(id_, answers, sender, entered, text),
        at=_at(said, "datetime_entry", "datetime"),
        raw=raw,
        id=id_,
        sender=sender,
        to=reading.number(said, "longcode"),
        text=text,
        answers=answers,
        opts_out=fields.flag(said, "is_optout") is True,
    )


def _is_link_hit(said: Said) -> bool:
    return "link_hits" in said and "mobile" in said


def _link_hit(said: Said, raw: Mapping[str, Any]) -> Event:
    id_, number = reading.ident(said, "message_id"), reading.number(said, "mobile")
    hits = fields.text(said, "link_hits")
    stamp = reading.text(said, "datetime", "datetime_entry")
    return LinkHit(
        service=SERVICE,
        kind="link_hits",
        key=key("link_hits", id_, fields.text(said, "list_id"), number, stamp, hits),
        at=_at(said, "datetime", "datetime_entry"),
        raw=raw,
        id=id_,
        number=number,
        sender=reading.number(said, "longcode"),
        hits=fields.number(said, "link_hits"),
    )


def _is_list_action(said: Said) -> bool:
    return {"type", "list_id", "mobile", "datetime_entry"} <= said.keys()


def _action(raw: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return what was done, and what else is called ``type``: a custom field behind it may be."""
    given: list[str] = fields.repeats(raw, "type")
    words = [one.strip().lower() for one in given]
    known = [at for at, word in enumerate(words) if word in _ACTIONS]
    at = known[-1] if known else len(words) - 1
    others = given[:at] + given[at + 1 :]
    return words[at], others[-1] if others else None


def _list_action(said: Said, raw: Mapping[str, Any]) -> Event:
    (type_, other), list_id = _action(raw), reading.ident(said, "list_id")
    data = {name: text for name, text in said.items() if name not in _LIST_ACTION}
    number, entered = reading.number(said, "mobile"), fields.text(said, "datetime_entry")
    return ListAction(
        service=SERVICE,
        kind="list_action",
        key=key("list_action", type_, list_id, number, entered),
        at=_at(said, "datetime_entry"),
        raw=raw,
        action=_ACTIONS.get(type_, "unknown"),
        list_id=list_id,
        number=number,
        first_name=fields.text(said, "firstname"),
        last_name=fields.text(said, "lastname"),
        # The caller's own parameters are among them: nothing tells them from custom fields.
        data=data if other is None else {**data, "type": other},
    )


_Reader: TypeAlias = Callable[[Said, Mapping[str, Any]], Event]


@attrs.frozen(kw_only=True)
class _Kind:
    """One kind of callback: what it cannot be without, and what the pages list for it."""

    fits: Callable[[Said], bool]
    read: _Reader
    listed: tuple[frozenset[str], ...]
    """The parameters that come with each, one set for each edition of the pages."""

    def lack(self, said: Said) -> tuple[int, int]:
        """Return how far *said* is from the kind; the smallest is the strongest match."""
        editions = [(len(names - said.keys()), len(names & said.keys())) for names in self.listed]
        return min((missing, -matched) for missing, matched in editions)


_REPLIED = frozenset({"message_id", "mobile", "datetime_entry", "response"})

_DELIVERY = _Kind(
    fits=_is_delivery,
    read=_delivery,
    listed=(frozenset({"message_id", "mobile", "datetime", "status", "user_id"}),),
)
_REPLY = _Kind(
    fits=_is_reply,
    read=_reply,
    listed=(_REPLIED | {"user_id", "longcode", "response_id", "is_optout"}, _REPLIED),
)
# Names and a list are those of a send to a list: a hit on any other may come without.
_HIT = frozenset(
    {"message_id", "mobile", "longcode", "datetime", "message", "user_id", "link_hits"}
)
_LINK_HIT = _Kind(
    fits=_is_link_hit,
    read=_link_hit,
    listed=(_HIT | {"list_id", "firstname", "lastname"}, _HIT),
)
_ACTION = _Kind(
    fits=_is_list_action, read=_list_action, listed=(frozenset(_LIST_ACTION) - {"user_id"},)
)

#: The service's own parameters; ``rate`` comes unannounced.
NAMES = frozenset({"rate"}).union(
    *(names for kind in (_DELIVERY, _REPLY, _LINK_HIT, _ACTION) for names in kind.listed)
)


def _strongest(said: Said) -> _Kind | None:
    """Return the kind that *said* matches best.

    Parameters of the caller's own and custom fields may have the names of another kind, so a
    single name tells nothing: that kind is taken of which least is missing, and of several such
    the one that most is there of. An opt-out outdoes all: it must never be lost.
    """
    if _is_reply(said) and fields.flag(said, "is_optout"):
        return _REPLY
    found = [kind for kind in (_ACTION, _LINK_HIT, _REPLY, _DELIVERY) if kind.fits(said)]
    return min(found, key=lambda kind: kind.lack(said), default=None)
