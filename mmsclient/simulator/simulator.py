"""The simulator: one pretend service with its doors and what can be seen of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from mmsclient.engine.transport import LARGEST_ANSWER
from mmsclient.simulator.accounts import Account
from mmsclient.simulator.cellcast.wire import CellcastWire
from mmsclient.simulator.clock import Clock
from mmsclient.simulator.doors.asgi import application
from mmsclient.simulator.doors.inprocess import InProcess
from mmsclient.simulator.doors.sockets import Listener
from mmsclient.simulator.faults import Fault, Faults
from mmsclient.simulator.handsets import Stuck, Terms
from mmsclient.simulator.magic import MAGIC, Magic
from mmsclient.simulator.page import routes
from mmsclient.simulator.path import Path, Shape
from mmsclient.simulator.phone import Handset
from mmsclient.simulator.postman import Postman
from mmsclient.simulator.reception import Reception, Wire
from mmsclient.simulator.skycore import SkycoreWire
from mmsclient.simulator.sources import Sources
from mmsclient.simulator.transmitsms import TransmitSMSWire
from mmsclient.simulator.vendor import Limits, Medium, OverLimit, Vendor
from mmsclient.wire import Rate, is_loopback

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Mapping

    from starlette.applications import Starlette

    from mmsclient.services.cellcast import Cellcast
    from mmsclient.services.skycore import Skycore
    from mmsclient.services.transmitsms import TransmitSMS
    from mmsclient.simulator.content import Delivery
    from mmsclient.simulator.ledger import SeenCall
    from mmsclient.simulator.limits import Rule
    from mmsclient.simulator.postbacks import Posted
    from mmsclient.simulator.postman import Receiver
    from mmsclient.wire import Timeout, Transport


_WIRES: dict[str, Callable[[Vendor], Wire]] = {
    "skycore": SkycoreWire,
    "transmitsms": TransmitSMSWire,
    "cellcast": CellcastWire,
}


def _check_address(host: str, port: int) -> None:
    # It takes any message from anybody, so it is for this machine alone.
    if not is_loopback(host):
        raise ValueError("host must be a loopback address, such as 127.0.0.1 or ::1")
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= 65535:
        raise ValueError("port must be a whole number from 0 to 65535; 0 takes a free one")


class Simulator:
    """A strict pretend vendor. ``async with`` opens it on 127.0.0.1, at a free port.

    Args:
        rate: calls per second, or a Rate; None: no limit. Each account has its own count.
        rule: how calls are counted: ``sliding``, ``fixed`` or ``bucket``.
        count_refused: whether refused calls count too.
        over_limit: what a call over the limit gets: ``"E113"``, ``"E106"``, ``429``, or
            ``"queue"``: it is accepted, and its message reaches the handset later.
        latency: seconds each call takes, in each direction.
        jitter: seconds that come on top in each direction, uniformly from 0 to this.
        tail: probability of a straggler, and the seconds it takes on top, in each direction.
        seed: makes latency and random faults repeatable.
        accounts: the accounts to start with; one that may do everything, where left out.
        faults: the faults to start with; ``sim.faults.add`` takes more at any time.
        magic: whether the numbers of ``MAGIC`` misbehave.
        media: what the service finds at addresses it fetches; all others are fine. Nothing is
            ever really fetched.
        delivery: seconds from acceptance to the handset.
        encoding: seconds that audio and video take.
        handset_limit: bytes above which an MMS arrives as SMS with a link.
        postback_url: where the service posts what happens, on this machine only; or a mapping
            from ``skycore``, ``transmitsms`` and ``cellcast`` to such addresses.
        postbacks: takes every postback in place of its address: awaited with it, returns the
            HTTP status of the answer, or None for 200.
        postback_sources: the addresses of this machine that postbacks come from, taken in turn by
            new connections, such as ``("127.0.0.2", "127.0.0.3", "127.0.0.4")``; where left out,
            and where the system has none of them, it chooses.
        clock: a source of seconds for everything; the event loop's where left out.
        speed: how fast delivery, encoding and stuck messages go. Rate limits keep their pace.
        host: the address to listen on; loopback only.
        port: the port to listen on; 0 takes a free one.
        keep_alive: idle seconds after which a kept-alive connection is closed.
        tls: a server's context: the address becomes https.
    """

    def __init__(
        self,
        *,
        rate: Rate | float | None = 15,
        rule: Rule = "sliding",
        count_refused: bool = False,
        over_limit: OverLimit = "E113",
        latency: float = 0.0,
        jitter: float = 0.0,
        tail: tuple[float, float] = (0.0, 0.0),
        seed: int | None = None,
        accounts: Iterable[Account] = (),
        faults: Iterable[Fault] = (),
        magic: bool = True,
        media: Mapping[str, Medium] | None = None,
        delivery: float = 0.0,
        encoding: float = 1.0,
        handset_limit: int = 1_000_000,
        postback_url: str | Mapping[str, str] | None = None,
        postbacks: Receiver | None = None,
        postback_sources: Iterable[str] | str = (),
        clock: Callable[[], float] | None = None,
        speed: float = 1.0,
        host: str = "127.0.0.1",
        port: int = 0,
        keep_alive: float = 5.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        _check_address(host, port)
        self.rate = None if rate is None else Rate.of(rate)
        self.faults = Faults(faults, seed=seed)
        self._vendor = Vendor(
            accounts=list(accounts) or [Account()],
            limits=Limits(rate=self.rate, rule=rule, count_refused=count_refused, over=over_limit),
            terms=Terms(delivery=delivery, encoding=encoding, handset_limit=handset_limit),
            clock=Clock(clock, speed=speed),
            faults=self.faults,
            magic=Magic(MAGIC) if magic else None,
        )
        self._vendor.describe(media or {})
        self._path = Path(Shape(latency=latency, jitter=jitter, tail=tail), seed)
        self._receptions = {f"/{name}": self._reception(name) for name in _WIRES}
        if postback_url is not None or postbacks is not None:
            self.post_to("http://127.0.0.1/" if postback_url is None else postback_url)
        self._sources = Sources(postback_sources)
        self._postman = Postman(self._vendor, postbacks, self._sources)
        self._pump: asyncio.Task[None] | None = None
        self._host, self._port = host, port
        self._keep_alive, self._tls = keep_alive, tls
        self._listener: Listener | None = None

    def _reception(self, service: str) -> Reception:
        wire = self._vendor.tellers[service] = _WIRES[service](self._vendor)
        return Reception(self._vendor, wire, service)

    async def __aenter__(self) -> Self:
        """Open the sockets."""
        if self._listener is not None:
            raise RuntimeError("this simulator is open already")
        self._vendor.clock.bind(asyncio.get_running_loop().time)
        address = (self._host, self._port)
        self._listener = Listener(self.asgi, address, keep_alive=self._keep_alive, tls=self._tls)
        try:
            self._port = await self._listener.open()
        except BaseException:
            self._listener = None
            raise
        self._pump = asyncio.create_task(self._postman.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the sockets, with every connection."""
        pump, self._pump = self._pump, None
        listener, self._listener = self._listener, None
        if pump is not None:
            pump.cancel()
            with suppress(asyncio.CancelledError):
                await pump
        if listener is not None:
            await listener.close()

    async def serve_forever(self) -> None:
        """Serve until cancelled; to be awaited inside ``async with``."""
        await asyncio.Event().wait()

    @property
    def asgi(self) -> Starlette:
        """The service as an ASGI application, with the page of the handsets at its root.

        Faults that break connections need the simulator's own server.
        """
        return application(self._receptions, self._path, routes(self._vendor))

    @property
    def urls(self) -> dict[str, str]:
        """The address of each service's API, open or not."""
        return {name: f"{self.page_url}{name}/" for name in _WIRES}

    @property
    def page_url(self) -> str:
        """The address of the page that shows the handsets, open or not."""
        scheme = "https" if self._tls else "http"
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{scheme}://{host}:{self._port}/"

    @property
    def url(self) -> str:
        """The address of Skycore's API, open or not."""
        return self.urls["skycore"]

    @property
    def accounts(self) -> list[Account]:
        """The accounts it started with."""
        return [book.account for book in self._vendor.books if book.parent is None]

    def skycore(self, **overrides: Any) -> Skycore:
        """Return the service value that lets a client in: first account, its rate, this address."""
        from mmsclient.services.skycore import Skycore  # noqa: PLC0415 - on demand

        values = {"api_key": self.accounts[0].key, **self._terms("skycore")}
        return Skycore(**{**values, **overrides})

    def transmitsms(self, **overrides: Any) -> TransmitSMS:
        """Return the service value that lets a client in: first account, its rate, this address."""
        from mmsclient.services.transmitsms import TransmitSMS  # noqa: PLC0415 - on demand

        account = self.accounts[0]
        credential = {"api_key": account.key, "api_secret": account.secret}
        return TransmitSMS(**{**credential, **self._terms("transmitsms"), **overrides})

    def cellcast(self, **overrides: Any) -> Cellcast:
        """Return the service value that lets a client in: first account, its rate, this address.

        ``token=sim.accounts[0].key`` takes the place of the key.
        """
        from mmsclient.services.cellcast import Cellcast  # noqa: PLC0415 - on demand

        credential = {} if "token" in overrides else {"app_key": self.accounts[0].key}
        return Cellcast(**{**credential, **self._terms("cellcast"), **overrides})

    def _terms(self, service: str) -> dict[str, Any]:
        rate = self._vendor.books[0].rate
        return {"url": self.urls[service], **({} if rate is None else {"rate": rate})}

    def post_to(self, url: str | Mapping[str, str]) -> None:
        """Set where the service posts what happens, as ``postback_url`` does."""
        with self._vendor.lock:
            self._vendor.outbox.post_to(url)

    def post_from(self, addresses: Iterable[str] | str) -> None:
        """Set the addresses that postbacks come from, as ``postback_sources`` does, from now on.

        Raises:
            ValueError: one of them is no loopback address.
        """
        self._sources.change(addresses)

    @property
    def postbacks(self) -> list[Posted]:
        """What was posted, attempt by attempt, and what came back: the last 100,000 of them."""
        with self._vendor.lock:
            return list(self._vendor.outbox.posted)

    async def settled(self) -> None:
        """Post all that is due now, and wait for what is under way.

        An open simulator posts in time by itself; one that is not open posts here.
        """
        await self._postman.post_due()

    def transport(
        self, *, timeout: Timeout | float | None = None, largest: int = LARGEST_ANSWER
    ) -> Transport:
        """Return a transport that reaches the same service without sockets, open or not.

        It keeps the bounds that clients keep on sockets: *timeout* on waiting for the answer,
        *largest* in bytes on the answer.
        """
        return InProcess(
            self._receptions, self._path, self._postman, timeout=timeout, largest=largest
        )

    @property
    def deliveries(self) -> list[Delivery]:
        """What handsets really received by now, in order."""
        with self._vendor.lock:
            self._vendor.settle()
            return list(self._vendor.network.deliveries)

    def handset(self, number: str) -> Handset:
        """Return the phone of that number, however it is written."""
        return Handset(number, self._vendor)

    def received(self, to: str) -> list[Delivery]:
        """Return what one number really received by now, in order."""
        return self.handset(to).messages

    @property
    def stuck(self) -> list[Stuck]:
        """Messages that hang in the service now."""
        with self._vendor.lock:
            self._vendor.settle()
            return list(self._vendor.network.stuck.values())

    @property
    def cleared(self) -> list[Stuck]:
        """Messages that hung for 3 days and were thrown away."""
        with self._vendor.lock:
            self._vendor.settle()
            return list(self._vendor.network.cleared)

    @property
    def failed(self) -> list[str]:
        """Tracking identifiers of messages that were accepted and never arrive."""
        with self._vendor.lock:
            self._vendor.settle()
            return list(self._vendor.network.failed)

    @property
    def calls(self) -> list[SeenCall]:
        """Every call as the service saw it, in order."""
        with self._vendor.lock:
            return list(self._vendor.ledger.calls)

    @property
    def refused_for_rate(self) -> int:
        """How many calls the limit refused."""
        return self._vendor.ledger.refused_for_rate

    @property
    def worst_second(self) -> int:
        """The most calls that any account's limit counted in any window of its rate."""
        with self._vendor.lock:
            return max(
                self._vendor.ledger.worst(book.index, book.rate.per if book.rate else 1.0)
                for book in self._vendor.books
            )
