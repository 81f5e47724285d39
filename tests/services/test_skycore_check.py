"""Preflight of Skycore: every published rule with its code, and all at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmsclient.errors import InvalidMessageError
from mmsclient.messages import File, Media, Mms, SavedMms, Slide, Sms
from mmsclient.services.skycore import Skycore, check

SERVICE = Skycore(api_key="k")
NOW = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)
PNG = "https://media.example.net/07.png"
MP3 = "https://media.example.net/07.mp3"
MP4 = "https://media.example.net/07.mp4"
VCF = "https://media.example.net/07.vcf"
ICS = "https://media.example.net/07.ics"
PDF = "https://media.example.net/07.pdf"
PKPASS = "https://media.example.net/07.pkpass"

MMS = Mms(
    to="+1 (202) 555-0143",
    sender="70707",
    name="menu-07",
    subject="Fresh at 7",
    slides=(Slide(image=PNG, text="Rye", duration=5),),
)
SMS = Sms(to="12025550143", sender="70707", text="Fresh at 7")
SAVED = SavedMms(template="9100442", to="12025550143", sender="70707")


def codes_of(message: Any) -> list[tuple[str, str | None]]:
    return [(fault.field, fault.code) for fault in check.faults(message, now=NOW)]


@pytest.mark.parametrize("message", [MMS, SMS, SAVED])
def test_good_messages_have_no_faults(message: Mms | Sms | SavedMms) -> None:
    assert SERVICE.check(message).ok
    assert SERVICE.send(message).messages == (message,)


SLIDE_FAULTS: list[tuple[Any, str, str | None]] = [
    (Slide(), "slides[0]", "E313"),
    (Slide(text=" \n"), "slides[0]", "E313"),
    (Slide(duration=5), "slides[0]", "E313"),
    (Slide(audio=MP3, video=MP4), "slides[0]", "E226"),
    (Slide(image=PNG, video=MP4), "slides[0]", "E227"),
    (Slide(vcard=VCF, ical=ICS), "slides[0]", "E223"),
    (Slide(vcard=VCF, image=PNG), "slides[0]", "E224"),
    (Slide(pdf=PDF, audio=MP3), "slides[0]", "E224"),
    (Slide(ical=ICS, video=MP4), "slides[0]", "E224"),
    (Slide(text="x" * 5001), "slides[0].text", "E334"),
    (Slide(text="a\x07"), "slides[0].text", None),
    (Slide(text="\ud83d"), "slides[0].text", None),
    (Slide(text=5), "slides[0].text", None),  # type: ignore[arg-type]
    (Slide(text="t", duration=0), "slides[0].duration", "E230"),
    (Slide(text="t", duration=1.5), "slides[0].duration", "E230"),  # type: ignore[arg-type]
    (Slide(text="t", duration=True), "slides[0].duration", "E230"),
    (Slide(text="t", duration=10**5000), "slides[0].duration", "E230"),
    (Slide(passbook=PKPASS), "slides[0].passbook", "E229"),
    (Slide(personalized_image="771"), "slides[0].personalized_image", "E229"),
    (Slide(image=Media(PNG, -1)), "slides[0].image", None),
    (Slide(image=Media(PNG, 1.5)), "slides[0].image", None),  # type: ignore[arg-type]
    (Slide(image=7), "slides[0].image", "E351"),  # type: ignore[arg-type]
    (Slide(image=File(b"\x89PNG", "07.png")), "slides[0].image", "E351"),
    (Slide(audio=File(b"ID3", "07.mp3")), "slides[0].audio", "E352"),  # type: ignore[arg-type]
    (Slide(text="t", duration=1_000_000), "slides[0].duration", "E230"),
    ("slide", "slides[0]", "E313"),
]


@pytest.mark.parametrize(("slide", "field", "code"), SLIDE_FAULTS)
def test_each_rule_of_a_slide_has_its_code(slide: Any, field: str, code: str | None) -> None:
    assert codes_of(attrs.evolve(MMS, slides=(slide,))) == [(field, code)]


def test_a_file_is_refused_and_the_fix_is_an_address() -> None:
    carried = attrs.evolve(MMS, slides=(Slide(image=File(b"\x89PNG", "07.png"), text="Rye"),))
    (fault,) = SERVICE.check(carried).faults
    assert fault.rule == "is a file, and this service fetches media from an address"
    assert fault.fix == "give an address"
    with pytest.raises(InvalidMessageError):
        SERVICE.send(carried)


URLS = [
    "media.example.net/1.png",
    "/1.png",
    "ftp://media.example.net/1.png",
    "file:///1.png",
    "https:///1.png",
    "https://",
    "https://noor:secret@media.example.net/1.png",
    "https://media.example.net/1 2.png",
    "https://media.example.net/1\n.png",
    "https://media.example.net:port/1.png",
    "https://[::1/1.png",
    "https://media.example.net/\ufffe.png",
    "https://media.example.net:0/1.png",
    "https://localhost/1.png",
    "https://LOCALHOST./1.png",
    "https://media/1.png",
    "https://media.local/1.png",
    "https://media.localhost/1.png",
    "https://media.Internal./1.png",
    "https://media..example.net/1.png",
    "https://.example.net/1.png",
    "https://127.0.0.1/1.png",
    "https://10.0.0.7:8443/1.png",
    "https://169.254.0.7/1.png",
    "https://192.0.2.7/1.png",
    "https://[::1]/1.png",
    "https://[fd00::7]/1.png",
    "https://[fe80::7%25eth0]/1.png",
    "https://[2001:db8::7]/1.png",
]


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("wrap", [str, Media])
def test_addresses_that_no_service_could_fetch_are_refused(url: str, wrap: Any) -> None:
    slide = Slide(image=wrap(url))
    (found,) = SERVICE.check(attrs.evolve(MMS, slides=(slide,))).faults
    assert found.field == "slides[0].image"
    assert found.code == (None if "\ufffe" in url else "E351")
    assert "example" not in found.rule


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("image", "E351"),
        ("audio", "E352"),
        ("video", "E353"),
        ("vcard", "E355"),
        ("ical", "E356"),
        ("pdf", "E357"),
    ],
)
def test_each_kind_of_file_has_the_code_of_what_cannot_be_fetched(field: str, code: str) -> None:
    files: dict[str, Any] = {field: "nowhere"}
    slide = Slide(**files, text="t")
    assert codes_of(attrs.evolve(MMS, slides=(slide,))) == [(f"slides[0].{field}", code)]


@pytest.mark.parametrize(
    "url",
    [
        "HTTP://media.example.net",
        "https://media.example.net.:8443/a?b=c#d",
        "https://192.31.196.7/07.png",
        "https://[2620:4f:8000::7]/07.png",
        "https://local.example.net/07.php",
        # What counts is the Content-Type.
        MP4,
        "https://media.example.net/07.WAV?a=b.mp3",
    ],
)
def test_complete_addresses_are_taken(url: str) -> None:
    assert codes_of(attrs.evolve(MMS, slides=(Slide(image=url),))) == []


def test_the_number_of_slides() -> None:
    slide = Slide(text="t")
    assert codes_of(attrs.evolve(MMS, slides=())) == [("slides", "E312")]
    no_list: Any = 5
    assert codes_of(attrs.evolve(MMS, slides=no_list)) == [("slides", "E312")]
    assert codes_of(attrs.evolve(MMS, slides=(slide,) * 9)) == []
    assert codes_of(attrs.evolve(MMS, slides=(slide,) * 10)) == [("slides", "E225")]


MMS_FAULTS: list[tuple[dict[str, Any], str, str | None]] = [
    ({"to": ""}, "to", "E110"),
    ({"to": None}, "to", "E110"),
    ({"to": "0012025550143"}, "to", "E110"),
    ({"to": "12025550143,12025550144"}, "to", "E110"),
    ({"sender": None}, "sender", "E111"),
    ({"sender": " "}, "sender", "E111"),
    ({"sender": "Bakery"}, "sender", "E111"),
    ({"sender": 70707}, "sender", "E111"),
    ({"sender": "12"}, "sender", "E111"),
    ({"name": None}, "name", "E311"),
    ({"name": ""}, "name", "E311"),
    ({"subject": None}, "fallback_text", "E622"),
    ({"subject": "", "fallback_text": " "}, "fallback_text", "E622"),
    ({"subject": "s" * 81}, "subject", None),
    ({"subject": "a\x00"}, "subject", None),
    ({"fallback_text": b"x"}, "fallback_text", None),
    ({"from_mask": "m" * 12}, "from_mask", None),
    ({"operator_id": 1890}, "operator_id", None),
    ({"campaign_ref": "\x1b"}, "campaign_ref", None),
    ({"reference": "r" * 65}, "reference", None),
    ({"force_send_as_sms": "true"}, "force_send_as_sms", "E655"),
    ({"disable_fallback_sms_link": None}, "disable_fallback_sms_link", None),
    ({"mms_link_expiration_date": "2031-03-01"}, "mms_link_expiration_date", "E617"),
    ({"mms_link_expiration_date": datetime(2031, 3, 1)}, "mms_link_expiration_date", "E617"),  # noqa: DTZ001 - naive on purpose
    ({"mms_link_expiration_date": NOW}, "mms_link_expiration_date", "E617"),
    (
        {"mms_link_expiration_date": NOW + timedelta(days=365, seconds=1)},
        "mms_link_expiration_date",
        "E617",
    ),
    (
        {"mms_link_expiration_date": datetime.max.replace(tzinfo=timezone(-timedelta(hours=9)))},
        "mms_link_expiration_date",
        "E617",
    ),
]


@pytest.mark.parametrize(("change", "field", "code"), MMS_FAULTS)
def test_each_rule_of_an_mms_has_its_code(
    change: dict[str, Any], field: str, code: str | None
) -> None:
    assert codes_of(attrs.evolve(MMS, **change)) == [(field, code)]


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "s" * 80},
        {"subject": None, "fallback_text": "f" * 500},
        {"reference": "r" * 64, "from_mask": "m" * 11},
        {"to": "642111111"},
        {"sender": "+1 202 555 0100"},
        {"mms_link_expiration_date": NOW + timedelta(days=365)},
        {"mms_link_expiration_date": NOW + timedelta(seconds=1)},
        {"slides": (Slide(text="x" * 5000, duration=600),)},
        {"slides": (Slide(image="", text="a\tb\r\nc \U0001f35e"),)},
    ],
)
def test_what_is_only_unwise_or_at_the_limit_is_no_fault(change: dict[str, Any]) -> None:
    assert codes_of(attrs.evolve(MMS, **change)) == []


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"text": ""}, "text", "E712"),
        ({"text": None}, "text", "E712"),
        ({"text": "x" * 161}, "text", "E228"),
        ({"text": "\ufffe"}, "text", None),
        ({"to": "no"}, "to", "E110"),
        ({"sender": None}, "sender", "E111"),
        ({"reference": 5}, "reference", None),
    ],
)
def test_each_rule_of_an_sms(change: dict[str, Any], field: str, code: str | None) -> None:
    assert codes_of(attrs.evolve(SMS, **change)) == [(field, code)]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"template": ""}, "template", "E620"),
        ({"template": 9100442}, "template", None),
        ({"to": ""}, "to", "E621"),
        ({"to": "12"}, "to", "E110"),
        ({"texts": {0: "x"}}, "texts", None),
        ({"texts": {10: "x"}}, "texts", None),
        ({"texts": {True: "x"}}, "texts", None),
        ({"texts": {"1": "x"}}, "texts", None),
        ({"texts": {2: " "}}, "texts[2]", None),
        ({"texts": {2: "x" * 5001}}, "texts[2]", "E334"),
        ({"texts": 5}, "texts", None),
        ({"subject": "s" * 81}, "subject", None),
        ({"data": {"1st": "x"}}, "data", None),
        ({"data": {"a:b": "x"}}, "data", None),
        ({"data": {"": "x"}}, "data", None),
        ({"data": {"#text": "x"}}, "data", None),
        ({"data": {5: "x"}}, "data", None),
        ({"data": {"name": 5}}, "data[0]", None),
        ({"data": {"name": "\x00"}}, "data[0]", None),
        ({"data": {"a": "x", "name": "x", "NAME": "y"}}, "data[2]", None),
        ({"data": None}, "data", None),
        ({"disable_fallback_sms": "yes"}, "disable_fallback_sms", None),
        ({"force_pass_as_link": 1}, "force_pass_as_link", None),
        ({"ddm_title": "t"}, "ddm_text", None),
        ({"ddm_timeout": 5}, "ddm_text", None),
        ({"ddm_force": True}, "ddm_text", None),
        ({"ddm_text": "t", "ddm_timeout": 0}, "ddm_timeout", None),
    ],
)
def test_each_rule_of_a_saved_mms(change: dict[str, Any], field: str, code: str | None) -> None:
    assert codes_of(attrs.evolve(SAVED, **change)) == [(field, code)]


def test_all_faults_are_told_at_once() -> None:
    message = Mms(to="no", slides=(Slide(), Slide(image=PNG, video=MP4)), reference="r" * 65)
    with pytest.raises(InvalidMessageError) as raised:
        SERVICE.send(message)
    assert [fault.field for fault in raised.value.faults] == [
        "to",
        "sender",
        "name",
        "slides[0]",
        "slides[1]",
        "fallback_text",
        "reference",
    ]
    assert raised.value.faults == SERVICE.check(message).faults
    assert all(fault.rule and fault.fix for fault in raised.value.faults)


def test_the_position_of_a_character_xml_cannot_carry_is_told() -> None:
    (fault,) = SERVICE.check(attrs.evolve(MMS, subject="Fresh\x0bbread")).faults
    assert "position 5" in fault.rule


def test_what_is_no_message_is_told_so() -> None:
    stranger: Any = {"to": "12025550143"}
    assert [fault.field for fault in SERVICE.check(stranger).faults] == ["message"]
    with pytest.raises(InvalidMessageError, match="pass Mms, Sms or SavedMms"):
        SERVICE.send(stranger)


def test_a_template_may_hold_what_an_mms_may_not() -> None:
    pass_ = Slide(passbook=PKPASS, text="Your pass")
    SERVICE.save_mms(name="n", fallback_text="f", slides=[pass_, Slide(personalized_image="771")])


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": ""}, "name", "E311"),
        ({"subject": None}, "subject", "E314"),
        ({"subject": "s" * 81}, "subject", None),
        ({"slides": []}, "slides", "E312"),
        ({"slides": None}, "slides", "E312"),
        ({"slides": [Slide(text="t")] * 9}, "slides", "E225"),
        ({"slides": [Slide(personalized_image="771", image=PNG)]}, "slides[0]", "E224"),
        ({"slides": [Slide(passbook=PKPASS, image=PNG)]}, "slides[0]", "E224"),
        ({"slides": [Slide(passbook="nowhere")]}, "slides[0].passbook", "E358"),
        ({"disable_fallback_sms": "yes"}, "disable_fallback_sms", None),
    ],
)
def test_each_rule_of_a_template(change: dict[str, Any], field: str, code: str | None) -> None:
    good: dict[str, Any] = {"name": "n", "subject": "s", "slides": [Slide(text="t")]}
    with pytest.raises(InvalidMessageError) as raised:
        SERVICE.save_mms(**(good | change))
    assert [(fault.field, fault.code) for fault in raised.value.faults] == [(field, code)]


NAIVE = datetime(2031, 2, 3)  # noqa: DTZ001 - naive on purpose
BAD_PARAMETERS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("get_mmsid_details", {"mms_id": " "}, ["mms_id"]),
    ("delete_mmsid", {"mms_id": None}, ["mms_id"]),
    ("get_mms_templates", {"items_per_page": 0, "start_date": NAIVE}, ["start_date", "items_per_page"]),
    ("remove_mms_inbox_message", {"mms_inbox_id": ""}, ["mms_inbox_id"]),
    ("create_mms_campaign", {"campaign_name": "", "brand_name": "\x00"}, ["campaign_name", "brand_name"]),
    ("send_saved_mms_campaign", {"template": "", "to_campaign": ""}, ["template", "to_campaign"]),
    ("subscribe", {"campaign_ref": "", "mobile": "x", "notify": "no", "cta": 1, "data": {"": ""}}, ["campaign_ref", "mobile", "notify", "data", "cta"]),
    ("unsubscribe", {"campaign_ref": "", "mobile": ""}, ["campaign_ref", "mobile"]),
    ("get_sending_statistics", {"start_date": NAIVE, "end_date": "today"}, ["start_date", "end_date"]),
    ("get_sending_statistics", {"start_date": NOW, "end_date": NOW - timedelta(1)}, ["end_date"]),
    ("send_message_by_subscriber_ref", {"subscriber_ref": "", "campaign_ref": ""}, ["template", "subscriber_ref", "campaign_ref"]),
    ("send_message_by_subscriber_ref", {"subscriber_ref": "a", "campaign_ref": "b", "template": "1", "text": "t"}, ["template"]),
    ("send_message_by_subscriber_ref", {"subscriber_ref": "a", "campaign_ref": "b", "text": "t" * 161}, ["text"]),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "given_", "fields"), BAD_PARAMETERS)
def test_bad_parameters_are_told_all_at_once(
    operation: str, given_: dict[str, Any], fields: list[str]
) -> None:
    with pytest.raises(InvalidMessageError) as raised:
        getattr(SERVICE, operation)(**given_)
    assert [fault.field for fault in raised.value.faults] == fields


def test_pages_are_counted_from_one() -> None:
    with pytest.raises(InvalidMessageError) as raised:
        SERVICE.get_mms_templates().page(0)
    assert [(fault.field, fault.code) for fault in raised.value.faults] == [("page", "E212")]


ANYTHING: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=5),
    st.datetimes(timezones=st.none() | st.timezones()),
    st.lists(st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3) | st.integers(-1, 12), st.text(max_size=3), max_size=3),
    st.sampled_from([PNG, "12025550143", "70707", 10**400, object(), Media(PNG, 10**400)]),
    st.builds(Media, st.text(max_size=9), st.integers() | st.none()),
)


def filled(kind: type[Any], **others: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Build *kind* with anything in any field."""
    names = [field.name for field in attrs.fields(kind)]
    return st.builds(kind, **{name: others.get(name, ANYTHING) for name in names})


SLIDES = st.one_of(st.lists(st.one_of(filled(Slide), ANYTHING), max_size=3), ANYTHING)
MESSAGES = st.one_of(filled(Mms, slides=SLIDES), filled(Sms), filled(SavedMms), ANYTHING)


@given(message=MESSAGES)
def test_checking_anything_raises_nothing(message: Any) -> None:
    found = SERVICE.check(message)
    told: InvalidMessageError | None = None
    try:
        SERVICE.send(message)
    except InvalidMessageError as error:
        told = error
    assert found.ok is (told is None)
    if told is not None:
        assert len(told.faults) == len(found.faults)
