"""What every service offers to the client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mmsclient.events import Event, InboundMessage
    from mmsclient.messages import Check, Message
    from mmsclient.outcomes import Accepted
    from mmsclient.wire import Call, PagedCall, Rate, RawPostback


class Service(Protocol):
    """Address, credentials and wire of one account, as a frozen value. All methods are pure."""

    @property
    def name(self) -> str:
        """The service's name, for logs and errors."""
        ...

    @property
    def url(self) -> str:
        """Where calls go."""
        ...

    @property
    def rate(self) -> Rate:
        """The account's limit on calls."""
        ...

    def check(self, message: Message) -> Check:
        """Return all faults of *message*, and advice. Raises nothing."""
        ...

    def send(self, message: Message) -> Call[Accepted]:
        """Return the call that sends *message*.

        Raises:
            InvalidMessageError: it breaks published rules.
            UnsupportedError: the service takes no such message.
        """
        ...

    def inbox(self) -> PagedCall[InboundMessage]:
        """Return the listing of inbound messages, or raise UnsupportedError."""
        ...

    def read_postback(self, raw: RawPostback) -> list[Event]:
        """Return the events in a postback.

        Raises:
            PostbackError: it cannot be read; the error carries the raw bytes.
        """
        ...
