"""Skycore: a trial of every action."""

from __future__ import annotations

from datetime import UTC, datetime

from every_call import HOUR, LIST, OTHER, SENDER, TEXT, TO, Table, Trial

import mmsclient as mms

CALLS = Table()

SLIDE = mms.Slide(image="https://media.example.net/07.png", text=TEXT)


async def template(trial: Trial) -> str:
    saved = await trial.call(trial.service.save_mms(name="menu", subject="Hello", slides=[SLIDE]))
    return str(saved.id)


def is_delivered(trial: Trial, accepted: mms.Accepted, kind: str) -> bool:
    [delivery] = trial.sim.received(TO)
    return (delivery.tracking_id, delivery.to, delivery.kind) == (accepted.id, accepted.to, kind)


@CALLS("sendMMS")
async def send_mms(trial: Trial) -> None:
    call = trial.service.send_mms(
        to=TO, sender=SENDER, slides=[SLIDE], name="menu", subject="Hello"
    )
    accepted = await trial.call(call)
    assert is_delivered(trial, accepted, "mms")
    assert accepted.mms_id


@CALLS("saveMMS")
async def save_mms(trial: Trial) -> None:
    assert (await template(trial)).isdigit()


@CALLS("sendSavedMMS")
async def send_saved_mms(trial: Trial) -> None:
    mms_id = await template(trial)
    call = trial.service.send_saved_mms(template=mms_id, to=TO, sender=SENDER, texts={1: "Noon"})
    accepted = await trial.call(call)
    assert is_delivered(trial, accepted, "mms")
    assert trial.received == "Noon"


@CALLS("sendSMS")
async def send_sms(trial: Trial) -> None:
    accepted = await trial.call(trial.service.send_sms(to=TO, sender=SENDER, text=TEXT))
    assert is_delivered(trial, accepted, "sms")
    assert trial.received == TEXT


@CALLS("sendMessageBySubscriberRef")
async def send_message_by_subscriber_ref(trial: Trial) -> None:
    call = trial.service.send_message_by_subscriber_ref(
        subscriber_ref="noor", campaign_ref=LIST, text=TEXT
    )
    sent = await trial.call(call)
    [result] = sent.results
    assert (sent.subscriber_ref, sent.campaign_ref) == ("noor", LIST)
    assert (result.to, result.error) == (TO, None)
    assert trial.sim.received(TO)[0].tracking_id == result.id


@CALLS("getMMSTemplates")
async def get_mms_templates(trial: Trial) -> None:
    ids = [await template(trial) for _ in range(3)]
    rows = await trial.rows(trial.service.get_mms_templates(items_per_page=2))
    assert [row.id for row in rows] == ids[::-1]
    assert {(row.name, row.subject, row.slides) for row in rows} == {("menu", "Hello", 1)}
    assert rows[0].created is not None


@CALLS("getMMSIDDetails")
async def get_mmsid_details(trial: Trial) -> None:
    mms_id = await template(trial)
    found = await trial.call(trial.service.get_mmsid_details(mms_id=mms_id))
    assert (found.id, found.name, found.subject) == (mms_id, "menu", "Hello")


@CALLS("deleteMMSID")
async def delete_mmsid(trial: Trial) -> None:
    mms_id = await template(trial)
    assert (await trial.call(trial.service.delete_mmsid(mms_id=mms_id))).id == mms_id
    assert await trial.rows(trial.service.get_mms_templates()) == []


@CALLS("getMessagingCampaigns")
async def get_messaging_campaigns(trial: Trial) -> None:
    [row] = await trial.rows(trial.service.get_messaging_campaigns())
    assert (row.name, row.reference) == ("Customers", LIST)
    assert row.id


@CALLS("subscribe")
async def subscribe(trial: Trial) -> None:
    call = trial.service.subscribe(campaign_ref=LIST, mobile=OTHER, subscriber_ref="order-118")
    joined = await trial.call(call)
    assert (joined.campaign_ref, joined.mobile) == (LIST, OTHER)
    assert joined.subscriber_ref == "order-118"


@CALLS("unsubscribe")
async def unsubscribe(trial: Trial) -> None:
    left = await trial.call(trial.service.unsubscribe(campaign_ref=LIST, mobile=TO))
    assert (left.campaign_ref, left.mobile) == (LIST, TO)


@CALLS("getMmsIds")
async def get_mms_ids(trial: Trial) -> None:
    ids = {await template(trial) for _ in range(2)}
    assert {row.id for row in await trial.rows(trial.service.get_mms_ids())} == ids


@CALLS("getMmsCampaigns")
async def get_mms_campaigns(trial: Trial) -> None:
    [row] = await trial.rows(trial.service.get_mms_campaigns())
    assert (row.name, row.reference) == ("Customers", None)


@CALLS("sendSavedMMSCampaign")
async def send_saved_mms_campaign(trial: Trial) -> None:
    mms_id = await template(trial)
    call = trial.service.send_saved_mms_campaign(template=mms_id, to_campaign=LIST)
    scheduled = await trial.call(call)
    assert scheduled.id
    assert (scheduled.mms_id, trial.received) == (mms_id, TEXT)


@CALLS("createMMSCampaign")
async def create_mms_campaign(trial: Trial) -> None:
    call = trial.service.create_mms_campaign(campaign_name="Spring", brand_name="Rye")
    made = await trial.call(call)
    assert (made.name, made.brand) == ("Spring", "Rye")
    rows = await trial.rows(trial.service.get_messaging_campaigns())
    assert made.id in {row.id for row in rows}


@CALLS("getSendingStatistics")
async def get_sending_statistics(trial: Trial) -> None:
    now = datetime.now(UTC)
    call = trial.service.get_sending_statistics(start_date=now - HOUR, end_date=now)
    assert (await trial.call(call)).url.startswith("https://reports.example.net/")


@CALLS("removeMMSInboxMessage")
async def remove_mms_inbox_message(trial: Trial) -> None:
    picture = "https://media.example.net/in.png"
    inbound = trial.sim.handset(TO).send_mms("Look", files=[picture])
    call = trial.service.remove_mms_inbox_message(mms_inbox_id=inbound)
    assert (await trial.call(call)).id == inbound
