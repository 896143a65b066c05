"""Signs that several countries share: the country of the market decides, and without it the currency is unknown."""

import csv
from pathlib import Path

import pytest

from market_db.values.money import read_price

TABLE = Path(__file__).with_name("ambiguous_prices.tsv")


def rows():
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [tuple(row.values()) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def test_the_table_is_wide_enough():
    assert len({country for _, country, *_ in rows() if country}) >= 20


@pytest.mark.parametrize(("raw", "country", "amount", "currency"), rows())
def test_shared_signs_by_country(raw, country, amount, currency):
    money = read_price(raw, country=country or None)
    assert (money.amount, money.currency) == (float(amount), currency or None)
