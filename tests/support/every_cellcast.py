"""Cellcast: a trial of every call, at API v3 and at the Bearer API."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from every_call import HOUR, OTHER, PNG, SENDER, TEMPLATE, TEXT, TO, Table, Trial, recent

import mmsclient as mms
from mmsclient.services.cellcast import Recipient

V3, BEARER = Table(), Table()

PICTURE = mms.File(PNG, "menu.png")
NZ = "64211234567"


def is_all_delivered(trial: Trial, sent: object, count: int) -> bool:
    messages = sent.messages  # type: ignore[attr-defined] # a Sent; a class of Cellcast's own
    ids = [delivery.tracking_id for delivery in trial.sim.deliveries]
    return len(ids) == count and ids == [message.id for message in messages]


@V3("send-sms")
@BEARER("gateway")
async def send_sms(trial: Trial) -> None:
    sent = await trial.call(
        trial.service.send_sms(to=[TO, OTHER], text=TEXT, sender=SENDER, reference="order-117")
    )
    assert is_all_delivered(trial, sent, 2)
    assert (sent.refused, sent.unknown) == ((), ())
    assert trial.received == TEXT


@V3("bulk-send-sms")
async def bulk_send_sms(trial: Trial) -> None:
    texts = [mms.Sms(to=TO, text=TEXT), mms.Sms(to=OTHER, text="Noon", reference="order-118")]
    told = await trial.call(trial.service.bulk_send_sms(texts))
    assert [result.error for result in told.results] == [None, None]
    [first], [second] = (result.sent.messages for result in told.results)
    ids = [delivery.tracking_id for delivery in trial.sim.deliveries]
    assert (ids, second.reference) == ([first.id, second.id], "order-118")
    assert (first.text, second.text) == (TEXT, "Noon")


@V3("send-sms-template")
async def send_sms_template(trial: Trial) -> None:
    [template] = await trial.rows(trial.service.get_template())
    to = Recipient(to=TO, fname="Noor")
    sent = await trial.call(trial.service.send_sms_template(template_id=template.id, to=to))
    assert is_all_delivered(trial, sent, 1)
    assert trial.received == "Hello Noor"


@V3("send-sms-nz")
async def send_sms_nz(trial: Trial) -> None:
    sent = await trial.call(trial.service.send_sms_nz(to=NZ, text=TEXT, sender="2345"))
    assert is_all_delivered(trial, sent, 1)
    assert trial.sim.deliveries[0].to == NZ


@V3("send-mms")
@BEARER("gatewaymms")
async def send_mms(trial: Trial) -> None:
    sent = await trial.call(trial.service.send_mms(to=[TO, OTHER], text=TEXT, image=PICTURE))
    assert is_all_delivered(trial, sent, 2)
    [delivery] = trial.sim.received(TO)
    assert (delivery.kind, delivery.slides[0].files[0].size) == ("mms", len(PNG))


@V3("get-sms")
@BEARER("report/message/{messageId}")
async def get_sms(trial: Trial) -> None:
    sent = await trial.send()
    found = await trial.call(trial.service.get_sms(message_id=sent))
    assert (found.id, found.text) == (sent, TEXT)
    assert (found.status, found.final) == (mms.DeliveryStatus.DELIVERED, True)
    assert recent(found.sent_at)


@V3("get-responses")
@BEARER("getResponses")
async def get_responses(trial: Trial) -> None:
    sent = await trial.send()
    texts = [f"Reply {n}" for n in range(30)]
    for text in texts:
        trial.sim.handset(TO).reply(text)
    rows = await trial.rows(trial.service.get_responses())
    assert [row.text for row in rows] == texts[::-1]
    assert recent(rows[0].at)
    if trial.service.token is None:
        assert {row.original_message_id for row in rows} == {sent}
        assert {(row.reference, row.original_text) for row in rows} == {("order-117", TEXT)}


async def confirmed(trial: Trial, call: mms.Call[Any]) -> bool:
    """Make a call that is answered by a yes; in the overview form it has no words."""
    told = await trial.call(call)
    return bool(told.words) or "meta" not in told.raw


@V3("inbound-read")
async def inbound_read(trial: Trial) -> None:
    one, *_ = [trial.sim.handset(TO).send_sms("Hi", service="cellcast") for _ in range(3)]
    assert await confirmed(trial, trial.service.inbound_read(message_id=one))
    assert len(await trial.rows(trial.service.get_responses())) == 2
    await trial.call(trial.service.inbound_read(date_before=datetime.now(UTC) + HOUR))
    assert await trial.rows(trial.service.get_responses()) == []


@V3("inbound-read-bulk")
async def inbound_read_bulk(trial: Trial) -> None:
    ids = [trial.sim.handset(TO).send_sms("Hi", service="cellcast") for _ in range(3)]
    assert await confirmed(trial, trial.service.inbound_read_bulk(message_ids=ids[:2]))
    [left] = await trial.rows(trial.service.get_responses())
    assert left.id == ids[2]


@V3("get-optout")
@BEARER("getOptout")
async def get_optout(trial: Trial) -> None:
    await trial.send()
    trial.sim.handset(TO).reply("STOP")
    now = datetime.now(UTC)
    [row] = await trial.rows(trial.service.get_optout(datestart=now - HOUR, dateend=now + HOUR))
    assert row.number.removeprefix("+") == TO


@V3("account")
@BEARER("apiClient/account")
async def account(trial: Trial) -> None:
    await trial.send()
    found = await trial.call(trial.service.account())
    assert (found.sms_balance, found.mms_balance) == (Decimal(499), Decimal(499))
    assert isinstance(found.sms_balance, Decimal)
    assert found.account_name == "Pretend account"


@V3("get-template")
async def get_template(trial: Trial) -> None:
    [row] = await trial.rows(trial.service.get_template())
    assert (row.title, row.text) == ("hello", TEMPLATE)
    assert row.id


@V3("register-alpha-id")
async def register_alpha_id(trial: Trial) -> None:
    call = trial.service.register_alpha_id(custom_id="Bakery", description="Offers of the day")
    assert await confirmed(trial, call)


@BEARER("token/verify")
async def verify_token(trial: Trial) -> None:
    assert (await trial.call(trial.service.verify_token())).words == "Token is valid"


@BEARER("gateway")
async def gateway(trial: Trial) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    sent = await trial.call(trial.service.gateway(to=[TO], text=TEXT, schedule_at=later))
    [message] = sent.messages
    found = await trial.call(trial.service.get_sms(message_id=message.id))
    assert (found.status, found.final) == (mms.DeliveryStatus.PENDING, False)
    assert found.schedule_at == later.replace(microsecond=0)
    assert trial.sim.deliveries == []


@BEARER("gatewaymms")
async def gatewaymms(trial: Trial) -> None:
    gif = "https://media.example.net/menu.gif"
    sent = await trial.call(
        trial.service.gatewaymms(to=TO, text=TEXT, image=gif, sender=SENDER, country_code=61)
    )
    assert is_all_delivered(trial, sent, 1)
    assert trial.sim.received(TO)[0].slides[0].files[0].url == gif


@BEARER("gateway")
async def send_sms_template_(trial: Trial) -> None:
    made = await trial.call(trial.service.create_template(name="noon", text="Noon"))
    template = made.raw["data"]["_id"]
    sent = await trial.call(trial.service.send_sms_template(template_id=template, to=TO))
    assert is_all_delivered(trial, sent, 1)
    assert trial.received == "Noon"


BEARER["send_sms_template"] = BEARER.pop("send_sms_template_")


@BEARER("cancelScheduleQuickMessage")
async def cancel_schedule_quick_message(trial: Trial) -> None:
    later = datetime.now(UTC) + HOUR
    sent = await trial.call(trial.service.gateway(to=TO, text=TEXT, schedule_at=later))
    [message] = sent.messages
    call = trial.service.cancel_schedule_quick_message(message_id=message.id, type="sms")
    assert (await trial.call(call)).words == "Job removed"
    found = await trial.call(trial.service.get_sms(message_id=message.id))
    assert (found.status, found.final) == (mms.DeliveryStatus.FAILED, True)


@BEARER("gateway/messages")
async def delete_message(trial: Trial) -> None:
    sent = await trial.send()
    assert (await trial.call(trial.service.delete_message(message_id=sent))).words
    assert await trial.rows(trial.service.report_message()) == []


@BEARER("report/message")
async def report_message(trial: Trial) -> None:
    ids = [await trial.send() for _ in range(12)]
    today = datetime.now(UTC).date()
    listing = trial.service.report_message(
        limit=5, camp_type="sms", to_date=today, status="delivered", reference="order-117"
    )
    rows = await trial.rows(listing)
    assert [row.id for row in rows] == ids[::-1]
    assert {(row.text, row.parts, row.credits_used) for row in rows} == {(TEXT, 1, Decimal(1))}


@BEARER("quick-api-credit-usage")
async def quick_api_credit_usage(trial: Trial) -> None:
    await trial.send()
    [row] = await trial.rows(trial.service.quick_api_credit_usage(camp_type="sms"))
    assert (row.name, row.total, row.credits_used) == ("Pretend account", 1, Decimal(1))


@BEARER("template")
async def create_template(trial: Trial) -> None:
    made = await trial.call(trial.service.create_template(name="noon", text="Noon"))
    assert made.raw["data"]["message"] == "Noon"


@BEARER("business/add")
async def business_add(trial: Trial) -> None:
    company = dict.fromkeys(("name", "abn", "website", "address"), "Bakery")
    names = ("firstName", "lastName", "position", "phoneNumber", "email")
    call = trial.service.business_add(
        business_name="Bakery",
        description="Offers of the day",
        purpose_of_use="marketing",
        ownership=True,
        company=company,
        contact=dict.fromkeys(names, "Bakery"),
    )
    assert (await trial.call(call)).words == "Your request has been received"


@BEARER("customNumber")
async def custom_number(trial: Trial) -> None:
    await verify_custom_number(trial)
    [row] = await trial.rows(trial.service.custom_number())
    assert (row.name, row.number) == ("Bakery", TO)


@BEARER("customNumber/add")
async def custom_number_add(trial: Trial) -> None:
    assert (await trial.call(trial.service.custom_number_add(name="Bakery", number=TO))).words
    assert "code" in (trial.received or "")


@BEARER("verifyCustomNumber")
async def verify_custom_number(trial: Trial) -> None:
    await custom_number_add(trial)
    [code] = re.findall(r"\d+", trial.received or "")
    call = trial.service.verify_custom_number(name="Bakery", number=TO, otp=code)
    assert (await trial.call(call)).words == "Number verified"


@BEARER("optoutlist")
async def optoutlist(trial: Trial) -> None:
    for n in range(3):
        await trial.call(trial.service.create_optoutlist(title=f"Page {n}", description="Bye"))
    rows = await trial.rows(trial.service.optoutlist(size=2))
    assert [row.title for row in rows] == ["Page 2", "Page 1", "Page 0"]


@BEARER("optoutlist")
async def create_optoutlist(trial: Trial) -> None:
    call = trial.service.create_optoutlist(title="Bye", description="Sorry", options=["a", "b"])
    made = await trial.call(call)
    assert (made.title, made.description, made.options) == ("Bye", "Sorry", ("a", "b"))
