"""Nothing leaves this machine: a guarded process reaches loopback addresses only."""

from __future__ import annotations

import os
import sys
from typing import Any

from mmsclient.wire import is_loopback

_LOOK_UPS = {"socket.getaddrinfo", "socket.gethostbyname"}
_DEPARTURES = {"socket.connect", "socket.sendto", "socket.sendmsg"}


def guard() -> None:
    """Refuse every connection and every look-up of another host, from now on, for good.

    Whichever library asks, PermissionError is raised before anything is sent. Proxies that the
    environment names are forgotten, so that measurements do not pass through them.
    """
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    sys.addaudithook(_refuse)


def _refuse(event: str, given: tuple[Any, ...]) -> None:
    if event in _LOOK_UPS:
        host = given[0]
    elif event in _DEPARTURES and isinstance(given[1], tuple):  # a Unix socket's is a path
        host = given[1][0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode()
    if host and not is_loopback(host):
        raise PermissionError("a benchmark reaches 127.0.0.1 only")
