"""Companies that are no leads, with the reason of each: what an advisor checks when somebody is missing from the list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlite_utils

from market_db.codec import from_row
from market_db.derived import NotLead
from market_db.desk import suppressed
from market_db.home import Home
from market_db.queries import LeadQuery
from market_db.rows import read_rows

REASONS = ("judged", "carries", "only_sells", "no_product")
"""Those that people or proofs decided come first; of "no_product" there are most."""
ORDER = " ".join(f"when '{reason}' then {place}" for place, reason in enumerate(REASONS))
FROM = "not_leads n join companies c on c.id = n.company_id"


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
    counts = dict(db.conn.execute(f"select reason, count(*) from {FROM} where {where} group by 1", params).fetchall())
    sql = (
        "select n.*, c.name, c.country, c.city,"
        " (select url from evidence e where e.id = json_extract(n.evidence_ids, '$[0]')) as url"
        f" from {FROM} where {where} and (:reason = '' or n.reason = :reason)"
        f" order by case n.reason {ORDER} end, c.name collate nocase, n.company_id, n.product"
        " limit :limit offset :offset"
    )
    listed = suppressed(home)
    found = read_rows(db, sql, {**params, "reason": reason, "limit": query.limit, "offset": query.offset})
    rows = [_line(row) for row in found if not (listed.hashes and listed.covers("company", row["name"]))]
    return TurnedDownPage(rows, {reason: counts[reason] for reason in REASONS if reason in counts})


def places_and_products(db: sqlite_utils.Database) -> tuple[dict[str, int], dict[str, int]]:
    """(country -> companies turned down there, product type -> companies turned down for it), the largest first."""
    by = "select {0}, count(*) from " + FROM + " where coalesce({0}, '') <> '' group by 1 order by 2 desc, 1"
    countries, products = (dict(db.conn.execute(by.format(column)).fetchall()) for column in ("c.country", "n.product"))
    return countries, products


def turned_down(home: Home, db: sqlite_utils.Database, company_id: str) -> list[TurnedDown]:
    """The reasons of one company, by its id or the beginning of it; [] where it is a lead or nobody."""
    found = find_turned_down(home, db, LeadQuery(limit=-1)).rows if len(company_id) >= SHORTEST else []
    return [row for row in found if row.why.company_id.startswith(company_id.lower())]


SHORTEST = 6
"""Characters of an id that are enough to look for."""


def _where(query: LeadQuery) -> tuple[str, dict[str, object]]:
    parts, params = ["1"], dict[str, object]()
    for column, values in (("n.product", query.products), ("c.country", query.countries)):
        if values:
            names = [f"{column[2:]}{place}" for place, _ in enumerate(values)]
            parts.append(f"{column} in ({', '.join(f':{name}' for name in names)})")
            params |= dict(zip(names, values, strict=True))
    for place, source in enumerate(query.sources):
        parts.append(f"exists (select 1 from json_each(c.sources) s where s.value = :source{place})")
        params[f"source{place}"] = source
    if query.text.strip():
        parts.append("(instr(lower(c.name || ' ' || c.names || ' ' || coalesce(c.city, '')), :text) > 0)")
        params["text"] = query.text.strip().lower()
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
