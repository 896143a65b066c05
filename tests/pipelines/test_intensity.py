"""Trade intensity over all goods, and what Indonesia could sell beyond what it does: worked by hand, and unknown where a piece is missing."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_db.derived import DemandSignal
from market_db.products import ProductType
from market_db.seen import TradeFlow
from pipelines.attractiveness import build_markets
from pipelines.demand import demand_of
from pipelines.intensity import intensity_signals

SAMBAL = ProductType(key="sambal", names={"id": "Sambal", "en": "Sambal"}, terms={}, hs=("210390",))
TODAY = date(2026, 11, 26)
WORLD = {"NLD": 100.0, "DEU": 200.0, "JPN": 300.0, "USA": 400.0}
OWN = {"NLD": 4.0, "DEU": 1.0, "JPN": 9.0, "USA": 6.0}


def flow(reporter, partner, value, *, period="2024", hs_code="TOTAL", **more):
    key = f"{reporter}|{partner}|import|{hs_code}|{period}"
    given = {"currency": "USD", "source": "un_comtrade", "url": "https://u.example/", "flow": "import"} | more
    return TradeFlow(key=key, reporter=reporter, partner=partner, hs_code=hs_code, period=period, value=value, **given)


def year(world=WORLD, own=OWN, period="2024"):
    return [flow(code, partner, value, period=period) for partner, row in (("WLD", world), ("IDN", own)) for code, value in row.items()]


def ratios(flows):
    found = intensity_signals([(one, f"e-{one.reporter}") for one in flows], [SAMBAL], today=TODAY)
    return {signal.country: (signal.period, signal.value) for signal in found}


def test_by_hand():
    """Indonesia: 4+1+9+6 = 20 of 1,000; the Netherlands take 4/20 of it and 100/1,000 of everything: twice their weight."""
    found = ratios(year())
    assert found == {
        "NL": ("2024", pytest.approx(2.0)),
        "DE": ("2024", pytest.approx(0.25)),
        "JP": ("2024", pytest.approx(1.5)),
        "US": ("2024", pytest.approx(0.75)),
    }


def test_each_says_where_it_comes_from():
    one = next(intensity_signals([(flow, f"e-{flow.partner}") for flow in year()], [SAMBAL], today=TODAY))
    assert (one.metric, one.partner, one.hs_code, one.quality, one.source) == ("trade_intensity_idn", "IDN", None, "derived", "un_comtrade")
    assert (one.evidence_id, one.unit, one.product) == ("e-IDN", "times", "sambal")


def test_a_year_that_few_have_reported_gives_way_to_one_that_most_have():
    newer = year({**WORLD, "FRA": 50.0}, OWN, "2025")[:-1]  # France and the United States without a row for Indonesia
    found = ratios([*year(), *newer])
    assert {period for period, _ in found.values()} == {"2024"}
    assert found.keys() == {"NL", "DE", "JP", "US"}


def test_a_country_that_only_the_newer_year_has_is_compared_within_it():
    newer = year({**WORLD, "FRA": 50.0}, {**OWN, "FRA": 2.0}, "2025")
    assert ratios([*year(), *newer])["FR"] == ("2025", pytest.approx((2 / 22) / (50 / 1050)))


@pytest.mark.parametrize(
    "flows",
    [
        [],
        year(dict(list(WORLD.items())[:3]), OWN),
        year(WORLD, dict.fromkeys(OWN, 0.0)),
        [flow(one.reporter, one.partner, one.value, currency="QQQ") for one in year()],
        [flow(one.reporter, one.partner, -one.value) for one in year()],
        [flow(one.reporter, one.partner, one.value, flow="export") for one in year()],
        [flow(one.reporter, one.partner, one.value, period="2024-03") for one in year()],
    ],
    ids=["nothing", "three countries", "nothing from Indonesia", "no rate", "negative", "exports", "months"],
)
def test_without_a_basis_there_is_none(flows):
    assert ratios(flows) == {}


def test_imports_of_nothing_from_indonesia_are_known():
    assert ratios(year(WORLD, {**OWN, "DEU": 0.0}))["DE"] == ("2024", 0.0)


@given(st.lists(st.tuples(st.floats(1, 1e12), st.floats(0, 1e9)), min_size=4, max_size=8), st.randoms(use_true_random=False))
def test_weighted_by_size_they_are_one_and_order_is_irrelevant(rows, shuffle):
    codes = ("NLD", "DEU", "JPN", "USA", "FRA", "GBR", "AUS", "KOR")[: len(rows)]
    world, own = dict(zip(codes, (w for w, _ in rows), strict=True)), dict(zip(codes, (o for _, o in rows), strict=True))
    flows = year(world, own)
    found = ratios(flows)
    if found:
        two = {"NLD": "NL", "DEU": "DE", "JPN": "JP", "USA": "US", "FRA": "FR", "GBR": "GB", "AUS": "AU", "KOR": "KR"}
        total = sum(world.values())
        assert sum(found[two[code]][1] * world[code] / total for code in codes) == pytest.approx(1.0)
    other = list(flows)
    shuffle.shuffle(other)
    assert ratios(other) == found


def test_all_goods_are_no_demand_of_a_product():
    assert demand_of([(one, "e") for one in year()], [SAMBAL], today=TODAY).signals == ()


def signal(country, metric, value, hs_code="210390", **more):
    given = {"period": "2025", "unit": "", "quality": "reported", "source": "un_comtrade", "evidence_id": "e", "retrieved": "2026-11-01"}
    return DemandSignal(country=country, product="sambal", hs_code=hs_code, partner="WLD", metric=metric, value=value, **{**given, **more})


def untapped(*signals):
    return {market.country: market.untapped_usd for market in build_markets(SAMBAL, signals, {}, year=2026)}


KNOWN = (
    *(signal("NL", "import_value_usd", 600.0), signal("NL", "idn_share", 0.06)),
    *(signal("DE", "import_value_usd", 1_400.0), signal("DE", "idn_share", 0.01)),
    *(signal("NL", "trade_intensity_idn", 2.0, None), signal("DE", "trade_intensity_idn", 0.25, None)),
)


def test_untapped_value_by_hand():
    """Indonesia sells 36 + 14 = 50 of 2,000: 2.5 %. Netherlands: 2.5 % x 600 x 2 - 36 < 0; Germany: 2.5 % x 1,400 x 0.25 - 14 < 0."""
    assert untapped(*KNOWN) == {"NL": 0.0, "DE": 0.0}
    more = [*KNOWN[:-1], signal("DE", "trade_intensity_idn", 1.0, None)]
    assert untapped(*more)["DE"] == pytest.approx(0.025 * 1_400 - 14)


def test_a_market_whose_share_is_unknown_weighs_on_neither_side():
    assert untapped(*KNOWN, signal("JP", "import_value_usd", 9e9)) == {**untapped(*KNOWN), "JP": None}


@pytest.mark.parametrize("without", range(len(KNOWN) // 2))
def test_a_missing_piece_gives_none(without):
    piece = KNOWN[without * 2 if without < 2 else 4]
    rest = [one for one in KNOWN if one is not piece]
    assert untapped(*rest).get(piece.country) is None
