"""The careful reading that all JSON sources share."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.base.json_api import ShapeWatch, clean_text, json_object, number_in, object_in, rows_in, text_in, whole_in
from spiders.reading import Answer, BadAnswer, Issue


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *[("  Toko  Melati \n", "Toko Melati"), ("a\x00b\x1fc\x7fd", "a b c d"), ("\ud800x", "\ufffdx"), ("", None), (" \t", None)],
        *[(5, "5"), (5.5, "5.5"), (True, None), (None, None), ([], None), ({}, None), ("x" * 600, "x" * 500)],
        ("Ærø – 東京 – Việt", "Ærø – 東京 – Việt"),
    ],
)
def test_clean_text(value: object, expected: str | None) -> None:
    assert clean_text(value) == expected


@given(st.text())
def test_clean_text_is_always_storable_and_stable(text: str) -> None:
    cleaned = clean_text(text)
    assert cleaned is None or (cleaned.encode("utf-8") and "\x00" not in cleaned and clean_text(cleaned) == cleaned)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(7, 7), ("7", 7), ("007", 7), (True, None), ("7.0", None), (7.0, None), ("٧", None), ("9" * 19, None), (None, None), ([7], None)],
)
def test_whole_numbers(value: object, expected: int | None) -> None:
    assert whole_in({"n": value}, "n") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7.0),
        (0, 0.0),
        (-1.5, -1.5),
        ("7", None),
        (True, None),
        (float("inf"), None),
        (float("nan"), None),
        (10**400, None),
        (None, None),
    ],
)
def test_numbers(value: object, expected: float | None) -> None:
    assert number_in({"n": value}, "n") == expected


def test_rows_and_objects() -> None:
    assert rows_in({"a": [1]}, "a") == [1]
    assert rows_in({"a": None}, "a") == rows_in({}, "a") == []
    assert object_in({"a": {"b": 1}}, "a") == {"b": 1}
    assert object_in({"a": [1]}, "a") == object_in({}, "a") == {}
    with pytest.raises(BadAnswer, match="a is dict, not a list"):
        rows_in({"a": {}}, "a")


def test_text_is_cut_at_the_length_asked_for() -> None:
    assert text_in({"a": "abcdef"}, "a", 3) == "abc"


@pytest.mark.parametrize("status", [400, 404, 429, 500])
def test_an_error_status_is_a_refused_query(status: int) -> None:
    with pytest.raises(BadAnswer, match=r"refused query: .*why"):
        json_object(Answer(body=json.dumps({"message": "why"}).encode(), url="u", status=status))


def test_shape_watch_reports_each_field_once() -> None:
    watch = ShapeWatch({"name": str, "size": (int, float), "any": object})
    assert list(watch.look({"name": "x", "size": 1, "any": [], "new": 1})) == [Issue("new_field", "new")]
    assert list(watch.look({"name": ["x"], "size": None, "new": 2})) == [Issue("wrong_type", "name: list")]
    assert list(watch.look({"name": 5, "size": 1.5})) == []
