"""What a campaign would be and do: counted right, in bounded memory, and private."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from fakes import PlainService
from servers import answering, serve

import mmsclient as mms
from mmsclient import gathering
from mmsclient.campaigns import survey
from mmsclient.campaigns.preview import masked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

SKYCORE = mms.Skycore(api_key="k")
URL = "https://media.example.net/07.png"
LONG = "A subject that is longer than forty letters is long"


def text(n: int, said: str = "Fresh at 7", **fields: Any) -> mms.Sms:
    return mms.Sms(**{"to": f"1202555{n:04}", "sender": "70707", "text": said, **fields})


def menu(n: int, *images: Any, **fields: Any) -> mms.Mms:
    slides = [mms.Slide(image=image, text="Rye") for image in images or (URL,)]
    terms = {"sender": "70707", "name": "menu", "subject": "Fresh", "slides": slides}
    return mms.Mms(to=f"1202555{n:04}", **{**terms, **fields})


@attrs.frozen(kw_only=True)
class Near(mms.Skycore):
    """Takes addresses of this machine, where tests have their media."""

    def check(self, message: mms.Message) -> mms.Check:
        found = super().check(message)
        kept = tuple(fault for fault in found.faults if "not public" not in fault.rule)
        return attrs.evolve(found, faults=kept)


@pytest.fixture
def previewed(tmp_path: Path) -> Callable[..., Any]:
    async def preview(
        messages: Iterable[mms.Message], service: Any = SKYCORE, **terms: Any
    ) -> mms.Preview:
        campaign = mms.Campaign(tmp_path / "spring.db")
        await campaign.add(messages)
        return await campaign.preview(service, **terms)

    return preview


async def test_rows_and_their_faults_are_told(previewed: Any) -> None:
    rows = [text(n) for n in range(5)] + [text(n, "x" * 161) for n in range(10, 150)]
    found = await previewed(rows)
    assert (found.rows, found.invalid, found.calls, found.ok) == (145, 140, 5, False)
    assert len(found.faults) == 100
    assert {fault.field for _, fault in found.faults} == {"text"}
    assert len({reference for reference, _ in found.faults}) == 100
    assert "145 rows pending, 140 with faults" in str(found)
    assert "longer than 160 characters" in str(found)


async def test_the_verdict_on_each_row_is_that_of_the_service(previewed: Any) -> None:
    """Contents are judged once for each country; every row has what its own check says."""
    rows = [
        mms.Sms(to=to, sender=sender, text=said)
        for to in ("12025550143", "61491570006", "64210000000", "447700900123", "1202555", "99912")
        for sender in ("70707", "1234", "Bakery")
        for said in ("Fresh at 7", "x" * 2000, "\u4e00" * 80)
        if len(to) > 6
    ]
    rows = [attrs.evolve(row, reference=f"row {n}") for n, row in enumerate(rows)] * 2
    for service in (SKYCORE, mms.TransmitSMS(api_key="k"), mms.Cellcast(app_key="k")):
        judge = survey.Judge(service)
        for n, row in enumerate(rows):
            opened = mms.campaigns.values.OpenRow(
                id=n,
                reference=row.reference or "",
                message=row,
                content=hash((row.sender, row.text)),
            )
            named = attrs.evolve(row, reference=service.carried_reference(row) or row.reference)
            ruling = judge.ruling(opened)
            assert ruling.check == service.check(named)
            if ruling.check.ok and service.largest_batch > 1:
                assert ruling.key == service.batch_key(named)


async def test_advice_is_counted_by_kind_with_its_first_row(previewed: Any) -> None:
    rows = [menu(n, reference=f"order {n}") for n in range(3)]
    rows += [menu(n, subject=LONG, reference=f"order {n}") for n in range(3, 10)]
    (remark,) = (await previewed(rows)).advice
    assert (remark.advice.field, remark.rows, remark.first) == ("subject", 7, "order 3")
    assert "7 x subject: " in str(remark)


async def test_numbers_that_stand_in_several_rows_are_counted(previewed: Any) -> None:
    rows = [text(n % 4, reference=f"r{n}") for n in range(10)]
    assert (await previewed(rows)).duplicates == 6


async def test_a_number_that_was_sent_to_counts_and_one_that_was_refused_does_not(
    tmp_path: Path,
) -> None:
    campaign = mms.Campaign(tmp_path / "spring.db")
    await campaign.add([text(1, reference="a"), text(2, reference="b")])
    client = mms.Client(PlainService(), transport=_Taking())
    async with client, campaign.run(client) as outcomes:
        async for _ in outcomes:
            pass
    await campaign.add([text(1, reference="c"), text(3, reference="d")])
    await campaign.stop_numbers(["12025550003"])
    await campaign.add([text(3, reference="e")])
    found = await campaign.preview(SKYCORE)
    assert (found.rows, found.duplicates) == (1, 1)


class _Taking:
    async def exchange(self, request: mms.HttpRequest, leaving: Any) -> mms.HttpResponse:
        leaving()
        return mms.HttpResponse(200, {}, b"id")

    async def aclose(self) -> None: ...


async def test_parts_of_texts_and_what_makes_them_wide(previewed: Any) -> None:
    rows = [text(n) for n in range(3)]
    rows += [text(n, "It\u2019s fresh \U0001f35e " + "x" * 100) for n in range(10, 14)]
    rows += [text(n, "y" * 300) for n in range(20, 22)]
    found = await previewed(rows, mms.Cellcast(app_key="k"))
    assert found.parts == {1: 3, 2: 6}
    assert found.total_parts == 15
    (wide,) = found.wide
    assert (wide.characters, wide.rows, found.wide_rows) == (("\u2019", "\U0001f35e"), 4, 4)
    assert "  4 rows need UCS-2 because of \u2019, \U0001f35e (first: " in str(found)


@pytest.mark.parametrize(("batch", "calls"), [(None, 3), (1, 250), (7, 36), (1000, 1)])
async def test_messages_that_can_share_a_call_do(
    previewed: Any, batch: int | None, calls: int
) -> None:
    rows = [text(n) for n in range(250)]
    found = await previewed(rows, mms.TransmitSMS(api_key="k"), batch=batch)
    assert found.calls == calls
    assert found.seconds == pytest.approx(calls / 2)


async def test_references_in_callbacks_keep_messages_apart(previewed: Any) -> None:
    hook = "https://hooks.example.net/dlr?ref={reference}"
    service = mms.TransmitSMS(api_key="k", dlr_callback=hook)
    assert (await previewed([text(n) for n in range(50)], service)).calls == 50


async def test_the_pace_is_the_clients_or_what_is_given(previewed: Any) -> None:
    rows = [text(n) for n in range(30)]
    assert (await previewed(rows)).seconds == pytest.approx(2)
    async with mms.Client(SKYCORE, rate=3) as client:
        assert (await previewed(rows, client)).seconds == pytest.approx(10)
        found = await previewed(rows, client, rate=0.5)
    assert found.seconds == pytest.approx(60)
    assert "30 calls at 0.5 a second: at least 0:01:00" in str(found)


async def test_the_campaigns_own_service_does(tmp_path: Path) -> None:
    campaign = mms.Campaign(tmp_path / "spring.db", service=SKYCORE)
    await campaign.add([text(1)])
    assert (await campaign.preview()).calls == 1
    with pytest.raises(TypeError, match=r"campaign\.preview\(service\)"):
        await mms.Campaign(tmp_path / "spring.db").preview()
    with pytest.raises(ValueError, match="batch"):
        await campaign.preview(batch=0)
    with pytest.raises(mms.CampaignError):
        await mms.Campaign(tmp_path / "none.db").preview(SKYCORE)


async def test_sizes_follow_the_published_formula(previewed: Any) -> None:
    rows = [menu(n, mms.Media(URL, size=100_000)) for n in range(3)]
    rows += [menu(n, mms.Media(URL, size=1000), mms.Media(URL, size=500)) for n in (10, 11)]
    rows += [menu(20)]
    found = await previewed(rows)
    large, small = round(100_003 * 1.37 + 814), round(1506 * 1.37 + 814)
    assert (found.largest, found.travels, found.unsized) == (large, 3 * large + 2 * small, 1)
    assert found.load is not None
    assert (found.load.fetches, found.load.most, found.load.per_second) == (8, 2, 30)
    assert found.load.bytes_per_second == pytest.approx(1_500_000)


async def test_what_travels_inside_the_call_is_no_load_on_a_host(previewed: Any) -> None:
    picture = mms.File(b"\x89PNG\r\n\x1a\n" + bytes(992), "menu.png")
    found = await previewed([menu(1, picture)], mms.Cellcast(app_key="k"))
    assert (found.load, found.largest) == (None, 1000 + len("Rye") + len("Fresh"))
    fetched = await previewed([menu(2, URL)], mms.Cellcast(app_key="k"))
    assert fetched.load is not None
    saved = mms.SavedMms(template="9100442", to="12025550143", sender="70707")
    assert SKYCORE.weight(saved) is None
    assert SKYCORE.weight(text(1)) is None


async def test_media_are_asked_once_and_their_sizes_learnt(previewed: Any) -> None:
    body = bytes(5000)
    async with serve(answering(body, "Content-Type: image/png")) as server:
        url = f"{server.url}1.png"
        found = await previewed([menu(n, url) for n in range(700)], Near(api_key="k"), media=True)
    assert len(server.requests) == 1
    (finding,) = found.media
    assert (finding.rows, finding.size) == (700, 5000)
    assert (found.unsized, found.largest) == (0, round(5003 * 1.37 + 814))
    assert found.load is not None
    assert found.load.bytes_per_second == pytest.approx(15 * 5000)
    assert f"{url}: 200, image/png, 5,000 bytes" in str(found)


async def test_media_that_is_wrong_spoils_the_preview(previewed: Any) -> None:
    async with serve(answering(b"<html>", "Content-Type: text/html")) as server:
        found = await previewed([menu(1, f"{server.url}1.png")], Near(api_key="k"), media=True)
    assert not found.ok
    assert not found.invalid


async def test_no_host_is_asked_unless_wanted_nor_for_rows_with_faults(previewed: Any) -> None:
    async with serve(answering(b"x")) as server:
        await previewed([menu(1, f"{server.url}1.png")], Near(api_key="k"))
        found = await previewed([menu(2, f"{server.url}1.png")], media=True)
    assert not server.requests
    assert found.media == ()


async def test_templates_are_advised_where_contents_are_shared(previewed: Any) -> None:
    rows = [menu(n) for n in range(20)] + [menu(50, subject="Alone")]
    rows += [menu(n, force_send_as_sms=True) for n in range(60, 65)]
    found = await previewed(rows)
    assert (found.savable, found.savable_contents) == (20, 1)
    assert "campaign.use_templates(client)" in str(found)
    assert (await previewed([], mms.Cellcast(app_key="k"))).savable == 0


async def test_the_text_and_the_repr_hold_no_number_and_no_message(previewed: Any) -> None:
    rows: list[mms.Message] = [
        text(n, "Secret \u4e2d\u6587", reference=f"to 1202555{n:04}") for n in range(20)
    ]
    rows += [menu(n, f"{URL}?token=s3cret", subject=LONG) for n in range(30, 40)]
    found = await previewed([*rows, *(text(n, "x" * 200) for n in range(50, 55))])
    for shown in (str(found), repr(found)):
        assert "2025550" not in shown
        assert "Secret" not in shown
        assert "s3cret" not in shown
    assert found.advice
    assert found.faults
    assert found.wide


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        ("order-117", "order-117"),
        ("+12025550143", "+…43"),
        ("0a1b2c3d-0123456789abcdef0123", "0a1b2c3d-0123456789abcdef0123"),
        ("a\x1b[2Jb", "a [2Jb"),
    ],
)
def test_references_are_masked_where_they_could_be_numbers(reference: str, shown: str) -> None:
    assert masked(reference) == shown


async def test_memory_stays_flat_however_many_rows_and_contents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four times the rows, each with a content and a call of its own: no more is kept."""
    monkeypatch.setattr(gathering, "HELD", 100)
    monkeypatch.setattr(survey, "REMEMBERED", 100)
    monkeypatch.setattr(survey, "PAGE", 100)

    async def peak(count: int) -> int:
        campaign = mms.Campaign(tmp_path / f"{count}.db")
        await campaign.add(text(n % 10_000, f"Fresh {n}", reference=f"{n}") for n in range(count))
        tracemalloc.start()
        try:
            found = await campaign.preview(mms.TransmitSMS(api_key="k"))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            assert found.rows == count

    small = await peak(600)
    assert await peak(2400) < 1.3 * small
