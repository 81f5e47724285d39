"""Which account is used: options, environment and configuration file, in this order.

    service = "skycore"

    [skycore]
    api_key = "…"
    url = "https://…"
    rate = 15

Credentials are never arguments: those are seen by everybody on the machine and kept in histories.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import attrs
import typer

from mmsclient.cli.say import errors, stop
from mmsclient.client import Client
from mmsclient.services.base import Service
from mmsclient.services.skycore import Skycore
from mmsclient.wire import is_loopback

CONFIG = Path(".config") / "mmsclient.toml"
"""Below the home directory."""

#: How keys of the simulator begin.
SIMULATED = "sim-"

_PANEL = "Account"


@attrs.frozen(kw_only=True)
class Kind:
    """One service as the command line knows it."""

    make: Callable[..., Service]
    credentials: tuple[str, ...]
    """Parameters that come from MMSCLIENT_… in upper case, or from the file."""
    settings: Mapping[str, type | tuple[type, ...]]
    """Other parameters that the file may hold, and their types."""


SERVICES: Mapping[str, Kind] = {
    "skycore": Kind(
        make=Skycore,
        credentials=("api_key",),
        settings={"url": str, "rate": (int, float), "allow_http": bool},
    ),
}


@attrs.frozen(kw_only=True)
class Account:
    """The options that say which account is used and how. Each also stands before the command."""

    service: Annotated[
        str | None,
        typer.Option(
            "--service", help=f"One of: {', '.join(SERVICES)}. [skycore]", rich_help_panel=_PANEL
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
            help="Calls a second the account may make. [15 for skycore]",
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
        table, path = _file(self.config)
        name = self.service or os.environ.get("MMSCLIENT_SERVICE") or table.get("service")
        name = name or next(iter(SERVICES))
        if name not in SERVICES:
            stop(f"there is no service {name!r}: choose one of {', '.join(SERVICES)}")
        kind, section = SERVICES[name], _section(table, name, path)
        values = {key: section[key] for key in kind.settings if key in section}
        values |= _credentials(kind, name, section, path, offline=offline)
        url = self.url or os.environ.get("MMSCLIENT_URL")
        values |= {"url": url} if url else {}
        values |= {} if self.rate is None else {"rate": self.rate}
        try:
            service = kind.make(**values)
        except (TypeError, ValueError) as error:
            stop(str(error))
        if not offline:
            _not_simulated(service, [values[name] for name in kind.credentials])
        return service


def announce(client: Client[Service]) -> None:
    """Say where messages go: a forgotten MMSCLIENT_URL means the service itself."""
    errors().print(f"sending to {urlsplit(client.service.url).hostname}")


def _not_simulated(service: Service, credentials: list[str]) -> None:
    ours = any(one.startswith(SIMULATED) for one in credentials)
    if ours and not is_loopback(urlsplit(service.url).hostname):
        stop("this key is the simulator's: set MMSCLIENT_URL to what `mmsclient simulate` printed")


def _credentials(
    kind: Kind, name: str, section: Mapping[str, Any], path: Path, *, offline: bool
) -> dict[str, str]:
    found: dict[str, str] = {}
    for credential in kind.credentials:
        variable = f"MMSCLIENT_{credential.upper()}"
        value = os.environ.get(variable) or section.get(credential) or ("-" if offline else None)
        if value is None:
            stop(
                f"no {credential} for {name}: set {variable} in the environment,"
                f" or {credential} under [{name}] in {path}"
            )
        found[credential] = value
    return found


def _file(given: Path | None) -> tuple[dict[str, Any], Path]:
    path = given or Path.home() / CONFIG
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            table = tomllib.load(file)
    except FileNotFoundError:
        if given is not None:
            stop(f"there is no file {path}")
        return {}, path
    except OSError as error:
        stop(f"cannot read {path}: {error.strerror}")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # What the parser says can quote the line, and so the key.
        stop(f"{path} is not TOML: strings stand in quotes, sections in brackets")
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        errors().print(f"warning: others can read {path}: chmod 600 {path}", style="yellow")
    if unknown := sorted(set(table) - {"service", *SERVICES}):
        stop(f"{path}: unknown: {', '.join(unknown)}; known: service, [{'], ['.join(SERVICES)}]")
    return table, path


def _section(table: Mapping[str, Any], name: str, path: Path) -> Mapping[str, Any]:
    section, kind = table.get(name, {}), SERVICES[name]
    if not isinstance(section, Mapping):
        stop(f"{path}: {name} must be a section: [{name}]")
    types = {**kind.settings, **dict.fromkeys(kind.credentials, str)}
    if unknown := sorted(set(section) - set(types)):
        stop(f"{path}: [{name}] has no {', '.join(unknown)}; it has {', '.join(types)}")
    for key, value in section.items():
        if not isinstance(value, types[key]):
            stop(f"{path}: [{name}] {key} has the wrong type")
    return section
