"""How the money of a market stood against the dollar over the last twelve months: a flag beside the index, for whoever agrees on prices."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import stdev

from market_db.derived import DemandSignal
from market_db.markets.flags import CHANGE, UNREST
from market_db.products import ProductType
from market_db.reference import metric_unit
from market_db.values.currencies import currency_of
from market_db.values.money import SHIPPED, Rates, to_usd

MONTHS = 12
FRESH = timedelta(days=45)
"""A rate older than this says nothing of the month it stands for."""
SOURCES = {"ecb": "ecb_rates", "central_bank": "frankfurter", "peg": "official peg", "same": "official peg"}
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Standing:
    """A currency over twelve whole months."""

    change: float
    """Against the dollar; -0.1 = a tenth less."""
    unrest: float
    """Standard deviation of monthly ln changes x root 12."""
    month: str
    """Of the last rate, YYYY-MM."""
    source: str


def currency_signals(
    countries: Iterable[str], products: Sequence[ProductType], *, today: date, rates: Rates = SHIPPED
) -> Iterator[DemandSignal]:
    """Change and volatility of each country's money; a country whose money has no published rate of each month has none."""
    for country in sorted(set(countries)):
        currency = currency_of(country)
        found = standing_of(currency, today, rates) if currency else None
        if found is not None:
            for product in products:
                for metric, value in ((CHANGE, found.change), (UNREST, found.unrest)):
                    yield _signal(country, product.key, (metric, value), found, today)


def standing_of(currency: str, today: date, rates: Rates = SHIPPED) -> Standing | None:
    """From the last rates of thirteen whole months, so that the figures stand still within a month; None without one of each."""
    known = []
    for day in month_ends(today):
        one = to_usd(1.0, currency, day, rates)
        if one is None or date.fromisoformat(one.rate_date) < day - FRESH:
            return None
        known.append(one)
    steps = [math.log(after.value / before.value) for before, after in pairwise(known)]
    change, unrest = known[-1].value / known[0].value - 1, stdev(steps) * math.sqrt(MONTHS)
    return Standing(round(change, DIGITS), round(unrest, DIGITS), known[-1].rate_date[:7], SOURCES[known[-1].basis])


def month_ends(today: date) -> Iterator[date]:
    """Last days of the thirteen whole months before a day, oldest first."""
    months = today.year * 12 + today.month - 1
    for at in range(months - MONTHS, months + 1):
        yield date(at // 12, at % 12 + 1, 1) - timedelta(days=1)


def _signal(country: str, product: str, said: tuple[str, float], found: Standing, today: date) -> DemandSignal:
    return DemandSignal(
        country=country,
        product=product,
        hs_code=None,
        partner="WLD",
        metric=said[0],
        period=found.month,
        value=said[1],
        unit=metric_unit(said[0]) or "",
        quality="derived",
        source=found.source,
        evidence_id="",
        retrieved=today.isoformat(),
    )
