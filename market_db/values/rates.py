"""Amounts in US dollars at a published rate that is never newer than the day asked for."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
    """`ecb` (European Central Bank), `central_bank` (another one), `peg` (official fixed rate), `same` (USD already)."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A published rate."""

    day: str
    """YYYY-MM-DD."""
    per_usd: float
    """Units of the currency for one USD."""
    basis: str
    """As `Usd.basis`."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates that crawls refreshed, beside the history that comes with the program (`market_db/rates.py` loads them)."""

    quotes: Mapping[str, Sequence[Quote]] = field(default_factory=dict)
    """Currency -> quotes by day, oldest first."""

    def last(self, currency: str, on: date) -> Quote | None:
        """The newest quote on or before a day, None where there is none within 400 days."""
        quotes = self.quotes.get(currency, ())
        at = bisect_right(quotes, on.isoformat(), key=lambda quote: quote.day)
        found = quotes[at - 1] if at else None
        return found if found and found.day >= (on - LONGEST_GAP).isoformat() else None


SHIPPED = Rates()
"""No refreshed rates: the history that comes with the program, and the pegs."""


def rates_from(observed: Iterable[tuple[str, str, str, float]]) -> Rates:
    """Rates from observations as (metric, day, unit such as "IDR/EUR", value); euro rates are crossed over the dollar of the same day."""
    per_eur: dict[str, dict[str, float]] = {}
    quotes: dict[str, dict[str, Quote]] = {}
    for metric, day, unit, value in observed:
        currency, _, base = unit.partition("/")
        if metric == "fx_per_eur" and base == "EUR":
            per_eur.setdefault(day, {})[currency] = value
        elif metric == "fx_per_usd" and base == "USD":
            quotes.setdefault(currency, {})[day] = Quote(day, value, "central_bank")
    for day, rates in per_eur.items():
        if dollar := rates.get("USD"):
            for currency, rate in {**rates, "EUR": 1.0}.items():
                quotes.setdefault(currency, {})[day] = Quote(day, rate / dollar, "ecb")
    return Rates({currency: [days[day] for day in sorted(days)] for currency, days in quotes.items()})


def to_usd(amount: float, currency: str, on: date, rates: Rates = SHIPPED) -> Usd | None:
    """Amount in USD at the last rate published on or before `on`; None where no published rate or peg exists.

    Of a refreshed rate and the shipped history the newer one counts.
    """
    if currency == "USD":
        return Usd(amount, on.isoformat(), "same")
    peg = table("pegs").get(currency)
    if peg:
        return Usd(amount / float(peg["per_usd"]), on.isoformat(), "peg") if on.year > int(peg["since"]) else None
    fixed = table("currencies")["euro_fixed"].get(currency)
    if fixed:
        amount, currency = amount / float(fixed), "EUR"
    shipped, fresh = _by_ecb(amount, currency, on), rates.last(currency, on)
    if fresh and (shipped is None or fresh.day > shipped.rate_date):
        return Usd(amount / fresh.per_usd, fresh.day, fresh.basis)
    return shipped


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
