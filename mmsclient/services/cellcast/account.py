"""One account: where it is, how it shows who it is, and how its calls become values."""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar
from urllib.parse import quote, urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import attrs

from mmsclient.errors import UnsupportedError
from mmsclient.services.cellcast import answers, bodies, settings
from mmsclient.services.cellcast.batches import NAME
from mmsclient.services.settings import switch, without_query
from mmsclient.wire import Call, HttpRequest, PagedCall, Rate

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from mmsclient.messages import Message
    from mmsclient.outcomes import Page
    from mmsclient.services.cellcast.answers import Action

T = TypeVar("T")
Way: TypeAlias = Literal["both", "basic", "appkey"]


def _rate(value: Rate | float) -> Rate:
    return Rate.of(value)


def _url(account: Any) -> str:
    return settings.URL if account.token is None else settings.BEARER_URL


@attrs.frozen(kw_only=True)
class Account:
    """Address and credentials, and the calls that they make of actions."""

    app_key: str | None = attrs.field(default=None, repr=False, validator=settings.credential)
    """APPKEY of the account, for API v3. Travels in headers, never in an address."""
    secret: str = attrs.field(default="", repr=False, validator=settings.secret)
    """Password of HTTP Basic, where the account has one; the vendor names none."""
    token: str | None = attrs.field(default=None, repr=False, validator=settings.credential)
    """Token of the newer Bearer API, given in place of *app_key*."""
    auth: Way = attrs.field(default="both", validator=settings.way)
    """How v3 is told the key: ``basic`` as its overview says, ``appkey`` as its samples do."""
    allow_http: bool = attrs.field(default=False, validator=switch)
    """Allow plain http to other hosts than this machine: key and numbers travel in the open."""
    url: str = attrs.field(
        default=attrs.Factory(_url, takes_self=True),
        validator=settings.url,
        repr=without_query,
    )
    """Where the API stands; the vendor's own address of the one that the credential belongs to."""
    rate: Rate = attrs.field(default=Rate(15), converter=_rate)
    """The account's limit on calls, SMS and MMS together."""
    timezone: str = attrs.field(default=settings.TIMEZONE, validator=settings.timezone)
    """The zone of times at v3, which name none."""

    def __attrs_post_init__(self) -> None:
        settings.one_of(self.app_key, self.token, self.secret, self.auth)

    @property
    def name(self) -> str:
        """The service's name, for logs and errors."""
        return NAME

    @property
    def _bearer(self) -> bool:
        return self.token is not None

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def _insist_on_v3(self, what: str) -> None:
        if self._bearer:
            raise UnsupportedError(NAME, f"{what} at the Bearer API: use an app_key")

    def _insist_on_bearer(self, what: str) -> None:
        if not self._bearer:
            raise UnsupportedError(NAME, f"{what} at API v3: use a token")

    def _call(
        self, action: Action[T], *, host: str | None = None, carries: tuple[Message, ...] = ()
    ) -> Call[T]:
        """Return the call for *action*; *host* takes the place of the address's own."""
        body = action.body
        headers = {
            **self._credentials(),
            "accept": bodies.JSON,
            "content-type": bodies.JSON if body is None else body.type,
        }
        request = HttpRequest(
            action.method,
            self._address(action, host),
            headers,
            b"" if body is None else body.content,
        )
        again = partial(answers.decode, action, again=True) if action.gone is not None else None
        return Call(
            operation=action.name,
            request=request,
            decode=partial(answers.decode, action),
            repeatable=action.repeatable,
            decode_again=again,
            messages=carries,
        )

    def _paged(
        self,
        action: Callable[[int], Action[Page[T]]],
        key: Callable[[Any], Hashable] | None = None,
    ) -> PagedCall[T]:
        first = action(1)
        return PagedCall(operation=first.name, page=lambda page: self._call(action(page)), key=key)

    def _credentials(self) -> dict[str, str]:
        if self.app_key is None:
            return {"authorization": f"Bearer {self.token}"}
        basic = base64.b64encode(f"{self.app_key}:{self.secret}".encode()).decode()
        ways = {
            "basic": {"authorization": f"Basic {basic}"},
            "appkey": {"appkey": self.app_key},
        }
        return ways.get(self.auth) or {**ways["basic"], **ways["appkey"]}

    def _address(self, action: Action[Any], host: str | None) -> str:
        parts = urlsplit(self.url)
        if host is not None:
            parts = parts._replace(netloc=host)
        path = f"{parts.path.rstrip('/')}/{action.path}"
        return urlunsplit(
            (parts.scheme, parts.netloc, path, urlencode(action.query, quote_via=quote), "")
        )
