"""Faults as data: what goes wrong, for which calls, how often."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from random import Random
from typing import Literal, TypeAlias

import attrs

from mmsclient.numbers import clean_number
from mmsclient.simulator.actions import ACTIONS
from mmsclient.simulator.bounds import within
from mmsclient.simulator.garbage import GARBAGE

Where: TypeAlias = Literal["front", "service", "behind", "handset", "postback"]

#: The names of the services.
SERVICES: tuple[str, ...] = ("skycore", "transmitsms", "cellcast")

#: kind -> where it strikes. "front": before the service has seen the call; "service": instead of
#: carrying it out; "behind": after it was carried out; "handset": accepted, but what arrives differs;
#: "postback": what the service tells afterwards is told otherwise.
KINDS: dict[str, Where] = {
    "drop_before": "front",  # connection reset, nothing taken
    "close_before": "front",  # connection closed politely, nothing taken
    "stall_before": "front",  # looked at only after `seconds`; nothing taken if the caller leaves
    "drop_after": "behind",  # taken, then the connection is reset without an answer
    "close_after": "behind",  # taken, then closed politely without an answer
    "cut": "behind",  # taken, then closed in the middle of the answer
    "stall": "behind",  # taken, answered only after `seconds`
    "garbage": "behind",  # taken, answered with 200 and a body that says nothing: see `body`
    "fallback": "handset",  # too big for the handset: arrives as SMS with a link
    "stuck": "handset",  # hangs in the service for `seconds` of its clock, or until cleared
    "lost": "handset",  # never arrives
    "post_late": "postback",  # told `seconds` of the service's clock later
    "post_twice": "postback",  # told twice
    "post_swapped": "postback",  # told after the next postback to the same address
    "post_lost": "postback",  # never told
}

#: E104 and its like, or AUTH_FAILED and its like.
_CODE = re.compile(r"E\d{3}|[A-Z][A-Z_]+[A-Z]")
_STATUS = re.compile(r"[2-5]\d\d")

#: What can be asked of the body of a status, besides garbage: what a proxy says, or the true answer.
PAGES: tuple[str, ...] = ("plain", "answer")


def _known_kind(_: object, __: object, kind: str) -> None:
    if kind not in KINDS and not _CODE.fullmatch(kind) and not _STATUS.fullmatch(kind):
        raise ValueError(f"kind must be a code, an HTTP status or one of {', '.join(KINDS)}")


def _known_body(_: object, __: object, body: str | None) -> None:
    if body is not None and body not in {*GARBAGE, *PAGES}:
        raise ValueError(f"body must be one of {', '.join((*GARBAGE, *PAGES))}")


def _known_action(_: object, __: object, action: str | None) -> None:
    if action is not None and action.lower() not in map(str.lower, ACTIONS):
        raise ValueError(f"action must be one of {', '.join(ACTIONS)}")


def _known_service(_: object, __: object, service: str | None) -> None:
    if service is not None and service not in SERVICES:
        raise ValueError(f"service must be one of {', '.join(SERVICES)}")


def _an_http_status(_: object, __: object, status: int | None) -> None:
    if status is not None and not _STATUS.fullmatch(str(status)):
        raise ValueError("http must be an HTTP status from 200 to 599, or None")


def _digits(to: str | None) -> str | None:
    return None if to is None else clean_number(to)


@attrs.frozen(kw_only=True)
class Asked:
    """What is known about a call before the service judges it."""

    action: str
    """The service's name of the call, in its own spelling; empty where it cannot be read."""
    to: str | None = attrs.field(default=None, repr=False)
    """The number it is for, if for one."""
    numbers: tuple[str, ...] = attrs.field(default=(), repr=False)
    """All numbers it is for, if for several."""
    service: str = ""
    """The service whose wire it came on."""
    parsed: object = attrs.field(default=None, repr=False, eq=False)
    """The wire's own reading of the call."""


@attrs.frozen(kw_only=True)
class Fault:
    """Something that goes wrong. All filters must agree; a filter left out agrees with all.

    A fault is spent on the call it strikes, even if the service then refuses that call itself.
    """

    kind: str = attrs.field(converter=str, validator=_known_kind)
    """A code such as ``E618`` or ``OVER_LIMIT``, an HTTP status such as ``503``, or a key of ``KINDS``.

    Services that know no E-codes say the same in their own. A status is what a server in front
    says, a code what the service itself says.
    """
    times: int | None = attrs.field(default=1, validator=within(whole=True, optional=True))
    """How often; None for always."""
    to: str | None = attrs.field(default=None, converter=_digits, repr=False)
    """Only calls for this number, however it is written.

    Of a call for several numbers, what strikes at the service or at a handset strikes this one.
    """
    service: str | None = attrs.field(default=None, validator=_known_service)
    """Only calls of this service."""
    action: str | None = attrs.field(default=None, validator=_known_action)
    """Only calls of this name, whatever their case."""
    nth: int = attrs.field(default=1, validator=within(1, whole=True))
    """Only from the nth call on that the other filters agree with."""
    probability: float = attrs.field(default=1.0, validator=within(most=1))
    """The share of such calls that it strikes."""
    when: Callable[[Asked], bool] | None = attrs.field(default=None, repr=False)
    """Any other filter."""
    seconds: float | None = attrs.field(default=None, validator=within(optional=True))
    """How long a stall lasts (120 s if not given), or a message is stuck (until cleared).

    A stuck SMS arrives when it is first tried again after that: 5 minutes, then each half hour.
    """
    retry_after: float | None = attrs.field(default=None, validator=within(optional=True))
    """The Retry-After header of a status, in seconds."""
    body: str | None = attrs.field(default=None, validator=_known_body)
    """The body of garbage (a page of HTML if not given) or of a status (plain text).

    ``answer`` with a status is the true answer of a call that was taken.
    """
    http: int | None = attrs.field(default=None, validator=_an_http_status)
    """The HTTP status of a code, where it is not the service's own."""
    taken: bool = False
    """Whether a code or a status is answered although the call was carried out."""

    def __attrs_post_init__(self) -> None:
        if self.action is not None and self.where == "postback":
            raise ValueError("action: a postback belongs to no call; filter by to, service or when")

    @property
    def code(self) -> str | None:
        """The code, if the fault is one."""
        return self.kind if _CODE.fullmatch(self.kind) else None

    @property
    def status(self) -> int | None:
        """The HTTP status, if the fault is one."""
        return int(self.kind) if _STATUS.fullmatch(self.kind) else None

    @property
    def where(self) -> Where:
        """Where it strikes."""
        if self.code:
            return "service"
        if self.status:
            return "behind" if self.taken else "front"
        return KINDS[self.kind]

    def concerns(self, asked: Asked) -> bool:
        """Tell whether the filters on the call itself agree."""
        among = self.where in {"front", "behind"} and self.to in asked.numbers
        return (
            (self.to is None or self.to == asked.to or among)
            and (self.service is None or self.service == asked.service)
            and (self.action is None or self.action.lower() == asked.action.lower())
            and (self.when is None or self.when(asked))
        )


@attrs.define
class _Armed:
    fault: Fault
    met: int = 0
    struck: int = 0

    def strikes(self, asked: Asked, random: Random) -> bool:
        fault = self.fault
        if not fault.concerns(asked):
            return False
        self.met += 1
        spent = fault.times is not None and self.struck >= fault.times
        if spent or self.met < fault.nth or random.random() >= fault.probability:
            return False
        self.struck += 1
        return True


class Faults:
    """The faults in force. For each call the first that strikes counts."""

    def __init__(self, faults: Iterable[Fault] = (), *, seed: int | None = None) -> None:
        self._armed = [_Armed(fault) for fault in faults]
        self._random = Random(seed)  # noqa: S311 - repeatable by seed is the point

    def add(self, *faults: Fault) -> None:
        """Put faults in force."""
        self._armed.extend(map(_Armed, faults))

    def clear(self) -> None:
        """Put all faults out of force."""
        self._armed.clear()

    def __iter__(self) -> Iterator[Fault]:
        return iter([armed.fault for armed in self._armed])

    def strike(self, asked: Asked, where: Collection[Where]) -> Fault | None:
        """Return the fault that strikes this call at one of these places, and count it."""
        fitting = (armed for armed in list(self._armed) if armed.fault.where in where)
        struck = next((armed for armed in fitting if armed.strikes(asked, self._random)), None)
        return struck.fault if struck else None
