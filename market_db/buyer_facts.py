"""What a buyer's page shows beside the lead itself: goods with price and date, other leads that may be the same firm, history."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlite_utils

from market_db.codec import from_row
from market_db.derived import Company, Reason
from market_db.desk.entered import Decision, FollowUp
from market_db.desk.file import read_desk
from market_db.desk.store import Suppressed
from market_db.home import Home
from market_db.rows import batched, read_rows

CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """An offer that a source showed of a firm, as stored."""

    record_id: str
    name: str
    url: str
    price: float | None
    price_text: str | None
    """As printed."""
    currency: str | None
    price_usd_kg: float | None
    pack_text: str | None
    net_grams: float | None
    net_millilitres: float | None
    availability: str | None
    product: str | None
    last_seen: str
    evidence_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaybeSame:
    """Another company that shares something with this one, not enough to be taken for it."""

    lead_id: str | None
    """None where it is no lead."""
    company: str
    country: str | None
    own_party: str
    """Party of this company, and of the other, that were compared."""
    other_party: str
    score: float
    """0..1."""
    reasons: tuple[str, ...]
    reasons_id: tuple[str, ...] = ()

    def said(self, language: str) -> tuple[str, ...]:
        """Reasons in a language; in English where an older refresh wrote no others."""
        return self.reasons_id or self.reasons if language == "id" else self.reasons


GOODS = """
select id as record_id, name, url, price, price_text, currency, price_usd_kg, pack_text, net_grams, net_millilitres,
  availability, product, last_seen, evidence_id
from listings where id in ({marks}) order by price_usd_kg is null, last_seen desc, name
"""
MAYBE = """
select c.id, c.name as company, c.country, m.{own} as own_party, m.{other} as other_party, m.score, m.reasons, m.reasons_id,
  (select lead_id from lead_rows l where l.company_id = c.id order by rank limit 1) as lead_id
from (select party_a, party_b, score, reasons, reasons_id from matches
  union all select party_a, party_b, score, reasons, reasons_id from review_questions) m
  join company_members o on o.party_id = m.{other} join companies c on c.id = o.company_id
where m.{own} in ({marks}) and c.id <> ?
"""


def goods_seen(db: sqlite_utils.Database, record_ids: Collection[str]) -> list[Goods]:
    """Offers by the ids of their records; other kinds of records are passed over."""
    found: list[Goods] = []
    for part in batched(sorted(set(record_ids)), CHUNK):
        found += [Goods(**row) for row in read_rows(db, GOODS.format(marks=",".join("?" * len(part))), part)]
    return found


def maybe_same(db: sqlite_utils.Database, company: Company, listed: Suppressed) -> list[MaybeSame]:
    """Other companies compared with this one, the likeliest first, each once; nobody who asked to be left alone."""
    best: dict[str, MaybeSame] = {}
    for other, found in sorted(_compared(db, company), key=lambda pair: -pair[1].score):
        if not listed.covers("company", found.company):
            best.setdefault(other, found)
    return list(best.values())


def _compared(db: sqlite_utils.Database, company: Company) -> Iterator[tuple[str, MaybeSame]]:
    for own, other in (("party_a", "party_b"), ("party_b", "party_a")):
        for part in batched(company.member_ids, CHUNK):
            sql = MAYBE.format(own=own, other=other, marks=",".join("?" * len(part)))
            for row in read_rows(db, sql, (*part, company.id)):
                yield row.pop("id"), from_row(MaybeSame, row)


@dataclass(frozen=True, slots=True)
class Entered:
    """What people entered about a lead and its company, newest first."""

    follow_ups: tuple[FollowUp, ...] = ()
    decisions: tuple[Decision, ...] = ()


def entered_about(home: Home, leads: Collection[str], parties: Collection[str]) -> Entered:
    """Every step of the follow-up of a lead, by all ids it ever had, and every decision about one of the parties."""
    with read_desk(home) as db:
        if db is None:
            return Entered()
        marks = ",".join("?" * len(leads))
        sql = f"select * from follow_ups where lead_id in ({marks}) order by id desc"
        steps = [from_row(FollowUp, row) for row in read_rows(db, sql, tuple(leads))]
        members = set(parties)
        judged = (from_row(Decision, row) for row in read_rows(db, "select * from decisions order by id desc"))
        return Entered(tuple(steps), tuple(one for one in judged if {one.party_a, one.party_b} & members))


def reasons_of(db: sqlite_utils.Database, leads: Collection[str]) -> dict[str, list[Reason]]:
    """Lead id -> the reasons of its score, those that gave most first."""
    marks = ",".join("?" * len(leads))
    rows = read_rows(db, f"select lead_id, reasons from lead_rows where lead_id in ({marks})", tuple(leads))
    made = {row["lead_id"]: [_reason(one) for one in json.loads(row["reasons"])] for row in rows}
    return {lead: sorted(reasons, key=lambda reason: -reason.points) for lead, reasons in made.items()}


def _reason(plain: Mapping[str, Any]) -> Reason:
    return Reason(**{**plain, "evidence_ids": tuple(plain["evidence_ids"])})
