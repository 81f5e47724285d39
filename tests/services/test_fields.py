"""Typed reading of parsed documents."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

from mmsclient.services import fields
from mmsclient.services.fields import FieldError


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" a ", "a"),
        ({"@at": "x", "#text": " a "}, "a"),
        ({"@at": "x"}, None),
        ("", None),
        ("  ", None),
        (None, None),
        (7, "7"),
        (True, "true"),
    ],
)
def test_text_is_stripped_and_blank_is_none(value: Any, expected: str | None) -> None:
    assert fields.text({"A": value}, "A") == expected


def test_words_stay_as_they_came() -> None:
    assert fields.words({"A": " a\n"}, "A") == " a\n"
    assert fields.words({"A": ""}, "A") is None
    assert fields.words({}, "A") is None


@pytest.mark.parametrize("value", [["a", "b"], {"B": "c"}, object()])
def test_other_shapes_than_text_are_refused_by_name_only(value: Any) -> None:
    with pytest.raises(FieldError) as raised:
        fields.text({"A": value}, "A")
    assert (raised.value.field, str(raised.value)) == ("A", "A is not text")
    again = pickle.loads(pickle.dumps(raised.value))
    assert str(again) == str(raised.value)


def test_required_text_must_be_there() -> None:
    assert fields.required({"A": "a"}, "A") == "a"
    with pytest.raises(FieldError, match="A is not there"):
        fields.required({"A": " "}, "A")


@pytest.mark.parametrize(
    ("value", "expected"), [("7", 7), (7, 7), ("7.5", None), ("x", None), (None, None)]
)
def test_numbers(value: Any, expected: int | None) -> None:
    assert fields.number({"A": value}, "A") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2031-02-03T04:05:06+00", datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)),
        ("2031-02-03 04:05:06", datetime(2031, 2, 3, 4, 5, 6)),  # noqa: DTZ001 - no zone told
        ("soon", None),
        ("", None),
    ],
)
def test_moments(value: str, expected: datetime | None) -> None:
    assert fields.moment({"A": value}, "A") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("Yes", True), (True, True), ("1", True), ("no", False), (False, False), ("?", None)],
)
def test_flags(value: Any, expected: bool | None) -> None:
    assert fields.flag({"A": value}, "A") is expected


def test_one_row_and_many_look_the_same() -> None:
    row = {"B": "b"}
    assert fields.rows({"A": row}, "A") == (row,)
    assert fields.rows({"A": [row, None, row]}, "A") == (row, row)
    nothings: list[Any] = [None, "", [], "\n"]
    for nothing in nothings:
        assert fields.rows({"A": nothing}, "A") == ()
    assert fields.rows({}, "A") == ()
    with pytest.raises(FieldError):
        fields.rows({"A": ["b"]}, "A")


def test_a_child_is_a_tree_or_empty() -> None:
    assert fields.child({"A": {"B": "b"}}, "A") == {"B": "b"}
    assert fields.child({"A": None}, "A") == {}
    with pytest.raises(FieldError):
        fields.child({"A": [{}, {}]}, "A")


def test_repeated_texts() -> None:
    assert fields.texts({"A": ["a", " ", "b"]}, "A") == ("a", "b")
    assert fields.texts({"A": "a"}, "A") == ("a",)
    assert fields.texts({}, "A") == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (" a ", " a "),
        (["a", "a"], "a"),
        (["a", "b"], None),
        (["a", None], None),
        ({"@at": "x", "#text": "a"}, "a"),
        ({"B": "c"}, None),
        (["a", {"B": "c"}], None),
        ("", None),
        ([], None),
        (None, None),
    ],
)
def test_what_repeats_agree_on(value: Any, expected: str | None) -> None:
    assert fields.agreed({"A": value}, "A") == expected
    assert fields.plain({"A": value}) == ({} if expected is None else {"A": expected})
