"""What the Bearer API tells: messages, inbound, opt-outs, credit use, custom numbers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mmsclient.errors import NotFoundError
from mmsclient.services import fields
from mmsclient.services.cellcast import (
    bodies,
    callbacks,
    check,
    inbound,
    limits,
    payload,
    reports,
    rules,
    statuses,
    times,
)
from mmsclient.services.cellcast.answers import Action, Answer
from mmsclient.services.cellcast.values import (
    Balance,
    Confirmation,
    CreditUsage,
    CustomNumber,
    MessageReport,
    OptedOut,
    OptOutPage,
    Response,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from mmsclient.errors import Fault
    from mmsclient.events import InboundMessage
    from mmsclient.outcomes import Page
    from mmsclient.services.cellcast.answers import T_co
    from mmsclient.services.fields import Tree

_CLIENT, _REPORTS = "api/v1/apiClient/", "api/v2/report/message"

#: "Get List Sent Messages": who asked for a message to be sent.
ORIGINS = ("APP", "EMAIL", "API")


def verify_token() -> Action[Confirmation]:
    """Return the call that tells whether the token is good."""
    return Action(
        name="user/token/verify",
        path="api/v1/user/token/verify",
        read=inbound.confirmation,
        # It changes nothing; but the yes is all that it tells.
        changes=True,
    )


def account() -> Action[Balance]:
    """Return the call that tells the credit that is left."""
    return reports.account(path=_CLIENT + "account")


def report_message(*, message_id: str, zone: ZoneInfo) -> Action[MessageReport]:
    """Return the call that tells how far one sent message has come."""
    check.insist_codeless(rules.needed("message_id", message_id))
    return Action(
        name="report/message",
        path=f"{_REPORTS}/{quote(message_id, safe='')}",
        read=partial(_one_report, zone),
    )


def report_messages(
    page: int,
    *,
    limit: int | None,
    camp_type: str | None,
    from_date: date | None,
    to_date: date | None,
    status: str | None,
    request_from: str | None,
    request_name: str | None,
    reference: str | None,
    zone: ZoneInfo,
) -> Action[Page[MessageReport]]:
    """Return the call for one page of the sent messages; the filters have been judged."""
    check.insist_codeless(rules.whole("page", page))
    days = {"fromDate": from_date, "toDate": to_date}
    query = bodies.given(
        page=str(page),
        limit=None if limit is None else str(limit),
        campType=camp_type,
        **{name: day.isoformat() for name, day in days.items() if day is not None},
        status=status,
        requestFrom=request_from,
        requestName=request_name,
        customString=reference,
    )
    read = partial(_report, zone)
    return _page("report/message", _REPORTS, query, page, read)


def report_faults(
    *,
    limit: object,
    camp_type: object,
    from_date: object,
    to_date: object,
    status: object,
    request_from: object,
    request_name: object,
    reference: object,
) -> Iterator[Fault]:
    """Judge the filters of a listing of sent messages."""
    yield from rules.whole("limit", limit, highest=limits.LARGEST_PAGE)
    if camp_type is not None:
        yield from rules.choice("camp_type", camp_type, inbound.CHANNELS)
    yield from rules.days("from_date", from_date, "to_date", to_date)
    yield from rules.text("status", status)
    if request_from is not None:
        yield from rules.choice("request_from", request_from, ORIGINS)
    yield from rules.text("request_name", request_name)
    yield from rules.tag("reference", reference)


def get_responses(page: int, *, zone: ZoneInfo) -> Action[Page[Response]]:
    """Return the call for one page of inbound messages."""
    return _responses(page, partial(inbound.response, zone))


def inbox(page: int, *, zone: ZoneInfo) -> Action[Page[InboundMessage]]:
    """Return the same call, read as messages of this library."""
    return _responses(page, partial(callbacks.listed, channel="sms", zone=zone))


def get_optout(
    page: int,
    *,
    size: int | None,
    datestart: datetime | None,
    dateend: datetime | None,
    zone: ZoneInfo,
) -> Action[Page[OptedOut]]:
    """Return the call for one page of those who opted out."""
    check.insist_codeless(rules.whole("page", page))
    query = bodies.given(
        page=str(page),
        size=None if size is None else str(size),
        startDate=datestart and times.first_day(datestart, zone).isoformat(),
        endDate=dateend and times.last_day(dateend, zone).isoformat(),
    )
    path = _CLIENT + "getOptout"
    return _page("getOptout", path, query, page, partial(inbound.opted_out, zone))


def quick_api_credit_usage(page: int, *, camp_type: str | None) -> Action[Page[CreditUsage]]:
    """Return the call for one page of what each key of the account has sent."""
    check.insist_codeless(rules.whole("page", page))
    query = bodies.given(page=str(page), campType=camp_type)
    path = f"{_REPORTS}/quick-api-credit-usage"
    return _page("quick-api-credit-usage", path, query, page, _usage)


def custom_numbers(page: int) -> Action[Page[CustomNumber]]:
    """Return the call for one page of your own numbers that are registered as senders."""
    check.insist_codeless(rules.whole("page", page))
    return _page("customNumber", "api/v1/customNumber", {"page": str(page)}, page, _custom_number)


def optoutlist(page: int, *, size: int) -> Action[Page[OptOutPage]]:
    """Return the call for one page of the opt-out pages."""
    check.insist_codeless(rules.whole("page", page))
    query = {"page": str(page), "size": str(size)}
    return _page("optoutlist", _CLIENT + "optoutlist", query, page, optout_page)


def optout_page(row: Tree) -> OptOutPage:
    """Read one opt-out page; its options come as texts or as blocks of one text each."""
    known = fields.plain(row)
    options: list[str] = []
    for option in payload.listed(row, "options") if "options" in row else ():
        told = option.values() if isinstance(option, dict) else (option,)
        options += [said for said in told if isinstance(said, str) and said]
    return OptOutPage(
        id=fields.text(known, "_id"),
        title=fields.text(known, "title"),
        description=fields.words(known, "description"),
        options=tuple(options),
        raw=row,
    )


def _page(
    name: str, path: str, query: dict[str, Any], page: int, read: Callable[[Tree], T_co]
) -> Action[Page[T_co]]:
    return Action(
        name=name,
        path=path,
        query=query,
        read=partial(inbound.listing, page, read),
        settled=inbound.nothing(page),
    )


def _responses(page: int, read: Callable[[Tree], T_co]) -> Action[Page[T_co]]:
    check.insist_codeless(rules.whole("page", page))
    path = _CLIENT + "getResponses"
    return _page("getResponses", path, {"page": str(page)}, page, read)


def _one_report(zone: ZoneInfo, answer: Answer) -> MessageReport:
    row = payload.whole(answer.tree)
    if "_id" not in row:
        raise NotFoundError(
            "the service knows no such message",
            operation=answer.operation,
            http_status=answer.response.status,
            raw=answer.response.body,
        )
    return _report(zone, row)


def _report(zone: ZoneInfo, row: Tree) -> MessageReport:
    known = fields.plain(row)
    words = fields.required(known, "status")
    status, final = statuses.of(words)
    told = row.get("smsDetail")
    details = fields.plain(told) if isinstance(told, dict) else {}
    return MessageReport(
        id=fields.required(known, "_id"),
        status=status,
        words=words,
        final=final,
        to=payload.number(known, "receiver"),
        sender=payload.number(known, "sender"),
        text=fields.words(known, "message"),
        reference=fields.text(known, "customString"),
        sent_at=times.read(known, "send_time", zone),
        created_at=times.read(known, "createdAt", zone),
        schedule_at=times.read(known, "scheduleAt", zone),
        parts=fields.number(details, "smscount"),
        credits_used=fields.decimal(known, "creditAmount"),
        raw=row,
    )


def _usage(row: Tree) -> CreditUsage:
    known = fields.plain(row)
    return CreditUsage(
        name=fields.required(known, "_id"),
        total=fields.number(known, "total"),
        credits_used=fields.decimal(known, "totalCreditAmount"),
        raw=row,
    )


def _custom_number(row: Tree) -> CustomNumber:
    known = fields.plain(row)
    return CustomNumber(
        id=fields.text(known, "_id"),
        name=fields.text(known, "name"),
        number=payload.number(known, "number"),
        raw=row,
    )
