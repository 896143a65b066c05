"""Tariffs, people and Indonesia's own exports beside imports: the newest counts, and nothing of it enters a series of imports."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from market_db.products import ProductType
from market_db.rows import read_rows
from market_db.schema import open_market
from market_db.seen import Evidence, Observation, TradeFlow
from market_db.store import save_seen
from pipelines.attractiveness import build_markets
from pipelines.refresh import refresh
from pipelines.surroundings import export_signals, observed_signals

SAMBAL = ProductType(key="sambal", names={"id": "Sambal", "en": "Sambal"}, terms={}, hs=("210390",), cn=("21039090",))
COFFEE = ProductType(key="coffee", names={"id": "Kopi", "en": "Coffee"}, terms={}, hs=("090121",))
TODAY = date(2026, 11, 25)


def seen(metric="pop", country="NL", period="2025", value=18e6, **more):
    given = {"unit": "persons", "source": "world_bank_data", **more}
    return Observation(
        key=f"{metric}|{country}|{period}", url="https://x.example/", metric=metric, period=period, value=value, country=country, **given
    ), "e1"


def sent(partner="NLD", value=500.0, **more):
    given = {"flow": "export", "currency": "USD", "valuation": "FOB", "source": "bps_exim", "hs_code": "21039011", **more}
    key = f"IDN|{partner}|export|{given['hs_code']}|2025"
    return TradeFlow(
        key=key, url="https://x.example/", reporter=given.pop("reporter", "IDN"), partner=partner, period="2025", value=value, **given
    ), "e2"


def test_a_countrys_number_is_shown_with_every_product_and_only_the_newest():
    found = observed_signals([seen(), seen(period="2024"), seen(country=None)], [SAMBAL, COFFEE], today=TODAY)
    assert {(s.product, s.country, s.metric, s.period, s.partner, s.hs_code) for s in found} == {
        ("sambal", "NL", "pop", "2025", "WLD", None),
        ("coffee", "NL", "pop", "2025", "WLD", None),
    }


def test_a_tariff_belongs_to_its_product_and_two_sources_stand_side_by_side():
    rows = [
        seen("tariff_mfn_pct", value=7.7, unit="%", product="sambal", source="wits_trains"),
        seen("tariff_idn_pct", value=0.0, unit="%", product="sambal", source="wits_trains"),
        seen("tariff_mfn_pct", value=8.0, unit="%", product="sambal", source="uk_trade_tariff"),
        seen("tariff_mfn_pct", value=9.0, unit="%", product=None),
        seen("fx_per_eur", country=None, value=1.1),
    ]
    found = observed_signals(rows, [SAMBAL, COFFEE], today=TODAY)
    assert {(s.metric, s.partner, s.value, s.source) for s in found} == {
        ("tariff_mfn_pct", "WLD", 7.7, "wits_trains"),
        ("tariff_idn_pct", "IDN", 0.0, "wits_trains"),
        ("tariff_mfn_pct", "WLD", 8.0, "uk_trade_tariff"),
    }


def test_codes_of_one_product_are_added_or_the_higher_rate_counts_and_years_stand_before_months():
    def of_code(code, metric, value, period="2025"):
        found = seen(metric, value=value, period=period, unit="USD", product="sambal")[0]
        return replace(found, key=f"{found.key}|{code}"), "e1"

    rows = [
        of_code("21039011", "idn_export_belawan_usd", 5.0),
        of_code("21039019", "idn_export_belawan_usd", 7.0),
        of_code("21039011", "idn_export_belawan_usd", 900.0, period="2024"),
        of_code("21039011", "idn_export_belawan_usd", 1.0, period="2026-02"),
        of_code("2103909010", "tariff_mfn_pct", 6.0),
        of_code("2103909089", "tariff_mfn_pct", 8.0),
    ]
    for order in (rows, rows[::-1]):
        found = {(s.metric, s.period): s.value for s in observed_signals(order, [SAMBAL], today=TODAY)}
        assert found == {("idn_export_belawan_usd", "2025"): 12.0, ("tariff_mfn_pct", "2025"): 8.0}


@pytest.mark.parametrize(
    "more", [{"flow": "import"}, {"reporter": "NLD"}, {"partner": "WLD"}, {"value": None}, {"currency": "QQQ"}, {"hs_code": "09012100"}]
)
def test_only_indonesian_exports_of_the_product_to_a_country_are_shown(more):
    assert list(export_signals([sent(**more)], [SAMBAL], today=TODAY)) == []


def test_exports_are_shown_as_indonesia_reports_them():
    (found,) = export_signals([sent()], [SAMBAL, COFFEE], today=TODAY)
    assert (found.country, found.partner, found.metric, found.hs_code, found.value) == ("NL", "IDN", "idn_export_usd", "21039011", 500.0)


def test_none_of_it_makes_a_market_or_changes_one():
    around = [*observed_signals([seen()], [SAMBAL], today=TODAY), *export_signals([sent()], [SAMBAL], today=TODAY)]
    assert build_markets(SAMBAL, around, {}, year=2026) == []


def test_a_refresh_writes_them_beside_imports(home):
    db = open_market(home)
    proof = Evidence(source="s", url="https://x.example/", fetched_at=datetime(2026, 11, 25, tzinfo=UTC), content_hash="0" * 64)
    rows = [seen()[0], seen("tariff_mfn_pct", value=7.7, unit="%", product="sambal")[0], sent()[0]]
    for row in rows:
        object.__setattr__(row, "evidence", proof)
    save_seen(db, rows, run_id="r", now=datetime(2026, 11, 25, tzinfo=UTC))
    db.close()
    done = refresh(home, now=datetime(2026, 11, 26, tzinfo=UTC))
    db = open_market(home)
    stored = {(row["metric"], row["product"], row["value"]) for row in read_rows(db, "select * from demand_current where country='NL'")}
    db.close()
    assert ("pop", "sambal", 18e6) in stored
    assert ("tariff_mfn_pct", "sambal", 7.7) in stored
    assert ("idn_export_usd", "sambal", 500.0) in stored
    assert done.signals == len(stored)
    assert refresh(home, now=datetime(2026, 11, 27, tzinfo=UTC)).signals == 0
