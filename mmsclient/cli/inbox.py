"""``mmsclient inbox``: what people wrote back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from mmsclient.cli.account import Account  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.listings import named
from mmsclient.cli.reading import AsCsv, AsJson, Params, Plain, Reading, failed, form
from mmsclient.cli.say import REFUSED, UNKNOWN, errors, stop
from mmsclient.errors import CallError, MMSClientError, UnsupportedError

if TYPE_CHECKING:
    from mmsclient.client import Client
    from mmsclient.events import InboundMessage
    from mmsclient.services.base import Service

#: Ids that one call marks: the reference names no bound, a body should have one.
MARKED = 500

MarkRead = Annotated[
    bool, typer.Option("--mark-read", help="Then mark what was shown, so that it comes no more.")
]


def inbox(
    context: typer.Context,
    account: Account,
    *,
    param: Params = None,
    mark_read: MarkRead = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    plain: Plain = False,
) -> None:
    """Show inbound messages, where the service can be asked for them, with numbers and texts.

    TransmitSMS lists the last 30 days (--param start=2031-02-03), Cellcast what is not marked
    read (--param type=mms for replies that are MMS). Only what was shown is ever marked, and
    only once all of it was.

    Exit codes: 0 all shown, 1 refused or no answer, 2 usage, or the service has no such thing,
    3 shown, but not known whether it is marked, 130 interrupted, 70 a defect of mmsclient.
    """
    written = form(as_json=as_json, as_csv=as_csv)
    client = account.over(context.obj).open()
    if mark_read:
        _insist_on_marks(client.service)
    listing = named(client.service, "inbox").call(param or ())
    job = _Inbox(client=client, listing=listing, form=written, plain=plain, marks=mark_read)
    job.run(job.mark if mark_read else None)


def _insist_on_marks(service: Service) -> None:
    try:
        service.mark_read(["-"])
    except UnsupportedError as error:
        stop(str(error))


@attrs.define(kw_only=True)
class _Inbox(Reading):
    """What was shown, to be marked afterwards."""

    marks: bool
    ids: list[str] = attrs.field(factory=list, init=False)
    nameless: int = 0
    marked: int = 0
    marking: int = 0
    """How many the call under way is about."""

    def taken(self, row: InboundMessage) -> None:
        """Remember the id of a message that was shown."""
        if row.id:
            self.ids.append(row.id)
        else:
            self.nameless += 1

    def further(self) -> str:
        """Return what is marked so far, where that was asked for."""
        if not self.marks:
            return ""
        perhaps = f", perhaps {self.marking:,} more" if self.marking else ""
        return f"; {self.marked:,} marked read{perhaps}"

    async def mark(self, client: Client[Service]) -> Any:
        """Mark what was shown, a bounded number by a call."""
        try:
            for at in range(0, len(self.ids), MARKED):
                ids = self.ids[at : at + MARKED]
                self.marking = len(ids)
                await client.call(client.service.mark_read(ids))
                self.marked += self.marking
                self.marking = 0
        except MMSClientError as error:
            maybe = isinstance(error, CallError) and error.may_have_happened
            self.marking *= maybe
            failed(error, UNKNOWN if maybe else REFUSED, self.further())
        errors().print(f"{self.marked:,} marked read")
        if self.nameless:
            errors().print(f"{self.nameless:,} have no id, and could not be marked", style="yellow")
