"""The handset page in a real browser: seen, typed into, by keyboard alone, on small screens."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import Browser, chromium
from rawcalls import SMS, document, post

import mmsclient as mms
from mmsclient.simulator import Account, Fault, Simulator, in_thread
from mmsclient.simulator.page import endpoints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TO, OTHER = "12025550143", "12025550144"
MEDIA = "https://media.example.net/"
TAB, ENTER, SPACE, ESCAPE, DOWN = "\ue004", "\ue007", " ", "\ue00c", "\ue015"
SHIFT = "\ue008"

#: Set, it has the pictures for the README taken anew.
PICTURES = os.environ.get("MMSCLIENT_PICTURES")

SLIDES = [
    mms.Slide(image=f"{MEDIA}menu-07.png", text="Rye & spelt, still warm.\nPick up until noon."),
    mms.Slide(vcard=f"{MEDIA}bakery.vcf", text="Our number: 202 555 0100"),
]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1,localhost")
        with chromium(tmp_path_factory.mktemp("profile")) as browser:
            yield browser


@pytest.fixture
def browser(started: Browser) -> Iterator[Browser]:
    """A wide window on nothing; whatever the page's policy had to stop fails the test."""
    started.driver.get("about:blank")
    started.screen(1360, 860)
    started.prefers(color_scheme="light", reduced_motion="no-preference")
    started.complaints()
    yield started
    stopped = [one for one in started.complaints() if "Failed to load" not in one]
    assert stopped == []


async def fine(_: Any) -> None:
    return None


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with in_thread(Simulator(rate=100, encoding=0, postbacks=fine)) as opened:
        yield opened


def send(sim: Simulator, *messages: mms.Message, service: str = "skycore") -> None:
    async def all_of_them() -> None:
        async with mms.Client(getattr(sim, service)()) as client:
            for message in messages:
                await client.send(message)

    asyncio.run(all_of_them())


def menu(to: str = TO, **changes: Any) -> mms.Mms:
    terms: dict[str, Any] = {"subject": "Fresh at 7", "name": "menu-07", "slides": SLIDES}
    return mms.Mms(
        **{"to": to, "sender": "70707", "fallback_text": "Fresh at 7", **terms, **changes}
    )


def sms(to: str = TO, text: str = "Fresh at 7") -> mms.Sms:
    return mms.Sms(to=to, sender="70707", text=text)


def test_a_message_sent_after_the_page_was_opened_appears_with_its_slides(
    browser: Browser, sim: Simulator
) -> None:
    browser.open(f"{sim.page_url}#{TO}")
    browser.shows("#phone-hint", "Nothing came")
    browser.shows("#state", "Live")
    send(sim, menu(), sms(OTHER))
    browser.shows("#messages", "Fresh at 7")
    assert browser.text(".bubble .subject") == "Fresh at 7"
    assert browser.text(".slide .text") == (
        "Rye & spelt, still warm.\nPick up until noon.\nOur number: 202 555 0100"
    )
    assert [one.get_attribute("data-kind") for one in browser.all(".medium")] == ["image", "vcard"]
    assert browser.text(".medium figcaption").splitlines() == [
        "menu-07.png",
        "Picture · media.example.net",
        "bakery.vcf",
        "vCard · media.example.net",
    ]
    assert browser.all("#messages img") == []
    assert browser.text(".foot .status") == "Delivered"
    browser.shows("#phones", "+1 202 555 0144")
    links = [one.get_attribute("href") for one in browser.all("#phones a")]
    assert [link.partition("#")[2] for link in links if link] == [OTHER, TO]


def test_the_wire_document_is_one_click_away_and_has_no_key(
    browser: Browser, sim: Simulator
) -> None:
    send(sim, menu(reference="order-117"))
    browser.open(f"{sim.page_url}#{TO}")
    browser.one(".details").click()
    browser.shows("#wire", "<API_KEY>••••••</API_KEY>")
    browser.shows("#wire", "Delivery report: answered 200")
    shown = browser.text("#wire-body")
    for told in (
        "POST /skycore/",
        "order-117",
        "Its answer: 200",
        "<TRACKINGID>",
        "<CODE>N102</CODE>",
    ):
        assert told in shown
    assert "\n  <ACTION>sendMMS</ACTION>\n" in shown
    browser.one("#as-sent").click()
    browser.shows("#wire-body", "<REQUEST><ACTION>sendMMS</ACTION><API_KEY>••••••</API_KEY>")
    assert sim.accounts[0].key not in browser.driver.page_source
    browser.one("#wire-close").click()
    browser.until(lambda: not browser.all("#wire[open]"))


def test_what_the_owner_types_is_posted_and_shown(browser: Browser) -> None:
    raws = []

    async def take(raw: mms.RawPostback) -> int:
        raws.append(raw)
        return 200

    with in_thread(Simulator(postbacks=take)) as sim:
        send(sim, sms())
        browser.open(f"{sim.page_url}#{TO}")
        box = browser.one("#answer")
        assert box.get_attribute("placeholder") == "Answer 70707 as the owner"
        box.send_keys("Two rye, please" + ENTER)
        browser.shows(".from-owner .bubble", "Two rye, please")
        browser.shows(".from-owner .foot", "Posted, answered 200")
        assert box.get_attribute("value") == ""
        assert b"<TEXT>Two rye, please</TEXT>" in raws[-1].body
        browser.one(".from-owner .details").click()
        browser.shows("#wire-body", "Inbound message: answered 200")
        browser.shows("#wire-body", "<TEXT>Two rye, please</TEXT>")

        box.send_keys(ENTER)
        browser.shows("#refused", "write something first")
        browser.one("#composer summary").click()
        browser.one("#composer [name=picture]").send_keys("https://inbox.example.net/1.jpg")
        browser.one("#composer .send").click()
        browser.shows(".from-owner .medium", "1.jpg")
        assert b"<FILE>https://inbox.example.net/1.jpg</FILE>" in raws[-1].body
        assert browser.text("#refused") == ""


def test_any_phone_can_write_first(browser: Browser, sim: Simulator) -> None:
    browser.open(sim.page_url)
    browser.shows("#no-phones", "No phone has received anything yet")
    browser.one("#write").click()
    browser.one("#new [name=number]").send_keys("12")
    browser.one("#new [name=text]").send_keys("Hello")
    browser.one("#new .send").click()
    browser.shows("#new-refused", "is too short")
    browser.one("#new [name=number]").send_keys("025550143")
    browser.one("#new [name=service] [value=cellcast]").click()
    browser.one("#new .send").click()
    browser.shows(".from-owner .bubble", "Hello")
    assert sim._vendor.lately.written(TO)[0].service == "cellcast"
    assert browser.driver.current_url.endswith(f"#{TO}")


def test_without_ios_a_vcard_is_not_shown(browser: Browser, sim: Simulator) -> None:
    send(sim, menu())
    browser.open(f"{sim.page_url}#{TO}")
    browser.shows(".medium", "bakery.vcf")
    switch = browser.one("#ios")
    assert switch.get_attribute("aria-checked") == "true"
    switch.click()
    browser.shows(".unseen", "vCard not shown: without iOS, only the text beside it")
    assert switch.get_attribute("aria-checked") == "false"
    assert [one.get_attribute("data-kind") for one in browser.all(".medium")] == ["image"]
    assert "Our number: 202 555 0100" in browser.text(".slide .text")
    browser.open(f"{sim.page_url}#{TO}")
    browser.shows(".unseen", "vCard not shown")
    browser.one("#ios").click()
    browser.shows(".medium", "bakery.vcf")


def test_the_content_behind_a_fallback_link_ends_at_its_time(browser: Browser) -> None:
    hand, faults = [1000.0], [Fault(kind="fallback")]
    with in_thread(Simulator(faults=faults, clock=lambda: hand[0])) as sim:
        send(sim, menu(mms_link_expiration_date=datetime.now(UTC) + timedelta(hours=1)))
        browser.open(f"{sim.page_url}#{TO}")
        browser.shows(".link", "It ends")
        assert "https://mms.example.net/" in browser.text(".bubble .text")
        assert browser.all("#messages .medium") == []
        assert "as SMS" in browser.text(".foot")
        browser.one(".link button").click()
        browser.shows("#behind", "menu-07.png")
        hand[0] += 3600
        browser.shows("#behind", "The content behind this link has ended.")
        assert browser.all("#behind .medium") == []
        assert browser.text("#messages .link").endswith("It has ended")


def test_the_chart_shows_the_last_minute_against_the_limit(browser: Browser) -> None:
    with in_thread(
        Simulator(rate=3, accounts=[Account(), Account(key="other", name="Other")])
    ) as sim:
        browser.open(sim.page_url)
        empty = "0 calls let in and 0 refused for rate in the last minute; limit 3 a second"
        browser.until(lambda: browser.one(".chart svg").get_attribute("aria-label") == empty)

        async def storm() -> None:
            await asyncio.gather(*(post(sim, document(sim, "sendSMS", SMS)) for _ in range(12)))

        asyncio.run(storm())
        refused = sim.refused_for_rate
        let_in = len(sim.calls) - refused
        assert refused
        browser.shows(".legend", f"{let_in} let in")
        browser.shows(".legend", f"{refused} refused for rate")
        label = browser.one(".chart svg").get_attribute("aria-label")
        assert (
            label
            == f"{let_in} calls let in and {refused} refused for rate in the last minute; limit 3 a second"
        )
        for kind in ("let-in", "refused"):
            assert browser.all(f".chart rect.{kind}")
        assert "limit 3/s" in browser.text(".chart text")
        asyncio.run(post(sim, document(sim, "sendSMS", SMS, "other")))
        browser.until(lambda: len(browser.all(".chart")) == 2)
        assert "Other" in browser.text(".chart figcaption")


def test_everything_can_be_done_by_keyboard_and_the_focus_is_seen(
    browser: Browser, sim: Simulator
) -> None:
    send(sim, sms(OTHER, "Later"), menu())
    browser.open(sim.page_url)
    browser.shows("#phones", "+1 202 555 0143")

    def tab_to(wanted: str) -> None:
        """Go on with the tab key until an element has the focus; each on the way shows it."""
        for _ in range(20):
            browser.keys(TAB)
            focused = browser.focused()
            outline = focused.value_of_css_property("outline-style")
            assert outline != "none" or focused.get_attribute("id") in {"stage", "wire-title"}
            if browser.js(f"return document.activeElement.matches('{wanted}')"):
                return
        raise AssertionError(wanted)

    tab_to("#skip")
    tab_to("#write")
    tab_to("#phones a")
    browser.keys(DOWN)
    assert "0144" in browser.focused().text
    browser.keys(ENTER)
    browser.shows("#messages", "Later")
    browser.one("#phones li:first-child a").send_keys(ENTER)
    browser.shows("#messages", "Fresh at 7")
    tab_to("#ios")
    browser.keys(SPACE)
    browser.shows(".unseen", "vCard not shown")
    assert browser.focused().get_attribute("id") == "ios"
    tab_to("#messages")
    tab_to(".details")
    browser.keys(ENTER)
    browser.until(lambda: browser.focused().get_attribute("id") == "wire-title")
    browser.shows("#wire", "sendMMS")
    browser.keys(ESCAPE)
    browser.until(lambda: browser.focused().get_attribute("data-role") == "details")
    assert browser.all("#wire[open]") == []
    tab_to("#answer")
    browser.keys("Yes", ENTER)
    browser.shows(".from-owner .bubble", "Yes")
    assert browser.focused().get_attribute("id") == "answer"


def test_the_focus_stays_where_it_is_while_messages_come(browser: Browser, sim: Simulator) -> None:
    send(sim, menu())
    browser.open(f"{sim.page_url}#{TO}")
    browser.one(".details").send_keys("")
    browser.js("document.querySelector('.details').focus()")
    sim.handset(TO).reply("Yes")
    browser.shows("#messages", "Yes")
    browser.js("document.querySelector('#ios').click()")
    browser.shows(".unseen", "vCard")
    assert browser.focused().get_attribute("data-role") == "details"


def test_every_control_has_a_name_and_every_text_is_readable_in_light_and_dark(
    browser: Browser, sim: Simulator
) -> None:
    send(sim, menu(), sms("12025550195"), mms.Sms(to=OTHER, sender="70707", text="Hi"))
    send(sim, menu("12025550194"))
    sim.handset(TO).reply("Yes")
    for number in (TO, "12025550194", "12025550195"):
        browser.open(f"{sim.page_url}#{number}")
        browser.one(".details").click()
        browser.shows("#wire-body", "The call")
        assert browser.nameless() == []
        for scheme in ("light", "dark"):
            browser.prefers(color_scheme=scheme, reduced_motion="reduce")
            ratio, where = browser.least_contrast()
            assert ratio >= 4.5, f"{scheme}: {where} has {ratio:.2f}"


def test_who_wants_no_motion_has_none(browser: Browser, sim: Simulator) -> None:
    browser.prefers(reduced_motion="reduce")
    send(sim, sms())
    browser.open(f"{sim.page_url}#{TO}")
    browser.one("#ios")
    style = "getComputedStyle(document.querySelector('.switch-track')).transitionDuration"
    assert browser.js(f"return {style}") == "0s"


HOSTILE = [
    '<img src=x onerror="window.taken=1">',
    "<script>window.taken=1</script>",
    "\u202eevil\u202c \u0627\u0644\u0633\u0644\u0627\u0645 \u05e9\u05dc\u05d5\u05dd",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f950" * 5,
    "w" * 400,
    "]]></TEXT>&amp;&lt;b&gt; ${window.taken=1} {{7*7}}",
    "\t\n  spaces   and\n\n\nlines  ",
]


def test_hostile_text_is_text_everywhere(browser: Browser, sim: Simulator) -> None:
    picture = f"{MEDIA}%3Cimg%20src=x%20onerror=alert(1)%3E"
    messages = [
        menu(
            subject=text[:80],
            name="n",
            reference=f"r-{n}",
            slides=[mms.Slide(image=f"{picture}{n}.png", text=text)],
        )
        for n, text in enumerate(HOSTILE)
    ]
    send(sim, *messages)
    for text in HOSTILE:
        sim.handset(TO).send_mms(text, subject=text[:80], files=[f"https://x.example.net/{text}"])
    for width in (1360, 900, 390):
        browser.screen(width, 800)
        browser.open(f"{sim.page_url}#{TO}")
        browser.until(lambda: len(browser.all(".message")) == 2 * len(HOSTILE))
        written = browser.js(
            "return [...document.querySelectorAll('.bubble .text')].map((p) => p.textContent)"
        )
        assert [text for text in HOSTILE if text.strip() not in map(str.strip, written)] == []
        assert browser.all("#messages img, #messages script, #phones img") == []
        for details in browser.all(".details")[:2]:
            details.click()
            browser.shows("#wire-body", "onerror")
            browser.one("#wire-close").click()
        assert not browser.wider_than_the_screen()
        inside = "return [...document.querySelectorAll('.bubble')].every((b) => b.scrollWidth <= b.clientWidth)"
        assert browser.js(inside)
    assert browser.js("return window.taken") is None


def test_on_a_phone_s_screen_nothing_is_wider_than_it(browser: Browser, sim: Simulator) -> None:
    send(sim, menu(), sms(OTHER))
    for width in (320, 390):
        browser.screen(width, 700, scale=2, touch=True)
        browser.open(sim.page_url)
        browser.shows("#phones", "+1 202 555 0143")
        assert not browser.wider_than_the_screen()
        assert browser.text("#messages") == ""
        browser.one(f"#phones a[href='#{TO}']").click()
        browser.shows("#messages", "Fresh at 7")
        assert browser.text("#phones") == ""
        assert not browser.wider_than_the_screen()
        browser.one(".details").click()
        browser.shows("#wire", "sendMMS")
        assert browser.all("#wire:modal")
        assert not browser.wider_than_the_screen()
        browser.screen(1360, 860)
        browser.until(lambda: browser.all("#wire[open]:not(:modal)"))
        browser.screen(width, 700, scale=2, touch=True)
        browser.until(lambda: browser.all("#wire:modal"))
        browser.one("#wire-close").click()
        browser.one("#back").click()
        browser.shows("#phones", "+1 202 555 0144")


def test_the_page_finds_the_simulator_again(browser: Browser) -> None:
    with in_thread(Simulator()) as first:
        port = int(first.page_url.split(":")[2].strip("/"))
        browser.open(f"{first.page_url}#{TO}")
        browser.shows("#state", "Live")
    browser.shows("#state", "No connection, trying again")
    with in_thread(Simulator(port=port)) as second:
        browser.shows("#state", "Live")
        send(second, sms())
        browser.shows("#messages", "Fresh at 7")


#: Notes for how long the page means to wait for anything.
_WAITS = "window.waits = []; const own = setTimeout; setTimeout = (deed, wait, ...rest) => { waits.push(wait); return own(deed, wait, ...rest); };"


@pytest.fixture
def waits(browser: Browser) -> Iterator[Callable[[], list[int]]]:
    """Tell for how long the open page has meant to wait, each time."""
    script = "Page.{}ScriptToEvaluateOnNewDocument"
    noted = browser.cdp(script.format("add"), source=_WAITS)
    yield lambda: browser.js("return window.waits")
    browser.cdp(script.format("remove"), **noted)


@pytest.mark.parametrize(
    "refused",
    [
        ("#abc", 16, "number holds something that is not a digit"),
        ("", 0, "0 pages are open already"),
    ],
)
def test_a_page_that_is_refused_says_why_and_does_not_try_again(
    browser: Browser,
    sim: Simulator,
    waits: Callable[[], list[int]],
    monkeypatch: pytest.MonkeyPatch,
    refused: tuple[str, int, str],
) -> None:
    place, most, reason = refused
    monkeypatch.setattr(endpoints, "MOST_OPEN", most)
    browser.screen(390, 700)
    browser.open(f"{sim.page_url}{place}")
    browser.shows("#state", reason)
    assert not browser.wider_than_the_screen()
    assert waits() == []
    monkeypatch.undo()
    browser.js(f"location.hash = '{TO}'")
    browser.shows("#phone-hint", "Nothing came")


def test_many_messages_are_followed_without_being_all_drawn(browser: Browser) -> None:
    with in_thread(Simulator(rate=None)) as sim:
        browser.open(f"{sim.page_url}#{TO}")
        browser.shows("#state", "Live")
        for n in range(300):
            sim.handset(TO).send_sms(f"Message {n}", to="70707")
            sim.handset(f"1202555{n:04}").send_sms("Hello", to="70707")
        browser.shows("#messages", "Message 299")
        assert len(browser.all(".message")) == 100
        assert "Earlier messages are not shown" in browser.text("#earlier")
        assert len(browser.all("#phones li")) == 100
        at_the_end = "const m = document.querySelector('#messages'); return m.scrollTop + m.clientHeight >= m.scrollHeight - 2"
        browser.until(lambda: browser.js(at_the_end))


@pytest.mark.skipif(not PICTURES, reason="pictures are taken with MMSCLIENT_PICTURES=1 only")
def test_the_pictures_of_the_readme(browser: Browser) -> None:
    with in_thread(Simulator(rate=15, encoding=0, postbacks=fine)) as sim:
        asyncio.run(_a_scene(sim))
        folder = Path(__file__).parents[1] / "pictures"
        folder.mkdir(exist_ok=True)
        for name, size in {"handset": (1360, 860), "handset-phone": (390, 860)}.items():
            browser.screen(*size, scale=1 if name == "handset" else 1.5, touch=size[0] < 400)
            browser.open(f"{sim.page_url}#{TO}")
            browser.shows("#messages", "Two rye, please")
            if name == "handset":
                browser.one(".details").click()
                browser.shows("#wire-body", "sendMMS")
                browser.js("document.querySelector('#messages').scrollTop = 0")
            picture = folder / f"{name}.png"
            assert browser.driver.save_screenshot(str(picture))
            assert picture.stat().st_size < 200_000


async def _a_scene(sim: Simulator) -> None:
    async with mms.Client(sim.cellcast()) as client:
        await client.send(mms.Sms(to="61491570156", text="Your order is ready for you"))
    sim.handset("61491570156").reply("On my way")
    async with mms.Client(sim.skycore(), rate=100, retry=mms.RetryPolicy(attempts=1)) as client:
        early = [client.send(sms(f"120255501{n:02}")) for n in range(10, 31)]
        await asyncio.gather(*early, return_exceptions=True)
    async with mms.Client(sim.skycore()) as client:
        await client.send(sms("12025550195", "Your code: 1234"))
        await client.send(menu("12025550194"))
        slides = [
            *SLIDES[:1],
            mms.Slide(audio=f"{MEDIA}oven.mp3", text="The oven says so"),
            SLIDES[1],
        ]
        await client.send(menu(slides=slides, reference="order-117"))
        orders = (sms(f"120255501{n % 6:02}", "Fresh at 7: rye and spelt") for n in range(400))
        async with client.send_many(orders) as outcomes:
            end = time.monotonic() + 20
            async for _ in outcomes:
                if time.monotonic() > end:
                    break
    sim.handset(TO).reply("Two rye, please")
