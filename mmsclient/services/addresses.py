"""Addresses of files that a service fetches: complete, http or https, and public."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mmsclient.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

# Blanks and controls; urlsplit would drop some of them in silence.
_NOT_URL = re.compile(r"[\s\x00-\x20\x7f-\x9f]")

#: Last parts of names that no public host has.
_AT_HOME = frozenset({"local", "localhost", "internal"})


def blank_in(value: str) -> bool:
    """Whether blanks or control characters stand in an address."""
    return _NOT_URL.search(value) is not None


def public(field: str, value: str, code: str | None = None) -> Iterator[Fault]:
    """Judge an address that the service must be able to fetch; *code* is for all its faults."""
    fix = "pass a complete address such as https://media.example.net/1.png"
    if blank_in(value):
        yield Fault(field, "holds blanks or control characters", "percent-encode them", code)
        return
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        yield Fault(field, "is not an address", fix, code)
        return
    if parts.scheme.lower() not in {"http", "https"}:
        yield Fault(field, "is not an http or https address", fix, code)
    elif not host:
        yield Fault(field, "names no host", fix, code)
    elif "@" in parts.netloc:
        yield Fault(field, "holds a user name", "the file must be public", code)
    elif port == 0:
        yield Fault(field, "names port 0", "leave the port out", code)
    elif not _is_public(host):
        fix = "the service fetches the file: use a host that it can reach"
        yield Fault(field, "names a host that is not public", fix, code)


def _is_public(host: str) -> bool:
    host = host.removesuffix(".")
    try:
        return ip_address(host).is_global
    except ValueError:
        labels = host.split(".")
        return len(labels) > 1 and all(labels) and labels[-1] not in _AT_HOME
