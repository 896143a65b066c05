"""Amounts in US dollars at a published rate that is never newer than the day asked for."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from currency_converter import CurrencyConverter, RateNotFoundError

from market_db.reference import table

# Older than this a rate says nothing about the price of the day.
LONGEST_GAP = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Usd:
    """An amount in US dollars with the rate's date."""

    value: float
    """USD."""
    rate_date: str
    """YYYY-MM-DD of the rate used; may be older than asked, never newer."""
    basis: str
    """`ecb` (European Central Bank reference rate), `peg` (official fixed rate), `same` (USD already)."""


def to_usd(amount: float, currency: str, on: date) -> Usd | None:
    """Amount in USD at the last rate published on or before `on`; None where no published rate or peg exists."""
    if currency == "USD":
        return Usd(amount, on.isoformat(), "same")
    peg = table("pegs").get(currency)
    if peg:
        return Usd(amount / float(peg["per_usd"]), on.isoformat(), "peg") if on.year > int(peg["since"]) else None
    fixed = table("currencies")["euro_fixed"].get(currency)
    if fixed:
        amount, currency = amount / float(fixed), "EUR"
    return _by_ecb(amount, currency, on)


def _by_ecb(amount: float, currency: str, on: date) -> Usd | None:
    rates = _ecb()
    if currency not in rates.currencies:
        return None
    first, last = rates.bounds[currency]
    day = min(on, last)
    oldest = max(first, on - LONGEST_GAP)
    while day >= oldest:
        try:
            return Usd(float(rates.convert(amount, currency, "USD", date=day)), day.isoformat(), "ecb")
        except RateNotFoundError:  # week-end or holiday: the day before
            day -= timedelta(days=1)
    return None


@cache
def _ecb() -> CurrencyConverter:
    # The history shipped with the library: offline, and equal on every machine with the same lock file.
    return CurrencyConverter()
