"""What this service says where the family's other services say something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.simulator.rest import CODES, RestError
from mmsclient.simulator.rest import said as family_says

if TYPE_CHECKING:
    from mmsclient.simulator.faults import Fault
    from mmsclient.simulator.refusals import Refusal

#: Too little credit is FIELD_INVALID here, and only the text tells.
NO_CREDIT = "You do not have enough credit for this message."
OPTED_OUT = "The recipient has unsubscribed."

_NEARER: dict[str, tuple[str, str | None]] = {
    "number": ("RECIPIENTS_ERROR", None),
    "blacklisted": ("RECIPIENTS_ERROR", OPTED_OUT),
    "credit": ("FIELD_INVALID", NO_CREDIT),
    "E110": ("RECIPIENTS_ERROR", None),
    "E114": ("RECIPIENTS_ERROR", OPTED_OUT),
    "E713": ("FIELD_INVALID", NO_CREDIT),
}


def translated(no: Refusal) -> RestError:
    """Return what a refusal of the model is here."""
    code, text = _NEARER.get(no.reason, (CODES.get(no.reason, "FAILED"), None))
    return RestError(code, text)


def said(fault: Fault) -> RestError:
    """Return what a fault that is a code makes this service say."""
    if fault.code in _NEARER:
        code, text = _NEARER[fault.code]
        return RestError(code, text, status=fault.http)
    return family_says(fault)


def strike(fault: Fault | None, *, taken: bool) -> None:
    """Raise what the fault of a whole call makes the service say, before or after it is taken."""
    if fault and fault.code and fault.taken is taken:
        raise said(fault)


def empty(field: str) -> RestError:
    """Return the refusal of a call without a field."""
    return RestError("FIELD_EMPTY", f"{field} is required.")


def invalid(field: str, rule: str) -> RestError:
    """Return the refusal of a field that breaks a rule."""
    return RestError("FIELD_INVALID", f"{field} {rule}.")
