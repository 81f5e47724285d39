"""The service's callbacks: JSON posted to the account's address, as messages end or come in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mmsclient.simulator.cellcast import melbourne
from mmsclient.simulator.cellcast.inbound import STATUSES, text_of
from mmsclient.simulator.cellcast.newer.reports import STATUSES as NEWER_STATUSES
from mmsclient.simulator.news import News, Progress, Received
from mmsclient.simulator.postbacks import Postback
from mmsclient.simulator.sent import FINAL
from mmsclient.wire import RawPostback

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmsclient.simulator.accounts import Book
    from mmsclient.simulator.cellcast.folder import Folder
    from mmsclient.simulator.vendor import Vendor

_HEADERS = {"content-type": "application/json"}


class Posts:
    """Puts news into the service's own form."""

    def __init__(self, vendor: Vendor, folder: Callable[[Book], Folder]) -> None:
        self._vendor = vendor
        self._folder = folder

    def tell(self, news: News) -> None:
        """Post what this news makes, if the account has an address."""
        if self._vendor.outbox.url("cellcast") is None:
            return
        # "Only final ones are called back".
        if isinstance(news, Progress) and news.status in FINAL:
            self._post("delivery", news.sent.to, self._report(news))
        elif isinstance(news, Received):
            self._post("inbound", news.inbound.sender, self._inbound(news))

    def _report(self, news: Progress) -> object:
        message, folder = news.sent.message, self._folder(news.book)
        if folder.newer:
            return {
                "_id": message.tracking_id,
                "status": NEWER_STATUSES[news.status],
                "type": "send",
                "sender": message.sender,
                "receiver": f"+{message.to}",
            }
        report = {
            "message_id": message.tracking_id,
            "status": STATUSES[news.status],
            "recipient": message.to,
            "custom_string": message.reference or "",
            "source": folder.sources.get(message.tracking_id, ""),
        }
        return [report]

    def _inbound(self, news: Received) -> object:
        row, folder = news.inbound, self._folder(news.book)
        if folder.newer:
            return {
                "_id": row.id,
                "status": "received",
                "type": "receive",
                "message": row.text,
                "sender": f"+{row.sender}",
                "receiver": f"+{row.to}",
            }
        listed = news.book.account.cellcast.listed_callbacks
        told: dict[str, Any] = {
            "from": row.sender if listed else f"+{row.sender}",
            "body": row.text,
            "received_at": melbourne.written(self._vendor.clock.date(row.at)),
            "message_id": row.id,
            "type": row.kind.upper(),
        }
        answered = row.answers
        if not listed:
            told["custom_string"] = (answered.message.reference if answered else None) or ""
        if answered:
            told["original_message_id"] = answered.message.tracking_id
            told["original_body"] = text_of(answered)
        return [told] if listed else told

    def _post(self, kind: str, number: str, body: object) -> None:
        url = self._vendor.outbox.url("cellcast") or ""
        query = url.partition("?")[2].partition("#")[0]
        raw = RawPostback("POST", query, _HEADERS, json.dumps(body).encode())
        # "Retry rules are not documented": a callback that is not taken is gone.
        post = Postback(service="cellcast", kind=kind, url=url, raw=raw, number=number)
        self._vendor.post(post)
