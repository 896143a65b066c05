"""The head-noun rule on product names that a person labelled; skipped where the corpus is not beside the checkout."""

import csv
from datetime import date
from pathlib import Path

import pytest

from market_db.products import load_products
from market_db.seen import Listing
from pipelines.context import Context
from pipelines.rejections import OtherProduct
from pipelines.relevance import keep_relevant

LABELLED = Path(__file__).parents[2].parent / "shared" / "corpus" / "demand" / "off" / "handchecked.tsv"


def judged(context, row):
    language = None if row["front_image_lang"] == "None" else row["front_image_lang"]
    listing = Listing(key=row["code"], name=row["product_name"], url="https://x.example", source="off", language=language)
    try:
        return keep_relevant(listing, context).product == "sambal"
    except OtherProduct:
        return False


def test_names_labelled_by_a_person():
    if not LABELLED.exists():
        pytest.skip("corpus not beside the checkout")
    context = Context(as_of=date(2026, 11, 25), products=(load_products()["sambal"],))
    with LABELLED.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["is_chili_sauce"] in ("yes", "no")]
    verdicts = [(row["is_chili_sauce"] == "yes", judged(context, row)) for row in rows]
    found = sum(want and got for want, got in verdicts)
    assert found / sum(got for _, got in verdicts) >= 0.95
    assert found / sum(want for want, _ in verdicts) >= 0.90
