"""Messages that are alike: checked and rendered once, with the same document as on their own."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import mmsclient as mms
from mmsclient.services import xmltree

if TYPE_CHECKING:
    from mmsclient.messages import Message

IMAGE = "https://media.example.net/07.png"
SLIDES = (mms.Slide(image=IMAGE, text="Rye & spelt", duration=5), mms.Slide(text="a < b"))
ODD = (mms.Slide(image=IMAGE, text="Rye & spelt", duration=5.0), SLIDES[1])  # type: ignore[arg-type]  # the fault
SIZED = (mms.Slide(image=mms.Media(IMAGE, size=1), duration=1),)
ODDLY_SIZED = (mms.Slide(image=mms.Media(IMAGE, size=True), duration=1),)

TEXTS = st.one_of(
    st.none(),
    st.sampled_from(
        ["", " ", "Fresh at 7", "<&>'\"]]>", "\ue0000\ue001", "\ue000", "\x00", "é€😀"]
    ),
    st.text(max_size=12),
    st.text(min_size=60, max_size=170, alphabet="ab&"),
    st.sampled_from([7, True, b"x", "\ud800"]),
)
NUMBERS = st.sampled_from(["12025550143", "+1 (202) 555-0144", "0049", "", None, 5, "12025550143&"])
SWITCHES = st.sampled_from([False, True, 0, 1, None])
MAPS = st.dictionaries(st.sampled_from(["name", "Name", "a b", "x"]), TEXTS, max_size=2)
SLIDED = st.dictionaries(st.sampled_from([1, 2, True, 99]), TEXTS, max_size=2)
CODES = st.sampled_from(["70707", "70708", None])

MESSAGES: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        mms.Mms,
        to=NUMBERS,
        sender=CODES,
        slides=st.sampled_from(
            [SLIDES, ODD, SIZED, ODDLY_SIZED, list(SLIDES), [mms.Slide(text="x")], [], "no"]
        ),
        subject=TEXTS,
        name=st.sampled_from(["menu", "menu & more", None]),
        fallback_text=TEXTS,
        reference=TEXTS,
        disable_fallback_sms_link=SWITCHES,
        mms_link_expiration_date=st.sampled_from(
            [None, None, datetime.now(UTC) + timedelta(days=9), datetime(2020, 1, 1, tzinfo=UTC)]
        ),
    ),
    st.builds(mms.Sms, to=NUMBERS, sender=CODES, text=TEXTS, reference=TEXTS),
    st.builds(
        mms.SavedMms,
        template=st.sampled_from(["9100442", "9100443"]),
        to=NUMBERS,
        sender=CODES,
        texts=SLIDED,
        subject=TEXTS,
        data=MAPS,
        fallback_text=TEXTS,
        reference=TEXTS,
        ddm_timeout=st.sampled_from([None, 5, True, 1]),
        ddm_text=TEXTS,
        ddm_force=SWITCHES,
    ),
)


def service() -> mms.Skycore:
    return mms.Skycore(api_key="k<1>", url="http://127.0.0.1:9/")


def made(by: mms.Skycore, message: Message) -> object:
    """Return all that a call says, or what is wrong with the message."""
    try:
        call = by.send(message)
    except mms.InvalidMessageError as error:
        return error.faults
    ok = b"<RESPONSE><STATUS>Success</STATUS><TRACKINGID>T-1</TRACKINGID></RESPONSE>"
    accepted = call.decode(mms.HttpResponse(200, {}, ok))
    return call.operation, call.request, call.request.body, call.repeatable, call.messages, accepted


def own(message: Message, number: int) -> Message:
    """Return a message like *message* with texts of its own, as the next row of a list has."""
    changes: dict[str, Any] = {"to": f"120255501{number:02}", "reference": f"row & {number}"}
    if isinstance(message, mms.Sms):
        changes["text"] = f"Hi <{number}>"
    if isinstance(message, mms.SavedMms):
        changes["data"] = {name: f"{said}{number}" for name, said in message.data.items()}
    return attrs.evolve(message, **changes)


def plain(**more: Any) -> mms.Mms:
    fields: dict[str, Any] = {"to": "12025550143", "sender": "70707", "name": "n", "subject": "s"}
    return mms.Mms(**{**fields, "slides": SLIDES, **more})


@given(
    st.lists(MESSAGES, max_size=3).flatmap(
        lambda few: st.lists(st.sampled_from(few or [plain()]), max_size=8)
    )
)
@example([plain(subject="\ue0001\ue001")] * 3)
@example([plain(slides=SLIDES), plain(slides=SLIDES), plain(slides=ODD)])
@example([plain(slides=SIZED), plain(slides=SIZED), plain(slides=ODDLY_SIZED)])
@example([plain(disable_fallback_sms_link=True), *[plain(disable_fallback_sms_link=1)] * 3])
def test_a_call_never_depends_on_the_messages_before_it(messages: list[Message]) -> None:
    remembering = service()
    for message in messages:
        assert made(remembering, message) == made(service(), message)


@given(MESSAGES)
def test_rows_of_one_list_are_filled_in_as_if_each_were_alone(message: Message) -> None:
    remembering = service()
    for number in range(5):
        row = own(message, number)
        assert made(remembering, row) == made(service(), row)


@pytest.mark.parametrize(
    "message",
    [
        plain(fallback_text="f"),
        mms.Sms(to="12025550143", sender="70707", text="Hi"),
        mms.SavedMms(
            to="12025550143",
            sender="70707",
            template="9100442",
            texts={1: "a", 2: "b"},
            data={"first_name": "Noor"},
        ),
    ],
    ids=lambda message: type(message).__name__,
)
def test_a_list_is_rendered_for_its_first_two_rows_only(
    message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered: list[object] = []
    render = xmltree.render

    def counting(tree: Any) -> str:
        rendered.append(tree)
        return render(tree)

    monkeypatch.setattr(xmltree, "render", counting)
    remembering = service()
    bodies = [remembering.send(own(message, number)).request.body for number in range(50)]
    assert len(rendered) == 2
    assert len(set(bodies)) == 50


def test_what_is_remembered_is_no_part_of_the_value() -> None:
    used, fresh = service(), service()
    for number in range(3):
        used.send(own(plain(subject="Fresh"), number))
    assert used == fresh
    assert hash(used) == hash(fresh)
    assert repr(used) == repr(fresh)
    assert b"Fresh" not in pickle.dumps(used)
    assert attrs.evolve(used, api_key="k-2").send(plain()).request.body.count(b"k-2") == 1
