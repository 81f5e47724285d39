"""Skycore: Messaging API v1, one URL and an XML document per call."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar

import attrs

from mmsclient.errors import Fault, InvalidMessageError, UnsupportedError
from mmsclient.messages import Check, Message, Mms
from mmsclient.services import references
from mmsclient.services.settings import switch, without_query
from mmsclient.services.skycore import (
    answers,
    check,
    envelope,
    housekeeping,
    limits,
    messages,
    postbacks,
    saving,
    settings,
    subscriptions,
    templates,
)
from mmsclient.services.skycore.advice import advice
from mmsclient.services.skycore.sends import Sends
from mmsclient.services.skycore.stencil import Stencils
from mmsclient.services.skycore.weight import weight
from mmsclient.wire import Call, HttpRequest, PagedCall, Rate, RawPostback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from mmsclient.events import Event, InboundMessage
    from mmsclient.messages import SavedMms, Slide, Weight
    from mmsclient.outcomes import Accepted, Outcome, Page
    from mmsclient.services.base import Numbered
    from mmsclient.services.skycore.answers import Action
    from mmsclient.services.skycore.values import (
        CreatedCampaign,
        DeletedTemplate,
        MessagingCampaign,
        MmsDetails,
        MmsTemplate,
        RemovedInboxMessage,
        SavedTemplate,
        ScheduledSend,
        SendingStatistics,
        SubscriberSend,
        Subscription,
    )
    from mmsclient.sightings import Sighted

T = TypeVar("T")


def _rate(value: Rate | float) -> Rate:
    return Rate.of(value)


@attrs.frozen(kw_only=True)
class Skycore(Sends):
    """One account at Skycore: every action of Messaging API v1 as a value to call.

    Bad input raises InvalidMessageError with all faults at once, before anything is sent.
    """

    api_key: str = attrs.field(repr=False, validator=settings.api_key)
    """From the account's API settings. Travels inside each document, never in an address."""
    allow_http: bool = attrs.field(default=False, validator=switch)
    """Allow plain http to other hosts than this machine: key and numbers travel in the open."""
    url: str = attrs.field(default=settings.URL, validator=settings.url, repr=without_query)
    """As shown in the account's API settings."""
    rate: Rate = attrs.field(default=Rate(15), converter=_rate)
    """The account's limit on calls, as the vendor told it."""
    _stencils: Stencils = attrs.field(factory=Stencils, init=False, repr=False, eq=False)
    """Saves work where messages are alike; what a call holds never depends on it."""

    @property
    def name(self) -> str:
        """The service's name, for logs and errors."""
        return "skycore"

    @property
    def settles_after(self) -> timedelta:
        """3 days: until the queue is emptied, a message that is stuck can still leave."""
        return limits.QUEUE_LIFE

    @property
    def postback_method(self) -> Literal["POST"]:
        """The method of the requests that the service makes to you."""
        return "POST"

    def check(self, message: Message) -> Check:
        """Return all faults of *message*, and advice. Raises nothing."""
        return Check(faults=check.faults(message), advice=advice(message))

    def weight(self, message: Message) -> Weight | None:
        """Return what an MMS weighs, and which files are fetched each time; None for all else."""
        return weight(message)

    def send(self, message: Message) -> Call[Accepted]:
        """Return the call that sends *message*.

        ``Accepted.id`` is empty where a clear Success names no TRACKINGID: the message is taken,
        and no postback can be linked to it.

        Raises:
            InvalidMessageError: it breaks published rules; ``faults`` lists all.
        """
        filled = self._stencils.fill(message, self.api_key)
        if filled is None:
            return self._call(messages.send(message), carries=(message,))
        action = messages.sending(filled.action, message, filled.to)
        return self._ready(action, filled.body, carries=(message,))

    @property
    def largest_batch(self) -> int:
        """One: each message needs its own call."""
        return 1

    def batch_key(self, message: Message) -> None:
        """Return None: each message needs its own call."""

    def batch(self, messages: Sequence[Message]) -> Call[list[Outcome]]:  # noqa: ARG002 - as every service has it
        """Raise UnsupportedError: each message needs its own call."""
        raise UnsupportedError(self.name, "a call that carries several messages")

    def carried_reference(self, message: Message) -> str | None:
        """Return the reference that reports of *message* bring back; only sendMMS carries one."""
        if not isinstance(message, Mms):
            return None
        return references.carried(message.reference, references.is_plain)

    def outbox(self, start: datetime, end: datetime) -> PagedCall[Sighted]:  # noqa: ARG002 - as every service has it
        """Raise UnsupportedError: delivery reports come as postbacks only."""
        raise UnsupportedError(self.name, "a listing of sent messages: reports come as postbacks")

    def opt_outs(self) -> PagedCall[Numbered]:
        """Raise UnsupportedError: opt-outs come as postbacks only."""
        raise UnsupportedError(self.name, "a listing of opt-outs: they come as postbacks")

    def inbox(self) -> PagedCall[InboundMessage]:
        """Raise UnsupportedError: inbound messages come as postbacks only."""
        raise UnsupportedError(self.name, "a listing of inbound messages: they come as postbacks")

    def mark_read(self, ids: Sequence[str]) -> Call[None]:  # noqa: ARG002 - as every service has it
        """Raise UnsupportedError: there is no listing of inbound messages."""
        raise UnsupportedError(self.name, "a listing of inbound messages: they come as postbacks")

    def read_postback(self, raw: RawPostback) -> list[Event]:
        """Return the events in a postback; a kind that is not known comes as a plain Event.

        Raises:
            PostbackError: it cannot be read; the error carries the raw bytes.
        """
        return postbacks.read_postback(raw)

    def send_message_by_subscriber_ref(
        self,
        *,
        subscriber_ref: str,
        campaign_ref: str,
        template: str | None = None,
        text: str | None = None,
    ) -> Call[SubscriberSend]:
        """Send a template or a text to all numbers of one subscriber; each has its own result."""
        return self._call(
            messages.send_message_by_subscriber_ref(
                subscriber_ref=subscriber_ref,
                campaign_ref=campaign_ref,
                template=template,
                text=text,
            )
        )

    def save_mms(
        self,
        *,
        name: str,
        slides: Iterable[Slide],
        subject: str | None = None,
        fallback_text: str | None = None,
        disable_fallback_sms: bool = False,
        disable_fallback_sms_link: bool = False,
    ) -> Call[SavedTemplate]:
        """Store a template of 1 to 8 slides, with a subject or a fallback text (saveMMS)."""
        return self._call(
            templates.save_mms(
                name=name,
                slides=slides,
                subject=subject,
                fallback_text=fallback_text,
                disable_fallback_sms=disable_fallback_sms,
                disable_fallback_sms_link=disable_fallback_sms_link,
            )
        )

    def as_template(self, message: Mms) -> Call[SavedTemplate]:
        """Store the content of *message* as a template (saveMMS), for :meth:`by_template` to send.

        Raises:
            InvalidMessageError: no template can stand for it; ``faults`` lists all reasons.
        """
        return self._call(saving.save(message))

    def by_template(self, message: Mms, template: str) -> SavedMms:
        """Return what sends the content of *message* from the template that holds it.

        Its reference stays here: sendSavedMMS has no place for it, so reports bring none back.
        """
        return saving.sending(message, template)

    def template_waits(self, message: Mms) -> bool:
        """Whether a template of it, having audio or video, may be sent after TemplateReady only."""
        return saving.waits(message)

    def get_mms_templates(
        self,
        *,
        start_date: datetime | None = None,
        items_per_page: int = limits.ITEMS_PER_PAGE,
    ) -> PagedCall[MmsTemplate]:
        """List templates made through the API after *start_date* (aware), newest first."""
        check.insist(templates.listing_faults(start_date, items_per_page))
        listing = partial(
            templates.get_mms_templates, start_date=start_date, items_per_page=items_per_page
        )
        return PagedCall(
            operation="getMMSTemplates",
            page=lambda page: self._call(listing(page)),
            key=_id,
        )

    def get_mmsid_details(self, *, mms_id: str) -> Call[MmsDetails]:
        """Tell all about one template (getMMSIDDetails)."""
        return self._call(templates.get_mmsid_details(mms_id))

    def delete_mmsid(self, *, mms_id: str) -> Call[DeletedTemplate]:
        """Delete a template at once, transcoded files included (deleteMMSID)."""
        return self._call(templates.delete_mmsid(mms_id))

    def get_mms_ids(self) -> PagedCall[SavedTemplate]:
        """List the ids of all templates (getMmsIds, superseded by getMMSTemplates)."""
        return self._whole(templates.get_mms_ids)

    def get_messaging_campaigns(self) -> PagedCall[MessagingCampaign]:
        """List the account's subscription lists."""
        return self._whole(subscriptions.get_messaging_campaigns)

    def get_mms_campaigns(self) -> PagedCall[MessagingCampaign]:
        """List them without references (getMmsCampaigns, superseded)."""
        return self._whole(subscriptions.get_mms_campaigns)

    def create_mms_campaign(self, *, campaign_name: str, brand_name: str) -> Call[CreatedCampaign]:
        """Make a subscription list (createMMSCampaign)."""
        return self._call(
            subscriptions.create_mms_campaign(campaign_name=campaign_name, brand_name=brand_name)
        )

    def send_saved_mms_campaign(self, *, template: str, to_campaign: str) -> Call[ScheduledSend]:
        """Send a template to everybody on a subscription list (sendSavedMMSCampaign)."""
        return self._call(
            subscriptions.send_saved_mms_campaign(template=template, to_campaign=to_campaign)
        )

    def subscribe(
        self,
        *,
        campaign_ref: str,
        mobile: str,
        subscriber_ref: str | None = None,
        data: Mapping[str, str] | None = None,
        spid: str | None = None,
        timezone: str | None = None,
        notify: bool | None = None,
        cta: bool | None = None,
    ) -> Call[Subscription]:
        """Put a number on a subscription list; *timezone* is EST, CST, MST, PST and so on."""
        return self._call(
            subscriptions.subscribe(
                campaign_ref=campaign_ref,
                mobile=mobile,
                subscriber_ref=subscriber_ref,
                data=data,
                spid=spid,
                timezone=timezone,
                notify=notify,
                cta=cta,
            )
        )

    def unsubscribe(
        self, *, campaign_ref: str, mobile: str, notify: bool | None = None
    ) -> Call[Subscription]:
        """Take a number off a subscription list."""
        return self._call(
            subscriptions.unsubscribe(campaign_ref=campaign_ref, mobile=mobile, notify=notify)
        )

    def get_sending_statistics(
        self, *, start_date: datetime, end_date: datetime
    ) -> Call[SendingStatistics]:
        """Ask for the report file of all traffic in a period; both ends are aware moments."""
        return self._call(
            housekeeping.get_sending_statistics(start_date=start_date, end_date=end_date)
        )

    def remove_mms_inbox_message(self, *, mms_inbox_id: str) -> Call[RemovedInboxMessage]:
        """Remove the files of an inbound MMS; the id is that of its ``InboundMessage``."""
        return self._call(housekeeping.remove_mms_inbox_message(mms_inbox_id))

    def _call(self, action: Action[T], *, carries: tuple[Message, ...] = ()) -> Call[T]:
        body = envelope.encode(action.name, self.api_key, action.nodes)
        return self._ready(action, body, carries=carries)

    def _ready(
        self, action: Action[T], body: bytes, *, carries: tuple[Message, ...] = ()
    ) -> Call[T]:
        return Call(
            operation=action.called,
            request=HttpRequest("POST", self.url, envelope.HEADERS, body),
            decode=partial(answers.decode, action),
            repeatable=action.repeatable,
            decode_again=partial(answers.decode, action, again=True)
            if action.settled_again
            else None,
            messages=carries,
        )

    def _whole(self, action: Callable[[], Action[Page[T]]]) -> PagedCall[T]:
        def page(number: int) -> Call[Page[T]]:
            if number != 1:
                fault = Fault("page", "is not 1", "this listing has one page only")
                raise InvalidMessageError([fault])
            return self._call(action())

        return PagedCall(operation=action().called, page=page, key=_id)


def _id(row: SavedTemplate | MmsTemplate | MessagingCampaign) -> str:
    return row.id
