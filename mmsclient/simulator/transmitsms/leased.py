"""Numbers and senders by e-mail: what can be leased, what is leased, who may send."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mmsclient.simulator.leases import Lease
from mmsclient.simulator.rest import RestError
from mmsclient.simulator.transmitsms.params import invalid

if TYPE_CHECKING:
    from mmsclient.simulator.transmitsms.ask import Ask
    from mmsclient.simulator.transmitsms.document import Body

_MONTH = timedelta(days=30)

#: What may be set on a number, without its addresses to forward to.
_OPTIONS = ("forward_email", "forward_sms", "welcome_message", "members_message")


def get_numbers(ask: Ask) -> Body:
    """List numbers; every filter but ``owned`` lists those that are available."""
    wanted = ask.params.get("filter") or "owned"
    leased = list(ask.book.leases.values())
    rows = leased if wanted == "owned" else [Lease(number=one) for one in ask.offices.shelf]
    return ask.page(
        "numbers",
        rows,
        lambda row: _show(ask, row) if wanted == "owned" else _offer(row),
        numbers_total=len(rows),
        filter=wanted,
    )


def _offer(lease: Lease) -> Body:
    return {"number": lease.number, "price": lease.price}


def _show(ask: Ask, lease: Lease) -> Body:
    charge = lease.next_charge or (ask.date(ask.now) + _MONTH).date()
    return {
        **_offer(lease),
        "auto_renew": lease.active,
        "next_charge": str(charge) if lease.active else None,
        "status": "active" if lease.active else "inactive",
    }


def _lease(ask: Ask) -> Lease:
    lease = ask.book.leases.get(ask.number("number").digits)
    if lease is None:
        raise invalid("number", "This number is not leased to you.")
    return lease


def get_number(ask: Ask) -> Body:
    """Tell about a leased number."""
    return _show(ask, _lease(ask))


def lease_number(ask: Ask) -> Body:
    """Lease a number: the one that is named, or any."""
    shelf, forward = ask.offices.shelf, ask.params.url("forward_url")
    wanted = ask.number("number").digits if ask.params.get("number") else next(iter(shelf), "")
    if wanted not in shelf:
        raise invalid("number", "This number is not available for lease.")
    charge = (ask.date(ask.now) + _MONTH).date()
    lease = Lease(number=wanted, next_charge=charge)
    if forward:
        lease.options["forward_url"] = forward
    ask.book.leases[wanted] = lease
    ask.offices.bill(ask.office, lease.price, "Number", ask.now)
    return _show(ask, lease)


def edit_number_options(ask: Ask) -> Body:
    """Set what is done with messages to a number."""
    lease, forward = _lease(ask), ask.params.url("forward_url")
    if ask.params.get("list_id"):
        lease.options["list_id"] = str(ask.contact_list().id)
    if forward:
        lease.options["forward_url"] = forward
    lease.options.update({name: ask.params.sent[name] for name in _OPTIONS if ask.params.get(name)})
    return {}


def add_email(ask: Ask) -> Body:
    """Let an address send by e-mail."""
    email, most = ask.params.email("email"), ask.params.whole("max_sms", 1, 4) or 1
    if ask.params.get("number"):
        _lease(ask)
    ask.office.emails[email.lower()] = most
    return {"success": True}


def delete_email(ask: Ask) -> Body:
    """Let it send no more."""
    if ask.office.emails.pop(ask.params.email("email").lower(), None) is None:
        raise RestError("NOT_FOUND", "This address was not added")
    return {"success": True}
