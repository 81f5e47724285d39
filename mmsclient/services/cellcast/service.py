"""Cellcast: API v3 with an app key, or the newer Bearer API with a token."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

import attrs

from mmsclient.errors import UnsupportedError
from mmsclient.messages import Check, Message, Sms
from mmsclient.services import references
from mmsclient.services.cellcast import (
    batches,
    callbacks,
    check,
    gateway_reads,
    inbound,
    limits,
    media,
    rules,
    times,
)
from mmsclient.services.cellcast.advice import advice
from mmsclient.services.cellcast.bearer import BearerCalls
from mmsclient.services.cellcast.v3 import V3Calls

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from datetime import datetime, timedelta

    from mmsclient.events import Event, InboundMessage
    from mmsclient.messages import Weight
    from mmsclient.outcomes import Accepted, Outcome
    from mmsclient.services.cellcast.answers import Answer
    from mmsclient.services.cellcast.inbound import Channel
    from mmsclient.services.cellcast.values import MessageReport, OptedOut
    from mmsclient.wire import Call, PagedCall, RawPostback


@attrs.frozen(kw_only=True)
class Cellcast(V3Calls, BearerCalls):
    """One account at Cellcast: every call of its API as a value to make.

    ``Cellcast(app_key=…)`` speaks API v3, ``Cellcast(token=…)`` the newer Bearer API; a call that
    only the other one has raises UnsupportedError. Bad input raises InvalidMessageError with all
    faults at once, before anything is sent.
    """

    @property
    def postback_method(self) -> Literal["POST"]:
        """The method of the requests that the service makes to you."""
        return "POST"

    def check(self, message: Message) -> Check:
        """Return all faults of *message*, and advice. Raises nothing."""
        bearer = self._bearer
        found = check.faults(message, bearer=bearer)
        return Check(faults=found, advice=advice(message, bearer=bearer))

    def weight(self, message: Message) -> Weight | None:
        """Return what an MMS weighs, and the image that is fetched if it is given by address."""
        return media.weight(message, bearer=self._bearer)

    def send(self, message: Message) -> Call[Accepted]:
        """Return the call that sends *message*: send-sms, send-sms-nz or send-mms.

        A text from a short code of four digits to New Zealand goes by send-sms-nz. An MMS has one
        slide with an image and a text. The Bearer API has gateway and gatewaymms for them.

        Raises:
            InvalidMessageError: it breaks published rules; ``faults`` lists all.
            UnsupportedError: it is a SavedMms.
        """
        action = batches.send(message, bearer=self._bearer)
        return self._call(action, carries=(message,))

    @property
    def largest_batch(self) -> int:
        """1000 numbers a call."""
        return limits.NUMBERS

    @property
    def settles_after(self) -> timedelta:
        """3 days: the vendor publishes nothing, so it is our own choice."""
        return limits.SETTLES_AFTER

    def batch_key(self, message: Message) -> Hashable:
        """Return what messages that can share a call have in common.

        Texts share one call whatever they say; MMS share one where all but the number is equal,
        and so do texts at the Bearer API and to New Zealand.

        Raises:
            InvalidMessageError: it breaks published rules.
            UnsupportedError: it is a SavedMms.
        """
        return batches.key(message, bearer=self._bearer)

    def batch(self, messages: Sequence[Message]) -> Call[list[Outcome]]:
        """Return one call that sends all *messages*, and gives an outcome for each, in order.

        Texts that are equal but for the number go by send-sms, all others by bulk-send-sms.

        Raises:
            InvalidMessageError: they differ in their key, have a number in common, or are none or
                too many.
        """
        kept = tuple(messages)
        return self._call(batches.batch(kept, bearer=self._bearer), carries=kept)

    def carried_reference(self, message: Message) -> str | None:
        """Return the custom string that reports of *message* bring back, if it is sent with it.

        Letters, digits and dashes; None for an MMS and for a text by send-sms-nz. The Bearer API
        brings it back in listings only.
        """
        if not isinstance(message, Sms) or (check.is_nz(message) and not self._bearer):
            return None
        return references.carried(message.reference, rules.is_tag)

    def outbox(self, start: datetime, end: datetime) -> PagedCall[MessageReport]:
        """List what was sent from the day of *start* to that of *end* (report/message).

        API v3 has no such listing: delivery reports come as callbacks, and get_sms tells of a
        message whose id is known.

        Raises:
            InvalidMessageError: the two are no aware moments in order.
        """
        if not self._bearer:
            what = "a listing of sent messages at API v3: delivery reports come as callbacks"
            raise UnsupportedError(self.name, what)
        check.insist_codeless(rules.span("start", start, "end", end, self._zone))
        return self.report_message(
            from_date=times.first_day(start, self._zone), to_date=times.last_day(end, self._zone)
        )

    def opt_outs(self) -> PagedCall[OptedOut]:
        """List those who want no more messages (get-optout; getOptout at the Bearer API).

        At the Bearer API their numbers come without the country code.
        """
        return self.get_optout()

    def inbox(self, *, type: Channel = "sms") -> PagedCall[InboundMessage]:  # noqa: A002 - the service's own word
        """List inbound messages: at v3 the unread ones of one kind.

        One listing has one kind. Replies come as SMS, to an MMS too, so that is what is read if
        nothing is said; ``client.pages(service.inbox(type="mms"))`` reads the other one.
        """
        check.insist(rules.choice("type", type, inbound.CHANNELS))
        if not self._bearer:
            return self._paged(partial(inbound.inbox, channel=type, zone=self._zone), _key)
        if type != "sms":
            self._insist_on_v3("a listing of inbound MMS")
        return self._paged(partial(gateway_reads.inbox, zone=self._zone), _key)

    def mark_read(self, ids: Sequence[str]) -> Call[None]:
        """Return the call after which the inbox no longer lists these (inbound-read-bulk)."""
        self._insist_on_v3("marking messages read")
        return self._call(inbound.inbound_read_bulk(message_ids=ids, read=_nothing))

    def read_postback(self, raw: RawPostback) -> list[Event]:
        """Return the events in a callback; a kind that is not known comes as a plain Event.

        Raises:
            PostbackError: it cannot be read; the error carries the raw bytes.
        """
        return callbacks.read_postback(raw, self._zone)


def _key(row: InboundMessage) -> str:
    return row.key


def _nothing(_: Answer) -> None:
    return None
