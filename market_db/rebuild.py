"""Reads and writes of derived data: each table is replaced in one transaction, only by `refresh`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any

import sqlite_utils

from market_db.codec import columns_of, from_row, to_row
from market_db.companies.history import write_built, write_events
from market_db.derived import Company, CompanyContact, CompanyEvent, DemandSignal, Lead, Market, Match, NotLead
from market_db.rows import batched, insert_sql, read_rows, write_rows
from market_db.runs import SourceIssue
from market_db.schema import SEEN_TABLES
from market_db.seen import ALL_GOODS, Observation, TradeFlow, record_id

COMPANY_LEAVE = frozenset({"contacts", "member_ids"})
CHUNK = 500
WITH_PARTIES = ("listing", "notice", "registration", "place")
PARTY_TABLES = ("parties", "parties_share_alike")
MEMBERS = "company_members m join all_parties p on p.id=m.party_id join {table} r on r.id=p.record_id"


def start_refresh(db: sqlite_utils.Database, now: datetime) -> str:
    """Open a refresh; its id begins with the UTC second, like run ids, so the two compare as text.

    SQLite may hold 64 MB of pages meanwhile: with its own 2 MB, keys in no order are written and read again and again.
    """
    db.conn.execute("pragma cache_size=-65536")
    refresh_id = now.strftime("%Y%m%dT%H%M%SZ") + "-refresh"
    with db.atomic():
        row = {"id": refresh_id, "started": now.isoformat(timespec="seconds"), "ended": None, "counts": None}
        write_rows(db, "refreshes", [row], replace=True)
    return refresh_id


def finish_refresh(db: sqlite_utils.Database, refresh_id: str, counts: Mapping[str, Any], now: datetime) -> None:
    """Close a refresh with its counts."""
    import json

    with db.atomic():
        ended = now.isoformat(timespec="seconds")
        db.conn.execute("update refreshes set ended=?, counts=? where id=?", (ended, json.dumps(dict(counts)), refresh_id))


def last_refresh(db: sqlite_utils.Database, now: datetime | None = None) -> str | None:
    """Id of the finished refresh that was written last; with `now` only one that a clock then or earlier wrote.

    Ids are times of clocks that may have been wrong, so the order is that of writing; and what was seen since a refresh of the
    future would be overlooked until that day comes.
    """
    sql = "select id from refreshes where ended is not null and substr(id, 1, 16) <= ? order by rowid desc limit 1"
    row = db.conn.execute(sql, (f"{now:%Y%m%dT%H%M%SZ}" if now else "9",)).fetchone()
    return str(row[0]) if row else None


def load_companies(db: sqlite_utils.Database, ids: Collection[str] | None = None) -> Iterator[Company]:
    """Companies with members and contacts, all or the given ones."""
    if ids is None:
        ids = [company for (company,) in db.conn.execute("select id from companies order by id")]
    for part in batched(sorted(ids), CHUNK):
        yield from _load_part(db, part)


def _load_part(db: sqlite_utils.Database, ids: tuple[str, ...]) -> Iterator[Company]:
    marks = ",".join("?" * len(ids))
    members: dict[str, list[str]] = defaultdict(list)
    for party, company in db.conn.execute(
        f"select party_id, company_id from company_members where company_id in ({marks}) order by 1", ids
    ):
        members[company].append(party)
    contacts: dict[str, list[CompanyContact]] = defaultdict(list)
    for row in read_rows(db, f"select * from company_contacts where company_id in ({marks}) order by kind, sources desc, value", ids):
        contacts[row["company_id"]].append(from_row(CompanyContact, row))
    for row in read_rows(db, f"select * from companies where id in ({marks}) order by id", ids):
        yield from_row(Company, row, member_ids=tuple(members[row["id"]]), contacts=tuple(contacts[row["id"]]))


def company_of_party(db: sqlite_utils.Database) -> dict[str, str]:
    """Party id -> company id."""
    return dict(db.conn.execute("select party_id, company_id from company_members").fetchall())


def save_companies(
    db: sqlite_utils.Database,
    companies: Iterable[Company],
    *,
    gone: Iterable[str],
    merged: Mapping[str, str],
    matches: Iterable[Match],
    refresh_id: str,
    events: Iterable[CompanyEvent] = (),
    built: str | None = None,
) -> None:
    """Replace the given companies and drop the gone ones in one transaction; `merged` (old id -> new id) and `events` are kept for ever.

    Companies are taken as they come, some at a time: those of a whole market need not be there at once.
    `built`: version of the weights, where everything was compared with them.
    """
    with db.atomic():
        for company in gone:
            _drop_company(db, company)
        for part in batched(companies, CHUNK):
            _save_part(db, part)
        _save_matches(db, matches)
        kept = ({"old_id": old, "new_id": new, "refresh_id": refresh_id} for old, new in merged.items())
        write_rows(db, "merged_into", kept, replace=True)
        write_events(db, events)
        if built:
            write_built(db, refresh_id, built, refresh_id[:16])


def _save_part(db: sqlite_utils.Database, companies: Sequence[Company]) -> None:
    """Some companies in place of what stood there, without the matches between their members."""
    for company in companies:
        _drop_company(db, company.id)
    write_rows(db, "companies", (to_row(company, leave=COMPANY_LEAVE) for company in companies), replace=True)
    members = [{"party_id": party, "company_id": company.id} for company in companies for party in company.member_ids]
    write_rows(db, "company_members", members, replace=True)
    write_rows(db, "company_contacts", (to_row(contact) for company in companies for contact in company.contacts), replace=True)
    for side in ("party_a", "party_b"):
        db.conn.executemany(f"delete from matches where {side}=?", [(member["party_id"],) for member in members])
    # a split can bring an id back to life: then it leads to itself again
    db.conn.executemany("delete from merged_into where old_id=?", [(company.id,) for company in companies])


def _save_matches(db: sqlite_utils.Database, matches: Iterable[Match]) -> None:
    """Matches of the neighbourhood, after those between the members of its companies were taken out."""
    write_rows(db, "matches", map(to_row, matches), replace=True)


def _drop_company(db: sqlite_utils.Database, company: str) -> None:
    for table, column in (("companies", "id"), ("company_members", "company_id"), ("company_contacts", "company_id")):
        db.conn.execute(f'delete from "{table}" where "{column}"=?', (company,))


def touch_last_seen(db: sqlite_utils.Database, since: str | None = None) -> int:
    """Carry the newest sighting of their records to companies and contacts that did not otherwise change; returns how many companies.

    With `since` (id of a refresh) only of records that were seen again since then: runs and refreshes compare as text.
    """
    companies: set[str] = set()
    for sql in (SEEN_AGAIN.format(table=SEEN_TABLES[kind], parties=parties) for kind in WITH_PARTIES for parties in PARTY_TABLES):
        companies.update(company for (company,) in db.conn.execute(sql, (since or "",)))
    with db.atomic():
        return sum(_touch(db, part) for part in batched(sorted(companies), CHUNK))


def _touch(db: sqlite_utils.Database, companies: Sequence[str]) -> int:
    """Touch some companies: the sightings of all would have to be sorted in memory."""
    marks = ",".join("?" * len(companies))
    shown, seen = (" union all ".join(_of_kind(sql, kind, marks) for kind in WITH_PARTIES) for sql in (SHOWN, SEEN))
    db.conn.execute(TOUCH_CONTACTS.format(shown), (*companies,) * len(WITH_PARTIES))
    return int(db.conn.execute(TOUCH.format(seen), (*companies,) * len(WITH_PARTIES)).rowcount)


def _of_kind(sql: str, kind: str, marks: str) -> str:
    members = MEMBERS.format(table=SEEN_TABLES[kind])
    return sql.format(members=members) + f" where p.record_kind='{kind}' and m.company_id in ({marks})"


SEEN_AGAIN = (
    "select m.company_id from {table} r cross join {parties} p on p.record_id=r.id cross join company_members m on m.party_id=p.id"
    " where r.last_run >= substr(?, 1, 16)"
)
"""In this order, which SQLite keeps for "cross": the records that were seen are few, and are asked first."""
SEEN = "select m.company_id, r.last_seen as seen from {members}"
SHOWN = (
    "select m.company_id, json_extract(c.value, '$.kind') as kind, json_extract(c.value, '$.value') as value, r.last_seen as seen,"
    " r.evidence_id, p.id as party from {members} join json_each(p.contacts) c on json_extract(c.value, '$.last_seen') is null"
)
"""Contacts that records show now, with when they were seen; those no longer shown have a `last_seen` of their own."""
TOUCH = (
    "update companies set last_seen=n.seen from (select company_id, max(seen) as seen from ({}) group by 1) n"
    " where n.company_id=companies.id and last_seen < n.seen"
)
TOUCH_CONTACTS = (
    "update company_contacts as c set last_seen=n.seen, evidence_id=coalesce(n.evidence_id, c.evidence_id)"
    " from (select company_id, kind, value, seen, evidence_id, max(seen || ' ' || party) from ({}) group by 1, 2, 3) n"
    " where n.company_id=c.company_id and n.kind=c.kind and n.value=c.value and c.last_seen < n.seen"
)
"""A contact is as fresh as the newest record that shows it; of equally new ones the evidence is that of the highest party id."""


def load_flows(db: sqlite_utils.Database, flow: str = "import", *, all_goods: bool = False) -> Iterator[tuple[TradeFlow, str]]:
    """Trade flows of one kind with the id of their evidence: those of goods, or those of all goods together."""
    sql = f"select {', '.join(_FLOW)}, evidence_id from trade_flows where flow=? and hs_code {'=' if all_goods else '!='} ? order by id"
    for *values, estimated, evidence in db.conn.execute(sql, (flow, ALL_GOODS)):
        known = None if estimated is None else bool(estimated)
        yield TradeFlow(**dict(zip(_FLOW, (*values, known), strict=True))), evidence or ""


_FLOW = (*columns_of(TradeFlow, leave=frozenset({"evidence", "net_kg_estimated"})), "net_kg_estimated")
"""Every field but the last is stored as it is: no codec is needed."""


def load_observations(db: sqlite_utils.Database, metrics: Collection[str]) -> Iterator[tuple[Observation, str]]:
    """Observations of some metrics with the id of their evidence."""
    marks = ",".join("?" * len(metrics))
    for row in read_rows(db, f"select * from observations where metric in ({marks}) order by id", tuple(metrics)):
        yield from_row(Observation, row), row["evidence_id"] or ""


def save_demand(db: sqlite_utils.Database, signals: Iterable[DemandSignal]) -> int:
    """Add signals; a known one is left alone, a revised value becomes a row beside the old one and names it. Returns how many are new.

    Our judgement of a value that stands (its quality) may change with the years beside it, and does; so does the answer that shows it.
    """
    last = int(db.conn.execute("select coalesce(max(rowid), 0) from demand_signals").fetchone()[0])
    known: dict[str, tuple[Any, ...]] = {
        row[0]: row for row in db.conn.execute(f"select id, rowid, {', '.join(_SEEN_AGAIN)} from demand_signals")
    }
    replaced = {row[0] for row in db.conn.execute("select supersedes from demand_signals where supersedes is not null")}
    again = f"update demand_signals set {', '.join(f'{name}=?' for name in _SEEN_AGAIN)} where rowid=?"
    insert = insert_sql("demand_signals", ("id", *_NEW))
    with db.atomic():
        for batch in batched(signals, CHUNK):
            rows = {_signal_id(signal): signal for signal in batch}
            gone = {name for name in rows if name in replaced and _give_way(db, name)}
            seen = [(known[name], _again_of(signal)) for name, signal in rows.items() if name in known and name not in gone]
            new = [(name, *_new_of(signal)) for name, signal in rows.items() if name not in known or name in gone]
            db.conn.executemany(again, [(*now, before[1]) for before, now in seen if before and before[2:] != now])
            db.conn.executemany(insert, new)
            known |= dict.fromkeys((row[0] for row in new), ())
        if last:
            db.conn.execute(_LINK, (last,))
    return int(db.conn.execute("select count(*) from demand_signals where rowid > ?", (last,)).fetchone()[0])


_SIGNAL = tuple(columns_of(DemandSignal))
_SEEN_AGAIN = ("retrieved", "quality", "evidence_id")
_NEW = tuple(name for name in _SIGNAL if name not in ("supersedes", "revised_from", "revised_on"))
"""What it names as its forerunner is written by _LINK; a NULL costs the driver as much as three texts."""
_new_of, _again_of = attrgetter(*_NEW), attrgetter(*_SEEN_AGAIN)
"""Every field of a signal is stored as it is: no codec is needed, and there are hundreds of thousands."""
_LINK = """
update demand_signals as d set supersedes=e.id, revised_from=e.value, revised_on=d.retrieved from demand_signals as e
where d.rowid > ? and e.rowid = (
  select p.rowid from demand_signals p where p.source = d.source and p.product = d.product and p.metric = d.metric
    and p.country = d.country and p.partner = d.partner and p.period = d.period and p.hs_code is d.hs_code and p.rowid < d.rowid
  order by p.retrieved desc, p.rowid desc limit 1)
"""
"""New rows name the row of the same number that was current until now."""


def _give_way(db: sqlite_utils.Database, name: str) -> bool:
    """Take out a row whose value was replaced and has come back: it is added anew, as the newest, and names what stood in between."""
    sql = "delete from demand_signals where id=? and id not in (select id from demand_current where id=?)"
    return db.conn.execute(sql, (name, name)).rowcount > 0


def _signal_id(signal: DemandSignal) -> str:
    """What a number is about, and the number: a revision is another id."""
    about = (signal.source, signal.product, signal.metric, signal.country, signal.partner, signal.period, signal.hs_code or "")
    return record_id("signal", *about, repr(signal.value))


_KEY = ("country", "metric", "period", "partner", "source", "hs_code")
_about = itemgetter(*(_SIGNAL.index(name) for name in _KEY))
"""What a number of a product is about: of rows that agree in it the newest is current."""


def load_demand(db: sqlite_utils.Database, product: str) -> list[DemandSignal]:
    """Current signals of a product."""
    sql = f"select {', '.join(_SIGNAL)} from demand_signals where product=? order by retrieved, rowid"
    newest = {_about(row): row for row in db.conn.execute(sql, (product,))}
    ordered = sorted(newest.items(), key=lambda one: (one[0][:5], one[0][5] or ""))
    return [DemandSignal(**dict(zip(_SIGNAL, row, strict=True))) for _, row in ordered]


def tenders(db: sqlite_utils.Database) -> Iterator[tuple[str, str, int]]:
    """(product, country, number of procedures): the awards of one procedure ("ocid/award") count once, and with its tender."""
    procedure = "source || ' ' || substr(key, 1, instr(key || '/', '/') - 1)"
    known = "product is not null and country is not null"
    yield from db.conn.execute(f"select product, country, count(distinct {procedure}) from notices where {known} group by 1, 2")


def save_doubts(db: sqlite_utils.Database, issues: Iterable[SourceIssue]) -> None:
    """What the newest refresh found odd about figures, in place of what the one before did."""
    with db.atomic():
        db.conn.execute("delete from issues where run_id in (select id from refreshes)")
        write_rows(db, "issues", map(to_row, issues), replace=True)


Post = tuple[float, float, int]
"""Low, high, and the number of countries behind them."""


def load_goalposts(db: sqlite_utils.Database, product: str, *, year: int, edition: int) -> dict[str, Post]:
    """Part of the index -> goalposts kept for a year."""
    sql = "select part, low, high, countries from index_goalposts where product=? and year=? and edition=?"
    return {part: (low, high, count) for part, low, high, count in db.conn.execute(sql, (product, year, edition))}


def save_goalposts(db: sqlite_utils.Database, product: str, posts: Mapping[str, Post], *, year: int, edition: int, day: str) -> None:
    """Keep goalposts; those that stand there already are left with their day. Those of earlier years stay for comparison."""
    before = load_goalposts(db, product, year=year, edition=edition)
    with db.atomic():
        for part, post in posts.items():
            if before.get(part) != post:
                row = (product, year, edition, part, *post, day)
                db.conn.execute("insert or replace into index_goalposts values (?,?,?,?,?,?,?,?)", row)


def save_markets(db: sqlite_utils.Database, markets: Iterable[Market]) -> None:
    """Replace all markets."""
    _swap(db, "markets", map(to_row, markets))


def save_leads(db: sqlite_utils.Database, leads: Iterable[Lead]) -> None:
    """Replace all leads."""
    _swap(db, "leads", map(to_row, leads))


def save_not_leads(db: sqlite_utils.Database, turned_down: Iterable[NotLead]) -> None:
    """Replace the reasons of all companies that are no leads."""
    _swap(db, "not_leads", map(to_row, turned_down))


def renew_leads(db: sqlite_utils.Database, companies: Collection[str], leads: Iterable[Lead], turned_down: Iterable[NotLead]) -> None:
    """Replace what stands of some companies, inside the caller's transaction; a lead that is known keeps its row."""
    rows = [to_row(lead) for lead in leads]
    gone = listed_since(db, companies).keys() - {row["id"] for row in rows}
    db.conn.executemany("delete from leads where id=?", [(lead,) for lead in sorted(gone)])
    if rows:
        change = ", ".join(f"{name}=excluded.{name}" for name in rows[0] if name not in _LEAD_KEY)
        sql = f"{insert_sql('leads', tuple(rows[0]))} on conflict (id) do update set {change}"
        db.conn.executemany(sql, [tuple(row.values()) for row in rows])
    for part in batched(sorted(companies), CHUNK):
        db.conn.execute(f"delete from not_leads where company_id in ({','.join('?' * len(part))})", part)
    write_rows(db, "not_leads", map(to_row, turned_down), replace=True)


_LEAD_KEY = frozenset({"id", "company_id", "product"})


def drop_stray_leads(db: sqlite_utils.Database) -> None:
    """Take out what stands of companies that are no more, inside the caller's transaction."""
    for table in ("leads", "not_leads"):
        db.conn.execute(f"delete from {table} where company_id not in (select id from companies)")


def listed_since(db: sqlite_utils.Database, companies: Collection[str]) -> dict[str, str | None]:
    """Lead -> refresh that first listed it, of some companies."""
    found: dict[str, str | None] = {}
    for part in batched(sorted(companies), CHUNK):
        found.update(db.conn.execute(f"select id, new_since from leads where company_id in ({','.join('?' * len(part))})", part).fetchall())
    return found


def load_leads(db: sqlite_utils.Database) -> Iterator[Lead]:
    """All leads, best first."""
    for row in read_rows(db, "select * from leads order by score desc, id"):
        yield from_row(Lead, row)


def _swap(db: sqlite_utils.Database, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Empty and fill a table in one transaction."""
    with db.atomic():
        db.conn.execute(f'delete from "{table}"')
        write_rows(db, table, rows)
