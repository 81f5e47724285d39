"""Accounts of the pretend service: what they are allowed, and what became of them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TypeAlias

import attrs

from mmsclient.numbers import clean_number
from mmsclient.simulator.cellcast.terms import CellcastTerms
from mmsclient.simulator.contacts import ContactList
from mmsclient.simulator.inbound import Inbox
from mmsclient.simulator.leases import Keyword, Lease
from mmsclient.simulator.limits import Limit
from mmsclient.simulator.refusals import Refusal
from mmsclient.simulator.templates import Shelf
from mmsclient.wire import Rate

Source: TypeAlias = IPv4Network | IPv6Network

#: What one message or part costs, and how many of them an account can pay for that has no bound.
PRICE, PLENTY = Decimal("0.087"), 1_000_000


def _rate(rate: Rate | float | None) -> Rate | None:
    return None if rate is None else Rate.of(rate)


def _numbers(subscribers: Mapping[str, str | None] | Iterable[str]) -> dict[str, str | None]:
    refs = subscribers if isinstance(subscribers, Mapping) else dict.fromkeys(subscribers)
    return {clean_number(number, field="subscribers"): ref for number, ref in refs.items()}


def _blacklist(numbers: Iterable[str]) -> frozenset[str]:
    return frozenset(clean_number(number, field="blacklist") for number in numbers)


def _leased(numbers: Iterable[str]) -> tuple[str, ...]:
    return tuple(clean_number(number, field="numbers") for number in numbers)


def _names(names: Iterable[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def _some(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


def _lowered(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


@attrs.frozen(kw_only=True)
class Campaign:
    """A subscription list to start with."""

    ref: str
    name: str = "Campaign"
    id: str | None = None
    """Given by the service where left out."""
    brand: str = ""
    subscribers: Mapping[str, str | None] = attrs.field(
        factory=dict, converter=_numbers, repr=False, hash=False
    )
    """Number -> subscriber reference; a plain list of numbers will do."""


def _campaigns(campaigns: Iterable[Campaign]) -> tuple[Campaign, ...]:
    return tuple(campaigns)


def _addresses(networks: Iterable[str]) -> tuple[Source, ...]:
    try:
        return tuple(ip_network(network, strict=False) for network in networks)
    except ValueError as error:
        fix = "pass a list of IP addresses or networks, such as 192.0.2.0/24"
        raise ValueError(f"allow: something in it is no IP address; {fix}") from error


@attrs.frozen(kw_only=True)
class Account:
    """An account to start with. Everything is allowed unless said otherwise."""

    key: str = attrs.field(factory=lambda: f"sim-{secrets.token_hex(8)}", repr=False)
    secret: str = attrs.field(factory=lambda: f"sim-{secrets.token_hex(8)}", repr=False)
    """The second half of the credential, where a service has one."""
    name: str = "Pretend account"
    rate: Rate | None = attrs.field(default=None, converter=_rate)
    """Its own limit; the simulator's where left out."""
    senders: frozenset[str] | None = attrs.field(default=None, converter=_names, repr=False)
    """The short and long codes it may send from; None: any that is well formed."""
    active: bool = True
    """Whether the API is switched on (else E109)."""
    rights: bool = True
    """Whether it has API rights (else E105)."""
    sms_only: bool = False
    """Whether all MMS actions are forbidden (E107)."""
    forbidden: frozenset[str] = attrs.field(default=(), converter=_lowered)
    """Actions that are not allowed (E107)."""
    allow: tuple[Source, ...] = attrs.field(default=(), converter=_addresses)
    """Source addresses or networks that are let in (else E112); empty: all."""
    campaign_check: bool = False
    """Whether numbers must be subscribed in the campaign (E715, E718, E721)."""
    campaigns: tuple[Campaign, ...] = attrs.field(default=(), converter=_campaigns)
    blacklist: frozenset[str] = attrs.field(default=(), converter=_blacklist, repr=False)
    """Numbers that are refused (E114)."""
    operators: frozenset[str] = attrs.field(default=(), converter=_some)
    """Operators that are not supported (E628)."""
    quota: int | None = None
    """Calls it may make in all (then E120)."""
    credit: int | None = None
    """Messages it can pay for (then E713); where parts are paid for, parts."""
    numbers: tuple[str, ...] = attrs.field(default=(), converter=_leased, repr=False)
    """Numbers it has leased."""
    global_opt_out: bool = False
    """Whether who leaves one contact list leaves all."""
    tells_fails: bool = False
    """Whether an answer tells which of several recipients were passed over, as older editions do."""
    signs: bool = True
    """Whether its callbacks are signed, where a service has signatures."""
    cellcast: CellcastTerms = attrs.field(factory=CellcastTerms)
    """How Cellcast answers it, where it has been seen to answer in several ways."""

    def lets_in(self, source: str) -> bool:
        """Tell whether a call from this address is let in."""
        if not self.allow:
            return True
        try:
            address = ip_address(source)
        except ValueError:  # a server in front may name no address at all
            return False
        return any(address in network for network in self.allow)


@attrs.define(kw_only=True)
class Subscriptions:
    """One subscription list as it changes."""

    id: str
    ref: str
    name: str
    brand: str = ""
    numbers: dict[str, str | None] = attrs.field(factory=dict, repr=False)
    """Number -> subscriber reference."""
    opted_out: set[str] = attrs.field(factory=set, repr=False)
    """Numbers whose owners left by themselves: they cannot be subscribed by a call."""


@attrs.define(kw_only=True)
class Book:
    """One account as it changes."""

    account: Account
    index: int
    rate: Rate | None
    limit: Limit | None = attrs.field(repr=False)
    shelf: Shelf = attrs.field(factory=Shelf, repr=False)
    campaigns: list[Subscriptions] = attrs.field(factory=list, repr=False)
    inbox: Inbox = attrs.field(factory=Inbox, repr=False)
    files: dict[str, bool] = attrs.field(factory=dict, repr=False)
    """Identifier of an inbound MMS -> whether its files are still kept."""
    opted_out: dict[str, float] = attrs.field(factory=dict, repr=False)
    """Number that wants no more messages -> since when."""
    lists: dict[int, ContactList] = attrs.field(factory=dict, repr=False)
    leases: dict[str, Lease] = attrs.field(factory=dict, repr=False)
    keywords: list[Keyword] = attrs.field(factory=list, repr=False)
    parent: int | None = None
    """The account it is a client of."""
    created_at: float = 0.0
    service: str = "skycore"
    """The service that was last called."""
    calls: int = 0
    paid: int = 0

    @property
    def balance(self) -> Decimal:
        """Return what money is left."""
        credit = self.account.credit
        return PRICE * (PLENTY if credit is None else credit) - PRICE * self.paid

    def keyword(self, to: str, text: str) -> Keyword | None:
        """Return the keyword that a message to this number starts with, if any."""
        return next((word for word in self.keywords if word.starts(to, text)), None)

    def campaign(self, ref: str | None) -> Subscriptions:
        """Return the list of that reference, or refuse."""
        if not ref:
            raise Refusal("campaign missing")
        for campaign in self.campaigns:
            if ref in {campaign.ref, campaign.id}:
                return campaign
        raise Refusal("campaign unknown")

    def check_campaign(self, ref: str | None, number: str) -> None:
        """Refuse a number that is not subscribed, where the account has it checked."""
        if self.account.campaign_check and number not in self.campaign(ref).numbers:
            raise Refusal("not subscribed")

    def check_recipient(self, number: str, operator: str | None) -> None:
        """Refuse numbers and operators that the account cannot send to."""
        if number in self.account.blacklist:
            raise Refusal("blacklisted")
        if operator in self.account.operators:
            raise Refusal("operator")

    def check_sender(self, sender: str) -> None:
        """Refuse a sender that is not the account's."""
        if self.account.senders is not None and sender not in self.account.senders:
            raise Refusal("sender")

    def any_sender(self) -> str:
        """Return the sender used where a call names none."""
        return min(self.account.senders or {"70707"})

    def own_number(self) -> str:
        """Return a number that reaches the account."""
        return next(iter(self.leases), None) or self.any_sender()

    def can_pay(self, parts: int = 1) -> bool:
        """Tell whether there is money for so many messages or parts."""
        return self.account.credit is None or self.paid + parts <= self.account.credit

    def pay(self, parts: int = 1) -> None:
        """Take the price of one message, or refuse."""
        if not self.can_pay(parts):
            raise Refusal("credit")
        self.paid += parts

    def count_call(self) -> None:
        """Count a call against the account's allowance, or refuse."""
        if self.account.quota is not None and self.calls >= self.account.quota:
            raise Refusal("quota")
        self.calls += 1
