"""Tables and migrations of the databases, and the only places that open them."""

import sqlite_utils
from sqlite_utils.migrations import Migrations

from market_db import derived, runs, seen
from market_db.codec import columns_of
from market_db.desk.tables import desk_migrations
from market_db.home import Home
from market_db.markets.offers import fill_keys
from market_db.opening import MarketError, is_there, open_tuned
from market_db.sqlite import create, sqlite3

__all__ = ["SEEN_TABLES", "MarketError", "has_desk", "has_market", "open_desk", "open_market", "open_published", "sqlite_is_safe"]

SEEN_TABLES = {
    "listing": "listings",
    "notice": "notices",
    "registration": "registrations",
    "place": "places",
    "trade_flow": "trade_flows",
    "observation": "observations",
    "refusal": "refusals",
}
NOT_COLUMNS = frozenset({"source", "evidence", "seller", "parties", "party"})
"""Fields of seen records kept elsewhere: source stands first in every table, companies in `parties`."""
TRACK: dict[str, type] = {
    "digest": str,
    "evidence_id": str,
    "first_seen": str,
    "last_seen": str,
    "first_run": str,
    "changed_run": str,
    "last_run": str,
}
PARTY_LEAVE = frozenset({"natural_person"})
SNAPSHOT_FORMAT = "7"
"""Raised whenever the snapshot's own tables change: an older one is then written anew, not misread."""
SAFE_SQLITE = (3, 51, 3)
"""Below it a WAL database can be corrupted by the reset fault (fixed in 3.51.3)."""


def open_market(home: Home) -> sqlite_utils.Database:
    """The market database of a home, created and migrated as needed.

    Raises MarketError when it is corrupt, newer than the program, held by another program for 30 seconds, or lost: a home that
    once had a market is never given an empty one in its place.
    """
    home.make()
    return open_tuned(home, home.market, market_migrations)


def open_desk(home: Home) -> sqlite_utils.Database:
    """The database of what people entered; created only where there never was one. Raises MarketError as `open_market`."""
    home.make()
    return open_tuned(home, home.desk, desk_migrations)


def open_published(home: Home, *, any_thread: bool = False) -> sqlite_utils.Database:
    """The snapshot, read-only; `any_thread`: for threads that take turns.

    Raises MarketError when nothing was published yet, or another version of the program did it.
    """
    if not home.published.exists():
        raise MarketError(f"nothing is published in {home.root}: run `tembus crawl`, then `tembus refresh` and `tembus publish`")
    conn = sqlite3.connect(f"{home.published.as_uri()}?mode=ro", uri=True, check_same_thread=not any_thread)
    try:
        conn.execute("PRAGMA query_only=ON")
        found = conn.execute("select value from meta where key='format'").fetchone()
    except sqlite3.DatabaseError:
        found = None
    if not found or found[0] != SNAPSHOT_FORMAT:
        conn.close()
        raise MarketError(f"{home.published} is damaged or was written by another version: run `tembus publish` to write it anew")
    return sqlite_utils.Database(conn)


def has_market(home: Home) -> bool:
    """Whether anything was ever read; raises MarketError where market.db is lost."""
    return is_there(home, home.market)


def has_desk(home: Home) -> bool:
    """Whether anything was ever entered; raises MarketError where desk.db is lost: the do-not-contact list was in it."""
    return is_there(home, home.desk)


market_migrations = Migrations("tembus-market")


@market_migrations()
def seen_tables(db: sqlite_utils.Database) -> None:
    """What sources showed."""
    for kind, table in SEEN_TABLES.items():
        columns = columns_of(seen.SEEN_TYPES[kind], leave=NOT_COLUMNS)
        create(db, table, {"id": str, "source": str, **columns, **TRACK}, "id", ["source"], ["changed_run"])
    party = {"id": str, "record_kind": str, "record_id": str, "source": str, **columns_of(seen.Party, leave=PARTY_LEAVE)}
    for table in ("parties", "parties_share_alike"):
        create(db, table, party, "id", ["record_id"])
    db.create_view("all_parties", "select * from parties union all select * from parties_share_alike")
    evidence = {"id": str, **columns_of(seen.Evidence), "run_id": str}
    create(db, "evidence", evidence, "id", ["archive_file"], ["source"])


@market_migrations()
def run_tables(db: sqlite_utils.Database) -> None:
    """What runs did."""
    create(db, "runs", columns_of(runs.Run), ("run_id", "source"), ["source", "started"])
    create(db, "rejections", columns_of(runs.Rejection), ("run_id", "source", "reason"))
    create(db, "issues", columns_of(runs.SourceIssue), ("run_id", "source", "kind", "detail", "url"))
    create(db, "sources", columns_of(runs.SourceCard), "name")


@market_migrations()
def derived_tables(db: sqlite_utils.Database) -> None:
    """What `refresh` makes of it."""
    create(db, "companies", columns_of(derived.Company, leave=frozenset({"contacts", "member_ids"})), "id", ["country"])
    create(db, "company_members", {"party_id": str, "company_id": str}, "party_id", ["company_id"])
    create(db, "company_contacts", columns_of(derived.CompanyContact), ("company_id", "kind", "value"), ["value"])
    create(db, "matches", columns_of(derived.Match), ("party_a", "party_b"), ["party_b"])
    create(db, "merged_into", {"old_id": str, "new_id": str, "refresh_id": str}, "old_id", ["new_id"])
    signal = columns_of(derived.DemandSignal)
    key = ("source", "product", "metric", "country", "partner", "period", "hs_code", "value")
    create(db, "demand_signals", {"id": str, **signal}, "id", key)
    create(db, "markets", columns_of(derived.Market), ("product", "country"))
    create(db, "leads", columns_of(derived.Lead), "id", ["company_id"], ["product", "score"])
    create(db, "refreshes", {"id": str, "started": str, "ended": str, "counts": str}, "id")
    db.create_view("demand_current", DEMAND_CURRENT)


@market_migrations()
def notice_status(db: sqlite_utils.Database) -> None:
    """Whether a notice is open, cancelled or awarded, as its source says."""
    if "status" not in db.table("notices").columns_dict:
        db.table("notices").add_column("status", str)


@market_migrations()
def source_check_table(db: sqlite_utils.Database) -> None:
    """What the last check of a source found."""
    create(db, "source_checks", columns_of(runs.SourceCheck), "source")


@market_migrations()
def market_index(db: sqlite_utils.Database) -> None:
    """Parts, evidence and places of the index, and the goalposts that are kept for a year."""
    have = db.table("markets").columns_dict
    for name, kind in columns_of(derived.Market).items():
        if name not in have:
            empty = {"parts": "[]", "unknown_parts": "[]", "watchlist": 0}.get(name)
            db.table("markets").add_column(name, kind, not_null_default=empty)
    posts = {"product": str, "year": int, "edition": int, "part": str, "low": float, "high": float, "countries": int, "computed": str}
    create(db, "index_goalposts", posts, ("product", "year", "edition", "part"))


@market_migrations()
def refused_goods(db: sqlite_utils.Database) -> None:
    """Which goods a refusal was about."""
    table, known = db.table("refusals"), columns_of(seen.Refusal)
    for name in ("origin_text", "category", "product", "relevance", "relevance_why"):
        if name not in table.columns_dict:
            table.add_column(name, known[name])


@market_migrations()
def one_current_number(db: sqlite_utils.Database) -> None:
    """Of two revisions of one day only the later is current; one product is read without looking at the others."""
    db.conn.execute("drop view if exists demand_current")
    db.create_view("demand_current", DEMAND_CURRENT)
    db.table("demand_signals").create_index(["product", "country"], if_not_exists=True)


@market_migrations()
def company_history(db: sqlite_utils.Database) -> None:
    """What became of companies, what people should judge, and with which weights everything was last compared."""
    if "reasons_id" not in db.table("matches").columns_dict:
        db.table("matches").add_column("reasons_id", str, not_null_default="[]")
    create(db, "company_events", {"id": int, **columns_of(derived.CompanyEvent)}, "id", ["company_id"], ["refresh_id"])
    create(db, "review_questions", columns_of(derived.Question), ("party_a", "party_b"), ["gain"])
    create(db, "identity_built", {"refresh_id": str, "version": str, "at": str}, "refresh_id")


@market_migrations()
def turned_down_companies(db: sqlite_utils.Database) -> None:
    """Why companies are no leads."""
    create(db, "not_leads", columns_of(derived.NotLead), ("company_id", "product"), ["reason"])


@market_migrations()
def revised_numbers(db: sqlite_utils.Database) -> None:
    """Which number replaced which."""
    have = db.table("demand_signals").columns_dict
    for name in ("supersedes", "revised_from", "revised_on"):
        if name not in have:
            db.table("demand_signals").add_column(name, float if name == "revised_from" else str)


@market_migrations()
def years_beside_figures(db: sqlite_utils.Database) -> None:
    """Years of growth, price and share of a market, and whether anybody looks for buyers there."""
    have = db.table("markets").columns_dict
    for name in ("growth_years", "unit_value_year", "share_year", "looked"):
        if name not in have:
            db.table("markets").add_column(name, str, not_null_default="" if name == "looked" else None)


@market_migrations()
def price_history(db: sqlite_utils.Database) -> None:
    """Prices as they changed; what is stored now is where their history begins."""
    point = {"price": float, "currency": str, "price_usd_kg": float, "availability": str, "evidence_id": str}
    create(db, "price_history", {"record_id": str, "at": str, **point}, ("record_id", "at"))
    create(db, "listing_keys", {"record_id": str, "gtin_key": str, "name_key": str}, "record_id", ["gtin_key"], ["name_key"])
    columns = "price, currency, price_usd_kg, availability, evidence_id"
    db.conn.execute(f"insert into price_history select id, last_seen, {columns} from listings where price is not null")
    fill_keys(db)


@market_migrations()
def one_index_of_numbers(db: sqlite_utils.Database) -> None:
    """One index over numbers instead of two: there are hundreds of thousands, and each costs at every night's writing."""
    table = db.table("demand_signals")
    for index in table.indexes:
        if index.origin == "c":
            db.conn.execute(f'drop index "{index.name}"')
    table.create_index(["product", "country", "metric", "period", "partner"])


@market_migrations()
def merges_apart(db: sqlite_utils.Database) -> None:
    """Merges and moves are found without the beginnings of all companies, of which there is one a company for ever."""
    for kind in ("merged_into", "moved_in"):
        db.conn.execute(f"create index if not exists company_events_{kind} on company_events (company_id) where kind = '{kind}'")


@market_migrations()
def tenders_looked_for(db: sqlite_utils.Database) -> None:
    """Whether anybody looks for tenders in a market."""
    if "tenders_looked" not in db.table("markets").columns_dict:
        db.table("markets").add_column("tenders_looked", str, not_null_default="")


@market_migrations()
def countries_of_runs(db: sqlite_utils.Database) -> None:
    """Which countries a run of a source that goes round them has read."""
    if "countries" not in db.table("runs").columns_dict:
        db.table("runs").add_column("countries", str, not_null_default="[]")


DEMAND_CURRENT = """
select d.* from demand_signals d where d.rowid = (
  select e.rowid from demand_signals e where e.source = d.source and e.product = d.product and e.metric = d.metric
    and e.country = d.country and e.partner = d.partner and e.period = d.period and e.hs_code is d.hs_code
  order by e.retrieved desc, e.rowid desc limit 1)
"""


def sqlite_is_safe() -> bool:
    """Whether the SQLite in use is free of the WAL-reset fault."""
    return tuple(map(int, sqlite3.sqlite_version.split("."))) >= SAFE_SQLITE
