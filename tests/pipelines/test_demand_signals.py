"""Traps of trade statistics: sums counted twice, borders crossed twice, years copied, zeros that are gaps and gaps that are zeros."""

from datetime import date

import pytest

from market_db.products import ProductType
from market_db.seen import TradeFlow
from market_db.values.rates import rates_from
from pipelines.demand import demand_of, source_rank, world_totals

SAMBAL = ProductType(key="sambal", names={"id": "Sambal", "en": "Sambal"}, terms={}, hs=("210390",), hs_near=("200599",), cn=("21039090",))
TODAY = date(2026, 11, 25)


def flow(partner="WLD", value=1000.0, *, reporter="NLD", period="2024", flow="import", hs_code="210390", **more):
    given = {"currency": "USD", "net_kg": 100.0, "net_kg_estimated": False, "source": "comtrade", **more}
    key = f"{reporter}|{partner}|{flow}|{hs_code}|{period}"
    made = TradeFlow(
        key=key,
        url="https://t.example",
        reporter=reporter,
        partner=partner,
        flow=flow,
        hs_code=hs_code,
        period=period,
        value=value,
        **given,
    )
    return made, f"e-{partner}-{period}"


def signals(*flows):
    return demand_of(flows, [SAMBAL], today=TODAY).signals


def value(found, metric, *, partner="WLD", period="2024", country="NL"):
    hits = [s for s in found if (s.metric, s.partner, s.period, s.country) == (metric, partner, period, country)]
    assert len(hits) <= 1
    return hits[0].value if hits else None


def oddities(*flows):
    return {odd.kind for odd in demand_of(flows, [SAMBAL], today=TODAY).oddities}


def test_a_world_row_is_never_added_to_its_parts():
    found = signals(flow(value=1000), flow("IDN", 400), flow("THA", 600))
    assert value(found, "import_value_usd") == 1000
    assert value(found, "idn_share") == pytest.approx(0.4)
    assert value(found, "import_value_usd", partner="THA") == 600


def test_without_a_world_row_the_parts_stand_in_and_say_so():
    found = signals(flow("IDN", 400), flow("THA", 600))
    world = next(s for s in found if s.metric == "import_value_usd" and s.partner == "WLD")
    assert (world.value, world.quality) == (1000, "derived")


def test_groups_of_partners_are_no_partner():
    found = signals(flow("IDN", 400), flow("THA", 600), flow("EUR", 5000), flow("EXT_EU27_2020", 900), flow("_X", 7))
    assert value(found, "import_value_usd") == 1000


def test_doubled_totals_are_said():
    assert oddities(flow(value=1000), flow("IDN", 1000), flow("THA", 1000)) == {"doubled"}
    assert oddities(flow(value=1000), flow("IDN", 400), flow("THA", 600)) == set()


def test_trade_with_oneself_is_no_import():
    found = demand_of([flow("NLD", 500), flow("IDN", 400)], [SAMBAL], today=TODAY)
    assert value(found.signals, "import_value_usd") == 400
    assert {odd.kind for odd in found.oddities} == {"self_trade"}


@pytest.mark.parametrize("kind", ["export", "re_export", "re_import"])
def test_only_imports_count(kind):
    assert signals(flow(flow=kind)) == ()


def test_a_missing_value_is_no_zero_and_a_zero_is_no_gap():
    assert signals(flow(value=None)) == ()
    assert value(signals(flow(value=0.0, net_kg=None)), "import_value_usd") == 0.0


@pytest.mark.parametrize(
    ("net_kg", "estimated", "unit"),
    [(100.0, False, 10.0), (100.0, None, 10.0), (100.0, True, None), (0.0, False, None), (None, False, None)],
)
def test_unit_value_needs_a_reported_weight(net_kg, estimated, unit):
    assert value(signals(flow(net_kg=net_kg, net_kg_estimated=estimated)), "unit_value_usd_kg") == unit


def test_a_missing_origin_is_zero_only_where_the_others_explain_the_total():
    assert value(signals(flow(value=1000), flow("THA", 990)), "idn_share") == 0.0
    assert value(signals(flow(value=1000), flow("THA", 500)), "idn_share") is None
    assert value(signals(flow(value=1000)), "idn_share") is None
    assert value(signals(flow("THA", 990)), "idn_share") is None


def test_a_year_that_repeats_the_last_is_marked():
    found = demand_of([flow(period="2023", value=777.5), flow(period="2024", value=777.5)], [SAMBAL], today=TODAY)
    quality = {s.period: s.quality for s in found.signals if s.metric == "import_value_usd"}
    assert quality == {"2023": "reported", "2024": "estimated"}
    assert {odd.kind for odd in found.oddities} == {"copied_year"}


def test_twelve_months_make_a_year_and_eleven_do_not():
    months = [flow(period=f"2024-{month:02}", value=100.0) for month in range(1, 13)]
    assert value(signals(*months), "import_value_usd") == 1200
    assert value(signals(*months[:11]), "import_value_usd") is None
    assert oddities(*months[:11]) == {"incomplete_year"}
    assert value(signals(*months), "import_value_usd", period="2024-03") == 100


def test_an_annual_figure_wins_over_its_months():
    months = [flow(period=f"2024-{month:02}", value=100.0) for month in range(1, 13)]
    assert value(signals(flow(value=1500), *months), "import_value_usd") == 1500


@pytest.mark.parametrize("reporter", ["EU27_2020", "EUR", "WLD", "ZZ9"])
def test_a_group_of_countries_becomes_no_country(reporter):
    assert signals(flow(reporter=reporter)) == ()
    assert oddities(flow(reporter=reporter)) == {"unknown_reporter"}


def test_money_is_changed_at_the_rate_of_its_time_or_not_at_all():
    euros = value(signals(flow(currency="EUR", period="2024")), "import_value_usd")
    assert euros == pytest.approx(1070, abs=40)
    assert signals(flow(currency="QQQ")) == ()
    assert oddities(flow(currency="QQQ")) == {"no_rate"}
    assert signals(flow(currency=None)) == ()


def test_other_goods_are_passed_over_and_near_ones_stand_alone():
    found = signals(flow(hs_code="100630"), flow(hs_code="200599", value=5.0), flow(value=7.0))
    assert {(s.hs_code, s.value) for s in found if s.metric == "import_value_usd"} == {("200599", 5.0), ("210390", 7.0)}


def test_largest_origins_are_kept_and_indonesia_always():
    origins = ["THA", "VNM", "CHN", "MYS", "IND", "USA", "JPN", "KOR", "MEX", "TUR", "FRA", "DEU"]
    found = signals(*(flow(code, 100.0 - at) for at, code in enumerate(origins)), flow("IDN", 1.0))
    partners = {s.partner for s in found if s.metric == "import_value_usd"} - {"WLD"}
    assert len(partners) == 11
    assert "IDN" in partners
    assert "DEU" not in partners


def test_world_totals_count_each_country_once():
    found = signals(flow(value=10), flow(value=99, source="zz-other"), flow(value=5, reporter="BEL"))
    assert world_totals(found) == {("sambal", "210390", "2024"): 15}


def test_sources_that_show_the_same_country_are_never_added():
    found = signals(
        flow(value=1000),
        flow(value=900, source="eurostat_comext", currency="EUR"),
        flow("IDN", 90, source="eurostat_comext", currency="EUR"),
    )
    totals = {s.source: s.value for s in found if (s.metric, s.partner) == ("import_value_usd", "WLD")}
    assert totals["comtrade"] == 1000
    assert totals["eurostat_comext"] == pytest.approx(970, abs=40)
    shares = {s.source: s.value for s in found if s.metric == "idn_share"}
    assert shares == {"eurostat_comext": pytest.approx(0.1)}


def test_world_totals_take_the_source_that_covers_most_countries():
    rows = [flow(value=9, source="eurostat_comext"), flow(value=8, source="un_comtrade"), flow(value=7, source="aa-other")]
    assert world_totals(signals(*rows)) == {("sambal", "210390", "2024"): 8}
    assert [source_rank(name)[0] for name in ("un_comtrade", "eurostat_comext", "hmrc_ots", "us_census")] == [0, 1, 2, 3]


def test_pounds_of_a_month_are_changed_at_the_rate_of_that_month():
    fresh = rates_from(("fx_per_eur", "2027-02-12", f"{code}/EUR", rate) for code, rate in (("USD", 1.2), ("GBP", 0.8)))
    pounds = flow(reporter="GBR", value=10.0, currency="GBP", period="2027-02", valuation="CIF", source="hmrc_ots", quality="derived")
    (found, *_) = demand_of([pounds], [SAMBAL], today=date(2027, 4, 1), rates=fresh).signals
    assert (found.value, found.quality) == (pytest.approx(15.0), "derived")


@pytest.mark.parametrize(
    ("year", "today", "odd"),
    [
        ("2026", date(2026, 11, 25), set()),
        ("2025", date(2026, 11, 25), {"incomplete_year"}),
        ("2025", date(2026, 2, 1), set()),
        ("2024", date(2026, 2, 1), {"incomplete_year"}),
    ],
)
def test_a_year_still_under_way_is_not_odd(year, today, odd):
    months = [flow(period=f"{year}-{month:02}", value=100.0) for month in range(1, 9)]
    assert {found.kind for found in demand_of(months, [SAMBAL], today=today).oddities} == odd


def test_values_without_freight_are_said_once_and_never_mixed_into_a_year():
    freight = [flow(period=f"2024-{month:02}", value=100.0, valuation="CIF") for month in range(1, 12)]
    without = flow(period="2024-12", value=100.0, valuation="FOB")
    found = demand_of([*freight, without], [SAMBAL], today=TODAY)
    assert value(found.signals, "import_value_usd") is None
    assert sorted(odd.kind for odd in found.oddities) == ["free_on_board", "mixed_valuation"]
    assert oddities(flow(valuation="FOB"), flow("IDN", valuation="FOB"), flow("IDN", 5.0, period="2023", valuation="FOB")) == {
        "free_on_board"
    }
    assert value(signals(*freight, flow(period="2024-12", value=100.0, valuation="CIF")), "import_value_usd") == 1200


def test_order_does_not_matter():
    flows = [flow(value=1000), flow("IDN", 400), flow("THA", 600), flow(reporter="BEL", value=5)]
    assert set(signals(*flows)) == set(signals(*reversed(flows)))
