"""Keywords: the first word of messages to a leased number."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mmsclient.simulator.leases import Keyword
from mmsclient.simulator.rest import RestError
from mmsclient.simulator.transmitsms.lists import make
from mmsclient.simulator.transmitsms.params import invalid

if TYPE_CHECKING:
    from mmsclient.simulator.transmitsms.ask import Ask
    from mmsclient.simulator.transmitsms.document import Body

LONGEST_REFERENCE, PRICE = 100, 10

_OPTIONS = (
    "reference",
    "welcome_message",
    "members_message",
    "forward_url",
    "forward_sms",
    "forward_email",
)


def add_keyword(ask: Ask) -> Body:
    """Set a keyword up."""
    word, number = ask.params.need("keyword"), _number(ask)
    if len(word.split()) != 1:
        raise invalid("keyword")
    if _find(ask, word, number) is not None:
        raise RestError("KEY_EXISTS", "This keyword exists already")
    options, listed = _options(ask), _list_id(ask)
    if listed is None:
        listed = make(ask, f"{word.upper()} {number}", by_itself=True).id
    keyword = Keyword(
        word=word.upper(),
        number=number,
        serial=int(ask.vendor.new_number()),
        list_id=listed,
        open=ask.params.flag("activate", default=True),
        billing_date=(ask.date(ask.now) + timedelta(days=30)).date(),
        options=options,
    )
    ask.book.keywords.append(keyword)
    ask.offices.bill(ask.office, PRICE, "Keyword", ask.now)
    return _show(keyword)


def edit_keyword(ask: Ask) -> Body:
    """Change a keyword."""
    keyword = _find(ask, ask.params.need("keyword"), _number(ask))
    if keyword is None:
        raise RestError("NOT_FOUND", "There is no such keyword")
    options, listed = _options(ask), _list_id(ask)
    status = (ask.params.get("status") or "").lower()
    if status not in {"", "open", "closed", "active"}:
        raise invalid("status")
    keyword.options.update(options)
    keyword.list_id = keyword.list_id if listed is None else listed
    opened = ask.params.flag("activate", default=keyword.open)
    keyword.open = opened if not status else status != "closed"
    return _show(keyword)


def get_keywords(ask: Ask) -> Body:
    """List keywords, newest first."""
    number = _number(ask) if ask.params.get("number") else None
    rows = [row for row in reversed(ask.book.keywords) if number in {None, row.number}]
    return ask.page("keywords", rows, _show, keywords_total=len(rows))


def _number(ask: Ask) -> str:
    digits = ask.number("number").digits
    if digits not in ask.book.leases:
        raise RestError("NO_ACCESS", "This number is not leased to you.")
    return digits


def _find(ask: Ask, word: str, number: str) -> Keyword | None:
    wanted = (word.upper(), number)
    return next((row for row in ask.book.keywords if (row.word, row.number) == wanted), None)


def _list_id(ask: Ask) -> int | None:
    wanted = ask.params.whole("list_id")
    return ask.contact_list().id if wanted else wanted


def _options(ask: Ask) -> dict[str, str]:
    ask.params.url("forward_url")
    if len(ask.params.get("reference") or "") > LONGEST_REFERENCE:
        raise invalid("reference")
    return {name: ask.params.sent[name] for name in _OPTIONS if name in ask.params.sent}


def _show(keyword: Keyword) -> Body:
    options = keyword.options
    return {
        "keyword": keyword.word,
        "reference": options.get("reference", ""),
        "number": keyword.number,
        "list_id": keyword.list_id,
        "welcome_message": options.get("welcome_message", ""),
        # Singular here, plural where it is set.
        "member_message": options.get("members_message", ""),
        "forward_url": options.get("forward_url", ""),
        "forward_sms": options.get("forward_sms", ""),
        "forward_email": options.get("forward_email", ""),
        "status": "open" if keyword.open else "closed",
        "billing_date": str(keyword.billing_date),
    }
