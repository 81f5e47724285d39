"""The signs of yes and no that an answer holds, in each of the published shapes, and its errors.

    overview    error {code, description}
    v3          meta {code, status}, msg
    v1/v2 A     status true or false, message, error {}
    v1/v2 B     meta as in v3, message
    v1/v2 C     code, message, stack

Any sign of failure counts, whatever stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from mmsclient.errors import (
    CallError,
    InsufficientCreditError,
    NotFoundError,
    RefusedError,
    UnreadableReplyError,
)
from mmsclient.services import fields, judge
from mmsclient.services.cellcast import codes, payload
from mmsclient.services.fields import FieldError, Tree
from mmsclient.wire import HttpResponse

# Codes are shown in the error's text. What looks like none is not: it could hold a number.
_CODE = re.compile(r"(?!.*[0-9]{7})[A-Z][A-Z0-9_-]{0,39}")

# FIELD_INVALID is published for too little credit too, and only the text tells.
_CREDIT = re.compile(r"(?<![\w-])(credits?|balance|funds?)(?![\w-])", re.IGNORECASE)

_PENNILESS = "the account cannot pay for this call"
_REFUSED_STATUS = 400


@attrs.frozen(kw_only=True)
class Signs:
    """What an answer says about its own success."""

    yes: bool
    no: bool
    firm: bool
    """Whether the no is one that is published: a code, a switch that is off, a number of an error."""
    code: str | None
    """The service's code of a failure, in upper case."""
    status: int
    """The HTTP status, or the number in the body where only that is one of a failure."""
    said: tuple[str, ...] = attrs.field(repr=False)
    """All texts that say why, the first one first."""
    bearer: bool = False
    """Whether the answer has the switch that only the Bearer API has."""

    @property
    def description(self) -> str | None:
        """The first text that says why."""
        return self.said[0] if self.said else None


def read(tree: Tree, response: HttpResponse) -> Signs:
    """Return the signs in *tree*. Raises nothing, whatever shape its fields have."""
    error, meta = block(tree, "error"), block(tree, "meta")
    told = [said for said in (_told(error, "code"), _told(meta, "status")) if said]
    wrong = [said for said in told if said.upper() != codes.SUCCESS]
    good = len(wrong) < len(told)
    bad = [*wrong, *_bare(tree)]
    numbers = [_number(each) for each in (meta.get("code"), tree.get("code"), error.get("code"))]
    failed = [number for number in numbers if number is not None and number >= _REFUSED_STATUS]
    switch = _switch(tree)
    succeeded = judge.succeeded(response)
    return Signs(
        # 400 is documented with status true, so that there it is no sign.
        yes=good or payload.proves(tree) or (switch is True and succeeded),
        no=bool(bad or failed or switch is False),
        firm=bool(
            switch is False
            or any(codes.lookup(said.upper()) for said in bad)
            or not all(leaves_open(number) for number in failed)
        ),
        code=_code(bad, (_told(tree, "code"), _told(tree, "status"), _text(tree.get("error")))),
        status=failed[0] if failed and succeeded else response.status,
        said=tuple(_texts(tree, error)),
        bearer=switch is not None,
    )


def failure(found: Signs, response: HttpResponse, operation: str) -> CallError:
    """Return the error for a clear no: by its code, else by the status."""
    row = None if found.code is None else codes.lookup(found.code)
    kind, _ = verdict(found.status)
    if row is not None and row.code == codes.FIELD_INVALID and _speaks_of_credit(found, kind):
        row = codes.BROKE
    if row is None or row.vague:
        # A code that says little must not hide what the status says clearly.
        if found.code is None or kind not in {RefusedError, UnreadableReplyError}:
            return _without_row(found, response, operation)
        row = row or codes.unknown(found.code)
    return row.error(
        row.meaning,
        operation=operation,
        code=row.code,
        description=found.description,
        http_status=response.status,
        retry_after=judge.retry_after(response),
        raw=response.body,
        concerns=row.concerns,
    )


def _without_row(found: Signs, response: HttpResponse, operation: str) -> CallError:
    kind, said = verdict(found.status)
    if kind is UnreadableReplyError:
        kind, said = RefusedError, "the service refuses the call and names no code"
    if kind is RefusedError and found.bearer and found.status == 404:
        # This API has no codes: its "not found" is the status.
        kind, said = NotFoundError, "what the call names is not there"
    return kind(
        said,
        operation=operation,
        code=found.code or codes.DERIVED.get(found.status),
        description=found.description,
        http_status=response.status,
        retry_after=judge.retry_after(response),
        raw=response.body,
        # Without a code nothing says that this message is to blame; but an API that has none says
        # so of a message by its switch, under a status of success.
        concerns="account" if kind is RefusedError and not _blames(found, response) else None,
    )


def _blames(found: Signs, response: HttpResponse) -> bool:
    return found.bearer and judge.succeeded(response) and found.status == response.status


def by_status(
    response: HttpResponse, operation: str, *, reason: str = "", description: str | None = None
) -> CallError:
    """Return the error that the HTTP status gives; *reason* replaces the words of an open one."""
    kind, said = verdict(response.status)
    if kind is UnreadableReplyError:
        return judge.unreadable(response, operation, reason or said)
    return kind(
        said,
        operation=operation,
        code=codes.DERIVED.get(response.status),
        description=description,
        http_status=response.status,
        retry_after=judge.retry_after(response),
        raw=response.body,
        concerns="account" if kind is RefusedError else None,
    )


def verdict(status: int) -> tuple[type[CallError], str]:
    """Return the error class and reason that a status gives; 422 means too little credit here."""
    if status == 422:
        return InsufficientCreditError, _PENNILESS
    return judge.verdict(HttpResponse(status))


def leaves_open(status: int) -> bool:
    """Whether a status says neither yes nor no."""
    return verdict(status)[0] is UnreadableReplyError


def block(tree: Tree, name: str) -> Tree:
    """Return a nested block; an empty one where anything else stands there."""
    found = tree.get(name)
    return found if isinstance(found, Mapping) else {}


def _told(tree: Tree, name: str) -> str | None:
    """Return the text of a verdict; ``?`` for one of a shape that no text has."""
    value = tree.get(name)
    if value is None or value in ([], {}):
        return None
    try:
        return fields.text(tree, name)
    except FieldError:
        return "?"


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _number(value: Any) -> int | None:
    try:
        return None if isinstance(value, bool) else fields.number({"": value}, "")
    except FieldError:
        return None


def _switch(tree: Tree) -> bool | None:
    try:
        return fields.flag(tree, "status")
    except FieldError:
        return None


def _code(bad: list[str], elsewhere: tuple[str | None, ...]) -> str | None:
    """Return the code of a failure: that of too many calls wherever it stands, else the first."""
    named = [said.upper() for said in bad if _CODE.fullmatch(said.upper())]
    over = [said for said in (*bad, *elsewhere) if said and said.upper() == codes.OVER_LIMIT]
    known = (said for said in named if codes.lookup(said))
    return codes.OVER_LIMIT if over else next(known, next(iter(named), None))


def _bare(tree: Tree) -> list[str]:
    """Return published codes that stand without the block they belong into."""
    said = (_text(tree.get("error")), _text(tree.get("code")))
    found = [one for one in said if one and _CODE.fullmatch(one.upper())]
    known = [one for one in found if codes.lookup(one.upper())]
    # Rows have a status too, and its words can be those of other codes.
    status = _text(tree.get("status"))
    return [*known, *([status] if status and status.upper() == codes.OVER_LIMIT else [])]


def _texts(tree: Tree, error: Tree) -> Iterator[str]:
    """Yield the texts that say why, in the order in which the shapes are looked through."""
    places = ((error, "description"), (tree, "msg"), (tree, "message"), (error, "errorMessage"))
    told = (_words(holder, name) for holder, name in places)
    yield from (said for said in told if said)
    loose = [said for said in map(_text, error.values()) if said]
    if loose:
        yield ", ".join(loose)
    if said := _text(tree.get("error")):
        yield said


def _words(tree: Tree, name: str) -> str | None:
    try:
        return fields.text(tree, name)
    except FieldError:
        return None


def _speaks_of_credit(found: Signs, kind: type[CallError]) -> bool:
    told = any(_CREDIT.search(said) for said in found.said)
    return told or kind is InsufficientCreditError
