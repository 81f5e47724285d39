"""The rules that many fields share: text, numbers, switches, moments, addresses."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mmsclient.errors import Fault, InvalidMessageError
from mmsclient.numbers import clean_number
from mmsclient.services import addresses
from mmsclient.services.skycore import limits

if TYPE_CHECKING:
    from collections.abc import Iterator

# XML 1.0, "Char": what a document can hold. Lone surrogates are outside it too.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# XML 1.0, "Name", without the colon, which would make a namespace.
_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = re.compile(f"[{_START}][-.0-9\u00b7\u0300-\u036f\u203f-\u2040{_START}]*")

#: Short codes have three to six digits; what is longer is a number in international form.
_SHORT_CODE = re.compile(r"[0-9]{3,6}")


def absent(value: object) -> bool:
    """Whether nothing is given: None or blank text."""
    return value is None or (isinstance(value, str) and not value.strip())


def is_xml(value: str) -> bool:
    """Whether XML can carry every character of *value*."""
    return _NOT_XML.search(value) is None


def text(
    field: str, value: object, *, longest: int | None = None, code: str | None = None
) -> Iterator[Fault]:
    """Judge optional text: a str, not too long (*code* is for that), and XML can carry it."""
    if value is None:
        return
    if not isinstance(value, str):
        yield Fault(field, "is not text", "pass it as a str")
        return
    if longest is not None and len(value) > longest:
        yield Fault(field, f"is longer than {longest} characters", "shorten it", code)
    if wrong := _NOT_XML.search(value):
        where = f"at position {wrong.start()}, counted from 0"
        yield Fault(field, f"holds a character XML cannot carry {where}", "remove it")


def needed(
    field: str, value: object, code: str | None = None, *, longest: int | None = None
) -> Iterator[Fault]:
    """Judge mandatory text; *code* is for its absence."""
    if absent(value):
        yield Fault(field, "is missing", "it is mandatory", code)
    else:
        yield from text(field, value, longest=longest)


def number(field: str, value: object, *, missing: str = "E110") -> Iterator[Fault]:
    """Judge the number of a receiver; *missing* is the code for its absence."""
    if absent(value):
        yield Fault(field, "is missing", "write country code and number", missing)
        return
    try:
        clean_number(value, field=field)
    except InvalidMessageError as error:
        yield from error.faults


def sender(field: str, value: object) -> Iterator[Fault]:
    """Judge a short or long code. Whether the account owns it only the service knows."""
    if absent(value):
        yield Fault(field, "is missing", "give a short or long code of the account", "E111")
    elif not isinstance(value, str):
        yield Fault(field, "is not text", "pass it as a str", "E111")
    elif not _SHORT_CODE.fullmatch(value.strip()):
        try:
            clean_number(value, field=field)
        except InvalidMessageError as error:
            fix = "give a short or long code of the account; a name goes into from_mask"
            yield from (Fault(field, fault.rule, fix, "E111") for fault in error.faults)


def clean_sender(value: str) -> str:
    """Return a sender that has passed :func:`sender` as the service takes it."""
    short = value.strip()
    return short if _SHORT_CODE.fullmatch(short) else clean_number(value, field="sender")


def switch(field: str, value: object, code: str | None = None) -> Iterator[Fault]:
    """Judge a value that is yes or no."""
    if not isinstance(value, bool):
        yield Fault(field, "is neither True nor False", "pass a bool", code)


def whole(
    field: str, value: object, code: str | None = None, *, highest: int = limits.HIGHEST_WHOLE
) -> Iterator[Fault]:
    """Judge an optional whole number from 1 on."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        yield Fault(field, "is not a whole number", "pass an int", code)
    elif not 1 <= value <= highest:
        yield Fault(field, f"is not from 1 to {highest}", "pass a number in this range", code)


def moment(field: str, value: object, code: str | None = None) -> Iterator[Fault]:
    """Judge a moment: a datetime that names its zone."""
    if not isinstance(value, datetime):
        yield Fault(field, "is not a datetime", "pass datetime(..., tzinfo=UTC)", code)
    elif value.utcoffset() is None:
        yield Fault(field, "names no time zone", "pass datetime(..., tzinfo=UTC)", code)
    else:
        try:
            value.astimezone(UTC)
        except OverflowError:
            yield Fault(field, "lies outside the calendar", "pass a nearer moment", code)


def link_life(field: str, value: object, now: datetime | None) -> Iterator[Fault]:
    """Judge when the content behind a fallback link goes; *now* is for tests."""
    if value is None:
        return
    wrong = list(moment(field, value, "E617"))
    yield from wrong
    if wrong or not isinstance(value, datetime):
        return
    now = now or datetime.now(UTC)
    if value <= now:
        yield Fault(field, "lies in the past", "pass a moment to come", "E617")
    elif value - now > limits.LINK_LIFE:
        most = limits.LINK_LIFE.days
        yield Fault(field, f"lies more than {most} days ahead", f"{most} days at most", "E617")


def url(field: str, value: str, code: str | None = None) -> Iterator[Fault]:
    """Judge the address of a file: complete, http or https, public ("Send MMS API")."""
    if not addresses.blank_in(value):
        yield from text(field, value)
    yield from addresses.public(field, value, code)


def is_name(value: str) -> bool:
    """Whether *value* can be the name of an XML element."""
    return _NAME.fullmatch(value) is not None
