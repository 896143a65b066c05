"""Telephone numbers as people print them in 50 countries, and numbers that are none; digits from the examples of the numbering plans."""

from pathlib import Path

import pytest

from market_db.values.phones import read_phones
from scripts.evaluation.values import phones

TABLE = Path(__file__).with_name("phones.tsv")
ROWS = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines()[1:]]


@pytest.mark.parametrize(("raw", "region", "e164"), ROWS)
def test_a_print_gives_its_numbers_and_no_other(raw, region, e164):
    assert [phone.e164 for phone in read_phones(raw, country=region or None) if phone.e164] == e164.split()


def test_the_table_is_wholly_right():
    result, wrong = phones(TABLE)
    assert wrong == []
    assert result == {"n": len(ROWS), "precision": 1.0, "recall": 1.0}


def test_a_second_number_is_no_mistake_where_one_is_asked_for_and_any_is_where_none_is(tmp_path):
    table = tmp_path / "phones.tsv"
    rows = ["Tel 010-1234567 / 010-1234568\tNL\t+31101234567", "010-1234567\tNL\t", "06-1\tNL\t+31612345678"]
    table.write_text("\n".join(["raw\tregion\te164", *rows]), "utf-8")
    result, wrong = phones(table)
    assert result == {"n": 3, "precision": 0.5, "recall": 0.5}
    assert [row.found for row in wrong] == ["+31101234567", None]
