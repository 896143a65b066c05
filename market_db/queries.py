"""Named questions to the snapshot: leads, one lead with its proof, markets, sources and runs."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlite_utils

from market_db.codec import from_row
from market_db.companies.history import Change, changes_of, earlier_leads
from market_db.companies.mentions import load_mentions
from market_db.cues import Cue, cues_of
from market_db.derived import Company, DemandSignal, Market, Match, Mention, Reason
from market_db.desk.entered import FollowUp
from market_db.desk.followed import leads_of_today, newest_of, standing
from market_db.exports.lead_row import LeadRow
from market_db.finding.search import facet, match_facets, match_words, words_of
from market_db.finding.text_search import PARTS, finds_words, like_part, searched_in_parts
from market_db.judged import Judged, judged_values
from market_db.markets.notices import NoticeFacts, load_notices
from market_db.markets.offers import Offer, offers_of
from market_db.rebuild import load_companies
from market_db.rows import read_rows
from market_db.runs import Rejection, Run, SourceCard, SourceIssue
from market_db.values.moments import local_day

SORTS = {
    "score": "r.rank",
    "last_seen": "r.last_seen desc, r.rank",
    "company": "r.company collate nocase, r.rank",
    "country": "r.country, r.rank",
}
MAX_LIMIT = 1_000_000


class BadQuestion(ValueError):
    """Raised when a filter cannot be understood; the message names it and what would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadQuery:
    """Which leads, in which order."""

    products: tuple[str, ...] = ()
    """Any of these; empty = whatever it is. So for the four below."""
    countries: tuple[str, ...] = ()
    """ISO 3166-1 alpha-2."""
    roles: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    """Contacts that must all be known: email, phone, website."""
    fresh_days: int | None = None
    """Seen within so many days before the snapshot."""
    since: str | None = None
    """Only leads first listed at or after this refresh id or date."""
    text: str = ""
    sort: str = "score"
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class LeadPage:
    """Rows and how many there are in all."""

    rows: list[LeadRow]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One answer of one source, as shown beside a value."""

    id: str
    source: str
    source_title: str
    url: str
    fetched_at: str
    content_hash: str
    archive_file: str | None
    archive_offset: int | None
    licence: str
    attribution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadDetail:
    """A lead with everything that speaks for it."""

    row: LeadRow
    company: Company
    reasons: tuple[Reason, ...]
    mentions: tuple[Mention, ...]
    matches: tuple[Match, ...]
    proofs: Mapping[str, Proof] = field(default_factory=dict)
    """Evidence id -> proof."""
    notices: Mapping[str, NoticeFacts] = field(default_factory=dict)
    """Record id -> tender or award."""
    judged: tuple[Judged, ...] = ()
    """How its values were read."""
    cues: tuple[Cue, ...] = ()
    """What to look at before writing to it."""
    earlier_ids: tuple[str, ...] = ()
    """Ids that the lead had before its company was merged."""
    offers: tuple[Offer, ...] = ()
    """What it sells, with prices over time and in other shops."""
    history: tuple[Change, ...] = ()
    """What became of the company, newest first."""


def meta(db: sqlite_utils.Database) -> dict[str, str]:
    """What the snapshot says of itself: published_at, read_at (newest answer; empty = none), refresh_id, zone (of days in rows)."""
    return dict(db.conn.execute("select key, value from meta").fetchall())


def as_of(about: Mapping[str, str]) -> str:
    """The moment up to which the data go: the newest answer of a source, whatever was published since without asking one anew."""
    published = about["published_at"]
    return min(about.get("read_at") or published, published)


def find_leads(db: sqlite_utils.Database, query: LeadQuery, follow_ups: Mapping[str, FollowUp] | None = None) -> LeadPage:
    """Leads that match, with the number of all matches.

    Raises BadQuestion for an unknown sort or a negative limit.
    """
    where, params, source = _where(db, query)
    total = int(db.conn.execute(f"select count(*) from {source} where {where}", params).fetchone()[0])
    sql = f"select r.* from {source} where {where} order by {_order(query)} limit :limit offset :offset"
    limits = {"limit": min(query.limit, MAX_LIMIT), "offset": query.offset}
    return LeadPage(list(_lead_rows(db, read_rows(db, sql, {**params, **limits}), follow_ups or {})), total)


def _order(query: LeadQuery) -> str:
    if query.sort not in SORTS:
        raise BadQuestion(f"sort {query.sort!r} is not one of {', '.join(SORTS)}")
    if query.limit < 0 or query.offset < 0:
        raise BadQuestion("limit and offset must not be negative")
    return SORTS[query.sort]


def _where(db: sqlite_utils.Database, query: LeadQuery) -> tuple[str, dict[str, Any], str]:
    """Condition, parameters and FROM."""
    parts, params, source = ["1"], dict[str, Any](), "lead_rows r"
    match = match_facets(_facet_tokens(query))
    if query.text.strip():
        words = words_of(query.text)
        if not words:
            parts.append("0")
        elif searched_in_parts(words) and not finds_words(db, words):
            parts += [f"r.rank in ({PARTS.replace('?', f':part{at}')})" for at in range(len(words))]
            params |= {f"part{at}": like_part(word) for at, word in enumerate(words)}
        else:
            expression = match_words(words)
            match = f"{match} AND ({expression})" if match else expression
    if match:
        source += " join lead_words w on w.rowid = r.rank"
        parts.append("lead_words match :match")
        params["match"] = match
    _add_dates(db, query, parts, params)
    return " and ".join(parts), params, source


CHOICES = {"product": "products", "country": "countries", "role": "roles", "grade": "grades", "source": "sources"}
"""Filter of which any chosen value will do -> field of `LeadQuery`."""


def _facet_tokens(query: LeadQuery) -> list[list[str]]:
    """Filters as index tokens: one of each group must be there."""
    chosen = [[facet(name, value) for value in getattr(query, field)] for name, field in CHOICES.items()]
    return [group for group in chosen if group] + [[facet("has", kind)] for kind in query.has]


def _add_dates(db: sqlite_utils.Database, query: LeadQuery, parts: list[str], params: dict[str, Any]) -> None:
    """Freshness counts back from the snapshot, not from today: an old snapshot does not lose its leads."""
    if query.fresh_days is not None:
        published = datetime.fromisoformat(meta(db)["published_at"])
        parts.append("r.last_seen >= :fresh")
        params["fresh"] = (published - timedelta(days=query.fresh_days)).isoformat(timespec="seconds")
    if query.since:
        parts.append("r.new_since >= :since")
        params["since"] = as_refresh(query.since)


def as_refresh(since: str) -> str:
    """A refresh id, or a date as the beginning of the ids of its refreshes."""
    return since.replace("-", "") if since[4:5] == "-" else since


def lead_rows(db: sqlite_utils.Database, query: LeadQuery, follow_ups: Mapping[str, FollowUp] | None = None) -> Iterator[LeadRow]:
    """All matches, streamed: for exports."""
    where, params, source = _where(db, query)
    sql = f"select r.* from {source} where {where} order by {_order(query)} limit :limit offset :offset"
    yield from _lead_rows(db, read_rows(db, sql, {**params, "limit": query.limit, "offset": query.offset}), follow_ups or {})


def rows_at(db: sqlite_utils.Database, ranks: Sequence[int], follow_ups: Mapping[str, FollowUp] | None = None) -> list[LeadRow]:
    """The leads of some ranks, in that order."""
    marks = ",".join("?" * len(ranks))
    found = {row["rank"]: row for row in read_rows(db, f"select r.* from lead_rows r where r.rank in ({marks})", ranks)}
    return list(_lead_rows(db, (found[rank] for rank in ranks if rank in found), follow_ups or {}))


def _lead_rows(db: sqlite_utils.Database, rows: Iterator[dict[str, Any]], follow_ups: Mapping[str, FollowUp]) -> Iterator[LeadRow]:
    """Rows of the snapshot as people see them."""
    cards, about = {card.name: card for card in sources(db)}, meta(db)
    led = newest_of(db, follow_ups)
    for row in rows:
        yield _lead_row(db, row, cards, about, led.get(row["lead_id"]))


def _lead_row(
    db: sqlite_utils.Database, row: dict[str, Any], cards: Mapping[str, SourceCard], about: Mapping[str, str], follow: FollowUp | None
) -> LeadRow:
    """One lead with its best evidence, sources and follow-up."""
    proof = next(iter(proofs(db, [row["evidence_id"] or ""]).values()), None)
    names = json.loads(row["sources"])
    shown = [cards[name] for name in names if name in cards]
    reasons = sorted(json.loads(row["reasons"]), key=lambda reason: -reason["points"])
    stands = standing(follow)
    return LeadRow(
        **{name: row[name] for name in SAME},
        why_id=" ".join(reason["text_id"] for reason in reasons if reason["points"] > 0),
        why_en=" ".join(reason["text_en"] for reason in reasons if reason["points"] > 0),
        products=tuple(json.loads(row["product_proofs"])),
        evidence_url=row["evidence_url"] or (proof.url if proof else None),
        evidence_title=proof.source_title if proof else None,
        sources=tuple(cards[name].title if name in cards else name for name in names),
        n_sources=len(names),
        first_seen=date.fromisoformat(local_day(row["first_seen"], about["zone"])),
        last_seen=date.fromisoformat(local_day(row["last_seen"], about["zone"])),
        new=row["new_since"] == about["refresh_id"],
        status=stands.status,
        contacted_on=stands.contacted_on,
        owner=stands.owner,
        note=stands.note,
        licences=tuple(dict.fromkeys(card.licence for card in shown)),
        attributions=tuple(dict.fromkeys(card.attribution for card in shown)),
    )


SAME = ("rank", "lead_id", "company_id", "company", "country", "city", "role", "score", "grade", "product", "website", "email", "phone")


def proofs(db: sqlite_utils.Database, ids: list[str]) -> dict[str, Proof]:
    """Evidence rows with their source, by id."""
    marks = ",".join("?" * len(ids))
    sql = (
        "select e.id, e.source, coalesce(s.title, e.source) as source_title, e.url, e.fetched_at, e.content_hash, e.archive_file,"
        " e.archive_offset, coalesce(s.licence, 'unknown') as licence, coalesce(s.attribution, '') as attribution"
        f" from evidence e left join sources s on s.name = e.source where e.id in ({marks})"
    )
    return {row["id"]: Proof(**row) for row in read_rows(db, sql, ids)}


def lead_detail(db: sqlite_utils.Database, lead: str, follow_ups: Mapping[str, FollowUp] | None = None) -> LeadDetail | None:
    """A lead by its id or the id it had before a merge; None when there is none."""
    rows = list(read_rows(db, "select * from lead_rows where lead_id=?", (leads_of_today(db, [lead]).get(lead, lead),)))
    if not rows:
        return None
    row = next(_lead_rows(db, iter(rows), follow_ups or {}))
    company = next(load_companies(db, [row.company_id]))
    mentions = tuple(sorted(load_mentions(db, company.member_ids), key=lambda mention: mention.last_seen, reverse=True))
    reasons = from_row(_Reasons, rows[0]).reasons
    ids = {mention.evidence_id for mention in mentions} | {e for reason in reasons for e in reason.evidence_ids}
    ids |= {contact.evidence_id for contact in company.contacts}
    found = proofs(db, sorted(ids))
    notices = load_notices(db, {mention.record_id for mention in mentions if mention.record_kind == "notice"})
    return LeadDetail(
        row=row,
        company=company,
        reasons=reasons,
        mentions=mentions,
        matches=_matches(db, company),
        proofs=found,
        notices=notices,
        judged=tuple(judged_values(db, mentions)),
        cues=tuple(cues_of(db, company, mentions)),
        earlier_ids=earlier_leads(db, row.lead_id),
        offers=tuple(offers_of(db, [mention.record_id for mention in mentions if mention.record_kind == "listing"])),
        history=tuple(changes_of(db, company.id)),
    )


@dataclass(frozen=True, slots=True)
class _Reasons:
    """The JSON column of reasons."""

    reasons: tuple[Reason, ...]


def _matches(db: sqlite_utils.Database, company: Company) -> tuple[Match, ...]:
    """Why its members are taken for one company."""
    marks = ",".join("?" * len(company.member_ids))
    sql = f"select * from matches where party_a in ({marks}) order by score desc, party_a, party_b"
    return tuple(from_row(Match, row) for row in read_rows(db, sql, company.member_ids))


def markets(db: sqlite_utils.Database, product: str | None = None) -> list[Market]:
    """Markets, best index first; then the watchlist, then those without an index, by known buyers."""
    where = "where product = ?" if product else ""
    sql = f'select * from markets {where} order by product, "index" is null, "index" desc, buyers desc, country'
    found = [from_row(Market, row) for row in read_rows(db, sql, (product,) if product else ())]
    return sorted(found, key=lambda market: (market.product, market.watchlist or market.index is None, market.index is None))


def demand(db: sqlite_utils.Database, product: str, country: str) -> list[DemandSignal]:
    """Current signals of a product in a country."""
    sql = "select * from demand_current where product=? and country=? order by metric, partner, period desc"
    return [from_row(DemandSignal, row) for row in read_rows(db, sql, (product, country))]


def sources(db: sqlite_utils.Database) -> list[SourceCard]:
    """The register of sources."""
    return [from_row(SourceCard, row) for row in read_rows(db, "select * from sources order by name")]


def runs(db: sqlite_utils.Database, source: str | None = None, limit: int = 100) -> list[Run]:
    """Runs, newest first."""
    where = "where source = ?" if source else ""
    params: tuple[Any, ...] = (source, limit) if source else (limit,)
    return [from_row(Run, row) for row in read_rows(db, f"select * from runs {where} order by started desc, source limit ?", params)]


def latest_runs(db: sqlite_utils.Database) -> dict[str, Run]:
    """Source -> its newest run."""
    sql = "select * from runs r where started = (select max(started) from runs where source = r.source)"
    return {row["source"]: from_row(Run, row) for row in read_rows(db, sql)}


def runs_in(db: sqlite_utils.Database, country: str) -> dict[str, Run]:
    """Source -> its newest run that asked for a country; of sources that go round countries only the runs in which its turn had come."""
    goes_round = "exists (select 1 from runs x where x.source = r.source and x.countries != '[]')"
    its_turn = "exists (select 1 from json_each(r.countries) where value = :country)"
    sql = f"select * from runs r where case when {goes_round} then {its_turn} else 1 end order by started"
    return {row["source"]: from_row(Run, row) for row in read_rows(db, sql, {"country": country})}


def countries_seen(db: sqlite_utils.Database, verdicts: Iterable[str]) -> dict[str, frozenset[str]]:
    """Source that goes round countries -> those that a run of such a verdict has read."""
    marks = ", ".join(f"'{verdict}'" for verdict in verdicts)
    sql = f"select r.source, value from runs r, json_each(r.countries) where r.verdict in ({marks})"
    found: dict[str, set[str]] = {source: set() for (source,) in db.conn.execute("select source from runs where countries != '[]'")}
    for source, country in db.conn.execute(sql):
        found[source].add(country)
    return {source: frozenset(countries) for source, countries in found.items()}


FAILED = frozenset({"broken", "blocked", "robots", "aborted"})
"""Verdicts of runs that brought nothing to rely on."""


def failed_sources(db: sqlite_utils.Database) -> int:
    """How many sources failed or refused in their newest run; what they showed before stays."""
    return sum(run.verdict in FAILED for run in latest_runs(db).values())


def is_sample(db: sqlite_utils.Database) -> bool:
    """Whether the newest run read the shipped sample: then the figures are no statistics, and the firms do not exist."""
    newest = db.conn.execute("select mode from runs order by started desc limit 1").fetchone()
    return newest is not None and newest[0] == "sample"


def rejections(db: sqlite_utils.Database, run_id: str) -> list[Rejection]:
    """What a run did not take, most first."""
    return [from_row(Rejection, row) for row in read_rows(db, "select * from rejections where run_id=? order by count desc", (run_id,))]


def issues(db: sqlite_utils.Database, run_id: str) -> list[SourceIssue]:
    """What was odd in a run."""
    return [from_row(SourceIssue, row) for row in read_rows(db, "select * from issues where run_id=? order by source, kind", (run_id,))]
