"""Contents saved as templates: each once, rows turned all or none, and every loss can be seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import mmsclient as mms
from mmsclient.simulator import Fault, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

IMAGE = mms.Slide(image="https://media.example.net/07.png", text="Rye & spelt", duration=6)
VIDEO = mms.Slide(video="https://media.example.net/07.mp4")


def menu(to: str = "12025550100", **changes: Any) -> mms.Mms:
    terms: dict[str, Any] = {
        "sender": "70707",
        "name": "menu-07",
        "subject": "Fresh at 7",
        "slides": [IMAGE],
        "fallback_text": "Fresh",
    }
    return mms.Mms(to=to, **{**terms, **changes})


def menus(count: int, *, first: int = 0, **changes: Any) -> list[mms.Mms]:
    return [menu(f"1202555{n:04}", **changes) for n in range(first, first + count)]


def client(sim: Simulator) -> mms.Client[Any]:
    retry = mms.RetryPolicy(first_wait=0.001, longest_wait=0.01)
    return mms.Client(sim.skycore(), rate=1000, retry=retry, transport=sim.transport())


async def begun(tmp_path: Path, messages: Iterable[mms.Message]) -> mms.Campaign:
    campaign = mms.Campaign(tmp_path / "spring.db")
    await campaign.add(messages)
    return campaign


async def pending(campaign: mms.Campaign) -> list[mms.Message]:
    return [row.message async for row in campaign.outcomes("pending")]


async def sent(campaign: mms.Campaign, account: mms.Client[Any]) -> list[mms.Outcome]:
    async with campaign.run(account) as outcomes:
        return [outcome async for outcome in outcomes]


async def test_a_content_is_saved_once_and_every_handset_gets_it(tmp_path: Path) -> None:
    sim = Simulator(rate=None)
    campaign = await begun(tmp_path, menus(30))
    async with client(sim) as account:
        found = await campaign.use_templates(account)
        (template,) = found.templates
        assert (found.saved, found.rows, found.left) == (1, 30, ())
        assert (template.name, template.rows, template.waits) == ("menu-07", 30, False)
        assert found.waits_for == ()
        rows = await pending(campaign)
        assert {type(row) for row in rows} == {mms.SavedMms}
        assert {row.to for row in rows} == {message.to for message in menus(30)}
        outcomes = await sent(campaign, account)
    assert all(isinstance(outcome, mms.Accepted) for outcome in outcomes)
    assert len(sim.deliveries) == 30
    assert {delivery.subject for delivery in sim.deliveries} == {"Fresh at 7"}
    assert {delivery.slides[0].text for delivery in sim.deliveries} == {"Rye & spelt"}


async def test_all_that_a_template_does_not_hold_goes_with_each_message(tmp_path: Path) -> None:
    own = {"from_mask": "Bakery", "operator_id": "0077", "campaign_ref": "spring"}
    message = menu(disable_fallback_sms_link=True, **own)
    service = mms.Skycore(api_key="k")
    turned = service.by_template(message, "9100442")
    assert turned == mms.SavedMms(
        template="9100442",
        to=message.to,
        sender="70707",
        disable_fallback_sms_link=True,
        from_mask="Bakery",
        operator_id="0077",
        campaign_ref="spring",
    )
    lost = {"slides", "subject", "name", "fallback_text"}  # these are in the template
    never = {"mms_link_expiration_date", "force_send_as_sms"}  # with these there is none
    names = {field.name for field in attrs.fields(mms.Mms)} - lost - never
    assert all(getattr(turned, name) == getattr(message, name) for name in names)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"force_send_as_sms": True}, "force_send_as_sms"),
        ({"slides": [IMAGE] * 9}, "more than 8 slides"),
        ({"slides": [mms.Slide(text="Dear {$name|friend}")]}, "a template fills in"),
        ({"subject": "{$name}"}, "a template fills in"),
        (
            {"mms_link_expiration_date": datetime.now(UTC) + timedelta(days=9)},
            "mms_link_expiration_date",
        ),
        ({"slides": [mms.Slide(image="http://127.0.0.1/1.png")]}, "not public"),
    ],
)
async def test_what_a_template_cannot_express_is_left_alone(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    sim = Simulator(rate=None)
    campaign = await begun(tmp_path, menus(3, **changes))
    before = await pending(campaign)
    async with client(sim) as account:
        found = await campaign.use_templates(account)
    (left,) = found.left
    assert (found.saved, found.rows, left.rows) == (0, 0, 3)
    assert reason in left.reason
    assert await pending(campaign) == before
    assert not sim.calls


async def test_only_contents_that_enough_rows_share_are_saved(tmp_path: Path) -> None:
    sim = Simulator(rate=None)
    rare = menus(2, first=50, subject="Rare")
    campaign = await begun(tmp_path, [*menus(3), *rare, mms.Sms(to="12025550199", text="Hi")])
    async with client(sim) as account:
        found = await campaign.use_templates(account, at_least=3)
    assert (found.saved, found.rows) == (1, 3)
    kinds = [type(message).__name__ for message in await pending(campaign)]
    assert kinds == ["SavedMms"] * 3 + ["Mms"] * 2 + ["Sms"]


async def test_rows_that_may_have_left_stay_what_they_are(tmp_path: Path) -> None:
    sim = Simulator(rate=None)
    sim.faults.add(Fault(kind="E618", times=None, to="12025550000"))
    campaign = await begun(tmp_path, menus(4))
    async with client(sim) as account:
        with pytest.raises(mms.CampaignError):  # it gives that row up for this run
            await sent(campaign, account)
        await campaign.add(menus(3, first=100))
        found = await campaign.use_templates(account)
    kinds = {row.to: type(row) for row in await pending(campaign)}
    assert found.rows == 3
    assert kinds["12025550000"] is mms.Mms
    assert kinds["12025550100"] is mms.SavedMms


async def test_templates_with_video_have_to_be_waited_for(tmp_path: Path) -> None:
    sim = Simulator(rate=None)
    campaign = await begun(tmp_path, [*menus(2), *menus(2, first=9, slides=[IMAGE, VIDEO])])
    async with client(sim) as account:
        found = await campaign.use_templates(account)
        assert found.saved == 2
        (waits,) = found.waits_for
        assert [each.waits for each in found.templates] == [False, True]
        assert waits == found.templates[1].id
        again = await campaign.use_templates(account)
    assert (again.saved, again.rows, again.waits_for) == (0, 0, (waits,)), "told again"


async def test_the_same_messages_added_again_are_known(tmp_path: Path) -> None:
    sim = Simulator(rate=None)
    campaign = await begun(tmp_path, menus(3))
    async with client(sim) as account:
        await campaign.use_templates(account)
        for replace in (False, True):
            added = await campaign.add(menus(3), replace=replace)
            assert (added.known, added.changed) == (3, 0)
        assert {type(message) for message in await pending(campaign)} == {mms.SavedMms}
        changed = await campaign.add(menus(3, subject="Other"))
        assert changed.changed == 3


async def test_rows_that_come_later_use_the_template_that_is_there(tmp_path: Path) -> None:
    sim = Simulator(rate=None)
    campaign = await begun(tmp_path, menus(3))
    async with client(sim) as account:
        await campaign.use_templates(account)
        await campaign.add(menus(5, first=50))
        found = await campaign.use_templates(account)
        assert (found.saved, found.rows) == (0, 5)
        assert [each.rows for each in found.templates] == [8]
        listed = [row async for row in account.pages(account.service.get_mms_templates())]
    assert len(listed) == 1


async def test_a_saving_whose_answer_is_lost_is_made_again_and_told(tmp_path: Path) -> None:
    sim = Simulator(rate=None)
    sim.faults.add(Fault(kind="drop_after", action="saveMMS"))
    campaign = await begun(tmp_path, menus(3))
    async with client(sim) as account:
        with pytest.raises(mms.NoReplyError):
            await campaign.use_templates(account)
        assert {type(message) for message in await pending(campaign)} == {mms.Mms}
        found = await campaign.use_templates(account)
        listed = [row async for row in account.pages(account.service.get_mms_templates())]
    (template,) = found.templates
    assert (found.saved, found.rows, template.savings) == (1, 3, 2)
    assert template.id in {row.id for row in listed}
    assert {row.name for row in listed} == {template.name}
    assert len(listed) == 2


async def test_a_process_that_ends_between_answer_and_journal_loses_no_row(
    tmp_path: Path,
) -> None:
    class EndedError(Exception):
        pass

    class Ending(mms.SqliteJournal):
        async def use_template(self, *_: object) -> int:
            raise EndedError

    sim = Simulator(rate=None)
    campaign = await begun(tmp_path, menus(3))
    async with client(sim) as account:
        with pytest.raises(EndedError):
            await mms.Campaign(Ending(tmp_path / "spring.db")).use_templates(account)
        assert {type(message) for message in await pending(campaign)} == {mms.Mms}
        found = await campaign.use_templates(account)
        assert [(each.savings, each.rows) for each in found.templates] == [(2, 3)]
        await sent(campaign, account)
    assert len({delivery.to for delivery in sim.deliveries}) == 3


async def test_a_saving_that_did_not_happen_leaves_no_doubt(tmp_path: Path) -> None:
    sim = Simulator(rate=None)
    campaign = await begun(tmp_path, [*menus(3), *menus(2, first=9, subject="Other")])
    sim.faults.add(Fault(kind="E351", action="saveMMS"))
    async with client(sim) as account:
        found = await campaign.use_templates(account)
        (left,) = found.left
        assert (found.saved, found.rows, left.rows) == (1, 2, 3)
        assert "could not fetch an image" in left.reason
        sim.faults.add(Fault(kind="E104", action="saveMMS"))
        with pytest.raises(mms.AuthenticationError):
            await campaign.use_templates(account)
        found = await campaign.use_templates(account)
    assert sorted(each.savings for each in found.templates) == [1, 1]


async def test_services_without_templates_say_so(tmp_path: Path) -> None:
    campaign = await begun(tmp_path, menus(3))
    for service in (mms.Cellcast(app_key="k"), mms.TransmitSMS(api_key="k")):
        async with mms.Client(service) as account:
            with pytest.raises(mms.UnsupportedError):
                await campaign.use_templates(account)
    with pytest.raises(TypeError, match="Client"):
        await campaign.use_templates(mms.Skycore(api_key="k"))  # type: ignore[arg-type]


async def test_a_campaign_of_another_service_is_left_as_it_is(tmp_path: Path) -> None:
    sim = Simulator(rate=None)
    campaign = await begun(tmp_path, [])
    async with mms.Client(sim.cellcast(), transport=sim.transport()) as other:
        await sent(campaign, other)
    await campaign.add(menus(3))
    async with client(sim) as account:
        with pytest.raises(mms.CampaignError, match="begun with cellcast"):
            await campaign.use_templates(account)
    assert {type(message) for message in await pending(campaign)} == {mms.Mms}
