"""The listings of a service, by the names of their methods, and their parameters as text."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from datetime import date, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import attrs

from mmsclient.cli.say import stop
from mmsclient.errors import InvalidMessageError, UnsupportedError
from mmsclient.wire import PagedCall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mmsclient.services.base import Service

_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@attrs.frozen
class Listing:
    """One method of a service that returns a listing."""

    name: str
    method: Callable[..., PagedCall[Any]] = attrs.field(repr=False)

    @property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        """What it can be asked for."""
        return inspect.signature(self.method).parameters

    def usage(self) -> str:
        """Return its name and parameters; those without brackets are mandatory."""
        words = [
            name if one.default is one.empty else f"[{name}]"
            for name, one in self.parameters.items()
        ]
        return " ".join([self.name, *words])

    def is_offered(self) -> bool:
        """Return whether the service has it, as far as that can be told without parameters."""
        try:
            self.method(**dict.fromkeys(self._needed))
        except UnsupportedError:
            return False
        except (TypeError, InvalidMessageError):
            return True  # it needs parameters that say something
        return True

    def call(self, given: Sequence[str]) -> PagedCall[Any]:
        """Return the listing for parameters such as ``list_id=7``; end the command on a wrong one."""
        values = dict(self._value(one) for one in given)
        if missing := [name for name in self._needed if name not in values]:
            stop(f"{self.name} needs --param {missing[0]}=…")
        try:
            return self.method(**values)
        except (InvalidMessageError, UnsupportedError) as error:
            stop(str(error))

    @property
    def _needed(self) -> list[str]:
        return [name for name, one in self.parameters.items() if one.default is one.empty]

    def _value(self, given: str) -> tuple[str, Any]:
        name, equals, value = given.partition("=")
        name = name.strip()
        if not equals:
            stop("--param: write NAME=VALUE")
        if name not in self.parameters:
            stop(f"{self.name} has no parameter {name!r}{_meant(name, [*self.parameters])}")
        try:
            return name, _parser(str(self.parameters[name].annotation))(value)
        except ValueError as error:
            stop(f"--param {name}: {error}")


def listings(service: Service) -> dict[str, Listing]:
    """Return all listings of a service by name."""
    found = {}
    for name, method in inspect.getmembers(type(service), inspect.isfunction):
        returned = str(inspect.signature(method).return_annotation)
        if not name.startswith("_") and returned.startswith("PagedCall["):
            found[name] = Listing(name, getattr(service, name))
    return found


def named(service: Service, name: str) -> Listing:
    """Return one listing; end the command where there is none of that name."""
    known = listings(service)
    asked = name.replace("-", "_")
    if asked not in known:
        what = "is a call, not a listing" if hasattr(type(service), asked) else "is no listing"
        stop(f"{name!r} {what} of {service.name}{_meant(asked, [*known])}")
    return known[asked]


def _meant(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    if near:
        return f": did you mean {near[0]}?"
    return f"; there are {', '.join(known)}" if known else "; it takes none"


def _parser(annotation: str) -> Callable[[str], Any]:
    """Return how text becomes a value of the type that an annotation names."""
    words = set(re.findall(r"\w+", annotation))
    if "bool" in words:
        return _flag
    if words & {"Moment", "datetime", "date"}:
        days = bool(words & {"Moment", "date"})
        moments = bool(words & {"Moment", "datetime"})
        return lambda value: _moment(value.strip(), days=days, moments=moments)
    if "int" in words:
        return _whole
    return str


def _flag(value: str) -> bool:
    try:
        return _WORDS[value.strip().lower()]
    except KeyError:
        raise ValueError("write true or false") from None


def _whole(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ValueError("write a whole number") from None


def _moment(value: str, *, days: bool, moments: bool) -> datetime | date:
    example = [*(["2031-02-03"] if days else []), *(["2031-02-03T04:05:06Z"] if moments else [])]
    wrong = ValueError(f"write it like {' or '.join(example)}")
    try:
        if _DAY.fullmatch(value) and days:
            return date.fromisoformat(value)
        found = datetime.fromisoformat(value)
    except ValueError:
        raise wrong from None
    if not moments or found.tzinfo is None:
        raise wrong
    return found
