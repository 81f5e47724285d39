"""``mmsclient campaign export``: the rows of a campaign as a CSV file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import mmsclient
from mmsclient.cli import streams
from mmsclient.cli.account import Account  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.bulk import Force  # noqa: TC001 - the options are read from it at run time
from mmsclient.cli.campaigns.journal import File, done
from mmsclient.cli.record import STDOUT
from mmsclient.cli.say import errors, rows, stop

if TYPE_CHECKING:
    from mmsclient.campaigns import Campaign
    from mmsclient.campaigns.values import State


class Which(StrEnum):
    """The states of a row."""

    pending = "pending"
    sending = "sending"
    accepted = "accepted"
    refused = "refused"
    unknown = "unknown"


OnlyState = Annotated[Which | None, typer.Option("--state", help="Only rows in this state.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Where they go; - is standard output. [FILE.outcomes.csv]"),
]


def export(
    journal: File,
    account: Account,  # noqa: ARG001 - taken as everywhere, and not needed
    *,
    state: OnlyState = None,
    out_file: Out = None,
    force: Force = False,
) -> None:
    """Write all rows to a CSV file, with references and numbers in full.

    It works while another process runs the campaign. The file is readable for its owner only.

    Exit codes: 0 written, 2 usage, or a file cannot be used, 130 interrupted, 70 a defect of
    mmsclient.
    """
    target = out_file or journal.with_name(f"{journal.stem}.outcomes.csv")
    campaign = mmsclient.Campaign(journal)
    wanted: State | None = None if state is None else state.value
    piped = str(target) == STDOUT
    if target.exists() and journal.exists() and target.samefile(journal):
        stop("--out is the journal itself")
    if not (piped or force) and target.exists():
        stop(f"{target} is there already: give another --out, or --force to overwrite it")
    try:
        count = done(_print(campaign, wanted) if piped else _write(campaign, wanted, target))
    except OSError as error:
        stop(f"cannot write {target}: {error.strerror or type(error).__name__}")
    errors().print(f"{rows(count)} {'written to standard output' if piped else f'in {target}'}")


async def _print(campaign: Campaign, state: State | None) -> int:
    with streams.honest() as file:
        return await campaign.export(file, state)


async def _write(campaign: Campaign, state: State | None, target: Path) -> int:
    # A file that bears the name is whole.
    part = target.with_name(f"{target.name}.part")
    try:
        count = await campaign.export(part, state)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return count
