"""Companies that are no leads, with the reason of each: what an advisor checks when somebody is missing from the list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlite_utils

from market_db.codec import from_row
from market_db.derived import NotLead
from market_db.desk.store import suppressed
from market_db.home import Home
from market_db.queries import LeadQuery
from market_db.rows import read_rows
from market_db.values.text import plain

REASONS = ("judged", "carries", "only_sells", "no_product")
"""Those that people or proofs decided come first; of "no_product" there are most."""
ORDER = " ".join(f"when '{reason}' then {place}" for place, reason in enumerate(REASONS))
ROWS = """
create table turned_down_rows (
  place integer primary key, company_id text, product text, reason text, company text, country text, city text, words text
) strict
"""
FILL = f"""
insert into turned_down_rows (company_id, product, reason, company, country, city, words)
select n.company_id, n.product, n.reason, c.name, c.country, c.city, plain(c.name || ' ' || c.names || ' ' || coalesce(c.city, ''))
from not_leads n join companies c on c.id = n.company_id
order by case n.reason {ORDER} end, c.name collate nocase, n.company_id, n.product
"""
COUNTS = "create table turned_down_counts as select product, country, reason, count(*) as n from turned_down_rows group by 1, 2, 3"
MOST_WORDS = 2_000
"""Characters of names and town that a text is looked for in."""


def add_turned_down(db: sqlite_utils.Database) -> None:
    """Put those that are no leads into a snapshot in the order people read them, and count them once, inside the caller's transaction."""
    db.conn.create_function("plain", 1, lambda text: plain(text, MOST_WORDS), deterministic=True)
    for sql in (ROWS, FILL, COUNTS):
        db.conn.execute(sql)
    # An entry of an index carries the rowid, which is the place: one reason is read in order
    db.conn.execute("create index turned_down_by_reason on turned_down_rows (reason)")
    db.conn.execute("create index turned_down_by_country on turned_down_rows (country)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedDown:
    """One line: the company and why it is no lead."""

    company: str
    country: str | None
    city: str | None
    why: NotLead
    url: str | None
    """Answer that shows the reason."""


@dataclass(frozen=True, slots=True)
class TurnedDownPage:
    """Some of them, and how many there are by reason."""

    rows: list[TurnedDown]
    counts: Mapping[str, int]
    """Reason -> number of those that the filter leaves."""


def find_turned_down(home: Home, db: sqlite_utils.Database, query: LeadQuery, reason: str = "") -> TurnedDownPage:
    """Of a query its products, countries, sources, text, limit and offset count; who asked to be left alone is not shown.

    `reason` narrows the rows, not the counts: they say what the other reasons would show.
    """
    where, params = _where(query)
    counted = "turned_down_counts" if not (query.text.strip() or query.sources) else "(select *, 1 as n from turned_down_rows)"
    counts = dict(db.conn.execute(f"select t.reason, sum(t.n) from {counted} t where {where} group by 1", params).fetchall())
    narrowed = f"{where} and t.reason = :reason" if reason else where
    rows = _rows(home, db, narrowed, {**params, "reason": reason, "limit": query.limit, "offset": query.offset})
    return TurnedDownPage(rows, {reason: counts[reason] for reason in REASONS if reason in counts})


def _rows(home: Home, db: sqlite_utils.Database, where: str, params: Mapping[str, object]) -> list[TurnedDown]:
    """In the order people read them; only what is shown is joined with its words and its proof."""
    sql = (
        "select n.*, t.company as name, t.country, t.city,"
        " (select url from evidence e where e.id = json_extract(n.evidence_ids, '$[0]')) as url"
        f" from (select * from turned_down_rows t where {where} order by t.place limit :limit offset :offset) t"
        " join not_leads n on n.company_id = t.company_id and n.product = t.product order by t.place"
    )
    listed = suppressed(home)
    return [_line(row) for row in read_rows(db, sql, params) if not (listed.hashes and listed.covers("company", row["name"]))]


def places_and_products(db: sqlite_utils.Database) -> tuple[dict[str, int], dict[str, int]]:
    """(country -> companies turned down there, product type -> companies turned down for it), the largest first."""
    by = "select {0}, sum(n) from turned_down_counts where coalesce({0}, '') <> '' group by 1 order by 2 desc, 1"
    countries, products = (dict(db.conn.execute(by.format(column)).fetchall()) for column in ("country", "product"))
    return countries, products


def turned_down(home: Home, db: sqlite_utils.Database, company_id: str) -> list[TurnedDown]:
    """The reasons of one company, by its id or the beginning of it; [] where it is a lead or nobody."""
    begin = company_id.lower()
    if len(begin) < SHORTEST:
        return []
    return _rows(home, db, "substr(t.company_id, 1, :n) = :begin", {"n": len(begin), "begin": begin, "limit": -1, "offset": 0})


SHORTEST = 6
"""Characters of an id that are enough to look for."""


def _where(query: LeadQuery) -> tuple[str, dict[str, object]]:
    parts, params = ["1"], dict[str, object]()
    for column, values in (("product", query.products), ("country", query.countries)):
        if values:
            names = [f"{column}{place}" for place, _ in enumerate(values)]
            parts.append(f"t.{column} in ({', '.join(f':{name}' for name in names)})")
            params |= dict(zip(names, values, strict=True))
    for place, source in enumerate(query.sources):
        shown = "select 1 from companies c, json_each(c.sources) s where c.id = t.company_id"
        parts.append(f"exists ({shown} and s.value = :source{place})")
        params[f"source{place}"] = source
    if text := plain(query.text, MOST_WORDS):
        parts.append("instr(t.words, :text) > 0")
        params["text"] = text
    return " and ".join(parts), params


def _line(row: Mapping[str, Any]) -> TurnedDown:
    return TurnedDown(company=row["name"], country=row["country"], city=row["city"], why=from_row(NotLead, row), url=row["url"])


def as_data(row: TurnedDown) -> dict[str, object]:
    """A row as plain data."""
    return {
        "company": row.company,
        "country": row.country,
        "company_id": row.why.company_id,
        "product": row.why.product or None,
        "reason": row.why.reason,
        "text_id": row.why.text_id,
        "text_en": row.why.text_en,
        "url": row.url,
        "last_seen": row.why.last_seen,
    }
