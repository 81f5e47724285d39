"""Which account is used: options, environment and configuration file, in this order.

    service = "skycore"

    [skycore]
    api_key = "…"
    url = "https://…"
    rate = 15

    [transmitsms]
    api_key = "…"
    api_secret = "…"

    [cellcast]
    app_key = "…"

Credentials are never arguments: those are seen by everybody on the machine and kept in histories.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import attrs
import typer

from mmsclient.cli import config as configuration
from mmsclient.cli.kinds import NAMES, SERVICES
from mmsclient.cli.say import errors, stop
from mmsclient.client import Client
from mmsclient.wire import is_loopback

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmsclient.services.base import Service

#: How keys of the simulator begin.
SIMULATED = "sim-"

_PANEL = "Account"


@attrs.frozen(kw_only=True)
class Account:
    """The options that say which account is used and how. Each also stands before the command."""

    service: Annotated[
        str | None,
        typer.Option(
            "--service",
            help=f"One of: {NAMES}. [the one whose key is known, else skycore]",
            rich_help_panel=_PANEL,
        ),
    ] = None
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            help="Address of the service. [MMSCLIENT_URL, or the service's own]",
            rich_help_panel=_PANEL,
        ),
    ] = None
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate",
            help="Calls a second the account may make. [15; 2 for transmitsms]",
            rich_help_panel=_PANEL,
        ),
    ] = None
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", help="Seconds for one call. [60]", rich_help_panel=_PANEL),
    ] = None
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            help="File to read instead of ~/.config/mmsclient.toml.",
            rich_help_panel=_PANEL,
        ),
    ] = None

    def over(self, before: Account) -> Account:
        """Return these options, completed by those that stand before the command."""
        mine = attrs.asdict(self, filter=lambda _, value: value is not None)
        return attrs.evolve(before, **mine)

    def open(self, **options: Any) -> Client[Service]:
        """Return a client of the account, or end the command where something is missing."""
        try:
            return Client(self.offered(), timeout=self.timeout, **options)
        except ValueError as error:
            stop(str(error))

    def offered(self, *, offline: bool = False) -> Service:
        """Return the service value. *offline*: nothing will be called, so no key is needed."""
        config = configuration.read(self.config)
        name = config.chosen(self.service)
        kind, values = SERVICES[name], config.terms(name, offline=offline)
        values |= {"url": self.url} if self.url else {}
        values |= {} if self.rate is None else {"rate": self.rate}
        try:
            service = kind.make(**values)
        except (TypeError, ValueError) as error:
            stop(str(error))
        if not offline:
            _not_simulated(service, [values[key] for key in kind.credentials if key in values])
        return service


def announce(client: Client[Service], doing: str = "sending to") -> None:
    """Say whom calls go to: a forgotten MMSCLIENT_URL means the service itself."""
    errors().print(f"{doing} {urlsplit(client.service.url).hostname}")


def _not_simulated(service: Service, credentials: Sequence[str]) -> None:
    ours = any(one.startswith(SIMULATED) for one in credentials)
    if ours and not is_loopback(urlsplit(service.url).hostname):
        stop("this key is the simulator's: set MMSCLIENT_URL to what `mmsclient simulate` printed")
