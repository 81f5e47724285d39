"""The last calls that sent something, as they came over the wire, without their credentials."""

from __future__ import annotations

import codecs
import functools
import html
import json
import re
from base64 import b64encode
from collections import OrderedDict
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mmsclient.simulator.accounts import Account
    from mmsclient.wire import HttpResponse

#: So many calls are kept, so many characters of the body and of the answer of each, and so many
#: characters of all together.
MOST, LONGEST, ROOM = 5000, 16_384, 8_000_000
#: What stands in place of a credential.
HIDDEN = "••••••"

#: No credential is longer than this: one that is cut at the end of a body is cut away whole.
_MARGIN = 4096
_SECRET_HEADERS = frozenset({"authorization", "appkey", "cookie", "proxy-authorization"})
_KEY_NODE = re.compile(r"(<API_KEY\b[^>]*>).*?(?=</API_KEY\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_HEX = re.compile(r"(%|\\u)([0-9A-Fa-f]{4}|[0-9A-Fa-f]{2})")
_BOUNDARY = re.compile(r'boundary="?([^";]+)')
#: The last part of an address's path, where a receiver may have its secret. What is shorter is a
#: name: receivers warn of such secrets.
_LAST_PART = re.compile(r"[^/?#]+//[^/?#]*(?:/[^?#]*)?/([A-Za-z0-9._~-]{16,})/?(?:[?#]|\Z)")

#: What documents in UTF-16, which expat reads too, begin with: a byte order mark, or "<".
_BEGINNINGS = {
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}


@attrs.frozen(kw_only=True)
class Document:
    """One call and its answer."""

    serial: int
    method: str
    target: str = attrs.field(repr=False)
    headers: tuple[tuple[str, str], ...] = attrs.field(repr=False)
    body: str = attrs.field(repr=False)
    cut: bool
    """Whether the body or the answer is longer than what is kept."""
    status: int
    """Of the answer."""
    answer: str = attrs.field(repr=False)

    def __len__(self) -> int:
        headers = sum(len(name) + len(value) for name, value in self.headers)
        return len(self.target) + headers + len(self.body) + len(self.answer)


class Documents:
    """Keeps the last calls, within :data:`MOST`, :data:`LONGEST` and :data:`ROOM`."""

    def __init__(self) -> None:
        self._serial = 0
        self._kept: OrderedDict[int, Document] = OrderedDict()
        self._size = 0

    def keep(
        self,
        account: Account,
        *,
        addresses: Iterable[str] = (),
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
        response: HttpResponse,
    ) -> int:
        """Keep a call of *account*, and return the number it is known by.

        *addresses* are those for postbacks that the call names.
        """
        self._serial += 1
        secrets = [*_spellings(account.key, account.secret), *path_secrets(addresses)]
        asked, long = _shown(_without_files(body, headers.get("content-type", "")), secrets)
        told, longer = _shown(response.body, secrets)
        document = Document(
            serial=self._serial,
            method=method,
            target=hide(target, secrets)[:LONGEST],
            headers=tuple(
                (name, HIDDEN if name in _SECRET_HEADERS else hide(value, secrets))
                for name, value in headers.items()
            ),
            body=asked,
            cut=long or longer,
            status=response.status,
            answer=told,
        )
        self._add(document)
        return self._serial

    def _add(self, document: Document) -> None:
        self._kept[document.serial] = document
        self._size += len(document)
        while len(self._kept) > MOST or self._size > ROOM:
            _, gone = self._kept.popitem(last=False)
            self._size -= len(gone)

    def get(self, serial: int) -> Document | None:
        """Return the call of that number, if it is still kept."""
        return self._kept.get(serial)


@functools.lru_cache(maxsize=16)
def _spellings(key: str, secret: str) -> list[str]:
    """Return a credential in every form it can take on the wire, the longest first."""
    pairs = [f"{key}:{secret}", f"{key}:"]
    found = {b64encode(pair.encode()).decode() for pair in pairs}
    for word in (key, secret):
        found |= {word, html.escape(word), html.escape(word, quote=False), quote(word)}
        found |= {quote(word, safe=""), quote_plus(word), json.dumps(word)[1:-1]}
    # Hexadecimal digits may be written small or large.
    found |= {_HEX.sub(lambda digits: digits[0].lower(), word) for word in found}
    found |= {_HEX.sub(lambda digits: digits[1] + digits[2].upper(), word) for word in found}
    return sorted(filter(None, found), key=len, reverse=True)


def path_secrets(addresses: Iterable[str]) -> list[str]:
    """Return what may be a secret at the end of the paths of addresses, in all its spellings."""
    found = {last[1] for address in addresses if (last := _LAST_PART.match(address))}
    return sorted(found | {word.replace("~", "%7E") for word in found}, key=len, reverse=True)


def hide(text: str, secrets: Iterable[str]) -> str:
    """Return *text* with something else in place of the secrets."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return text


def _shown(body: bytes, secrets: Iterable[str]) -> tuple[str, bool]:
    # Four bytes are the most that a character has.
    text = body[: 4 * (LONGEST + _MARGIN)].decode(_encoding(body), "replace")
    hidden = hide(text[: LONGEST + _MARGIN], secrets)
    if "<api_key" in hidden.lower():
        hidden = _KEY_NODE.sub(rf"\1{HIDDEN}", hidden)
    return hidden[:LONGEST], len(hidden) > LONGEST


def _encoding(body: bytes) -> str:
    found = (name for start, name in _BEGINNINGS.items() if body.startswith(start))
    return next(found, "utf-8")


def _without_files(body: bytes, content_type: str) -> bytes:
    """Return a form with only the size of each file in it, and every other body as it is."""
    found = _BOUNDARY.search(content_type)
    if found is None or not content_type.lower().startswith("multipart/"):
        return body
    edge = re.escape(b"\r\n--" + found[1].encode("latin-1", "replace"))
    part = re.compile(
        rb"(filename=[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)(.*?)(?=" + edge + rb"|\Z)", re.DOTALL
    )
    return part.sub(lambda one: one[1] + b"(%d bytes)" % len(one[2]), body)
