from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from mmsclient.cli import fields
from mmsclient.errors import InvalidMessageError
from mmsclient.messages import Mms, SavedMms, Slide, Sms

TO: dict[str, Any] = {"to": "12025550143", "sender": "70707"}


def test_text_makes_an_sms() -> None:
    made = fields.message({**TO, "text": "Hi", "reference": "r-1"})
    assert made == Sms(**TO, text="Hi", reference="r-1")


def test_slide_columns_make_an_mms() -> None:
    cells = {**TO, "subject": "S", "image": "https://media.example.net/1.png", "slide_text": "Hi"}
    slide = Slide(image="https://media.example.net/1.png", text="Hi")
    assert fields.message(cells) == Mms(**TO, subject="S", slides=[slide])


def test_numbered_slide_columns_make_slides_in_the_order_of_their_numbers() -> None:
    cells = {**TO, "slide_text.10": "c", "slide_text.2": "b", "slide_text": "a", "duration.2": "7"}
    made = fields.message(cells)
    assert isinstance(made, Mms)
    assert made.slides == (Slide(text="a"), Slide(text="b", duration=7), Slide(text="c"))


def test_a_template_takes_texts_and_merge_tags() -> None:
    cells = {**TO, "template": "91", "text.2": "two", "data.first_name": "Noor", "ddm_timeout": "3"}
    assert fields.message(cells) == SavedMms(
        **TO, template="91", texts={2: "two"}, data={"first_name": "Noor"}, ddm_timeout=3
    )


def test_empty_and_blank_cells_are_absent() -> None:
    made = fields.message({**TO, "text": "Hi", "subject": "", "template": "  "})
    assert made == Sms(**TO, text="Hi")


def test_flags_and_moments_are_read() -> None:
    cells = {**TO, "slide_text": "Hi", "force_send_as_sms": "YES"}
    made = fields.message({**cells, "mms_link_expiration_date": "2031-02-03T04:05:06Z"})
    assert isinstance(made, Mms)
    assert made.force_send_as_sms is True
    assert made.mms_link_expiration_date == datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "named"),
    [
        ({}, {"text"}),
        ({"slide_text": "x", "duration": "long"}, {"duration"}),
        ({"slide_text": "x", "force_send_as_sms": "perhaps"}, {"force_send_as_sms"}),
        ({"slide_text": "x", "mms_link_expiration_date": "soon"}, {"mms_link_expiration_date"}),
        ({"text": "x", "subject": "s", "name": "n"}, {"subject", "name"}),
        ({"text": "x", "slide_text": "y"}, {"text"}),
        ({"text": "x", "data.a": "y"}, {"data.a"}),
        ({"text": "x", "ddm_timeout": "soon"}, {"ddm_timeout"}),
        ({"template": "91", "image": "https://media.example.net/1.png"}, {"slides"}),
    ],
)
def test_what_does_not_fit_is_named_without_its_value(
    cells: dict[str, str], named: set[str]
) -> None:
    with pytest.raises(InvalidMessageError) as caught:
        fields.message({**TO, **cells})
    assert {fault.field for fault in caught.value.faults} == named
    assert "perhaps" not in str(caught.value)


def test_a_file_of_slides_and_columns_of_slides_exclude_each_other() -> None:
    with pytest.raises(InvalidMessageError, match="not both"):
        fields.message({**TO, "slide_text": "x"}, [Slide(text="y")])


@pytest.mark.parametrize("kind", [Mms, Sms, SavedMms])
def test_every_field_of_every_message_has_a_column(kind: type[attrs.AttrsInstance]) -> None:
    apart = {"slides", "texts", "data"}
    for field in attrs.fields(kind):
        assert field.name in apart or fields.known(field.name) == field.name


def test_every_field_of_a_slide_has_a_column() -> None:
    for field in attrs.fields(Slide):
        column = "slide_text" if field.name == "text" else field.name
        assert fields.known(column) == column
        assert fields.known(f"{column}.9") == f"{column}.9"


@pytest.mark.parametrize(
    "column", ["", "nme", "slides", "texts", "text.0", "text.x", "to.1", "data", "data.", "image."]
)
def test_other_columns_are_unknown(column: str) -> None:
    assert fields.known(column) is None


def test_from_is_the_sender() -> None:
    assert fields.known("from") == "sender"


def test_case_is_ignored_except_in_the_names_of_merge_tags() -> None:
    assert fields.known("From") == "sender"
    assert fields.known("Slide_Text.2") == "slide_text.2"
    assert fields.known("Data.First_Name") == "data.First_Name"


def test_the_columns_are_listed_in_short_lines_the_most_needed_first() -> None:
    lines = fields.listed().splitlines()
    assert lines[0].startswith("  columns: from, to, text, ")
    assert max(map(len, lines)) < 80


def test_an_unknown_column_is_named_with_what_was_probably_meant() -> None:
    assert "'subjct' (did you mean subject?)" in fields.unknown(["subjct"])
