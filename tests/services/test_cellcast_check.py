"""Preflight of Cellcast: every published rule of both APIs, all faults at once, and advice."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from cellcast_answers import BEARER, MESSAGE, NUMBER, OTHER, PICTURE, PNG, SERVICE
from hypothesis import given
from hypothesis import strategies as st

from mmsclient.errors import InvalidMessageError, UnsupportedError
from mmsclient.messages import File, Media, Mms, SavedMms, Slide, Sms
from mmsclient.services.cellcast import Recipient

if TYPE_CHECKING:
    from collections.abc import Callable

    from mmsclient.services.cellcast import Cellcast

URL = "https://media.example.net/07.png"
GIF = "https://media.example.net/07.gif"
JPEG = File(b"\xff\xd8\xff\xe0 a loaf", "07.jpg")
NZ = "+64 21 000 006"
MOMENT = datetime(2031, 2, 3, tzinfo=UTC)
EAST = timezone(timedelta(hours=9))


def faults_of(message: Any, service: Cellcast = SERVICE) -> list[tuple[str, str | None]]:
    return [(fault.field, fault.code) for fault in service.check(message).faults]


def faults_in(call: Callable[[], Any]) -> list[tuple[str, str | None]]:
    with pytest.raises(InvalidMessageError) as raised:
        call()
    return [(fault.field, fault.code) for fault in raised.value.faults]


@pytest.mark.parametrize(
    "message",
    [
        MESSAGE,
        PICTURE,
        Sms(to=NUMBER, text="t"),
        Sms(to=NUMBER, text="t", sender="1234567890123456"),
        Sms(to=NUMBER, text="t", sender="+61 491 570 110"),
        Sms(to=NUMBER, text="t", sender="Bakery - 07"),
        Sms(to=NZ, text="t", sender="7070", reference="any /!\\ reference"),
        Sms(to=NUMBER, text="t", reference=" "),
        Mms(to=NUMBER, slides=[Slide(image=URL, text="t")], reference="any / reference"),
        Mms(to=NUMBER, slides=[Slide(image=Media(URL, 300_000), text="t")]),
        Mms(to=NUMBER, slides=[Slide(image=JPEG, text="x" * 1000)], subject="x" * 40),
    ],
)
def test_good_messages_have_no_faults(message: Sms | Mms) -> None:
    assert SERVICE.check(message).faults == ()
    assert SERVICE.send(message).messages == (message,)


SMS_FAULTS: list[tuple[dict[str, Any], str, str | None]] = [
    ({"to": ""}, "to", "FIELD_EMPTY"),
    ({"to": "0491 570 006"}, "to", "FIELD_INVALID"),
    ({"to": "0061491570006"}, "to", "FIELD_INVALID"),
    ({"to": "bakery"}, "to", "FIELD_INVALID"),
    ({"to": 61491570006}, "to", "FIELD_INVALID"),
    ({"text": ""}, "text", "FIELD_EMPTY"),
    ({"text": " \r\n"}, "text", "FIELD_EMPTY"),
    ({"text": None}, "text", "FIELD_EMPTY"),
    ({"text": 7}, "text", "FIELD_INVALID"),
    ({"text": "\ud83d"}, "text", "FIELD_INVALID"),
    ({"text": "x" * 919}, "text", "FIELD_INVALID"),
    ({"text": "€" * 460}, "text", "FIELD_INVALID"),
    ({"text": "x" + "\f" * 459}, "text", "FIELD_INVALID"),
    ({"text": "ж" * 403}, "text", "FIELD_INVALID"),
    ({"text": "😀" * 202}, "text", "FIELD_INVALID"),
    ({"text": "\n" * 300 + "x" * 319}, "text", "FIELD_INVALID"),  # each goes out as two
    ({"sender": "x" * 12}, "sender", "FIELD_INVALID"),
    ({"sender": "1" * 17}, "sender", "FIELD_INVALID"),
    ({"sender": "Bäckerei"}, "sender", "FIELD_INVALID"),
    ({"sender": "rye_bread"}, "sender", "FIELD_INVALID"),
    ({"sender": "a@b"}, "sender", "FIELD_INVALID"),
    ({"sender": "٣٣٣"}, "sender", "FIELD_INVALID"),
    ({"sender": 70707}, "sender", "FIELD_INVALID"),
    ({"reference": "order_117"}, "reference", "FIELD_INVALID"),
    ({"reference": "order 117"}, "reference", "FIELD_INVALID"),
    ({"reference": "ordér"}, "reference", "FIELD_INVALID"),
    ({"reference": 117}, "reference", "FIELD_INVALID"),
    ({"to": NZ, "sender": "7070", "reference": 117}, "reference", None),
]


@pytest.mark.parametrize(("change", "field", "code"), SMS_FAULTS)
def test_each_rule_of_a_text_has_its_code(
    change: dict[str, Any], field: str, code: str | None
) -> None:
    message = attrs.evolve(MESSAGE, **change)
    assert faults_of(message) == [(field, code)]
    with pytest.raises(InvalidMessageError) as raised:
        SERVICE.send(message)
    assert raised.value.faults == SERVICE.check(message).faults
    with pytest.raises(InvalidMessageError):
        SERVICE.batch_key(message)
    if message.to != NZ:
        assert faults_of(message, BEARER) == [(field, None)]


@pytest.mark.parametrize(
    "text",
    [
        *("x" * 918, "€" * 459, "ж" * 402, "😀" * 201, "x" * 201 + "ж" * 201),
        *("é" * 918, "\n" * 300 + "x" * 318),
    ],
)
def test_texts_may_fill_six_parts(text: str) -> None:
    assert faults_of(attrs.evolve(MESSAGE, text=text)) == []


def test_the_fault_of_a_reference_names_the_fix() -> None:
    (fault,) = SERVICE.check(attrs.evolve(MESSAGE, reference="order_117")).faults
    assert fault.fix == "use A-Z, a-z, 0-9 and dash only"


SLIDE_FAULTS: list[tuple[Any, str, str | None]] = [
    (Slide(text="t"), "slides[0].image", "FIELD_INVALID"),
    (Slide(image="", text="t"), "slides[0].image", "FIELD_INVALID"),
    (Slide(image=Media(" "), text="t"), "slides[0].image", "FIELD_INVALID"),
    (Slide(image=PNG), "slides[0].text", "FIELD_EMPTY"),
    (Slide(image=PNG, text=" "), "slides[0].text", "FIELD_EMPTY"),
    (Slide(image=PNG, text="x" * 1001), "slides[0].text", "FIELD_INVALID"),
    (Slide(image=PNG, text="\udc80"), "slides[0].text", "FIELD_INVALID"),
    (Slide(image=7, text="t"), "slides[0].image", "FIELD_INVALID"),  # type: ignore[arg-type]
    (Slide(image="07.png", text="t"), "slides[0].image", "FIELD_INVALID"),
    (Slide(image="https://127.0.0.1/07.png", text="t"), "slides[0].image", "FIELD_INVALID"),
    (Slide(image="https://a b.example.net/", text="t"), "slides[0].image", "FIELD_INVALID"),
    (Slide(image=Media("ftp://media.example.net"), text="t"), "slides[0].image", "FIELD_INVALID"),
    (Slide(image=Media(URL, -1), text="t"), "slides[0].image", None),
    (Slide(image=Media(URL, size=True), text="t"), "slides[0].image", None),
    (Slide(image=Media(URL, 380_000), text="t"), "slides[0].image", "FIELD_INVALID"),
    (Slide(image=File(b"", "a.png"), text="t"), "slides[0].image", "FIELD_INVALID"),
    (Slide(image=File("x", "a.png"), text="t"), "slides[0].image", None),  # type: ignore[arg-type]
    (Slide(image=File(b"GIF89a", 7), text="t"), "slides[0].image", None),  # type: ignore[arg-type]
    (Slide(image=File(b"GIF89a", "a", 7), text="t"), "slides[0].image", None),  # type: ignore[arg-type]
    (Slide(image=File(b"<svg>", "a.png"), text="t"), "slides[0].image", "FIELD_INVALID"),
    (Slide(image=File(b"RIFF0000WEBP", "a.png"), text="t"), "slides[0].image", "FIELD_INVALID"),
    (
        Slide(image=File(PNG.content + bytes(380_000), "a.png"), text="t"),
        "slides[0].image",
        "FIELD_INVALID",
    ),
    (Slide(image=PNG, text="t", audio="https://x.example.net/a.mp3"), "slides[0].audio", None),
    (Slide(image=PNG, text="t", video=Media(URL)), "slides[0].video", None),
    (Slide(image=PNG, text="t", vcard=URL), "slides[0].vcard", None),
    (Slide(image=PNG, text="t", ical=URL), "slides[0].ical", None),
    (Slide(image=PNG, text="t", pdf=URL), "slides[0].pdf", None),
    (Slide(image=PNG, text="t", passbook=URL), "slides[0].passbook", None),
    (Slide(image=PNG, text="t", personalized_image="7"), "slides[0].personalized_image", None),
]


@pytest.mark.parametrize(("slide", "field", "code"), SLIDE_FAULTS)
def test_each_rule_of_the_slide_has_its_code(slide: Slide, field: str, code: str | None) -> None:
    message = attrs.evolve(PICTURE, slides=(slide,))
    assert faults_of(message) == [(field, code)]
    with pytest.raises(InvalidMessageError):
        SERVICE.send(message)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"slides": ()}, "slides"),
        ({"slides": PICTURE.slides * 2}, "slides"),
        ({"slides": ("slide",)}, "slides"),
        ({"slides": 7}, "slides"),
        ({"slides": "x"}, "slides"),
        ({"to": "07"}, "to"),
        ({"subject": "x" * 41}, "subject"),
        ({"subject": 7}, "subject"),
        ({"force_send_as_sms": True}, "force_send_as_sms"),
        ({"reference": 7}, "reference"),
    ],
)
def test_what_would_be_lost_and_matters_is_a_fault(change: dict[str, Any], field: str) -> None:
    assert [name for name, _ in faults_of(attrs.evolve(PICTURE, **change))] == [field]


def test_the_whole_mms_counts() -> None:
    room = 380_000 - len(b"Rye" + b"Fresh at 7")
    for size, faults in ((room, 0), (room + 1, 1)):
        picture = File(PNG.content + bytes(size - len(PNG.content)), "a.png")
        message = attrs.evolve(PICTURE, slides=(Slide(image=picture, text="Rye"),))
        assert len(faults_of(message)) == faults


def test_all_faults_come_at_once() -> None:
    bad = Sms(to="07", text="", sender="rye_bread", reference="a b")
    assert [field for field, _ in faults_of(bad)] == ["to", "text", "sender", "reference"]


def test_stored_mms_are_not_supported() -> None:
    saved = SavedMms(template="1", to=NUMBER, sender="70707")
    for service in (SERVICE, BEARER):
        assert [field for field, _ in faults_of(saved, service)] == ["message"]
        for verb in (service.send, service.batch_key):
            with pytest.raises(UnsupportedError, match="cellcast does not offer stored MMS"):
                verb(saved)
        with pytest.raises(UnsupportedError):
            service.batch([saved])
    assert [field for field, _ in faults_of("message")] == ["message"]


# -- the Bearer API ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        (Mms(to=NUMBER, sender="Bakery", slides=[Slide(image=JPEG, text="t")]), []),
        (Mms(to=NUMBER, slides=[Slide(image=GIF + "?x=1", text="t")]), []),
        (Mms(to=NUMBER, slides=[Slide(image=Media(GIF), text="t")]), []),
        (PICTURE, ["subject"]),
        (Mms(to=NUMBER, sender="a_b", slides=[Slide(image=PNG, text="t")]), ["sender"]),
        (Mms(to=NUMBER, slides=[Slide(image=URL, text="t")]), ["slides[0].image"]),
        (
            Mms(to=NUMBER, slides=[Slide(image=File(b"GIF89a", "a.gif"), text="t")]),
            ["slides[0].image"],
        ),
        (
            Mms(to=NUMBER, slides=[Slide(image=File(PNG.content + bytes(230_000), "a"), text="t")]),
            ["slides[0].image"],
        ),
        (Sms(to=NZ, text="t", sender="7070", reference="a b"), ["reference"]),
    ],
)
def test_the_bearer_api_has_rules_of_its_own(message: Sms | Mms, fields: list[str]) -> None:
    assert faults_of(message, BEARER) == [(field, None) for field in fields]


# -- advice --------------------------------------------------------------------------------------


def advised(message: Any, service: Cellcast = SERVICE) -> list[str]:
    return [advice.field for advice in service.check(message).advice if advice.field != "to"]


def test_what_has_no_place_is_advice() -> None:
    assert advised(MESSAGE) == advised(PICTURE) == []
    text = attrs.evolve(MESSAGE, from_mask="Bakery", operator_id="1", campaign_ref="c")
    assert advised(text) == ["from_mask", "operator_id", "campaign_ref"]
    assert SERVICE.check(text).ok
    picture = attrs.evolve(
        PICTURE,
        sender="Bakery",
        reference="order_117",
        name="menu",
        fallback_text="f",
        from_mask="B",
        operator_id="1",
        campaign_ref="c",
        mms_link_expiration_date=MOMENT,
        disable_fallback_sms_link=True,
        slides=(Slide(image=PNG, text="t", duration=5),),
    )
    assert advised(picture) == [
        *("sender", "reference", "name", "fallback_text", "from_mask", "operator_id"),
        *("campaign_ref", "mms_link_expiration_date", "disable_fallback_sms_link"),
        "slides[0].duration",
    ]
    assert SERVICE.check(picture).ok
    assert b"order_117" not in SERVICE.send(picture).request.body
    assert "sender" not in advised(attrs.evolve(picture, subject=None), BEARER)


def test_a_number_that_cannot_be_is_advised_against() -> None:
    pytest.importorskip("phonenumbers")
    for odd in (Sms(to="6149157", text="t"), Mms(to="6149157", slides=PICTURE.slides)):
        assert [advice.field for advice in SERVICE.check(odd).advice] == ["to"]
        assert SERVICE.check(odd).ok


def test_new_zealand_is_advised_to_use_its_own_call() -> None:
    assert advised(Sms(to=NZ, text="t", sender="7070")) == []
    assert advised(Sms(to=NZ, text="t", sender="7070", reference="a b")) == ["reference"]
    assert advised(Sms(to=NZ, text="t", sender="Bakery")) == ["sender"]
    assert SERVICE.send(Sms(to=NZ, text="t", sender="Bakery")).operation == "send-sms"
    assert SERVICE.send(Sms(to=NZ, text="t", sender=" 7070 ")).operation == "send-sms-nz"
    assert SERVICE.send(Sms(to=NUMBER, text="t", sender="7070")).operation == "send-sms"
    assert advised(Sms(to=NZ, text="t", sender="Bakery"), BEARER) == []


def test_faulty_messages_are_advised_without_harm() -> None:
    for bad in (None, 7, Sms(to=7, text=7), Mms(to=None, slides=None), Mms(to="", slides=(7,))):  # type: ignore[arg-type]
        for service in (SERVICE, BEARER):
            assert not service.check(bad).ok  # type: ignore[arg-type]


# -- the calls of the service --------------------------------------------------------------------

MANY = [f"6149157{n:04d}" for n in range(1001)]

CALL_FAULTS: list[tuple[Callable[[], Any], list[str]]] = [
    (lambda: SERVICE.send_sms(to=[], text="t"), ["to"]),
    (lambda: SERVICE.send_sms(to=MANY, text="t"), ["to"]),
    (lambda: SERVICE.send_sms(to=[NUMBER, "+" + NUMBER], text="t"), ["to"]),
    (lambda: SERVICE.send_sms(to=[NUMBER, "07", 7], text="t"), ["to[1]", "to[2]"]),  # type: ignore[list-item]
    (lambda: SERVICE.send_sms(to=b"61491570006", text="t"), ["to[0]"]),  # type: ignore[arg-type]
    (lambda: SERVICE.send_sms(to=None, text="t"), ["to[0]"]),  # type: ignore[arg-type]
    (lambda: SERVICE.send_sms(to=NUMBER, text="", sender="_", reference="_", source="_"), ["text", "sender", "reference", "source"]),
    (lambda: SERVICE.send_sms(to=NUMBER, text="t", delay=0), ["delay"]),
    (lambda: SERVICE.send_sms(to=NUMBER, text="t", delay=1441), ["delay"]),
    (lambda: SERVICE.send_sms(to=NUMBER, text="t", delay=True), ["delay"]),
    (lambda: SERVICE.send_sms(to=NUMBER, text="t", delay=1.5), ["delay"]),  # type: ignore[arg-type]
    (lambda: SERVICE.send_sms(to=NUMBER, text="t", delay=5, schedule_time=MOMENT), ["delay"]),
    (lambda: SERVICE.send_sms(to=NUMBER, text="t", schedule_time=MOMENT.replace(tzinfo=None)), ["schedule_time"]),
    (lambda: SERVICE.send_sms(to=NUMBER, text="t", schedule_time="now"), ["schedule_time"]),  # type: ignore[arg-type]
    (lambda: SERVICE.send_sms(to=NUMBER, text="t", schedule_time=datetime.max.replace(tzinfo=UTC)), ["schedule_time"]),
    (lambda: SERVICE.send_sms(to=NUMBER, text="t", schedule_time=datetime.min.replace(tzinfo=EAST)), ["schedule_time"]),
    (lambda: SERVICE.send_sms_template(template_id="", to=NUMBER), ["template_id"]),
    (lambda: SERVICE.send_sms_template(template_id="1", to=Recipient(to="07")), ["to[0]"]),
    (lambda: SERVICE.send_sms_template(template_id="1", to=[Recipient(to=NUMBER, fname=7)]), ["to[0].fname"]),  # type: ignore[arg-type]
    (lambda: SERVICE.send_sms_template(template_id="1", to=[NUMBER, Recipient(to=NUMBER)]), ["to"]),
    (lambda: SERVICE.send_sms_nz(to=[NZ, NUMBER], text="t", sender="7070"), ["to[1]"]),
    (lambda: SERVICE.send_sms_nz(to=NZ, text="t", sender="70707"), ["sender"]),
    (lambda: SERVICE.send_sms_nz(to=NZ, text="t", sender="rye7"), ["sender"]),
    (lambda: SERVICE.send_sms_nz(to=NZ, text="t", sender=None), ["sender"]),  # type: ignore[arg-type]
    (lambda: SERVICE.bulk_send_sms([]), ["messages"]),
    (lambda: SERVICE.bulk_send_sms([Sms(to=NUMBER, text="t")] * 1001), ["messages"]),
    (lambda: SERVICE.bulk_send_sms(7), ["messages"]),  # type: ignore[arg-type]
    (lambda: SERVICE.bulk_send_sms([MESSAGE, PICTURE, Sms(to="07", text="")]), ["messages[1]", "messages[2].to", "messages[2].text"]),  # type: ignore[list-item]
    (lambda: SERVICE.bulk_send_sms([MESSAGE], source="a b"), ["source"]),
    (lambda: SERVICE.send_mms(to=NUMBER, text="", image="", subject="x" * 41), ["subject", "text", "image"]),
    (lambda: SERVICE.send_mms(to=NUMBER, text="t", image=File(b"BEGIN:VCARD", "a.vcf")), ["image"]),
    (lambda: SERVICE.send_mms(to=NUMBER, text="t", image=File(bytes(380_000), "a"), any_type=True), ["image"]),
    (lambda: SERVICE.send_mms(to=NUMBER, text="t", image=File(b"", "a"), any_type=True), ["image"]),
    (lambda: SERVICE.send_mms(to=NUMBER, text="t", image=None), ["image"]),  # type: ignore[arg-type]
    (lambda: SERVICE.get_sms(message_id=" "), ["message_id"]),
    (lambda: SERVICE.get_sms(message_id=7), ["message_id"]),  # type: ignore[arg-type]
    (lambda: SERVICE.get_responses(type="fax"), ["type"]),  # type: ignore[arg-type]
    (lambda: SERVICE.get_responses().page(0), ["page"]),
    (lambda: SERVICE.get_optout().page(-1), ["page"]),
    (lambda: SERVICE.get_template().page(1.5), ["page"]),  # type: ignore[arg-type]
    (lambda: SERVICE.inbox(type=7), ["type"]),  # type: ignore[arg-type]
    (lambda: SERVICE.inbox().page(0), ["page"]),
    (SERVICE.inbound_read, ["message_id"]),
    (lambda: SERVICE.inbound_read(message_id=""), ["message_id"]),
    (lambda: SERVICE.inbound_read(message_id="1", everything=True), ["message_id"]),
    (lambda: SERVICE.inbound_read(message_id="1", date_before=MOMENT), ["message_id"]),
    (lambda: SERVICE.inbound_read(everything="yes"), ["everything", "message_id"]),  # type: ignore[arg-type]
    (lambda: SERVICE.inbound_read(date_before=MOMENT.replace(tzinfo=None)), ["date_before"]),
    (lambda: SERVICE.inbound_read_bulk(message_ids=[]), ["message_ids"]),
    (lambda: SERVICE.inbound_read_bulk(message_ids="117"), ["message_ids"]),
    (lambda: SERVICE.inbound_read_bulk(message_ids=["1", "", 7]), ["message_ids[1]", "message_ids[2]"]),  # type: ignore[list-item]
    (lambda: SERVICE.mark_read([]), ["message_ids"]),
    (lambda: SERVICE.mark_read("117"), ["message_ids"]),
    (lambda: SERVICE.get_optout(datestart=MOMENT, dateend=MOMENT.replace(year=2030)), ["dateend"]),
    (lambda: SERVICE.get_optout(datestart="now"), ["datestart"]),  # type: ignore[arg-type]
    (lambda: SERVICE.get_optout(dateend=datetime.max.replace(tzinfo=UTC)), ["dateend"]),
    (lambda: SERVICE.register_alpha_id(custom_id="", description=" "), ["custom_id", "description"]),
]  # fmt: skip


@pytest.mark.parametrize(("call", "fields"), CALL_FAULTS)
def test_calls_refuse_what_breaks_a_rule(call: Callable[[], Any], fields: list[str]) -> None:
    assert [field for field, _ in faults_in(call)] == fields


BEARER_FAULTS: list[tuple[Callable[[], Any], list[str]]] = [
    (lambda: BEARER.send_sms(to=NUMBER, text="", delay=1441), ["text", "delay"]),
    (lambda: BEARER.send_sms(to=NUMBER, text="t", delay=5, schedule_time=MOMENT), ["delay"]),
    (lambda: BEARER.send_sms(to=NUMBER, text="t", schedule_time="now"), ["schedule_time"]),  # type: ignore[arg-type]
    (lambda: BEARER.send_sms_template(template_id="", to=Recipient(to=NUMBER)), ["to[0]", "text"]),
    (lambda: BEARER.gateway(to=NUMBER), ["text"]),
    (lambda: BEARER.gateway(to=NUMBER, text="t", template_id="1"), ["text"]),
    (lambda: BEARER.gateway(to=NUMBER, text="t", sender_type="friend"), ["sender_type"]),
    (lambda: BEARER.gateway(to=NUMBER, text="t", country_code=64), ["country_code"]),
    (lambda: BEARER.gateway(to=NUMBER, text="t", delay=86_400_001), ["delay"]),
    (lambda: BEARER.gateway(to=NUMBER, text="t", schedule_at=datetime(2031, 2, 3)), ["schedule_at"]),  # noqa: DTZ001 - that is the fault
    (lambda: BEARER.gateway(to=NUMBER, text="t", delay=5, schedule_at=MOMENT), ["delay"]),
    (lambda: BEARER.gateway(to=NUMBER, text="t", optout="y", optout_id=7, reply_stop_to_opt_out=1), ["optout", "optout_id", "reply_stop_to_opt_out"]),  # type: ignore[arg-type]
    (lambda: BEARER.gateway(to=NUMBER, text="t", long_url={"a": "", "r/e": URL}), ["long_url[0]", "long_url[0]", "long_url[1]"]),
    (lambda: BEARER.gateway(to=NUMBER, text="t", long_url=[URL]), ["long_url"]),  # type: ignore[arg-type]
    (lambda: BEARER.gatewaymms(to=NUMBER, text="", image="", sender="_"), ["text", "sender", "image"]),
    (lambda: BEARER.gatewaymms(to=NUMBER, text="t", image=URL), ["image"]),
    (lambda: BEARER.send_mms(to=NUMBER, text="t", image=File(b"GIF89a", "a.gif")), ["image"]),
    (lambda: BEARER.cancel_schedule_quick_message(message_id="", type="fax"), ["message_id", "type"]),  # type: ignore[arg-type]
    (lambda: BEARER.delete_message(message_id=""), ["message_id"]),
    (lambda: BEARER.get_sms(message_id=""), ["message_id"]),
    (lambda: BEARER.report_message(limit=0, camp_type="fax", request_from="ME"), ["limit", "camp_type", "request_from"]),  # type: ignore[arg-type]
    (lambda: BEARER.report_message(from_date=date(2031, 2, 4), to_date=date(2031, 2, 3)), ["to_date"]),
    (lambda: BEARER.report_message(from_date=MOMENT, to_date="now"), ["from_date", "to_date"]),  # type: ignore[arg-type]
    (lambda: BEARER.report_message(reference="a b", status=7, request_name=7), ["status", "request_name", "reference"]),  # type: ignore[arg-type]
    (lambda: BEARER.report_message().page(0), ["page"]),
    (lambda: BEARER.get_responses().page(0), ["page"]),
    (lambda: BEARER.get_optout(size=0), ["size"]),
    (lambda: BEARER.quick_api_credit_usage(camp_type="fax"), ["camp_type"]),  # type: ignore[arg-type]
    (lambda: BEARER.create_template(name="", text="", type="FAX"), ["name", "text", "type"]),  # type: ignore[arg-type]
    (lambda: BEARER.business_add(business_name="ab", description="", purpose_of_use="", ownership=7, company={}, contact=7, customer_contact="07"), ["business_name", "description", "purpose_of_use", "ownership", "company[name]", "company[abn]", "company[website]", "company[address]", "contact", "customer_contact"]),  # type: ignore[arg-type]
    (lambda: BEARER.custom_number_add(name="", number="07"), ["name", "number"]),
    (lambda: BEARER.verify_custom_number(name="a", number=NUMBER, otp=""), ["otp"]),
    (lambda: BEARER.optoutlist(size=1001), ["size"]),
    (lambda: BEARER.create_optoutlist(title="", description="", options=["", 7]), ["title", "description", "options[0]", "options[1]"]),  # type: ignore[list-item]
]  # fmt: skip


@pytest.mark.parametrize(("call", "fields"), BEARER_FAULTS)
def test_calls_of_the_bearer_api_do_so_too(call: Callable[[], Any], fields: list[str]) -> None:
    # It has no codes.
    assert faults_in(call) == [(field, None) for field in fields]


@pytest.mark.parametrize("hour", [15, 16])
def test_an_hour_that_the_clocks_show_twice_cannot_be_scheduled(hour: int) -> None:
    # On 6 April 2031 the clocks of Melbourne go back from 3:00 to 2:00: at 16:00 UTC.
    twice = datetime(2031, 4, 5, hour, 30, tzinfo=UTC)
    assert [field for field, _ in faults_in(lambda: SERVICE.send_sms(to=NUMBER, text="t", schedule_time=twice))] == ["schedule_time"]  # fmt: skip
    SERVICE.get_optout(datestart=twice)  # a filter does no harm
    BEARER.send_sms(to=NUMBER, text="t", schedule_time=twice)  # it is told UTC
    for other in (14, 17):
        SERVICE.send_sms(to=NUMBER, text="t", schedule_time=twice.replace(hour=other))


LACKING: list[tuple[Callable[[], Any], str]] = [
    (lambda: BEARER.bulk_send_sms([MESSAGE]), "bulk-send-sms"),
    (lambda: BEARER.send_sms_nz(to=NZ, text="t", sender="7070"), "send-sms-nz"),
    (lambda: BEARER.inbound_read(everything=True), "inbound-read"),
    (lambda: BEARER.inbound_read_bulk(message_ids=["1"]), "inbound-read-bulk"),
    (lambda: BEARER.mark_read(["1"]), "marking"),
    (BEARER.get_template, "get-template"),
    (lambda: BEARER.register_alpha_id(custom_id="a", description="b"), "register-alpha-id"),
    (lambda: BEARER.get_responses(type="mms"), "inbound MMS"),
    (lambda: BEARER.inbox(type="mms"), "inbound MMS"),
    (lambda: BEARER.send_sms(to=NUMBER, text="t", source="shop"), "source"),
    (lambda: BEARER.send_mms(to=NUMBER, text="t", image=PNG, subject="s"), "subject"),
    (lambda: BEARER.send_mms(to=NUMBER, text="t", image=PNG, any_type=True), "another kind"),
    (SERVICE.verify_token, "user/token/verify"),
    (lambda: SERVICE.gateway(to=NUMBER, text="t"), "gateway"),
    (lambda: SERVICE.gatewaymms(to=NUMBER, text="t", image=PNG), "gatewaymms"),
    (lambda: SERVICE.cancel_schedule_quick_message(message_id="1", type="sms"), "cancel"),
    (lambda: SERVICE.delete_message(message_id="1"), "gateway/messages"),
    (SERVICE.report_message, "report/message"),
    (SERVICE.quick_api_credit_usage, "quick-api-credit-usage"),
    (lambda: SERVICE.create_template(name="a", text="b"), "template"),
    (
        lambda: SERVICE.business_add(
            business_name="abc",
            description="d",
            purpose_of_use="p",
            ownership=True,
            company={},
            contact={},
        ),
        "business/add",
    ),
    (SERVICE.custom_number, "customNumber"),
    (lambda: SERVICE.custom_number_add(name="a", number=NUMBER), "customNumber/add"),
    (lambda: SERVICE.verify_custom_number(name="a", number=NUMBER, otp="1"), "customNumber/verify"),
    (SERVICE.optoutlist, "optoutlist"),
    (lambda: SERVICE.create_optoutlist(title="a", description="b"), "optoutlist"),
    (lambda: SERVICE.get_optout(size=10), "page size"),
]


@pytest.mark.parametrize(("call", "what"), LACKING)
def test_what_an_api_lacks_is_unsupported(call: Callable[[], Any], what: str) -> None:
    with pytest.raises(UnsupportedError, match=f"cellcast does not offer .*{what}.*: use a"):
        call()


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=12), st.binary(max_size=8)
)


@given(
    message=st.builds(
        Sms, to=ANYTHING | st.just(NUMBER), text=ANYTHING, sender=ANYTHING, reference=ANYTHING
    )
    | st.builds(
        Mms,
        to=ANYTHING | st.just(OTHER),
        subject=ANYTHING,
        slides=st.lists(
            st.builds(
                Slide,
                image=ANYTHING
                | st.builds(File, ANYTHING, ANYTHING, ANYTHING)
                | st.builds(Media, ANYTHING, ANYTHING),
                text=ANYTHING,
            ),
            max_size=2,
        ),
    )
)
def test_what_has_no_fault_can_be_sent_and_what_has_cannot(message: Any) -> None:
    for service in (SERVICE, BEARER):
        if service.check(message).ok:
            assert service.send(message).request.body
        else:
            with pytest.raises(InvalidMessageError) as raised:
                service.send(message)
            assert raised.value.faults == service.check(message).faults


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("24-7", "24-7"),
        ("7 - 7", "7 - 7"),
        ("(70) 707", "70707"),
        ("+70707", "70707"),
        ("+61 491-570-110", "61491570110"),
        ("555-0110", "5550110"),
    ],
)
def test_a_sender_keeps_its_dashes_unless_it_is_a_number(written: str, sent: str) -> None:
    call = SERVICE.send(Sms(to=NUMBER, text="t", sender=written))
    assert json.loads(call.request.body)["from"] == sent


def test_a_sender_is_judged_by_its_length_first() -> None:
    for sender in ("1" * 2_000_000 + "x", "x" * 2_000_000, " -" * 1_000_000 + "_", "1" * 41):
        (fault,) = SERVICE.check(Sms(to=NUMBER, text="t", sender=sender)).faults
        assert (fault.field, fault.code) == ("sender", "FIELD_INVALID")
        assert "longer than 40" in fault.rule
