"""Refreshed exchange rates beside the shipped history: the newer one counts, with its own date, and no rate is no rate."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_db.rates import load_rates
from market_db.schema import open_market
from market_db.seen import Observation
from market_db.store import save_seen
from market_db.values.rates import SHIPPED, rates_from, to_usd

LATE = date(2027, 3, 1)
ECB = [("fx_per_eur", "2027-02-26", "USD/EUR", 1.25), ("fx_per_eur", "2027-02-26", "IDR/EUR", 20_000.0)]
DONG = ("fx_per_usd", "2026-11-19", "VND/USD", 25_000.0)


def test_the_newer_of_shipped_and_refreshed_counts_with_its_date():
    fresh = rates_from(ECB)
    shipped = to_usd(16_000, "IDR", LATE)
    found = to_usd(16_000, "IDR", LATE, fresh)
    assert shipped.rate_date < "2027"
    assert (found.value, found.rate_date, found.basis) == (1.0, "2027-02-26", "ecb")
    assert to_usd(4, "EUR", LATE, fresh).value == 5.0
    assert to_usd(16_000, "IDR", date(2026, 1, 5), fresh) == to_usd(16_000, "IDR", date(2026, 1, 5))


def test_a_currency_outside_the_ecb_has_a_rate_only_where_one_was_seen():
    fresh = rates_from([DONG])
    assert to_usd(50_000, "VND", date(2026, 11, 20), SHIPPED) is None
    found = to_usd(50_000, "VND", date(2026, 11, 20), fresh)
    assert (found.value, found.rate_date, found.basis) == (2.0, "2026-11-19", "central_bank")
    assert to_usd(50_000, "VND", date(2026, 11, 18), fresh) is None, "never a rate newer than the day"
    assert to_usd(50_000, "VND", date(2028, 1, 1), fresh) is None, "a rate of over a year ago says nothing"


def test_pegs_and_currencies_of_the_euro_stand_as_they_are():
    fresh = rates_from([*ECB, ("fx_per_usd", "2027-02-26", "SAR/USD", 9.0)])
    assert to_usd(3.75, "SAR", LATE, fresh).value == 1.0
    assert to_usd(7.5345, "HRK", LATE, fresh).value == pytest.approx(1.25)


@pytest.mark.parametrize(
    "row",
    [("fx_per_eur", "2027-02-26", "IDR/EUR", 20_000.0), ("fx_per_eur", "2027-02-26", "IDR", 1.0), ("pop", "2027", "persons", 1.0)],
)
def test_a_euro_rate_without_the_dollar_of_its_day_is_of_no_use(row):
    assert rates_from([row]).quotes == {}


@given(
    st.lists(st.tuples(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.floats(0.01, 1e6)), max_size=8),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
)
def test_the_quote_is_the_last_on_or_before_the_day(rows, on):
    rates = rates_from(("fx_per_usd", day.isoformat(), "VND/USD", value) for day, value in rows)
    days = [day for day, _ in rows if day <= on and (on - day).days <= 400]
    found = rates.last("VND", on)
    assert (found.day if found else None) == (max(days).isoformat() if days else None)


def test_rates_come_out_of_the_market_as_they_were_seen(home):
    db = open_market(home)
    rows = [
        Observation(key=f"{m}|{u}|{d}", url="https://x.example/", metric=m, period=d, value=v, unit=u, source="s")
        for m, d, u, v in [*ECB, DONG]
    ]
    save_seen(db, rows, run_id="r", now=datetime(2027, 3, 1, tzinfo=UTC))
    assert load_rates(db) == rates_from([*ECB, DONG])
    db.close()
