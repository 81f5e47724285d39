"""The addresses of this machine that postbacks come from."""

from __future__ import annotations

import logging
import socket
from ipaddress import ip_address
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_logger = logging.getLogger("mmsclient")


class Sources:
    """Loopback addresses, taken in turn: each new connection comes from the next one.

    Without any the system chooses, and so it does where it has none of them: macOS, for one, has
    127.0.0.1 alone unless told otherwise.
    """

    def __init__(self, addresses: Iterable[str] | str = ()) -> None:
        self.version = 0
        """Grows with each change: connections made before it are out of date."""
        self._turn = count()
        self._addresses = _checked(addresses)

    def change(self, addresses: Iterable[str] | str) -> None:
        """Come from these addresses from now on."""
        self._addresses = _checked(addresses)
        self.version += 1

    def next_for(self, host: str) -> str | None:
        """Return the address that a new connection to *host* comes from; None: any."""
        asked = [one for one in self._addresses if _fits(one, host)]
        there = [one for one in asked if _is_here(one)]
        if not there:
            if asked:
                _logger.warning("this system has none of the source addresses for postbacks")
            return None
        return there[next(self._turn) % len(there)]


def _checked(addresses: Iterable[str] | str) -> tuple[str, ...]:
    given = (addresses,) if isinstance(addresses, str) else tuple(addresses)
    try:
        fine = all(ip_address(one).is_loopback for one in given)
    except ValueError:
        fine = False
    if not fine:
        raise ValueError(
            "postback_sources must be loopback addresses, such as 127.0.0.2: nothing else is ours"
        )
    return given


def _fits(address: str, host: str) -> bool:
    """Tell whether both are of one kind; a name may stand for either."""
    try:
        return ip_address(address).version == ip_address(host).version
    except ValueError:
        return True


def _is_here(address: str) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as trial:
        try:
            trial.bind((address, 0))
        except OSError:
            return False
    return True
