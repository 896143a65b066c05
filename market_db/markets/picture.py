"""Everything known of one product in one country in one record, for screens, pages, briefs and JSON: each figure with source and year."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlite_utils

from market_db.derived import DemandSignal, Market
from market_db.exports.lead_row import LeadRow
from market_db.markets.coverage import Gap, Looked, coverage_of, market_gaps
from market_db.markets.flags import Flag, flags_of, refusal_sources
from market_db.markets.notices import NoticeFacts, newest_awards, open_notices
from market_db.markets.price_ladder import Assumptions, Ladder, ladder_of, load_assumptions
from market_db.markets.refusals import RefusedFor, refused_for
from market_db.markets.shelf import Shelf, shelves
from market_db.products import ProductType
from market_db.queries import LeadQuery, demand, find_leads, markets, meta
from market_db.requirements import Requirement, destinations, requirements_of

IMPORTS, WORLD, INDONESIA = "import_value_usd", "WLD", "IDN"
INTENSITY = "trade_intensity_idn"
YEAR = 4
"""Characters of a period that is a year."""
MOST_YEARS, MOST_ORIGINS, MOST_LEADS = 10, 8, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class YearFigure:
    """Imports of one year from the world."""

    year: str
    usd: float
    unit_value: float | None
    """USD per kg."""
    idn_share: float | None
    """0..1; None = not known, 0 = nothing from Indonesia."""
    quality: str
    source: str
    revised_from: float | None = None
    """USD that the source said before."""
    revised_on: str | None = None
    """Day on which it said so first, YYYY-MM-DD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One country that sells there."""

    partner: str
    """ISO 3166-1 alpha-3."""
    usd: float
    share: float | None
    """Of all imports of the year, 0..1."""
    year: str
    source: str
    revised_from: float | None = None
    revised_on: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketPicture:
    """One market with everything that stands beside it."""

    market: Market
    codes: tuple[str, ...] = ()
    """HS6 codes of the product: wider than the product itself."""
    rated: int
    """Markets of the product that have a place."""
    years: tuple[YearFigure, ...]
    """Newest first, all from the source that speaks for the country."""
    others: tuple[DemandSignal, ...]
    """The newest year of every other source and code: shown, never added."""
    origins: tuple[Origin, ...]
    """Largest first; Indonesia is among them wherever it is known."""
    shelf: Shelf | None
    ladder: Ladder
    assumptions: Assumptions
    requirements: tuple[Requirement, ...]
    destination_known: bool
    """Whether the tables say anything of this destination; if not, its requirements are unknown, which is not none."""
    refused: tuple[RefusedFor, ...]
    flags: tuple[Flag, ...] = ()
    """Warnings beside the index, never in it."""
    untapped_missing: tuple[str, ...] = ()
    """Why untapped value is unknown: not_run (nobody collected imports of all goods), all_goods (this country is not among them), imports,
    share."""
    awards: tuple[NoticeFacts, ...] = ()
    """The newest awards, whoever won them."""
    notices: tuple[NoticeFacts, ...]
    """Tenders that are still open."""
    leads: tuple[LeadRow, ...]
    lead_total: int
    looked: Looked
    gaps: tuple[Gap, ...]
    signals: tuple[DemandSignal, ...]


def market_picture(
    db: sqlite_utils.Database, product: ProductType, country: str, *, today: date, folder: Path | None = None
) -> MarketPicture:
    """The picture of a product in a country as of a day; `folder` is the home, whose own tables change assumptions and requirements.

    A country nobody measured has a picture too: everything in it says "not known". Raises BadTable for a table that cannot be used.
    """
    all_markets = markets(db, product.key)
    market = next((found for found in all_markets if found.country == country), None) or unknown_market(product.key, country)
    signals = demand(db, product.key, country)
    looked = coverage_of(db).looks_at(country)
    shelf = shelves(db, product.key, country, zone=meta(db)["zone"]).get((product.key, country))
    own = folder / "requirements" if folder else None
    assumptions = load_assumptions(country, folder)
    leads = find_leads(db, LeadQuery(products=(product.key,), countries=(country,), limit=MOST_LEADS))
    speaking = _speaking(market, signals)
    known = country in destinations(own)
    rules, refused = requirements_of(product, country, own), refused_for(db, product.key, country)
    return MarketPicture(
        market=market,
        codes=product.hs,
        rated=sum(found.rank is not None for found in all_markets),
        years=tuple(_years(speaking)),
        others=tuple(_others(signals, speaking)),
        origins=tuple(_origins(signals, speaking)),
        shelf=shelf,
        ladder=ladder_of(shelf, signals, assumptions),
        assumptions=assumptions,
        requirements=rules,
        destination_known=known,
        refused=tuple(refused),
        flags=flags_of(
            country,
            rules=rules,
            rules_known=known,
            refused=refused,
            refusal_sources=refusal_sources(db, country),
            signals=signals,
            today=today,
            folder=folder,
        ),
        untapped_missing=tuple(_untapped_missing(db, market, signals)),
        awards=tuple(newest_awards(db, product.key, country)),
        notices=tuple(open_notices(db, product.key, country, today)),
        leads=tuple(leads.rows),
        lead_total=leads.total,
        looked=looked,
        gaps=tuple(market_gaps(market, looked, today)),
        signals=tuple(signals),
    )


def unknown_market(product: str, country: str) -> Market:
    """A market of which nobody measured anything."""
    none = dict.fromkeys(("import_usd", "import_year", "growth", "unit_value_usd_kg", "idn_share", "index"))
    return Market(product=product, country=country, **none)  # type: ignore[arg-type]


def _untapped_missing(db: sqlite_utils.Database, market: Market, signals: Sequence[DemandSignal]) -> Iterator[str]:
    if market.untapped_usd is not None:
        return
    if not any(signal.metric == INTENSITY for signal in signals):
        anywhere = db.conn.execute("select 1 from demand_current where metric=? limit 1", (INTENSITY,)).fetchone()
        yield "all_goods" if anywhere else "not_run"
    if market.import_usd is None:
        yield "imports"
    if market.idn_share is None:
        yield "share"


def _speaking(market: Market, signals: Sequence[DemandSignal]) -> list[DemandSignal]:
    """Yearly figures of the source and code that the market's import figure comes from."""
    found = next(
        (
            signal
            for signal in signals
            if (signal.metric, signal.partner, signal.period, signal.value) == (IMPORTS, WORLD, market.import_year, market.import_usd)
            and signal.source in market.sources
        ),
        None,
    )
    if found is None:
        return []
    return [s for s in signals if (s.source, s.hs_code) == (found.source, found.hs_code) and len(s.period) == YEAR]


def _years(speaking: Sequence[DemandSignal]) -> list[YearFigure]:
    of = {(s.metric, s.period): s.value for s in speaking if s.partner == WORLD}
    imports = [signal for signal in speaking if (signal.metric, signal.partner) == (IMPORTS, WORLD)]
    return [
        YearFigure(
            year=signal.period,
            usd=signal.value,
            unit_value=of.get(("unit_value_usd_kg", signal.period)),
            idn_share=of.get(("idn_share", signal.period)),
            quality=signal.quality,
            source=signal.source,
            revised_from=signal.revised_from,
            revised_on=signal.revised_on,
        )
        for signal in sorted(imports, key=lambda one: one.period, reverse=True)[:MOST_YEARS]
    ]


def _origins(signals: Sequence[DemandSignal], speaking: Sequence[DemandSignal]) -> list[Origin]:
    """Origins of the newest year of the source that names most; Indonesia stays even where it is small.

    The source that speaks for a country may have been asked for the world and Indonesia only.
    """
    told = _telling(signals, speaking)
    named = [signal for signal in told if signal.metric == IMPORTS and signal.partner != WORLD]
    year = max((signal.period for signal in named), default="")
    world = next((s.value for s in told if (s.metric, s.partner, s.period) == (IMPORTS, WORLD, year)), None)
    ordered = sorted((s for s in named if s.period == year), key=lambda one: (-one.value, one.partner))
    kept = [*ordered[:MOST_ORIGINS], *(one for one in ordered[MOST_ORIGINS:] if one.partner == INDONESIA)]
    return [_origin(one, world, year) for one in kept]


def _origin(signal: DemandSignal, world: float | None, year: str) -> Origin:
    return Origin(
        partner=signal.partner,
        usd=signal.value,
        share=signal.value / world if world else None,
        year=year,
        source=signal.source,
        revised_from=signal.revised_from,
        revised_on=signal.revised_on,
    )


def _telling(signals: Sequence[DemandSignal], speaking: Sequence[DemandSignal]) -> Sequence[DemandSignal]:
    """Yearly figures of the source and code with most origins in a year; of equals the one that speaks for the country.

    Codes near the product's are other goods: only those that begin with the speaking code count, all where none speaks.
    """
    main = (speaking[0].hs_code or "") if speaking else ""
    groups: dict[tuple[str, str], list[DemandSignal]] = {}
    for signal in signals:
        code = signal.hs_code or ""
        if len(signal.period) == YEAR and code and (not main or code.startswith(main) or main.startswith(code)):
            groups.setdefault((signal.source, code), []).append(signal)
    own = (speaking[0].source, main) if speaking else None
    best = max(groups, key=lambda key: (_partners(groups[key]), key == own, key), default=None)
    return groups[best] if best else ()


def _partners(signals: Sequence[DemandSignal]) -> int:
    """Origins in the newest year that names any."""
    named = [signal for signal in signals if signal.metric == IMPORTS and signal.partner != WORLD]
    newest = max((signal.period for signal in named), default="")
    return sum(signal.period == newest for signal in named)


def _others(signals: Sequence[DemandSignal], speaking: Sequence[DemandSignal]) -> list[DemandSignal]:
    """Newest year of imports by every other source and code."""
    taken = {(signal.source, signal.hs_code) for signal in speaking}
    newest: dict[tuple[str, str], DemandSignal] = {}
    for signal in signals:
        key = (signal.source, signal.hs_code or "")
        wanted = (signal.metric, signal.partner) == (IMPORTS, WORLD) and len(signal.period) == YEAR and key not in taken
        if wanted and (key not in newest or newest[key].period < signal.period):
            newest[key] = signal
    return [newest[key] for key in sorted(newest)]
