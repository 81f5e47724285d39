"""TransmitSMS: the REST API of Transmit SMS, Burst SMS and Kudosity V1, one path per call."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar

import attrs

from mmsclient.errors import PostbackError, UnsupportedError
from mmsclient.events import DeliveryReport, InboundMessage, LinkHit
from mmsclient.messages import Check, Sms
from mmsclient.services.settings import switch, without_query
from mmsclient.services.transmitsms import (
    answers,
    batch,
    callbacks,
    calls,
    check,
    envelope,
    hooks,
    inbox,
    limits,
    params,
    settings,
    signature,
    sms,
    times,
)
from mmsclient.services.transmitsms.answers import Action
from mmsclient.services.transmitsms.batch import Batch
from mmsclient.services.transmitsms.lists import Lists
from mmsclient.services.transmitsms.numbers import Numbers
from mmsclient.services.transmitsms.reports import Reports
from mmsclient.services.transmitsms.reseller import Reseller
from mmsclient.services.transmitsms.sms import Sending
from mmsclient.wire import Call, HttpRequest, PagedCall, Rate, RawPostback

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from mmsclient.events import Event
    from mmsclient.messages import Message
    from mmsclient.outcomes import Accepted, Outcome
    from mmsclient.services.base import Numbered
    from mmsclient.services.transmitsms.calls import Style
    from mmsclient.services.transmitsms.params import Param
    from mmsclient.services.transmitsms.times import Moment
    from mmsclient.services.transmitsms.values import UserSms

T = TypeVar("T")


def _rate(value: Rate | float) -> Rate:
    return Rate.of(value)


@attrs.frozen(kw_only=True)
class TransmitSMS(Sending, Reports, Lists, Numbers, Reseller):
    """One account of the REST API: every call as a value to make.

    Bad input raises InvalidMessageError with all faults at once, before anything is sent. Calls
    that send, change or bill are never repeated by themselves after they may have happened.
    """

    api_key: str = attrs.field(repr=False, validator=settings.api_key)
    """From the account's settings. Travels in a header, never in an address."""
    api_secret: str = attrs.field(default="", repr=False, validator=settings.api_secret)
    """Chosen in the account's settings; empty until then."""
    allow_http: bool = attrs.field(default=False, validator=switch)
    """Allow plain http to other hosts than this machine: secret and numbers travel in the open."""
    url: str = attrs.field(default=settings.URL, validator=settings.url, repr=without_query)
    """The vendor's own, or that of the operator who sells the service under another name."""
    rate: Rate = attrs.field(default=Rate(2), converter=_rate)
    """The account's limit on calls; the vendor raises it on request."""
    format: Literal["json", "xml"] = attrs.field(
        default="json", validator=settings.one_of("json", "xml")
    )
    """What answers are written in."""
    response_style: Literal["plain", "array"] | None = attrs.field(
        default=None, validator=settings.one_of("plain", "array", None)
    )
    """How custom fields come where a call does not say: None is ``array`` in XML, which cannot
    have any name as that of an element, and ``plain`` in JSON. Values are the same either way."""
    check_signature: bool = attrs.field(default=False, validator=settings.checked)
    """Refuse callbacks without a right signature, and read only what is signed of the others.

    The vendor's recipe could not be checked.
    """
    dlr_callback: str | None = attrs.field(default=None, validator=hooks.hook, repr=without_query)
    """Where reports of all messages go, in place of the account's own address.

    ``{reference}`` as the value of a parameter (``https://hooks.example.net/dlr?ref={reference}``)
    stands for the message's reference, in the form that :meth:`carried_reference` gives it:
    reports bring it back. Then messages share a call only where their references are equal.
    """
    reply_callback: str | None = attrs.field(default=None, validator=hooks.hook, repr=without_query)
    """The same for answers to them."""
    link_hits_callback: str | None = attrs.field(
        default=None, validator=hooks.hook, repr=without_query
    )
    """The same for hits on their tracked links."""

    @property
    def name(self) -> str:
        """The service's name, for logs and errors."""
        return callbacks.SERVICE

    @property
    def largest_batch(self) -> int:
        """How many numbers one call can carry."""
        return limits.RECIPIENTS

    @property
    def settles_after(self) -> timedelta:
        """97 hours and 6 minutes: 72 hours until it is given up, and all repeats of the report."""
        return limits.GIVEN_UP + limits.REPORTED_AGAIN

    @property
    def postback_method(self) -> Literal["GET"]:
        """The method of the requests that the service makes to you."""
        return "GET"

    def check(self, message: Message) -> Check:
        """Return all faults of *message*, and advice. Raises nothing."""
        return Check(faults=check.faults(message), advice=check.advice(message))

    def weight(self, message: Message) -> None:
        """Return None: this service takes texts only."""

    def send(self, message: Message) -> Call[Accepted]:
        """Return the call that sends *message* (send-sms).

        ``Accepted.id`` is the ``message_id`` of the call.

        Raises:
            InvalidMessageError: it breaks published rules; ``faults`` lists all.
            UnsupportedError: it is an MMS.
        """
        form = self._form(message)
        only = Batch(messages=(message,), numbers=(form["to"],)).only
        action = Action(name=sms.SEND, form=form, read=only, proof=sms.PROOF)
        return self._call(action, carries=(message,))

    def batch_key(self, message: Message) -> tuple[tuple[str, str], ...]:
        """Return all that is sent of *message* but the number.

        With it its reference, where a callback's address carries one.

        Raises:
            InvalidMessageError: it breaks published rules.
            UnsupportedError: it is an MMS.
        """
        form = self._form(message)
        return tuple((name, said) for name, said in form.items() if name != "to")

    def batch(self, messages: Sequence[Message]) -> Call[list[Outcome]]:
        """Return one call that sends one text to all numbers, and gives an outcome for each.

        All accepted ones have the same ``id``: that of the call. Where the service takes fewer
        numbers than it was given and does not name the others, those not named are Unknown.

        Raises:
            InvalidMessageError: they do not fit into one call.
            UnsupportedError: there is an MMS among them.
        """
        forms = [self._form(message) for message in messages]
        form = batch.form(forms)
        numbers = tuple(each["to"] for each in forms)
        read = Batch(messages=tuple(messages), numbers=numbers).outcomes
        action = Action(name=sms.SEND, form=form, read=read, proof=sms.PROOF)
        return self._call(action, carries=tuple(messages))

    def carried_reference(self, message: Message) -> str | None:
        """Return the reference that reports of *message* bring back, if it is sent with it.

        None unless the account has a *dlr_callback* with a place for it.
        """
        if not isinstance(message, Sms) or hooks.parameter(self.dlr_callback) is None:
            return None
        return hooks.reference(message)

    def outbox(self, start: datetime, end: datetime) -> PagedCall[UserSms]:
        """List all single messages of a period (get-user-sms-sent).

        Raises:
            InvalidMessageError: the two are no aware moments in order.
        """
        return self.get_user_sms_sent(start=start, end=end)

    def opt_outs(self) -> PagedCall[Numbered]:
        """Raise UnsupportedError: callbacks of replies tell of opt-outs."""
        raise UnsupportedError(
            self.name, "a listing of opt-outs: callbacks of replies tell of them"
        )

    def inbox(
        self,
        *,
        start: Moment | None = None,
        end: Moment | None = None,
        keywords: Literal["only", "omit", "both"] | None = None,
    ) -> PagedCall[InboundMessage]:
        """List inbound messages, newest first: those of the last 30 days unless a period is given.

        The same reply told by a callback has the same ``key``.
        """
        form = params.form(
            *times.span(start, end, back=limits.REMEMBERED),
            sms.which(keywords),
            calls.page_size(limits.PAGE),
        )
        return self._pages(inbox.listing(form))

    def mark_read(self, ids: Sequence[str]) -> Call[None]:  # noqa: ARG002 - as every service has it
        """Raise UnsupportedError: the inbox lists a period, read or not."""
        raise UnsupportedError(self.name, "marks on inbound messages: the inbox lists a period")

    def read_postback(self, raw: RawPostback) -> list[Event]:
        """Return the event in a callback; a kind that is not known comes as a plain Event.

        Its reference is what the account's own address for callbacks of its kind brings back.

        Raises:
            PostbackError: it cannot be read, or *check_signature* is on and the signature is
                wrong or missing; the error carries the query string.
        """
        found = callbacks.pairs(raw)
        if self.check_signature:
            if not self._is_signed(found, raw):
                raise PostbackError("the signature is wrong or missing", callbacks.body(raw))
            found = signature.covered(found)
        return [self._named(callbacks.event(found), found)]

    def verify_signature(self, raw: RawPostback) -> bool:
        """Whether a callback is signed with the account's secret; never without one.

        Where the parameter of a reference repeats it is not: the signature covers only the last of
        them. The recipe is the vendor's, and could not be checked against a real signature.
        """
        try:
            found = callbacks.pairs(raw)
        except PostbackError:
            return False
        return self._is_signed(found, raw)

    def _is_signed(self, found: callbacks.Pairs, raw: RawPostback) -> bool:
        own = (self.dlr_callback, self.reply_callback, self.link_hits_callback)
        single = hooks.parameters(*own)
        return signature.is_right(found, raw.headers, self.api_secret, single)

    def _form(self, message: Message) -> dict[str, str]:
        form = check.form(message, self.name)
        addresses = hooks.filled(
            message,
            dlr_callback=self.dlr_callback,
            reply_callback=self.reply_callback,
            link_hits_callback=self.link_hits_callback,
        )
        return {**form, **addresses}

    def _named(self, event: Event, found: callbacks.Pairs) -> Event:
        """Return an event with the reference that its callback brings back."""
        match event:
            case DeliveryReport():
                return attrs.evolve(event, reference=hooks.returned(found, self.dlr_callback))
            case InboundMessage():
                return attrs.evolve(event, reference=hooks.returned(found, self.reply_callback))
            case LinkHit():
                return attrs.evolve(event, reference=hooks.returned(found, self.link_hits_callback))
        return event

    def _call(self, action: Action[T], *, carries: tuple[Message, ...] = ()) -> Call[T]:
        request = HttpRequest(
            "POST",
            f"{self.url.rstrip('/')}/{action.name}.{self.format}",
            envelope.headers(self.api_key, self.api_secret),
            envelope.encode(action.form),
        )
        return Call(
            operation=action.name,
            request=request,
            decode=partial(answers.decode, action, form=self.format),
            repeatable=action.repeatable,
            messages=carries,
        )

    def _style(self, asked: Style | None) -> Param:
        own: Style = self.response_style or ("array" if self.format == "xml" else "plain")
        return calls.style(asked, own)
