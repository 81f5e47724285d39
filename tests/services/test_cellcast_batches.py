"""Batches at Cellcast: which messages share a call, and which outcome belongs to which message."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from cellcast_answers import (
    BEARER,
    MESSAGE,
    META,
    NUMBER,
    OTHER,
    PICTURE,
    PNG,
    SERVICE,
    THIRD,
    answer,
    error_of,
    no,
    told,
)
from hypothesis import given
from hypothesis import strategies as st

from mmsclient.errors import (
    CallError,
    InvalidMessageError,
    RefusedError,
    ServiceFailedError,
    ThrottledError,
    UnreadableReplyError,
)
from mmsclient.messages import File, Mms, Slide, Sms
from mmsclient.outcomes import Accepted, Refused, Unknown
from mmsclient.services.cellcast import matching

if TYPE_CHECKING:
    from mmsclient.messages import Message
    from mmsclient.outcomes import Outcome
    from mmsclient.services.cellcast import Cellcast

NZ = "6421000006"
SAME = [Sms(to=number, text="Rye", reference="o-1") for number in (NUMBER, OTHER, THIRD)]
MIXED = [Sms(to=number, text=f"Rye {number[-3:]}") for number in (NUMBER, OTHER, THIRD)]
PICTURES = [attrs.evolve(PICTURE, to=number) for number in (NUMBER, OTHER, THIRD)]


def body(messages: list[Any], service: Cellcast = SERVICE) -> Any:
    return json.loads(service.batch(messages).request.body)


def sent(*numbers: str, **counters: Any) -> dict[str, Any]:
    rows = [{"message_id": f"Q-{number[-3:]}", "to": number} for number in numbers]
    return {"meta": META, "msg": "Queued", "data": {"messages": rows, **counters}}


def kinds(outcomes: list[Outcome]) -> list[str]:
    return [type(outcome).__name__ for outcome in outcomes]


def ids(outcomes: list[Outcome]) -> list[str | None]:
    return [outcome.id if isinstance(outcome, Accepted) else None for outcome in outcomes]


# -- which call ----------------------------------------------------------------------------------


def test_texts_share_a_call_whatever_they_say() -> None:
    keys = {SERVICE.batch_key(message) for message in (*SAME, *MIXED, MESSAGE)}
    assert len(keys) == 1
    assert SERVICE.largest_batch == BEARER.largest_batch == 1000


def test_texts_to_new_zealand_share_one_where_text_and_sender_are_equal() -> None:
    text = Sms(to=NZ, text="t", sender="7070", reference="a")
    assert SERVICE.batch_key(text) == SERVICE.batch_key(attrs.evolve(text, reference="b c"))
    others = (
        attrs.evolve(text, text="u"),
        attrs.evolve(text, sender="7071"),
        attrs.evolve(text, sender=None),
        attrs.evolve(text, to=NUMBER),
    )
    for other in others:
        assert SERVICE.batch_key(other) != SERVICE.batch_key(text)


def test_mms_share_one_where_all_but_the_number_is_equal() -> None:
    copy = File(bytes(PNG.content), "07.png")
    twin = attrs.evolve(PICTURE, to=OTHER, reference="r", slides=(Slide(image=copy, text="Rye"),))
    assert SERVICE.batch_key(PICTURE) == SERVICE.batch_key(twin)
    hash(SERVICE.batch_key(PICTURE))
    for other in (
        attrs.evolve(PICTURE, subject="s"),
        attrs.evolve(PICTURE, slides=(Slide(image=PNG, text="Spelt"),)),
        attrs.evolve(PICTURE, slides=(Slide(image=attrs.evolve(PNG, name="8.png"), text="Rye"),)),
        MESSAGE,
    ):
        assert SERVICE.batch_key(other) != SERVICE.batch_key(PICTURE)


def test_the_bearer_api_has_no_call_for_different_texts() -> None:
    assert len({BEARER.batch_key(message) for message in SAME}) == 1
    assert len({BEARER.batch_key(message) for message in MIXED}) == 3
    text = SAME[0]
    for other in (attrs.evolve(text, sender="Bakery"), attrs.evolve(text, reference="o-2")):
        assert BEARER.batch_key(other) != BEARER.batch_key(text)
    picture = attrs.evolve(PICTURE, subject=None)
    assert BEARER.batch_key(picture) != BEARER.batch_key(attrs.evolve(picture, sender="Bakery"))


def test_equal_texts_go_by_send_sms_with_many_numbers() -> None:
    call = SERVICE.batch(SAME)
    assert (call.operation, call.repeatable) == ("send-sms", False)
    assert call.messages == tuple(SAME)
    assert body(SAME) == {
        "sms_text": "Rye",
        "numbers": [f"+{NUMBER}", f"+{OTHER}", f"+{THIRD}"],
        "custom_string": "o-1",
    }
    assert SERVICE.batch(SAME[:1]).operation == "send-sms"


def test_other_texts_go_by_bulk_send_sms_with_an_item_each() -> None:
    assert SERVICE.batch(MIXED).operation == "bulk-send-sms"
    assert body(MIXED) == [
        {"sms_text": f"Rye {number[-3:]}", "numbers": f"+{number}"}
        for number in (NUMBER, OTHER, THIRD)
    ]
    for change in ({"sender": "Bakery"}, {"reference": "o-2"}, {"text": "Spelt"}):
        mixed: list[Any] = [SAME[0], attrs.evolve(SAME[1], **change)]
        assert SERVICE.batch(mixed).operation == "bulk-send-sms"


def test_mms_and_texts_to_new_zealand_and_the_bearer_api_take_many_numbers() -> None:
    call = SERVICE.batch(PICTURES)
    assert call.operation == "send-mms"
    assert f'["+{NUMBER}","+{OTHER}","+{THIRD}"]'.encode() in call.request.body
    far = [Sms(to=number, text="t", sender="7070") for number in (NZ, NZ[:-1] + "7")]
    assert SERVICE.batch(far).operation == "send-sms-nz"
    assert body(far)["numbers"] == [f"+{NZ}", f"+{NZ[:-1]}7"]
    assert BEARER.batch(SAME).operation == "gateway"
    assert body(SAME, BEARER)["contacts"] == [f"+{NUMBER}", f"+{OTHER}", f"+{THIRD}"]
    plain = [attrs.evolve(picture, subject=None) for picture in PICTURES]
    assert BEARER.batch(plain).operation == "gatewaymms"


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [MESSAGE, PICTURE],
        [MESSAGE, Sms(to=NZ, text="t", sender="7070")],
        [MESSAGE, Sms(to=f"+{NUMBER}", text="t")],
        [Sms(to=f"6149157{n:04d}", text="t") for n in range(1001)],
    ],
)
def test_what_is_no_batch_is_a_mistake_of_the_caller(messages: list[Message]) -> None:
    with pytest.raises(InvalidMessageError, match="batch"):
        SERVICE.batch(messages)


def test_a_batch_with_a_faulty_message_is_refused() -> None:
    with pytest.raises(InvalidMessageError):
        SERVICE.batch([MESSAGE, Sms(to="07", text="t")])


def test_a_thousand_messages_are_one_batch() -> None:
    many = [Sms(to=f"6149157{n:04d}", text=f"t{n}") for n in range(1000)]
    envelopes = [sent(message.to) for message in many]
    outcomes = SERVICE.batch(many).decode(told(envelopes))
    assert kinds(outcomes) == ["Accepted"] * 1000


# -- which outcome -------------------------------------------------------------------------------


@pytest.mark.parametrize("messages", [SAME, PICTURES], ids=["send-sms", "send-mms"])
def test_rows_are_matched_by_number_and_never_by_order(messages: list[Message]) -> None:
    tree = sent(THIRD, f"+{NUMBER}", "0" + OTHER[2:])
    outcomes = SERVICE.batch(messages).decode(told(tree))
    assert ids(outcomes) == ["Q-006", "Q-110", "Q-313"]
    for outcome, message in zip(outcomes, messages, strict=True):
        assert isinstance(outcome, Accepted)
        assert (outcome.message, outcome.reference) == (message, message.reference)
        assert outcome.to == message.to
        assert outcome.raw == tree


def test_who_is_left_out_is_refused_in_our_words() -> None:
    outcomes = SERVICE.batch(SAME).decode(told(sent(THIRD, NUMBER, success_number="2")))
    assert kinds(outcomes) == ["Accepted", "Refused", "Accepted"]
    refused = outcomes[1]
    assert isinstance(refused, Refused)
    assert refused.message is SAME[1]
    assert isinstance(refused.error, RefusedError)
    assert refused.error.concerns == "message"
    assert "left this number out" in str(refused.error)
    assert OTHER not in str(refused.error)
    assert refused.error.operation == "send-sms"


@pytest.mark.parametrize(
    "tree",
    [
        sent(NUMBER, OTHER, success_number=3),
        sent(NUMBER, OTHER, success_number="3"),
        sent(NUMBER, OTHER, "61491570999"),
        sent(NUMBER, OTHER, "not a number"),
        sent(NUMBER, OTHER, ""),
        {
            **sent(NUMBER, OTHER),
            "data": {"messages": [*sent(NUMBER, OTHER)["data"]["messages"], 7]},
        },
    ],
)
def test_who_is_left_out_may_have_been_sent_to_where_the_answer_does_not_add_up(tree: Any) -> None:
    outcomes = SERVICE.batch(SAME).decode(told(tree))
    assert kinds(outcomes) == ["Accepted", "Accepted", "Unknown"]
    unknown = outcomes[2]
    assert isinstance(unknown, Unknown)
    assert isinstance(unknown.error, UnreadableReplyError)
    # The row that nobody asked for is not lost.
    assert isinstance(outcomes[0], Accepted)
    assert outcomes[0].raw == tree


def test_a_second_row_of_a_number_changes_nothing() -> None:
    tree = sent(NUMBER, OTHER)
    tree["data"]["messages"] += [{"message_id": "Q-2", "to": "+" + NUMBER}]
    tree["data"]["messages"] += [{"message_id": "Q-3", "to": "0" + NUMBER[2:]}]
    assert kinds(outcomes := SERVICE.batch(SAME).decode(told(tree))) == [
        "Accepted",
        "Accepted",
        "Refused",
    ]
    assert ids(outcomes) == ["Q-006", "Q-110", None]


def test_numbers_that_end_alike_are_told_apart_by_the_whole_number() -> None:
    here, far = NUMBER, "64" + NUMBER[2:]
    both = [Sms(to=here, text="t"), Sms(to=far, text="t")]
    assert ids(SERVICE.batch(both).decode(told(sent("+" + far, here)))) == ["Q-006", "Q-006"]
    assert kinds(SERVICE.batch(both).decode(told(sent(far)))) == ["Refused", "Accepted"]
    # One of them is meant, and which one is not said.
    outcomes = SERVICE.batch([*both, Sms(to=OTHER, text="t")]).decode(
        told(sent("0" + here[2:], OTHER))
    )
    assert kinds(outcomes) == ["Unknown", "Unknown", "Accepted"]


@pytest.mark.parametrize("tree", [sent(), sent("61491570999"), {"meta": META, "data": []}])
def test_an_answer_that_names_nobody_leaves_all_open(tree: Any) -> None:
    error = error_of(told(tree).body, call=SERVICE.batch(SAME))
    assert isinstance(error, UnreadableReplyError)


def test_a_failure_of_the_call_is_that_of_all() -> None:
    for batch in (SAME, MIXED, PICTURES):
        call: Any = SERVICE.batch(batch)
        error = error_of(no("OVER_LIMIT"), 429, {"Retry-After": "3"}, call=call)
        assert isinstance(error, ThrottledError)
        assert error.retry_after == 3.0
        assert isinstance(error_of(b"", 503, call=call), ServiceFailedError)


# -- envelopes -----------------------------------------------------------------------------------


def test_envelopes_are_in_input_order_and_each_is_judged_by_itself() -> None:
    outcomes = SERVICE.batch(MIXED).decode(answer("bulk-send-sms"))
    assert kinds(outcomes) == ["Accepted", "Refused", "Unknown"]
    good, refused, open_ = outcomes
    assert isinstance(good, Accepted)
    assert good.message is MIXED[0]
    assert good.raw["data"]["credits_used"] == 1
    assert isinstance(refused, Refused)
    assert isinstance(refused.error, RefusedError)
    assert refused.error.code == "RECIPIENTS_ERROR"
    assert isinstance(open_, Unknown)


def test_an_envelope_that_names_somebody_else_is_open() -> None:
    envelopes = [sent(OTHER), sent(NUMBER), sent(THIRD)]
    outcomes = SERVICE.batch(MIXED).decode(told(envelopes))
    assert kinds(outcomes) == ["Unknown", "Unknown", "Accepted"]


def test_a_throttled_envelope_is_not_sent_and_may_be_tried_again() -> None:
    over = json.loads(no("OVER_LIMIT", http=429))
    outcomes = SERVICE.batch(MIXED).decode(told([sent(NUMBER), over, over]))
    assert kinds(outcomes) == ["Accepted", "Refused", "Refused"]
    refused = outcomes[1]
    assert isinstance(refused, Refused)
    assert isinstance(refused.error, ThrottledError)
    assert refused.error.transient


def test_where_all_envelopes_are_throttled_the_call_is() -> None:
    over = json.loads(no("OVER_LIMIT", http=429))
    error = error_of(told([over] * 3).body, 200, {"Retry-After": "2"}, call=SERVICE.batch(MIXED))
    assert isinstance(error, ThrottledError)
    assert error.retry_after == 2.0


@pytest.mark.parametrize(
    "tree", [[], [sent(NUMBER)], [sent(NUMBER)] * 4, sent(NUMBER), {}, 7, "x", None]
)
def test_a_bulk_answer_of_wrong_length_or_shape_leaves_all_open(tree: Any) -> None:
    error = error_of(told(tree).body, call=SERVICE.batch(MIXED))
    assert isinstance(error, UnreadableReplyError)


def test_a_yes_in_an_envelope_under_a_status_that_says_no_is_open() -> None:
    refused = json.loads(no("RECIPIENTS_ERROR"))
    outcomes = SERVICE.batch(MIXED).decode(told([sent(NUMBER), refused, {}], 400))
    assert kinds(outcomes) == ["Unknown", "Refused", "Refused"]


# -- the Bearer API ------------------------------------------------------------------------------


def test_the_bearer_api_names_whom_it_refuses() -> None:
    outcomes = BEARER.batch(SAME).decode(answer("bearer-gateway-partly"))
    assert kinds(outcomes) == ["Refused", "Refused", "Accepted"]
    first = outcomes[0]
    assert isinstance(first, Refused)
    assert isinstance(first.error, CallError)
    assert first.error.description == "not a mobile"
    assert first.error.concerns == "message"
    assert ids(outcomes)[2] == "6a00000000000000000000a3"


def test_whom_it_does_not_name_may_have_been_sent_to() -> None:
    outcomes = BEARER.batch([*SAME[1:], SAME[0]]).decode(answer("bearer-gateway"))
    assert kinds(outcomes) == ["Unknown", "Unknown", "Accepted"]


def test_all_may_be_refused() -> None:
    data = {"queueResponse": [], "invalidContacts": [], "unsubscribeContacts": ["491570006"]}
    tree = {"status": True, "message": "m", "data": data, "error": {}}
    assert kinds(BEARER.batch(SAME[:1]).decode(told(tree))) == ["Refused"]
    error = error_of(told(tree).body, call=BEARER.send(SAME[0]))
    assert isinstance(error, RefusedError)


# -- any answer ----------------------------------------------------------------------------------

NUMBERS = [f"61491570{n:03d}" for n in range(8)]


def shown(number: str, form: int) -> str:
    """A number in one of the forms that answers use."""
    return (number, f"+{number}", "0" + number[2:], number[2:], f"+61 (0) {number[2:]}")[form]


@given(
    order=st.permutations(NUMBERS),
    taken=st.sets(st.sampled_from(NUMBERS), min_size=1),
    forms=st.lists(st.integers(0, 3), min_size=8, max_size=8),
    again=st.lists(st.sampled_from(NUMBERS), max_size=3),
    counted=st.booleans(),
)
def test_each_message_gets_the_outcome_of_its_number(
    order: list[str], taken: set[str], forms: list[int], again: list[str], *, counted: bool
) -> None:
    rows = [
        {"message_id": f"Q-{number}", "to": shown(number, form)}
        for number, form in zip(order, forms, strict=True)
        if number in taken
    ]
    rows += [{"message_id": "twice", "to": number} for number in again if number in taken]
    data = {"messages": rows, **({"success_number": len(taken)} if counted else {})}
    texts = [Sms(to=number, text="t") for number in NUMBERS]
    outcomes = SERVICE.batch(texts).decode(told({"meta": META, "data": data}))
    for number, text, outcome in zip(NUMBERS, texts, outcomes, strict=True):
        assert outcome.message is text
        if number in taken:
            assert isinstance(outcome, Accepted)
            assert outcome.id in {f"Q-{number}", "twice"}
        else:
            assert isinstance(outcome, Refused)


@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {"to": st.sampled_from(NUMBERS) | st.text("0123456789+", max_size=13)}
        )
        | st.none(),
        max_size=12,
    )
)
def test_no_row_is_counted_twice_and_none_is_overlooked(rows: list[Any]) -> None:
    found = matching.match(rows, NUMBERS, ("to",))
    assert set(found.found) <= set(NUMBERS)
    used = [id(row) for row in found.found.values()]
    assert len(used) == len(set(used))
    # Every row is one that was found, a repeat of it, or a stray.
    assert found.strays <= len(rows) - len(used)
    exact = {row["to"] for row in rows if row and row["to"] in NUMBERS}
    assert exact <= set(found.found)


def test_many_rows_of_odd_numbers_cost_no_more_than_others() -> None:
    asked = [f"6149157{n:04d}" for n in range(1000)]
    rows = [{"to": f"0{n:08d}"} for n in range(20_000)]
    assert matching.match(rows, asked, ("to",)).strays == 20_000


def test_messages_that_are_no_text_share_no_key_with_texts() -> None:
    picture = Mms(to=NUMBER, slides=[Slide(image=PNG, text="Rye")])
    assert SERVICE.batch_key(picture) != SERVICE.batch_key(SAME[0])
