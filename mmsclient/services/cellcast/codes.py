"""The codes of answers as data. The set is open: a code that is not here is judged by its status."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from mmsclient.errors import (
    AuthenticationError,
    Concern,
    InsufficientCreditError,
    NotFoundError,
    RefusedError,
    ServiceError,
    ThrottledError,
)

Mark: TypeAlias = Literal["overview", "vendor", "seen"]
"""Where a code is known from: the overview pages, the vendor's other pages, or public clients and
the API family that shares this contract."""

SUCCESS = "SUCCESS"
OVER_LIMIT = "OVER_LIMIT"
FIELD_INVALID = "FIELD_INVALID"
NOT_FOUND = "NOT_FOUND"


@attrs.frozen(kw_only=True)
class Code:
    """One code that says no."""

    code: str
    meaning: str
    """In this library's words."""
    error: type[ServiceError] = RefusedError
    """What is raised."""
    mark: Mark = "vendor"
    http_status: int = 400
    """With which it is published; answers disagree, so nothing hangs on it."""
    concerns: Concern | None = None
    vague: bool = False
    """Whether it says so little that a clear HTTP status beside it decides."""


_ROWS = (
    Code(
        code=OVER_LIMIT,
        meaning="too many calls",
        error=ThrottledError,
        mark="overview",
        http_status=429,
    ),
    Code(
        code="AUTH_FAILED_NO_DATA",
        meaning="no key came with the call",
        error=AuthenticationError,
        http_status=401,
    ),
    Code(
        code="AUTH_FAILED",
        meaning="the service does not know this key",
        error=AuthenticationError,
        http_status=401,
    ),
    Code(code="FIELD_EMPTY", meaning="a field that is required is missing or empty"),
    Code(code=FIELD_INVALID, meaning="a field breaks a rule of the service"),
    Code(
        code="RECIPIENTS_ERROR",
        meaning="no recipient is left: not valid, or unsubscribed",
    ),
    Code(code=NOT_FOUND, meaning="there is nothing to return", error=NotFoundError),
    Code(
        code="NOT_IMPLEMENTED",
        meaning="the service has no such call",
        mark="seen",
        http_status=404,
        concerns="account",
    ),
    Code(
        code="NO_ACCESS",
        meaning="the feature is not open to this account",
        mark="seen",
        concerns="account",
    ),
    Code(code="KEY_EXISTS", meaning="such a thing is there already", mark="seen"),
    Code(
        code="LEDGER_ERROR",
        meaning="the account cannot pay for this call",
        error=InsufficientCreditError,
        mark="seen",
    ),
    Code(
        code="BAD_CALLER_ID",
        meaning="the sender is not valid, not active or expired",
        mark="seen",
    ),
    Code(
        code="FAILED",
        meaning="the call failed, the service gives no cause",
        mark="seen",
        vague=True,
    ),
    Code(
        code="REQUEST_FAILED",
        meaning="the call failed, the service gives no cause",
        mark="seen",
        vague=True,
    ),
    Code(
        code="ACCOUNT_EXPIRED",
        meaning="the account has expired",
        mark="seen",
        concerns="account",
    ),
    Code(code="LIST_EMPTY", meaning="the list is empty", mark="seen"),
)

#: "SMS RESTful API Details", "MMS RESTful API Details" and the pages of the calls.
CODES: dict[str, Code] = {row.code: row for row in _ROWS}

_UNKNOWN = Code(code="", meaning="the service refuses the call with a code that is not documented")


def lookup(code: str) -> Code | None:
    """Return what *code* means; None for one that is not published."""
    if code.startswith("AUTH_") and code not in CODES:
        return attrs.evolve(CODES["AUTH_FAILED"], code=code)
    return CODES.get(code)


def unknown(code: str) -> Code:
    """Return the row of a code that is not published: a plain refusal."""
    return attrs.evolve(_UNKNOWN, code=code)


BROKE = Code(
    code=FIELD_INVALID,
    meaning="the account cannot pay for this call",
    error=InsufficientCreditError,
)
"""The same code is published for too little credit: then only the text tells."""

DERIVED = {401: "AUTH_FAILED", 429: OVER_LIMIT}
"""The code that an HTTP status stands for where the body names none."""
