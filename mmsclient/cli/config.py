"""Where an account's terms stand: the configuration file and the environment."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from mmsclient.cli.kinds import DEFAULT, KEY, NAMES, SERVICES, TOKEN, Kind
from mmsclient.cli.say import errors, stop

CONFIG = Path(".config") / "mmsclient.toml"
"""Below the home directory."""


@attrs.frozen
class Config:
    """What the file and the environment say. Only the section of the service in use is judged."""

    path: Path
    table: Mapping[str, Any] = attrs.field(repr=False)

    def chosen(self, asked: str | None) -> str:
        """Return the name of the service in use; end the command where there is none of it."""
        name = asked or os.environ.get("MMSCLIENT_SERVICE") or self.table.get("service")
        name = name or self._only()
        if not isinstance(name, str) or name not in SERVICES:
            stop(f"there is no service {name!r}: choose one of {NAMES}")
        return name

    def _only(self) -> str:
        # A bare MMSCLIENT_API_KEY counts for the default: a key must not go to another vendor.
        keyed = {name for name in SERVICES if self._has_key(name)}
        keyed |= {DEFAULT} if os.environ.get(KEY) else set()
        keyed |= {"cellcast"} if os.environ.get(TOKEN) else set()
        if len(keyed) > 1 and DEFAULT not in keyed:
            stop(f"there are keys of {', '.join(sorted(keyed))}: choose one with --service")
        return keyed.pop() if len(keyed) == 1 else DEFAULT

    def _has_key(self, name: str) -> bool:
        section = self.table.get(name)
        return isinstance(section, Mapping) and any(section.get(key) for key in SERVICES[name].keys)

    def terms(self, name: str, *, offline: bool = False) -> dict[str, Any]:
        """Return the parameters of a service; *offline*: it needs no key."""
        kind, section = SERVICES[name], self._section(name)
        terms = {key: section[key] for key in kind.settings if key in section}
        if url := self._variable("MMSCLIENT_URL", name):
            terms["url"] = url
        return {**terms, **self._credentials(name, kind, section, offline=offline)}

    def _credentials(
        self, name: str, kind: Kind, section: Mapping[str, Any], *, offline: bool
    ) -> dict[str, str]:
        here = {key: self._variable(variable, name) for key, variable in kind.keys.items()}
        given = [key for key, value in here.items() if value]
        if len(given) > 1:
            both = " and ".join(kind.keys[key] for key in given)
            stop(f"{both} are both set, and {name} takes one of them: unset the other")
        found = {key: here[key] for key in given}
        if not found:
            found = {key: section[key] for key in kind.keys if section.get(key)}
        if len(found) > 1:
            stop(f"{self.path}: [{name}] has {' and '.join(found)}: leave one of them")
        if not found and not offline:
            stop(self._missing(name, kind))
        found = found or {next(iter(kind.keys)): "-"}
        for secret, (variable, key) in kind.secrets.items():
            if key in found:
                found[secret] = self._variable(variable, name) or section.get(secret)
                if secret in kind.needed and not found[secret] and not offline:
                    stop(f"no {secret} for {name}: set {variable}, or {secret} under [{name}]")
        return {key: value for key, value in found.items() if value}

    def _missing(self, name: str, kind: Kind) -> str:
        ways = " or ".join(
            f"{variable} ({key})" if len(kind.keys) > 1 else variable
            for key, variable in kind.keys.items()
        )
        keys = " or ".join(kind.keys)
        said = f"no {keys} for {name}: set {ways} in the environment, or {keys} under [{name}]"
        said += f" in {self.path}"
        owner = os.environ.get("MMSCLIENT_SERVICE")
        if owner and owner != name:
            return f"{said}; what the environment has is for {owner}, as MMSCLIENT_SERVICE says"
        if os.environ.get(TOKEN) and TOKEN not in kind.variables:
            return f"{said}; {TOKEN} is for cellcast"
        return said

    def _variable(self, variable: str, name: str) -> str | None:
        """Return a variable, unless the environment speaks of another service."""
        owner = os.environ.get("MMSCLIENT_SERVICE")
        return None if owner and owner != name else os.environ.get(variable) or None

    def _section(self, name: str) -> Mapping[str, Any]:
        section, kind = self.table.get(name, {}), SERVICES[name]
        if not isinstance(section, Mapping):
            stop(f"{self.path}: {name} must be a section: [{name}]")
        types = {**dict.fromkeys(kind.credentials, str), **kind.settings}
        if unknown := sorted(set(section) - set(types)):
            stop(f"{self.path}: [{name}] has no {', '.join(unknown)}; it has {', '.join(types)}")
        for key, value in section.items():
            if not isinstance(value, types[key]):
                stop(f"{self.path}: [{name}] {key} has the wrong type")
        return section


def read(given: Path | None) -> Config:
    """Read the file, if there is one; end the command where it cannot be read."""
    path = given or Path.home() / CONFIG
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            table = tomllib.load(file)
    except FileNotFoundError:
        if given is not None:
            stop(f"there is no file {path}")
        return Config(path, {})
    except OSError as error:
        stop(f"cannot read {path}: {error.strerror}")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # What the parser says can quote the line, and so the key.
        stop(f"{path} is not TOML: strings stand in quotes, sections in brackets")
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        errors().print(f"warning: others can read {path}: chmod 600 {path}", style="yellow")
    if unknown := sorted(set(table) - {"service", *SERVICES}):
        stop(f"{path}: unknown: {', '.join(unknown)}; known: service, [{'], ['.join(SERVICES)}]")
    return Config(path, table)
