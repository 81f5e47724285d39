"""Parameters of a call: read from query and form, and judged one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import attrs

from mmsclient.simulator.rest import RestError

FORM = "application/x-www-form-urlencoded"

#: Largest page, and its usual size.
MOST_ROWS, ROWS = 100, 10
MOST_FIELDS = 10
#: No account is older, and no message is scheduled for later.
FIRST_YEAR, LAST_YEAR = 2000, 9000

_WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
_STAMP = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?", re.ASCII)
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+")

#: (parameter, what is wrong) -> description, where one has been recorded.
_EMPTY = "Required field '{}' is empty"
_INVALID = "Field '{}' is not valid."


def read(headers: Mapping[str, str], query: str, body: bytes) -> dict[str, str]:
    """Return the parameters of a request: those of the query, then those of a form."""
    found = parse_qsl(query, keep_blank_values=True)
    if headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
        found += parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return dict(found)


def empty(name: str) -> RestError:
    """Return the refusal of a call without a required parameter."""
    return RestError("FIELD_EMPTY", _EMPTY.format(name))


def invalid(name: str, words: str | None = None) -> RestError:
    """Return the refusal of a parameter of the wrong form."""
    return RestError("FIELD_INVALID", words or _INVALID.format(name))


@attrs.frozen
class Params:
    """The parameters of one call. What was sent empty counts as not sent."""

    sent: Mapping[str, str] = attrs.field(repr=False)

    def get(self, name: str) -> str | None:
        """Return a text, or None."""
        return self.sent.get(name) or None

    def need(self, name: str) -> str:
        """Return a text, or refuse."""
        value = self.get(name)
        if value is None:
            raise empty(name)
        return value

    def whole(self, name: str, least: int = 0, most: int | None = None) -> int | None:
        """Return a whole number, or None, or refuse."""
        value = self.get(name)
        if value is None:
            return None
        if not _WHOLE.fullmatch(value):
            raise invalid(name)
        number = int(value)
        if number < least or (most is not None and number > most):
            raise invalid(name)
        return number

    def id(self, name: str) -> int:
        """Return a required identifier, or refuse."""
        found = self.whole(name)
        if found is None:
            raise empty(name)
        return found

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a switch, or refuse."""
        value = (self.get(name) or str(default)).lower()
        if value not in {"true", "false", "1", "0"}:
            raise invalid(name)
        return value in {"true", "1"}

    def choice(self, name: str, *choices: str) -> str:
        """Return one of the choices, the first where nothing was sent, or refuse."""
        value = self.get(name) or choices[0]
        if value not in choices:
            raise invalid(name)
        return value

    def moment(self, name: str, *, ends: bool = False) -> datetime | None:
        """Return a time in UTC, or None, or refuse; a bare date *ends* at its last second."""
        value = self.get(name)
        if value is None:
            return None
        if not _STAMP.fullmatch(value):
            raise invalid(name)
        try:
            found = datetime.fromisoformat(value).replace(tzinfo=UTC)
        except ValueError as error:
            raise invalid(name) from error
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise invalid(name)
        last = ends and len(value) == len("2031-02-03")
        return found.replace(hour=23, minute=59, second=59) if last else found

    def url(self, name: str) -> str | None:
        """Return an address, or None, or refuse."""
        value = self.get(name)
        if value is None:
            return None
        try:
            parts = urlsplit(value)
        except ValueError as error:
            raise invalid(name) from error
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise invalid(name)
        return value

    def email(self, name: str) -> str:
        """Return a required e-mail address, or refuse; ``*@`` allows a domain."""
        value = self.need(name)
        if not _EMAIL.fullmatch(value):
            raise invalid(name)
        return value

    def fields(self, names: Mapping[int, str] | None = None) -> dict[int, str]:
        """Return the own fields that were sent, by number, empty ones too.

        A field can also be sent as ``field.<name>``, where its name is known.
        """
        sent = {n: f"field_{n}" for n in range(1, MOST_FIELDS + 1)}
        found = {n: self.sent[name] for n, name in sent.items() if name in self.sent}
        named = {n: f"field.{name}" for n, name in (names or {}).items()}
        return found | {n: self.sent[name] for n, name in named.items() if name in self.sent}

    @property
    def as_rows(self) -> bool:
        """Whether own fields are wanted as rows of name and value."""
        return self.get("response_style") == "array"
