"""JSON-stat cubes: every way a cell, a status and a category may be written, and cubes that contradict themselves."""

import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.base.json_stat import Cell, cells_of
from spiders.reading import BadAnswer

SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=4)
NUMBERS = st.one_of(st.none(), st.integers(-(10**9), 10**9), st.floats(-1e12, 1e12))


def cube(codes, value, **more):
    dimension = {name: {"category": {"index": {code: at for at, code in enumerate(row)}}} for name, row in codes.items()}
    return {"id": list(codes), "size": [len(row) for row in codes.values()], "dimension": dimension, "value": value, **more}


SMALL = {"a": ["x", "y"], "b": ["1", "2", "3"]}


@st.composite
def cubes(draw):
    codes = {f"d{at}": [f"{at}{place}" for place in range(size)] for at, size in enumerate(draw(SIZES))}
    combinations = list(itertools.product(*codes.values()))
    return codes, draw(st.lists(NUMBERS, min_size=len(combinations), max_size=len(combinations))), combinations


@settings(max_examples=150, deadline=None)
@given(cubes())
def test_lists_and_objects_are_the_same_cells_in_row_major_order(drawn):
    codes, numbers, combinations = drawn
    wanted = [
        Cell(dict(zip(codes, where, strict=True)), float(number), None)
        for where, number in zip(combinations, numbers, strict=True)
        if number is not None
    ]
    sparse = {str(at): number for at, number in enumerate(numbers) if number is not None}
    assert list(cells_of(cube(codes, numbers))) == wanted
    assert list(cells_of(cube(codes, sparse))) == wanted
    listed = cube(codes, sparse)
    for name, row in codes.items():
        listed["dimension"][name]["category"] = {"index": row}
    assert list(cells_of(listed)) == wanted


@settings(max_examples=80, deadline=None)
@given(cubes(), st.randoms(use_true_random=False))
def test_the_order_of_an_index_object_does_not_matter(drawn, chance):
    codes, numbers, _ = drawn
    mixed = cube(codes, numbers)
    for name, row in codes.items():
        pairs = [(code, at) for at, code in enumerate(row)]
        chance.shuffle(pairs)
        mixed["dimension"][name]["category"]["index"] = dict(pairs)
    assert list(cells_of(mixed)) == list(cells_of(cube(codes, numbers)))


@pytest.mark.parametrize("status", [{"1": "p", "4": ":"}, [None, "p", None, None, ":", None]])
def test_statuses_stand_beside_values_and_alone(status):
    found = {tuple(cell.codes.values()): (cell.value, cell.status) for cell in cells_of(cube(SMALL, {"0": 5, "1": 6}, status=status))}
    assert found == {("x", "1"): (5.0, None), ("x", "2"): (6.0, "p"), ("y", "2"): (None, ":")}


def test_one_status_for_all_cells():
    assert [cell.status for cell in cells_of(cube(SMALL, {"0": 1}, status="e"))] == ["e"]


def test_a_single_category_needs_no_index():
    one = cube({"a": ["x"], "b": ["1", "2"]}, [1, 2])
    one["dimension"]["a"]["category"] = {"label": {"x": "Only"}}
    assert [cell.codes for cell in cells_of(one)] == [{"a": "x", "b": "1"}, {"a": "x", "b": "2"}]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"size": [2]}, "cube does not fit"),
        ({"size": [3, 3]}, "cube does not fit"),
        ({"size": [2, "3"]}, "cube does not fit"),
        ({"id": ["a", "a"]}, "cube does not fit"),
        ({"id": None}, "unexpected shape"),
        ({"id": ["a", "c"]}, "unexpected shape"),
        ({"value": [1, 2]}, "cube does not fit"),
        ({"value": {"6": 1}}, "cube does not fit"),
        ({"value": {"-1": 1}}, "cube does not fit"),
        ({"value": {"٣": 1}}, "cube does not fit"),
        ({"value": {"x": 1}}, "cube does not fit"),
        ({"value": {"9" * 5000: 1}}, "cube does not fit"),
        ({"value": 7}, "unexpected shape"),
        ({"value": None}, "unexpected shape"),
        ({"status": 7}, "unexpected shape"),
        ({"status": {"99": "p"}}, "cube does not fit"),
        ({"dimension": []}, "unexpected shape"),
        ({"dimension": {"a": {"category": {"index": {"x": 0, "y": 2}}}, "b": SMALL}}, "cube does not fit"),
        ({"dimension": {"a": {"category": {"index": {"x": 0, "y": 0}}}, "b": SMALL}}, "cube does not fit"),
    ],
)
def test_a_cube_that_contradicts_itself_is_refused(change, reason):
    with pytest.raises(BadAnswer) as caught:
        list(cells_of({**cube(SMALL, [1] * 6), **change}))
    assert caught.value.reason == reason
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("value", ["7", True, [1], {}, 10**400])
def test_what_is_no_number_is_no_value(value):
    assert [cell.value for cell in cells_of(cube(SMALL, {"0": value}))] == [None]


def test_a_cube_of_a_billion_cells_is_refused():
    many = [str(at) for at in range(1000)]
    with pytest.raises(BadAnswer, match="too large"):
        list(cells_of(cube({"a": many, "b": many, "c": many}, {"0": 1})))


def test_a_recorded_cube(corpus: Path):
    found = list(cells_of(json.loads((corpus / "demand/eurostat/jsonstat2_galicia.json").read_text("utf-8"))))
    assert found[0].value == 2695880
    assert len({tuple(cell.codes.values()) for cell in found}) == len(found)


def test_the_layout_before_2_is_named(corpus: Path):
    with pytest.raises(BadAnswer, match=r"no JSON-stat 2\.0 dataset; fields: \['nama_gdp_c'\]"):
        list(cells_of(json.loads((corpus / "demand/eurostat/eurostat-name_gpd_c-geo_IT.json").read_text("utf-8"))))
