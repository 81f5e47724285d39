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
from mmsclient.simulator.documents import Documents
from mmsclient.simulator.handsets import Network, Outflow, Terms
from mmsclient.simulator.inbound import Inbound, asks_to_stop
from mmsclient.simulator.lately import Lately
from mmsclient.simulator.leases import Lease
from mmsclient.simulator.ledger import Ledger
from mmsclient.simulator.limits import Rule, limit
from mmsclient.simulator.news import Encoded, Hit, Member, News, Progress, Received, Teller
from mmsclient.simulator.postbacks import Outbox
from mmsclient.simulator.refusals import Refusal
from mmsclient.simulator.sent import Register, Sent, Status
from mmsclient.simulator.templates import Template
from mmsclient.wire import Rate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from mmsclient.simulator.content import Content, Outgoing
    from mmsclient.simulator.faults import Asked, Fault, Faults, Where
    from mmsclient.simulator.inbound import Draft
    from mmsclient.simulator.magic import Magic
    from mmsclient.simulator.postbacks import Postback

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
    text: str | None = attrs.field(default=None, repr=False)
    """What is in it, where somebody reads it: the rows of an upload."""
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
        self.network = Network(self.agenda, terms, self)
        self.register = Register()
        self.outbox = Outbox(self.agenda, faults)
        self.tellers: dict[str, Teller] = {}
        """Service -> its wire."""
        self.ledger = Ledger()
        self.lately = Lately()
        self.documents = Documents()
        self._inbound = count(1)
        self._ids = count(1)
        self._stamp = secrets.token_hex(3)
        self.books: list[Book] = []
        self._outflows: list[Outflow] = []
        for account in accounts:
            self.open(account)

    def open(self, account: Account, *, parent: Book | None = None) -> Book:
        """Open an account; its key must be new."""
        if any(book.account.key == account.key for book in self.books):
            raise ValueError("accounts: two of them have the same key; give each its own")
        book = self._book(account, parent)
        self.books.append(book)
        self._outflows.append(self._outflow(book))
        return book

    def _book(self, account: Account, parent: Book | None) -> Book:
        rate = account.rate or self.limits.rate
        rule, refused = self.limits.rule, self.limits.count_refused
        book = Book(
            account=account,
            index=len(self.books),
            rate=rate,
            limit=limit(rule, rate, count_refused=refused) if rate else None,
            leases={number: Lease(number=number) for number in account.numbers},
            parent=parent.index if parent else None,
            created_at=self.clock.now() if parent else 0.0,
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

    def let_in(
        self, key: str, source: str, action: str, *, mms: bool, passwords: Collection[str] = ()
    ) -> Book:
        """Return the account of that key, or refuse it.

        Where the wire carries passwords, it passes those that came: one must be the account's.
        """
        book = next((book for book in self.books if _same(book.account.key, key)), None)
        if book is None or not _fits(book.account.secret, passwords):
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

    def send(self, book: Book, message: Outgoing, *, fate: Fault | None, queued: bool) -> Sent:
        """Take a message on: it is paid, and goes its way now or when its turn comes."""
        now = self.clock.now()
        book.pay(message.parts)
        sent = self.register.enter(message, book.index)
        self.lately.touch(message.to)
        fate = fate if fate and fate.where == "handset" else None
        if message.callbacks:
            self.outbox.active = True
        if message.due > now:
            sent.status = "scheduled"
            self.agenda.at(message.due, partial(self._leave, sent, fate, queued))
        else:
            self._leave(sent, fate, queued, now)
        self.agenda.run(now)
        return sent

    def _leave(self, sent: Sent, fate: Fault | None, queued: bool, now: float) -> None:
        if sent.status == "cancelled":
            return
        sent.status, outflow = "pending", self._outflows[sent.account]
        if queued or outflow.busy:
            leave = partial(self.network.carry, sent, fate)
            outflow.add(sent.message.sender, leave, now)
        else:
            self.network.carry(sent, fate, now)

    def cancel(self, sent: Sent) -> bool:
        """Take a scheduled message back, and its price; tell whether it had not left yet."""
        if sent.status != "scheduled":
            return False
        self.books[sent.account].paid -= sent.message.parts
        sent.status, sent.changed_at = "cancelled", self.clock.now()
        self.lately.touch(sent.to)
        return True

    def give_up(self, sent: Sent, at: float) -> None:
        """Try no longer than that: what hangs then has run out."""
        self.agenda.at(at, partial(self.network.clear, sent))

    def progress(self, sent: Sent, status: Status, now: float) -> None:
        """Hear from the network how far a message has come, and tell."""
        sent.status, sent.changed_at = status, now
        self.lately.touch(sent.to)
        if self.outbox.active:
            news = Progress(book=self.books[sent.account], at=now, sent=sent, status=status)
            self.tell(sent.message.service, news)

    def encoded(self, sent: Sent, now: float) -> None:
        """Hear from the network that what a message carries is encoded, and tell."""
        news = Encoded(book=self.books[sent.account], at=now, sent=sent)
        self.tell(sent.message.service, news)

    def tell(self, service: str, news: News) -> None:
        """Let the wire of a service tell the account holder."""
        if self.outbox.active and service in self.tellers:
            self.outbox.about = news.about
            self.tellers[service].tell(news)
            self.outbox.about = None

    def post(self, postback: Postback) -> None:
        """Send a postback out at its time."""
        self.outbox.add(postback, self.clock.now())

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
        self.agenda.at(template.ready_at, partial(self._ready, book, template))
        return template

    def _ready(self, book: Book, template: Template, now: float) -> None:
        self.tell("skycore", Encoded(book=book, at=now, template=template))

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

    def subscribe(self, book: Book, campaign: Subscriptions, number: str, ref: str | None) -> None:
        """Put a number on a list, unless its owner left by himself."""
        if number in campaign.opted_out:
            raise Refusal("no subscription")
        campaign.numbers[number] = ref
        self._member(book, number, [campaign], joined=True, source="API")

    def unsubscribe(self, book: Book, campaign: Subscriptions, number: str) -> None:
        """Take a number off a list, or refuse."""
        if number not in campaign.numbers:
            raise Refusal("no subscription")
        del campaign.numbers[number]
        self._member(book, number, [campaign], joined=False, source="API")

    def opt_out(self, number: str, books: Iterable[Book] | None = None) -> None:
        """Let the owner of a number leave by himself: all lists of these accounts, or of all."""
        for book in self.books if books is None else books:
            book.opted_out.setdefault(number, self.clock.now())
            left = [one for one in book.campaigns if number in one.numbers]
            for campaign in left:
                del campaign.numbers[number]
                campaign.opted_out.add(number)
            for each in book.lists.values():
                each.opt_out(number)
            self._member(book, number, left, joined=False, source="MO")

    def _member(
        self,
        book: Book,
        number: str,
        campaigns: Sequence[Subscriptions],
        *,
        joined: bool,
        source: str,
    ) -> None:
        if campaigns:
            news = Member(
                book=book,
                at=self.clock.now(),
                number=number,
                campaigns=campaigns,
                joined=joined,
                source=source,
            )
            self.tell("skycore", news)

    def receive(self, book: Book, draft: Draft) -> Inbound:
        """Let a message come in from a handset: keep it, tell, and heed a wish to opt out."""
        serial, now = next(self._inbound), self.settle()
        answers, text = draft.answers, draft.text
        inbound = Inbound(
            serial=serial,
            id=self.tellers[draft.service].inbound_id(serial, draft.kind),
            at=now,
            opts_out=draft.kind == "sms" and asks_to_stop(text),
            keyword=book.keyword(draft.to, text),
            **attrs.asdict(draft, recurse=False),
        )
        book.inbox.add(inbound)
        self.lately.wrote(inbound)
        if draft.kind == "mms":
            book.files[inbound.id] = True
        if answers is not None:
            answers.replies += 1
            answers.opted_out = answers.opted_out or inbound.opts_out
        self.tell(draft.service, Received(book=book, at=now, inbound=inbound))
        if inbound.opts_out:
            self.opt_out(draft.sender, [book])
        return inbound

    def hit(self, sent: Sent) -> None:
        """Let the tracked link of a message be opened."""
        sent.hits += 1
        book = self.books[sent.account]
        self.tell(sent.message.service, Hit(book=book, at=self.settle(), sent=sent))

    def remove_from_inbox(self, book: Book, identifier: str) -> None:
        """Drop the files of an inbound MMS, or refuse."""
        if identifier not in book.files:
            raise Refusal("inbox unknown")
        if not book.files[identifier]:
            raise Refusal("inbox empty")
        book.files[identifier] = False

    def describe(self, media: Mapping[str, Medium]) -> None:
        """Tell what the service finds at these addresses."""
        self.media.update(media)


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode(), other.encode())


def _fits(secret: str, came: Collection[str]) -> bool:
    return not came or any(_same(secret, one) for one in came)
