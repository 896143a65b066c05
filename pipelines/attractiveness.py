"""Markets: demand and known buyers of a product in a country, with a transparent index; no data is not zero."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from market_db.derived import DemandSignal, IndexPart, Market
from market_db.products import ProductType
from market_db.seen import record_id
from pipelines.index_model import IndexModel, shipped
from pipelines.index_score import WATCHLIST, Goalpost, Indicator, Rated, goalposts, rank_ranges, rate
from pipelines.indicators import About, growth_years, indicators_of, newest_observed, parts_missing, theil_sen, untapped_usd
from pipelines.market_series import IMPORTS, SHARE, UNIT_VALUE, Series, series_of

ENOUGH = 20
"""Countries from which on goalposts are kept for the year; those of fewer are worked out anew each night."""
OUTGROWN = 2
"""Kept goalposts are given up all the same when there are so many times the countries they rest on."""
MAX_PRICE_EVIDENCE = 5


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
class Built:
    """Markets of a product and the goalposts they were rated with, to be kept."""

    markets: list[Market]
    posts: Mapping[str, Goalpost] = field(default_factory=dict)


def build_markets(product: ProductType, signals: Iterable[DemandSignal], buyers: Mapping[str, Buyers], *, year: int) -> list[Market]:
    """The markets of `rated_markets` with the shipped model and goalposts of their own."""
    return rated_markets(product, signals, buyers, year=year).markets


def rated_markets(
    product: ProductType,
    signals: Iterable[DemandSignal],
    buyers: Mapping[str, Buyers],
    *,
    year: int,
    model: IndexModel | None = None,
    kept: Mapping[str, Goalpost] | None = None,
) -> Built:
    """One market per country with demand data or buyers, by country; `year` is the current one, `kept` the goalposts of this year.

    The index is None where the size of the last four years is unknown, and where fewer than four countries can be compared.
    """
    model, signals = model or shipped(), list(signals)
    series, observed = series_of(product, signals), newest_observed(signals)
    countries = sorted({*series, *buyers})
    about = {country: About(country, series.get(country, Series()), observed.get(country, {})) for country in countries}
    found = {country: indicators_of(known, model, year) for country, known in about.items()}
    posts = frozen(kept or {}, goalposts(known for known in found.values() if known))
    rated = {country: result for country, known in found.items() if known and (result := rate(known, posts, model, year))}
    markets = [_market(product.key, about[country], buyers.get(country), year) for country in countries]
    markets = [_with_index(market, rated.get(market.country), found[market.country], model) for market in markets]
    return Built(_ranked(_with_untapped(markets, about), rated, model, f"{year}.{model.digest}.{_digest(posts)}"), posts)


def frozen(kept: Mapping[str, Goalpost], fresh: Mapping[str, Goalpost]) -> dict[str, Goalpost]:
    """Part -> the goalposts that count: the kept ones where they rest on enough countries and were not outgrown, else the fresh ones."""
    stands = {part: post for part, post in kept.items() if post.countries >= ENOUGH and _fits(post, fresh.get(part))}
    return {**fresh, **stands}


def _fits(post: Goalpost, fresh: Goalpost | None) -> bool:
    return fresh is None or fresh.countries < OUTGROWN * post.countries


def _digest(posts: Mapping[str, Goalpost]) -> str:
    """Goalposts in four hex digits: indices of one version can be compared, whatever the night."""
    return record_id("goalposts", *(f"{part} {post.low!r} {post.high!r}" for part, post in sorted(posts.items())))[:4]


def _market(product: str, about: About, buyers: Buyers | None, year: int) -> Market:
    series, buyers = about.series, buyers or Buyers()
    newest = series.figures[IMPORTS][series.year] if series.year is not None else None
    current = series.year is not None and series.year >= year - 4
    years = growth_years(series.values(IMPORTS)) if current else []
    unit_value, share = (series.newest(metric, since=series.year - 1) if series.year else None for metric in (UNIT_VALUE, SHARE))
    return Market(
        product=product,
        country=about.country,
        import_usd=newest.value if newest else None,
        import_year=newest.period if newest else None,
        growth=theil_sen(series.values(IMPORTS)) if current else None,
        unit_value_usd_kg=unit_value.value if unit_value else None,
        idn_share=share.value if share else None,
        growth_years=f"{years[0]}-{years[-1]}" if years else None,
        unit_value_year=unit_value.period if unit_value else None,
        share_year=share.period if share else None,
        index=None,
        buyers=buyers.companies,
        buyers_with_contact=buyers.with_contact,
        tenders=buyers.tenders,
        shelf_price_usd_kg=round(median(buyers.prices), 2) if buyers.prices else None,
        shelf_prices=len(buyers.prices),
        sources=tuple(sorted({*buyers.sources, *({series.source} - {""})})),
        evidence_ids=tuple(sorted(series.evidence)) + tuple(sorted(buyers.evidence_ids))[:MAX_PRICE_EVIDENCE],
        demand_evidence=tuple(sorted(series.evidence)),
    )


def _with_index(market: Market, rated: Rated | None, found: Mapping[str, Indicator], model: IndexModel) -> Market:
    """The market with its index and every part of it; the points of the parts and of what is unknown add up to the index."""
    if not found:
        return market
    missing = tuple(parts_missing(found, model))
    if rated is None:
        return replace(market, evidence=0.0, watchlist=True, unknown_parts=missing)
    parts = tuple(_part(key, found[key], rated) for key in rated.parts)
    points = {part.part: round(part.points, 2) for part in parts}
    if rated.evidence < 1:
        points["unknown"] = round((1 - rated.evidence) * 50, 2)
    return replace(
        market,
        index=round(rated.mai, 1),
        evidence=round(rated.evidence, 3),
        watchlist=rated.evidence < WATCHLIST,
        index_parts=points,
        parts=parts,
        unknown_parts=missing,
    )


def _part(key: str, indicator: Indicator, rated: Rated) -> IndexPart:
    scored = rated.parts[key]
    return IndexPart(
        part=key,
        score=round(scored.score, 1),
        weight=scored.weight,
        evidence=round(scored.evidence, 3),
        points=round(scored.score * scored.weight * scored.evidence, 2),
        value=indicator.shown,
        unit=indicator.unit,
        period=indicator.period,
        quality=indicator.quality,
        source=indicator.source,
        evidence_id=indicator.evidence_id,
    )


def _ranked(markets: Sequence[Market], rated: Mapping[str, Rated], model: IndexModel, version: str) -> list[Market]:
    """Markets with their place among those with enough evidence, and the places that other weights would give them."""
    listed = {market.country: rated[market.country] for market in markets if market.index is not None and not market.watchlist}
    order = {country: place for place, country in enumerate(sorted(listed, key=lambda name: (-listed[name].mai, name)), 1)}
    ranges = rank_ranges(listed, model)
    return [_placed(market, order, ranges, version) if market.evidence is not None else market for market in markets]


def _placed(market: Market, order: Mapping[str, int], ranges: Mapping[str, tuple[int, int]], version: str) -> Market:
    low, high = ranges.get(market.country, (None, None))
    return replace(market, rank=order.get(market.country), rank_low=low, rank_high=high, index_version=version)


def _with_untapped(markets: Sequence[Market], about: Mapping[str, About]) -> list[Market]:
    """Markets with what Indonesia could sell beyond what it does, where everything that takes is known."""
    shown = [(m.import_usd, m.idn_share) for m in markets if m.import_usd is not None and m.idn_share is not None]
    world, sold = sum(usd for usd, _ in shown), sum(usd * share for usd, share in shown)
    result = []
    for market in markets:
        intensity = about[market.country].observed.get("trade_intensity_idn")
        here = None if market.idn_share is None or market.import_usd is None else market.idn_share * market.import_usd
        untapped = untapped_usd(
            idn_world=sold if shown else None,
            world=world,
            imports=market.import_usd,
            intensity=intensity.value if intensity else None,
            idn_here=here,
        )
        result.append(replace(market, untapped_usd=untapped))
    return result
