"""Accounts of clients, and movements of money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmsclient.simulator.accounts import Account, Book
from mmsclient.simulator.rest import RestError
from mmsclient.simulator.transmitsms.office import FINE, new_key
from mmsclient.simulator.transmitsms.params import invalid

if TYPE_CHECKING:
    from mmsclient.simulator.transmitsms.ask import Ask
    from mmsclient.simulator.transmitsms.document import Body
    from mmsclient.simulator.transmitsms.office import Batch, Transaction

LONGEST_SECRET = 255

_PROFILE = ("name", "email", "contact", "timezone", "client_pays", "sms_margin", "number_margin")
_PAYMENTS = ("fixed", "variable")


def add_client(ask: Ask) -> Body:
    """Open an account for a client."""
    params = ask.params
    for name in ("name", "email", "password", "msisdn"):
        params.need(name)
    params.email("email")
    if any(_taken(ask, other, name) for other in _clients(ask) for name in ("name", "email")):
        raise RestError("KEY_EXISTS", "User already exists")
    params.choice("payment_method", *_PAYMENTS)
    secret = params.get("api_secret") or new_key()
    if len(secret) > LONGEST_SECRET:
        raise invalid("api_secret")
    profile = _profile(ask)
    account = Account(key=new_key(), secret=secret, name=params.need("name"))
    book = ask.vendor.open(account, parent=ask.book)
    ask.offices.of(book).profile.update(profile)
    return _show(ask, book)


def _clients(ask: Ask) -> list[Book]:
    return [book for book in ask.vendor.books if book.parent == ask.book.index]


def _taken(ask: Ask, book: Book, name: str) -> bool:
    wanted = ask.params.get(name)
    known = ask.offices.of(book).profile.get(name)
    return wanted is not None and known is not None and wanted.lower() == known.lower()


def _profile(ask: Ask) -> dict[str, str]:
    ask.params.flag("client_pays", default=True)
    sent = {name: ask.params.sent[name] for name in _PROFILE if ask.params.get(name)}
    for name in ("sms_margin", "number_margin"):
        if name in sent and not sent[name].replace(".", "", 1).isdigit():
            raise invalid(name)
    if ask.params.get("msisdn"):
        sent["msisdn"] = ask.number("msisdn").digits
    return sent


def edit_client(ask: Ask) -> Body:
    """Change what is known of a client."""
    book = _client(ask, ask.params.id("client_id"))
    others = [other for other in _clients(ask) if other is not book]
    if any(_taken(ask, other, name) for other in others for name in ("name", "email")):
        raise RestError("KEY_EXISTS", "User already exists")
    if ask.params.get("email"):
        ask.params.email("email")
    ask.offices.of(book).profile.update(_profile(ask))
    return _show(ask, book)


def _client(ask: Ask, number: int) -> Book:
    known = [ask.book, *_clients(ask)]
    found = next((book for book in known if ask.offices.of(book).user_id == number), None)
    if found is None:
        raise RestError("NOT_FOUND", "There is no such client")
    return found


def get_client(ask: Ask) -> Body:
    """Tell about a client, or about the account itself."""
    wanted = ask.params.whole("client_id")
    return _show(ask, ask.book if wanted is None else _client(ask, wanted))


def get_clients(ask: Ask) -> Body:
    """List clients."""
    rows = _clients(ask)
    return ask.page("clients", rows, lambda book: _show(ask, book), clients_total=len(rows))


def _show(ask: Ask, book: Book) -> Body:
    office = ask.offices.of(book)
    profile, account = office.profile, book.account
    contacts = sum(len(listed.active) for listed in book.lists.values())
    name = profile.get("name", account.name)
    return {
        "id": office.user_id,
        "name": name,
        "contact": profile.get("contact", name),
        "email": profile.get("email", "owner@example.net"),
        "msisdn": profile.get("msisdn"),
        "currency": "AUD",
        "client_pays": profile.get("client_pays", "true").lower() in {"true", "1"},
        "sms_margin": profile.get("sms_margin", "0"),
        "timezone": profile.get("timezone", "Australia/Sydney"),
        "created": ask.stamp(book.created_at),
        "apikey": account.key,
        "apisecret": account.secret,
        "recharge_amount": 0,
        "total_lists": len(book.lists),
        "total_sms": sum(batch.parts for batch in office.batches.values()),
        "total_contacts": contacts,
        "total_spend": sum((batch.cost for batch in office.batches.values()), 0 * book.balance),
        "total_revenue": 0,
        "credit_based": False,
        "trial": "no",
        "trial_expiry_date": str(ask.date(book.created_at).date()),
        "balance": book.balance,
    }


def get_transactions(ask: Ask) -> Body:
    """List movements of money, newest first."""
    office, window = ask.offices.of(_client(ask, ask.params.id("client_id"))), ask.window()
    rows = [row for row in reversed(office.transactions) if window.has(row.at)]
    return ask.page(
        "transactions",
        rows,
        # With its sign here, a plain number where it is asked for alone.
        lambda row: {
            **_movement(ask, row, office.user_id, f"${row.left:.3f}"),
            **(_message(row.batch) if row.batch else {}),
        },
        transactions_total=len(rows),
    )


def get_transaction(ask: Ask) -> Body:
    """Tell about one movement of money."""
    wanted = ask.params.id("id")
    for book in (ask.book, *_clients(ask)):
        office = ask.offices.of(book)
        for row in office.transactions:
            if row.id == wanted:
                message = _message(row.batch) if row.batch else {"message_id": 0}
                return {**_movement(ask, row, office.user_id, row.left), **message}
    raise RestError("NOT_FOUND", "There is no such transaction")


def _movement(ask: Ask, row: Transaction, user: int, standing: object) -> Body:
    return {
        "id": row.id,
        "user_id": user,
        "description": row.description,
        "amount": row.amount,
        "balance_standing": standing,
        "created": ask.stamp(row.at),
        "type_description": "",
        "type_id": row.type_id,
    }


def _message(batch: Batch) -> Body:
    statuses = [FINE[row.status] for row in batch.rows]
    return {
        "message_id": batch.id,
        "message_status": statuses[0] if statuses else "pending",
        "message_cost": batch.cost,
        "message_revenue": 0,
    }
