"""What a campaign would be and do, told before anything is sent."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

import attrs

from mmsclient.campaigns.media_host import MediaFinding
from mmsclient.errors import Fault
from mmsclient.messages import Advice
from mmsclient.wire import Rate

#: What is shown of a list that may be long, in text.
SHOWN = 10
#: Characters that are named in text.
NAMED = 3

#: A reference that a campaign has made: it tells nothing of the number.
_MADE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{20}")
_LONG_DIGITS = re.compile(r"\d{5,}")


@attrs.frozen(kw_only=True)
class Remark:
    """Advice that several messages share."""

    advice: Advice
    rows: int
    first: str = attrs.field(repr=False)
    """The reference of the first row that has it."""

    def __str__(self) -> str:
        return f"{self.rows:,} x {self.advice} (first: {masked(self.first)})"


@attrs.frozen(kw_only=True)
class WideTexts:
    """Texts that travel as UCS-2, 70 characters instead of 160, for the same characters."""

    characters: tuple[str, ...] = attrs.field(repr=False)
    """The characters that the GSM alphabet lacks, sorted."""
    rows: int
    first: str = attrs.field(repr=False)
    """The reference of the first row whose text has them."""

    def __str__(self) -> str:
        named = [_sign(each) for each in self.characters[:NAMED]]
        more = len(self.characters) - len(named)
        listed = ", ".join(named) + (f" and {more:,} more" if more else "")
        need = "needs" if self.rows == 1 else "need"
        first = masked(self.first)
        return f"{_count(self.rows, 'row')} {need} UCS-2 because of {listed} (first: {first})"


@attrs.frozen(kw_only=True)
class MediaLoad:
    """What the host of the media has to bear where the service fetches media for each call."""

    fetches: int
    """Files of all messages together."""
    most: int
    """Files of the message that has most."""
    per_second: float
    """Fetches a second while such messages are sent."""
    bytes_per_second: float | None
    """While those with the largest files are sent; None where no size is known."""

    def __str__(self) -> str:
        size = self.bytes_per_second
        more = "" if size is None else f", {_bytes(size)} a second"
        return f"up to {self.per_second:g} fetches a second, {self.fetches:,} in all{more}"


@attrs.frozen(kw_only=True)
class Preview:
    """What a campaign's pending rows are, and what it takes to send them. ``str`` tells people.

    Rows with faults count among ``rows`` and ``duplicates`` only: no call is made for them.
    """

    rows: int
    """Pending rows."""
    invalid: int
    """Of these, those with faults: a run refuses them without a call."""
    faults: tuple[tuple[str, Fault], ...] = attrs.field(default=(), repr=False)
    """The first hundred of the faults, each with the reference of its row."""
    advice: tuple[Remark, ...] = attrs.field(default=(), repr=False)
    """What may spoil messages: the first hundred kinds of it."""
    duplicates: int = 0
    """Pending rows to a number that an earlier row, which was not refused, has too."""
    parts: Mapping[int, int] = attrs.field(factory=dict)
    """How many texts take so many SMS: parts → rows."""
    wide: tuple[WideTexts, ...] = attrs.field(default=(), repr=False)
    """Texts that travel as UCS-2, by what forces them: the first hundred kinds."""
    wide_rows: int = 0
    """Texts that travel as UCS-2."""
    calls: int = 0
    """Calls to the service, messages that can share one sharing it."""
    rate: Rate = attrs.field(factory=lambda: Rate(1))
    largest: int | None = None
    """Bytes of the largest MMS, by the service's own formula if it has one, else as it is."""
    travels: int = 0
    """Bytes of all MMS whose size is known."""
    unsized: int = 0
    """MMS whose size is not known: give :class:`Media` with ``size``, or ask with *media*."""
    load: MediaLoad | None = None
    """None where the service fetches nothing for these messages."""
    media: tuple[MediaFinding, ...] = attrs.field(default=(), repr=False)
    """What hosts of media answered, where they were asked."""
    unasked: int = 0
    """Files of messages, over all rows, that were not asked for, since there are too many."""
    savable: int = 0
    """Rows whose files the service would fetch once, had :meth:`Campaign.use_templates` saved
    their content as a template."""
    savable_contents: int = 0
    """How many contents these have."""

    @property
    def total_parts(self) -> int:
        """SMS of all texts together."""
        return sum(parts * rows for parts, rows in self.parts.items())

    @property
    def seconds(self) -> float:
        """What the calls take at the rate, at least: pauses, repeats, hours come on top."""
        return self.calls * self.rate.interval

    @property
    def ok(self) -> bool:
        """Whether no row has a fault, and nothing speaks against the media."""
        return not self.invalid and all(found.ok for found in self.media)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{_count(self.rows, 'row')} pending, {self.invalid:,} with faults"
        faults = [f"{masked(row)}: {fault}" for row, fault in self.faults]
        yield from _some(faults, self.invalid)
        yield from self._titled("advice", self.advice)
        if self.duplicates:
            yield f"{_count(self.duplicates, 'row')} to a number that an earlier row has"
        yield from self._texts()
        yield f"{_count(self.calls, 'call')} at {1 / self.rate.interval:g} a second: {self._lasts}"
        yield from self._weight()
        if self.load is not None:
            yield f"media host: {self.load}"
        yield from self._titled("media", self.media)
        if self.unasked:
            yield f"{self.unasked:,} files in messages were not asked for: too many addresses"
        if self.savable:
            contents = _count(self.savable_contents, "content")
            yield (
                f"{_count(self.savable, 'row')} with {contents} whose files are fetched for each"
                " message: campaign.use_templates(client) has each fetched once"
            )

    @property
    def _lasts(self) -> str:
        seconds = math.ceil(self.seconds)
        return f"at least {f'{seconds} s' if seconds < 60 else timedelta(seconds=seconds)}"

    def _titled(self, title: str, found: tuple[object, ...]) -> Iterator[str]:
        if found:
            yield f"{title}:"
            yield from _some([str(each) for each in found], len(found))

    def _texts(self) -> Iterator[str]:
        if not self.parts:
            return
        each = ", ".join(f"{rows:,} x {parts}" for parts, rows in sorted(self.parts.items()))
        yield f"texts x parts: {each}; {_count(self.total_parts, 'part')} in all"
        if self.wide:
            yield f"UCS-2: {_count(self.wide_rows, 'text')}"
            yield from _some([str(each) for each in self.wide], len(self.wide))

    def _weight(self) -> Iterator[str]:
        if self.largest is not None:
            yield f"MMS: {self.largest:,} bytes the largest, {_bytes(self.travels)} in all"
        if self.unsized:
            yield f"MMS of unknown size: {self.unsized:,}"


def masked(reference: str) -> str:
    """Return a reference as it may be shown: one of the caller's can hold a number."""
    if _MADE.fullmatch(reference):
        return reference
    plain = "".join(sign if sign.isprintable() else " " for sign in reference)
    return _LONG_DIGITS.sub(lambda it: f"…{it[0][-2:]}", plain)


def _sign(character: str) -> str:
    """Return a character as it can be seen: some are spaces, or nothing at all."""
    return character if character.isprintable() else f"U+{ord(character):04X}"


def _some(lines: list[str], total: int) -> Iterator[str]:
    yield from (f"  {line}" for line in lines[:SHOWN])
    if lines and total > SHOWN:
        yield f"  … {total:,} in all"


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"


def _bytes(number: float) -> str:
    for size, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if number >= size:
            return f"{number / size:,.1f} {name}"
    return _count(round(number), "byte")
