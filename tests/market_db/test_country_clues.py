"""Countries of 632 real-looking texts, and what each clue is worth."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.values.country_clues import Clue, certainty_of, country_of_currency, country_of_vat, read_clue

TABLE = Path(__file__).with_name("places.tsv")
MISSED = {"IE6433435F", "RO18547290"}
"""VAT numbers whose check is of another kind: unknown, never another country."""


def rows():
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["country"] or None) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def test_the_table_is_large_enough():
    assert len(rows()) >= 300
    assert sum(country is None for _, country in rows()) >= 40


@pytest.mark.parametrize(("text", "country"), rows())
def test_exact_or_unknown_never_a_neighbour(text, country):
    found = read_clue(text)
    assert (found.country if found else None) == (None if text in MISSED else country)


@pytest.mark.parametrize(
    ("text", "basis", "certainty"),
    [
        ("Deutschland", "stated", "certain"),
        ("Musterweg 3, A-1010 Wien", "address", "certain"),
        ("NL004495445B01", "vat", "certain"),
        ("+49 30 123456", "phone", "likely"),
        ("www.firm.co.id", "tld", "likely"),
    ],
)
def test_a_clue_says_what_it_is_and_how_sure(text, basis, certainty):
    found = read_clue(text)
    assert (found.basis, found.certainty, found.raw) == (basis, certainty, text)


def test_money_is_a_hint_and_shared_money_none():
    assert [country_of_currency(code) for code in ("IDR", "JPY", "EUR", "USD", "XOF", "", "??")] == [
        "ID",
        "JP",
        None,
        None,
        None,
        None,
        None,
    ]
    assert certainty_of("currency") == "hint"
    assert certainty_of("a rumour") == "hint"
    assert Clue("DE", "stated", "Deutschland").certainty == "certain"


@pytest.mark.parametrize(
    "text", ["DE136695977", "NL004495445B1", "PL8567346216", "IT00000000000", "136695976", "DE", "", "VAT", "d" * 10_000]
)
def test_wrong_check_digits_and_forms_are_unknown(text):
    assert country_of_vat(text) is None


@settings(deadline=None)  # the first call loads tables
@given(st.text(max_size=120))
def test_no_text_breaks_it(text):
    found = read_clue(text)
    assert found is None or len(found.country) == 2
    country_of_vat(text)
    country_of_currency(text)
