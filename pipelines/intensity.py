"""How much more a country buys from Indonesia than its size would tell, over all goods: for untapped value, no part of the index."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from market_db.derived import DemandSignal
from market_db.products import ProductType
from market_db.reference import metric_unit
from market_db.seen import ALL_GOODS, TradeFlow
from market_db.values.money import SHIPPED, Rates
from market_db.values.places import iso2
from pipelines.demand import INDONESIA, WORLD, YEAR, in_usd, is_aggregate

METRIC = "trade_intensity_idn"
LEAST_REPORTERS = 4
"""Countries of a year below which there is nothing to compare with."""


@dataclass(frozen=True, slots=True)
class _Reported:
    """All goods that one country imported in one year, USD."""

    world: float
    indonesia: float
    flow: TradeFlow
    evidence_id: str


def intensity_signals(
    flows: Iterable[tuple[TradeFlow, str]], products: Sequence[ProductType], *, today: date, rates: Rates = SHIPPED
) -> Iterator[DemandSignal]:
    """(Country's share in imports from Indonesia) / (its share in all imports), for every product, over all goods.

    1 = as its size tells, 2 = twice as much. Both shares rest on the countries that report imports from the world and from Indonesia in
    the same year; of a country's years the one that most countries report counts, of equals the newer one. A country without a row for
    Indonesia has none: unknown is not 0. Method: DEMAND.md, section 5 (trade intensity index).
    """
    years = _by_year(flows, rates)
    best: dict[str, tuple[str, str]] = {}
    for key in sorted(years, key=lambda key: (len(years[key]), key)):
        best.update(dict.fromkeys(years[key], key))
    for country, key in sorted(best.items()):
        ratio = _ratio(years[key], country)
        if ratio is not None:
            for product in products:
                yield _signal(years[key][country], country, product.key, ratio, today)


def _by_year(flows: Iterable[tuple[TradeFlow, str]], rates: Rates) -> dict[tuple[str, str], dict[str, _Reported]]:
    """(source, year) -> country -> what it reported."""
    parts: dict[tuple[str, str], dict[str, dict[str, tuple[float, TradeFlow, str]]]] = defaultdict(lambda: defaultdict(dict))
    for flow, evidence in flows:
        usd, country = in_usd(flow, rates), iso2(flow.reporter)
        wanted = flow.flow == "import" and flow.hs_code == ALL_GOODS and len(flow.period) == YEAR and flow.partner in (WORLD, INDONESIA)
        if wanted and usd is not None and usd >= 0 and country and not is_aggregate(flow.reporter):
            parts[flow.source, flow.period][country][flow.partner] = (usd, flow, evidence)
    return {
        key: {
            country: _Reported(known[WORLD][0], known[INDONESIA][0], known[INDONESIA][1], known[INDONESIA][2])
            for country, known in countries.items()
            if known.keys() == {WORLD, INDONESIA} and known[WORLD][0] > 0
        }
        for key, countries in parts.items()
    }


def _ratio(reported: Mapping[str, _Reported], country: str) -> float | None:
    world, indonesia = math.fsum(one.world for one in reported.values()), math.fsum(one.indonesia for one in reported.values())
    if len(reported) < LEAST_REPORTERS or indonesia <= 0:
        return None
    own = reported[country]
    return (own.indonesia / indonesia) / (own.world / world)


def _signal(found: _Reported, country: str, product: str, ratio: float, today: date) -> DemandSignal:
    flow = found.flow
    return DemandSignal(
        country=country,
        product=product,
        hs_code=None,
        partner=INDONESIA,
        metric=METRIC,
        period=flow.period,
        value=ratio,
        unit=metric_unit(METRIC) or "",
        quality="derived",
        source=flow.source,
        evidence_id=found.evidence_id,
        retrieved=(flow.evidence.fetched_at.date() if flow.evidence else today).isoformat(),
    )
