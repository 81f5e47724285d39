"""Every action of the service, called by hand: what it answers and what it does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rawcalls import MMS, SMS, Nodes, ask, ask_raw, document, xml

from mmsclient.simulator import Account, Campaign, Simulator

TO, OTHER = "12025550143", "12025550144"
TEMPLATE: Nodes = {"SUBJECT": "Fresh", "NAME": "menu", "SLIDE": {"TEXT": "Rye"}}


def simulator(*campaigns: Campaign) -> Simulator:
    return Simulator(rate=None, accounts=[Account(campaigns=campaigns)])


def spring() -> Campaign:
    numbers = {"12025550143": "CUST-1", "12025550144": "CUST-1", "12025550145": "CUST-2"}
    return Campaign(ref="bakery-spring", name="Spring", id="77", subscribers=numbers)


async def saved(sim: Simulator, **changes: Nodes | str | list[Nodes]) -> str:
    reply = await ask(sim, "saveMMS", {**TEMPLATE, **changes})
    assert reply.code == "accepted"
    return reply["MMSID"]


async def test_send_mms_is_accepted_and_arrives_as_it_was_sent() -> None:
    sim = simulator()
    reply = await ask(sim, "sendMMS", {**MMS, "CLIENT_REFERENCE": "order-117"})
    assert reply.names == ["STATUS", "TO", "MMSID", "TRACKINGID", "STATUSDETAILS"]
    assert (reply["STATUS"], reply["TO"]) == ("Success", TO)
    [delivery] = sim.received(TO)
    assert delivery.tracking_id == reply["TRACKINGID"]
    assert delivery.mms_id == reply["MMSID"]
    assert (delivery.kind, delivery.sent_as) == ("mms", "mms")
    assert (delivery.sender, delivery.reference) == ("70707", "order-117")
    assert (delivery.subject, delivery.texts) == ("Fresh at 7", ("Rye & spelt",))
    assert delivery.slides[0].files[0].url == "https://media.example.net/07.png"
    assert delivery.slides[0].duration == 6


async def test_send_sms_is_accepted_and_arrives() -> None:
    sim = simulator()
    reply = await ask(sim, "sendSMS", {**SMS, "FROM_MASK": "Bakery on Main"})
    assert reply.names == ["STATUS", "TRACKINGID", "TO"]
    [delivery] = sim.deliveries
    assert (delivery.to, delivery.texts, delivery.kind) == (TO, ("Fresh at 7",), "sms")
    assert delivery.shown_as == "70707", "no alphanumeric senders in the USA"


async def test_an_alphanumeric_sender_is_cut_after_eleven_characters() -> None:
    sim = simulator()
    await ask(sim, "sendSMS", {**SMS, "TO": "642111111", "FROM_MASK": "Bakery on Main"})
    assert sim.deliveries[0].shown_as == "Bakery on M"


async def test_names_and_action_are_matched_without_regard_to_case() -> None:
    sim = simulator()
    body = document(sim, "SENDsms", SMS).replace(b"REQUEST", b"Request").replace(b"TEXT", b"text")
    assert (await ask_raw(sim, body)).code == "accepted"


async def test_line_feeds_and_cdata_survive_and_a_second_file_of_a_kind_is_ignored() -> None:
    sim = simulator()
    nodes: Nodes = {"IMAGE": [{"URL": "https://media.example.net/1.png"}, {"URL": "nonsense"}]}
    body = document(sim, "sendMMS", {**MMS, "SLIDE": {**nodes, "TEXT": "PLACE"}})
    body = body.replace(b"PLACE", b"<![CDATA[ one &\n two ]]>")
    assert (await ask_raw(sim, body)).code == "accepted"
    assert sim.deliveries[0].texts == (" one &\n two ",)
    assert len(sim.deliveries[0].slides[0].files) == 1


async def test_slides_keep_their_order_and_a_subject_is_cut_after_80_characters() -> None:
    sim = simulator()
    slides: list[Nodes] = [{"TEXT": str(place)} for place in range(9)]
    await ask(sim, "sendMMS", {**MMS, "SUBJECT": "s" * 81, "SLIDE": slides})
    assert sim.deliveries[0].texts == tuple("012345678")
    assert sim.deliveries[0].subject == "s" * 80


async def test_a_saved_template_is_sent_with_texts_subject_and_tags() -> None:
    sim = simulator()
    slides: list[Nodes] = [{"TEXT": "Hi {$first_name|friend}, {$Rest|bye}"}, {"TEXT": "Old"}]
    mms_id = await saved(sim, SLIDE=slides)
    reply = await ask(
        sim,
        "sendSavedMMS",
        {
            "MMSID": mms_id,
            "TO": TO,
            "FROM": "70707",
            "CUSTOMTEXT": {"VALUE": "New for {$FIRST_NAME}", "SLIDE": "2"},
            "CUSTOMSUBJECT": "Hello",
            "DATA": {"FIRST_NAME": "Noor"},
        },
    )
    assert reply.names == ["STATUS", "MMSID", "TRACKINGID", "TO", "FROM", "STATUSDETAILS"]
    [delivery] = sim.deliveries
    assert delivery.texts == ("Hi Noor, bye", "New for Noor")
    assert (delivery.subject, delivery.mms_id) == ("Hello", mms_id)


async def test_a_message_to_a_subscriber_reference_reaches_all_its_numbers() -> None:
    sim = simulator(spring())
    nodes: Nodes = {"TEXT": "Hi", "SUBSCRIBERREF": "CUST-1", "CAMPAIGNREF": "bakery-spring"}
    reply = await ask(sim, "sendMessageBySubscriberRef", nodes)
    assert reply.names == ["SUBSCRIBERREF", "CAMPAIGNREF", "SUBSCRIBER", "SUBSCRIBER"]
    assert reply.all("SUBSCRIBER/STATUS") == ["Success", "Success"]
    assert reply.all("SUBSCRIBER/TO") == [TO, OTHER]
    assert [delivery.to for delivery in sim.deliveries] == [TO, OTHER]


async def test_a_subscriber_reference_has_an_answer_for_each_number() -> None:
    numbers = {TO: "CUST-1", "12025550193": "CUST-1", "12025550195": "CUST-1"}
    sim = simulator(Campaign(ref="spring", subscribers=numbers))
    mms_id = await saved(sim)
    nodes: Nodes = {"MMSID": mms_id, "SUBSCRIBERREF": "CUST-1", "CAMPAIGNREF": "spring"}
    reply = await ask(sim, "sendMessageBySubscriberRef", nodes)
    assert reply.all("SUBSCRIBER/STATUS") == ["Success", "Failure", "Success"]
    assert reply.all("SUBSCRIBER/ERRORCODE") == ["E114"]
    assert [delivery.to for delivery in sim.deliveries] == [TO]
    assert len(sim.stuck) == 1


async def test_templates_are_listed_newest_first_and_by_pages() -> None:
    sim = simulator()
    ids = [await saved(sim, NAME=f"menu-{place}") for place in range(5)]
    pages = [
        await ask(sim, "getMMSTemplates", {"PAGE_NUMBER": str(page), "ITEMS_PER_PAGE": "2"})
        for page in (1, 2, 3, 4)
    ]
    listed = [found for page in pages for found in page.all("MMS_TEMPLATE/MMSID")]
    assert listed == ids[::-1]
    assert [len(page.all("MMS_TEMPLATE")) for page in pages] == [2, 2, 1, 0]
    assert pages[0]["TOTAL_RESULTS"] == "5"
    assert pages[0]["MMS_TEMPLATE/NAME"] == "menu-4"
    assert pages[0]["MMS_TEMPLATE/TOTAL_SLIDES"] == "1"
    assert not pages[0].all("MMS_TEMPLATE/POSTER_URL")


async def test_templates_are_listed_from_a_start_date_on() -> None:
    sim = simulator()
    await saved(sim)
    created = (await ask(sim, "getMMSTemplates"))["MMS_TEMPLATE/DATE_CREATED"]
    later, earlier = datetime.now(UTC) + timedelta(minutes=1), datetime(2030, 1, 1, tzinfo=UTC)
    earlier = min(earlier, later - timedelta(days=2))
    for date, found in ((created, 0), (later.isoformat(), 0), (earlier.isoformat(), 1)):
        reply = await ask(sim, "getMMSTemplates", {"START_DATE": date})
        assert (reply["START_DATE"], len(reply.all("MMS_TEMPLATE"))) == (date, found)


async def test_details_tell_the_slides_and_the_poster_of_a_template() -> None:
    sim = simulator()
    url = "https://media.example.net/07.png"
    mms_id = await saved(sim, SLIDE={"IMAGE": {"URL": url}, "TEXT": "Rye"})
    reply = await ask(sim, "getMMSIDDetails", {"MMSID": mms_id})
    assert (reply["MMSID"], reply["SUBJECT"], reply["POSTER_URL"]) == (mms_id, "Fresh", url)
    assert (reply["SLIDE/TEXT"], reply["SLIDE/IMAGE/ORIGINAL/URL"]) == ("Rye", url)


async def test_a_deleted_template_is_gone_at_once() -> None:
    sim = simulator()
    mms_id = await saved(sim)
    assert (await ask(sim, "deleteMMSID", {"MMSID": mms_id}))["MMSID"] == mms_id
    assert (await ask(sim, "deleteMMSID", {"MMSID": mms_id})).code == "E241"
    nodes: Nodes = {"MMSID": mms_id, "TO": TO, "FROM": "70707"}
    assert (await ask(sim, "sendSavedMMS", nodes)).code == "E241"


async def test_template_identifiers_come_in_one_node_and_none_is_a_code() -> None:
    sim = simulator()
    assert (await ask(sim, "getmmsids")).code == "E200"
    ids = [await saved(sim), await saved(sim)]
    assert (await ask(sim, "getMmsIds"))["MMSIDS"].split(",") == ids[::-1]


async def test_campaigns_are_listed_in_both_forms_and_none_is_a_code() -> None:
    assert (await ask(simulator(), "getMessagingCampaigns")).code == "E405"
    assert (await ask(simulator(), "getMmsCampaigns")).code == "E405"
    sim = simulator(spring())
    reply = await ask(sim, "getMessagingCampaigns")
    assert reply["MESSAGINGCAMPAIGNS/CAMPAIGN/REFERENCE"] == "bakery-spring"
    older = await ask(sim, "getMmsCampaigns")
    assert older["MMSCAMPAIGNS/CAMPAIGN/ID"] == "77"
    assert not older.all("MMSCAMPAIGNS/CAMPAIGN/REFERENCE")


async def test_a_number_is_subscribed_and_unsubscribed_by_call() -> None:
    sim = simulator(spring())
    nodes: Nodes = {"CAMPAIGNREF": "bakery-spring", "MOBILE": "12025550150"}
    reply = await ask(sim, "subscribe", {**nodes, "SUBSCRIBERREF": "CUST-9"})
    assert reply.names == ["STATUS", "CAMPAIGNREF", "SUBSCRIBERREF", "MOBILE"]
    assert (await ask(sim, "unsubscribe", nodes)).names == ["STATUS", "CAMPAIGNREF", "MOBILE"]
    assert (await ask(sim, "unsubscribe", nodes)).code == "E905"
    assert (await ask(sim, "subscribe", nodes)).code == "accepted", "taken out by call may return"


async def test_who_left_by_himself_cannot_be_subscribed_by_call() -> None:
    sim = simulator(spring())
    sim.handset(TO).opt_out()
    reply = await ask(sim, "subscribe", {"CAMPAIGNREF": "bakery-spring", "MOBILE": TO})
    assert (reply.code, reply["CAMPAIGNREF"]) == ("E904", "bakery-spring")


async def test_the_older_name_of_a_campaign_is_understood_and_repeated() -> None:
    sim = simulator(spring())
    reply = await ask(sim, "subscribe", {"CAMPAIGNID": "77", "MOBILE": "12025550150"})
    assert reply["CAMPAIGNID"] == "77"


async def test_a_template_goes_to_a_whole_campaign() -> None:
    sim = simulator(spring())
    nodes: Nodes = {"MMSID": await saved(sim), "TOCAMPAIGN": "bakery-spring"}
    reply = await ask(sim, "sendSavedMMSCampaign", nodes)
    assert reply.names == ["STATUS", "MMSID", "SCHEDULEDID"]
    assert len(sim.deliveries) == 3


async def test_a_campaign_is_created_and_can_be_subscribed_to() -> None:
    sim = simulator()
    nodes: Nodes = {"CAMPAIGNNAME": "Autumn", "BRANDNAME": "Bakery"}
    reply = await ask(sim, "createMMSCampaign", nodes)
    assert reply.names == ["STATUS", "CAMPAIGNID", "CAMPAIGNNAME", "BRANDNAME"]
    joined = await ask(sim, "subscribe", {"CAMPAIGNREF": reply["CAMPAIGNID"], "MOBILE": TO})
    assert joined.code == "accepted"


async def test_a_report_of_all_traffic_is_a_link() -> None:
    sim = simulator()
    period: Nodes = {"START_DATE": "2031-02-01 00:00:00", "END_DATE": "2031-02-03 00:00:00"}
    assert (await ask(sim, "getSendingStatus", period))["URL"].startswith("https://")


@pytest.mark.parametrize("action", ["removeMMSInboxMessage", "removeMMSInboxContent"])
async def test_files_of_an_inbound_mms_are_removed_once(action: str) -> None:
    sim = simulator()
    nodes: Nodes = {"MMSINBOXID": sim.handset(TO).send_mms()}
    assert (await ask(sim, action, nodes)).names == ["STATUS", "MMSINBOXID"]
    assert (await ask(sim, action, nodes)).code == "E642"


def test_the_hand_written_documents_repeat_a_node_for_each_row_of_a_list() -> None:
    assert xml({"A": [{"B": "1"}, {"B": "<"}]}) == "<A><B>1</B></A><A><B>&lt;</B></A>"
