"""Asking the host of a campaign's media what the service will ask it, once for each address.

This is the only place of the library that asks a host which is no service.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import attrs

from mmsclient.engine.body import OversizedError
from mmsclient.engine.over_httpx import HttpxTransport
from mmsclient.engine.transport import meaning
from mmsclient.services import addresses
from mmsclient.wire import HttpRequest, Timeout, is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType
    from typing import Self

    from mmsclient.messages import Fetched
    from mmsclient.wire import HttpResponse, Transport

#: Addresses that are asked at the same time.
AT_ONCE = 4
#: Addresses that are asked at most.
MOST = 1000
#: Bytes of a file that are read, and of all files together.
LARGEST, ALTOGETHER = 8 * 2**20, 256 * 2**20
#: Seconds for one file.
PATIENCE = 20.0
#: Addresses of a host that give no answer, after which its others are not asked.
SILENT = 3

#: Nothing may be compressed on the way, nor sent in pieces for that reason.
_HEADERS = {"accept": "*/*", "accept-encoding": "identity"}


@attrs.frozen(kw_only=True)
class MediaFinding:
    """What the host of a file answered, and what is wrong with it for the service."""

    url: str = attrs.field(repr=False)
    """Without query string, user name and fragment."""
    field: str
    """Where the file stands in a message, in the first one that has it."""
    rows: int
    """Messages for each of which it is fetched."""
    status: int | None = None
    """None where there was no whole answer."""
    type: str | None = None
    """Its Content-Type, without parameters."""
    size: int | None = None
    """Bytes."""
    seconds: float | None = None
    """How long the whole answer took, the connection included."""
    troubles: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.troubles

    def __str__(self) -> str:
        size = None if self.size is None else f"{self.size:,} bytes"
        took = None if self.seconds is None else f"{self.seconds:.2f} s"
        status = None if self.status is None else str(self.status)
        known = ", ".join(filter(None, (status, self.type, size, took)))
        return "; ".join((f"{self.url}: {known}" if known else self.url, *self.troubles))


@attrs.frozen(kw_only=True)
class _Answer:
    """What is known of an address."""

    status: int | None = None
    type: str | None = None
    size: int | None = None
    seconds: float | None = None
    troubles: tuple[str, ...] = ()


@attrs.define
class _Place:
    """Where an address stands, and how often."""

    field: str
    rows: int = 0


class MediaHost:
    """Asks addresses as the service does: without login, cookies or redirects, by GET.

    HEAD would cost less, but hosts answer it otherwise than GET, or not at all. Only https is
    asked, and plain http on this machine; no address that is not public. A file is read to its
    end, within bounds of size and time, and thrown away.

    Args:
        transport: moves the bytes, and is closed at the end; if absent, one that trusts what the
            system trusts.
    """

    def __init__(self, transport: Transport | None = None) -> None:
        bounds = Timeout.of(PATIENCE)
        self._transport = transport or HttpxTransport(timeout=bounds, largest_answer=LARGEST)
        self._answers: dict[str, _Answer] = {}
        self._places: dict[tuple[str, frozenset[str]], _Place] = {}
        self._silent: dict[str, int] = {}
        self._room = ALTOGETHER
        self.sizes: dict[str, int] = {}
        """Bytes of files, by address, as far as they were learnt."""
        self.unasked = 0
        """Mentions of addresses beyond the number that is asked."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._transport.aclose()

    async def ask(self, files: Iterable[Fetched]) -> None:
        """Ask the addresses of *files* that were not asked yet, a few at a time."""
        new = iter(self._new(files))

        async def work() -> None:
            for url in new:
                self._answers[url] = answer = await self._answer(url)
                if answer.size is not None:
                    self.sizes[url] = answer.size

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())

    def _new(self, files: Iterable[Fetched]) -> list[str]:
        wanted = dict.fromkeys(file.url for file in files if file.url not in self._answers)
        return [*wanted][: MOST - len(self._answers)]

    def count(self, file: Fetched) -> None:
        """Take in that a message has *file*."""
        if file.url not in self._answers:
            self.unasked += 1
            return
        self._places.setdefault((file.url, file.types), _Place(file.field)).rows += 1

    def findings(self, calls_per_second: float) -> tuple[MediaFinding, ...]:
        """Return what was found, in the order in which the addresses came, for a pace of calls."""
        return tuple(
            _finding(url, types, place, self._answers[url], calls_per_second)
            for (url, types), place in self._places.items()
        )

    async def _answer(self, url: str) -> _Answer:
        if why := self._barred(url):
            return _Answer(troubles=(f"{why}: it was not asked",))
        loop = asyncio.get_running_loop()
        began, left = loop.time(), False

        def leaving() -> None:
            nonlocal left
            left = True

        try:
            async with asyncio.timeout(PATIENCE):
                request = HttpRequest("GET", url, _HEADERS)
                response = await self._transport.exchange(request, leaving)
        except TimeoutError:
            trouble = f"gave no whole answer in {PATIENCE:g} seconds"
        except OversizedError as error:
            return _Answer(troubles=(f"cannot be read to its end: {error}",))
        except Exception as error:  # noqa: BLE001 - whatever a host does is a finding
            trouble = f"gave no answer: {meaning(error, left=left).reason}"
        else:
            self._room -= len(response.body)
            return _read(response, loop.time() - began)
        host = urlsplit(url).netloc
        self._silent[host] = self._silent.get(host, 0) + 1
        return _Answer(troubles=(trouble,))

    def _barred(self, url: str) -> str:
        """Return why an address is not asked, empty where it is."""
        if not _is_local(url):
            if fault := next(addresses.public("media", url), None):
                return fault.rule
            if not url.lower().startswith("https:"):
                return "is plain http"
        if self._room <= 0:
            return f"comes after {ALTOGETHER // 2**20} MiB of files"
        silent = self._silent.get(urlsplit(url).netloc, 0) >= SILENT
        return "is on a host that gave no answer several times" if silent else ""


def shown(url: str) -> str:
    """Return an address without what may be private in it: user name, query and fragment."""
    scheme, _, rest = url.partition("#")[0].partition("?")[0].partition("://")
    host, slash, path = rest.partition("/")
    clean = f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"
    return "".join(sign if sign.isprintable() else " " for sign in clean)


def _is_local(url: str) -> bool:
    """Whether an address is one of this machine, for tests and development."""
    try:
        parts = urlsplit(url)
        local = is_loopback(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return local and parts.scheme in {"http", "https"} and "@" not in parts.netloc


def _read(response: HttpResponse, seconds: float) -> _Answer:
    headers = response.headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    fine = 200 <= response.status < 300
    return _Answer(
        status=response.status,
        type="".join(sign for sign in kind if sign.isprintable())[:80] or None,
        size=len(response.body) if fine else None,
        seconds=seconds,
        troubles=tuple(_content(response) if fine else _refusal(response.status)),
    )


def _refusal(status: int) -> Iterator[str]:
    if status in {401, 403, 407}:
        yield "cannot be reached without a login"
    elif 300 <= status < 400:
        yield "leads elsewhere, often to a login: give the last address"
    else:
        yield "is not there, or not now"


def _content(response: HttpResponse) -> Iterator[str]:
    if not response.body:
        yield "is empty"
    # Services of this kind document that they want the one and refuse the other.
    if "chunked" in response.headers.get("transfer-encoding", "").lower():
        yield "is sent in chunks: services want a Content-Length instead"
    elif "content-length" not in response.headers:
        yield "has no Content-Length, which services want"
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        yield "is sent compressed, though nobody asked for that"


def _finding(
    url: str, types: frozenset[str], place: _Place, answer: _Answer, pace: float
) -> MediaFinding:
    more = [*answer.troubles]
    if answer.size is not None and types and answer.type not in types:
        said = f"its Content-Type is {answer.type}" if answer.type else "it has no Content-Type"
        more.append(f"{said}: {', '.join(sorted(types))} may stand there")
    if answer.seconds is not None and (busy := pace * answer.seconds) > AT_ONCE:
        rate = f"at {pace:g} calls a second some {busy:.0f} fetches are under way at once"
        more.append(f"is slow: {rate}, and it was asked {AT_ONCE} at once at most")
    return MediaFinding(
        url=shown(url),
        field=place.field,
        rows=place.rows,
        status=answer.status,
        type=answer.type,
        size=answer.size,
        seconds=answer.seconds,
        troubles=tuple(more),
    )
