"""What the libraries beneath get wrong, each with its right answer: prices, dates, phones and languages."""

import subprocess
import sys

import pytest

from market_db.values.dates import Habit, read_date
from market_db.values.languages import read_language
from market_db.values.money import Money, read_price
from market_db.values.phones import read_phone


@pytest.mark.parametrize(
    ("text", "country", "given", "money"),
    [
        ("1,234,567.890", None, None, Money(1234567.89)),  # price-parser 63
        ("3.350", "US", None, Money(3.35)),  # price-parser 46, 15
        ("$3.350", "US", None, Money(3.35, currency="USD")),
        ("3.350", "DE", None, Money(3350)),
        ("140.000", None, "EUR", Money(140.0, currency="EUR")),  # a JSON number
        ("2 pairs from $349", "US", None, Money(349, currency="USD")),  # price-parser 62
        ("R273.00", None, None, Money(273, currency="ZAR")),  # price-parser 3
        ("R273.00", "ZA", None, Money(273, currency="ZAR")),
        ("61.858 L", None, None, None),
        ("61.858 L", "MD", None, None),
        ("1.000", "US", None, Money(1.0)),  # price-parser 77
        ("kr 129", None, None, Money(129)),  # monetize 71
        ("kr 129", "DK", None, Money(129, currency="DKK")),
        ("kr 129", "SE", None, Money(129, currency="SEK")),
        ("kr 129", "NO", None, Money(129, currency="NOK")),
        ("kr 129", "IS", None, Money(129, currency="ISK")),
        ("٣٫٥٠ د.إ", "AE", None, Money(3.5, currency="AED")),  # price-parser 64
        ("د.إ ٣٫٥٠", None, None, Money(3.5, currency="AED")),
        ("\u200f3.50\u00a0د.إ.\u200f", None, None, Money(3.5, currency="AED")),
    ],
)
def test_prices(text, country, given, money):
    assert read_price(text, country=country, currency_text=given) == money


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-10-05", "2024-10-05"),  # dateparser 1253, 1352
        ("on:", None),  # dateparser 992
        ("12", None),
        ("May", None),
        ("May 2026", None),
        ("1 gatsu 18", None),  # dateparser 415
        ("1月18日", None),
        ("18 Jan", None),
    ],
)
@pytest.mark.parametrize("order", [None, "dmy", "mdy"])
def test_dates(text, day, order):
    assert read_date(text, Habit(order)) == day


@pytest.mark.parametrize(
    ("text", "country", "e164", "valid"),
    [
        ("0031 10 123 4567", None, "+31101234567", True),  # phonenumbers 121
        ("0031 10 123 4567", "ID", "+31101234567", True),
        ("03432640000", "US", None, False),  # phonenumbers 48
        ("+1 555 000 0000", None, None, False),  # phonenumbers 104: possible, not valid
        ("+999 12 345 678", None, None, False),
    ],
)
def test_phones(text, country, e164, valid):
    phone = read_phone(text, country=country)
    assert (phone.e164, phone.valid) == (e164, valid)
    assert phone.raw


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("Wij importeren Aziatische sauzen", None, "nl"),  # langdetect 3, 120
        ("404 error", None, None),  # langdetect 45
        ("404 Not Found", "da", None),
        ("403 Forbidden", None, None),
        ("I love you", "en", "en"),  # langdetect 105
    ],
)
def test_languages(text, declared, language):
    assert {read_language(text, declared=declared) for _ in range(20)} == {language}


def test_a_short_text_is_never_a_guess():
    assert read_language("I love you") in {"en", None}


@pytest.mark.parametrize(
    ("call", "loaded"),
    [
        ("read_language('ซอสพริก')", 0),
        ("read_language('辣椒酱 280g')", 0),
        ("read_language('соус', declared='ru', country='RU')", 0),
        ("read_language('Scharfe Sauce mit Chili und Knoblauch')", 0),
        ("read_language('Rode kool appeltjes pot')", 1),
    ],
)
def test_word_lists_are_loaded_only_where_they_decide(call, loaded):
    code = f"from market_db.values.languages import read_language\nfrom market_db.values.word_languages import _lists\n{call}\n"
    code += "print(_lists.cache_info().currsize)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(shown.stdout) == loaded
