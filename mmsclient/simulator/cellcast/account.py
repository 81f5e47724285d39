"""account, get-template and register-alpha-id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.simulator.cellcast.codes import invalid
from mmsclient.simulator.cellcast.inbound import at
from mmsclient.simulator.cellcast.phones import is_custom, is_sender
from mmsclient.simulator.cellcast.shapes import TEMPLATES_PER_PAGE, Told, listing
from mmsclient.simulator.rest import RestError

if TYPE_CHECKING:
    from decimal import Decimal

    from mmsclient.simulator.cellcast.ask import Ask


def account(ask: Ask) -> Told:
    """Tell whose account it is and what is left in it. One purse pays for SMS and MMS."""
    left = ask.folder.credits
    data = {
        "account_name": ask.book.account.name,
        "account_email": mail(ask),
        "sms_balance": _money(ask, left),
        "mms_balance": _money(ask, left),
    }
    return Told(text="Here's your account", data=data)


def mail(ask: Ask) -> str:
    """Return the account's address."""
    return f"account-{ask.book.index}@example.net"


def _money(ask: Ask, left: Decimal) -> float | str:
    return float(left) if ask.terms.counters == "numbers" else f"{left:.2f}"


def get_template(ask: Ask) -> Told:
    """List the templates, oldest first."""
    rows = [
        {
            "template_id": one.id,
            "message_title": one.title,
            "Message": one.text,
            "created_at": at(ask, one.created_at),
        }
        for one in ask.folder.templates
    ]
    page = listing(rows, ask.page(), size=TEMPLATES_PER_PAGE)
    return Told(text=f"You have {len(rows)} Template(s)", page=page)


def register_alpha_id(ask: Ask) -> Told:
    """Ask for a name to send under: people look at it later, so success means no more than that."""
    name = ask.need("custom_id")
    ask.need("description")
    if not (is_sender(name) and is_custom(name)):
        raise invalid("custom_id", "is not well formed")
    if name in ask.folder.names:
        raise RestError("KEY_EXISTS", "This sender has been asked for already.")
    ask.folder.names.add(name)
    return Told(text="Your request has been received.")
