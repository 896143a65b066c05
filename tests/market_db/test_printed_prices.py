"""Prices as shops of 60 countries print them: amount and currency, and prints that are no price."""

from pathlib import Path

import pytest

from market_db.values.money import read_price

ROWS = [line.split("\t") for line in Path(__file__).with_name("printed_prices.tsv").read_text("utf-8").splitlines()[1:]]


@pytest.mark.parametrize(("raw", "country", "amount", "currency"), ROWS)
def test_amount_and_currency(raw, country, amount, currency):
    money = read_price(raw, country=country)
    assert (money.amount if money else None) == (float(amount) if amount else None)
    assert not currency or (money and money.currency) == currency


@pytest.mark.parametrize(
    ("raw", "amount"), [("Model 5k", None), ("5k run shirt $12", 12), ("Rp 10.000 isi 25 rb", 10_000), ("12k gold", None)]
)
def test_a_multiple_counts_only_where_a_currency_touches_it(raw, amount):
    money = read_price(raw, country="US")
    assert amount is None or (money and money.amount == amount)
    assert money is None or money.amount < 20_000
