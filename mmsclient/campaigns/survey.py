"""Reading what is pending, to tell what sending it would mean."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Hashable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, TypeVar

import attrs

from mmsclient.campaigns.media_host import MediaHost
from mmsclient.campaigns.preview import MediaLoad, Preview, Remark, WideTexts
from mmsclient.campaigns.templates import savable
from mmsclient.client import Client
from mmsclient.errors import Fault, InvalidMessageError
from mmsclient.gathering import Calls
from mmsclient.messages import Check, Message, Sms, Weight
from mmsclient.numbers import clean_number, doubt
from mmsclient.text import Segments, segments
from mmsclient.wire import Rate

if TYPE_CHECKING:
    from mmsclient.campaigns.journal import Journal
    from mmsclient.campaigns.values import OpenRow
    from mmsclient.messages import Advice
    from mmsclient.services.base import Service

K = TypeVar("K", bound=Hashable)

#: Rows that are read at once.
PAGE = 500
#: Contents that are remembered, each with each country that it goes to.
REMEMBERED = 1024
#: Faults, kinds of advice, and kinds of texts that are listed.
LISTED = 100

#: Country codes have up to three digits.
_COUNTRY = 3
#: A reference that every wire can carry, and no row is likely to have.
_OTHER = "another-reference-0"


async def preview(
    journal: Journal,
    account: Service | Client[Service],
    *,
    media: bool,
    batch: int | None,
    rate: Rate | float | None,
) -> Preview:
    """Return what sending all that is pending would mean; :meth:`Campaign.preview` says more."""
    if isinstance(account, Client):
        service, pace = account.service, account.limiter.rate
    else:
        service, pace = account, account.rate
    chosen = pace if rate is None else Rate.of(rate)
    async with AsyncExitStack() as stack:
        host = await stack.enter_async_context(MediaHost()) if media else None
        return await Survey(service, rate=chosen, batch=batch, host=host).read(journal)


@attrs.frozen
class Ruling:
    """What is to be said of a message."""

    check: Check
    weight: Weight | None
    segments: Segments | None
    key: Hashable | None
    """What messages that can share its call have in common."""
    own_key: bool
    """Whether that depends on its reference."""


class Judge:
    """Judges rows: a content once for each country it goes to, and each number by itself.

    What a service says of a message depends on its content, and on the country and the length of
    its number; beyond these on what numbering plans say of that very number.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: OrderedDict[Hashable, Ruling] = OrderedDict()

    def ruling(self, row: OpenRow) -> Ruling:
        """Return what is to be said of a row's message, as a run would send it."""
        place = self._place(row)
        known = None if place is None else self._known.get(place)
        if known is not None:
            if not known.own_key:
                return known
            return attrs.evolve(known, key=self._service.batch_key(self._sent(row)))
        ruling = self._ruling(self._sent(row))
        if place is not None:
            self._known[place] = ruling
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return ruling

    def _place(self, row: OpenRow) -> Hashable | None:
        """Return what a row has in common with all of which the same is said; None: nothing."""
        try:
            digits = clean_number(row.message.to)
        except InvalidMessageError:
            return None
        return None if doubt(digits) else (row.content, digits[:_COUNTRY], len(digits))

    def _sent(self, row: OpenRow) -> Message:
        """Return a row's message with the reference that the wire carries."""
        carried = self._service.carried_reference(row.message)
        if carried is None or carried == row.reference:
            return row.message
        return attrs.evolve(row.message, reference=carried)

    def _ruling(self, message: Message) -> Ruling:
        check = self._service.check(message)
        text = message.text if isinstance(message, Sms) else None
        shares = check.ok and self._service.largest_batch > 1
        key = self._service.batch_key(message) if shares else None
        other = attrs.evolve(message, reference=_OTHER)
        return Ruling(
            check,
            self._service.weight(message),
            segments(text) if isinstance(text, str) else None,
            key,
            own_key=shares and key != self._service.batch_key(other),
        )


@attrs.define
class _Seen:
    """How often something was seen, and where first."""

    first: str
    rows: int = 0


class Survey:
    """Adds up what rulings say. However many rows there are, what is kept is bounded.

    Args:
        service: who is to send.
        rate: its pace.
        batch: messages that share a call, at most.
        host: who asks for media; None: nobody.
    """

    def __init__(
        self, service: Service, *, rate: Rate, batch: int | None, host: MediaHost | None
    ) -> None:
        self._service = service
        self._rate = rate
        self._host = host
        self._judge = Judge(service)
        self._key: Hashable | None = None
        self._calls = Calls(service, batch, key=lambda _: self._key)
        self._rows = self._invalid = self._wide_rows = 0
        self._faults: list[tuple[str, Fault]] = []
        self._advice: dict[Advice, _Seen] = {}
        self._parts: Counter[int] = Counter()
        self._wide: dict[tuple[str, ...], _Seen] = {}
        self._largest: int | None = None
        self._travels = self._unsized = self._fetches = self._most = self._heaviest = 0

    async def read(self, journal: Journal) -> Preview:
        """Return the preview of what is pending now."""
        after = 0
        while rows := await journal.pending(after, PAGE):
            judged = [(row, self._judge.ruling(row)) for row in rows]
            if self._host is not None:
                await self._host.ask(
                    file
                    for _, ruling in judged
                    if ruling.weight and ruling.check.ok
                    for file in ruling.weight.files
                )
            for row, ruling in judged:
                self._take(row, ruling)
            after = rows[-1].id
        contents = await savable(journal, self._service, at_least=2)
        return self._told(
            duplicates=await journal.duplicates(),
            savable=sum(contents),
            savable_contents=len(contents),
        )

    def _take(self, row: OpenRow, ruling: Ruling) -> None:
        self._rows += 1
        for advice in ruling.check.advice:
            _note(self._advice, advice, row.reference)
        if not ruling.check.ok:
            self._invalid += 1
            room = LISTED - len(self._faults)
            self._faults.extend((row.reference, fault) for fault in ruling.check.faults[:room])
            return
        self._key = ruling.key
        self._calls.add(row.message)
        if ruling.segments is not None:
            self._take_text(row, ruling.segments)
        if ruling.weight is not None:
            self._take_weight(ruling.weight)

    def _take_text(self, row: OpenRow, taken: Segments) -> None:
        self._parts[taken.parts] += 1
        if taken.forcing:
            self._wide_rows += 1
            _note(self._wide, tuple(sorted(taken.forcing)), row.reference)

    def _take_weight(self, weight: Weight) -> None:
        sizes = {} if self._host is None else self._host.sizes
        travels = weight.travels(sizes)
        if travels is None:
            self._unsized += 1
        else:
            self._travels += travels
            self._largest = max(self._largest or 0, travels)
        self._fetches += len(weight.files)
        self._most = max(self._most, len(weight.files))
        known = (sizes.get(file.url, file.size) or 0 for file in weight.files)
        self._heaviest = max(self._heaviest, sum(known))
        if self._host is not None:
            for file in weight.files:
                self._host.count(file)

    def _told(self, *, duplicates: int, savable: int, savable_contents: int) -> Preview:
        pace = 1 / self._rate.interval
        return Preview(
            rows=self._rows,
            invalid=self._invalid,
            faults=tuple(self._faults),
            advice=tuple(
                Remark(advice=advice, rows=seen.rows, first=seen.first)
                for advice, seen in self._advice.items()
            ),
            duplicates=duplicates,
            parts=dict(sorted(self._parts.items())),
            wide=tuple(
                WideTexts(characters=characters, rows=seen.rows, first=seen.first)
                for characters, seen in self._wide.items()
            ),
            wide_rows=self._wide_rows,
            calls=self._calls.count(),
            rate=self._rate,
            largest=self._largest,
            travels=self._travels,
            unsized=self._unsized,
            load=self._load(pace),
            media=() if self._host is None else self._host.findings(pace),
            unasked=0 if self._host is None else self._host.unasked,
            savable=savable,
            savable_contents=savable_contents,
        )

    def _load(self, pace: float) -> MediaLoad | None:
        if not self._fetches:
            return None
        return MediaLoad(
            fetches=self._fetches,
            most=self._most,
            per_second=pace * self._most,
            bytes_per_second=pace * self._heaviest if self._heaviest else None,
        )


def _note(seen: dict[K, _Seen], what: K, reference: str) -> None:
    if what in seen or len(seen) < LISTED:
        seen.setdefault(what, _Seen(reference)).rows += 1
