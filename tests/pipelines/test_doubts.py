"""Figures that cannot be right: named as issues, shown as doubtful, and kept out of the index."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_db.home import Home
from market_db.products import ProductType
from market_db.rebuild import load_demand, save_demand
from market_db.schema import open_market
from market_db.seen import TradeFlow
from pipelines.attractiveness import build_markets
from pipelines.demand import demand_of
from pipelines.doubts import far_off

SAMBAL = ProductType(key="sambal", names={"id": "Sambal", "en": "Sambal"}, terms={}, hs=("210390",), cn=("21039090",))


def flow(value, year, reporter="NLD", partner="WLD", **more):
    given = {"flow": "import", "hs_code": "210390", "currency": "USD", "source": "un_comtrade", "url": "https://u.example/"}
    given |= {"key": f"{reporter}|{partner}|{year}", "value": value, "period": str(year), "reporter": reporter, "partner": partner}
    return TradeFlow(**{**given, **more})


def demand(*flows):
    return demand_of([(one, "e") for one in flows], [SAMBAL], today=date(2026, 11, 26))


@pytest.mark.parametrize(
    ("values", "far"),
    [
        ({2021: 100.0, 2022: 110.0, 2023: 120_000.0}, [2023]),
        ({2021: 100.0, 2022: 110.0, 2023: 0.12}, [2023]),
        ({2021: 100.0, 2022: 110.0, 2023: 20_000.0}, []),
        ({2021: 100.0, 2022: 110_000.0}, []),
        ({2021: 0.0, 2022: 0.0, 2023: 5e9}, []),
        ({2021: 1e5, 2022: 1e5, 2023: 1e5, 2024: 100.0, 2025: 100.0}, [2024, 2025]),
        ({}, []),
    ],
)
def test_a_thousand_times_off(values, far):
    assert far_off(values) == far


@given(st.dictionaries(st.integers(2000, 2026), st.floats(1, 299)))
def test_nothing_within_the_factor_is_called_off(values):
    assert far_off(values) == []


def test_a_jump_of_a_thousand_times_is_named_shown_and_not_counted():
    found = demand(*(flow(1e6 * (1 + year - 2020), year) for year in (2020, 2021, 2022, 2023)), flow(5e9, 2024))
    assert [(one.kind, one.source) for one in found.oddities] == [("thousandfold", "un_comtrade")]
    assert "NLD 210390 2024" in found.oddities[0].detail
    assert {signal.period: signal.quality for signal in found.signals}["2024"] == "doubtful"
    market = build_markets(SAMBAL, found.signals, {}, year=2026)[0]
    assert (market.import_year, market.import_usd) == ("2023", 4e6)


def test_weights_in_tons_spoil_the_price_and_not_the_value():
    flows = [flow(1e6, year, net_kg=5e5 if year < 2024 else 500.0) for year in (2021, 2022, 2023)]
    found = demand(*flows, flow(1.1e6, 2024, net_kg=550.0))
    assert [one.kind for one in found.oddities if one.kind != "copied_year"] == ["thousandfold_weight"]
    of = {(signal.metric, signal.period): signal.quality for signal in found.signals}
    assert (of["import_value_usd", "2024"], of["unit_value_usd_kg", "2024"], of["import_net_kg", "2024"]) == (
        "reported",
        "doubtful",
        "doubtful",
    )


@pytest.mark.parametrize(
    ("odd", "kind", "said"),
    [
        ({"value": -5.0}, "negative_value", "NLD 210390 2024 WLD: -5"),
        ({"currency": "QQQ"}, "no_rate", "QQQ 2024"),
        ({"currency": None}, "no_rate", "None 2024"),
        ({"reporter": "QQQ"}, "unknown_reporter", "QQQ"),
        ({"reporter": "EU27_2020"}, "unknown_reporter", "EU27_2020"),
    ],
)
def test_what_is_no_figure_is_named_with_its_source(odd, kind, said):
    found = demand(flow(1e6, 2023), flow(**{"value": 2e6, "year": 2024, **odd}))
    assert [(one.kind, one.detail, one.source) for one in found.oddities] == [(kind, said, "un_comtrade")]
    assert {signal.period for signal in found.signals} == {"2023"}


def test_suppliers_in_few_hands():
    even = demand(flow(100.0, 2024), *(flow(25.0, 2024, partner=code) for code in ("DEU", "IDN", "THA", "CHN")))
    assert {s.metric: s.value for s in even.signals if s.partner == "WLD"}["supplier_hhi"] == pytest.approx(0.25)
    one = demand(flow(100.0, 2024), flow(96.0, 2024, partner="THA"))
    assert {s.metric: s.value for s in one.signals if s.partner == "WLD"}["supplier_hhi"] == pytest.approx(1.0)
    most = demand(flow(100.0, 2024), flow(50.0, 2024, partner="THA"))
    assert "supplier_hhi" not in {s.metric for s in most.signals}


@pytest.fixture
def market(tmp_path):
    db = open_market(Home(root=tmp_path))
    yield db
    db.close()


def seen(value, day, quality="reported"):
    return replace(demand(flow(1e6, 2024)).signals[0], value=value, retrieved=f"2026-11-{day:02d}", quality=quality)


def test_a_revised_value_stands_beside_the_old_one_and_only_the_newest_counts(market):
    saved = [save_demand(market, [seen(*one)]) for one in ((1e6, 1), (2e6, 2), (3e6, 2), (3e6, 3))]
    assert saved == [1, 1, 1, 0]
    assert [(one.value, one.retrieved) for one in load_demand(market, "sambal")] == [(3e6, "2026-11-03")]
    assert market.conn.execute("select value from demand_current").fetchall() == [(3e6,)]
    assert market.conn.execute("select count(*) from demand_signals").fetchone() == (3,)


def test_each_revision_names_the_row_it_replaced(market):
    for one in ((1e6, 1), (2e6, 2), (3e6, 4), (3e6, 9)):
        save_demand(market, [seen(*one)])
    chain = market.conn.execute(
        "select d.value, d.revised_from, d.revised_on, e.value from demand_signals d left join demand_signals e on e.id = d.supersedes"
        " order by d.rowid"
    ).fetchall()
    assert chain == [(1e6, None, None, None), (2e6, 1e6, "2026-11-02", 1e6), (3e6, 2e6, "2026-11-04", 2e6)]
    newest = load_demand(market, "sambal")[0]
    assert (newest.revised_from, newest.revised_on, newest.retrieved) == (2e6, "2026-11-04", "2026-11-09")


@pytest.mark.parametrize("days", [(1, 2, 3, 4), (2, 2, 2, 2)])
def test_a_value_that_comes_back_is_current_again(market, days):
    for value, day in zip((1e6, 2e6, 1e6, 1e6), days, strict=True):
        save_demand(market, [seen(value, day)])
    newest = load_demand(market, "sambal")[0]
    assert (newest.value, newest.revised_from, newest.revised_on) == (1e6, 2e6, f"2026-11-{days[2]:02d}")
    assert market.conn.execute("select value from demand_current").fetchall() == [(1e6,)]
    assert market.conn.execute("select count(*) from demand_signals").fetchone() == (2,)


def test_other_numbers_are_no_revision(market):
    first = seen(1e6, 1)
    others = [
        replace(first, **{name: value}) for name, value in (("period", "2023"), ("country", "DE"), ("partner", "IDN"), ("source", "x"))
    ]
    save_demand(market, [first])
    save_demand(market, [replace(one, value=2e6) for one in others])
    assert market.conn.execute("select count(*) from demand_signals where supersedes is not null").fetchone() == (0,)


def test_a_judgement_that_changes_with_the_years_beside_it_is_kept(market):
    save_demand(market, [seen(1e6, 1)])
    save_demand(market, [seen(1e6, 2, quality="doubtful")])
    assert [(one.value, one.quality, one.supersedes) for one in load_demand(market, "sambal")] == [(1e6, "doubtful", None)]
