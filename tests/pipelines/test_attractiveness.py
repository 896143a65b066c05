"""Markets: growth that one odd year cannot bend, an index with its parts, and no data that is not zero."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_db.derived import DemandSignal
from market_db.products import ProductType
from pipelines.attractiveness import Buyers, build_markets, theil_sen, weights

SAMBAL = ProductType(key="sambal", names={"id": "Sambal", "en": "Sambal"}, terms={}, hs=("210390",), cn=("21039090",))


def signal(country, metric="import_value_usd", value=1e6, period="2024", **more):
    given = {"product": "sambal", "hs_code": "210390", "partner": "WLD", "unit": "USD", "quality": "reported", "source": "comtrade"}
    return DemandSignal(
        **{
            **given,
            "country": country,
            "metric": metric,
            "value": value,
            "period": period,
            "evidence_id": "e",
            "retrieved": "2026-11-01",
            **more,
        }
    )


def years(country, *values, last=2024):
    return [signal(country, value=value, period=str(last - len(values) + 1 + at)) for at, value in enumerate(values)]


def markets(signals, buyers=None, year=2026):
    return {market.country: market for market in build_markets(SAMBAL, signals, buyers or {}, year=year)}


def test_growth_of_the_sheet_of_china():
    """China's imports of 210390, kUSD, 2015-2019 (International Trade Centre): 0.1335 a year by DEMAND's worked example; ends as printed there."""
    even = {2015 + at: 92_271 * math.exp(0.1335 * at) for at in range(5)}
    assert theil_sen(even) == pytest.approx(0.1335)


@pytest.mark.parametrize(
    ("points", "growth"),
    [
        ({2020: 100, 2021: 110, 2022: 121}, math.log(1.1)),
        ({2020: 100, 2022: 121, 2023: 133.1}, math.log(1.1)),
        ({2020: 100, 2021: 110, 2022: 121, 2023: 1331000, 2024: 146.41}, math.log(1.1)),
        ({2015: 9e9, 2020: 100, 2021: 100, 2022: 100, 2023: 100, 2024: 100}, 0.0),
        ({2023: 100, 2024: 110}, None),
        ({2022: 0, 2023: 100, 2024: 110}, None),
        ({}, None),
    ],
)
def test_growth(points, growth):
    assert theil_sen(points) == (None if growth is None else pytest.approx(growth))


def test_weights_add_up():
    assert sum(weights().values()) == pytest.approx(1)


def test_a_market_without_figures_is_listed_without_numbers():
    found = markets([], {"SA": Buyers(companies=3, with_contact=2, tenders=1, prices=(4.0, 8.0, 5.0))})["SA"]
    assert (found.import_usd, found.index, found.growth, found.idn_share) == (None, None, None, None)
    assert (found.buyers, found.buyers_with_contact, found.tenders) == (3, 2, 1)
    assert (found.shelf_price_usd_kg, found.shelf_prices) == (5.0, 3)


def test_an_old_figure_is_shown_and_not_rated():
    found = markets([*years("AA", 1e6, last=2021), *years("BB", 1e6, last=2022)])
    assert (found["AA"].import_usd, found["AA"].import_year, found["AA"].index) == (1e6, "2021", None)
    assert found["BB"].index is not None


def test_imports_of_nothing_are_zero_and_not_rated():
    found = markets([signal("AA", value=0.0)])["AA"]
    assert (found.import_usd, found.index) == (0.0, None)


def test_parts_add_up_to_the_index():
    found = markets(
        [*years("AA", 1e6, 2e6, 3e6), *years("BB", 9e6, 8e6, 7e6), signal("AA", "unit_value_usd_kg", 4.0), signal("AA", "idn_share", 0.1)]
    )
    for market in found.values():
        assert market.index == pytest.approx(sum(market.index_parts.values()), abs=0.06)
    assert found["BB"].index_parts["unknown"] == pytest.approx(50 * (weights()["unit_value"] + weights()["foothold"]), abs=0.01)


def test_copied_years_do_not_count_for_growth():
    rows = [*years("AA", 100, 110, 121), signal("AA", value=121, period="2025", quality="estimated")]
    found = markets(rows)["AA"]
    assert found.import_year == "2024"
    assert found.growth == pytest.approx(math.log(1.1))


def test_sources_and_codes_are_never_mixed():
    rows = [
        *years("AA", 100, 110, 121),
        signal("AA", value=900.0, period="2025", source="zz"),
        signal("AA", value=5.0, period="2025", hs_code="21039090"),
    ]
    found = markets(rows)["AA"]
    assert (found.import_usd, found.import_year, found.growth) == (900.0, "2025", None)


@given(st.lists(st.floats(1e3, 1e10), min_size=2, max_size=20), st.floats(1.01, 100))
def test_a_larger_market_is_never_rated_lower(values, factor):
    rows = [signal(f"A{chr(65 + at)}", value=value) for at, value in enumerate(values)]
    before = markets(rows)["AA"].index
    rows[0] = signal("AA", value=values[0] * factor)
    after = markets(rows)["AA"].index
    assert after >= before - 0.11


def test_order_of_signals_does_not_matter():
    rows = [*years("AA", 1e6, 2e6, 3e6), *years("BB", 9e6, 8e6, 7e6), *years("CC", 5e6)]
    assert markets(rows) == markets(rows[::-1])


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        ({"un_comtrade": (1.0, 2.0), "eurostat_comext": (3.0, 4.0)}, 2.0),
        ({"un_comtrade": (1.0,), "eurostat_comext": (3.0, 4.0)}, 4.0),
        ({"hmrc_ots": (5.0, 6.0), "eurostat_comext": (3.0, 4.0)}, 4.0),
        ({"aa_new": (5.0, 6.0), "hmrc_ots": (3.0, 4.0)}, 4.0),
    ],
)
def test_one_source_speaks_for_a_country(given, chosen):
    found = [signal(**{"country": "NL", **vars_of(one), "source": source}) for source, row in given.items() for one in years("NL", *row)]
    assert markets(found)["NL"].import_usd == chosen


def vars_of(found):
    return {name: getattr(found, name) for name in ("value", "period")}
