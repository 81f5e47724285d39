"""``mmsclient balance``: what the account has left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import typer
from rich.text import Text

from mmsclient.cli.account import Account, announce
from mmsclient.cli.kinds import SERVICES
from mmsclient.cli.reading import AsJson, Plain, failed
from mmsclient.cli.say import INTERRUPTED, REFUSED, errors, out, stop
from mmsclient.cli.shown import as_json as json_line
from mmsclient.cli.shown import fields, seen
from mmsclient.errors import MMSClientError, UnsupportedError

if TYPE_CHECKING:
    from mmsclient.client import Client
    from mmsclient.services.base import Service


def balance(
    context: typer.Context, account: Account, *, as_json: AsJson = False, plain: Plain = False
) -> None:
    """Show what the account has left, where the service tells it.

    Exit codes: 0 shown, 1 refused or no answer, 2 usage, or the service has no such call,
    130 interrupted, 70 a defect of mmsclient.
    """
    client = account.over(context.obj).open()
    service = client.service
    if (method := SERVICES[service.name].balance) is None:
        stop(str(UnsupportedError(service.name, "a call that tells the balance")))
    announce(client, "reading from")
    try:
        left = fields(asyncio.run(_ask(client, method)))
    except KeyboardInterrupt:
        errors().print("interrupted")
        raise typer.Exit(INTERRUPTED) from None
    except MMSClientError as error:
        failed(error, REFUSED)
    if as_json:
        typer.echo(json_line(left))
        return
    for name, value in left.items():
        if value is not None:
            out(plain=plain).print(Text.assemble((f"{name}  ", "dim"), seen(str(value))))


async def _ask(client: Client[Service], method: str) -> Any:
    async with client:
        return await client.call(getattr(client.service, method)())
