"""The service's callbacks: GET, all data in the query, signed with the account's secret."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qsl, quote_plus, urlsplit

from mmsclient.simulator.news import Hit, News, Progress, Received
from mmsclient.simulator.postbacks import Postback
from mmsclient.simulator.transmitsms.office import FINE
from mmsclient.wire import RawPostback

if TYPE_CHECKING:
    from mmsclient.simulator.accounts import Book
    from mmsclient.simulator.contacts import Contact, ContactList
    from mmsclient.simulator.inbound import Inbound
    from mmsclient.simulator.transmitsms.office import Offices
    from mmsclient.simulator.vendor import Vendor

SERVICE = "transmitsms"
SIGNATURE = "x-transmitsms-signature"

#: "after 1 minute, 5 minutes, 1 hour and 24 hours".
REPEATS = (60.0, 300.0, 3_600.0, 86_400.0)

Fields: TypeAlias = Sequence[tuple[str, object]]

#: Undocumented, and there.
_RATE = "0.087"
#: Replies have an empty parameter in their midst.
_GAP = ("", "")


def signature(secret: str, query: str) -> str:
    """Return the signature of a query: HMAC-SHA256 over its parameters as PHP's JSON."""
    fields = {
        name.replace(" ", "_").replace(".", "_"): value
        for name, value in parse_qsl(query, keep_blank_values=True)
    }
    text = json.dumps(fields, separators=(",", ":")).replace("/", "\\/")
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class Posts:
    """Puts news into the service's own form."""

    def __init__(self, vendor: Vendor, offices: Offices) -> None:
        self._vendor = vendor
        self._offices = offices

    def tell(self, news: News) -> None:
        """Post what this news makes, where there is an address for it."""
        if isinstance(news, Progress):
            self._progress(news)
        elif isinstance(news, Received):
            self._received(news)
        elif isinstance(news, Hit):
            self._hit(news)

    def list_action(
        self, book: Book, listed: ContactList, contact: Contact, *, added: bool
    ) -> None:
        """Post that a contact came on a list, or was removed from it."""
        now = self._vendor.clock.now()
        fields: Fields = [
            ("type", "add" if added else "delete"),
            ("datetime_entry", self._stamp(now)),
            ("list_id", listed.id),
            ("mobile", contact.number),
            ("firstname", contact.first_name or ""),
            ("lastname", contact.last_name or ""),
            *((name, contact.data.get(n, "")) for n, name in listed.fields.items()),
        ]
        self._post(book, "list", contact.number, self._default(), fields)

    def _progress(self, news: Progress) -> None:
        message = news.sent.message
        if news.status not in {"delivered", "failed", "expired"}:
            return
        fields: Fields = [
            ("message_id", message.tracking_id),
            ("mobile", message.to),
            # Minute precision.
            ("datetime", f"{self._stamp(news.at)[:-2]}00"),
            ("status", FINE[news.status]),
            ("user_id", self._offices.of(news.book).user_id),
            ("rate", _RATE),
        ]
        url = message.callbacks.get("dlr") or self._default()
        self._post(news.book, "delivery", message.to, url, fields)

    def _received(self, news: Received) -> None:
        row, office = news.inbound, self._offices.of(news.book)
        answered = row.answers.message if row.answers else None
        fields: Fields = [
            ("user_id", office.user_id),
            ("message_id", answered.tracking_id if answered else 0),
            _GAP,
            ("mobile", row.sender),
            ("longcode", row.to),
            ("datetime_entry", self._stamp(news.at)),
            ("response", row.text),
            ("response_id", row.id),
            ("is_optout", "yes" if row.opts_out else "no"),
        ]
        own = answered.callbacks.get("reply") if answered else None
        url = own or _forward(news.book, row) or self._default()
        self._post(news.book, "inbound", row.sender, url, fields)

    def _hit(self, news: Hit) -> None:
        message = news.sent.message
        batch = self._offices.of(news.book).batches[int(message.tracking_id)]
        contact = batch.listed.contacts.get(message.to) if batch.listed else None
        fields: Fields = [
            ("list_id", batch.listed.id if batch.listed else 0),
            ("message_id", batch.id),
            ("mobile", message.to),
            ("longcode", message.sender),
            ("datetime", self._stamp(news.at)),
            ("message", message.content.slides[0].text or ""),
            ("user_id", self._offices.of(news.book).user_id),
            ("link_hits", news.sent.hits),
            ("firstname", (contact.first_name or "") if contact else ""),
            ("lastname", (contact.last_name or "") if contact else ""),
            ("rate", _RATE),
        ]
        url = message.callbacks.get("link_hits") or self._default()
        self._post(news.book, "link_hit", message.to, url, fields)

    def _stamp(self, now: float) -> str:
        return self._vendor.clock.date(now).strftime("%Y-%m-%d %H:%M:%S")

    def _default(self) -> str | None:
        return self._vendor.outbox.url(SERVICE)

    def _post(self, book: Book, kind: str, number: str, url: str | None, fields: Fields) -> None:
        if url is None:
            return
        own = urlsplit(url).query
        told = "&".join(
            f"{quote_plus(name)}={quote_plus(str(value))}" if name else "" for name, value in fields
        )
        query = f"{own}&{told}" if own else told
        account = book.account
        headers = {SIGNATURE: signature(account.secret, query)} if account.signs else {}
        raw = RawPostback("GET", query, headers)
        self._vendor.post(
            Postback(service=SERVICE, kind=kind, url=url, raw=raw, number=number, repeats=REPEATS)
        )


def _forward(book: Book, row: Inbound) -> str | None:
    """Return the address that a keyword or a number forwards to, the keyword's first."""
    if row.keyword and row.keyword.options.get("forward_url"):
        return row.keyword.options["forward_url"]
    lease = book.leases.get(row.to)
    return (lease.options.get("forward_url") or None) if lease else None
