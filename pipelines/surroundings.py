"""Numbers about a market that are no imports: people, income, tariffs, what is on sale, and what Indonesia says it sold there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from market_db.derived import DemandSignal
from market_db.products import ProductType
from market_db.reference import metric_unit
from market_db.seen import Observation, TradeFlow
from market_db.values.money import SHIPPED, Rates
from market_db.values.places import iso2
from pipelines.demand import in_usd

OF_COUNTRY = ("pop", "gdp_pc_ppp", "lpi", "wgi_rq", "wgi_pv", "catalogue_products")
"""Metrics that hold for a country whatever is sold: shown with every product."""
OF_PRODUCT = (
    *("tariff_mfn_pct", "tariff_idn_pct", "idn_export_belawan_usd"),
    *("assortment_products", "assortment_halal_products", "wiki_views"),
)
OBSERVED = (*OF_COUNTRY, *OF_PRODUCT)
EXPORT = "idn_export_usd"
INDONESIA, WORLD = "IDN", "WLD"
AMOUNTS = frozenset({"idn_export_belawan_usd", "wiki_views"})
"""Metrics of which the parts of one period are added: ports, articles."""
FROM_INDONESIA = frozenset({"tariff_idn_pct", "idn_export_belawan_usd"})


@dataclass(frozen=True, slots=True)
class _Newest:
    """What makes two observations the same series."""

    metric: str
    country: str
    product: str | None
    source: str


def observed_signals(
    observations: Iterable[tuple[Observation, str]], products: Sequence[ProductType], *, today: date
) -> tuple[DemandSignal, ...]:
    """The newest number of each series as a signal of every product it is about; evidence ids stand beside the observations.

    Such signals have no HS code: they are shown beside imports and never enter their series.
    """
    newest: dict[_Newest, tuple[Observation, str]] = {}
    for found, evidence in observations:
        if found.metric in OBSERVED and found.country and (found.product or found.metric in OF_COUNTRY):
            series = _Newest(found.metric, found.country, found.product, found.source)
            known = newest.get(series)
            if known is None or _age(known[0]) < _age(found):
                newest[series] = found, evidence
            elif _age(known[0]) == _age(found):
                newest[series] = _joined(known[0], found), known[1]
    wanted = [product.key for product in products]
    return tuple(
        _signal(found, evidence, product, today)
        for found, evidence in newest.values()
        for product in (wanted if found.product is None else [key for key in wanted if key == found.product])
    )


def _age(found: Observation) -> tuple[bool, str]:
    """Order of periods: whole years before months, then the newer one."""
    return (len(found.period) == 4, found.period)


def _joined(known: Observation, other: Observation) -> Observation:
    """Two codes or articles of one product in one period: amounts are added, of rates the higher one counts."""
    if known.metric in AMOUNTS:
        return replace(known, value=known.value + other.value)
    return known if known.value >= other.value else other


def _signal(found: Observation, evidence: str, product: str, today: date) -> DemandSignal:
    return DemandSignal(
        country=str(found.country),
        product=product,
        hs_code=None,
        partner=INDONESIA if found.metric in FROM_INDONESIA else WORLD,
        metric=found.metric,
        period=found.period,
        value=found.value,
        unit=found.unit or metric_unit(found.metric) or "",
        quality=found.quality,
        source=found.source,
        evidence_id=evidence,
        retrieved=(found.evidence.fetched_at.date() if found.evidence else today).isoformat(),
    )


def export_signals(
    flows: Iterable[tuple[TradeFlow, str]], products: Sequence[ProductType], *, today: date, rates: Rates = SHIPPED
) -> Iterator[DemandSignal]:
    """What Indonesia reports as exported (FOB), by destination: who buys already; never mixed with what the destination reports."""
    for flow, evidence in flows:
        country, usd = iso2(flow.partner), in_usd(flow, rates)
        if flow.flow != "export" or flow.reporter != INDONESIA or country is None or usd is None:
            continue
        for product in products:
            if flow.hs_code[:6] in (*product.hs, *product.hs_near):
                yield DemandSignal(
                    country=country,
                    product=product.key,
                    hs_code=flow.hs_code,
                    partner=INDONESIA,
                    metric=EXPORT,
                    period=flow.period,
                    value=usd,
                    unit="USD",
                    quality=flow.quality,
                    source=flow.source,
                    evidence_id=evidence,
                    retrieved=(flow.evidence.fetched_at.date() if flow.evidence else today).isoformat(),
                )
