"""TransmitSMS by hand: leased numbers, keywords, e-mail, clients and money."""

from __future__ import annotations

from typing import Any

import pytest
from rawtransmit import SMS, Reply, ask, authorization, exchange, headers

from mmsclient.simulator import Account, Simulator
from mmsclient.wire import HttpRequest

TO, LEASED, OWN = "12025550143", "61491570156", "a secret of its own"
CLIENT = {
    "name": "North shop",
    "email": "north@example.net",
    "password": "p",
    "msisdn": "61491570158",
}


def leasing(**more: Any) -> Simulator:
    return Simulator(rate=None, accounts=[Account(numbers=[LEASED], **more)])


async def test_leased_and_available_numbers_are_listed_apart() -> None:
    sim = leasing()
    owned = await ask(sim, "get-numbers")
    assert owned.keys == ["page", "numbers_total", "filter", "numbers", "error"]
    assert owned["filter"] == "owned"
    [row] = owned["numbers"]
    assert list(row) == ["number", "price", "auto_renew", "next_charge", "status"]
    assert (row["number"], row["price"], row["status"]) == (int(LEASED), 25, "active")
    available = await ask(sim, "get-numbers", filter="available")
    assert set(available["numbers"][0]) == {"number", "price"}
    odd = await ask(sim, "get-numbers", filter="007")
    assert odd["filter"] == 7
    assert odd["numbers"] == available["numbers"]


async def test_a_leased_number_can_forward_at_once() -> None:
    sim = Simulator(rate=None)
    leased = await ask(sim, "lease-number", forward_url="http://127.0.0.1/in")
    assert sim._vendor.books[0].leases[str(leased["number"])].options == {
        "forward_url": "http://127.0.0.1/in"
    }


async def test_a_number_is_leased_by_name_or_by_chance_and_then_it_is_gone() -> None:
    sim = Simulator(rate=None)
    offered = [row["number"] for row in (await ask(sim, "get-numbers", filter="x"))["numbers"]]
    named = await ask(sim, "lease-number", number=offered[2])
    assert (named["number"], named["status"]) == (offered[2], "active")
    assert (await ask(sim, "lease-number", number=offered[2])).code == "FIELD_INVALID"
    rest = [(await ask(sim, "lease-number")).json.get("number") for _ in range(5)]
    assert rest == [number for number in offered if number != offered[2]] + [None]
    assert (await ask(sim, "get-number", number=offered[0]))["number"] == offered[0]
    assert (await ask(sim, "get-number", number=TO)).code == "FIELD_INVALID"
    bare = {name: value for name, value in SMS.items() if name != "from"}
    await ask(sim, "send-sms", bare)
    assert sim.deliveries[0].sender == str(offered[2])


async def test_options_of_a_number_answer_with_the_error_block_alone() -> None:
    sim = leasing()
    made = (await ask(sim, "add-list", name="L"))["id"]
    options = {"forward_email": "a@example.net,b@example.net", "welcome_message": "Hi"}
    options["list_id"] = made
    reply = await ask(sim, "edit-number-options", options, number=LEASED)
    assert reply.keys == ["error"]
    for params, code in (
        ({"number": TO}, "FIELD_INVALID"),
        ({}, "FIELD_EMPTY"),
        ({"number": LEASED, "list_id": 1}, "NOT_FOUND"),
        ({"number": LEASED, "forward_url": "x"}, "FIELD_INVALID"),
    ):
        assert (await ask(sim, "edit-number-options", params)).code == code


async def test_senders_are_listed_where_there_are_any() -> None:
    assert (await ask(Simulator(), "get-sender-ids")).code == "NOT_FOUND"
    assert (await ask(leasing(), "get-sender-ids"))["sender_ids"] == [int(LEASED)]


async def keyword(sim: Simulator, word: str = "news", **more: Any) -> Reply:
    return await ask(sim, "add-keyword", keyword=word, number=LEASED, **more)


async def test_a_keyword_has_a_list_of_its_own_unless_one_is_named() -> None:
    sim = leasing()
    made = await keyword(sim, reference="Weekly", members_message="Thanks")
    assert made.keys == [
        *("keyword", "reference", "number", "list_id", "welcome_message", "member_message"),
        *("forward_url", "forward_sms", "forward_email", "status", "billing_date", "error"),
    ]
    assert (made["keyword"], made["status"], made["member_message"]) == ("NEWS", "open", "Thanks")
    listed = await ask(sim, "get-list", list_id=made["list_id"])
    assert listed["created"] is None
    other = await keyword(sim, "menu", list_id=made["list_id"], activate="false")
    assert (other["list_id"], other["status"]) == (made["list_id"], "closed")
    rows = (await ask(sim, "get-keywords", number=LEASED))["keywords"]
    assert [row["keyword"] for row in rows] == ["MENU", "NEWS"]
    assert "keywords" not in (await ask(leasing(), "get-keywords")).keys


async def test_a_keyword_can_be_changed() -> None:
    sim = leasing()
    await keyword(sim, reference="Weekly")
    change = {"keyword": "News", "number": LEASED, "status": "Closed", "welcome_message": "Hi"}
    reply = await ask(sim, "edit-keyword", change)
    assert (reply["status"], reply["welcome_message"], reply["reference"]) == (
        *("closed", "Hi", "Weekly"),
    )
    assert (await ask(sim, "edit-keyword", {**change, "status": "Open"}))["status"] == "open"
    assert (await ask(sim, "edit-keyword", {**change, "status": "x"})).code == "FIELD_INVALID"
    assert (await ask(sim, "edit-keyword", {**change, "keyword": "x"})).code == "NOT_FOUND"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "FIELD_EMPTY"),
        ({"keyword": "two words", "number": LEASED}, "FIELD_INVALID"),
        ({"keyword": "news", "number": TO}, "NO_ACCESS"),
        ({"keyword": "NEWS", "number": LEASED}, "KEY_EXISTS"),
        ({"keyword": "menu", "number": LEASED, "reference": "x" * 101}, "FIELD_INVALID"),
        ({"keyword": "menu", "number": LEASED, "forward_url": "x"}, "FIELD_INVALID"),
    ],
)
async def test_keywords_that_are_refused(params: dict[str, str], code: str) -> None:
    sim = leasing()
    await keyword(sim)
    assert (await ask(sim, "add-keyword", params)).code == code


async def test_messages_that_start_with_a_keyword_are_listed_under_it() -> None:
    sim = leasing()
    made = await keyword(sim)
    assert (await ask(sim, "send-sms", {**SMS, "from": LEASED})).code == "SUCCESS"
    handset = sim.handset(TO)
    handset.send_sms("News please", to=LEASED)
    handset.send_sms("Newspaper", to=LEASED)
    handset.reply("news again")
    found = await ask(sim, "get-sms-responses", keyword="news", number=LEASED)
    assert [row["response"] for row in found["responses"]] == ["news again", "News please"]
    assert {row["list_id"] for row in found["responses"]} == {made["list_id"]}
    assert [row["message_id"] for row in found["responses"]][1] == 0
    for keywords, count in (("only", 2), ("omit", 1), ("both", 3)):
        assert (await ask(sim, "get-user-sms-responses", keywords=keywords))["total"] == count
    assert (await ask(sim, "get-user-sms-responses", number=LEASED))["total"] == 3


async def test_addresses_that_may_send_by_email() -> None:
    sim = leasing()
    added = await ask(sim, "add-email", email="*@example.net", max_sms=2, number=LEASED)
    assert added["success"] is True
    assert (await ask(sim, "delete-email", email="*@EXAMPLE.net"))["success"] is True
    for call, params, code in (
        ("delete-email", {"email": "*@example.net"}, "NOT_FOUND"),
        ("add-email", {}, "FIELD_EMPTY"),
        ("add-email", {"email": "nobody"}, "FIELD_INVALID"),
        ("add-email", {"email": "a@example.net", "max_sms": 5}, "FIELD_INVALID"),
        ("add-email", {"email": "a@example.net", "number": TO}, "FIELD_INVALID"),
    ):
        assert (await ask(sim, call, params)).code == code


async def test_a_client_gets_an_account_that_can_send() -> None:
    sim = Simulator(rate=None)
    client = await ask(sim, "add-client", {**CLIENT, "sms_margin": "1.5", "api_secret": OWN})
    assert client.keys == [
        *("id", "name", "contact", "email", "msisdn", "currency", "client_pays", "sms_margin"),
        *("timezone", "created", "apikey", "apisecret", "recharge_amount", "total_lists"),
        *("total_sms", "total_contacts", "total_spend", "total_revenue", "credit_based"),
        *("trial", "trial_expiry_date", "balance", "error"),
    ]
    assert (client["client_pays"], client["sms_margin"], client["trial"]) == (True, 1.5, "no")
    head = {**headers(sim), "authorization": authorization(client["apikey"], OWN)}
    url = f"{sim.urls['transmitsms']}send-sms.json"
    body = b"to=12025550143&from=70707&message=Hi"
    sent = await exchange(sim, HttpRequest("POST", url, head, body))
    assert sent.code == "SUCCESS"
    assert (await ask(sim, "get-client", client_id=client["id"]))["total_sms"] == 1
    assert (await ask(sim, "get-client"))["total_sms"] == 0
    assert len(sim.accounts) == 1
    assert sim.calls[1].account == 1


@pytest.mark.parametrize(
    ("params", "code"),
    [
        (CLIENT, "KEY_EXISTS"),
        ({**CLIENT, "name": "Other"}, "KEY_EXISTS"),
        ({**CLIENT, "name": "O", "email": "o@example.net", "sms_margin": "x"}, "FIELD_INVALID"),
        ({**CLIENT, "name": "O", "email": "o@example.net", "msisdn": "x"}, "FIELD_INVALID"),
        ({**CLIENT, "name": "O", "email": "nobody"}, "FIELD_INVALID"),
        (
            {**CLIENT, "name": "O", "email": "o@example.net", "api_secret": "x" * 256},
            "FIELD_INVALID",
        ),
        ({**CLIENT, "name": "O", "email": "o@example.net", "payment_method": "x"}, "FIELD_INVALID"),
        ({"name": "O"}, "FIELD_EMPTY"),
    ],
)
async def test_clients_that_are_refused(params: dict[str, str], code: str) -> None:
    sim = Simulator(rate=None)
    await ask(sim, "add-client", CLIENT)
    assert (await ask(sim, "add-client", params)).code == code
    assert (await ask(sim, "get-clients"))["clients_total"] == 1


async def test_clients_are_listed_and_changed() -> None:
    sim = Simulator(rate=None, accounts=[Account(), Account()])
    first = await ask(sim, "add-client", CLIENT)
    second = {**CLIENT, "name": "South", "email": "south@example.net"}
    await ask(sim, "add-client", second)
    changed = await ask(sim, "edit-client", client_id=first["id"], name="North", contact="Noor")
    assert (changed["name"], changed["contact"]) == ("North", "Noor")
    odd = await ask(sim, "edit-client", client_id=first["id"], email="nobody")
    assert odd.code == "FIELD_INVALID"
    taken = await ask(sim, "edit-client", client_id=first["id"], name="south")
    assert taken.code == "KEY_EXISTS"
    rows = (await ask(sim, "get-clients"))["clients"]
    assert [row["name"] for row in rows] == ["North", "South"]
    assert (await ask(sim, "get-clients", account=1))["clients_total"] == 0
    assert (await ask(sim, "get-client", client_id=first["id"], account=1)).code == "NOT_FOUND"


async def test_money_moves_with_every_message() -> None:
    sim = Simulator(rate=None)
    own = (await ask(sim, "get-client"))["id"]
    sent = (await ask(sim, "send-sms", SMS))["message_id"]
    await ask(sim, "lease-number")
    reply = await ask(sim, "get-transactions", client_id=own)
    assert reply.keys == ["page", "transactions_total", "transactions", "error"]
    lease, sms, start = reply["transactions"]
    assert (lease["amount"], sms["amount"]) == (-25, -0.087)
    assert sms["balance_standing"] == "$86999.913"
    assert (sms["message_id"], sms["message_status"]) == (sent, "delivered")
    assert "message_id" not in start
    one = await ask(sim, "get-transaction", id=sms["id"])
    assert (one["balance_standing"], one["message_id"]) == (86999.913, sent)
    assert (await ask(sim, "get-transaction", id=start["id"]))["message_id"] == 0
    assert (await ask(sim, "get-transaction", id=1)).code == "NOT_FOUND"
    for params, code in (({}, "FIELD_EMPTY"), ({"client_id": 1}, "NOT_FOUND")):
        assert (await ask(sim, "get-transactions", params)).code == code
    past = await ask(sim, "get-transactions", client_id=own, end="2020-02-03")
    assert past["transactions_total"] == 0
