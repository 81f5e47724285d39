"""The calls of API v3 as methods; the Bearer API answers those of them that it has too."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mmsclient.services.cellcast import (
    check,
    gateway,
    gateway_reads,
    inbound,
    mms,
    reports,
    rules,
    settings,
    sms,
)
from mmsclient.services.cellcast.account import Account

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from mmsclient.messages import File, Media, Sms
    from mmsclient.services.cellcast.inbound import Channel
    from mmsclient.services.cellcast.values import (
        Balance,
        BulkSent,
        Confirmation,
        MessageReport,
        MessageTemplate,
        OptedOut,
        Recipient,
        Response,
        Sent,
    )
    from mmsclient.wire import Call, PagedCall


class V3Calls(Account):
    """The calls of API v3."""

    __slots__ = ()

    def send_sms(
        self,
        *,
        to: str | Iterable[str],
        text: str,
        sender: str | None = None,
        reference: str | None = None,
        source: str | None = None,
        schedule_time: datetime | None = None,
        delay: int | None = None,
    ) -> Call[Sent]:
        """Send one text to 1 to 1000 numbers (send-sms; gateway at the Bearer API).

        Args:
            to: a number, or several.
            text: up to 918 places of the GSM alphabet, or 402 outside of it.
            sender: a number or name of the account; its shared number if absent.
            reference: letters, digits and dashes; comes back in answers and reports.
            source: the same; names the product that calls. API v3 only.
            schedule_time: when to send, aware; not beside *delay*.
            delay: minutes to hold it back, up to 1440.
        """
        if self._bearer:
            return self._gateway(
                source,
                to=to,
                text=text,
                template_id=None,
                sender=sender,
                reference=reference,
                schedule_at=schedule_time,
                delay=delay,
            )
        return self._call(
            sms.send_sms(
                to=to,
                text=text,
                sender=sender,
                reference=reference,
                source=source,
                schedule_time=schedule_time,
                delay=delay,
                zone=self._zone,
            )
        )

    def bulk_send_sms(
        self, messages: Iterable[Sms], *, source: str | None = None
    ) -> Call[BulkSent]:
        """Send a text of its own to each of 1 to 1000 numbers; each has its own result."""
        self._insist_on_v3("bulk-send-sms")
        return self._call(sms.bulk_send_sms(messages=messages, source=source, zone=self._zone))

    def send_sms_template(
        self,
        *,
        template_id: str,
        to: str | Recipient | Iterable[str | Recipient],
        sender: str | None = None,
        reference: str | None = None,
        source: str | None = None,
        schedule_time: datetime | None = None,
        delay: int | None = None,
    ) -> Call[Sent]:
        """Send a stored text to 1 to 1000 numbers (send-sms-template; gateway at the Bearer API).

        A :class:`Recipient` fills the placeholders of the text, which the Bearer API does not.
        """
        if self._bearer:
            return self._gateway(
                source,
                to=to,
                text=None,
                template_id=template_id,
                sender=sender,
                reference=reference,
                schedule_at=schedule_time,
                delay=delay,
            )
        return self._call(
            sms.send_sms_template(
                template_id=template_id,
                to=to,
                sender=sender,
                reference=reference,
                source=source,
                schedule_time=schedule_time,
                delay=delay,
                zone=self._zone,
            )
        )

    def send_sms_nz(self, *, to: str | Iterable[str], text: str, sender: str) -> Call[Sent]:
        """Send one text to 1 to 1000 numbers in New Zealand, from a short code of four digits."""
        self._insist_on_v3("send-sms-nz")
        return self._call(sms.send_sms_nz(to=to, text=text, sender=sender, zone=self._zone))

    def send_mms(
        self,
        *,
        to: str | Iterable[str],
        text: str,
        image: str | Media | File,
        subject: str | None = None,
        any_type: bool = False,
    ) -> Call[Sent]:
        """Send one MMS to 1 to 1000 numbers (send-mms; gatewaymms at the Bearer API).

        Args:
            to: a number, or several.
            text: up to 1000 characters, mandatory.
            image: a :class:`File`, or the public address of one: png, gif or jpeg. The whole
                message has 380,000 bytes at most.
            subject: up to 40 characters. API v3 only.
            any_type: let a file of any other kind through, where the vendor allows the account
                some (vcf, mid, mp4, mp3, pkpass).
        """
        if self._bearer:
            if not rules.absent(subject):
                self._insist_on_v3("a subject")
            if any_type:
                self._insist_on_v3("a file of another kind")
            return self._call(
                gateway.gatewaymms(
                    to=to, text=text, image=image, sender=None, country_code=None, zone=self._zone
                )
            )
        return self._call(
            mms.send_mms(
                to=to, text=text, image=image, subject=subject, any_type=any_type, zone=self._zone
            )
        )

    def get_sms(self, *, message_id: str) -> Call[MessageReport]:
        """Tell how far one sent message has come (get-sms; report/message at the Bearer API).

        Raises:
            NotFoundError: by its ``decode``, where the service knows no such message.
        """
        if self._bearer:
            return self._call(gateway_reads.report_message(message_id=message_id, zone=self._zone))
        return self._call(reports.get_sms(message_id=message_id, zone=self._zone))

    def get_responses(self, *, type: Channel = "sms") -> PagedCall[Response]:  # noqa: A002 - the service's own word
        """List inbound messages (get-responses): at v3 the unread ones of one kind.

        Marking them read while reading pages moves later rows forward: read all pages first.
        """
        check.insist(rules.choice("type", type, inbound.CHANNELS))
        if not self._bearer:
            listing = partial(inbound.get_responses, channel=type, zone=self._zone)
            return self._paged(listing, _id)
        if type != "sms":
            self._insist_on_v3("a listing of inbound MMS")
        return self._paged(partial(gateway_reads.get_responses, zone=self._zone))

    def inbound_read(
        self,
        *,
        message_id: str | None = None,
        date_before: datetime | None = None,
        everything: bool = False,
    ) -> Call[Confirmation]:
        """Mark inbound messages read: one, those before a moment, or everything.

        Exactly one of the three must be given: nothing is ever marked by an empty call.
        """
        self._insist_on_v3("inbound-read")
        return self._call(
            inbound.inbound_read(
                message_id=message_id, date_before=date_before, everything=everything
            )
        )

    def inbound_read_bulk(self, *, message_ids: Iterable[str]) -> Call[Confirmation]:
        """Mark these inbound messages read."""
        self._insist_on_v3("inbound-read-bulk")
        read = inbound.confirmation
        return self._call(inbound.inbound_read_bulk(message_ids=message_ids, read=read))

    def get_optout(
        self,
        *,
        datestart: datetime | None = None,
        dateend: datetime | None = None,
        size: int | None = None,
    ) -> PagedCall[OptedOut]:
        """List those who opted out between two aware moments; *size* is for the Bearer API."""
        found = [
            *rules.period("datestart", datestart, "dateend", dateend, self._zone),
            *rules.whole("size", size),
        ]
        check.insist(check.codeless(found) if self._bearer else found)
        if self._bearer:
            listing = partial(gateway_reads.get_optout, size=size)
            return self._paged(
                partial(listing, datestart=datestart, dateend=dateend, zone=self._zone)
            )
        if size is not None:
            self._insist_on_bearer("a page size")
        return self._paged(
            partial(inbound.get_optout, datestart=datestart, dateend=dateend, zone=self._zone)
        )

    def account(self) -> Call[Balance]:
        """Tell the credit that is left."""
        return self._call(gateway_reads.account() if self._bearer else reports.account())

    def get_template(self) -> PagedCall[MessageTemplate]:
        """List the stored texts."""
        self._insist_on_v3("get-template")
        return self._paged(partial(reports.get_template, zone=self._zone), _id)

    def register_alpha_id(self, *, custom_id: str, description: str) -> Call[Confirmation]:
        """Ask for a name as a sender. People review it: a yes means that it was received.

        The Bearer API has :meth:`business_add` for it.
        """
        self._insist_on_v3("register-alpha-id")
        # The one call that is printed with the vendor's www host; elsewhere the address stands.
        at_home = urlsplit(self.url).netloc == settings.VENDOR
        action = reports.register_alpha_id(custom_id=custom_id, description=description)
        return self._call(action, host=settings.VENDOR_WWW if at_home else None)

    def _gateway(self, source: str | None, **fields: Any) -> Call[Sent]:
        """Return the Bearer API's call for what v3 asks in its own words."""
        if not rules.absent(source):
            self._insist_on_v3("a source")
        return self._call(
            gateway.gateway(
                **fields,
                sender_type=None,
                country_code=None,
                optout=None,
                optout_id=None,
                reply_stop_to_opt_out=None,
                long_url=None,
                zone=self._zone,
                at="schedule_time",
                unit=gateway.MINUTE,
            )
        )


def _id(row: Response | MessageTemplate) -> object:
    # A row without an id is like no other.
    return object() if row.id is None else row.id
