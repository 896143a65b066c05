"""The read-only snapshot that people query: built beside the old one and swapped in by rename, so there is always a whole one."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlite_utils

from market_db.companies.history import heirs
from market_db.derived import lead_id
from market_db.finding.index_store import save_index
from market_db.finding.search import facet, indexed
from market_db.finding.text_search import add_text_tables
from market_db.home import Home
from market_db.rebuild import last_refresh
from market_db.rows import read_rows, write_rows
from market_db.schema import SNAPSHOT_FORMAT as FORMAT
from market_db.schema import MarketError, open_market, open_published
from market_db.sqlite import sqlite3
from market_db.turned_down import add_turned_down
from market_db.values.places import country_name

SKIP = frozenset({"_sqlite_migrations", "leads", "demand_signals"})
LEAD_ROWS = """
create table lead_rows (
  rank integer primary key, lead_id text unique, company_id text, product text, company text, country text, city text, role text,
  score real, grade text, reasons text, product_proofs text, email text, phone text, website text, sources text,
  first_seen text, last_seen text, new_since text, evidence_id text, evidence_url text
) strict
"""
SEARCH = "create virtual table lead_words using fts5(words, facets, content='', tokenize='unicode61 remove_diacritics 2')"
SELECT_LEADS = """
select l.id as lead_id, l.company_id, l.product, c.name as company, c.country, c.city, l.role, l.score, l.grade, l.reasons,
  l.product_proofs, c.names, c.sources, c.first_seen, l.last_seen, l.new_since
from leads l join companies c on c.id = l.company_id order by l.score desc, l.last_seen desc, l.id
"""
COUNTED = ("lead_rows", "companies", "markets")
CONTACT_KINDS = ("email", "phone", "website")


@dataclass(frozen=True, slots=True)
class Published:
    """What went out."""

    path: Path
    leads: int
    companies: int
    markets: int
    refresh_id: str


FEW = 10
"""A snapshot of fewer leads is not guarded: it may halve from one night to the next."""
KEPT_SHARE = 0.5
"""Below this share of the published leads a new snapshot is held back."""


class FarEmptier(MarketError):
    """The new snapshot holds far fewer leads than the one it would replace; the old one stays until a person insists."""

    def __init__(self, leads: int, published: int) -> None:
        super().__init__(
            f"the new snapshot would hold {leads} leads, the published one holds {published}: it was not replaced. `tembus runs` and"
            " `tembus doctor` say what happened; `tembus publish --insist` publishes all the same"
        )
        self.leads, self.published = leads, published


def publish(home: Home, *, now: datetime, insist: bool = False) -> Published:
    """Build the snapshot from market.db and swap it in.

    Raises MarketError when there is nothing refreshed to publish, or the disk is full, and FarEmptier, unless `insist`, when most
    leads would vanish; the old snapshot then stays.
    """
    if not home.market.exists() and not home.published.exists():
        raise MarketError(f"{home.market} does not exist: run `tembus crawl` and `tembus refresh` first")
    market = open_market(home)
    refresh_id = last_refresh(market)
    market.close()
    if refresh_id is None:
        raise MarketError("nothing was refreshed yet: run `tembus refresh` first")
    temp = home.published.with_suffix(".tmp")
    temp.unlink(missing_ok=True)
    try:
        done = _build(temp, home, refresh_id, now)
        if not insist:
            _refuse_far_emptier(home, done.leads)
        _swap_in(temp, home.published)
    except (sqlite3.DatabaseError, OSError) as error:
        raise MarketError(f"the snapshot could not be written ({error}); the old one stays") from error
    finally:
        temp.unlink(missing_ok=True)
    return done


def _refuse_far_emptier(home: Home, leads: int) -> None:
    """Raise FarEmptier; a snapshot that cannot be read is replaced whatever it held."""
    try:
        old = open_published(home)
    except MarketError:
        return
    before = int(old.conn.execute("select count(*) from lead_rows").fetchone()[0])
    old.close()
    if leads < before * KEPT_SHARE and (before >= FEW or leads == 0):
        raise FarEmptier(leads, before)


def _build(temp: Path, home: Home, refresh_id: str, now: datetime) -> Published:
    """Copy, rank and index into `temp`."""
    conn = sqlite3.connect(temp)
    temp.chmod(0o600)
    conn.execute("PRAGMA journal_mode=OFF")
    conn.execute("attach database ? as market", (str(home.market),))
    db = sqlite_utils.Database(conn)
    with db.atomic():
        _copy_tables(db)
        _rank_leads(db)
        _alias_leads(db)
        add_turned_down(db)
        read = db.conn.execute("select max(fetched_at) from evidence").fetchone()[0]
        about = {"format": FORMAT, "read_at": read or "", "published_at": now.isoformat(timespec="seconds"), "refresh_id": refresh_id}
        write_meta(db, {**about, "zone": home.config.timezone})
        save_index(db)
    conn.execute("detach database market")
    conn.execute("analyze")
    leads, companies, markets = (int(conn.execute(f"select count(*) from {table}").fetchone()[0]) for table in COUNTED)
    conn.commit()
    conn.close()
    return Published(home.published, leads, companies, markets, refresh_id)


def _copy_tables(db: sqlite_utils.Database) -> None:
    """Tables, indexes and views of the market as they are; of the demand only the current rows."""
    sql = "select type, name, tbl_name, sql from market.sqlite_master where sql is not null order by type='view', type='index'"
    for kind, name, table, definition in db.conn.execute(sql).fetchall():
        if table in SKIP or name == "demand_current":
            continue
        db.conn.execute(definition)
        if kind == "table":
            db.conn.execute(f'insert into main."{name}" select * from market."{name}"')
    db.conn.execute("create table demand_current as select * from market.demand_current")
    db.conn.execute("create index demand_by_country on demand_current (product, country)")


def _rank_leads(db: sqlite_utils.Database) -> None:
    """Leads in score order: rank is the rowid of the table and of its index, so that ORDER BY rowid is the ranking."""
    for sql in (LEAD_ROWS, SEARCH):
        db.conn.execute(sql)
    contacts = _best_contacts(db)
    sql = SELECT_LEADS.replace("from leads", "from market.leads")
    for rank, row in enumerate(read_rows(db, sql), 1):
        names = json.loads(row.pop("names"))
        evidence = _first_evidence(row)
        known = contacts.get(row["company_id"], dict.fromkeys(CONTACT_KINDS))
        page = _page_of(db, row["company_id"], evidence)
        full = {"rank": rank, **row, **known, "evidence_id": evidence, "evidence_url": page}
        write_rows(db, "lead_rows", [full])
        words = indexed(" ".join(_words(full, names)))
        db.conn.execute("insert into lead_words (rowid, words, facets) values (?,?,?)", (rank, words, " ".join(_facets(full))))
    db.conn.execute("create index lead_rows_by_company on lead_rows (company_id)")
    add_text_tables(db)


def _best_contacts(db: sqlite_utils.Database) -> dict[str, dict[str, Any]]:
    """Company -> its best e-mail, phone and website: most sources first, then the newest."""
    best: dict[str, dict[str, Any]] = defaultdict(lambda: dict.fromkeys(CONTACT_KINDS))
    sql = "select company_id, kind, value from company_contacts order by sources, last_seen, value desc"
    for company, kind, value in db.conn.execute(sql):
        best[company][kind] = value
    return dict(best)


def _first_evidence(row: dict[str, Any]) -> str | None:
    """Evidence of the weightiest reason that has any."""
    reasons = sorted(json.loads(row["reasons"]), key=lambda reason: -reason["points"])
    return next((reason["evidence_ids"][0] for reason in reasons if reason["evidence_ids"]), None)


PAGE_OF = " union all ".join(
    f"select r.url from company_members m join all_parties p on p.id=m.party_id join {table} r on r.id=p.record_id"
    " where m.company_id=:company and r.evidence_id=:evidence"
    for table in ("registrations", "places", "notices", "listings")
)


def _page_of(db: sqlite_utils.Database, company: str, evidence: str | None) -> str | None:
    """Page a person can open for the evidence: the record's own, where the evidence itself is an API call."""
    row = db.conn.execute(f"{PAGE_OF} limit 1", {"company": company, "evidence": evidence}).fetchone()
    return str(row[0]) if row else None


def _words(row: dict[str, Any], names: list[str]) -> Iterator[str]:
    """What the full-text search finds a lead by."""
    yield from names
    yield from (row["city"] or "", *json.loads(row["product_proofs"]))
    if row["country"]:
        yield from (country_name(row["country"], "id"), country_name(row["country"], "en"))
    yield from (row[kind] or "" for kind in CONTACT_KINDS)


def _facets(row: dict[str, Any]) -> Iterator[str]:
    """What a lead is filtered by, as tokens."""
    for name in ("product", "country", "role", "grade"):
        if row[name]:
            yield facet(name, row[name])
    yield from (facet("has", kind) for kind in CONTACT_KINDS if row[kind])
    yield from (facet("source", source) for source in json.loads(row["sources"]))


def _alias_leads(db: sqlite_utils.Database) -> None:
    """Ids of leads whose company was merged away lead to the lead that took over."""
    db.conn.execute("create table lead_aliases (old_id text primary key, new_id text) strict")
    products = [product for (product,) in db.conn.execute("select distinct product from lead_rows")]
    for old, new in heirs(db).items():
        rows = [(lead_id(old, product), lead_id(new, product)) for product in products]
        db.conn.executemany("insert or replace into lead_aliases values (?,?)", rows)
    db.conn.execute("create index lead_aliases_by_heir on lead_aliases (new_id)")


def write_meta(db: sqlite_utils.Database, values: dict[str, str]) -> None:
    """What the snapshot says of itself."""
    db.conn.execute("create table meta (key text primary key, value text) strict")
    db.conn.executemany("insert into meta values (?,?)", list(values.items()))


def _swap_in(temp: Path, target: Path) -> None:
    """Durably, then in one step."""
    with temp.open("rb") as stream:
        os.fsync(stream.fileno())
    temp.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
