"""The codes of answers as data. The set is open: calls may use codes of their own."""

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

Source: TypeAlias = Literal["overview", "docs", "seen"]
"""``overview``: the vendor's overview page. ``docs``: the vendor's other pages. ``seen``: in
recorded answers or other libraries only; what it means is not the vendor's word."""

SUCCESS = "SUCCESS"
RECIPIENTS_ERROR = "RECIPIENTS_ERROR"


@attrs.frozen(kw_only=True)
class Code:
    """One code of an answer that says no."""

    code: str
    meaning: str
    """In this library's words."""
    http: int | None
    """The status that comes with it, where it is known."""
    source: Source
    error: type[ServiceError] = RefusedError
    """What is raised."""
    concerns: Concern | None = None
    """Whose trouble it is, where the error class would say another."""

    @property
    def firm(self) -> bool:
        """Whether it decides by itself; a code that nobody documents gives way to the status."""
        return self.source != "seen"


def _rows(source: Source, meanings: dict[str, str], http: int | None = 400) -> list[Code]:
    return [
        Code(code=code, meaning=meaning, http=http, source=source)
        for code, meaning in meanings.items()
    ]


_OVERVIEW = {
    "FIELD_EMPTY": "a mandatory parameter is missing or empty",
    "FIELD_INVALID": "a parameter has the wrong form; the description names it",
    "KEY_EXISTS": "there is one with this key already",
}

_DOCS = {
    "BAD_CALLER_ID": "the sender is not valid, or its number is inactive or expired",
    "LIST_EMPTY": "the list has no active member",
    RECIPIENTS_ERROR: "no receiver is left: all numbers are not valid or opted out",
    "MISSING_PARAM": "a custom field is missing",
    "BAD_MOBILE": "the number is not valid",
    "BAD_MOBILE_COUNTRY": "the number's country is not served",
    "OPTOUT": "this contact opted out earlier",
    "DUPLICATE_DELETED": "this contact was deleted earlier",
}

_SEEN = {
    "FIELD_UNSAFE": "a parameter holds what the service takes for unsafe",
    "FAILED": "the call failed, the service gives no cause",
}

_OWN = (
    Code(
        code="AUTH_FAILED_NO_DATA",
        meaning="no key and secret reached the service",
        http=401,
        source="overview",
        error=AuthenticationError,
    ),
    Code(
        code="AUTH_FAILED",
        meaning="the key or the secret is wrong",
        http=401,
        source="overview",
        error=AuthenticationError,
    ),
    Code(
        code="NOT_IMPLEMENTED",
        meaning="the service has no such call",
        http=404,
        source="overview",
        concerns="account",
    ),
    Code(
        code="NO_ACCESS",
        meaning="what the call names, or the feature, is not this account's",
        http=400,
        source="overview",
        concerns="account",
    ),
    Code(
        code="OVER_LIMIT",
        meaning="too many calls",
        http=429,
        source="overview",
        error=ThrottledError,
    ),
    Code(
        code="NOT_FOUND",
        meaning="there is nothing with this key",
        http=400,
        source="overview",
        error=NotFoundError,
    ),
    Code(
        code="LEDGER_ERROR",
        meaning="the account cannot pay for this call",
        http=400,
        source="docs",
        error=InsufficientCreditError,
    ),
    Code(
        code="ALREADY_SENT",
        meaning="it is sent already or cannot be cancelled",
        http=400,
        source="seen",
    ),
    Code(
        code="ACCOUNT_EXPIRED",
        meaning="the account has run out",
        http=None,
        source="seen",
        concerns="account",
    ),
)

CODES: dict[str, Code] = {
    row.code: row
    for row in (
        *_OWN,
        *_rows("overview", _OVERVIEW),
        *_rows("docs", _DOCS),
        *_rows("seen", _SEEN, None),
    )
}

_UNKNOWN = Code(
    code="",
    meaning="the service refuses the call with a code that is not documented",
    http=None,
    source="seen",
)


def lookup(code: str) -> Code:
    """Return what *code* means; one that is not documented is a refusal unless HTTP says more."""
    row = CODES.get(code)
    if row is None and code.startswith("AUTH_FAILED"):
        # Nobody documents it, but its name tells what it means where it decides at all.
        row = attrs.evolve(CODES["AUTH_FAILED"], source="seen")
    return attrs.evolve(row or _UNKNOWN, code=code)
