"""Who a call is for: numbers as they come, and those of them that are sent to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.simulator.cellcast.bodies import json_list
from mmsclient.simulator.cellcast.codes import empty, invalid, said, translated
from mmsclient.simulator.cellcast.phones import digits_of
from mmsclient.simulator.faults import Asked, Fault
from mmsclient.simulator.refusals import Refusal
from mmsclient.simulator.rest import RestError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mmsclient.simulator.cellcast.ask import Ask

#: "at most 1000 a call (error text elsewhere speaks of 10000: use 1000)".
MOST_NUMBERS = 1000


@attrs.frozen(kw_only=True)
class Recipient:
    """A number that is sent to."""

    number: str = attrs.field(repr=False)
    """Digits."""
    given: Any = attrs.field(repr=False)
    """What stood in the list."""
    fate: Fault | None


def numbers_in(ask: Ask, *, lone: bool = False) -> list[Any]:
    """Return the list in ``numbers``, or refuse; *lone*: a plain string stands for a list of one."""
    value = ask.fields.get("numbers")
    if value in (None, "", []):
        raise empty("numbers")
    if lone and isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise invalid("numbers", "is no list")
    if len(value) > MOST_NUMBERS:
        raise invalid("numbers", f"has too many recipients, at most {MOST_NUMBERS} are allowed")
    return value


def number_of(given: object) -> str | None:
    """Return the digits of an entry: a number, or an object that holds one."""
    return digits_of(given.get("number") if isinstance(given, dict) else given)


def let_through(
    ask: Ask, entries: Sequence[Any], read: Callable[[object], str | None] = number_of
) -> list[Recipient]:
    """Return those that are sent to; the others are simply absent from the answer.

    Raises:
        RestError: none is left.
    """
    recipients: list[Recipient] = []
    refused: list[RestError] = []
    for given in entries:
        number = read(given)
        if number is None:
            refused.append(RestError("RECIPIENTS_ERROR"))
            continue
        try:
            recipients.append(Recipient(number=number, given=given, fate=fate_of(ask, number)))
        except RestError as no:
            refused.append(no)
    if not recipients:
        lone = len(refused) == 1 and not refused[0].bare
        raise refused[0] if lone else RestError("RECIPIENTS_ERROR")
    return recipients


def fate_of(ask: Ask, number: str) -> Fault | None:
    """Return the fault that strikes one recipient, if any, or refuse to send to him."""
    if number in ask.book.opted_out:
        raise translated(Refusal("blacklisted"))
    try:
        ask.book.check_recipient(number, None)
    except Refusal as no:
        raise translated(no) from no
    if not ask.several:
        return ask.fate
    own = ask.vendor.strike_one(Asked(action=ask.action, to=number, service="cellcast"))
    if own and own.code:
        raise said(own)
    return own or ask.fate


def all_named(body: object, read: Callable[[object], str | None] = number_of) -> tuple[str, ...]:
    """Return every number that a body names, before anybody judges it; never raises."""
    items = body if isinstance(body, list) else [body]
    named = [number for item in items if isinstance(item, dict) for number in _named(item, read)]
    return tuple(named)


def _named(item: dict[str, Any], read: Callable[[object], str | None]) -> list[str]:
    entries: Any = item.get("numbers", item.get("contacts"))
    if isinstance(entries, str) and entries.startswith("["):  # a field of a form
        entries = json_list(entries)
    listed = entries if isinstance(entries, list) else [entries]
    return [number for number in map(read, listed) if number]
