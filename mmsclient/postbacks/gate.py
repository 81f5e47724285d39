"""Who is let in, judged before a byte of the body is read."""

from __future__ import annotations

import base64
import hmac
import logging
import re
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard, runtime_checkable

import attrs

from mmsclient.postbacks.allowlist import Address, AllowList, Proxies, address
from mmsclient.services.base import Service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mmsclient.wire import RawPostback

log = logging.getLogger("mmsclient")

#: Seconds between two lines of the log about refusals for one reason.
QUIET = 10.0
#: Different reasons that such a line names, the last ones.
REASONS = 3
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


def is_signing(service: Service) -> TypeGuard[Signing]:
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

    def judge_peer(self, peer: str | None) -> None:
        """Raise :class:`TurnedAway` where no request over a connection from there can be let in.

        Behind proxies only a request tells who sent it.
        """
        if self.allowed is not None and self.proxies == Proxies():
            self._judge_sender(address(peer or ""))

    def judge(self, scope: Mapping[str, Any]) -> None:
        """Let a request in, or raise :class:`TurnedAway`."""
        self._judge_source(scope)
        self._judge_path(_path(scope))
        method = self.service.postback_method
        if scope["method"] != method:
            raise TurnedAway(405, f"a method other than {method}", {"allow": method})
        if self.basic is not None and not _same(_basic(scope), self.basic):
            realm = {"www-authenticate": 'Basic realm="postbacks"'}
            raise TurnedAway(401, "wrong or no Basic credentials", realm)

    def judge_signature(self, raw: RawPostback) -> None:
        """Let a postback in, or raise :class:`TurnedAway`, where the account insists on signatures."""
        if is_signing(self.service) and not self.service.verify_signature(raw):
            raise TurnedAway(403, "the signature is wrong or missing")

    def _judge_source(self, scope: Mapping[str, Any]) -> None:
        if self.allowed is None:
            return
        client = scope.get("client")
        forwarded = list(_values(scope, b"x-forwarded-for"))
        self._judge_sender(self.proxies.sender(client[0] if client else None, forwarded))

    def _judge_sender(self, sender: Address | None) -> None:
        if sender is None:
            raise TurnedAway(403, "it is not known who sent it: see trusted_proxies")
        if self.allowed is not None and sender not in self.allowed:
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


def _path(scope: Mapping[str, Any]) -> str:
    """Return the path inside the application; ASGI's holds where that is mounted, if it is."""
    path, root = str(scope["path"]), str(scope.get("root_path", "")).removesuffix("/")
    return path.removeprefix(root) if path == root or path.startswith(f"{root}/") else path


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
    """Tells the log of what was turned away, a line for each kind of answer now and then."""

    def __init__(self) -> None:
        self._since: dict[int, float] = {}
        self._untold: Counter[int] = Counter()
        self._reasons: dict[int, dict[str, None]] = {}

    def tell(self, refusal: TurnedAway) -> None:
        """Log a refusal, or count it, with its reason, towards the next line about its kind."""
        kind, now = refusal.status, time.monotonic()
        if now - self._since.get(kind, -QUIET) < QUIET:
            self._untold[kind] += 1
            self._note(self._reasons.setdefault(kind, {}), refusal.why)
            return
        self._since[kind] = now
        more, reasons = self._untold.pop(kind, 0), self._reasons.pop(kind, {})
        tail = f" ({more} more since the last such line: {'; '.join(reasons)})" if more else ""
        log.warning("postback turned away with %d: %s%s", kind, refusal.why, tail)

    @staticmethod
    def _note(reasons: dict[str, None], why: str) -> None:
        reasons.pop(why, None)
        reasons[why] = None
        if len(reasons) > REASONS:
            del reasons[next(iter(reasons))]
