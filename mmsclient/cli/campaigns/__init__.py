"""``mmsclient campaign``: a list that is sent once, whatever happens; a file per command."""

from __future__ import annotations

import typer

from mmsclient.cli.campaigns.add import add
from mmsclient.cli.campaigns.export import export
from mmsclient.cli.campaigns.preview import preview
from mmsclient.cli.campaigns.reconcile import reconcile
from mmsclient.cli.campaigns.resend import resend
from mmsclient.cli.campaigns.run import run
from mmsclient.cli.campaigns.status import status
from mmsclient.cli.expand import expanded

campaign = typer.Typer(name="campaign", no_args_is_help=True, rich_markup_mode="markdown")


@campaign.callback()
def _about() -> None:
    """Send a list once, whatever happens: kept in a file, stopped and resumed at any moment.

    `add` fills the file and `preview` tells what that means; `run` sends what is pending, from the
    start or from where it was cut short, while `status` and `export` tell how far it is;
    `reconcile` settles what is unknown.
    """


for _command in (add, preview, run, status, export, reconcile, resend):
    campaign.command()(expanded(_command))
