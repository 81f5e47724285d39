"""``mmsclient campaign preview``: what a campaign would send, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

import mmsclient
from mmsclient.campaigns.preview import masked
from mmsclient.cli.account import Account, announce
from mmsclient.cli.calls import Batch  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.campaigns.journal import File, done, insist_on_file
from mmsclient.cli.say import DONE, REFUSED, out, rows
from mmsclient.cli.shown import seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmsclient.campaigns import Campaign, Templates
    from mmsclient.client import Client
    from mmsclient.services.base import Service

AskMedia = Annotated[
    bool,
    typer.Option("--media", help="Ask the host of each media file once, as the service would."),
]
SaveTemplates = Annotated[
    bool,
    typer.Option(
        "--save-templates",
        help="Save contents that several rows share as templates, and send those; needs the key.",
    ),
]


def preview(
    context: typer.Context,
    journal: File,
    account: Account,
    *,
    media: AskMedia = False,
    save_templates: SaveTemplates = False,
    batch: Batch = None,
) -> None:
    """Tell what is pending, what is wrong with it, and what sending it takes. Sends nothing.

    Counts faults and advice, numbers that stand in several rows, parts of texts, calls and their
    time at the rate, sizes of MMS, and what the host of the media has to bear. Needs no key.

    With --save-templates, which needs it, the files of a content are fetched once and not for each
    message. Reports then tell of these messages by their ids only, not by references.

    Exit codes: 0 nothing is wrong, 1 faults or trouble with media, or the service gave no answer,
    2 usage, or the journal cannot be used, 130 interrupted, 70 a defect of mmsclient.
    """
    insist_on_file(journal)
    account = account.over(context.obj)
    service = account.offered(offline=True)
    campaign = mmsclient.Campaign(journal, service=service)
    if save_templates:
        done(_save(campaign, account.open()))
    found = done(campaign.preview(media=media, batch=batch))
    for line in str(found).splitlines():
        out().print(seen(line))
    raise typer.Exit(DONE if found.ok else REFUSED)


async def _save(campaign: Campaign, client: Client[Service]) -> None:
    announce(client, "saving templates at")
    async with client:
        templates = await campaign.use_templates(client)
    for line in _told(templates):
        out().print(seen(line))


def _told(templates: Templates) -> Iterator[str]:
    yield f"templates saved: {templates.saved:,}; rows that send them now: {templates.rows:,}"
    for left in templates.left:
        yield f"  left as it is: {rows(left.rows)} (first: {masked(left.first)}): {left.reason}"
    for each in templates.templates:
        if each.savings > 1 or each.id is None:
            yield f"  {each.id or 'a template'}: may stand at the service more than once"
    if waiting := templates.waits_for:
        yield f"  send only after TemplateReady has come for {', '.join(waiting)}"
