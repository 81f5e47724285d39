"""The pretend service itself: accounts, limits, faults, handsets and ledger, without any wire."""

from __future__ import annotations

import secrets
from functools import partial
from hmac import compare_digest
from itertools import count
from threading import RLock
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

from mmsclient.simulator.accounts import Account, Book, Campaign, Subscriptions
from mmsclient.simulator.clock import Agenda, Clock
from mmsclient.simulator.handsets import Network, Outflow, Terms
from mmsclient.simulator.ledger import Ledger
from mmsclient.simulator.limits import Rule, limit
from mmsclient.simulator.refusals import Refusal
from mmsclient.simulator.templates import Template
from mmsclient.wire import Rate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from mmsclient.simulator.content import Content, Outgoing
    from mmsclient.simulator.faults import Asked, Fault, Faults, Where
    from mmsclient.simulator.magic import Magic

OverLimit: TypeAlias = Literal["E113", "E106", 429, "queue"]

_EVERYWHERE: Collection[Where] = ("front", "service", "behind", "handset")
_AT_HANDSET: Collection[Where] = ("service", "handset")


@attrs.frozen(kw_only=True)
class Limits:
    """How calls are counted, and what happens to those over the limit."""

    rate: Rate | None = attrs.field(factory=lambda: Rate(15))
    rule: Rule = "sliding"
    count_refused: bool = False
    over: OverLimit = "E113"

    def __attrs_post_init__(self) -> None:
        if self.over not in {"E113", "E106", 429, "queue"}:
            raise ValueError('over_limit must be "E113", "E106", 429 or "queue"')


@attrs.frozen(kw_only=True)
class Medium:
    """What the service finds at an address it fetches. Addresses nobody described are fine."""

    size: int = 0
    """Bytes."""
    trouble: (
        Literal["unreachable", "too big", "damaged", "not allowed", "unknown type", "no codec"]
        | None
    ) = None


class Vendor:
    """The service. Its methods are called under ``lock``, by the wires and by who looks at it."""

    def __init__(
        self,
        *,
        accounts: Iterable[Account],
        limits: Limits,
        terms: Terms,
        clock: Clock,
        faults: Faults,
        magic: Magic | None,
    ) -> None:
        self.lock = RLock()
        self.clock = clock
        self.limits = limits
        self.terms = terms
        self.faults = faults
        self.magic = magic
        self.media: dict[str, Medium] = {}
        self.agenda = Agenda()
        self.network = Network(self.agenda, terms)
        self.ledger = Ledger()
        self._ids = count(1)
        self._stamp = secrets.token_hex(3)
        self.books = [self._open(account, index) for index, account in enumerate(accounts)]
        if len({book.account.key for book in self.books}) < len(self.books):
            raise ValueError("accounts: two of them have the same key; give each its own")
        self._outflows = [self._outflow(book) for book in self.books]

    def _open(self, account: Account, index: int) -> Book:
        rate = account.rate or self.limits.rate
        rule, refused = self.limits.rule, self.limits.count_refused
        book = Book(
            account=account,
            index=index,
            rate=rate,
            limit=limit(rule, rate, count_refused=refused) if rate else None,
        )
        for campaign in account.campaigns:
            self.start_campaign(book, campaign)
        return book

    def _outflow(self, book: Book) -> Outflow:
        # Throughput is per real second, the agenda in seconds of the sped-up clock.
        interval = book.rate.interval if book.rate else 0.0
        return Outflow(self.agenda, interval * self.clock.speed)

    def settle(self) -> float:
        """Do what is due by now, and return the time."""
        now = self.clock.now()
        self.agenda.run(now)
        return now

    def strike(self, asked: Asked) -> Fault | None:
        """Return the fault that strikes this call, if one does."""
        fault = self.faults.strike(asked, _EVERYWHERE)
        return fault or (self.magic.strike(asked, _EVERYWHERE) if self.magic else None)

    def strike_one(self, asked: Asked) -> Fault | None:
        """Return the fault that strikes one recipient of a call that has several."""
        fault = self.faults.strike(asked, _AT_HANDSET)
        return fault or (self.magic.strike(asked, _AT_HANDSET) if self.magic else None)

    def let_in(self, key: str, source: str, action: str, *, mms: bool) -> Book:
        """Return the account of that key, or refuse it."""
        book = next((book for book in self.books if _same(book.account.key, key)), None)
        if book is None:
            raise Refusal("key")
        account = book.account
        if not account.active:
            raise Refusal("inactive")
        if not account.rights:
            raise Refusal("rights")
        if not account.lets_in(source):
            raise Refusal("address")
        if action.lower() in account.forbidden or (mms and account.sms_only):
            raise Refusal("forbidden")
        return book

    def meter(self, book: Book) -> bool:
        """Count a call; refuse one over the limit, or tell that it has to queue."""
        now = self.clock.real()
        if book.limit is None or book.limit.take(now):
            return False
        if self.limits.over == "queue":
            return True
        raise Refusal("rate", wait=book.limit.wait(now))

    def new_id(self, prefix: str) -> str:
        """Return an identifier that no other simulator gives either."""
        return f"{prefix}_{self._stamp}{next(self._ids):04d}"

    def new_number(self) -> str:
        """Return an identifier made of digits."""
        return str(9_100_000 + next(self._ids))

    def send(self, book: Book, message: Outgoing, *, fate: Fault | None, queued: bool) -> None:
        """Take a message on: it is paid, and goes its way now or when its turn comes."""
        now = self.clock.now()
        book.pay()
        outflow = self._outflows[book.index]
        fate = fate if fate and fate.where == "handset" else None
        if queued or outflow.busy:
            leave = partial(self.network.carry, message, fate)
            outflow.add(message.sender, leave, now)
        else:
            self.network.carry(message, fate, now)
        self.agenda.run(now)

    def store(self, book: Book, content: Content) -> Template:
        """Store a template; with audio or video it is not ready at once."""
        now = self.clock.now()
        template = Template(
            mms_id=self.new_number(),
            content=content,
            created_at=now,
            ready_at=now + (self.terms.encoding if content.encodes else 0.0),
        )
        book.shelf.put(template)
        return template

    def start_campaign(self, book: Book, campaign: Campaign) -> Subscriptions:
        """Start a subscription list."""
        number = campaign.id or self.new_number()
        started = Subscriptions(
            id=number,
            ref=campaign.ref or number,
            name=campaign.name,
            brand=campaign.brand,
            numbers=dict(campaign.subscribers),
        )
        book.campaigns.append(started)
        return started

    def subscribe(self, campaign: Subscriptions, number: str, ref: str | None) -> None:
        """Put a number on a list, unless its owner left by himself."""
        if number in campaign.opted_out:
            raise Refusal("no subscription")
        campaign.numbers[number] = ref

    def unsubscribe(self, campaign: Subscriptions, number: str) -> None:
        """Take a number off a list, or refuse."""
        if number not in campaign.numbers:
            raise Refusal("no subscription")
        del campaign.numbers[number]

    def opt_out(self, number: str) -> None:
        """Let the owner of a number leave all lists by himself."""
        for campaign in (campaign for book in self.books for campaign in book.campaigns):
            if campaign.numbers.pop(number, campaign) is not campaign:
                campaign.opted_out.add(number)

    def receive_mms(self, account: int = 0) -> str:
        """Let an MMS come in, and return its identifier."""
        identifier = self.new_id("MMS_MO")
        self.books[account].inbox[identifier] = True
        return identifier

    def remove_from_inbox(self, book: Book, identifier: str) -> None:
        """Drop the files of an inbound MMS, or refuse."""
        if identifier not in book.inbox:
            raise Refusal("inbox unknown")
        if not book.inbox[identifier]:
            raise Refusal("inbox empty")
        book.inbox[identifier] = False

    def describe(self, media: Mapping[str, Medium]) -> None:
        """Tell what the service finds at these addresses."""
        self.media.update(media)


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode(), other.encode())
