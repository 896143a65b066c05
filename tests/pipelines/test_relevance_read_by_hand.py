"""The classifier on 1,200 names that were read one by one; what is borderline to a reader is not judged."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from market_db.products import load_products
from pipelines.context import Context
from scripts.evaluation.relevance import Labelled, is_product

TABLE = Path(__file__).parent / "read_by_hand" / "names.tsv"


@pytest.fixture(scope="module")
def judged():
    context = Context(as_of=date(2026, 11, 25), products=(load_products()["sambal"],))
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == 1200
    assert min(Counter(row["group"] for row in rows).values()) == 300
    return [(row, is_product(Labelled(row["code"], row["name"], row["language"] or None, ""), context)) for row in rows]


def test_recall_and_precision_on_what_was_read(judged):
    read = [(row["is_chili_sauce"] == "yes", taken) for row, taken in judged if row["is_chili_sauce"] != "borderline"]
    right = sum(want and taken for want, taken in read)
    assert right / sum(want for want, _ in read) >= 0.97
    assert right / sum(taken for _, taken in read) >= 0.96


@pytest.mark.parametrize("group", ["other_sauce", "other_food"])
def test_other_goods_are_not_taken(judged, group):
    taken = [row["name"] for row, got in judged if got and row["group"] == group and row["is_chili_sauce"] == "no"]
    assert taken == []
