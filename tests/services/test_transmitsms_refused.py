"""What TransmitSMS refuses before any call, and the limits up to which it does not."""

from __future__ import annotations

import inspect
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from transmitsms_answers import SERVICE

from mmsclient.errors import InvalidMessageError
from mmsclient.services.transmitsms import TransmitSMS
from mmsclient.services.transmitsms.calls import Calls

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = timezone(-timedelta(hours=5))
N, VMN = "12025550143", "12025550100"

NOW = datetime.now(UTC)
START, LATER = datetime(2031, 1, 1, tzinfo=UTC), datetime(2031, 1, 9, tzinfo=UTC)
URL = "https://files.example.net/a.csv"
BAD: list[tuple[Callable[[], Any], list[str]]] = [
    (lambda: SERVICE.send_sms(text="a"), ["to"]),
    (lambda: SERVICE.send_sms(text="a", to=N, list_id=1), ["to"]),
    (lambda: SERVICE.send_sms(text=" ", to=[]), ["text", "to"]),
    (lambda: SERVICE.send_sms(text="a", to=[N] * 501), ["to"]),
    (lambda: SERVICE.send_sms(text="a", to=[N, "0202555"]), ["to[1]"]),
    (lambda: SERVICE.send_sms(text="a", to=12025550143), ["to"]),  # type: ignore[arg-type]
    (lambda: SERVICE.send_sms(text="a", to=f"{N},{N}"), ["to"]),
    (lambda: SERVICE.send_sms(text="a", to="02x", countrycode="us"), ["to"]),
    (lambda: SERVICE.send_sms(text="a", to=[N, ""]), ["to[1]"]),
    (lambda: SERVICE.send_sms(text="a", to="02", countrycode="au"), ["to"]),
    (lambda: SERVICE.send_sms(text="a", to="0" * 16, countrycode="au"), ["to"]),
    (lambda: SERVICE.get_list(list_id=1, members=None), ["members"]),  # type: ignore[arg-type]
    (lambda: SERVICE.send_sms(text="a", list_id=0), ["list_id"]),
    (lambda: SERVICE.send_sms(text="a", list_id=True), ["list_id"]),
    (lambda: SERVICE.send_sms(text="a", list_id="12x"), ["list_id"]),
    (lambda: SERVICE.send_sms(text="a", to=N, countrycode="uk"), ["countrycode"]),
    (lambda: SERVICE.send_sms(text="a", to=N, sender="two words"), ["sender"]),
    (lambda: SERVICE.send_sms(text="a", to=N, sender="TwelveLetter"), ["sender"]),
    (lambda: SERVICE.send_sms(text="a", to=N, sender="Bäckerei"), ["sender"]),
    (lambda: SERVICE.send_sms(text="a", to=N, sender="0" * 16), ["sender"]),
    (lambda: SERVICE.send_sms(text="a", to=N, send_at=datetime(2031, 1, 1)), ["send_at"]),  # noqa: DTZ001 - what is refused
    (
        lambda: SERVICE.send_sms(text="a", to=N, send_at=datetime.max.replace(tzinfo=HERE)),
        ["send_at"],
    ),
    (lambda: SERVICE.send_sms(text="a", to=N, send_at=date(2031, 1, 1)), ["send_at"]),  # type: ignore[arg-type]
    (lambda: SERVICE.send_sms(text="a", to=N, validity=-1), ["validity"]),
    (lambda: SERVICE.send_sms(text="a", to=N, validity=True), ["validity"]),
    (lambda: SERVICE.send_sms(text="a", to=N, replies_to_email="me"), ["replies_to_email"]),
    (lambda: SERVICE.send_sms(text="a", to=N, dlr_callback="/dlr"), ["dlr_callback"]),
    (lambda: SERVICE.send_sms(text="a", to=N, dlr_callback="https:///dlr"), ["dlr_callback"]),
    (
        lambda: SERVICE.send_sms(text="a", to=N, dlr_callback="ftp://a.example.net"),
        ["dlr_callback"],
    ),
    (lambda: SERVICE.send_sms(text="a", to=N, reply_callback="http://[x"), ["reply_callback"]),
    (
        lambda: SERVICE.send_sms(text="a", to=N, link_hits_callback="http://a b"),
        ["link_hits_callback"],
    ),
    (lambda: SERVICE.send_sms(text="[tracked-link]", to=N), ["text"]),
    (lambda: SERVICE.send_sms(text="x" * 613, to=N), ["text"]),
    (lambda: SERVICE.send_sms(text="€" * 307, to=N), ["text"]),
    (lambda: SERVICE.send_sms(text="ж" * 613, to=N), ["text"]),
    (lambda: SERVICE.send_sms(text="half \ud800", to=N), ["text"]),
    (lambda: SERVICE.send_sms(text="half \udfff", to=N), ["text"]),
    (lambda: SERVICE.send_sms(text="a", to=N, from_shared=1), ["from_shared"]),  # type: ignore[arg-type]
    (lambda: SERVICE.cancel_sms(id=0), ["id"]),
    (lambda: SERVICE.cancel_sms(id=""), ["id"]),
    (lambda: SERVICE.format_number(msisdn="", countrycode=""), ["msisdn", "countrycode"]),
    (SERVICE.get_sms_responses, ["message_id"]),
    (lambda: SERVICE.get_sms_responses(message_id=1, keyword_id=2), ["message_id"]),
    (lambda: SERVICE.get_sms_responses(keyword="RYE"), ["number"]),
    (lambda: SERVICE.get_sms_responses(message_id=1, start=NOW - timedelta(days=368)), ["start"]),
    (lambda: SERVICE.get_user_sms_responses(start=LATER, end=START), ["end"]),
    (lambda: SERVICE.get_user_sms_responses(start=date(2031, 2, 3), end=date(2031, 2, 2)), ["end"]),
    (lambda: SERVICE.get_user_sms_responses(keywords="none"), ["keywords"]),  # type: ignore[arg-type]
    (lambda: SERVICE.inbox(start=NOW - timedelta(days=400)), ["start"]),
    (lambda: SERVICE.get_sms_sent_count(start=START, end=LATER), ["end"]),
    (lambda: SERVICE.get_message_report(start=START, end=START + timedelta(days=31)), ["end"]),
    (lambda: SERVICE.get_message_report(type="mms"), ["type"]),  # type: ignore[arg-type]
    (lambda: SERVICE.get_user_sms_sent(start=None, end="now"), ["start", "end"]),  # type: ignore[arg-type]
    (lambda: SERVICE.get_lists(max=101), ["max"]),
    (lambda: SERVICE.get_lists(max=0), ["max"]),
    (lambda: SERVICE.get_lists(response_style="odd"), ["response_style"]),  # type: ignore[arg-type]
    (lambda: SERVICE.get_lists().page(0), ["page"]),
    (lambda: SERVICE.get_lists().page("2"), ["page"]),  # type: ignore[arg-type]
    (lambda: SERVICE.inbox().page(-1), ["page"]),
    (lambda: SERVICE.get_list(list_id=None, members="some"), ["list_id", "members"]),  # type: ignore[arg-type]
    (lambda: SERVICE.add_list(name=""), ["name"]),
    (lambda: SERVICE.add_list(name="a", field_1=7), ["field_1"]),  # type: ignore[arg-type]
    (lambda: SERVICE.add_field_to_list(list_id=1), ["field_1"]),
    (lambda: SERVICE.delete_from_list(msisdn=N), ["list_id"]),
    (lambda: SERVICE.delete_from_list(msisdn=N, list_id=0), ["list_id"]),
    (lambda: SERVICE.delete_from_list(msisdn=N, list_id=1, all_lists=True), ["list_id"]),
    (lambda: SERVICE.optout_list_member(msisdn="", list_id="00"), ["list_id", "msisdn"]),
    (lambda: SERVICE.optout_list_member(msisdn=N, all_lists="yes"), ["all_lists"]),  # type: ignore[arg-type]
    (lambda: SERVICE.add_contacts_bulk(file_url=URL), ["list_id"]),
    (lambda: SERVICE.add_contacts_bulk(file_url=URL, list_id=1, name="a"), ["list_id"]),
    (lambda: SERVICE.add_contacts_bulk(file_url="a.csv", name="a"), ["file_url"]),
    (lambda: SERVICE.get_numbers(filter="free"), ["filter"]),  # type: ignore[arg-type]
    (lambda: SERVICE.edit_number_options(number="", forward_sms=7), ["number", "forward_sms"]),  # type: ignore[arg-type]
    (lambda: SERVICE.edit_number_options(number=VMN, forward_sms=[""]), ["forward_sms[0]"]),
    (lambda: SERVICE.add_keyword(keyword="two words", number=VMN), ["keyword"]),
    (lambda: SERVICE.add_keyword(keyword="a", number=VMN, reference="x" * 101), ["reference"]),
    (lambda: SERVICE.add_email(email="orders", max_sms=5), ["email", "max_sms"]),
    (lambda: SERVICE.edit_client(client_id=1, sms_margin=0.1), ["sms_margin"]),  # type: ignore[arg-type]
    (lambda: SERVICE.edit_client(client_id=1, sms_margin=Decimal("NaN")), ["sms_margin"]),
    (lambda: SERVICE.get_transactions(client_id=1, start=LATER, end=START), ["end"]),
    # Python itself writes out no whole number of more than 4,300 digits.
    *(
        case
        for huge in (10**5000, -(10**5000))
        for case in (
            (lambda huge=huge: SERVICE.cancel_sms(id=huge), ["id"]),
            (lambda huge=huge: SERVICE.send_sms(text="a", list_id=huge), ["list_id"]),
            (lambda huge=huge: SERVICE.send_sms(text="a", to=N, validity=huge), ["validity"]),
            (lambda huge=huge: SERVICE.get_lists().page(huge), ["page"]),
            (lambda huge=huge: SERVICE.edit_client(client_id=1, sms_margin=huge), ["sms_margin"]),
            (
                lambda huge=huge: SERVICE.edit_client(client_id=1, sms_margin=Decimal(huge)),
                ["sms_margin"],
            ),
        )
    ),
    (lambda: SERVICE.edit_client(client_id=1, sms_margin=Decimal("1e999999")), ["sms_margin"]),
    (lambda: SERVICE.edit_client(client_id=1, sms_margin=Decimal("1e-999999")), ["sms_margin"]),
    (lambda: SERVICE.cancel_sms(id="7" * 5000), ["id"]),
]


@pytest.mark.parametrize(("make", "fields"), BAD)
def test_bad_input_is_refused_before_the_call_with_all_its_faults(
    make: Callable[[], Any], fields: list[str]
) -> None:
    with pytest.raises(InvalidMessageError) as raised:
        make()
    assert [fault.field for fault in raised.value.faults] == fields
    assert all(fault.rule and fault.fix for fault in raised.value.faults)


GROUPS = [group for group in TransmitSMS.__mro__ if group.__base__ is Calls]
METHODS = [name for group in GROUPS for name in vars(group) if name[0] != "_"]


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("nothing", [None, "", " "])
def test_what_a_call_cannot_do_without_is_missed_by_name(name: str, nothing: str | None) -> None:
    method = getattr(SERVICE, name)
    needed = [
        parameter.name
        for parameter in inspect.signature(method).parameters.values()
        if parameter.default is parameter.empty and parameter.kind is parameter.KEYWORD_ONLY
    ]
    if not needed:
        return
    with pytest.raises(InvalidMessageError) as raised:
        method(**dict.fromkeys(needed, nothing))
    assert set(needed) <= {fault.field for fault in raised.value.faults}


def test_the_limits_themselves_are_allowed() -> None:
    SERVICE.send_sms(text="x" * 612, to=[N] * 500)
    SERVICE.send_sms(text="€" * 304, to=N)  # 153 places of a part hold 76 of them
    SERVICE.send_sms(text="ж" * 612, to=N, sender="ElevenSigns")
    SERVICE.edit_client(client_id=10**18 - 1, sms_margin=Decimal("9." + "9" * 63))
    SERVICE.send_sms(text="a", to=["000", "0" * 15], countrycode="au")
    SERVICE.message_reply(text="[tracked-link]", to=VMN)
    SERVICE.get_transactions(client_id=1, start=START, end=START)
    SERVICE.get_transactions(client_id=1, start=LATER + timedelta(hours=5), end=LATER.date())
    SERVICE.get_lists(max=1)
    SERVICE.get_lists().page(1)
    SERVICE.add_keyword(keyword="a", number=VMN, reference="x" * 100)
    SERVICE.add_email(email="a@example.net", max_sms=1)
    SERVICE.get_sms_sent_count(start=START, end=START + timedelta(days=7))
    SERVICE.get_message_report(start=START, end=START + timedelta(days=30))
    SERVICE.get_sms_responses(message_id=1, start=NOW - timedelta(days=365))
    SERVICE.get_user_sms_responses(start=date(2031, 2, 3), end=date(2031, 2, 3))


@pytest.mark.parametrize("name", ["field_0", "field_11", "firstname", "field_x"])
def test_a_field_that_the_service_would_ignore_in_silence_is_a_slip(name: str) -> None:
    slip: dict[str, Any] = {name: "a"}
    with pytest.raises(TypeError, match=name):
        SERVICE.add_to_list(list_id=1, msisdn=N, **slip)


def test_one_of_two_says_whether_both_are_there_or_none() -> None:
    for terms, words in (({}, "is missing"), ({"to": N, "list_id": 1}, "stands beside")):
        given: dict[str, Any] = terms
        with pytest.raises(InvalidMessageError, match=words):
            SERVICE.send_sms(text="a", **given)


def test_a_callback_may_go_to_this_machine() -> None:
    SERVICE.send_sms(text="a", to=N, dlr_callback="http://127.0.0.1:8080/dlr")
