"""What became of companies: every change of who their records are, kept for ever, and what is needed to bring one back."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlite_utils

from market_db.codec import from_row, to_row
from market_db.derived import CompanyEvent
from market_db.rows import batched, read_rows, write_rows

CHUNK = 500
MOST_NAMES = 3
"""Names of records that one line of a history shows."""
MOST_READ = 50
"""Records of a line whose names are read: most are spelled alike."""
MOST_LINES = 200
"""Newest lines of a history that are read out; the rest stays in the table."""


@dataclass(frozen=True, slots=True)
class Merge:
    """A company that is no more, as it was when another took it over: enough to bring it back."""

    old_id: str
    heir: str
    parties: frozenset[str]
    """What it had."""
    natives: frozenset[str] = frozenset()
    """What the heir had."""
    moved: bool = False
    """Only these parties went over; the old company may still be there."""


def write_events(db: sqlite_utils.Database, events: Iterable[CompanyEvent]) -> None:
    """Add changes inside the caller's transaction."""
    write_rows(db, "company_events", map(to_row, events))


def merges(db: sqlite_utils.Database, parties: Collection[str] | None = None) -> list[Merge]:
    """Every company that stands merged into another, the newest merge last; with `parties` only where the company had any of them."""
    sql = f"""
      select e.*, max(e.id) from company_events e join merged_into m on m.old_id = e.company_id and m.new_id = e.other_id
      where e.kind = 'merged_into' group by e.company_id having {_asked(db, parties, "e.parties")} order by e.id"""
    events = (_event(row) for row in read_rows(db, sql))
    return [Merge(one.company_id, one.other_id or "", frozenset(one.parties), frozenset(one.others)) for one in events]


def moves(db: sqlite_utils.Database, parties: Collection[str] | None = None) -> list[Merge]:
    """Parties that went from one company to another and are still there; with `parties` only moves of any of them."""
    newest = "select max(e.id) from company_events e, json_each(e.parties) p where e.kind = 'moved_in' group by p.value"
    asked = _asked(db, parties, "m.parties")
    events = [_event(row) for row in read_rows(db, f"select m.* from company_events m where m.id in ({newest}) and {asked}")]
    found = {(one.company_id, one.other_id or "", one.parties) for one in events}
    return [Merge(old, heir, frozenset(moved), moved=True) for heir, old, moved in sorted(found)]


def _asked(db: sqlite_utils.Database, parties: Collection[str] | None, column: str) -> str:
    """SQL that is true where a JSON list holds any of the parties; all where none are given."""
    if parties is None:
        return "true"
    db.conn.execute("create temp table if not exists asked_parties (party text primary key) without rowid")
    with db.atomic():
        db.conn.execute("delete from asked_parties")
        db.conn.executemany("insert or ignore into asked_parties values (?)", ((party,) for party in parties))
    return f"exists (select 1 from json_each({column}) j join asked_parties a on a.party = j.value)"


def _event(row: dict[str, Any]) -> CompanyEvent:
    return from_row(CompanyEvent, row)


def born(db: sqlite_utils.Database, companies: Collection[str]) -> dict[str, str]:
    """Company -> refresh that first listed it, for those whose beginning is known."""
    found: dict[str, str] = {}
    for part in batched(sorted(companies), CHUNK):
        marks = ",".join("?" * len(part))
        sql = f"select company_id, refresh_id from company_events where kind in ('created', 'split_off') and company_id in ({marks})"
        found |= dict(db.conn.execute(f"{sql} order by id desc", part).fetchall())
    return found


def write_built(db: sqlite_utils.Database, refresh_id: str, version: str, at: str) -> None:
    """Remember with which weights everything was compared, inside the caller's transaction."""
    write_rows(db, "identity_built", [{"refresh_id": refresh_id, "version": version, "at": at}], replace=True)


def built_with(db: sqlite_utils.Database) -> str | None:
    """Version of the weights with which everything was last compared; None = before that was written down."""
    row = db.conn.execute("select version from identity_built order by rowid desc limit 1").fetchone()
    return str(row[0]) if row else None


def heirs(db: sqlite_utils.Database) -> dict[str, str]:
    """Old id -> the id that speaks for it now, over any number of merges."""
    direct: dict[str, str] = dict(db.conn.execute("select old_id, new_id from merged_into").fetchall())
    return {old: last_heir(old, direct) for old in direct}


def last_heir(old: str, direct: Mapping[str, str]) -> str:
    """Where a chain of merges ends; a circle ends where it began."""
    at, met = old, {old}
    while at in direct and direct[at] not in met:
        at = direct[at]
        met.add(at)
    return at


def history_of(db: sqlite_utils.Database, company: str) -> list[CompanyEvent]:
    """Changes of a company and of those it took over, oldest first."""
    ids = [company, *sorted(old for old, heir in heirs(db).items() if heir == company)]
    found: list[tuple[int, CompanyEvent]] = []
    for part in batched(ids, CHUNK):
        sql = f"select * from company_events where company_id in ({','.join('?' * len(part))})"
        found += [(row["id"], from_row(CompanyEvent, row)) for row in read_rows(db, sql, part)]
    return [event for _, event in sorted(found, key=lambda pair: pair[0])]


def earlier_leads(db: sqlite_utils.Database, lead: str) -> tuple[str, ...]:
    """Ids that a lead of the snapshot had before its company was merged: what people entered about those is about it."""
    return tuple(old for (old,) in db.conn.execute("select old_id from lead_aliases where new_id=? order by old_id", (lead,)))


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a company's history, with the names of the records it is about."""

    event: CompanyEvent
    names: tuple[str, ...]
    other: str | None
    """Name of the other company; None = there is none, or it is forgotten."""


def changes_of(db: sqlite_utils.Database, company: str) -> list[Change]:
    """A company's history as a person reads it, newest first, at most MOST_LINES; what a merge did to both sides is one line."""
    found = []
    for event in history_of(db, company)[: -MOST_LINES - 1 : -1]:
        if event.company_id != company and event.kind == "merged_into":
            continue
        names = names_of(db, event.parties)
        found.append(Change(event, names, next(iter(names_of(db, event.others)), None)))
    return found


def names_of(db: sqlite_utils.Database, parties: Iterable[str]) -> tuple[str, ...]:
    """Names as printed, each once, at most MOST_NAMES; of records that were forgotten there is none."""
    return tuple(dict.fromkeys(_names(db, sorted(parties)[:MOST_READ])))[:MOST_NAMES]


def _names(db: sqlite_utils.Database, parties: Iterable[str]) -> Iterator[str]:
    for part in batched(sorted(parties), CHUNK):
        sql = f"select name from all_parties where id in ({','.join('?' * len(part))}) order by id"
        yield from (name for (name,) in db.conn.execute(sql, part))
