"""TransmitSMS: a trial of every call about messages, reports, numbers, e-mail and clients."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from every_call import HOUR, OTHER, SENDER, TEXT, TO, Table, Trial, recent
from every_transmitsms_lists import CALLS as ON_LISTS
from every_transmitsms_lists import make_list

CALLS = Table()

OWN = "61491570006"
PRICE = Decimal("0.087")


def period() -> dict[str, datetime]:
    now = datetime.now(UTC)
    return {"start": now - HOUR, "end": now + HOUR}


@CALLS("send-sms")
async def send_sms(trial: Trial) -> None:
    sent = await trial.call(trial.service.send_sms(to=[TO, OTHER], text=TEXT, sender=SENDER))
    assert (sent.recipients, sent.cost, sent.sms) == (2, 2 * PRICE, 2)
    assert isinstance(sent.cost, Decimal)
    assert recent(sent.send_at)
    assert [delivery.tracking_id for delivery in trial.sim.deliveries] == [sent.message_id] * 2
    on_list = await trial.call(
        trial.service.send_sms(list_id=await make_list(trial), text="Hi [firstname]")
    )
    assert (on_list.recipients, on_list.list_name) == (1, "Bakery")
    assert trial.received == "Hi Noor"


@CALLS("cancel-sms")
async def cancel_sms(trial: Trial) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    sent = await trial.call(trial.service.send_sms(to=TO, text=TEXT, send_at=later))
    assert sent.send_at == later.replace(microsecond=0)
    assert "error" in (await trial.call(trial.service.cancel_sms(id=sent.message_id))).raw
    assert trial.sim.deliveries == []


@CALLS("format-number")
async def format_number(trial: Trial) -> None:
    found = await trial.call(trial.service.format_number(msisdn="0491 570 156", countrycode="au"))
    assert (found.international, found.countrycode) == ("61491570156", "61")
    assert (found.nationalnumber, found.type, found.is_valid) == ("491570156", 1, True)


@CALLS("get-sms-responses")
async def get_sms_responses(trial: Trial) -> None:
    sent, inbound = await trial.send(), trial.sim.handset(TO).reply("Yes\nplease")
    call = trial.service.get_sms_responses(message_id=sent, include_original=True)
    [row] = await trial.rows(call)
    assert (row.id, row.message_id, row.msisdn, row.longcode) == (inbound, sent, TO, SENDER)
    assert (row.text, row.original_message, row.list_id) == ("Yes\nplease", TEXT, None)
    assert recent(row.received_at)


@CALLS("get-user-sms-responses")
async def get_user_sms_responses(trial: Trial) -> None:
    ids = [trial.sim.handset(TO).send_sms("Hi", service="transmitsms") for _ in range(12)]
    rows = await trial.rows(trial.service.get_user_sms_responses(max=5))
    assert [row.id for row in rows] == ids[::-1]
    assert {(row.message_id, row.msisdn, row.text) for row in rows} == {(None, TO, "Hi")}


@CALLS("message-reply")
async def message_reply(trial: Trial) -> None:
    await trial.send()
    call = trial.service.message_reply(text="Yes", sender=TO, to=SENDER)
    assert "handled" in (await trial.call(call)).result
    [row] = await trial.rows(trial.service.get_user_sms_responses())
    assert row.text == "Yes"


@CALLS("get-message-log")
async def get_message_log(trial: Trial) -> None:
    sent = await trial.send()
    found = await trial.call(trial.service.get_message_log(message_id=sent, mobile=TO))
    assert (found.message_id, found.mobile, found.sender) == (sent, TO, SENDER)
    assert found.text == TEXT
    assert recent(found.datetime_send)


@CALLS("get-sms")
async def get_sms(trial: Trial) -> None:
    sent = await trial.send()
    found = await trial.call(trial.service.get_sms(message_id=sent))
    assert (found.message_id, found.text, found.cost) == (sent, TEXT, PRICE)
    assert (found.recipients, found.delivered, found.pending, found.bounced) == (1, 1, 0, 0)


@CALLS("get-sms-stats")
async def get_sms_stats(trial: Trial) -> None:
    sent = await trial.send()
    trial.sim.handset(TO).reply("STOP")
    found = await trial.call(trial.service.get_sms_stats(message_id=sent))
    assert (found.total, found.recipient_count, found.delivered) == (1, 1, 1)
    assert (found.responses, found.opt_outs, found.link_hits) == (1, 1, 0)
    assert (found.pending, found.bounced) == (0, 0)
    assert (found.soft_bounced, found.hard_bounced) == (0, 0)


@CALLS("get-sms-delivery-status")
async def get_sms_delivery_status(trial: Trial) -> None:
    sent = await trial.send()
    found = await trial.call(trial.service.get_sms_delivery_status(message_id=sent, msisdn=TO))
    assert (found.message_id, found.mobile, found.sender) == (sent, TO, SENDER)
    assert (found.status, found.text) == ("delivered", TEXT)
    assert recent(found.delivered_at)


@CALLS("get-sms-sent")
async def get_sms_sent(trial: Trial) -> None:
    numbers = [f"120255501{n:02}" for n in range(12)]
    sent = await trial.call(trial.service.send_sms(to=numbers, text=TEXT))
    listing = trial.service.get_sms_sent(message_id=sent.message_id, max=5)
    rows = await trial.rows(listing)
    assert [row.msisdn for row in rows] == numbers
    assert {(row.delivery_status, row.optout) for row in rows} == {("delivered", False)}
    page = await trial.client.pages(listing)
    assert (page.number, page.count, page.total) == (1, 3, 12)


@CALLS("get-sms-sent-count")
async def get_sms_sent_count(trial: Trial) -> None:
    await trial.send()
    assert (await trial.call(trial.service.get_sms_sent_count())).count == 1


@CALLS("get-user-sms-sent")
async def get_user_sms_sent(trial: Trial) -> None:
    sent = await trial.send()
    [row] = await trial.rows(trial.service.get_user_sms_sent(**period()))
    assert (row.message_id, row.msisdn, row.sender) == (sent, TO, SENDER)
    assert (row.text, row.status) == (TEXT, "delivered")
    assert row.id != sent
    assert recent(row.sent_at)


@CALLS("get-contact-sms-stats")
async def get_contact_sms_stats(trial: Trial) -> None:
    ids = {await trial.send() for _ in range(3)}
    await trial.send(OTHER)
    rows = await trial.rows(trial.service.get_contact_sms_stats(mobile=TO))
    assert {row.message_id for row in rows} == ids
    assert {row.delivery_status for row in rows} == {"delivered"}
    assert recent(rows[0].datetime_send)


@CALLS("get-message-report")
async def get_message_report(trial: Trial) -> None:
    sent = await trial.send()
    [row] = await trial.rows(trial.service.get_message_report(**period()))
    assert (row.id, row.type, row.sms, row.cost) == (sent, "api", 1, -PRICE)
    assert (row.text, row.msisdn, row.delivered) == (TEXT, TO, 1)
    assert (row.pending, row.soft_bounced, row.hard_bounced) == (0, 0, 0)


@CALLS("get-link-hits")
async def get_link_hits(trial: Trial) -> None:
    call = trial.service.send_sms(
        to=TO, text="See [tracked-link]", tracked_link_url="https://media.example.net/07"
    )
    sent = await trial.call(call)
    trial.sim.handset(TO).open_link()
    assert sent.message_id
    found = await trial.call(trial.service.get_link_hits(message_id=sent.message_id))
    assert "recipients" in found.raw


@CALLS("get-balance")
async def get_balance(trial: Trial) -> None:
    found = await trial.call(trial.service.get_balance())
    assert (found.balance, found.currency) == (500 * PRICE, "AUD")
    assert isinstance(found.balance, Decimal)


@CALLS("get-numbers")
async def get_numbers(trial: Trial) -> None:
    [own] = await trial.rows(trial.service.get_numbers())
    assert (own.number, own.status, own.auto_renew) == (OWN, "active", True)
    assert isinstance(own.price, Decimal)
    assert own.next_charge > datetime.now(UTC).date()
    offered = await trial.rows(trial.service.get_numbers(filter="available", max=2))
    assert len({row.number for row in offered}) == 5
    assert {row.status for row in offered} == {None}


@CALLS("get-number")
async def get_number(trial: Trial) -> None:
    found = await trial.call(trial.service.get_number(number=OWN))
    assert (found.number, found.status) == (OWN, "active")


@CALLS("lease-number")
async def lease_number(trial: Trial) -> None:
    leased = await trial.call(trial.service.lease_number(number="61491570156"))
    assert (leased.number, leased.status) == ("61491570156", "active")
    assert len(await trial.rows(trial.service.get_numbers())) == 2


@CALLS("edit-number-options")
async def edit_number_options(trial: Trial) -> None:
    call = trial.service.edit_number_options(number=OWN, welcome_message="Hello")
    assert "error" in (await trial.call(call)).raw


@CALLS("get-sender-ids")
async def get_sender_ids(trial: Trial) -> None:
    assert OWN in str((await trial.call(trial.service.get_sender_ids())).raw)


@CALLS("add-keyword")
async def add_keyword(trial: Trial) -> None:
    call = trial.service.add_keyword(
        keyword="bread", number=OWN, reference="spring", members_message="You are in"
    )
    made = await trial.call(call)
    assert (made.keyword, made.number, made.reference) == ("BREAD", OWN, "spring")
    assert (made.member_message, made.status) == ("You are in", "open")
    assert made.list_id.isdigit()
    assert made.billing_date > datetime.now(UTC).date()


@CALLS("edit-keyword")
async def edit_keyword(trial: Trial) -> None:
    await add_keyword(trial)
    call = trial.service.edit_keyword(
        keyword="bread", number=OWN, welcome_message="Hi", status="Closed"
    )
    changed = await trial.call(call)
    assert (changed.keyword, changed.welcome_message, changed.status) == ("BREAD", "Hi", "closed")


@CALLS("get-keywords")
async def get_keywords(trial: Trial) -> None:
    await add_keyword(trial)
    [row] = await trial.rows(trial.service.get_keywords(number=OWN))
    assert (row.keyword, row.number) == ("BREAD", OWN)


@CALLS("add-email")
async def add_email(trial: Trial) -> None:
    call = trial.service.add_email(email="*@example.net", max_sms=2)
    assert "error" in (await trial.call(call)).raw


@CALLS("delete-email")
async def delete_email(trial: Trial) -> None:
    await add_email(trial)
    assert "error" in (await trial.call(trial.service.delete_email(email="*@example.net"))).raw


@CALLS("add-client")
async def add_client(trial: Trial) -> None:
    about = {"name": "Rye", "email": "rye@example.net", "password": "w-1", "msisdn": TO}
    made = await trial.call(trial.service.add_client(**about, sms_margin=3))
    assert (made.name, made.email, made.msisdn) == ("Rye", "rye@example.net", TO)
    assert (made.sms_margin, made.client_pays, made.trial) == (Decimal(3), True, False)
    assert recent(made.created)
    assert made.apikey
    assert made.id.isdigit()


@CALLS("edit-client")
async def edit_client(trial: Trial) -> None:
    await add_client(trial)
    [row] = await trial.rows(trial.service.get_clients())
    changed = await trial.call(trial.service.edit_client(client_id=row.id, name="Spelt"))
    assert (changed.id, changed.name) == (row.id, "Spelt")


@CALLS("get-client")
async def get_client(trial: Trial) -> None:
    own = await trial.call(trial.service.get_client())
    assert (own.currency, own.balance) == ("AUD", 500 * PRICE)
    assert own.id.isdigit()


@CALLS("get-clients")
async def get_clients(trial: Trial) -> None:
    await add_client(trial)
    [row] = await trial.rows(trial.service.get_clients())
    assert (row.name, row.total_sms, row.total_lists) == ("Rye", 0, 0)


@CALLS("get-transactions")
async def get_transactions(trial: Trial) -> None:
    sent, own = await trial.send(), await trial.call(trial.service.get_client())
    rows = await trial.rows(trial.service.get_transactions(client_id=own.id))
    assert [row.message_id for row in rows] == [sent, None]
    assert (rows[0].amount, rows[0].user_id, rows[0].message_cost) == (-PRICE, own.id, PRICE)
    assert rows[0].balance_standing == 499 * PRICE
    assert recent(rows[0].created)


@CALLS("get-transaction")
async def get_transaction(trial: Trial) -> None:
    await get_transactions(trial)
    row = next(value for value in trial.values if getattr(value, "amount", None) == -PRICE)
    found = await trial.call(trial.service.get_transaction(id=row.id))
    assert (found.id, found.amount, found.message_id) == (row.id, -PRICE, row.message_id)
    assert found.balance_standing == row.balance_standing


CALLS.update(ON_LISTS)
