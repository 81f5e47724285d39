"""Every error of the library, as a leaf that imports nothing of it.

    MMSClientError
    ├── InvalidMessageError (also ValueError)    a message breaks published rules; .faults lists all
    ├── UnsupportedError                         this service has no such thing
    ├── CallError                                a call was attempted
    │   ├── TransportError
    │   │   ├── ConnectionFailedError            nothing left this machine
    │   │   └── NoReplyError                     bytes left, no whole answer came: may have happened
    │   ├── UnreadableReplyError                 an answer came that says neither yes nor no: may have happened
    │   └── ServiceError                         the service said no
    │       ├── AuthenticationError              key, rights, source address
    │       ├── ThrottledError                   too many calls; .retry_after
    │       ├── QuotaExceededError               the account's allowance is used up
    │       ├── InsufficientCreditError          the account cannot pay
    │       ├── RefusedError                     this message or call is refused
    │       │   └── NotFoundError                what it names is not there
    │       └── ServiceFailedError               trouble inside the service
    ├── PostbackError (also ValueError)          a postback could not be read; .raw keeps it
    ├── ListingError                             a listing goes on and on; .position is where to go on
    ├── CampaignError                            a campaign cannot go on; says why
    └── InboxError                               the inbox of postbacks cannot be used; says why

Each answers three questions: ``transient`` (may trying again help?), ``may_have_happened``
(could the message have been sent all the same?) and ``concerns`` (whose trouble it is).
The text of an error is made of this library's words and the service's code only: what the
service wrote can echo a number, so it stays in ``description`` and ``raw``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable

Concern: TypeAlias = Literal["message", "account", "connection"]


@attrs.frozen
class Fault:
    """One published rule that a message breaks."""

    field: str
    """Where: the field's name in this library, such as ``slides[2].image``, counted from 0."""
    rule: str
    """What the rule says, without the offending value: values are private."""
    fix: str
    """What to do about it."""
    code: str | None = None
    """The code with which the service itself refuses this, where it has one."""

    def __str__(self) -> str:
        return f"{self.field}: {self.rule}; {self.fix}"


class MMSClientError(Exception):
    """Root of every error this library raises on purpose. Never raised itself."""

    transient: bool = False
    """Whether the same call may succeed later."""
    may_have_happened: bool = False
    """Whether the service may have carried the call out all the same."""
    concerns: Concern = "message"
    """Whose trouble it is: this message's, the account's, or the connection's."""


class InvalidMessageError(MMSClientError, ValueError):
    """A message, or the input of a call, breaks published rules; nothing was sent."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return " | ".join(map(str, self.faults))


class UnsupportedError(MMSClientError):
    """The service has no such operation or takes no such message; nothing was sent."""

    def __init__(self, service: str, what: str) -> None:
        self.service = service
        self.what = what
        super().__init__(service, what)

    def __str__(self) -> str:
        return f"{self.service} does not offer {self.what}"


class CallError(MMSClientError):
    """A call that did not succeed. Never raised itself.

    ``reason`` is this library's sentence. All else are facts, None where unknown:
    ``operation`` (the service's name of the call), ``code`` and ``description`` (the
    service's own), ``http_status``, ``retry_after`` (seconds) and ``raw`` (the answer's body).
    """

    concerns: Concern = "connection"

    def __init__(
        self,
        reason: str = "",
        *,
        operation: str = "",
        code: str | None = None,
        description: str | None = None,
        http_status: int | None = None,
        retry_after: float | None = None,
        raw: bytes = b"",
        transient: bool | None = None,
        may_have_happened: bool | None = None,
        concerns: Concern | None = None,
    ) -> None:
        # Only the reason goes up: pickle and copy call the class with it and restore the rest.
        super().__init__(reason)
        self.reason = reason
        self.operation = operation
        self.code = code
        self.description = description
        self.http_status = http_status
        self.retry_after = retry_after
        self.raw = raw
        # The class answers the three questions; a table row may know better.
        if transient is not None:
            self.transient = transient
        if may_have_happened is not None:
            self.may_have_happened = may_have_happened
        if concerns is not None:
            self.concerns = concerns

    def __str__(self) -> str:
        known = [self.code, None if self.http_status is None else f"HTTP {self.http_status}"]
        facts = ", ".join(filter(None, known))
        said = self.reason or type(self).__name__
        where = f"{self.operation}: " if self.operation else ""
        return f"{where}{said} ({facts})" if facts else f"{where}{said}"


class TransportError(CallError):
    """The connection, not the service, is at fault. Never raised itself."""

    transient = True


class ConnectionFailedError(TransportError):
    """Nothing left this machine: refused, no such host, TLS failed, or no time left to start."""


class NoReplyError(TransportError):
    """Bytes may have left and no whole answer came back: the outcome is not known."""

    may_have_happened = True


class UnreadableReplyError(CallError):
    """An answer came that says neither yes nor no: the outcome is not known."""

    may_have_happened = True


class ServiceError(CallError):
    """The service answered, and the answer is no. Never raised itself."""

    concerns: Concern = "account"


class AuthenticationError(ServiceError):
    """The service does not let this account in: key, rights or source address."""


class ThrottledError(ServiceError):
    """Too many calls: this one was not carried out. ``retry_after`` is in seconds, if told."""

    transient = True


class QuotaExceededError(ServiceError):
    """The account's allowance of calls is used up; the period is the service's."""


class InsufficientCreditError(ServiceError):
    """The account cannot pay for this call."""


class RefusedError(ServiceError):
    """The service refuses this message or call as it stands."""

    concerns: Concern = "message"


class NotFoundError(RefusedError):
    """What the call names does not exist at the service."""


class ServiceFailedError(ServiceError):
    """Trouble inside the service; ``may_have_happened`` says whether the call may have counted."""

    transient = True
    may_have_happened = True
    concerns: Concern = "connection"


class PostbackError(MMSClientError, ValueError):
    """A postback that cannot be read. ``raw`` keeps its bytes, so that nothing is lost."""

    def __init__(self, reason: str, raw: bytes = b"") -> None:
        super().__init__(reason)
        self.reason = reason
        self.raw = raw


class ListingError(MMSClientError):
    """A listing goes on and on. ``position`` is the page to go on from, ``operation`` its call."""

    concerns: Concern = "connection"

    def __init__(self, reason: str = "", *, operation: str = "", position: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.operation = operation
        self.position = position

    def __str__(self) -> str:
        return f"{self.operation}: {self.reason}" if self.operation else self.reason


class CampaignError(MMSClientError):
    """A campaign cannot start or go on; the text says why and what to do."""

    concerns: Concern = "account"


class InboxError(MMSClientError):
    """The inbox of postbacks cannot be opened, read or written; the text says what to do."""

    concerns: Concern = "account"
