"""The money of a market against the dollar: whole months only, from published rates, and nothing where one is missing."""

from datetime import date
from math import log, sqrt
from statistics import stdev

import pytest

from market_db.products import ProductType
from market_db.values.rates import Quote, Rates
from pipelines.currency import currency_signals, month_ends, standing_of

SAMBAL = ProductType(key="sambal", names={"id": "Sambal", "en": "Sambal"}, terms={}, hs=("210390",))
TODAY = date(2026, 11, 26)
ENDS = list(month_ends(TODAY))


def rates(values, currency="NGN"):
    return Rates({currency: [Quote(day.isoformat(), value, "central_bank") for day, value in zip(ENDS, values, strict=True) if value]})


def test_thirteen_whole_months():
    assert (len(ENDS), ENDS[0], ENDS[-1]) == (13, date(2025, 10, 31), date(2026, 10, 31))
    assert list(month_ends(date(2026, 11, 1))) == ENDS
    assert list(month_ends(date(2026, 10, 31)))[-1] == date(2026, 9, 30)


def test_by_hand():
    """1,500 naira a dollar become 1,600 in the last month: 1500/1600 - 1, and one step among eleven of 0."""
    found = standing_of("NGN", TODAY, rates([1500.0] * 12 + [1600.0]))
    steps = [0.0] * 11 + [log(1500 / 1600)]
    assert (found.change, found.unrest) == (round(1500 / 1600 - 1, 4), round(stdev(steps) * sqrt(12), 4))
    assert (found.month, found.source) == ("2026-10", "frankfurter")


@pytest.mark.parametrize("gap", [0, 6, 12])
def test_a_month_without_a_rate_gives_none(gap):
    values = [1500.0] * 13
    values[gap] = None
    if gap:
        values[gap - 1] = None  # one month's rate may still stand for the next one's end, two may not
    assert standing_of("NGN", TODAY, rates(values)) is None


def test_a_peg_stands_still():
    found = standing_of("AED", TODAY)
    assert (found.change, found.unrest, found.source) == (0.0, 0.0, "official peg")


def test_the_shipped_history_tells_of_the_euro_and_of_no_naira():
    assert standing_of("EUR", TODAY).source == "ecb_rates"
    assert standing_of("NGN", TODAY) is None


def test_a_day_later_the_figure_is_the_same():
    assert standing_of("EUR", TODAY) == standing_of("EUR", date(2026, 11, 2))


def test_two_signals_of_every_product_and_country():
    found = list(currency_signals(["NL", "NL", "NG", "XX"], [SAMBAL], today=TODAY))
    assert [(one.country, one.metric, one.period, one.source) for one in found] == [
        ("NL", "fx_change_12m", "2026-10", "ecb_rates"),
        ("NL", "fx_volatility_12m", "2026-10", "ecb_rates"),
    ]
    assert all(one.hs_code is None and one.unit == "0..1" and one.quality == "derived" for one in found)
