"""The service's postbacks: one XML document each, posted to the account's address."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import TYPE_CHECKING

from mmsclient.simulator.news import Encoded, Member, News, Progress, Received
from mmsclient.simulator.postbacks import Postback
from mmsclient.simulator.skycore.xml import Fields, write
from mmsclient.wire import RawPostback

if TYPE_CHECKING:
    from mmsclient.simulator.vendor import Vendor

#: "anything else is retried about 5 minutes later, at most 5 times".
REPEATS = (300.0,) * 5

_HEADERS = {"content-type": "text/xml; charset=utf-8"}
_ZONE = timezone(timedelta(hours=-5))
_CARRIER, _AGGREGATOR = "0001890", "20117-00411"

#: (what was sent, what it went out as, how far it is) -> CODE and STATUS.
_STATUSES: dict[tuple[str, str, str], tuple[str, str]] = {
    ("sms", "sms", "sent"): ("N201", "Message Sent"),
    ("sms", "sms", "delivered"): ("N202", "Message Sent/Delivered"),
    ("sms", "sms", "failed"): ("E202", "Message Sent/Failed"),
    ("sms", "sms", "expired"): ("E202", "Message Sent/Expired"),
    ("mms", "mms", "sent"): ("N101", "Message Sent"),
    ("mms", "mms", "delivered"): ("N102", "Message Sent/Delivered"),
    ("mms", "mms", "failed"): ("E102", "Message Sent/Failed"),
    ("mms", "mms", "expired"): ("E102", "Message Sent/Expired"),
    ("mms", "sms", "sent"): ("N101", "Message Sent"),
    ("mms", "sms", "delivered"): ("N202", "Message Sent/Delivered"),
    ("mms", "sms", "failed"): ("E102", "Message Sent/Failed"),
    ("mms", "sms", "expired"): ("E102", "Message Sent/Expired"),
}


class Posts:
    """Puts news into the service's own form."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor

    def tell(self, news: News) -> None:
        """Post what this news makes, if the account has an address."""
        if self._vendor.outbox.url("skycore") is None:
            return
        if isinstance(news, Progress):
            self._progress(news)
        elif isinstance(news, Received):
            self._received(news)
        elif isinstance(news, Member):
            self._member(news)
        elif isinstance(news, Encoded):
            self._encoded(news)

    def _progress(self, news: Progress) -> None:
        message, went_as = news.sent.message, news.sent.sent_as or news.sent.message.kind
        found = _STATUSES.get((message.kind, went_as, news.status))
        if found is None:
            return
        code, status = found
        mms, final = message.kind == "mms", news.status != "sent"
        linked = code == "N202" or not mms
        fields = [
            ("ORIGIN", "MMS_MT" if mms else "SMS_MT"),
            ("CODE", code),
            *([("SENTAS", went_as.upper())] if mms else []),
            ("STATUS", status),
            *([] if linked else [("MMSID", message.mms_id or "")]),
            ("FROM", message.sender),
            ("TO", message.to),
            ("TRACKINGID", message.tracking_id),
            *([("CLIENT_REFERENCE", message.reference)] if message.reference else []),
            ("SPID", _CARRIER),
            ("TIMESTAMP", self._stamp(news.at)),
            *([("HANDSET", "phone9")] if code == "N102" else []),
            *([("AGGREGATORID", _AGGREGATOR)] if final else []),
        ]
        self._post("delivery", message.to, fields)

    def _received(self, news: Received) -> None:
        row = news.inbound
        mms = row.kind == "mms"
        origin = ("MMS_MO", "N401") if mms else ("SMS_MO", "N211")
        who = [("FROM", row.sender), ("TO", row.to)]
        content = [
            *([("SUBJECT", row.subject)] if row.subject else []),
            *([("KEYWORD", row.keyword.word)] if row.keyword else []),
            ("TRACKINGID", row.id),
            ("SPID", _CARRIER),
            ("TIMESTAMP", self._stamp(news.at)),
            ("CONTENT", [("FILE", url) for url in row.files]),
        ]
        text = [
            ("TEXT", row.text),
            ("RECEIVED", self._stamp(news.at)),
            ("TRANSACTIONID", row.id),
        ]
        head = [("ORIGIN", origin[0]), ("CODE", origin[1]), *who]
        self._post("inbound", row.sender, [*head, *(content if mms else text)])

    def _member(self, news: Member) -> None:
        for campaign in news.campaigns:
            fields = [
                ("ORIGIN", "SUB"),
                ("CODE", "N301" if news.joined else "N302"),
                ("MOBILE", news.number),
                ("CAMPAIGNREF", campaign.ref),
                # In these the offset has no minutes.
                ("TIMESTAMP", self._stamp(news.at).removesuffix(":00")),
                ("SHORTCODE", news.book.any_sender()),
                ("CAMPAIGNTITLE", campaign.name),
                ("BRANDNAME", campaign.brand),
                ("SOURCE", news.source),
            ]
            self._post("opt_in" if news.joined else "opt_out", news.number, fields)

    def _encoded(self, news: Encoded) -> None:
        if news.template is not None:
            fields = [("CODE", "N003"), ("MMSID", news.template.mms_id)]
            self._post("template", None, [("ORIGIN", "MMS_MT"), *fields])
        elif news.sent is not None:
            message = news.sent.message
            fields = [("CODE", "N013"), ("MMSID", message.mms_id or "")]
            self._post("encoded", message.to, [("ORIGIN", "MMS_MT"), *fields])

    def _stamp(self, now: float) -> str:
        return self._vendor.clock.date(now).astimezone(_ZONE).isoformat()

    def _post(self, kind: str, number: str | None, fields: Fields) -> None:
        url = self._vendor.outbox.url("skycore") or ""
        query = url.partition("?")[2].partition("#")[0]
        raw = RawPostback("POST", query, _HEADERS, write("POSTBACK", fields))
        self._vendor.post(
            Postback(service="skycore", kind=kind, url=url, raw=raw, number=number, repeats=REPEATS)
        )
