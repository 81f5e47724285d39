"""What an error of TransmitSMS can say: its class, and the three facts that callers act on."""

from __future__ import annotations

from mmsclient.errors import (
    AuthenticationError,
    CallError,
    InsufficientCreditError,
    NotFoundError,
    RefusedError,
    ServiceFailedError,
    ThrottledError,
    UnreadableReplyError,
)

Found = tuple[type[CallError], bool, bool, str]

REFUSED: Found = (RefusedError, False, False, "message")
SHUT_OUT: Found = (AuthenticationError, False, False, "account")
THROTTLED: Found = (ThrottledError, True, False, "account")
PENNILESS: Found = (InsufficientCreditError, False, False, "account")
FAILED: Found = (ServiceFailedError, True, True, "connection")
UNREADABLE: Found = (UnreadableReplyError, False, True, "connection")
REFUSED_CALL: Found = (RefusedError, False, False, "account")
ABSENT: Found = (NotFoundError, False, False, "message")

# Codes that no page of the vendor's has.
UNDOCUMENTED = {
    "ALREADY_SENT": REFUSED,
    "FIELD_UNSAFE": REFUSED,
    "FAILED": REFUSED,
    "ACCOUNT_EXPIRED": REFUSED_CALL,
    "SOMETHING_NEW": REFUSED,
    "AUTH_FAILED_LATER": SHUT_OUT,
}


def found(error: CallError) -> Found:
    return type(error), error.transient, error.may_have_happened, error.concerns
