"""Advice of Skycore: what may spoil a message, and never blocks it."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from mmsclient.messages import Media, Mms, SavedMms, Slide, Sms
from mmsclient.services.skycore import Skycore

SERVICE = Skycore(api_key="k")
PNG = "https://media.example.net/07.png"
MP3 = "https://media.example.net/07.mp3"
MP4 = "https://media.example.net/07.mp4"
VCF = "https://media.example.net/07.vcf"

MMS = Mms(
    to="+1 (202) 555-0143",
    sender="70707",
    name="menu-07",
    subject="Fresh at 7",
    slides=(Slide(image=PNG, text="Rye", duration=5),),
)
SMS = Sms(to="12025550143", sender="70707", text="Fresh at 7")
SAVED = SavedMms(template="9100442", to="12025550143", sender="70707")


def advised(message: Any) -> list[str]:
    return [advice.field for advice in SERVICE.check(message).advice]


@pytest.fixture(autouse=True)
def _no_doubts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmsclient.services.skycore.advice.doubt", lambda _: None)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, []),
        ({"subject": "s" * 40}, []),
        ({"subject": "s" * 41}, ["subject"]),
        ({"subject": "Caf\u00e9"}, ["subject"]),
        ({"sender": "+1 888 555 0100"}, ["subject"]),
        ({"sender": "18005550100", "subject": None, "fallback_text": "f"}, []),
        ({"sender": "12025550100"}, []),
        ({"fallback_text": "f" * 110}, []),
        ({"fallback_text": "f" * 111}, ["fallback_text"]),
        ({"from_mask": "Bakery"}, ["from_mask"]),
        ({"from_mask": "Bakery", "to": "447700900123"}, []),
        ({"slides": (Slide(image=PNG + "?id=7"),)}, ["slides[0].image"]),
        ({"slides": (Slide(image="https://media.example.net/v1.2/7"),)}, ["slides[0].image"]),
        ({"slides": (Slide(image="https://media.example.net"),)}, ["slides[0].image"]),
        ({"slides": (Slide(image="https://media.example.net/png/mp4"),)}, ["slides[0].image"]),
        ({"slides": (Slide(image="https://media.example.net/07.JPG"),)}, []),
        ({"slides": (Slide(image="https://media.example.net/07.php"),)}, []),
        ({"slides": (Slide(audio=MP3),)}, ["slides[0].audio"]),
        ({"slides": (Slide(video=MP4),)}, ["slides[0].video"]),
        ({"slides": (Slide(vcard=VCF),)}, ["slides[0].text"]),
        ({"slides": (Slide(vcard=VCF, text="Call us"),)}, []),
        ({"slides": (Slide(image=Media(PNG, 1000), text="\u00e9"),)}, ["slides"]),
        ({"slides": (Slide(image=Media(PNG, 1000)), Slide(image=PNG))}, []),
        ({"slides": (Slide(image=Media(PNG, -1)),)}, []),
    ],
)
def test_advice_on_an_mms(change: dict[str, Any], fields: list[str]) -> None:
    assert advised(attrs.evolve(MMS, **change)) == fields


FOREIGN = ["mp3", "mp4", "vcf", "wav", "avi", "WMV", "mov", "heic", "bmp", "m4a"]


@pytest.mark.parametrize("ending", FOREIGN)
def test_an_ending_of_another_kind_is_advice_and_no_fault(ending: str) -> None:
    slide = Slide(image=f"https://media.example.net/07.{ending}")
    found = SERVICE.check(attrs.evolve(MMS, slides=(slide,)))
    assert found.ok
    (advice,) = found.advice
    assert advice.field == "slides[0].image"
    assert "Content-Type" in advice.note


def test_the_size_is_estimated_from_texts_and_files() -> None:
    slides = (Slide(image=Media(PNG, 1000), text="\u00e9" * 50),)
    (advice,) = SERVICE.check(attrs.evolve(MMS, slides=slides)).advice
    assert f"{round(1100 * 1.37 + 814):,}" in advice.note


def test_advice_on_a_template_is_about_the_life_of_its_link() -> None:
    assert advised(SAVED) == ["template"]
    assert advised(attrs.evolve(SAVED, disable_fallback_sms_link=True)) == []
    assert advised(attrs.evolve(SAVED, disable_fallback_sms=True)) == []
    assert advised(SMS) == []


def test_doubts_about_a_number_are_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmsclient.services.skycore.advice.doubt", lambda digits: f"{len(digits)}")
    assert advised(SMS) == ["to"]
    assert SERVICE.check(SMS).ok


def test_advice_never_blocks() -> None:
    message = attrs.evolve(
        MMS, subject="\u00e9" * 80, from_mask="Bakery", slides=(Slide(video=MP4 + "?a=b"),)
    )
    assert len(SERVICE.check(message).advice) >= 5
    assert SERVICE.send(message).operation == "sendMMS"
