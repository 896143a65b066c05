"""Where we look for buyers and what we do not know: nobody looks, not run yet, and nothing found are three different things."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import sqlite_utils

from market_db.derived import Market
from market_db.queries import countries_seen, latest_runs, markets, sources
from market_db.runs import Run, SourceCard

HAVE_LOOKED = frozenset({"ok", "thin", "stopped"})
"""Verdicts of runs that read something, or found honestly nothing."""
TENDER_ROLE = "tender_authority"
"""Role of whoever calls for tenders: a source that shows it looks for tenders."""
FEW_BUYERS = 5
"""Fewer usable buyers than this are few for ..."""
HIGH_INDEX = 55.0
"""... a market from this index on."""
OLD_YEARS = 3
"""Figures of so many years ago are old."""
KINDS = ("few_buyers", "nobody_looks", "not_run", "part_unknown", "part_old", "doubtful", "source_not_run")
NAMED_SOURCES = 5
BETWEEN = "; "
"""Between titles of sources, which have commas of their own."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Sources that could show buyers in a country, by title."""

    ran: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    """On, and without a good run yet."""
    off: tuple[str, ...] = ()
    """Not approved or without a key."""

    @property
    def state(self) -> str:
        """looked, not_run or nobody."""
        return "looked" if self.ran else "not_run" if self.waiting else "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing to collect next."""

    kind: str
    """One of KINDS."""
    product: str | None
    country: str | None
    index: float | None
    """Of the market: the higher, the more the gap costs."""
    what: str = ""
    """Part of the index, or titles of sources."""
    since: str = ""
    """Period of what is old."""
    number: int | None = None
    """Usable buyers known."""


class Coverage:
    """What the register of sources and its runs say of countries."""

    def __init__(self, cards: Iterable[SourceCard], runs: Mapping[str, Run], seen: Mapping[str, frozenset[str]] | None = None) -> None:
        """Newest run of each source; `seen`: countries read so far, of sources that take one after the other."""
        self._runs, self._seen = runs, seen or {}
        self._cards = [card for card in cards if card.roles]

    def looks_at(self, country: str, role: str = "") -> Looked:
        """Sources for companies, or for those of a role, that cover a country; those of the whole world cover every one."""
        groups: dict[str, list[str]] = {"ran": [], "waiting": [], "off": []}
        for card in self._cards:
            if (not card.countries or country in card.countries) and (not role or role in card.roles):
                groups[self._state(card, country)].append(card.title)
        return Looked(**{name: tuple(sorted(titles)) for name, titles in groups.items()})

    def waiting(self) -> tuple[SourceCard, ...]:
        """Sources that are on and never had a good run."""
        return tuple(card for card in self._cards if self._state(card) == "waiting")

    def _state(self, card: SourceCard, country: str | None = None) -> str:
        run, seen = self._runs.get(card.name), self._seen.get(card.name)
        looked = run is not None and run.verdict in HAVE_LOOKED if seen is None or country is None else country in seen
        if looked:
            return "ran"
        return "waiting" if card.enabled else "off"


def coverage_of(db: sqlite_utils.Database) -> Coverage:
    """Coverage as the snapshot knows it."""
    return Coverage(sources(db), latest_runs(db), countries_seen(db, HAVE_LOOKED))


def gaps(db: sqlite_utils.Database, today: date, *, product: str | None = None, country: str | None = None) -> list[Gap]:
    """What to collect next, the most attractive markets first; then the sources that never ran."""
    coverage = coverage_of(db)
    known = [market for market in markets(db, product) if country in (None, market.country)]
    found = [gap for market in known for gap in market_gaps(market, coverage.looks_at(market.country), today)]
    found.sort(key=lambda gap: (-(gap.index or 0), gap.country or "", KINDS.index(gap.kind), gap.what))
    if country is None:
        found += [Gap(kind="source_not_run", product=None, country=None, index=None, what=card.title) for card in coverage.waiting()]
        found += [Gap(kind="doubtful", product=None, country=None, index=None, what=what) for what in _doubts(db)]
    return found


def _doubts(db: sqlite_utils.Database) -> Iterator[str]:
    """What the newest refresh found odd: source, kind, detail."""
    sql = "select source, kind, detail from issues where run_id in (select id from refreshes) order by source, kind, detail"
    return (f"{source}: {kind}: {detail}" for source, kind, detail in db.conn.execute(sql).fetchall())


def market_gaps(market: Market, looked: Looked, today: date) -> Iterator[Gap]:
    """What is not known of one market."""
    about = {"product": market.product, "country": market.country, "index": market.index}
    if looked.state == "nobody":
        yield Gap(kind="nobody_looks", what=BETWEEN.join(looked.off[:NAMED_SOURCES]), number=market.buyers_with_contact, **about)  # type: ignore[arg-type]
    elif looked.state == "not_run":
        yield Gap(kind="not_run", what=BETWEEN.join(looked.waiting[:NAMED_SOURCES]), number=market.buyers_with_contact, **about)  # type: ignore[arg-type]
    few = market.buyers_with_contact < FEW_BUYERS and not market.buyers_unknown
    if market.index is not None and market.index >= HIGH_INDEX and few:
        yield Gap(kind="few_buyers", number=market.buyers_with_contact, **about)  # type: ignore[arg-type]
    for part in market.unknown_parts:
        yield Gap(kind="part_unknown", what=part, **about)  # type: ignore[arg-type]
    for known in market.parts:
        if known.part != "distance" and known.period[-4:].isdigit() and int(known.period[-4:]) <= today.year - OLD_YEARS:
            yield Gap(kind="part_old", what=known.part, since=known.period, **about)  # type: ignore[arg-type]
