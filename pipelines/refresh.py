"""What the night makes of what was seen: companies, demand, markets, leads - in this order, and only where something changed."""

import gc
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlite_utils

from market_db import rebuild
from market_db.companies.identity_store import IdentityStore
from market_db.companies.membership import Told, all_with_mentions
from market_db.derived import DemandSignal, Lead, Market, NotLead
from market_db.desk import store as desk
from market_db.desk.entered import Decision
from market_db.forgetting.market import erase
from market_db.home import Home
from market_db.markets.coverage import TENDER_ROLE, Coverage, coverage_of
from market_db.markets.shelf import shelves
from market_db.markets.trades import Trade, trades
from market_db.products import ProductType
from market_db.queries import markets as stored_markets
from market_db.queries import sources
from market_db.rates import load_rates
from market_db.runs import SourceIssue
from market_db.schema import open_market
from pipelines.attractiveness import Buyers, rated_markets
from pipelines.chosen import chosen_products
from pipelines.companies.faces import generic_words
from pipelines.companies.refitting import card_of, weights_trouble
from pipelines.companies.scorecard import Scorecard, scorecard
from pipelines.companies.who import Asking, Worked, ask, judged, moved_leads, oddities, save, work_out
from pipelines.currency import currency_signals
from pipelines.demand import Oddity, demand_of
from pipelines.gate import not_leads_of
from pipelines.index_model import IndexModel, load_model, shipped
from pipelines.index_score import Goalpost
from pipelines.intensity import intensity_signals
from pipelines.scoring import Scoring, leads_of, never_buys
from pipelines.shares import shares_of
from pipelines.surroundings import OBSERVED, export_signals, observed_signals

MAX_EVIDENCE = 5
Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a refresh did."""

    refresh_id: str
    mentions: int = 0
    companies_new: int = 0
    companies_changed: int = 0
    companies_merged: int = 0
    companies_gone: int = 0
    suspicious: int = 0
    """Companies that are suspiciously large or grew so."""
    contradictions: int = 0
    """Decisions of people that cannot all be true."""
    matches: int = 0
    signals: int = 0
    """New or revised numbers about demand."""
    oddities: int = 0
    """Figures that were doubled, copied, incomplete or about nobody: left out or marked."""
    markets: int = 0
    leads: int = 0
    turned_down: int = 0
    """Companies that are no leads, each with its reason (table not_leads)."""
    seconds: float = 0.0


@dataclass(slots=True, kw_only=True)
class Night:
    """What the passes share."""

    home: Home
    db: sqlite_utils.Database
    now: datetime
    refresh_id: str
    since: str | None
    """Refresh before this one."""
    products: Mapping[str, ProductType]
    decisions: list[Decision]
    model: IndexModel = field(default_factory=shipped)
    asking: Asking | None = None
    signals: Sequence[DemandSignal] = ()
    """All numbers about demand as they are tonight."""
    worked: Worked | None = None
    """What the first pass worked out."""
    whole: bool = False
    """Whether the companies are clustered anew everywhere."""
    card: Scorecard = field(default_factory=scorecard)
    issues: list[SourceIssue] = field(default_factory=list)

    def judged(self, kind: str) -> Collection[str]:
        """Parties that a person judged in one way."""
        return judged(self.decisions, kind)


def companies(night: Night) -> Counts:
    """Who is who, in the neighbourhood of what changed since the last refresh."""
    night.asking = asking = Asking(
        db=night.db,
        now=night.now,
        refresh_id=night.refresh_id,
        since=night.since,
        decisions=night.decisions,
        card=night.card,
        whole=night.whole,
    )
    store = IdentityStore(night.home.identity)
    try:
        night.worked = worked = work_out(asking, store)
        counts = save(asking, worked)
        loud = ask(asking, worked, store)
        store.keep(asking.stamp(night.refresh_id))
    finally:
        store.close()
    night.issues = oddities(asking, loud, weights_trouble(night.home))
    rebuild.touch_last_seen(night.db, night.since)
    disputed = sum(issue.kind == "contradiction" for issue in night.issues)
    return {**counts, "suspicious": len(loud), "contradictions": disputed}


def demand(night: Night) -> Counts:
    """Trade flows and what surrounds them to signals; a number that is known is not written again."""
    products, today, rates = tuple(night.products.values()), night.now.date(), load_rates(night.db)
    found = demand_of(rebuild.load_flows(night.db), products, today=today, rates=rates)
    exports = export_signals(rebuild.load_flows(night.db, "export"), products, today=today, rates=rates)
    around = observed_signals(rebuild.load_observations(night.db, OBSERVED), products, today=today)
    known = (*found.signals, *exports, *around)
    money = currency_signals({signal.country for signal in known}, products, today=today, rates=rates)
    totals = intensity_signals(rebuild.load_flows(night.db, all_goods=True), products, today=today, rates=rates)
    rebuild.save_doubts(night.db, night.issues + [_issue(odd, night.refresh_id) for odd in found.oddities])
    night.signals = (*known, *shares_of(around), *totals, *money)
    new = rebuild.save_demand(night.db, night.signals)
    return {"signals": new, "oddities": len(found.oddities)}


def _issue(odd: Oddity, refresh_id: str) -> SourceIssue:
    return SourceIssue(run_id=refresh_id, source=odd.source or "refresh", kind=odd.kind, detail=odd.detail)


def markets(night: Night) -> Counts:
    """Demand and buyers by country, rated between the goalposts of the year."""
    buyers, built, year, edition = _buyers(night), [], night.now.year, night.model.edition
    by_product = _by_product(night.signals)
    coverage = coverage_of(night.db)
    for key, product in night.products.items():
        kept = {part: Goalpost(*post) for part, post in rebuild.load_goalposts(night.db, key, year=year, edition=edition).items()}
        found = rated_markets(product, by_product[key], buyers[key], year=year, model=night.model, kept=kept)
        posts = {part: (post.low, post.high, post.countries) for part, post in found.posts.items()}
        rebuild.save_goalposts(night.db, key, posts, year=year, edition=edition, day=night.now.date().isoformat())
        built += [_looked_at(market, coverage) for market in found.markets]
    rebuild.save_markets(night.db, built)
    return {"markets": len(built)}


def _looked_at(market: Market, coverage: Coverage) -> Market:
    """The market with whether anybody looks for buyers and for tenders there."""
    tenders = coverage.looks_at(market.country, TENDER_ROLE).state
    return replace(market, looked=coverage.looks_at(market.country).state, tenders_looked=tenders)


def _by_product(signals: Iterable[DemandSignal]) -> Mapping[str, list[DemandSignal]]:
    """What the index of a market can use."""
    found: dict[str, list[DemandSignal]] = defaultdict(list)
    for signal in signals:
        if signal.hs_code is None or (signal.partner == "WLD" and len(signal.period) == 4 and signal.metric != "import_net_kg"):
            found[signal.product].append(signal)
    return found


def _buyers(night: Night) -> dict[str, dict[str, Buyers]]:
    """Product -> country -> what is known of buyers."""
    buying = _buying(night.db)
    tenders = {(product, country): count for product, country, count in rebuild.tenders(night.db)}
    prices: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for key, shelf in shelves(night.db).items():
        prices[key] = [(price.usd_kg, price.evidence_id) for price in shelf.plain]
    found: dict[str, dict[str, Buyers]] = defaultdict(dict)
    for product, country in sorted({*buying, *tenders, *prices}):
        shown = prices[product, country]
        found[product][country] = Buyers(
            **buying[product, country].counts(),
            tenders=tenders.get((product, country), 0),
            prices=tuple(price for price, _ in shown),
            evidence_ids=frozenset(sorted(evidence for _, evidence in shown if evidence)[:MAX_EVIDENCE]),
        )
    return found


@dataclass(slots=True)
class _Buying:
    """Companies that may buy a product in a country."""

    companies: int = 0
    with_contact: int = 0
    sources: set[str] = field(default_factory=set)

    def add(self, trade: Trade) -> None:
        """One more."""
        self.companies += 1
        self.with_contact += trade.has_contact
        self.sources |= set(trade.sources)

    def counts(self) -> dict[str, Any]:
        """Fields of `Buyers`."""
        return {"companies": self.companies, "with_contact": self.with_contact, "sources": frozenset(self.sources)}


def _buying(db: sqlite_utils.Database) -> dict[tuple[str, str], _Buying]:
    found: dict[tuple[str, str], _Buying] = defaultdict(_Buying)
    for trade in trades(db):
        products = {part.product for part in trade.parts if part.product}
        if products and not never_buys(trade.parts):
            for product in products:
                found[product, trade.country].add(trade)
    return found


def leads(night: Night) -> Counts:
    """Scores of all companies with a product, because age alone changes a score; of the others, why they are no leads."""
    scoring = Scoring(
        now=night.now,
        products=night.products,
        markets={(market.product, market.country): market for market in stored_markets(night.db)},
        titles={card.name: card.title for card in sources(night.db)},
        not_buyers=night.judged("not_a_buyer"),
        role_wrong=night.judged("role_wrong"),
        zone=night.home.config.timezone,
        refresh_id=night.refresh_id,
    )
    moved = moved_leads(night.asking, night.worked, night.products) if night.asking and night.worked else {}
    counts = Counter[str]()
    with night.db.atomic():
        for part in all_with_mentions(night.db):
            ids = [company.id for company, _ in part]
            found, turned_down = _scored(part, replace(scoring, new_since=moved | rebuild.listed_since(night.db, ids)))
            rebuild.renew_leads(night.db, ids, found, turned_down)
            counts["mentions"] += sum(len(mentions) for _, mentions in part)
            counts["leads"] += len(found)
            counts["turned_down"] += len({one.company_id for one in turned_down})
        rebuild.drop_stray_leads(night.db)
    return counts


def _scored(part: Sequence[Told], scoring: Scoring) -> tuple[list[Lead], list[NotLead]]:
    """Leads of some companies, and why the others are none."""
    found, turned_down = list[Lead](), list[NotLead]()
    for company, mentions in part:
        of_company = list(leads_of(company, mentions, scoring))
        found += of_company
        turned_down += [] if of_company else not_leads_of(company, mentions, scoring)
    return found, turned_down


PASSES: tuple[tuple[str, Callable[[Night], Counts]], ...] = (
    ("companies", companies),
    ("demand", demand),
    ("markets", markets),
    ("leads", leads),
)
"""In this order: each reads what the one before wrote."""


def refresh(home: Home, *, now: datetime, whole: bool = False, forgotten: bool = False) -> Refreshed:
    """Bring derived data up to what was seen and decided; running it twice changes nothing. `whole`: compare all companies anew.

    Who asked to be left alone since the last refresh is taken out first, unless that was just done (`forgotten`): an erasure that was
    killed is finished by the night.

    Raises ValueError where the configuration names a product type nobody described, MarketError where the market cannot be opened.
    A refresh that dies leaves the tables of the pass it died in as they were, and the next one starts from the last that ended.
    """
    started = time.monotonic()
    db = open_market(home)
    try:
        if not forgotten:
            _finish_forgetting(home, db, now)
        night = _open_night(home, db, now, whole=whole)
        counts: Counter[str] = Counter()
        for _, run in PASSES:
            with uncollected():
                counts.update(run(night))
        done = Refreshed(refresh_id=night.refresh_id, seconds=round(time.monotonic() - started, 2), **counts)
        rebuild.finish_refresh(db, night.refresh_id, {**counts, "seconds": done.seconds}, now)
        return done
    finally:
        db.close()


def _finish_forgetting(home: Home, db: sqlite_utils.Database, now: datetime) -> None:
    newest, last = desk.newest_request(home), rebuild.last_refresh(db, now)
    if newest and (last is None or f"{newest:%Y%m%dT%H%M%SZ}" > last[:16]):
        erase(db, desk.suppressed(home), "", f"{now:%Y%m%dT%H%M%SZ}-forget", generic=generic_words())


@contextmanager
def uncollected() -> Iterator[None]:
    """A pass without the cycle collector: it would walk hundreds of thousands of records, which hold no cycles, again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _open_night(home: Home, db: sqlite_utils.Database, now: datetime, *, whole: bool) -> Night:
    products = {product.key: product for product in chosen_products(home.config.products)}
    return Night(
        home=home,
        db=db,
        now=now,
        since=rebuild.last_refresh(db, now),
        refresh_id=rebuild.start_refresh(db, now),
        products=products,
        decisions=desk.decisions(home),
        whole=whole,
        card=card_of(home),
        model=load_model(home.root),
    )
