"""What the two REST services have in common: Basic credentials, codes with their HTTP status.

The contract is one of a family: "error" blocks with a code, 4xx, 429 with OVER_LIMIT.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mmsclient.simulator.faults import Fault
    from mmsclient.simulator.refusals import Reason

#: The HTTP status of a code; every other code comes with 400.
STATUSES: dict[str, int] = {
    "SUCCESS": 200,
    "AUTH_FAILED_NO_DATA": 401,
    "AUTH_FAILED": 401,
    "NOT_IMPLEMENTED": 404,
    "OVER_LIMIT": 429,
}

#: What the codes say. Nobody may rely on it.
TEXTS: dict[str, str] = {
    "AUTH_FAILED_NO_DATA": "No authentication data was sent.",
    "AUTH_FAILED": "The auth data you have provided is invalid.",
    "NOT_IMPLEMENTED": "There is no such call.",
    "OVER_LIMIT": "Too many calls, slow down.",
    "FIELD_EMPTY": "A required field is empty.",
    "FIELD_INVALID": "A field is not valid.",
    "NO_ACCESS": "You have no access to this.",
    "KEY_EXISTS": "It exists already.",
    "NOT_FOUND": "There is nothing of that kind.",
    "LEDGER_ERROR": "Your balance is too low.",
    "BAD_CALLER_ID": "The sender is not valid.",
    "RECIPIENTS_ERROR": "No valid recipient is left.",
    "ACCOUNT_EXPIRED": "The account is not active.",
}

#: Refusals of the model -> codes of these services. Calls may use a nearer one.
CODES: dict[Reason, str] = {
    "key": "AUTH_FAILED",
    "inactive": "ACCOUNT_EXPIRED",
    "rights": "NO_ACCESS",
    "address": "NO_ACCESS",
    "forbidden": "NO_ACCESS",
    "rate": "OVER_LIMIT",
    "quota": "NO_ACCESS",
    "credit": "LEDGER_ERROR",
    "number": "FIELD_INVALID",
    "sender": "BAD_CALLER_ID",
    "blacklisted": "RECIPIENTS_ERROR",
    "operator": "RECIPIENTS_ERROR",
}

#: Codes of faults that these services do not know -> what they say instead: a code or a status.
INSTEAD: dict[str, str] = {
    "E100": "FIELD_INVALID",
    "E104": "AUTH_FAILED",
    "E105": "NO_ACCESS",
    "E106": "OVER_LIMIT",
    "E107": "NO_ACCESS",
    "E108": "FIELD_INVALID",
    "E109": "ACCOUNT_EXPIRED",
    "E110": "FIELD_INVALID",
    "E111": "BAD_CALLER_ID",
    "E112": "NO_ACCESS",
    "E113": "OVER_LIMIT",
    "E114": "RECIPIENTS_ERROR",
    "E120": "NO_ACCESS",
    "E503": "500",
    "E618": "503",
    "E619": "RECIPIENTS_ERROR",
    "E628": "RECIPIENTS_ERROR",
    "E713": "LEDGER_ERROR",
}


class RestError(Exception):
    """The service answers with a code instead of doing what was asked.

    A *code* of three digits is an HTTP status without any body of the service.
    """

    def __init__(self, code: str, description: object = None, *, status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.description = TEXTS.get(code, "Refused.") if description is None else description
        self.bare = code.isdigit()
        self.status = status or (int(code) if self.bare else STATUSES.get(code, 400))


def said(fault: Fault) -> RestError:
    """Return what a fault that is a code makes these services say."""
    code = fault.code or ""
    return RestError(INSTEAD.get(code, "FAILED" if code[1:].isdigit() else code), status=fault.http)


def strike(fault: Fault | None, *, taken: bool) -> None:
    """Raise what the fault of a whole call makes the service say, before or after it is taken."""
    if fault and fault.code and fault.taken is taken:
        raise said(fault)


def basic(headers: Mapping[str, str]) -> tuple[str, str] | None:
    """Return user and password of Basic, "" and "" where they cannot be read, None if not sent."""
    scheme, _, credential = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(credential, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return user, password
