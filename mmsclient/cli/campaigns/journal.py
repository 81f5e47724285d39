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

    from mmsclient.campaigns import CampaignStatus
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


def insist_on_service(status: CampaignStatus, service: Service, journal: Path) -> None:
    """End the command where the campaign was begun with another service than this."""
    if status.service not in {None, service.name}:
        stop(f"{journal} was begun with {status.service}: --service {status.service}")
