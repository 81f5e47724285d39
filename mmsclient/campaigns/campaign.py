"""A bulk job that can be stopped at any moment and goes on where it was."""

from __future__ import annotations

import math
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

import attrs

from mmsclient.campaigns import evidence, export, templates
from mmsclient.campaigns.feeding import Faults, chunks
from mmsclient.campaigns.hours import Between, Hours
from mmsclient.campaigns.identity import Registrar, stop_number
from mmsclient.campaigns.run import CampaignRun, Terms
from mmsclient.campaigns.sqlite import SqliteJournal
from mmsclient.campaigns.survey import preview
from mmsclient.campaigns.values import STATES, Added, Progress, Stopped
from mmsclient.client import Client
from mmsclient.errors import CampaignError

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable

    from mmsclient.campaigns.journal import Journal
    from mmsclient.campaigns.preview import Preview
    from mmsclient.campaigns.templates import Templates
    from mmsclient.campaigns.values import CampaignRow, CampaignStatus, Reconciled, State
    from mmsclient.errors import Fault
    from mmsclient.messages import Message
    from mmsclient.outcomes import DeliveryStatus
    from mmsclient.services.base import Service
    from mmsclient.sightings import Sighted
    from mmsclient.wire import Rate

#: Rows, sightings or numbers that are written at once.
CHUNK = 1000


class Campaign:
    """Messages that are to be sent once each, in a journal that survives any end of the process.

    The same lines start it and resume it::

        campaign = Campaign("spring.db")
        await campaign.add(messages)
        async with campaign.run(client) as outcomes:
            async for outcome in outcomes:
                ...

    A row is on the disk as about to leave before its bytes may, and its outcome after; so every
    recipient is in exactly one state, and whatever may have been sent is never sent again by
    itself. Nothing is open between two calls. One process at a time may write a journal.

    Args:
        journal: the path of an SQLite file, made by the first :meth:`add`; or a journal of your own.
        name: what the campaign is called. A journal with another name is refused; without one, the
            file's name becomes it.
        service: the account. If given, :meth:`add` holds messages against all its rules, and
            :meth:`preview` needs no other.
        now: the time of day, aware; the system's if absent.

    Every method may raise CampaignError: the text says what is wrong with the journal.
    """

    def __init__(
        self,
        journal: str | os.PathLike[str] | Journal,
        *,
        name: str | None = None,
        service: Service | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        if isinstance(journal, str | os.PathLike):
            journal = SqliteJournal(journal, name)
        elif name is not None:
            raise TypeError("a journal of your own has its name: leave name out")
        self._journal = journal
        self._service = service
        self._now = now or _utc
        self._going: list[CampaignRun] = []
        """The run that goes on now, if there is one."""

    # -- filling ------------------------------------------------------------------------------

    async def add(
        self,
        messages: Iterable[Message] | AsyncIterable[Message],
        *,
        replace: bool = False,
        on_fault: Callable[[int, Fault], object] | None = None,
    ) -> Added:
        """Take messages in, lazily; what is there already stays.

        A row is known by its message's ``reference``. Without one it gets one made from the
        number, so that nobody gets two messages; two to one number need references.

        Args:
            messages: any iterable, also an asynchronous one.
            replace: take the new number and content of a row whose reference is known, if it has
                never left.
            on_fault: told the place, from 1, and the fault of each message that is not taken in.

        Raises:
            CampaignError: the journal cannot be written; what was added before stays.
        """
        if replace:
            self._insist_on_rest("replace=True")
        faults, added = Faults(on_fault), Added()
        async with self._journal.held(create=True):
            row = Registrar(await self._journal.campaign(), self._service).row
            async for rows in chunks(messages, row, CHUNK, bad=faults.add):
                at = self._now().timestamp()
                added = added.then(await self._journal.add(rows, replace=replace, at=at))
            await self._tell_run()
        return attrs.evolve(added, faulty=faults.count, faults=faults.first)

    async def stop_numbers(
        self,
        numbers: Iterable[object] | AsyncIterable[object],
        *,
        source: str = "given",
        on_fault: Callable[[int, Fault], object] | None = None,
    ) -> Stopped:
        """Put numbers on the stop list. Look at ``faulty``: what cannot be read stops nobody.

        Nothing leaves to them any more, from whatever state: their rows are refused. A number
        stands for all that end with it, since some lists leave out the country code.

        Args:
            numbers: texts, or whatever has a ``number``: events, rows of
                ``client.pages(service.opt_outs())``.
            source: where they come from, for your own records.
            on_fault: told the place, from 1, and the fault of each that is no number.
        """
        faults, new, total = Faults(on_fault), 0, 0
        async with self._journal.held(create=True):
            async for chunk in chunks(numbers, stop_number, CHUNK, bad=faults.add):
                total += len(chunk)
                new += await self._journal.stop(chunk, source, self._now().timestamp())
            await self._tell_run()
        return Stopped(new=new, known=total - new, faulty=faults.count, faults=faults.first)

    async def _tell_run(self) -> None:
        """Let the run that goes on take in what was written beside it."""
        for run in self._going:
            await run.recount()

    def _insist_on_rest(self, what: str) -> None:
        """Refuse what would change rows under way."""
        if self._going:
            raise CampaignError(f"{what} changes rows that may be under way: stop the run first")

    # -- sending ------------------------------------------------------------------------------

    def run(
        self,
        client: Client[Service],
        *,
        between: Between | None = None,
        max_in_flight: int | None = None,
        batch: int | None = None,
        on_progress: Callable[[Progress], object] | None = None,
    ) -> CampaignRun:
        """Send what is pending: the outcomes, to be entered with ``async with``.

        While nothing gets through it waits, and tries single rows ever more rarely, up to a minute
        apart. Leaving the block early, cancelled or not, starts nothing new, and returns when all
        that is known is on the disk.

        Args:
            client: whose account sends.
            between: from, until and time zone of the hours in which messages may leave, such as
                ``("09:00", "20:00", "America/New_York")``; outside them the run waits.
            max_in_flight: as for ``client.send_many``.
            batch: as for ``client.send_many``.
            on_progress: a plain function that hears of :class:`Progress`, four times a second at
                most, and at the end.

        Raises:
            CampaignError: (entering, or after the outcomes) the journal belongs to another service
                or is in use; the account is refused, has no credit or no allowance; twenty calls
                in a row got no answer. Rows that were not sent stay pending.
        """
        if not isinstance(client, Client):
            raise TypeError("client must be a Client, such as Client(Skycore(api_key=…))")
        if on_progress is not None and not callable(on_progress):
            raise TypeError("on_progress must be a plain function")
        terms = Terms(
            hours=None if between is None else Hours.of(between),
            max_in_flight=max_in_flight,
            batch=batch,
            on_progress=on_progress,
        )
        return CampaignRun(self._journal, client, terms, self._now, self._going)

    def pause(self) -> None:
        """Let nothing leave until :meth:`resume`; what is on its way gets its outcome."""
        self._running.pause()

    def resume(self) -> None:
        """Go on after :meth:`pause`."""
        self._running.resume()

    def stop(self) -> None:
        """End the present run: nothing new leaves, what is on its way gets its outcome."""
        self._running.stop()

    @property
    def _running(self) -> CampaignRun:
        if not self._going:
            raise RuntimeError("nothing is running: async with campaign.run(client) as outcomes")
        return self._going[0]

    async def resend_unknown(
        self, references: Iterable[str] | None = None, *, force: bool = False
    ) -> int:
        """Make rows pending again of which it is not known whether they were sent.

        Those that were may get their message twice: it is you who decides. Rows whose deadline
        (:attr:`Reconciled.settles_after`) has not passed are left alone: they may still go out.

        Args:
            references: of the rows; all unknown ones if absent.
            force: also those whose deadline has not passed.
        """
        wanted = None if references is None else list(references)
        if isinstance(references, str):
            raise TypeError("pass a list of references, not one alone")
        async with self._journal.held():
            await self._break_off()
            status = await self.status()
            if status.settles_after is None:
                return 0
            limit = self._now().timestamp() - status.settles_after.total_seconds()
            count = await self._journal.resend(wanted, before=math.inf if force else limit)
            await self._tell_run()
            return count

    async def _break_off(self) -> None:
        """Make rows unknown that a killed run left under way; while one goes on there are none."""
        if not self._going:
            await self._journal.break_off(self._now().timestamp())

    # -- finding out --------------------------------------------------------------------------

    async def reconcile(
        self, seen: Client[Service] | Iterable[Sighted] | AsyncIterable[Sighted]
    ) -> Reconciled:
        """Settle what is unknown by what was seen at the service, and learn of deliveries.

        A reference or an id decides where the wire carries one. Where it does not, number, text
        and time do, if they fit one row and one message only: such a row is ``probable``. Events
        that tell of somebody who wants no more messages put the number on the stop list.

        Args:
            seen: events, as ``service.read_postback`` and ``client.inbox()`` give them; rows of
                listings, such as those of ``service.outbox``; or a client, whose service is then
                asked for all that it lists of the time in question.
        """
        async with self._journal.held():
            rows: Iterable[Sighted] | AsyncIterable[Sighted]
            await self._break_off()
            if isinstance(seen, Client):
                await self._insist_on(seen.service)
                rows = evidence.asked(seen, self.outcomes("unknown"), self._now())
            else:
                rows = seen
            found: Reconciled | None = None
            async for told in chunks(rows, evidence.told, CHUNK, bad=Faults().add):
                if numbers := [number for _, number in told if number]:
                    await self.stop_numbers(numbers, source="event")
                if sightings := [sighting for sighting, _ in told if sighting]:
                    part = await self._journal.reconcile(sightings, self._now().timestamp())
                    found = part if found is None else found.then(part)
            if found is None:
                found = await self._journal.reconcile((), self._now().timestamp())
            await self._tell_run()
            return found

    async def preview(
        self,
        service: Service | Client[Service] | None = None,
        *,
        media: bool = False,
        batch: int | None = None,
        rate: Rate | float | None = None,
    ) -> Preview:
        """Tell what is pending, what is wrong with it, and what sending it would take.

        Nothing is sent and nothing is changed. With *media* each distinct address is asked once, by
        GET, without login, cookies or redirects, as the service would: https only, for no more
        than 8 MiB and 20 seconds, a thousand addresses at most. Nothing else in this library asks
        a host that is no service.

        Args:
            service: who is to send; or a client, whose pace counts then. If absent, the campaign's
                own service.
            media: ask for the files that the service would fetch.
            batch: as for ``client.send_many``.
            rate: calls per second, in place of that of the client or the service.

        Raises:
            TypeError: no service is given, neither here nor to the campaign.
            CampaignError: the journal cannot be read.
        """
        account = self._service if service is None else service
        if account is None:
            raise TypeError("give a service: campaign.preview(service), or Campaign(…, service=…)")
        return await preview(self._journal, account, media=media, batch=batch, rate=rate)

    async def use_templates(self, client: Client[Service], *, at_least: int = 2) -> Templates:
        """Save contents that many rows share as templates, and let the rows send these.

        sendMMS fetches the files of each message anew, a template has them fetched once. Each
        content of an MMS that so many pending rows have is saved, a thousand of them at most, and
        those of its rows that have never left send the template from then on, all or none. What a
        template cannot express is left alone, and the result says why.

        What it costs: sendSavedMMS carries no reference, so that reports and :meth:`reconcile` find
        these rows by their ids only; and the life of a fallback link may count from the saving.

        It may be called again at any time, also after an end in the middle: a content whose
        saving was not noted is saved anew, and its ``savings`` tell of the copy.

        Raises:
            UnsupportedError: the service has no templates of MMS.
            CallError: one could not be saved for what is not its own trouble. Those before it are
                in use; call again.
        """
        if not isinstance(client, Client):
            raise TypeError("client must be a Client, such as Client(Skycore(api_key=…))")
        self._insist_on_rest("use_templates")
        async with self._journal.held():
            return await templates.use(self._journal, client, at_least=at_least)

    async def _insist_on(self, service: Service) -> None:
        """Refuse to ask another service than the one that the rows were sent through."""
        begun = (await self.status()).service
        if begun not in {None, service.name}:
            raise CampaignError(
                f"the campaign was begun with {begun}: {service.name} knows nothing"
            )

    async def status(self) -> CampaignStatus:
        """Return how the campaign stands: its name, counts, times and deadline, in one view."""
        return await self._journal.status(self._now().timestamp())

    async def counts(self) -> dict[State, int]:
        """Return how many rows there are in each state."""
        return await self._journal.counts()

    async def deliveries(self) -> dict[DeliveryStatus | None, int]:
        """Return how far accepted rows have come; None counts those without a report yet."""
        return await self._journal.deliveries()

    async def outcomes(self, state: State | None = None) -> AsyncIterator[CampaignRow]:
        """Yield rows, of one state or all, in the order in which they were added."""
        if state is not None and state not in STATES:
            raise ValueError(f"state must be one of {', '.join(STATES)}")
        after = 0
        while found := await self._journal.rows(state, after, CHUNK):
            for after, row in found:  # noqa: B007 - the last id is where the next page begins
                yield row

    async def export(
        self, file: str | os.PathLike[str] | TextIO, state: State | None = None
    ) -> int:
        """Write rows, of one state or all, as CSV; return how many there were.

        Args:
            file: a path, whose file is overwritten and readable for its owner only; or an open
                text file.
            state: which rows.
        """
        rows = self.outcomes(state)
        if isinstance(file, str | os.PathLike):
            with export.opened(file) as opened:
                return await export.write(rows, opened)
        return await export.write(rows, file)


def _utc() -> datetime:
    return datetime.now(UTC)
