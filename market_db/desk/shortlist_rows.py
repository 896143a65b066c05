"""A shortlist as it stands today: its entries led to the leads of the snapshot, without those who asked to be left alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlite_utils

from market_db.desk.entered import FollowUp, Shortlist, ShortlistEntry
from market_db.desk.followed import Standing, Steps, leads_of_today, standing, steps_of
from market_db.desk.shortlists import entries, follow_ups
from market_db.desk.store import Suppressed
from market_db.exports.lead_row import LeadRow
from market_db.forgetting.allowed import without_listed
from market_db.forgetting.silence import REMOVED
from market_db.home import Home
from market_db.queries import rows_at
from market_db.rows import batched

CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One buyer on a shortlist."""

    entry: ShortlistEntry
    row: LeadRow
    """With the status, owner and note of this shortlist; its rank is the place in the list."""
    standing: Standing
    also: tuple[ShortlistEntry, ...] = ()
    """Entries that were other leads when they were added and are this one now."""
    split_off: str | None = None
    """Lead that the record by which it was added belongs to now, where that is another: the company was taken apart."""
    elsewhere: tuple[FollowUp, ...] = ()
    """Where other shortlists stand with the same buyer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A shortlist with its buyers."""

    lines: tuple[Line, ...]
    gone: tuple[ShortlistEntry, ...] = ()
    """Entries whose lead is not in the snapshot: kept, because the next one may have it again."""

    @property
    def rows(self) -> list[LeadRow]:
        """The buyers in the order of the list."""
        return [line.row for line in self.lines]


def listed_rows(home: Home, db: sqlite_utils.Database, one: Shortlist, hidden: Suppressed) -> Listed:
    """The shortlist over a snapshot; `hidden` are those who must not be shown."""
    held = entries(home, one.id)
    led = _led(db, held)
    rows = _rows(db, set(led.values()))
    steps = steps_of(db, follow_ups(home))
    found: dict[str, list[ShortlistEntry]] = {}
    for entry in held:
        found.setdefault(led[entry.lead_id], []).append(entry)
    shown = [(lead, ours) for lead, ours in found.items() if lead in rows and without_listed(rows[lead], hidden)]
    anchors = _owners(db, [ours[0] for _, ours in shown])
    lines = [
        _line(one, at, ours, without_listed(rows[lead], hidden) or rows[lead], steps=steps, anchors=anchors)
        for at, (lead, ours) in enumerate(shown, 1)
    ]
    gone = [entry for lead, ours in found.items() if lead not in rows for entry in ours if not _hidden(entry, hidden)]
    return Listed(lines=tuple(lines), gone=tuple(gone))


def _line(
    one: Shortlist, at: int, ours: Sequence[ShortlistEntry], row: LeadRow, *, steps: Steps, anchors: Mapping[tuple[str, str], str]
) -> Line:
    stands = standing(steps.newest(row.lead_id, one.id))
    other = anchors.get((ours[0].party_id or "", row.product))
    return Line(
        entry=ours[0],
        row=replace(
            row, rank=at, status=stands.status, contacted_on=stands.contacted_on, owner=stands.owner or one.owner or None, note=stands.note
        ),
        standing=stands,
        also=tuple(ours[1:]),
        split_off=other if other and other != row.lead_id else None,
        elsewhere=tuple(steps.elsewhere(row.lead_id, one.id)),
    )


def _led(db: sqlite_utils.Database, held: Iterable[ShortlistEntry]) -> dict[str, str]:
    """Lead id as entered -> lead of today: by merges, else by the record through which it was added."""
    held = list(held)
    led = {entry.lead_id: entry.lead_id for entry in held} | leads_of_today(db, (entry.lead_id for entry in held))
    here = _present(db, set(led.values()))
    lost = [entry for entry in held if led[entry.lead_id] not in here and entry.party_id]
    owners = _owners(db, lost)
    return led | {entry.lead_id: found for entry in lost if (found := owners.get((entry.party_id or "", entry.product)))}


def _present(db: sqlite_utils.Database, leads: set[str]) -> set[str]:
    found: set[str] = set()
    for part in batched(sorted(leads), CHUNK):
        marks = ",".join("?" * len(part))
        found |= {lead for (lead,) in db.conn.execute(f"select lead_id from lead_rows where lead_id in ({marks})", part)}
    return found


def _owners(db: sqlite_utils.Database, held: Iterable[ShortlistEntry]) -> dict[tuple[str, str], str]:
    """(record of a company, product) -> lead of the company that the record belongs to today."""
    found: dict[tuple[str, str], str] = {}
    for part in batched(sorted({entry.party_id for entry in held if entry.party_id}), CHUNK):
        marks = ",".join("?" * len(part))
        sql = (
            "select m.party_id, l.product, l.lead_id from company_members m join lead_rows l on l.company_id = m.company_id"
            f" where m.party_id in ({marks})"
        )
        found.update({(party, product): lead for party, product, lead in db.conn.execute(sql, part)})
    return found


def _rows(db: sqlite_utils.Database, leads: set[str]) -> dict[str, LeadRow]:
    """Lead id -> its row."""
    found: dict[str, LeadRow] = {}
    for part in batched(sorted(leads), CHUNK):
        marks = ",".join("?" * len(part))
        ranks = [rank for (rank,) in db.conn.execute(f"select rank from lead_rows where lead_id in ({marks})", part)]
        found.update({row.lead_id: row for row in rows_at(db, ranks)})
    return found


def _hidden(entry: ShortlistEntry, hidden: Suppressed) -> bool:
    """Whether an entry whose lead is gone is of somebody who asked to be left alone."""
    if REMOVED in f"{entry.company} {entry.website or ''}":
        return True
    return hidden.covers("company", entry.company) or bool(entry.website and hidden.covers("website", entry.website))


def entry_of(one: str, row: LeadRow, party: str | None, *, at: str, by: str) -> ShortlistEntry:
    """A new entry of a shortlist for a lead as it stands."""
    return ShortlistEntry(
        shortlist=one,
        lead_id=row.lead_id,
        position=0,
        entered_at=at,
        entered_by=by,
        product=row.product,
        company=row.company,
        website=row.website,
        party_id=party,
    )


def best_parties(db: sqlite_utils.Database, rows: Sequence[LeadRow]) -> dict[str, str]:
    """Company -> the record of it that carries its name, else any: by it the company is found again when ids change."""
    names = {row.company_id: row.company for row in rows}
    found: dict[str, str] = {}
    for part in batched(sorted(names), CHUNK):
        marks = ",".join("?" * len(part))
        sql = (
            "select m.company_id, m.party_id, p.name from company_members m left join all_parties p on p.id = m.party_id"
            f" where m.company_id in ({marks}) order by m.party_id"
        )
        for company, party, name in db.conn.execute(sql, part):
            if company not in found or name == names[company]:
                found[company] = party
    return found
