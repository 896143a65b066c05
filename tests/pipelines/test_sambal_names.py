"""Chili sauces and pastes of all kitchens, and what looks like them and is other goods: 400 names, each judged right."""

from datetime import date
from pathlib import Path

import pytest

from market_db.products import load_products
from pipelines.context import Context
from scripts.evaluation.relevance import Labelled, is_product

ROWS = [line.split("\t") for line in Path(__file__).with_name("sambal_names.tsv").read_text("utf-8").splitlines()[1:]]
CONTEXT = Context(as_of=date(2026, 11, 25), products=(load_products()["sambal"],))


@pytest.mark.parametrize(("name", "is_chili_sauce"), ROWS)
def test_a_name_is_judged_right(name, is_chili_sauce):
    assert is_product(Labelled("-", name, None, ""), CONTEXT) is (is_chili_sauce == "yes")
