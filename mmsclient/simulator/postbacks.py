"""What the service posts to its account holders: when, how often, and what came back."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias
from urllib.parse import urlsplit

import attrs

from mmsclient.simulator.faults import SERVICES, Asked
from mmsclient.wire import RawPostback, is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mmsclient.simulator.clock import Agenda
    from mmsclient.simulator.faults import Faults, Where

End: TypeAlias = Literal["answered", "no answer", "refused"]

_HERE: tuple[Where, ...] = ("postback",)

#: Seconds of the service's clock: how late a late one is unless the fault says otherwise, and how
#: long one that is swapped waits for another to go first.
LATE, SWAPPED = 60.0, 60.0
#: So many attempts are kept, the last ones: more than any test makes.
MOST_POSTED = 100_000


@attrs.frozen(kw_only=True)
class Postback:
    """One postback in its wire's own form."""

    service: str
    kind: str
    """What it tells: ``delivery``, ``inbound``, ``opt_out`` and so on."""
    url: str = attrs.field(repr=False)
    """Where it goes. Its query is replaced by that of ``raw``."""
    raw: RawPostback = attrs.field(repr=False)
    number: str | None = attrs.field(default=None, repr=False)
    """The handset it is about."""
    repeats: tuple[float, ...] = ()
    """Seconds of the service's clock after which it is tried again, one after the other."""


@attrs.frozen(kw_only=True)
class Posted:
    """One attempt to post something."""

    serial: int
    """Counted from 1 over all services."""
    service: str
    kind: str
    """What it tells: ``delivery``, ``inbound``, ``opt_out`` and so on."""
    attempt: int
    """Counted from 1."""
    at: float
    """When it left: seconds of the service's clock."""
    end: End
    """``refused``: the address is not on this machine, and was never called."""
    status: int | None = None
    """What the receiver answered."""
    source: str | None = None
    """The address it came from, where the simulator was told of any."""
    url: str = attrs.field(repr=False)
    raw: RawPostback = attrs.field(repr=False)


class Subject(Protocol):
    """What a postback tells of: a message, in either direction."""

    posted: tuple[int, ...]
    """The serials of what was posted about it, attempt by attempt."""


@attrs.frozen(kw_only=True)
class Errand:
    """One attempt that is due."""

    post: Postback
    attempt: int = 1
    about: Subject | None = attrs.field(default=None, repr=False, eq=False)


class Outbox:
    """Postbacks on their way out."""

    def __init__(self, agenda: Agenda, faults: Faults) -> None:
        self._agenda = agenda
        self._faults = faults
        self._urls: dict[str, str] = {}
        self._ready: dict[str, deque[Errand]] = {service: deque() for service in SERVICES}
        self._swapped: dict[str, Errand] = {}
        self.posted: deque[Posted] = deque(maxlen=MOST_POSTED)
        """Attempts, the last of them where there are very many."""
        self.active = False
        """Whether anybody listens: without, nothing needs to be done in time."""
        self.about: Subject | None = None
        """What the postbacks tell of that are taken on just now."""
        self.ready: Callable[[str], None] | None = None
        """Called with a service whenever a postback of it is due."""

    def post_to(self, url: str | Mapping[str, str]) -> None:
        """Set the account holder's address, for all services or by service.

        Raises:
            ValueError: no such service, or no address.
        """
        urls = dict.fromkeys(SERVICES, url) if isinstance(url, str) else dict(url)
        if not urls.keys() <= set(SERVICES):
            raise ValueError(f"postback_url: services are {', '.join(SERVICES)}")
        if not all(map(_readable, urls.values())):
            raise ValueError("postback_url must be an address, such as http://127.0.0.1:8000/in")
        self._urls.update(urls)
        self.active = True

    def url(self, service: str) -> str | None:
        """Return the account holder's address for a service."""
        return self._urls.get(service)

    def add(self, post: Postback, now: float) -> None:
        """Take a postback on; faults decide when it goes, and how often."""
        self.active = True
        asked = Asked(action="", to=post.number, service=post.service)
        fault = self._faults.strike(asked, _HERE)
        kind, errand = fault.kind if fault else "", Errand(post=post, about=self.about)
        late = LATE if fault is None or fault.seconds is None else fault.seconds
        if kind == "post_swapped" and post.url not in self._swapped:
            self._swapped[post.url] = errand
            self._agenda.at(now + SWAPPED, partial(self._release, post.url, errand))
        elif kind != "post_lost":
            for _ in range(2 if kind == "post_twice" else 1):
                self._at(now + late if kind == "post_late" else now, errand)
            self._release(post.url, self._swapped.get(post.url), now)

    def _release(self, url: str, errand: Errand | None, now: float) -> None:
        if errand is not None and self._swapped.get(url) is errand:
            del self._swapped[url]
            self._at(now, errand)

    def _at(self, due: float, errand: Errand) -> None:
        self._agenda.at(due, lambda _: self._is_due(errand))

    def _is_due(self, errand: Errand) -> None:
        service = errand.post.service
        self._ready[service].append(errand)
        if self.ready is not None:
            self.ready(service)

    def take(self, service: str) -> Errand | None:
        """Return what is due next, once the agenda has been run; it has to be brought back."""
        waiting = self._ready[service]
        return waiting.popleft() if waiting else None

    def find(self, serial: int) -> Posted | None:
        """Return an attempt, if it is still kept."""
        place = serial - self.posted[0].serial if self.posted else -1
        return self.posted[place] if 0 <= place < len(self.posted) else None

    def back(
        self,
        errand: Errand,
        end: End,
        status: int | None,
        *,
        left: float,
        now: float,
        source: str | None = None,
    ) -> None:
        """Enter what came of an attempt; what was not taken with 200 is tried again."""
        post = errand.post
        posted = Posted(
            serial=self.posted[-1].serial + 1 if self.posted else 1,
            service=post.service,
            kind=post.kind,
            attempt=errand.attempt,
            at=left,
            end=end,
            status=status,
            source=source,
            url=post.url,
            raw=post.raw,
        )
        self.posted.append(posted)
        if errand.about is not None:
            errand.about.posted += (posted.serial,)
        tried_again = errand.attempt - 1 < len(post.repeats)
        if status != 200 and end != "refused" and tried_again:
            again = attrs.evolve(errand, attempt=errand.attempt + 1)
            self._at(now + post.repeats[errand.attempt - 1], again)


def _readable(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.scheme and parts.hostname)


def allowed(url: str) -> bool:
    """Tell whether an address is on this machine: nothing else is ever called."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and is_loopback(parts.hostname)
    except ValueError:
        return False


def address(post: Postback) -> str:
    """Return the whole address of a postback, with its query."""
    parts = urlsplit(post.url)
    return parts._replace(query=post.raw.query, fragment="").geturl()
