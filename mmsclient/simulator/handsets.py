"""What becomes of messages after they were accepted: the way to the handsets."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING

import attrs

from mmsclient.simulator.bounds import within
from mmsclient.simulator.content import Delivery, Outgoing

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmsclient.simulator.clock import Agenda
    from mmsclient.simulator.faults import Fault

#: An SMS that failed at once is tried again after 5 minutes and later ("later" is every half hour
#: here); what is stuck is cleared after 3 days.
FIRST_RETRY, LATER_RETRY, CLEARED = 300.0, 1800.0, 3 * 86_400.0

#: The fallback SMS of content nobody described: a link needs some text before it.
_NO_TEXT = "You have received a message"


@attrs.frozen(kw_only=True)
class Terms:
    """How the service treats accepted messages. Seconds are those of its clock."""

    delivery: float = attrs.field(default=0.0, validator=within())
    """From acceptance to the handset."""
    encoding: float = attrs.field(default=1.0, validator=within())
    """What audio and video take on top."""
    handset_limit: int = 1_000_000
    """Bytes above which an MMS arrives as SMS with a link."""
    link: str = "https://mms.example.net/"
    """What such links start with."""


@attrs.frozen(kw_only=True)
class Stuck:
    """A message that hangs, or hung, in the service."""

    tracking_id: str
    kind: str
    since: float


class Network:
    """Carries accepted messages to handsets."""

    def __init__(self, agenda: Agenda, terms: Terms) -> None:
        self._agenda = agenda
        self._terms = terms
        self.deliveries: list[Delivery] = []
        self.by_number: dict[str, list[Delivery]] = defaultdict(list)
        self.stuck: dict[str, Stuck] = {}
        self.cleared: list[Stuck] = []
        self.failed: list[str] = []

    def carry(self, message: Outgoing, fate: Fault | None, now: float) -> None:
        """Take a message on: at its time it arrives, hangs or is lost."""
        wait = self._terms.delivery + (self._terms.encoding if message.encodes else 0.0)
        if fate and fate.kind == "lost":
            self.failed.append(message.tracking_id)
        elif not message.complete:
            self._hang(message, now, until=now + CLEARED)
        elif fate and fate.kind == "stuck":
            self._hang(message, now, until=now + _hanging(fate))
        else:
            small = bool(fate and fate.kind == "fallback")
            self._agenda.at(now + wait, lambda due: self._arrive(message, due, small=small))

    def _hang(self, message: Outgoing, now: float, *, until: float) -> None:
        kept = Stuck(tracking_id=message.tracking_id, kind=message.kind, since=now)
        self.stuck[message.tracking_id] = kept
        self._agenda.at(now + CLEARED, lambda _: self._clear(kept))
        # Only an SMS is tried again; an MMS goes on when its trouble ends.
        turn = now + FIRST_RETRY if message.kind == "sms" else until
        self._agenda.at(turn, lambda due: self._retry(message, due, until=until))

    def _retry(self, message: Outgoing, now: float, *, until: float) -> None:
        if message.tracking_id not in self.stuck:
            return
        if now >= until:
            del self.stuck[message.tracking_id]
            self._arrive(message, now)
        else:
            later = now + LATER_RETRY
            self._agenda.at(later, lambda due: self._retry(message, due, until=until))

    def _clear(self, kept: Stuck) -> None:
        if self.stuck.pop(kept.tracking_id, None):
            self.cleared.append(kept)

    def _arrive(self, message: Outgoing, now: float, *, small: bool = False) -> None:
        content = message.content
        too_big = small or content.size > self._terms.handset_limit
        as_sms = message.kind == "sms" or message.as_sms or too_big
        if as_sms and message.kind == "mms" and not (content.may_fall_back or message.as_sms):
            self.failed.append(message.tracking_id)
            return
        delivery = self._fallback(message, now) if as_sms else _whole(message, now)
        self.deliveries.append(delivery)
        self.by_number[delivery.to].append(delivery)

    def _fallback(self, message: Outgoing, now: float) -> Delivery:
        if message.kind == "sms":
            return _whole(message, now)
        content = message.content
        link = f"{self._terms.link}{message.tracking_id}" if content.link else None
        text = content.fallback_text or content.subject or _NO_TEXT
        return attrs.evolve(
            _whole(message, now),
            sent_as="sms",
            texts=(f"{text} {link}" if link else text,),
            slides=(),
            subject=None,
            link=link,
        )


def _hanging(fate: Fault) -> float:
    return CLEARED if fate.seconds is None else fate.seconds


def _whole(message: Outgoing, now: float) -> Delivery:
    content = message.content
    return Delivery(
        to=message.to,
        sender=message.sender,
        # No alphanumeric senders in the USA, and in the other countries of its numbering plan.
        shown_as=message.sender if message.to.startswith("1") else message.mask or message.sender,
        kind=message.kind,
        sent_as=message.kind,
        tracking_id=message.tracking_id,
        mms_id=message.mms_id,
        reference=message.reference,
        subject=content.subject,
        texts=tuple(slide.text for slide in content.slides if slide.text is not None),
        slides=content.slides if message.kind == "mms" else (),
        accepted_at=message.accepted_at,
        delivered_at=now,
    )


class Outflow:
    """Messages over the throughput: accepted, and let out one by one, in turn of their senders."""

    def __init__(self, agenda: Agenda, interval: float) -> None:
        self._agenda = agenda
        self._interval = interval
        self._waiting: dict[str, deque[Callable[[float], None]]] = {}

    @property
    def busy(self) -> bool:
        """Whether anything waits: what comes now has to wait behind it."""
        return bool(self._waiting)

    def add(self, sender: str, leave: Callable[[float], None], now: float) -> None:
        """Queue a message of *sender*; *leave* is called when it may go."""
        idle = not self._waiting
        self._waiting.setdefault(sender, deque()).append(leave)
        if idle:
            self._agenda.at(now + self._interval, self._let_out)

    def _let_out(self, now: float) -> None:
        sender = next(iter(self._waiting))
        queue = self._waiting.pop(sender)
        leave = queue.popleft()
        if queue:
            self._waiting[sender] = queue  # to the end of the line: senders take turns
        if self._waiting:
            self._agenda.at(now + self._interval, self._let_out)
        leave(now)
