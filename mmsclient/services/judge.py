"""What an HTTP answer says by itself, before or without a body that can be read."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from mmsclient.errors import (
    AuthenticationError,
    CallError,
    InsufficientCreditError,
    RefusedError,
    ServiceFailedError,
    ThrottledError,
    UnreadableReplyError,
)

if TYPE_CHECKING:
    from mmsclient.wire import HttpResponse

_BY_STATUS: dict[int, tuple[type[CallError], str]] = {
    401: (AuthenticationError, "the service does not let this account in"),
    402: (InsufficientCreditError, "the account cannot pay for this call"),
    403: (AuthenticationError, "the service does not let this account in"),
    # 408 and 499 speak of a request cut short: some of it was heard.
    408: (UnreadableReplyError, "the service gave up waiting; whether it took the call is open"),
    429: (ThrottledError, "too many calls"),
    499: (UnreadableReplyError, "the connection closed midway; whether the call counts is open"),
}


def succeeded(response: HttpResponse) -> bool:
    """Whether the status alone says yes (2xx)."""
    return 200 <= response.status < 300


def verdict(response: HttpResponse) -> tuple[type[CallError], str]:
    """Return the error class and reason that the HTTP status alone gives to a failed call.

    For answers whose body carries no code of the service. A 2xx or 3xx gives
    UnreadableReplyError: it says neither yes nor no.
    """
    status = response.status
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 500 <= status < 600:
        return ServiceFailedError, "trouble inside the service; the call may have counted"
    if 400 <= status < 500:
        return RefusedError, "the service refuses the call"
    return UnreadableReplyError, "the answer says neither yes nor no"


def by_status(response: HttpResponse, operation: str, *, reason: str = "") -> CallError:
    """Return the error that the HTTP status gives; *reason* replaces the words of an open one."""
    kind, said = verdict(response)
    if kind is UnreadableReplyError:
        return unreadable(response, operation, reason or said)
    return kind(
        said,
        operation=operation,
        http_status=response.status,
        retry_after=retry_after(response),
        raw=response.body,
        # No code of the service: nothing says that this message is to blame.
        concerns="account" if kind is RefusedError else None,
    )


def unreadable(response: HttpResponse, operation: str, reason: str) -> UnreadableReplyError:
    """Return the error for an answer that leaves the outcome open."""
    return UnreadableReplyError(
        reason,
        operation=operation,
        http_status=response.status,
        retry_after=retry_after(response),
        raw=response.body,
    )


def retry_after(response: HttpResponse) -> float | None:
    """Return the seconds that the Retry-After header asks for; None where it says nothing usable.

    A date counts from the answer's own Date header, so that clocks need not agree.
    """
    value = response.headers.get("retry-after", "").strip()
    if not value:
        return None
    seconds = _seconds(value)
    if seconds is None and (until := _date(value)) is not None:
        since = _date(response.headers.get("date", "")) or datetime.now(UTC)
        seconds = (until - since).total_seconds()
    return seconds if seconds is not None and seconds >= 0 else None


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
