"""Structured numbers: the rules of the currency decide, never a text parser."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.extract.exact import exact_number, minor_units


@pytest.mark.parametrize(
    ("value", "currency", "amount"),
    [
        ("140.000", "VND", 140_000.0),
        ("140.000", "IDR", 140_000.0),
        ("140.000", "KWD", 140.0),
        ("140.000", "EUR", 140.0),
        ("3.350", "USD", 3.35),
        ("67.8400", "EUR", 67.84),
        ("12,34 EUR", None, 12.34),
        ("8,93 €", "EUR", 8.93),
        ("10,83", "EUR", 10.83),
        ("1.234,56", "EUR", 1_234.56),
        ("1,234.56", "USD", 1_234.56),
        ("1,234,567.890", None, 1_234_567.89),
        ("1.144.000", "COP", 1_144_000.0),
        ("47 405", "RUB", 47_405.0),
        ("1 234,50", "EUR", 1_234.5),
        ("1'234.50", "CHF", 1_234.5),
        ("1,200", "JPY", 1_200.0),
        ("9.90", "IDR", 9.9),
        (12.5, None, 12.5),
        (0, "SAR", 0.0),
        ("5 - 7", "EUR", None),
        ("-5", "EUR", None),
        ("free", None, None),
        ("", None, None),
        (True, None, None),
        (None, None, None),
        ([1], None, None),
        (float("nan"), None, None),
        (float("inf"), None, None),
        (10**400, None, None),
        ("9" * 59, None, None),
    ],
)
def test_amounts(value: object, currency: str | None, amount: float | None) -> None:
    assert exact_number(value, currency) == amount


@pytest.mark.parametrize(
    ("value", "decimals", "amount"), [("18000", 3, 18.0), (22_000, 2, 220.0), ("1990", 0, 1990.0), ("250", 2, 2.5), (None, 2, None)]
)
def test_minor_units(value: object, decimals: int, amount: float | None) -> None:
    assert minor_units(value, decimals) == amount


def test_200_000_digits_are_refused_at_once() -> None:
    start = time.process_time()
    assert exact_number("9" * 200_000) is None
    assert time.process_time() - start < 5  # without a cap: minutes


@given(st.text(max_size=80))
def test_any_text_gives_a_finite_amount_or_nothing(text: str) -> None:
    amount = exact_number(text)
    assert amount is None or 0 <= amount < 1e12


@given(st.decimals(min_value=0, max_value=999_999, places=2))
def test_a_number_printed_with_a_point_is_read_back(number: object) -> None:
    assert exact_number(str(number), "EUR") == float(number)
