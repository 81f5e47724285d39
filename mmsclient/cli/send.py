"""``mmsclient send``: one message."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from mmsclient.cli import fields
from mmsclient.cli.account import (
    Account,
    announce,
)
from mmsclient.cli.given import Given
from mmsclient.cli.say import (
    INTERRUPTED,
    REFUSED,
    UNKNOWN,
    USAGE,
    errors,
    explained,
    masked,
    out,
)
from mmsclient.errors import InvalidMessageError, MMSClientError
from mmsclient.outcomes import Unknown

if TYPE_CHECKING:
    from typing import NoReturn

    from mmsclient.client import Client
    from mmsclient.messages import Message
    from mmsclient.outcomes import Accepted, Outcome
    from mmsclient.services.base import Service


def send(context: typer.Context, given: Given, account: Account) -> None:
    """Send one message and print the id under which the service took it.

    An MMS has --image or --slide-text, an SMS --text, a stored MMS --template.

    Exit codes: 0 accepted, 1 refused, 2 usage, 3 not known: it may have been sent,
    130 interrupted before it was sent, 70 a defect of mmsclient.
    """
    seen: list[Outcome] = []
    client = account.over(context.obj).open(on_outcome=seen.append)
    try:
        message = fields.message(given.cells(), given.pages(), given.picture())
    except InvalidMessageError as error:
        _fail("not sent", error, USAGE)
    announce(client)
    try:
        accepted = asyncio.run(_send(client, message))
    except MMSClientError as error:
        unknown = error.may_have_happened
        _fail("not known" if unknown else "refused", error, UNKNOWN if unknown else REFUSED)
    except KeyboardInterrupt:
        left = [one for one in seen if isinstance(one, Unknown)]
        if left:
            _fail("not known", left[0].error, UNKNOWN)
        errors().print("interrupted: nothing was sent")
        raise typer.Exit(INTERRUPTED) from None
    out().print(accepted.id)
    content = f", content {accepted.mms_id}" if accepted.mms_id else ""
    errors().print(f"accepted for {masked(accepted.to)}{content}; a postback tells of delivery")


async def _send(client: Client[Service], message: Message) -> Accepted:
    async with client:
        return await client.send(message)


def _fail(what: str, error: MMSClientError, code: int) -> NoReturn:
    console = errors()
    first, *rest = _named(error) if isinstance(error, InvalidMessageError) else explained(error)
    console.print(f"{what}: {first}", style="red")
    for line in rest:
        console.print(f"  {line}")
    raise typer.Exit(code)


def _named(error: InvalidMessageError) -> list[str]:
    options = Given.options()
    named = [(str(fault), options.get(fault.field)) for fault in error.faults]
    return [f"{said} ({option})" if option else said for said, option in named]
