"""Every operation of a service has a trial: it is called, and its value must say what is true."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import attrs

import mmsclient as mms
from mmsclient.services.base import Service
from mmsclient.simulator import Account, Campaign, CellcastTerms, Medium, Simulator

TO, OTHER, SENDER = "12025550143", "12025550144", "70707"
TEXT = "Fresh at 7"
LIST, TEMPLATE = "bakery", "Hello {fname}"
CONTACTS = "https://media.example.net/contacts.csv"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
HOUR = timedelta(hours=1)


@attrs.define
class Trial:
    """A client of one service at a simulator of its own, and what its calls have answered."""

    sim: Simulator
    client: mms.Client[Any]
    values: list[Any] = attrs.field(factory=list)

    @property
    def service(self) -> Any:
        return self.client.service

    async def call(self, call: mms.Call[Any]) -> Any:
        value = await self.client.call(call)
        self.values.append(value)
        return value

    async def rows(self, listing: mms.PagedCall[Any]) -> list[Any]:
        found = [row async for row in self.client.pages(listing)]
        self.values += found
        return found

    async def send(self, to: str = TO) -> str:
        """Send a text in the way of all services; return its id."""
        sms = mms.Sms(to=to, sender=SENDER, text=TEXT, reference="order-117")
        return (await self.client.send(sms)).id

    @property
    def received(self) -> str | None:
        """The text that the handset received last."""
        return self.sim.received(TO)[-1].texts[0]


Run: TypeAlias = Callable[[Trial], Awaitable[None]]


class Table(dict[str, tuple[str, Run]]):
    """Method -> what the service calls it, and its trial."""

    def __call__(self, operation: str) -> Callable[[Run], Run]:
        def enter(run: Run) -> Run:
            self[run.__name__] = operation, run
            return run

        return enter


def simulator(**answers: Any) -> Simulator:
    """Return a service that has something to tell of everything; *answers*: Cellcast's terms."""
    terms = CellcastTerms(templates={"hello": TEMPLATE}, **answers)
    campaign = Campaign(ref=LIST, name="Customers", brand="Rye", subscribers={TO: "noor"})
    account = Account(cellcast=terms, campaigns=[campaign], numbers=["61491570006"], credit=500)
    csv = f"mobile,firstname\n{TO},Noor\n{TO},Noor\nx,\n"
    media = {CONTACTS: Medium(text=csv)}
    return Simulator(rate=None, accounts=[account], media=media, encoding=0.0)


def recent(moment: datetime | None) -> bool:
    """Whether a time that the service told is aware, and now."""
    return moment is not None and abs(datetime.now(UTC) - moment) < HOUR


#: Methods that make no call of the service.
PURE = {"verify_signature", "as_template", "by_template", "template_waits"}


def operations(service: type) -> set[str]:
    """Return the names of a service's own methods: those that are not the same at every service."""
    names = {name for name in dir(service) if not name.startswith("_")}
    general = {name for name in dir(Service) if not name.startswith("_")}
    settings = {field.name for field in attrs.fields(service)}
    return names - general - settings - PURE
