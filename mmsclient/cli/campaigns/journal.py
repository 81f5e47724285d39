"""The journal of a campaign as an argument, and how a command ends where it cannot be used."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from mmsclient.cli.reading import failed
from mmsclient.cli.say import INTERRUPTED, REFUSED, USAGE, errors, stop
from mmsclient.errors import CampaignError, InboxError, MMSClientError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from mmsclient.campaigns import Campaign, CampaignStatus
    from mmsclient.services.base import Service

T = TypeVar("T")

File = Annotated[Path, typer.Argument(metavar="FILE.DB", help="The campaign's journal.")]


def done(work: Coroutine[Any, Any, T], *, interrupted: str = "interrupted") -> T:
    """Return what *work* returns; end the command where it fails or is interrupted.

    Args:
        work: uses a journal, and may make calls that send nothing.
        interrupted: what is said after Ctrl-C.
    """
    try:
        return asyncio.run(work)
    except (CampaignError, InboxError) as error:
        stop(str(error))
    except UnsupportedError as error:
        failed(error, USAGE)
    except MMSClientError as error:
        failed(error, REFUSED)
    except KeyboardInterrupt:
        errors().print(interrupted)
        raise typer.Exit(INTERRUPTED) from None


def command(name: str, journal: Path) -> str:
    """Return a command line of this group, to be copied into a shell."""
    return f"mmsclient campaign {name} {shlex.quote(str(journal))}"


def insist_on_file(journal: Path) -> None:
    """End the command where there is no such file: a typo is told before anything else is."""
    if not journal.exists():
        stop(f"{journal} does not exist")


def insist_on_service(status: CampaignStatus, service: Service, journal: Path) -> None:
    """End the command where the campaign was begun with another service than this."""
    begun = status.service
    if begun not in {None, service.name}:
        stop(
            f"{journal} was begun with {begun}, not with {service.name}:"
            f" a campaign stays with its service; --service {begun}"
        )


async def insist_on_same(campaign: Campaign, service: Service, journal: Path) -> None:
    """As :func:`insist_on_service`, before a campaign is worked on that may not be made yet."""
    try:
        status = await campaign.status()
    except CampaignError:
        return  # it is made then; or what is wrong with it is told then
    insist_on_service(status, service, journal)
