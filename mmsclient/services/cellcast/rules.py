"""The rules that many fields share: text, numbers, senders, switches, moments."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import attrs

from mmsclient.errors import Fault, InvalidMessageError
from mmsclient.numbers import SHORTEST, clean_number
from mmsclient.services.cellcast import limits, settings, times
from mmsclient.text import segments

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from zoneinfo import ZoneInfo

EMPTY, INVALID = "FIELD_EMPTY", "FIELD_INVALID"

# "Send an SMS with Cellcast API": the characters of from, and those of source and custom_string.
_SENDER = re.compile(r"[A-Za-z0-9 -]+")
_TAG = re.compile(r"[A-Za-z0-9-]+")
# A sender that is a number, as people write numbers.
_NUMERIC = re.compile(r"\+?[ ().-]*[0-9][0-9 ().-]*")
_NOT_DIGIT = re.compile(r"[^0-9]")

_NZ = "64"


def absent(value: object) -> bool:
    """Whether nothing is given: None or blank text."""
    return value is None or (isinstance(value, str) and not value.strip())


def text(
    field: str, value: object, *, longest: int | None = None, code: str = INVALID
) -> Iterator[Fault]:
    """Judge optional text: a str, not too long, and UTF-8 can carry it."""
    if value is None:
        return
    if not isinstance(value, str):
        yield Fault(field, "is not text", "pass it as a str", code)
        return
    if longest is not None and len(value) > longest:
        yield Fault(field, f"is longer than {longest} characters", "shorten it", code)
    if not settings.encodable(value):
        yield Fault(field, "holds half of a character pair", "remove it", code)


def needed(field: str, value: object, *, longest: int | None = None) -> Iterator[Fault]:
    """Judge mandatory text."""
    if absent(value):
        yield Fault(field, "is missing", "it is mandatory", EMPTY)
    else:
        yield from text(field, value, longest=longest)


def sms_text(field: str, value: object) -> Iterator[Fault]:
    """Judge the text of an SMS, by what it takes in the alphabet it needs."""
    found = tuple(needed(field, value))
    yield from found
    if found or not isinstance(value, str):
        return
    sent = line_feeds(value)
    if len(sent) * 2 <= limits.UNICODE_TEXT:
        return  # fits in either alphabet, where no character takes more than two places
    taken = segments(sent)
    most = limits.UNICODE_TEXT if taken.forcing else limits.GSM_TEXT
    if taken.length > most:
        alphabet = "outside the GSM alphabet" if taken.forcing else "in the GSM alphabet"
        rule = f"takes more than the {most} places that a text {alphabet} has"
        yield Fault(field, rule, "shorten it", INVALID)


def line_feeds(value: str) -> str:
    r"""Return a text as the service takes it: a new line is ``\r\n``."""
    if "\n" not in value and "\r" not in value:
        return value
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def number(field: str, value: object) -> Iterator[Fault]:
    """Judge the number of a receiver."""
    if absent(value):
        yield Fault(field, "is missing", "write country code and number", EMPTY)
        return
    try:
        clean_number(value, field=field)
    except InvalidMessageError as error:
        yield from (attrs.evolve(fault, code=INVALID) for fault in error.faults)


def numbers(field: str, values: Collection[object]) -> Iterator[Fault]:
    """Judge the numbers of one call: 1 to 1000, none of them twice."""
    if not values:
        yield Fault(field, "is empty", f"1 to {limits.NUMBERS} numbers", EMPTY)
    if len(values) > limits.NUMBERS:
        yield Fault(field, f"holds more than {limits.NUMBERS} numbers", "make several calls")
        return
    wrong = [fault for at, one in enumerate(values) for fault in number(f"{field}[{at}]", one)]
    yield from wrong
    if not wrong and len({clean_number(one) for one in values}) < len(values):
        yield Fault(field, "holds a number twice", "an answer could not tell which is which")


def is_nz(number: object) -> bool:
    """Whether a number is in New Zealand."""
    try:
        return clean_number(number).startswith(_NZ)
    except InvalidMessageError:
        return False


def sender(field: str, value: object) -> Iterator[Fault]:
    """Judge an optional sender. Whether the account may use it only the service knows."""
    if absent(value):
        return
    if not isinstance(value, str):
        yield Fault(field, "is not text", "pass it as a str", INVALID)
        return
    if len(value.strip()) > limits.SENDER_WRITTEN:
        rule = f"is longer than {limits.SENDER_WRITTEN} characters"
        yield Fault(field, rule, "shorten it", INVALID)
        return
    shown = clean_sender(value)
    if shown.isascii() and shown.isdigit():
        if len(shown) > limits.SENDER_DIGITS:
            rule = f"has more than {limits.SENDER_DIGITS} digits"
            yield Fault(field, rule, "write the number without additions", INVALID)
    elif not _SENDER.fullmatch(shown):
        fix = "use A-Z, a-z, 0-9, space and dash"
        yield Fault(field, "holds a character that senders cannot have", fix, INVALID)
    elif len(shown) > limits.SENDER:
        yield Fault(field, f"is a name longer than {limits.SENDER}", "shorten it", INVALID)


def nz_sender(field: str, value: object) -> Iterator[Fault]:
    """Judge the sender of a text to New Zealand."""
    if not is_nz_sender(value):
        rule = f"is no short code of {limits.NZ_SENDER} digits"
        yield Fault(field, rule, "New Zealand takes no other sender", INVALID)


def is_nz_sender(value: object) -> bool:
    """Whether a sender is a New Zealand short code."""
    shown = value.strip() if isinstance(value, str) else ""
    return len(shown) == limits.NZ_SENDER and shown.isascii() and shown.isdigit()


def clean_sender(value: str) -> str:
    """Return a sender as the service takes it: of a number, the digits alone.

    Names can have digits, blanks and dashes too: with fewer digits than a number has, it is one.
    """
    shown = value.strip()
    if len(shown) > limits.SENDER_WRITTEN or not _NUMERIC.fullmatch(shown):
        return shown
    digits = _NOT_DIGIT.sub("", shown)
    return shown if len(digits) < SHORTEST and _SENDER.fullmatch(shown) else digits


def is_tag(value: str) -> bool:
    """Whether a text can be source or custom_string: letters, digits and dashes."""
    return _TAG.fullmatch(value) is not None


def tag(field: str, value: object) -> Iterator[Fault]:
    """Judge optional source and custom_string: letters, digits and dashes."""
    if absent(value):
        return
    if not isinstance(value, str):
        yield Fault(field, "is not text", "pass it as a str", INVALID)
    elif not is_tag(value):
        rule = "holds something other than letters, digits and dashes"
        yield Fault(field, rule, "use A-Z, a-z, 0-9 and dash only", INVALID)


def switch(field: str, value: object) -> Iterator[Fault]:
    """Judge an optional value that is yes or no."""
    if value is not None and not isinstance(value, bool):
        yield Fault(field, "is neither True nor False", "pass a bool", INVALID)


def whole(
    field: str, value: object, *, lowest: int = 1, highest: int = limits.HIGHEST_WHOLE
) -> Iterator[Fault]:
    """Judge an optional whole number."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        yield Fault(field, "is not a whole number", "pass an int", INVALID)
    elif not lowest <= value <= highest:
        rule = f"is not from {lowest} to {highest}"
        yield Fault(field, rule, "pass a number in this range", INVALID)


def moment(field: str, value: object) -> Iterator[Fault]:
    """Judge an optional moment: a datetime that names its zone."""
    if value is None:
        return
    if not isinstance(value, datetime):
        yield Fault(field, "is not a datetime", "pass datetime(..., tzinfo=UTC)", INVALID)
    elif value.utcoffset() is None:
        yield Fault(field, "names no time zone", "pass datetime(..., tzinfo=UTC)", INVALID)
    else:
        try:
            value.astimezone(UTC)
        except OverflowError:
            yield Fault(field, "lies outside the calendar", "pass a nearer moment", INVALID)


def local_moment(
    field: str, value: object, zone: ZoneInfo, *, exact: bool = True
) -> Iterator[Fault]:
    """Judge an optional moment that travels as the clocks of *zone* show it.

    *exact* refuses what they show twice: the service could take it for the other one.
    """
    found = tuple(moment(field, value))
    yield from found
    if found or not isinstance(value, datetime):
        return
    try:
        twofold = times.is_twofold(value, zone)
    except OverflowError:
        yield Fault(field, "lies outside the calendar", "pass a nearer moment", INVALID)
        return
    if exact and twofold:
        rule = "falls into the hour that clocks go through twice, and no zone can be sent"
        yield Fault(field, rule, "pass a moment an hour earlier or later", INVALID)


def days(first: str, start: object, last: str, end: object) -> Iterator[Fault]:
    """Judge the ends of a period of days; *first* and *last* are their fields."""
    wrong = False
    for field, value in ((first, start), (last, end)):
        # A datetime is a date too, but its day depends on its zone.
        if value is not None and (isinstance(value, datetime) or not isinstance(value, date)):
            wrong = True
            yield Fault(field, "is not a date", "pass datetime.date(...)", INVALID)
    if not wrong and isinstance(start, date) and isinstance(end, date) and start > end:
        yield Fault(last, f"lies before {first}", "exchange them", INVALID)


def period(first: str, start: object, last: str, end: object, zone: ZoneInfo) -> Iterator[Fault]:
    """Judge the ends of a period of moments that travel as the clocks of *zone* show them."""
    wrong = [
        *local_moment(first, start, zone, exact=False),
        *local_moment(last, end, zone, exact=False),
    ]
    yield from wrong
    if not wrong and isinstance(start, datetime) and isinstance(end, datetime) and start > end:
        yield Fault(last, f"lies before {first}", "exchange them", INVALID)


def span(first: str, start: object, last: str, end: object, zone: ZoneInfo) -> Iterator[Fault]:
    """Judge the ends of a period, see :func:`period`, both of which are needed."""
    for field, value in ((first, start), (last, end)):
        if value is None:
            yield Fault(field, "is missing", "it is mandatory", EMPTY)
    yield from period(first, start, last, end, zone)


def choice(field: str, value: object, among: tuple[str, ...]) -> Iterator[Fault]:
    """Judge a value that is one of a few words."""
    if value not in among:
        yield Fault(field, "is none of the words it can be", f"one of {', '.join(among)}", INVALID)
