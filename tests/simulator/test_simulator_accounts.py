"""What accounts are allowed: keys, rights, addresses, rate, quota, credit, campaigns."""

from __future__ import annotations

from typing import Any

import pytest
from rawcalls import MMS, SMS, Nodes, ask, document

from mmsclient.simulator import Account, Campaign, Simulator
from mmsclient.wire import Rate

TO = "12025550143"


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("account", "sms", "mms"),
    [
        (Account(), "accepted", "accepted"),
        (Account(active=False), "E109", "E109"),
        (Account(rights=False), "E105", "E105"),
        (Account(sms_only=True), "accepted", "E107"),
        (Account(forbidden={"SENDSMS"}), "E107", "accepted"),
        (Account(allow=["192.0.2.0/24"]), "E112", "E112"),
        (Account(allow=["192.0.2.0/24", "127.0.0.1"]), "accepted", "accepted"),
        (Account(senders=["70708"]), "E111", "E111"),
        (Account(senders=["70708", "70707"]), "accepted", "accepted"),
        (Account(blacklist=[TO]), "E114", "E114"),
        (Account(credit=0), "E713", "E713"),
        (Account(quota=0), "E120", "E120"),
        (Account(active=False, rights=False, allow=["192.0.2.1"]), "E109", "E109"),
    ],
)
async def test_an_account_gets_what_it_is_allowed(account: Account, sms: str, mms: str) -> None:
    sim = Simulator(rate=None, accounts=[account])
    assert (await ask(sim, "sendSMS", SMS)).code == sms
    assert (await ask(sim, "sendMMS", MMS)).code == mms


async def test_an_operator_that_is_not_supported_is_refused() -> None:
    sim = Simulator(accounts=[Account(operators=["0001890"])])
    assert (await ask(sim, "sendSMS", {**SMS, "OPERATORID": "0001890"})).code == "E628"
    assert (await ask(sim, "sendSMS", {**SMS, "OPERATORID": "0001891"})).code == "accepted"


@pytest.mark.parametrize(
    ("nodes", "code"),
    [
        ({}, "E718"),
        ({"CAMPAIGNREF": "autumn"}, "E721"),
        ({"CAMPAIGNREF": "spring"}, "accepted"),
        ({"CAMPAIGNREF": "spring", "TO": "12025550144"}, "E715"),
    ],
)
async def test_the_campaign_check_wants_a_subscribed_number(nodes: Nodes, code: str) -> None:
    spring = Campaign(ref="spring", subscribers=[TO])
    sim = Simulator(rate=None, accounts=[Account(campaign_check=True, campaigns=[spring])])
    assert (await ask(sim, "sendSMS", {**SMS, **nodes})).code == code
    assert (await ask(sim, "sendMMS", {**MMS, **nodes})).code == code


async def test_credit_and_quota_run_out() -> None:
    sim = Simulator(rate=None, accounts=[Account(credit=2, quota=4)])
    codes = [(await ask(sim, "sendSMS", SMS)).code for _ in range(5)]
    assert codes == ["accepted", "accepted", "E713", "E713", "E120"]
    assert len(sim.deliveries) == 2


async def test_one_call_to_several_numbers_meets_the_same_bounds() -> None:
    numbers = dict.fromkeys(["12025550143", "12025550144"], "CUST-1")
    spring = Campaign(ref="spring", subscribers=numbers)
    group: Nodes = {"SUBSCRIBERREF": "CUST-1", "CAMPAIGNREF": "spring"}
    sim = Simulator(rate=None, accounts=[Account(sms_only=True, credit=1, campaigns=[spring])])
    action = "sendMessageBySubscriberRef"
    assert (await ask(sim, action, {**group, "MMSID": "1"})).code == "E107"
    reply = await ask(sim, action, {**group, "TEXT": "Hi"})
    assert reply.all("SUBSCRIBER/STATUS") == ["Success", "Failure"]
    assert reply.all("SUBSCRIBER/ERRORCODE") == ["E713"]


async def test_each_account_has_its_own_limit_and_templates() -> None:
    one, other = Account(key="k-1"), Account(key="k-2", rate=2)
    sim = Simulator(rate=3, accounts=[one, other], clock=Hand())
    codes = {
        key: [(await ask(sim, "sendSMS", SMS, key)).code for _ in range(4)]
        for key in ("k-1", "k-2")
    }
    assert codes["k-1"] == ["accepted"] * 3 + ["E113"]
    assert codes["k-2"] == ["accepted"] * 2 + ["E113"] * 2
    assert (sim.refused_for_rate, sim.worst_second) == (3, 3)
    assert {call.account for call in sim.calls} == {0, 1}


@pytest.mark.parametrize(
    ("over", "status", "verdict"),
    [("E113", 200, "E113"), ("E106", 200, "E106"), (429, 429, "HTTP 429")],
)
async def test_a_call_over_the_limit_is_refused_as_set(
    over: Any, status: int, verdict: str
) -> None:
    sim = Simulator(rate=Rate(1, per=5.0), over_limit=over, clock=Hand())
    await ask(sim, "sendSMS", SMS)
    reply = await ask(sim, "sendSMS", SMS)
    assert (reply.status, sim.calls[1].verdict, sim.refused_for_rate) == (status, verdict, 1)
    assert len(sim.deliveries) == 1
    if over == "E106":
        assert "5 seconds" in reply["ERRORINFO"]
    if over == 429:
        assert reply.headers["retry-after"] == "5"


async def test_refused_calls_count_where_that_is_set() -> None:
    codes = []
    for count_refused in (False, True):
        hand = Hand()
        sim = Simulator(rate=1, count_refused=count_refused, clock=hand)
        for hand.now in (0.0, 0.5, 1.0, 1.5):
            codes.append((await ask(sim, "sendSMS", SMS)).code)
    assert codes == ["accepted", "E113", "accepted", "E113", "accepted", "E113", "E113", "E113"]


async def test_calls_that_were_not_let_in_count_for_no_limit() -> None:
    sim = Simulator(rate=1, clock=Hand())
    assert (await ask(sim, "sendSMS", SMS, "wrong")).code == "E104"
    assert (await ask(sim, "sendSMS", SMS)).code == "accepted"


async def test_over_the_throughput_messages_queue_and_senders_take_turns() -> None:
    hand = Hand()
    sim = Simulator(rate=2, over_limit="queue", clock=hand)
    for sender in ["70707"] * 6 + ["80808"] * 2:
        assert (await ask(sim, "sendSMS", {**SMS, "FROM": sender})).code == "accepted"
    assert (len(sim.deliveries), sim.refused_for_rate) == (2, 0)
    for hand.now in (0.5, 1.0, 1.5):
        assert len(sim.deliveries) == 2 + hand.now * 2
    hand.now = 60.0
    assert [delivery.sender for delivery in sim.deliveries[2:]] == [
        "70707",
        "80808",
        "70707",
        "80808",
        "70707",
        "70707",
    ]
    assert [delivery.delivered_at for delivery in sim.deliveries[2:]] == [
        0.5,
        1.0,
        1.5,
        2.0,
        2.5,
        3.0,
    ]


async def test_keys_numbers_and_texts_are_in_no_repr_and_no_ledger() -> None:
    account = Account(
        key="k-secret", senders=["70707"], blacklist=["12025550144"], campaigns=[Campaign(ref="s")]
    )
    sim = Simulator(accounts=[account])
    await ask(sim, "sendMMS", {**MMS, "CLIENT_REFERENCE": "order-117"})
    seen = repr(
        [account, sim.calls, sim.deliveries, sim.handset(TO), sim._vendor.books, sim.faults]
    )
    hidden = ("k-secret", "12025550", "70707", "Fresh", "Rye", "order-117", "media.example")
    assert not [word for word in hidden if word in seen]


def test_an_unknown_answer_to_calls_over_the_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="over_limit"):
        Simulator(over_limit="E999")  # type: ignore[arg-type] # that is the point


async def test_a_document_for_one_simulator_does_not_open_another() -> None:
    one, other = Simulator(), Simulator()
    assert document(one, "getMmsIds") != document(other, "getMmsIds")
    assert (await ask(other, "getMmsIds", key=one.accounts[0].key)).code == "E104"
