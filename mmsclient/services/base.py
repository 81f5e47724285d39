"""What every service offers to the client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from mmsclient.events import Event, InboundMessage
    from mmsclient.messages import Check, Message
    from mmsclient.outcomes import Accepted, Outcome
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

    @property
    def largest_batch(self) -> int:
        """How many messages one call can carry at most; 1 where each needs its own."""
        ...

    def batch_key(self, message: Message) -> Hashable | None:
        """Return what messages that can share a call have in common; None: it goes alone.

        Raises:
            InvalidMessageError: it breaks published rules.
            UnsupportedError: the service takes no such message.
        """
        ...

    def batch(self, messages: Sequence[Message]) -> Call[list[Outcome]]:
        """Return one call that sends all *messages*, and gives an outcome for each, in order.

        They have one key, no number in common, and are at most ``largest_batch``.

        Raises:
            UnsupportedError: the service has no such call.
        """
        ...

    def inbox(self) -> PagedCall[InboundMessage]:
        """Return the listing of inbound messages, or raise UnsupportedError."""
        ...

    def mark_read(self, ids: Sequence[str]) -> Call[None]:
        """Return the call after which the inbox no longer lists these, or raise UnsupportedError."""
        ...

    def read_postback(self, raw: RawPostback) -> list[Event]:
        """Return the events in a postback.

        Raises:
            PostbackError: it cannot be read; the error carries the raw bytes.
        """
        ...
