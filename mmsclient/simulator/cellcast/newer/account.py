"""The account itself: token, balance, templates, senders and opt-out pages."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from mmsclient.simulator.cellcast.account import mail
from mmsclient.simulator.cellcast.codes import empty, invalid
from mmsclient.simulator.cellcast.folder import OwnNumber
from mmsclient.simulator.cellcast.newer.contacts import contact_reader
from mmsclient.simulator.cellcast.newer.shapes import (
    PER_PAGE,
    instant,
    new_id,
    noisy,
    paged,
    with_meta,
)
from mmsclient.simulator.content import Content, Outgoing, Slide
from mmsclient.simulator.rest import RestError

if TYPE_CHECKING:
    from mmsclient.simulator.cellcast.ask import Ask

#: "3 to 11 characters".
_SHORTEST_NAME, _LONGEST_NAME = 3, 11

#: "company data": all of it has to be there.
_COMPANY = (
    "descriptionInternal",
    "purposeOfUse",
    "ownership",
    "companyInformation",
    "requestorContact",
)


def verify(_: Ask) -> object:
    """Tell that the token is good: with another one nobody comes so far."""
    return noisy({}, "Token is valid")


def account(ask: Ask) -> object:
    """Tell whose account it is and what is left in it."""
    left = float(ask.folder.credits)
    data = {
        "account_name": ask.book.account.name,
        "account_email": mail(ask),
        "sms_balance": left,
        "mms_balance": left,
    }
    return with_meta(data, "Here's your account")


def create_template(ask: Ask) -> object:
    """Store a text."""
    ask.need("type")
    made = ask.folder.add_template(ask.need("name"), ask.need("message"), ask.now)
    return noisy({"_id": made.id, "name": made.title, "message": made.text})


def add_business(ask: Ask) -> object:
    """Ask for a name to send under: people look at it later."""
    name = ask.need("businessname")
    for other in _COMPANY:
        if ask.fields.get(other) in (None, "", {}):
            raise empty(other)
    if not _SHORTEST_NAME <= len(name) <= _LONGEST_NAME:
        raise invalid("businessname", "is not of 3 to 11 characters")
    return noisy({"_id": new_id()}, "Your request has been received")


def add_number(ask: Ask) -> object:
    """Ask for an own number to send under: a code is sent to it."""
    name, number = ask.need("name"), _number(ask)
    code = f"{secrets.randbelow(10**6):06}"
    ask.folder.own_numbers[number] = OwnNumber(id=new_id(), name=name, number=number, code=code)
    message = Outgoing(
        to=number,
        sender="Cellcast",
        kind="sms",
        tracking_id=new_id(),
        content=Content(slides=(Slide(text=f"Your code is {code}"),)),
        accepted_at=ask.now,
        service="cellcast",
        parts=0,
    )
    ask.vendor.send(ask.book, message, fate=None, queued=False)
    ask.folder.deleted.add(message.tracking_id)  # the service's own message, not the account's
    return noisy({}, "A code has been sent")


def verify_number(ask: Ask) -> object:
    """Take the code that was sent. A wrong one answers with HTTP 200."""
    ask.need("name")
    own = ask.folder.own_numbers.get(_number(ask))
    if own is None or own.code != ask.need("otp"):
        raise RestError("FIELD_INVALID", "The code is wrong.", status=200)
    own.verified = True
    return noisy({}, "Number verified")


def own_numbers(ask: Ask) -> object:
    """List the own numbers."""
    rows = [
        {
            "_id": own.id,
            "name": own.name,
            "number": f"+{own.number}",
            "status": "verified" if own.verified else "pending",
        }
        for own in ask.folder.own_numbers.values()
    ]
    return noisy(paged(rows, ask.page(), PER_PAGE))


def _number(ask: Ask) -> str:
    number = contact_reader(ask.fields)(ask.need("number"))
    if number is None:
        raise invalid("number", "is not valid")
    return number


def pages(ask: Ask) -> object:
    """List the opt-out pages, newest first."""
    rows = ask.folder.pages[::-1]
    page = paged(rows, ask.page(), ask.page("size", PER_PAGE))
    return noisy(page, f"You have {len(rows)} optout list(s)")


def add_page(ask: Ask) -> object:
    """Make an opt-out page."""
    options = ask.fields.get("options") or []
    if not isinstance(options, list) or not all(isinstance(one, str) for one in options):
        raise invalid("options", "is no list of texts")
    now = instant(ask, ask.now)
    page = {
        "title": ask.need("title"),
        "description": ask.need("description"),
        "options": [{f"option{place}": one} for place, one in enumerate(options, start=1)],
        "createdBy": f"{ask.book.index:024x}",
        "createdAt": now,
        "updatedAt": now,
    }
    ask.folder.pages.append(page)
    return noisy(page, "Optout list created")
