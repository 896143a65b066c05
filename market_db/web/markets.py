"""Markets: what countries import and who is known there; what nobody measured, what was not asked and nought are told apart."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

import sqlite_utils
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from market_db.brief import Brief, Section
from market_db.brief.pdf import to_pdf
from market_db.derived import DemandSignal, Market
from market_db.finding.lead_index import LeadIndex
from market_db.forgetting.allowed import without_listed
from market_db.markets.coverage import coverage_of
from market_db.markets.notices import open_notices
from market_db.products import load_products
from market_db.queries import LeadQuery, as_of, demand, markets, rows_at, runs_in, sources
from market_db.reference import metric_label, table
from market_db.rows import read_rows
from market_db.runs import Run, SourceCard
from market_db.saying import Language, Words
from market_db.values.places import iso2
from market_db.web import measures
from market_db.web.as_csv import csv_address, wants_csv
from market_db.web.buyer import market_of
from market_db.web.find import product_names
from market_db.web.looks import columns
from market_db.web.market_tables import figures_csv, markets_csv
from market_db.web.site import Site
from market_db.web.world_map import draw

KNOWN = ("attractive", "flags", "price", "rules", "refused", "buyers", "tenders", "missing")
"""Sections of the brief that the page shows, in full where the brief has them so; the figures stand there already."""
TOP_BUYERS, MOST_TENDERS, MOST_REFUSALS, MOST_PERIODS = 10, 10, 20, 8
A_THOUSAND_TONNES = 1_000_000
"""Kilograms from which a weight is said in tonnes: nine digits in a column are not read on a phone."""
OWN_UNIT = frozenset({"USD", "0..1", "kg"})
STATE_OF = {"blocked": "blocked", "robots": "blocked", "broken": "broken", "aborted": "broken", "not_run": "not_run", "thin": "thin"}
"""Verdict of the newest run -> what a reader is told; any other verdict is "read"."""


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of one source over the periods, newest first."""

    label: str
    about: str
    source: str
    values: list[tuple[str, str]]
    """(period or origin, value in words)."""
    chart: Markup
    down: bool = False
    """Whether the values are of origins, one under the other, not of periods side by side."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A source that covers a country, and what came of it."""

    card: SourceCard
    state: str
    """read, thin, blocked, broken, not_run, off."""
    when: str | None


def market_list(site: Site, request: Request) -> Response:
    """All markets of a product, the best first."""
    words = site.words(request)
    with site.shelf() as shelf:
        names = product_names(words)
        held = _products(markets(shelf.db))
        product = request.query_params.get("product", "")
        chosen = product if product in held else next(iter(held), "")
        shown = markets(shelf.db, chosen) if chosen else []
        cards = sources(shelf.db)
        if wants_csv(request):
            return markets_csv(shown, {card.name: card for card in cards}, words)
        asked = request.query_params.get("ukur", "")
        measure = asked if asked in measures.READ else "index"
        marks, legend = measures.marks_of(shown, measure, words, coverage_of(shelf.db))
        return site.page(
            request,
            "markets.html",
            data={"as_of": as_of(shelf.about), "product": chosen, "markets": shown},
            words=words,
            product=chosen,
            products={key: names.get(key, key) for key in held},
            markets=shown,
            measure=measure,
            measures=list(measures.READ),
            told=measures.told_of,
            states=measures.unlooked(shown),
            map=draw(marks, words.say("map.label", measure=words.say(f"market.{measure}"))),
            legend=legend,
            made_from=_made_from(shown, cards),
            csv_url=csv_address(request),
            age=site.age(shelf, words),
        )


def _products(found: Iterable[Market]) -> list[str]:
    """Product types, those with most buyers first."""
    buyers: dict[str, int] = {}
    for market in found:
        buyers[market.product] = buyers.get(market.product, 0) + market.buyers
    return sorted(buyers, key=lambda product: (-buyers[product], product))


def _made_from(shown: Iterable[Market], cards: Iterable[SourceCard]) -> list[SourceCard]:
    """Sources behind the figures of the markets."""
    used = {name for market in shown for name in market.sources}
    return [card for card in cards if card.name in used]


def country(site: Site, request: Request) -> Response:
    """One market in full."""
    words = site.words(request)
    product, code = str(request.path_params["product"]), str(request.path_params["country"])
    with site.shelf() as shelf:
        market = market_of(markets(shelf.db, product), code)
        if market is None:
            raise HTTPException(404)
        query = LeadQuery(products=(product,), countries=(code,), limit=TOP_BUYERS)
        cards = sources(shelf.db)
        titles = {card.name: card for card in cards}
        signals, buyers = demand(shelf.db, product, code), _buyers(site, shelf.db, shelf.index, query)
        if wants_csv(request):
            return figures_csv(signals, titles, words)
        tenders = open_notices(shelf.db, product, code, datetime.now(UTC).date())[:MOST_TENDERS]
        asked, refused = asked_sources(cards, runs_in(shelf.db, code), code), refusals(shelf.db, code)
        known = known_of(brief_of(site, shelf.db, market, words.language))
        return site.page(
            request,
            "market.html",
            data={
                "as_of": as_of(shelf.about),
                "market": market,
                "demand": signals,
                "buyers": buyers,
                "tenders": tenders,
                "refusals": refused,
                "sources": asked,
                "known": list(known.values()) or None,
            },
            words=words,
            market=market,
            product=product_names(words).get(product, product),
            series=list(series_of(signals, words)),
            buyers=buyers,
            tenders=tenders,
            refusals=refused,
            asked=asked,
            known=known,
            cards=titles,
            csv_url=csv_address(request),
            age=site.age(shelf, words),
        )


def known_of(brief: Brief | None) -> dict[str, Section]:
    """Key -> section, in the order of KNOWN."""
    found = {section.key: section for section in (*brief.sections, *brief.full)} if brief else {}
    return {key: found[key] for key in KNOWN if key in found}


def brief_of(site: Site, db: sqlite_utils.Database, market: Market, language: Language) -> Brief | None:
    """What is known beyond the figures; None where the program was not given a way to know, or the product type is gone."""
    make = site.services.brief
    return make(site.home, db, market.product, market.country, language) if make and market.product in load_products() else None


def printed(site: Site, request: Request) -> Response:
    """The one-page brief of a market as PDF."""
    words = site.words(request)
    with site.shelf() as shelf:
        product, code = str(request.path_params["product"]), str(request.path_params["country"])
        market = market_of(markets(shelf.db, product), code)
        brief = brief_of(site, shelf.db, market, words.language) if market else None
        if brief is None:
            raise HTTPException(404)
        body = to_pdf(brief, datetime.fromisoformat(shelf.about["published_at"]))
    name = quote(f"{product}-{code}-{words.language}.pdf", safe="")
    return Response(body, media_type="application/pdf", headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})


def _buyers(site: Site, db: sqlite_utils.Database, index: LeadIndex, query: LeadQuery) -> list[object]:
    listed = site.listed()
    found = rows_at(db, index.page(index.matching(query), query))
    return [row for one in found if (row := without_listed(one, listed))]


def refusals(db: sqlite_utils.Database, code: str) -> list[dict[str, object]]:
    """Goods from Indonesia that the country turned back, newest first."""
    sql = "select reason, product_text, date, url, source from refusals where country=? and origin='ID' order by date desc limit ?"
    return list(read_rows(db, sql, (code, MOST_REFUSALS)))


def series_of(signals: Iterable[DemandSignal], words: Words) -> Iterable[Series]:
    """Signals by metric (imports first, rates last), code, origin and source; several origins of one period make one series."""
    order = {metric: at for at, metric in enumerate(table("metrics"))}
    grouped: dict[tuple[str | None, ...], list[DemandSignal]] = {}
    for one in signals:
        grouped.setdefault((one.metric, one.hs_code, one.partner, one.quality, one.source), []).append(one)
    beside: dict[tuple[str | None, ...], list[DemandSignal]] = {}
    for found in grouped.values():
        if len(found) == 1 and found[0].partner != "WLD":
            beside.setdefault(_but_origin(found[0]), []).append(found[0])
    for found in sorted(grouped.values(), key=lambda found: (order.get(found[0].metric, len(order)), found[0].partner != "WLD")):
        origins = beside.get(_but_origin(found[0]), []) if len(found) == 1 else []
        if len(origins) < 2 or found[0].partner == "WLD":
            yield _over_time(found, words)
        elif found[0] is origins[0]:
            yield _by_origin(origins, words)


def _but_origin(signal: DemandSignal) -> tuple[str | None, ...]:
    return (signal.metric, signal.hs_code, signal.quality, signal.source, signal.unit, signal.period)


def _over_time(found: list[DemandSignal], words: Words) -> Series:
    newest = found[:MOST_PERIODS]
    label = metric_label(newest[0].metric, words.language)
    points = [(words.period(one.period), one.value, value_of(one, words)) for one in reversed(newest)]
    chart = columns(points, label) if len(points) > 2 else Markup("")
    about = _about(newest[0], _origin(newest[0], words), words)
    return Series(label, about, newest[0].source, [(words.period(one.period), value_of(one, words)) for one in newest], chart)


def _by_origin(found: list[DemandSignal], words: Words) -> Series:
    largest = sorted(found, key=lambda one: -one.value)
    about = _about(found[0], f"{words.say('market.by_origin')} · {words.period(found[0].period)}", words)
    values = [(_origin(one, words), value_of(one, words)) for one in largest]
    return Series(metric_label(found[0].metric, words.language), about, found[0].source, values, Markup(""), down=True)


def _origin(signal: DemandSignal, words: Words) -> str:
    return words.say("market.world") if signal.partner == "WLD" else words.country(iso2(signal.partner) or signal.partner)


def _about(signal: DemandSignal, origin: str, words: Words) -> str:
    code = f"HS {signal.hs_code}" if signal.hs_code else ""
    origin = "" if not code and signal.partner == "WLD" else origin  # rates, people and distances have none
    quality = words.say(f"qualities.{signal.quality}") if words.has(f"qualities.{signal.quality}") else signal.quality
    return " · ".join(part for part in (code, origin, quality, unit_of(signal.unit, words)) if part)


def unit_of(unit: str, words: Words) -> str:
    """A unit in words; nothing where each value is printed with its own."""
    key = unit_key(unit)
    return "" if unit in OWN_UNIT else words.say(key) if words.has(key) else unit


def unit_key(unit: str) -> str:
    """Where the words of a unit stand."""
    return f"units.{re.sub('[^a-z0-9]+', '_', unit.casefold()).strip('_')}"


def value_of(signal: DemandSignal, words: Words) -> str:
    """The number with its unit."""
    if signal.unit == "USD":
        return words.usd(signal.value)
    if signal.unit == "0..1":
        return words.percent(signal.value)
    if signal.unit == "kg":
        heavy = abs(signal.value) >= A_THOUSAND_TONNES
        return f"{words.number(signal.value / 1000)} t" if heavy else f"{words.number(signal.value)} kg"
    return words.number(signal.value, 0 if abs(signal.value) >= 100 else 2)


def asked_sources(cards: Sequence[SourceCard], runs: dict[str, Run], code: str) -> list[Asked]:
    """Sources that cover a country by name, and those of the whole world that are on: what came, what was refused, what was never asked."""
    world = {card.name for card in cards if not card.countries and (card.enabled or card.name in runs)}
    found = [_asked(card, runs.get(card.name)) for card in cards if code in card.countries or card.name in world]
    order = ("read", "thin", "broken", "blocked", "not_run", "off")
    return sorted(found, key=lambda one: (order.index(one.state), one.card.title))


def _asked(card: SourceCard, run: Run | None) -> Asked:
    if run is None:
        return Asked(card, "not_run" if card.enabled else "off", None)
    return Asked(card, STATE_OF.get(run.verdict, "read"), run.ended or run.started)
