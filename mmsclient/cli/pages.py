"""``mmsclient pages``: any listing of the service."""

from __future__ import annotations

from typing import Annotated

import typer

from mmsclient.cli.account import Account  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.listings import listings, named
from mmsclient.cli.reading import AsCsv, AsJson, Params, Plain, Reading, form
from mmsclient.cli.say import out, stop

Name = Annotated[
    str | None,
    typer.Argument(metavar="LISTING", help="Name of its method; without one, all are named."),
]
Start = Annotated[int, typer.Option("--start", min=1, help="The page to begin with.")]


def pages(
    context: typer.Context,
    account: Account,
    *,
    listing: Name = None,
    param: Params = None,
    start: Start = 1,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    plain: Plain = False,
) -> None:
    """Read a listing of the service to its end, such as `get_lists`.

    Without LISTING it names all listings with their parameters; those in brackets may be left
    out. Moments are written like 2031-02-03T04:05:06Z. Rows hold numbers and texts in full, but
    no keys.

    Exit codes: 0 read to the end, 1 refused or no answer, 2 usage, or the service has no such
    listing, 130 interrupted, 70 a defect of mmsclient.
    """
    written, account = form(as_json=as_json, as_csv=as_csv), account.over(context.obj)
    if listing is None:
        if param:
            stop("--param needs the name of a listing")
        for one in listings(account.offered(offline=True)).values():
            if one.is_offered():
                out(plain=plain).print(one.usage())
        return
    client = account.open()
    call = named(client.service, listing).call(param or ())
    Reading(client=client, listing=call, form=written, start=start, plain=plain).run()
