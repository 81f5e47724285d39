"""Who may post: networks, and how the sender is found behind proxies."""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TypeAlias

import attrs

log = logging.getLogger("mmsclient")

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
Networks: TypeAlias = Iterable[str | Network]

#: Networks, a file that holds them, or a function that returns them.
Source: TypeAlias = Networks | os.PathLike[str] | Callable[[], Networks]

#: Seconds between two looks at a file.
LOOK = 1.0
#: Seconds between two lines of the log about one kind of trouble.
QUIET = 10.0
#: Hops that are looked at; no chain of proxies is as long.
MOST_HOPS = 32

_MAPPED = ip_network("::ffff:0:0/96")


def address(text: str) -> Address | None:
    """Return the address in a peer's or a hop's name, with or without a port; else None.

    An IPv4 address inside an IPv6 one (``::ffff:192.0.2.7``) is that IPv4 address.
    """
    text = text.strip()
    if text.startswith("["):
        text, closed, rest = text[1:].partition("]")
        if not closed or (rest and not _is_port(rest)):
            return None
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
        if not _is_port(f":{port}"):
            return None
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv4Address):
        return found
    # A zone says through which interface, not who it is.
    return found.ipv4_mapped or IPv6Address(int(found))


def _is_port(text: str) -> bool:
    return text[0] == ":" and len(text) <= 6 and text[1:].isascii() and text[1:].isdigit()


def networks(given: Networks, *, what: str) -> tuple[Network, ...]:
    """Return the networks; a single address is a network of one.

    Raises:
        TypeError: it is one text, not several.
        ValueError: one of them is none, or there are none at all.
    """
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise TypeError(f'{what} must be a list of networks, such as ["192.0.2.0/24"]')
    found = tuple(_network(one, what) for one in given)
    if not found:
        raise ValueError(f"{what} holds no network: nobody could post")
    return found


def _network(given: str | Network, what: str) -> Network:
    try:
        found = ip_network(given)
    except ValueError:
        raise ValueError(f"{what}: {given!r} is no network: {_hint(given)}") from None
    if isinstance(found, IPv6Network) and found.subnet_of(_MAPPED):  # type: ignore[arg-type]  # both are of version 6
        return IPv4Network((int(found.network_address) & 0xFFFFFFFF, found.prefixlen - 96))
    return found


def _hint(given: object) -> str:
    try:
        return f"did you mean {ip_network(given, strict=False)}?"  # type: ignore[arg-type]  # whatever it is
    except ValueError:
        return "write one such as 192.0.2.0/24"


def holds(some: Sequence[Network], one: Address) -> bool:
    """Whether *one* lies in any of the networks."""
    return any(one in network for network in some)


@attrs.frozen
class Proxies:
    """Which hops before this program are one's own."""

    count: int = 0
    """So many, whoever they are."""
    networks: tuple[Network, ...] = ()
    """Or all that lie in these."""

    @classmethod
    def of(cls, given: int | Networks) -> Proxies:
        """Read a number of proxies, or their networks.

        Raises:
            TypeError: it is neither.
            ValueError: the number is negative, or a network is none.
        """
        if isinstance(given, bool):
            raise TypeError("trusted_proxies must be a number of proxies, or their networks")
        if not isinstance(given, int):
            return cls(networks=networks(given, what="trusted_proxies"))
        if not 0 <= given <= MOST_HOPS:
            raise ValueError(f"trusted_proxies must be 0 to {MOST_HOPS}")
        return cls(given)

    def sender(self, peer: str | None, forwarded: Sequence[str]) -> Address | None:
        """Return who sent a request, or None where that is not known.

        *peer* is who is connected, *forwarded* the values of all X-Forwarded-For headers in order.
        Each proxy adds its own peer at the right, so only what one's own proxies added is
        believed: the rightmost hop that is none of them. What stands further left is anybody's.
        """
        hops = ",".join(forwarded).rsplit(",", MOST_HOPS) if forwarded else []
        if self.count:
            return address(hops[-self.count]) if len(hops) >= self.count else None
        found = address(peer or "")
        while found is not None and holds(self.networks, found):
            found = address(hops.pop()) if hops else None
        return found


class AllowList:
    """Networks that may change while it is used."""

    def __init__(self, source: Source) -> None:
        self._told: tuple[str, float] = ("", -math.inf)
        self.replace(source)

    def replace(self, source: Source) -> None:
        """Use other networks from now on; where they are none, the old ones stay in force.

        Raises:
            TypeError, ValueError, OSError: as for the first ones.
        """
        read = _reader(source)
        self._networks, self._read = networks(read(), what="allow"), read
        self._given: object = None

    def __contains__(self, one: Address) -> bool:
        self._refresh()
        return holds(self._networks, one)

    def _refresh(self) -> None:
        """Look whether there are others; what cannot be used changes nothing."""
        try:
            given = _fixed(self._read())
            if given != self._given:
                self._given = given
                self._networks = networks(given, what="allow")
        except Exception as error:  # noqa: BLE001 - a function of the user's may raise anything
            self._tell(type(error).__name__)

    def _tell(self, kind: str) -> None:
        before, when = self._told
        if kind != before or time.monotonic() - when >= QUIET:
            self._told = (kind, time.monotonic())
            log.error("the allow list cannot be read again (%s): the last one stays", kind)


def _fixed(given: Networks) -> Networks:
    """Return networks that stay as they are, whatever becomes of the list that holds them."""
    return given if isinstance(given, str | bytes) else tuple(given)


def _reader(source: Source) -> Callable[[], Networks]:
    if isinstance(source, os.PathLike):
        return _File(Path(source)).read
    if callable(source):
        return source
    fixed = _fixed(source)
    return lambda: fixed


class _File:
    """Networks in a file, one a line; ``#`` begins a comment. Read again when it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._state: tuple[int, ...] = ()
        self._lines: tuple[str, ...] = ()
        self._next_look = 0.0

    def read(self) -> tuple[str, ...]:
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + LOOK
            found = self._path.stat()
            state = (found.st_mtime_ns, found.st_size, found.st_ino)
            if state != self._state:
                text = self._path.read_text(encoding="utf-8")
                rows = (line.partition("#")[0].strip() for line in text.splitlines())
                self._lines, self._state = tuple(filter(None, rows)), state
        return self._lines
