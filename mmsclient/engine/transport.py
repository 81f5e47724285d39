"""What all transports share: what a failed exchange means, proxies, trust, headers and bounds.

The transports themselves are in ``over_httpx.py`` and ``over_aiohttp.py``.
"""

from __future__ import annotations

import functools
import re
import ssl
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mmsclient.errors import ConnectionFailedError, NoReplyError, TransportError
from mmsclient.wire import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Seconds after which an idle connection is given up, before the service gives it up.
KEEP_ALIVE = 2.5
#: So many answers in a row must say otherwise before another bound is believed.
AGREEING = 3
#: The largest answer taken, in bytes, after decompression.
LARGEST_ANSWER = 8 * 2**20
#: Sent with every request, unless the request itself says otherwise.
HEADERS: Mapping[str, str] = {"accept-encoding": "gzip", "user-agent": "mmsclient"}

_TOLD = re.compile(r"\btimeout\s*=\s*(\d+)")


class ExchangeError(Exception):
    """A failure by name alone, where the HTTP library's own words would show an address."""


class ClosedTransportError(RuntimeError):
    """The transport was closed by its owner; nothing leaves any more."""

    def __init__(self) -> None:
        super().__init__("this transport is closed")


class UnusableProxyError(Exception):
    """The environment names a proxy of a kind that cannot be used as things are."""


def meaning(error: Exception, *, left: bool) -> TransportError:
    """Return what a failed exchange means: only whether bytes may have left decides."""
    name = str(error) if isinstance(error, ExchangeError) else type(error).__name__
    if left:
        return NoReplyError(f"no whole answer came ({name})")
    if isinstance(error, ClosedTransportError):
        return ConnectionFailedError("the transport was closed", transient=False)
    if isinstance(error, ImportError):
        reason = "the proxy named in the environment needs a package that is not installed"
        return ConnectionFailedError(reason, transient=False)
    if isinstance(error, UnusableProxyError):
        reason = "the proxy named in the environment is of a kind that cannot be used"
        return ConnectionFailedError(reason, transient=False)
    untrusted = any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))
    if untrusted:
        reason = "the service's certificate is not trusted"
        return ConnectionFailedError(reason, transient=False)
    return ConnectionFailedError(f"no connection ({name})")


def missing(package: str, extra: str) -> ModuleNotFoundError:
    """Return what to raise where *package*, of the extra *extra*, is not installed."""
    hint = f"{package} is not installed: pip install 'mmsclient[{extra}]'"
    return ModuleNotFoundError(hint, name=package)


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for *url*; loopback never has one."""
    parts = urlsplit(url)
    if is_loopback(parts.hostname) or urllib.request.proxy_bypass(parts.netloc):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


class Proxies:
    """The proxies that the environment names, asked for once per host; *schemes* can be used."""

    def __init__(self, *schemes: str) -> None:
        self._schemes = schemes
        self._known: dict[str, str | None] = {}

    def of(self, url: str) -> str | None:
        """Return the proxy for *url*.

        Raises:
            UnusableProxyError: it is of another kind.
        """
        place = "/".join(url.split("/", 3)[:3])
        if place not in self._known:
            self._known[place] = proxy_for(url)
        proxy = self._known[place]
        if proxy is not None and proxy.partition("://")[0].lower() not in self._schemes:
            raise UnusableProxyError
        return proxy


class IdleBound:
    """For how many seconds a connection may be idle: a second less than the service says.

    What one answer says is taken for a mistake, such as of a balancer in front, unless it is the
    first, or others say so too.
    """

    def __init__(self) -> None:
        self.seconds = KEEP_ALIVE
        self._otherwise = AGREEING

    def hear(self, told: str) -> None:
        """Take in the ``Keep-Alive`` header of an answer."""
        timeout = _TOLD.search(told)
        bound = KEEP_ALIVE
        if timeout is not None:
            bound = min(bound, max(0.0, float(timeout[1]) - 1.0))
        if bound == self.seconds:
            self._otherwise = 0
            return
        self._otherwise += 1
        if self._otherwise >= AGREEING:
            self.seconds, self._otherwise = bound, 0


@functools.cache
def shared_ssl_context() -> ssl.SSLContext:
    """Return the one TLS context of this process: building one costs milliseconds."""
    import httpx  # noqa: PLC0415 - it loads rich and click where those are installed

    return httpx.create_ssl_context()


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
