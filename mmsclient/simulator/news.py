"""What services tell their account holders afterwards, before any wire puts it into its own form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import attrs

from mmsclient.simulator.accounts import Book, Subscriptions
from mmsclient.simulator.inbound import Inbound
from mmsclient.simulator.sent import Sent, Status
from mmsclient.simulator.templates import Template

if TYPE_CHECKING:
    from mmsclient.simulator.content import Kind
    from mmsclient.simulator.postbacks import Subject


@attrs.frozen(kw_only=True)
class News:
    """Something happened to an account's messages or numbers."""

    book: Book = attrs.field(repr=False)
    at: float
    """When: seconds of the service's clock."""

    @property
    def about(self) -> Subject | None:
        """The message it is about, if about one."""
        return None


@attrs.frozen(kw_only=True)
class Progress(News):
    """A message has come further."""

    sent: Sent
    status: Status
    """How far; the row itself may have gone on since."""

    @property
    def about(self) -> Subject | None:
        """The message it is about."""
        return self.sent


@attrs.frozen(kw_only=True)
class Received(News):
    """A message came in."""

    inbound: Inbound

    @property
    def about(self) -> Subject | None:
        """The message it is about."""
        return self.inbound


@attrs.frozen(kw_only=True)
class Hit(News):
    """The tracked link of a message was opened."""

    sent: Sent

    @property
    def about(self) -> Subject | None:
        """The message it is about."""
        return self.sent


@attrs.frozen(kw_only=True)
class Member(News):
    """A number joined or left subscription lists."""

    number: str = attrs.field(repr=False)
    campaigns: Sequence[Subscriptions] = attrs.field(repr=False)
    joined: bool
    source: str
    """How: ``API``, or ``MO`` for a handset."""


@attrs.frozen(kw_only=True)
class Encoded(News):
    """A template or a message is encoded."""

    template: Template | None = attrs.field(default=None, repr=False)
    sent: Sent | None = None

    @property
    def about(self) -> Subject | None:
        """The message it is about, if about one."""
        return self.sent


class Teller(Protocol):
    """The side of a wire that tells."""

    def inbound_id(self, serial: int, kind: Kind) -> str:
        """Return the service's own identifier of the inbound message of that number."""
        ...

    def tell(self, news: News) -> None:
        """Give the vendor what postbacks this news makes, if there is an address for them."""
        ...
