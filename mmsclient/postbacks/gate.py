"""Who is let in, judged before a byte of the body is read."""

from __future__ import annotations

import base64
import hmac
import logging
import re
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import attrs

from mmsclient.postbacks.allowlist import AllowList, Proxies
from mmsclient.services.base import Service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mmsclient.wire import RawPostback

log = logging.getLogger("mmsclient")

#: Seconds between two lines of the log about refusals for one reason.
QUIET = 10.0
#: A secret shorter than this can be guessed.
SHORT = 16

_SECRET = re.compile(r"[A-Za-z0-9._~-]+")


class TurnedAway(Exception):  # noqa: N818 - no error: an answer
    """A request that is not taken: the status of its answer, and a reason for the log alone."""

    def __init__(self, status: int, why: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, why)
        self.status = status
        self.why = why
        self.headers = headers or {}


@runtime_checkable
class Signing(Protocol):
    """A service whose postbacks can be signed."""

    check_signature: bool

    def verify_signature(self, raw: RawPostback) -> bool:
        """Whether the postback is signed with the account's secret."""
        ...


def is_signing(service: Service) -> bool:
    """Whether the service's account insists on signatures."""
    return isinstance(service, Signing) and service.check_signature


@attrs.frozen(kw_only=True)
class Gate:
    """All that is given must be right: source, path, method, credentials."""

    service: Service = attrs.field(repr=False)
    allowed: AllowList | None
    proxies: Proxies
    secret: str | None = attrs.field(repr=False)
    path: str | None
    basic: str | None = attrs.field(repr=False)
    """``user:password``."""

    def __attrs_post_init__(self) -> None:
        if self.path is not None and not self.path.startswith("/"):
            raise ValueError("path must start with a slash, such as /postbacks")
        if self.secret is not None and not _SECRET.fullmatch(self.secret):
            raise ValueError("secret must be of letters, digits and - . _ ~, and not empty")
        if self.secret is not None and len(self.secret) < SHORT:
            log.warning("the secret in the path is short: take at least %d characters", SHORT)
        guarded = self.allowed is not None or self.secret or self.basic
        if not (guarded or is_signing(self.service)):
            raise ValueError(
                "anybody could post: give allow= (the service's networks), secret= or basic="
            )

    def judge(self, scope: Mapping[str, Any]) -> None:
        """Let a request in, or raise :class:`TurnedAway`."""
        self._judge_source(scope)
        self._judge_path(scope["path"])
        method = self.service.postback_method
        if scope["method"] != method:
            raise TurnedAway(405, f"a method other than {method}", {"allow": method})
        if self.basic is not None and not _same(_basic(scope), self.basic):
            realm = {"www-authenticate": 'Basic realm="postbacks"'}
            raise TurnedAway(401, "wrong or no Basic credentials", realm)

    def judge_signature(self, raw: RawPostback) -> None:
        """Let a postback in, or raise :class:`TurnedAway`, where the account insists on signatures."""
        service = self.service
        if isinstance(service, Signing) and service.check_signature:
            if service.verify_signature(raw):
                return
            raise TurnedAway(403, "the signature is wrong or missing")

    def _judge_source(self, scope: Mapping[str, Any]) -> None:
        if self.allowed is None:
            return
        client = scope.get("client")
        forwarded = list(_values(scope, b"x-forwarded-for"))
        sender = self.proxies.sender(client[0] if client else None, forwarded)
        if sender is None:
            raise TurnedAway(403, "it is not known who sent it: see trusted_proxies")
        if sender not in self.allowed:
            raise TurnedAway(403, f"{sender} is not on the allow list")

    def _judge_path(self, path: str) -> None:
        """Compare all of the path where it is known, else the secret alone, its last part."""
        path = path.removesuffix("/")
        before, _, last = path.rpartition("/")
        right = self.secret is None or _same(last, self.secret)
        if self.path is not None:
            place = path if self.secret is None else before
            right &= place == self.path.removesuffix("/")
        if not right:
            raise TurnedAway(404, "wrong path or secret")


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())


def _values(scope: Mapping[str, Any], name: bytes) -> Iterator[str]:
    return (value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name)


def _basic(scope: Mapping[str, Any]) -> str:
    scheme, _, told = next(_values(scope, b"authorization"), "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(told.strip(), validate=True).decode()
    except ValueError:
        return ""


class Refusals:
    """Tells the log of what was turned away, a line for each reason now and then."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self._untold: Counter[str] = Counter()

    def tell(self, refusal: TurnedAway) -> None:
        """Log a refusal, or count it towards the next line about its kind."""
        kind, now = f"{refusal.status}", time.monotonic()
        if now - self._since.get(kind, -QUIET) < QUIET:
            self._untold[kind] += 1
            return
        self._since[kind] = now
        more = self._untold.pop(kind, 0)
        tail = f" ({more} more since the last such line)" if more else ""
        log.warning("postback turned away with %d: %s%s", refusal.status, refusal.why, tail)
