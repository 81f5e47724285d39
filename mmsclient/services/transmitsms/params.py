"""Parameters of calls, judged and written as the service takes them.

Each function makes one :class:`Param`; :func:`form` puts them together, or raises every fault.
Nothing that is not given is ever sent: an empty or zero parameter can mean something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

import attrs

from mmsclient.errors import Fault, InvalidMessageError
from mmsclient.numbers import clean_number
from mmsclient.services import addresses
from mmsclient.services.transmitsms import limits

if TYPE_CHECKING:
    from collections.abc import Iterator

Id: TypeAlias = str | int
"""An id of the service: digits, as text or as a number."""

EMPTY, INVALID = "FIELD_EMPTY", "FIELD_INVALID"

_EMAIL = re.compile(r"[^\s@,]+@[^\s@,]+\.[^\s@,]+")
_FIELD = re.compile(r"field_([1-9][0-9]?)")
# What people write between the digits of a local number.
_PUNCTUATION = re.compile(r"[\s().\-/\u00a0\u2010-\u2015\u202f]+")


@attrs.frozen(kw_only=True)
class Param:
    """One parameter: what is sent under which name, and what is wrong with it."""

    name: str
    value: str | None = attrs.field(default=None, repr=False)
    """None: it is left out."""
    faults: tuple[Fault, ...] = ()


def form(*params: Param, faults: Iterable[Fault] = ()) -> dict[str, str]:
    """Return the parameters that are given; *faults* are those of several together.

    Raises:
        InvalidMessageError: there is any fault; it lists them all.
    """
    found = (*(fault for param in params for fault in param.faults), *faults)
    if found:
        raise InvalidMessageError(found)
    return {param.name: param.value for param in params if param.value is not None}


def absent(value: object) -> bool:
    """Whether nothing is given: None or blank text."""
    return value is None or (isinstance(value, str) and not value.strip())


def missing(field: str, fix: str = "it is mandatory") -> Fault:
    """Return the fault of a parameter that is not given."""
    return Fault(field, "is missing", fix, EMPTY)


def text(
    field: str,
    value: object,
    *,
    wire: str = "",
    needed: bool = False,
    longest: int | None = None,
    clears: bool = False,
) -> Param:
    """Judge text; *clears*: an empty one is sent, since it removes what is stored."""
    name = wire or field
    if absent(value) and needed:
        return Param(name=name, faults=(missing(field),))
    if value is None or (absent(value) and not clears):
        return Param(name=name)
    if not isinstance(value, str):
        return Param(name=name, faults=(Fault(field, "is not text", "pass it as a str"),))
    wrong = tuple(_text(field, value, longest))
    return Param(name=name, value=value, faults=wrong)


def _text(field: str, value: str, longest: int | None) -> Iterator[Fault]:
    if longest is not None and len(value) > longest:
        yield Fault(field, f"is longer than {longest} characters", "shorten it", INVALID)
    half = next((at for at, sign in enumerate(value) if "\ud800" <= sign <= "\udfff"), None)
    if half is not None:
        rule = f"holds half a character at position {half}, counted from 0"
        yield Fault(field, rule, "remove it: UTF-8 cannot carry it")


def ident(field: str, value: object, *, needed: bool = False, zero: str = "") -> Param:
    """Judge an id; *zero* is the fix where 0 would mean something of its own."""
    if absent(value):
        return Param(name=field, faults=(missing(field),) if needed else ())
    said = _digits(value)
    if isinstance(value, bool) or not re.fullmatch(rf"[0-9]{{1,{limits.ID_DIGITS}}}", said):
        return Param(name=field, faults=(Fault(field, "is no id", "pass its digits", INVALID),))
    if not said.strip("0"):
        fix = zero or "leave it out: an id of 0 means none"
        return Param(name=field, faults=(Fault(field, "is 0", fix, INVALID),))
    return Param(name=field, value=said)


def _digits(value: object) -> str:
    # Python refuses to write out whole numbers of some thousand digits.
    if isinstance(value, int):
        return str(value) if abs(value) < 10**limits.ID_DIGITS else ""
    return value.strip() if isinstance(value, str) else ""


def number(
    field: str, value: object, *, wire: str = "", needed: bool = False, local: bool = False
) -> Param:
    """Judge the number of a phone; *local*: the form of its country will do as well."""
    name = wire or field
    if absent(value):
        fix = "write country code and number"
        return Param(name=name, faults=(missing(field, fix),) if needed else ())
    try:
        return Param(name=name, value=digits_of(value, field=field, local=local))
    except InvalidMessageError as error:
        wrong = (Fault(f.field, f.rule, f.fix, INVALID) for f in error.faults)
        return Param(name=name, faults=tuple(wrong))


def digits_of(value: object, *, field: str = "to", local: bool = False) -> str:
    """Return a number as the service takes it, or raise InvalidMessageError."""
    if local and isinstance(value, str):
        digits = _PUNCTUATION.sub("", value).removeprefix("+")
        fewest, most = limits.LOCAL_DIGITS
        if digits.isascii() and digits.isdigit() and fewest <= len(digits) <= most:
            return digits
        rule, fix = "is no phone number", f"{fewest} to {most} digits"
        raise InvalidMessageError([Fault(field, rule, fix)])
    return clean_number(value, field=field)


def numbers(field: str, values: object, *, local: bool = False) -> Param:
    """Judge the receivers of one call: a number, or up to 500 of them."""
    several = [values] if isinstance(values, str) else values
    if not isinstance(several, Iterable):
        fix = "pass a number as a str, or several in a list"
        return Param(name=field, faults=(Fault(field, "is no number", fix, INVALID),))
    each = list(several)
    if not each:
        return Param(name=field, faults=(missing(field),))
    if len(each) > limits.RECIPIENTS:
        rule = f"holds more than {limits.RECIPIENTS} numbers"
        return Param(name=field, faults=(Fault(field, rule, "make several calls"),))
    alone = isinstance(values, str)
    judged = [
        number(field if alone else f"{field}[{at}]", one, needed=True, local=local)
        for at, one in enumerate(each)
    ]
    wrong = tuple(fault for param in judged for fault in param.faults)
    return Param(name=field, value=",".join(param.value or "" for param in judged), faults=wrong)


def flag(field: str, value: object) -> Param:
    """Judge a value that is yes or no, or not given."""
    if value is None:
        return Param(name=field)
    if not isinstance(value, bool):
        wrong = Fault(field, "is neither True nor False", "pass a bool", INVALID)
        return Param(name=field, faults=(wrong,))
    return Param(name=field, value="true" if value else "false")


def choice(
    field: str, value: object, among: tuple[str, ...], *, needed: bool = False, wire: str = ""
) -> Param:
    """Judge a word out of a published list."""
    name = wire or field
    if value is None:
        return Param(name=name, faults=(missing(field),) if needed else ())
    if not isinstance(value, str) or value not in among:
        fix = f"pass one of {', '.join(among)}"
        return Param(name=name, faults=(Fault(field, "is no word of the list", fix, INVALID),))
    return Param(name=name, value=value)


def whole(
    field: str,
    value: object,
    *,
    lowest: int = 1,
    highest: int = limits.HIGHEST_WHOLE,
    needed: bool = False,
) -> Param:
    """Judge a whole number."""
    if value is None:
        return Param(name=field, faults=(missing(field),) if needed else ())
    if isinstance(value, bool) or not isinstance(value, int):
        wrong = Fault(field, "is not a whole number", "pass an int", INVALID)
        return Param(name=field, faults=(wrong,))
    if not lowest <= value <= highest:
        rule, fix = f"is not from {lowest} to {highest}", "pass a number in this range"
        return Param(name=field, faults=(Fault(field, rule, fix, INVALID),))
    return Param(name=field, value=str(value))


def amount(field: str, value: object) -> Param:
    """Judge an amount; a float is refused, since it may not be what was written."""
    if value is None:
        return Param(name=field)
    exact = isinstance(value, int | Decimal) and not isinstance(value, bool)
    number_ = Decimal(value) if exact else None  # type: ignore[arg-type] # judged a line above
    if number_ is None or not number_.is_finite():
        wrong = Fault(field, "is no exact amount", "pass a Decimal or an int", INVALID)
        return Param(name=field, faults=(wrong,))
    # Judged before it is written: an exponent can stand for more digits than memory holds.
    digits = len(number_.as_tuple().digits) + abs(number_.adjusted())
    said = format(number_, "f") if digits <= limits.AMOUNT else ""
    if not said:
        wrong = Fault(field, "has more digits than an amount", "pass fewer digits", INVALID)
        return Param(name=field, faults=(wrong,))
    return Param(name=field, value=said)


def url(field: str, value: object, *, needed: bool = False) -> Param:
    """Judge an address that the service calls, fetches or shortens."""
    param = text(field, value, needed=needed)
    if param.value is None or param.faults:
        return param
    return attrs.evolve(param, faults=tuple(_url(field, param.value)))


def _url(field: str, value: str) -> Iterator[Fault]:
    fix = "pass a complete address such as https://www.example.net/sms"
    if addresses.blank_in(value):
        yield Fault(field, "holds blanks or control characters", "percent-encode them", INVALID)
        return
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        yield Fault(field, "is not an address", fix, INVALID)
        return
    if parts.scheme.lower() not in {"http", "https"} or not host:
        yield Fault(field, "is not a whole http or https address", fix, INVALID)


def email(field: str, value: object, *, needed: bool = False) -> Param:
    """Judge an e-mail address; ``*@example.net`` stands for a whole domain."""
    param = text(field, value, needed=needed)
    if param.value is None or param.faults or _EMAIL.fullmatch(param.value):
        return param
    fix = "write it as name@example.net"
    return attrs.evolve(param, faults=(Fault(field, "is no e-mail address", fix, INVALID),))


def joined(field: str, values: object) -> Param:
    """Judge one text or several, which are sent with commas between them."""
    if values is None or isinstance(values, str):
        return text(field, values)
    if not isinstance(values, Iterable) or isinstance(values, bytes):
        wrong = Fault(field, "is not text", "pass a str, or several in a list")
        return Param(name=field, faults=(wrong,))
    each = [text(f"{field}[{at}]", one, needed=True) for at, one in enumerate(values)]
    wrong_ones = tuple(fault for param in each for fault in param.faults)
    said = ",".join(param.value or "" for param in each)
    return Param(name=field, value=said or None, faults=wrong_ones)


def custom(fields: Mapping[str, object], *, clears: bool = False) -> tuple[Param, ...]:
    """Judge ``field_1`` to ``field_10``; any other name is a slip of the caller's.

    Raises:
        TypeError: there is such a name; the service would ignore it without a word.
    """
    for name in fields:
        found = _FIELD.fullmatch(name)
        if not found or int(found[1]) > limits.FIELDS:
            raise TypeError(f"{name} is no parameter of this call: field_1 to field_10 are")
    return tuple(text(name, value, clears=clears) for name, value in fields.items())
