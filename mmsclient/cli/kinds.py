"""The services as the command line knows them: a table of names, keys and settings."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from mmsclient.services.base import Service

KEY, SECRET, TOKEN = "MMSCLIENT_API_KEY", "MMSCLIENT_API_SECRET", "MMSCLIENT_TOKEN"

_SETTINGS: Mapping[str, type | tuple[type, ...]] = {
    "url": str,
    "rate": (int, float),
    "allow_http": bool,
}


@attrs.frozen(kw_only=True)
class Kind:
    """One service as the command line knows it."""

    module: str
    """Loaded when it is used: each costs as much as the rest of the command line."""
    value: str
    """The class in that module."""
    keys: Mapping[str, str]
    """Parameters, one of which must be given, and the variable that each may come from."""
    secrets: Mapping[str, tuple[str, str]] = attrs.field(factory=dict)
    """Parameters that may stand beside a key -> their variable, and that key."""
    needed: frozenset[str] = frozenset()
    """Those of them without which no call succeeds."""
    settings: Mapping[str, type | tuple[type, ...]] = _SETTINGS
    """Other parameters that the file may hold, and their types."""
    balance: str | None = None
    """The method that tells what is left, if there is one."""
    lists: bool = True
    """Whether it lists anything that tells what became of a message."""

    def make(self, **values: Any) -> Service:
        """Return the service value."""
        kind = getattr(import_module(self.module), self.value)
        service: Service = kind(**values)
        return service

    @property
    def credentials(self) -> tuple[str, ...]:
        """All parameters that nobody may see."""
        return (*self.keys, *self.secrets)

    @property
    def variables(self) -> tuple[str, ...]:
        """All variables that credentials may come from."""
        return (*self.keys.values(), *(variable for variable, _ in self.secrets.values()))


SERVICES: Mapping[str, Kind] = {
    "skycore": Kind(
        module="mmsclient.services.skycore", value="Skycore", keys={"api_key": KEY}, lists=False
    ),
    "transmitsms": Kind(
        module="mmsclient.services.transmitsms",
        value="TransmitSMS",
        keys={"api_key": KEY},
        secrets={"api_secret": (SECRET, "api_key")},
        needed=frozenset({"api_secret"}),
        settings={**_SETTINGS, "format": str},
        balance="get_balance",
    ),
    "cellcast": Kind(
        module="mmsclient.services.cellcast",
        value="Cellcast",
        keys={"app_key": KEY, "token": TOKEN},
        secrets={"secret": (SECRET, "app_key")},
        settings={**_SETTINGS, "auth": str, "timezone": str},
        balance="account",
    ),
}
DEFAULT = "skycore"
NAMES = ", ".join(SERVICES)
