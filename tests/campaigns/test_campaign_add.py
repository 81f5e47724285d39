"""What comes into a journal: once, lazily, and whatever is wrong with it is told."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mmsclient as mms
from mmsclient.campaigns.packing import KINDS, Packer, Unpacker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLIDES = (
    mms.Slide(image="https://media.example.net/07.png", text="Rye & spelt\nat 7", duration=5),
    mms.Slide(video=mms.Media("https://media.example.net/07.mp4", size=12345)),
    mms.Slide(image=mms.File(b"\x89PNG\x00", "menu.png", "image/png")),
)
MESSAGES: list[mms.Message] = [
    mms.Sms(to="+1 (202) 555-0143", text="Fresh at 7 \U0001f35e", sender="70707"),
    mms.Mms(
        to="12025550143",
        slides=SLIDES,
        subject="Fresh",
        name="menu",
        mms_link_expiration_date=datetime(2031, 2, 3, 4, 5, tzinfo=UTC),
        force_send_as_sms=True,
    ),
    mms.SavedMms(
        template="9100442",
        to="12025550143",
        texts={1: "Just for you", 2: "Bye"},
        data={"first_name": "Noor"},
        ddm_timeout=7,
    ),
]


def texts(count: int, text: str = "Fresh at 7") -> list[mms.Sms]:
    return [mms.Sms(to=f"1202555{n:04}", text=text) for n in range(count)]


async def rows(campaign: mms.Campaign, state: Any = None) -> list[mms.CampaignRow]:
    return [row async for row in campaign.outcomes(state)]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
async def test_a_message_comes_out_as_it_went_in(tmp_path: Path, message: mms.Message) -> None:
    campaign = mms.Campaign(tmp_path / "a.db")
    assert await campaign.add([message]) == mms.Added(new=1)
    (row,) = await rows(campaign)
    assert row.to == message.to
    assert row.message == message.__class__(
        **{field: getattr(message, field) for field in _fields(message) if field != "reference"},
        reference=row.reference,
    )


_TEXT = st.one_of(st.none(), st.text(st.characters(exclude_categories=()), max_size=20))
_SLIDE = st.builds(
    mms.Slide,
    image=st.one_of(_TEXT, st.builds(mms.Media, url=st.text(), size=st.none() | st.integers())),
    text=_TEXT,
    duration=st.none() | st.integers(),
)
_ANY = st.one_of(
    st.builds(mms.Sms, to=st.just("12025550143"), text=st.text(), sender=_TEXT),
    st.builds(
        mms.Mms,
        to=st.just("12025550143"),
        slides=st.lists(_SLIDE, max_size=3),
        subject=_TEXT,
        disable_fallback_sms_link=st.booleans(),
        mms_link_expiration_date=st.none() | st.datetimes(timezones=st.just(UTC)),
    ),
    st.builds(
        mms.SavedMms,
        to=st.just("12025550143"),
        template=st.text(),
        texts=st.dictionaries(st.integers(), st.text()),
        data=st.dictionaries(st.text(), st.text()),
    ),
)


@given(st.lists(_ANY, min_size=1, max_size=4))
def test_any_content_is_kept_exactly_and_equal_ones_only_once(messages: list[mms.Message]) -> None:
    packer, unpacker = Packer(), Unpacker()
    for message in messages:
        content = packer.content(message)
        back = unpacker.message(content.kind, content.body, to=message.to, reference="r")
        assert back == type(message)(
            **{f: getattr(message, f) for f in _fields(message) if f != "reference"}, reference="r"
        )
    contents = [packer.content(message).digest for message in messages]
    for one, first in zip(contents, messages, strict=True):
        for other, second in zip(contents, messages, strict=True):
            assert (one == other) == (first == second)


def _fields(message: mms.Message) -> list[str]:
    return [field.name for field in attrs.fields(type(message))]


async def test_adding_again_changes_nothing(tmp_path: Path) -> None:
    campaign = mms.Campaign(tmp_path / "a.db")
    assert await campaign.add(texts(2500)) == mms.Added(new=2500)
    assert await campaign.add(texts(2500)) == mms.Added(known=2500)
    assert await campaign.add(texts(10, "Late at 9")) == mms.Added(changed=10)
    assert {
        row.message.text for row in await rows(campaign) if isinstance(row.message, mms.Sms)
    } == {"Fresh at 7"}


async def test_changed_rows_are_told_with_their_places(tmp_path: Path) -> None:
    campaign = mms.Campaign(tmp_path / "a.db")
    named = [mms.Sms(to="12025550143", text="a", reference=f"r-{n}") for n in range(2500)]
    assert (await campaign.add(named)).changes == ()
    other = [attrs.evolve(one, text="b") if n % 20 == 9 else one for n, one in enumerate(named)]
    other.insert(0, mms.Sms(to="12", text="no number", reference="odd"))
    added = await campaign.add(other)
    assert (added.changed, added.known, added.faulty) == (125, 2375, 1)
    assert added.changes == tuple((n + 2, f"r-{n}") for n in range(9, 2000, 20))
    assert "r-9" not in repr(added)


async def test_one_number_is_one_row_unless_references_say_otherwise(tmp_path: Path) -> None:
    campaign = mms.Campaign(tmp_path / "a.db")
    twice = [
        mms.Sms(to="+1 202 555 0143", text="a"),
        mms.Sms(to="12025550143", text="a"),
        mms.Sms(to="12025550143", text="a", reference="order-1"),
        mms.Sms(to="12025550143", text="b", reference="order-2"),
    ]
    assert await campaign.add(twice) == mms.Added(new=3, known=1)


async def test_a_made_reference_is_the_campaigns_own_and_fits_every_wire(tmp_path: Path) -> None:
    made: list[str] = []
    for name in ("a.db", "b.db"):
        campaign = mms.Campaign(tmp_path / name)
        await campaign.add(texts(100))
        made.extend(row.reference for row in await rows(campaign))
    assert len(set(made)) == 200
    for service in (
        mms.Skycore(api_key="k"),
        mms.TransmitSMS(api_key="k"),
        mms.Cellcast(app_key="k"),
    ):
        for reference in made[:5]:
            message = mms.Mms(to="12025550143", slides=SLIDES, reference=reference)
            text = mms.Sms(to="12025550143", text="a", reference=reference)
            assert service.carried_reference(message) in {None, reference}
            assert service.carried_reference(text) in {None, reference}
    assert not any("12025550" in reference for reference in made)


async def test_replacing_takes_the_new_content_of_what_never_left(tmp_path: Path) -> None:
    campaign = mms.Campaign(tmp_path / "a.db")
    await campaign.add(texts(3))
    journal = mms.SqliteJournal(tmp_path / "a.db")
    async with journal.held():
        await journal.depart({1: None}, 1000.0)
        await journal.come_back([1], mms.Failure(error="ConnectionFailedError"))
    assert await campaign.add(texts(3, "Late at 9"), replace=True) == mms.Added(changed=3)
    said = [row.message.text for row in await rows(campaign) if isinstance(row.message, mms.Sms)]
    assert said == ["Fresh at 7", "Late at 9", "Late at 9"]


async def test_what_is_faulty_is_told_with_its_place_and_the_rest_is_taken(tmp_path: Path) -> None:
    campaign = mms.Campaign(tmp_path / "a.db")
    odd: list[Any] = [
        mms.Sms(to="12025550143", text="a"),
        mms.Sms(to="0049 30 5550143", text="a"),
        None,
        mms.Sms(to="12025550144", text="a", reference=7),  # type: ignore[arg-type]
        mms.Sms(to="12025550145", text="a", reference="half \ud800"),
        mms.Mms(to="12025550146", slides=[object()]),  # type: ignore[list-item]
        mms.Sms(to="12025550147", text="a"),
    ]
    heard: list[int] = []
    added = await campaign.add(odd, on_fault=lambda place, _: heard.append(place))
    assert (added.new, added.faulty) == (2, 5)
    assert [place for place, _ in added.faults] == heard == [2, 3, 4, 5, 6]
    assert [fault.field for _, fault in added.faults] == [
        "to",
        "message",
        "reference",
        "reference",
        "message",
    ]
    assert not any("555" in str(fault) for _, fault in added.faults)


async def test_with_a_service_all_its_rules_are_held_against_messages(tmp_path: Path) -> None:
    campaign = mms.Campaign(tmp_path / "a.db", service=mms.Skycore(api_key="k"))
    long = mms.Sms(to="12025550143", sender="70707", text="a" * 161)
    good = mms.Sms(to="12025550144", sender="70707", text="a")
    named = mms.Mms(to="12025550145", sender="70707", subject="a", name="n", slides=SLIDES[:1])
    added = await campaign.add([long, good, named])
    assert (added.new, added.faulty) == (2, 1)
    assert added.faults[0][1].field == "text"


async def test_a_reference_too_long_for_the_wire_is_no_fault(tmp_path: Path) -> None:
    campaign = mms.Campaign(tmp_path / "a.db", service=mms.Skycore(api_key="k"))
    long = [
        mms.Mms(
            to=f"1202555014{n}",
            sender="70707",
            subject="a",
            name="n",
            slides=[mms.Slide(text="a")],
            reference="x" * 100 + str(n),
        )
        for n in range(3)
    ]
    assert (await campaign.add(long)).new == 3


async def test_who_is_on_the_stop_list_is_refused_as_it_comes(tmp_path: Path) -> None:
    campaign = mms.Campaign(tmp_path / "a.db")
    numbers: list[Any] = [
        "+1 202 555 0001",
        "0491 570 156",
        mms.OptOut(service="s", kind="k", key="k", number="12025550002"),
        "x",
    ]
    faults: list[int] = []
    stopped = await campaign.stop_numbers(numbers, on_fault=lambda place, _: faults.append(place))
    assert (stopped.new, stopped.known, stopped.faulty) == (3, 0, 1)
    assert faults == [place for place, _ in stopped.faults] == [4]
    assert await campaign.stop_numbers(["12025550001"]) == mms.Stopped(known=1)
    added = await campaign.add([*texts(5), mms.Sms(to="61491570156", text="a")])
    assert (added.new, added.stopped) == (6, 3)
    refused = {row.to for row in await rows(campaign, "refused")}
    assert refused == {"12025550001", "12025550002", "61491570156"}


async def test_input_that_breaks_keeps_what_was_read(tmp_path: Path) -> None:
    def broken() -> Iterator[mms.Sms]:
        yield from texts(1500)
        raise ValueError("row 1501 is no row")

    campaign = mms.Campaign(tmp_path / "a.db")
    with pytest.raises(ValueError, match="row 1501"):
        await campaign.add(broken())
    assert (await campaign.counts())["pending"] == 1000
    assert (await campaign.add(texts(1500))).new == 500


@pytest.mark.parametrize("wrong", ["text", 7, mms.Sms(to="12025550143", text="a")])
async def test_what_is_no_iterable_is_refused(tmp_path: Path, wrong: Any) -> None:
    with pytest.raises(TypeError, match="pass an iterable"):
        await mms.Campaign(tmp_path / "a.db").add(wrong)


async def test_journals_of_others_are_refused_in_words(tmp_path: Path) -> None:
    await mms.Campaign(tmp_path / "a.db", name="spring").add(texts(1))
    with pytest.raises(mms.CampaignError, match="the journal of the campaign 'spring'"):
        await mms.Campaign(tmp_path / "a.db", name="autumn").add(texts(1))
    assert (await mms.Campaign(tmp_path / "a.db").add(texts(1))).known == 1
    client = mms.Client(mms.Skycore(api_key="k", url="http://127.0.0.1:9/"))
    async with mms.Campaign(tmp_path / "a.db").run(client):
        pass
    other = mms.Client(mms.TransmitSMS(api_key="k", url="http://127.0.0.1:9/"))
    with pytest.raises(mms.CampaignError, match="was begun with skycore, not with transmitsms"):
        async with mms.Campaign(tmp_path / "a.db").run(other):
            pass
    with closing(sqlite3.connect(tmp_path / "b.db")) as theirs:
        theirs.execute("CREATE TABLE theirs (x)")
    with pytest.raises(mms.CampaignError, match="is no campaign journal"):
        await mms.Campaign(tmp_path / "b.db").counts()


async def test_a_second_writer_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    campaign = mms.Campaign(tmp_path / "a.db")
    await campaign.add(texts(3))
    client = mms.Client(mms.Skycore(api_key="k", url="http://127.0.0.1:9/"))
    async with campaign.run(client):
        with pytest.raises(mms.CampaignError, match="in use by another process"):
            async with mms.Campaign(tmp_path / "a.db").run(client):
                pass
        assert (await mms.Campaign(tmp_path / "a.db").counts())["pending"] == 3
        assert (await campaign.add(texts(5))).new == 2  # the same campaign goes on


async def test_asking_before_there_is_a_journal_says_so(tmp_path: Path) -> None:
    with pytest.raises(mms.CampaignError, match="does not exist"):
        await mms.Campaign(tmp_path / "a.db").counts()
    with pytest.raises(ValueError, match="state must be one of pending"):
        await rows(mms.Campaign(tmp_path / "a.db"), "lost")
    assert not list(tmp_path.iterdir())


async def test_a_table_for_other_programs(tmp_path: Path) -> None:
    campaign = mms.Campaign(tmp_path / "a.db")
    await campaign.add([mms.Sms(to="12025550143", text="a", reference='say "hi", twice')])
    assert await campaign.export(tmp_path / "out.csv", "pending") == 1
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("reference,to,state,id,mms_id,error,code,detail,attempts")
    assert lines[1].startswith('"say ""hi"", twice",12025550143,pending,')
    assert (tmp_path / "out.csv").stat().st_mode & 0o077 == 0


def test_nothing_private_is_shown() -> None:
    row = mms.CampaignRow(
        reference="order-1",
        to="12025550143",
        state="refused",
        message=mms.Sms(to="12025550143", text="secret"),
        failure=mms.Failure(error="RefusedError", description="12025550143 is barred"),
    )
    assert "12025550143" not in repr(row) + str(row.failure)
    assert "secret" not in repr(row)
    assert set(KINDS) == {"Mms", "Sms", "SavedMms"}


@pytest.mark.parametrize("what", ["run", "reconcile", "resend"])
async def test_only_what_fills_a_journal_makes_one(tmp_path: Path, what: str) -> None:
    campaign = mms.Campaign(tmp_path / "sprnig.db")
    client = mms.Client(mms.Skycore(api_key="k", url="http://127.0.0.1:9/"))
    with pytest.raises(mms.CampaignError, match=r"sprnig\.db does not exist"):
        if what == "run":
            async with campaign.run(client):
                pass
        elif what == "reconcile":
            await campaign.reconcile([])
        else:
            await campaign.resend_unknown()
    assert not (tmp_path / "sprnig.db").exists()
