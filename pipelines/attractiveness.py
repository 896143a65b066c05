"""Markets: demand and known buyers of a product in a country, with a transparent index; no data is not zero."""

import math
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from statistics import median

from market_db.derived import DemandSignal, Market
from market_db.products import ProductType
from pipelines.demand import source_rank

WEIGHTS = Path(__file__).with_name("attractiveness.toml")
GROWTH_YEARS, GROWTH_POINTS = 5, 3
"""Growth looks at the last five reported years and needs three."""
MAX_AGE = 4
"""Years after which an import figure no longer tells the size of a market."""
UNKNOWN_SCORE = 50.0
"""What an unknown part counts as: the middle, so that a gap neither lifts nor sinks a country."""
LOW, HIGH = 0.05, 0.95
"""Goalposts: percentiles over the markets with data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyers:
    """What is known of buyers in one country."""

    companies: int = 0
    with_contact: int = 0
    tenders: int = 0
    prices: tuple[float, ...] = ()
    """Shelf prices, USD per kg."""
    sources: frozenset[str] = frozenset()
    evidence_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Series:
    """Yearly figures of one country from one source and one code."""

    imports: Mapping[int, float] = field(default_factory=dict)
    """Year -> USD from the world, without years that were copied or estimated where others are known."""
    unit_values: Mapping[int, float] = field(default_factory=dict)
    shares: Mapping[int, float] = field(default_factory=dict)
    source: str = ""
    evidence_ids: frozenset[str] = frozenset()


@cache
def weights() -> Mapping[str, float]:
    """Part -> weight; the table is refused when the weights do not add up to 1."""
    found: dict[str, float] = tomllib.loads(WEIGHTS.read_text("utf-8"))["weights"]
    if found.keys() != _PARTS.keys() or abs(sum(found.values()) - 1) > 1e-9:
        raise ValueError(f"{WEIGHTS.name}: weights of {', '.join(_PARTS)} must add up to 1")
    return found


def theil_sen(points: Mapping[int, float]) -> float | None:
    """Median slope of ln(value) a year over the last five reported years; None below three, or where a value is not above 0.

    0.05 means 5 % a year. Source: Theil-Sen estimator, robust against one odd year.
    """
    years = sorted(year for year, value in points.items() if value > 0)[-GROWTH_YEARS:]
    if len(years) < GROWTH_POINTS:
        return None
    slopes = [(math.log(points[b]) - math.log(points[a])) / (b - a) for at, a in enumerate(years) for b in years[at + 1 :]]
    return median(slopes)


def build_markets(product: ProductType, signals: Iterable[DemandSignal], buyers: Mapping[str, Buyers], *, year: int) -> list[Market]:
    """One market per country with demand data or buyers, by country; `year` is the current one.

    The index compares the markets of this product with each other; it is None where the size is unknown or too old.
    """
    series = _series(product, signals)
    markets = [_market(product.key, country, series.get(country), buyers.get(country), year) for country in sorted({*series, *buyers})]
    return _indexed(markets)


def _series(product: ProductType, signals: Iterable[DemandSignal]) -> dict[str, _Series]:
    """Country -> figures of its best source: sources and codes are never mixed in one series."""
    codes = (*product.hs[:1], *product.cn)
    grouped: dict[str, dict[tuple[str, str], list[DemandSignal]]] = defaultdict(lambda: defaultdict(list))
    for signal in signals:
        if signal.product == product.key and signal.partner == "WLD" and len(signal.period) == 4 and signal.hs_code in codes:
            grouped[signal.country][signal.source, signal.hs_code].append(signal)
    return {
        country: _best([_one_series(group) for group in by.values()], [code for _, code in by], codes) for country, by in grouped.items()
    }


def _one_series(group: Sequence[DemandSignal]) -> _Series:
    figures: dict[str, dict[int, float]] = defaultdict(dict)
    for signal in group:
        if signal.quality != "estimated" and signal.period.isdigit():
            figures[signal.metric][int(signal.period)] = signal.value
    imports = figures["import_value_usd"]
    newest = str(max(imports, default=0))
    evidence = frozenset(signal.evidence_id for signal in group if signal.period == newest and signal.evidence_id)
    return _Series(imports, figures["unit_value_usd_kg"], figures["idn_share"], group[0].source, evidence)


def _best(found: Sequence[_Series], codes_found: Sequence[str], codes: Sequence[str]) -> _Series:
    """HS6 before finer codes, then the newest year, then most years, then the order of sources; series are never added up."""
    order = sorted(
        zip(found, codes_found, strict=True),
        key=lambda item: (codes.index(item[1]), -max(item[0].imports, default=0), -len(item[0].imports), source_rank(item[0].source)),
    )
    return order[0][0]


def _market(product: str, country: str, series: _Series | None, buyers: Buyers | None, year: int) -> Market:
    series, buyers = series or _Series(), buyers or Buyers()
    newest = max(series.imports, default=None)
    current = newest if newest is not None and newest >= year - MAX_AGE else None
    return Market(
        product=product,
        country=country,
        import_usd=series.imports[newest] if newest is not None else None,
        import_year=str(newest) if newest is not None else None,
        growth=theil_sen(series.imports) if current else None,
        unit_value_usd_kg=_latest(series.unit_values, newest),
        idn_share=_latest(series.shares, newest),
        index=0.0 if current else None,
        buyers=buyers.companies,
        buyers_with_contact=buyers.with_contact,
        tenders=buyers.tenders,
        shelf_price_usd_kg=round(median(buyers.prices), 2) if buyers.prices else None,
        shelf_prices=len(buyers.prices),
        sources=tuple(sorted({*buyers.sources, *({series.source} - {""})})),
        evidence_ids=tuple(sorted(series.evidence_ids)) + tuple(sorted(buyers.evidence_ids))[:5],
        demand_evidence=tuple(sorted(series.evidence_ids)),
    )


def _latest(values: Mapping[int, float], newest: int | None) -> float | None:
    """The value of the year of the import figure, or of the one before."""
    years = [year for year in values if newest is not None and newest - 1 <= year <= newest]
    return values[max(years)] if years else None


def _size(market: Market) -> float | None:
    return math.log(market.import_usd) if market.import_usd else None


def _unit_value(market: Market) -> float | None:
    return math.log(market.unit_value_usd_kg) if market.unit_value_usd_kg else None


def _foothold(market: Market) -> float | None:
    known = market.idn_share is not None and market.import_usd is not None
    return math.log1p((market.idn_share or 0) * (market.import_usd or 0) / 1e6) if known else None


_PARTS: dict[str, Callable[[Market], float | None]] = {
    "size": _size,
    "growth": lambda market: market.growth,
    "unit_value": _unit_value,
    "foothold": _foothold,
}


def _indexed(markets: Sequence[Market]) -> list[Market]:
    """Markets with their index: each part 0..100 between the goalposts, times its weight; unknown parts count as the middle."""
    rated = [market for market in markets if market.index is not None]
    posts = {part: _goalposts([v for m in rated if (v := value(m)) is not None]) for part, value in _PARTS.items()}
    return [market if market.index is None else _rate(market, posts) for market in markets]


def _rate(market: Market, posts: Mapping[str, tuple[float, float] | None]) -> Market:
    if _size(market) is None:
        return replace(market, index=None)
    parts, unknown = {}, 0.0
    for part, value in _PARTS.items():
        found, post = value(market), posts[part]
        if found is None or post is None:
            unknown += weights()[part] * UNKNOWN_SCORE
        else:
            parts[part] = round(weights()[part] * _between(found, *post), 2)
    if unknown:
        parts["unknown"] = round(unknown, 2)
    return replace(market, index=round(sum(parts.values()), 1), index_parts=parts)


def _between(value: float, low: float, high: float) -> float:
    """0..100 between two goalposts; the middle where they coincide."""
    return UNKNOWN_SCORE if high <= low else 100 * min(1.0, max(0.0, (value - low) / (high - low)))


def _goalposts(values: Sequence[float]) -> tuple[float, float] | None:
    """5th and 95th percentile, linear between neighbours."""
    ordered = sorted(values)
    return (_percentile(ordered, LOW), _percentile(ordered, HIGH)) if ordered else None


def _percentile(ordered: Sequence[float], share: float) -> float:
    if len(ordered) == 1:
        return ordered[0]
    at = share * (len(ordered) - 1)
    low = min(int(at), len(ordered) - 2)
    return ordered[low] + (ordered[low + 1] - ordered[low]) * (at - low)
