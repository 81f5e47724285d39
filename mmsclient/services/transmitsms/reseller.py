"""Accounts below a reseller's, and movements of money."""
# ruff: noqa: A002 - id and max are the service's own names

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from mmsclient.services import fields
from mmsclient.services.transmitsms import calls, limits, params, reading, times
from mmsclient.services.transmitsms.calls import Calls, Listing
from mmsclient.services.transmitsms.records import ClientAccount, Transaction

if TYPE_CHECKING:
    from decimal import Decimal

    from mmsclient.services.fields import Tree
    from mmsclient.services.transmitsms.params import Id
    from mmsclient.services.transmitsms.times import Moment
    from mmsclient.wire import Call, PagedCall

_PAYMENT = ("fixed", "variable")


class Reseller(Calls):
    """Calls of resellers. The newest pages of the vendor no longer show them."""

    __slots__ = ()

    def add_client(
        self,
        *,
        name: str,
        email: str,
        password: str,
        msisdn: str,
        contact: str | None = None,
        timezone: str | None = None,
        client_pays: bool | None = None,
        sms_margin: Decimal | int | None = None,
        number_margin: Decimal | int | None = None,
        api_secret: str | None = None,
        payment_method: Literal["fixed", "variable"] | None = None,
        fixed_top_up_amount: Decimal | int | None = None,
    ) -> Call[ClientAccount]:
        """Make an account; margins are in cents (add-client)."""
        return self._done(
            "add-client",
            _client,
            params.text("name", name, needed=True),
            params.email("email", email, needed=True),
            params.text("password", password, needed=True),
            params.number("msisdn", msisdn, needed=True),
            params.text("contact", contact),
            params.text("timezone", timezone),
            params.flag("client_pays", client_pays),
            params.amount("sms_margin", sms_margin),
            params.amount("number_margin", number_margin),
            params.text("api_secret", api_secret, longest=limits.API_SECRET),
            params.choice("payment_method", payment_method, _PAYMENT),
            params.amount("fixed_top_up_amount", fixed_top_up_amount),
            proof="id",
        )

    def edit_client(
        self,
        *,
        client_id: Id,
        name: str | None = None,
        contact: str | None = None,
        email: str | None = None,
        password: str | None = None,
        msisdn: str | None = None,
        timezone: str | None = None,
        client_pays: bool | None = None,
        sms_margin: Decimal | int | None = None,
    ) -> Call[ClientAccount]:
        """Change an account (edit-client)."""
        return self._done(
            "edit-client",
            _client,
            params.ident("client_id", client_id, needed=True),
            params.text("name", name),
            params.text("contact", contact),
            params.email("email", email),
            params.text("password", password),
            params.number("msisdn", msisdn),
            params.text("timezone", timezone),
            params.flag("client_pays", client_pays),
            params.amount("sms_margin", sms_margin),
        )

    def get_client(self, *, client_id: Id | None = None) -> Call[ClientAccount]:
        """Show an account, one's own unless named (get-client)."""
        return self._asked("get-client", _client, params.ident("client_id", client_id))

    def get_clients(self, *, max: int = limits.PAGE) -> PagedCall[ClientAccount]:
        """List the accounts (get-clients)."""
        return self._pages(
            Listing(
                name="get-clients",
                form=params.form(calls.page_size(max)),
                rows="clients",
                total="clients_total",
                read=_client,
                key=_id,
            )
        )

    def get_transactions(
        self,
        *,
        client_id: Id,
        start: Moment | None = None,
        end: Moment | None = None,
        max: int = limits.PAGE,
    ) -> PagedCall[Transaction]:
        """List movements of money, newest first (get-transactions)."""
        form = params.form(
            params.ident("client_id", client_id, needed=True),
            *times.span(start, end),
            calls.page_size(max),
        )
        return self._pages(
            Listing(
                name="get-transactions",
                form=form,
                rows="transactions",
                total="transactions_total",
                read=_transaction,
                key=_id,
            )
        )

    def get_transaction(self, *, id: Id) -> Call[Transaction]:
        """Show one movement of money (get-transaction)."""
        return self._asked("get-transaction", _transaction, params.ident("id", id, needed=True))


def _id(row: ClientAccount | Transaction) -> str:
    return row.id


def _client(tree: Tree) -> ClientAccount:
    said = fields.plain(tree)
    return ClientAccount(
        id=reading.required(said, "id"),
        name=fields.text(said, "name"),
        contact=fields.text(said, "contact"),
        email=fields.text(said, "email"),
        msisdn=reading.number(said, "msisdn"),
        apikey=fields.text(said, "apikey"),
        apisecret=fields.text(said, "apisecret"),
        currency=fields.text(said, "currency"),
        timezone=fields.text(said, "timezone"),
        created=fields.utc(said, "created"),
        client_pays=fields.flag(said, "client_pays"),
        sms_margin=reading.money(said, "sms_margin"),
        balance=reading.money(said, "balance"),
        recharge_amount=reading.money(said, "recharge_amount"),
        total_lists=fields.number(said, "total_lists"),
        total_sms=fields.number(said, "total_sms"),
        total_contacts=fields.number(said, "total_contacts"),
        total_spend=reading.money(said, "total_spend"),
        total_revenue=reading.money(said, "total_revenue"),
        # The pages call it credits_based, recorded answers credit_based.
        credit_based=fields.flag(said, "credit_based")
        if "credit_based" in said
        else fields.flag(said, "credits_based"),
        trial=fields.flag(said, "trial"),
        trial_expiry_date=reading.day(said, "trial_expiry_date"),
        has_credit_card=fields.flag(said, "has_credit_card"),
        raw=tree,
    )


def _transaction(tree: Tree) -> Transaction:
    said = fields.plain(tree)
    return Transaction(
        id=reading.required(said, "id"),
        user_id=reading.ident(said, "user_id"),
        description=fields.text(said, "description"),
        amount=reading.money(said, "amount"),
        balance_standing=reading.money(said, "balance_standing"),
        created=fields.utc(said, "created"),
        type_id=reading.ident(said, "type_id"),
        type_description=fields.text(said, "type_description"),
        message_id=reading.ident(said, "message_id"),
        message_status=fields.text(said, "message_status"),
        message_cost=reading.money(said, "message_cost"),
        message_revenue=reading.money(said, "message_revenue"),
        raw=tree,
    )
