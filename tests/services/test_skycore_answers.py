"""Answers of Skycore: every golden document becomes the right value or the right error."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from skycore_answers import MESSAGE, NEITHER, SEND, SERVICE, YES, error_of, no

from mmsclient.errors import (
    CallError,
    InsufficientCreditError,
    InvalidMessageError,
    NotFoundError,
    RefusedError,
    ServiceFailedError,
    UnreadableReplyError,
)
from mmsclient.messages import Slide
from mmsclient.outcomes import Accepted, Page
from mmsclient.wire import Call, HttpResponse

GOLDEN = Path(__file__).parents[1] / "golden" / "skycore"


def answer(name: str) -> HttpResponse:
    return HttpResponse(200, {}, (GOLDEN / f"{name}-answer.xml").read_bytes())


def test_an_accepted_mms_is_linked_to_what_was_sent() -> None:
    accepted = SEND.decode(answer("send-mms"))
    assert accepted == Accepted(
        id="MMS_70143",
        to="12025550143",
        message=MESSAGE,
        reference="order-117",
        mms_id="9100442",
        raw=accepted.raw,
    )
    assert accepted.raw["STATUSDETAILS"] == "MMS taken, waits for its turn"


@pytest.mark.parametrize(
    ("name", "id_", "mms_id"),
    [
        ("send-sms", "SHEtMQ==", None),
        ("send-saved-mms", "Hq-1", "9100442"),
        ("sending", "Hq-2", "9100442"),
    ],
)
def test_other_accepted_messages(name: str, id_: str, mms_id: str | None) -> None:
    accepted = SEND.decode(answer(name))
    assert (accepted.id, accepted.mms_id) == (id_, mms_id)


def test_a_clear_yes_without_a_tracking_id_is_accepted() -> None:
    assert SEND.decode(HttpResponse(201, {}, YES.replace(b"Hq-1", b""))).id == ""


@pytest.mark.parametrize(
    ("name", "kind", "code", "description"),
    [
        ("send-mms-refused", RefusedError, "E111", "No such short code"),
        ("send-sms-refused", InsufficientCreditError, "E713", "Please see to your bill"),
        ("leading-blank", RefusedError, "E101", " which action?"),
        ("sending-refused", RefusedError, "E110", "Not a number we reach"),
    ],
)
def test_refused_messages(name: str, kind: type[CallError], code: str, description: str) -> None:
    error = error_of(answer(name).body)
    assert type(error) is kind
    assert (error.code, error.description, error.operation) == (code, description, "sendMMS")
    assert (error.http_status, error.raw) == (200, answer(name).body)
    assert error.may_have_happened is False


def test_a_template_is_saved() -> None:
    call = SERVICE.save_mms(name="n", subject="s", slides=[Slide(text="t")])
    assert call.decode(answer("save-mms")).id == "9100442"
    assert isinstance(error_of(YES, call=call), UnreadableReplyError)


def test_each_number_of_a_subscriber_has_its_own_result() -> None:
    call = SERVICE.send_message_by_subscriber_ref(
        subscriber_ref="CUST-88", campaign_ref="bakery-spring", text="Open again"
    )
    sent = call.decode(answer("send-message-by-subscriber-ref"))
    assert (sent.subscriber_ref, sent.campaign_ref) == ("CUST-88", "bakery-spring")
    good, refused, open_ = sent.results
    assert (good.id, good.to, good.sender) == ("Hq-1", "12025550143", "70707")
    assert (good.details, good.error) == ("queued", None)
    assert isinstance(refused.error, RefusedError)
    assert (refused.id, refused.error.code, refused.error.description) == (None, "E114", "Blocked")
    assert isinstance(open_.error, UnreadableReplyError)
    assert isinstance(error_of(no("E714"), call=call), RefusedError)
    assert isinstance(error_of(NEITHER, call=call), UnreadableReplyError)


def test_a_page_of_templates() -> None:
    page = SERVICE.get_mms_templates().page(3).decode(answer("get-mms-templates"))
    # Fewer rows than asked for: no page follows.
    assert (page.number, page.count, page.total) == (3, 3, 52)
    first, second = page.items
    assert (first.id, first.name, first.subject) == ("9100442", "menu-07", "Fresh at 7")
    assert (first.fallback_text, first.slides, first.size) == ("Fresh at seven", 2, 48213)
    assert first.created == datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert first.poster_url == "https://posters.example.net/9100442.png"
    assert (second.subject, second.fallback_text, second.created) == (None, None, None)
    assert (second.size, second.raw["SIZE"]) == (None, "12 KB")


def test_templates_one_level_down_are_found_too() -> None:
    body = b"<RESPONSE><STATUS>Success</STATUS><LIST><MMS_TEMPLATE><MMSID>7</MMSID></MMS_TEMPLATE>"
    page = SERVICE.get_mms_templates().page(1)
    found = page.decode(HttpResponse(200, {}, body + b"</LIST></RESPONSE>"))
    assert [row.id for row in found.items] == ["7"]


def rows(told: str, *blocks: str) -> HttpResponse:
    inside = "".join(f"<MMS_TEMPLATE>{block}</MMS_TEMPLATE>" for block in blocks)
    body = f"<RESPONSE><STATUS>Success</STATUS>{told}{inside}</RESPONSE>"
    return HttpResponse(200, {}, body.encode())


@pytest.mark.parametrize(
    ("told", "number_of_rows", "count"),
    [
        ("", 3, None),
        ("", 2, 7),
        ("", 0, None),
        ("<ITEMS_PER_PAGE>2</ITEMS_PER_PAGE>", 2, None),
        ("<ITEMS_PER_PAGE>2</ITEMS_PER_PAGE>", 1, 7),
        ("<ITEMS_PER_PAGE>9</ITEMS_PER_PAGE>", 3, None),
        ("<ITEMS_PER_PAGE>0</ITEMS_PER_PAGE>", 2, 7),
        ("<ITEMS_PER_PAGE>all</ITEMS_PER_PAGE>", 2, 7),
        ("<ITEMS_PER_PAGE><A/></ITEMS_PER_PAGE>", 2, 7),
    ],
)
def test_a_page_that_is_not_full_by_the_size_the_service_gives_is_the_last(
    told: str, number_of_rows: int, count: int | None
) -> None:
    call = SERVICE.get_mms_templates(items_per_page=3).page(7)
    page = call.decode(rows(told, *(f"<MMSID>{n}</MMSID>" for n in range(number_of_rows))))
    assert (len(page.items), page.count) == (number_of_rows, count)


def test_a_row_that_cannot_be_read_does_not_lose_the_others() -> None:
    call = SERVICE.get_mms_templates(items_per_page=4).page(1)
    bad = ("<NAME>n</NAME>", "<MMSID>8</MMSID><MMSID>9</MMSID>", "text")
    page = call.decode(rows("", "<MMSID>7</MMSID>", *bad))
    assert [row.id for row in page.items] == ["7"]
    assert len(page.raw["MMS_TEMPLATE"]) == 4
    body = (
        b"<CAMPAIGN><NAME>n</NAME></CAMPAIGN><CAMPAIGN><ID>4</ID></CAMPAIGN><CAMPAIGN>-</CAMPAIGN>"
    )
    listed = YES.replace(b"<TRACK", b"<LIST>" + body + b"</LIST><TRACK")
    lists = SERVICE.get_messaging_campaigns().page(1).decode(HttpResponse(200, {}, listed))
    assert [row.id for row in lists.items] == ["4"]
    assert len(lists.raw["LIST"]["CAMPAIGN"]) == 3


def test_a_page_with_a_bad_row_is_still_full() -> None:
    call = SERVICE.get_mms_templates(items_per_page=2).page(1)
    page = call.decode(rows("", "<MMSID>7</MMSID>", "<NAME>n</NAME>"))
    assert (len(page.items), page.count) == (1, None)


def test_a_page_behind_the_last_is_empty_and_the_first_never_is_one() -> None:
    listing = SERVICE.get_mms_templates()
    page = listing.page(2).decode(HttpResponse(200, {}, no("E212")))
    assert (page.items, page.number) == ((), 2)
    assert isinstance(error_of(no("E212"), call=listing.page(1)), RefusedError)


def test_the_details_of_a_template_keep_the_slides_as_they_came() -> None:
    details = SERVICE.get_mmsid_details(mms_id="9100442").decode(answer("get-mmsid-details"))
    assert (details.id, details.slides, details.size) == ("9100442", 1, 48213)
    assert details.raw["PAGE"]["FILE"]["URL"] == "https://media.example.net/07.png"


def test_a_deleted_template_is_gone_either_way_on_a_repeat() -> None:
    call = SERVICE.delete_mmsid(mms_id="9100442")
    assert call.decode(answer("delete-mmsid")).id == "9100442"
    assert isinstance(error_of(no("E241"), call=call), NotFoundError)
    assert call.decode_again is not None
    assert call.decode_again(HttpResponse(200, {}, no("E241"))).id == "9100442"
    with pytest.raises(ServiceFailedError):
        call.decode_again(HttpResponse(200, {}, no("E503")))


@pytest.mark.parametrize("code", ["E641", "E642"])
def test_a_removed_inbox_message_is_gone_either_way_on_a_repeat(code: str) -> None:
    call = SERVICE.remove_mms_inbox_message(mms_inbox_id="MMS_MO_ab12")
    assert isinstance(error_of(no(code), call=call), RefusedError)
    assert call.decode_again is not None
    assert call.decode_again(HttpResponse(200, {}, no(code))).id == "MMS_MO_ab12"
    with pytest.raises(RefusedError):
        call.decode_again(HttpResponse(200, {}, no("E640")))


def test_subscription_lists() -> None:
    page = SERVICE.get_messaging_campaigns().page(1).decode(answer("get-messaging-campaigns"))
    assert (page.number, page.count, page.total) == (1, 1, 2)
    assert [(row.id, row.name, row.reference) for row in page.items] == [
        ("4471", "Spring", "bakery-spring"),
        ("4472", "Summer", None),
    ]
    older = SERVICE.get_mms_campaigns().page(1).decode(answer("get-mms-campaigns"))
    assert [(row.id, row.reference) for row in older.items] == [("4471", None)]


def test_ids_of_templates() -> None:
    page = SERVICE.get_mms_ids().page(1).decode(answer("get-mms-ids"))
    assert [row.id for row in page.items] == ["9100442", "9100431", "0009"]
    key = SERVICE.get_mms_ids().key
    assert key is not None
    assert [key(row) for row in page.items] == ["9100442", "9100431", "0009"]


@pytest.mark.parametrize(
    ("call", "code", "count"),
    [
        (SERVICE.get_mms_templates().page(1), "E200", None),
        (SERVICE.get_mms_ids().page(1), "E200", 1),
        (SERVICE.get_messaging_campaigns().page(1), "E405", 1),
        (SERVICE.get_mms_campaigns().page(1), "E405", 1),
    ],
)
def test_codes_of_empty_lists_are_empty_pages(
    call: Call[Page[Any]], code: str, count: int | None
) -> None:
    page = call.decode(HttpResponse(200, {}, no(code)))
    assert (page.items, page.number, page.count) == ((), 1, count)
    assert isinstance(error_of(no(code)), RefusedError)


def test_subscriptions() -> None:
    call = SERVICE.subscribe(campaign_ref="bakery-spring", mobile="12025550143")
    joined = call.decode(answer("subscribe"))
    assert (joined.campaign_ref, joined.mobile) == ("bakery-spring", "12025550143")
    assert joined.subscriber_ref == "CUST-88"
    assert call.decode(answer("subscribe-older")).campaign_ref == "4471"


def test_older_actions() -> None:
    sent = SERVICE.send_saved_mms_campaign(template="9100442", to_campaign="4471")
    scheduled = sent.decode(answer("send-saved-mms-campaign"))
    assert (scheduled.id, scheduled.mms_id) == ("88120", "9100442")
    made = SERVICE.create_mms_campaign(campaign_name="Spring", brand_name="Bakery & Co")
    created = made.decode(answer("create-mms-campaign"))
    assert (created.id, created.name, created.brand) == ("4473", "Spring", "Bakery & Co")
    when = datetime(2031, 2, 3, tzinfo=UTC)
    asked = SERVICE.get_sending_statistics(start_date=when, end_date=when)
    report = asked.decode(answer("get-sending-statistics"))
    assert report.url == "https://reports.example.net/r1.csv"
    linked = b"<RESPONSE><STATUS>Success</STATUS><A>-</A><A><B>http://a.example.net/</B></A>"
    found = asked.decode(HttpResponse(200, {}, linked + b"</RESPONSE>"))
    assert found.url == "http://a.example.net/"
    assert asked.decode(HttpResponse(200, {}, YES)).url is None
    assert error_of(no("E510"), call=asked).operation == "getSendingStatistics"
    removed = SERVICE.remove_mms_inbox_message(mms_inbox_id="MMS_MO_ab12")
    assert removed.decode(answer("remove-mms-inbox-message")).id == "MMS_MO_ab12"


def test_a_list_that_is_never_paged_has_one_page() -> None:
    with pytest.raises(InvalidMessageError, match="one page only"):
        SERVICE.get_mms_ids().page(2)


@pytest.mark.parametrize("name", ["send-mms", "send-sms"])
def test_values_pickle_and_copy(name: str) -> None:
    accepted = SEND.decode(answer(name))
    assert pickle.loads(pickle.dumps(accepted)) == accepted
    assert copy.deepcopy(accepted) == accepted
