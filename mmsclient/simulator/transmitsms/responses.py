"""What came in: get-sms-responses and get-user-sms-responses, newest first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mmsclient.simulator.rest import RestError
from mmsclient.simulator.transmitsms.params import empty, invalid
from mmsclient.simulator.transmitsms.posts import SERVICE
from mmsclient.simulator.transmitsms.texts import final_text

if TYPE_CHECKING:
    from mmsclient.simulator.contacts import ContactList
    from mmsclient.simulator.inbound import Inbound
    from mmsclient.simulator.transmitsms.ask import Ask
    from mmsclient.simulator.transmitsms.document import Body

DEFAULT = timedelta(days=30)
OLDEST = timedelta(days=366)


def get_sms_responses(ask: Ask) -> Body:
    """List replies to a message or to a keyword."""
    params = ask.params
    if params.get("message_id"):
        wanted = _to_message(ask)
    elif params.get("keyword_id"):
        wanted = _to_keyword(ask, serial=params.id("keyword_id"))
    elif params.get("keyword"):
        wanted = _to_keyword(ask, word=params.get("keyword"))
    else:
        raise empty("message_id")
    if params.get("msisdn"):
        sender = ask.number("msisdn").digits
        wanted = [row for row in wanted if row.sender == sender]
    return _listing(ask, wanted)


def _to_message(ask: Ask) -> list[Inbound]:
    batch = ask.office.batches.get(ask.params.id("message_id"))
    if batch is None:
        raise RestError("NO_ACCESS", "You have no access to this message")
    return [row for row in ask.book.inbox.of(SERVICE) if row.answers in batch.rows]


def _to_keyword(ask: Ask, *, serial: int | None = None, word: str | None = None) -> list[Inbound]:
    if word is not None and ask.params.get("number") is None:
        raise invalid("number", "Field 'number' is required with 'keyword'")
    to = ask.number("number").digits if word is not None else None
    found = [
        keyword
        for keyword in ask.book.keywords
        if keyword.serial == serial
        or (word is not None and (keyword.word.lower(), keyword.number) == (word.lower(), to))
    ]
    if not found:
        raise RestError("NO_ACCESS", "You have no access to this keyword")
    return [row for row in ask.book.inbox.of(SERVICE) if row.keyword is found[0]]


def get_user_sms_responses(ask: Ask) -> Body:
    """List all replies of the account."""
    keywords = ask.params.choice("keywords", "both", "only", "omit")
    rows = ask.book.inbox.of(SERVICE)
    if keywords != "both":
        rows = [row for row in rows if (row.keyword is not None) == (keywords == "only")]
    if ask.params.get("number"):
        to = ask.number("number").digits
        rows = [row for row in rows if row.to == to]
    return _listing(ask, rows)


def _listing(ask: Ask, rows: list[Inbound]) -> Body:
    window = ask.window(default=DEFAULT)
    if window.start is not None and ask.date(ask.now) - window.start > OLDEST:
        raise invalid("start", "Field 'start' is more than 12 months ago")
    found = [row for row in rows if window.has(row.at)]
    original = ask.params.flag("include_original")
    return ask.page(
        "responses", found, lambda row: _item(ask, row, original=original), total=len(found)
    )


def _item(ask: Ask, row: Inbound, *, original: bool) -> Body:
    answered = row.answers
    batch = ask.office.batches.get(int(answered.message.tracking_id)) if answered else None
    listed = batch.listed if batch else None
    if row.keyword is not None:
        listed = ask.book.lists.get(row.keyword.list_id, listed)
    first, last = names(listed, row.sender)
    return {
        "id": row.id,
        "message_id": batch.id if batch else 0,
        "list_id": listed.id if listed else 0,
        "received_at": ask.stamp(row.at),
        "first_name": first,
        "last_name": last,
        "msisdn": row.sender,
        "response": row.text,
        "longcode": row.to,
        **({"original_message": final_text(answered)} if original and answered else {}),
    }


def names(listed: ContactList | None, number: str) -> tuple[str | None, str | None]:
    """Return what a list knows somebody as."""
    contact = listed.contacts.get(number) if listed else None
    return (contact.first_name, contact.last_name) if contact else (None, None)
