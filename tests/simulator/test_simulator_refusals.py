"""The service refuses by itself, with the documented code, whatever breaks a published rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rawcalls import MMS, SMS, XML, Nodes, ask, ask_raw, document

from mmsclient.simulator import Account, Campaign, Medium, Simulator
from mmsclient.simulator.skycore.codes import CODES, TEXTS
from mmsclient.simulator.skycore.wire import ACTIONS

URL = {"URL": "https://media.example.net/file"}
SAVED: Nodes = {"MMSID": "1", "TO": "12025550143", "FROM": "70707"}
GROUP: Nodes = {"TEXT": "Hi", "SUBSCRIBERREF": "CUST-1", "CAMPAIGNREF": "spring"}
MEMBER: Nodes = {"CAMPAIGNREF": "spring", "MOBILE": "12025550150"}


def days(ahead: float) -> str:
    return (datetime.now(UTC) + timedelta(days=ahead)).isoformat()


def slide(**nodes: Any) -> dict[str, Any]:
    return {"SLIDE": nodes}


SLIDES: list[tuple[dict[str, Any], str]] = [
    ({"SLIDE": []}, "E312"),
    (slide(), "E313"),
    (slide(TEXT=" "), "E313"),
    (slide(DURATION="5"), "E313"),
    ({"SLIDE": [{"TEXT": "1"}] * 10}, "E225"),
    (slide(VCARD=URL, PDF=URL), "E223"),
    (slide(VCARD=URL, IMAGE=URL), "E224"),
    (slide(PDF=URL, AUDIO=URL), "E224"),
    (slide(ICAL=URL, VIDEO=URL), "E224"),
    (slide(AUDIO=URL, VIDEO=URL), "E226"),
    (slide(VIDEO=URL, IMAGE=URL), "E227"),
    (slide(TEXT="t" * 5001), "E334"),
    (slide(TEXT="t" * 5000), "accepted"),
    (slide(TEXT="\U0001f35e" * 5000), "accepted"),
    (slide(TEXT="1", DURATION="5.5"), "E230"),
    (slide(TEXT="1", DURATION="0"), "E230"),
    (slide(TEXT="1", DURATION=""), "E230"),
    (slide(TEXT="1", DURATION="31"), "accepted"),
    (slide(IMAGE=URL, AUDIO=URL, TEXT="1"), "accepted"),
    (slide(VIDEO=URL, TEXT="1"), "accepted"),
    (slide(VCARD=URL, TEXT="1"), "accepted"),
    (slide(PASSBOOK=URL), "E229"),
    (slide(IMAGE={"URL": ""}), "E351"),
    (slide(IMAGE={}), "E351"),
    (slide(AUDIO={"URL": "file.mp3"}), "E352"),
    (slide(VIDEO={"URL": "ftp://media.example.net/1.mp4"}), "E353"),
    (slide(VCARD={"URL": "http://localhost/1.vcf"}), "E355"),
    (slide(ICAL={"URL": "http://127.0.0.1/1.ics"}), "E356"),
    (slide(PDF={"URL": "http://10.0.0.1/1.pdf"}), "E357"),
    (slide(IMAGE={"URL": "https://[half/1.png"}), "E351"),
    (slide(AUDIO={"URL": "https://media.example.net/1.wav"}), "accepted"),
    (slide(IMAGE={"URL": "https://media.example.net/1.mp4"}), "accepted"),
    (slide(IMAGE={"URL": "https://media.example.net/1.WEBP?id=2"}), "accepted"),
]

SENDS: list[tuple[str, dict[str, Any], str]] = [
    ("TO", {}, "E110"),
    ("TO", {"TO": "+12025550143"}, "E110"),
    ("TO", {"TO": "0012025550143"}, "E110"),
    ("TO", {"TO": "123456"}, "E110"),
    ("TO", {"TO": "1" * 16}, "E110"),
    ("TO", {"TO": "1202555014E"}, "E110"),
    ("TO", {"TO": "642111111"}, "accepted"),
    ("FROM", {}, "E111"),
    ("FROM", {"FROM": "Bakery"}, "E111"),
    ("OPERATORID", {"OPERATORID": ""}, "E650"),
    ("OPERATORID", {"OPERATORID": "0001890"}, "accepted"),
]

MMS_ONLY: list[tuple[str, dict[str, Any], str]] = [
    ("NAME", {}, "E311"),
    ("SUBJECT", {}, "E622"),
    ("SUBJECT", {"FALLBACKSMSTEXT": "Fresh"}, "accepted"),
    ("", {"CLIENT_REFERENCE": "r" * 65}, "E100"),
    ("", {"CLIENT_REFERENCE": "r" * 64}, "accepted"),
    ("", {"FORCE_SEND_AS_SMS": "yes"}, "E655"),
    ("", {"FORCE_SEND_AS_SMS": ""}, "E655"),
    ("", {"FORCE_SEND_AS_SMS": "true"}, "accepted"),
    ("", {"MMSLINK_EXPIRATION_DATE": "soon"}, "E617"),
    ("", {"MMSLINK_EXPIRATION_DATE": days(-1)}, "E617"),
    ("", {"MMSLINK_EXPIRATION_DATE": days(366)}, "E617"),
    ("", {"MMSLINK_EXPIRATION_DATE": days(364)}, "accepted"),
]

OTHERS: list[tuple[str, Nodes, str]] = [
    ("sendSMS", {**SMS, "TEXT": ""}, "E712"),
    ("sendSMS", {**SMS, "TEXT": "t" * 161}, "E228"),
    ("sendSMS", {**SMS, "TEXT": "t" * 160}, "accepted"),
    ("sendSavedMMS", {**SAVED, "MMSID": ""}, "E620"),
    ("sendSavedMMS", {**SAVED, "TO": ""}, "E621"),
    ("sendSavedMMS", {**SAVED, "TO": "+1"}, "E110"),
    ("sendSavedMMS", {**SAVED, "TO": ",".join(["12025550143"] * 101)}, "E623"),
    ("sendSavedMMS", {**SAVED, "TO": "12025550143,12025550144"}, "E110"),
    ("sendSavedMMS", {**SAVED, "FROM": ""}, "E111"),
    ("sendSavedMMS", SAVED, "E241"),
    ("saveMMS", {"SUBJECT": "s", "SLIDE": {"TEXT": "1"}}, "E311"),
    ("saveMMS", {"NAME": "n", "SLIDE": {"TEXT": "1"}}, "E314"),
    ("saveMMS", {"NAME": "n", "SUBJECT": "s"}, "E312"),
    ("saveMMS", {"NAME": "n", "SUBJECT": "s", "SLIDE": [{"TEXT": "1"}] * 9}, "E225"),
    ("saveMMS", {"NAME": "n", "SUBJECT": "s", "SLIDE": [{"TEXT": "1"}] * 8}, "accepted"),
    ("saveMMS", {"NAME": "n", "SUBJECT": "s", "SLIDE": {"PASSBOOK": URL}}, "accepted"),
    (
        "saveMMS",
        {"NAME": "n", "SUBJECT": "s", "SLIDE": {"PERSONALIZED-IMAGE": {"TEMPLATE-ID": "7"}}},
        "accepted",
    ),
    (
        "saveMMS",
        {"NAME": "n", "SUBJECT": "s", "SLIDE": {"PERSONALIZED-IMAGE": {}}},
        "E351",
    ),
    (
        "saveMMS",
        {
            "NAME": "n",
            "SUBJECT": "s",
            "SLIDE": {"PERSONALIZED-IMAGE": {"TEMPLATE-ID": "7"}, "IMAGE": URL},
        },
        "E224",
    ),
    ("sendMessageBySubscriberRef", {**GROUP, "MMSID": "1"}, "E100"),
    ("sendMessageBySubscriberRef", {**GROUP, "TEXT": ""}, "E100"),
    ("sendMessageBySubscriberRef", {**GROUP, "SUBSCRIBERREF": ""}, "E100"),
    ("sendMessageBySubscriberRef", {**GROUP, "CAMPAIGNREF": ""}, "E718"),
    ("sendMessageBySubscriberRef", {**GROUP, "CAMPAIGNREF": "autumn"}, "E721"),
    ("sendMessageBySubscriberRef", {**GROUP, "SUBSCRIBERREF": "CUST-2"}, "E715"),
    ("getMMSTemplates", {"PAGE_NUMBER": "0"}, "E212"),
    ("getMMSTemplates", {"PAGE_NUMBER": "one"}, "E212"),
    ("getMMSTemplates", {"ITEMS_PER_PAGE": "-1"}, "E213"),
    ("getMMSTemplates", {"START_DATE": "yesterday"}, "E214"),
    ("getMMSTemplates", {"START_DATE": "2031-02-03T04:05:06"}, "accepted"),
    ("getMMSIDDetails", {}, "E620"),
    ("getMMSIDDetails", {"MMSID": "1"}, "E241"),
    ("deleteMMSID", {}, "E620"),
    ("deleteMMSID", {"MMSID": "1"}, "E241"),
    ("subscribe", {"CAMPAIGNREF": "spring"}, "E901"),
    ("subscribe", {"MOBILE": "12025550150"}, "E902"),
    ("subscribe", {**MEMBER, "CAMPAIGNREF": "autumn"}, "E903"),
    ("subscribe", {**MEMBER, "MOBILE": "+1 (202)"}, "E904"),
    ("unsubscribe", {"CAMPAIGNREF": "spring"}, "E901"),
    ("unsubscribe", {"MOBILE": "12025550150"}, "E902"),
    ("unsubscribe", {**MEMBER, "CAMPAIGNREF": "autumn"}, "E903"),
    ("unsubscribe", {**MEMBER, "MOBILE": "+1 (202)"}, "E905"),
    ("sendSavedMMSCampaign", {"TOCAMPAIGN": "spring"}, "E620"),
    ("sendSavedMMSCampaign", {"MMSID": "1"}, "E624"),
    ("sendSavedMMSCampaign", {"MMSID": "1", "TOCAMPAIGN": "autumn"}, "E714"),
    ("sendSavedMMSCampaign", {"MMSID": "1", "TOCAMPAIGN": "spring"}, "E241"),
    ("createMMSCampaign", {"BRANDNAME": "Bakery"}, "E170"),
    ("createMMSCampaign", {"CAMPAIGNNAME": "Spring"}, "E171"),
    ("getSendingStatus", {"END_DATE": "2031-02-03 00:00:00"}, "E506"),
    ("getSendingStatus", {"START_DATE": "2031-02-03 00:00:00"}, "E507"),
    ("getSendingStatus", {"START_DATE": "2031-02-03", "END_DATE": "2031-02-03"}, "E508"),
    (
        "getSendingStatus",
        {"START_DATE": "2031-02-03 00:00:00", "END_DATE": "2031-02-02 00:00:00"},
        "E508",
    ),
    (
        "getSendingStatus",
        {"START_DATE": "2031-02-03 00:00:00", "END_DATE": "2031-04-03 00:00:00"},
        "E509",
    ),
    ("removeMMSInboxMessage", {}, "E640"),
    ("removeMMSInboxMessage", {"MMSINBOXID": "nothing"}, "E641"),
]


def simulator() -> Simulator:
    spring = Campaign(ref="spring", subscribers={"12025550143": "CUST-1"})
    return Simulator(rate=None, accounts=[Account(campaigns=[spring])])


async def verdict(action: str, nodes: Nodes) -> str:
    sim = simulator()
    reply = await ask(sim, action, nodes)
    assert reply.status == 200
    assert [call.verdict for call in sim.calls] == [reply.code]
    return reply.code


@pytest.mark.parametrize(("nodes", "code"), SLIDES)
async def test_slides_are_judged_by_the_published_rules(nodes: dict[str, Any], code: str) -> None:
    assert await verdict("sendMMS", {**MMS, **nodes}) == code


@pytest.mark.parametrize(("field", "nodes", "code"), SENDS)
@pytest.mark.parametrize("action", ["sendMMS", "sendSMS"])
async def test_both_sends_judge_who_gets_it_and_from_whom(
    action: str, field: str, nodes: dict[str, Any], code: str
) -> None:
    whole = {**(MMS if action == "sendMMS" else SMS)}
    whole.pop(field, None)
    assert await verdict(action, {**whole, **nodes}) == code


@pytest.mark.parametrize(("field", "nodes", "code"), MMS_ONLY)
async def test_send_mms_judges_its_own_nodes(field: str, nodes: Nodes, code: str) -> None:
    whole = {name: value for name, value in MMS.items() if name != field}
    assert await verdict("sendMMS", {**whole, **nodes}) == code


@pytest.mark.parametrize(("action", "nodes", "code"), OTHERS)
async def test_every_other_action_judges_its_own_nodes(
    action: str, nodes: Nodes, code: str
) -> None:
    assert await verdict(action, nodes) == code


@pytest.mark.parametrize(
    ("nodes", "code"),
    [
        ({"CUSTOMTEXT": {"VALUE": "v"}}, "E100"),
        ({"CUSTOMTEXT": {"SLIDE": "1"}}, "E100"),
        ({"CUSTOMTEXT": {"VALUE": "v", "SLIDE": "2"}}, "E100"),
        ({"CUSTOMTEXT": {"VALUE": "v" * 5001, "SLIDE": "1"}}, "E334"),
        ({"DDMTITLE": "Hello"}, "E100"),
        ({"DDMTEXT": "Hello", "DDMTIMEOUT": "soon"}, "E100"),
        ({"DDMTEXT": "Hello", "DDMTIMEOUT": "5"}, "accepted"),
    ],
)
async def test_parts_that_replace_a_templates_own_are_judged(nodes: Nodes, code: str) -> None:
    sim = simulator()
    template: Nodes = {"NAME": "n", "SUBJECT": "s", "SLIDE": {"TEXT": "1"}}
    mms_id = (await ask(sim, "saveMMS", template))["MMSID"]
    reply = await ask(sim, "sendSavedMMS", {**SAVED, "MMSID": mms_id, **nodes})
    assert reply.code == code


@pytest.mark.parametrize(
    ("kind", "trouble", "code"),
    [
        ("IMAGE", "unreachable", "E351"),
        ("IMAGE", "too big", "E331"),
        ("AUDIO", "too big", "E332"),
        ("VIDEO", "too big", "E333"),
        ("VCARD", "too big", "E335"),
        ("ICAL", "too big", "E336"),
        ("PDF", "too big", "E337"),
        ("IMAGE", "damaged", "E341"),
        ("VIDEO", "no codec", "E343"),
        ("IMAGE", "not allowed", "E229"),
        ("IMAGE", "unknown type", "E629"),
    ],
)
async def test_trouble_with_media_is_told_by_kind(kind: str, trouble: Any, code: str) -> None:
    sim = Simulator(rate=None, media={URL["URL"]: Medium(trouble=trouble)})
    assert (await ask(sim, "sendMMS", {**MMS, "SLIDE": {kind: URL}})).code == code


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("10.0.0.1", "E351"),
        ("169.254.1.1", "E351"),
        ("192.0.2.1", "E351"),
        ("127.0.0.1.", "E351"),
        ("[::1]", "E351"),
        ("[fd00::1]", "E351"),
        ("[2001:db8::1]", "E351"),
        ("localhost", "E351"),
        ("LOCALHOST.", "E351"),
        ("media", "E351"),
        ("media.local", "E351"),
        ("media.localhost", "E351"),
        ("media.INTERNAL", "E351"),
        ("media.internal.", "E351"),
        ("media..example.net", "E351"),
        (".media.example.net", "E351"),
        ("media.example.net..", "E351"),
        ("media.example.net:0", "E351"),
        ("media.example.net:65536", "E351"),
        ("", "E351"),
        ("media.example.net", "accepted"),
        ("media.example.net.", "accepted"),
        ("media.example.net:8443", "accepted"),
        ("internal.example.net", "accepted"),
        ("8.8.8.8", "accepted"),
        ("[2606:4700:4700::1111]", "accepted"),
    ],
)
async def test_an_address_must_be_complete_and_public(place: str, code: str) -> None:
    assert await verdict("sendMMS", {**MMS, **slide(IMAGE={"URL": f"https://{place}/1"})}) == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "E108"),
        (b"<REQUEST>", "E108"),
        (b"<REQUEST>\xe8</REQUEST>", "E108"),
        (b'<!DOCTYPE REQUEST [<!ENTITY a "b">]><REQUEST>&a;</REQUEST>', "E108"),
        (b"<A>" * 40 + b"</A>" * 40, "E108"),
        (b"<REQUEST/>", "E100"),
        (b"<REQUEST><ACTION>sendFax</ACTION></REQUEST>", "E100"),
        (b"<RESPONSE><ACTION>getMmsIds</ACTION></RESPONSE>", "E100"),
        (b"<REQUEST><ACTION>getMmsIds</ACTION></REQUEST>", "E104"),
        (b"<REQUEST><ACTION>getMmsIds</ACTION><API_KEY>wrong</API_KEY></REQUEST>", "E104"),
    ],
)
async def test_the_envelope_is_judged_before_all_else(body: bytes, code: str) -> None:
    sim = simulator()
    assert (await ask_raw(sim, body)).code == code
    assert sim.calls[0].counted is False


async def test_the_content_type_is_required() -> None:
    sim = simulator()
    body = document(sim, "sendSMS", SMS)
    assert (await ask_raw(sim, body, {})).code == "E100"
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert (await ask_raw(sim, body, form)).code == "E100"
    assert (await ask_raw(sim, body, XML)).code == "accepted"


async def test_a_failure_repeats_the_recipient() -> None:
    reply = await ask(simulator(), "sendSMS", {**SMS, "FROM": "Bakery"})
    assert reply.names == ["STATUS", "ERRORCODE", "TO", "ERRORINFO"]
    assert reply["TO"] == SMS["TO"]


@given(st.binary(max_size=200), st.sampled_from(["", "<REQUEST><ACTION>sendMMS</ACTION>"]))
def test_no_bytes_bring_the_service_down(tail: bytes, head: str) -> None:
    from mmsclient.simulator.reception import Arrived

    reception = Simulator()._receptions["/skycore"]
    arrived = Arrived(method="POST", headers=XML, body=head.encode() + tail, source="127.0.0.1")
    answer = reception.handle(reception.meet(arrived))
    assert b"<ERRORCODE>E10" in answer.response.body


def test_every_reason_has_a_code_and_every_code_a_text() -> None:
    from typing import get_args

    from mmsclient.simulator.refusals import Reason

    assert set(CODES) == set(get_args(Reason))
    assert set(CODES.values()) <= set(TEXTS)


def test_every_documented_action_is_there() -> None:
    assert len(ACTIONS) == 18
    assert all(name == action.name.lower() for name, action in ACTIONS.items())
