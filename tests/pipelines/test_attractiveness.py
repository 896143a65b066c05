"""Markets: growth that one odd year cannot bend, an index with its parts, and no data that is not zero."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.derived import DemandSignal
from market_db.products import ProductType
from pipelines.attractiveness import ENOUGH, Buyers, build_markets, rated_markets
from pipelines.index_model import load_model, shipped
from pipelines.index_score import Goalpost, rate
from pipelines.indicators import About, indicators_of, newest_observed, theil_sen, untapped_usd
from pipelines.market_series import series_of

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


def test_a_market_without_figures_is_listed_without_numbers():
    found = markets([], {"SA": Buyers(companies=3, with_contact=2, tenders=1, prices=(4.0, 8.0, 5.0))})["SA"]
    assert (found.import_usd, found.index, found.growth, found.idn_share) == (None, None, None, None)
    assert (found.buyers, found.buyers_with_contact, found.tenders) == (3, 2, 1)
    assert (found.shelf_price_usd_kg, found.shelf_prices) == (5.0, 3)


OTHERS = [signal(f"X{letter}", value=value) for letter, value in zip("ABCDE", (1e6, 3e6, 9e6, 2.7e7, 8.1e7), strict=True)]
"""Five more countries: with fewer than four there is nothing to compare with."""


def test_an_old_figure_is_shown_and_not_rated():
    found = markets([*OTHERS, *years("AA", 1e6, last=2021), *years("BB", 1e6, last=2022)])
    assert (found["AA"].import_usd, found["AA"].import_year, found["AA"].index) == (1e6, "2021", None)
    assert found["BB"].index is not None


def test_with_fewer_than_four_countries_there_is_nothing_to_compare():
    found = markets([*years("AA", 1e6, 2e6, 3e6), *years("BB", 1e6)])["AA"]
    assert (found.import_usd, found.index, found.rank, found.evidence, found.watchlist) == (3e6, None, None, 0.0, True)


def test_imports_of_nothing_are_the_smallest_market_and_not_an_unknown_one():
    found = markets([*OTHERS, signal("AA", value=0.0)])
    assert (found["AA"].import_usd, found["AA"].parts[0].part, found["AA"].parts[0].score) == (0.0, "size", 0.0)
    assert "size" not in found["AA"].unknown_parts


FULL = {
    "unit_value_usd_kg": ("210390", 3.0),
    "idn_share": ("210390", 0.1),
    "supplier_hhi": ("210390", 0.2),
    "wiki_views_per_m": (None, 40.0),
    "assortment_share": (None, 0.01),
    "tariff_idn_pct": (None, 5.0),
    "lpi": (None, 3.5),
    "wgi_rq": (None, 1.0),
    "wgi_pv": (None, 0.5),
}
CODES = ("NL", "GB", "US", "JP", "MY", "DE", "FR", "AU")


def full(country, scale=1.0, without=()):
    """Every number the index can use."""
    rows = years(country, *(1e6 * scale * (1 + 0.1 * at) for at in range(5)), last=2025)
    for metric, (code, value) in FULL.items():
        if metric not in without:
            rows.append(signal(country, metric, value * (1 + scale / 50), "2025", hs_code=code))
    return rows


def test_parts_with_what_is_unknown_add_up_to_the_index():
    found = markets([row for at, code in enumerate(CODES) for row in full(code, 1 + at, ("lpi",) if code == "NL" else ())])
    for market in found.values():
        assert market.index == pytest.approx(sum(market.index_parts.values()), abs=0.11)
        assert market.index == pytest.approx(sum(part.points for part in market.parts) + 50 * (1 - market.evidence), abs=0.2)
    assert found["NL"].unknown_parts == ("logistics",)
    assert found["NL"].index_parts["unknown"] == pytest.approx(50 * 0.06)
    assert (found["GB"].unknown_parts, found["GB"].evidence) == ((), 1.0)


def test_every_part_says_where_it_comes_from():
    found = markets([row for at, code in enumerate(CODES) for row in full(code, 1 + at)])["NL"]
    size = found.parts[0]
    assert (size.value, size.unit, size.period, size.source) == (pytest.approx(1.3e6), "USD", "2023-2025", "comtrade")
    assert {part.part: part.source for part in found.parts if part.part != "distance"} == dict.fromkeys(
        [part.part for part in found.parts if part.part != "distance"], "comtrade"
    )
    assert next(part.value for part in found.parts if part.part == "distance") == pytest.approx(10_100, rel=0.03)


BETTER = {
    "unit_value_usd_kg": 1,
    "idn_share": 1,
    "supplier_hhi": -1,
    "wiki_views_per_m": 1,
    "assortment_share": 1,
    "tariff_idn_pct": -1,
    "lpi": 1,
    "wgi_rq": 1,
    "wgi_pv": 1,
}
"""Which way a figure makes a market better."""


@settings(deadline=None, max_examples=10)
@given(factor=st.floats(1.05, 3.0))
@pytest.mark.parametrize("metric", BETTER)
def test_a_better_figure_raises_the_index_and_a_worse_one_lowers_it(metric, factor):
    rows = [row for at, code in enumerate(CODES) for row in full(code, 1 + at)]
    first = rated_markets(SAMBAL, rows, {}, year=2026)
    kept = {part: Goalpost(-1e3, 1e3, ENOUGH) for part in first.posts}
    changed = [replace(row, value=row.value * factor) if (row.country, row.metric) == ("NL", metric) else row for row in rows]
    before, after = (
        next(market for market in rated_markets(SAMBAL, found, {}, year=2026, kept=kept).markets if market.country == "NL")
        for found in (rows, changed)
    )
    moved = sum(part.score * part.weight for part in _exact(changed, kept)) - sum(part.score * part.weight for part in _exact(rows, kept))
    assert moved * BETTER[metric] > 0
    assert (after.index - before.index) * BETTER[metric] >= 0


def _exact(rows, posts):
    """Parts of the Netherlands before they are rounded."""
    signals = list(rows)
    known = About("NL", series_of(SAMBAL, signals)["NL"], newest_observed(signals)["NL"])
    return rate(indicators_of(known, shipped(), 2026), posts, shipped(), 2026).parts.values()


def test_nearer_is_better():
    rows = [row for code in ("SG", "MY", "US", "BR", "NL") for row in full(code)]
    scores = {code: next(part.score for part in market.parts if part.part == "distance") for code, market in markets(rows).items()}
    assert scores["SG"] > scores["NL"] > scores["US"]


@pytest.mark.parametrize(
    ("metric", "part"),
    [("idn_share", "foothold"), ("tariff_idn_pct", "tariff"), ("assortment_share", "assortment"), ("wiki_views_per_m", "interest"),
     ("supplier_hhi", "openness"), ("wgi_rq", "stability")],
)  # fmt: skip
def test_zero_is_a_figure_and_not_a_gap(metric, part):
    rows = [row for at, code in enumerate(CODES) for row in full(code, 1 + at)]
    found = markets([replace(row, value=0.0) if (row.country, row.metric) == ("NL", metric) else row for row in rows])["NL"]
    assert part in {one.part for one in found.parts}
    assert part not in found.unknown_parts


def test_little_evidence_is_a_watchlist_without_a_place():
    rows = [row for at, code in enumerate(CODES) for row in full(code, 1 + at)]
    found = markets([*rows, signal("AA", value=5e9, period="2022")])
    assert (found["AA"].watchlist, found["AA"].rank, found["AA"].rank_low) == (True, None, None)
    assert sorted(found[code].rank for code in CODES) == list(range(1, 9))
    assert all(found[code].rank_low <= found[code].rank <= found[code].rank_high for code in CODES)


def test_a_general_duty_stands_in_with_half_the_evidence():
    rows = [row for at, code in enumerate(CODES) for row in full(code, 1 + at, ("tariff_idn_pct",) if code == "NL" else ())]
    found = markets([*rows, signal("NL", "tariff_mfn_pct", 7.7, "2025", hs_code=None)])["NL"]
    assert next((part.quality, part.evidence, part.value) for part in found.parts if part.part == "tariff") == ("estimated", 0.5, 7.7)


@pytest.mark.parametrize(("quality", "share"), [("reported", 1.0), ("derived", 1.0), ("mirror", 0.8), ("crowd", 0.7)])
def test_evidence_knows_how_a_figure_came_about(quality, share):
    rows = [row for at, code in enumerate(CODES) for row in full(code, 1 + at)]
    rows = [row for row in rows if (row.country, row.metric) != ("NL", "import_value_usd")]
    found = markets([*rows, signal("NL", value=5e6, period="2025", quality=quality)])["NL"]
    assert (found.parts[0].quality, found.parts[0].evidence) == (quality, share)


@pytest.mark.parametrize(("newest", "share"), [(2026, 1.0), (2025, 1.0), (2024, 0.5 ** (1 / 3)), (2022, 0.5)])
def test_evidence_ages_by_half_lives_after_a_free_year(newest, share):
    found = markets([*OTHERS, *years("AA", 1e6, last=newest)])["AA"]
    assert found.parts[0].evidence == pytest.approx(share, abs=0.001)


def test_kept_goalposts_leave_everybody_as_they_were_when_a_country_is_added():
    rows = [row for at in range(ENOUGH) for row in full(f"{chr(65 + at)}X", 1 + at)]
    first = rated_markets(SAMBAL, rows, {}, year=2026)
    second = rated_markets(SAMBAL, [*rows, *full("ZZ", 9_000.0)], {}, year=2026, kept=first.posts)
    before = {market.country: (market.index, market.evidence, market.parts, market.index_version) for market in first.markets}
    after = {market.country: (market.index, market.evidence, market.parts, market.index_version) for market in second.markets}
    assert before == {country: after[country] for country in before}
    assert second.posts == first.posts


def test_goalposts_of_few_countries_and_outgrown_ones_are_worked_out_anew():
    few = [row for at in range(ENOUGH - 1) for row in full(f"{chr(65 + at)}X", 1 + at)]
    first = rated_markets(SAMBAL, few, {}, year=2026)
    more = [*few, *full("ZZ", 9_000.0)]
    second = rated_markets(SAMBAL, more, {}, year=2026, kept=first.posts)
    assert second.posts["size"] != first.posts["size"]
    many = [*more, *(row for at in range(ENOUGH) for row in full(f"{chr(65 + at)}Y", 1 + at))]
    third = rated_markets(SAMBAL, many, {}, year=2026, kept=second.posts)
    assert third.posts["size"].countries == 2 * ENOUGH
    assert third.markets[0].index_version != second.markets[0].index_version


def test_weights_of_a_home_change_the_version(tmp_path):
    (tmp_path / "attractiveness.toml").write_text("[parts.size]\nweight = 0.30\n[parts.growth]\nweight = 0.05\n")
    rows = [row for at, code in enumerate(CODES) for row in full(code, 1 + at)]
    own = rated_markets(SAMBAL, rows, {}, year=2026, model=load_model(tmp_path)).markets
    assert own[0].parts[0].weight == 0.30
    assert own[0].index_version != markets(rows)["AU"].index_version


def test_what_could_be_sold_is_never_guessed():
    known = {"idn_world": 2e7, "world": 1e9, "imports": 5e7, "intensity": 1.5, "idn_here": 5e5}
    assert untapped_usd(**known) == pytest.approx(1e6)
    assert untapped_usd(**{**known, "intensity": 90}) == pytest.approx(4.5e6)
    assert untapped_usd(**{**known, "idn_here": 9e9}) == 0.0
    for name in known:
        assert untapped_usd(**{**known, name: None}) is None


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


@given(st.lists(st.floats(1e3, 1e10), min_size=5, max_size=20), st.floats(1.01, 100))
def test_a_larger_market_is_never_rated_lower(values, factor):
    rows = [signal(f"A{chr(65 + at)}", value=value) for at, value in enumerate(values)]
    before = rated_markets(SAMBAL, rows, {}, year=2026)
    rows[0] = signal("AA", value=values[0] * factor)
    after = rated_markets(SAMBAL, rows, {}, year=2026, kept={key: replace(post, countries=ENOUGH) for key, post in before.posts.items()})
    assert after.markets[0].index >= before.markets[0].index


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


def test_suppliers_known_to_another_source_count_where_the_first_does_not_know_them():
    rows = [signal(**{"country": "NL", **vars_of(one), "source": "un_comtrade"}) for one in years("NL", 1e6, 2e6)]
    rows += [signal("NL", value=1.9e6, source="eurostat_comext", hs_code="21039090")]
    rows += [signal("NL", "supplier_hhi", 0.2, source="eurostat_comext", hs_code="21039090")]
    others = [signal(code, "supplier_hhi", 0.1 * at) for at, code in enumerate(("XA", "XB", "XC", "XD"), 1)]
    found = markets([*OTHERS, *others, *rows])["NL"]
    assert (found.import_usd, found.sources) == (2e6, ("un_comtrade",))
    assert next((part.value, part.source) for part in found.parts if part.part == "openness") == (0.2, "eurostat_comext")


def vars_of(found):
    return {name: getattr(found, name) for name in ("value", "period")}
