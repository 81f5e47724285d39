"""Sending, cancelling and answering: the calls about messages themselves."""
# ruff: noqa: A002 - id and max are the service's own names

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.errors import Fault
from mmsclient.services import fields
from mmsclient.services.fields import FieldError
from mmsclient.services.transmitsms import calls, content, limits, params, reading, times
from mmsclient.services.transmitsms.answers import SUCCESS_FLAG, Action, LeftOut
from mmsclient.services.transmitsms.calls import Calls, Listing
from mmsclient.services.transmitsms.params import INVALID, Id, Param
from mmsclient.services.transmitsms.values import (
    FormattedNumber,
    LoggedMessage,
    MessageReply,
    RawAnswer,
    SmsResponse,
    SmsSend,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from typing import Literal

    from mmsclient.services.fields import Tree
    from mmsclient.services.transmitsms.answers import Answer
    from mmsclient.services.transmitsms.times import Moment
    from mmsclient.wire import Call, PagedCall

SEND = "send-sms"
#: Only a message that has an id was taken.
PROOF = "message_id"

_WHICH = ("only", "omit", "both")


class Sending(Calls):
    """Calls about messages: send-sms and its neighbours."""

    __slots__ = ()

    def send_sms(
        self,
        *,
        text: str,
        to: str | Iterable[str] | None = None,
        list_id: Id | None = None,
        countrycode: str | None = None,
        sender: str | None = None,
        send_at: datetime | None = None,
        validity: int | None = None,
        replies_to_email: str | None = None,
        tracked_link_url: str | None = None,
        dlr_callback: str | None = None,
        reply_callback: str | None = None,
        link_hits_callback: str | None = None,
        from_shared: bool | None = None,
    ) -> Call[SmsSend]:
        """Send one text to a number, to up to 500 of them, or to a stored list (send-sms).

        With *countrycode* (``au``, ``gb``) numbers may have the form of that country. *send_at*
        is aware; *validity* counts minutes. ``[tracked-link]`` in the text stands for a short
        form of *tracked_link_url*. Bad numbers among several are skipped by the service.
        """
        form = params.form(
            content.body(text, link=not params.absent(tracked_link_url)),
            *([] if to is None else [params.numbers("to", to, local=bool(countrycode))]),
            params.ident("list_id", list_id),
            country(countrycode),
            content.sender(sender),
            times.moment("send_at", send_at),
            params.whole("validity", validity, lowest=0),
            params.email("replies_to_email", replies_to_email),
            params.url("tracked_link_url", tracked_link_url),
            params.url("dlr_callback", dlr_callback),
            params.url("reply_callback", reply_callback),
            params.url("link_hits_callback", link_hits_callback),
            params.flag("from_shared", from_shared),
            faults=_one_of_two(to, list_id),
        )
        return self._call(Action(name=SEND, form=form, read=sent, proof=PROOF))

    def cancel_sms(self, *, id: Id) -> Call[RawAnswer]:
        """Cancel a message that was to go out later; *id* is its ``message_id`` (cancel-sms)."""
        return self._done(
            "cancel-sms",
            calls.confirmed,
            params.ident("id", id, needed=True),
            proof=SUCCESS_FLAG,
        )

    def format_number(self, *, msisdn: str, countrycode: str) -> Call[FormattedNumber]:
        """Bring a number into international form (format-number)."""
        return self._asked(
            "format-number",
            _formatted,
            params.number("msisdn", msisdn, needed=True, local=True),
            country(countrycode, needed=True),
        )

    def get_sms_responses(
        self,
        *,
        message_id: Id | None = None,
        keyword_id: Id | None = None,
        keyword: str | None = None,
        number: str | None = None,
        msisdn: str | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        include_original: bool | None = None,
        max: int = limits.PAGE,
    ) -> PagedCall[SmsResponse]:
        """List replies to one message or keyword, newest first (get-sms-responses).

        One of *message_id*, *keyword_id* and *keyword* is needed, *number* with *keyword*. The
        period is the last 30 days unless given, and lies within the last 12 months.
        """
        form = params.form(
            params.ident("message_id", message_id),
            params.ident("keyword_id", keyword_id),
            params.text("keyword", keyword),
            content.own_number("number", number, needed=not params.absent(keyword)),
            params.number("msisdn", msisdn),
            *times.span(start, end, back=limits.REMEMBERED),
            params.flag("include_original", include_original),
            calls.page_size(max),
            faults=_one_of_three(message_id, keyword_id, keyword),
        )
        return self._pages(_responses("get-sms-responses", form))

    def get_user_sms_responses(
        self,
        *,
        start: Moment | None = None,
        end: Moment | None = None,
        keywords: Literal["only", "omit", "both"] | None = None,
        number: str | None = None,
        include_original: bool | None = None,
        max: int = limits.PAGE,
    ) -> PagedCall[SmsResponse]:
        """List all replies of the account, newest first (get-user-sms-responses).

        The period is the last 30 days unless given, and lies within the last 12 months.
        """
        form = params.form(
            *times.span(start, end, back=limits.REMEMBERED),
            which(keywords),
            content.own_number("number", number),
            params.flag("include_original", include_original),
            calls.page_size(max),
        )
        return self._pages(_responses("get-user-sms-responses", form))

    def message_reply(self, *, text: str, to: str, sender: str | None = None) -> Call[MessageReply]:
        """Let a reply be made up, as a trial of what it sets off (message-reply).

        No page of the vendor has this call; a library of the vendor's does.
        """
        return self._done(
            "message-reply",
            _replied,
            content.body(text, link=True),
            content.sender(sender),
            content.own_number("to", to, needed=True),
            proof="result",
        )

    def get_message_log(self, *, message_id: Id, mobile: str) -> Call[LoggedMessage]:
        """Show a message to one number (get-message-log).

        No page of the vendor has this call; a library of the vendor's does.
        """
        return self._asked(
            "get-message-log",
            _logged,
            params.ident("message_id", message_id, needed=True),
            params.number("mobile", mobile, needed=True),
        )


def which(keywords: object) -> Param:
    """Judge whether replies that a keyword opens are wanted: only, not, or both."""
    return params.choice("keywords", keywords, _WHICH)


def country(value: object, *, needed: bool = False) -> Param:
    """Judge a country: its code of two letters, or its name."""
    param = params.text("countrycode", value, needed=needed)
    if param.value is not None and param.value.strip().lower() == "uk":
        wrong = Fault("countrycode", "is no code of a country", "write gb", INVALID)
        return Param(name=param.name, faults=(wrong,))
    return param


def _one_of_two(to: object, list_id: object) -> Iterator[Fault]:
    if (to is None) == params.absent(list_id):
        rule = "is missing, and so is list_id" if to is None else "stands beside list_id"
        yield Fault("to", rule, "give either to or list_id", INVALID)


def _one_of_three(*given: object) -> Iterator[Fault]:
    if sum(not params.absent(each) for each in given) != 1:
        fix = "give one of message_id, keyword_id and keyword"
        yield Fault("message_id", "is not the only one given, or none is", fix, INVALID)


def message_id(answer: Answer) -> str:
    """Return the id of what was sent, or raise FieldError where there is none."""
    said = fields.required(fields.plain(answer.tree), PROOF)
    # An id of 0 stands for none: without the proof of a yes, the word of success leaves it open.
    if not (said.isascii() and said.isdigit() and said.strip("0")):
        raise FieldError(PROOF, "an id")
    return said


def sent(answer: Answer) -> SmsSend:
    """Read what the service took over."""
    tree = answer.tree
    said, on_list = fields.plain(tree), reading.block(tree, "list")
    left = LeftOut.named_in(tree)
    return SmsSend(
        message_id=message_id(answer),
        send_at=fields.utc(said, "send_at"),
        recipients=reading.whole(said, "recipients"),
        cost=reading.money(said, "cost"),
        sms=fields.number(said, "sms"),
        list_id=reading.ident(on_list, "id"),
        list_name=fields.text(on_list, "name"),
        fails=left.fails,
        optouts=left.optouts,
        raw=tree,
    )


def _formatted(tree: Tree) -> FormattedNumber:
    said = reading.block(tree, "number")
    return FormattedNumber(
        international=fields.text(said, "international"),
        countrycode=fields.text(said, "countrycode"),
        nationalnumber=reading.text(said, "nationalnumber", "national_number"),
        type=fields.number(said, "type"),
        is_valid=fields.flag(said, "isValid"),
        raw=tree,
    )


def _responses(name: str, form: dict[str, str]) -> Listing[SmsResponse]:
    return Listing(name=name, form=form, rows="responses", read=response, key=response_key)


def response(row: Tree) -> SmsResponse:
    """Read one reply."""
    said = fields.plain(row)
    return SmsResponse(
        id=reading.ident(said, "id"),
        message_id=reading.ident(said, "message_id"),
        list_id=reading.ident(said, "list_id"),
        received_at=fields.utc(said, "received_at"),
        first_name=reading.text(said, "first_name", "firstname"),
        last_name=reading.text(said, "last_name", "lastname"),
        msisdn=reading.number(said, "msisdn", "mobile"),
        longcode=reading.number(said, "longcode"),
        text=fields.words(said, "response"),
        original_message=fields.words(said, "original_message"),
        raw=row,
    )


def response_key(row: SmsResponse) -> object:
    """Return the id of a reply; all of it where it has none."""
    return row.id or (row.message_id, row.msisdn, row.longcode, row.received_at, row.text)


def _replied(tree: Tree) -> MessageReply:
    return MessageReply(result=fields.text(fields.plain(tree), "result"), raw=tree)


def _logged(tree: Tree) -> LoggedMessage:
    said = fields.plain(tree)
    return LoggedMessage(
        message_id=reading.ident(said, "message_id"),
        text=fields.words(said, "message"),
        mobile=reading.number(said, "mobile", "msisdn"),
        sender=reading.number(said, "caller_id", "sender_id"),
        datetime_send=fields.utc(said, "datetime_send"),
        raw=tree,
    )
