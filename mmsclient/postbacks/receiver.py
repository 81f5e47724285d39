"""The receiving side: postbacks of one service into an inbox, and out of it to handlers."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mmsclient.errors import PostbackError
from mmsclient.events import DeliveryReport, Event
from mmsclient.outcomes import Accepted
from mmsclient.postbacks import looking, reading, settings
from mmsclient.postbacks.allowlist import AllowList, Proxies
from mmsclient.postbacks.asgi import Endpoint
from mmsclient.postbacks.bells import heard
from mmsclient.postbacks.gate import Gate, TurnedAway
from mmsclient.postbacks.handlers import E, Handler, Handlers, insist_on_events
from mmsclient.postbacks.inbox import Inbox, Terms
from mmsclient.postbacks.values import FailedEvent, UnreadablePostback
from mmsclient.postbacks.working import Pace, Working
from mmsclient.settings import insist_on_count
from mmsclient.storage.database import whole

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Callable, Iterable
    from datetime import datetime

    from mmsclient.postbacks.allowlist import Networks, Source
    from mmsclient.services.base import Service
    from mmsclient.wire import RawPostback

#: Seconds between two looks for a report that another process has put into the inbox.
LOOK = 1.0
#: The services' last repeats: TransmitSMS's comes 25 hours and 6 minutes after the first attempt.
LEAST = timedelta(hours=26)


class Postbacks:
    """Takes what a service posts: kept before it is answered, handled once, in the background.

    ``asgi`` goes into any ASGI application; handlers run as long as :meth:`running` is entered.
    Several processes may share one inbox: each event is then handled in one of them. A handler is
    called at least once for each event, and once more where a process dies in the midst of it:
    what writes ``event.key`` and its effect in one transaction has the effect once.

    Args:
        service: whose postbacks these are. Other services have a Postbacks of their own, and may
            share the file.
        inbox: the file they are kept in, on a local disk. It holds numbers and texts. Two accounts
            of one service need a file each: whoever opens one hears all of its service that is in it.
        allow: the networks that may post; or a file with one a line, or a function that returns
            them, both of which may change while this runs.
        trusted_proxies: how many proxies stand before this program, or their networks. Only what
            they added to X-Forwarded-For is believed. A number is for where nobody can reach this
            program around them.
        secret: the last part of the path, as in ``https://sms.example.net/postbacks/<secret>``.
        path: all of the path before it, for a program that has no router. Where the program is
            mounted (``root_path``) does not count.
        basic: user and password for HTTP Basic.
        largest: bytes of a body, or of a query, at most.
        remember: for how long a copy of an event counts as a repeat; at least 26 hours.
        keep: for how long requests and their events are kept once they are done with.
        concurrency: handlers at work at once, in this process.
        timeout: seconds a handler has for one event.
        retries: seconds to wait after each attempt that raised; then the event has failed. A death
            of the process is none: an event is parked for it only where several died with it alone.
            All processes on one inbox should have the same.
        lease: seconds after which the events of a process that died are taken over. No handler
            may block the event loop for as long.

    Raises:
        ValueError, TypeError: a setting is wrong; or there is neither an allow list nor a secret
            nor Basic nor an account that insists on signatures: anybody could post.
        OSError: the file of the allow list cannot be read.
    """

    def __init__(
        self,
        service: Service,
        *,
        inbox: str | os.PathLike[str],
        allow: Source | None = None,
        trusted_proxies: int | Networks = 0,
        secret: str | None = None,
        path: str | None = None,
        basic: tuple[str, str] | None = None,
        largest: int = 256 * 1024,
        remember: timedelta = timedelta(days=3),
        keep: timedelta = timedelta(days=30),
        concurrency: int = 32,
        timeout: float = 60.0,
        retries: Iterable[float] = (1, 5, 30, 120, 600, 3600),
        lease: float = 30.0,
    ) -> None:
        self.service = service
        self._gate = Gate(
            service=service,
            allowed=None if allow is None else AllowList(allow),
            proxies=Proxies.of(trusted_proxies),
            secret=secret,
            path=path,
            basic=settings.basic(basic),
        )
        insist_on_count("largest", largest)
        insist_on_count("concurrency", concurrency)
        self._pace = Pace(
            concurrency=concurrency,
            timeout=settings.seconds("timeout", timeout),
            retries=tuple(settings.seconds("retries", one) for one in retries),
            lease=settings.seconds("lease", lease),
        )
        terms = Terms(
            remember=settings.span("remember", remember, least=LEAST),
            keep=settings.span("keep", keep),
        )
        self._inbox = Inbox(service, inbox, terms)
        self._handlers = Handlers()
        self._working: Working | None = None
        self.asgi = Endpoint(
            gate=self._gate,
            keep=self._inbox.keep,
            largest=largest,
            running=self.running,
            tidy=self._inbox.tidy_now_and_then,
        )

    def allow(self, networks: Source) -> None:
        """Use another allow list from the next request on.

        Raises:
            ValueError, TypeError, OSError: as for the first one, which then stays in force.
        """
        if self._gate.allowed is None:
            raise ValueError("this receiver has no allow list: give allow= when it is made")
        self._gate.allowed.replace(networks)

    async def take(self, raw: RawPostback) -> None:
        """Keep a request that has come another way, and was let in by somebody else.

        For frameworks that are no ASGI, and for ``Simulator(postbacks=postbacks.take)``. Answer
        200 once this has returned, and never before.

        Raises:
            InboxError: it is not kept.
            PostbackError: the account insists on signatures, and this one is wrong or missing.
        """
        try:
            self._gate.judge_signature(raw)
        except TurnedAway as refusal:
            raise PostbackError(refusal.why, raw.body) from None
        await self._inbox.keep(raw)

    # -- handling -----------------------------------------------------------------------------

    def on(
        self, kind: type[E], *, late: bool = False, name: str | None = None
    ) -> Callable[[Handler[E]], Handler[E]]:
        """Register a coroutine function for all events of *kind*, or of a kind made from it.

        Events about one message to one handset come in the order in which they arrived, one after
        the other, and so do the messages, opt-ins and opt-outs of one number; all else at once.
        Each handler has its own progress with an event: one that raises is called again, after
        the waits of ``retries``, and the others are not. Until then the rest of its lane waits.
        Whatever ends a handler counts as raised, but that :meth:`running` ends.

        Args:
            kind: ``mms.Event`` hears of everything.
            late: also hear of delivery reports that say less than was known before they came, such
                as ``sent`` after ``delivered``. Without, a final status is never overwritten.
            name: what the handler's progress is kept under; its module and name if left out.

        Raises:
            TypeError: *kind* is no class of events, or the handler is no coroutine function.
            ValueError: there is a handler of this name.
        """

        def register(handler: Handler[E]) -> Handler[E]:
            self._handlers.add(kind, handler, name=name, late=late)
            return handler

        insist_on_events(kind)
        return register

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hand events to the handlers as long as the block runs; leaving it closes the inbox.

        Leaving waits some seconds for handlers under way, and some more for those that do not end
        when they are cancelled. What they do not get done is handed out again, by another process
        or the next time.

        Raises:
            InboxError: the file cannot be opened.
            RuntimeError: they run already.
        """
        if self._working is not None:
            raise RuntimeError("these handlers run already: enter running() once")
        await self._inbox.open()
        self._working = working = Working(self._inbox, self._handlers, self._pace)
        working.start()
        try:
            yield
        except asyncio.CancelledError:
            await whole(working.abort())
            raise
        finally:
            await whole(self._wind_up(working))

    async def _wind_up(self, working: Working) -> None:
        await working.stop()
        self._working = None
        await self.aclose()

    async def aclose(self) -> None:
        """Close the inbox; a request that comes later opens it again."""
        await self._inbox.aclose()

    async def wait_for(self, message: Accepted | str, *, timeout: float = 120.0) -> DeliveryReport:
        """Return the report that says how a message ended, whether it is there already or comes.

        It need not come to this process. Not every carrier sends one.

        Args:
            message: what ``client.send`` returned; or the message's reference, where the service's
                reports bring it back. Where several messages have one, any of them will do.
            timeout: seconds.

        Raises:
            TimeoutError: there was none in time.
            ValueError: the service gave the message no id, and it has no reference.
            InboxError: the inbox cannot be read.
        """
        settings.seconds("timeout", timeout)
        if not isinstance(message, Accepted | str):
            raise TypeError("wait_for takes what client.send returned, or a reference")
        if isinstance(message, Accepted) and not message.id:
            message = message.reference or ""
        if not message:
            raise ValueError("nothing names this message: it has neither an id nor a reference")
        topics = looking.topics(self._inbox.service, message)
        try:
            async with asyncio.timeout(timeout):
                with self._inbox.bells.listening(topics) as ear:
                    while (report := await self._final(message)) is None:
                        await heard(ear, LOOK)
                    return report
        except TimeoutError:
            raise TimeoutError(f"no final delivery report came within {timeout:g} s") from None

    async def _final(self, message: Accepted | str) -> DeliveryReport | None:
        # Those who wait together are answered together: looks share a commit, which is empty.
        found = await self._inbox.write(lambda c: self._inbox.view.final(c, message))
        event = None if found is None else await self._inbox.reader.event(found)
        return event if isinstance(event, DeliveryReport) else None

    async def settled(self) -> None:
        """Wait until no event waits any more, also not for a repeat: for tests."""
        while (await self.counts())["waiting"]:  # noqa: ASYNC110 - other processes ring no bell
            await asyncio.sleep(LOOK / 50)

    # -- looking and mending ------------------------------------------------------------------

    async def counts(self) -> dict[str, int]:
        """Return how many events are ``waiting``, ``done`` and ``failed``, and what is ``unreadable``."""
        return await self._inbox.read(self._inbox.view.counts)

    async def failed(self, *, most: int = 1000) -> list[FailedEvent]:
        """Return events whose handlers raised until no attempt was left, oldest first."""
        insist_on_count("most", most)
        return [
            FailedEvent(
                number=kept.number,
                event=await self._inbox.reader.event(kept),
                reason=kept.reason or "",
                attempts=kept.attempts,
                received=kept.received,
            )
            for kept in await self._inbox.read(lambda c: self._inbox.view.failed(c, most))
        ]

    async def unreadable(self, *, most: int = 1000) -> list[UnreadablePostback]:
        """Return postbacks that were kept and answered and cannot be read, oldest first."""
        insist_on_count("most", most)
        return await self._inbox.read(lambda c: self._inbox.view.unreadable(c, most))

    async def events(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> AsyncIterator[Event]:
        """Read the events that came from *since* on and before *until*, in order, done or not.

        Both are aware moments. What is kept is read lazily, some at a time.
        """
        span, inbox = settings.period(since, until, looking.EVER), self._inbox
        async for event in reading.events(inbox.read, inbox.reader, inbox.view, span):
            yield event

    async def retry(self, *failed: FailedEvent) -> int:
        """Give failed events all their attempts again, all of them if none is named.

        Returns:
            How many.
        """
        return await self._inbox.retry([one.number for one in failed] or None)

    async def replay(self, since: datetime | None = None, until: datetime | None = None) -> int:
        """Hand events to all handlers again, done and failed ones, and read the unreadable anew.

        The span is that of :meth:`events`; what comes later is not part of it.

        Returns:
            How many events will be handled again.
        """
        return await self._inbox.replay(since, until)

    async def tidy(self) -> int:
        """Throw away what is older than *keep*, now instead of within the hour.

        Returns:
            How many postbacks.
        """
        return await self._inbox.tidy()

    def __repr__(self) -> str:
        return f"Postbacks({self._inbox.service!r}, inbox={self._inbox.path.name!r})"

    def __getstate__(self) -> Any:
        raise TypeError("a receiver cannot be copied or pickled: make one in each process")
