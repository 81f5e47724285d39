"""Each transport, by name: what a test of the contract is run over."""

from __future__ import annotations

import functools
import ssl
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
import trustme

import mmsclient as mms

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., mms.Transport]


def _httpx2(**terms: Any) -> mms.Transport:
    return mms.HttpxTransport(library="httpx2", **terms)


MAKERS: dict[str, Make] = {
    "httpx": mms.HttpxTransport,
    "httpx2": _httpx2,
    "aiohttp": mms.AiohttpTransport,
}

#: Parameters of a fixture or a test.
EACH = [
    pytest.param(
        make,
        id=name,
        marks=pytest.mark.skipif(find_spec(name) is None, reason=f"{name} is not installed"),
    )
    for name, make in MAKERS.items()
]


@functools.cache
def tls(host: str = "localhost") -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a server called *host*, and of a client that trusts it."""
    authority = trustme.CA()
    inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(inside)
    outside = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loads no other authorities: they take long
    authority.configure_trust(outside)
    return inside, outside


def asking(
    url: str, method: str = "POST", body: bytes = b"body", timeout: mms.Timeout | None = None
) -> mms.HttpRequest:
    headers = {"Content-Type": "text/xml; charset=utf-8"} if body else {}
    return mms.HttpRequest(method, url, headers, body, timeout)


async def exchange(transport: mms.Transport, url: str) -> mms.HttpResponse:
    return await transport.exchange(asking(url), lambda: None)


async def raised(
    transport: mms.Transport, asked: mms.HttpRequest, leaving: Callable[[], None] = lambda: None
) -> Exception:
    """Return what the exchange raises, of whatever class."""
    try:
        await transport.exchange(asked, leaving)
    except Exception as error:  # noqa: BLE001 - the contract allows any
        return error
    raise AssertionError("it did not fail")
