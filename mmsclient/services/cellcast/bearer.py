"""The calls that only the Bearer API has, as methods."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mmsclient.services.cellcast import (
    check,
    gateway,
    gateway_reads,
    gateway_setup,
    inbound,
    limits,
    rules,
)
from mmsclient.services.cellcast.account import Account

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime
    from typing import Literal

    from mmsclient.messages import File, Media
    from mmsclient.services.cellcast.inbound import Channel
    from mmsclient.services.cellcast.values import (
        Confirmation,
        CreditUsage,
        CustomNumber,
        MessageReport,
        OptOutPage,
        Sent,
    )
    from mmsclient.wire import Call, PagedCall


class BearerCalls(Account):
    """The calls that only the Bearer API has; at API v3 each raises UnsupportedError."""

    __slots__ = ()

    def verify_token(self) -> Call[Confirmation]:
        """Tell whether the token is good (user/token/verify)."""
        self._insist_on_bearer("user/token/verify")
        return self._call(gateway_reads.verify_token())

    def gateway(
        self,
        *,
        to: str | Iterable[str],
        text: str | None = None,
        sender: str | None = None,
        template_id: str | None = None,
        sender_type: str | None = None,
        reference: str | None = None,
        country_code: int | None = None,
        schedule_at: datetime | None = None,
        delay: int | None = None,
        optout: bool | None = None,
        optout_id: str | None = None,
        reply_stop_to_opt_out: bool | None = None,
        long_url: Mapping[str, str] | None = None,
    ) -> Call[Sent]:
        """Send a text, or a stored one (*template_id*), with all that gateway offers.

        *to*, *text*, *sender* and *reference* are as in :meth:`send_sms`; *country_code* is 61.
        *schedule_at* is aware and does not stand beside *delay*, which counts **milliseconds**,
        up to 86,400,000. *sender_type* is ``customNumber``, ``businessName``,
        ``dedicatedNumber`` or ``#SharedNum#``. *optout* says whether an opt-out page goes with
        it, and *optout_id* which one; *reply_stop_to_opt_out* whether the reply STOP opts out.
        *long_url* has addresses by the short names that stand in the text.
        """
        self._insist_on_bearer("gateway")
        return self._call(
            gateway.gateway(
                to=to,
                text=text,
                sender=sender,
                template_id=template_id,
                sender_type=sender_type,
                reference=reference,
                country_code=country_code,
                schedule_at=schedule_at,
                delay=delay,
                optout=optout,
                optout_id=optout_id,
                reply_stop_to_opt_out=reply_stop_to_opt_out,
                long_url=long_url,
                zone=self._zone,
            )
        )

    def gatewaymms(
        self,
        *,
        to: str | Iterable[str],
        text: str,
        image: str | Media | File,
        sender: str | None = None,
        country_code: int | None = None,
    ) -> Call[Sent]:
        """Send one MMS to 1 to 1000 numbers: a png or jpeg as a file, or a gif as an address."""
        self._insist_on_bearer("gatewaymms")
        return self._call(
            gateway.gatewaymms(
                to=to,
                text=text,
                image=image,
                sender=sender,
                country_code=country_code,
                zone=self._zone,
            )
        )

    def cancel_schedule_quick_message(
        self,
        *,
        message_id: str,
        type: Channel,  # noqa: A002 - the service's own word
    ) -> Call[Confirmation]:
        """Stop a scheduled message (gateway/cancelScheduleQuickMessage)."""
        self._insist_on_bearer("cancelScheduleQuickMessage")
        return self._call(
            gateway_setup.cancel_schedule_quick_message(message_id=message_id, channel=type)
        )

    def delete_message(self, *, message_id: str) -> Call[Confirmation]:
        """Delete one sent message (DELETE gateway/messages)."""
        self._insist_on_bearer("gateway/messages")
        return self._call(gateway_setup.delete_message(message_id=message_id))

    def report_message(
        self,
        *,
        limit: int | None = None,
        camp_type: Channel | None = None,
        from_date: date | None = None,
        to_date: date | None = None,
        status: str | None = None,
        request_from: Literal["APP", "EMAIL", "API"] | None = None,
        request_name: str | None = None,
        reference: str | None = None,
    ) -> PagedCall[MessageReport]:
        """List sent messages (report/message); :meth:`get_sms` tells of a single one.

        Args:
            limit: rows of a page.
            camp_type: ``sms`` or ``mms``.
            from_date: first day.
            to_date: last day.
            status: in lower case, such as ``delivered``.
            request_from: who asked for it.
            request_name: name of the key that asked for it.
            reference: custom string of the messages.
        """
        self._insist_on_bearer("report/message")
        check.insist_codeless(
            gateway_reads.report_faults(
                limit=limit,
                camp_type=camp_type,
                from_date=from_date,
                to_date=to_date,
                status=status,
                request_from=request_from,
                request_name=request_name,
                reference=reference,
            )
        )
        listing = partial(
            gateway_reads.report_messages,
            limit=limit,
            camp_type=camp_type,
            from_date=from_date,
            to_date=to_date,
            status=status,
            request_from=request_from,
            request_name=request_name,
            reference=reference,
            zone=self._zone,
        )
        return self._paged(listing, _id)

    def quick_api_credit_usage(self, *, camp_type: Channel | None = None) -> PagedCall[CreditUsage]:
        """List what each key of the account has sent (report/message/quick-api-credit-usage)."""
        self._insist_on_bearer("quick-api-credit-usage")
        if camp_type is not None:
            check.insist_codeless(rules.choice("camp_type", camp_type, inbound.CHANNELS))
        return self._paged(partial(gateway_reads.quick_api_credit_usage, camp_type=camp_type))

    def create_template(
        self,
        *,
        name: str,
        text: str,
        type: Literal["SMS", "MMS"] = "SMS",  # noqa: A002 - the service's own word
    ) -> Call[Confirmation]:
        """Store a text (POST template); its id stands in ``raw``."""
        self._insist_on_bearer("template")
        return self._call(gateway_setup.create_template(name=name, text=text, kind=type))

    def business_add(
        self,
        *,
        business_name: str,
        description: str,
        purpose_of_use: str,
        ownership: bool,
        company: Mapping[str, str],
        contact: Mapping[str, str],
        customer_contact: str | None = None,
    ) -> Call[Confirmation]:
        """Ask for a business name as a sender; people review it (business/add).

        Args:
            business_name: 3 to 11 characters.
            description: what it is for, for the vendor.
            purpose_of_use: kind of traffic.
            ownership: whether the name is yours.
            company: ``name``, ``abn``, ``website``, ``address``.
            contact: ``firstName``, ``lastName``, ``position``, ``phoneNumber``, ``email``.
            customer_contact: a number to be called at.
        """
        self._insist_on_bearer("business/add")
        return self._call(
            gateway_setup.business_add(
                business_name=business_name,
                description=description,
                purpose_of_use=purpose_of_use,
                ownership=ownership,
                company=company,
                contact=contact,
                customer_contact=customer_contact,
            )
        )

    def custom_number(self) -> PagedCall[CustomNumber]:
        """List your own numbers that are registered as senders (customNumber)."""
        self._insist_on_bearer("customNumber")
        return self._paged(gateway_reads.custom_numbers)

    def custom_number_add(self, *, name: str, number: str) -> Call[Confirmation]:
        """Register a number of your own as a sender; a code goes to it (customNumber/add)."""
        self._insist_on_bearer("customNumber/add")
        return self._call(gateway_setup.custom_number_add(name=name, number=number))

    def verify_custom_number(self, *, name: str, number: str, otp: str) -> Call[Confirmation]:
        """Prove that the number is yours, by the code (customNumber/verifyCustomNumber)."""
        self._insist_on_bearer("customNumber/verifyCustomNumber")
        return self._call(gateway_setup.verify_custom_number(name=name, number=number, otp=otp))

    def optoutlist(self, *, size: int = 100) -> PagedCall[OptOutPage]:
        """List the opt-out pages, *size* to a page (apiClient/optoutlist)."""
        self._insist_on_bearer("optoutlist")
        check.insist_codeless(rules.whole("size", size, highest=limits.LARGEST_PAGE))
        return self._paged(partial(gateway_reads.optoutlist, size=size))

    def create_optoutlist(
        self, *, title: str, description: str, options: Iterable[str] = ()
    ) -> Call[OptOutPage]:
        """Make an opt-out page (POST apiClient/optoutlist)."""
        self._insist_on_bearer("optoutlist")
        return self._call(
            gateway_setup.create_optoutlist(title=title, description=description, options=options)
        )


def _id(row: MessageReport) -> str:
    return row.id
