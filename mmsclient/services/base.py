"""What every service offers to the client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from datetime import datetime, timedelta

    from mmsclient.events import Event, InboundMessage
    from mmsclient.messages import Check, Message, Weight
    from mmsclient.outcomes import Accepted, Outcome
    from mmsclient.sightings import Sighted
    from mmsclient.wire import Call, PagedCall, Rate, RawPostback


class Numbered(Protocol):
    """What names somebody's number."""

    @property
    def number(self) -> str:
        """The number, as the service writes it."""
        ...


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

    @property
    def settles_after(self) -> timedelta:
        """How long silence after a send without an answer is no proof that nothing goes out."""
        ...

    @property
    def postback_method(self) -> Literal["GET", "POST"]:
        """The method of the requests that the service makes to you."""
        ...

    def check(self, message: Message) -> Check:
        """Return all faults of *message*, and advice. Raises nothing."""
        ...

    def weight(self, message: Message) -> Weight | None:
        """Return what an MMS weighs, and which files are fetched each time one is sent.

        None for what brings no files of its own: texts, stored templates. Raises nothing.
        """
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

    def carried_reference(self, message: Message) -> str | None:
        """Return what *message* must have as its reference for its reports to bring that back.

        As given where the wire carries it, else cut to 64 characters with a hash at the end; None
        where there is none, or the wire has no place for it. Raises nothing.
        """
        ...

    def outbox(self, start: datetime, end: datetime) -> PagedCall[Sighted]:
        """Return the listing of what was sent between two aware moments, or a little around them.

        Raises:
            InvalidMessageError: they are no period.
            UnsupportedError: the service has no such listing.
        """
        ...

    def opt_outs(self) -> PagedCall[Numbered]:
        """Return the listing of those who want no more messages, or raise UnsupportedError."""
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
