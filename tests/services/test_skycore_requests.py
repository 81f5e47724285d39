"""Requests of Skycore: every action against its golden document, and any text that XML can hold."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmsclient.messages import Media, Mms, SavedMms, Slide, Sms
from mmsclient.services.skycore import Skycore, envelope, messages
from mmsclient.wire import Call, Rate

GOLDEN = Path(__file__).parents[1] / "golden" / "skycore"
SERVICE = Skycore(api_key="k-golden")
HOST = "https://media.example.net/"
NOW = datetime(2031, 1, 1, tzinfo=UTC)

TALK = Slide(image=HOST + "07.png", audio=Media(HOST + "07.mp3"), text="Rye & spelt", duration=6)
CARD = Slide(vcard=HOST + "bakery.vcf", text="Call us", duration=4)


def structure(document: str | bytes) -> Any:
    """Return names, order and text of a document, without the blanks between elements."""

    def walk(element: ET.Element) -> Any:
        inside = [walk(each) for each in element]
        return (element.tag, element.attrib, inside or (element.text or ""))

    return walk(ET.fromstring(document))  # noqa: S314 - the documents are ours


def golden(name: str) -> Any:
    return structure((GOLDEN / f"{name}-request.xml").read_text(encoding="utf-8"))


CALLS: dict[str, Call[Any]] = {
    "send-mms": SERVICE.send_mms(
        to="+1 (202) 555-0143",
        sender="70707",
        operator_id="0001890",
        campaign_ref="bakery-spring",
        subject="Fresh at 7",
        name="menu-07",
        slides=[TALK, CARD],
    ),
    "send-sms": SERVICE.send_sms(
        to="12025550143",
        sender="70707",
        text="The oven is on, Noor",
        reference="kept here",
        from_mask="Bakery",
        operator_id="0001890",
        campaign_ref="bakery-spring",
    ),
    "send-saved-mms": SERVICE.send_saved_mms(
        template="9100442",
        to="12025550143",
        sender="70707",
        texts={1: "Just for you", 3: "And for later"},
        subject="Hello Noor",
        data={"first_name": "Noor", "Bread": "Rye"},
        fallback_text="Hello from the bakery",
        reference="kept here",
        from_mask="Bakery",
        operator_id="0001890",
        campaign_ref="bakery-spring",
        disable_fallback_sms=True,
        disable_fallback_sms_link=True,
        force_pass_as_link=True,
        ddm_title="A look at your phone",
        ddm_text="This one is free",
        ddm_timeout=7,
        ddm_force=True,
    ),
    "save-mms": SERVICE.save_mms(
        name="menu-07",
        subject="Fresh at 7",
        fallback_text="Fresh at 7",
        disable_fallback_sms=True,
        disable_fallback_sms_link=True,
        slides=[
            Slide(
                image=HOST + "07.png",
                audio=HOST + "07.mp3",
                text="Dear {$first_name|friend}",
                duration=5,
            ),
            Slide(passbook=HOST + "07.pkpass"),
            Slide(personalized_image="771", text="Your card"),
        ],
    ),
    "send-message-by-subscriber-ref": SERVICE.send_message_by_subscriber_ref(
        subscriber_ref="CUST-88", campaign_ref="bakery-spring", template="9100442"
    ),
    "get-mms-templates": SERVICE.get_mms_templates(
        start_date=datetime(2030, 11, 1, 19, tzinfo=timezone(-timedelta(hours=5))),
        items_per_page=25,
    ).page(3),
    "get-mmsid-details": SERVICE.get_mmsid_details(mms_id="9100442"),
    "delete-mmsid": SERVICE.delete_mmsid(mms_id="9100442"),
    "get-messaging-campaigns": SERVICE.get_messaging_campaigns().page(1),
    "get-mms-ids": SERVICE.get_mms_ids().page(1),
    "get-mms-campaigns": SERVICE.get_mms_campaigns().page(1),
    "subscribe": SERVICE.subscribe(
        campaign_ref="bakery-spring",
        mobile="+1 202 555 0143",
        subscriber_ref="CUST-88",
        data={"first_name": "Noor"},
        spid="0001890",
        timezone="EST",
        notify=False,
        cta=True,
    ),
    "unsubscribe": SERVICE.unsubscribe(
        campaign_ref="bakery-spring", mobile="12025550143", notify=True
    ),
    "send-saved-mms-campaign": SERVICE.send_saved_mms_campaign(
        template="9100442", to_campaign="4471"
    ),
    "create-mms-campaign": SERVICE.create_mms_campaign(
        campaign_name="Spring", brand_name="Bakery & Co"
    ),
    "get-sending-statistics": SERVICE.get_sending_statistics(
        start_date=datetime(2031, 2, 1, tzinfo=timezone(-timedelta(hours=5))),
        end_date=datetime(2031, 2, 3, tzinfo=UTC),
    ),
    "remove-mms-inbox-message": SERVICE.remove_mms_inbox_message(mms_inbox_id="MMS_MO_ab12"),
}

READS_AND_DELETES = {
    "getMMSTemplates",
    "getMMSIDDetails",
    "deleteMMSID",
    "getMessagingCampaigns",
    "getMmsIds",
    "getMmsCampaigns",
    "getSendingStatistics",
    "removeMMSInboxMessage",
}


@pytest.mark.parametrize("name", CALLS)
def test_each_action_writes_its_document(name: str) -> None:
    assert structure(CALLS[name].request.body) == golden(name)


@pytest.mark.parametrize("name", CALLS)
def test_each_call_is_one_post_of_xml_to_the_one_url(name: str) -> None:
    request = CALLS[name].request
    assert (request.method, request.url) == ("POST", SERVICE.url)
    assert request.headers == {"content-type": "text/xml; charset=utf-8"}
    assert request.body.startswith(b"<REQUEST><ACTION>")


@pytest.mark.parametrize("name", CALLS)
def test_only_reads_and_deletes_may_be_repeated(name: str) -> None:
    call = CALLS[name]
    assert call.repeatable is (call.operation in READS_AND_DELETES)
    assert len(call.messages) == (call.operation in {"sendMMS", "sendSMS", "sendSavedMMS"})


def test_every_golden_request_is_compared() -> None:
    written = {path.stem.removesuffix("-request") for path in GOLDEN.glob("*-request.xml")}
    assert written == {*CALLS, "send-mms-whole"}


def test_an_mms_with_every_node_keeps_the_published_order() -> None:
    message = Mms(
        to="12025550143",
        sender="+1 202 555 0100",
        from_mask="Bakery",
        operator_id="0001890",
        campaign_ref="bakery-spring",
        subject="Fresh at 7",
        name="menu-07",
        slides=(
            Slide(video=HOST + "07.mp4"),
            Slide(pdf=HOST + "07.pdf", text="The menu"),
            Slide(ical=HOST + "07.ics", text="The day"),
        ),
        fallback_text="Fresh <today> at 7",
        disable_fallback_sms_link=True,
        mms_link_expiration_date=datetime(
            2031, 2, 3, 4, 5, 6, tzinfo=timezone(-timedelta(hours=5))
        ),
        force_send_as_sms=True,
        reference="order-117",
    )
    action = messages.send(message, now=NOW)
    document = envelope.encode(action.name, "k-golden", action.nodes)
    assert structure(document) == golden("send-mms-whole")


def test_what_is_not_given_is_not_written() -> None:
    bare = Mms(to="12025550143", sender="70707", name="n", subject="s", slides=(Slide(text="t"),))
    names = [name for name, _, _ in structure(SERVICE.send(bare).request.body)[2]]
    assert names == ["ACTION", "API_KEY", "TO", "FROM", "SUBJECT", "NAME", "SLIDE"]


def test_blank_fields_are_not_written() -> None:
    bare = Sms(to="12025550143", sender="70707", text="t", from_mask=" ", campaign_ref="")
    names = [name for name, _, _ in structure(SERVICE.send(bare).request.body)[2]]
    assert names == ["ACTION", "API_KEY", "TO", "FROM", "TEXT"]


def test_an_empty_merge_tag_is_written() -> None:
    saved = SavedMms(template="1", to="12025550143", sender="70707", data={"bread": ""})
    assert b"<DATA><BREAD></BREAD></DATA>" in SERVICE.send(saved).request.body


def test_a_text_goes_to_a_subscriber_instead_of_a_template() -> None:
    call = SERVICE.send_message_by_subscriber_ref(
        subscriber_ref="CUST-88", campaign_ref="bakery-spring", text="Open again"
    )
    names = [name for name, _, _ in structure(call.request.body)[2]]
    assert names == ["ACTION", "API_KEY", "TEXT", "SUBSCRIBERREF", "CAMPAIGNREF"]


def test_templates_are_asked_for_page_by_page() -> None:
    listing = SERVICE.get_mms_templates()
    assert (listing.operation, listing.size) == ("getMMSTemplates", None)
    assert b"<PAGE_NUMBER>2</PAGE_NUMBER><ITEMS_PER_PAGE>100<" in listing.page(2).request.body


def test_the_service_offers_its_rate_and_name() -> None:
    assert (SERVICE.name, SERVICE.rate) == ("skycore", Rate(15))
    assert Skycore(api_key="k", rate=30).rate == Rate(30)


# What XML can hold; a carriage return comes back as a line feed from every XML reader.
CARRIED = st.text(
    st.characters(
        exclude_categories=["Cs"],
        exclude_characters=[*map(chr, range(9)), "\x0b", "\x0c", "\r", "\ufffe", "\uffff"]
        + [chr(code) for code in range(0x0E, 0x20)],
    ),
    min_size=1,
    max_size=60,
).filter(str.strip)


@given(text=CARRIED, name=CARRIED)
def test_any_text_that_xml_can_hold_arrives_as_it_left(text: str, name: str) -> None:
    message = Mms(
        to="12025550143", sender="70707", name=name, subject="s", slides=(Slide(text=text),)
    )
    root = ET.fromstring(SERVICE.send(message).request.body)  # noqa: S314 - the document is ours
    assert root.findtext("SLIDE/TEXT") == text
    assert root.findtext("NAME") == name
