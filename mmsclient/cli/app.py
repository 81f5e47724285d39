"""The application: its commands, the options that stand before them, and what an exit means."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Annotated

import typer

import mmsclient
from mmsclient.cli import streams
from mmsclient.cli.account import Account  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.balance import balance
from mmsclient.cli.bulk import bulk
from mmsclient.cli.campaigns import campaign
from mmsclient.cli.check import check
from mmsclient.cli.demo import demo
from mmsclient.cli.expand import expanded
from mmsclient.cli.inbox import inbox
from mmsclient.cli.listen import listen
from mmsclient.cli.pages import pages
from mmsclient.cli.say import BROKEN, errors
from mmsclient.cli.send import send
from mmsclient.cli.simulate import simulate

app = typer.Typer(
    name="mmsclient",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    # What rich shows of a failure includes local variables, and so keys and numbers.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mmsclient {mmsclient.__version__}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
]


@app.callback()
@expanded
def _before(
    context: typer.Context,
    account: Account,
    *,
    version: Version = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Send MMS and SMS: never over the rate, never two texts for one send, nothing lost.

    Credentials come from the environment or from ~/.config/mmsclient.toml, never from
    arguments: MMSCLIENT_API_KEY for skycore; MMSCLIENT_API_KEY and MMSCLIENT_API_SECRET for
    transmitsms; MMSCLIENT_API_KEY (its app key) or MMSCLIENT_TOKEN (Bearer API) for cellcast.
    MMSCLIENT_URL is the address, MMSCLIENT_SERVICE the service all of these are for; without
    it they are for the one in use. `mmsclient demo` needs none.
    """
    context.obj = account


for _command in (demo, send, bulk, check, inbox, pages, balance, listen, simulate):
    app.command()(expanded(_command))
app.add_typer(campaign)


def run() -> int:
    """Run what the arguments ask for; return the exit code. Shows no traceback."""
    streams.guard()
    try:
        app()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    except Exception as error:  # noqa: BLE001 - its text may hold what is private
        errors().print(_defect(error), style="red")
        return BROKEN
    return 0


def _defect(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"error: {type(error).__name__}{where}: a defect of mmsclient, please report it"
