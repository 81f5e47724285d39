"""format-number, message-reply and get-message-log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.simulator.inbound import Draft
from mmsclient.simulator.rest import RestError
from mmsclient.simulator.transmitsms.numbering import country_code, number
from mmsclient.simulator.transmitsms.params import invalid
from mmsclient.simulator.transmitsms.posts import SERVICE

if TYPE_CHECKING:
    from mmsclient.simulator.sent import Sent
    from mmsclient.simulator.transmitsms.ask import Ask
    from mmsclient.simulator.transmitsms.document import Body

_LANDLINE, _MOBILE, _INVALID = 0, 1, 10


def format_number(ask: Ask) -> Body:
    """Tell what kind of number something is, in its international form."""
    written, country = ask.params.need("msisdn"), ask.params.need("countrycode")
    code = country_code(country)
    if code is None:
        raise invalid("countrycode")
    read = number(written, code)
    national = int(read.national) if read and read.national else None
    kind = _INVALID if read is None else _MOBILE if read.mobile else _LANDLINE
    facts = {
        "countrycode": int(code),
        "nationalnumber": national,
        "national_leading_zeroes": national,
        "rawinput": None,
        "international": int(read.digits) if read else None,
        "type": kind,
        "isValid": read is not None,
    }
    return {"number": facts}


def message_reply(ask: Ask) -> Body:
    """Pretend that a handset replied."""
    sender, to = ask.number("from").digits, ask.params.need("to")
    rows = ask.vendor.register.at_handset(sender)
    own = [row for row in rows if row.account == ask.book.index and row.message.sender == to]
    draft = Draft(
        service=SERVICE,
        sender=sender,
        to=to,
        text=ask.params.need("message"),
        answers=own[-1] if own else None,
    )
    ask.vendor.receive(ask.book, draft)
    return {"result": "SYSTEM: Message response handled\n"}


def row_of(ask: Ask, mobile: str) -> Sent:
    """Return the row of one recipient of a message, or refuse."""
    to = ask.number(mobile).digits
    found = next((row for row in reversed(ask.batch().rows) if row.to == to), None)
    if found is None:
        raise RestError("NOT_FOUND", "The message was not sent to this number")
    return found


def get_message_log(ask: Ask) -> Body:
    """Tell what one recipient was sent."""
    row = row_of(ask, "mobile")
    return {
        "message_id": int(row.message.tracking_id),
        "message": final_text(row),
        "mobile": row.to,
        "caller_id": row.message.sender,
        "datetime_send": ask.stamp(row.leaves_at),
    }


def final_text(row: Sent) -> str:
    """Return a text with its variables filled in."""
    return row.message.content.slides[0].text or ""
