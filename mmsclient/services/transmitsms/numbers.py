"""Leased numbers, their keywords, and who may write SMS by e-mail."""
# ruff: noqa: A002 - filter and max are the service's own names

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from mmsclient.errors import Fault
from mmsclient.services import fields
from mmsclient.services.fields import FieldError
from mmsclient.services.transmitsms import calls, content, limits, params, reading
from mmsclient.services.transmitsms.answers import SUCCESS_FLAG
from mmsclient.services.transmitsms.calls import Calls, Listing
from mmsclient.services.transmitsms.params import INVALID, Id, Param
from mmsclient.services.transmitsms.records import Keyword, VirtualNumber

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mmsclient.services.fields import Tree
    from mmsclient.services.transmitsms.values import RawAnswer
    from mmsclient.wire import Call, PagedCall

_FILTERS = ("owned", "available")
_STATES = ("Open", "Closed")


class Numbers(Calls):
    """Calls about numbers, keywords and e-mail."""

    __slots__ = ()

    def get_numbers(
        self, *, filter: Literal["owned", "available"] | None = None, max: int = limits.PAGE
    ) -> PagedCall[VirtualNumber]:
        """List the account's numbers, or those that can be leased (get-numbers)."""
        form = params.form(params.choice("filter", filter, _FILTERS), calls.page_size(max))
        return self._pages(
            Listing(
                name="get-numbers",
                form=form,
                rows="numbers",
                total="numbers_total",
                read=_number,
                key=_digits,
            )
        )

    def get_number(self, *, number: str) -> Call[VirtualNumber]:
        """Show a number of the account (get-number)."""
        return self._asked("get-number", _number, _needed(number))

    def lease_number(
        self, *, number: str | None = None, forward_url: str | None = None
    ) -> Call[VirtualNumber]:
        """Lease a number, any if none is named. It costs money every month (lease-number)."""
        return self._done(
            "lease-number",
            _number,
            content.own_number("number", number),
            params.url("forward_url", forward_url),
            proof="number",
        )

    def edit_number_options(
        self,
        *,
        number: str,
        forward_email: str | Iterable[str] | None = None,
        forward_sms: str | Iterable[str] | None = None,
        forward_url: str | None = None,
        list_id: Id | None = None,
        welcome_message: str | None = None,
        members_message: str | None = None,
    ) -> Call[RawAnswer]:
        """Set where what arrives at a number goes, and what it answers (edit-number-options)."""
        return self._done(
            "edit-number-options",
            calls.confirmed,
            _needed(number),
            *_forwards(forward_url, forward_email, forward_sms),
            params.ident("list_id", list_id),
            params.text("welcome_message", welcome_message),
            params.text("members_message", members_message),
        )

    def get_sender_ids(self) -> Call[RawAnswer]:
        """Ask for the sender names of the account (get-sender-ids).

        No page of the vendor has this call; what comes back is not read, it stands in ``raw``.
        """
        return self._asked("get-sender-ids", calls.raw)

    def add_keyword(
        self,
        *,
        keyword: str,
        number: str,
        reference: str | None = None,
        list_id: Id | None = None,
        welcome_message: str | None = None,
        members_message: str | None = None,
        activate: bool | None = None,
        forward_url: str | None = None,
        forward_email: str | Iterable[str] | None = None,
        forward_sms: str | Iterable[str] | None = None,
    ) -> Call[Keyword]:
        """Set what the first word of an inbound text does. It is billed (add-keyword)."""
        return self._done(
            "add-keyword",
            _keyword,
            _word(keyword),
            _needed(number),
            *_answers(reference, list_id, welcome_message, members_message),
            params.flag("activate", activate),
            *_forwards(forward_url, forward_email, forward_sms),
            proof="keyword",
        )

    def edit_keyword(
        self,
        *,
        keyword: str,
        number: str,
        reference: str | None = None,
        list_id: Id | None = None,
        welcome_message: str | None = None,
        members_message: str | None = None,
        activate: bool | None = None,
        forward_url: str | None = None,
        forward_email: str | Iterable[str] | None = None,
        forward_sms: str | Iterable[str] | None = None,
        status: Literal["Open", "Closed"] | None = None,
    ) -> Call[Keyword]:
        """Change a keyword (edit-keyword)."""
        return self._done(
            "edit-keyword",
            _keyword,
            _word(keyword),
            _needed(number),
            *_answers(reference, list_id, welcome_message, members_message),
            params.flag("activate", activate),
            *_forwards(forward_url, forward_email, forward_sms),
            params.choice("status", status, _STATES),
            proof="keyword",
        )

    def get_keywords(
        self, *, number: str | None = None, max: int = limits.PAGE
    ) -> PagedCall[Keyword]:
        """List the keywords of the account, or of one number (get-keywords)."""
        form = params.form(content.own_number("number", number), calls.page_size(max))
        # A keyword has no id, so nothing in a row is unique.
        name, total = "get-keywords", "keywords_total"
        return self._pages(
            Listing(name=name, form=form, rows="keywords", total=total, read=_keyword)
        )

    def add_email(
        self, *, email: str, max_sms: int | None = None, number: str | None = None
    ) -> Call[RawAnswer]:
        """Let an address send SMS by e-mail; ``*@example.net`` is a whole domain (add-email).

        *max_sms* is how many parts one mail may become, 1 to 4.
        """
        return self._done(
            "add-email",
            calls.confirmed,
            params.email("email", email, needed=True),
            params.whole("max_sms", max_sms, highest=limits.PARTS),
            content.own_number("number", number),
            proof=SUCCESS_FLAG,
        )

    def delete_email(self, *, email: str) -> Call[RawAnswer]:
        """Let an address send no more SMS (delete-email)."""
        return self._done(
            "delete-email",
            calls.confirmed,
            params.email("email", email, needed=True),
            proof=SUCCESS_FLAG,
        )


def _needed(number: str) -> Param:
    return content.own_number("number", number, needed=True)


def _word(value: str) -> Param:
    param = params.text("keyword", value, needed=True)
    if param.value is None or param.faults or len(param.value.split()) == 1:
        return param
    wrong = Fault("keyword", "is more than one word", "the first word of a text counts", INVALID)
    return Param(name="keyword", faults=(wrong,))


def _forwards(url: object, email: object, sms: object) -> tuple[Param, ...]:
    return (
        params.url("forward_url", url),
        params.joined("forward_email", email),
        params.joined("forward_sms", sms),
    )


def _answers(reference: object, list_id: object, new: object, known: object) -> tuple[Param, ...]:
    return (
        params.text("reference", reference, longest=limits.KEYWORD_REFERENCE),
        params.ident("list_id", list_id),
        params.text("welcome_message", new),
        params.text("members_message", known),
    )


def _digits(row: VirtualNumber) -> str:
    return row.number


def _number(tree: Tree) -> VirtualNumber:
    said = fields.plain(tree)
    digits = reading.number(said, "number")
    if digits is None:
        raise FieldError("number", "there")
    return VirtualNumber(
        number=digits,
        price=reading.money(said, "price"),
        auto_renew=fields.flag(said, "auto_renew"),
        next_charge=reading.day(said, "next_charge"),
        status=fields.text(said, "status"),
        forward_url=fields.text(said, "forward_url"),
        raw=tree,
    )


def _keyword(tree: Tree) -> Keyword:
    said = fields.plain(tree)
    return Keyword(
        keyword=fields.text(said, "keyword"),
        number=reading.number(said, "number"),
        reference=fields.text(said, "reference"),
        list_id=reading.ident(said, "list_id"),
        welcome_message=fields.words(said, "welcome_message"),
        # Singular in recorded answers, plural in older pages.
        member_message=fields.words(said, "member_message")
        or fields.words(said, "members_message"),
        forward_url=fields.text(said, "forward_url"),
        forward_sms=fields.text(said, "forward_sms"),
        forward_email=fields.text(said, "forward_email"),
        status=fields.text(said, "status"),
        billing_date=reading.day(said, "billing_date"),
        raw=tree,
    )
