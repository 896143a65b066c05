"""Tenders and awards as people ask about them: what is asked for, for how much, until when, and whether it is still open."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlite_utils

from market_db.rows import batched, read_rows

ENDED = frozenset({"cancelled", "unsuccessful", "withdrawn", "awarded"})
"""States that no date changes."""
STATES = ("open", "closed", "planned", *sorted(ENDED), "unknown")
COLUMNS = (
    "id as record_id, kind, title, url, source, published, deadline, status, value, value_text, currency, country, product, evidence_id,"
    " (select p.name from all_parties p where p.record_id = notices.id and p.role = 'tender_authority' order by p.id limit 1) as authority"
)
MOST_AWARDS = 5
CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFacts:
    """One notice as stored."""

    record_id: str
    kind: str
    """tender, award, rfq, buy_lead."""
    title: str
    url: str
    """Page a person can open."""
    source: str
    published: str | None
    deadline: str | None
    """ISO 8601, with offset where the source gives one."""
    status: str | None
    """As the source says; see `seen.Notice.status`."""
    value: float | None
    """In `currency`."""
    value_text: str | None
    currency: str | None
    country: str | None
    product: str | None
    evidence_id: str | None
    authority: str | None = None
    """Who buys, as printed."""

    def state(self, today: date) -> str:
        """One of STATES on a day: a deadline that has passed closes what its source once called open; no date and no word is unknown."""
        if self.status in ENDED:
            return str(self.status)
        if self.kind == "award":
            return "awarded"
        if self.deadline is None:
            return self.status if self.status in STATES else "unknown"
        if self.status == "closed" or self.deadline[:10] < today.isoformat():
            return "closed"
        return "planned" if self.status == "planned" else "open"


def load_notices(db: sqlite_utils.Database, record_ids: Collection[str]) -> dict[str, NoticeFacts]:
    """Notices by record id; other kinds of records are passed over."""
    found: dict[str, NoticeFacts] = {}
    for part in batched(sorted(set(record_ids)), CHUNK):
        marks = ",".join("?" * len(part))
        found |= {fact.record_id: fact for fact in _facts(db, f"id in ({marks})", part)}
    return found


def open_notices(db: sqlite_utils.Database, product: str, country: str, today: date) -> list[NoticeFacts]:
    """Notices of a market that can still be answered on a day, the nearest deadline first, those without one last."""
    where = "kind <> 'award' and product = ? and country = ? order by deadline is null, deadline, id"
    return [fact for fact in _facts(db, where, (product, country)) if fact.state(today) == "open"]


def newest_awards(db: sqlite_utils.Database, product: str, country: str) -> list[NoticeFacts]:
    """Awards of a market, the newest first: which authorities buy such goods, and for how much."""
    where = f"kind = 'award' and product = ? and country = ? order by coalesce(published, '') desc, id limit {MOST_AWARDS}"
    return list(_facts(db, where, (product, country)))


def _facts(db: sqlite_utils.Database, where: str, params: Collection[Any]) -> Iterator[NoticeFacts]:
    for row in read_rows(db, f"select {COLUMNS} from notices where {where}", tuple(params)):
        yield NoticeFacts(**row)
