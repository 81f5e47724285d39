"""What becomes of messages after they were accepted: the way to the handsets."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Protocol

import attrs

from mmsclient.simulator.bounds import within
from mmsclient.simulator.content import Delivery, Outgoing

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmsclient.simulator.clock import Agenda
    from mmsclient.simulator.faults import Fault
    from mmsclient.simulator.sent import Sent, Status

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


class Watcher(Protocol):
    """Who is told how messages get on."""

    def progress(self, sent: Sent, status: Status, now: float) -> None:
        """Hear how far a message has come."""
        ...

    def encoded(self, sent: Sent, now: float) -> None:
        """Hear that what a message carries is encoded."""
        ...


class Network:
    """Carries accepted messages to handsets."""

    def __init__(self, agenda: Agenda, terms: Terms, watcher: Watcher) -> None:
        self._agenda = agenda
        self._terms = terms
        self._watcher = watcher
        self.deliveries: list[Delivery] = []
        self.by_number: dict[str, list[Delivery]] = defaultdict(list)
        self.stuck: dict[int, Stuck] = {}
        self.cleared: list[Stuck] = []
        self.failed: list[str] = []

    def carry(self, sent: Sent, fate: Fault | None, now: float) -> None:
        """Take a message on: at its time it arrives, hangs or is lost."""
        lost = bool(fate and fate.kind == "lost")
        if lost:
            self.failed.append(sent.message.tracking_id)
        if not (sent.message.complete or lost):
            self._hang(sent, now, until=now + CLEARED)
        elif fate and fate.kind == "stuck":
            self._hang(sent, now, until=now + _hanging(fate))
        elif sent.message.encodes:
            encoded = now + self._terms.encoding
            self._agenda.at(encoded, lambda due: self._encoded(sent, fate, due))
        else:
            self._hand_over(sent, fate, now)

    def _encoded(self, sent: Sent, fate: Fault | None, now: float) -> None:
        self._watcher.encoded(sent, now)
        self._hand_over(sent, fate, now)

    def _hand_over(self, sent: Sent, fate: Fault | None, now: float) -> None:
        self._start(sent, now, small=bool(fate and fate.kind == "fallback"))
        there = now + self._terms.delivery
        if fate and fate.kind == "lost":
            self._agenda.at(there, lambda due: self._watcher.progress(sent, "failed", due))
        else:
            self._agenda.at(there, lambda due: self._arrive(sent, due))

    def _start(self, sent: Sent, now: float, *, small: bool = False) -> None:
        message = sent.message
        too_big = small or message.content.size > self._terms.handset_limit
        sent.sent_as = "sms" if message.kind == "sms" or message.as_sms or too_big else "mms"
        self._watcher.progress(sent, "sent", now)

    def _hang(self, sent: Sent, now: float, *, until: float) -> None:
        message = sent.message
        kept = Stuck(tracking_id=message.tracking_id, kind=message.kind, since=now)
        self.stuck[sent.serial] = kept
        self._agenda.at(now + CLEARED, lambda due: self.clear(sent, due))
        # Only an SMS is tried again; an MMS goes on when its trouble ends.
        turn = now + FIRST_RETRY if message.kind == "sms" else until
        self._agenda.at(turn, lambda due: self._retry(sent, due, until=until))

    def _retry(self, sent: Sent, now: float, *, until: float) -> None:
        if sent.serial not in self.stuck:
            return
        if now >= until:
            del self.stuck[sent.serial]
            self._start(sent, now)
            self._arrive(sent, now)
        else:
            later = now + LATER_RETRY
            self._agenda.at(later, lambda due: self._retry(sent, due, until=until))

    def clear(self, sent: Sent, now: float) -> None:
        """Throw a message away that hangs."""
        kept = self.stuck.pop(sent.serial, None)
        if kept is not None:
            self.cleared.append(kept)
            self._watcher.progress(sent, "expired", now)

    def _arrive(self, sent: Sent, now: float) -> None:
        message, content, as_sms = sent.message, sent.message.content, sent.sent_as == "sms"
        if as_sms and message.kind == "mms" and not (content.may_fall_back or message.as_sms):
            self.failed.append(message.tracking_id)
            self._watcher.progress(sent, "failed", now)
            return
        delivery = self._fallback(message, now) if as_sms else _whole(message, now)
        self.deliveries.append(delivery)
        self.by_number[delivery.to].append(delivery)
        sent.delivery = delivery
        self._watcher.progress(sent, "delivered", now)

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
            link_until=message.accepted_at + content.link_life if link else None,
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
        service=message.service,
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
