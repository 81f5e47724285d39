"""Postbacks of Skycore: every golden document, every shape, every pair of origin and code."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmsclient import events
from mmsclient.errors import PostbackError
from mmsclient.outcomes import DeliveryStatus
from mmsclient.services.skycore import Skycore, postbacks
from mmsclient.wire import RawPostback

GOLDEN = Path(__file__).parents[1] / "golden" / "skycore"
SERVICE = Skycore(api_key="k")
HERE = timezone(-timedelta(hours=5))
AT = datetime(2031, 2, 3, 4, 5, 6, tzinfo=HERE)


def read(body: bytes, content_type: str = "text/xml") -> list[events.Event]:
    return SERVICE.read_postback(RawPostback("POST", "", {"Content-Type": content_type}, body))


def golden(name: str) -> bytes:
    return (GOLDEN / f"{name}-postback.xml").read_bytes()


def one(name: str) -> Any:
    (event,) = read(golden(name))
    assert event.service == "skycore"
    return event


def told(origin: str, code: str, *fields: tuple[str, str]) -> bytes:
    rows = (("ORIGIN", origin), ("CODE", code), *fields)
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in rows)
    return f"<POSTBACK>{inside}</POSTBACK>".encode()


@pytest.mark.parametrize(
    ("name", "status", "sent_as", "final"),
    [
        ("mms-sent", DeliveryStatus.SENT, "mms", False),
        ("mms-sent-as-sms", DeliveryStatus.SENT, "sms", False),
        ("mms-delivered", DeliveryStatus.DELIVERED, "mms", True),
        ("fallback-delivered", DeliveryStatus.DELIVERED, "sms", True),
        ("mms-rejected", DeliveryStatus.REJECTED, None, True),
        ("sms-sent", DeliveryStatus.SENT, None, False),
        ("sms-delivered", DeliveryStatus.DELIVERED, None, True),
        ("sms-failed", DeliveryStatus.FAILED, None, True),
    ],
)
def test_delivery_reports(
    name: str, status: DeliveryStatus, sent_as: str | None, final: bool
) -> None:
    report = one(name)
    assert type(report) is events.DeliveryReport
    assert (report.status, report.sent_as, report.final) == (status, sent_as, final)
    assert (report.id, report.to, report.sender) == ("Hq-1", "12025550143", "70707")
    assert report.operator_id == "0001890"
    assert report.at is not None


def test_a_delivery_report_carries_all_it_was_told() -> None:
    report = one("mms-delivered")
    assert (report.kind, report.at, report.words) == ("MMS_MT N102", AT, "Message Sent/Delivered")
    assert (report.mms_id, report.handset, report.reference) == ("9100442", "phone9", "order-117")
    assert report.raw["AGGREGATORID"] == "20117-00411"
    assert one("fallback-delivered").mms_id is None
    assert one("sms-delivered").details == "?deliver=4&"
    assert one("sms-sent").at == datetime(
        2031, 2, 3, 4, 5, 6, 123456, tzinfo=timezone(-timedelta(hours=4))
    )


def test_encoding() -> None:
    assert one("template-ready") == events.TemplateReady(
        service="skycore",
        kind="MMS_MT N003",
        key="MMS_MT|N003|9100442|",
        mms_id="9100442",
        raw=one("template-ready").raw,
    )
    broken = one("template-failed")
    assert type(broken) is events.TemplateFailed
    assert (broken.mms_id, broken.media, broken.file) == ("9100442", "audio", "07.mp3")
    encoded = one("mms-encoded")
    assert type(encoded) is events.MmsEncoded
    assert encoded.mms_id == "9100442"
    failed = one("mms-not-encoded")
    assert type(failed) is events.MmsEncodingFailed
    assert (failed.media, failed.file) == ("video", "https://media.example.net/07.mp4")


def test_the_field_and_not_the_digit_tells_which_file_failed() -> None:
    (event,) = read(told("MMS_MT", "E002", ("MMSID", "1"), ("VIDEONAME", "07.mp4")))
    assert isinstance(event, events.TemplateFailed)
    assert (event.media, event.file) == ("video", "07.mp4")
    (event,) = read(told("MMS_MT", "E003", ("MMSID", "1")))
    assert isinstance(event, events.TemplateFailed)
    assert (event.media, event.file) == (None, None)


@pytest.mark.parametrize("code", ["E002", "E012"])
@pytest.mark.parametrize("stamp", [(), (("TIMESTAMP", "2031-02-03T04:05:06-05:00"),)])
def test_files_of_one_mms_that_fail_are_told_apart(
    code: str, stamp: tuple[tuple[str, str], ...]
) -> None:
    files = [("AUDIONAME", "07"), ("VIDEONAME", "07"), ("VIDEONAME", "08"), ("IMAGENAME", "07")]
    for names in [*([each] for each in files), files[:2], []]:
        first, again = (
            read(told("MMS_MT", code, ("MMSID", "9100442"), *stamp, *rows))[0]
            for rows in (names, reversed(names))
        )
        assert first.key == again.key
    keys = {
        read(told("MMS_MT", code, ("MMSID", "9100442"), *stamp, *names))[0].key
        for names in [*([each] for each in files), []]
    }
    assert len(keys) == 5


def test_inbound_messages() -> None:
    sms = one("sms-inbound")
    assert type(sms) is events.InboundMessage
    assert (sms.id, sms.channel, sms.text) == ("20XG-1", "sms", "Two ryes, please")
    assert (sms.sender, sms.to) == ("12025550119", "70707")
    assert sms.at == datetime(2031, 2, 3, 4, 5, 6, tzinfo=timezone(-timedelta(hours=4)))
    mms = one("mms-inbound")
    assert (mms.id, mms.channel, mms.subject) == ("MMS_MO_ab12", "mms", "My loaf")
    assert (mms.keyword, mms.operator_id) == ("rye", "0001470")
    assert mms.files == ("https://inbox.example.net/1.jpg", "https://inbox.example.net/1.smil")
    assert one("mms-inbound-notification") == mms


def test_the_text_of_a_message_keeps_its_blanks() -> None:
    (event,) = read(told("SMS_MO", "N211", ("TEXT", " rye\n 2 ")))
    assert isinstance(event, events.InboundMessage)
    assert event.text == " rye\n 2 "


def test_opt_in_and_opt_out() -> None:
    joined = one("opt-in")
    assert type(joined) is events.OptIn
    assert (joined.number, joined.campaign_ref) == ("12025550143", "bakery-spring")
    assert joined.source == "API"
    assert joined.at == datetime(2031, 2, 3, 4, 5, 6, tzinfo=timezone(-timedelta(hours=4)))
    left = one("opt-out")
    assert type(left) is events.OptOut
    assert (left.campaign_ref, left.source) == ("4471", "IMPORTED AS UNSUBSCRIBED")
    mailed = one("email-opt-in")
    assert type(mailed) is events.OptIn
    assert (mailed.number, mailed.email) == (None, "noor@example.net")
    (gone,) = read(told("EMAIL_SUB", "N304", ("EMAIL", "noor@example.net")))
    assert type(gone) is events.OptOut


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("N801", "made"),
        ("N802", "failed"),
        ("N803", "limit"),
        ("N811", "credit"),
        ("N899", "unknown"),
    ],
)
def test_wallet_passes(code: str, status: str) -> None:
    (event,) = read(golden("pass-made").replace(b"N801", code.encode()))
    assert type(event) is events.PassReport
    assert (event.kind, event.status) == (f"GENERATE_PASS {code}", status)
    assert (event.serial_number, event.reference) == ("S-1", "CUST-88")


def test_several_notifications_are_several_events() -> None:
    first, second = read(golden("several-notifications"))
    assert isinstance(first, events.DeliveryReport)
    assert isinstance(second, events.DeliveryReport)
    assert (first.id, first.status) == ("Hq-1", DeliveryStatus.UNKNOWN)
    assert (second.id, second.status) == ("Hq-2", DeliveryStatus.DELIVERED)
    assert first.at == datetime(2031, 2, 3, 4, 5, 6, 500000, tzinfo=timezone(-timedelta(hours=4)))
    assert second.at == datetime(2031, 2, 3, 4, 5, 6)  # noqa: DTZ001 - no zone was told


@pytest.mark.parametrize("code", ["N501", "N502", "E501", "E502", "N777"])
def test_discovery_and_unknown_pairs_are_plain_events(code: str) -> None:
    (event,) = read(golden("discovery").replace(b"N501", code.encode()))
    assert type(event) is events.Event
    assert (event.kind, event.raw["TRACKINGID"]) == (f"MMS_MT {code}", "Hq-1")


@pytest.mark.parametrize("origin", ["SMS_MT", "MMS_MT", "SUB", ""])
def test_an_error_in_the_queue_is_final_for_any_origin(origin: str) -> None:
    (event,) = read(told(origin, "E999", ("TRACKINGID", "Hq-1")))
    assert isinstance(event, events.DeliveryReport)
    assert (event.id, event.status, event.final) == ("Hq-1", DeliveryStatus.FAILED, True)


SENT, DELIVERED, FAILED = DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED
EXPIRED, REJECTED, UNKNOWN = (
    DeliveryStatus.EXPIRED,
    DeliveryStatus.REJECTED,
    DeliveryStatus.UNKNOWN,
)


@pytest.mark.parametrize(
    ("code", "words", "status"),
    [
        ("N101", "Message Sent", SENT),
        ("N102", "Message Sent/Delivered", DELIVERED),
        ("N202", "message sent/delivered ", DELIVERED),
        ("N103", "", EXPIRED),
        ("E101", "Message Failed", FAILED),
        ("E102", "Message Sent/Expired", EXPIRED),
        ("E102", "Message Sent/Rejected", REJECTED),
        ("E102", "Message Sent/Failed", FAILED),
        ("E202", "Message Sent/NotSupported", FAILED),
        ("E102", "", FAILED),
        # N codes with bad news.
        ("N102", "Message Sent/Expired", EXPIRED),
        ("N102", "Message Sent/Rejected", REJECTED),
        ("N202", "Message Sent/Failed", FAILED),
        ("N101", "Message Failed", FAILED),
        # Never more than both say.
        ("N102", "Message Sent", SENT),
        ("N101", "Message Sent/Delivered", SENT),
        # Neither success nor failure.
        ("N102", "", UNKNOWN),
        ("N102", "Message Sent/Read", UNKNOWN),
        ("E102", "Message Sent/Delivered", UNKNOWN),
        ("E102", "Message lost", UNKNOWN),
        ("E999", "Message lost", FAILED),
        ("E999", "Message Sent/Expired", EXPIRED),
    ],
)
def test_code_and_status_are_judged_together(code: str, words: str, status: DeliveryStatus) -> None:
    (event,) = read(told("MMS_MT", code, ("STATUS", words), ("TRACKINGID", "Hq-1")))
    assert isinstance(event, events.DeliveryReport)
    assert (event.status, event.final) == (status, status.final or code[0] == "E")


@pytest.mark.parametrize("code", ["E201", "E202"])
def test_nothing_follows_an_error_whatever_its_status_says(code: str) -> None:
    (event,) = read(told("SMS_MT", code, ("STATUS", "Message lost")))
    assert isinstance(event, events.DeliveryReport)
    assert (event.status, event.final) == (UNKNOWN, True)


@pytest.mark.parametrize("code", ["N202", "E202"])
def test_the_fallback_of_an_mms_is_an_sms_even_unsaid(code: str) -> None:
    (event,) = read(told("MMS_MT", code, ("STATUS", "Message Sent/Delivered")))
    assert isinstance(event, events.DeliveryReport)
    assert event.sent_as == "sms"


def test_repeats_share_a_key_and_nothing_else_does() -> None:
    names = [path.stem.removesuffix("-postback") for path in GOLDEN.glob("*-postback.xml")]
    keys = {name: [event.key for event in read(golden(name))] for name in names}
    assert keys == {name: [event.key for event in read(golden(name))] for name in names}
    # Both hold the same message, in two shapes.
    assert keys.pop("mms-inbound-notification") == keys["mms-inbound"]
    # Two ways to tell of one message at one moment.
    assert keys.pop("mms-sent-as-sms") == keys["mms-sent"]
    every = [key for found in keys.values() for key in found]
    assert len(set(every)) == len(every)
    assert keys["mms-delivered"] == ["MMS_MT|N102|Hq-1|2031-02-03T04:05:06-05:00"]


def test_events_that_nothing_names_are_told_apart_by_all_their_fields() -> None:
    when = ("RECEIVED", "2031-02-03T04:05:06-04:00")
    one_, other = (
        read(told("SMS_MO", "N211", ("FROM", number), when))[0].key
        for number in ("12025550119", "12025550120")
    )
    assert one_ != other
    assert one_ == read(told("SMS_MO", "N211", ("FROM", "12025550119"), when))[0].key


def test_two_lists_joined_in_one_second_are_two_events() -> None:
    rows = (("MOBILE", "12025550143"), ("TIMESTAMP", "2031-02-03T04:05:06-04"))
    keys = {read(told("SUB", "N301", *rows, ("CAMPAIGNREF", name)))[0].key for name in ("a", "b")}
    assert len(keys) == 2


def test_a_bad_time_stamp_does_not_lose_the_event() -> None:
    (event,) = read(told("SMS_MT", "N201", ("TIMESTAMP", "yesterday"), ("TRACKINGID", "Hq-1")))
    assert event.at is None
    assert event.key.endswith("yesterday")


@pytest.mark.parametrize("field", ["xml", "XML"])
def test_a_form_field_is_read_too(field: str) -> None:
    document = golden("mms-delivered")
    body = f"a=b&{field}={quote_plus(document)}".encode()
    kind = "application/x-www-form-urlencoded; charset=UTF-8"
    assert read(body, kind) == read(document)
    # A bare document under a form's name, as some senders have it.
    assert read(document, kind) == read(document)


DOCUMENT = golden("mms-delivered")
PARTS = "multipart/form-data; boundary=----edge7"


def form(*parts: tuple[bytes, bytes]) -> bytes:
    shown = (b"------edge7\r\n%b\r\n\r\n%b\r\n" % part for part in parts)
    return b"".join(shown) + b"------edge7--\r\n"


@pytest.mark.parametrize("field", [b"xml", b"XML"])
@pytest.mark.parametrize("more", [b"", b'; filename="1.xml"\r\nContent-Type: text/xml'])
@pytest.mark.parametrize("boundary", ["----edge7", '"----edge7"'])
def test_a_field_of_a_multipart_form_is_read_too(field: bytes, more: bytes, boundary: str) -> None:
    other = (b'Content-Disposition: form-data; name="a"', b"xml")
    xml = (b'Content-Disposition: form-data; name="' + field + b'"' + more, DOCUMENT)
    kind = f"Multipart/Form-Data; charset=utf-8; boundary={boundary}"
    assert read(form(other, xml), kind) == read(DOCUMENT)
    assert read(DOCUMENT, kind) == read(DOCUMENT)


DEEP = b"Content-Type: multipart/mixed; boundary=----edge7"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (form((b'Content-Disposition: form-data; name="a"', DOCUMENT)), PARTS),
        (form((b"Content-Disposition: form-data", DOCUMENT)), PARTS),
        (form((b"content-disposition: x; name*=xml; name*0=xml; name*1=l", DOCUMENT)), PARTS),
        (form((b"content-disposition: x; name*" + b"9" * 5000 + b"=xml", DOCUMENT)), PARTS),
        (form(*[(DEEP, b"")] * 3000), PARTS),
        (form(*[(b"Content-Type: message/rfc822", b"")] * 3000), PARTS),
        (form((b'Content-Disposition: form-data; name="xml"', DOCUMENT)), PARTS[:19]),
        (b"------edge7", PARTS),
        (form((b"content-disposition: " + b";" * 200_000, DOCUMENT)), PARTS),
        (b"", PARTS),
        (b"------edge7\r\n", PARTS.replace("=----edge7", "=")),
    ],
)
def test_a_multipart_form_without_a_document_is_told_so(body: bytes, kind: str) -> None:
    with pytest.raises(PostbackError, match="form") as raised:
        read(body, kind)
    assert raised.value.raw == body


@pytest.mark.parametrize(
    "lead", [b"\xef\xbb\xbf", b"\r\n\t ", b"\xef\xbb\xbf\n", b"\n\xef\xbb\xbf"]
)
@pytest.mark.parametrize("kind", ["text/xml", "application/x-www-form-urlencoded", PARTS])
def test_a_mark_or_blanks_before_the_document_do_no_harm(lead: bytes, kind: str) -> None:
    assert DOCUMENT.startswith(b"<?xml")
    assert read(lead + DOCUMENT, kind) == read(DOCUMENT)
    body = f"xml={quote_plus(lead + DOCUMENT)}".encode()
    assert read(body, "application/x-www-form-urlencoded") == read(DOCUMENT)


@pytest.mark.parametrize("kind", ["text/xml", "application/x-www-form-urlencoded", PARTS])
def test_a_postback_of_more_than_256_kib_is_not_read(kind: str) -> None:
    room = 256 * 1024 - len(DOCUMENT)
    assert read(DOCUMENT + b" " * room, kind) == read(DOCUMENT)
    with pytest.raises(PostbackError, match="larger than 262144 bytes"):
        read(DOCUMENT + b" " * (room + 1), kind)


def test_names_are_read_without_regard_to_case() -> None:
    (event,) = read(golden("sms-delivered").replace(b"ORIGIN>", b"Origin>"))
    assert isinstance(event, events.DeliveryReport)


BROKEN = {
    "empty": b"",
    "text": b"N102",
    "unclosed": golden("mms-delivered").replace(b"</TO>", b""),
    "other root": b"<RESPONSE><ORIGIN>SUB</ORIGIN></RESPONSE>",
    "nothing inside": b"<POSTBACK> </POSTBACK>",
    "two codes": told("SMS_MT", "N202", ("CODE", "E202")),
    "nested origin": told("<A>SMS_MT</A>", "N202"),
    "document type": b"<!DOCTYPE a []>" + told("SUB", "N301"),
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_read_keeps_its_bytes(body: bytes) -> None:
    with pytest.raises(PostbackError) as raised:
        read(body)
    assert raised.value.raw == body
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(again), again.raw) == (str(raised.value), body)


def test_an_odd_field_becomes_none_and_the_event_stays() -> None:
    odd = (
        *(("TRACKINGID", "1"), ("TRACKINGID", "2")),
        *(("TIMESTAMP", "2031-02-03T04:05:06-05"), ("TIMESTAMP", "2031-02-03T04:05:07-05")),
        *(("SENTAS", "<A/>"), ("HANDSET", "<A>1</A>"), ("STATUSDETAILS", "<P>lost</P>")),
    )
    (event,) = read(told("MMS_MT", "N102", ("STATUS", "Message Sent/Delivered"), *odd))
    assert type(event) is events.DeliveryReport
    assert (event.status, event.final) == (DELIVERED, True)
    assert (event.id, event.at, event.sent_as, event.handset) == (None, None, None, None)
    assert event.details is None
    assert event.raw["TRACKINGID"] == ["1", "2"]
    assert event.raw["STATUSDETAILS"] == {"P": "lost"}


def test_a_field_said_twice_is_what_it_says() -> None:
    (event,) = read(told("SMS_MO", "N211", ("FROM", "12025550119"), ("FROM", "12025550119")))
    assert isinstance(event, events.InboundMessage)
    assert event.sender == "12025550119"


def test_a_member_with_two_numbers_has_none() -> None:
    (event,) = read(told("SUB", "N302", ("MOBILE", "12025550119"), ("MOBILE", "12025550120")))
    assert isinstance(event, events.OptOut)
    assert event.number is None


@pytest.mark.parametrize(
    ("contents", "files"),
    [
        (
            ["<FILE>1.jpg</FILE>", "<FILE>2.jpg</FILE><FILE> 3.jpg\n</FILE>"],
            ("1.jpg", "2.jpg", "3.jpg"),
        ),
        (["<FILE>1.jpg</FILE>", "2.jpg"], ("1.jpg",)),
        (["<FILE><URL>1.jpg</URL></FILE><FILE>2.jpg</FILE>"], ("2.jpg",)),
        (["1.jpg"], ()),
        (["<FILE/>", ""], ()),
    ],
)
def test_the_files_of_all_content_blocks_are_found(
    contents: list[str], files: tuple[str, ...]
) -> None:
    (event,) = read(told("MMS_MO", "N401", *(("CONTENT", inside) for inside in contents)))
    assert isinstance(event, events.InboundMessage)
    assert event.files == files


def test_a_status_of_odd_shape_is_not_guessed_at() -> None:
    for odd in (
        [("STATUS", "<A>1</A>")],
        [("STATUS", "Message Sent"), ("STATUS", "Message Failed")],
    ):
        (event,) = read(told("SMS_MT", "N202", ("TRACKINGID", "Hq-1"), *odd))
        assert type(event) is events.Event
        assert (event.kind, event.raw["TRACKINGID"]) == ("SMS_MT N202", "Hq-1")


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        ("<ORIGIN><A/></ORIGIN><CODE>N202</CODE>", "? ?"),
        ("<ORIGIN>SMS_MT</ORIGIN><CODE>N201</CODE><CODE>N202</CODE>", "? ?"),
        ("<ORIGIN>SMS_MT</ORIGIN><CODE>N202</CODE><STATUS><A>1</A></STATUS>", "SMS_MT N202"),
        ("<BODY>text</BODY>", "? ?"),
        ("text", "? ?"),
    ],
)
def test_a_bad_notification_does_not_lose_the_good_one_beside_it(bad: str, kind: str) -> None:
    good = "<ORIGIN>SMS_MT</ORIGIN><CODE>N201</CODE><TRACKINGID>Hq-1</TRACKINGID>"
    inside = (good, bad, good.replace("Hq-1", "Hq-2"))
    body = "".join(f"<NOTIFICATION>{each}</NOTIFICATION>" for each in inside)
    first, odd, second = read(f"<POSTBACK>{body}</POSTBACK>".encode())
    assert isinstance(first, events.DeliveryReport)
    assert isinstance(second, events.DeliveryReport)
    assert (first.id, second.id) == ("Hq-1", "Hq-2")
    assert type(odd) is events.Event
    assert odd.kind == kind
    assert odd.raw


def notifications(count: int, around: str = "") -> bytes:
    each = "".join(
        f"<NOTIFICATION><TRACKINGID>Hq-{n}</TRACKINGID></NOTIFICATION>" for n in range(count)
    )
    return f"<POSTBACK><ORIGIN>SMS_MT</ORIGIN><CODE>N201</CODE>{around}{each}</POSTBACK>".encode()


def test_of_notifications_all_are_read_or_none() -> None:
    found = read(notifications(postbacks.MOST))
    assert [event.raw["TRACKINGID"] for event in found] == [f"Hq-{n}" for n in range(len(found))]
    assert len(found) == postbacks.MOST
    body = notifications(postbacks.MOST + 1)
    with pytest.raises(PostbackError, match="more than 100 notifications") as raised:
        read(body)
    assert raised.value.raw == body


@pytest.mark.parametrize(
    "around",
    ["<TEXT>%s</TEXT>" % ("x" * 100_000), "".join(f"<A{n}/>" for n in range(10_000))],
    ids=["long", "many"],
)
def test_what_stands_around_notifications_is_not_multiplied_without_end(around: str) -> None:
    (event,) = read(notifications(1, around))
    assert isinstance(event, events.DeliveryReport)
    body = notifications(3, around)
    with pytest.raises(PostbackError, match="too many fields around") as raised:
        read(body)
    assert raised.value.raw == body


def test_events_whose_id_cannot_be_read_are_told_apart_by_all_their_fields() -> None:
    keys = {
        read(told("SMS_MT", "N201", ("TRACKINGID", "1"), ("TRACKINGID", other)))[0].key
        for other in ("2", "3")
    }
    assert len(keys) == 2


@pytest.mark.parametrize("body", [b"a=b", b"", b"&" * 200, b"xml=%ff%00", b"\xff=1"])
def test_a_form_without_a_document_is_told_so(body: bytes) -> None:
    with pytest.raises(PostbackError):
        read(body, "application/x-www-form-urlencoded")


NAMES = [
    "ORIGIN",
    "CODE",
    "STATUS",
    "FILE",
    "MOBILE",
    "TRACKINGID",
    "TIMESTAMP",
    "BODY",
    "NOTIFICATION",
    "CONTENT",
]
WORDS = ["MMS_MT", "SMS_MO", "MMS_MO", "SUB", "GENERATE_PASS", "N101", "N401", "E999", "", " "]
TREES = st.recursive(
    st.sampled_from(WORDS),
    lambda inner: st.lists(st.tuples(st.sampled_from(NAMES), inner), max_size=5).map(
        lambda pairs: "".join(f"<{name}>{inside}</{name}>" for name, inside in pairs)
    ),
    max_leaves=12,
)


@given(
    body=st.one_of(
        st.binary(max_size=200), TREES.map(lambda tree: f"<POSTBACK>{tree}</POSTBACK>".encode())
    ),
    kind=st.sampled_from(["text/xml", "application/x-www-form-urlencoded", PARTS, ""]),
)
def test_any_postback_is_read_or_refused_as_one(body: bytes, kind: str) -> None:
    found: list[events.Event] = []
    kept = None
    try:
        found = read(body, kind)
    except PostbackError as error:
        kept = error.raw
    assert kept == (None if found else body)
    assert pickle.loads(pickle.dumps(found)) == found


def test_utc_is_utc() -> None:
    assert one("pass-made").at == datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)
