"""TransmitSMS by hand: contact lists, who is on them, who has left, uploads."""

from __future__ import annotations

from typing import Any

import pytest
from rawtransmit import Reply, ask

from mmsclient.simulator import Account, Medium, Simulator

ONE, TWO, LOCAL = "61491570156", "61491570157", "0491570156"
CSV = "https://files.example.net/people.csv"


async def a_list(sim: Simulator, name: str = "Regulars", **more: Any) -> int:
    return int((await ask(sim, "add-list", name=name, **more))["id"])


async def add(sim: Simulator, made: int, number: str = ONE, **more: Any) -> Reply:
    return await ask(sim, "add-to-list", list_id=made, msisdn=number, **more)


async def test_a_list_starts_empty_with_its_fields_or_none() -> None:
    sim = Simulator(rate=None)
    plain = await ask(sim, "add-list", name="Plain")
    assert plain.keys == ["id", "name", "created", "members_active", "fields", "error"]
    assert (plain["members_active"], plain["fields"]) == (0, [])
    own = await ask(sim, "add-list", name="Own", field_1="Bread", field_2="Postcode")
    assert own["fields"] == {"field_1": "Bread", "field_2": "Postcode"}
    rows = await ask(sim, "add-list", name="Rows", field_1="Bread", response_style="array")
    assert rows["fields"] == [{"name": "field_1", "value": "Bread"}]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "FIELD_EMPTY"),
        ({"name": "regulars"}, "KEY_EXISTS"),
        ({"name": "L", "field_2": "x"}, "MISSING_PARAM"),
    ],
)
async def test_lists_that_cannot_be_made(params: dict[str, str], code: str) -> None:
    sim = Simulator(rate=None)
    await a_list(sim)
    assert (await ask(sim, "add-list", params)).code == code


async def test_a_list_can_get_more_fields() -> None:
    sim = Simulator(rate=None)
    made = await a_list(sim, field_1="Bread")
    reply = await ask(sim, "add-field-to-list", list_id=made, field_2="Postcode", field_4="City")
    assert reply.json == {
        "custom_2": "Postcode",
        "custom_4": "City",
        "id": made,
        "error": {"code": "SUCCESS", "description": "OK"},
    }
    rows = await ask(
        sim, "add-field-to-list", list_id=made, field_5="Street", response_style="array"
    )
    assert rows["fields"] == [{"name": "custom_5", "value": "Street"}]
    assert (await ask(sim, "add-field-to-list", list_id=made)).code == "MISSING_PARAM"
    assert (await ask(sim, "add-field-to-list", list_id=made, field_1="x")).code == "KEY_EXISTS"


async def test_a_contact_is_what_was_sent_under_its_right_names() -> None:
    sim = Simulator(rate=None)
    bare = await add(sim, await a_list(sim, "Bare"))
    assert bare.keys == [
        *("list_id", "msisdn", "first_name", "last_name", "created_at", "status", "error")
    ]
    assert (bare["first_name"], bare["msisdn"], bare["status"]) == (None, int(ONE), "active")
    made = await a_list(sim, field_1="Bread", field_2="Postcode")
    wrong = await add(sim, made, firstname="Noor", field_2="02000")
    assert (wrong["first_name"], wrong["fields"]) == ("", {"Bread": "", "Postcode": 2000})
    named = {"first_name": "Noor", "field.Bread": "rye"}
    right = await add(sim, made, LOCAL.replace("6", "8"), countrycode="au", **named)
    assert (right["first_name"], right["fields"]["Bread"]) == ("Noor", "rye")
    assert right["msisdn"] == 61491570158


async def test_editing_changes_and_an_empty_text_clears() -> None:
    sim = Simulator(rate=None)
    made = await a_list(sim, field_1="Bread")
    await add(sim, made, first_name="Noor", last_name="B", field_1="rye")
    who = {"list_id": made, "msisdn": ONE}
    reply = await ask(sim, "edit-list-member", {**who, "first_name": "", "field_1": ""})
    assert (reply["first_name"], reply["last_name"], reply["fields"]) == ("", "B", {"Bread": ""})
    found = await ask(sim, "get-contact", who, response_style="array")
    assert found["fields"] == [{"name": "Bread", "value": ""}]
    assert found.keys == [*reply.keys]


async def test_members_are_listed_by_whether_they_are_there() -> None:
    sim = Simulator(rate=None)
    made = await a_list(sim)
    for n in range(12):
        await add(sim, made, f"6149157015{n}" if n < 10 else f"614915701{n}")
    await ask(sim, "optout-list-member", list_id=made, msisdn="61491570150")
    await ask(sim, "delete-from-list", list_id=made, msisdn="61491570151")

    async def members(**more: Any) -> list[int]:
        reply = await ask(sim, "get-list", list_id=made, **more)
        assert (reply["members_total"], reply["members_active"]) == (12, 10)
        return [row["msisdn"] for row in reply.json.get("members", [])]

    assert len(await members(max=100)) == 10
    assert await members(max=100) == sorted(await members(members="active", max=100))
    assert await members(members="inactive") == [61491570150, 61491570151]
    assert len(await members(members="all", max=100)) == 12
    assert await members(members="none") == []
    assert len(await members(members="all", page=2)) == 2
    head = await ask(sim, "get-list", list_id=made)
    assert head.keys == [
        *("page", "members_total", "id", "name", "created", "members_active", "fields"),
        *("members", "error"),
    ]


async def test_lists_are_listed_by_pages() -> None:
    sim = Simulator(rate=None)
    for n in range(11):
        await a_list(sim, f"L{n}")
    reply = await ask(sim, "get-lists", page=2)
    assert (reply["page"], reply["lists_total"]) == ({"count": 2, "number": 2}, 11)
    [row] = reply["lists"]
    assert list(row) == ["id", "name", "created", "members_active", "fields", "members_total"]


@pytest.mark.parametrize(
    ("number", "country", "code"),
    [
        ("x", None, "BAD_MOBILE"),
        ("0255501234", "au", "BAD_MOBILE"),
        (LOCAL, None, "BAD_MOBILE"),
        (LOCAL, "atlantis", "BAD_MOBILE_COUNTRY"),
        ("", None, "FIELD_EMPTY"),
        (ONE, None, "KEY_EXISTS"),
        (TWO, None, "OPTOUT"),
        ("61491570158", None, "DUPLICATE_DELETED"),
        ("61491570159", None, "SUCCESS"),
    ],
)
async def test_who_can_be_added(number: str, country: str | None, code: str) -> None:
    sim = Simulator(rate=None)
    made = await a_list(sim)
    for known in (ONE, TWO, "61491570158"):
        await add(sim, made, known)
    await ask(sim, "optout-list-member", list_id=made, msisdn=TWO)
    await ask(sim, "delete-from-list", list_id=made, msisdn="61491570158")
    more = {"countrycode": country} if country else {}
    assert (await add(sim, made, number, **more)).code == code


async def test_zero_means_all_lists() -> None:
    sim = Simulator(rate=None)
    lists = [await a_list(sim, name) for name in "abc"]
    for made in lists[:2]:
        await add(sim, made)
    left = await ask(sim, "delete-from-list", list_id=0, msisdn=ONE)
    assert left["list_ids"] == lists[:2]
    assert (await ask(sim, "delete-from-list", list_id=0, msisdn=ONE)).code == "NOT_FOUND"
    await add(sim, lists[2])
    assert (await ask(sim, "optout-list-member", list_id=0, msisdn=ONE))["list_ids"] == lists[2:]


@pytest.mark.parametrize("everywhere", [False, True])
async def test_opting_out_of_one_list_can_mean_all(everywhere: bool) -> None:
    sim = Simulator(rate=None, accounts=[Account(global_opt_out=everywhere)])
    lists = [await a_list(sim, name) for name in "ab"]
    for made in lists:
        await add(sim, made)
    reply = await ask(sim, "optout-list-member", list_id=lists[0], msisdn=ONE)
    assert reply["list_ids"] == (lists if everywhere else lists[:1])
    direct = await ask(sim, "send-sms", to=ONE, message="Hi")
    assert direct.code == ("RECIPIENTS_ERROR" if everywhere else "SUCCESS")


async def test_a_list_is_removed_with_everybody_on_it() -> None:
    sim = Simulator(rate=None)
    made = await a_list(sim)
    reply = await ask(sim, "remove-list", list_id=made)
    assert reply.json == {"error": {"code": "SUCCESS", "description": "OK"}}
    for call in ("remove-list", "get-list", "add-field-to-list"):
        assert (await ask(sim, call, list_id=made, field_1="x")).code == "NOT_FOUND"


async def test_a_contact_that_is_not_there_is_not_found() -> None:
    sim = Simulator(rate=None)
    who = {"list_id": await a_list(sim), "msisdn": ONE}
    for call in ("get-contact", "edit-list-member", "delete-from-list", "optout-list-member"):
        assert (await ask(sim, call, who)).code == "NOT_FOUND"


async def test_who_replies_stop_leaves_the_list() -> None:
    sim = Simulator(rate=None)
    made = await a_list(sim)
    for number in (ONE, TWO):
        await add(sim, made, number)
    await ask(sim, "send-sms", list_id=made, message="Hi")
    sim.handset(ONE).reply("STOP")
    assert (await ask(sim, "get-list", list_id=made))["members_active"] == 1
    sent = await ask(sim, "send-sms", list_id=made, message="Hi again")
    assert sent["recipients"] == len(sim.received(TWO)) - 1 == 1
    [row] = (await ask(sim, "get-user-sms-responses"))["responses"]
    assert row["list_id"] == made


PEOPLE = (
    "Firstname,Lastname,Mobile,Bread\nNoor,B,0491570156,rye\n,,61491570157,\n"
    "x,y,none,\nz,,0491570157,spelt\nout,,0491570158,\n"
)


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_an_upload_is_counted_row_by_row() -> None:
    hand = Hand()
    sim = Simulator(rate=None, media={CSV: Medium(text=PEOPLE)}, clock=hand, encoding=5)
    made = await a_list(sim)
    await add(sim, made, "61491570158")
    await ask(sim, "optout-list-member", list_id=made, msisdn="61491570158")
    params = {"list_id": made, "file_url": CSV, "countrycode": "au", "field_1": "Bread"}
    assert (await ask(sim, "add-contacts-bulk", params))["list_id"] == made
    progress = await ask(sim, "add-contacts-bulk-progress", list_id=made)
    assert (progress["status"], progress["imported"]) == ("in progress", 0)
    hand.now += 5
    progress = await ask(sim, "add-contacts-bulk-progress", list_id=made)
    assert {name: value for name, value in progress.json.items() if name != "error"} == {
        "list_id": made,
        "status": "completed",
        "importlength": 5,
        "completed": 5,
        "duplicates": 1,
        "skipped": 1,
        "optout": 1,
        "imported": 2,
    }
    contact = await ask(sim, "get-contact", list_id=made, msisdn=ONE)
    assert (contact["first_name"], contact["fields"]) == ("Noor", {"Bread": "rye"})


@pytest.mark.parametrize(
    "media", [{}, {CSV: Medium(trouble="unreachable")}, {CSV: Medium(text="a,b\n1,2\n")}]
)
async def test_an_upload_that_fails_was_a_success_at_first_and_its_list_is_gone(
    media: dict[str, Medium],
) -> None:
    sim = Simulator(rate=None, media=media, encoding=0)
    started = await ask(sim, "add-contacts-bulk", name="New", file_url=CSV)
    assert started.code == "SUCCESS"
    made = started["list_id"]
    assert (await ask(sim, "add-contacts-bulk-progress", list_id=made))["status"] == "failed"
    assert (await ask(sim, "get-list", list_id=made)).code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"file_url": CSV}, "FIELD_INVALID"),
        ({"file_url": CSV, "name": "L", "list_id": "1"}, "FIELD_INVALID"),
        ({"name": "L"}, "FIELD_EMPTY"),
        ({"name": "L", "file_url": "people.csv"}, "FIELD_INVALID"),
        ({"list_id": "1", "file_url": CSV}, "NOT_FOUND"),
    ],
)
async def test_uploads_that_are_refused(params: dict[str, str], code: str) -> None:
    sim = Simulator(rate=None)
    assert (await ask(sim, "add-contacts-bulk", params)).code == code
    assert (await ask(sim, "add-contacts-bulk-progress", list_id=1)).code == "NOT_FOUND"
