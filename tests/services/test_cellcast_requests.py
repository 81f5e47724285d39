"""Requests of Cellcast: every call of both APIs against its golden document."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta, timezone
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING, Any

import pytest
from cellcast_answers import BEARER, GOLDEN, NUMBER, OTHER, PNG, SERVICE, TOKEN
from hypothesis import given
from hypothesis import strategies as st

from mmsclient.messages import File, Media, Mms, Slide, Sms
from mmsclient.services.cellcast import Cellcast, Recipient, bodies, media

if TYPE_CHECKING:
    from mmsclient.wire import Call, HttpRequest

NZ, SECRET = "6421000006", "pass:word"
GIF = "https://media.example.net/07.gif"
EAST = timezone(timedelta(hours=-5))
NOON = datetime(2031, 2, 3, 12, 30, tzinfo=UTC)  # 23:30 in Melbourne, in summer
WINTER = datetime(2031, 7, 3, 7, 30, 59, tzinfo=EAST)  # 22:30:59 there
COMPANY = {
    "name": "Bakery Pty Ltd",
    "abn": "00000000000",
    "website": "https://bakery.example.net",
    "address": "1 Rye Lane",
}
CONTACT = {
    "firstName": "Noor",
    "lastName": "Rye",
    "position": "Baker",
    "phoneNumber": "0491570006",
    "email": "noor@example.net",
}

CALLS: dict[str, Call[Any]] = {
    "send-sms": SERVICE.send_sms(
        to=["+61 491 570 006", "(61) 491-570-110"],
        text="Fresh\nat 7 € “now”",
        sender=" Bakery 7 ",
        reference="order-117",
        source="shop",
        schedule_time=NOON,
    ),
    "send-sms-least": SERVICE.send_sms(to=NUMBER, text="Rye", sender=" ", reference=""),
    "send-sms-delayed": SERVICE.send_sms(to=NUMBER, text="Rye", sender="+61 491 570 110", delay=90),
    "bulk-send-sms": SERVICE.bulk_send_sms(
        [
            Sms(to=NUMBER, text="Rye for Noor", sender="Bakery", reference="order-117"),
            Sms(to="+61 491 570 110", text="Spelt\r\nfor you"),
        ],
        source="shop",
    ),
    "send-sms-template": SERVICE.send_sms_template(
        template_id="0a1b2c3d0a1b2c3d0a1b2c3d0a1b2c3d",
        to=[Recipient(to=NUMBER, fname="Noor", custom_value_2="rye", special="1"), OTHER],
        sender="Bakery",
        reference="order-117",
        source="shop",
        delay=1440,
    ),
    "send-sms-nz": SERVICE.send_sms_nz(to=[f"+{NZ}"], text="Rye\nat 7", sender=" 7070 "),
    "send-mms": SERVICE.send_mms(
        to=[NUMBER, "+61 491 570 110"], text="Rye & spelt\nat 7", image=PNG, subject="Fresh “7”"
    ),
    "send-mms-address": SERVICE.send_mms(to=NUMBER, text="Rye", image=Media(GIF, 500)),
    "get-sms": SERVICE.get_sms(message_id="Q 1/&+"),
    "get-responses": SERVICE.get_responses().page(1),
    "get-responses-mms": SERVICE.get_responses(type="mms").page(12),
    "inbound-read": SERVICE.inbound_read(message_id="5550001117"),
    "inbound-read-before": SERVICE.inbound_read(date_before=datetime(2031, 2, 3, tzinfo=UTC)),
    "inbound-read-everything": SERVICE.inbound_read(everything=True),
    "inbound-read-bulk": SERVICE.inbound_read_bulk(message_ids=["5550001117", "5550001118"]),
    "get-optout": SERVICE.get_optout().page(1),
    "get-optout-period": SERVICE.get_optout(datestart=NOON, dateend=WINTER).page(2),
    "account": SERVICE.account(),
    "get-template": SERVICE.get_template().page(2),
    "register-alpha-id": SERVICE.register_alpha_id(custom_id="Bakery", description="A bakery"),
    "mark-read": SERVICE.mark_read(["5550001117"]),
    "inbox": SERVICE.inbox().page(3),
    # One message of this library
    "message-sms": SERVICE.send(Sms(to=f"+{NUMBER}", text="Rye", sender="Bakery", reference="o-1")),
    "message-sms-nz": SERVICE.send(Sms(to=NZ, text="Rye", sender="7070", reference="kept here")),
    "message-mms": SERVICE.send(Mms(to=NUMBER, subject="s", slides=(Slide(image=GIF, text="t"),))),
    # The Bearer API
    "bearer-verify-token": BEARER.verify_token(),
    "bearer-send-sms": BEARER.send_sms(
        to=["+61 491 570 006"], text="Rye\nat 7", sender="Bakery", reference="order-117", delay=2
    ),
    "bearer-gateway": BEARER.gateway(
        to=[NUMBER, OTHER],
        text="Rye m.example.net/rye",
        sender="Bakery",
        sender_type="businessName",
        reference="order-117",
        country_code=61,
        schedule_at=WINTER,
        optout=True,
        optout_id="6682440ea000000000000000",
        reply_stop_to_opt_out=False,
        long_url={"rye": "https://bakery.example.net/rye"},
    ),
    "bearer-gateway-delayed": BEARER.gateway(to=NUMBER, template_id="66bd", delay=60_000),
    "bearer-send-sms-template": BEARER.send_sms_template(
        template_id="66bd", to=NUMBER, sender="Bakery", schedule_time=NOON
    ),
    "bearer-gatewaymms": BEARER.gatewaymms(
        to=[NUMBER], text="Rye\nat 7", image=PNG, sender="Bakery", country_code=61
    ),
    "bearer-send-mms": BEARER.send_mms(to=NUMBER, text="Rye", image=GIF),
    "bearer-cancel": BEARER.cancel_schedule_quick_message(message_id="Q-1", type="mms"),
    "bearer-delete-message": BEARER.delete_message(message_id="Q/1?"),
    "bearer-get-sms": BEARER.get_sms(message_id="Q/1?"),
    "bearer-report-message": BEARER.report_message(
        limit=10,
        camp_type="sms",
        from_date=date(2031, 2, 3),
        to_date=date(2031, 2, 4),
        status="delivered",
        request_from="API",
        request_name="my key",
        reference="order-117",
    ).page(3),
    "bearer-report-message-least": BEARER.report_message().page(1),
    "bearer-get-responses": BEARER.get_responses().page(4),
    "bearer-get-optout": BEARER.get_optout(size=100, datestart=NOON).page(2),
    "bearer-account": BEARER.account(),
    "bearer-credit-usage": BEARER.quick_api_credit_usage(camp_type="sms").page(1),
    "bearer-create-template": BEARER.create_template(name="Fresh", text="Hello {fname}\nRye?"),
    "bearer-business-add": BEARER.business_add(
        business_name="Bakery",
        description="News of bread",
        purpose_of_use="Promotion",
        ownership=True,
        company=COMPANY,
        contact=CONTACT,
        customer_contact="+61 491 570 006",
    ),
    "bearer-custom-number": BEARER.custom_number().page(1),
    "bearer-custom-number-add": BEARER.custom_number_add(name="Shop", number=NUMBER),
    "bearer-verify-custom-number": BEARER.verify_custom_number(
        name="Shop", number=NUMBER, otp="000000"
    ),
    "bearer-optoutlist": BEARER.optoutlist(size=10).page(2),
    "bearer-create-optoutlist": BEARER.create_optoutlist(
        title="Bread news", description="Sorry to see you go", options=["Too much", "Too dry"]
    ),
    "bearer-message-sms": BEARER.send(Sms(to=NUMBER, text="Rye", reference="o-1")),
    "bearer-message-mms": BEARER.send(
        Mms(to=NUMBER, sender="Bakery", slides=(Slide(image=PNG, text="t"),))
    ),
}

#: Calls that do no harm when they are made twice.
HARMLESS = {"inbound-read", "inbound-read-before", "inbound-read-bulk", "mark-read"}


def parts(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the parts of a form as another reader sees them."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    form = BytesParser(policy=HTTP).parsebytes(head + request.body)
    assert form.is_multipart()
    assert not form.defects
    seen = []
    for part in form.iter_parts():
        said = dict(part.items())
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        readable = "Content-Type" not in said
        value = content.decode() if readable else base64.b64encode(content).decode()
        seen.append({**said, "content": value})
    return seen


def written(request: HttpRequest) -> dict[str, Any]:
    seen: dict[str, Any] = {"method": request.method, "url": request.url}
    if request.headers["content-type"].startswith("multipart/form-data; boundary="):
        return {**seen, "parts": parts(request)}
    assert request.headers["content-type"] == "application/json"
    return {**seen, "body": json.loads(request.body)} if request.body else seen


@pytest.mark.parametrize("name", CALLS)
def test_each_call_writes_its_request(name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}-request.json").read_text(encoding="utf-8"))
    assert written(CALLS[name].request) == golden


def test_every_golden_request_is_compared() -> None:
    assert {path.stem.removesuffix("-request") for path in GOLDEN.glob("*-request.json")} == {
        *CALLS
    }


@pytest.mark.parametrize("name", CALLS)
def test_reads_and_marks_may_be_repeated_and_nothing_else(name: str) -> None:
    call = CALLS[name]
    method = call.request.method
    assert call.repeatable is (method != "POST" or name in HARMLESS)
    assert len(call.messages) == ("message-" in name and method == "POST")


@pytest.mark.parametrize("name", CALLS)
def test_each_call_shows_who_it_is_in_headers_only(name: str) -> None:
    request = CALLS[name].request
    if name.startswith("bearer-"):
        assert request.headers["authorization"] == "Bearer t-golden"
        assert "appkey" not in request.headers
    else:
        assert request.headers["authorization"] == "Basic ay1nb2xkZW46"  # k-golden:
        assert request.headers["appkey"] == "k-golden"
    assert request.headers["accept"] == "application/json"
    assert b"golden" not in request.url.encode() + request.body


@pytest.mark.parametrize(
    ("way", "names"),
    [
        ("both", {"authorization", "appkey"}),
        ("basic", {"authorization"}),
        ("appkey", {"appkey"}),
    ],
)
def test_the_key_goes_the_way_it_is_told(way: Any, names: set[str]) -> None:
    headers = Cellcast(app_key="k", secret=SECRET, auth=way).account().request.headers
    assert {*headers} - {"accept", "content-type"} == names
    if "authorization" in names:
        shown = headers["authorization"].removeprefix("Basic ")
        assert base64.b64decode(shown).decode() == f"k:{SECRET}"


def test_the_operation_is_the_services_own_name() -> None:
    named = {name: call.operation for name, call in CALLS.items()}
    assert named["send-sms"] == "send-sms"
    assert named["get-responses-mms"] == named["inbox"] == "get-responses"
    assert named["bearer-send-sms"] == named["bearer-gateway"] == "gateway"
    assert named["bearer-cancel"] == "cancelScheduleQuickMessage"


# -- where calls go ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "goes"),
    [
        (None, "https://www.cellcast.com.au/api/v3/register-alpha-id"),
        ("https://cellcast.com.au/api/v4", "https://www.cellcast.com.au/api/v4/register-alpha-id"),
        ("https://sms.example.net/api", "https://sms.example.net/api/register-alpha-id"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/register-alpha-id"),
        ("https://cellcast.com.au:8443/", "https://cellcast.com.au:8443/register-alpha-id"),
    ],
)
def test_one_call_has_a_host_of_its_own_at_the_vendor_only(url: str | None, goes: str) -> None:
    service = Cellcast(app_key="k") if url is None else Cellcast(app_key="k", url=url)
    call = service.register_alpha_id(custom_id="Bakery", description="A bakery")
    assert call.request.url == goes


@pytest.mark.parametrize("end", ["", "/", "//"])
def test_slashes_at_the_end_of_the_address_do_not_matter(end: str) -> None:
    v3 = Cellcast(app_key="k", url="http://127.0.0.1:8080/cellcast" + end)
    assert v3.account().request.url == "http://127.0.0.1:8080/cellcast/account"
    bearer = Cellcast(token=TOKEN, url="http://127.0.0.1:8080/cellcast" + end)
    url = "http://127.0.0.1:8080/cellcast/api/v1/apiClient/account"
    assert bearer.account().request.url == url


# -- times ---------------------------------------------------------------------------------------


def scheduled(service: Cellcast, moment: datetime) -> str:
    body = json.loads(service.send_sms(to=NUMBER, text="t", schedule_time=moment).request.body)
    return str(body.get("schedule_time") or body["scheduleAt"])


def test_v3_is_told_local_time_and_the_bearer_api_utc() -> None:
    assert scheduled(SERVICE, WINTER) == "2031-07-03 22:30:59"
    assert scheduled(Cellcast(app_key="k", timezone="Australia/Perth"), WINTER) == (
        "2031-07-03 20:30:59"
    )
    assert scheduled(BEARER, WINTER) == "2031-07-03 12:30:59"


# -- forms ---------------------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


@given(
    values=st.lists(st.binary(max_size=60) | TEXT.map(str.encode), min_size=1, max_size=4),
    name=TEXT,
)
def test_a_form_comes_apart_into_what_went_in(values: list[bytes], name: str) -> None:
    file = File(b"GIF89a" + values[0], name)
    safe = media.safe_name(file)
    fields = [bodies.Part(f"f{at}", value) for at, value in enumerate(values)]
    form = bodies.as_form(
        (*fields, bodies.Part("file", file.content, safe, media.media_type(file)))
    )
    assert form == bodies.as_form(
        (*fields, bodies.Part("file", file.content, safe, media.media_type(file)))
    )
    boundary = form.type.partition("boundary=")[2].encode()
    assert len(boundary) <= 70  # RFC 2046
    pieces = form.content.split(b"--" + boundary)
    assert pieces[0] == b""
    assert pieces[-1] == b"--\r\n"
    found = [piece.removeprefix(b"\r\n").partition(b"\r\n\r\n") for piece in pieces[1:-1]]
    assert [content.removesuffix(b"\r\n") for _, _, content in found] == [*values, file.content]
    assert f'name="file"; filename="{safe}"\r\nContent-Type: image/gif'.encode() in found[-1][0]


class Bait(bytes):
    """Bytes that hold the first thing they are asked for, and nothing after it."""

    asked = 0

    def __contains__(self, item: object) -> bool:
        self.asked += 1
        return self.asked == 1


def test_a_boundary_is_never_one_that_stands_in_the_content() -> None:
    # What names its own boundary cannot be found by trying; that it is looked for can.
    first = bodies.as_form([bodies.Part("f", b"")]).type
    again = bodies.as_form([bodies.Part("f", Bait())]).type
    assert first != again


@pytest.mark.parametrize(
    ("file", "name", "kind"),
    [
        (PNG, "07.png", "image/png"),
        (File(b"\xff\xd8\xff\xe0", "menu.PNG"), "menu.jpg", "image/jpeg"),
        (File(b"\xff\xd8\xff\xe0", "menu.JPEG"), "menu.JPEG", "image/jpeg"),
        (File(b"GIF89a", "C:\\pics\\fresh bread.gif"), "fresh_bread.gif", "image/gif"),
        (File(b"GIF87a", "../../etc/passwd"), "passwd.gif", "image/gif"),
        (File(b"GIF87a", 'a"; filename="b\r\nX: y.gif'), "a_filename_b_X_y.gif", "image/gif"),
        (File(b"GIF87a", ""), "file.gif", "image/gif"),
        (File(b"GIF87a", "Ä" * 99), "file.gif", "image/gif"),
        (File(b"GIF87a", "x" * 300 + ".gif"), "x" * 48 + ".gif", "image/gif"),
        (File(b"BEGIN:VCARD", "noor.vcf"), "noor.vcf", "text/vcard"),
        (File(b"ID3", "a.mp3", "audio/mpeg"), "a.mp3", "audio/mpeg"),
        (File(b"xyz", "thing", "text/plain\r\nX: y"), "thing", "application/octet-stream"),
        (File(b"xyz", ".hidden"), "file.hidden", "application/octet-stream"),
        (File(b"\x89PNG\r\n\x1a\n", "a.png", "image/gif"), "a.png", "image/png"),
    ],
)
def test_files_travel_under_safe_names_and_the_type_of_their_content(
    file: File, name: str, kind: str
) -> None:
    assert (media.safe_name(file), media.media_type(file)) == (name, kind)


def test_other_kinds_of_files_go_where_they_are_let_through() -> None:
    card = File(b"BEGIN:VCARD", "noor.vcf")
    call = SERVICE.send_mms(to=NUMBER, text="Rye", image=card, any_type=True)
    assert parts(call.request)[-1]["Content-Type"] == "text/vcard"


@given(text=TEXT.filter(str.strip))
def test_any_text_arrives_as_it_left_but_for_new_lines(text: str) -> None:
    call = SERVICE.send(Sms(to=NUMBER, text=text))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert json.loads(call.request.body)["sms_text"] == "\r\n".join(lines)
    picture = Mms(to=NUMBER, slides=(Slide(image=PNG, text=text),))
    body = SERVICE.send(picture).request.body
    assert b'name="mms_text"\r\n\r\n' + text.encode() + b"\r\n--" in body
