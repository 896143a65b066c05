"""Shares of what was observed: the base must be there and large enough; zero is a share, no data is none."""

from dataclasses import replace

import pytest

from market_db.derived import DemandSignal
from market_db.reference import metric_unit
from pipelines.shares import shares_of

BASE = DemandSignal(
    country="NL",
    product="sambal",
    hs_code=None,
    partner="WLD",
    metric="pop",
    period="2026-11",
    value=0.0,
    unit="",
    quality="crowd",
    source="open_food_facts",
    evidence_id="e",
    retrieved="2026-11-20",
)


def signal(metric: str, value: float, **change: str) -> DemandSignal:
    return replace(BASE, metric=metric, value=value, unit=metric_unit(metric) or "", **change)


def shares(*signals: DemandSignal) -> dict[tuple[str, str], float]:
    found = list(shares_of(signals))
    assert all(one.quality == "crowd" and one.unit == metric_unit(one.metric) and one.evidence_id == "e" for one in found)
    return {(one.country, one.metric): one.value for one in found}


def test_share_of_the_catalogue_and_of_halal_labels() -> None:
    found = shares(signal("catalogue_products", 20_000), signal("assortment_products", 200), signal("assortment_halal_products", 50))
    assert found == {("NL", "assortment_share"): 0.01, ("NL", "halal_label_share"): 0.25}


@pytest.mark.parametrize(
    ("catalogue", "assortment", "told"),
    [(2_000, 10, True), (1_999, 500, False), (90_000, 9, False), (None, 500, False), (5_000, None, False)],
)
def test_a_small_or_unknown_base_gives_no_share(catalogue: float | None, assortment: float | None, told: bool) -> None:
    known = {"catalogue_products": catalogue, "assortment_products": assortment, "assortment_halal_products": 1.0}
    found = shares(*(signal(metric, value) for metric, value in known.items() if value is not None))
    assert bool(found) is told


def test_no_halal_label_is_a_share_of_zero() -> None:
    found = shares(signal("catalogue_products", 20_000), signal("assortment_products", 200), signal("assortment_halal_products", 0))
    assert found["NL", "halal_label_share"] == 0.0


def test_catalogues_of_different_sources_are_not_mixed() -> None:
    assert shares(signal("catalogue_products", 20_000, source="open_food_facts_dump"), signal("assortment_products", 200)) == {}


def test_views_per_million_need_the_population_of_whoever_knows_it() -> None:
    views = signal("wiki_views", 900, source="wikipedia_views")
    assert shares(views) == {}
    assert shares(views, signal("pop", 18e6, source="world_bank_data")) == {("NL", "wiki_views_per_m"): 50.0}
    assert shares(views, signal("pop", 18e6, source="world_bank_data", country="BE")) == {}
    (share,) = shares_of([replace(views, quality="reported"), signal("pop", 18e6)])
    assert share.quality == "derived"
